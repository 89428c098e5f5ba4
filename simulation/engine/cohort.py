"""A cohort on arrays: from a scenario and a seed to a history."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future

import numpy as np
from numpy.typing import NDArray

from simulation.engine import start
from simulation.engine.episodes import reasons
from simulation.engine.gatherings import gatherings_room, most_rows_in_force, school_arrays
from simulation.engine.groups import FORMED_ROOM
from simulation.engine.officers import NEAR_PEER, contracted_hours, seats_of
from simulation.engine.record import Snapshots
from simulation.engine.state import WORLD, Gatherings, Groups, School, parameter_record
from simulation.engine.stigma import Heard
from simulation.engine.week import Course, Scratch, Weeks, run_steps
from simulation.record.history import Episodes, History, TieSnapshot
from simulation.scenario.scenario import Scenario
from simulation.scenario.schedule import no_place
from simulation.scenario.support import ADD_ONS, OFFICERS, TRAINING

_COLUMNS = tuple(name for name in Episodes.__dataclass_fields__ if name != "reason")


class Plan:
    """What the kernels need of a scenario, whatever the seed; it does not keep the scenario itself alive."""

    def __init__(self, scenario: Scenario) -> None:
        values, support, calendar = scenario.parameters, scenario.support, scenario.calendar
        self.values, self.calendar, self.files = values, calendar, scenario.school
        self.site_names, self.capacity = scenario.site_names, scenario.capacity
        self.p = parameter_record(values)
        self.n, self.n_sites = int(values.students), len(scenario.site_names)
        design = list(OFFICERS).index(support.officers)
        n_seats = seats_of(design, self.n, values.students_per_officer, self.n_sites)
        if design == NEAR_PEER and calendar.n_years < 2:
            n_seats = 0
        self.n_seats = n_seats
        m = self.n + (n_seats if design == NEAR_PEER else 0)
        training, add_ons = support.training, support.add_ons
        self.world = np.zeros(1, WORLD)[0]
        settings = {
            "n": self.n, "m": m, "dt": 1.0 / values.steps_per_week, "steps_per_week": values.steps_per_week, "n_weeks": calendar.n_weeks,
            "n_years": calendar.n_years, "n_sites": self.n_sites, "design": design, "has_training": bool(training),
            "contracted_hours": contracted_hours(values.officer_hours, self.n, values.students_per_officer, n_seats),
            **{f"has_{name.replace('-', '_')}": name in training for name in TRAINING},
            **{f"has_{name.replace('-', '_')}": name in add_ons for name in ADD_ONS},
        }  # fmt: skip
        for name, value in settings.items():
            self.world[name] = value
        multiplier = np.array([getattr(values, f"year_{y}_multiplier") for y in range(1, calendar.n_years + 1)], dtype=np.float64)
        self.weeks = Weeks(calendar.year, calendar.week_of_year, calendar.is_clinical, calendar.is_teaching, calendar.is_exam,
                           calendar.is_settling_in, calendar.term, calendar.block, multiplier)  # fmt: skip
        self.school: School = school_arrays(scenario)
        self.room = gatherings_room(self.n, most_rows_in_force(self.school))
        self.year_ends = calendar.year_ends()


class Cohort:
    """A cohort, ready for its first step.

    Args:
        plan: of the scenario.
        seed: the world, 0 <= seed < 2^64.
        keys: persistent keys of the students (default 1..students), shape (students,).
        weeks_of_ties: weeks, besides the year-ends, whose ties the history keeps.

    Attributes:
        course: all arrays, as they are after `step_number` steps.
    """

    def __init__(self, plan: Plan, seed: int, *, keys: NDArray[np.int64] | None = None, weeks_of_ties: tuple[int, ...] = ()) -> None:
        self.plan, self.seed, self.step_number = plan, seed, 0
        self.world = plan.world.copy()
        self.world.seed = seed
        n, m, n_weeks = plan.n, self.world.m, self.world.n_weeks
        given = plan.files.attributes if plan.files is not None else np.empty((n, 0), dtype=np.int64)
        has_given = given.shape[1] > 0
        attributes = np.ascontiguousarray(given, dtype=np.int64) if has_given else np.zeros((n, 2), dtype=np.int64)
        student_keys = np.arange(1, n + 1) if keys is None else np.asarray(keys)
        people = start.empty_people(n, m, student_keys)
        people.sociability[:n] = start.sociability(plan.p, seed, student_keys)
        with np.errstate(over="ignore"):  # hashes wrap around, which numpy tells where nothing is compiled
            episodes = start.draw_people(self.world, plan.p, people, attributes, start.empty_episodes(n, n_weeks), not has_given)
        is_wanted = np.zeros(n_weeks, dtype=np.bool_)
        is_wanted[plan.year_ends - 1] = True
        is_wanted[[week - 1 for week in weeks_of_ties if 1 <= week <= n_weeks]] = True
        self.course = Course(
            people, start.empty_ties(self.world, plan.p, attributes), start.empty_seats(plan.n_seats),
            Groups(_whole(n, -1), _whole(n, -1), _whole(n, -1), _whole(n, -1), _whole(n, -1), _whole(n, -1), _whole(FORMED_ROOM, -1)),
            _gatherings(plan), episodes, start.empty_encounters(n),
            Heard(_whole(n, -1), _whole(64), _whole(64), _whole(1)), start.empty_totals(n, n_weeks, plan.n_seats),
            start.empty_weekly(n_weeks, n), Snapshots(_whole(64 * n), _whole(64 * n), _whole(64 * n), np.empty(64 * n), is_wanted, _whole(1)),
            Scratch(_whole(n), _whole(1), np.zeros(m), np.zeros(m), _whole(m), _whole(n, -1), np.zeros(n, dtype=np.uint64), np.zeros(n),
                    np.zeros(n, dtype=np.bool_)),
        )  # fmt: skip

    @property
    def n_steps(self) -> int:
        """Steps of the course."""
        return self.world.n_weeks * self.world.steps_per_week

    def run_to(self, step: int) -> None:
        """Go on to the end of a step.

        Raises:
            InputError: groups do not fit into the sites.
        """
        self.course, misfit, block = _outside_main_thread(self._run, step)
        if misfit > 0:
            raise no_place(self.plan.n, self.plan.capacity, misfit, block)
        self.step_number = step

    def _run(self, step: int) -> tuple[Course, int, int]:
        with np.errstate(over="ignore"):
            result: tuple[Course, int, int] = run_steps(self.world, self.plan.p, self.plan.weeks, self.plan.school, self.course,
                                                        self.step_number + 1, step)  # fmt: skip
        return result

    def history(self) -> History:
        """The record of the finished course.

        Raises:
            RuntimeError: the course is not over.
        """
        if self.step_number < self.n_steps:
            raise RuntimeError(f"the course is at step {self.step_number} of {self.n_steps}: run it to its end first")
        plan, totals, school = self.plan, self.course.totals, self.plan.files
        spread = np.flatnonzero(self.course.gatherings.is_spread)
        return History(
            parameters=plan.values, seed=self.seed, calendar=plan.calendar, **self.course.weekly._asdict(),
            episodes=self._episodes(), ties=self._ties(), n_offers=totals.n_offers,
            near_peer_load=totals.near_peer_load[: totals.n_near_peer_load[0]], n_checkins=int(totals.n_checkins[0]),
            n_false_checkins=int(totals.n_false_checkins[0]), n_kinds=tuple(totals.n_kinds.tolist()), n_breaches=int(totals.n_breaches[0]),
            officer_hours=float(totals.officer_hours[0]), n_relocations=int(totals.n_relocations[0]),
            n_cross_group_ties_lost=int(totals.n_cross_group_ties_lost[0]),
            spread_sites=tuple(sorted(plan.site_names[site] for site in spread)), has_school=school is not None,
            friendships_from=school.start_week if school is not None and school.has_friendships else 0,
        )  # fmt: skip

    def _episodes(self) -> Episodes:
        """Episodes by onset, then student."""
        rows = self.course.episodes.rows[: self.course.episodes.used[0]]
        rows = rows[np.lexsort((rows["student"], rows["onset"]))]
        return Episodes(**{name: np.ascontiguousarray(rows[name]) for name in _COLUMNS}, reason=reasons(rows))

    def _ties(self) -> dict[int, TieSnapshot]:
        kept = self.course.snapshots
        n = int(kept.used[0])
        weeks = np.flatnonzero(kept.is_wanted) + 1
        starts, ends = np.searchsorted(kept.week[:n], weeks), np.searchsorted(kept.week[:n], weeks, side="right")
        return {int(week): TieSnapshot(kept.i[a:b].copy(), kept.j[a:b].copy(), kept.strength[a:b].copy())
                for week, a, b in zip(weeks, starts, ends, strict=True)}  # fmt: skip


def _outside_main_thread(run: Callable[[int], tuple[Course, int, int]], step: int) -> tuple[Course, int, int]:
    """Call it in another thread than the main one, whose Ctrl-C numba does not survive while it hands back what a kernel returns."""
    if threading.current_thread() is not threading.main_thread():
        return run(step)
    done: Future[tuple[Course, int, int]] = Future()

    def work() -> None:
        try:
            done.set_result(run(step))
        except BaseException as error:
            done.set_exception(error)

    threading.Thread(target=work, name="array engine").start()
    return done.result()


def _whole(n: int, value: int = 0) -> NDArray[np.int64]:
    return np.full(n, value, dtype=np.int64)


def _gatherings(plan: Plan) -> Gatherings:
    n_gatherings, n_members = plan.room
    return Gatherings(_whole(n_gatherings + 1), _whole(n_members), np.zeros(n_members), np.ones(n_gatherings), _whole(n_gatherings, -1),
                      np.zeros(n_gatherings, dtype=np.bool_), _whole(1), np.zeros((plan.n, plan.n_sites)),
                      np.zeros(plan.n_sites, dtype=np.bool_))  # fmt: skip
