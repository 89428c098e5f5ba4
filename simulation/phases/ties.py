"""Ties: who meets whom this week, and what becomes of the ties between them (docs/model.md, section 4.5).

Dense arrays over pairs: quick to compute and to read for cohorts of some hundreds, which is what this model is for.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulation.phases.state import Floats, Ints, State
from simulation.scenario.schedule import Schedule
from simulation.streams import hashed_order, lognormal

HAIR = 1e-9  # under a threshold on a sum of rounded strengths, so that the order of summing does not decide


class Ties:
    """All pairs; arrays of shape (rows, rows) unless said, symmetric, with a zero diagonal.

    Attributes:
        hours: effective shared hours H.
        strength: w.
        compatibility: x.
        alike: homophily factor of each pair of students, shape (students, students).
        common: K, friends in common as last counted, shape (students, students).
        together: c, scheduled hours a week of each pair.
        scheduled: the same, each weighted with kappa.
        co_placed: co_ij, the share of i's hours spent with j, shape (students, students), not symmetric.
        overlap: share of the week at one site, shape (students, students).
        met: h, elective hours met, shape (students, students).
    """

    def __init__(self, p: Any, seed: int, state: State) -> None:
        self.p, self.seed = p, seed
        n, m = len(state.attributes), len(state.key)
        self.n = n
        self.forgotten_hours = -p.friend_hours * np.log2(1.0 - p.forget_below)
        self.hours, self.strength = np.zeros((m, m)), np.zeros((m, m))
        self.compatibility = np.ones((m, m))
        self.compatibility[:n, :n] = self._compatibility(state.key[:n], state.key[:n])
        shared = (state.attributes[:, None, :] == state.attributes[None, :, :]).sum(axis=2)
        self.alike = p.homophily ** shared.astype(float)
        np.fill_diagonal(self.alike, 0.0)
        self.common = np.zeros((n, n))
        self.together, self.scheduled = np.zeros((m, m)), np.zeros((m, m))
        self.co_placed, self.overlap, self.met = np.zeros((n, n)), np.zeros((n, n)), np.zeros((n, n))
        self.ring: tuple[Ints, Ints] = (np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))
        self.checkins: list[tuple[int, int]] = []
        self._schedule: Schedule | None = None

    def _compatibility(self, a: Ints, b: Ints) -> Floats:
        smaller, larger = np.minimum(a[:, None], b[None, :]), np.maximum(a[:, None], b[None, :])
        return lognormal(self.p.compatibility_sd, self.seed, "compatibility", 0, smaller, larger)

    def meet_newcomer(self, row: int, state: State) -> None:
        """Draw the compatibility of a new near-peer officer with every student."""
        self.compatibility[row, : self.n] = self._compatibility(state.key[row : row + 1], state.key[: self.n])[0]
        self.compatibility[: self.n, row] = self.compatibility[row, : self.n]

    def strength_of(self, hours: Any) -> Any:
        """Strength of ties by their hours: w = 1 - 2^(-H / friend_hours), and 0 below `least_strength`."""
        strength = 1.0 - np.exp2(-hours / self.p.friend_hours)
        return np.where(strength >= self.p.least_strength, strength, 0.0)

    def set_hours(self, i: Any, j: Any, hours: Any) -> None:
        """Set H, and with it w, of pairs."""
        self.hours[i, j] = self.hours[j, i] = hours
        self.strength[i, j] = self.strength[j, i] = self.strength_of(hours)

    def follow(self, schedule: Schedule, is_campus: bool) -> None:
        """Take over a week's schedule; nothing to do while it stays the same object."""
        if schedule is self._schedule:
            return
        self._schedule, p, n = schedule, self.p, self.n
        self.together[:], self.scheduled[:] = 0.0, 0.0
        for gathering in schedule.gatherings:
            pairs = np.ix_(gathering.members, gathering.members)
            hours = np.minimum.outer(gathering.hours, gathering.hours) * gathering.factor
            self.together[pairs] += hours
            self.scheduled[pairs] += hours * (p.kappa_placement if gathering.is_placement else p.kappa_campus)
        np.fill_diagonal(self.together, 0.0)
        np.fill_diagonal(self.scheduled, 0.0)
        with_hours = schedule.hours > 0
        self.co_placed = np.divide(self.together[:n, :n], schedule.hours[:, None], out=np.zeros((n, n)), where=with_hours[:, None])
        if is_campus:
            self.overlap = np.ones((n, n))
        else:
            self.overlap = np.zeros((n, n))
            for share in schedule.site_share.T:
                self.overlap += np.minimum.outer(share, share)

    def stand_on_ring(self, state: State, week: int, is_teaching: bool) -> None:
        """Chance meetings of the week: neighbours on a ring in hashed order."""
        rows = np.flatnonzero(state.is_present[: self.n])
        if not is_teaching or len(rows) < 2:
            self.ring = (rows[:0], rows[:0])
            return
        order = rows[hashed_order(state.key[rows], self.seed, "ring", week)]
        self.ring = (order[:1], order[1:]) if len(order) == 2 else (order, np.roll(order, -1))

    def count_common_friends(self) -> None:
        """K_ij: shared acquaintances, each by the product of the two ties, at most 1; little of it counts as none."""
        known = np.where(self.strength[: self.n, : self.n] >= self.p.acquaintance_strength, self.strength[: self.n, : self.n], 0.0)
        common = known @ known
        self.common = np.where(common >= self.p.least_common_friends - HAIR, np.minimum(1.0, common), 0.0)

    def meet(self, state: State, wanted: Floats, is_break: bool) -> None:
        """Elective hours met: everybody splits the hours wanted, and a pair meets the geometric mean of the two shares."""
        p, n = self.p, self.n
        w = self.strength[:n, :n]
        liking = w * np.sqrt(w) if p.preference_exponent == 1.5 else w**p.preference_exponent
        pull = self.alike * (liking + p.co_placed_pull * self.co_placed + p.common_friends_pull * self.common)
        if not state.is_present[:n].all():
            pull[:, ~state.is_present[:n]] = 0.0
        total = pull.sum(axis=1)
        share = np.divide(wanted, total, out=np.zeros(n), where=total > 0)
        meant = pull * share[:, None]
        available: Any = p.break_availability if is_break else self.overlap + p.offsite_availability * (1.0 - self.overlap)
        available = available + p.online_share * (1.0 - available)
        self.met = np.minimum(p.max_pair_hours, available * np.sqrt(meant * meant.T))

    def update(self, state: State, dt: float) -> None:
        """H decays and takes in the hours of this step; w follows; contact hours are summed; the faintest traces are forgotten."""
        p, n = self.p, self.n
        attended = np.outer(state.attendance, state.attendance)
        contact = self.together * attended
        inflow = self.compatibility * self.scheduled * attended
        contact[:n, :n] += self.met
        inflow[:n, :n] += self.met
        touched = self.together > 0
        touched[:n, :n] |= self.met > 0
        for pairs, hours in ((self.ring, p.chance_hours), (np.array(self.checkins, dtype=np.int64).reshape(-1, 2).T, p.checkin_hours)):
            here = state.is_present[pairs[0]] & state.is_present[pairs[1]] & (hours > 0)
            i, j = pairs[0][here], pairs[1][here]
            for a, b in ((i, j), (j, i)):
                contact[a, b] += hours
                inflow[a, b] += hours
                touched[a, b] = True
        fade = np.exp2(-dt / p.tie_half_life)
        self.hours *= fade
        self.hours += inflow * (p.tie_half_life / np.log(2.0) * (1.0 - fade))
        self.hours[(self.hours < self.forgotten_hours) & ~touched] = 0.0
        self.strength = self.strength_of(self.hours)
        state.contact = contact.sum(axis=1)
        state.friends[:n] = self.is_friend().sum(axis=1)

    def is_friend(self) -> NDArray[np.bool_]:
        """Friends among students, shape (students, students)."""
        return self.strength[: self.n, : self.n] >= self.p.friend_strength

    def ties_of(self, row: int) -> tuple[Ints, Floats]:
        """Students with a tie to a row, and its strength."""
        rows = np.flatnonzero(self.strength[row, : self.n] > 0)
        return rows, self.strength[row, rows]

    def forget(self, row: int) -> None:
        """Drop every tie of a row."""
        self.set_hours(row, slice(None), 0.0)
