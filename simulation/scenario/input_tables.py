"""A file as a table of trimmed text with known columns, and faults in its cells, each with its row as a spreadsheet numbers it.

What the columns mean is known elsewhere.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulation.faults import Fault, nearest
from simulation.scenario.input_files import read_sheet
from simulation.scenario.input_header import compact, find_header, name_columns, recogniser

NUMBER = r"[+-]?([0-9]+([.,][0-9]*)?|[.,][0-9]+)"
WHOLE_NUMBER = r"[0-9]{1,9}([.,]0)?"  # a number that went through a table of decimals comes back as 12.0
SHEETS = {  # what a sheet of a workbook may be called that holds several
    "roster": ("roster", "students", "student list", "cohort"),
    "timetable": ("timetable", "placements", "schedule", "rotations"),
    "friendships": ("friendships", "friends"),
    "sites": ("sites", "hospitals"),
}
_THOUSANDS = r"[+-]?[1-9][0-9]{0,2},[0-9]{3}"  # 1,234: a thousand or little more than one?
_MOST_COLUMNS = 200  # a header or row wider than this is not one of these files
_MOST_NAMELESS = 20
_MOST_ROWS_NAMED = 8
_NEAR = 0.8  # how alike a column's name must be to a known one to count as a slip of the pen

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Table:
    """A file's rows that are not blank.

    Attributes:
        name: file name, as faults give it.
        rows: row number in a spreadsheet of each row, shape (rows,).
        cells: text without surrounding spaces, "" for an empty cell; one column a named column of the file.
        ignored: columns that nothing reads.
        written: how the file writes the names of columns that it spells in its own way.
        header_row: row of the column names.
        said: what was understood of the way the file is written; what is found out later is appended.
    """

    name: str
    rows: NDArray[np.int64]
    cells: pd.DataFrame
    ignored: tuple[str, ...] = ()
    written: dict[str, str] = field(default_factory=dict)
    header_row: int = 1
    said: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def understood(self) -> str:
        """What was read and how, in a clause."""
        return f"{self.name}: " + "; ".join([f"{len(self):,} row{'s' * (len(self) != 1)}", *self.said])

    def heading(self, column: str) -> str:
        """A column's name as the file writes it."""
        return self.written.get(column, column)

    def has(self, column: str) -> bool:
        """Whether the file has the column."""
        return column in self.cells.columns

    def text(self, column: str) -> pd.Series:
        """Cells of a column; all empty where the file has no such column."""
        return self.cells[column] if self.has(column) else pd.Series("", index=self.cells.index, dtype=object)

    def matches(self, column: str, pattern: str) -> Mask:
        """Which cells match a regular expression as a whole."""
        return self.text(column).str.fullmatch(pattern).to_numpy(dtype=bool)

    def filled(self, column: str) -> Mask:
        """Which cells are not empty."""
        return (self.text(column) != "").to_numpy(dtype=bool)


def read_table(path: Path, faults: list[Fault], kind: str, required: Sequence[str], optional: Sequence[str] = (), *, either: Sequence[str] = (),
               takes_any: bool = False) -> Table | None:
    """Read a file and check its header.

    A missing column is a fault, but the table comes back all the same so that the other columns can be checked.

    Args:
        path: the file.
        faults: faults found are appended here.
        kind: what the file is, a key of `SHEETS`.
        required: columns that must be there.
        optional: columns that may be there.
        either: columns of which at least one must be there.
        takes_any: columns of any other name have a meaning (else they are ignored).

    Returns:
        The table, or None if the file cannot be read.
    """
    known = [*required, *either, *optional]
    names = recogniser(known)
    sheet = read_sheet(path, faults, lambda row: len({names.get(compact(cell)) for cell in row} - {None}), SHEETS[kind])
    if sheet is None:
        return None
    top = find_header(sheet.rows, names)
    width = max(max((k + 1 for k, cell in enumerate(row) if cell), default=0) for row in sheet.rows[top:])
    if width > _MOST_COLUMNS:
        faults.append(Fault(sheet.name, f"a row of {width:,} cells", f"at most {_MOST_COLUMNS} columns, and one row a line"))
        return None
    header, *body = ([*row[:width], *[""] * (width - len(row))] for row in sheet.rows[top:])
    kept = [(number, row) for number, row in enumerate(body, start=top + 2) if any(row)]
    _flag_nameless(faults, sheet.name, header, kept, top + 1)
    columns = name_columns(sheet.name, header, top + 1, names, faults)
    _check_names(sheet.name, top + 1, list(columns), required, either, known, faults)
    cells = pd.DataFrame({name: np.array([row[position] for _, row in kept], dtype=object) for name, position in columns.items()}, dtype=object)
    renamed = {name: header[position] for name, position in columns.items() if header[position] != name}
    said = (*sheet.said, *([f"column names in row {top + 1}"] if top else []),
            *(f"`{written}` as {name}" for name, written in renamed.items() if written.lower() != name))
    ignored = () if takes_any else tuple(sorted(set(columns) - set(known)))
    return Table(sheet.name, np.array([number for number, _ in kept], dtype=np.int64), cells, ignored, renamed, top + 1, list(said))


def _flag_nameless(faults: list[Fault], file: str, header: list[str], rows: list[tuple[int, list[str]]], header_row: int) -> None:
    """Faults for values below no column name, the first _MOST_NAMELESS one by one."""
    stray = [(position, number, row[position]) for position, name in enumerate(header) if not name for number, row in rows if row[position]]
    for position, number, value in stray[:_MOST_NAMELESS]:
        faults.append(Fault(file, f"a value in cell {position + 1} of the row, where row {header_row} names no column",
                            "as many cells as there are column names; a value with a comma in it stands in double quotes", number, value=value))
    if len(stray) > _MOST_NAMELESS:
        faults.append(Fault(file, f"{len(stray) - _MOST_NAMELESS:,} more values where row {header_row} names no column",
                            "a name above every column that holds values"))  # fmt: skip


def _check_names(file: str, header_row: int, found: list[str], required: Sequence[str], either: Sequence[str], known: Sequence[str],
                 faults: list[Fault]) -> None:
    """Faults for missing columns, and for columns whose name is a slip of the pen (they would be passed over in silence)."""
    unknown = [name for name in found if name not in known]
    is_missing = bool(either) and not set(either) & set(found)
    missing = {name: name for name in required if name not in found} | ({either[0]: " or ".join(either)} if is_missing else {})
    for name, column in missing.items():
        hint = nearest(name, unknown, most=0) or (f"is it one of {', '.join(unknown[:_MOST_ROWS_NAMED])}?" if unknown else "")
        faults.append(Fault(file, "missing column", f"a column named {column}" + (f"; {hint}" if hint else ""), header_row, column))
    absent = [name for name in known if name not in found and name not in required and not (is_missing and name in either)]
    for name in unknown:
        close = difflib.get_close_matches(name.lower(), absent, n=1, cutoff=_NEAR)
        if close:
            faults.append(Fault(file, "unknown column", f"did you mean {close[0]!r}?", header_row, name))


def and_more(rows: Sequence[int]) -> str:
    """Rows as words: 'row 3', 'rows 3 and 7', 'rows 3, 4, 5 and 20 more'."""
    if len(rows) == 1:
        return f"row {rows[0]}"
    shown = [str(row) for row in rows[:_MOST_ROWS_NAMED]]
    last = shown.pop() if len(rows) <= _MOST_ROWS_NAMED else f"{len(rows) - _MOST_ROWS_NAMED} more"
    return f"rows {', '.join(shown)} and {last}"


def flag(faults: list[Fault], table: Table, column: str, wrong: Mask, what: str, allowed: str | Callable[[str], str] = "") -> None:
    """Append a fault for each distinct value among the wrong cells: at its first row, naming the others.

    Args:
        faults: where to.
        table: the file.
        column: the column at fault; nothing is said of a column that the file does not have.
        wrong: which rows are at fault, shape (rows,).
        what: what is wrong.
        allowed: what is allowed, or a function of the value that says it.
    """
    if not table.has(column) or not wrong.any():
        return
    found: dict[str, list[int]] = {}
    for value, row in zip(table.cells[column].to_numpy()[wrong], table.rows[wrong].tolist(), strict=True):
        found.setdefault(value, []).append(row)
    for value, rows in found.items():
        also = f", also in {and_more(rows[1:])}" if len(rows) > 1 else ""
        say = allowed if isinstance(allowed, str) else allowed(value)
        faults.append(Fault(table.name, what + also, say, rows[0], table.heading(column), value))


def read_numbers(faults: list[Fault], table: Table, column: str, where: Mask, allowed: str, pattern: str = NUMBER) -> NDArray[np.float64]:
    """Numbers of a column; NaN outside `where` and, with a fault, where there is no number.

    Args:
        faults: where faults go.
        table: the file.
        column: the column; all NaN without a fault where the file does not have it.
        where: rows that must hold a number, shape (rows,).
        allowed: what a fault says is allowed.
        pattern: what a number looks like.
    """
    is_unclear = table.matches(column, _THOUSANDS) & (pattern == NUMBER)
    is_number = table.matches(column, pattern) & ~is_unclear
    is_blank = ~table.filled(column)
    flag(faults, table, column, where & is_blank, "blank", allowed)
    flag(faults, table, column, where & is_unclear, "could be thousands or decimals", "a decimal point, or no comma between thousands")
    is_none = where & ~is_number & ~is_blank & ~is_unclear
    flag(faults, table, column, is_none, "not a whole number" if pattern == WHOLE_NUMBER else "not a number", allowed)
    numbers = np.full(len(table), np.nan)
    usable = where & is_number
    text = table.text(column)[usable]
    if pattern == NUMBER and text.str.contains(",", regex=False).any():
        table.said.append(f"decimal commas in {table.heading(column)}")
    numbers[usable] = text.str.replace(",", ".", regex=False).to_numpy(dtype=object).astype(np.float64)
    return numbers


def nearest_of(known: Sequence[str], most: int = 30) -> Callable[[str], str]:
    """A function that names the nearest of `known`; it looks for the first `most` values only, since looking is slow."""
    looked = 0

    def say(value: str) -> str:
        nonlocal looked
        looked += 1
        return nearest(value, known, most=0) if looked <= most else ""

    return say
