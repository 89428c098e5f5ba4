"""Scenarios that between them switch on everything that the model has; short courses, so that the Mesa model can run them all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulation.evidence.parameters import PARAMETERS, Parameter, Values
from simulation.scenario.inputs import read_school
from simulation.scenario.scenario import Scenario, make_scenario
from simulation.scenario.school import School

EXAMPLE = Path(__file__).parents[2] / "examples" / "school"
SEEDS = (1, 2, 2**64 - 59)
ALL = "all"
SHORT = {"students": 40, "campus_years": 1, "clinical_years": 1, "volunteer_share": 0.5, "students_per_officer": 8}
BUSY = {**SHORT, "onset_rate": 0.03, "worsening_rate": 0.06, "notice_contact": 0.009, "breach": 0.05, "officer_exit": 2}
"""Much happens in a short course."""
OFF_BY_DEFAULT = {"contagion": 0.1, "staff_notice": 0.05, "recovery_slowing": 1, "crowding_out": 1, "outside_support": 1, "online_share": 0.5,
                  "dropout_rate": 0.3}  # fmt: skip
SCARCE = {**OFF_BY_DEFAULT, "load_on_onset": -0.1, "message_hours": 3, "care_places": 4, "waiting_weeks": 2}


@dataclass(frozen=True)
class Case:
    """A scenario, and the keys of its students where they are not 1..n."""

    scenario: Scenario
    keys: NDArray[np.int64] | None = None


def _raw(parameters: dict[str, float], placement: str = "auto", campus: str = "auto", officers: str = "none", add_ons: Any = (),
         training: Any = (), programme: str = "GE4") -> dict[str, Any]:  # fmt: skip
    return {"programme": programme, "grouping": {"placement": placement, "campus": campus}, "parameters": parameters,
            "support": {"officers": officers, "add_ons": add_ons if add_ons == ALL else list(add_ons),
                        "training": training if training == ALL else list(training)}}  # fmt: skip


# Names of rows that the scenarios below decide, or that a run does not read.
DECIDED = ("students", "campus_years", "clinical_years", "steps_per_week", "students_per_officer", "volunteer_share")


def _elsewhere(row: Parameter, up: bool) -> float:
    """An end of the range, or a value to that side of the default where the range is a point."""
    end = row.high if up else row.low
    if end != row.default:
        return end
    moved = row.default + (1 if up else -1) if row.is_integer else row.default * (1.15 if up else 0.87)
    return min(max(moved, row.minimum), row.maximum)


def moved(*, up_first: bool, in_turn: bool = False) -> dict[str, float]:
    """Every row of the table away from its default: all to one side, or to either side in turn (strengths, whose order matters, to one)."""
    rows = [row for row in PARAMETERS.values() if row.name not in DECIDED]
    return {row.name: _elsewhere(row, up_first != (in_turn and k % 2 == 1 and not row.name.endswith("_strength"))) for k, row in enumerate(rows)}


_SYNTHETIC: dict[str, dict[str, Any]] = {
    # the two programmes from beginning to end
    "GE4": _raw({"students": 40}),
    "UG5": _raw({"students": 40, "weekly_offers": 1, "preference_exponent": 1.2, "sites": 4}, "friends", programme="UG5"),
    # placement policies, campus policies and single switches
    "fixed": _raw({**BUSY, "block_weeks": 4}, "fixed", "stable", training=["information"]),
    "friends": _raw({**BUSY, "placement_group_size": 5}, "friends", "stable", training=["scripts"]),
    "isolate-aware": _raw({**BUSY, "block_weeks": 4, "placement_group_size": 4}, "isolate-aware", training=["red-flags"]),
    "alone": _raw({**BUSY, "block_weeks": 8}, "alone", training=["self-disclosure"]),
    "anchor-pair": _raw({**BUSY, "block_weeks": 5, "placement_group_size": 4}, "anchor-pair", training=["obligations"]),
    "home-group": _raw({**BUSY, "block_weeks": 4}, "home-group", training=["collegiality"]),
    "two-sites": _raw({**BUSY, "block_weeks": 4, "sites": 3}, "two-sites", "stable", training=ALL),
    # designs of officers, alone and with everything
    **{design: _raw(BUSY, officers=design, add_ons=[extra]) for design, extra in
       (("volunteers", "advice"), ("elected", "trust"), ("selected", "role-boundaries"), ("one-per-site", "breach-stress"),
        ("near-peer", "succession"))},
    "volunteers, all": _raw(BUSY, "home-group", officers="volunteers", add_ons=ALL),
    "elected, all": _raw(BUSY, "two-sites", officers="elected", add_ons=ALL, training=ALL),
    "selected, all": _raw(BUSY, "isolate-aware", officers="selected", add_ons=ALL),
    "one-per-site, all": _raw({**BUSY, "sites": 5}, officers="one-per-site", add_ons=ALL, training=ALL),
    "near-peer, all": _raw({**BUSY, "clinical_years": 2}, officers="near-peer", add_ons=ALL, training=ALL),
    "outreach alone": _raw({**BUSY, "weekly_offers": 1, "outreach_sensitivity": 1}, "alone", officers="near-peer", add_ons=["outreach"]),
    # what is off by default, places in care that run out, students who leave
    "switched on": _raw({**BUSY, **SCARCE}, "reshuffled"),
    "switched on, near-peers": _raw({**BUSY, **SCARCE, "clinical_years": 2}, "isolate-aware", officers="near-peer", add_ons=ALL),
    "switched on, volunteers": _raw({**BUSY, **SCARCE}, "home-group", "stable", "volunteers", ["outreach", "succession"], ALL),
    "switched on, one-per-site": _raw({**BUSY, **SCARCE, "dropout_rate": 1}, "anchor-pair", officers="one-per-site", add_ons=["advice"]),
    "checked on, and gone": _raw({**BUSY, "students": 13, "students_per_officer": 4, "officer_hours": 1, "notice_contact": 0.02, "dropout_rate": 2,
                                  "offer_intercept": 0}, officers="elected", add_ons=["outreach"]),
    "everybody leaves": _raw({**BUSY, "students": 12, "dropout_rate": 10, "onset_rate": 1, "clinical_years": 0}, officers="elected", add_ons=ALL),
    # steps, and everything away from its default
    "half weeks": _raw({**BUSY, "steps_per_week": 2}, "two-sites", officers="near-peer", add_ons=ALL, training=ALL),
    "half weeks, switched on": _raw({**BUSY, **SCARCE, "steps_per_week": 2}, "friends", officers="selected", add_ons=["outreach", "succession"]),
    "third weeks": _raw({**BUSY, **SCARCE, "steps_per_week": 3, "students": 25, "clinical_years": 0}, officers="volunteers", add_ons=["outreach"]),
    "up": _raw({**moved(up_first=True), **SHORT}, officers="elected", add_ons=ALL, training=ALL),
    "down": _raw({**moved(up_first=False), **SHORT}, "home-group", "stable", "volunteers", ["outreach", "trust"], ALL),
    "up and down": _raw({**moved(up_first=True, in_turn=True), **SHORT}, "isolate-aware", officers="near-peer", add_ons=ALL, training=["scripts"]),
    "down and up": _raw({**moved(up_first=False, in_turn=True), **SHORT}, "two-sites", officers="selected", add_ons=ALL, training=ALL),
    # cohorts of two and of three
    "every trace counts": _raw({**BUSY, "least_common_friends": 0, "least_strength": 0, "forget_below": 0.0001}, "friends"),
    "two": _raw({**BUSY, "students": 2, "onset_rate": 0.2}, "anchor-pair", officers="volunteers", add_ons=["outreach"]),
    "three": _raw({**BUSY, "students": 3, "onset_rate": 0.2, "students_per_officer": 2}, "isolate-aware", officers="near-peer", add_ons=ALL),
    # large
    "150": _raw({"students": 150, "campus_years": 1, "clinical_years": 1}),
    "150, switched on": _raw({**SCARCE, "students": 150, "campus_years": 1, "clinical_years": 1, "breach": 0.05}, "isolate-aware",
                             officers="near-peer", add_ons=ALL, training=ALL),
}  # fmt: skip
_OTHER_KEYS = ("isolate-aware", "near-peer, all", "switched on", "half weeks")
_WITH_SCHOOL: dict[str, tuple[str, dict[str, Any]]] = {
    "school": ("whole", _raw({"campus_years": 1, "breach": 0.05}, officers="one-per-site", add_ons=["outreach", "succession"])),
    "school of 40": ("small", _raw({**BUSY, "clinical_years": 2}, officers="one-per-site", add_ons=ALL, training=ALL)),
    "school of 40, switched on": ("small", _raw({**BUSY, **SCARCE, "clinical_years": 2}, officers="near-peer", add_ons=["outreach", "succession"])),
    "school of 40, two sites": ("small", _raw({**BUSY, "clinical_years": 2}, "two-sites", officers="selected", add_ons=ALL)),
    "school of 40, isolate-aware": ("small", _raw({**BUSY, "clinical_years": 2}, "isolate-aware", "stable")),
    "school of 40, other weeks": ("other weeks", _raw({**BUSY, **SCARCE}, officers="volunteers", add_ons=["outreach"])),
    "friendships from week 1": ("friendships", _raw(BUSY, "anchor-pair", officers="elected", add_ons=ALL)),
    "roster": ("roster", _raw({**BUSY, "dropout_rate": 0.5})),
}
NAMES = (*_SYNTHETIC, *(f"{name}, other keys" for name in _OTHER_KEYS), *_WITH_SCHOOL)


@cache
def _school(which: str) -> School:
    """The example school, its first 40 students, or parts of what it gives; one campus year."""
    files = [EXAMPLE / f"{name}.csv" for name in ("roster", "timetable", "friendships", "sites")]
    values = replace(Values(), campus_years=1)
    if which == "whole":
        return read_school(*files, values=values)
    if which in ("friendships", "roster"):
        return first_students(read_school(files[0], None, files[2] if which == "friendships" else None, values=values), 40)
    school = first_students(read_school(*files, values=values), 40)
    if which == "small":
        return school
    # Placements in campus weeks and in breaks, before the friendships and after, beside one another and twice at one place.
    t = school.timetable
    assert t is not None
    early, again = replace(t, first_week=t.first_week - 40, last_week=t.last_week - 40), np.flatnonzero(t.student % 3 == 0)
    rows = {name: np.concatenate([getattr(early, name), getattr(early, name)[again]]) for name in vars(t)}
    rows["hours"][-len(again) :] /= 4
    is_elsewhere = np.arange(len(again)) % 2 == 1
    rows["site"][-len(again) :][is_elsewhere], rows["team"][-len(again) :][is_elsewhere] = 0, -1
    return replace(school, timetable=replace(early, **rows), start_week=30)


def first_students(school: School, n: int) -> School:
    """A school of its first n students alone."""
    t, listed = school.timetable, school.friend_b < n
    if t is not None:
        theirs = t.student < n
        t = replace(t, **{name: getattr(t, name)[theirs] for name in vars(t)})
    groups = None if school.campus_group is None else school.campus_group[:n]
    return replace(school, n_students=n, attributes=school.attributes[:n], campus_group=groups, timetable=t, friend_a=school.friend_a[listed],
                   friend_b=school.friend_b[listed], friend_hours=school.friend_hours[listed])  # fmt: skip


@cache
def case(name: str) -> Case:
    """The case of a name in NAMES."""
    if name in _WITH_SCHOOL:
        which, raw = _WITH_SCHOOL[name]
        return Case(make_scenario(raw, label=name, school=_school(which)))
    raw, _, other = name.partition(", other keys")[0], None, name.endswith(", other keys")
    scenario = make_scenario(_SYNTHETIC[raw], label=name)
    n = scenario.parameters.students
    # Descending, with gaps, and far above the number of rows.
    return Case(scenario, 10_000 - 7 * np.arange(n) if other else None)
