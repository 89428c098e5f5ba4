"""A hand-made state of the array engine: students 0 to 3 (keys 11 to 14), and row 4, the seat of a near-peer officer."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
from numba.core.dispatcher import Dispatcher

from simulation.engine import draws, episodes, escalation, helping, noticing, officers, start, ties
from simulation.engine.state import (
    EPISODES,
    MET,
    N_ALL,
    N_MET,
    N_TIED,
    N_TOGETHER,
    OVERLAP,
    STRENGTH,
    TOGETHER,
    WORLD,
    Episodes,
    Now,
    parameter_record,
)
from simulation.evidence.parameters import Values
from simulation.streams import uniform

SEED, N, NEAR_PEER = 7, 4, 4
KEYS = (11, 12, 13, 14, 2**32 + 5)
STEP = 10


@contextmanager
def in_python() -> Iterator[None]:
    """The kernels as the Python that they are written in, without the time to compile them, unless ENGINE_TESTS=compiled is in the environment."""
    if os.environ.get("ENGINE_TESTS") == "compiled":
        yield
        return
    compiled = [(module, name, kernel) for module in (draws, episodes, escalation, helping, noticing, officers, ties)
                for name, kernel in vars(module).items() if isinstance(kernel, Dispatcher)]  # fmt: skip
    try:
        for module, name, kernel in compiled:
            setattr(module, name, kernel.py_func)
        with np.errstate(over="ignore"):  # hashes are modulo 2^64
            yield
    finally:
        for module, name, kernel in compiled:
            setattr(module, name, kernel)


class Small:
    """Everybody well, present and average, nobody tied to anybody; a teaching week of a campus year."""

    def __init__(self, room: int = 8, **parameters: float) -> None:
        self.world = np.zeros(1, WORLD)[0]
        self.hold(seed=SEED, n=N, m=N + 1, dt=1.0, steps_per_week=1, n_weeks=52, n_years=1, n_sites=2, design=5, contracted_hours=3.0)
        self.use(**parameters)
        self.now = Now(step=STEP, week=STEP, year=1, week_of_year=STEP, is_first_step=True, is_last_step=True, is_teaching=True, is_clinical=False,
                       is_exam=False, is_settling_in=False, term=0, block=-1)  # fmt: skip
        self.people = start.empty_people(N, N + 1, np.array(KEYS[:N]))
        self.people.key[:] = KEYS
        self.people.attendance[:], self.people.is_present[:], self.people.is_officer[NEAR_PEER] = 1.0, True, True
        self.ties = start.empty_ties(self.world, self.p, np.zeros((N, 2), np.int64))
        self.seats = start.empty_seats(1)
        self.seats.row[:] = NEAR_PEER
        self.episodes = Episodes(np.zeros(room, EPISODES).view(np.recarray), np.zeros(1, np.int64))
        self.totals = start.empty_totals(N, 52, 1)
        self.weekly = start.empty_weekly(52, N)
        self.encounters = noticing.new_encounters(room)
        self.accepted = np.ones(N, np.bool_)

    def hold(self, **values: Any) -> None:
        """What is to hold for the whole run."""
        for name, value in values.items():
            self.world[name] = value

    def use(self, **parameters: float) -> None:
        """Parameter values other than the defaults."""
        self.p = parameter_record(replace(Values(), **parameters))

    def set(self, i: int, **values: Any) -> None:
        """Give row i of the people these values."""
        for name, value in values.items():
            self.people[name][i] = value

    def tie(self, i: int, j: int, strength: float = 0.0, together: float = 0.0, met: float = 0.0, overlap: float = 1.0) -> None:
        """A tie, in both rows; those with scheduled hours have to come first."""
        for a, b in ((i, j), (j, i)):
            s = self.ties.end[a, N_ALL]
            self.ties.other[a, s], self.ties.value[a, :, s] = b, 0.0
            for column, value in ((STRENGTH, strength), (TOGETHER, together), (MET, met), (OVERLAP, overlap)):
                self.ties.value[a, column, s] = value
            self.ties.end[a, [N_TIED, N_MET, N_ALL]] = s + 1
            self.ties.end[a, N_TOGETHER] += together > 0.0

    def distress(self, i: int, distress: int = 1, onset: int = STEP - 3) -> None:
        """An episode of student i."""
        self.people.distress[i], self.people.onset[i] = distress, onset
        self.episodes = episodes.open_episode(self.people, self.episodes, i, onset, True, False)

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


def draw(stream: str, i: int, j: int | None = None, t: int = STEP) -> float:
    """The uniform draw of a student, or the directed draw of i and j."""
    return float(uniform(SEED, stream, t, KEYS[i], 0 if j is None else KEYS[j])[0])


def log_odds(u: float) -> float:
    """The log odds of a probability."""
    return math.log(u / (1.0 - u))


def turns_at(value: float, happens: Callable[[float], bool]) -> None:
    """It happens just above the value, and not just below."""
    step = 1e-9 * max(1.0, abs(value))
    assert not happens(value - step), "below"
    assert happens(value + step), "above"
