"""Scenarios drawn by hypothesis: any policy and design, and every row of the table at one of its ends; tiny cohorts and short courses."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from simulation.evidence.parameters import PARAMETERS, Parameter
from simulation.scenario.grouping import CAMPUS_POLICIES, POLICIES
from simulation.scenario.scenario import Scenario, make_scenario
from simulation.scenario.support import ADD_ONS, OFFICERS, TRAINING

SEEDS = st.integers(0, 2**64 - 1)
STRENGTHS = ("acquaintance_strength", "friend_strength", "close_strength")
# What decides how long a run takes; drawn apart, so that none takes long.
SIZES: dict[str, st.SearchStrategy[Any]] = {
    "students": st.integers(2, 20), "steps_per_week": st.sampled_from([1, 1, 1, 2, 3]), "campus_years": st.sampled_from([0, 1, 1]),
    "clinical_years": st.sampled_from([1, 1, 0]),
}  # fmt: skip


def ends(row: Parameter) -> list[float]:
    """The ends of the range that is studied and of the range that is accepted."""
    return sorted({row.low, row.high, row.minimum, row.maximum})


DESIGNS = st.fixed_dictionaries({
    "grouping": st.fixed_dictionaries({"placement": st.sampled_from([name for name in POLICIES if name != "timetable"]),
                                       "campus": st.sampled_from([name for name in CAMPUS_POLICIES if name != "roster"])}),
    "support": st.sampled_from(list(OFFICERS)).flatmap(lambda officers: st.fixed_dictionaries({
        "officers": st.just(officers), "training": st.sets(st.sampled_from(list(TRAINING))).map(sorted),
        "add_ons": st.just([]) if officers == "none" else st.sets(st.sampled_from(list(ADD_ONS))).map(sorted)})),
})  # fmt: skip
"""How students are grouped and supported, as in a scenario's file."""


@st.composite
def corners(draw: st.DrawFn, **fixed: float) -> Scenario:
    """A corner of the table: every parameter at an end, but for those that are fixed; strengths in their order, at least a year."""
    rows = [row for row in PARAMETERS.values() if row.name not in SIZES]
    values = {row.name: draw(st.sampled_from(ends(row))) for row in rows} | {name: draw(size) for name, size in SIZES.items()}
    values |= dict(zip(STRENGTHS, sorted(values[name] for name in STRENGTHS), strict=True)) | fixed
    if not values["campus_years"] + values["clinical_years"]:
        values["campus_years"] = 1
    return make_scenario({**draw(DESIGNS), "parameters": values})


@st.composite
def designs(draw: st.DrawFn, **values: float) -> Scenario:
    """Any grouping and support, with the table's defaults but for the values given."""
    return make_scenario({**draw(DESIGNS), "parameters": values})
