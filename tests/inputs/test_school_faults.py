"""What is said about bad files: file, row, column, value, what is allowed; and all of it at once."""

import pytest

from simulation.evidence.parameters import Values
from simulation.faults import InputError
from simulation.scenario.inputs import read_school
from tests.inputs.bad_files import FRIENDS, ROSTER, SITES, TIMETABLE, faults_of, only, place, placements


def test_files_without_faults_are_read(tmp_path):
    paths = {name: tmp_path / f"{name}.csv" for name in ("roster", "timetable", "friendships", "sites")}
    for path, text in zip(paths.values(), (ROSTER, TIMETABLE, FRIENDS, SITES), strict=True):
        path.write_text(text)
    assert read_school(**paths, values=Values()).n_students == 4


# --- the file as a whole


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(InputError) as caught:
        read_school(tmp_path / "none.csv", tmp_path / "neither.csv", values=Values())
    assert [(f.where, f.value) for f in caught.value.faults] == [(n, str(tmp_path / n)) for n in ("none.csv", "neither.csv")]
    assert all("cannot be read" in f.what for f in caught.value.faults)


@pytest.mark.parametrize(("text", "what"), [
    (b"", "empty"), (b"\xef\xbb\xbf \n\n", "empty"), (b",,\r\n,\r\n", "empty"), ("".encode("utf-16"), "empty"),
    (b'student_id\n"S1\nS2\n', "comma-separated"), (b"<html><table><tr><td>student_id</td></tr></table>", "web page"),
    (b"\x89PNG\r\n\x1a\n\x00\x01abcdefghijklmnop", "neither text nor a workbook"), (b"PK\x03\x04 and no more", "workbook"),
    (b"\xd0\xcf\x11\xe0 an old workbook cut short", "workbook"),
])  # fmt: skip
def test_a_file_that_cannot_be_read(tmp_path, text, what):
    fault = only(faults_of(tmp_path, roster=text))
    assert fault.where == "roster.csv" and what in fault.what and fault.allowed


def test_unreadable_roster_hides_no_fault_of_the_timetable_and_invents_none(tmp_path):
    faults = faults_of(tmp_path, roster="", timetable=placements("S1,North,A,105,110,x,"), friendships=FRIENDS)
    assert [place(f) for f in faults] == [("roster.csv", None, "", ""), ("timetable.csv", 2, "hours_per_week", "x")]


@pytest.mark.parametrize(("name", "text", "column", "near"), [
    ("roster", "stdnt_id,gender\nS1,f\nS2,f\n", "student_id", "'stdnt_id'"),
    ("timetable", TIMETABLE.replace("start", "starts"), "start", "'starts'"),
    ("timetable", "student_id,site,start,end,hours_weekly\nS1,North,105,106,3\n", "hours_per_week or days_per_week", "'hours_weekly'"),
    ("friendships", "student_a,student_b\nS1,S2\n", "closeness or hours", "a column named closeness or hours"),
    ("friendships", "student_a,studnt_b,hours\nS1,S2,4\n", "student_b", "'studnt_b'"),
    ("sites", "site,Capacities\nNorth,2\n", "capacity", "'Capacities'"),
    ("sites", "site|capacity\nNorth|2\n", "capacity", "a column named capacity"),
])  # fmt: skip
def test_a_missing_column_names_the_nearest(tmp_path, name, text, column, near):
    faults = [f for f in faults_of(tmp_path, **{name: text}) if f.column == column]
    fault = only(faults)
    assert (fault.where, fault.row, fault.what) == (f"{name}.csv", 1, "missing column") and near in fault.allowed and fault.allowed


def test_a_missing_column_does_not_hide_faults_in_the_others(tmp_path):
    faults = faults_of(tmp_path, timetable="student_id,start,end,hours_per_week\nS9,105,106,-1\n")
    assert {(f.row, f.column) for f in faults} == {(1, "site"), (2, "student_id"), (2, "hours_per_week")}


def test_a_column_given_twice(tmp_path):
    fault = only(faults_of(tmp_path, roster="student_id,gender,gender\nS1,f,f\nS2,m,m\n"))
    assert (fault.row, fault.column, fault.what) == (1, "gender", "column given twice")


@pytest.mark.parametrize(("name", "text", "column", "meant"), [
    ("timetable", TIMETABLE.replace("team", "teams"), "teams", "'team'"),
    ("roster", ROSTER.replace("campus_group", "Campus gruop"), "Campus gruop", "'campus_group'"),
])  # fmt: skip
def test_a_slip_in_an_optional_column_is_not_passed_over(tmp_path, name, text, column, meant):
    fault = only(faults_of(tmp_path, **{name: text}))
    assert (fault.row, fault.column) == (1, column) and meant in fault.allowed


def test_a_value_beyond_the_header(tmp_path):
    fault = only(faults_of(tmp_path, sites="site,capacity\nNorth,2\nSouth,1,000\n"))
    assert (fault.where, fault.row, fault.value) == ("sites.csv", 3, "000") and "cell 3" in fault.what


# --- roster


def test_ids_blank_or_repeated(tmp_path):
    faults = faults_of(tmp_path, roster="student_id,gender\nS1,f\n ,m\nS2,m\nS1 ,m\n")
    assert [place(f) for f in faults] == [("roster.csv", 3, "student_id", ""), ("roster.csv", 5, "student_id", "S1")]
    assert "blank" in faults[0].what and "already" in faults[1].what


def test_blank_rows_count_in_the_row_number_and_are_no_students(tmp_path):
    assert only(faults_of(tmp_path, roster="student_id,gender\nS1,f\n\n,\nS2,m\nS1,f\n")).row == 6


def test_a_line_break_inside_quotes_is_one_row_as_in_a_spreadsheet(tmp_path):
    assert only(faults_of(tmp_path, roster='student_id,gender\n"S1","f\nf"\nS2,m\nS1,f\n')).row == 4


def test_a_column_name_with_a_line_break_loses_no_column(tmp_path):
    fault = only(faults_of(tmp_path, roster='student_id,"home\ntown",gender,campus_group\nS1,a,f,G1\nS2,a,m,\n'))
    assert place(fault) == ("roster.csv", 3, "campus_group", "")


def test_a_file_that_is_no_table_of_this_kind(tmp_path):
    assert "a row of 300 cells" in only(faults_of(tmp_path, roster="student_id\nS1\nS2" + "," * 299 + "x")).what


def test_a_roster_without_students(tmp_path):
    assert "0 students" in only(faults_of(tmp_path, roster="student_id\n")).what
    assert "1 students" in only(faults_of(tmp_path, roster="student_id\nS1\n")).what


def test_a_student_without_a_campus_group_while_others_have_one(tmp_path):
    fault = only(faults_of(tmp_path, roster="student_id,campus_group\nS1,G1\nS2,\n"))
    assert place(fault) == ("roster.csv", 3, "campus_group", "")


# --- sites


def test_a_site_that_is_not_in_the_sites_file(tmp_path):
    fault = only(faults_of(tmp_path, timetable=placements("S1,Nroth,A,105,110,30,"), sites=SITES))
    assert place(fault) == ("timetable.csv", 2, "site", "Nroth") and "one of North, South" in fault.allowed and "'North'" in fault.allowed


def test_a_site_over_its_capacity(tmp_path):
    rows = placements("S1,North,A,105,110,30,", "S2,North,B,108,112,30,", "S3,North,,110,111,30,", "S4,North,A,111,112,30,")
    fault = only(faults_of(tmp_path, timetable=rows, sites=SITES))
    assert place(fault) == ("timetable.csv", 2, "site", "North")
    assert fault.what == "3 students in week 110 (and too many in 1 other weeks), by rows 2, 3 and 4" and "at most 2 students" in fault.allowed


def test_a_student_in_two_teams_of_a_site_takes_one_place(tmp_path):
    rows = placements("S1,South,A,105,110,30,", "S1,South,B,105,110,30,", "S2,South,B,110,110,30,")
    fault = only(faults_of(tmp_path, timetable=rows, sites=SITES))
    assert "2 students in week 110" in fault.what


@pytest.mark.parametrize(("row", "column", "value"), [
    (",3", "site", ""), ("North,3", "site", "North"), ("South,0", "capacity", "0"), ("South,2.5", "capacity", "2.5"), ("South,", "capacity", ""),
    ("South,-1", "capacity", "-1"),
])  # fmt: skip
def test_a_bad_cell_in_the_sites(tmp_path, row, column, value):
    fault = only(faults_of(tmp_path, sites=f"site,capacity\nNorth,2\n{row}\n"))
    assert place(fault) == ("sites.csv", 3, column, value)


# --- friendships


@pytest.mark.parametrize(("row", "column", "value", "what"), [
    ("S1,S7,0.5", "student_b", "S7", "no such student"), (",S3,0.5", "student_a", "", "blank"), ("S3,S3,0.5", "student_b", "S3", "same student"),
    ("S1,S3,1", "closeness", "1", "out of range"), ("S1,S3,-0.1", "closeness", "-0.1", "out of range"), ("S1,S3,", "closeness", "", "blank"),
    ("S1,S3,0.99999999999999999999", "closeness", "0.99999999999999999999", "out of range"), ("S1,S3,close", "closeness", "close", "not a number"),
    ("S1,S2,0.5", "student_a, student_b", "S1 and S2", "already stands in row 2"),
    ("S2,S1,0.7", "student_a, student_b", "S2 and S1", "already stands in row 2 and contradicts it: closeness 0.7 here, 0.5 there"),
])  # fmt: skip
def test_a_bad_friendship(tmp_path, row, column, value, what):
    fault = only(faults_of(tmp_path, friendships=FRIENDS + row + "\n"))
    assert place(fault) == ("friendships.csv", 3, column, value) and what in fault.what and fault.allowed


def test_negative_or_boundless_hours_of_friendship(tmp_path):
    faults = faults_of(tmp_path, friendships=f"student_a,student_b,hours\nS1,S2,-1\nS1,S3,{'9' * 400}\nS1,S4,0\n")
    assert [(f.row, f.column) for f in faults] == [(2, "hours"), (3, "hours")]


def test_closeness_and_hours_together(tmp_path):
    fault = only(faults_of(tmp_path, friendships="student_a,student_b,closeness,hours\nS1,S2,0.5,90\n"))
    assert (fault.row, fault.column) == (1, "closeness") and "exactly one" in fault.allowed


# --- all at once


def test_every_fault_of_all_files_at_once(tmp_path):
    faults = faults_of(
        tmp_path,
        roster=ROSTER + "S4,G2,m\n",
        timetable=placements("S1,North,A,105,110,60,", "S1,South,,105,110,60,", "S8,North,A,105,110,30,", "S2,East,A,110,105,30,3"),
        friendships=FRIENDS + "S1,S1,2\nS2,S1,x\n",
        sites=SITES + "West,none\n",
    )
    assert sorted((f.where, f.row, f.column) for f in faults) == [
        ("friendships.csv", 3, "closeness"), ("friendships.csv", 3, "student_b"), ("friendships.csv", 4, "closeness"),
        ("friendships.csv", 4, "student_a, student_b"), ("roster.csv", 6, "student_id"), ("sites.csv", 4, "capacity"),
        ("timetable.csv", 2, "student_id"), ("timetable.csv", 4, "student_id"), ("timetable.csv", 5, "end"),
        ("timetable.csv", 5, "hours_per_week"), ("timetable.csv", 5, "site"),
    ]  # fmt: skip


def test_a_fault_reads_as_place_fault_value_and_what_is_allowed(tmp_path):
    with pytest.raises(InputError, match=r"sites\.csv, row 2, column capacity: not a whole number \(given: 'many'\); allowed: a whole number of at"):
        raise InputError(faults_of(tmp_path, sites="site,capacity\nNorth,many\n"))
