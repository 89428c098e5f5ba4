"""What the command line shows: consoles, faults as a table, and progress."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
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


@contextmanager
def progress(total: int) -> Iterator[Callable[[int, int], None]]:
    """Progress on stderr with an estimate of the time left: a bar on a terminal, else a line at the start, each quarter and the end.

    Args:
        total: runs to come.

    Yields:
        What to call with (runs done, runs in all) after each run.
    """
    err = console(stderr=True)
    if err.is_terminal:
        with _bar(err) as bar:
            task = bar.add_task("Simulating", total=total)
            yield lambda done, of: bar.update(task, completed=done, total=of)
    else:
        yield _quarters(err, total)


def _bar(err: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("runs, time left"), TimeRemainingColumn())
    return Progress(*columns, console=err, transient=True)


def _quarters(err: Console, total: int) -> Callable[[int, int], None]:
    """Plain lines instead of a bar, so that a log stays short."""
    begun = monotonic()
    said = 0
    err.print(f"Simulating {total} runs ...")

    def on_progress(done: int, of: int) -> None:
        nonlocal said
        quarter = 4 * done // max(of, 1)
        if quarter <= said:
            return
        said = quarter
        taken = monotonic() - begun
        rest = f"{taken:.0f} s taken" if done >= of else f"about {taken / done * (of - done):.0f} s left"
        err.print(f"{done} of {of} runs done, {rest}")

    return on_progress
