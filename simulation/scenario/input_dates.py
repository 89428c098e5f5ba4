"""Dates as schools write them: year first, day first or month first, told apart by the data or asked for."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulation.faults import Fault
from simulation.scenario.input_tables import Mask, Table, flag

ORDERS = ("day-first", "month-first")
NO_DAY = -(10**6)
"""The ordinal of a day that cannot be read."""
BY_DATE = "a date as YYYY-MM-DD, such as 2027-01-18, or as day/month/year or month/day/year, one order a file"

_YEAR_FIRST = r"(?:[12][0-9]{3})([-/.])[0-9]{1,2}\1[0-9]{1,2}|(?:19|20)[0-9]{6}"
_NUMBERS = r"([0-9]{1,2})([-/.])([0-9]{1,2})\2(?:[0-9]{4}|[0-9]{2})"
_MONTH_NAMED = r"[0-9]{1,2}[- ][A-Za-z]{3,9}[- ,]{1,2}(?:[0-9]{4}|[0-9]{2})|[A-Za-z]{3,9} [0-9]{1,2}, ?[0-9]{4}"
_DATE = rf"{_YEAR_FIRST}|{_NUMBERS}|{_MONTH_NAMED}".replace(r"\1", r"[-/.]").replace(r"\2", r"[-/.]")
# What a spreadsheet's format may show besides the day; no placement begins in the middle of one.
_WEEKDAY = r"(?i)^(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,? +"
_TIME = r"(?i)[ T]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]*)?)?(?: ?[AP]M|Z)?$"
_MONTH_FORMATS = ("%d %b %Y", "%d %B %Y", "%d %b %y", "%d %B %y", "%b %d %Y", "%B %d %Y")
_WORDS = {"day-first": "day/month", "month-first": "month/day"}
_OTHER = {"day-first": "month-first", "month-first": "day-first"}


def bare(text: pd.Series) -> pd.Series:
    """Cells without a weekday before and a time of day after the date."""
    return text.str.replace(_WEEKDAY, "", regex=True).str.replace(_TIME, "", regex=True)


def looks_dated(table: Table, column: str) -> Mask:
    """Which cells have the shape of a date."""
    return bare(table.text(column)).str.fullmatch(_DATE).to_numpy(dtype=bool)


def read_days(faults: list[Fault], table: Table, columns: tuple[str, ...], asked: str | None) -> dict[str, NDArray[np.int64]]:
    """Days of each column as ordinals of `datetime.date`; NO_DAY where there is none, with a fault where there is no such day.

    Day and month in numbers are told apart over all cells together: a first number above 12 can only be a day, and so can one with dots (18.01.2027).
    Where the cells contradict one another, the order of the most holds and the others are faults. Where nothing tells and the
    order matters, there is one fault that asks for it.

    Args:
        faults: where faults go.
        table: the file.
        columns: its columns of dates.
        asked: an entry of ORDERS, or None to tell by the data.
    """
    shaped = {column: looks_dated(table, column) for column in columns}
    text = {column: bare(table.text(column)).where(pd.Series(shaped[column], index=table.cells.index), "") for column in columns}
    values = pd.Series(sorted(set().union(*(set(t) for t in text.values())) - {""}), dtype=object)
    order = _told_order(faults, table, text, asked)
    days = _parse(values, order)
    table.said.append("dates as " + _described(values, order))
    ordinals = {"": NO_DAY} | dict(zip(values, days, strict=True))
    found = {column: np.array([ordinals[value] for value in text[column]], dtype=np.int64) for column in columns}
    of_order = f", read as {_WORDS[order]}/year as {'asked' if asked else 'other dates of the file must be'}" if _numbered(values).any() else ""
    for column in columns:
        numbered = _numbered(text[column])
        nowhere = shaped[column] & (found[column] == NO_DAY)
        flag(faults, table, column, nowhere & numbered, "no such day in the calendar" + of_order, BY_DATE)
        flag(faults, table, column, nowhere & ~numbered, "no such day in the calendar", BY_DATE)
    return found


def _numbered(text: pd.Series) -> Mask:
    return text.str.fullmatch(_NUMBERS).to_numpy(dtype=bool)


def _told_order(faults: list[Fault], table: Table, text: dict[str, pd.Series], asked: str | None) -> str:
    """Which of ORDERS the file's dates in numbers have."""
    if asked is not None:
        return asked
    cells = pd.concat(list(text.values()), ignore_index=True)
    parts = cells.str.extract(rf"^{_NUMBERS}$")
    given = parts.dropna()
    first, second = given[0].astype(int).to_numpy(), given[2].astype(int).to_numpy()
    day_first, month_first = int(((first > 12) & (second <= 12)).sum()), int(((second > 12) & (first <= 12)).sum())
    if day_first == month_first == 0 and (given[1] == ".").any():
        day_first = 1
    is_unclear = (first <= 12) & (second <= 12) & (first != second)
    if day_first == month_first and (day_first or is_unclear.any()):
        column, row = next((c, k) for c, t in text.items() for k in np.flatnonzero(_numbered(t)))
        both = f"all {len(given):,} dates that are written like this can be read both ways" if not day_first else (
            f"{day_first:,} dates can only be day first and as many only month first")  # fmt: skip
        faults.append(Fault(table.name, f"is the day first or the month? {both}",
                            "--dates day-first or --dates month-first; or dates as YYYY-MM-DD, which are never mistaken",
                            int(table.rows[row]), table.heading(column), str(table.text(column).iloc[row])))  # fmt: skip
    return "month-first" if month_first > day_first else "day-first"


def _parse(values: pd.Series, order: str) -> list[int]:
    """Ordinals of distinct values by strict formats, so that no date is turned round to make it fit."""
    plain = values.str.replace(r"[-/., ]+", " ", regex=True)
    numbers = ("%d %m %Y", "%d %m %y") if order == "day-first" else ("%m %d %Y", "%m %d %y")
    days = pd.Series(pd.NaT, index=values.index, dtype="datetime64[s]")
    for how in ("%Y %m %d", "%Y%m%d", *numbers, *_MONTH_FORMATS):
        days = days.fillna(pd.to_datetime(plain, format=how, errors="coerce").astype("datetime64[s]"))
    return [NO_DAY if pd.isna(day) else day.toordinal() for day in days]


def _described(values: pd.Series, order: str) -> str:
    """How the dates are written, for the line that says what was understood."""
    numbered = _numbered(values)
    named = values.str.contains("[A-Za-z]", regex=True).to_numpy(dtype=bool)
    kinds = [("year-month-day", ~numbered & ~named), (f"{_WORDS[order]}/year", numbered), ("day and month by name", named)]
    return " and ".join(words for words, which in kinds if which.any())
