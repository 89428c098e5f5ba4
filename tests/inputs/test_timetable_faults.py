"""What is said about a bad timetable."""

import datetime

import pytest

from tests.inputs.bad_files import TIMETABLE_HEAD, faults_of, only, place, placements


def test_unknown_student_once_a_value_with_the_nearest_id_and_all_rows(tmp_path):
    roster = "student_id\nS0412\nS0999\n"
    rows = [f"S0421,North,A,{105 + n},{105 + n},30," for n in range(12)]
    fault = only(faults_of(tmp_path, roster=roster, timetable=placements(*rows)))
    assert place(fault) == ("timetable.csv", 2, "student_id", "S0421")
    assert "'S0412'" in fault.allowed and "also in rows 3, 4, 5, 6, 7, 8, 9, 10 and 3 more" in fault.what


@pytest.mark.parametrize(("row", "column", "value", "what"), [
    (",North,A,105,106,30,", "student_id", "", "blank"),
    ("S1,,A,105,106,30,", "site", "", "blank"),
    ("S1,North,A,,106,30,", "start", "", "blank"),
    ("S1,North,A,105,106.5,30,", "end", "106.5", "not a week"),
    ("S1,North,A,105,2027-01-18,30,", "end", "2027-01-18", "a date in a file of weeks"),
    ("S1,North,A,107,106,30,", "end", "106", "before the start"),
    ("S1,North,A,0,106,30,", "start", "0", "outside the course"),
    ("S1,North,A,105,209,30,", "end", "209", "outside the course"),
    ("S1,North,A,105,106,abc,", "hours_per_week", "abc", "not a number"),
    ("S1,North,A,105,106,\"7,5,1\",", "hours_per_week", "7,5,1", "not a number"),
    ("S1,North,A,105,106,\"1,250\",", "hours_per_week", "1,250", "thousands or decimals"),
    ("S1,North,A,105,106,nan,", "hours_per_week", "nan", "not a number"),
    ("S1,North,A,105,106,inf,", "hours_per_week", "inf", "not a number"),
    ("S1,North,A,105,106,1e1,", "hours_per_week", "1e1", "not a number"),
    ("S1,North,A,105,106,0,", "hours_per_week", "0", "out of range"),
    ("S1,North,A,105,106,-2,", "hours_per_week", "-2", "out of range"),
    ("S1,North,A,105,106,100.5,", "hours_per_week", "100.5", "out of range"),
    ("S1,North,A,105,106,,8", "days_per_week", "8", "out of range"),
    ("S1,North,A,105,106,,0", "days_per_week", "0", "out of range"),
    ("S1,North,A,105,106,30,4", "hours_per_week", "30", "both"),
    ("S1,North,A,105,106,,", "hours_per_week", "", "neither"),
])  # fmt: skip
def test_a_bad_cell_in_the_timetable(tmp_path, row, column, value, what):
    fault = only(faults_of(tmp_path, timetable=placements("S2,North,A,105,106,30,", row)))
    assert place(fault) == ("timetable.csv", 3, column, value) and what in fault.what and fault.allowed


@pytest.mark.parametrize(("value", "what"), [
    ("2027-02-30", "no such day"), ("30/02/2027", "no such day"), ("18 Foo 2027", "no such day"), ("2027-01", "not a date"), ("18/01", "not a date"),
    ("Monday", "not a date"), ("105", "a week in a file of dates"),
])  # fmt: skip
def test_a_bad_date(tmp_path, value, what):
    good = "S2,North,A,2027-01-18,2027-03-12,30,"
    fault = only(faults_of(tmp_path, timetable=placements(good, good.replace("S2", "S3"), f"S1,North,A,{value},2027-03-12,30,")))
    assert place(fault) == ("timetable.csv", 4, "start", value) and what in fault.what and "YYYY-MM-DD" in fault.allowed


def test_outside_the_course_says_which_number_of_clinical_years_would_do(tmp_path):
    fault = only(faults_of(tmp_path, timetable=placements("S1,North,A,209,230,30,", "S2,North,A,105,110,30,").replace("209", "208")))
    assert place(fault) == ("timetable.csv", 2, "end", "230")
    assert "208 weeks" in fault.allowed and "clinical_years=3" in fault.allowed
    far = faults_of(tmp_path, timetable=placements("S1,North,A,105,9000,30,"))
    assert "clinical_years" not in only(far).allowed


def test_dates_outside_the_course_count_from_the_course_start(tmp_path):
    rows = placements("S1,North,A,2027-01-04,2027-01-22,30,", "S2,North,A,2027-01-18,2031-01-20,30,")
    faults = faults_of(tmp_path, datetime.date(2027, 1, 18), timetable=rows)
    assert [place(f) for f in faults] == [("timetable.csv", 2, "start", "2027-01-04"), ("timetable.csv", 3, "end", "2031-01-20")]
    assert "week -1" in faults[0].allowed and "week 210" in faults[1].allowed and "2027-01-18" in faults[1].allowed


def test_too_many_hours_over_rows_of_a_student(tmp_path):
    rows = placements("S1,North,A,105,110,60,", "S1,South,,108,112,30.5,", "S1,West,,110,110,10,", "S2,North,A,105,110,100,")
    fault = only(faults_of(tmp_path, timetable=rows))
    assert place(fault) == ("timetable.csv", 2, "student_id", "S1")
    assert fault.what == "100.5 hours in week 110, by rows 2, 3 and 4" and "100 hours" in fault.allowed
    fault = only(faults_of(tmp_path, timetable=rows.replace("110,60", "110,70")))
    assert fault.what == "100.5 hours in week 108, by rows 2 and 3 (and too many in 2 other weeks)"


def test_rows_outside_the_course_are_not_summed(tmp_path):
    rows = placements("S1,North,A,205,212,60,", "S1,South,A,205,212,60,")
    assert {(f.row, f.column) for f in faults_of(tmp_path, timetable=rows)} == {(2, "end")}


def test_twice_at_a_site_and_team_in_a_week(tmp_path):
    rows = ["S1,North,A,105,110,20,", "S1,North,B,105,110,20,", "S1,North,A,111,112,20,", "S2,North,A,105,110,20,", "S1,North,A,109,111,10,"]
    fault = only(faults_of(tmp_path, timetable=placements(*rows)))
    assert place(fault) == ("timetable.csv", 6, "student_id", "S1") and "in week 109 by row 2" in fault.what
    fault = only(faults_of(tmp_path, timetable=placements("S1,North,,105,110,20,", "S1,North,,110,111,20,")))
    assert fault.row == 3 and "in week 110 by row 2" in fault.what


def test_a_timetable_without_rows(tmp_path):
    assert "no placements" in only(faults_of(tmp_path, timetable=TIMETABLE_HEAD)).what


def test_a_day_as_a_spreadsheet_numbers_it_is_told_as_such(tmp_path):
    fault = faults_of(tmp_path, timetable=placements("S1,North,A,46405,46459,30,"))[0]
    assert place(fault) == ("timetable.csv", 2, "start", "46405") and "format the column as a date" in fault.allowed
