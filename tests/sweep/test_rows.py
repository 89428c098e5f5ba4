"""A row is a run: its seed, its outcomes to the last bit, and the same wherever and among whatever it is made."""

from __future__ import annotations

import json
import threading
from itertools import count
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pyarrow import parquet

from experiments.sweep.chunks import chunks_in, write_chunk
from experiments.sweep.design import Design, load_design
from experiments.sweep.points import scenario_at, seed_of
from experiments.sweep.rows import KEYS, Job, Part, run_tasks, schema_of, values_of
from experiments.sweep.store import read_store
from simulation.faults import InputError
from simulation.record.outcomes import OUTCOMES, value_of
from simulation.run import run
from tests.sweep.sweeps import copied, design_file, rows, sweep


@pytest.fixture(scope="module")
def job(design: Path) -> Job:
    return Job(load_design(design), None, "arrays", tuple(OUTCOMES))


def never() -> bool:
    return False


def ran(job: Job, tasks: range, is_stopped=never, is_over=never) -> Part:
    """Tasks run in a thread, as they are: never in the one that Ctrl-C comes to."""
    parts: list[Part] = []
    thread = threading.Thread(target=lambda: parts.append(run_tasks(job, tasks, is_over=is_over, is_stopped=is_stopped, on_run=lambda: None)))
    thread.start()
    thread.join()
    return parts[0]


def alone(design: Design, point: int, replicate: int, name: str) -> dict[str, float]:
    """Outcomes of one run, from the definitions and without anything of a sweep's."""
    seed = seed_of(design, point, replicate)
    baseline, history = (run(scenario_at(design, point, which), seed) for which in (design.scenarios[0][0], name))
    baseline = history if name == design.scenarios[0][0] else baseline
    return {name: float(value_of(name, np.array(outcome.parts(history, baseline)))) for name, outcome in OUTCOMES.items()}


def test_rows_are_numbered_as_the_design_says(design: Path, undisturbed: Path) -> None:
    made, found = load_design(design), rows(undisturbed)
    assert list(found.columns) == [*KEYS, *OUTCOMES] and found["row"].tolist() == list(range(480))
    task = found["row"] // 2
    assert (found["point"] == task % 60).all() and (found["replicate"] == task // 60).all()
    assert found["scenario"].tolist() == ["informal", "officers"] * 240
    assert found["seed"].tolist() == [seed_of(made, p, r) for p, r in zip(found["point"], found["replicate"], strict=True)]
    assert (found["status"] == "ok").all() and found["error"].isna().all()
    assert found.groupby("scenario")["reach"].nunique().min() > 20


def test_a_row_is_what_its_run_gives_alone_to_the_last_bit(design: Path, undisturbed: Path) -> None:
    made, found = load_design(design), rows(undisturbed)
    for number in (0, 1, 239, 301, 478):
        row = found.iloc[number]
        expected = alone(made, int(row["point"]), int(row["replicate"]), str(row["scenario"]))
        np.testing.assert_array_equal(row[list(OUTCOMES)].to_numpy(dtype=float), np.array(list(expected.values())))


def test_some_values_are_undefined_and_stay_so(undisturbed: Path) -> None:
    found = rows(undisturbed)
    assert found["false_outreach_share"].isna().all() and not found["false_outreach_share"].dropna().size
    assert found["officer_burden_p95"].isna().sum() == 240  # no officers in half of the runs


@pytest.mark.parametrize("name", OUTCOMES)
def test_a_value_among_others_is_the_value_alone(name: str) -> None:
    n_parts = 4 if name in ("equity_gap", "equity_ratio") else 2
    sums = np.random.default_rng(1).integers(0, 9, (300, n_parts)) * 0.1
    together = values_of(name, [tuple(row) for row in sums], has_school=False)
    np.testing.assert_array_equal(together, [values_of(name, [tuple(row)], has_school=False)[0] for row in sums])


def test_of_a_school_a_value_that_rests_on_fewer_than_five_is_blank() -> None:
    sums = [(2.0, 4.0), (2.0, 5.0), (0.0, 0.0)]
    np.testing.assert_array_equal(values_of("reach_isolated", sums, has_school=True), [np.nan, 0.4, np.nan])
    np.testing.assert_array_equal(values_of("reach_isolated", sums, has_school=False), [0.5, 0.4, np.nan])
    np.testing.assert_array_equal(values_of("prevalence", sums, has_school=True), [0.5, 0.4, np.nan])  # of weeks, not of people


def test_a_part_ends_with_a_whole_task_when_stopped_and_when_the_time_is_up(job: Job) -> None:
    calls = count()
    stopped = ran(job, range(10, 20), is_stopped=lambda: next(calls) >= 5)  # asked before each run: two tasks of two runs, and one run
    assert stopped.tasks == range(10, 12) and stopped.rows["row"].to_pylist() == [20, 21, 22, 23]
    ticks = count()
    over = ran(job, range(10, 20), is_over=lambda: next(ticks) >= 3)
    assert over.tasks == range(10, 14)
    nothing = ran(job, range(10, 20), is_stopped=lambda: True)
    assert nothing.tasks == range(10, 10) and len(nothing.rows) == 0 and nothing.rows.schema == schema_of(job.outcomes)
    pd.testing.assert_frame_equal(over.rows.slice(0, 4).to_pandas(), stopped.rows.to_pandas(), check_exact=True)


def test_some_outcomes_are_the_same_as_all(design: Path, undisturbed: Path, tmp_path: Path) -> None:
    done = sweep("run", design, "--out", tmp_path / "store", "--outcomes", "prevalence,reach")
    assert done.returncode == 0, done.stderr
    pd.testing.assert_frame_equal(rows(tmp_path / "store"), rows(undisturbed)[[*KEYS, "reach", "prevalence"]], check_exact=True)


def test_the_mesa_model_gives_the_rows_of_the_array_engine_but_for_last_digits(tmp_path: Path) -> None:
    some = design_file(tmp_path, points=2, replicates=1)
    for engine in ("arrays", "mesa"):
        done = sweep("run", some, "--out", tmp_path / engine, "--engine", engine, "--workers", 2, "--outcomes", "reach,prevalence,friends_mean")
        assert done.returncode == 0, done.stderr
    pd.testing.assert_frame_equal(rows(tmp_path / "mesa"), rows(tmp_path / "arrays"), rtol=1e-9)


# --- readers ---


def test_a_store_is_read_by_column_and_knows_that_nothing_is_missing(undisturbed: Path) -> None:
    store = read_store(undisturbed)
    assert store.missing().empty and not store.problems and store.n_rows == store.n_expected == 480
    pd.testing.assert_frame_equal(store.runs(), rows(undisturbed), check_exact=True)
    assert list(store.runs(["point", "reach"]).columns) == ["point", "reach"]
    with pytest.raises(InputError, match="did you mean 'reach'"):
        store.runs(["reech"])
    with pytest.raises(InputError, match="0 to 479"):
        store.row(480)


def test_what_is_missing_is_listed(undisturbed: Path, tmp_path: Path) -> None:
    copy = copied(undisturbed, tmp_path)
    gone = chunks_in(copy)[1]
    gone.path.unlink()
    store = read_store(copy)
    missing = store.missing()
    assert missing["row"].tolist() == list(range(gone.tasks.start * 2, gone.tasks.stop * 2)) and set(missing["status"]) == {"missing"}
    assert len(store.runs()) == 480 - len(missing) and store.row(int(missing["row"][0])) is None
    status = sweep("status", copy)
    assert f"{len(missing)} are missing" in status.stdout and f"sweep run {copy / 'design.parquet'} --out {copy}" in status.stdout


def test_two_chunks_with_the_same_rows_count_once_and_one_of_them_goes(design: Path, undisturbed: Path, tmp_path: Path) -> None:
    copy = copied(undisturbed, tmp_path)
    whole = chunks_in(copy)[0]
    part = ran(Job(load_design(design), None, "arrays", tuple(OUTCOMES)), range(whole.tasks.start, whole.tasks.start + 2))
    double = write_chunk(copy, part)
    pd.testing.assert_frame_equal(read_store(copy).runs(), rows(undisturbed), check_exact=True)
    assert sweep("run", design, "--out", copy).returncode == 0
    assert not double.path.exists() and whole.path.exists()


def test_a_csv_has_every_row_with_the_values_of_its_point(design: Path, undisturbed: Path, tmp_path: Path) -> None:
    assert sweep("export", undisturbed, "--csv", "--out", tmp_path / "rows.csv").returncode == 0
    found = pd.read_csv(tmp_path / "rows.csv", dtype=str)  # Python reads a number to the last bit, which not every pandas does
    expected, points = rows(undisturbed), load_design(design).points
    assert found["row"].tolist() == [str(k) for k in range(480)] and list(found.columns) == [*KEYS, *points, *OUTCOMES]
    for name in OUTCOMES:
        np.testing.assert_array_equal(found[name].fillna("nan").map(float).to_numpy(), expected[name].to_numpy())
    np.testing.assert_array_equal(found["onset_rate"].map(float).to_numpy(), points["onset_rate"].to_numpy()[expected["point"]])
    assert sweep("export", undisturbed, "--csv").stdout == (tmp_path / "rows.csv").read_text(encoding="utf-8")
    assert sweep("export", undisturbed).returncode == 2


def test_a_parameter_and_an_outcome_of_one_name_are_two_columns(tmp_path: Path) -> None:
    points = tmp_path / "points.csv"
    points.write_text("officer_hours,students,campus_years,clinical_years\n2,12,1,1\n", encoding="utf-8")
    assert sweep("run", points, "--out", tmp_path / "store").returncode == 0
    assert sweep("export", tmp_path / "store", "--csv", "--out", tmp_path / "rows.csv").returncode == 0
    assert pd.read_csv(tmp_path / "rows.csv")["officer_hours (parameter)"].eq(2).all()


def test_a_row_alone_is_the_run_with_its_full_history_bit_for_bit(undisturbed: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = sweep("rerun", undisturbed, 301, "--out", out, "--weeks", "20")
    assert done.returncode == 0 and "All 49 outcomes are those of the store, bit for bit" in done.stdout, done.stderr
    assert {"episodes.csv", "weekly.parquet", "student-weeks.parquet", "ties-week-20.graphml", "run.json"} <= {path.name for path in out.iterdir()}
    told = json.loads((out / "run.json").read_text(encoding="utf-8"))
    stored = rows(undisturbed).iloc[301]
    assert told["seed"] == stored["seed"] and told["is_as_stored"] is True and told["outcomes"]["reach"] == stored["reach"]
    weekly = pd.read_parquet(out / "weekly.parquet")
    assert len(weekly) == 104 and str(tmp_path) not in (out / "run.json").read_text(encoding="utf-8")


def test_a_row_that_is_not_as_stored_is_told(undisturbed: Path, tmp_path: Path) -> None:


    copy = copied(undisturbed, tmp_path)
    chunk = chunks_in(copy)[0]
    table = parquet.read_table(chunk.path)
    where = table.schema.get_field_index("reach")
    values = table["reach"].to_numpy().copy()
    values[1] = np.nextafter(values[1], 2)
    chunk.path.unlink()
    write_chunk(copy, Part(chunk.tasks, table.set_column(where, table.schema.field("reach"), [values])))
    assert sweep("rerun", copy, 0).returncode == 0
    done = sweep("rerun", copy, 1)
    assert done.returncode == 1 and "1 of 49 outcomes are not those of the store" in done.stdout and "reach:" in done.stdout
