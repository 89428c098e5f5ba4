"""The notebooks: texts without outputs, which run from first to last cell in a new kernel, offline, and show every picture they speak of."""

from __future__ import annotations

import ast
import base64
import io
import json
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import numpy as np
import pytest
from matplotlib.image import imread
from nbclient import NotebookClient
from nbformat import NotebookNode

import wardmates

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "notebooks"
TEXTS = sorted(FOLDER.glob("*.py"))
FIRST_LOOK, SMALL_STUDY = FOLDER / "first_look.py", FOLDER / "small_study.py"
PICTURES = {
    FIRST_LOOK: {"draw_years", "draw_friendships", "draw_groupmates", "draw_spell", "draw_cascade", "draw_pairs", "draw_assumption"},
    SMALL_STUDY: {"draw_screening", "draw_ranks", "draw_convergence", "draw_responses", "draw_wins"},
}
OWN_WORDS = {FIRST_LOOK: "**What is assumed.**", SMALL_STUDY: "**What cannot be told.**"}
LONGEST_CELL = 900  # seconds: the first cell that simulates may have to compile the engine, on a machine with much else to do

# Put before the notebook: every warning is printed, which a test below refuses (turned into an error, a library that tries an import would swallow
# it), and a question to the network is an error. (The kernel's own channels do not go through Python's sockets.)
STRICT = """
import sys, warnings
warnings.simplefilter("always")

def _stay_offline(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "urllib.Request"):
        raise RuntimeError(f"the notebook asks the network: {event} {arguments!r}")

sys.addaudithook(_stay_offline)
"""

# Put after it: figures behind what its prose says without a number.
FACTS = {FIRST_LOOK: """
import json

def _mean_tie(strength, week):
    return float(np.mean([strength[week, i, j] for i, j in friends_in(campus_end)]))

_taught = history.calendar.is_teaching & ~history.calendar.is_settling_in
_lone_weeks = np.sort((history.friends[_taught] == 0).sum(axis=0))[::-1]
_first, _later = [_start for _start in sorted(groups) if not groups[_start][0][1]][:2]
_in_group = {
    _start: float(np.mean([strength[_start + 17, i, j] for members, _ in groups[_start] for i in members for j in members if i < j]))
    for _start in (_first, _later)
}
_prevalence = [_row["mean"] for _row in comparison.of("prevalence")]
print(json.dumps({
    "lone_weeks_of_a_tenth": float(_lone_weeks[: len(_lone_weeks) // 10].sum() / _lone_weeks.sum()),
    "placed": _mean_tie(strength, placed_end), "stayed": _mean_tie(stayed, placed_end), "before": _mean_tie(strength, campus_end),
    "first_groups": _in_group[_first], "later_groups": _in_group[_later],
    "cascade": comparison.cascade[0].sum(axis=0).tolist(),
    "prevalence": max(_prevalence) - min(_prevalence),
}))
""", SMALL_STUDY: """
import json

_first = [analyse(screened, OUTCOME), analyse(screened, OUTCOME, difference=DIFFERENCE)]
print(json.dumps({
    "officers": [_first[0].analysis.get("mu_star", name).value for name in ("students_per_officer", "outreach_sensitivity", "crowding_out")],
    "effects": [max(row.value for row in study.analysis.of("mu_star")) for study in _first],
    "noise": [study.analysis.get("noise").value for study in (unreached, difference)],
    "worlds": np.abs(y.mean(axis=0)).tolist(), "same": float((y == 0).mean()), "few": few, "runs": int(store.n_rows + screened.n_rows),
}))
"""}  # fmt: skip


def code_of(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def pictures_wanted(notebook: NotebookNode) -> list[str]:
    return [name for cell in code_of(notebook) for name in re.findall(r"pictures\.show\(pictures\.(draw_\w+)\(", cell.source)]


def shown(notebook: NotebookNode, kind: str) -> list[NotebookNode]:
    return [output for cell in code_of(notebook) for output in cell.outputs if kind in output.get("data", {})]


def execute(path: Path, folder: Path) -> tuple[NotebookNode, dict[str, Any]]:
    """A notebook, executed in a copy below a folder: without what is put around it here, and with the facts."""
    place = folder / "copy"
    shutil.copytree(FOLDER, place, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    notebook = jupytext.read(place / path.name)
    before, after = nbformat.v4.new_code_cell(STRICT), nbformat.v4.new_code_cell(FACTS[path])
    notebook.cells = [before, *notebook.cells, after]
    with pytest.MonkeyPatch.context() as patch:
        for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):  # nothing of the user's, nothing left there
            patch.setenv(name, str(folder / name.lower()))
        patch.setenv("JUPYTER_PLATFORM_DIRS", "1")
        patch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])))
        NotebookClient(notebook, timeout=LONGEST_CELL, kernel_name="python3", resources={"metadata": {"path": str(place)}}).execute()
    assert not before.outputs
    (facts,) = after.outputs
    notebook.cells = notebook.cells[1:-1]
    return notebook, json.loads(facts.text)


# --- the text ---


def test_they_are_there() -> None:
    assert {FIRST_LOOK, SMALL_STUDY} == set(TEXTS), "a notebook that is executed by no test"


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_text_is_in_the_percent_format(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    notebook = jupytext.read(path)
    said = notebook.metadata["jupytext"]["text_representation"]
    assert (said["extension"], said["format_name"]) == (".py", "percent")
    assert {cell.cell_type for cell in notebook.cells} == {"markdown", "code"}
    assert jupytext.writes(notebook, fmt="py:percent") == text, "jupytext would write it otherwise"


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_no_outputs_are_kept(path: Path) -> None:
    assert not list(FOLDER.rglob("*.ipynb"))
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"image/png|base64|\"outputs\"|execution_count", text)
    assert not any(cell.outputs or cell.execution_count for cell in code_of(jupytext.read(path)))


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_it_takes_only_public_names(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    plain = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    named = {(node.module, alias.name) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert plain <= {"numpy", "pandas", "pictures"}
    assert {module for module, _ in named} <= {"wardmates", *sys.stdlib_module_names}
    assert {name for module, name in named if module == "wardmates"} <= set(wardmates.__all__)


def test_words_are_safe() -> None:
    """Words that people who know this from near must not meet here, and the pointer to help that they must."""
    for path in FOLDER.rglob("*.py"):
        text = path.read_text(encoding="utf-8").lower()
        assert not re.search(r"commit(s|ted|ting)? suicide|success(ful)? suicide|failed (suicide|attempt)|overdos|self-harm|victim|suffer", text)
    for path in TEXTS:
        said = path.read_text(encoding="utf-8")
        start = said[: said.index("## 1.")].lower()
        assert "support line" in start and "student service" in start and "no deaths are simulated" in start


# --- executed ---


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_it_runs_and_shows_what_it_speaks_of(path: Path, tmp_path: Path) -> None:
    """One test a notebook, so that workers side by side execute each once."""
    notebook, facts = execute(path, tmp_path)
    check_that_every_cell_ran(notebook)
    check_that_every_picture_is_there(notebook)
    check_that_every_picture_is_explained(notebook, path)
    check_that_no_path_is_shown(notebook, tmp_path)
    {FIRST_LOOK: check_the_prose, SMALL_STUDY: check_the_study}[path](facts)


def check_that_every_cell_ran(notebook: NotebookNode) -> None:
    cells = code_of(notebook)
    assert [cell.execution_count for cell in cells] == list(range(2, 2 + len(cells)))  # the first was the test's
    assert not [output for cell in cells for output in cell.outputs if output.output_type in ("error", "stream")], "warnings, for one"


def check_that_every_picture_is_there(notebook: NotebookNode) -> None:
    found = shown(notebook, "image/png")
    assert len(found) == len(pictures_wanted(notebook))
    assert len({output.data["image/png"] for output in found}) == len(found)
    for output in found:
        pixels = imread(io.BytesIO(base64.b64decode(output.data["image/png"])))[..., :3]
        assert pixels.shape[1] >= 1200
        inked = (pixels < 0.98).any(axis=2)
        assert 0.01 < inked.mean() < 0.9
        assert not any(rim.any() for rim in (inked[:, 0], inked[:, -1], inked[0], inked[-1])), "something is cut off"


def check_that_every_picture_is_explained(notebook: NotebookNode, path: Path) -> None:
    assert set(pictures_wanted(notebook)) == PICTURES[path]
    for k, cell in enumerate(notebook.cells):
        if "pictures.draw_" not in cell.source or "pictures.show(" not in cell.source:
            continue
        picture, text = (output for output in cell.outputs if output.output_type == "display_data")  # one of each
        alternative, said = picture.metadata["image/png"]["alt"], text.data["text/markdown"]
        assert len(alternative) > 80 and alternative in said and "**How to read it.**" in said
        assert "nan" not in re.findall(r"\w+", said.lower())
        assert "**What to look for.**" in notebook.cells[k + 1].source
    assert sum(cell.source.count(OWN_WORDS[path]) for cell in notebook.cells) >= 5


def check_that_no_path_is_shown(notebook: NotebookNode, folder: Path) -> None:
    said = "\n".join(json.dumps(output) for cell in code_of(notebook) for output in cell.outputs)
    assert not [path for path in (ROOT, folder, Path(sys.prefix)) if str(path) in said]
    assert not re.search(r"(?<![\w<])/(home|root|tmp|usr|work|Users)/", said)


def check_the_prose(facts: dict[str, Any]) -> None:
    """The prose has no figures, so it is true of most cohorts; where the model moves so far that it is not, it must be written anew."""
    assert facts["lone_weeks_of_a_tenth"] > 0.5, "'how few lines hold most of the blue'"
    assert facts["placed"] < facts["stayed"] < facts["before"], "'the shaded gap is what placements cost; part of the fall would happen without'"
    assert facts["first_groups"] > facts["later_groups"] + 0.1, "'the very first campus groups are another matter'"
    isolated, connected = np.array(facts["cascade"], dtype=float)
    kept = [group[1:4] / group[:3] for group in (isolated, connected)]
    assert (kept[0] < kept[1]).all(), "'without a friend, more is lost at each step'"
    assert facts["prevalence"] < 0.01, "'it hardly moves'"


def check_the_study(facts: dict[str, Any]) -> None:
    """The same of the small study, whose figures hang on the seed more than the first look's."""
    assert facts["officers"] == [0, 0, 0], "'only the officers' numbers are certain to do nothing here'"
    assert facts["effects"][1] < 0.5 * facts["effects"][0], "'effects on a difference are much smaller'"
    assert facts["noise"][0] > 0.1 and facts["noise"][1] > 0.5, "'one run is to a good part its seed, a single paired difference mostly'"
    assert max(facts["worlds"]) > 3 * min(facts["worlds"]), "'still differ several times over'"
    assert facts["same"] > 0.5, "'in most runs there is no difference at all'"
    assert len(facts["few"]) == 6 and facts["runs"] == 6420, "what makes it small"
