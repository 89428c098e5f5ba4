"""`wardmates check` and `wardmates template`."""

from __future__ import annotations

import json
import re
from pathlib import Path
from time import monotonic

import openpyxl
import pandas as pd
import pytest

from simulation.evidence.parameters import Values
from simulation.faults import InputError
from simulation.scenario.inputs import read_school
from tests.unit.cli_calls import ROOT, call
from wardmates.shown import MOST_FAULTS, show_faults

EXAMPLE = ROOT / "examples" / "school"
SCHOOL = ["--roster", EXAMPLE / "roster.csv", "--timetable", EXAMPLE / "timetable.csv", "--sites", EXAMPLE / "sites.csv"]


def test_a_school_without_faults_is_described_and_drawn(tmp_path: Path) -> None:
    done = call("check", *SCHOOL, "--friendships", EXAMPLE / "friendships.csv", "--out", tmp_path / "new")
    assert done.exit_code == 0, done.output
    assert done.stderr.startswith("Read roster.csv: 152 rows | sites.csv: 9 rows | timetable.csv: 1,672 rows; dates as year-month-day")
    assert re.search(r"Northgate Hospital +80 +54 +56", done.stdout) and re.search(r"Rural Site West +80 +fewer than 5 +1", done.stdout)
    assert {path.name for path in (tmp_path / "new").iterdir()} == {"calendar.svg", "calendar.png", "calendar.csv"}
    table = pd.read_csv(tmp_path / "new" / "calendar.csv")
    assert len(table) == 93 and set(table["students at Rural Site West"]) == {"fewer than 5", "nobody"}
    assert (tmp_path / "new" / "calendar.png").read_bytes().startswith(b"\x89PNG")


def test_nothing_is_simulated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import simulation.run

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a check simulates nothing")

    monkeypatch.setattr(simulation.run, "run", refuse)
    assert call("check", *SCHOOL, "--out", tmp_path).exit_code == 0


def test_json_holds_the_same_and_nothing_else_is_on_standard_output(tmp_path: Path) -> None:
    done = call("check", *SCHOOL, "--out", tmp_path, "--json")
    told = json.loads(done.stdout)
    assert told["students"] == 152 and told["warnings"] == [] and len(told["sites"]) == 9
    assert {"site": "Rural Site West", "weeks": 80, "most_at_a_time": "fewer than 5", "capacity": 1} in told["sites"]


def test_warnings_come_first_and_are_no_faults(tmp_path: Path) -> None:
    roster, timetable = tmp_path / "roster.csv", tmp_path / "timetable.csv"
    roster.write_text("student_id\n" + "".join(f"S{k:02d}\n" for k in range(12)), encoding="utf-8")
    rows = [f"S{k:02d},Everywhere,Team,105,{120 if k else 110},30\n" for k in range(12)]
    timetable.write_text("student_id,site,team,start,end,hours\n" + "".join(rows), encoding="utf-8")
    done = call("check", "--roster", roster, "--timetable", timetable, "--out", tmp_path / "out")
    assert done.exit_code == 0
    words = " ".join(done.stdout.split())
    assert "To look at: - timetable: fewer than 5 students have 4 or more weeks in a row without placement" in words
    assert "at Everywhere everybody who is placed meets in one group, in 16 weeks" in words


def test_a_roster_alone_is_checked_and_draws_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = call("check", "--roster", EXAMPLE / "roster.csv")
    assert done.exit_code == 0 and "no calendar to draw without --timetable" in done.stderr and not list(tmp_path.iterdir())
    done = call("check", *SCHOOL)
    assert done.exit_code == 0 and len(list(tmp_path.iterdir())) == 3, "the picture goes to the folder that one is in"


def test_without_files_there_is_nothing_to_check(tmp_path: Path) -> None:
    done = call("check")
    assert done.exit_code == 2 and "add --roster FILE" in done.stderr
    done = call("check", "--timetable", EXAMPLE / "timetable.csv", "--dates", "day-first")
    assert done.exit_code == 2 and done.stderr.startswith("2 faults") and "--dates" in done.stderr


def test_dates_that_can_be_read_both_ways_are_asked_about_and_the_answer_is_taken(tmp_path: Path) -> None:
    roster, timetable = tmp_path / "roster.csv", tmp_path / "timetable.csv"
    roster.write_text("student_id\nS1\nS2\n", encoding="utf-8")
    timetable.write_text("student_id,site,start,end,hours\nS1,North,01/02/2027,05/03/2027,30\n", encoding="utf-8")
    files = ["--roster", roster, "--timetable", timetable, "--out", tmp_path / "out"]
    done = call("check", *files)
    assert done.exit_code == 2 and "--dates day-first" in " ".join(done.stderr.split())
    assert "weeks 105 to 109" in call("check", *files, "--dates", "day-first").stdout
    assert "weeks 105 to 123" in call("check", *files, "--dates", "month-first").stdout
    done = call("check", *files, "--dates", "us")
    assert done.exit_code == 2 and "one of day-first, month-first" in done.stderr


# --- template


def test_the_template_is_empty_and_its_example_passes_the_check(tmp_path: Path) -> None:
    done = call("template", tmp_path / "new")
    assert done.exit_code == 0, done.output
    names = ("roster", "timetable", "friendships", "sites")
    for ending in ("csv", "xlsx"):
        paths = [tmp_path / "new" / "example" / (f"{name}.csv" if ending == "csv" else "school.xlsx") for name in names]
        options = [word for name, path in zip(names, paths, strict=True) for word in (f"--{name}", path)]
        assert call("check", *options, "--out", tmp_path / "out").exit_code == 0
    for name in names:
        assert len((tmp_path / "new" / f"{name}.csv").read_text(encoding="utf-8-sig").splitlines()) == 1
    book = openpyxl.load_workbook(tmp_path / "new" / "school.xlsx")
    assert tuple(book.sheetnames) == names and all(sheet.max_row == 1 for sheet in book)


def test_the_template_explains_every_column_and_asks_no_other_host(tmp_path: Path) -> None:
    call("template", tmp_path)
    page = (tmp_path / "explanation.html").read_text(encoding="utf-8")
    columns = {cell.value for sheet in openpyxl.load_workbook(tmp_path / "school.xlsx") for cell in sheet[1]}
    assert all(f"<code>{column}</code>" in page for column in columns - {"gender", "entry"})
    assert "http" not in page and "<script" not in page


def test_the_template_overwrites_nothing(tmp_path: Path) -> None:
    mine = tmp_path / "roster.csv"
    mine.write_text("a morning's work", encoding="utf-8")
    done = call("template", tmp_path)
    assert done.exit_code == 2 and "would be overwritten" in " ".join(done.stderr.split())
    assert mine.read_text(encoding="utf-8") == "a morning's work" and [path.name for path in tmp_path.iterdir()] == ["roster.csv"]


# --- how long it takes


def test_three_hundred_students_over_five_years_are_read_in_a_moment(tmp_path: Path) -> None:
    ids = [f"S{k:03d}" for k in range(300)]
    (tmp_path / "roster.csv").write_text("student_id\n" + "\n".join(ids), encoding="utf-8")
    rows = [f"{name},Site {k % 14},T{k // 4},{6 * block + 1},{6 * block + 6},30" for block in range(43) for k, name in enumerate(ids)]
    (tmp_path / "timetable.csv").write_text("student_id,site,team,start,end,hours\n" + "\n".join(rows), encoding="utf-8")
    taken = []
    for _ in range(3):
        begun = monotonic()
        read_school(tmp_path / "roster.csv", tmp_path / "timetable.csv", values=Values(campus_years=0, clinical_years=5))
        taken.append(monotonic() - begun)
    assert min(taken) < 2, "about half a second on a machine that does nothing else"


def test_ten_thousand_rows_of_faults_are_answered_soon_and_capped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "roster.csv").write_text("student_id\n" + "\n".join(f"S{k:03d}" for k in range(300)), encoding="utf-8")
    rows = [f"Q{k:05d},Nowhere {k},T,3{k % 10}/13/2027,0/0{k % 9}/2027,{k}x" for k in range(10_000)]
    (tmp_path / "timetable.csv").write_text("student_id,site,team,start,end,hours\n" + "\n".join(rows), encoding="utf-8")
    begun = monotonic()
    with pytest.raises(InputError) as caught:
        read_school(tmp_path / "roster.csv", tmp_path / "timetable.csv", values=Values())
    show_faults(caught.value.faults)
    assert monotonic() - begun < 6, "about a second on a machine that does nothing else"
    said = capsys.readouterr().err
    assert f"{len(caught.value.faults)} faults" in said and f"the first {MOST_FAULTS} are shown" in said and len(said.splitlines()) < 8 * MOST_FAULTS
