"""What is written down at the end of a step (docs/model.md, section 10)."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from simulation.engine.officers import n_in_post
from simulation.engine.state import N_TIED, STRENGTH, Bools, Episodes, Floats, Ints, Now, People, Seats, Ties, Totals, Weekly, World


class Snapshots(NamedTuple):
    """Ties of at least `recorded_strength` at the ends of chosen weeks, shape (room,).

    Attributes:
        week: week of each. i, j: rows, i < j, in order. strength: w.
        is_wanted: whether a week's ties are kept, shape (weeks,). used: ties so far, shape (1,).
    """

    week: Ints
    i: Ints
    j: Ints
    strength: Floats
    is_wanted: Bools
    used: Ints


@njit
def note_moves(world: World, now: Now, people: People, totals: Totals, last_site: Ints) -> None:
    """Relocations: a teaching week at another main site than in the last week with a site; once a week."""
    for i in range(world.n):
        site = people.main_site[i]
        if site >= 0 and people.is_present[i]:
            if now.is_teaching and last_site[i] >= 0 and last_site[i] != site:
                totals.n_relocations[0] += 1
            last_site[i] = site


@njit
def record_step(world: World, now: Now, people: People, seats: Seats, episodes: Episodes, totals: Totals, weekly: Weekly) -> None:
    """Steps of the running episodes, contact and officers' hours."""
    week = now.week - 1
    for i in range(world.n):
        if people.distress[i] >= 1:
            episode = people.episode[i]
            episodes.rows.n_steps[episode] += 1
            episodes.rows.n_isolated_steps[episode] += people.friends[i] == 0
        weekly.contact_hours[week, i] += people.contact[i] * world.dt
    totals.officer_hours[0] += n_in_post(seats) * world.contracted_hours * world.dt


@njit
def record_week(world: World, p: Any, now: Now, people: People, ties: Ties, seats: Seats, totals: Totals, weekly: Weekly,
                snapshots: Snapshots) -> Snapshots:  # fmt: skip
    """The weekly series, at the last step of a week; the ties where they are wanted."""
    week, n = now.week - 1, world.n
    acquaintances, close_friends = weekly.acquaintances[week], weekly.close_friends[week]
    strength, first, second = ties.value[STRENGTH], ties.first, ties.second
    for q in range(ties.end[N_TIED]):
        if second[q] < n:
            is_acquaintance, is_close = strength[q] >= p.acquaintance_strength, strength[q] >= p.close_strength
            acquaintances[first[q]] += is_acquaintance
            acquaintances[second[q]] += is_acquaintance
            close_friends[first[q]] += is_close
            close_friends[second[q]] += is_close
    for i in range(n):
        weekly.friends[week, i] = people.friends[i]
        weekly.distress[week, i], weekly.care[week, i], weekly.load[week, i] = people.distress[i], people.care[i], people.load[i]
        weekly.is_officer[week, i], weekly.is_present[week, i] = people.is_officer[i], people.is_present[i]
        weekly.site[week, i] = people.main_site[i]
    for k in range(len(seats.row)):
        if seats.row[k] >= n:
            totals.near_peer_load[totals.n_near_peer_load[0]] = people.load[seats.row[k]]
            totals.n_near_peer_load[0] += 1
    if snapshots.is_wanted[week]:
        snapshots = _keep_ties(world, p, now, ties, snapshots)
    return snapshots


@njit
def _keep_ties(world: World, p: Any, now: Now, ties: Ties, snapshots: Snapshots) -> Snapshots:
    row = np.empty(ties.other.shape[1], dtype=np.int64)
    for i in range(world.n):
        n_row = 0
        for k in range(ties.n_pairs[i]):
            if i < ties.other[i, k] < world.n and ties.value[STRENGTH, ties.pair[i, k]] >= p.recorded_strength:
                row[n_row] = k
                n_row += 1
        while snapshots.used[0] + n_row > len(snapshots.week):
            snapshots = _grown(snapshots)
        for k in row[:n_row][np.argsort(ties.other[i][row[:n_row]])]:
            at = snapshots.used[0]
            snapshots.week[at], snapshots.i[at], snapshots.j[at] = now.week, i, ties.other[i, k]
            snapshots.strength[at] = ties.value[STRENGTH, ties.pair[i, k]]
            snapshots.used[0] = at + 1
    return snapshots


@njit
def _grown(snapshots: Snapshots) -> Snapshots:
    room = len(snapshots.week)
    week, i, j, strength = np.empty(2 * room, np.int64), np.empty(2 * room, np.int64), np.empty(2 * room, np.int64), np.empty(2 * room)
    week[:room], i[:room], j[:room], strength[:room] = snapshots.week, snapshots.i, snapshots.j, snapshots.strength
    return Snapshots(week, i, j, strength, snapshots.is_wanted, snapshots.used)
