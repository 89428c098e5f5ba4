"""Hours are conserved where they should be: what is scheduled is met, what is met counts, what is contracted is spent, places are kept."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulation.engine.cohort import Cohort, Plan
from simulation.engine.state import HOURS, N_MET
from simulation.run import run
from simulation.scenario.grouping import CAMPUS_POLICIES, POLICIES
from simulation.scenario.scenario import Scenario, make_scenario
from simulation.scenario.support import ADD_ONS
from tests.properties.drawn import SEEDS

SHORT = {"campus_years": 1, "clinical_years": 1}
SCHEDULES = st.fixed_dictionaries({
    "students": st.integers(2, 20), "small_group_size": st.integers(2, 12), "small_group_hours": st.floats(0, 12),
    "placement_group_size": st.integers(1, 8), "placement_hours": st.floats(0, 45), "home_group_hours": st.floats(0, 4),
    "block_weeks": st.integers(2, 24), "chance_hours": st.floats(0, 2), "sites": st.integers(1, 9),
})  # fmt: skip
PLACEMENTS = st.sampled_from([name for name in POLICIES if name != "timetable"])
CAMPUSES = st.sampled_from([name for name in CAMPUS_POLICIES if name != "roster"])
NEVER_AWAY = {"withdrawal": 0, "severe_withdrawal": 0}


def scenario(values: dict[str, Any], placement: str = "reshuffled", campus: str = "reshuffled", officers: str = "none",
             add_ons: Any = ()) -> Scenario:  # fmt: skip
    return make_scenario({"grouping": {"placement": placement, "campus": campus}, "parameters": {**SHORT, **values},
                          "support": {"officers": officers, "add_ons": list(add_ons)}})  # fmt: skip


def companions(n: int, largest: int) -> int:
    """Students that all n meet together in groups of at most so many, as even as they can be: the sum of m (m - 1)."""
    k = math.ceil(n / largest)
    sizes = [n // k + 1] * (n % k) + [n // k] * (k - n % k)
    return sum(m * (m - 1) for m in sizes)


def scheduled(values: dict[str, Any], placement: str, *, is_clinical: bool) -> float:
    """Hours a week in groups, summed over students and those whom each meets there (docs/model.md, section 6)."""
    n, g = values["students"], values["placement_group_size"]
    if not is_clinical:
        return companions(n, values["small_group_size"]) * values["small_group_hours"]
    largest = {"alone": 1, "anchor-pair": max(g, 2)}.get(placement, g)
    home = companions(n, values["small_group_size"]) * values["home_group_hours"] if placement == "home-group" else 0.0
    return companions(n, largest) * values["placement_hours"] + home


@settings(max_examples=60)
@given(SCHEDULES, PLACEMENTS, CAMPUSES, SEEDS)
def test_whoever_is_grouped_with_whom_the_hours_in_groups_are_the_same(values: dict[str, Any], placement: str, campus: str, seed: int) -> None:
    """Without elective time and with everybody there, contact is the hours of the groups and two neighbours on the ring, under every policy."""
    history = run(scenario({**values, **NEVER_AWAY, "sociability_mean": 0}, placement, campus), seed)
    chance = 2 * (values["students"] if values["students"] > 2 else 1) * values["chance_hours"]
    for is_clinical in (False, True):
        weeks = history.calendar.is_teaching & (history.calendar.is_clinical == is_clinical)
        expected = scheduled(values, placement, is_clinical=is_clinical) + chance
        np.testing.assert_allclose(history.contact_hours[weeks].sum(axis=1), expected, rtol=1e-9)
    assert not history.contact_hours[~history.calendar.is_teaching].any()


@settings(max_examples=40)
@given(SCHEDULES, PLACEMENTS, SEEDS, st.floats(1, 300), st.floats(0, 1), st.floats(0.1, 0.9))
def test_no_more_elective_hours_are_met_than_are_wanted(values: dict[str, Any], placement: str, seed: int, sociability: float, online: float,
                                                        offsite: float) -> None:  # fmt: skip
    """Over the cohort; one student may meet more than he or she meant to, since two who mean u and v hours meet sqrt(uv)."""
    given_values = {**values, **NEVER_AWAY, "sociability_mean": sociability, "online_share": online, "offsite_availability": offsite, "crowd": 0}
    cohort = Cohort(Plan(scenario(given_values, placement)), seed)
    wanted = cohort.course.people.sociability.sum()
    cohort.run_to(cohort.n_steps)
    history = cohort.history()
    calendar, p = history.calendar, history.parameters
    in_groups = np.array([scheduled(values, placement, is_clinical=clinical) for clinical in (False, True)])[calendar.is_clinical.astype(int)]
    chance = 2 * (values["students"] if values["students"] > 2 else 1) * values["chance_hours"]
    elective = history.contact_hours.sum(axis=1) - np.where(calendar.is_teaching, in_groups + chance, 0.0)
    limit = wanted * np.where(calendar.is_teaching, 1.0, p.break_sociability)
    assert (elective >= -1e-6).all() and (elective <= limit * (1 + 1e-9) + 1e-6).all()
    if values["small_group_hours"] > 0.01:  # else nobody ever meets anybody
        assert elective.max() > 0


def effective_hours(cohort: Cohort) -> float:
    """H summed over pairs, what is only remembered faded to this step."""
    ties = cohort.course.ties
    total = ties.value[HOURS, : ties.end[N_MET]].sum()
    for k, n_kept in enumerate(ties.n_kept):
        total += (ties.kept_hours[k, :n_kept] * ties.fade[cohort.step_number - ties.kept_step[k, :n_kept]]).sum()
    return float(total)


@settings(max_examples=25)
@given(SCHEDULES, PLACEMENTS, SEEDS, st.floats(2, 200), st.sampled_from([1, 1, 2]))
def test_every_hour_together_counts_once_and_fades(values: dict[str, Any], placement: str, seed: int, half_life: float, steps: int) -> None:
    """With kappa 1 and pairs alike, H of the cohort is what it was, faded, and every hour of contact of the step: none lost, none made."""
    given_values = {**values, "kappa_campus": 1, "kappa_placement": 1, "compatibility_sd": 0, "forget_below": 0, "tie_half_life": half_life,
                    "onset_rate": 0.05, "steps_per_week": steps}  # fmt: skip
    cohort = Cohort(Plan(scenario(given_values, placement)), seed)
    left = 2 ** (-1 / steps / half_life)
    for step in range(1, cohort.n_steps, 7):
        cohort.run_to(step)
        before = effective_hours(cohort)
        cohort.run_to(step + 1)
        inflow = cohort.course.people.contact.sum() / 2
        assert effective_hours(cohort) == pytest.approx(before * left + inflow * half_life / math.log(2) * (1 - left), rel=1e-9, abs=1e-9)


@settings(max_examples=40)
@given(st.sampled_from(["volunteers", "elected", "selected", "one-per-site"]), st.sets(st.sampled_from(list(ADD_ONS))), SEEDS,
       st.floats(1, 30), st.floats(0, 12), st.integers(1, 9), st.floats(0, 3), st.floats(0, 0.5))  # fmt: skip
def test_officers_are_paid_for_each_week_in_post_and_check_in_once(design: str, add_ons: set[str], seed: int, students: float, hours: float,
                                                                   sites: int, leaving: float, dropout: float) -> None:  # fmt: skip
    values = {"students": 20, "students_per_officer": students, "officer_hours": hours, "sites": sites, "officer_exit": leaving,
              "volunteer_share": 0.6, "dropout_rate": dropout}  # fmt: skip
    history = run(scenario(values, officers=design, add_ons=add_ons), seed)
    seats = sites if design == "one-per-site" else max(1, math.floor(20 / students + 0.5))
    assert (history.is_officer.sum(axis=1) <= seats).all()
    assert history.officer_hours == pytest.approx(hours * 20 / students / seats * history.is_officer.sum(), rel=1e-9, abs=1e-9)
    if not dropout:  # else an officer who has checked in may leave in the same week
        assert history.n_checkins <= history.is_officer[history.calendar.is_teaching].sum()


@settings(max_examples=40)
@given(SEEDS, st.floats(0, 60), st.integers(1, 30), st.integers(1, 6))
def test_places_in_care_are_never_more_than_there_are_and_given_back(seed: int, places: float, weeks: int, waiting: int) -> None:
    """Where nobody is severe, and so nobody is escalated past the queue; who wants another course of care waits for it."""
    values = {"students": 20, "onset_rate": 0.1, "recovery_rate": 0.01, "worsening_rate": 0, "self_presentation": 0.5, "care_places": places,
              "care_weeks": weeks, "waiting_weeks": waiting}  # fmt: skip
    in_care = run(scenario(values), seed).care == 2
    assert (in_care.sum(axis=1) <= math.ceil(places * 20 / 100)).all()
    for student in in_care.T:
        edges = np.flatnonzero(np.diff(np.concatenate([[0], student, [0]])))
        assert (edges[1::2] - edges[::2] <= weeks).all()
    assert in_care.any() == (places > 0)
