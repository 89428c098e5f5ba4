"""The command line where something is wrong: with what was given, or with the machine."""

from __future__ import annotations

import errno
import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import networkx as nx
import pytest
from rich.console import Console

import experiments.compare
from simulation.faults import Fault, InputError
from tests.unit.cli_calls import FEW, ROOT, TINY, call, command
from wardmates.given import SchoolFiles, load_scenarios
from wardmates.ready import COMPILING
from wardmates.shown import TimeLeft, plain_lines, show_faults

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


def test_two_scenarios_with_one_name_are_refused_before_anything_is_simulated(tmp_path: Path) -> None:
    copy = tmp_path / "informal.toml"
    copy.write_text('title = "Ours"\n', encoding="utf-8")
    for names in (("informal", copy), ("informal", "informal"), ("informal", "training", "informal")):
        done = call("compare", *names, *TINY)
        assert done.exit_code == 2 and "1 fault" in done.stderr and "two scenarios have this name" in done.stderr
        assert "Simulating" not in done.stderr and not done.stdout


def faults_of(names: list[str], set_values: list[str]) -> list[tuple[str, str]]:
    with pytest.raises(InputError) as caught:
        load_scenarios(names, set_values, SchoolFiles())
    return [(fault.where, fault.what) for fault in caught.value.faults]


def test_a_wrong_value_of_set_is_told_once_and_of_set(tmp_path: Path) -> None:
    wrong = ("--set", "students is out of bounds")
    four = ["informal", "training", "officers", "officers-outreach"]
    for names in (["informal"], four):
        assert faults_of(names, ["students=-4"]) == [wrong]
        assert faults_of(names, ["campus_years=6"]) == [("--set", "the course is too long")]
        assert faults_of(names, ["officers=nobody", "nonsense=1"]) == [
            ("--set", "no parameter or setting is called 'nonsense'"), ("--set", "officers: no such choice")]  # fmt: skip
    assert faults_of(["informal", "officers"], ["add_ons=outreach"]) == [("--set with informal", "add_ons need officers")]
    ours = tmp_path / "ours.toml"
    ours.write_text("[parameters]\nsites = -1\n", encoding="utf-8")
    assert faults_of(["informal", str(ours)], ["students=-4"]) == [(str(ours), "sites is out of bounds"), wrong]


def test_a_wrong_value_of_set_is_told_where_no_scenario_can_be_read(tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text("[parameters\n", encoding="utf-8")
    for name in ("oficers", str(broken)):
        assert ("--set", "students is out of bounds") in faults_of([name], ["students=-4", "add_ons=outreach", "training=all"])
        assert len(faults_of([name], ["students=-4", "add_ons=outreach", "training=all"])) == 2
        assert len(faults_of([name], ["campus_years=6"])) == 1, "the scenario may have fewer clinical years"


def test_a_scenario_file_that_may_not_be_read_is_a_fault(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ours = tmp_path / "ours.toml"
    ours.write_text("", encoding="utf-8")

    def refused(path: Path) -> bytes:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr(Path, "read_bytes", refused)  # the tests may be run by one whom no permission stops
    done = call("compare", "informal", ours)
    assert done.exit_code == 2 and os.strerror(errno.EACCES) in done.stderr and "1 fault" in done.stderr


def test_a_scenario_whose_name_is_too_long_is_a_fault() -> None:
    assert len(faults_of(["informal", "x" * 300 + ".toml"], [])) == 1


@pytest.mark.parametrize("out", ["", " ", "x" * 300])
def test_a_folder_without_a_usable_name_is_refused(out: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for words in (("compare", *TINY), ("run", "informal", *TINY)):
        done = call(*words, "--out", out)
        assert done.exit_code == 2 and "--out" in done.stderr and "1 fault" in done.stderr and isinstance(done.exception, SystemExit)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("below", ["", "deeper"])
def test_a_place_that_cannot_be_written_to_is_found_before_anything_is_simulated(below: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(experiments.compare, "compare", lambda *_scenarios, **_rest: pytest.fail("it was simulated"))
    file = tmp_path / "taken"
    file.write_text("mine", encoding="utf-8")
    done = call("compare", *TINY, "--out", file / below)
    assert done.exit_code == 2 and "--out" in done.stderr and isinstance(done.exception, SystemExit)
    assert file.read_text(encoding="utf-8") == "mine"


# --- the machine ---


def test_a_run_that_fails_is_told_in_a_sentence_and_leaves_no_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def failing(*_scenarios, **_rest):
        raise experiments.compare.RunError("scenario 'informal' failed with seed 5")

    monkeypatch.setattr(experiments.compare, "compare", failing)
    done = call("compare", *TINY, "--out", tmp_path / "new")
    assert done.exit_code == 1 and "failed with seed 5" in done.stderr and not done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("as_json", [True, False])
def test_a_disk_that_fills_up_costs_the_files_and_not_the_result(as_json: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def full(*_of) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(experiments.compare, "write", full)
    monkeypatch.setattr(nx, "write_graphml", full)
    for words in (("compare", "informal", *TINY, *FEW), ("run", "informal", *TINY)):
        words = (*words, "--json") if as_json else words
        done = call(*words, "--out", tmp_path / "new")
        assert done.exit_code == 1 and os.strerror(errno.ENOSPC) in done.stderr
        assert done.stdout == call(*words).stdout != "" and "Written" not in done.stdout
        assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
@pytest.mark.parametrize("words", [("run", "informal", *TINY, "--json"), ("run", "informal", *TINY), ("scenarios",), ("parameters", "--json")])
def test_output_that_cannot_be_shown_is_told_in_a_sentence_and_the_files_are_written(words: tuple[str, ...], tmp_path: Path) -> None:
    with open("/dev/full", "w") as full:
        done = command(*words, *(["--out", tmp_path] if words[0] == "run" else []), stdout=full)
    assert done.returncode == 1 and os.strerror(errno.ENOSPC) in done.stderr
    assert "Traceback" not in done.stderr and "Exception" not in done.stderr and len(done.stderr.splitlines()) <= 2
    assert (tmp_path / "run.json").exists() == (words[0] == "run")


def test_a_reader_who_leaves_costs_no_file_and_is_no_fault(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as left:
        done = command("run", "informal", *TINY, "--out", tmp_path, stdout=left)
    assert done.returncode == 1 and done.stderr == "Simulating ...\n"
    assert (tmp_path / "run.json").exists()


def test_a_log_that_cannot_be_written_stops_nothing() -> None:
    class Full(io.StringIO):
        def write(self, _text: str) -> int:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    on_progress = plain_lines(Console(file=Full()), 4, TimeLeft(1))
    on_progress(4, 4)
    with pytest.raises(OSError):
        Console(file=Full()).print("else it would be an error")


@pytest.fixture
def interruptible() -> Iterator[None]:
    """What ignores Ctrl-C (a shell's background job, as in `make test &`) hands that down to what it starts; a handler is not handed down."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize(("engine", "workers"), [("arrays", 1), ("arrays", 2), ("mesa", 1), ("mesa", 2)])
def test_ctrl_c_ends_it_with_a_sentence_and_leaves_nothing(engine: str, workers: int, tmp_path: Path) -> None:
    words = [sys.executable, "-m", "wardmates", "compare", *TINY, "--engine", engine, "--replicates", "100000", "--workers", str(workers),
             "--out", str(tmp_path / "new")]  # fmt: skip
    process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
    try:
        first = process.stderr.readline()
        while first.startswith(COMPILING):
            first = process.stderr.readline()
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=2)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does it: to all processes of the group
        begun = monotonic()
        stdout, stderr = process.communicate(timeout=60)  # waits for workers too, since they hold its ends of the pipes
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    assert first.startswith("Simulating")
    assert process.returncode == 130 and stdout == ""
    assert "no results were written" in stderr and "Traceback" not in stderr
    assert monotonic() - begun < 20, "a second or less on a machine that does nothing else"
    assert list(tmp_path.iterdir()) == []
