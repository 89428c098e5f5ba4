"""Both engines give the same course, step by step, whatever is switched on; and the scenarios between them switch on everything there is."""

from __future__ import annotations

import numpy as np
import pytest

from simulation.engine import start
from simulation.engine.cohort import Cohort, Plan
from simulation.evidence.parameters import PARAMETERS
from simulation.record.history import REASONS, SOURCES_OF_HELP
from simulation.scenario.grouping import CAMPUS_POLICIES, POLICIES
from simulation.scenario.support import ADD_ONS, OFFICERS, TRAINING
from tests.engines.agreement import first_difference
from tests.engines.digest import digest
from tests.engines.scenarios import NAMES, SEEDS, Case, case

ALL_CASES = [case(name) for name in NAMES]
# What the kernels are given in another form (the calendar, the sites, seats and their hours), or what only reading files and outcomes look at.
OUTSIDE_THE_KERNELS = {
    "steps_per_week", "students", "campus_years", "clinical_years", "campus_teaching_weeks", "clinical_teaching_weeks", "block_weeks", "sites",
    "hours_per_day", *(f"year_{y}_multiplier" for y in range(1, 7)), "students_per_officer", "officer_hours", "episode_weeks",
    "contact_isolated_hours", "persistent_weeks", "screen_sensitivity", "screen_specificity",
}  # fmt: skip
ONLY_FOR_OUTCOMES = {"episode_weeks", "contact_isolated_hours", "persistent_weeks", "screen_sensitivity", "screen_specificity", "hours_per_day"}
MUCH_IS_ON = ("switched on, near-peers", "near-peer, all", "down and up", "up and down", "volunteers, all")


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", NAMES)
def test_both_engines_give_the_same_course(name: str, seed: int) -> None:
    assert first_difference(case(name), seed) == ""


@pytest.mark.parametrize("name", ["near-peer, all", "school of 40"])
def test_rows_that_have_to_grow_change_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With room for next to nothing at the start: ties, episodes and encounters; and every week's ties kept."""
    episodes, encounters = start.empty_episodes(1, 1), start.empty_encounters(-15)
    monkeypatch.setattr(start, "ROOM_FOR_PAIRS", 1)
    monkeypatch.setattr(start, "empty_episodes", lambda n, n_weeks: type(episodes)(episodes.rows[:1].copy(), episodes.used.copy()))
    monkeypatch.setattr(start, "empty_encounters", lambda n: encounters)
    assert len(encounters.seeker) == 1
    n_weeks = case(name).scenario.calendar.n_weeks
    assert first_difference(case(name), 1, weeks_of_ties=tuple(range(1, n_weeks + 1))) == ""


# --- what the scenarios are ---


def test_every_policy_design_and_programme_is_there() -> None:
    scenarios = [each.scenario for each in ALL_CASES]
    assert {s.placement_policy for s in scenarios} == set(POLICIES)
    assert {s.campus_policy for s in scenarios} == set(CAMPUS_POLICIES)
    assert {s.support.officers for s in scenarios} == set(OFFICERS)
    assert {s.support.officers for s in scenarios if s.support.add_ons == set(ADD_ONS)} == set(OFFICERS) - {"none"}
    assert {"GE4", "UG5"} <= {s.programme for s in scenarios}
    assert {s.parameters.steps_per_week for s in scenarios} > {1, 2}
    assert {40, 150, 152} <= {s.parameters.students for s in scenarios}
    assert any(each.keys is not None for each in ALL_CASES)
    schools = [s for s in scenarios if s.school is not None]
    assert {s.placement_policy == "timetable" for s in schools} == {s.school.has_friendships for s in schools if s.school} == {True, False}


@pytest.mark.parametrize("switches", [TRAINING, ADD_ONS], ids=["training", "add-ons"])
def test_no_two_switches_are_always_on_together(switches: dict[str, str]) -> None:
    """If two were, taking one for the other would not be seen."""
    on = {name: tuple(name in each.scenario.support.training | each.scenario.support.add_ons for each in ALL_CASES) for name in switches}
    assert len(set(on.values())) == len(switches)
    assert all(any(where) and not all(where) for where in on.values())


def test_every_parameter_is_away_from_its_default_somewhere() -> None:
    values = [each.scenario.parameters for each in ALL_CASES]
    assert {name for name, row in PARAMETERS.items() if all(getattr(v, name) == row.default for v in values)} <= ONLY_FOR_OUTCOMES


def test_what_is_off_by_default_is_on_somewhere() -> None:
    off = {name for name, row in PARAMETERS.items() if row.default == 0}
    assert off >= {"contagion", "staff_notice", "recovery_slowing", "crowding_out", "outside_support", "online_share", "dropout_rate"}
    for name in off:
        assert any(getattr(each.scenario.parameters, name) > 0 for each in ALL_CASES), name
    assert any(each.scenario.parameters.load_on_onset < 0 for each in ALL_CASES)
    assert any(each.scenario.parameters.care_places < 100 for each in ALL_CASES)


# --- what happens in them ---


def run(each: Case, changes: dict[str, float] | None = None, *, off: str = "") -> Cohort:
    """The engine's course, with other values of parameters than the scenario's or one switch off."""
    plan = Plan(each.scenario)
    plan.p, plan.world = plan.p.copy(), plan.world.copy()
    for name, value in (changes or {}).items():
        plan.p[name] = value
    if off:
        plan.world[off] = False
    cohort = Cohort(plan, 1, keys=each.keys)
    cohort.run_to(cohort.n_steps)
    return cohort


def test_everything_that_can_happen_happens() -> None:
    cohorts = [run(each) for each in ALL_CASES]
    histories = [cohort.history() for cohort in cohorts]
    assert set(np.concatenate([h.episodes.reason for h in histories]).tolist()) == set(range(len(REASONS)))
    for by in ("noticed_by", "accepted_by"):
        assert set(np.concatenate([getattr(h.episodes, by) for h in histories]).tolist()) == set(range(len(SOURCES_OF_HELP)))
    assert np.sum([h.n_kinds for h in histories], axis=0).min() > 0
    for name in ("n_breaches", "n_checkins", "n_false_checkins", "n_relocations", "n_cross_group_ties_lost"):
        assert sum(getattr(h, name) for h in histories) > 0, name
    assert any(h.spread_sites for h in histories)
    assert any(h.near_peer_load.max(initial=0) > 0 for h in histories)
    assert {int(d) for h in histories for d in np.unique(h.distress)} == {int(c) for h in histories for c in np.unique(h.care)} == {0, 1, 2}
    assert any(not h.is_present[-1].any() for h in histories), "everybody has left"
    # care at once, which only an escalation gives where there is a wait
    assert any(((h.care[:-1] == 0) & (h.care[1:] == 2)).any() for h in histories if h.parameters.waiting_weeks >= 2)
    assert any(cohort.course.heard.used[0] > 0 for cohort in cohorts), "disclosures"
    seats = [(each.scenario.support, cohort.course.seats) for each, cohort in zip(ALL_CASES, cohorts, strict=True)]
    near_peers = [(support.add_ons, seat) for support, seat in seats if support.officers == "near-peer"]
    assert any(seat.next_holder.max(initial=0) > 1 for _, seat in near_peers), "one near-peer followed by another"
    assert any((seat.row >= 0).any() for _, seat in near_peers), "a near-peer followed by a student"


def is_read(name: str, each: Case) -> bool:
    """Whether another value of a parameter gives another history."""
    value = getattr(each.scenario.parameters, name)
    other = value + 1 if PARAMETERS[name].is_integer else value * 1.5 + 0.01
    return digest(run(each, {name: other}).history()) != digest(run(each).history())


@pytest.mark.parametrize("name", sorted(set(PARAMETERS) - OUTSIDE_THE_KERNELS))
def test_every_parameter_of_the_kernels_matters_somewhere(name: str) -> None:
    """So a kernel that read another in its place, or none, could not agree with the Mesa model throughout."""
    assert any(is_read(name, each) for each in [case(known) for known in MUCH_IS_ON] + ALL_CASES)


@pytest.mark.parametrize("name", [*TRAINING, *ADD_ONS])
def test_every_switch_matters_somewhere(name: str) -> None:
    on = [each for each in ALL_CASES if name in each.scenario.support.training | each.scenario.support.add_ons]
    assert any(digest(run(each, off=f"has_{name.replace('-', '_')}").history()) != digest(run(each).history()) for each in on)
