"""The benchmarks: the order of turns, the statistics, the bars, and the ties that are counted; no figure is asked for."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from benchmarks import machine
from benchmarks.bars import bars_of
from benchmarks.engine_cases import COUNTED_EVERY, count_ties, informal
from benchmarks.interleave import Case, Samples, Taken, clocked, distinct, take, turns
from benchmarks.progress import Ledger
from benchmarks.record import Measure, Sample, paired
from simulation.run import run
from tests.unit.benchmark_cases import MACHINE, case, sample

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
