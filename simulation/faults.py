"""Faults in what a user gave, all of them at once, each with its place, its value and what is allowed."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One fault.

    Attributes:
        where: file, key or option.
        what: what is wrong, with the value.
        allowed: what is allowed, and the nearest name where there is one.
        row: row of the file as a spreadsheet numbers it (header = 1); None outside files.
        column: column of the file; empty outside files.
        value: the value as given.
    """

    where: str
    what: str
    allowed: str = ""
    row: int | None = None
    column: str = ""
    value: str = ""

    def __str__(self) -> str:
        place = self.where + (f", row {self.row}" if self.row is not None else "") + (f", column {self.column}" if self.column else "")
        value = f" (given: {self.value!r})" if self.value else ""
        return f"{place}: {self.what}{value}" + (f"; allowed: {self.allowed}" if self.allowed else "")


class InputError(ValueError):
    """What the user gave cannot be used; carries every fault found."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = list(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))

    def __reduce__(self) -> tuple[type[InputError], tuple[list[Fault]]]:
        return InputError, (self.faults,)


def nearest(name: str, known: Iterable[str], *, most: int = 12) -> str:
    """What to say is allowed: the nearest name if one is near, and the names if they are few."""
    names = list(known)
    if not names:
        return ""
    close = difflib.get_close_matches(name.lower(), [n.lower() for n in names], n=1, cutoff=0.6)
    hint = next((f"did you mean {n!r}?" for n in names if close and n.lower() == close[0]), "")
    listed = "one of " + ", ".join(names) if len(names) <= most else ""
    return " ".join(part for part in (listed + ("." if listed and hint else ""), hint) if part)
