"""Room for a run, and the state at entry (docs/model.md, section 3)."""

from __future__ import annotations

import math
from typing import Any, TypeVar, get_args, get_type_hints

import numpy as np
from scipy.special import gammaincinv

from simulation.engine import draws
from simulation.engine.compile import kept
from simulation.engine.distress import begin
from simulation.engine.state import (
    EPISODES,
    N_VALUES,
    PEOPLE,
    SEATS,
    Encounters,
    Episodes,
    Floats,
    Ints,
    People,
    Seats,
    Ties,
    Totals,
    Weekly,
    World,
)
from simulation.streams import uniform

Table = TypeVar("Table", Episodes, Encounters)
ROOM_FOR_PAIRS = 96  # of a person to begin with, where the cohort is larger than that


@kept(nogil=True)
def draw_people(world: World, p: Any, people: People, attribute: Ints, episodes: Episodes, draws_attributes: bool) -> Episodes:
    """Lasting traits of the students by their keys; who is distressed at entry, which begins an episode.

    Args:
        draws_attributes: draw the two attributes; a roster may have given others.
    """
    seed, n = world.seed, world.n
    streams = (draws.stream_at(seed, draws.STIGMA, 0), draws.stream_at(seed, draws.EXPERTISE, 0), draws.stream_at(seed, draws.BOUNDARY, 0))
    readiness, susceptibility = draws.stream_at(seed, draws.READINESS, 0), draws.stream_at(seed, draws.SUSCEPTIBILITY, 0)
    volunteer, entry = draws.stream_at(seed, draws.VOLUNTEER, 0), draws.stream_at(seed, draws.ENTRY, 0)
    first, second = draws.stream_at(seed, draws.ATTRIBUTE_1, 0), draws.stream_at(seed, draws.ATTRIBUTE_2, 0)
    for i in range(n):
        key = people.key[i]
        if draws_attributes:
            attribute[i, 0] = math.floor(draws.uniform(first, key) * p.attribute_1_levels)
            attribute[i, 1] = math.floor(draws.uniform(second, key) * p.attribute_2_levels)
        people.own_stigma[i], people.own_expertise[i] = draws.normal(streams[0], key), draws.normal(streams[1], key)
        people.own_boundary[i] = draws.normal(streams[2], key)
        people.readiness[i] = p.readiness_sd * draws.normal(readiness, key)
        people.susceptibility[i] = draws.lognormal_of(p.susceptibility_sd, draws.directed(susceptibility, key), draws.NO_KEY)
        people.is_willing[i] = draws.uniform(volunteer, key) < p.volunteer_share
        if draws.uniform(entry, key) < p.distressed_at_entry:
            people.distress[i] = 1
            episodes = begin(world, p, 0, True, people, episodes, i)
    return episodes


def empty_people(n: int, m: int, keys: Ints) -> People:
    """Everybody as before any draw; near-peer seats (rows from n) vacant."""
    people = np.zeros(m, PEOPLE).view(np.recarray)
    for name in ("onset", "episode", "recovered", "care_since", "referred", "checked_by", "checked_on", "visitor", "main_site"):
        people[name] = -1
    people["key"][:n], people["is_present"][:n] = keys, True
    people["attendance"], people["frailty"] = 1.0, 1.0
    return people


def empty_seats(n_seats: int) -> Seats:
    """Vacant seats."""
    seats = np.zeros(n_seats, SEATS).view(np.recarray)
    seats["row"] = -1
    return seats


def sociability(p: Any, seed: int, keys: Any) -> Floats:
    """B: gamma, by the inverse of its distribution function, shape (n,)."""
    shape = p.sociability_cv**-2.0
    return np.asarray(gammaincinv(shape, uniform(seed, "sociability", 0, keys)) * p.sociability_mean / shape, dtype=np.float64)


def empty_ties(world: World, p: Any, attribute: Ints) -> Ties:
    """Nobody has met anybody, with room for about as many pairs as there mostly are."""
    m = int(world.m)
    width = min(max(m - 1, 1), ROOM_FOR_PAIRS)
    fade = 2.0 ** (-np.arange(world.n_weeks * world.steps_per_week + 1) * world.dt / p.tie_half_life)
    room = (m * width + 1) // 2
    rows, kept = np.zeros((2, m, width), dtype=np.int32), np.zeros((2, m, width), dtype=np.int32)
    ends, counts = np.zeros((2, room), dtype=np.uint32), np.zeros((2, m), dtype=np.int64)
    return Ties(np.zeros((N_VALUES, room)), ends[0], ends[1], np.zeros(room, dtype=np.int32), np.zeros(3, dtype=np.int64),
                np.zeros((2, room), dtype=np.int32), rows[0], rows[1], counts[0], kept[0], np.zeros((m, width)), kept[1], counts[1], attribute,
                fade)  # fmt: skip


def empty_episodes(n: int, n_weeks: int) -> Episodes:
    """No episode yet, with room for more than there mostly are."""
    room = 16 + n * n_weeks // 50
    return Episodes(np.zeros(room, EPISODES).view(np.recarray), np.zeros(1, dtype=np.int64))


def empty_encounters(n: int) -> Encounters:
    """Nobody noticed anybody yet."""
    return empty_columns(Encounters, 16 + n)


def empty_columns(kind: type[Table], room: int) -> Table:
    """Columns of zeros of the types that a named tuple's fields are annotated with; `used` is of shape (1,)."""
    dtypes = {name: get_args(get_args(hint)[1])[0] for name, hint in get_type_hints(kind).items()}
    return kind(**{name: np.zeros(1 if name == "used" else room, dtype=dtype) for name, dtype in dtypes.items()})


def empty_totals(n: int, n_weeks: int, n_seats: int) -> Totals:
    """All zero."""

    def count(k: int = 1) -> Ints:
        return np.zeros(k, dtype=np.int64)

    return Totals(count(n), count(3), count(), count(), count(), np.zeros(1), count(), count(), np.zeros(max(1, n_weeks * n_seats)), count())


def empty_weekly(n_weeks: int, n: int) -> Weekly:
    """All zero."""

    def series(dtype: Any) -> Any:
        return np.zeros((n_weeks, n), dtype=dtype)

    return Weekly(
        distress=series(np.int8), acquaintances=series(np.int16), friends=series(np.int16), close_friends=series(np.int16),
        contact_hours=series(np.float64), is_supported=series(np.bool_), care=series(np.int8), load=series(np.float64),
        n_supports_given=series(np.int16), is_officer=series(np.bool_), is_present=series(np.bool_), site=series(np.int16),
    )  # fmt: skip
