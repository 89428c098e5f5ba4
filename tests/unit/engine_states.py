"""Small states of the array engine for its unit tests, with the room that a run has: everybody well and average, nobody tied to anybody.

The kernels run as the Python that they are written in, without the time to compile them; ENGINE_TESTS=compiled in the environment compiles them.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from simulation.engine import episodes, escalation, helping, noticing, officers, pairs, start, ties
from simulation.engine.state import (
    MET,
    N_TIED,
    N_TOGETHER,
    OVERLAP,
    STRENGTH,
    TOGETHER,
    WORLD,
    Encounters,
    Episodes,
    Gatherings,
    Now,
    parameter_record,
)
from simulation.evidence.parameters import Values
from simulation.streams import uniform
from tests.engines import interpreted

SEED = 11
FIRST_STEP = Now(step=1, week=1, year=1, week_of_year=1, is_first_step=True, is_last_step=True, is_teaching=True, is_clinical=False, is_exam=False,
                 is_settling_in=True, term=0, block=-1)  # fmt: skip


def in_python() -> Iterator[None]:
    """The kernels as Python, for a fixture of a module; that compiling them changes nothing is for the engines' agreement test."""
    if os.environ.get("ENGINE_TESTS") == "compiled":
        yield
        return
    with interpreted.in_python():
        yield


def empty_gatherings(n: int, n_sites: int, n_gatherings: int = 1, n_members: int = 1) -> Gatherings:
    """Nobody is scheduled."""
    return Gatherings(np.zeros(n_gatherings + 1, np.int64), np.zeros(n_members, np.int64), np.zeros(n_members), np.ones(n_gatherings),
                      np.full(n_gatherings, -1), np.zeros(n_gatherings, np.bool_), np.zeros(1, np.int64), np.zeros((n, n_sites)),
                      np.zeros(n_sites, np.bool_))  # fmt: skip


class State:
    """Everybody well, present and average in the first week of a campus course of two years; all seats are vacant.

    Args:
        keys: of the students.
        design, n_seats: officers; near-peers have rows of their own.
        world: what is set in it.
        parameters: values other than the defaults.
    """

    def __init__(self, keys: Any, design: int = officers.NO_OFFICERS, n_seats: int = 0, *, world: dict[str, Any] | None = None,
                 **parameters: float) -> None:  # fmt: skip
        n = self.n = len(keys)
        m = self.m = n + (n_seats if design == officers.NEAR_PEER else 0)
        self.world = np.zeros(1, WORLD)[0]
        settings = {"seed": SEED, "n": n, "m": m, "dt": 1.0, "steps_per_week": 1, "n_weeks": 104, "n_years": 2, "n_sites": 2, "design": design,
                    "contracted_hours": 3.0}  # fmt: skip
        for name, value in (settings | (world or {})).items():
            self.world[name] = value
        self.values, self.now = replace(Values(), **parameters), FIRST_STEP
        self.p = parameter_record(self.values)
        self.people = start.empty_people(n, m, np.asarray(keys))
        self.seats = start.empty_seats(n_seats)
        self.gatherings = empty_gatherings(n, self.world.n_sites)
        self.episodes = start.empty_episodes(n, self.world.n_weeks)
        self.encounters = start.empty_encounters(n)
        self.totals = start.empty_totals(n, self.world.n_weeks, n_seats)
        self.weekly = start.empty_weekly(self.world.n_weeks, n)
        self.accepted = np.ones(n, np.bool_)
        self.part_with_all()

    def use(self, **parameters: float) -> None:
        """Change parameter values."""
        self.values = replace(self.values, **parameters)
        self.p = parameter_record(self.values)
        self._fade_anew()

    def set(self, i: int, **values: Any) -> None:
        """Give row i of the people these values."""
        for name, value in values.items():
            self.people[name][i] = value

    def hold(self, **values: Any) -> None:
        """What is to hold for the whole run."""
        for name, value in values.items():
            self.world[name] = value
        self._fade_anew()

    def _fade_anew(self) -> None:
        self.ties = self.ties._replace(fade=start.empty_ties(self.world, self.p, self.ties.attribute).fade)

    def part_with_all(self) -> None:
        """Nobody has met anybody; what is read of the table all the same is no number, and nobody's row."""
        self.ties = start.empty_ties(self.world, self.p, np.zeros((self.n, 2), np.int64))
        self.ties.value[:], self.ties.kept_hours[:] = np.nan, np.nan
        for nobody in (self.ties.first, self.ties.second, self.ties.met_on, self.ties.place, self.ties.other, self.ties.pair, self.ties.kept_other,
                       self.ties.kept_step):  # fmt: skip
            nobody[:] = np.iinfo(np.int32).max

    def tie(self, i: int, j: int, strength: float = 0.0, together: float = 0.0, met: float = 0.0, overlap: float = 1.0) -> None:
        """A tie as the tie phase leaves it."""
        self.give_hours(i, j, -self.p.friend_hours * math.log2(1.0 - strength))
        q = pairs.find(self.ties, i, j)
        while together > 0.0 and q >= self.ties.end[N_TOGETHER]:
            q = pairs.lift(self.ties, q)
        for value, number in ((STRENGTH, strength), (TOGETHER, together), (MET, met), (OVERLAP, overlap)):
            self.ties.value[value, q] = number
        assert q < self.ties.end[N_TIED]

    def give_hours(self, i: int, j: int, hours: float) -> None:
        """H of two people."""
        self.ties = ties.set_hours(self.ties, self.world, self.p, self.gatherings, self.now, i, j, hours)

    def hours(self, i: int, j: int, step: int = 1) -> float:
        """H, the same whoever is asked."""
        both = [ties.hours_now(self.ties, self.p, self.now._replace(step=step), a, b) for a, b in ((i, j), (j, i))]
        assert both[0] == both[1]
        return float(both[0])

    def value(self, value: int, i: int, j: int) -> float:
        """A value of the pair of i and j, which stands in the table."""
        q = pairs.find(self.ties, i, j)
        assert q >= 0
        return float(self.ties.value[value, q])

    def keep_episodes(self, record: Episodes) -> None:
        """The record as a kernel gives it back; where it is compiled, rows can no longer be read like attributes."""
        self.episodes = Episodes(record.rows.view(np.recarray), record.used)

    def distress(self, i: int, distress: int = 1, onset: int | None = None) -> None:
        """An episode of student i, which began 3 steps ago unless said."""
        self.people.distress[i], self.people.onset[i] = distress, self.now.step - 3 if onset is None else onset
        self.keep_episodes(episodes.open_episode(self.people, self.episodes, i, self.people.onset[i], True, False))


SENIOR = 4  # row of the near-peer
STEP = 10
KEYS = (11, 12, 13, 14, 2**32 + 5)


class Small(State):
    """Students 0 to 3 and, in row 4, a near-peer officer in post, in step 10, a teaching week of a campus year; for phases 6 to 12.

    Args:
        room: for episodes and encounters.
        parameters: values other than the defaults.
    """

    def __init__(self, room: int = 8, **parameters: float) -> None:
        super().__init__(KEYS[:4], officers.NEAR_PEER, 1, **parameters)
        self.now = FIRST_STEP._replace(step=STEP, week=STEP, week_of_year=STEP, is_settling_in=False)
        self.set(SENIOR, key=KEYS[SENIOR], is_present=True, is_officer=True)
        self.seats.row[0] = SENIOR
        self.episodes = Episodes(self.episodes.rows[:room].copy(), self.episodes.used)
        self.encounters = start.empty_columns(Encounters, room)

    def meet(self, i: int, j: int, strength: float = 0.0, is_checkin: bool = False, is_made: bool = False) -> None:
        """An encounter of this step: j noticed i."""
        r = self.encounters.used[0]
        self.encounters.seeker[r], self.encounters.helper[r], self.encounters.strength[r] = i, j, strength
        self.encounters.is_checkin[r], self.encounters.is_made[r] = is_checkin, is_made
        self.encounters.used[0] = r + 1

    def notice(self) -> set[tuple[int, int]]:
        """The phase; returns who was noticed by whom."""
        self.encounters = noticing.notice(self.world, self.p, self.now, self.people, self.ties, self.episodes, self.encounters)
        rows = range(self.encounters.used[0])
        pairs = [(int(self.encounters.seeker[r]), int(self.encounters.helper[r])) for r in rows]
        assert len(set(pairs)) == len(pairs), "somebody noticed twice"
        return set(pairs)

    def offer(self) -> list[bool]:
        """The phase; returns which offers were made."""
        helping.offer(self.world, self.p, self.now, self.people, self.seats, self.ties, self.episodes, self.totals, self.encounters)
        return [bool(made) for made in self.encounters.is_made[: self.encounters.used[0]]]

    def accept(self) -> tuple[int, int, int]:
        """The phase; returns comfort, plans and referrals so far."""
        helping.accept(self.world, self.p, self.now, self.people, self.ties, self.episodes, self.totals, self.weekly, self.encounters)
        return tuple(int(kind) for kind in self.totals.n_kinds)

    def escalate(self) -> list[int]:
        """The phase; returns who accepted an escalation."""
        escalation.escalate(self.world, self.p, self.now, self.people, self.encounters, self.accepted)
        return [int(i) for i in np.flatnonzero(self.accepted)]


class School(State):
    """Students who are willing, whose rows are not in the order of their keys, and vacant seats; officers do not leave unless `parameters` say so."""

    def __init__(self, design: int, n: int = 8, seats: int = 3, world: dict[str, Any] | None = None, **parameters: float) -> None:
        self.keys = (np.arange(n) * 5) % n + 1 if math.gcd(5, n) == 1 else np.arange(n, 0, -1)
        super().__init__(self.keys, design, seats, world={"n_sites": seats} | (world or {}), **({"officer_exit": 0.0} | parameters))
        self.people.is_willing[:n] = True

    def change(self, **now: Any) -> list[int]:
        """Phase 2, in the first step unless said; returns who sits in the seats."""
        self.ties = officers.change_officers(self.world, self.p, self.now._replace(**now), self.people, self.ties, self.gatherings, self.seats)
        return [int(row) for row in self.seats.row]

    def reach_out(self, **now: Any) -> None:
        """Phase 3, in the first step unless said."""
        officers.reach_out(self.world, self.p, self.now._replace(**now), self.people, self.seats, self.totals)

    def hashed(self, year: int = 1) -> list[int]:
        """All students in hashed order of (officer_choice, t = year)."""
        return [int(i) for i in np.argsort(uniform(SEED, "officer_choice", year, self.keys))]

    def let_leave(self, n_leaving: int, step: int, factor: float = 1.0) -> list[int]:
        """Set `officer_exit` so that exactly so many of those in post leave in a step; returns their rows, who leaves first by draw."""
        rows = [int(row) for row in self.seats.row if row >= 0]
        draws = uniform(SEED, "officer_exit", step, self.people.key[rows])
        order = np.argsort(draws)
        last = draws[order[n_leaving - 1]]
        p_exit = (last + (draws[order[n_leaving]] if n_leaving < len(rows) else 1.0)) / 2.0
        self.use(officer_exit=-math.log(1.0 - p_exit) * 52.0 / self.world.dt / factor)
        return [rows[q] for q in order[:n_leaving]]


def draw(stream: str, i: int, j: int | None = None, t: int = STEP) -> float:
    """The uniform draw of a student of `Small`, or the directed draw of i and j."""
    return float(uniform(SEED, stream, t, KEYS[i], 0 if j is None else KEYS[j])[0])


def log_odds(u: float) -> float:
    """The log odds of a probability."""
    return math.log(u / (1.0 - u))


def turns_at(value: float, happens: Callable[[float], bool]) -> None:
    """It happens just above the value, and not just below."""
    step = 1e-9 * max(1.0, abs(value))
    assert not happens(value - step), "below"
    assert happens(value + step), "above"
