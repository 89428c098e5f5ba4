"""How far the run is, and an honest estimate of the time left: what each case took when it was measured, for each turn it still has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn
from rich.text import Text

from wardmates.shown import console, say, span

_TRUSTED = 30.0


class Ledger:
    """What is still to be done, and how long it will take.

    Args:
        work: names and guesses, in seconds, of everything to be done, in its order; a name may come more than once.
        clock: that tells seconds.
    """

    def __init__(self, work: Sequence[tuple[str, float]], clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._guess = dict(work)
        self._to_come = Counter(name for name, _ in work)
        self._taken: dict[str, list[float]] = {}
        self._begun = self._since = clock()

    def done(self, name: str, seconds: float) -> None:
        """Something has been done, and took so long."""
        self._to_come[name] -= 1
        self._taken.setdefault(name, []).append(seconds)
        self._since = self._clock()

    @property
    def taken(self) -> float:
        """Seconds since the start."""
        return self._clock() - self._begun

    @property
    def left(self) -> float:
        """Seconds still to come.

        What has been measured takes what it took, on average. What has not takes its guess, times what the measured ones took of theirs (as if
        _TRUSTED seconds had gone as guessed, so that one short step does not turn everything over).
        """
        guessed = sum(len(taken) * self._guess[name] for name, taken in self._taken.items())
        scale = (sum(map(sum, self._taken.values())) + _TRUSTED) / (guessed + _TRUSTED)
        seconds = 0.0
        for name, times in self._to_come.items():
            taken = self._taken.get(name)
            seconds += times * (sum(taken) / len(taken) if taken else scale * self._guess[name])
        return max(0.0, seconds - (self._clock() - self._since))


class _TimeLeftColumn(ProgressColumn):
    def __init__(self, ledger: Ledger) -> None:
        super().__init__()
        self._ledger = ledger

    def render(self, task: Task) -> Text:
        """Count down between turns."""
        return Text(f"about {span(self._ledger.left)} left")


Tell = Callable[[str, str], None]
"""(what begins now, headline): the headline is a line of its own in a log; "" for none."""


@contextmanager
def shown(ledger: Ledger) -> Iterator[Tell]:
    """Progress on stderr: a bar on a terminal, else a line at every headline."""
    err = console(stderr=True)
    if not err.is_terminal:
        yield _in_lines(err, ledger)
        return
    columns = (BarColumn(40), _TimeLeftColumn(ledger), TextColumn("{task.description}"))
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("")

        def tell(what: str, _headline: str) -> None:
            bar.update(task, description=what, completed=ledger.taken, total=ledger.taken + ledger.left)

        yield tell


def _in_lines(err: Console, ledger: Ledger) -> Tell:
    def tell(_what: str, headline: str) -> None:
        if headline:
            say(err, f"{headline}, about {span(ledger.left)} left")

    return tell
