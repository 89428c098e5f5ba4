"""The benchmarks' timed twin of the engine: it is the engine's steps and laps, and gives its history."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import fresh, phases, twin
from simulation.engine import week
from simulation.record.history import History
from simulation.run import run
from simulation.scenario.scenario import Scenario
from tests.engines.interpreted import in_python
from tests.runs import scenario

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
