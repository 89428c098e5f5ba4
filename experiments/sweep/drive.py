"""Pieces handed out to workers, so few at a time that memory stays flat, and what comes back stored at once."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass

from experiments.sweep.rows import Part

MOST_SECONDS = 30.0
"""After this long a worker hands in what it has, so no more than that is lost in a crash."""
_TICK = 0.25


class WorkersError(RuntimeError):
    """Those who run the pieces are gone; the message says why."""


@dataclass(frozen=True)
class Workers:
    """Those who run pieces.

    Attributes:
        submit: gives a piece to one of them.
        n: how many of them go on at one time, as things are now.
        n_run: runs that have ended; None where that is known only when their parts are handed in.
        stop: asks them to hand in what they have done, which takes a run's time; None where they cannot be asked, and it is given up.
    """

    submit: Callable[[range], Future[Part]]
    n: Callable[[], int]
    n_run: Callable[[], int | None]
    stop: Callable[[], None] | None


def drive(workers: Workers, pieces: Iterator[range], stop: threading.Event, store: Callable[[Part], None], on_tick: Callable[[], None]) -> list[str]:
    """Run all pieces, or until stopped; two for each worker are under way, so that none waits while another's rows are stored.

    Args:
        workers: that run them.
        pieces: consecutive tasks each.
        stop: once set, nothing more begins.
        store: called in this thread with each part that holds anything.
        on_tick: called in this thread several times a second.

    Returns:
        A sentence for each piece that no worker could finish; its tasks are not done.

    Raises:
        WorkersError: there are no workers any more.
    """
    again: deque[range] = deque()
    under_way: dict[Future[Part], range] = {}
    lost: list[str] = []
    while True:
        n_most = 2 * workers.n()
        while not stop.is_set() and len(under_way) < n_most:
            piece = again.popleft() if again else next(pieces, None)
            if piece is None:
                break
            under_way[workers.submit(piece)] = piece
        if stop.is_set() and workers.stop is not None:
            workers.stop()
        if not under_way or (stop.is_set() and workers.stop is None):
            return lost
        for future in wait(under_way, timeout=_TICK, return_when=FIRST_COMPLETED).done:
            piece = under_way.pop(future)
            part = _result(future, piece, lost)
            if part is None:
                continue
            if part.tasks:
                store(part)
            if part.tasks.stop < piece.stop:
                again.append(range(part.tasks.stop, piece.stop))
        on_tick()


def _result(future: Future[Part], piece: range, lost: list[str]) -> Part | None:
    try:
        return future.result()
    except BrokenProcessPool as error:
        raise WorkersError("a worker process ended before it was done (want of memory is the likeliest cause: fewer workers need less)") from error
    except CancelledError as error:
        raise WorkersError("the cluster's scheduler is gone") from error
    except (OSError, WorkersError):
        raise
    except Exception as error:  # of the worker and not of a run: those that fail are rows
        lost.append(f"tasks {piece.start} to {piece.stop - 1}: {type(error).__name__}: {error}".replace("\n", " ")[:300])
        return None
