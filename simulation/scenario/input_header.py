"""Which row of a sheet names the columns, and which column is meant by a name."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from simulation.faults import Fault
from simulation.scenario.input_files import HEADER_WITHIN, Rows

# Other names that systems of schools give to a column, as `compact` writes them.
SPELLINGS: dict[str, tuple[str, ...]] = {
    "student_id": ("student", "id", "sid", "studentno", "studentnr", "studentnumber", "studentcode", "matricno", "matriculationno",
                   "matriculationnumber", "registrationno", "registrationnumber", "candidateno", "candidatenumber", "personid"),
    "campus_group": ("smallgroup", "tutorialgroup", "tutorgroup", "pblgroup", "seminargroup"),
    "site": ("sitename", "hospital", "location", "placementsite", "placementlocation"),
    "team": ("teamname", "ward", "unit", "firm", "clinicalteam"),
    "start": ("startdate", "datestart", "startday", "startweek", "firstday", "firstweek", "from", "begin", "begins", "begindate"),
    "end": ("enddate", "dateend", "endday", "endweek", "lastday", "lastweek", "to", "until", "finish", "finishdate"),
    "hours_per_week": ("hours", "weeklyhours", "hoursaweek", "hoursweek", "hrsperweek", "hrsweek", "hoursperwk", "hpw"),
    "days_per_week": ("days", "weeklydays", "daysaweek", "daysweek", "daysperwk"),
    "student_a": ("studentida", "student1", "studentid1", "ida", "id1"),
    "student_b": ("studentidb", "student2", "studentid2", "idb", "id2"),
    "closeness": ("strength", "tiestrength"),
    "hours": ("sharedhours",),
    "capacity": ("places", "maxstudents", "maximumstudents", "maximum", "spaces", "seats"),
}  # fmt: skip


def compact(name: str) -> str:
    """A name without case, accents, spaces and signs: "Student-ID" and "studentId" are one."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(c for c in plain if c.isalnum())


def recogniser(known: Sequence[str]) -> dict[str, str]:
    """The columns that a file may have, by every compact name that each can go by."""
    others = {spelling: column for column in known for spelling in SPELLINGS.get(column, ())}
    return others | {compact(column): column for column in known}


def find_header(rows: Rows, names: dict[str, str]) -> int:
    """Number (from 0) of the row of column names: the one with the most of them; the first that is not blank if no row has any.

    Rows above it are titles. A row further down than HEADER_WITHIN is not looked at, for it is a student's.

    Args:
        rows: the sheet; some cell is not blank.
        names: as `recogniser` gives them.
    """
    top = rows[:HEADER_WITHIN]
    counts = [len({names[compact(cell)] for cell in row if compact(cell) in names}) for row in top]
    if max(counts) > 0:
        return counts.index(max(counts))
    return next(number for number, row in enumerate(rows) if any(row))


def name_columns(file: str, header: Sequence[str], row: int, names: dict[str, str], faults: list[Fault]) -> dict[str, int]:
    """Position of each column that has a name: the known ones by the names that wardmates uses, others as they are written.

    A column's own name goes before another spelling of it: beside `student_id`, a column `Student` is a column of its own.

    Args:
        file: what faults call the file.
        header: the row of names.
        row: its number in the spreadsheet.
        names: as `recogniser` gives them.
        faults: faults found are appended here.
    """
    own: dict[str, list[int]] = {}
    other: dict[str, list[int]] = {}
    for position, name in enumerate(header):
        column = names.get(compact(name))
        if column is not None:
            (own if compact(column) == compact(name) else other).setdefault(column, []).append(position)
    meant = {column: own.get(column) or other[column] for column in own | other}
    for column, positions in meant.items():
        if len(positions) > 1:
            written = sorted({header[position] for position in positions})
            what = "column given twice" if len(written) == 1 else f"two columns that both mean {column}"
            faults.append(Fault(file, what, "each column once", row, ", ".join(written)))
    columns = {column: positions[0] for column, positions in sorted(meant.items(), key=lambda item: item[1])}
    taken = {position for positions in meant.values() for position in positions}
    seen: set[str] = set()
    for position, name in enumerate(header):
        if name and position not in taken:
            if compact(name) in seen:
                faults.append(Fault(file, "column given twice", "each column once", row, name))
            seen.add(compact(name))
            columns.setdefault(name, position)
    return columns
