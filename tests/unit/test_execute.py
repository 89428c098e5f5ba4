"""Where replicates are made: here, in threads or in processes, in tasks of any size, always the same results."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import threading
from dataclasses import replace
from functools import partial
from itertools import product
from pathlib import Path
from time import monotonic, sleep

import numpy as np
import pytest

import experiments.execute
import simulation.run
from experiments.compare import RunError, compare
from experiments.engines import OWN
from experiments.execute import MOST_A_TASK, run_replicates, runs_at_once, tasks_of
from experiments.replicate import Run, Sums, Work, run_replicate
from simulation.faults import Fault, InputError
from simulation.record.history import History
from simulation.record.outcomes import HEADLINE
from simulation.scenario.scenario import Scenario
from simulation.streams import replicate_seed
from tests.unit.fakes_of_experiments import fake_run, small_scenario

KINDS = ("arrays", OWN)  # in threads, in processes


def work_of(run: Run, engine: str, *names: str) -> Work:
    return Work(tuple(small_scenario(name) for name in names or ("informal", "officers")), run, 5, engine)


def nobody(done: int, total: int) -> None:
    """Progress that nobody looks at."""


def content(sums: Sums) -> list[bytes]:
    arrays = [*sums.parts.values(), sums.reasons, sums.cascade, *sums.weekly, *sums.year_ends, *(c.is_teaching for c in sums.calendars)]
    return [np.ascontiguousarray(array).tobytes() for array in arrays] + [repr(sums.spread_sites).encode()]


def in_which_process(scenario: Scenario, seed: int) -> History:
    return replace(fake_run(scenario, seed), n_checkins=os.getpid())


def as_an_engine(scenario: Scenario, seed: int, *, weeks_of_ties: tuple[int, ...] = (), engine: str) -> History:
    """A stand-in for `simulation.run.run` whose histories tell the engine."""
    return replace(fake_run(scenario, seed), n_checkins={"arrays": 1, "mesa": 2}[engine])


def misfit(scenario: Scenario, seed: int) -> History:
    raise InputError([Fault("placements", "a group fits nowhere", "more places")])


@pytest.mark.parametrize("engine", KINDS)
@pytest.mark.parametrize("workers", [2, 3])
def test_the_same_bytes_in_this_order_wherever_they_are_made(engine: str, workers: int) -> None:
    work = work_of(fake_run, engine)
    expected = [content(run_replicate(work, r)) for r in range(7)]
    assert [content(sums) for sums in run_replicates(work, 7, workers, nobody)] == expected
    assert len({tuple(one) for one in expected}) == 7


@pytest.mark.parametrize("size", [1, 2, 5, 100])
def test_the_size_of_a_task_changes_nothing(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    work = work_of(fake_run, "arrays", "informal")
    expected = [content(run_replicate(work, r)) for r in range(9)]
    monkeypatch.setattr(experiments.execute, "tasks_of", lambda replicates, *_of: [range(r, min(r + size, 9)) for r in range(0, 9, size)])
    assert [content(sums) for sums in run_replicates(work, 9, 2, nobody)] == expected


def test_threads_that_end_out_of_order_change_nothing() -> None:
    second_is_done = threading.Event()
    first, last = replicate_seed(5, 0), replicate_seed(5, 3)

    def run(scenario: Scenario, seed: int) -> History:
        if seed == first:
            assert second_is_done.wait(60), "the other thread did nothing meanwhile"
        elif seed == last:
            second_is_done.set()
        return fake_run(scenario, seed)

    found = run_replicates(work_of(run, "arrays", "informal"), 4, 2, nobody)
    assert [content(sums) for sums in found] == [content(run_replicate(work_of(fake_run, "arrays", "informal"), r)) for r in range(4)]


def test_a_kernel_is_never_in_the_thread_that_ctrl_c_comes_to() -> None:
    where: list[threading.Thread] = []

    def run(scenario: Scenario, seed: int) -> History:
        where.append(threading.current_thread())
        return fake_run(scenario, seed)

    run_replicates(work_of(run, "arrays"), 3, 1, nobody)
    assert len(set(where)) == 1 and where[0] is not threading.main_thread()
    where.clear()
    run_replicates(work_of(run, OWN), 3, 1, nobody)
    assert set(where) == {threading.main_thread()}


def test_the_array_engine_runs_in_threads_and_all_else_in_processes() -> None:
    for engine in (*KINDS, "mesa"):
        sums = run_replicates(work_of(in_which_process, engine, "informal"), 4, 2, nobody)
        where = {float(one.parts["false_outreach_share"][0, 1]) for one in sums}
        assert (where == {os.getpid()}) == (engine == "arrays")


def test_tasks_hold_each_replicate_once_and_are_small_enough_for_all_to_end_together() -> None:
    for workers, replicates, engine in product((1, 2, 64), (1, 2, 5, 31, 200), KINDS):
        tasks = tasks_of(replicates, workers, engine)
        assert [r for task in tasks for r in task] == list(range(replicates))
        assert max(map(len, tasks)) <= (MOST_A_TASK if engine == "arrays" else 1)
        assert len(tasks) >= min(replicates, 8 * workers)
        assert runs_at_once(3, replicates, workers, engine) == 3 * sum(len(task) for task in tasks[:workers])


def test_many_replicates_are_handed_out_several_at_a_time() -> None:
    assert {len(task) for task in tasks_of(400, 2, "arrays")} == {MOST_A_TASK}
    assert runs_at_once(4, 400, 2, "arrays") == 4 * 2 * MOST_A_TASK


@pytest.mark.parametrize("engine", KINDS)
def test_progress_is_told_in_this_thread_and_ends_with_all(engine: str) -> None:
    told: list[tuple[int, int]] = []

    def on_progress(done: int, total: int) -> None:
        assert threading.current_thread() is threading.main_thread()
        told.append((done, total))

    run_replicates(work_of(fake_run, engine), 40 if engine == "arrays" else 3, 2, on_progress)
    assert told == sorted(set(told)) and len(told) > 2 and told[-1][0] == told[-1][1] == (80 if engine == "arrays" else 6)


def test_progress_counts_all_that_is_done_and_not_what_was_looked_at() -> None:
    """Else the time left would be far too long after a pause, as while the report's libraries are imported."""
    met: list[int] = []
    told: list[tuple[int, int]] = []

    def run(scenario: Scenario, seed: int) -> History:
        met.append(seed)
        return fake_run(scenario, seed)

    def slow(done: int, total: int) -> None:
        while not told and len(met) < 60:
            sleep(0.01)
        told.append((done, len(met)))

    run_replicates(work_of(run, "arrays", "informal"), 80, 2, slow)
    assert told[1][0] >= 60 - 2 * MOST_A_TASK and told[-1][0] == 80
    assert [done for done, _ in told] == sorted({done for done, _ in told})


def test_a_fault_in_a_thread_names_scenario_and_seed_and_stops_the_others() -> None:
    met: list[int] = []

    def run(scenario: Scenario, seed: int) -> History:
        met.append(seed)
        if seed == replicate_seed(5, 1):
            raise ValueError("a tie has no ends")
        return fake_run(scenario, seed)

    with pytest.raises(RunError, match=r"'informal' failed with seed \d+ \(replicate 2 of seed 5\): ValueError: a tie has no ends\. ") as caught:
        run_replicates(work_of(run, "arrays"), 400, 2, nobody)
    assert str(caught.value).endswith(f"wardmates run informal --seed {replicate_seed(5, 1)}")
    assert len(met) < 100
    with pytest.raises(InputError, match="informal: placements"):
        run_replicates(work_of(misfit, "arrays"), 9, 2, nobody)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("replicates")]


def test_the_command_that_repeats_a_failed_run_names_the_engine_and_there_is_none_for_a_function_of_ones_own() -> None:
    def run(scenario: Scenario, seed: int) -> History:
        raise ValueError("a tie has no ends")

    said = {}
    for engine in ("mesa", "arrays", OWN):
        with pytest.raises(RunError) as caught:
            run_replicate(work_of(run, engine), 0)
        said[engine] = str(caught.value)
    assert said["mesa"].endswith(" --engine mesa") and "--engine" not in said["arrays"] and "wardmates run" not in said[OWN]


@pytest.mark.parametrize("engine", KINDS)
def test_an_interrupt_ends_what_is_under_way_and_begins_nothing_more(engine: str) -> None:
    met: list[int] = []

    def run(scenario: Scenario, seed: int) -> History:
        met.append(seed)
        sleep(0.02)
        return fake_run(scenario, seed)

    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    begun = monotonic()
    with pytest.raises(KeyboardInterrupt):
        run_replicates(work_of(run if engine == "arrays" else fake_run, engine), 2000, 2, interrupt)
    assert monotonic() - begun < 30
    assert len(met) < 200
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("replicates")]
    assert multiprocessing.active_children() == []


def large_message(work: Work, replicates: range) -> list[np.ndarray]:
    """A task that takes no time and whose result takes long to send."""
    return [np.zeros(300_000) for _ in replicates]


def interrupt_processes_that_send() -> None:
    """Three comparisons, each interrupted while its processes do nothing but send."""

    def interrupt(done: int, total: int) -> None:
        if done > 80:
            raise KeyboardInterrupt

    experiments.execute._task = large_message
    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            run_replicates(work_of(fake_run, OWN, "informal"), 1000, 2, interrupt)


def test_an_interrupt_while_results_are_sent_does_not_wait_for_the_rest_of_them() -> None:
    program = "from tests.unit.test_execute import interrupt_processes_that_send; interrupt_processes_that_send()"
    subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[2], check=True, timeout=120)


@pytest.mark.parametrize("workers", [1, 2])
def test_the_engine_that_is_asked_for_is_the_one_that_runs_and_the_one_that_is_named(workers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulation.run, "run", as_an_engine)
    scenarios = [small_scenario("informal"), small_scenario("officers")]
    default, arrays, mesa = (compare(scenarios, replicates=3, workers=workers, **asked) for asked in ({}, {"engine": "arrays"}, {"engine": "mesa"}))
    assert default.to_json() == arrays.to_json()
    assert [found.provenance["engine"] for found in (default, arrays, mesa)] == ["arrays", "arrays", "mesa"]
    shares = [found.of("false_outreach_share")[1]["mean"] for found in (default, arrays, mesa)]
    assert shares[0] == shares[1] == 2 * shares[2]
    assert (default.headline == mesa.headline).all() and HEADLINE in {row["outcome"] for row in mesa.rows}


def test_a_function_of_ones_own_is_run_instead_of_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulation.run, "run", misfit)
    own = compare([small_scenario()], replicates=2, run=partial(as_an_engine, engine="mesa"), engine="arrays")
    assert own.provenance["engine"] == OWN
