"""The command line as its user meets it: what it shows and what it writes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from time import monotonic

import networkx as nx
import pandas as pd
import pytest

import experiments.compare
import wardmates
from experiments.counterfactual import COUNTERFACTUAL_FILES
from experiments.tables import headline_sentences
from simulation.evidence.parameters import PARAMETERS
from simulation.evidence.sources import SOURCES
from simulation.record.history import History
from simulation.record.outcomes import OUTCOMES
from simulation.run import run
from simulation.scenario.scenario import bundled, load_scenario
from tests.unit.cli_calls import FEW, PER_STUDENT, ROOT, TINY, call, command
from wardmates.given import SchoolFiles, command_line
from wardmates.run_files import tie_frame
from wardmates.shown import TimeLeft, _TimeLeftColumn, console, plain_lines, span


@pytest.fixture(scope="module")
def tiny_history() -> History:
    overrides = {"students": "12", "campus_years": "1", "clinical_years": "1"}
    return run(load_scenario("officers", overrides=overrides), 1, weeks_of_ties=(20,))


# --- lists ---


def test_help_is_quick_and_imports_nothing_heavy() -> None:
    program = """if True:
        import runpy, sys
        sys.argv = ["wardmates", "--help"]
        try:
            runpy.run_module("wardmates", run_name="__main__")
        except SystemExit as leaving:
            assert not leaving.code
        print(sorted({name.split(".")[0] for name in sys.modules}))"""
    taken = []
    for _ in range(3):
        begun = monotonic()
        done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
        taken.append(monotonic() - begun)
    *page, modules = done.stdout.strip().splitlines()
    heavy = {"numpy", "numba", "llvmlite", "mesa", "pandas", "matplotlib", "networkx", "scipy", "pyarrow", "jinja2", "pydantic"}
    assert heavy.isdisjoint(re.findall(r"'(\w+)'", modules))
    assert all(any(f" {name} " in line for line in page) for name in ("compare", "run", "scenarios", "parameters", "claims"))
    assert min(taken) < 2, "about 0.2 s on a machine that does nothing else"


def test_version() -> None:
    assert call("--version").stdout == f"wardmates {wardmates.__version__}\n"


def test_scenarios_lists_what_is_bundled() -> None:
    listed = json.loads(call("scenarios", "--json").stdout)["scenarios"]
    assert {row["name"]: row["description"] for row in listed} == bundled()
    shown = call("scenarios").stdout
    assert all(name in shown for name in bundled())


def test_parameters_lists_every_row_with_its_source() -> None:
    listed = json.loads(call("parameters", "--json").stdout)
    assert {row["name"]: row["default"] for row in listed["parameters"]} == {name: row.default for name, row in PARAMETERS.items()}
    assert [row["key"] for row in listed["sources"]] == list(SOURCES)
    shown = call("parameters").stdout
    assert all(re.search(rf"^{name} ", shown, re.MULTILINE) for name in PARAMETERS)


def test_the_page_of_parameters_is_what_the_command_prints() -> None:
    printed = call("parameters", "--markdown").stdout
    assert (ROOT / "docs" / "parameters.md").read_text(encoding="utf-8") == printed, "run `make docs`"
    links, anchors = set(re.findall(r"\]\(#([^)]+)\)", printed)), set(re.findall(r'<a id="([^"]+)">', printed))
    assert links <= anchors == set(SOURCES)
    tables = [line for line in printed.splitlines() if line.startswith("| `")]
    assert len(tables) == len(PARAMETERS) and {line.replace("\\|", "").count("|") for line in tables} == {10}


def test_two_formats_at_once_are_refused() -> None:
    assert call("parameters", "--json", "--markdown").exit_code == 2


# --- public names ---


@pytest.mark.parametrize("name", [name for name in wardmates.__all__ if name != "__version__"])
def test_a_public_name_is_found_where_it_lives(name: str) -> None:
    value = getattr(wardmates, name)
    assert value is getattr(sys.modules[wardmates._HOME[name]], name)
    assert name in dir(wardmates)


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="load_scenario"):
        _ = wardmates.load_scenarios


# --- compare ---


def test_compare_gives_one_json_object_and_writes_its_files(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "er"
    done = command("compare", "informal", "officers", *TINY, *FEW, "--json", "--out", out)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert {row["scenario"] for row in found["rows"]} == {"informal", "officers"}
    assert {row["outcome"] for row in found["rows"]} == set(OUTCOMES)
    assert {path.name for path in out.iterdir()} == {"report.html", "rows.csv", "rows.parquet", "figures", "tables", *COUNTERFACTUAL_FILES}
    said = done.stderr.splitlines()
    assert said[0].startswith("Simulating 4 runs") and said[-1].startswith("4 of 4 runs done"), said
    report = (out / "report.html").read_text(encoding="utf-8")
    assert "wardmates compare informal officers --set students=12 " in report
    assert str(tmp_path) not in report


def test_compare_tells_the_headline_first_then_the_table_then_the_notes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    kept = []
    real = experiments.compare.compare
    monkeypatch.setattr(experiments.compare, "compare", lambda *scenarios, **rest: kept.append(real(*scenarios, **rest)) or kept[0])
    done = call("compare", "informal", "training", *TINY, *FEW, "--out", tmp_path)
    assert done.exit_code == 0, done.output
    (comparison,) = kept
    shown = " ".join(done.stdout.split())
    places = [shown.index(" ".join(text.split())) for text in (*headline_sentences(comparison), *comparison.notes, f"Written to {tmp_path}")]
    assert places == sorted(places) and places[0] == 0 and len(comparison.notes) >= 1
    between = shown[places[len(headline_sentences(comparison)) - 1] : places[len(headline_sentences(comparison))]]
    assert "informal" in between and "training" in between


def test_the_first_scenario_is_the_baseline_and_the_four_designs_are_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    class Asked(Exception):
        pass

    def asked(scenarios, **rest):
        raise Asked([scenario.name for scenario in scenarios], rest["seed"], rest["replicates"])

    monkeypatch.setattr(experiments.compare, "compare", asked)
    assert call("compare").exception.args == (["informal", "training", "officers", "officers-outreach"], 1, 200)
    assert call("compare", "two-sites", "informal", "--seed", 9, "--replicates", 3).exception.args == (["two-sites", "informal"], 9, 3)


@pytest.mark.parametrize("wrong", [("--replicates", "0"), ("--replicates", "-3"), ("--workers", "0"), ("--seed", "-1"), ("--seed", str(2**53)),
                                   ("--replicates", "many"), ("--course-start", "18/01/2027"), ("--nonsense",)])  # fmt: skip
def test_numbers_out_of_bounds_and_unknown_options_are_refused(wrong: tuple[str, ...]) -> None:
    done = call("compare", *TINY, *wrong)
    assert done.exit_code == 2 and wrong[0] in done.stderr and not done.stdout




# --- run ---


def test_run_writes_weeks_episodes_and_ties(tmp_path: Path, tiny_history: History) -> None:
    done = call("run", "officers", *TINY, "--weeks", "20", "--out", tmp_path)
    assert done.exit_code == 0, done.output
    graphs = {f"ties-week-{week}.graphml" for week in (20, 36, 92)}
    assert {path.name for path in tmp_path.iterdir()} == graphs | PER_STUDENT | {"weekly.csv", "weekly.parquet", "parameters.csv", "run.json"}
    for name, frame in (("weekly", tiny_history.weekly_frame()), ("episodes", tiny_history.episode_frame())):
        from_parquet = pd.read_parquet(tmp_path / f"{name}.parquet")
        pd.testing.assert_frame_equal(from_parquet, frame, check_dtype=False)
        pd.testing.assert_frame_equal(pd.read_csv(tmp_path / f"{name}.csv"), frame, check_dtype=False)
    ties = pd.read_parquet(tmp_path / "ties.parquet")
    assert list(ties.columns) == ["week", "i", "j", "strength"] and set(ties["week"]) == {20, 36, 92}
    graph = nx.read_graphml(tmp_path / "ties-week-20.graphml", node_type=int)
    rows = ties.loc[ties["week"] == 20, ["i", "j", "strength"]]
    drawn = {(min(i, j), max(i, j)): w for i, j, w in graph.edges(data="strength")}
    assert drawn == {(i, j): w for i, j, w in rows.itertuples(index=False)}
    for k in range(12):
        assert graph.nodes[k + 1] == {"distress": tiny_history.distress[19, k], "friends": tiny_history.friends[19, k],
                                      "is_officer": tiny_history.is_officer[19, k], "site": "none"}  # fmt: skip
    assert nx.read_graphml(tmp_path / "ties-week-92.graphml").nodes["1"]["site"].startswith("site ")


def test_a_run_says_the_same_on_screen_in_json_and_in_its_file(tmp_path: Path) -> None:
    done = call("run", "informal", *TINY, "--json", "--out", tmp_path)
    told = json.loads(done.stdout)
    assert done.stderr == "Simulating ...\n"
    assert told == json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    assert told["cascade"]["episode"] >= told["cascade"]["noticed"] >= told["cascade"]["offered"] >= told["cascade"]["accepted"]
    shown = call("run", "informal", *TINY).stdout
    assert re.search(rf"^episodes +{told['cascade']['episode']} +100 %$", shown, re.MULTILINE)
    assert re.search(rf"^ +1 +{told['year_ends'][0]['friends_mean']:.2f} ", shown, re.MULTILINE)
    for reason, n in told["missed"].items():
        assert bool(re.search(rf"^ *{n}  {reason}: ", shown, re.MULTILINE)) == (n > 0)


def test_weeks_of_ties_that_nothing_writes_are_noted(tmp_path: Path) -> None:
    assert "--weeks changes nothing without --out" in call("run", "informal", *TINY, "--weeks", 20).stderr
    assert "Note" not in call("run", "informal", *TINY, "--weeks", 20, "--out", tmp_path).stderr


def test_ties_of_no_week_make_an_empty_table(tiny_history: History) -> None:
    assert tie_frame(replace(tiny_history, ties={})).to_dict("list") == {"week": [], "i": [], "j": [], "strength": []}


def test_weeks_that_are_not_in_the_course_are_refused() -> None:
    done = call("run", "informal", *TINY, "--weeks", "1,0,x,105,104,-1")
    assert done.exit_code == 2 and "4 faults" in done.stderr and "from 1 to 104" in done.stderr


# --- progress and provenance ---


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_without_a_terminal_there_is_an_estimate_after_the_first_runs_and_at_each_quarter(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    on_progress = plain_lines(console(stderr=True), 160, TimeLeft(8, clock))
    for done in range(4, 161, 4):  # two processes with a replicate of 4 runs each, ten seconds a pair
        clock.now += 10 if done % 8 == 4 else 0
        on_progress(done, 160)
    assert capsys.readouterr().err.splitlines() == [
        "Simulating 160 runs ...", "8 of 160 runs done, about 3 min left", "40 of 160 runs done, about 2 min left",
        "80 of 160 runs done, about 100 s left", "120 of 160 runs done, about 50 s left", "160 of 160 runs done, 3 min taken",
    ]  # fmt: skip


def test_the_time_left_is_the_time_taken_for_each_run_to_come_and_counts_down() -> None:
    clock = Clock()
    time_left = TimeLeft(2, clock)
    column = _TimeLeftColumn(time_left)
    shown = []
    for seconds, done in ((30, 1), (0, 2), (12, None), (18, 4), (500, None)):
        clock.now += seconds
        if done:
            time_left.update(done, 10)
        shown.append(column.render(None).plain)
    assert shown == ["", "about 2 min left", "about 108 s left", "about 90 s left", "about 0 s left"]
    assert [span(seconds) for seconds in (0.4, 119, 121, 7199, 7201)] == ["0 s", "119 s", "2 min", "120 min", "2.0 h"]


def test_fewer_runs_than_go_on_at_one_time_are_estimated_too() -> None:
    clock = Clock()
    time_left = TimeLeft(8, clock)
    clock.now += 5
    time_left.update(4, 4)
    assert time_left.left == 0


def test_the_command_that_repeats_a_result_names_files_and_no_places() -> None:
    files = SchoolFiles(Path("/home/someone/our roster.csv"), Path("x/timetable.csv"))
    said = command_line("compare", ["informal", "/home/someone/ours.toml"], [*files.options(), ("--seed", 3)])
    assert said == "wardmates compare informal ours.toml --roster 'our roster.csv' --timetable timetable.csv --seed 3"
