"""A CSV file as a table of trimmed text, and faults in its cells, each with its row as a spreadsheet numbers it (header = 1).

This is the only place that knows how a file is laid out (encoding, separator, blank rows); what the columns mean is known elsewhere.
"""

from __future__ import annotations

import csv
import difflib
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulation.faults import Fault, nearest

NUMBER = r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)"
WHOLE_NUMBER = r"[0-9]{1,9}"
_MOST_COLUMNS = 200  # a header or row wider than this is not one of these files
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
    """

    name: str
    rows: NDArray[np.int64]
    cells: pd.DataFrame
    ignored: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)

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


def read_table(path: Path, faults: list[Fault], required: Sequence[str], optional: Sequence[str] = (), *, either: Sequence[str] = (),
               takes_any: bool = False) -> Table | None:
    """Read a CSV file and check its header.

    A missing column is a fault, but the table comes back all the same so that the other columns can be checked.

    Args:
        path: the file.
        faults: faults found are appended here.
        required: columns that must be there.
        optional: columns that may be there.
        either: columns of which at least one must be there.
        takes_any: columns of any other name have a meaning (else they are ignored).

    Returns:
        The table, or None if the file cannot be read.
    """
    sheet = _read_sheet(path, faults)
    if sheet is None:
        return None
    header = list(sheet.iloc[0])
    body = sheet.iloc[1:]
    body = body[(body != "").any(axis=1)]
    rows = body.index.to_numpy(dtype=np.int64) + 1
    for position, name in enumerate(header):
        for row in rows[(body[position] != "").to_numpy()] if name == "" else ():
            faults.append(Fault(path.name, f"a value in cell {position + 1} of the row, where row 1 names no column",
                                "as many cells as row 1 has names; a value with a comma in it stands in double quotes", int(row),
                                value=str(body.at[row - 1, position])))
    named = {name: position for position, name in reversed(list(enumerate(header))) if name}
    for name in sorted({name for name in named if header.count(name) > 1}):
        faults.append(Fault(path.name, "column given twice", "each column once", 1, name))
    known = [*required, *either, *optional]
    _check_names(path.name, list(named), required, either, known, faults)
    cells = body[list(named.values())].set_axis(list(named), axis=1).reset_index(drop=True)
    return Table(path.name, rows, cells, () if takes_any else tuple(sorted(set(named) - set(known))))


def _read_sheet(path: Path, faults: list[Fault]) -> pd.DataFrame | None:
    """All cells with the header as row 0, trimmed; None with a fault if there is no such thing to read."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        faults.append(Fault(path.name, f"cannot be read ({error.strerror})", "a file that exists and may be read", value=str(path)))
        return None
    except UnicodeDecodeError as error:
        faults.append(Fault(path.name, f"is not text in UTF-8 (byte {error.start + 1})", "a file saved as 'CSV UTF-8 (comma delimited)'"))
        return None
    if not text.strip():
        faults.append(Fault(path.name, "the file is empty", "a row of column names, then one row each"))
        return None
    try:
        # More cells than the header names must be reported with their row, so the sheet is as wide as its widest row.
        width = max(len(row) for row in csv.reader(io.StringIO(text, newline="")))
        if width > _MOST_COLUMNS:
            faults.append(Fault(path.name, f"a row of {width:,} cells", f"at most {_MOST_COLUMNS} columns, and one row a line"))
            return None
        sheet = pd.read_csv(io.StringIO(text, newline=""), header=None, names=list(range(width)), index_col=False, dtype=str, keep_default_na=False,
                            skip_blank_lines=False)
    except (csv.Error, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        faults.append(Fault(path.name, f"cannot be read as comma-separated values ({str(error).strip()})",
                            "one row a line; a value with a comma or a line break in it stands in double quotes"))
        return None
    sheet = sheet.astype(object).where(sheet.notna(), "")
    return pd.DataFrame({column: sheet[column].str.strip() for column in sheet.columns})


def _check_names(file: str, found: list[str], required: Sequence[str], either: Sequence[str], known: Sequence[str], faults: list[Fault]) -> None:
    """Faults for missing columns, and for columns whose name is a slip of the pen (they would be passed over in silence)."""
    unknown = [name for name in found if name not in known]
    separated = len(found) == 1 and any(mark in found[0] for mark in ";\t")
    is_missing = bool(either) and not set(either) & set(found)
    missing = {name: name for name in required if name not in found} | ({either[0]: " or ".join(either)} if is_missing else {})
    for name, column in missing.items():
        hint = "the values must be separated by commas" if separated else nearest(name, unknown, most=0)
        faults.append(Fault(file, "missing column", f"a column named {column}" + (f"; {hint}" if hint else ""), 1, column))
    absent = [name for name in known if name not in found and name not in required and not (is_missing and name in either)]
    for name in unknown:
        close = difflib.get_close_matches(name.lower(), absent, n=1, cutoff=_NEAR)
        if close:
            faults.append(Fault(file, "unknown column", f"did you mean {close[0]!r}?", 1, name))


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
        faults.append(Fault(table.name, what + also, allowed if isinstance(allowed, str) else allowed(value), rows[0], column, value))


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
    is_number = table.matches(column, pattern)
    is_blank = ~table.filled(column)
    flag(faults, table, column, where & is_blank, "blank", allowed)
    flag(faults, table, column, where & ~is_number & ~is_blank, "not a whole number" if pattern == WHOLE_NUMBER else "not a number", allowed)
    numbers = np.full(len(table), np.nan)
    usable = where & is_number
    numbers[usable] = table.text(column).to_numpy()[usable].astype(np.float64)
    return numbers


def nearest_of(known: Sequence[str], most: int = 30) -> Callable[[str], str]:
    """A function that names the nearest of `known`; it looks for the first `most` values only, since looking is slow."""
    looked = 0

    def say(value: str) -> str:
        nonlocal looked
        looked += 1
        return nearest(value, known, most=0) if looked <= most else ""

    return say
