"""What is made of good files, and what must not change it."""

import datetime
import hashlib
from pathlib import Path

import numpy as np
import pytest

from simulation.evidence.parameters import Values
from simulation.scenario.inputs import read_school
from simulation.scenario.school import School

ROSTER = "student_id,campus_group,gender,entry\nS10,G2,f,sci\nS9,G1,m,sci\nS11,G1,f,art\nS12,G2,m,\nT1,G2,f,\n"
TIMETABLE = """student_id,site,team,start,end,hours_per_week,days_per_week
S9,South,,2027-01-20,2027-02-28,,4
S10,North,B,2027-01-18,2027-03-01,30,
S11,North,A,2027-01-18,2027-01-22,20.5,
S11,South,A,2027-01-18,2027-01-22,10,
"""
FRIENDS = "student_a,student_b,closeness\nS9,S10,0.5\nS11,S12,0\nS12,S10,0.75\n"
SITES = "site,capacity\nWest,3\nSouth,2\nNorth,4\n"
FILES = {"roster": ROSTER, "timetable": TIMETABLE, "friendships": FRIENDS, "sites": SITES}


def read(folder: Path, files: dict[str, str], course_start: datetime.date | None = None, **values: float) -> School:
    paths = {}
    for name, text in files.items():
        paths[name] = folder / f"{name}.csv"
        paths[name].write_bytes(text.encode())
    return read_school(**paths, values=Values(**values), course_start=course_start)


def same(a: School, b: School) -> bool:
    arrays = [(getattr(a, n), getattr(b, n)) for n in ("attributes", "campus_group", "friend_a", "friend_b", "friend_hours", "capacity")]
    arrays += [(getattr(a.timetable, n), getattr(b.timetable, n)) for n in ("student", "site", "team", "first_week", "last_week", "hours")]
    return all(np.array_equal(x, y) for x, y in arrays) and (a.sites, a.start_week, a.digest, a.notes) == (b.sites, b.start_week, b.digest, b.notes)


def test_all_files(tmp_path):
    school = read(tmp_path, FILES)
    # Sorted as text: S10, S11, S12, S9, T1.
    assert school.n_students == 5
    assert school.campus_group is not None and school.campus_group.tolist() == [1, 0, 1, 0, 1]
    assert school.attributes[:, 1].tolist() == [0, 0, 1, 1, 0]  # gender; entry comes before it
    assert school.sites == ("North", "South", "West") and school.capacity is not None and school.capacity.tolist() == [4, 2, 3]
    timetable = school.timetable
    assert timetable is not None
    assert timetable.student.tolist() == [0, 1, 1, 3] and timetable.site.tolist() == [0, 0, 1, 1]
    assert timetable.team.tolist() == [1, 0, 2, -1]  # teams are numbered by site and name; a team of another site is another team
    assert timetable.first_week.tolist() == [105, 105, 105, 105] and timetable.last_week.tolist() == [111, 105, 105, 110]
    assert timetable.hours.tolist() == [30.0, 20.5, 10.0, 30.0]
    assert list(zip(school.friend_a.tolist(), school.friend_b.tolist(), school.friend_hours.tolist(), strict=True)) == [
        (0, 2, 180.0), (0, 3, 90.0), (1, 2, 0.0)]
    assert school.has_friendships and school.start_week == 105


def test_the_roster_alone(tmp_path):
    school = read(tmp_path, {"roster": "student_id\nb\na\n"})
    assert (school.n_students, school.attributes.shape, school.campus_group, school.timetable, school.capacity) == (2, (2, 0), None, None, None)
    assert (school.sites, school.has_friendships, school.start_week) == ((), False, 1)


def test_a_blank_attribute_is_like_nobody(tmp_path):
    entry = read(tmp_path, FILES).attributes[:, 0].tolist()  # S10 sci, S11 art, S12 blank, S9 sci, T1 blank
    assert entry[0] == entry[3] == 1 and entry[1] == 0
    assert len({*entry}) == 4


def test_columns_that_cannot_say_who_is_alike_are_left_out_and_noted(tmp_path):
    rows = [f"S{n},same,name{n},{'ab'[n % 2]},{n // 3 if n < 12 else 99 + n}" for n in range(20)]
    school = read(tmp_path, {"roster": "student_id,cohort,email,stream,code\n" + "\n".join(rows)})
    # stream has two levels; code is shared by 12 of 20 students, so it still groups people.
    assert school.attributes.shape == (20, 2)
    text = "\n".join(school.notes)
    assert "2 attributes (code, stream)" in text and "column cohort is not used" in text and "column email is not used" in text
    assert "name3" not in text


def test_sites_come_from_the_timetable_where_no_file_names_them(tmp_path):
    school = read(tmp_path, {name: FILES[name] for name in ("roster", "timetable")})
    assert school.sites == ("North", "South") and school.capacity is None


def test_weeks_as_numbers_and_days_as_set(tmp_path):
    table = "student_id,site,start,end,days_per_week\nS9,North,3,7,2\nS10,North,208,208,0.5\n"
    school = read(tmp_path, {"roster": ROSTER, "timetable": table}, hours_per_day=8.0)
    assert school.timetable is not None
    assert school.timetable.first_week.tolist() == [208, 3] and school.timetable.last_week.tolist() == [208, 7]
    assert school.timetable.hours.tolist() == [4.0, 16.0] and school.timetable.team.tolist() == [-1, -1]
    assert school.start_week == 3


@pytest.mark.parametrize(("start", "first", "last"), [
    (datetime.date(2027, 1, 18), [1, 1, 1, 1], [7, 1, 1, 6]),
    (datetime.date(2027, 1, 11), [2, 2, 2, 2], [8, 2, 2, 7]),
    (datetime.date(2027, 1, 14), [1, 1, 1, 1], [7, 2, 2, 7]),  # weeks from Thursday: Monday to Friday lies in two of them
])  # fmt: skip
def test_weeks_count_from_the_course_start(tmp_path, start, first, last):
    timetable = read(tmp_path, FILES, start).timetable
    assert timetable is not None
    assert (timetable.first_week.tolist(), timetable.last_week.tolist()) == (first, last)


def test_without_a_course_start_the_clinical_years_open_on_the_monday_before(tmp_path):
    table = "student_id,site,start,end,hours_per_week\nS9,North,2027-01-24,2027-01-25,8\n"  # Sunday and Monday
    timetable = read(tmp_path, {"roster": ROSTER, "timetable": table}, campus_years=1).timetable
    assert timetable is not None and (timetable.first_week.tolist(), timetable.last_week.tolist()) == ([53], [54])


@pytest.mark.parametrize(("rows", "year"), [("S9,North,110,112,8\n", 2), ("S9,North,160,162,8\n", 1)])
def test_a_clinical_year_without_placements_is_noted(tmp_path, rows, year):
    notes = read(tmp_path, {"roster": ROSTER, "timetable": "student_id,site,start,end,hours_per_week\n" + rows}).notes
    assert [f"clinical year {y}" in "\n".join(notes) for y in (1, 2)] == [year == 1, year == 2]


def test_hours_of_friendship_are_taken_as_they_are(tmp_path):
    school = read(tmp_path, {"roster": ROSTER, "friendships": "student_a,student_b,hours\nT1,S9,12.5\n"}, friend_hours=70.0)
    assert (school.friend_a.tolist(), school.friend_b.tolist(), school.friend_hours.tolist()) == ([3], [4], [12.5])
    school = read(tmp_path, {"roster": ROSTER, "friendships": "student_a,student_b,closeness\nT1,S9,.5\n"}, friend_hours=70.0)
    assert school.friend_hours.tolist() == [70.0]


def test_a_friendships_file_may_be_without_rows(tmp_path):
    school = read(tmp_path, {"roster": ROSTER, "friendships": "student_a,student_b,hours\n"})
    assert school.has_friendships and len(school.friend_a) == 0


def test_notes_say_what_was_understood_without_ids(tmp_path):
    notes = "\n".join(read(tmp_path, FILES | {"sites": SITES.replace("capacity", "capacity,comment").replace("West,3", "West,3,far")}).notes)
    parts = [
        "roster: 5 students, 2 attributes (entry, gender), 2 campus groups", "timetable: 4 rows, 2 sites, weeks 105 to 111, 3 teams",
        "begins on Monday 2025-01-20", "fewer than 5 students without any placement", "nobody is placed in clinical year 2",
        "friendships: 3 pairs, 2 of them", "sites: 3 sites with 9 places", "sites: not used: column comment",
    ]  # fmt: skip
    for part in parts:
        assert part in notes
    assert not any(i in notes for i in ("S9", "S10", "S11", "S12", "T1"))


def shuffled(text: str, order: int) -> str:
    head, *rows = text.splitlines()
    return "\n".join([head, *(rows[::-1] if order == 0 else rows[order:] + rows[:order])])


@pytest.mark.parametrize("order", [0, 1, 2])
def test_the_order_of_rows_changes_nothing(tmp_path, order):
    assert same(read(tmp_path, FILES), read(tmp_path, {name: shuffled(text, order) for name, text in FILES.items()}))


@pytest.mark.parametrize("change", [
    lambda text: "\ufeff" + text, lambda text: text.replace("\n", "\r\n"), lambda text: text.replace("\n", "\r"),
    lambda text: text.replace(",", " , "), lambda text: text + "\n,\n\n",
    lambda text: "\n".join(",".join(reversed(line.split(","))) for line in text.splitlines()),
    lambda text: "\n".join(line + ",," for line in text.splitlines()),
    lambda text: "\n".join(",".join(f'"{cell}"' for cell in line.split(",")) for line in text.splitlines()),
], ids=["bom", "line ends", "old line ends", "spaces", "blank rows", "columns reversed", "trailing commas", "quotes"])  # fmt: skip
def test_the_way_a_file_was_saved_changes_nothing(tmp_path, change):
    assert same(read(tmp_path, FILES), read(tmp_path, {name: change(text) for name, text in FILES.items()}))


def test_the_order_of_the_two_students_of_a_pair_changes_nothing(tmp_path):
    assert same(read(tmp_path, FILES), read(tmp_path, FILES | {"friendships": FRIENDS.replace("S9,S10", "S10,S9")}))


def relabel(text: str) -> str:
    for old, new in (("S10", "anna@x"), ("S11", "bert@x"), ("S12", "carl@x"), ("S9", "dora@x"), ("T1", "emil@x")):
        text = text.replace(old, new)
    return text


def test_other_ids_in_the_same_order_change_nothing(tmp_path):
    assert same(read(tmp_path, FILES), read(tmp_path, {name: relabel(text) for name, text in FILES.items()}))


def test_nothing_read_keeps_an_id_or_a_hash_of_one(tmp_path):
    school = read(tmp_path, {name: relabel(text) for name, text in FILES.items()})
    kept = repr(school)
    for name in ("anna@x", "bert@x", "carl@x", "dora@x", "emil@x"):
        assert name not in kept
        assert not any(hashlib.new(how, name.encode()).hexdigest() in kept for how in ("md5", "sha1", "sha256"))


@pytest.mark.parametrize(("name", "old", "new"), [
    ("roster", "S9,G1,m", "S9,G1,f"), ("roster", "S9,G1", "S9,G2"), ("roster", "T1,G2,f,\n", ""), ("timetable", "20.5", "20.25"),
    ("timetable", "North,A", "North,B"), ("timetable", "2027-03-01", "2027-02-28"), ("friendships", "0.75", "0.74"), ("sites", "West,3", "West,4"),
    ("sites", "West", "East"),
])  # fmt: skip
def test_the_digest_moves_with_what_the_files_mean(tmp_path, name, old, new):
    assert old in FILES[name]
    assert read(tmp_path, FILES).digest != read(tmp_path, FILES | {name: FILES[name].replace(old, new)}).digest


def test_no_friendships_and_none_listed_are_told_apart(tmp_path):
    empty = {"roster": ROSTER, "friendships": "student_a,student_b,hours\n"}
    assert read(tmp_path, {"roster": ROSTER}).digest != read(tmp_path, empty).digest
