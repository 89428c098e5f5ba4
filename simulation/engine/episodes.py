"""The record of episodes: when each began and ended, what first happened in it and by whom, and why nobody reached it (docs/model.md, section 10)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from simulation.engine.state import Episodes, Ints, People
from simulation.record.history import REASONS, SOURCES_OF_HELP

NEVER = -1
BY_NOBODY, BY_PEER, BY_OFFICER, BY_STAFF = (SOURCES_OF_HELP.index(source) for source in ("nobody", "peer", "officer", "staff"))
REACHED, REFUSED, WEEKLY_LIMIT = (REASONS.index(reason) for reason in ("reached", "refused", "weekly limit"))
EXPERTISE, STIGMA, BOUNDARY, LOAD = (REASONS.index(reason) for reason in ("expertise", "stigma", "boundary", "load"))
WEAK_TIE, OWN_DISTRESS, RELUCTANCE, CHANCE = (REASONS.index(reason) for reason in ("weak tie", "own distress", "reluctance", "chance"))
BRIEF, NOBODY_THERE, NOT_NOTICED = (REASONS.index(reason) for reason in ("brief", "nobody there", "not noticed"))


@njit
def grown(episodes: Episodes) -> Episodes:
    """The same record with twice the room."""
    n = len(episodes.rows)
    return Episodes(episodes.rows[np.arange(2 * n) % n], episodes.used)  # what stands in the new half is written when an episode opens


@njit
def open_episode(people: People, episodes: Episodes, i: int, step: int, is_isolated: bool, is_early: bool) -> Episodes:
    """Student i becomes distressed in this step (0: at entry).

    Args:
        is_isolated: F = 0 after the tie phase of the step; at entry true.
        is_early: the step is in the settling-in, entry included.

    Returns:
        The record, larger where its room was used up.
    """
    e = episodes.used[0]
    if e == len(episodes.rows):
        episodes = grown(episodes)
    episodes.used[0] = e + 1
    people.episode[i], rows = e, episodes.rows
    rows.student[e], rows.onset[e], rows.end[e], rows.is_early[e] = i, step, NEVER, is_early
    rows.n_steps[e], rows.n_isolated_steps[e], rows.is_isolated_at_onset[e] = 0, 0, is_isolated
    rows.first_noticed[e], rows.first_offered[e], rows.first_accepted[e] = NEVER, NEVER, NEVER
    rows.first_accepted_peer[e], rows.first_referred[e], rows.first_treated[e] = NEVER, NEVER, NEVER
    rows.noticed_by[e], rows.accepted_by[e] = BY_NOBODY, BY_NOBODY
    rows.was_exposed[e], rows.had_company[e] = False, False
    rows.best_logit[e], rows.best_step[e], rows.best_key[e], rows.obstacle[e] = -np.inf, NEVER, 0, CHANCE
    return episodes


@njit
def close_episode(people: People, episodes: Episodes, i: int, step: int) -> None:
    """Student i is well again in this step: it is the episode's end."""
    episodes.rows.end[people.episode[i]] = step
    people.episode[i] = -1


@njit
def censor_episode(people: People, episodes: Episodes, i: int) -> None:
    """Student i leaves the course: the episode has no end. What is open when the course is over needs nothing."""
    episodes.rows.end[people.episode[i]] = NEVER
    people.episode[i] = -1


@njit
def note(first: Ints, e: int, step: int) -> None:
    """Note that it happened in episode e, if for the first time: `note(episodes.rows.first_treated, e, now.step)`."""
    if first[e] == NEVER:
        first[e] = step


@njit
def note_by(first: Ints, by: Ints, e: int, step: int, source: int) -> None:
    """Note that it happened and by whom: *peer* if any peer did in the first step, else *officer*, else *staff*."""
    if first[e] == NEVER or (first[e] == step and source < by[e]):
        first[e], by[e] = step, source


@njit
def is_likelier(best_logit: float, best_step: int, best_key: np.uint64, logit: float, step: int, key: np.uint64) -> bool:
    """Whether this helper, who noticed, is likelier than the best so far: the greatest offer logit, then the earlier step, then the smaller key."""
    if logit != best_logit:
        return logit > best_logit
    return bool(step < best_step or (step == best_step and key < best_key))


@njit
def reasons(rows: Any) -> Ints:
    """Why each episode was missed, at the end of the run: index into REASONS, shape (episodes,); the first that holds."""
    n = len(rows)
    reason = np.full(n, NOT_NOTICED)
    for e in range(n):
        if rows.first_accepted[e] != NEVER or rows.first_treated[e] != NEVER:
            reason[e] = REACHED
        elif rows.first_offered[e] != NEVER:
            reason[e] = REFUSED
        elif rows.first_noticed[e] != NEVER:
            reason[e] = rows.obstacle[e]
        elif not rows.was_exposed[e]:
            reason[e] = BRIEF
        elif not rows.had_company[e]:
            reason[e] = NOBODY_THERE
    return reason
