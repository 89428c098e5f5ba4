"""The history of one run: weekly series, episodes and why each was missed, ties at chosen weeks (docs/model.md, section 10).

Both engines fill this and nothing else; outcomes read this and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulation.scenario.programme import Calendar

REASONS = ("reached", "refused", "weekly limit", "expertise", "stigma", "boundary", "load", "weak tie", "own distress", "reluctance", "chance",
           "brief", "nobody there", "not noticed")  # fmt: skip
REASON_TEXTS = {
    "refused": "help was offered and not accepted",
    "weekly limit": "noticed; the likeliest helper had no hours left that week",
    "expertise": "noticed; the likeliest helper felt short of expertise",
    "stigma": "noticed; stigma held the likeliest helper back",
    "boundary": "noticed; the likeliest helper was unsure of the role's boundaries",
    "load": "noticed; the likeliest helper already carried much",
    "weak tie": "noticed; the likeliest helper hardly knew the student",
    "own distress": "noticed; the likeliest helper was distressed too",
    "reluctance": "noticed; the likeliest helper was reluctant in general",
    "chance": "noticed; the likeliest helper was as ready as most and yet did not offer",
    "brief": "over before anybody could notice",
    "nobody there": "no acquaintance, and nobody placed or grouped with them",
    "not noticed": "there were people around, and nobody noticed",
}
SOURCES_OF_HELP = ("nobody", "peer", "officer", "staff")
CARE_STATES = ("none", "waiting", "in care")

Value = TypeVar("Value")

_NEVER = ("end", "first_noticed", "first_offered", "first_accepted", "first_accepted_peer", "first_referred", "first_treated")


def _close(record: object) -> None:
    """Make the arrays of a record read-only: what outcomes share is computed once, so what they are computed from must not change."""
    for name, value in vars(record).items():
        if isinstance(value, np.ndarray):
            view = value.view()  # who filled the array may go on with it
            view.flags.writeable = False
            object.__setattr__(record, name, view)


@dataclass(frozen=True)
class Episodes:
    """One row an episode; every array has shape (episodes,), ordered by (onset, student).

    Attributes:
        student: row of the student.
        onset: onset step (0: distressed at entry).
        end: step in which the student was well again; -1 where censored.
        n_steps, n_isolated_steps: steps with D >= 1, and those of them with F = 0.
        is_isolated_at_onset: F = 0 in the onset step.
        is_early: it began in the settling-in.
        first_noticed, first_offered, first_accepted, first_accepted_peer, first_referred, first_treated: steps; -1 if never.
        noticed_by, accepted_by: index into SOURCES_OF_HELP of who did so first.
        reason: index into REASONS.
    """

    student: NDArray[np.int64]
    onset: NDArray[np.int64]
    end: NDArray[np.int64]
    n_steps: NDArray[np.int64]
    n_isolated_steps: NDArray[np.int64]
    is_isolated_at_onset: NDArray[np.bool_]
    is_early: NDArray[np.bool_]
    first_noticed: NDArray[np.int64]
    first_offered: NDArray[np.int64]
    first_accepted: NDArray[np.int64]
    first_accepted_peer: NDArray[np.int64]
    first_referred: NDArray[np.int64]
    first_treated: NDArray[np.int64]
    noticed_by: NDArray[np.int64]
    accepted_by: NDArray[np.int64]
    reason: NDArray[np.int64]

    def __post_init__(self) -> None:
        _close(self)

    def __len__(self) -> int:
        return len(self.student)

    @property
    def is_reached(self) -> NDArray[np.bool_]:
        """Accepted support from anybody, or care begun."""
        return (self.first_accepted >= 0) | (self.first_treated >= 0)


@dataclass(frozen=True)
class TieSnapshot:
    """Ties of at least `recorded_strength` at the end of a week; arrays of shape (ties,), i < j are rows of students."""

    i: NDArray[np.int64]
    j: NDArray[np.int64]
    strength: NDArray[np.float64]

    def __post_init__(self) -> None:
        _close(self)


@dataclass(frozen=True)
class History:
    """Everything that is counted of a run. Its arrays are read-only; `dataclasses.replace` makes another history.

    Attributes:
        parameters: the parameter values in force (simulation.evidence.parameters.Values).
        seed: the run's seed.
        calendar: the course's weeks.
        distress, acquaintances, friends, close_friends, contact_hours, is_supported, care, load, n_supports_given, is_officer, is_present,
        site: weekly series of shape (weeks, students), at the end of the week; `is_supported` and `n_supports_given` cover the whole week,
            `contact_hours` is its mean in pair-hours a week, `site` is the main site's number or -1.
        episodes: all of them.
        ties: week -> snapshot; the year-ends at least.
        n_offers: offers made by each student over the course, shape (students,).
        near_peer_load: load of near-peer officers, one entry a week in post.
        n_checkins, n_false_checkins: outreach.
        n_kinds: accepted supports by kind: comfort, plan, referral.
        n_breaches: breaches of confidence.
        officer_hours: contracted hours times weeks in post, summed over officers.
        n_relocations, n_cross_group_ties_lost: costs of a placement policy.
        spread_sites: names of sites where hours were spread over expected companions.
        has_school: a school's roster was given, so nothing about a single student may be written.
        friendships_from: week in which a school's listed friendships replaced the simulated ties; 0 without. Ties before and after are not compared.
        kept: what functions marked `once` gave for this history.
    """

    parameters: Any
    seed: int
    calendar: Calendar
    distress: NDArray[np.int8]
    acquaintances: NDArray[np.int16]
    friends: NDArray[np.int16]
    close_friends: NDArray[np.int16]
    contact_hours: NDArray[np.float64]
    is_supported: NDArray[np.bool_]
    care: NDArray[np.int8]
    load: NDArray[np.float64]
    n_supports_given: NDArray[np.int16]
    is_officer: NDArray[np.bool_]
    is_present: NDArray[np.bool_]
    site: NDArray[np.int16]
    episodes: Episodes
    ties: dict[int, TieSnapshot]
    n_offers: NDArray[np.int64]
    near_peer_load: NDArray[np.float64]
    n_checkins: int
    n_false_checkins: int
    n_kinds: tuple[int, int, int]
    n_breaches: int
    officer_hours: float
    n_relocations: int
    n_cross_group_ties_lost: int
    spread_sites: tuple[str, ...] = field(default=())
    has_school: bool = False
    friendships_from: int = 0
    kept: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        _close(self)

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "kept": {}}

    @property
    def n_students(self) -> int:
        """Students enrolled."""
        return self.distress.shape[1]

    def week_of(self, step: NDArray[np.int64]) -> NDArray[np.int64]:
        """Week of the course (from 1) of each step; steps below 1 stay as they are."""
        return np.where(step >= 1, (step - 1) // self.parameters.steps_per_week + 1, step)

    def weekly_frame(self) -> pd.DataFrame:
        """One row a week, aggregated over students: what `wardmates run` shows."""
        from simulation.record.series import WEEKLY

        calendar = self.calendar
        return pd.DataFrame({
            "week": np.arange(1, calendar.n_weeks + 1), "year": calendar.year, "week_of_year": calendar.week_of_year,
            "is_clinical": calendar.is_clinical, "is_teaching": calendar.is_teaching, "is_exam": calendar.is_exam,
            "is_settling_in": calendar.is_settling_in, **{name: by_week(self) for name, by_week in WEEKLY.items()},
        })  # fmt: skip

    def episode_frame(self) -> pd.DataFrame:
        """One row an episode, in weeks of the course, with the reason in words; never written where a roster was given."""
        e = self.episodes
        frame = pd.DataFrame({"student": e.student + 1, "onset_week": self.week_of(e.onset)})
        for name in _NEVER:
            frame[f"{name}_week"] = pd.array(np.where(getattr(e, name) < 0, 0, self.week_of(getattr(e, name))), dtype="Int64")
            frame.loc[getattr(e, name) < 0, f"{name}_week"] = pd.NA
        frame["weeks"] = e.n_steps / self.parameters.steps_per_week
        frame["isolated_weeks"] = e.n_isolated_steps / self.parameters.steps_per_week
        frame["is_isolated_at_onset"], frame["is_early"], frame["is_reached"] = e.is_isolated_at_onset, e.is_early, e.is_reached
        frame["noticed_by"] = np.array(SOURCES_OF_HELP)[e.noticed_by]
        frame["accepted_by"] = np.array(SOURCES_OF_HELP)[e.accepted_by]
        frame["reason"] = np.array(REASONS)[e.reason]
        return frame


def once(of: Callable[[History], Value]) -> Callable[[History], Value]:
    """Mark a function of a history whose result several outcomes share: it is computed when it is first asked for, and kept with the history."""

    @wraps(of)
    def kept(history: History) -> Value:
        try:
            return history.kept[of]
        except KeyError:
            value = of(history)
        if isinstance(value, np.ndarray):
            value.flags.writeable = False
        history.kept[of] = value
        return value

    return kept
