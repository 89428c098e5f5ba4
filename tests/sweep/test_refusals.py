"""A store is gone on with by the same sweep alone; what differs is named, and nothing is touched."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.sweep.sweeps import chunks, copied, design_file, sweep
from tests.unit.cli_calls import ROOT


def refused(*arguments: object, cwd: Path = ROOT) -> str:
    done = sweep("run", *arguments, cwd=cwd)
    assert done.returncode == 2 and "Traceback" not in done.stderr, done.stderr
    return " ".join(done.stderr.split())


@pytest.mark.parametrize(
    ("changes", "why"),
    [({"replicates": 5}, "replicates: 4 there, 5 here"), ({"seed": 2}, "seed: 1 there, 2 here"), ({"points": 61}, "points: 60 there, 61 here"),
     ({"scenarios": "informal,training"}, "scenarios: informal, officers there, informal, training here")],
)  # fmt: skip
def test_another_design_is_refused_and_the_difference_named(undisturbed: Path, tmp_path: Path, changes: dict[str, object], why: str) -> None:
    store = copied(undisturbed, tmp_path)
    before = {path: path.read_bytes() for path in store.rglob("*") if path.is_file()}
    assert why in refused(design_file(tmp_path, **changes), "--out", store)
    assert {path: path.read_bytes() for path in store.rglob("*") if path.is_file()} == before


def test_another_source_is_refused_and_the_file_named(design: Path, undisturbed: Path, tmp_path: Path) -> None:
    ours = tmp_path / "ours"
    for room in ("simulation", "experiments", "wardmates"):
        shutil.copytree(ROOT / room, ours / room, ignore=shutil.ignore_patterns("__pycache__"))
    with (ours / "simulation" / "record" / "reach.py").open("a", encoding="utf-8") as file:
        file.write("# another definition of reach\n")
    said = refused(design, "--out", undisturbed, cwd=ours)
    assert "another source of the model: simulation/record/reach.py" in said and "streams.py" not in said


def test_other_outcomes_and_another_engine_are_refused(design: Path, undisturbed: Path) -> None:
    said = refused(design, "--out", undisturbed, "--outcomes", "reach,prevalence")
    assert "other outcomes: " in said and "more there, reach, prevalence here" in said
    assert "another engine: arrays there, mesa here" in refused(design, "--out", undisturbed, "--engine", "mesa")


def test_other_inputs_are_refused_and_the_file_named(design: Path, undisturbed: Path, tmp_path: Path) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_text("student_id,kind\n" + "".join(f"S{k:02d},{'a' if k % 2 else 'b'}\n" for k in range(24)), encoding="utf-8")
    assert "without a school's files" in refused(design, "--out", undisturbed, "--roster", roster)
    store = tmp_path / "store"
    some = design_file(tmp_path, points=2, replicates=1)
    assert sweep("run", some, "--out", store, "--roster", roster).returncode == 0
    assert "with a school's files" in refused(some, "--out", store)
    roster.write_text(roster.read_text(encoding="utf-8").replace("S03,a", "S03,b"), encoding="utf-8")
    assert "other inputs: the roster differs" in refused(some, "--out", store, "--roster", roster)
    assert "is not what the store was made with" in " ".join(sweep("rerun", store, 0, "--roster", roster).stderr.split())


def test_other_versions_of_libraries_are_told_and_not_refused(design: Path, undisturbed: Path, tmp_path: Path) -> None:
    store = copied(undisturbed, tmp_path)
    told = json.loads((store / "manifest.json").read_text(encoding="utf-8"))
    told["versions"]["numpy"] = "1.26.0"
    (store / "manifest.json").write_text(json.dumps(told), encoding="utf-8")
    done = sweep("run", design, "--out", store)
    assert done.returncode == 0 and "numpy 1.26.0 there" in done.stderr


def test_a_folder_with_other_things_in_it_is_no_store(design: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("")
    said = refused(design, "--out", tmp_path)
    assert "is no store and holds other files (thesis.tex)" in said and [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_all_that_is_wrong_is_told_at_once_and_nothing_is_made(tmp_path: Path) -> None:
    said = refused(tmp_path / "none.parquet", "--out", tmp_path / "store", "--engine", "steam", "--shard", "4/3", "--outcomes", "reech")
    assert said.startswith("4 faults") and "did you mean 'reach'?" in said and not list(tmp_path.iterdir())


def test_a_problem_that_is_not_the_models_is_not_run(tmp_path: Path) -> None:
    points = tmp_path / "points.csv"
    points.write_text("x1,x2\n0.5,0.5\n", encoding="utf-8")
    assert "x1" in refused(points, "--out", tmp_path / "store") and not (tmp_path / "store").exists()


def test_what_a_schools_files_are_read_with_cannot_be_varied(tmp_path: Path) -> None:
    points = tmp_path / "points.csv"
    points.write_text("hours_per_day\n7\n8\n", encoding="utf-8")
    roster, timetable = (ROOT / "examples" / "school" / f"{name}.csv" for name in ("roster", "timetable"))
    assert "hours_per_day" in refused(points, "--out", tmp_path / "store", "--roster", roster, "--timetable", timetable)


@pytest.mark.parametrize("content", [b"", b"{}", b'{"store_version": 2}'])
def test_a_manifest_that_is_none_is_told(design: Path, undisturbed: Path, tmp_path: Path, content: bytes) -> None:
    store = copied(undisturbed, tmp_path)
    (store / "manifest.json").write_bytes(content)
    before = chunks(store)
    assert "manifest.json" in refused(design, "--out", store) and chunks(store) == before
