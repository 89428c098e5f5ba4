"""A spreadsheet or a text file as rows of trimmed text, whatever saved it.

This is the only place that knows how a file is laid out (workbook, encoding, separator); what the rows mean is known elsewhere.
"""

from __future__ import annotations

import csv
import datetime
import io
import itertools
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from simulation.faults import Fault

Rows = list[list[str]]
Recognised = Callable[[Sequence[str]], int]
"""How many cells of a row name a column that the file may have."""

HEADER_WITHIN = 30  # rows from the top among which the column names are looked for
_SEPARATORS = {",": "", ";": "semicolons", "\t": "tabs"}
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # .xlsx and .ods; .xls
_SAVE_AS = "an Excel workbook (.xlsx), or text with commas, semicolons or tabs (.csv)"


@dataclass(frozen=True)
class Sheet:
    """The cells of a file, or of one sheet of it.

    Attributes:
        name: what faults call it: the file, and the sheet where there are several.
        rows: cells without surrounding spaces, "" for an empty one; the first is row 1 of the spreadsheet. Rows may differ in length.
        said: how it was read, where that is not the usual way ("semicolons").
    """

    name: str
    rows: Rows
    said: tuple[str, ...]


def read_sheet(path: Path, faults: list[Fault], recognised: Recognised, sheet_names: Sequence[str]) -> Sheet | None:
    """The cells of a file; None, with a fault, if there is no such thing to read.

    Args:
        path: a workbook (.xlsx; .xls and .ods too) or text with commas, semicolons or tabs between the cells.
        faults: faults found are appended here.
        recognised: tells column names from other rows.
        sheet_names: names that the sheet may have in a workbook of several, in small letters.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        faults.append(Fault(path.name, f"cannot be read ({error.strerror})", "a file that exists and may be read", value=str(path)))
        return None
    if data.startswith(_WORKBOOKS):
        sheet = _read_workbook(path.name, data, faults, recognised, sheet_names)
    else:
        sheet = _read_text(path.name, data, faults, recognised)
    if sheet is not None and not any(map(any, sheet.rows)):
        what = "the sheet is empty" if sheet.name != path.name else "the file is empty"
        faults.append(Fault(sheet.name, what, "a row of column names, then one row each"))
        return None
    return sheet


def _read_text(name: str, data: bytes, faults: list[Fault], recognised: Recognised) -> Sheet | None:
    text, encoding = _decode(data)
    if text.lstrip().startswith("<"):
        faults.append(Fault(name, "is a web page or XML, whatever it is called", f"{_SAVE_AS}: open it in a spreadsheet and save it so"))
        return None
    if "\0" in text:
        faults.append(Fault(name, "is neither text nor a workbook", _SAVE_AS))
        return None
    if text[:4].lower() == "sep=":  # Excel writes and swallows this line: it is no row
        text = text.partition("\n")[2]
    text = unicodedata.normalize("NFC", text)
    separator = max(_SEPARATORS, key=lambda mark: _score(text, mark, recognised))
    try:
        rows = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)]
    except csv.Error as error:
        faults.append(Fault(name, f"cannot be read as comma-separated values ({error})",
                            "one row a line; a value with a comma or a line break in it stands in double quotes"))  # fmt: skip
        return None
    return Sheet(name, rows, tuple(filter(None, (encoding, _SEPARATORS[separator]))))


def _decode(data: bytes) -> tuple[str, str]:
    """The text, and what its encoding is called if that is not UTF-8.

    The encodings that schools' systems write can be told apart for certain, so there is no guessing by frequencies of letters, which would read
    one file in another way when a row is added: UTF-16 has an empty byte in nearly every pair, and what is valid UTF-8 is UTF-8 unless it is ASCII.
    """
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    is_marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    head = data[:2000]
    if is_marked or (b"\0" in head and 4 * head.count(0) >= len(head)):
        order = "utf-16" if is_marked else "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"
        return data.decode(order, errors="replace"), "UTF-16"
    try:
        return data.decode("utf-8"), ""
    except UnicodeDecodeError:
        pass
    try:  # what Windows calls Latin-1: the same letters, and dashes and quotes besides
        return data.decode("cp1252"), "Latin-1"
    except UnicodeDecodeError:
        return data.decode("latin-1"), "Latin-1"


def _score(text: str, separator: str, recognised: Recognised) -> tuple[int, int]:
    """How well the top of a text reads with a separator: column names recognised, then cells, in the best row."""
    best = (0, 0)
    try:
        for row in itertools.islice(csv.reader(io.StringIO(text, newline=""), delimiter=separator), HEADER_WITHIN):
            cells = [cell.strip() for cell in row]
            best = max(best, (recognised(cells), len(cells)))
    except csv.Error:
        pass  # the best so far; if this separator is chosen all the same, the reading itself says what is wrong
    return best


def _read_workbook(name: str, data: bytes, faults: list[Fault], recognised: Recognised, sheet_names: Sequence[str]) -> Sheet | None:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets = {title: [[_text(cell) for cell in row] for row in book.get_sheet_by_name(title).to_python(skip_empty_area=False)]
                  for title in book.sheet_names}  # fmt: skip
    except CalamineError as error:
        faults.append(Fault(name, f"cannot be read as a workbook ({error})", f"{_SAVE_AS}, without a password"))
        return None
    filled = {title: rows for title, rows in sheets.items() if any(map(any, rows))}
    if not filled:
        return Sheet(name, [], ())
    called = [title for title in sheets if title.strip().casefold() in sheet_names]
    if not called:  # no sheet has the right name: the one with the most of the right columns, if one has
        scores = {title: max(map(recognised, rows[:HEADER_WITHIN])) for title, rows in filled.items()}
        called = [title for title in filled if scores[title] == max(scores.values())]
    if len(called) > 1:
        faults.append(Fault(name, "several sheets could be meant", f"one sheet called {sheet_names[0]}, or a workbook for each file",
                            value=", ".join(called)))  # fmt: skip
        return None
    (title,) = called
    is_one_of_many = len(filled) > 1 or title not in filled
    return Sheet(f"{name}, sheet {title}" if is_one_of_many else name, sheets[title], ())


def _text(cell: Any) -> str:
    """A cell as a text file would have it: 28 and not 28.0, days as 2027-01-18."""
    if isinstance(cell, str):
        return unicodedata.normalize("NFC", cell).strip()
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, int | float):
        return f"{cell:.15g}"  # as many digits as a spreadsheet shows
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat() if cell.time() == datetime.time() else cell.isoformat(" ")
    if isinstance(cell, datetime.timedelta):  # 28:00 in a cell of hours
        return f"{cell.total_seconds() / 3600:.15g}"
    return str(cell.isoformat())
