"""The benchmarks: the order of turns, the statistics, the timed twin of the engine, the record and what is made of it; no figure is asked for."""

from __future__ import annotations

import ast
import inspect
import json
import os
import platform
import re
import textwrap
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from benchmarks import __main__ as door
from benchmarks import fresh, machine, peak, phases, results, tables, twin, whole
from benchmarks.bars import bars_of
from benchmarks.engine_cases import COUNTED_EVERY, count_ties, informal
from benchmarks.interleave import Case, Samples, Taken, clocked, distinct, take, turns
from benchmarks.picture import draw, picture_bytes
from benchmarks.progress import Ledger
from benchmarks.record import Bench, Machine, Measure, Sample, paired
from benchmarks.sizes import FULL, LINEAR_ALGEBRA, PARTS, QUICK, Sizes
from simulation.engine import week
from simulation.faults import InputError
from simulation.record.history import History
from simulation.run import run
from simulation.scenario.scenario import Scenario
from tests.engines.interpreted import in_python
from tests.runs import scenario

TINY = Sizes(True, 2, 1, 1, (12, 20), (12, 20), (12, 20), (12, 20), 2, 3, True)
MACHINE = Machine(system="Any", architecture="any", processor="a processor", processors=2, usable=2, memory_gib=8, load=0.1, had_processor=0.99,
                  linear_algebra_threads=1)  # fmt: skip


@pytest.fixture(autouse=True)
def _own_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the command sets for its process is not left to other tests."""
    for name in LINEAR_ALGEBRA:
        monkeypatch.setenv(name, "1")


def case(name: str, samples: int = 1) -> Case:
    return Case(name, samples, lambda _: Taken(1, 1.0, 1.0), 1.0)


def sample(number: int, wall: float, cpu: float | None = None, repeats: int = 1) -> Sample:
    return Sample(round=number, place=number, repeats=repeats, wall=wall, cpu=wall if cpu is None else cpu)


# The order of turns


def test_every_case_has_its_turns_beside_those_it_is_compared_with() -> None:
    groups = [[case("a", 7), case("b", 7)], [case("c", 7)], [case("d", 3), case("e", 3)], [case("f", 1)]]
    order = turns(groups, 7)
    assert order == turns(groups, 7), "fixed"
    assert Counter(turn.case.name for turn in order) == {"a": 7, "b": 7, "c": 7, "d": 3, "e": 3, "f": 1}
    rounds = [[turn.case.name for turn in order if turn.round == number] for number in range(7)]
    assert [name for names in rounds for name in names] == [turn.case.name for turn in order], "one round after another"
    assert sorted(rounds[0]) == list("abcdef"), "whatever takes long is known after the first round"
    assert all(len(names) == len(set(names)) for names in rounds)
    assert all(abs(names.index("a") - names.index("b")) == 1 for names in rounds)
    assert all(("d" in names) == ("e" in names) for names in rounds)
    assert len({tuple(names) for names in rounds}) > 3, "shuffled"
    assert {names.index("a") < names.index("b") for names in rounds} == {True, False}


def test_two_parts_share_a_case() -> None:
    groups = distinct([[case("a"), case("b")], [case("b")], [case("c"), case("a")]])
    assert [[one.name for one in group] for group in groups] == [["a", "b"], ["c"]]


def test_turns_are_taken_in_their_order() -> None:
    seen: list[tuple[str, int]] = []

    def noting(name: str) -> Case:
        def turn(number: int) -> Taken:
            seen.append((name, number))
            return Taken(3, 6.0, 5.0, {"what": 1.0})

        return Case(name, 2, turn, 1.0)

    order = turns([[noting("a")], [noting("b")]], 2)
    done: list[int] = []
    taken = take(order, lambda place, seconds: done.append(place if seconds >= 0 else -1))
    assert seen == [(turn.case.name, turn.round) for turn in order]
    assert done == [0, 1, 2, 3]
    assert sorted(one.place for samples in taken.values() for one in samples) == done
    assert [one.round for one in taken["a"]] == [0, 1]
    assert taken["a"][0].extra == {"what": 1.0}


def test_the_clock_tells_wall_and_processor_time() -> None:
    with clocked(3) as here:
        sum(range(200_000))
    with clocked(is_here=False) as elsewhere:
        pass
    assert here.repeats == 3 and here.wall > 0 and here.cpu is not None and here.cpu > 0
    assert elsewhere.cpu is None


# Statistics


def test_quartiles_by_hand() -> None:
    measure = Measure.of("a.b", "what", "ms", [5, 1, 2, 4, 3])
    assert (measure.n, measure.low, measure.median, measure.high) == (5, 2, 3, 4)
    with pytest.raises(ValueError, match="nothing was measured"):
        Measure.of("a.b", "what", "ms", [])


def test_ratios_are_of_runs_of_the_same_round() -> None:
    slow = [sample(0, 8.0, repeats=2), sample(3, 6.0, 5.0), sample(4, 1.0)]
    fast = [sample(0, 2.0), sample(1, 7.0), sample(3, 3.0, 1.0)]
    assert paired(slow, fast, "wall") == [2.0, 2.0]
    assert paired(slow, fast, "cpu") == [2.0, 5.0]
    with pytest.raises(ValueError, match="CPU time of another process"):
        paired([Sample(round=0, place=0, repeats=1, wall=1, cpu=None)], fast, "cpu")


def test_the_time_left_by_hand() -> None:
    now = [0.0]
    ledger = Ledger([("a", 10.0), ("a", 10.0), ("b", 30.0)], lambda: now[0])
    assert ledger.left == 50
    now[0] = 20.0
    ledger.done("a", 20.0)
    assert ledger.left == pytest.approx(20 + 30 * (20 + 30) / (10 + 30)), "a as measured, b as guessed and as much longer"
    now[0] = 25.0
    assert ledger.left == pytest.approx(20 + 37.5 - 5), "it counts down"
    now[0] = 400.0
    assert ledger.left == 0 and ledger.taken == 400


def test_a_bar_is_met_at_its_bound() -> None:
    def met(name: str, value: float) -> bool | None:
        bars = bars_of([Measure.of(name, "", "times", [value])], MACHINE)
        assert sum(bar.measured is not None for bar in bars) == 1
        return next(bar.is_met for bar in bars if bar.measure == name)

    assert (met("engines.200.ratio.cpu", 100), met("engines.200.ratio.cpu", 99.9)) == (True, False)
    assert (met("memory.20000", 1536), met("memory.20000", 1537)) == (True, False)
    assert (met("start.help.heavy", 0), met("start.help.heavy", 1)) == (True, False)
    assert all(bar.is_met is None for bar in bars_of([], MACHINE))


def test_a_machine_that_is_not_idle_is_said() -> None:
    threads = [Measure.of("threads.ratio", "", "times", [1.2]), Measure.of("threads.control", "", "times", [1.4])]

    def note(had_processor: float) -> str:
        bars = bars_of(threads, MACHINE.model_copy(update={"had_processor": had_processor, "load": 2.3}))
        return next(bar.note for bar in bars if bar.name == "threads")

    assert "gains 1.40" in note(0.99) and "load before the run 2.3" in note(0.99) and "not idle" not in note(0.99)
    assert "not idle" in note(0.8)


def test_share_of_time_with_a_processor() -> None:
    alone, other = replace(case("a"), is_alone=True), case("b")
    samples: Samples = {"a": [sample(0, 2.0, 1.0), sample(1, 1.0, 0.9), sample(2, 1.0, 1.0)], "b": [sample(0, 1.0, 0.1)]}
    assert machine.had_processor([alone, other], samples) == 0.9
    assert machine.had_processor([other], samples) is None


# What is counted


def test_ties_are_those_of_the_record() -> None:
    ties, looked_at = count_ties(20, range(1, 3))
    n_weeks = informal(20).calendar.n_weeks
    weeks = tuple(range(COUNTED_EVERY, n_weeks + 1, COUNTED_EVERY))
    histories = [run(informal(20), seed, weeks_of_ties=weeks) for seed in (1, 2)]
    assert ties == pytest.approx(n_weeks * np.mean([len(history.ties[w].i) for history in histories for w in weeks]))
    strengths = np.concatenate([history.ties[w].strength for history in histories for w in weeks])
    assert strengths.min() > 0
    assert 0 < ties < looked_at <= n_weeks * 20 * 19 / 2


# The timed twin


def tiny() -> Scenario:
    """With all that takes turns with kernels: near-peers, outreach, leaving, two steps a week."""
    return scenario(students=10, officers="near-peer", add_ons=("outreach",), training="all", dropout_rate=0.3, steps_per_week=2, onset_rate=0.05,
                    campus_teaching_weeks=30, clinical_teaching_weeks=30)  # fmt: skip


def test_the_twin_is_the_engines_steps_and_laps() -> None:
    """Without the laps it is, statement by statement, what `run_steps` is."""
    derived = twin.derive(phases.steps_in_python())
    bare = ast.parse(inspect.getsource(phases.steps_in_python())).body[0]
    timed = ast.parse(derived.source).body[-1]
    assert isinstance(bare, ast.FunctionDef) and isinstance(timed, ast.FunctionDef)

    class WithoutLaps(ast.NodeTransformer):
        def visit_Expr(self, node: ast.Expr) -> Any:
            return None if "bench_lap" in ast.unparse(node) else node

    stripped = WithoutLaps().visit(timed)
    assert [argument.arg for argument in stripped.args.args[-2:]] == ["bench_laps", "bench_clock"]
    del stripped.args.args[-2:]
    bare.decorator_list = []
    assert ast.dump(stripped) == ast.dump(bare)


def test_every_phase_has_laps() -> None:
    laps = twin.derive(phases.steps_in_python()).laps
    found = {int(number) for lap in laps for number in re.findall(r"(\d+)\.", lap.phase)}
    assert found == set(range(1, 14)), "the phases of docs/model.md, section 4"
    of = {lap.kernel: lap.phase for lap in laps}
    assert "ties" in of["update_ties"] and "6. distress" in of["change_distress"] and "13. record" in of["record_week"]
    assert {"form_groups", "count_common_friends", "notice", "change_stigma"} < set(of)


def test_the_twin_gives_the_engines_history() -> None:
    """Both in plain Python; a run of the benchmarks compares them compiled."""
    derived = twin.derive(phases.steps_in_python())
    with in_python():
        bare = run(tiny(), 3)
        with twin.timing(twin.interpreted(derived), len(derived.laps)) as laps:
            timed = run(tiny(), 3)
    phases.check_same(timed, bare)
    assert timed.n_checkins > 0 and timed.n_offers.sum() > 0 and not timed.is_present.all(), "there was something to compare"
    noted = {lap.kernel for lap, ns in zip(derived.laps, laps[1:], strict=True) if ns > 0}
    assert noted == {lap.kernel for lap in derived.laps} - {"read_friendships"}, "all were called but what needs a school's file"


@pytest.mark.parametrize("changed", [{"n_breaches": 1_000}, {"officer_hours": -1.0}, {"n_offers": np.arange(10)}, {"ties": {}}])
def test_another_history_is_noticed(changed: dict[str, Any]) -> None:
    history: History = run(tiny(), 3)
    phases.check_same(history, run(tiny(), 3))
    with pytest.raises(phases.NotTheSameError, match="another history"):
        phases.check_same(replace(history, **changed), history)


def written_as(body: str, tmp_path: Path) -> Any:
    """A function `steps` of a file with this body, which knows what `week.py` knows."""
    path = tmp_path / "steps.py"
    path.write_text("def steps(world, first, last):\n" + textwrap.indent(textwrap.dedent(body), "    "), encoding="utf-8")
    names = dict(vars(week))
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), names)
    return names["steps"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("for step in range(first, last):\n    # 1. one\n    step_at(world, first, last)\n    # 3. three\n    step_at(world, first, last)\n", "head"),
        ("for step in range(first, last):\n    step_at(world, first, last)\n", "comments should head"),
        ("# 1. one\nstep_at(world, first, last)\n", "one loop"),
        ("bench_lap = 1\n# 1. one\nfor step in range(first, last):\n    step_at(world, first, last)\n", "uses one of the names"),
    ],
)
def test_steps_of_another_form_are_refused(body: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(twin.NoPhasesError, match=said):
        twin.derive(written_as(body, tmp_path))


def test_laps_follow_the_calls_of_their_phase(tmp_path: Path) -> None:
    steps = written_as("""
        for step in range(first, last):
            a = step_at(world, first, step)
            # 1. one, 2. two
            if a:
                b = int(gather(world, a))
            else:
                c = 1
            # 3. three
            c = Course(a)
            notice(c)
        """, tmp_path)  # fmt: skip
    assert twin.derive(steps).laps == (twin.Lap("1. one, 2. two", "step_at"), twin.Lap("1. one, 2. two", "gather"), twin.Lap("3. three", "notice"))


_FEW_STEPS = """
from simulation.engine.week import step_at
def run_steps(world, weeks, first, last):
    total = 0
    for step in range(first, last + 1):
        # 1. one
        now = step_at(world, weeks, step)
        total += now.week
    return total
"""
_KEPT = """
import sys
import numpy as np
sys.path.insert(0, {folder!r})
from benchmarks import twin
from benchmarks.engine_cases import informal
from few_steps import run_steps
from simulation.engine.cohort import Plan
derived, plan = twin.derive(run_steps), Plan(informal(12))
function, laps = twin.compiled(derived), np.zeros(2, np.int64)
total = function(plan.world, plan.weeks, 1, 9, laps, np.zeros(3, np.int64))
print(total, int(laps[1] > 0), sum(function.stats.cache_hits.values()), int(twin.is_kept(derived)))
"""


def test_a_compiled_twin_is_kept_for_the_next_process(tmp_path: Path) -> None:
    (tmp_path / "few_steps.py").write_text(_FEW_STEPS, encoding="utf-8")
    program = _KEPT.format(folder=str(tmp_path))
    said = [fresh.process("-c", program, XDG_CACHE_HOME=str(tmp_path / "cache")).stdout.split() for _ in range(2)]
    assert said[0][:2] == said[1][:2] == ["45", "1"]
    assert said[1][2:] == ["1", "1"], "loaded and not compiled"


# Processes of their own


def test_heavy_imports_are_seen() -> None:
    told = "import time: self [us] | cumulative | imported package\nimport time:       120 |        300 |   {}\nimport time:  5 |  7 | click.types\n"
    assert fresh.heavy_imports(told.format("numba.core.config")) == {"numba"}
    assert fresh.heavy_imports(told.format("numbers")) == set()
    with pytest.raises(ValueError, match="no import"):
        fresh.heavy_imports("Usage: wardmates")


def test_the_peak_is_of_this_program_alone() -> None:
    """What the parent held when it started the process is not counted; `ru_maxrss` would count it."""
    ballast = np.ones(60_000_000)  # 458 MiB, touched
    mib = float(fresh.process("-c", "from benchmarks.peak import peak_mib; print(peak_mib())").stdout)
    held = float(fresh.process("-c", "from benchmarks.peak import peak_mib; a = b'1' * 2**28; print(peak_mib())").stdout)
    assert ballast[-1] == 1
    assert 3 < mib < 200
    assert 250 < held - mib < 262
    assert peak.peak_mib() > 458


def test_a_process_that_fails_is_said() -> None:
    with pytest.raises(RuntimeError, match="ended with 3: what went wrong"):
        fresh.process("-c", "import sys; print('what went wrong', file=sys.stderr); sys.exit(3)")


# The record, the tables and the picture


def fabricated(sizes: Sizes, wanted: tuple[str, ...] = PARTS) -> Bench:
    """A record of made-up samples, through the parts' own measures."""
    parts = whole.parts_for(sizes, wanted)
    chance = np.random.default_rng(1)
    samples: Samples = {}
    for turn in turns(distinct([group for part in parts.values() for group in part.groups]), sizes.rounds):
        wall = turn.case.guess * float(chance.uniform(0.9, 1.2))
        extra = {"mib": 100 * wall, "heavy": 0.0}
        if turn.case.name.startswith("phases"):
            laps = [f"{lap.phase}: {lap.kernel}" for lap in twin.derive(phases.steps_in_python()).laps]
            extra = {name: wall * float(chance.uniform(0, 0.1)) for name in (phases.START, *laps, phases.END)}
        here = None if turn.case.name.startswith(("memory", "start", "compare-command")) else wall
        samples.setdefault(turn.case.name, []).append(Sample(round=turn.round, place=0, repeats=2, wall=wall, cpu=here, extra=extra))
    for step in parts["scaling"].steps if "scaling" in parts else ():
        step.do()
    return whole.conclude(sizes, parts, samples, 0.5)


@pytest.fixture(scope="module")
def bench() -> Bench:
    """Everything, at full size in all but the numbers of students."""
    return fabricated(replace(FULL, engines=(12, 200), scaling=(12, 20, 30), phases=(12, 20), memory=(12, 20_000)))


def test_the_record_comes_back_as_it_was(bench: Bench, tmp_path: Path) -> None:
    place = tmp_path / "new" / "results"
    written = {path.name for path in results.write(bench, place)}
    assert {path.name for path in place.iterdir()} == written == {"bench.json", "bench.svg", "bench.png"}
    assert results.read(place) == bench
    assert (place / "bench.png").read_bytes().startswith(b"\x89PNG")


def test_the_record_has_one_schema(bench: Bench) -> None:
    content = json.loads(bench.model_dump_json())
    assert set(content) == {"schema_version", "is_quick", "parts", "wardmates", "sources", "libraries", "machine", "samples", "measures", "bars",
                            "notes"}  # fmt: skip
    assert len(content["bars"]) == 8
    assert {bar["measure"] for bar in content["bars"]} - {measure["name"] for measure in content["measures"]} == {"scaling.20000.ratio"}
    assert set(Bench.model_json_schema()["required"]) == set(content) - {"schema_version"}
    for spoilt in ({**content, "host": "x"}, {**content, "schema_version": 2}, {**content, "machine": {**content["machine"], "path": "/"}}):
        with pytest.raises(ValidationError):
            Bench.model_validate(spoilt)
    with pytest.raises(ValidationError):
        Measure.of("a", "a", "ms", [float("nan")])


def test_the_record_names_nobody(bench: Bench) -> None:
    text = bench.model_dump_json()
    home = Path(os.path.expanduser("~"))
    for name in filter(None, (platform.node(), home.name)):
        assert not re.search(rf"\b{re.escape(name)}\b", text), "a machine or a person"
    for path in (str(home), str(door.ROOT)):
        assert path not in text


def test_quick_is_said_and_has_no_bars_of_full_size() -> None:
    quick = fabricated(replace(QUICK, engines=(12,), scaling=(12, 20), phases=(12,), memory=(12,)))
    assert not quick.is_whole
    assert {bar.name for bar in quick.bars if bar.measured is not None} == {"threads", "help", "help, imports"}
    assert any("quick" in line for line in tables.sentences(quick)) and any("no cold start" in line for line in tables.sentences(quick))


def test_tables_say_what_the_record_holds(bench: Bench) -> None:
    from wardmates.shown import text_of

    text = text_of(lambda screen: tables.show(bench, screen))
    assert max(map(len, text.splitlines()[:60])) <= 150
    for heading in ("The bars", "A whole run", "Scaling of the engine", "Where the time of a week goes", "Memory, threads, the command line"):
        assert heading in text
    for bar in bench.bars:
        assert re.search(rf"{re.escape(bar.what)}.*{tables.MET[bar.is_met]}", text)
    ratio = bench.find("engines.200.ratio.cpu")
    assert ratio is not None and tables.figure(ratio.median) in text
    assert re.search(r"4\. attendance, 5\. ties +[\d.,]+ +[\d.]+ %", text) and re.search(r" {3}update ties +[\d.,]+  \(", text)
    assert "read friendships" in text, "its made-up time is not 0"


@pytest.mark.parametrize(("value", "said"), [(0, "0"), (0.01234, "0.012"), (1.005, "1.00"), (12.34, "12.3"), (1234.5, "1,234"), (100, "100")])
def test_figures_have_three_digits(value: float, said: str) -> None:
    assert tables.figure(value) == said


def test_the_picture_has_a_panel_a_question(bench: Bench) -> None:
    figure = draw(bench)
    assert figure is not None
    titles = [axis.get_title(loc="left") for axis in figure.axes]
    assert len(titles) == 6 and all(title.endswith("?") for title in titles)
    same = draw(bench)
    assert same is not None and picture_bytes(figure, "svg") == picture_bytes(same, "svg"), "the same bytes"
    svg = picture_bytes(same, "svg")
    assert b"<svg" in svg and b"dc:date" not in svg


def test_a_part_alone_is_drawn_alone() -> None:
    memory = fabricated(TINY, ("memory",))
    figure = draw(memory)
    assert figure is not None
    assert [axis.get_title(loc="left") for axis in figure.axes if axis.axison] == ["How much memory does one run hold?"]
    assert [table.title.plain for table in tables.tables(memory)] == ["The bars", "Memory, threads, the command line"]
    assert {axis.get_xscale() for axis in figure.axes} == {"linear"}


# The command


def test_a_lesser_run_leaves_the_whole_ones_results(bench: Bench, tmp_path: Path) -> None:
    full = bench.model_copy(update={"is_quick": False, "parts": PARTS})
    results.write(full, tmp_path)
    results.keep_whole(tmp_path, is_whole=True)
    with pytest.raises(InputError, match="whole run"):
        results.keep_whole(tmp_path, is_whole=False)
    done = CliRunner().invoke(door.app, ["--quick", "--out", str(tmp_path)])
    assert done.exit_code == 2 and "holds the results of a whole run" in " ".join(done.output.split())
    assert results.read(tmp_path) == full
    results.write(full.model_copy(update={"is_quick": True}), tmp_path)
    results.keep_whole(tmp_path, is_whole=False)


def test_where_results_go_by_default() -> None:
    assert results.default_folder(Path("x"), is_whole=True) == Path("x/benchmarks/results")
    assert results.default_folder(Path("x"), is_whole=False) == Path("x/out/bench"), "which git leaves out"


def test_parts_are_asked_for_by_name() -> None:
    assert door.parts_of(" start, engines,") == ("engines", "start")
    with pytest.raises(InputError, match="did you mean 'threads'"):
        door.parts_of("engines,thread")
    with pytest.raises(InputError, match="nothing to measure"):
        door.parts_of(",")
    done = CliRunner().invoke(door.app, ["--parts", "engine"])
    assert done.exit_code == 2 and "no such part" in done.output


def test_redraw_measures_nothing(bench: Bench, tmp_path: Path) -> None:
    assert CliRunner().invoke(door.app, ["--redraw", "--out", str(tmp_path)]).exit_code == 2
    results.write(bench, tmp_path)
    (tmp_path / "bench.svg").unlink()
    done = CliRunner().invoke(door.app, ["--redraw", "--out", str(tmp_path)])
    assert done.exit_code == 0 and "The bars" in done.output
    assert (tmp_path / "bench.svg").exists() and results.read(tmp_path) == bench


def test_a_run_of_parts_from_end_to_end(capsys: pytest.CaptureFixture[str]) -> None:
    record = whole.measure(TINY, ("threads", "engines", "scaling"))
    assert record.parts == ("engines", "scaling", "threads") and record.is_quick
    assert record.counts("engines") == [12, 20] and record.counts("scaling") == [12, 20]
    assert {len(taken) for taken in record.samples.values()} == {TINY.rounds}
    assert sorted(one.place for taken in record.samples.values() for one in taken) == list(range(TINY.rounds * len(record.samples)))
    mesa, arrays = record.find("engines.20.mesa.cpu"), record.find("engines.20.arrays.cpu")
    assert mesa is not None and arrays is not None and mesa.median > arrays.median > 0
    ms, per_tie, ties = (record.find(f"scaling.20.{name}") for name in ("ms", "per_tie", "ties"))
    assert ms is not None and per_tie is not None and ties is not None
    weeks = informal(20).calendar.n_weeks
    assert 1e6 * ms.median == pytest.approx(per_tie.median * ties.median * 20 / 2 * weeks)
    told = capsys.readouterr().err
    assert "Round 1 of 2, about" in told and "Round 2 of 2, about" in told
