"""The Mesa model: a cohort of students, one step a week (or a part of one), the phases of docs/model.md, section 4, in order."""

from __future__ import annotations

import secrets
from functools import partial
from typing import Any

import mesa
import networkx as nx
import numpy as np
from numpy.typing import NDArray

from simulation.agents import NearPeer, Student
from simulation.phases import care, distress, helping, stigma
from simulation.phases.officers import Officers
from simulation.phases.recorder import Recorder
from simulation.phases.state import IN_CARE, start
from simulation.phases.ties import Ties
from simulation.record.history import History
from simulation.scenario.grouping import CohortView
from simulation.scenario.scenario import Scenario, load_scenario
from simulation.scenario.schedule import Schedule, Scheduler
from simulation.scenario.school import School
from simulation.streams import normal


def _share_present(model: PeerSupportModel, name: str, values: tuple[int, ...]) -> float:
    """Share of the students present whose state is one of some values."""
    return float(np.isin(getattr(model.state, name)[: model.n_students][model.present], values).sum() / max(1, model.present.sum()))


def _mean_friends(model: PeerSupportModel) -> float:
    return float(model.state.friends[: model.n_students][model.present].sum() / max(1, model.present.sum()))


def _officers_in_post(model: PeerSupportModel) -> int:
    return model.officers.n_in_post


class PeerSupportModel(mesa.Model):  # type: ignore[misc]
    """A cohort through its course.

    Args:
        scenario: a bundled name, the path of a TOML file, or a Scenario.
        seed: names the world; the same seed gives the same draws whatever the scenario. None
            draws one, so that `mesa.batch_run(..., {"seed": [None]}, iterations=3)` gives three worlds; {"seed": range(3)} can be repeated.
        student_class: a subclass of Student that changes a behaviour.
        keys: persistent keys of the students (default 1..students).
        school: a school's files, where `scenario` is a name.
        weeks_of_ties: weeks, besides the year-ends, whose ties the history keeps.
        **parameters: values of rows of the parameter table, checked against it.

    Attributes:
        students: AgentSet of the cohort.
        state: arrays, one row a student. ties: all pairs.
        week, step_number: the current week and step, from 1 (0 before the first step).
        running: False when the course is over.
        datacollector: prevalence, friends, isolation, care and officers, each step.

    Raises:
        InputError: unknown scenario, parameter or value.
    """

    def __init__(self, scenario: str | Scenario = "informal", seed: int | None = 1, *, student_class: type[Student] = Student,
                 keys: NDArray[np.int64] | list[int] | None = None, school: School | None = None, weeks_of_ties: tuple[int, ...] = (),
                 **parameters: float) -> None:  # fmt: skip
        if seed is None:  # Mesa's custom: any world will do
            seed = secrets.randbits(53)
        super().__init__(seed=seed % 2**32)
        self.running: bool = True
        if isinstance(scenario, str):
            scenario = load_scenario(scenario, overrides=parameters, school=school)
        elif parameters or school is not None:
            raise TypeError("give parameters and school with a scenario's name, or decide them in the Scenario")
        self.scenario = scenario
        self.world = int(seed)
        p = self.p = scenario.parameters
        self.training, self.add_ons = scenario.support.training, scenario.support.add_ons
        self.steps_per_week: int = p.steps_per_week
        self.dt = 1.0 / p.steps_per_week
        self.step_number, self.week = 0, 0
        self.scheduler = Scheduler(scenario, self.world)
        self.calendar = self.scheduler.calendar
        self.n_students: int = p.students
        student_keys = np.arange(1, p.students + 1) if keys is None else np.asarray(keys, dtype=np.int64)
        if len(np.unique(student_keys)) != p.students:
            raise ValueError(f"keys must be {p.students} different numbers, one for each student")
        self.officers = Officers(p, scenario.support.officers, self.add_ons, len(self.scheduler.site_names), self.calendar.n_years)
        self.state = start(p, self.world, student_keys, self.officers.n_near_peers, scenario.school)
        self.ties = Ties(p, self.world, self.state)
        self.schedule: Schedule = Schedule((), np.zeros(self.n_students), np.zeros((self.n_students, 1)))
        self.main_site = np.full(self.n_students, -1, dtype=np.int64)
        self.heard_by: list[set[int]] = [set() for _ in range(self.n_students)]
        self.recorder = Recorder(self, weeks_of_ties)
        self.people: list[Student] = [student_class(self, row) for row in range(self.n_students)]
        self.people += [NearPeer(self, self.n_students + seat) for seat in range(self.officers.n_near_peers)]
        for vacant in self.people[self.n_students :]:
            vacant.remove()
        distress.begin_episodes(self, np.flatnonzero(self.state.distress), np.ones(int((self.state.distress >= 1).sum()), dtype=bool))
        self.datacollector = mesa.DataCollector(model_reporters={
            "distressed": partial(_share_present, name="distress", values=(1, 2)),
            "severe": partial(_share_present, name="distress", values=(2,)), "friends_mean": _mean_friends,
            "isolated": partial(_share_present, name="friends", values=(0,)),
            "in_care": partial(_share_present, name="care", values=(IN_CARE,)), "officers_in_post": _officers_in_post,
        })  # fmt: skip

    @property
    def students(self) -> Any:
        """The cohort as an AgentSet, in the order of rows."""
        return self.agents.select(lambda agent: not isinstance(agent, NearPeer))

    @property
    def present(self) -> NDArray[np.bool_]:
        """Who has not left, shape (students,)."""
        return self.state.is_present[: self.n_students]

    @property
    def is_first_step(self) -> bool:
        """The first step of a week."""
        return (self.step_number - 1) % self.steps_per_week == 0

    @property
    def is_teaching(self) -> bool:
        """A teaching week."""
        return bool(self.calendar.is_teaching[self.week - 1])

    @property
    def is_break(self) -> bool:
        """A week of the break."""
        return not self.is_teaching

    @property
    def is_clinical_teaching(self) -> bool:
        """A teaching week of a clinical year."""
        return self.is_teaching and bool(self.calendar.is_clinical[self.week - 1])

    def step(self) -> None:
        """One step: the phases in their order."""
        if not self.running:
            return
        self.step_number += 1
        self.week = (self.step_number - 1) // self.steps_per_week + 1
        state = self.state
        if self.is_first_step:
            self._plan_week()
            stigma.teach(self)
        self.officers.act(self)
        self.officers.visit(self)
        if self.is_first_step:
            self.ties.checkins = self.officers.reach_out(self)
            self.ties.stand_on_ring(state, self.week, self.is_teaching)
            if (self.week - 1) % self.p.common_friends_every == 0:
                self.ties.count_common_friends()
        self._attend_and_meet()
        distress.change_distress(self)
        encounters = helping.notice(self)
        offers = helping.offer(self, encounters)
        helping.accept(self, offers)
        care.change_care(self, helping.escalate(self, offers))
        stigma.change_stigma(self)
        self.recorder.close_step()
        self.datacollector.collect(self)
        self.running = bool(self.step_number < self.calendar.n_weeks * self.steps_per_week)

    def _plan_week(self) -> None:
        """Calendar and groups of the week."""
        state, n = self.state, self.n_students
        school = self.scenario.school
        if school is not None and school.has_friendships and self.week == school.start_week:
            self._set_friendships(school)
        rows = np.flatnonzero(self.present)
        position = np.full(n, -1)
        position[rows] = np.arange(len(rows))

        def ties_of(row: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
            others, strength = self.ties.ties_of(int(rows[row]))
            return position[others], strength

        groups = tuple(position[group][position[group] >= 0] for group in self.scheduler.groups)
        view = CohortView(self.world, state.key[rows], state.friends[rows], ties_of, self.p.acquaintance_strength, groups)
        self.schedule = self.scheduler.week(self.week, view, self.present)
        on_campus = self.is_teaching and not self.is_clinical_teaching
        self.main_site = self.schedule.main_site
        self.ties.follow(self.schedule, on_campus)
        self.recorder.note_moves(self.main_site)
        state.n_offers_week[:] = 0

    def _set_friendships(self, school: School) -> None:
        """A school's listed friendships; any other pair is an acquaintance at most."""
        n, ties = self.n_students, self.ties
        most = -self.p.friend_hours * np.log2(1.0 - self.p.acquaintance_strength)
        hours = np.minimum(ties.hours[:n, :n], most)
        here = self.present[school.friend_a] & self.present[school.friend_b]
        a, b = school.friend_a[here], school.friend_b[here]
        hours[a, b] = hours[b, a] = school.friend_hours[here]
        ties.hours[:n, :n] = hours
        ties.strength[:n, :n] = ties.strength_of(hours)
        self.state.friends[:n] = ties.is_friend().sum(axis=1)

    def _attend_and_meet(self) -> None:
        """Attendance, elective hours, and what they do to ties."""
        state, n = self.state, self.n_students
        before = self.ties.is_friend()
        for row in np.flatnonzero(state.is_present):
            state.attendance[row] = self.people[row].attend()
        wanted = np.array([person.meet() if present else 0.0 for person, present in zip(self.people[:n], self.present, strict=True)])
        self.ties.meet(state, wanted, self.is_break)
        self.ties.update(state, self.dt)
        if self.is_clinical_teaching:
            lost = before & ~self.ties.is_friend() & (self.ties.together[:n, :n] == 0)
            self.recorder.n_cross_group_ties_lost += int(np.triu(lost, 1).sum())

    def overlap(self, rows: NDArray[np.int64]) -> Any:
        """Share of the week at one site, of some students with all; 0 in a break."""
        return self.ties.overlap[rows] if self.is_teaching else 0.0

    def is_placed_together(self, i: int, j: int) -> bool:
        """Whether two students are scheduled together this week (near-peers are not: theirs are visits)."""
        return max(i, j) < self.n_students and bool(self.ties.co_placed[j, i] > 0)

    def renew_row(self, row: int, key: int) -> None:
        """Give a near-peer's seat to somebody new: lasting traits by their key, everything else as at the start."""
        state, p = self.state, self.p
        state.key[row] = key
        for name in ("stigma", "expertise", "boundary"):
            getattr(state, f"own_{name}")[row] = normal(self.world, name, 0, key)[0]
            getattr(state, f"{name}_shift")[row] = 0.0
        state.readiness[row] = p.readiness_sd * normal(self.world, "readiness", 0, key)[0]
        state.load[row], state.n_breaches[row], state.is_trained[row], state.n_offers_week[row] = 0.0, 0, False, 0

    def graph(self, *, least: float | None = None) -> nx.Graph[int]:
        """Ties of the cohort as a networkx graph: nodes are students' keys, `strength` on edges of at least `least` (default: acquaintance)."""
        least = self.p.acquaintance_strength if least is None else least
        graph: nx.Graph[int] = nx.Graph()
        for student in self.people[: self.n_students]:
            graph.add_node(student.key, distress=student.distress, friends=student.n_friends, is_officer=student.is_officer, site=student.site or "")
        strength = self.ties.strength[: self.n_students, : self.n_students]
        for i, j in zip(*np.nonzero(np.triu(strength >= least, 1) & np.triu(strength > 0, 1)), strict=True):
            graph.add_edge(self.people[i].key, self.people[j].key, strength=float(strength[i, j]))
        return graph

    def history(self) -> History:
        """The record of the finished course.

        Raises:
            RuntimeError: the course is not over.
        """
        if self.running:
            raise RuntimeError(f"the course is in week {self.week} of {self.calendar.n_weeks}: run it to its end first")
        return self.recorder.history()
