"""Day first or month first: told by the data, asked for, or a fault; never turned round to fit."""

import datetime

import hypothesis.strategies as st
import pytest
from hypothesis import given

from simulation.evidence.parameters import Values
from simulation.faults import InputError
from simulation.scenario.inputs import read_school
from simulation.scenario.school import School
from tests.inputs.bad_files import ROSTER, only, place

HEAD = "student_id,site,start,end,hours_per_week\n"


def read(folder, *dates: tuple[str, str], **options) -> School:
    (folder / "roster.csv").write_text(ROSTER)
    rows = (f'S{k + 1},North,"{start}","{end}",30\n' for k, (start, end) in enumerate(dates))
    (folder / "timetable.csv").write_text(HEAD + "".join(rows))
    return read_school(folder / "roster.csv", folder / "timetable.csv", values=Values(), **options)


def faults(folder, *dates: tuple[str, str], **options):
    with pytest.raises(InputError) as caught:
        read(folder, *dates, **options)
    return caught.value.faults


def spans(school: School) -> list[tuple[int, int]]:
    assert school.timetable is not None
    return list(zip(school.timetable.first_week.tolist(), school.timetable.last_week.tolist(), strict=True))


UNCLEAR = (("01/02/2027", "05/03/2027"), ("02/02/2027", "05/03/2027"))


def test_one_date_tells_the_order_of_all(tmp_path):
    first, second = ("01/02/2027", "05/03/2027"), ("01/02/2027", "19/03/2027")
    assert spans(read(tmp_path, first, second)) == [(105, 109), (105, 111)]
    assert spans(read(tmp_path, first, ("01/02/2027", "05/30/2027"))) == [(105, 123), (105, 126)]


def test_dates_that_can_be_read_both_ways_are_asked_about_once(tmp_path):
    fault = only(faults(tmp_path, *UNCLEAR))
    assert place(fault) == ("timetable.csv", 2, "start", "01/02/2027")
    assert "all 4 dates" in fault.what and "--dates day-first or --dates month-first" in fault.allowed


def test_the_order_that_is_asked_for_holds(tmp_path):
    day_first = read(tmp_path, *UNCLEAR, date_order="day-first")
    month_first = read(tmp_path, *UNCLEAR, date_order="month-first")
    assert spans(day_first) == [(105, 109), (105, 109)] and day_first.week_1 == datetime.date(2025, 2, 3)
    assert spans(month_first) == [(105, 123), (110, 123)] and month_first.week_1 == datetime.date(2024, 12, 30)
    assert "dates as month/day/year" in month_first.read_as


def test_dates_that_are_the_same_both_ways_need_no_answer(tmp_path):
    assert spans(read(tmp_path, ("01/01/2027", "02/02/2027"))) == [(105, 110)]


def test_dots_are_day_first(tmp_path):
    assert spans(read(tmp_path, ("1.2.2027", "5.3.2027"))) == [(105, 109)]


@pytest.mark.parametrize("order", [None, "day-first", "month-first"])
def test_the_year_first_needs_no_order(tmp_path, order):
    for dates in (("2027-02-01", "2027-03-05"), ("2027/2/1", "2027/3/5"), ("20270201", "20270305"), ("2027-02-01 00:00:00", "2027-03-05T17:00")):
        assert spans(read(tmp_path, dates, date_order=order)) == [(105, 109)]


def test_where_dates_contradict_one_another_the_most_hold_and_the_rest_are_faults(tmp_path):
    fault = only(faults(tmp_path, ("18/01/2027", "12/03/2027"), ("18/01/2027", "13/03/2027"), ("01/18/2027", "12/03/2027")))
    assert place(fault) == ("timetable.csv", 4, "start", "01/18/2027") and "read as day/month/year as other dates" in fault.what
    fault = next(f for f in faults(tmp_path, ("18/01/2027", "03/12/2027"), ("01/18/2027", "03/12/2027")) if "is the day first" in f.what)
    assert "1 dates can only be day first and as many only month first" in fault.what


def test_a_date_against_the_order_that_is_asked_for_is_a_fault(tmp_path):
    fault = only(faults(tmp_path, ("18/01/2027", "12/03/2027"), ("01/18/2027", "03/12/2027"), date_order="day-first"))
    assert place(fault) == ("timetable.csv", 3, "start", "01/18/2027") and "as asked" in fault.what


def test_an_order_that_is_none(tmp_path):
    fault = only(faults(tmp_path, *UNCLEAR, date_order="dayfirst"))
    assert (fault.where, fault.value) == ("--dates", "dayfirst") and "'day-first'" in fault.allowed


@given(st.lists(st.dates(datetime.date(2027, 1, 1), datetime.date(2028, 12, 1)), min_size=1, max_size=4),
       st.sampled_from(["%d/%m/%Y", "%m/%d/%Y", "%d-%m-%y", "%d %b %Y", "%Y-%m-%d", "%d.%m.%Y"]))  # fmt: skip
def test_what_is_not_asked_about_is_read_as_it_was_written(tmp_path_factory, days, form):
    folder = tmp_path_factory.mktemp("dates", numbered=True)
    dates = [(day, day + datetime.timedelta(20)) for day in days]
    expected = spans(read(folder, *((a.isoformat(), b.isoformat()) for a, b in dates)))
    written = [(a.strftime(form), b.strftime(form)) for a, b in dates]
    try:
        found = spans(read(folder, *written))
    except InputError as error:
        assert "is the day first or the month" in only(error.faults).what
        assert all(a.day <= 12 and b.day <= 12 for a, b in dates) and form[:2] in ("%d", "%m")
        order = "month-first" if form.startswith("%m") else "day-first"
        found = spans(read(folder, *written, date_order=order))
    assert found == expected
