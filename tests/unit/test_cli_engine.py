"""The choice of the engine on the command line, what is said before it is compiled, and what is done while others simulate."""

from __future__ import annotations

import json
import re
import threading
from pathlib import Path

import pytest

import simulation.run
import wardmates.ready
from simulation.engine import compile as engine_compile
from simulation.evidence.parameters import Values
from simulation.record.history import History
from simulation.scenario.scenario import Scenario
from tests.unit.cli_calls import FEW, call
from tests.unit.fakes_of_experiments import fake_run
from wardmates.ready import COMPILING, meanwhile

SMALL = ("--set", "students=40", "--set", "campus_years=1", "--set", "clinical_years=1")
COMMANDS = (("compare", "informal", "officers", *SMALL, *FEW), ("run", "informal", *SMALL))


@pytest.fixture
def met(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """The engines of the runs and their students, as a stand-in for both engines met them."""
    runs: list[tuple[str, int]] = []

    def stand_in(scenario: Scenario, seed: int, *, weeks_of_ties: tuple[int, ...] = (), engine: str = "arrays") -> History:
        runs.append((engine, scenario.parameters.students))
        return fake_run(scenario, seed)

    monkeypatch.setattr(simulation.run, "run", stand_in)
    monkeypatch.setattr(engine_compile, "is_compiled", lambda: True)
    return runs


@pytest.mark.parametrize("words", COMMANDS)
def test_the_array_engine_is_the_default_and_mesa_is_had_by_asking(words: tuple[str, ...], met: list[tuple[str, int]]) -> None:
    for asked, expected in (((), "arrays"), (("--engine", "arrays"), "arrays"), (("--engine", "mesa"), "mesa")):
        met.clear()
        assert call(*words, *asked).exit_code == 0
        assert {engine for engine, students in met if students == 40} == {expected}
        assert any(students != 40 for _, students in met) == (expected == "arrays"), "the Mesa model needs no run before the first"


@pytest.mark.parametrize("words", COMMANDS)
def test_an_unknown_engine_is_told_with_all_other_faults(words: tuple[str, ...], met: list[tuple[str, int]]) -> None:
    done = call(*words, "--engine", "array", "--set", "sites=-3")
    assert done.exit_code == 2 and done.stderr.startswith("2 faults") and not done.stdout and met == []
    for text in ("--engine", "no such engine", "did you mean 'arrays'?", "sites is out of bounds"):
        assert text in done.stderr


def test_the_command_that_repeats_it_names_the_engine_where_it_is_not_the_default(tmp_path: Path, met: list[tuple[str, int]]) -> None:
    for asked, said in ((("--engine", "mesa"), True), (("--engine", "arrays"), False)):
        assert call(*COMMANDS[0], *asked, "--out", tmp_path).exit_code == 0
        report = (tmp_path / "report.html").read_text(encoding="utf-8")
        assert ("--seed 1 --engine mesa</code>" in report) == said and ("--engine" in report) == said
        assert f"<dt>engine</dt><dd>{asked[1]}</dd>" in report
        told = json.loads(call(*COMMANDS[1], "--json", *asked).stdout)
        assert ("--engine mesa" in told["command"]) == said and told["engine"] == asked[1]
        assert json.loads(call(*COMMANDS[0], "--json", *asked).stdout)["provenance"]["engine"] == asked[1]


@pytest.mark.parametrize("words", COMMANDS)
def test_compiling_is_told_once_and_before_anything_is_simulated(words: tuple[str, ...], met: list[tuple[str, int]],
                                                                 monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    assert COMPILING not in call(*words).stderr
    monkeypatch.setattr(engine_compile, "is_compiled", lambda: False)
    assert COMPILING not in call(*words, "--engine", "mesa").stderr
    done = call(*words)
    lines = done.stderr.splitlines()
    assert re.fullmatch(rf"{COMPILING}: about \d+ s \.\.\.", lines[0]) and lines[1].startswith("Simulating") and done.stderr.count("ompiling") == 1
    assert COMPILING not in done.stdout


def test_nothing_is_compiled_for_what_cannot_be_simulated(met: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_compile, "is_compiled", lambda: pytest.fail("it was asked for"))
    assert call("compare", "oficers").exit_code == call("run", "oficers").exit_code == 2
    assert met == []


def test_the_time_left_is_counted_from_when_the_engine_is_ready(met: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch) -> None:
    import wardmates.shown

    order: list[str] = []
    real = wardmates.ready.make_ready
    monkeypatch.setattr(wardmates.ready, "make_ready", lambda *given: (real(*given), order.append("ready")))
    begin = wardmates.shown.TimeLeft.__init__
    monkeypatch.setattr(wardmates.shown.TimeLeft, "__init__", lambda self, *given: (order.append("clock"), begin(self, *given))[1])
    assert call(*COMMANDS[0]).exit_code == 0
    assert order == ["ready", "clock"]


def test_what_is_done_meanwhile_is_done_once_and_after_the_first_progress() -> None:
    order: list[object] = []
    told = meanwhile(lambda done, of: order.append((done, of)), lambda: order.append("prepared"))
    told(4, 12)
    told(8, 12)
    told(12, 12)
    assert order == [(4, 12), "prepared", (8, 12), (12, 12)]


def test_a_report_is_prepared_for_only_where_one_is_written(met: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    prepared: list[bool] = []
    monkeypatch.setattr(wardmates.ready, "prepare_report", lambda: prepared.append(True))
    assert call(*COMMANDS[0]).exit_code == 0 and prepared == []
    assert call(*COMMANDS[0], "--out", tmp_path).exit_code == 0 and prepared == [True]


@pytest.mark.parametrize("words", COMMANDS)
def test_the_users_runs_of_the_array_engine_are_not_in_the_thread_that_ctrl_c_comes_to(words: tuple[str, ...], met: list[tuple[str, int]],
                                                                                       monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    is_main: dict[tuple[str, int], bool] = {}
    stand_in = simulation.run.run

    def watched(scenario: Scenario, seed: int, *, weeks_of_ties: tuple[int, ...] = (), engine: str) -> History:
        is_main[engine, scenario.parameters.students] = threading.current_thread() is threading.main_thread()
        return stand_in(scenario, seed, weeks_of_ties=weeks_of_ties, engine=engine)

    monkeypatch.setattr(simulation.run, "run", watched)
    assert call(*words).exit_code == call(*words, "--engine", "mesa").exit_code == 0
    assert is_main == {("arrays", 12): True, ("arrays", 40): False, ("mesa", 40): True}


def test_a_small_run_makes_ready_and_not_the_users_own(met: list[tuple[str, int]]) -> None:
    call(*COMMANDS[1])
    assert met == [("arrays", 12), ("arrays", 40)]
    assert Values().students > 40
