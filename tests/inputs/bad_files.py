"""Small files of a school, and what is said when one of them is bad."""

import datetime
from pathlib import Path

import pytest

from simulation.evidence.parameters import Values
from simulation.faults import Fault, InputError
from simulation.scenario.inputs import read_school

ROSTER = "student_id,campus_group,gender\nS1,G1,f\nS2,G1,m\nS3,G2,f\nS4,G2,m\n"
TIMETABLE_HEAD = "student_id,site,team,start,end,hours_per_week,days_per_week\n"
TIMETABLE = TIMETABLE_HEAD + "S1,North,A,105,110,30,\nS2,North,A,105,110,,4\nS3,South,,105,110,30,\n"
FRIENDS = "student_a,student_b,closeness\nS1,S2,0.5\n"
SITES = "site,capacity\nNorth,2\nSouth,1\n"


def faults_of(folder: Path, course_start: datetime.date | None = None, **files: str | bytes) -> list[Fault]:
    paths = {}
    for name, text in ({"roster": ROSTER} | files).items():
        paths[name] = folder / f"{name}.csv"
        paths[name].write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InputError) as caught:
        read_school(**paths, values=Values(), course_start=course_start)
    return caught.value.faults


def only(faults: list[Fault]) -> Fault:
    assert len(faults) == 1, [str(fault) for fault in faults]
    return faults[0]


def place(fault: Fault) -> tuple[str, int | None, str, str]:
    return fault.where, fault.row, fault.column, fault.value


def placements(*rows: str) -> str:
    return TIMETABLE_HEAD + "".join(row + "\n" for row in rows)
