"""The same four files in every form that schools' systems write: nothing of it changes what is read."""

import datetime
import io
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from simulation.evidence.parameters import Values
from simulation.faults import InputError
from simulation.scenario.inputs import read_school
from simulation.scenario.school import School
from tests.inputs.bad_files import only, place
from tests.inputs.test_school_reading import same

ROSTER = [["student_id", "campus_group", "home"], ["S1", "G1", "Köln"], ["S2", "G1", "Łódź"], ["S3", "G2", "Köln"], ["S4", "G2", "Łódź"]]
TIMETABLE = [
    ["student_id", "site", "team", "start", "end", "hours_per_week"],
    ["S1", "Nørth", "A", datetime.date(2027, 1, 18), datetime.date(2027, 3, 12), 28],
    ["S2", "Nørth", "A", datetime.date(2027, 1, 18), datetime.date(2027, 3, 12), 28.5],
    ["S3", "South", "", datetime.date(2027, 1, 18), datetime.date(2027, 2, 5), 30],
]
FRIENDS = [["student_a", "student_b", "closeness"], ["S1", "S2", 0.5], ["S3", "S4", 0.785]]
SITES = [["site", "capacity"], ["Nørth", 2], ["South", 1]]
FILES = {"roster": ROSTER, "timetable": TIMETABLE, "friendships": FRIENDS, "sites": SITES}
LATIN = {name: [[cell.replace("Łódź", "Málaga") if isinstance(cell, str) else cell for cell in row] for row in rows] for name, rows in FILES.items()}


def text_of(rows: list[list], separator: str = ",", decimal: str = ".", date: str = "%Y-%m-%d") -> str:
    def cell(value: object) -> str:
        if isinstance(value, datetime.date):
            value = value.strftime(date)
        if isinstance(value, float):
            value = str(value).replace(".", decimal)
        return f'"{value}"' if separator in str(value) else str(value)

    return "".join(separator.join(map(cell, row)) + "\n" for row in rows)


def workbook(sheets: dict[str, list[list]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append([None if cell == "" else cell for cell in row])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def read(folder: Path, saved: dict[str, bytes], ending: str = "csv", **options) -> School:
    paths = {}
    for name, data in saved.items():
        paths[name] = folder / f"{name}.{ending}"
        paths[name].write_bytes(data)
    return read_school(**paths, values=Values(), **options)


def plainly(folder: Path, files: dict[str, list[list]] = FILES) -> School:
    return read(folder, {name: text_of(rows).encode() for name, rows in files.items()})


FORMS: dict[str, Callable[[list[list]], bytes]] = {
    "UTF-8 with BOM": lambda rows: b"\xef\xbb\xbf" + text_of(rows).encode(),
    "UTF-16 with BOM": lambda rows: text_of(rows).encode("utf-16"),
    "UTF-16 without BOM": lambda rows: text_of(rows).encode("utf-16-le"),
    "UTF-16, the other way round": lambda rows: b"\xfe\xff" + text_of(rows).encode("utf-16-be"),
    "UTF-16, the other way round, without BOM": lambda rows: text_of(rows).encode("utf-16-be"),
    "letters with their accents apart": lambda rows: text_of(rows).replace("ö", "o\u0308").encode(),
    "semicolons": lambda rows: text_of(rows, ";").encode(),
    "semicolons and decimal commas": lambda rows: text_of(rows, ";", ",").encode(),
    "commas and decimal commas": lambda rows: text_of(rows, ",", ",").encode(),
    "tabs": lambda rows: text_of(rows, "\t").encode(),
    "as Excel saves Unicode text": lambda rows: text_of(rows, "\t", ",").replace("\n", "\r\n").encode("utf-16"),
    "sep= on top": lambda rows: b"sep=;\r\n" + text_of(rows, ";").encode(),
    "day first": lambda rows: text_of(rows, date="%d/%m/%Y").encode(),
    "day first with dots": lambda rows: text_of(rows, date="%d.%m.%Y").encode(),
    "month first": lambda rows: text_of(rows, date="%m/%d/%Y").encode(),
    "two digits for the year": lambda rows: text_of(rows, date="%d/%m/%y").encode(),
    "months by name": lambda rows: text_of(rows, date="%d %b %Y").encode(),
    "months by name, American": lambda rows: text_of(rows, date="%B %d, %Y").encode(),
    "weekdays and times of day": lambda rows: text_of(rows, date="%a %d/%m/%Y 09:00").encode(),
    "a title above": lambda rows: b"Placements of the cohort,,\nprinted on,1 June\n\n" + text_of(rows).encode(),
    "blank lines and trailing columns": lambda rows: text_of(rows).replace("\n", ",,,\n,,,,,,,\n\n").encode(),
    "headings in capitals": lambda rows: text_of([[str(name).upper().replace("_", " ") for name in rows[0]], *rows[1:]]).encode(),
    "headings run together": lambda rows: text_of([[str(name).title().replace("_", "") for name in rows[0]], *rows[1:]]).encode(),
}


@pytest.mark.parametrize("form", FORMS)
def test_the_form_of_a_text_file_changes_nothing(tmp_path, form):
    expected = plainly(tmp_path)
    found = read(tmp_path, {name: FORMS[form](rows) for name, rows in FILES.items()})
    assert same_but_for_headings(expected, found)


def same_but_for_headings(a: School, b: School) -> bool:
    """An attribute is called what its heading says, so the notes follow the heading's case; everything else is equal."""
    return same(a, b) or (a.digest == b.digest and [n.casefold() for n in a.notes] == [n.casefold() for n in b.notes])


def test_latin_1_is_read_as_utf_8_is(tmp_path):
    expected = plainly(tmp_path, LATIN)
    for encoding in ("latin-1", "cp1252"):
        assert same(expected, read(tmp_path, {name: text_of(rows).encode(encoding) for name, rows in LATIN.items()}))


def test_bytes_that_windows_does_not_know_are_latin_1(tmp_path):
    school = read(tmp_path, {"roster": "student_id,home\nS1,M\xe1laga\x81\nS2,M\xe1laga\x81\nS3,Bonn\n".encode("latin-1")})
    assert school.attributes.shape == (3, 1) and "Latin-1" in school.read_as


def test_a_workbook_is_read_as_text_is(tmp_path):
    assert same(plainly(tmp_path), read(tmp_path, {name: workbook({"Sheet1": rows}) for name, rows in FILES.items()}, "xlsx"))


def test_one_workbook_may_hold_all_files(tmp_path):
    book = tmp_path / "school.xlsx"
    book.write_bytes(workbook({"About": [["What this is"], ["student_id", "is the number on the card"]], "Placements": TIMETABLE,
                               "Roster": ROSTER, "friends": FRIENDS, " SITES ": SITES}))  # fmt: skip
    school = read_school(book, book, book, book, values=Values())
    assert same(plainly(tmp_path), school) and "school.xlsx, sheet Placements: 3 rows" in school.read_as


def test_the_sheet_with_the_right_columns_is_taken_whatever_it_is_called(tmp_path):
    book = tmp_path / "export.xlsx"
    book.write_bytes(workbook({"Tabelle1": [["printed", "1 June"]], "Tabelle2": TIMETABLE, "Tabelle3": ROSTER}))
    plain = tmp_path / "roster.csv"
    plain.write_text(text_of(ROSTER), encoding="utf-8")
    assert read_school(plain, book, values=Values()).digest == plainly(tmp_path, {"roster": ROSTER, "timetable": TIMETABLE}).digest


def test_sheets_that_could_all_be_meant_are_a_fault(tmp_path):
    with pytest.raises(InputError) as caught:
        read(tmp_path, {"roster": workbook({"2026": ROSTER, "2027": ROSTER})}, "xlsx")
    fault = only(caught.value.faults)
    assert fault.value == "2026, 2027" and "called roster" in fault.allowed
    with pytest.raises(InputError) as caught:
        read(tmp_path, {"roster": workbook({"roster": [], "other": ROSTER})}, "xlsx")
    assert only(caught.value.faults).what == "the sheet is empty"
    with pytest.raises(InputError) as caught:
        read(tmp_path, {"roster": workbook({"Sheet1": []})}, "xlsx")
    assert only(caught.value.faults).what == "the file is empty"


def test_merged_titles_and_rows_are_numbered_as_the_spreadsheet_numbers_them(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append([])
    sheet.append(["Students of the third year"])
    sheet.merge_cells("A2:C2")
    sheet.append([])
    for row in (["Student ID", "Gender"], ["S1", "f"], [], ["S2", "m"], ["S1", "f"]):
        sheet.append(row)
    path = tmp_path / "roster.xlsx"
    book.save(path)
    with pytest.raises(InputError) as caught:
        read_school(path, values=Values())
    assert place(only(caught.value.faults)) == ("roster.xlsx", 8, "Student ID", "S1")


def test_cells_of_a_workbook_of_other_kinds(tmp_path):
    table = [["Student ID", "Site", "Start date", "End date", "Hours"],
             [412, 7, datetime.datetime(2027, 1, 18), datetime.datetime(2027, 3, 12, 17), datetime.timedelta(hours=28)],
             ["413", "7", "18/01/2027", "12/03/2027", "28,0"]]  # fmt: skip
    roster = [["ID", "Is graduate"], [412.0, True], ["413", "TRUE"], ["414", False], ["415", "FALSE"]]
    school = read(tmp_path, {"roster": workbook({"a": roster}), "timetable": workbook({"a": table})}, "xlsx")
    assert school.sites == ("7",) and school.timetable is not None
    assert school.timetable.student.tolist() == [0, 1] and school.timetable.hours.tolist() == [28.0, 28.0]
    assert (school.timetable.last_week == school.timetable.last_week[0]).all() and school.attributes.tolist() == [[1], [1], [0], [0]]


@pytest.mark.parametrize("hours", ["28", '"28"', '"28,0"', "28.0", " 28 "])
def test_hours_however_they_are_written(tmp_path, hours):
    timetable = f"student_id,site,start,end,hours_per_week\nS1,North,105,110.0,{hours}\n"
    school = read(tmp_path, {"roster": text_of(ROSTER).encode(), "timetable": timetable.encode()})
    assert school.timetable is not None and school.timetable.hours.tolist() == [28.0] and school.timetable.last_week.tolist() == [110]


def test_what_was_understood_is_said_in_one_line_without_ids(tmp_path):
    timetable = ("Rotations 2027\n\nStart Date;End;Student;Hospital;Hrs per week\n18/01/2027;12/03/2027;S1;Nørth;28,5\n").encode("latin-1")
    said = read(tmp_path, {"roster": text_of(ROSTER).encode(), "timetable": timetable}).read_as
    assert said == (
        "Read roster.csv: 4 rows | timetable.csv: 1 row; Latin-1; semicolons; column names in row 3; `Start Date` as start; "
        "`Student` as student_id; `Hospital` as site; `Hrs per week` as hours_per_week; dates as day/month/year; decimal commas in Hrs per week"
    )


def test_a_columns_own_name_goes_before_another_spelling(tmp_path):
    roster = "Student,student_id,Sex\nAnna,S1,f\nBert,S2,m\nCarl,S3,m\nDora,S4,f\n"
    school = read(tmp_path, {"roster": roster.encode()})
    assert school.n_students == 4 and any("column Student is not used" in note for note in school.notes)


def test_two_spellings_of_one_column_are_a_fault(tmp_path):
    timetable = "student_id,site,Start date,Start week,end,hours\nS1,North,2027-01-18,105,2027-03-12,28\n"
    with pytest.raises(InputError) as caught:
        read(tmp_path, {"roster": text_of(ROSTER).encode(), "timetable": timetable.encode()})
    fault = only(caught.value.faults)
    assert (fault.row, fault.column, fault.what) == (1, "Start date, Start week", "two columns that both mean start")
