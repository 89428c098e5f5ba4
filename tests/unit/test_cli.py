"""The command line as its user meets it: what it shows, what it writes, and what it says of a mistake."""

from __future__ import annotations

import errno
import json
import os
import re
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from time import monotonic

import networkx as nx
import pandas as pd
import pytest
from typer.testing import CliRunner

import experiments.compare
import wardmates
from experiments.tables import headline_sentences
from simulation.evidence.parameters import PARAMETERS
from simulation.evidence.sources import SOURCES
from simulation.faults import Fault
from simulation.record.history import History
from simulation.record.outcomes import OUTCOMES
from simulation.run import run
from simulation.scenario.scenario import bundled, load_scenario
from simulation.scenario.school import FEWEST_TOLD
from wardmates.cli import app
from wardmates.given import SchoolFiles, command_line, load_scenarios
from wardmates.run_files import tie_frame, weekly_aggregates
from wardmates.shown import _quarters, console, show_faults

ROOT = Path(__file__).resolve().parents[2]
TINY = ["--set", "students=12", "--set", "campus_years=1", "--set", "clinical_years=1"]
ONE_YEAR = ["--set", "campus_years=1", "--set", "clinical_years=1"]
FEW = ["--replicates", "2", "--workers", "1"]
IDS = [f"PERSON{k:02d}" for k in range(1, 13)]
PER_STUDENT = {"episodes.csv", "episodes.parquet", "ties.parquet"}


def call(*arguments: object):
    """The command in this process."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def command(*arguments: object, **options):
    """The command in a process of its own."""
    words = [sys.executable, "-m", "wardmates", *(str(argument) for argument in arguments)]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=300, **options)


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


# --- lists ---


def test_help_is_quick_and_imports_nothing_heavy() -> None:
    program = """if True:
        import runpy, sys
        sys.argv = ["wardmates", "--help"]
        try:
            runpy.run_module("wardmates", run_name="__main__")
        except SystemExit as leaving:
            assert not leaving.code
        print(sorted({name.split(".")[0] for name in sys.modules}))"""
    taken = []
    for _ in range(3):
        begun = monotonic()
        done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
        taken.append(monotonic() - begun)
    *page, modules = done.stdout.strip().splitlines()
    assert {"numpy", "mesa", "pandas", "matplotlib", "networkx", "scipy", "pyarrow", "jinja2"}.isdisjoint(re.findall(r"'(\w+)'", modules))
    assert all(any(f" {name} " in line for line in page) for name in ("compare", "run", "scenarios", "parameters"))
    assert min(taken) < 2, "about 0.2 s on a machine that does nothing else"


def test_version() -> None:
    assert call("--version").stdout == f"wardmates {wardmates.__version__}\n"


def test_scenarios_lists_what_is_bundled() -> None:
    listed = json.loads(call("scenarios", "--json").stdout)["scenarios"]
    assert {row["name"]: row["description"] for row in listed} == bundled()
    shown = call("scenarios").stdout
    assert all(name in shown for name in bundled())


def test_parameters_lists_every_row_with_its_source() -> None:
    listed = json.loads(call("parameters", "--json").stdout)
    assert {row["name"]: row["default"] for row in listed["parameters"]} == {name: row.default for name, row in PARAMETERS.items()}
    assert [row["key"] for row in listed["sources"]] == list(SOURCES)
    shown = call("parameters").stdout
    assert all(re.search(rf"^{name} ", shown, re.MULTILINE) for name in PARAMETERS)


def test_the_page_of_parameters_is_what_the_command_prints() -> None:
    printed = call("parameters", "--markdown").stdout
    assert (ROOT / "docs" / "parameters.md").read_text(encoding="utf-8") == printed, "run `make docs`"
    links, anchors = set(re.findall(r"\]\(#([^)]+)\)", printed)), set(re.findall(r'<a id="([^"]+)">', printed))
    assert links <= anchors == set(SOURCES)
    tables = [line for line in printed.splitlines() if line.startswith("| `")]
    assert len(tables) == len(PARAMETERS) and {line.replace("\\|", "").count("|") for line in tables} == {10}


def test_two_formats_at_once_are_refused() -> None:
    assert call("parameters", "--json", "--markdown").exit_code == 2


# --- public names ---


@pytest.mark.parametrize("name", [name for name in wardmates.__all__ if name != "__version__"])
def test_a_public_name_is_found_where_it_lives(name: str) -> None:
    value = getattr(wardmates, name)
    assert value is getattr(sys.modules[wardmates._HOME[name]], name)
    assert name in dir(wardmates)


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="load_scenario"):
        _ = wardmates.load_scenarios


# --- compare ---


def test_compare_gives_one_json_object_and_writes_its_files(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "er"
    done = command("compare", "informal", "officers", *TINY, *FEW, "--json", "--out", out)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert {row["scenario"] for row in found["rows"]} == {"informal", "officers"}
    assert {row["outcome"] for row in found["rows"]} == set(OUTCOMES)
    assert {path.name for path in out.iterdir()} == {"report.html", "rows.csv", "rows.parquet"}
    said = done.stderr.splitlines()
    assert said[0].startswith("Simulating 4 runs") and said[-1].startswith("4 of 4 runs done"), said
    report = (out / "report.html").read_text(encoding="utf-8")
    assert "wardmates compare informal officers --set students=12 " in report
    assert str(tmp_path) not in report


def test_compare_tells_the_headline_first_then_the_table_then_the_notes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    kept = []
    real = experiments.compare.compare
    monkeypatch.setattr(experiments.compare, "compare", lambda *scenarios, **rest: kept.append(real(*scenarios, **rest)) or kept[0])
    done = call("compare", "informal", "training", *TINY, *FEW, "--out", tmp_path)
    assert done.exit_code == 0, done.output
    (comparison,) = kept
    shown = " ".join(done.stdout.split())
    places = [shown.index(" ".join(text.split())) for text in (*headline_sentences(comparison), *comparison.notes, f"Written to {tmp_path}")]
    assert places == sorted(places) and places[0] == 0 and len(comparison.notes) >= 1
    between = shown[places[len(headline_sentences(comparison)) - 1] : places[len(headline_sentences(comparison))]]
    assert "informal" in between and "training" in between


def test_the_first_scenario_is_the_baseline_and_the_four_designs_are_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    class Asked(Exception):
        pass

    def asked(scenarios, **rest):
        raise Asked([scenario.name for scenario in scenarios], rest["seed"], rest["replicates"])

    monkeypatch.setattr(experiments.compare, "compare", asked)
    assert call("compare").exception.args == (["informal", "training", "officers", "officers-outreach"], 1, 40)
    assert call("compare", "two-sites", "informal", "--seed", 9, "--replicates", 3).exception.args == (["two-sites", "informal"], 9, 3)


@pytest.mark.parametrize("wrong", [("--replicates", "0"), ("--replicates", "-3"), ("--workers", "0"), ("--seed", "-1"), ("--seed", str(2**53)),
                                   ("--replicates", "many"), ("--course-start", "18/01/2027"), ("--nonsense",)])  # fmt: skip
def test_numbers_out_of_bounds_and_unknown_options_are_refused(wrong: tuple[str, ...]) -> None:
    done = call("compare", *TINY, *wrong)
    assert done.exit_code == 2 and wrong[0] in done.stderr and not done.stdout


def test_a_run_that_fails_is_told_in_a_sentence_and_leaves_no_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def failing(*_scenarios, **_rest):
        raise experiments.compare.RunError("scenario 'informal' failed with seed 5")

    monkeypatch.setattr(experiments.compare, "compare", failing)
    done = call("compare", *TINY, "--out", tmp_path / "new")
    assert done.exit_code == 1 and "failed with seed 5" in done.stderr and not done.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fills_up_is_told_in_a_sentence_and_leaves_no_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def full(*_of) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(experiments.compare, "write", full)
    monkeypatch.setattr(nx, "write_graphml", full)
    for words in (("compare", "informal", *TINY, *FEW), ("run", "informal", *TINY)):
        done = call(*words, "--out", tmp_path / "new")
        assert done.exit_code == 1 and os.strerror(errno.ENOSPC) in done.stderr and not done.stdout
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_ends_it_with_a_sentence_and_leaves_nothing(workers: int, tmp_path: Path) -> None:
    words = [sys.executable, "-m", "wardmates", "compare", *TINY, "--replicates", "20000", "--workers", str(workers), "--out", str(tmp_path / "new")]
    process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
    try:
        first = process.stderr.readline()
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=2)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does it: to all processes of the group
        stdout, stderr = process.communicate(timeout=60)  # waits for workers too, since they hold its ends of the pipes
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    assert first.startswith("Simulating")
    assert process.returncode == 130 and stdout == ""
    assert "no results were written" in stderr and "Traceback" not in stderr
    assert list(tmp_path.iterdir()) == []


# --- run ---


def test_run_writes_weeks_episodes_and_ties(tmp_path: Path, tiny_history: History) -> None:
    done = call("run", "officers", *TINY, "--weeks", "20", "--out", tmp_path)
    assert done.exit_code == 0, done.output
    graphs = {f"ties-week-{week}.graphml" for week in (20, 36, 92)}
    assert {path.name for path in tmp_path.iterdir()} == graphs | PER_STUDENT | {"weekly.csv", "weekly.parquet", "run.json"}
    for name, frame in (("weekly", tiny_history.weekly_frame()), ("episodes", tiny_history.episode_frame())):
        from_parquet = pd.read_parquet(tmp_path / f"{name}.parquet")
        pd.testing.assert_frame_equal(from_parquet, frame, check_dtype=False)
        pd.testing.assert_frame_equal(pd.read_csv(tmp_path / f"{name}.csv"), frame, check_dtype=False)
    ties = pd.read_parquet(tmp_path / "ties.parquet")
    assert list(ties.columns) == ["week", "i", "j", "strength"] and set(ties["week"]) == {20, 36, 92}
    graph = nx.read_graphml(tmp_path / "ties-week-20.graphml", node_type=int)
    rows = ties.loc[ties["week"] == 20, ["i", "j", "strength"]]
    drawn = {(min(i, j), max(i, j)): w for i, j, w in graph.edges(data="strength")}
    assert drawn == {(i, j): w for i, j, w in rows.itertuples(index=False)}
    for k in range(12):
        assert graph.nodes[k + 1] == {"distress": tiny_history.distress[19, k], "friends": tiny_history.friends[19, k],
                                      "is_officer": tiny_history.is_officer[19, k], "site": "none"}  # fmt: skip
    assert nx.read_graphml(tmp_path / "ties-week-92.graphml").nodes["1"]["site"].startswith("site ")


def test_a_run_says_the_same_on_screen_in_json_and_in_its_file(tmp_path: Path) -> None:
    done = call("run", "informal", *TINY, "--json", "--out", tmp_path)
    told = json.loads(done.stdout)
    assert told == json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    assert told["cascade"]["episode"] >= told["cascade"]["noticed"] >= told["cascade"]["offered"] >= told["cascade"]["accepted"]
    shown = call("run", "informal", *TINY).stdout
    assert re.search(rf"^episodes +{told['cascade']['episode']} +100 %$", shown, re.MULTILINE)
    assert re.search(rf"^ +1 +{told['year_ends'][0]['friends_mean']:.2f} ", shown, re.MULTILINE)
    for reason, n in told["missed"].items():
        assert bool(re.search(rf"^ *{n}  {reason}: ", shown, re.MULTILINE)) == (n > 0)


def test_ties_of_no_week_make_an_empty_table(tiny_history: History) -> None:
    assert tie_frame(replace(tiny_history, ties={})).to_dict("list") == {"week": [], "i": [], "j": [], "strength": []}


def test_weeks_that_are_not_in_the_course_are_refused() -> None:
    done = call("run", "informal", *TINY, "--weeks", "1,0,x,105,104,-1")
    assert done.exit_code == 2 and "4 faults" in done.stderr and "from 1 to 104" in done.stderr


# --- a school's own files ---


def test_nothing_about_a_single_student_of_a_school_is_written_or_shown(roster: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert call("run", "officers", *TINY, "--out", out).exit_code == 0
    assert {path.name for path in out.iterdir()} >= PER_STUDENT, "the files of a synthetic cohort lie there first"
    done = call("run", "officers", *ONE_YEAR, "--roster", roster, "--out", out)
    assert done.exit_code == 0, done.output
    assert {path.name for path in out.iterdir()} == {"weekly.csv", "weekly.parquet", "run.json"}
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


def test_one_school_cannot_be_read_with_two_lengths_of_the_course(roster: Path) -> None:
    done = call("compare", "informal", "ug5", "--roster", roster)
    assert done.exit_code == 2 and "clinical_years" in done.stderr and "informal: 2, ug5: 3" in done.stderr


def test_faults_of_a_file_are_shown_with_row_column_and_value(roster: Path, tmp_path: Path) -> None:
    roster.write_text("student_id,gender\nS1,woman\nS2,man\nS1,man\n", encoding="utf-8")
    done = call("compare", "--roster", roster, "--out", tmp_path / "new")
    assert done.exit_code == 2 and not done.stdout and "Traceback" not in done.stderr
    header, fault = done.stderr.splitlines()[1:3]
    assert header.split()[:4] == ["where", "row", "column", "value"]
    assert re.search(r"roster.csv +4 +student_id +S1 ", fault)
    assert not (tmp_path / "new").exists()


# --- mistakes ---


def test_all_faults_of_the_options_are_told_at_once_and_nothing_is_made(tmp_path: Path) -> None:
    wrong = [part for text in ("students=-4", "block_weeks", "sites=2", "sites=3") for part in ("--set", text)]
    done = call("compare", "informal", "oficers", *wrong, "--out", tmp_path / "o")
    assert done.exit_code == 2 and not done.stdout
    assert done.stderr.startswith("4 faults in what was given; nothing was written.")
    assert "did you mean 'officers'?" in done.stderr and "2 to 100000" in done.stderr and "NAME=VALUE" in done.stderr and "twice" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_long_list_of_faults_is_cut_and_counted(capsys: pytest.CaptureFixture[str]) -> None:
    show_faults([Fault("roster.csv", "is given twice", "each once", row=k, column="student_id", value=f"S{k}") for k in range(2, 125)])
    said = capsys.readouterr().err
    assert said.startswith("123 faults") and "... and 73 more: 123 faults in all" in said
    assert "S51" in said and "S52" not in said


def test_contents_of_a_file_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    show_faults([Fault("f.csv", "is unknown", value="[bold]:smile:\x1b[31mÅse\x07")])
    said = capsys.readouterr().err
    assert r"[bold]:smile:\x1b[31mÅse\x07" in said and "\x1b" not in said


def test_two_scenarios_with_one_name_are_refused(tmp_path: Path) -> None:
    copy = tmp_path / "informal.toml"
    copy.write_text('title = "Ours"\n', encoding="utf-8")
    done = call("compare", "informal", copy, *TINY)
    assert done.exit_code == 2 and "two scenarios have this name" in done.stderr and not done.stdout


@pytest.mark.parametrize("below", ["", "deeper"])
def test_a_place_that_cannot_be_written_to_is_found_before_anything_is_simulated(below: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(experiments.compare, "compare", lambda *_scenarios, **_rest: pytest.fail("it was simulated"))
    file = tmp_path / "taken"
    file.write_text("mine", encoding="utf-8")
    done = call("compare", *TINY, "--out", file / below)
    assert done.exit_code == 2 and "--out" in done.stderr and isinstance(done.exception, SystemExit)
    assert file.read_text(encoding="utf-8") == "mine"


# --- progress and provenance ---


def test_without_a_terminal_progress_is_a_line_a_quarter(capsys: pytest.CaptureFixture[str]) -> None:
    on_progress = _quarters(console(stderr=True), 40)
    for done in range(1, 41):
        on_progress(done, 40)
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(" runs")[0] for line in lines] == ["Simulating 40", "10 of 40", "20 of 40", "30 of 40", "40 of 40"]
    assert "left" in lines[1] and "taken" in lines[4]


def test_the_command_that_repeats_a_result_names_files_and_no_places() -> None:
    files = SchoolFiles(Path("/home/someone/our roster.csv"), Path("x/timetable.csv"))
    said = command_line("compare", ["informal", "/home/someone/ours.toml"], [*files.options(), ("--seed", 3)])
    assert said == "wardmates compare informal ours.toml --roster 'our roster.csv' --timetable timetable.csv --seed 3"
