"""`wardmates template`: empty files to fill in, filled ones to look at, and a page that explains them."""

from __future__ import annotations

import csv
import io
from importlib import resources
from pathlib import Path
from typing import Annotated

import typer

from simulation.faults import Fault, InputError
from wardmates.results import hand_over, output_folder

_EXAMPLES: dict[str, list[list[str | int | float]]] = {
    "roster": [
        ["student_id", "campus_group", "gender", "entry"],
        ["S001", "G1", "woman", "biomedical science"], ["S002", "G1", "man", "biomedical science"], ["S003", "G1", "woman", "other degree"],
        ["S004", "G2", "man", "other degree"], ["S005", "G2", "woman", "biomedical science"], ["S006", "G2", "man", "other degree"],
    ],
    "timetable": [
        ["student_id", "site", "team", "start", "end", "hours_per_week", "days_per_week"],
        ["S001", "Northgate Hospital", "Team 1", "2027-01-18", "2027-03-12", 30, ""],
        ["S002", "Northgate Hospital", "Team 1", "2027-01-18", "2027-03-12", 30, ""],
        ["S003", "Northgate Hospital", "Team 2", "2027-01-18", "2027-03-12", 28.5, ""],
        ["S004", "Northgate Hospital", "Team 2", "2027-01-18", "2027-03-12", 28.5, ""],
        ["S005", "General Practice", "", "2027-01-18", "2027-03-12", "", 4],
        ["S006", "General Practice", "", "2027-01-18", "2027-03-12", "", 4],
    ],
    "friendships": [["student_a", "student_b", "closeness"], ["S001", "S002", 0.785], ["S003", "S004", 0.5], ["S001", "S005", 0.32]],
    "sites": [["site", "capacity"], ["Northgate Hospital", 56], ["General Practice", 16]],
}  # fmt: skip
_WIDTH = 22  # of a column, so that every name can be read


def template(out: Annotated[str, typer.Argument(metavar="DIR", help="Folder to write to; made if it does not exist.")]) -> None:
    """Write empty files for a school's own data, the same filled in as an example, and a page that explains every column."""
    faults: list[Fault] = []
    with output_folder(out, faults) as folder:
        contents = {name: data for name, data in _contents().items()}
        if folder is not None:
            # Whoever has begun to fill them in must not lose a morning's work to the same command.
            faults += [Fault(str(folder / name), "is there already and would be overwritten", "another folder, or move the file away")
                       for name in contents if (folder / name).exists()]  # fmt: skip
        if faults or folder is None:
            raise InputError(faults)

        def written(place: Path) -> list[str]:
            for name, data in contents.items():
                (place / name).parent.mkdir(exist_ok=True)
                (place / name).write_bytes(data)
            return sorted(contents)

        text = ("Fill in school.xlsx, or the .csv files; only the roster is needed. explanation.html says what each column means. Then:\n"
                "  wardmates check --roster school.xlsx --timetable school.xlsx --friendships school.xlsx --sites school.xlsx\n")  # fmt: skip
        hand_over(text, folder, written, is_named=True)


def _contents() -> dict[str, bytes]:
    """Every file by its name."""
    empty = {name: rows[:1] for name, rows in _EXAMPLES.items()}
    files = {f"{name}.csv": _csv(rows) for name, rows in empty.items()}
    files |= {f"example/{name}.csv": _csv(rows) for name, rows in _EXAMPLES.items()}
    files |= {"school.xlsx": _workbook(empty), "example/school.xlsx": _workbook(_EXAMPLES)}
    files["explanation.html"] = (resources.files("wardmates") / "explanation.html").read_bytes()
    return files


def _csv(rows: list[list[str | int | float]]) -> bytes:
    """Text with a byte order mark, without which Excel takes UTF-8 for Latin-1."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerows(rows)
    return buffer.getvalue().encode("utf-8-sig")


def _workbook(sheets: dict[str, list[list[str | int | float]]]) -> bytes:
    """A workbook with a sheet for each file; ids are text, so that leading noughts stay."""
    from openpyxl import Workbook
    from openpyxl.styles import Font, PatternFill
    from openpyxl.utils import get_column_letter

    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append([None if cell == "" else cell for cell in row])
        for number, name in enumerate(rows[0], start=1):
            heading = sheet.cell(1, number)
            heading.font, heading.fill = Font(bold=True), PatternFill("solid", fgColor="DDE8F0")
            column = sheet.column_dimensions[get_column_letter(number)]
            column.width = _WIDTH
            if str(name).startswith("student_"):
                column.number_format = "@"
        sheet.freeze_panes = "A2"
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
