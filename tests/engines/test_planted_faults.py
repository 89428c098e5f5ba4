"""The comparison of the engines sees faults: each of these, planted in a kernel, makes it fail.

The kernels run as the Python that they are written in, on a small cohort for a year, so that nothing has to be compiled for a fault.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from simulation.engine import care, common_friends, draws, episodes, helping, meeting, noticing, officers, record, state, stigma, ties, week
from simulation.scenario.scenario import make_scenario
from tests.engines.agreement import first_difference
from tests.engines.interpreted import in_python, replaced
from tests.engines.scenarios import ALL, Case

_BUSY = {"students": 13, "students_per_officer": 4, "volunteer_share": 0.6, "officer_hours": 1, "officer_exit": 3, "notice_contact": 0.02,
         "onset_rate": 0.06, "recovery_rate": 0.4, "disclosure_rate": 0.5, "offer_intercept": 0, "accept_intercept": 0, "worsening_rate": 0.1,
         "care_places": 12, "waiting_weeks": 1, "self_presentation": 0.05, "contagion": 0.1, "exam_multiplier": 8,
         "breach": 0.4, "breach_on_worry": 2}  # fmt: skip
_SUPPORT = {"officers": "elected", "add_ons": ["outreach", "succession"], "training": ALL}


def _case(years: str, support: dict[str, Any], placement: str = "auto", **parameters: float) -> Case:
    both = {"campus_years": int(years == "campus"), "clinical_years": int(years == "clinical")}
    return Case(make_scenario({"support": support, "grouping": {"placement": placement}, "parameters": {**_BUSY, **both, **parameters}}))


CAMPUS = _case("campus", _SUPPORT)
PLACEMENT = _case("clinical", _SUPPORT, "two-sites", block_weeks=4, worsening_rate=0.5)
RESERVED = _case("campus", _SUPPORT, offer_intercept=-5)
LEAVERS = _case("clinical", {"officers": "elected", "add_ons": ["succession"]}, dropout_rate=4, officer_exit=0.2)
Kernel = Callable[..., Any]


def _another_stream(name: str) -> Callable[[Any], Any]:
    return lambda _: getattr(draws, name)


def _without(place: int) -> Callable[[Kernel], Kernel]:
    """The same with 0 for one of its arguments."""
    return lambda f: lambda *given: f(*given[:place], 0.0, *given[place + 1 :])


def _a_week_late(f: Kernel) -> Kernel:
    def moved(world: Any, p: Any, now: Any, *rest: Any) -> Any:
        return f(world, p, now._replace(week_of_year=now.week_of_year - 1), *rest)

    return moved


def _next_weeks_ring(f: Kernel) -> Kernel:
    def moved(world: Any, now: Any, *rest: Any) -> Any:
        return f(world, now._replace(week=now.week + 1), *rest)

    return moved


def _exams_of_next_week(f: Kernel) -> Kernel:
    def moved(world: Any, weeks: Any, step: int) -> Any:
        return f(world, weeks, step)._replace(is_exam=f(world, weeks, min(step + 1, 52)).is_exam)

    return moved


def _counted_twice(f: Kernel) -> Kernel:
    """The last who noticed stands there once more."""

    def moved(*given: Any) -> Any:
        encounters = f(*given)
        n = encounters.used[0]
        if n:
            for column in encounters[:-1]:
                column[n] = column[n - 1]
            encounters.used[0] = n + 1
        return encounters

    return moved


def _stale_row(f: Kernel) -> Kernel:
    """The strengths of student 3's ties stay what they were when the step began."""

    def moved(world: Any, p: Any, now: Any, people: Any, ties: Any, *rest: Any) -> Any:
        n = ties.n_pairs[3]
        before = dict(zip(ties.other[3, :n].tolist(), ties.value[state.STRENGTH, ties.pair[3, :n]].tolist(), strict=True))
        ties = f(world, p, now, people, ties, *rest)
        for k in range(ties.n_pairs[3]):
            ties.value[state.STRENGTH, ties.pair[3, k]] = before.get(int(ties.other[3, k]), 0.0)
        return ties

    return moved


def _never_recounted(f: Kernel) -> Kernel:
    """Friends in common are counted in the first week alone."""

    def moved(*given: Any) -> Any:
        now = next(value for value in given if isinstance(value, state.Now))
        return f(*given) if now.week == 1 else next(value for value in given if isinstance(value, state.Ties))

    return moved


FAULTS: dict[str, tuple[Case, ModuleType, str, Callable[[Any], Any]]] = {
    "offers from the stream of accepting": (CAMPUS, draws, "OFFER", _another_stream("ACCEPT")),
    "plans from the stream of referrals": (CAMPUS, draws, "PLAN", _another_stream("REFERRAL")),
    "routes from the stream of escalating": (PLACEMENT, draws, "ROUTE", _another_stream("ESCALATE")),
    "the second sites from the stream of the first": (PLACEMENT, draws, "SECOND_SITE_ORDER", _another_stream("SITE_ORDER")),
    "disease-framed teaching a week late": (CAMPUS, stigma, "teach", _a_week_late),
    "the ring of the week after": (CAMPUS, meeting, "stand_on_ring", _next_weeks_ring),
    "exams a week early": (CAMPUS, week, "step_at", _exams_of_next_week),
    "a helper counted twice": (CAMPUS, noticing, "notice", _counted_twice),
    "offers whatever the helper's load": (CAMPUS, helping, "_offer_logit", _without(5)),
    "offers whatever the tie": (PLACEMENT, helping, "_offer_logit", _without(1)),
    "acceptance whatever the worry": (CAMPUS, helping, "_accept_logit", _without(3)),
    "a stale tie": (CAMPUS, meeting, "update_ties", _stale_row),
    "hours forgotten from one week to the next": (CAMPUS, ties, "kept_now", lambda f: lambda *given: 0.0),
    "stale friends in common": (CAMPUS, common_friends, "count_common_friends", _never_recounted),
    "officers without a limit": (CAMPUS, helping, "_limit", lambda f: lambda p, hours, is_officer, has_checked_in: f(p, hours, False, False)),
    "check-ins that take no time": (CAMPUS, helping, "_limit", lambda f: lambda p, hours, is_officer, has_checked_in: f(p, hours, is_officer, False)),
    "leavers keep their seats": (LEAVERS, officers, "give_up_seat", lambda f: lambda people, seats, row: None),
    "a disclosure heard again and again": (CAMPUS, stigma, "_hear", lambda f: lambda *given: (f(*given)[0], True)),
    "places in care without a limit": (CAMPUS, care, "_fill_places", lambda f: lambda *given: f(*given[:-1], given[-2])),
    "frailty from the stream of openness": (CAMPUS, draws, "FRAILTY", _another_stream("OPENNESS")),
    "the last who did not offer is the likeliest": (RESERVED, episodes, "is_likelier", lambda f: lambda *given: True),
    "moves between sites not noted": (PLACEMENT, record, "note_moves", lambda f: lambda *given: None),
}  # fmt: skip


@pytest.mark.parametrize("case", [CAMPUS, PLACEMENT, RESERVED, LEAVERS], ids=["campus", "placement", "reserved", "leavers"])
def test_without_a_fault_they_agree(case: Case) -> None:
    with in_python():
        assert first_difference(case, 1) == ""


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_seen(fault: str) -> None:
    case, module, name, make = FAULTS[fault]
    with in_python(), replaced(module, name, make):
        assert first_difference(case, 1) != ""
