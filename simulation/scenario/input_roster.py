"""Roster, friendships and sites: what their columns mean and what is refused."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulation.evidence.parameters import PARAMETERS
from simulation.faults import Fault
from simulation.scenario.input_header import compact
from simulation.scenario.input_tables import WHOLE_NUMBER, Table, flag, nearest_of, read_numbers, read_table
from simulation.scenario.school import few


@dataclass(frozen=True)
class Roster:
    """What the roster says; rows are students in the sorted order of their ids.

    Attributes:
        ids: sorted ids: needed while the other files are read, and kept no longer.
        attributes: levels, shape (students, columns).
        campus_group: group number of each student, or None.
        notes: what was understood.
    """

    ids: tuple[str, ...]
    attributes: NDArray[np.int64]
    campus_group: NDArray[np.int64] | None
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Friendships:
    """Listed pairs, sorted; every array has shape (pairs,), and a < b."""

    a: NDArray[np.int64]
    b: NDArray[np.int64]
    hours: NDArray[np.float64]
    notes: tuple[str, ...]


def read_roster(path: Path, faults: list[Fault], read_as: list[str]) -> Roster | None:
    """Read the roster; None if it names no students (a fault says why).

    Args:
        path: the file.
        faults: faults found are appended here.
        read_as: what was understood of the file's form is appended here.
    """
    table = read_table(path, faults, "roster", ["student_id"], ["campus_group"], takes_any=True)
    if table is None or not table.has("student_id"):
        return None
    flag(faults, table, "student_id", ~table.filled("student_id"), "blank id", "an id for every student")
    again = (table.text("student_id").duplicated() & table.filled("student_id")).to_numpy()
    flag(faults, table, "student_id", again, "the id is already given further up", "each student once")
    # From here one row a student, in the order of ids: the order of the file's rows must not matter.
    cells = table.cells[table.filled("student_id") & ~again]
    cells = cells.iloc[np.argsort(cells["student_id"].to_numpy(dtype=object), kind="stable")]
    least, most = int(PARAMETERS["students"].minimum), int(PARAMETERS["students"].maximum)
    if not least <= len(cells) <= most:
        faults.append(Fault(table.name, f"{len(cells)} students on the roster", f"{least} to {most:,} students", column="student_id"))
        return None
    campus_group = None
    if table.filled("campus_group").any():
        flag(faults, table, "campus_group", ~table.filled("campus_group"), "blank, while other students have a group",
             "a group for every student, or no column campus_group")
        campus_group = _levels(cells["campus_group"])
    attributes, used, notes = _read_attributes(table, cells)
    read_as.append(table.understood)
    sizes = np.bincount(campus_group) if campus_group is not None else np.empty(0, dtype=np.int64)
    groups = f"{len(sizes)} campus groups" if len(sizes) else "no campus groups"
    words = f"{len(used)} attribute{'s' * (len(used) != 1)} ({', '.join(used)})" if used else "no attributes (they are drawn)"
    return Roster(tuple(cells["student_id"]), attributes, campus_group, (f"roster: {len(cells)} students, {words}, {groups}", *notes))


def _levels(text: pd.Series) -> NDArray[np.int64]:
    """Number of each value among the sorted values."""
    return np.unique(text.to_numpy(dtype=object), return_inverse=True)[1].astype(np.int64)


def _read_attributes(table: Table, cells: pd.DataFrame) -> tuple[NDArray[np.int64], list[str], list[str]]:
    """Levels of the columns that can draw like to like, the columns' names, and notes on the columns left out."""
    columns: list[NDArray[np.int64]] = []
    used, notes = [], []
    for name in sorted(set(table.cells.columns) - {"student_id", "campus_group"}, key=lambda name: (compact(name), name)):
        text = cells[name]
        given = (text != "").to_numpy()
        students_a_value = text[given].value_counts()
        if len(students_a_value) < 2:
            notes.append(f"roster: column {name} is not used: it has {len(students_a_value)} level{'s' * (len(students_a_value) != 1)}")
        elif (students_a_value == 1).sum() > given.sum() / 2:
            notes.append(f"roster: column {name} is not used: most of its values are one student's alone, as names or addresses are")
        else:
            # Not stated is like nobody: each blank is a level of its own, so that no two of them count as alike.
            level = np.empty(len(text), dtype=np.int64)
            level[given] = _levels(text[given])
            level[~given] = len(students_a_value) + np.arange((~given).sum())
            columns.append(level)
            used.append(name)
            if not given.all():
                notes.append(f"roster: {name} is not stated for {few(int((~given).sum()))}: they count as like nobody in it")
    return (np.column_stack(columns) if columns else np.empty((len(cells), 0), dtype=np.int64)), used, notes


def student_rows(faults: list[Fault], table: Table, column: str, ids: tuple[str, ...] | None) -> NDArray[np.int64]:
    """Row of each cell's student, shape (rows,); -1 where there is none, with a fault.

    Args:
        faults: where faults go.
        table: the file.
        column: its column of ids.
        ids: the sorted ids of the roster; None if it could not be read (unknown ids are then not looked for).
    """
    flag(faults, table, column, ~table.filled(column), "blank id", "an id of the roster")
    if ids is None or not table.has(column):
        return np.full(len(table), -1, dtype=np.int64)
    rows = pd.Index(ids, dtype=object).get_indexer(pd.Index(table.text(column))).astype(np.int64)
    hint = nearest_of(ids)
    flag(faults, table, column, (rows < 0) & table.filled(column), "no such student on the roster",
         lambda value: "; ".join(part for part in ("an id of the roster", hint(value)) if part))
    return rows


def read_friendships(path: Path, faults: list[Fault], ids: tuple[str, ...] | None, friend_hours: float, acquaintance: float,
                     read_as: list[str]) -> Friendships:
    """Read listed pairs; a closeness w gives H = -friend_hours log2(1 - w).

    Args:
        path: the file.
        faults: faults found are appended here.
        ids: sorted ids of the roster, or None if it could not be read.
        friend_hours: effective shared hours of a tie of strength .5.
        acquaintance: strength of an acquaintance, for the notes.
        read_as: what was understood of the file's form is appended here.
    """
    table = read_table(path, faults, "friendships", ["student_a", "student_b"], either=["closeness", "hours"])
    none = np.empty(0, dtype=np.int64)
    if table is None:
        return Friendships(none, none, np.empty(0), ())
    a, b = (student_rows(faults, table, column, ids) for column in ("student_a", "student_b"))
    same = (table.text("student_a") == table.text("student_b")).to_numpy() & table.filled("student_a")
    flag(faults, table, "student_b", same, "a friendship of a student with the same student", "two different students")
    if table.has("closeness") and table.has("hours"):
        faults.append(Fault(table.name, "both columns closeness and hours", "exactly one of closeness, hours", table.header_row, "closeness"))
    every = np.ones(len(table), dtype=bool)
    closeness_allowed, hours_allowed = "0 <= closeness < 1", "hours of at least 0"
    closeness = read_numbers(faults, table, "closeness", every, closeness_allowed)
    flag(faults, table, "closeness", (closeness < 0) | (closeness >= 1), "closeness out of range", closeness_allowed)
    hours = read_numbers(faults, table, "hours", every, hours_allowed)
    flag(faults, table, "hours", (hours < 0) | np.isinf(hours), "hours out of range", hours_allowed)
    _flag_repeated_pairs(faults, table, a, b, (a >= 0) & (b >= 0) & (a != b), closeness if table.has("closeness") else hours)
    if faults:
        return Friendships(none, none, np.empty(0), ())
    if table.has("closeness"):
        hours = -friend_hours * np.log2(1.0 - closeness)
    read_as.append(table.understood)
    low, high, hours = np.minimum(a, b), np.maximum(a, b), hours + 0.0
    order = np.lexsort((high, low))
    n_close = int((1.0 - 2.0 ** (-hours / friend_hours) >= acquaintance - 1e-12).sum())
    note = f"friendships: {len(low):,} pairs, {n_close:,} of them acquaintances or closer"
    return Friendships(low[order], high[order], hours[order], (note, *ignored_note(table, "friendships")))


def _flag_repeated_pairs(faults: list[Fault], table: Table, a: NDArray[np.int64], b: NDArray[np.int64], usable: NDArray[np.bool_],
                         strength: NDArray[np.float64]) -> None:
    """A pair may stand in one row only, whichever student comes first: two rows would say two things or the same thing twice."""
    first: dict[tuple[int, int], int] = {}
    low, high = np.minimum(a, b).tolist(), np.maximum(a, b).tolist()
    for at in np.flatnonzero(usable).tolist():
        earlier = first.setdefault((low[at], high[at]), at)
        if earlier == at:
            continue
        says_other = not np.isnan(strength[[at, earlier]]).any() and strength[at] != strength[earlier]
        column = "closeness" if table.has("closeness") else "hours"
        what = f"the pair already stands in row {table.rows[earlier]}" + (
            f" and contradicts it: {column} {table.text(column).iloc[at]} here, {table.text(column).iloc[earlier]} there" if says_other else "")
        names = f"{table.text('student_a').iloc[at]} and {table.text('student_b').iloc[at]}"
        columns = f"{table.heading('student_a')}, {table.heading('student_b')}"
        faults.append(Fault(table.name, what, "each pair once, in either order", int(table.rows[at]), columns, names))


def read_sites(path: Path, faults: list[Fault], read_as: list[str]) -> tuple[dict[str, int] | None, tuple[str, ...]]:
    """Read the sites' capacities, by name (None if they cannot be known), and notes.

    Args:
        path: the file.
        faults: faults found are appended here.
        read_as: what was understood of the file's form is appended here.
    """
    table = read_table(path, faults, "sites", ["site", "capacity"])
    if table is None:
        return None, ()
    if not len(table):
        faults.append(Fault(table.name, "no sites", "at least one site, or no sites file"))
        return None, ()
    flag(faults, table, "site", ~table.filled("site"), "blank name of a site", "a name for every site")
    flag(faults, table, "site", (table.text("site").duplicated() & table.filled("site")).to_numpy(), "the site is already given further up",
         "each site once")
    allowed = "a whole number of at least 1"
    capacity = read_numbers(faults, table, "capacity", np.ones(len(table), dtype=bool), allowed, WHOLE_NUMBER)
    flag(faults, table, "capacity", capacity < 1, "capacity out of range", allowed)
    if not table.has("site"):
        return None, ()
    read_as.append(table.understood)
    # A capacity that cannot be read has its own fault; as 0 it must not give others, so such a site has no limit here.
    usable = np.where(capacity >= 1, capacity, 2**31).astype(np.int64)
    sites = {name: places for name, places in zip(table.text("site"), usable.tolist(), strict=True) if name}
    return sites, (f"sites: {len(sites)} sites with {sum(sites.values()):,} places", *ignored_note(table, "sites"))


def ignored_note(table: Table, kind: str) -> tuple[str, ...]:
    """A note on the columns of a file that nothing reads, if there are any."""
    return (f"{kind}: not used: column{'s' * (len(table.ignored) > 1)} {', '.join(table.ignored)}",) if table.ignored else ()
