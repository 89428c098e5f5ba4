"""Officers: seats, choice, leaving, succession, near-peers and outreach (docs/model.md, section 8)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from simulation.agents import NearPeer
from simulation.phases.state import Ints
from simulation.streams import hashed_order, uniform

if TYPE_CHECKING:
    from simulation.model import PeerSupportModel

VACANT = -1
NEAR_PEER_KEYS = 2**32
KEYS_A_SEAT = 2**16


@dataclass
class Seat:
    """A seat of an officer.

    Attributes:
        row: row of the holder, or VACANT.
        n_holders: near-peers who have held it so far.
    """

    row: int = VACANT
    n_holders: int = 0


def n_seats(p: Any, design: str, n_sites: int) -> int:
    """Number of seats of a design (section 8.1)."""
    if design == "none":
        return 0
    return n_sites if design == "one-per-site" else max(1, math.floor(p.students / p.students_per_officer + 0.5))


class Officers:
    """The seats of a design and who holds them."""

    def __init__(self, p: Any, design: str, add_ons: frozenset[str], n_sites: int, n_years: int) -> None:
        self.p, self.design, self.add_ons = p, design, add_ons
        self.is_near_peer = design == "near-peer" and n_years > 1
        self.seats = [Seat() for _ in range(n_seats(p, design, n_sites) if design != "near-peer" or n_years > 1 else 0)]
        self.contracted_hours = p.officer_hours * (p.students / p.students_per_officer) / len(self.seats) if self.seats else 0.0
        self.n_near_peers = len(self.seats) if self.is_near_peer else 0
        self._dealt: list[Ints] = []

    @property
    def is_any_in_post(self) -> bool:
        """Whether a seat is held."""
        return any(seat.row != VACANT for seat in self.seats)

    @property
    def n_in_post(self) -> int:
        """Seats that are held."""
        return sum(seat.row != VACANT for seat in self.seats)

    # Choice, appointment, leaving

    def act(self, model: PeerSupportModel) -> None:
        """Choice at the start of a year, then leaving and succession, every step."""
        if not self.seats:
            return
        year, n_years = int(model.calendar.year[model.week - 1]), model.calendar.n_years
        if model.is_first_step and int(model.calendar.week_of_year[model.week - 1]) == 1:
            if not self.is_near_peer:
                self._choose(model, year)
            elif year == n_years:
                self._graduate(model, year)
            else:
                for number, seat in enumerate(self.seats):
                    if seat.row == VACANT:
                        self._seat_near_peer(model, number, self._base(), carried=0.0)
        self._leave(model, year)

    def _base(self) -> float:
        return float(self.p.school_trust) if "trust" in self.add_ons else 1.0

    def _ranking(self, model: PeerSupportModel, year: int) -> Ints:
        """Rows of the eligible students, the first to be chosen first."""
        state, n = model.state, model.n_students
        rows = np.flatnonzero(state.is_willing[:n] & state.is_present[:n] & (state.distress[:n] == 0) & ~state.is_officer[:n])
        keys = state.key[rows]
        luck = uniform(model.world, "officer_choice", year, keys) if len(rows) else np.empty(0)
        if self.design == "elected":
            first = -np.log1p(-luck) / (1.0 + state.friends[rows])
        elif self.design == "selected":
            first = -(state.expertise[rows] - state.stigma[rows] - state.load[rows])
        else:
            first = luck
        return rows[np.lexsort((keys, luck, first))]

    def _choose(self, model: PeerSupportModel, year: int) -> None:
        for seat in self.seats:
            self._vacate(model, seat)
        ranking = self._ranking(model, year)
        by_site = self.design == "one-per-site" and bool((model.main_site >= 0).any())
        for number, seat in enumerate(self.seats):
            fitting = ranking[model.main_site[ranking] == number] if by_site else ranking
            if len(fitting):
                self._appoint(model, seat, int(fitting[0]), self._base())
                ranking = ranking[ranking != fitting[0]]

    def _appoint(self, model: PeerSupportModel, seat: Seat, row: int, base: float) -> None:
        state, p = model.state, self.p
        seat.row = row
        state.is_officer[row] = True
        state.credibility[row] = max(0.0, base - p.breach_on_credibility * state.n_breaches[row])
        if not state.is_trained[row]:
            state.is_trained[row] = True
            state.expertise_shift[row] += p.officer_training
            if "role-boundaries" in self.add_ons:
                state.boundary_shift[row] += p.training_boundary

    def _vacate(self, model: PeerSupportModel, seat: Seat) -> None:
        if seat.row != VACANT:
            model.state.is_officer[seat.row] = False
            if seat.row >= model.n_students:
                model.state.is_present[seat.row] = False
                model.ties.forget(seat.row)
                model.ties.checkins = [pair for pair in model.ties.checkins if pair[1] != seat.row]
                model.people[seat.row].remove()
            seat.row = VACANT

    def give_up_seat(self, model: PeerSupportModel, row: int) -> None:
        """Vacate the seat of a student who leaves the course, and end that officer's check-in; one *on* the student has taken its hour."""
        for seat in self.seats:
            if seat.row == row:
                self._vacate(model, seat)
        model.ties.checkins = [pair for pair in model.ties.checkins if pair[1] != row]

    def _leave(self, model: PeerSupportModel, year: int) -> None:
        state, p = model.state, self.p
        rate = p.officer_exit / 52.0 * (p.exam_exit if model.calendar.is_exam[model.week - 1] else 1.0)
        succession = "succession" in self.add_ons
        rate *= p.succession_exit if succession else 1.0
        held = np.array([seat.row for seat in self.seats if seat.row != VACANT], dtype=np.int64)
        if not len(held):
            return
        luck = uniform(model.world, "officer_exit", model.step_number, state.key[held])
        leavers = set(held[luck < -math.expm1(-rate * model.dt)].tolist())
        vacated = []
        for number, seat in enumerate(self.seats):
            if seat.row in leavers:
                row, credibility = seat.row, float(state.credibility[seat.row])
                if row >= model.n_students:
                    ties = model.ties.hours[row].copy()
                    self._vacate(model, seat)
                    if succession:
                        self._seat_near_peer(model, number, p.succession_carry * credibility, carried=p.succession_carry * ties)
                else:
                    self._vacate(model, seat)
                    vacated.append((seat, credibility))
        if succession and vacated:
            ranking = [int(row) for row in self._ranking(model, year) if row not in leavers]
            for (seat, credibility), row in zip(vacated, ranking, strict=False):
                self._appoint(model, seat, row, p.succession_carry * credibility)

    # Near-peers

    def _seat_near_peer(self, model: PeerSupportModel, number: int, base: float, carried: Any) -> None:
        """Put the next near-peer into a seat; `carried` are the shared hours taken over from the predecessor."""
        state, row, seat = model.state, model.n_students + number, self.seats[number]
        key = NEAR_PEER_KEYS + KEYS_A_SEAT * number + seat.n_holders
        seat.n_holders += 1
        model.renew_row(row, key)
        state.is_present[row] = True
        model.ties.meet_newcomer(row, state)
        hours = np.zeros(len(state.key)) + carried
        hours[row] = 0.0
        hours[model.n_students :] = 0.0
        model.ties.set_hours(row, slice(None), hours)
        model.people[row] = NearPeer(model, row)
        self._appoint(model, seat, row, base)

    def _graduate(self, model: PeerSupportModel, year: int) -> None:
        """Near-peers graduate; with succession each hands over to a student of the cohort."""
        state, n, carry = model.state, model.n_students, self.p.succession_carry
        leaving = [(seat, float(state.credibility[seat.row]), model.ties.hours[seat.row, :n].copy()) for seat in self.seats if seat.row != VACANT]
        for seat, _, _ in leaving:
            self._vacate(model, seat)
        if "succession" in self.add_ons:
            for (seat, credibility, hours), row in zip(leaving, self._ranking(model, year).tolist(), strict=False):
                self._appoint(model, seat, row, carry * credibility)
                taken = np.maximum(model.ties.hours[row, :n], carry * hours)
                taken[row] = 0.0
                model.ties.set_hours(row, np.arange(n), taken)

    def visit(self, model: PeerSupportModel) -> None:
        """Hours that near-peers in post spend with the students dealt to their seats, in teaching weeks."""
        if not self.n_near_peers:
            return
        state, ties, n, year = model.state, model.ties, model.n_students, int(model.calendar.year[model.week - 1])
        ties.together[n:], ties.together[:, n:], ties.scheduled[n:], ties.scheduled[:, n:] = 0.0, 0.0, 0.0, 0.0
        if model.is_first_step and int(model.calendar.week_of_year[model.week - 1]) == 1:
            rows = np.flatnonzero(state.is_present[:n])
            order = rows[hashed_order(state.key[rows], model.world, "near_peer_students", year)]
            self._dealt = [order[number :: len(self.seats)] for number in range(len(self.seats))]
        if not model.is_teaching:
            return
        for seat, dealt in zip(self.seats, self._dealt, strict=True):
            if seat.row >= n and len(dealt):
                hours = max(0.0, self.contracted_hours - ("outreach" in self.add_ons)) / len(dealt)
                ties.together[seat.row, dealt] = ties.together[dealt, seat.row] = hours
                ties.scheduled[seat.row, dealt] = ties.scheduled[dealt, seat.row] = hours * self.p.kappa_campus

    # Outreach

    def reach_out(self, model: PeerSupportModel) -> list[tuple[int, int]]:
        """Check-ins of the week: (student, officer) rows; each officer picks one who looks low in contact."""
        if "outreach" not in self.add_ons or not model.is_teaching or not self.is_any_in_post:
            return []
        state, p, n, week = model.state, self.p, model.n_students, model.week
        rows = np.flatnonzero(state.is_present[:n] & ~state.is_officer[:n])
        luck = uniform(model.world, "flag", week, state.key[rows])
        looks_low = luck < np.where(state.friends[rows] == 0, p.outreach_sensitivity, 1.0 - p.outreach_specificity)
        candidates = rows[looks_low]
        officers = np.array([seat.row for seat in self.seats if seat.row != VACANT], dtype=np.int64)
        checkins = []
        for officer in officers[hashed_order(state.key[officers], model.world, "outreach_order", week)]:
            if not len(candidates):
                break
            keys = state.key[candidates]
            luck = uniform(model.world, "outreach_choice", week, keys, state.key[officer])
            chosen = int(candidates[np.lexsort((keys, luck))[0]])
            checkins.append((chosen, int(officer)))
            candidates = candidates[candidates != chosen]
            model.recorder.n_checkins += 1
            model.recorder.n_false_checkins += int(state.distress[chosen] == 0)
        return checkins
