"""What is varied: any parameter or setting of a scenario, with the ranges and distributions of the table of parameters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from experiments.sweep.factor import Factor
from simulation.evidence.parameters import PARAMETERS
from simulation.faults import Fault, InputError, nearest
from simulation.scenario.grouping import CAMPUS_POLICIES, POLICIES
from simulation.scenario.programme import PROGRAMMES
from simulation.scenario.scenario import make_scenario
from simulation.scenario.support import ADD_ONS, OFFICERS

SETTINGS: dict[str, tuple[str, ...]] = {
    "programme": tuple(PROGRAMMES),
    "campus": tuple(name for name in CAMPUS_POLICIES if name != "roster"),
    "placement": tuple(name for name in POLICIES if name != "timetable"),
    "officers": tuple(OFFICERS),
    "training": ("none", "all"),
    "add_ons": ("none", *ADD_ONS),
}
"""Settings of a scenario, besides its parameters, and the levels that are varied unless a file gives others; none of them needs a school's files."""
OURS = (*PARAMETERS, *SETTINGS)
"""Names that are the model's."""
RESERVED = ("point", "replicate", "scenario", "row", "seed", "status", "error")
"""Columns of designs, stores and results that have a meaning of their own, so no factor can be called so."""
UNIT_ENDING = " (unit)"
_WITH_OFFICERS = {"support": {"officers": "volunteers"}}  # so that add_ons lack nothing


@dataclass(frozen=True)
class Problem:
    """What a design varies.

    Attributes:
        factors: in the order of the design's columns.
        is_ours: every name is a parameter or setting of a scenario, so the model can be run at the points.
    """

    factors: tuple[Factor, ...]
    is_ours: bool

    def __len__(self) -> int:
        return len(self.factors)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the factors."""
        return tuple(factor.name for factor in self.factors)

    def unit_cube(self) -> dict[str, object]:
        """The problem as SALib takes it, in the unit cube."""
        return {"num_vars": len(self), "names": list(self.names), "bounds": [[0.0, 1.0]] * len(self)}


def problem_of_table(names: Iterable[str] | None = None) -> Problem:
    """Factors with the table's ranges and distributions.

    Args:
        names: parameters and settings; every parameter that is not fixed where None.

    Raises:
        InputError: every name that is not ours, is given twice, or is a definition and has no range.
    """
    if names is None:
        return Problem(tuple(_factor_of_table(row.name) for row in PARAMETERS.values() if row.distribution != "fixed"), True)
    given = list(names)
    faults = [Fault("--parameters", "is given twice", "each name once", value=name) for name in dict.fromkeys(given) if given.count(name) > 1]
    for name in dict.fromkeys(given):
        if name not in OURS:
            faults.append(not_ours("--parameters", name))
        elif name in PARAMETERS and PARAMETERS[name].distribution == "fixed":
            faults.append(Fault("--parameters", "is a definition and is not varied", "give it a range in a file, with --problem", value=name))
    if not given:
        faults.append(Fault("--parameters", "names nothing", "names with commas between them; `wardmates parameters` lists them"))
    if faults:
        raise InputError(faults)
    return Problem(tuple(_factor_of_table(name) for name in given), True)


def pick(problem: Problem, names: Iterable[str]) -> Problem:
    """Factors of a problem by name; where it is the model's, also those that it does not name, as the table has them.

    Raises:
        InputError: every name that is neither here nor there, or is given twice.
    """
    known = {factor.name: factor for factor in problem.factors}
    given = list(names)
    rest = [name for name in given if name not in known]
    faults: list[Fault] = []
    if not problem.is_ours:
        faults = [Fault("--parameters", "the problem file has no such name", nearest(name, known, most=20), value=name) for name in rest]
        rest = []
    twice = [name for name in known if given.count(name) > 1]
    faults += [Fault("--parameters", "is given twice", "each name once", value=name) for name in twice]
    if rest or not given:
        try:
            known |= {factor.name: factor for factor in problem_of_table(rest).factors}
        except InputError as error:
            faults += error.faults
    if faults:
        raise InputError(faults)
    return Problem(tuple(known[name] for name in given), problem.is_ours)


def not_ours(where: str, name: str) -> Fault:
    """A name that is no parameter or setting of a scenario."""
    return Fault(where, "no parameter or setting is called so", " ".join(filter(None, [nearest(name, OURS), "`wardmates parameters` lists them"])),
                 value=name)  # fmt: skip


def setting_faults(name: str, level: str) -> list[Fault]:
    """Why a setting cannot take a level."""
    try:
        make_scenario(_WITH_OFFICERS, overrides={name: level})
    except InputError as error:
        return error.faults
    return []


def bounds_of(name: str) -> str:
    """What the model accepts of a parameter, in words."""
    row = PARAMETERS[name]
    return f"{'a whole number' if row.is_integer else 'a number'} from {row.minimum:g} to {row.maximum:g} ({row.unit})"


def require_ours(problem: Problem, where: str) -> None:
    """Refuse a problem that the model knows nothing of.

    Args:
        problem: what would be run.
        where: the file or option, for the faults.

    Raises:
        InputError: a fault for each name.
    """
    if not problem.is_ours:
        raise InputError([not_ours(where, name) for name in problem.names])


def _factor_of_table(name: str) -> Factor:
    if name in SETTINGS:
        return choice(name, SETTINGS[name])
    row = PARAMETERS[name]
    mode = row.default if row.distribution == "triangular" else None
    return Factor(name, row.low, row.high, row.distribution, mode, unit=row.unit, meaning=row.meaning)


def choice(name: str, levels: Iterable[str], unit: str = "", meaning: str = "") -> Factor:
    """A factor that takes each of some levels with the same probability."""
    levels = tuple(levels)
    return Factor(name, 0.0, len(levels) - 1.0, "choice", levels=levels, unit=unit, meaning=meaning)
