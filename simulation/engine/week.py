"""The order of a step (docs/model.md, section 4), from one step of the course to another."""

from __future__ import annotations

from typing import Any, NamedTuple

from numba import njit

from simulation.engine.care import change_care
from simulation.engine.common_friends import count_common_friends
from simulation.engine.compile import kept
from simulation.engine.distress import change_distress, leave_course
from simulation.engine.escalation import escalate
from simulation.engine.gatherings import gather
from simulation.engine.groups import form_groups
from simulation.engine.helping import accept, notice, offer
from simulation.engine.meeting import attend, stand_on_ring, update_ties
from simulation.engine.officers import change_officers, reach_out
from simulation.engine.record import Snapshots, note_moves, record_step, record_week
from simulation.engine.state import (
    Bools,
    Encounters,
    Episodes,
    Floats,
    Gatherings,
    Groups,
    Ints,
    Keys,
    Now,
    People,
    School,
    Seats,
    Ties,
    Totals,
    Weekly,
    World,
)
from simulation.engine.stigma import Heard, change_stigma, teach
from simulation.engine.timetable import read_friendships, schedule_ties, visits_changed


class Weeks(NamedTuple):
    """The calendar, shape (weeks,), as simulation.scenario.programme.Calendar; and `multiplier` of onset, shape (years,)."""

    year: Ints
    week_of_year: Ints
    is_clinical: Bools
    is_teaching: Bools
    is_exam: Bools
    is_settling_in: Bools
    term: Ints
    block: Ints
    multiplier: Floats


class Scratch(NamedTuple):
    """What is kept from step to step for the kernels' own use.

    Attributes:
        ring: rows on the week's ring, shape (n,). n_ring: how many, shape (1,).
        reach: of elective time, shape (m,). shared: shape (m,), all 0. before: D as a phase found it, shape (m,).
        last_site: shape (n,), -1 at first. last_visitor, last_hours: near-peers' visits, shape (n,). escalated: shape (n,).
    """

    ring: Ints
    n_ring: Ints
    reach: Floats
    shared: Floats
    before: Ints
    last_site: Ints
    last_visitor: Keys
    last_hours: Floats
    escalated: Bools


class Course(NamedTuple):
    """A cohort on its way."""

    people: People
    ties: Ties
    seats: Seats
    groups: Groups
    gatherings: Gatherings
    episodes: Episodes
    encounters: Encounters
    heard: Heard
    totals: Totals
    weekly: Weekly
    snapshots: Snapshots
    scratch: Scratch


@njit
def step_at(world: World, weeks: Weeks, step: int) -> Now:
    """The step as the phases see it."""
    week = (step - 1) // world.steps_per_week
    place = (step - 1) % world.steps_per_week
    return Now(step, week + 1, weeks.year[week], weeks.week_of_year[week], place == 0, place == world.steps_per_week - 1,
               weeks.is_teaching[week], weeks.is_clinical[week], weeks.is_exam[week], weeks.is_settling_in[week], weeks.term[week],
               weeks.block[week])  # fmt: skip


@kept(nogil=True)
def run_steps(world: World, p: Any, weeks: Weeks, school: School, course: Course, first: int, last: int) -> tuple[Course, int, int]:
    """Steps first..last of a course.

    Returns:
        The course, and where a placement group found no site: the group's size and the block, else 0 and -1.
    """
    people, ties, seats, groups, gatherings, episodes, encounters, heard, totals, weekly, snapshots, scratch = course
    misfit, block = 0, -1
    for step in range(first, last + 1):
        now = step_at(world, weeks, step)
        is_new = False
        # 1. calendar, groups, teaching
        if now.is_first_step:
            if school.has_friendships and now.week == school.start_week:
                ties = read_friendships(world, p, now, people, ties, gatherings, school)
            misfit = form_groups(world, p, school, now, people, ties, groups)
            if misfit > 0:
                block = now.block
                break
            is_new = gather(world, p, school, now, people, groups, gatherings)
            note_moves(world, now, people, totals, scratch.last_site)
            people.n_offers[:] = 0
            teach(world, p, now, people)
        # 2. officers, 3. outreach
        ties = change_officers(world, p, now, people, ties, gatherings, seats)
        reach_out(world, p, now, people, seats, totals)
        if (world.m > world.n and visits_changed(world, people, scratch.last_visitor, scratch.last_hours)) or is_new:
            ties = schedule_ties(world, p, now, people, ties, gatherings)
        # 4. attendance, 5. ties
        attend(world, p, people)
        if now.is_first_step:
            scratch.n_ring[0] = stand_on_ring(world, now, people, scratch.ring)
            if (now.week - 1) % p.common_friends_every == 0:
                ties = count_common_friends(world, p, now, ties, gatherings, scratch.shared)
        ties = update_ties(world, p, now, people, ties, gatherings, totals, scratch.ring, scratch.n_ring[0], scratch.reach)
        # 6. distress
        episodes = change_distress(world, p, now, people, ties, episodes, weeks.multiplier, scratch.before)
        if p.dropout_rate > 0.0:
            leave_course(world, p, now, people, ties, seats, episodes)
        # 7. notice, 8. offer, 9. accept and kind, 10. escalate
        encounters = notice(world, p, now, people, ties, episodes, encounters)
        offer(world, p, now, people, seats, ties, episodes, totals, encounters)
        accept(world, p, now, people, ties, episodes, totals, weekly, encounters)
        escalate(world, p, now, people, encounters, scratch.escalated)
        # 11. care, 12. stigma
        change_care(world, p, now, people, episodes, scratch.escalated)
        heard = change_stigma(world, p, now, people, ties, heard)
        # 13. record
        record_step(world, now, people, seats, episodes, totals, weekly)
        if now.is_last_step:
            snapshots = record_week(world, p, now, people, ties, seats, totals, weekly, snapshots)
    course = Course(people, ties, seats, groups, gatherings, episodes, encounters, heard, totals, weekly, snapshots, scratch)
    return course, misfit, block
