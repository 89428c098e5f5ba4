"""Tiny histories for tests: a blank one, to be changed with `dataclasses.replace`, and episodes and ties in few words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from simulation.evidence.parameters import Values
from simulation.record.history import REASONS, SOURCES_OF_HELP, Episodes, History, TieSnapshot
from simulation.scenario.programme import Calendar


@dataclass(frozen=True)
class Spell:
    """One episode; steps of 0 or more, -1 for never.

    Attributes:
        student: row of the student.
        onset: onset step.
        steps: steps in distress.
        alone: how many of them without a friend.
        alone_at_onset: no friend in the onset step.
        early: began in the settling-in.
        censored: the course ended, or the student left, before recovery.
        noticed, offered, accepted, accepted_peer, referred, treated: first step in which it happened.
        noticed_by, accepted_by: a name of SOURCES_OF_HELP.
        reason: a name of REASONS; None for "reached" or "not noticed", as the rest has it.
    """

    student: int
    onset: int
    steps: int
    alone: int = 0
    alone_at_onset: bool = False
    early: bool = False
    censored: bool = False
    noticed: int = -1
    offered: int = -1
    accepted: int = -1
    accepted_peer: int = -1
    referred: int = -1
    treated: int = -1
    noticed_by: str = "nobody"
    accepted_by: str = "nobody"
    reason: str | None = None


def episodes(*spells: Spell) -> Episodes:
    """The record of the spells, in the order given."""

    def numbers(values: Iterable[int]) -> np.ndarray:
        return np.array(list(values), dtype=np.int64)

    def flags(values: Iterable[bool]) -> np.ndarray:
        return np.array(list(values), dtype=bool)

    reached = ["reached" if max(s.accepted, s.treated) >= 0 else "not noticed" for s in spells]
    return Episodes(
        student=numbers(s.student for s in spells),
        onset=numbers(s.onset for s in spells),
        end=numbers(-1 if s.censored else s.onset + s.steps for s in spells),
        n_steps=numbers(s.steps for s in spells),
        n_isolated_steps=numbers(s.alone for s in spells),
        is_isolated_at_onset=flags(s.alone_at_onset for s in spells),
        is_early=flags(s.early for s in spells),
        first_noticed=numbers(s.noticed for s in spells),
        first_offered=numbers(s.offered for s in spells),
        first_accepted=numbers(s.accepted for s in spells),
        first_accepted_peer=numbers(s.accepted_peer for s in spells),
        first_referred=numbers(s.referred for s in spells),
        first_treated=numbers(s.treated for s in spells),
        noticed_by=numbers(SOURCES_OF_HELP.index(s.noticed_by) for s in spells),
        accepted_by=numbers(SOURCES_OF_HELP.index(s.accepted_by) for s in spells),
        reason=numbers(REASONS.index(s.reason or implied) for s, implied in zip(spells, reached, strict=True)),
    )


def weeks(n: int, *, breaks: Iterable[int] = (), settling_in: int = 0) -> Calendar:
    """A calendar of n campus weeks, 52 a year: all teaching but the breaks (from 1), the first few the settling-in."""
    week = np.arange(1, n + 1)
    return Calendar(
        year=(week - 1) // 52 + 1,
        week_of_year=(week - 1) % 52 + 1,
        is_clinical=np.zeros(n, dtype=bool),
        is_teaching=~np.isin(week, list(breaks)),
        is_exam=np.zeros(n, dtype=bool),
        is_settling_in=week <= settling_in,
        term=np.zeros(n, dtype=np.int64),
        block=np.full(n, -1),
    )


def blank(calendar: Calendar, n_students: int, parameters: Values | None = None) -> History:
    """A history in which nothing happens: everybody present, well and without a friend, and no tie at any year-end."""

    def series(kind: type) -> np.ndarray:
        return np.zeros((calendar.n_weeks, n_students), dtype=kind)

    return History(
        parameters=parameters or Values(),
        seed=1,
        calendar=calendar,
        distress=series(np.int8),
        acquaintances=series(np.int16),
        friends=series(np.int16),
        close_friends=series(np.int16),
        contact_hours=series(np.float64),
        is_supported=series(np.bool_),
        care=series(np.int8),
        load=series(np.float64),
        n_supports_given=series(np.int16),
        is_officer=series(np.bool_),
        is_present=~series(np.bool_),
        site=series(np.int16) - 1,
        episodes=episodes(),
        ties={int(week): ties({}) for week in calendar.year_ends()},
        n_offers=np.zeros(n_students, dtype=np.int64),
        near_peer_load=np.zeros(0),
        n_checkins=0,
        n_false_checkins=0,
        n_kinds=(0, 0, 0),
        n_breaches=0,
        officer_hours=0.0,
        n_relocations=0,
        n_cross_group_ties_lost=0,
    )


def without(history: History, weeks: slice, students: int | slice = slice(None)) -> History:
    """The history with some students absent in some weeks (both rows, from 0)."""
    is_present = history.is_present.copy()
    is_present[weeks, students] = False
    return replace(history, is_present=is_present)


def ties(strengths: dict[tuple[int, int], float]) -> TieSnapshot:
    """A snapshot from pairs of rows (i < j) and their strengths."""
    pairs = np.array(list(strengths), dtype=np.int64).reshape(-1, 2)
    return TieSnapshot(pairs[:, 0], pairs[:, 1], np.array(list(strengths.values()), dtype=np.float64))


def by_student(*rows: list[float], kind: type = np.int16) -> np.ndarray:
    """A weekly series from one list a student: shape (weeks, students)."""
    return np.array(rows, dtype=kind).T
