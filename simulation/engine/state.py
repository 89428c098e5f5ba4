"""What the kernels work on. Rows 0..n-1 are the students, rows n..m-1 the seats of near-peer officers; i seeks and j helps.

`p`, the parameter values, and `world`, what holds for the whole run, are records, `people`, `seats` and the episodes arrays of records, which read
like attributes (`people.distress[i]`) and cost a call one argument; the rest are named tuples of arrays. `now` is the step.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Keys = NDArray[np.uint64]
Others = NDArray[np.int32]
Ends = NDArray[np.uint32]  # without a sign, so that indexing with them is not checked for negative numbers
Bools = NDArray[np.bool_]

NONE, WAITING, IN_CARE = 0, 1, 2


def _record_type(fields: list[tuple[str, Any]]) -> np.dtype[Any]:
    return np.dtype((np.record, np.dtype(fields, align=True)))


# World: what holds for the whole run.
#   seed: the run's seed. n: students enrolled. m: rows, near-peer seats included. dt: weeks a step.
#   has_training, has_information, ...: the training switches; has_advice, has_outreach, ...: the add-ons.
#   design: index into list(simulation.scenario.support.OFFICERS). contracted_hours: of each officer.
WORLD = _record_type([
    ("seed", np.uint64), ("n", np.int64), ("m", np.int64), ("dt", np.float64), ("steps_per_week", np.int64), ("n_weeks", np.int64),
    ("n_years", np.int64), ("n_sites", np.int64), ("design", np.int64), ("contracted_hours", np.float64), ("has_training", np.bool_),
    ("has_information", np.bool_), ("has_scripts", np.bool_), ("has_red_flags", np.bool_), ("has_self_disclosure", np.bool_),
    ("has_obligations", np.bool_), ("has_collegiality", np.bool_), ("has_advice", np.bool_), ("has_outreach", np.bool_),
    ("has_succession", np.bool_), ("has_trust", np.bool_), ("has_breach_stress", np.bool_), ("has_role_boundaries", np.bool_),
])  # fmt: skip

class Now(NamedTuple):
    """The step; scalars.

    Attributes:
        step: n, from 1. week: t, from 1. year: y, from 1. week_of_year: from 1.
        is_first_step: the first step of the week; is_last_step: the last.
        is_teaching, is_clinical, is_exam, is_settling_in: of the week.
        term: number of the campus term, -1 outside campus teaching. block: of the clinical block, -1 outside clinical teaching.
    """

    step: int
    week: int
    year: int
    week_of_year: int
    is_first_step: bool
    is_last_step: bool
    is_teaching: bool
    is_clinical: bool
    is_exam: bool
    is_settling_in: bool
    term: int
    block: int


# People: one record a row, shape (m,).
#   key: persistent key. sociability: B. own_stigma, own_expertise, own_boundary: S0, E0, U0, and *_shift s, e, b.
#   susceptibility: v. readiness. is_willing: to be an officer.
#   distress: D. onset: step of the present episode. frailty, openness: of it. episode: its index in `Episodes`, -1 while well.
#   recovered: step of the last recovery, -1 if never. received: R. load: L. worry: c.
#   care: NONE, WAITING or IN_CARE, and care_since, the step of asking or entering. referred: step of the last referral, -1 if never.
#   n_heard: disclosures heard this year. is_present: not left (near-peer seats: occupied).
#   is_officer, credibility, n_breaches, is_trained: of officers.
#   checked_by: officer (row) who checks in on this student this week, -1. checked_on: student on whom this officer does, -1.
#   visitor: near-peer row dealt to this student this year, -1. visit_hours: hours a week with it in this step, 0 if its seat is vacant.
#   friends: F. support: summed strength of ties with friends. attendance: a. contact: contact hours. n_offers: offers made this week
#   that count towards the limit. scheduled: C. main_site: -1 without.
PEOPLE = _record_type([  # what every step asks of everybody stands together
    ("key", np.uint64), ("is_present", np.bool_), ("is_officer", np.bool_), ("is_willing", np.bool_), ("is_trained", np.bool_),
    ("distress", np.int64), ("friends", np.int64), ("support", np.float64), ("susceptibility", np.float64), ("load", np.float64),
    ("care", np.int64), ("contact", np.float64), ("attendance", np.float64), ("main_site", np.int64), ("recovered", np.int64),
    ("sociability", np.float64), ("scheduled", np.float64), ("stigma_shift", np.float64), ("expertise_shift", np.float64),
    ("boundary_shift", np.float64), ("received", np.float64), ("worry", np.float64), ("n_offers", np.int64), ("onset", np.int64),
    ("frailty", np.float64), ("openness", np.float64), ("episode", np.int64), ("care_since", np.int64), ("referred", np.int64),
    ("n_heard", np.int64), ("own_stigma", np.float64), ("own_expertise", np.float64), ("own_boundary", np.float64), ("readiness", np.float64),
    ("credibility", np.float64), ("n_breaches", np.int64), ("checked_by", np.int64), ("checked_on", np.int64), ("visitor", np.int64),
    ("visit_hours", np.float64),
])  # fmt: skip
People = Any  # an array of PEOPLE, to a type checker
World = Any  # a record of WORLD


# What `Ties.value` holds of a pair: H, w, c, x (kappa-weighted c) (inflow at full attendance), the homophily factor (0 with near-peers), K, the
# part of the pull that is the same from both ends (alike (w^preference_exponent + common_friends_pull K)), the overlap (1 with near-peers), and h.
HOURS, STRENGTH, TOGETHER, COMPULSORY, ALIKE, COMMON, LIKING, OVERLAP, MET = range(9)
N_VALUES = 9
# Ends of the parts of the table of pairs, in `Ties.end`.
N_TOGETHER, N_TIED, N_MET = range(3)


class Ties(NamedTuple):
    """A table of the pairs that are looked at in a step, each once; where each person stands in it; and the hours remembered of other pairs.

    The table holds first the pairs with hours scheduled this week, up to end[N_TOGETHER]; then, up to end[N_TIED], others that had a strength when
    last sorted; then, up to end[N_MET], those with friends in common, who may meet. Of any other pair only hours are remembered, by one of the two
    (`pairs.keeper`), and its strength is 0.

    Attributes:
        value: of the pairs, shape (9, room); see HOURS and the others.
        first, second: rows of the two ends, first < second, shape (room,).
        met_on: last step in which chance or a check-in brought hours, -1 before, shape (room,).
        end: ends of the parts, shape (3,).
        place: where the pair stands in the rows of its first and its second end, shape (2, room).
        other, pair: by person, the other end and the pair in the table, shape (m, width); the first n_pairs, shape (m,).
        kept_other, kept_hours, kept_step: by person, the other end of a pair remembered, its hours, and the step at whose end it had them, shape
            (m, depth); the first n_kept, shape (m,).
        attribute: levels of the students, shape (n, columns).
        fade: what k steps leave of hours, 2^(-k dt / tie_half_life), shape (steps + 1,).
    """

    value: Floats
    first: Ends
    second: Ends
    met_on: Others
    end: Ints
    place: Others
    other: Others
    pair: Others
    n_pairs: Ints
    kept_other: Others
    kept_hours: Floats
    kept_step: Others
    n_kept: Ints
    attribute: Ints
    fade: Floats


# Seats: one record an officer's seat, shape (seats,).
#   row: who sits there, -1 if vacant. next_holder: number of the next near-peer holder.
SEATS = _record_type([("row", np.int64), ("next_holder", np.int64)])
Seats = Any  # an array of SEATS

# Episodes: columns as in simulation.record.history.Episodes, and for the reasons:
#   was_exposed: in any step. had_company: somebody known or scheduled together in an exposed step.
#   best_logit, best_step, best_key, obstacle: the likeliest helper who noticed and did not offer, and why (index into REASONS).
EPISODES = _record_type([
    ("student", np.int64), ("onset", np.int64), ("end", np.int64), ("n_steps", np.int64), ("n_isolated_steps", np.int64),
    ("is_isolated_at_onset", np.bool_), ("is_early", np.bool_), ("first_noticed", np.int64), ("first_offered", np.int64),
    ("first_accepted", np.int64), ("first_accepted_peer", np.int64), ("first_referred", np.int64), ("first_treated", np.int64),
    ("noticed_by", np.int64), ("accepted_by", np.int64), ("was_exposed", np.bool_), ("had_company", np.bool_), ("best_logit", np.float64),
    ("best_step", np.int64), ("best_key", np.uint64), ("obstacle", np.int64),
])  # fmt: skip


class Episodes(NamedTuple):
    """Record of episodes, in order of opening.

    Attributes:
        rows: array of EPISODES, shape (room,).
        used: episodes so far, shape (1,).
    """

    rows: Any
    used: Ints


class Totals(NamedTuple):
    """Counts of the run: shape (1,) unless said; names as in simulation.record.history.History.

    Attributes:
        n_offers: shape (n,). n_kinds: comfort, plan, referral, shape (3,). near_peer_load: shape (weeks x seats,), filled up to n_near_peer_load.
    """

    n_offers: Ints
    n_kinds: Ints
    n_checkins: Ints
    n_false_checkins: Ints
    n_breaches: Ints
    officer_hours: Floats
    n_relocations: Ints
    n_cross_group_ties_lost: Ints
    near_peer_load: Floats
    n_near_peer_load: Ints


class Weekly(NamedTuple):
    """Weekly series, shape (weeks, n), as in simulation.record.history.History."""

    distress: NDArray[np.int8]
    acquaintances: NDArray[np.int16]
    friends: NDArray[np.int16]
    close_friends: NDArray[np.int16]
    contact_hours: Floats
    is_supported: Bools
    care: NDArray[np.int8]
    load: Floats
    n_supports_given: NDArray[np.int16]
    is_officer: Bools
    is_present: Bools
    site: NDArray[np.int16]


class School(NamedTuple):
    """A school's files, and the policies; empty arrays stand for what is not given.

    Attributes:
        campus_policy: index into list(CAMPUS_POLICIES): 0 reshuffled, 1 stable, 2 roster. placement_policy: index into list(POLICIES):
            0 reshuffled, 1 fixed, 2 friends, 3 isolate-aware, 4 alone, 5 anchor-pair, 6 home-group, 7 two-sites, 8 timetable.
        capacity: places of each site, shape (sites,). campus_group: the roster's groups, shape (n,) or (0,).
        student, site, team, first_week, last_week, hours: rows of the timetable in force (empty unless the policy is timetable).
        has_friendships, start_week: of the school's record; friend_a, friend_b, friend_hours: pairs listed.
    """

    campus_policy: int
    placement_policy: int
    capacity: Ints
    campus_group: Ints
    student: Ints
    site: Ints
    team: Ints
    first_week: Ints
    last_week: Ints
    hours: Floats
    has_friendships: bool
    start_week: int
    friend_a: Ints
    friend_b: Ints
    friend_hours: Floats


class Groups(NamedTuple):
    """Groups as they were last formed: number of each student's group, shape (n,), -1 for none.

    Attributes:
        campus, placement, second (two-sites), home. placement_site, second_site: site of each group, shape (n,).
        formed: what groups and gatherings were last made for, -1 before; entries are named in groups.py (FORMED_TERM ...).
    """

    campus: Ints
    placement: Ints
    second: Ints
    home: Ints
    placement_site: Ints
    second_site: Ints
    formed: Ints


class Gatherings(NamedTuple):
    """Who is scheduled together this week; the members of gathering g are member[start[g]:start[g + 1]].

    Attributes:
        start: shape (room + 1,). member, hours: rows and their hours a week, shape (room,). factor: on the smaller of two members' hours, shape
            (room,). site: -1 for none. is_placement: counts with kappa_placement, else kappa_campus. used: gatherings, shape (1,).
        site_share: share of a student's hours at sites that each site has, shape (n, sites).
        is_spread: sites where hours were ever spread over expected companions, shape (sites,).
    """

    start: Ints
    member: Ints
    hours: Floats
    factor: Floats
    site: Ints
    is_placement: Bools
    used: Ints
    site_share: Floats
    is_spread: Bools


class Encounters(NamedTuple):
    """Who noticed whom in this step, shape (room,).

    Attributes:
        seeker, helper: rows. is_checkin: it happened in a check-in. strength: w of the two. is_made: an offer was made.
        used: shape (1,).
    """

    seeker: Ints
    helper: Ints
    is_checkin: Bools
    strength: Floats
    is_made: Bools
    used: Ints


def parameter_record(values: Any) -> Any:
    """Parameter values as one record whose fields the kernels read by name: `p.friend_hours`."""
    names = list(values.__dataclass_fields__)
    kinds = [(name, np.int64 if isinstance(getattr(values, name), int) else np.float64) for name in names]
    return np.array([tuple(getattr(values, name) for name in names)], dtype=_record_type(kinds))[0]
