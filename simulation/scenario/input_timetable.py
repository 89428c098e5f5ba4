"""The timetable: from dates or weeks, hours or days, to placements in weeks of the course, and what is refused."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulation.faults import Fault
from simulation.scenario.input_dates import BY_DATE, NO_DAY, looks_dated, read_days
from simulation.scenario.input_roster import ignored_note, student_rows
from simulation.scenario.input_tables import WHOLE_NUMBER, Mask, Table, and_more, flag, nearest_of, read_numbers, read_table
from simulation.scenario.programme import MOST_YEARS, WEEKS_A_YEAR
from simulation.scenario.school import Timetable, few

MOST_HOURS_A_WEEK = 100.0
_BY_WEEK = "a week of the course as a whole number from 1"
_DAY_NUMBERS = (30_000, 80_000)  # how a spreadsheet keeps the days of 1982 to 2118, if the cell is not formatted as a date


@dataclass(frozen=True)
class Placements:
    """What the timetable says.

    Attributes:
        timetable: rows in the order of student, first week, site, team.
        sites: names of the sites, sorted.
        week_1: day on which week 1 of the course begins; None where the file counts in weeks.
        notes: what was understood.
    """

    timetable: Timetable
    sites: tuple[str, ...]
    week_1: datetime.date | None
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Weeks:
    """First and last week of each row (NO_DAY where it cannot be read), and the date on which week 1 begins, if dates are given."""

    first: NDArray[np.int64]
    last: NDArray[np.int64]
    week_1: datetime.date | None


@dataclass(frozen=True)
class _RowWeeks:
    """One entry for each week of each row: number of the row in the table, and the week."""

    row: NDArray[np.int64]
    week: NDArray[np.int64]


def read_timetable(path: Path, faults: list[Fault], ids: tuple[str, ...] | None, capacity: dict[str, int] | None, values: Any,
                   course_start: datetime.date | None, date_order: str | None, read_as: list[str]) -> Placements | None:
    """Read the placements.

    Args:
        path: the file.
        faults: faults found are appended here.
        ids: sorted ids of the roster; None if it could not be read.
        capacity: places of each site of the sites file; None if there is none, or none that can be read.
        values: parameter values.
        course_start: first day of week 1; None: see `read_school`.
        date_order: an entry of `ORDERS`; None to tell by the data.
        read_as: what was understood of the file's form is appended here.

    Returns:
        None if there are faults.
    """
    table = read_table(path, faults, "timetable", ["student_id", "site", "start", "end"], ["team"], either=["hours_per_week", "days_per_week"])
    if table is None:
        return None
    if not len(table):
        faults.append(Fault(table.name, "no placements", "at least one row, or no timetable"))
        return None
    student = student_rows(faults, table, "student_id", ids)
    flag(faults, table, "site", ~table.filled("site"), "blank name of a site", "the name of a site")
    if capacity is not None:
        known = sorted(capacity)
        listed, hint = "one of " + ", ".join(known) if len(known) <= 12 else "a site of that file", nearest_of(known)
        flag(faults, table, "site", ~table.text("site").isin(known).to_numpy() & table.filled("site"), "the site is not in the sites file",
             lambda value: "; ".join(part for part in (listed, hint(value)) if part))
    weeks = _read_weeks(faults, table, values, course_start, date_order)
    hours = _read_hours(faults, table, values.hours_per_day)
    n_weeks = WEEKS_A_YEAR * (values.campus_years + values.clinical_years)
    # Sums over rows are looked at for the rows that can be read, so that one run shows these faults too.
    usable = (student >= 0) & table.filled("site") & (weeks.first >= 1) & (weeks.last <= n_weeks) & (weeks.first <= weeks.last) & ~np.isnan(hours)
    each = _spread(weeks, usable)
    names, place = np.unique(table.text("site").to_numpy(dtype=object), return_inverse=True)
    at = list(zip(place.tolist(), table.text("team"), strict=True))
    pairs = sorted(set(at))
    number = {p: n for n, p in enumerate(pairs)}
    pair = np.array([number[p] for p in at], dtype=np.int64)
    _flag_overlaps(faults, table, each, student, pair, len(pairs), n_weeks)
    _flag_long_weeks(faults, table, each, student, hours, n_weeks)
    if capacity is not None:
        places = np.array([capacity.get(name, 2**31) for name in names], dtype=np.int64)
        _flag_full_sites(faults, table, each, student, place, places, len(ids or ()), n_weeks)
    if faults:
        return None
    sites = tuple(sorted(capacity)) if capacity is not None else tuple(names)
    site = np.searchsorted(np.array(sites, dtype=object), table.text("site").to_numpy(dtype=object)).astype(np.int64)
    has_team = np.array([team != "" for _, team in pairs])
    team = np.where(has_team, np.cumsum(has_team) - 1, -1)[pair]
    order = np.lexsort((hours, weeks.last, team, site, weeks.first, student))
    timetable = Timetable(student[order], site[order], team[order], weeks.first[order], weeks.last[order], hours[order])
    notes = _describe(table, timetable, weeks.week_1, len(ids or ()), int(has_team.sum()), course_start, values)
    read_as.append(table.understood)
    return Placements(timetable, sites, weeks.week_1, (*notes, *ignored_note(table, "timetable")))


def _read_weeks(faults: list[Fault], table: Table, values: Any, course_start: datetime.date | None, date_order: str | None) -> _Weeks:
    """Weeks of the course of each row, from dates or from numbers of weeks, one kind a file."""
    by_date = {column: looks_dated(table, column) for column in ("start", "end")}
    by_week = {column: table.matches(column, WHOLE_NUMBER) & ~by_date[column] for column in ("start", "end")}
    is_dated = sum(int(m.sum()) for m in by_date.values()) >= sum(int(m.sum()) for m in by_week.values())
    for column in ("start", "end"):
        kind, other = (by_date, by_week) if is_dated else (by_week, by_date)
        allowed = BY_DATE if is_dated else _BY_WEEK
        blank = ~table.filled(column)
        flag(faults, table, column, blank, "blank", allowed)
        flag(faults, table, column, other[column], f"a {'week' if is_dated else 'date'} in a file of {'dates' if is_dated else 'weeks'}",
             f"one kind a file: {allowed}")
        flag(faults, table, column, ~kind[column] & ~other[column] & ~blank, f"not a {'date' if is_dated else 'week'}", allowed)
    found = read_days(faults, table, ("start", "end"), date_order) if is_dated else {
        column: _numbers(table, column, by_week[column]) for column in ("start", "end")}  # fmt: skip
    if not is_dated:
        weeks = _Weeks(found["start"], found["end"], None)
    else:
        week_1 = course_start or _first_week(found["start"], values.campus_years)
        origin = week_1.toordinal()
        first, last = (np.where(days == NO_DAY, NO_DAY, (days - origin) // 7 + 1) for days in (found["start"], found["end"]))
        weeks = _Weeks(first, last, week_1)
    readable = (found["start"] != NO_DAY) & (found["end"] != NO_DAY)
    flag(faults, table, "end", readable & (found["end"] < found["start"]), "the end is before the start", "an end on or after the row's start")
    if (found["start"] != NO_DAY).any():  # without one readable start, no week can be reckoned
        _flag_outside(faults, table, weeks, values, is_guessed=is_dated and course_start is None)
    return weeks


def _numbers(table: Table, column: str, usable: Mask) -> NDArray[np.int64]:
    out = np.full(len(table), NO_DAY, dtype=np.int64)
    out[usable] = table.text(column)[usable].str.replace(r"[.,]0$", "", regex=True).astype(np.int64)
    return out


def _first_week(starts: NDArray[np.int64], campus_years: int) -> datetime.date:
    """Day on which week 1 begins if the Monday on or before the earliest start opens the clinical years."""
    readable = starts[starts != NO_DAY]
    earliest = int(readable.min()) if len(readable) else 1
    monday = earliest - (earliest - 1) % 7
    return datetime.date.fromordinal(max(1, monday - 7 * WEEKS_A_YEAR * campus_years))


def _flag_outside(faults: list[Fault], table: Table, weeks: _Weeks, values: Any, *, is_guessed: bool) -> None:
    """Weeks before the first or after the last of the course; the number of clinical years that would do is named if it is allowed."""
    n_weeks = WEEKS_A_YEAR * (values.campus_years + values.clinical_years)
    for column, week in (("start", weeks.first), ("end", weeks.last)):
        outside = (week != NO_DAY) & ((week < 1) | (week > n_weeks))
        week_of = dict(zip(table.text(column).to_numpy()[outside], week[outside].tolist(), strict=True))
        flag(faults, table, column, outside, "outside the course", _say_outside(week_of, n_weeks, values.campus_years, weeks.week_1, is_guessed))


def _say_outside(week_of: dict[str, int], n_weeks: int, campus_years: int, week_1: datetime.date | None, is_guessed: bool) -> Callable[[str], str]:
    def say(value: str) -> str:
        week = week_of[value]
        clinical_years = -(-week // WEEKS_A_YEAR) - campus_years
        mend = f"; set clinical_years={clinical_years}" if n_weeks < week and campus_years + clinical_years <= MOST_YEARS else ""
        dates = f" (week 1 begins on {week_1}" + (", reckoned from the earliest start in the file)" if is_guessed else ")") if week_1 else ""
        if week_1 is None and _DAY_NUMBERS[0] <= week <= _DAY_NUMBERS[1]:
            mend = "; if it is a spreadsheet's number for a day, format the column as a date and save the file again"
        return f"the course has {n_weeks} weeks, and this is week {week}{dates}{mend}"

    return say


def _read_hours(faults: list[Fault], table: Table, hours_per_day: float) -> NDArray[np.float64]:
    """Hours a week of each row; NaN, with a fault, where there are none."""
    by_hours, by_days = table.filled("hours_per_week"), table.filled("days_per_week")
    column = "hours_per_week" if table.has("hours_per_week") else "days_per_week"
    flag(faults, table, column, by_hours & by_days, "both hours_per_week and days_per_week are given", "exactly one of the two in each row")
    flag(faults, table, column, ~by_hours & ~by_days, "neither hours_per_week nor days_per_week is given", "exactly one of the two in each row")
    hours_allowed, days_allowed = f"more than 0 and at most {MOST_HOURS_A_WEEK:g} hours", "more than 0 and at most 7 days"
    hours = read_numbers(faults, table, "hours_per_week", by_hours, hours_allowed)
    days = read_numbers(faults, table, "days_per_week", by_days, days_allowed)
    no_hours, no_days = (hours <= 0) | (hours > MOST_HOURS_A_WEEK), (days <= 0) | (days > 7)
    flag(faults, table, "hours_per_week", no_hours, "hours out of range", hours_allowed)
    flag(faults, table, "days_per_week", no_days, "days out of range", days_allowed)
    return np.where(no_hours | no_days | (by_hours & by_days), np.nan, np.where(by_hours, hours, days * hours_per_day))


def _spread(weeks: _Weeks, usable: Mask) -> _RowWeeks:
    """One entry for each week of each usable row, in the order of the file."""
    rows = np.flatnonzero(usable)
    lengths = weeks.last[rows] - weeks.first[rows] + 1
    begin = np.cumsum(lengths) - lengths
    return _RowWeeks(np.repeat(rows, lengths), np.arange(lengths.sum()) - np.repeat(begin - weeks.first[rows], lengths))


def _flag_overlaps(faults: list[Fault], table: Table, each: _RowWeeks, student: NDArray[np.int64], pair: NDArray[np.int64], n_pairs: int,
                   n_weeks: int) -> None:
    """A student twice at one site and team in one week: the later row is at fault, once."""
    key = (student[each.row] * n_pairs + pair[each.row]) * (n_weeks + 1) + each.week
    _, first, group = np.unique(key, return_index=True, return_inverse=True)
    earlier = each.row[first][group]
    again = np.flatnonzero(earlier != each.row)
    for at in again[np.unique(each.row[again], return_index=True)[1]].tolist():
        row = int(each.row[at])
        faults.append(Fault(table.name, f"the student is at this site and team in week {each.week[at]} by row {table.rows[earlier[at]]} too",
                            "each student once at a site and team in a week", int(table.rows[row]), "student_id",
                            str(table.text("student_id").iloc[row])))


def _flag_long_weeks(faults: list[Fault], table: Table, each: _RowWeeks, student: NDArray[np.int64], hours: NDArray[np.float64],
                     n_weeks: int) -> None:
    """More hours in a week than a week can hold, over all rows of a student: one fault a student, at the first such week."""
    key, group = np.unique(student[each.row] * (n_weeks + 1) + each.week, return_inverse=True)
    total = np.bincount(group, weights=hours[each.row], minlength=len(key))
    over = np.flatnonzero(total > MOST_HOURS_A_WEEK + 1e-9)
    whose, first, n_over = np.unique(key[over] // (n_weeks + 1), return_index=True, return_counts=True)
    for at, n in zip(over[first].tolist() if len(whose) else [], n_over.tolist(), strict=True):
        rows = each.row[group == at]
        more = f" (and too many in {n - 1} other weeks)" if n > 1 else ""
        what = f"{total[at]:g} hours in week {key[at] % (n_weeks + 1)}, by {and_more(table.rows[rows].tolist())}{more}"
        faults.append(Fault(table.name, what, f"at most {MOST_HOURS_A_WEEK:g} hours a week for a student, all rows together",
                            int(table.rows[rows[0]]), "student_id", str(table.text("student_id").iloc[rows[0]])))


def _flag_full_sites(faults: list[Fault], table: Table, each: _RowWeeks, student: NDArray[np.int64], place: NDArray[np.int64],
                     places: NDArray[np.int64], n_students: int, n_weeks: int) -> None:
    """More students at a site in a week than it has places: one fault a site, at the first such week."""
    site_week = place[each.row] * (n_weeks + 1) + each.week
    heads = np.unique(site_week * max(1, n_students) + student[each.row]) // max(1, n_students)
    key, n_heads = np.unique(heads, return_counts=True)
    over = np.flatnonzero(n_heads > places[key // (n_weeks + 1)])
    which, first, n_over = np.unique(key[over] // (n_weeks + 1), return_index=True, return_counts=True)
    for site, at, n in zip(which.tolist(), over[first].tolist(), n_over.tolist(), strict=True):
        rows = each.row[site_week == key[at]]
        more = f" (and too many in {n - 1} other weeks)" if n > 1 else ""
        faults.append(Fault(table.name, f"{n_heads[at]} students in week {key[at] % (n_weeks + 1)}{more}, by {and_more(table.rows[rows].tolist())}",
                            f"at most {places[site]} students, the capacity in the sites file", int(table.rows[rows[0]]), "site",
                            str(table.text("site").iloc[rows[0]])))


def _describe(table: Table, timetable: Timetable, week_1: datetime.date | None, n_students: int, n_teams: int,
              course_start: datetime.date | None, values: Any) -> list[str]:
    """What was understood, without ids."""
    placed = timetable.placed_weeks()
    used = len(np.unique(timetable.site))
    teams = f"{n_teams} teams given" if n_teams else "no teams"
    notes = [f"timetable: {len(table):,} rows, {used} site{'s' * (used != 1)}, weeks {placed[0]} to {placed[-1]}, {teams}"]
    if week_1 is not None:
        reckoned = "" if course_start else f", so that the earliest start lies in week {placed[0]}, the first of the clinical years"
        notes.append(f"timetable: week 1 of the course begins on {week_1:%A} {week_1}{reckoned}")
    elif course_start:
        notes.append("timetable: it counts in weeks, so the date given for the start of the course is not used")
    without = n_students - len(np.unique(timetable.student))
    if without:
        notes.append(f"timetable: {few(without)} without any placement")
    for year in range(1, values.clinical_years + 1):
        first = WEEKS_A_YEAR * (values.campus_years + year - 1)
        if not ((placed > first) & (placed <= first + WEEKS_A_YEAR)).any():
            notes.append(f"timetable: nobody is placed in clinical year {year}, which is then a year without teaching")
    return notes
