"""`wardmates sweep design`: the points of a sweep, with what is run at each, as one file."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from simulation.faults import Fault, InputError, nearest
from wardmates.given import SchoolFiles, Seed, command_line, load_scenarios
from wardmates.results import output_folder

if TYPE_CHECKING:
    from experiments.sweep.design import Design
    from experiments.sweep.problem import Problem

Made = TypeVar("Made")

_METHODS = {"morris": "trajectories", "sobol": "base points", "lhs": "points", "grid": "levels of each factor"}
_WHAT, _HOW = "What is varied, and what is run", "The design"
_SEEDS = ("crossed", "independent")


def design(
    out: Annotated[str, typer.Option("--out", metavar="FILE", show_default=False, help="The design, a Parquet file.")],
    names: Annotated[list[str] | None, typer.Argument(metavar="[SCENARIO]...", show_default=False, help="Scenarios, as after --scenarios.")] = None,
    method: Annotated[
        str | None,
        typer.Option("--method", metavar="|".join(_METHODS), show_default=False, rich_help_panel=_HOW,
                     help="morris: which of many matter; sobol: how much each does; lhs: points all over; grid: every combination."),
    ] = None,
    n: Annotated[
        int | None,
        typer.Option("--n", metavar="N", show_default=False, rich_help_panel=_HOW,
                     help="Trajectories (morris), base points, a power of two (sobol), points (lhs), or levels of each factor (grid)."),
    ] = None,
    points: Annotated[
        Path | None,
        typer.Option("--points", metavar="FILE", rich_help_panel=_HOW, help="CSV or Parquet of your own points, in the place of --method and --n."),
    ] = None,
    levels: Annotated[
        int | None, typer.Option("--levels", rich_help_panel=_HOW, show_default="4", help="Levels of the grid that morris walks on, even.")
    ] = None,
    second_order: Annotated[
        bool, typer.Option("--second-order", rich_help_panel=_HOW, help="For sobol's indices of pairs too, with nearly twice as many points.")
    ] = False,
    parameters: Annotated[
        list[str] | None,
        typer.Option("--parameters", metavar="A,B,...", show_default="all that have a range", rich_help_panel=_WHAT,
                     help="Parameters and settings that are varied."),
    ] = None,
    problem: Annotated[
        Path | None,
        typer.Option("--problem", metavar="FILE", rich_help_panel=_WHAT, help="TOML with ranges of your own, or a problem that is not the model's."),
    ] = None,
    scenarios: Annotated[
        list[str] | None,
        typer.Option("--scenarios", metavar="A,B,...", show_default="informal", rich_help_panel=_WHAT,
                     help="Scenarios run at each point, the baseline first: bundled names or TOML files."),
    ] = None,
    set_values: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", rich_help_panel=_WHAT, help="A value that holds at every point; may be given again."),
    ] = None,
    replicates: Annotated[
        int | None,
        typer.Option("--replicates", min=1, max=1_000_000, show_default="5", rich_help_panel=_WHAT,
                     help="Runs of each scenario at each point; from 2 the seed's share of the variance can be told."),
    ] = None,
    seeds: Annotated[
        str,
        typer.Option("--seeds", metavar="|".join(_SEEDS), rich_help_panel=_WHAT,
                     help="crossed: a replicate is the same world at every point; independent: each point has worlds of its own."),
    ] = _SEEDS[0],
    seed: Seed = 1,
) -> None:  # fmt: skip
    """Make a design: the points of a sweep, with the scenarios, replicates and seeds that are run at each.

    For instance: wardmates sweep design --method morris --n 20 --scenarios informal,officers-outreach --out screening.parquet
    """
    asked = _Asked(method, n, points, levels, second_order, _several(parameters), problem, (_several(scenarios) or []) + (names or []),
                   set_values or [], replicates, seeds, seed)  # fmt: skip
    faults = asked.faults() + _faults_of_file(out)
    with output_folder(str(Path(out).parent) if out.strip() else out, faults):
        made = asked.make(faults)
        from experiments.sweep.points import faults_of, notes_of
        from wardmates.shown import console, say

        if refused := faults_of(made):
            raise InputError(refused)
        made.save(out)
    for note in notes_of(made):
        say(console(stderr=True), f"Note: {note}")
    for line in _told(made, out):
        typer.echo(line)


@dataclass(frozen=True)
class _Asked:
    """What the user asked for; named as the options are."""

    method: str | None
    n: int | None
    points: Path | None
    levels: int | None
    second_order: bool
    parameters: list[str] | None
    problem: Path | None
    scenarios: list[str]
    set_values: list[str]
    replicates: int | None
    seeds: str
    seed: int

    def faults(self) -> list[Fault]:
        """Options that are missing, or mean nothing with the others."""
        faults = []
        if self.points is None:
            if self.method not in _METHODS:
                faults.append(Fault("--method", "no such method" if self.method else "is not given",
                                    nearest(self.method or "", _METHODS) + ("" if self.method else "; or --points with a file of your own"),
                                    value=self.method or ""))  # fmt: skip
            if self.n is None:
                faults.append(Fault("--n", "is not given", f"--n N: how many {_METHODS.get(self.method or '', 'points')}"))
        else:
            given = {"--method": self.method, "--n": self.n, "--parameters": self.parameters, "--problem": self.problem}
            faults += [Fault(option, "means nothing with --points", "the file says what the points are; leave one of the two out", value=str(value))
                       for option, value in given.items() if value is not None]  # fmt: skip
        if self.levels is not None and self.method != "morris":
            faults.append(Fault("--levels", "is for --method morris alone", "--n sets the levels of a grid", value=str(self.levels)))
        if self.second_order and self.method != "sobol":
            faults.append(Fault("--second-order", "is for --method sobol alone", "--method sobol, or leave it out"))
        if self.seeds not in _SEEDS:
            faults.append(Fault("--seeds", "no such choice", nearest(self.seeds, _SEEDS), value=self.seeds))
        return faults

    def make(self, faults: list[Fault]) -> Design:
        """The design.

        Args:
            faults: what is already known to be wrong, to be told with the rest.

        Raises:
            InputError: everything that is wrong, as far as it can be known before points are drawn.
        """
        from experiments.sweep.own import design_of_points
        from experiments.sweep.sampling import MORRIS_LEVELS, design_faults, draw_design

        try:
            load_scenarios(self.scenarios or ["informal"], self.set_values, SchoolFiles())
        except InputError as error:
            faults += error.faults
        run: dict[str, Any] = {"overrides": dict(_name_and_value(text) for text in self.set_values), "replicates": self.replicates,
                               "seeds": self.seeds, "seed": self.seed, "command": self._command()}  # fmt: skip
        if self.scenarios:
            run["scenarios"] = self.scenarios
        if self.points is not None:
            points = self.points
            made = _tried(lambda: design_of_points(points, **({} if faults else run)), faults)
            if made is not None:
                faults += self._faults_with(made.problem)
        else:
            varied = _tried(self._varied, faults)
            how: dict[str, Any] = {"second_order": self.second_order, "num_levels": MORRIS_LEVELS if self.levels is None else self.levels}
            if varied is not None:
                faults += self._faults_with(varied)
                if self.method in _METHODS and self.n is not None:
                    faults += design_faults(varied, self.method, self.n, **how)
            made = None if faults or varied is None else draw_design(varied, str(self.method), int(self.n or 0), **how, **run)
        if faults or made is None:
            raise InputError(dict.fromkeys(faults))
        return made

    def _varied(self) -> Problem:
        """What is varied: names, a file, names of a file and of the table, or all of the table that is not set."""
        from experiments.sweep.problem import pick, problem_of_table
        from experiments.sweep.problem_file import read_problem

        if self.problem is None:
            if self.parameters is not None:
                return problem_of_table(self.parameters)
            are_set = {_name_and_value(text)[0] for text in self.set_values}
            return problem_of_table(name for name in problem_of_table().names if name not in are_set)
        read = read_problem(self.problem)
        return read if self.parameters is None else pick(read, self.parameters)

    def _faults_with(self, problem: Problem) -> list[Fault]:
        """Options that do not go with what is varied."""
        if problem.is_ours:
            return [Fault("--set", "is varied by the design", "either vary a value or set it", value=text)
                    for text in self.set_values if _name_and_value(text)[0] in problem.names]  # fmt: skip
        foreign = "has no meaning for a problem that is not the model's"
        return [Fault("--scenarios", foreign, "leave it out", value=name) for name in self.scenarios] + [
            Fault("--set", foreign, "leave it out", value=text) for text in self.set_values]  # fmt: skip

    def _command(self) -> str:
        """The command that makes the design again, without places of this machine."""
        named = [(option, path.name) for option, path in (("--points", self.points), ("--problem", self.problem)) if path is not None]
        options: list[tuple[str, object]] = [
            *((option, value) for option, value in (("--method", self.method), ("--n", self.n), ("--levels", self.levels)) if value is not None),
            *named, *([("--parameters", ",".join(self.parameters))] if self.parameters else []),
            *([("--scenarios", ",".join(Path(name).name for name in self.scenarios))] if self.scenarios else []),
            *(("--set", text) for text in self.set_values), *([("--replicates", self.replicates)] if self.replicates else []),
            ("--seeds", self.seeds), ("--seed", self.seed),
        ]  # fmt: skip
        return command_line("sweep", ["design", *(["--second-order"] if self.second_order else [])], options)


def _tried(make: Callable[[], Made], faults: list[Fault]) -> Made | None:
    """What is made; None, and its faults among the others, if it cannot be."""
    try:
        return make()
    except InputError as error:
        faults += error.faults
        return None


def _several(given: Iterable[str] | None) -> list[str] | None:
    """Names with commas between them, or after an option given again."""
    return None if given is None else [name.strip() for text in given for name in text.split(",") if name.strip()]


def _name_and_value(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name.strip(), value.strip()


def _faults_of_file(out: str) -> list[Fault]:
    """Why a design cannot be written there: what is no design of ours is not written over."""
    from experiments.sweep.design import is_design

    path = Path(out)
    if not out.strip() or not os.path.lexists(path):
        return []
    if path.is_dir():
        return [Fault("--out", "is a folder", "a file, for instance design.parquet", value=out)]
    return [] if is_design(path) else [Fault("--out", "is a file that is no design, and stays as it is", "another name, or remove it", value=out)]


def _told(made: Design, out: str) -> list[str]:
    """What was made, and what comes next."""
    what = {"own": "Points of your own", "lhs": "Latin hypercube", "morris": f"Morris, {_counted(made.n, 'trajectory', 'trajectories')}",
            "sobol": f"Sobol, {made.n:,} base points", "grid": f"Grid, at most {made.n:,} levels of a number"}[made.method]  # fmt: skip
    of = f"{_counted(made.n_points, 'point')} of {_counted(len(made.problem), 'factor')}"
    if not made.problem.is_ours:
        times = f", {made.replicates:,} times each" if made.replicates > 1 else ""
        return [f"{what}: {of}{times}. The model knows none of them, so it cannot be run there.",
                f"Written to {out}. Next: evaluate them, then wardmates sensitivity --design {shlex.quote(out)} "
                "--results FILE --outcome NAME"]  # fmt: skip
    return [f"{what}: {of} x {_counted(len(made.scenarios), 'scenario')} x {_counted(made.replicates, 'replicate')} ({made.seeds} seeds) = "
            f"{_counted(made.n_runs, 'run')}.",
            f"Written to {out}. Next: wardmates sweep run {shlex.quote(out)} --out STORE"]  # fmt: skip


def _counted(n: int, one: str, several: str = "") -> str:
    return f"{n:,} {one if n == 1 else several or one + 's'}"
