"""Two engines side by side: the first thing in which they differ, looked for after every step and in the whole record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulation.engine import state
from simulation.engine.cohort import Cohort, Plan
from simulation.model import PeerSupportModel
from tests.engines.scenarios import Case

CLOSE = 1e-9  # strengths, loads and the like; everything else is the same to the last bit
DISCRETE = ("distress", "care", "friends", "is_present", "is_officer", "is_trained", "n_breaches", "n_heard", "recovered", "referred")
WHILE_IN_CARE, WHILE_DISTRESSED = ("care_since",), ("onset",)
FLOATS = ("load", "received", "worry", "contact", "stigma_shift", "expertise_shift", "boundary_shift")
WHILE_DISTRESSED_FLOATS = ("frailty", "openness")
OF_NEAR_PEERS = ("load", "own_expertise", "expertise_shift", "boundary_shift", "stigma_shift", "readiness", "contact")
WEEKS_OF_TIES = (3, 30)  # besides the year-ends


def strengths(cohort: Cohort) -> NDArray[np.float64]:
    """w of each pair, by the row of one end, shape (rows, rows).

    Raises:
        AssertionError: a pair stands twice in the table, or not where its two people say.
    """
    ties, w = cohort.course.ties, _no_pairs(cohort)
    n = ties.end[state.N_MET]
    first, second = ties.first[:n].astype(int), ties.second[:n].astype(int)
    assert len(np.unique(first * len(w) + second)) == n, "a pair stands twice in the table"
    for end, mine, others in ((0, first, second), (1, second, first)):
        place = ties.place[end, :n]
        assert (ties.pair[mine, place] == np.arange(n)).all() and (ties.other[mine, place] == others).all(), "a row and the table differ"
    assert ties.n_pairs.sum() == 2 * n, "rows hold pairs that the table does not"
    n_tied = ties.end[state.N_TIED]
    assert (ties.value[state.STRENGTH, n_tied:n] == 0.0).all(), "a tie stands in the part of those who have none"
    w[first, second] = w[second, first] = ties.value[state.STRENGTH, :n]
    return w


def hours(cohort: Cohort) -> NDArray[np.float64]:
    """H of each pair, by the row of one end, shape (rows, rows); what is only remembered has faded since it was last looked at."""
    ties, h, p = cohort.course.ties, _no_pairs(cohort), cohort.plan.p
    forgotten = -p.friend_hours * np.log2(1.0 - p.forget_below)
    for k in range(len(h)):
        others = ties.kept_other[k, : ties.n_kept[k]]
        kept = ties.kept_hours[k, : len(others)].copy()
        age = cohort.step_number - ties.kept_step[k, : len(others)]
        kept *= 2.0 ** (-age * cohort.world.dt / p.tie_half_life)
        kept[(age > 0) & (kept < forgotten)] = 0.0
        assert (h[k, others] == 0.0).all() and len(set(others.tolist())) == len(others), f"a pair is remembered twice by row {k}"
        h[k, others] = h[others, k] = kept
    n = ties.end[state.N_MET]
    first, second = ties.first[:n], ties.second[:n]
    assert (h[first, second] == 0.0).all(), "a pair of the table is remembered as well"
    h[first, second] = h[second, first] = ties.value[state.HOURS, :n]
    return h


def _no_pairs(cohort: Cohort) -> NDArray[np.float64]:
    m = len(cohort.course.people)
    return np.zeros((m, m))


def differ(name: str, mesa: Any, arrays: Any, close: float | None = None) -> Iterator[str]:
    """A line if two arrays differ: in shape, in type (unless `close`), or in any value (by more than `close`)."""
    a, b = np.asarray(mesa), np.asarray(arrays)
    if a.shape != b.shape:
        yield f"{name}: shape {a.shape} with Mesa, {b.shape} on arrays"
    elif close is None and a.dtype != b.dtype:
        yield f"{name}: {a.dtype} with Mesa, {b.dtype} on arrays"
    else:
        # Written so that nan is a difference.
        bad = ~(a == b) if close is None else ~(np.abs(a - b) <= close)
        if bad.any():
            at = tuple(int(k) for k in np.argwhere(np.atleast_1d(bad))[0])
            yield f"{name} at {at}: {np.atleast_1d(a)[at]!r} with Mesa, {np.atleast_1d(b)[at]!r} on arrays ({int(bad.sum())} in all)"


def after_step(model: PeerSupportModel, cohort: Cohort) -> Iterator[str]:
    """Differences between the two after a step, students who have left looked at only as far as they are looked at by the model."""
    people, s, n, here = cohort.course.people, model.state, model.n_students, model.present
    seats = [seat.row for seat in model.officers.seats]
    yield from differ("seats", np.array(seats, dtype=np.int64), cohort.course.seats.row)
    near_peers = [row for row in seats if row >= n]
    for name in DISCRETE:
        yield from differ(name, getattr(s, name)[:n][here].astype(np.int64), np.asarray(people[name])[:n][here].astype(np.int64))
    yield from differ("main_site", model.main_site[here], np.asarray(people["main_site"])[:n][here])
    yield from differ("groups", _group_table(model.scheduler.groups, n)[here], cohort.course.groups.placement[here])
    for names, who in ((WHILE_IN_CARE, s.care[:n] > 0), (WHILE_DISTRESSED, s.distress[:n] > 0)):
        for name in names:
            yield from differ(name, getattr(s, name)[:n][here & who], np.asarray(people[name])[:n][here & who])
    for names, rows in ((FLOATS, np.flatnonzero(here)), (WHILE_DISTRESSED_FLOATS, np.flatnonzero(here & (s.distress[:n] > 0))),
                        (("credibility",), np.flatnonzero(s.is_officer)), (OF_NEAR_PEERS, np.array(near_peers, dtype=np.int64))):  # fmt: skip
        for name in names:
            yield from differ(name, getattr(s, name)[rows], np.asarray(people[name])[rows], CLOSE)
    yield from differ("key of near-peers", s.key[near_peers].astype(np.uint64), np.asarray(people["key"])[near_peers])
    rows = np.append(np.flatnonzero(here), np.array(near_peers, dtype=np.int64))
    pairs = np.ix_(rows, rows)
    for name, mesa, arrays in (("strength", model.ties.strength, strengths(cohort)), ("hours", model.ties.hours, hours(cohort))):
        yield from differ(name, mesa[pairs], arrays[pairs], CLOSE)
        yield from differ(f"{name} from the other end", arrays, arrays.T, CLOSE)


def _group_table(groups: tuple[NDArray[np.int64], ...], n: int) -> NDArray[np.int64]:
    """Number of each student's group, shape (n,), -1 for none."""
    table = np.full(n, -1)
    for number, members in enumerate(groups):
        table[members] = number
    return table


def in_records(name: str, mesa: Any, arrays: Any, close: float = CLOSE, relative: bool = False) -> Iterator[str]:
    """Differences between two records, however they are nested; types and shapes included.

    Args:
        close: how far two floats may be apart. relative: times their size where that is above 1.
    """
    if is_dataclass(mesa):
        for field in fields(mesa):
            if field.compare:
                yield from in_records(f"{name}.{field.name}", getattr(mesa, field.name), getattr(arrays, field.name), close, relative)
    elif isinstance(mesa, dict):
        yield from differ(f"keys of {name}", list(mesa), list(arrays))
        for key in mesa:
            yield from in_records(f"{name}[{key}]", mesa[key], arrays[key], close, relative)
    elif isinstance(mesa, np.ndarray):
        if mesa.dtype != arrays.dtype:
            yield f"{name}: {mesa.dtype} with Mesa, {arrays.dtype} on arrays"
        elif mesa.dtype.kind == "f" and mesa.shape == arrays.shape:
            size = np.maximum(1.0, np.abs(mesa)) if relative else np.ones(mesa.shape)
            yield from differ(name, mesa / size, arrays / size, close)
        else:
            yield from differ(name, mesa, arrays)
    elif type(mesa) is not type(arrays):
        yield f"{name}: {type(mesa)} with Mesa, {type(arrays)} on arrays"
    elif isinstance(mesa, float):
        yield from differ(name, mesa / (size := max(1.0, abs(mesa)) if relative else 1.0), arrays / size, close)
    elif mesa != arrays:
        yield f"{name}: {mesa!r} with Mesa, {arrays!r} on arrays"


def differences(case: Case, seed: int, weeks_of_ties: tuple[int, ...] = WEEKS_OF_TIES) -> Iterator[str]:
    """Everything in which the two engines differ, step by step and then in the record; nothing if they agree."""
    model = PeerSupportModel(case.scenario, seed, keys=case.keys, weeks_of_ties=weeks_of_ties)
    cohort = Cohort(Plan(case.scenario), seed, keys=case.keys, weeks_of_ties=weeks_of_ties)
    n = model.n_students
    for name in ("own_stigma", "own_expertise", "own_boundary", "sociability", "susceptibility", "readiness"):
        yield from differ(name, getattr(model.state, name)[:n], np.asarray(cohort.course.people[name])[:n], CLOSE)
    while model.running:
        model.step()
        cohort.run_to(model.step_number)
        for line in after_step(model, cohort):
            yield f"week {model.week}, step {model.step_number}: {line}"
    yield from in_records("history", model.history(), cohort.history())


def first_difference(case: Case, seed: int, weeks_of_ties: tuple[int, ...] = WEEKS_OF_TIES) -> str:
    """The first of them; empty if the engines agree."""
    return next(differences(case, seed, weeks_of_ties), "")
