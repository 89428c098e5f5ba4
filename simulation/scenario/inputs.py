"""A school's own files, read into what the model sees: no ids, only rows in the sorted order of ids (docs/files.md)."""

from __future__ import annotations

import datetime
import hashlib
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from simulation.faults import Fault, InputError, nearest
from simulation.scenario.input_dates import ORDERS
from simulation.scenario.input_roster import read_friendships, read_roster, read_sites
from simulation.scenario.input_timetable import read_timetable
from simulation.scenario.meetings import warnings
from simulation.scenario.school import School


def read_school(roster: Path | str, timetable: Path | str | None = None, friendships: Path | str | None = None,
                sites: Path | str | None = None, *, values: Any,
                course_start: datetime.date | None = None, date_order: str | None = None) -> School:
    """Read and check a school's files.

    Ids are replaced by their rank in sorted order and not kept, nor is a hash of them. The order of rows and columns in a file changes nothing.

    Args:
        roster: the students.
        timetable: their placements.
        friendships: pairs with their closeness or hours.
        sites: sites with their capacities.
        values: parameter values (`simulation.evidence.parameters.Values`); campus_years, clinical_years, hours_per_day, friend_hours and
            acquaintance_strength are read.
        course_start: first day of week 1, for a timetable in dates. Without it the Monday on or before the earliest start opens the first
            clinical year (week 52 x campus_years + 1): the campus years are simulated first.
        date_order: "day-first" or "month-first", for dates such as 02/03/2027; None to tell by the data.

    Returns:
        The school.

    Raises:
        InputError: with every fault of all the files.
    """
    if date_order is not None and date_order not in ORDERS:
        raise InputError([Fault("--dates", "is no order of dates", nearest(date_order, ORDERS), value=date_order)])
    faults: list[Fault] = []
    read_as: list[str] = []
    students = read_roster(Path(roster), faults, read_as)
    ids = students.ids if students else None
    capacity, site_notes = read_sites(Path(sites), faults, read_as) if sites else (None, ())
    placed = read_timetable(Path(timetable), faults, ids, capacity, values, course_start, date_order, read_as) if timetable else None
    friends = read_friendships(Path(friendships), faults, ids, values.friend_hours, values.acquaintance_strength, read_as) if friendships else None
    if faults or students is None:
        raise InputError(_as_in_files(faults))
    notes = [*students.notes, *(placed.notes if placed else ()), *(friends.notes if friends else ()), *site_notes]
    school = School(len(students.ids), students.attributes, students.campus_group, has_friendships=friends is not None)
    if capacity is not None:
        names = tuple(sorted(capacity))
        school = replace(school, sites=names, capacity=np.array([capacity[name] for name in names], dtype=np.int64))
    if placed is not None:
        timetable_read = placed.timetable
        notes += warnings(timetable_read, placed.sites, len(students.ids))
        school = replace(school, timetable=timetable_read, sites=placed.sites, start_week=int(timetable_read.first_week.min()), week_1=placed.week_1)
    if friends is not None:
        school = replace(school, friend_a=friends.a, friend_b=friends.b, friend_hours=friends.hours)
        notes.append(f"friendships: they hold from week {school.start_week}; pairs that are not listed are at most acquaintances then")
    return replace(school, digest=_digest(school), notes=tuple(notes), read_as="Read " + " | ".join(read_as))


def _as_in_files(faults: list[Fault]) -> list[Fault]:
    """Faults by file, in the order in which the files were read, and from the top of each to its end."""
    files = list(dict.fromkeys(fault.where for fault in faults))
    return sorted(faults, key=lambda fault: (files.index(fault.where), fault.row or 0))


NOT_IN_DIGEST = ("digest", "notes", "week_1", "read_as")  # what a file looks like, and on which day week 1 begins, are nothing to the model


def _digest(school: School) -> str:
    """SHA-256 over what was read, ids replaced: equal for files that mean the same to the model."""
    sha = hashlib.sha256()

    def add(name: str, value: Any) -> None:
        if isinstance(value, np.ndarray):
            value = np.ascontiguousarray(value, dtype="<f8" if value.dtype.kind == "f" else "<i8")
            sha.update(f"{name} {value.dtype.str} {value.shape}\n".encode() + value.tobytes())
        else:
            sha.update(f"{name} {value!r}\n".encode())

    for row in fields(school):
        value = getattr(school, row.name)
        if row.name in NOT_IN_DIGEST:
            continue
        if row.name == "timetable" and value is not None:
            for column in fields(value):
                add(f"timetable.{column.name}", getattr(value, column.name))
        else:
            add(row.name, value)
    return sha.hexdigest()
