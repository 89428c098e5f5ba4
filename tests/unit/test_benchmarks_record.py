"""The benchmarks' record, and what is made of it: tables, the picture, and the command from end to end."""

from __future__ import annotations

import json
import os
import platform
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from benchmarks import __main__ as door
from benchmarks import phases, results, tables, twin, whole
from benchmarks.engine_cases import informal
from benchmarks.interleave import Samples, distinct, turns
from benchmarks.picture import draw, picture_bytes
from benchmarks.record import Bench, Measure, Sample
from benchmarks.sizes import FULL, LINEAR_ALGEBRA, PARTS, QUICK, Sizes
from simulation.faults import InputError
from tests.unit.benchmark_cases import TINY


@pytest.fixture(autouse=True)
def _own_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the command sets for its process is not left to other tests."""
    for name in LINEAR_ALGEBRA:
        monkeypatch.setenv(name, "1")


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
