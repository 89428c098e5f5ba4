"""A school's own files on the command line: what is said of them, and what is never shown."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from simulation.faults import InputError
from simulation.record.history import History
from simulation.run import run
from simulation.scenario.scenario import load_scenario
from simulation.scenario.school import FEWEST_TOLD
from tests.unit.cli_calls import FEW, ONE_YEAR, PER_STUDENT, TINY, call
from wardmates.given import SchoolFiles, load_scenarios
from wardmates.run_files import weekly_aggregates

IDS = [f"PERSON{k:02d}" for k in range(1, 13)]


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    file = tmp_path / "roster.csv"
    file.write_text("student_id,gender\n" + "".join(f"{name},{'woman' if k % 2 else 'man'}\n" for k, name in enumerate(IDS)), encoding="utf-8")
    return file


@pytest.fixture
def timetable(tmp_path: Path) -> Path:
    file = tmp_path / "timetable.csv"
    rows = [f"{name},{'Northgate' if k < 6 else 'Harbour'},Team 1,53,72,30\n" for k, name in enumerate(IDS)]
    file.write_text("student_id,site,team,start,end,hours_per_week\n" + "".join(rows), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def tiny_history() -> History:
    overrides = {"students": "12", "campus_years": "1", "clinical_years": "1"}
    return run(load_scenario("officers", overrides=overrides), 1, weeks_of_ties=(20,))


def test_nothing_about_a_single_student_of_a_school_is_written_or_shown(roster: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert call("run", "officers", *TINY, "--out", out).exit_code == 0
    assert {path.name for path in out.iterdir()} >= PER_STUDENT, "the files of a synthetic cohort lie there first"
    done = call("run", "officers", *ONE_YEAR, "--roster", roster, "--out", out)
    assert done.exit_code == 0, done.output
    assert {path.name for path in out.iterdir()} == {"weekly.csv", "weekly.parquet", "parameters.csv", "run.json"}
    everything = done.output + "".join(path.read_bytes().decode("latin-1") for path in out.iterdir())
    assert not any(name in everything for name in IDS)
    assert "nothing about a single student" in " ".join(done.stdout.split()) and str(tmp_path / "roster.csv") not in everything
    told = json.loads((out / "run.json").read_text(encoding="utf-8"))
    counts = [*told["cascade"].values(), *told["missed"].values()]
    assert all(n == "fewer than 5" or n >= FEWEST_TOLD for n in counts) and "fewer than 5" in counts
    weekly = pd.read_csv(out / "weekly.csv")
    assert len(weekly) == 104 and weekly["isolated"].isna().any() and weekly["isolated"].notna().any()


def test_a_weekly_count_or_share_of_fewer_than_five_students_is_blank(tiny_history: History) -> None:
    present = tiny_history.is_present.copy()
    present[:, 4:] = False
    present[50:, :] = True
    history = replace(tiny_history, is_present=present, has_school=True)
    safe, plain = weekly_aggregates(history), history.weekly_frame()
    assert set(safe.columns) == set(plain.columns), "a column that is an aggregate is known here"
    for name in ("distressed", "severe", "isolated", "supported", "in_care", "waiting"):
        n = (plain[name] * plain["present"]).round()
        assert list(safe[name].isna()) == list(n < 5)
    for name in ("friends_mean", "load_mean", "present", "contact_hours_mean"):
        assert safe[name][:50].isna().all() and list(safe[name][50:]) == list(plain[name][50:])
    assert safe["officers_in_post"].isna().all(), "one officer is one student"


def test_options_of_a_school_need_its_roster(timetable: Path) -> None:
    done = call("compare", "--timetable", timetable, "--sites", "sites.csv", "--course-start", "2027-01-18")
    assert done.exit_code == 2 and "3 faults" in done.stderr
    assert all(option in done.stderr for option in ("--timetable", "--sites", "--course-start", "add --roster"))


def test_a_scenario_may_ask_for_the_timetable_that_the_school_gives(roster: Path, timetable: Path) -> None:
    (scenario,) = load_scenarios(["informal"], ["campus_years=1", "clinical_years=1", "placement=timetable"], SchoolFiles(roster, timetable))
    assert scenario.placement_policy == "timetable" and scenario.parameters.students == 12
    done = call("run", "informal", *ONE_YEAR, "--set", "placement=timetable", "--set", "campus=roster", "--roster", roster)
    assert done.exit_code == 2 and "--timetable" in done.stderr


def test_one_timetable_cannot_be_read_with_two_lengths_of_the_course(roster: Path, timetable: Path) -> None:
    done = call("compare", "informal", "ug5", "--roster", roster, "--timetable", timetable)
    assert done.exit_code == 2 and "clinical_years" in done.stderr and "informal: 2, ug5: 3" in done.stderr


def test_scenarios_may_differ_in_what_the_given_files_are_not_read_with(roster: Path, tmp_path: Path) -> None:
    informal, ug5 = load_scenarios(["informal", "ug5"], [], SchoolFiles(roster))
    assert (informal.parameters.clinical_years, ug5.parameters.clinical_years) == (2, 3) and informal.school is ug5.school
    friendships, stiff = tmp_path / "friendships.csv", tmp_path / "stiff.toml"
    friendships.write_text(f"student_a,student_b,closeness\n{IDS[0]},{IDS[1]},0.6\n", encoding="utf-8")
    assert len(load_scenarios(["informal", "ug5"], [], SchoolFiles(roster, friendships=friendships))) == 2
    stiff.write_text("[parameters]\nfriend_hours = 70\n", encoding="utf-8")
    with pytest.raises(InputError, match="differ in friend_hours"):
        load_scenarios(["informal", str(stiff)], [], SchoolFiles(roster, friendships=friendships))


def test_options_that_change_nothing_with_these_files_are_noted(roster: Path, timetable: Path) -> None:
    words = ["run", "informal", *ONE_YEAR, "--roster", roster, "--course-start", "2027-01-18", "--weeks", "20"]
    said = call(*words).stderr.splitlines()
    assert len(said) == 4 and said[0] == "Read roster.csv: 12 rows"
    assert said[1].startswith("Note: --course-start changes nothing") and said[2].startswith("Note: --weeks changes nothing")
    said = call("compare", "informal", *FEW, *words[2:-2]).stderr.splitlines()
    assert said[1].startswith("Note: --course-start") and said[2].startswith("Simulating")
    assert "Note" not in call(*words[:-2], "--timetable", timetable).stderr


def test_reasons_that_are_all_withheld_take_one_line(roster: Path) -> None:
    done = call("run", "informal", *ONE_YEAR, "--roster", roster, "--json")
    missed = json.loads(done.stdout)["missed"]
    n_withheld = list(missed.values()).count("fewer than 5")
    assert n_withheld >= 2
    shown = call("run", "informal", *ONE_YEAR, "--roster", roster).stdout
    table = shown[shown.index("Why the others were missed") :]
    assert len(re.findall(r"^ *fewer than 5  ", table, re.MULTILINE)) == 1 and f"{n_withheld} reasons" in table
    assert not any(f"{reason}: " in table for reason, n in missed.items() if n == "fewer than 5")


def test_faults_of_names_values_files_and_folder_are_told_together(roster: Path, timetable: Path, tmp_path: Path) -> None:
    roster.write_text("student_id,gender\nS1,woman\nS2,man\nS1,man\n", encoding="utf-8")
    out = tmp_path / "taken"
    out.write_text("mine", encoding="utf-8")
    done = call("compare", "informal", "oficers", "--set", "students=-4", "--roster", roster, "--timetable", timetable, "--out", out)
    assert done.exit_code == 2 and done.stderr.startswith("4 faults"), done.stderr
    assert all(text in done.stderr for text in ("--out", "did you mean 'officers'?", "students is out of bounds", "already given"))
    timetable.write_text("student_id,site,start,end\nS1,Northgate,53,60\n", encoding="utf-8")
    done = call("compare", "informal", "oficers", "--roster", roster, "--timetable", timetable)
    assert "timetable.csv" in done.stderr and "roster.csv" in done.stderr and "oficers" in done.stderr


def test_faults_of_a_file_are_shown_with_row_column_and_value(roster: Path, tmp_path: Path) -> None:
    roster.write_text("student_id,gender\nS1,woman\nS2,man\nS1,man\n", encoding="utf-8")
    done = call("compare", "--roster", roster, "--out", tmp_path / "new")
    assert done.exit_code == 2 and not done.stdout and "Traceback" not in done.stderr
    header, fault = done.stderr.splitlines()[1:3]
    assert header.split()[:4] == ["where", "row", "column", "value"]
    assert re.search(r"roster.csv +4 +student_id +S1 ", fault)
    assert not (tmp_path / "new").exists()
