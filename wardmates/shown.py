"""What the command line shows: consoles, faults as a table, and progress."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from time import monotonic

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn
from rich.table import Table
from rich.text import Text

from simulation.faults import Fault

MOST_FAULTS = 50
WIDTH_WITHOUT_TERMINAL = 150
_COLUMNS = ("where", "row", "column", "value", "what is wrong", "what is allowed")


def console(*, stderr: bool = False) -> Console:
    """A console that prints text as it is: no markup, so a student's id or a path in brackets is not taken for a colour."""
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() or "COLUMNS" in os.environ else WIDTH_WITHOUT_TERMINAL
    return Console(stderr=stderr, width=width, markup=False, emoji=False, highlight=False)


def text_of(fill: Callable[[Console], None]) -> str:
    """What `fill` prints, as it would look on standard output, to which nothing is written yet."""
    page, like = io.StringIO(), console()
    fill(Console(file=page, width=like.width, force_terminal=like.is_terminal, markup=False, emoji=False, highlight=False))
    return page.getvalue()


def plain_table(title: str = "") -> Table:
    """A table without lines."""
    # A title wraps at the table's width unless its style says otherwise.
    heading = Text(title, style="bold", no_wrap=True, overflow="ignore") if title else None
    return Table(title=heading, title_justify="left", header_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))


def printable(text: str) -> str:
    """The text with control characters written out, so that a file's contents cannot steer the terminal."""
    return "".join(c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in text)


def show_faults(faults: list[Fault]) -> None:
    """Print faults on stderr: where, row, column, value, what is wrong, what is allowed; at most MOST_FAULTS of them and the full count."""
    cells = [(f.where, "" if f.row is None else str(f.row), f.column, f.value, f.what, f.allowed) for f in faults[:MOST_FAULTS]]
    shown = [k for k in range(len(_COLUMNS)) if any(row[k] for row in cells)]
    table = plain_table()
    for k in shown:
        table.add_column(_COLUMNS[k], justify="right" if _COLUMNS[k] == "row" else "left", overflow="fold")
    for row in cells:
        table.add_row(*(printable(row[k]) for k in shown))
    err = console(stderr=True)
    err.print(f"{len(faults)} {'fault' if len(faults) == 1 else 'faults'} in what was given; nothing was written.", style="bold red")
    err.print(table)
    if len(faults) > MOST_FAULTS:
        err.print(f"... and {len(faults) - MOST_FAULTS} more: {len(faults)} faults in all, the first {MOST_FAULTS} are shown.")


class TimeLeft:
    """An estimate of the time left: the time taken so far, a run, for each run to come.

    Runs that go on side by side end at nearly the same time, so a rate over the last moments would be far off; and until as many have ended as
    go on at one time, the first of them would make it look as if the others had not been worked at.
    """

    def __init__(self, at_once: int, clock: Callable[[], float] = monotonic) -> None:
        self.at_once = at_once
        self._clock = clock
        self._begun = clock()
        self._end: float | None = None

    def update(self, done: int, of: int) -> None:
        """Note that so many runs are done."""
        if done >= min(self.at_once, of):
            self._end = self._begun + self.taken / done * of

    @property
    def taken(self) -> float:
        """Seconds since the start."""
        return self._clock() - self._begun

    @property
    def left(self) -> float | None:
        """Seconds; None while nothing can be said."""
        return None if self._end is None else max(0.0, self._end - self._clock())


class _TimeLeftColumn(ProgressColumn):
    """Counts down between the ends of runs."""

    def __init__(self, time_left: TimeLeft) -> None:
        super().__init__()
        self._time_left = time_left

    def render(self, task: Task) -> Text:
        left = self._time_left.left
        return Text("" if left is None else f"about {span(left)} left")


def span(seconds: float) -> str:
    """A time in words: seconds below two minutes, else minutes, else hours."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


@contextmanager
def progress(total: int, at_once: int = 1) -> Iterator[Callable[[int, int], None]]:
    """Progress on stderr with an estimate of the time left: a bar on a terminal, else lines at the start, after the first runs and each quarter.

    Args:
        total: runs to come.
        at_once: runs that go on at one time.

    Yields:
        What to call with (runs done, runs in all) after each replicate.
    """
    err = console(stderr=True)
    time_left = TimeLeft(at_once)
    if err.is_terminal:
        with _bar(err, time_left) as bar:
            task = bar.add_task("Simulating", total=total)

            def on_progress(done: int, of: int) -> None:
                time_left.update(done, of)
                bar.update(task, completed=done, total=of)

            yield on_progress
    else:
        yield plain_lines(err, total, time_left)


def _bar(err: Console, time_left: TimeLeft) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("runs"), _TimeLeftColumn(time_left))
    return Progress(*columns, console=err, transient=True)


def plain_lines(err: Console, total: int, time_left: TimeLeft) -> Callable[[int, int], None]:
    """Lines instead of a bar, few enough for a log: what to call after each replicate."""
    said = 0
    is_estimated = False
    say(err, f"Simulating {total} runs ...")

    def on_progress(done: int, of: int) -> None:
        nonlocal said, is_estimated
        time_left.update(done, of)
        quarter = 4 * done // max(of, 1)
        left = time_left.left
        if quarter <= said and (is_estimated or left is None):
            return
        said, is_estimated = quarter, left is not None
        rest = f", {span(time_left.taken)} taken" if done >= of else "" if left is None else f", about {span(left)} left"
        say(err, f"{done} of {of} runs done{rest}")

    return on_progress


def say(err: Console, text: str) -> None:
    """Say something that is no result; that it cannot be said (a log on a full disk) is no reason to stop."""
    with suppress(OSError):
        err.print(text, soft_wrap=True)  # a line of a log stays one line; a terminal breaks it by itself
