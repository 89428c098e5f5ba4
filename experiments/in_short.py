"""The first screen of the report: the answer in sentences that need no statistics, and what each scenario does and takes at a glance."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from experiments.shown import has_intervals, is_the_same, shown_rows, tally, tally_said
from experiments.tables import Cell, cells_of, is_told_apart, number
from simulation.evidence.parameters import PARAMETERS
from simulation.record.outcomes import HEADLINE

if TYPE_CHECKING:
    from experiments.compare import Comparison

_WHAT = "distressed for weeks, mostly without a friend in the cohort, and reached by nobody"


@dataclass(frozen=True)
class Glance:
    """One scenario at a glance.

    Attributes:
        name, title, description: what it is called, and what it is.
        unreached: the headline, and its difference to the baseline.
        cohorts: how often the headline is lower, equal and higher than the baseline's, in words; empty for the baseline.
        hours: officer-hours a student over the course.
        officers: load on officers at its heaviest; a dash where there are none.
        everybody: load on all students at its heaviest.
    """

    name: str
    title: str
    description: str
    unreached: Cell
    cohorts: str
    hours: str
    officers: str
    everybody: str


def glances(comparison: Comparison, descriptions: list[str]) -> list[Glance]:
    """The scenarios at a glance, baseline first."""
    unreached, hours, officers, everybody = (cells_of(shown_rows(comparison, name))
                                             for name in (HEADLINE, "officer_hours", "officer_burden_p95", "burden_p95"))  # fmt: skip
    found = []
    for s, scenario in enumerate(comparison.scenarios):
        often = tally_said(*tally(comparison, s), is_more_first=False) if s else ""
        spent = "none" if hours[s].value.strip("0.") == "" else hours[s].value
        found.append(Glance(scenario.name, scenario.title, descriptions[s], unreached[s], often, spent, officers[s].value, everybody[s].value))
    return found


def best(comparison: Comparison) -> int | None:
    """The scenario with the lowest headline of those told apart from the baseline as lower; None where there is none."""
    rows = shown_rows(comparison, HEADLINE)
    lower = [s for s, row in enumerate(rows) if s and is_told_apart(row) and row["difference"] < 0]
    return min(lower, key=lambda s: rows[s]["mean"], default=None)


def about(*values: float) -> list[str]:
    """Means as one says them: whole where that keeps them apart, else with as many decimals as it takes, three at most."""
    if len(values) == 1:
        places = 0 if values[0] >= 0.95 or not values[0] else 1 if values[0] >= 0.05 else 2
        return [number(values[0], places)]
    places = 0
    while places < 3 and abs(values[0] - values[1]) < 0.9 * 10.0**-places:
        places += 1
    return [number(value, places) for value in values]


def called(comparison: Comparison, s: int) -> str:
    """A scenario as one says it: its title, or its name where titles are missing or alike."""
    titles = Counter(scenario.title for scenario in comparison.scenarios)
    scenario = comparison.scenarios[s]
    said = scenario.title if scenario.title and titles[scenario.title] == 1 else scenario.name
    return f"\N{LEFT DOUBLE QUOTATION MARK}{said}\N{RIGHT DOUBLE QUOTATION MARK}"


def answer(comparison: Comparison) -> list[str]:
    """The headline as a dean would read it: how many, by how many fewer, and how sure that is. One to three sentences."""
    rows = shown_rows(comparison, HEADLINE)
    base = rows[0]["mean"]
    if base is None:
        return ["There were no students to count."]
    found = best(comparison)
    if found is None:
        return [f"Out of 100 students, {_about(about(base)[0])} would at some time be {_WHAT}, under {called(comparison, 0)}.",
                *_none_lower(comparison, rows)]  # fmt: skip
    here, there = about(base, rows[found]["mean"])
    sentences = [f"Out of 100 students, {_about(here)} would at some time be {_WHAT}, under {called(comparison, 0)}; "
                 f"under {called(comparison, found)} {_about(there)}."]  # fmt: skip
    low, high = sorted((abs(rows[found]["difference_low"]), abs(rows[found]["difference_high"])))
    places = max(1, len(there.partition(".")[2]))
    fewer, same, more = (count or "none" for count in tally(comparison, found))
    return [*sentences, f"In {fewer} of {comparison.replicates} simulated cohorts fewer, in {more} more, in {same} the same number; the average "
            f"difference lies between {number(low, places)} and {number(high, places)} of 100 students (95 % interval)."]  # fmt: skip


def _about(value: str) -> str:
    return "none" if value == "0" else f"about {value}"


def _none_lower(comparison: Comparison, rows: list[dict[str, Any]]) -> list[str]:
    """Why no other scenario is named in the answer."""
    others = range(1, len(rows))
    if not others:
        return []
    if not has_intervals(comparison):
        cohorts = "One simulated cohort is" if comparison.replicates == 1 else f"{comparison.replicates} simulated cohorts are"
        return [f"{cohorts} too few to tell the scenarios apart."]
    if all(is_the_same(rows[s]) for s in others):
        return ["Under every other scenario it is the same in every cohort."]
    higher = [s for s in others if is_told_apart(rows[s])]
    if len(higher) == len(others):
        return [f"{'The other scenario leaves' if len(others) == 1 else 'Every other scenario leaves'} more."]
    return [f"No other scenario is known to leave fewer{f'; {len(higher)} of {len(others)} leave more' if higher else ''}."]


def cost(comparison: Comparison) -> str:
    """What the scenario that the answer names asks of people; where it names none, what the costliest does."""
    hours, officers, load = (shown_rows(comparison, name) for name in ("officer_hours", "officer_burden_p95", "burden_p95"))
    found = best(comparison)
    if found is None:
        found = max(range(len(hours)), key=lambda s: hours[s]["mean"] or 0.0)
    spent, students = hours[found]["mean"], comparison.scenarios[found].parameters.students
    weight = officers[found]["mean"]
    before, after = (number(load[s]["mean"] or 0.0, 2) for s in (0, found))
    general = f"{after} on students in general" + (f" (instead of {before})" if found else "")
    weighs = (f"At its heaviest helping weighs {general}" + ("" if weight is None else f" and {number(weight, 2)} on officers") +
              "; one support just given weighs 1")  # fmt: skip
    if not spent:
        whose = called(comparison, found) + " takes" if len(hours) > 1 and found else "It takes"
        return f"{whose} no officer-hours. {weighs}."
    total = number(round(spent * students, -2 if spent * students >= 1000 else 0), 0)
    return (f"{called(comparison, found)} takes {number(spent, 0 if spent >= 3 else 1)} officer-hours a student over the course "
            f"(some {total} hours for {students} students). {weighs}.")  # fmt: skip


def assumed() -> str:
    """How much of the model is known, in one sentence."""
    marks = Counter(row.evidence for row in PARAMETERS.values())
    return (f"Of the model's {len(PARAMETERS)} numbers {marks['measured']} are measured, {marks['derived']} derived from published figures, "
            f"{marks['recalled']} recalled and {marks['assumed']} assumed. So this is what follows if they hold, in synthetic cohorts; "
            "it is no forecast for a school, and says nothing about a person.")  # fmt: skip
