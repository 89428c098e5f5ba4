"""What is done in what order: tasks by number, those of a shard, and the pieces that workers are given.

A task is all scenarios of one point and replicate. Tasks are numbered replicate by replicate, so a sweep that was stopped has nearly the same number
of replicates at every point; the rows of task t are t * n_scenarios to (t + 1) * n_scenarios - 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simulation.faults import Fault, InputError

if TYPE_CHECKING:
    from experiments.sweep.design import Design

Mask = NDArray[np.bool_]
Shard = tuple[int, int]

WHOLE: Shard = (1, 1)
RUNS_A_CHUNK = 250
_TURNS = 8
_MOST_BLOCKS = 128


def n_tasks(design: Design) -> int:
    """Tasks of a design."""
    return design.n_points * design.replicates


def place_of(task: int, n_points: int) -> tuple[int, int]:
    """The point and the replicate of a task."""
    replicate, point = divmod(task, n_points)
    return point, replicate


def read_shard(text: str) -> Shard:
    """A shard from `K/N`.

    Raises:
        InputError: it is no such text, or K is not one of 1 to N.
    """
    k, sign, n = text.partition("/")
    if sign and k.strip().isdecimal() and n.strip().isdecimal() and 1 <= int(k) <= int(n):
        return int(k), int(n)
    raise InputError([Fault("--shard", "is no part of a sweep", "K/N with K from 1 to N, for instance 3/10", value=text)])


def owned(design: Design, shard: Shard) -> Mask:
    """Tasks of a shard, shape (tasks,); those of all shards of one N are every task once.

    Blocks of tasks go to the shards in turns. A plain rota would give a shard the same points in every replicate wherever N divides the blocks of
    a replicate, so block j goes to the sum of j's digits in base N, modulo N (the Thue-Morse sequence for any N): it too gives each of N blocks
    that begin with a multiple of N to another shard, and keeps step with no period.
    """
    (k, n), total = shard, n_tasks(design)
    if n == 1:
        return np.ones(total, dtype=np.bool_)
    size = max(1, min(_tasks_a_chunk(design), max(design.n_points // (_TURNS * n), total // (_MOST_BLOCKS * n))))
    rest = np.arange(total, dtype=np.int64) // size
    digits = np.zeros(total, dtype=np.int64)
    while rest.any():
        digits += rest % n
        rest //= n
    return np.asarray(digits % n == k - 1)


def mask_of(ranges: Iterable[range], design: Design) -> Mask:
    """Tasks that are in any of the ranges, shape (tasks,)."""
    mask = np.zeros(n_tasks(design), dtype=np.bool_)
    for tasks in ranges:
        mask[tasks.start : tasks.stop] = True
    return mask


def pieces_of(is_wanted: Mask, design: Design, workers: int) -> Iterator[range]:
    """Wanted tasks in their order, in pieces of RUNS_A_CHUNK runs at most, and so many that all workers end at nearly one time."""
    wanted = np.flatnonzero(is_wanted)
    most = max(1, min(_tasks_a_chunk(design), len(wanted) // (_TURNS * workers)))
    ends = np.append(np.flatnonzero(np.diff(wanted) > 1), len(wanted) - 1) if len(wanted) else wanted
    start = 0
    for end in ends.tolist():
        first, last = int(wanted[start]), int(wanted[end])
        for begin in range(first, last + 1, most):
            yield range(begin, min(begin + most, last + 1))
        start = end + 1


def _tasks_a_chunk(design: Design) -> int:
    return max(1, RUNS_A_CHUNK // len(design.scenarios))
