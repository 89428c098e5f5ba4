"""Writes down what happens, episode by episode and week by week (docs/model.md, section 10)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulation.agents import REFERRAL
from simulation.record.history import REASONS, SOURCES_OF_HELP, Episodes, History, TieSnapshot

if TYPE_CHECKING:
    from simulation.model import PeerSupportModel


@dataclass
class Episode:
    """A maximal run of distress; steps are -1 for what did not happen."""

    student: int
    onset: int
    is_isolated_at_onset: bool
    is_early: bool
    end: int = -1
    n_steps: int = 0
    n_isolated_steps: int = 0
    first_noticed: int = -1
    first_offered: int = -1
    first_accepted: int = -1
    first_accepted_peer: int = -1
    first_referred: int = -1
    first_treated: int = -1
    noticed_by: str = "nobody"
    accepted_by: str = "nobody"
    was_exposed: bool = False
    had_company: bool = False
    best_logit: float = -np.inf
    obstacle: str = "chance"
    best_key: tuple[int, int] = (0, 0)

    @property
    def reason(self) -> str:
        """Why nobody reached it, the first that holds."""
        if self.first_accepted >= 0 or self.first_treated >= 0:
            return "reached"
        if self.first_offered >= 0:
            return "refused"
        if self.first_noticed >= 0:
            return self.obstacle
        if not self.was_exposed:
            return "brief"
        return "not noticed" if self.had_company else "nobody there"


class Recorder:
    """Collects the history of a run."""

    def __init__(self, model: PeerSupportModel, weeks_of_ties: tuple[int, ...]) -> None:
        weeks, n = model.calendar.n_weeks, model.n_students
        self.model = model
        self.episodes: list[Episode] = []
        self.current: dict[int, Episode] = {}
        self.ties: dict[int, TieSnapshot] = {}
        self.weeks_of_ties = {int(week) for week in model.calendar.year_ends()} | set(weeks_of_ties)
        self.n_offers = np.zeros(n, dtype=np.int64)
        self.n_checkins = self.n_false_checkins = self.n_breaches = 0
        self.n_kinds = [0, 0, 0]
        self.officer_hours = 0.0
        self.near_peer_load: list[float] = []
        self.n_relocations = self.n_cross_group_ties_lost = 0
        self.last_site = np.full(n, -1, dtype=np.int64)
        self.weekly: dict[str, np.ndarray] = {
            "distress": np.zeros((weeks, n), np.int8), "acquaintances": np.zeros((weeks, n), np.int16),
            "friends": np.zeros((weeks, n), np.int16), "close_friends": np.zeros((weeks, n), np.int16),
            "contact_hours": np.zeros((weeks, n)), "is_supported": np.zeros((weeks, n), bool), "care": np.zeros((weeks, n), np.int8),
            "load": np.zeros((weeks, n)), "n_supports_given": np.zeros((weeks, n), np.int16), "is_officer": np.zeros((weeks, n), bool),
            "is_present": np.zeros((weeks, n), bool), "site": np.full((weeks, n), -1, np.int16),
        }  # fmt: skip

    # Episodes

    def begin_episode(self, row: int, step: int, is_isolated: bool) -> None:
        """Open the record of an episode."""
        is_early = step == 0 or bool(self.model.calendar.is_settling_in[self.model.week - 1])
        self.current[row] = Episode(row, step, is_isolated, is_early)
        self.episodes.append(self.current[row])

    def end_episode(self, row: int, step: int) -> None:
        """Close it: the student is well again."""
        self.current.pop(row).end = step

    def censor_episode(self, row: int) -> None:
        """Close it without an end: the student left."""
        self.current.pop(row)

    def see_company(self, rows: np.ndarray, had_company: np.ndarray) -> None:
        """Exposed students of this step, and whether anybody they know or are placed with was there."""
        for row, company in zip(rows, had_company, strict=True):
            episode = self.current[int(row)]
            episode.was_exposed = True
            episode.had_company |= bool(company)

    def notice(self, row: int, by: str) -> None:
        """Somebody noticed; in one step a peer comes before an officer, an officer before staff."""
        episode, step = self.current[row], self.model.step_number
        if episode.first_noticed < 0:
            episode.first_noticed, episode.noticed_by = step, by
        elif episode.first_noticed == step and SOURCES_OF_HELP.index(by) < SOURCES_OF_HELP.index(episode.noticed_by):
            episode.noticed_by = by

    def offer(self, row: int, helper: int | None) -> None:
        """Somebody offered help; `helper` is None for staff."""
        episode = self.current[row]
        if episode.first_offered < 0:
            episode.first_offered = self.model.step_number
        if helper is not None and helper < self.model.n_students:
            self.n_offers[helper] += 1

    def was_never_offered(self, row: int) -> bool:
        """Whether the current episode has had no offer."""
        return self.current[row].first_offered < 0

    def miss_offer(self, row: int, logit: float, helper_key: int, obstacle: str) -> None:
        """Somebody noticed and did not offer; the likeliest helper of the episode gives the reason."""
        episode, when = self.current[row], (self.model.step_number, helper_key)
        if logit > episode.best_logit or (logit == episode.best_logit and when < episode.best_key):
            episode.best_logit, episode.obstacle, episode.best_key = logit, obstacle, when

    def accept(self, row: int, helper: int | None, kind: int, by: str) -> None:
        """Support was accepted."""
        episode, step, week = self.current[row], self.model.step_number, self.model.week - 1
        if episode.first_accepted < 0:
            episode.first_accepted, episode.accepted_by = step, by
        elif episode.first_accepted == step and SOURCES_OF_HELP.index(by) < SOURCES_OF_HELP.index(episode.accepted_by):
            episode.accepted_by = by
        if helper is not None and episode.first_accepted_peer < 0:
            episode.first_accepted_peer = step
        if kind == REFERRAL and episode.first_referred < 0:
            episode.first_referred = step
        self.n_kinds[kind] += 1
        self.weekly["is_supported"][week, row] = True
        if helper is not None and helper < self.model.n_students:
            self.weekly["n_supports_given"][week, helper] += 1

    def treat(self, row: int) -> None:
        """Care began."""
        episode = self.current[row]
        if episode.first_treated < 0:
            episode.first_treated = self.model.step_number

    # Weeks

    def close_step(self) -> None:
        """Record the step's end."""
        model, state, n, week = self.model, self.model.state, self.model.n_students, self.model.week - 1
        for row, episode in self.current.items():
            episode.n_steps += 1
            episode.n_isolated_steps += int(state.friends[row] == 0)
        weekly, strength = self.weekly, model.ties.strength[:n, :n]
        weekly["contact_hours"][week] += state.contact[:n] * model.dt
        self.officer_hours += model.officers.n_in_post * model.officers.contracted_hours * model.dt
        if model.step_number % model.steps_per_week:
            return
        for name, values in (("distress", state.distress), ("friends", state.friends), ("care", state.care), ("load", state.load),
                             ("is_officer", state.is_officer), ("is_present", state.is_present), ("site", model.main_site)):  # fmt: skip
            weekly[name][week] = values[:n]
        weekly["acquaintances"][week] = (strength >= model.p.acquaintance_strength).sum(axis=1)
        weekly["close_friends"][week] = (strength >= model.p.close_strength).sum(axis=1)
        self.near_peer_load += [float(state.load[seat.row]) for seat in model.officers.seats if seat.row >= n]
        if model.week in self.weeks_of_ties:
            i, j = np.nonzero(np.triu(strength >= model.p.recorded_strength, 1))
            self.ties[model.week] = TieSnapshot(i.astype(np.int64), j.astype(np.int64), strength[i, j].copy())

    def note_moves(self, main_site: np.ndarray) -> None:
        """Count relocations in teaching weeks; called once a week."""
        placed = (main_site >= 0) & self.model.state.is_present[: self.model.n_students]
        if self.model.is_teaching:
            self.n_relocations += int((placed & (self.last_site >= 0) & (self.last_site != main_site)).sum())
        self.last_site = np.where(placed, main_site, self.last_site)

    def history(self) -> History:
        """The finished record."""
        model = self.model
        episodes = sorted(self.episodes, key=lambda e: (e.onset, e.student))

        def column(name: str, dtype: type = np.int64) -> np.ndarray:
            return np.array([getattr(e, name) for e in episodes], dtype=dtype)

        steps = ("student", "onset", "end", "n_steps", "n_isolated_steps", "first_noticed", "first_offered", "first_accepted",
                 "first_accepted_peer", "first_referred", "first_treated")  # fmt: skip
        table = Episodes(
            **{name: column(name) for name in steps}, is_isolated_at_onset=column("is_isolated_at_onset", bool),
            is_early=column("is_early", bool), noticed_by=np.array([SOURCES_OF_HELP.index(e.noticed_by) for e in episodes], dtype=np.int64),
            accepted_by=np.array([SOURCES_OF_HELP.index(e.accepted_by) for e in episodes], dtype=np.int64),
            reason=np.array([REASONS.index(e.reason) for e in episodes], dtype=np.int64),
        )  # fmt: skip
        return History(
            parameters=model.p, seed=model.world, calendar=model.calendar, **self.weekly, episodes=table, ties=self.ties, n_offers=self.n_offers,
            near_peer_load=np.array(self.near_peer_load), n_checkins=self.n_checkins, n_false_checkins=self.n_false_checkins,
            n_kinds=(self.n_kinds[0], self.n_kinds[1], self.n_kinds[2]), n_breaches=self.n_breaches, officer_hours=self.officer_hours,
            n_relocations=self.n_relocations, n_cross_group_ties_lost=self.n_cross_group_ties_lost,
            spread_sites=tuple(sorted(model.scheduler.spread_sites)), has_school=model.scenario.school is not None,
            friendships_from=model.scenario.school.start_week if model.scenario.school and model.scenario.school.has_friendships else 0,
        )  # fmt: skip
