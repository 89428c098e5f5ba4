"""Who is where and with how many: counted by hand on a few students, and what is warned of."""

import numpy as np
import pytest

from experiments.calendar import BANDS, calendar_table, said, school_calendar
from experiments.figure_calendar import draw_calendar, write_calendar
from simulation.scenario.meetings import LONG_GAP, longest_gaps, meetings, warnings
from simulation.scenario.school import School, Timetable


def timetable(*rows: tuple[int, int, int, int, int]) -> Timetable:
    """Rows of student, site, team, first week, last week."""
    student, site, team, first, last = np.array(rows, dtype=np.int64).T
    return Timetable(student, site, team, first, last, np.full(len(rows), 30.0))


FEW = timetable((0, 0, 0, 10, 12), (1, 0, 0, 11, 12), (2, 0, 1, 10, 12), (2, 1, -1, 12, 12), (3, 1, -1, 12, 13))


def test_groups_sites_and_who_is_alone_by_hand():
    met = meetings(FEW, 3, 5)
    assert met.weeks.tolist() == [10, 11, 12, 13]
    assert met.group_size.tolist() == [[1, 2, 2, 0], [0, 2, 2, 0], [1, 1, 2, 0], [0, 0, 2, 1], [0, 0, 0, 0]]
    assert met.at_site.tolist() == [[2, 3, 3, 0], [0, 0, 2, 1], [0, 0, 0, 0]]
    assert met.n_alone.tolist() == [2, 1, 0, 1] and met.n_placed.tolist() == [2, 3, 4, 1]
    assert met.everybody_at.tolist() == [-1, -1, -1, -1], "few students are soon all in one group"


def test_a_student_in_two_teams_of_a_site_is_there_once():
    met = meetings(timetable((0, 0, 0, 1, 1), (0, 0, 1, 1, 1), (1, 0, 1, 1, 1)), 1, 2)
    assert met.at_site.tolist() == [[2]] and met.group_size.tolist() == [[2], [2]]


def test_a_site_without_teams_is_taken_for_no_larger_than_the_companions():
    rows = [(k, 0, -1, 1, 1) for k in range(9)] + [(9, 0, 0, 1, 1)]
    assert meetings(timetable(*rows), 1, 10, companions=4.0).group_size[:, 0].tolist() == [5] * 9 + [1]
    assert meetings(timetable(*rows), 1, 10).group_size[:, 0].tolist() == [9] * 9 + [1]


def test_a_gap_counts_where_most_others_are_placed_and_holidays_do_not():
    everybody = [(k, 0, k, first, last) for k in range(1, 6) for first, last in ((1, 10), (15, 20))]
    rows = timetable(*everybody, (0, 0, 0, 1, 4), (0, 0, 0, 9, 20))
    assert longest_gaps(meetings(rows, 1, 7)).tolist() == [4, 0, 0, 0, 0, 0, 0], "weeks 5 to 8; 11 to 14 are holidays"
    assert LONG_GAP == 4
    (sentence,) = warnings(rows, ("North",), 7)
    assert "fewer than 5 students have 4 or more weeks" in sentence
    assert warnings(timetable(*everybody, (0, 0, 0, 1, 5), (0, 0, 0, 9, 20)), ("North",), 7) == []


@pytest.mark.parametrize(("team", "is_said"), [(0, True), (-1, True), (None, False)])
def test_a_site_where_everybody_meets_is_warned_of(team, is_said):
    rows = timetable(*((k, 1, k % 2 if team is None else team, 1, 3) for k in range(12)), *((k, 0, 5, 4, 4) for k in range(11)), (11, 0, 6, 4, 4))
    said_ = warnings(rows, ("North", "South"), 12)
    assert [("at South everybody" in s and "in 3 weeks" in s) for s in said_] == [True] * is_said


# --- what may be shown


def school(rows: Timetable, n: int, **given) -> School:
    return School(n, np.empty((n, 0), dtype=np.int64), timetable=rows, sites=("North", "South", "West"), **given)


def crowd(n_alone: int = 0, n: int = 24) -> School:
    rows = [(k, 0, k // 4, 5, 8) for k in range(n - n_alone)] + [(k, 1, 50 + k, 5, 8) for k in range(n - n_alone, n)]
    return school(timetable(*rows), n)


@pytest.mark.parametrize(("n_alone", "is_told"), [(0, False), (1, False), (4, False), (5, True)])
def test_students_who_meet_nobody_are_told_from_five_on(n_alone, is_told):
    # 24 - n_alone students in teams of four; a team cut to one student would be alone as well.
    calendar = school_calendar(crowd(n_alone), 4.0)
    rest = (24 - n_alone) % 4 == 1
    expected = n_alone + rest
    assert np.isfinite(calendar.alone).all() == (expected >= 5) == is_told
    assert not is_told or (calendar.alone == expected).all()
    assert f"{n_alone} of 24" not in said(calendar) or is_told


def test_counts_below_five_look_alike_in_every_form():
    """One student or four at a site, nobody or four who are alone: the files are the same bytes."""
    def forms(n_west: int) -> tuple[bytes, ...]:
        rows = [(k, 0, k // 5, 5, 8) for k in range(40)] + [(k, 2, 90, 5, 8) for k in range(40, 40 + n_west)]
        rows += [(k, 0, 100, 5, 8) for k in range(40 + n_west, 44)]
        calendar = school_calendar(school(timetable(*rows), 44), 4.0)
        return *write_calendar(draw_calendar(calendar)).values(), calendar_table(calendar).to_csv().encode(), said(calendar).encode()

    assert forms(2) == forms(3)


def test_sites_are_told_in_bands_and_few_students_give_no_quartiles():
    calendar = school_calendar(crowd(4), 4.0)
    assert calendar.sites == ("North", "South", "West") and [BANDS[b] for b in calendar.band[:, 0]] == ["20 to 39", "fewer than 5", "nobody"]
    assert calendar.most[0] == 20 and np.isnan(calendar.most[1:]).all()
    few = school_calendar(crowd(0, 8), 4.0)
    assert np.isnan(few.median).all() and np.isnan(few.low).all()
    middling = school_calendar(crowd(0, 16), 4.0)
    assert (middling.median == 4).all() and np.isnan(middling.high).all()


def test_the_same_calendar_gives_the_same_bytes_and_has_a_text_alternative():
    drawn = [write_calendar(draw_calendar(school_calendar(crowd(5), 4.0))) for _ in range(2)]
    assert drawn[0] == drawn[1] and b"5 or more students are placed and meet nobody in 4 weeks" in drawn[0]["calendar.svg"]
    assert b"http" not in drawn[0]["calendar.svg"].replace(b"http://www.w3.org", b"").replace(b"http://purl.org", b"").replace(
        b"http://creativecommons.org", b""), "names of vocabularies only"
