"""What must not change a course: who stands in which row, other runs beside it or before it, pauses, threads, a fresh process."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from simulation.engine.cohort import Cohort, Plan
from simulation.record.history import Episodes, History, TieSnapshot
from simulation.run import run
from simulation.scenario.scenario import Scenario, attach_school
from simulation.scenario.school import School
from tests.engines.agreement import in_records
from tests.engines.digest import digest
from tests.engines.scenarios import case

ROOT = Path(__file__).parents[2]
JOBS = [(name, seed) for name in ("GE4", "near-peer, all", "switched on, volunteers", "half weeks", "150, switched on", "school of 40, switched on")
        for seed in (1, 2)]  # fmt: skip


def course(scenario: Scenario, seed: int, keys: NDArray[np.int64] | None = None, stops: tuple[int, ...] = ()) -> History:
    """The engine's history, with pauses after some steps."""
    cohort = Cohort(Plan(scenario), seed, keys=keys)
    for step in (*stops, cohort.n_steps):
        cohort.run_to(step)
    return cohort.history()


# --- relabelling ---


def _relabelled_school(school: School, order: NDArray[np.int64]) -> School:
    """The same school whose row r is student order[r]."""
    row_of = np.argsort(order)
    a, b = row_of[school.friend_a], row_of[school.friend_b]
    timetable = school.timetable and replace(school.timetable, student=row_of[school.timetable.student])
    groups = None if school.campus_group is None else school.campus_group[order]
    return replace(school, attributes=school.attributes[order], campus_group=groups, timetable=timetable, friend_a=np.minimum(a, b),
                   friend_b=np.maximum(a, b))  # fmt: skip


def _named(history: History, order: NDArray[np.int64]) -> History:
    """A history of relabelled students, each in the row that was theirs."""
    row_of, n = np.argsort(order), history.n_students
    by_student = {field.name: value[..., row_of] for field in fields(history)
                  if isinstance(value := getattr(history, field.name), np.ndarray) and value.shape[-1:] == (n,) and field.name != "near_peer_load"}
    e = history.episodes
    student = order[e.student]
    first = np.lexsort((student, e.onset))
    columns = {field.name: getattr(e, field.name)[first] for field in fields(e)}
    ties = {}
    for week, kept in history.ties.items():
        i, j = np.minimum(order[kept.i], order[kept.j]), np.maximum(order[kept.i], order[kept.j])
        place = np.lexsort((j, i))
        ties[week] = TieSnapshot(i[place], j[place], kept.strength[place])
    return replace(history, **by_student, episodes=Episodes(**{**columns, "student": student[first]}), ties=ties)


@pytest.mark.parametrize("name", [
    "GE4", "isolate-aware", "anchor-pair", "two-sites", "near-peer, all", "elected, all", "selected, all", "one-per-site, all", "half weeks",
    "switched on, volunteers", "school", "school of 40, switched on", "school of 40, other weeks", "friendships from week 1", "roster",
])  # fmt: skip
@pytest.mark.parametrize("shuffle", ["backwards", "at random"])
def test_relabelling_students_permutes_the_results(name: str, shuffle: str) -> None:
    scenario = case(name).scenario
    n, school = scenario.parameters.students, scenario.school
    order = np.arange(n)[::-1] if shuffle == "backwards" else np.random.default_rng(4).permutation(n)
    other = scenario if school is None else attach_school(scenario, _relabelled_school(school, order))
    relabelled = course(other, 1, keys=order + 1)
    assert digest(relabelled) != digest(course(scenario, 1))  # nobody stands where they stood
    assert next(in_records("history", course(scenario, 1), _named(relabelled, order), close=1e-12, relative=True), "") == ""


# --- the same bytes ---


@pytest.fixture(scope="module")
def serial() -> dict[tuple[str, int], str]:
    """Digests of runs one after the other."""
    digests = {job: digest(run(case(job[0]).scenario, job[1])) for job in JOBS}
    assert len(set(digests.values())) == len(JOBS)
    return digests


def test_threads_give_the_same_bytes(serial: dict[tuple[str, int], str]) -> None:
    jobs = JOBS * 2  # the same run also beside itself
    with ThreadPoolExecutor(4) as pool:
        digests = list(pool.map(lambda job: digest(run(case(job[0]).scenario, job[1])), jobs))
    assert digests == [serial[job] for job in jobs]


@pytest.mark.parametrize("stops", [(1,), (52,), (7, 8, 30, 61, 104), tuple(range(1, 105))], ids=["one step", "a year", "some", "step by step"])
def test_pauses_give_the_same_bytes(serial: dict[tuple[str, int], str], stops: tuple[int, ...]) -> None:
    for name in ("GE4", "near-peer, all", "school of 40, switched on"):
        assert digest(course(case(name).scenario, 1, stops=stops)) == serial[name, 1], name


def test_cohorts_that_take_turns_do_not_touch_one_another(serial: dict[tuple[str, int], str]) -> None:
    plan = Plan(case("near-peer, all").scenario)
    cohorts = [Cohort(plan, seed) for seed in (1, 2)]
    for step in range(5, cohorts[0].n_steps + 5, 5):
        for cohort in cohorts:
            cohort.run_to(min(step, cohort.n_steps))
    assert [digest(cohort.history()) for cohort in cohorts] == [serial["near-peer, all", seed] for seed in (1, 2)]


@pytest.mark.parametrize("name", ["GE4", "near-peer, all", "school of 40, switched on"])
def test_other_runs_in_between_change_nothing(serial: dict[tuple[str, int], str], name: str) -> None:
    history = run(case(name).scenario, 1)
    run(case(name).scenario, 2)
    run(case("150, switched on").scenario, 1)
    assert digest(history) == serial[name, 1], "a later run wrote into an earlier history"
    assert digest(run(case(name).scenario, 1)) == serial[name, 1]


def test_a_fresh_process_gives_the_same_bytes(serial: dict[tuple[str, int], str]) -> None:
    program = """
from simulation.run import run
from tests.engines.digest import digest
from tests.engines.scenarios import case
from tests.engines.test_properties import JOBS
for name, seed in JOBS[::-1]:
    print(digest(run(case(name).scenario, seed)))
"""
    environment = {**os.environ, "PYTHONHASHSEED": "77", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [serial[job] for job in JOBS[::-1]]


def test_the_digest_sees_every_part_of_a_history() -> None:
    """A change of any one value, or of a type, changes it."""
    history = run(case("near-peer, all").scenario, 1)
    seen = {digest(history)}
    for field in fields(history):
        value = getattr(history, field.name)
        if field.name in ("parameters", "seed", "kept", "calendar", "spread_sites"):
            continue
        if isinstance(value, np.ndarray):
            other = value.copy()
            other.flat[-1] = not other.flat[-1] if other.dtype == bool else other.flat[-1] + 1
        elif field.name == "episodes":
            other = replace(value, reason=value.reason[::-1].copy())
        elif field.name == "ties":
            other = {week: replace(kept, strength=np.nextafter(kept.strength, 1.0)) for week, kept in value.items()}
        else:
            other = (*value[:-1], value[-1] + 1) if isinstance(value, tuple) else not value if isinstance(value, bool) else value + 1
        seen.add(digest(replace(history, **{field.name: other})))
    assert len(seen) == 1 + len(fields(history)) - 5
