"""A point of a design as what is run there: its scenario, its world, and whether the model takes it at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from experiments.sweep.design import Design
from experiments.sweep.problem import OURS, SETTINGS
from simulation.evidence.parameters import PARAMETERS
from simulation.faults import Fault, InputError, nearest
from simulation.scenario.input_tables import and_more
from simulation.scenario.scenario import Scenario, load_scenario, make_scenario
from simulation.scenario.school import School
from simulation.streams import replicate_seed

TOGETHER = ("campus_years", "clinical_years", "acquaintance_strength", "friend_strength", "close_strength", *SETTINGS)
"""What the model checks against one another; every other value is right or wrong by itself."""


def contents_of(names: Sequence[str]) -> tuple[tuple[str, dict[str, Any]], ...]:
    """What scenarios say, as a scenario file would, so that a design needs no other file.

    Args:
        names: bundled names or TOML files.

    Raises:
        InputError: every fault of them.
    """
    faults: list[Fault] = []
    contents: list[tuple[str, dict[str, Any]]] = []
    for name in names:
        try:
            scenario = load_scenario(name)
        except InputError as error:
            faults += error.faults
            continue
        if scenario.name in dict(contents):
            faults.append(Fault("scenarios", "two scenarios have this name", "names that differ", value=scenario.name))
        contents.append((scenario.name, _content(scenario)))
    if faults:
        raise InputError(faults)
    return tuple(contents)


def _content(scenario: Scenario) -> dict[str, Any]:
    """A scenario file's content that means the same."""
    support = scenario.support
    return {
        "title": scenario.title, "description": scenario.description, "programme": scenario.programme,
        "grouping": {"campus": scenario.campus, "placement": scenario.placement},
        "support": {"training": sorted(support.training), "officers": support.officers, "add_ons": sorted(support.add_ons)},
        "parameters": {name: getattr(scenario.parameters, name) for name in scenario.changed},
    }  # fmt: skip


def scenario_at(design: Design, point: int, name: str, school: School | None = None) -> Scenario:
    """The scenario that is run at a point: the point's values win over the scenario's own and over the design's overrides.

    Args:
        design: the design, of a problem that is the model's.
        point: 0 <= point < design.n_points.
        name: a scenario of the design.
        school: a school's files.

    Raises:
        InputError: the model refuses the point.
        KeyError: the design has no such scenario.
        IndexError: it has no such point.
    """
    overrides = {**design.overrides, **design.at(point)}
    return make_scenario(design.contents[name], label=name, where=f"{name} at point {point}", overrides=overrides, school=school)


def seed_of(design: Design, point: int, replicate: int) -> int:
    """The world of a run. More replicates, or points added at the end, never move those before.

    Crossed: a replicate is the same world at every point. Independent: every point and replicate has a world of its own. The scenarios of one point
    and replicate always share theirs: that is what makes them a pair.
    """
    world = replicate_seed(design.seed, replicate)
    return world if design.seeds == "crossed" else replicate_seed(world, point)


def faults_of(design: Design) -> list[Fault]:
    """Points that the model refuses, and why: one fault a reason, which names its points, so that nothing runs for hours and fails then.

    Values that are right or wrong by themselves are looked at as whole columns; a scenario is only made for points that differ in what the model
    checks together (TOGETHER), and for those that a column already blames.
    """
    found: dict[tuple[str, str], dict[int, Fault]] = {}
    scenarios: dict[tuple[str, str], set[str]] = {}
    for alike in _alike(design):
        for name in design.contents:
            try:
                scenario_at(design, alike[0], name)
            except InputError as error:
                for fault in error.faults:
                    reason = fault.what, fault.allowed
                    scenarios.setdefault(reason, set()).add(name)
                    for point in alike:
                        found.setdefault(reason, {}).setdefault(point, fault)
    faults = []
    for (what, allowed), blamed in found.items():
        points = sorted(blamed)
        of = scenarios[what, allowed]
        where = "points" if len(of) == len(design.contents) else f"points, with {', '.join(name for name in design.contents if name in of)}"
        faults.append(Fault(where, f"{what}: {_named(points)}{_first(design, points[0])}", allowed, value=blamed[points[0]].value))
    return faults


def notes_of(design: Design) -> list[str]:
    """What is no fault and may still not be meant, a sentence each."""
    if not design.problem.is_ours:
        return [f"The model has no {name}: {hint}" for name in design.problem.names if (hint := nearest(name, OURS, most=0))]
    usual = _content(make_scenario({}))
    notes = []
    for name, content in design.scenarios:
        settings = {key: value for section in (content, content["grouping"], content["support"]) for key, value in section.items()}
        default = {key: value for section in (usual, usual["grouping"], usual["support"]) for key, value in section.items()}
        own = [key for key in SETTINGS if settings[key] != default[key]] + list(content["parameters"])
        varied = [key for key in own if key in design.problem.names]
        if varied:
            notes.append(f"Scenario {name} sets {' and '.join(varied)}; the points' values take its place.")
    return notes


def _alike(design: Design) -> list[list[int]]:
    """Points in sets of which the first speaks for all."""
    names = _together(design)
    alike: dict[Any, list[int]] = {}
    is_out = np.zeros(design.n_points, dtype=bool)
    for name in design.problem.names:
        if name in PARAMETERS and name not in names:
            values, row = design.points[name].to_numpy(), PARAMETERS[name]
            is_out |= ~((values >= row.minimum) & (values <= row.maximum)) | (row.is_integer & (values != np.floor(values)))
    keys = zip(*(design.points[name].tolist() for name in names), strict=True) if names else ((),) * design.n_points
    for point, (key, out) in enumerate(zip(keys, is_out.tolist(), strict=True)):
        alike.setdefault((key, point) if out else key, []).append(point)
    return list(alike.values())


def _together(design: Design) -> list[str]:
    return [factor.name for factor in design.problem.factors if factor.name in TOGETHER or factor.distribution == "choice"]


def _first(design: Design, point: int) -> str:
    """What of a point may be at fault, as words."""
    values = design.at(point)
    told = ", ".join(f"{name} = {values[name]}" for name in _together(design))
    return f" (point {point}: {told})" if told else ""


def _named(points: list[int]) -> str:
    """Points as words."""
    return and_more(points).replace("row", "point", 1)
