"""Makes docs/faulty-files.md: files as they go wrong in schools, and what `wardmates check` says for each.

    python docs/make_faulty_files.py

A test compares the page with what is said now.
"""

from __future__ import annotations

import io
import tempfile
from dataclasses import dataclass
from pathlib import Path

from openpyxl import Workbook

from simulation.evidence.parameters import Values
from simulation.faults import Fault, InputError
from simulation.scenario.inputs import read_school

PAGE = Path(__file__).with_name("faulty-files.md")
ROSTER = "student_id,campus_group,gender\nS01,G1,woman\nS02,G1,man\nS03,G2,woman\nS04,G2,man\n"
HEAD = "student_id,site,team,start,end,hours_per_week\n"
GOOD = "S01,Northgate,A,2027-01-18,2027-03-12,30\n"
SITES = "site,capacity\nNorthgate,2\nHarbour,2\n"


@dataclass(frozen=True)
class Case:
    """One faulty file.

    Attributes:
        title: what went wrong.
        file: its kind: roster, timetable, friendships or sites.
        content: its text, or its rows if it is a workbook.
        encoding: of the text.
        with_sites: a sites file is given too.
    """

    title: str
    file: str
    content: str | list[list[object]]
    encoding: str = "utf-8"
    with_sites: bool = False


CASES = (
    Case("A student who is not on the roster", "timetable", HEAD + GOOD + "SO2,Northgate,A,2027-01-18,2027-03-12,30\n"),
    Case("One id for two students", "roster", ROSTER + "S02,G1,woman\n"),
    Case("A student twice at one site and team in a week", "timetable",
         HEAD + GOOD + "S01,Northgate,A,2027-03-08,2027-04-30,20\n"),
    Case("More than 100 hours a week", "timetable", HEAD + "S01,Northgate,A,2027-01-18,2027-03-12,60\nS01,Harbour,,2027-02-01,2027-02-26,45.5\n"),
    Case("The end before the start", "timetable", HEAD + "S01,Northgate,A,2027-03-12,2027-01-18,30\n"),
    Case("Dates outside the course", "timetable", HEAD + GOOD + "S02,Northgate,A,2029-01-22,2029-03-16,30\n"),
    Case("A site over its capacity", "timetable", HEAD + "".join(GOOD.replace("S01", f"S0{k}") for k in (1, 2, 3)), with_sites=True),
    Case("A site that the sites file does not have", "timetable", HEAD + GOOD.replace("Northgate", "Northgtae"), with_sites=True),
    Case("An empty file", "roster", ""),
    Case("An empty sheet in a workbook", "roster", []),
    Case("A missing column", "timetable", "student_id,site,team,begins on,end,hours_per_week\n" + GOOD),
    Case("A column name with a slip of the pen", "timetable", HEAD.replace("team", "teams") + GOOD),
    Case("Two columns for one thing", "timetable", "Student ID,Site,Start date,Start week,End,Hours\nS01,Northgate,2027-01-18,105,2027-03-12,30\n"),
    Case("A friendship of a student with the same student", "friendships", "student_a,student_b,closeness\nS01,S01,0.5\n"),
    Case("Friendships that contradict each other", "friendships", "student_a,student_b,closeness\nS01,S02,0.5\nS02,S01,0.785\n"),
    Case("A day that is in no calendar", "timetable", HEAD + GOOD + "S02,Northgate,A,2027-02-30,2027-03-12,30\n"),
    Case("Dates that can be read both ways", "timetable", HEAD + "S01,Northgate,A,01/02/2027,12/03/2027,30\n"),
    Case("Dates of both kinds in one file", "timetable",
         HEAD + "S01,Northgate,A,18/01/2027,26/03/2027,30\nS02,Northgate,A,01/18/2027,12/03/2027,30\n"),
    Case("Hours that are no number", "timetable", HEAD + GOOD + "S02,Northgate,A,2027-01-18,2027-03-12,full time\n"),
    Case("Semicolons, decimal commas and a title above, with a fault far down", "timetable",
         "Rotations 2027;;;;;\n\nStudent ID;Site;Team;Start date;End date;Hours\nS01;Northgate;A;18.01.2027;12.03.2027;28,5\n\n"
         "S02;Northgate;A;18.01.2027;12.03.2027;285,5\n", encoding="utf-16"),
    Case("Numbers without a comma's quotes", "timetable", HEAD + "S01,Northgate,A,2027-01-18,2027-03-12,28,5\n"),
    Case("A web page that is called a spreadsheet", "roster", "<html><table><tr><td>student_id</td></tr></table></html>"),
    Case("Blank ids and half the campus groups", "roster", "student_id,campus_group\nS01,G1\n,G1\nS03,\nS04,\n"),
    Case("A workbook with a fault below merged titles", "roster",
         [["Students of the third year"], [], ["Student ID", "Gender"], ["S01", "woman"], ["S02", "man"], [], ["S01", "man"]]),
)  # fmt: skip


def write_file(case: Case, folder: Path) -> Path:
    """Write the faulty file and return where it is."""
    if isinstance(case.content, str):
        path = folder / f"{case.file}.csv"
        path.write_bytes(case.content.encode(case.encoding))
        return path
    book = Workbook()
    sheet = book.worksheets[0]
    for row in case.content:
        sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    path = folder / f"{case.file}.xlsx"
    path.write_bytes(buffer.getvalue())
    return path


def faults_of(case: Case) -> list[Fault]:
    """What is said of a case.

    Raises:
        AssertionError: nothing is.
    """
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        paths = {"roster": folder / "roster.csv"}
        paths["roster"].write_text(ROSTER, encoding="utf-8")
        if case.with_sites:
            paths["sites"] = folder / "sites.csv"
            paths["sites"].write_text(SITES, encoding="utf-8")
        paths[case.file] = write_file(case, folder)
        try:
            read_school(**paths, values=Values())
        except InputError as error:
            return error.faults
    raise AssertionError(f"nothing is said of: {case.title}")


def cell(text: object) -> str:
    """A text as a cell of a table."""
    return str(text).replace("|", "\\|").replace("<", "&lt;")


def section(number: int, case: Case) -> list[str]:
    """The lines about one case."""
    lines = [f"## {number}. {case.title}", ""]
    if isinstance(case.content, str):
        form = f" ({case.encoding.upper()})" if case.encoding != "utf-8" else ""
        lines += [f"`{case.file}.csv`{form}:", "", "```text", *(case.content.splitlines() or ["(nothing)"]), "```", ""]
    else:
        rows = [f"row {k}: " + (" | ".join(map(str, row)) or "(blank)") for k, row in enumerate(case.content, start=1)]
        lines += [f"`{case.file}.xlsx`:", "", "```text", *(rows or ["(a sheet without cells)"]), "```", ""]
    lines += ["| file | row | column | value | what is wrong | what is allowed |", "|---|---|---|---|---|---|"]
    for fault in faults_of(case):
        value = f"`{fault.value}`" if fault.value and "/tmp" not in fault.value else ""
        lines.append("| " + " | ".join(map(cell, (fault.where, "" if fault.row is None else fault.row, fault.column, value, fault.what,
                                                     fault.allowed))) + " |")  # fmt: skip
    return [*lines, ""]


def page() -> str:
    """The page."""
    lines = [
        "# Faulty files, and what is said for each", "",
        f"Made by `make docs`; do not edit. {len(CASES)} files as they go wrong in schools. `wardmates check`, like every command, lists all "
        "faults of all files at once, ends with exit code 2 and writes nothing. Rows are numbered as the spreadsheet numbers them. "
        "[files.md](files.md) says what the files should look like.", "",
        "The roster, where it is not the faulty file, has the students S01 to S04; the sites file, where one is given, has 2 places at Northgate and "
        "2 at Harbour.", "",
    ]  # fmt: skip
    for number, case in enumerate(CASES, start=1):
        lines += section(number, case)
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
