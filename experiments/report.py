"""The report: one HTML file that asks no other host for anything, and is the same for the same comparison byte by byte."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from experiments.figures import Picture, pictures
from experiments.in_short import answer, assumed, cost, glances
from experiments.notes import read_of, warnings_of
from experiments.page import template
from experiments.report_tables import Grid, cascade_grids, changed_rows, evidence_grid, missed_grid, year_end_grids
from experiments.shown import has_intervals
from experiments.tables import COSTS, SUMMARY, headline_sentences, summary_table
from simulation.evidence.parameters import EVIDENCE_MARKS, PARAMETERS
from simulation.evidence.sources import SOURCES
from simulation.record.outcomes import HEADLINE, OUTCOMES
from simulation.scenario.grouping import CAMPUS_POLICIES, POLICIES
from simulation.scenario.scenario import bundled
from simulation.scenario.support import ADD_ONS, OFFICERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from experiments.compare import Comparison
    from simulation.scenario.scenario import Scenario

MARK_TEXTS = {
    "measured": "a published figure, cited",
    "derived": "arithmetic on published figures",
    "recalled": "a known study whose text was not at hand: check before relying on it",
    "assumed": "no published figure; at most the mechanism has a source",
}
GROUP_OUTCOMES = ("reach_isolated", "reach_connected", "equity_gap", "equity_ratio", "reach_isolated_at_baseline")


def render(comparison: Comparison, command: str = "", found: Sequence[Picture] | None = None) -> str:
    """The report as HTML.

    Args:
        comparison: what was found.
        command: the command that repeats it, shown as given; it should name no place of this machine.
        found: the comparison's pictures, where they are drawn already.
    """
    designs, alike = _designs(comparison)
    descriptions = [_description(scenario) for scenario in comparison.scenarios]
    return template("report.html").render(
        names=comparison.names,
        title=f"Support compared: {', '.join(comparison.names[:4])}{' and others' if len(comparison.names) > 4 else ''}",
        answer=answer(comparison),
        cost=cost(comparison),
        assumed=assumed(),
        glances=glances(comparison, descriptions),
        designs=designs,
        alike=alike,
        students=sorted({s.parameters.students for s in comparison.scenarios}),
        replicates=comparison.replicates,
        has_school=comparison.school is not None,
        sentences=headline_sentences(comparison),
        warnings=warnings_of(comparison),
        read=read_of(comparison),
        has_intervals=has_intervals(comparison),
        outcomes={name: outcome.meaning for name, outcome in OUTCOMES.items()},
        headline=HEADLINE,
        costs=summary_table(comparison, COSTS),
        summary=summary_table(comparison, SUMMARY),
        groups=summary_table(comparison, GROUP_OUTCOMES),
        everything=summary_table(comparison, tuple(OUTCOMES)),
        pictures={picture.name: picture for picture in (pictures(comparison) if found is None else found)},
        cascade=cascade_grids(comparison),
        missed=missed_grid(comparison),
        year_ends=year_end_grids(comparison),
        marks=[(mark, _evidence()[mark], MARK_TEXTS[mark]) for mark in EVIDENCE_MARKS],
        evidence=evidence_grid(),
        n_parameters=len(PARAMETERS),
        changed=changed_rows(comparison),
        provenance=comparison.provenance,
        seed=comparison.seed,
        command=command,
        sources=sorted(SOURCES.values(), key=lambda source: source.citation),
        episode_weeks=sorted({f"{s.parameters.episode_weeks:g}" for s in comparison.scenarios}),
        friend_hours=f"{comparison.scenarios[0].parameters.friend_hours:g}",
    )


def _plain(meaning: str) -> str:
    """A meaning without the code by which the specification calls it: "the same groups throughout (P1)" loses "(P1)"."""
    return re.sub(r" \((?:[FP]\d|[AOSTB])\)", "", meaning)


def _description(scenario: Scenario) -> str:
    """What a scenario is, beyond its title; a user's own words stay as they were written."""
    description = _plain(scenario.description) if scenario.description in bundled().values() else scenario.description
    return description if description != scenario.title else ""


def _evidence() -> Counter[str]:
    return Counter(row.evidence for row in PARAMETERS.values())


def _listed(names: frozenset[str], texts: dict[str, str]) -> str:
    return "; ".join(_plain(texts[name]) for name in texts if name in names) or "none"


def _designs(comparison: Comparison) -> tuple[Grid, list[tuple[str, str]]]:
    """What the scenarios decide: a table of the settings that differ, and those that are alike in all."""

    def settings(scenario: Scenario) -> dict[str, str]:
        support, p = scenario.support, scenario.parameters
        campus, placement = CAMPUS_POLICIES[scenario.campus_policy], _plain(POLICIES[scenario.placement_policy].meaning)
        is_roster, is_timetable = scenario.campus_policy == "roster", scenario.placement_policy == "timetable"
        largest = 1 if scenario.placement_policy == "alone" else p.placement_group_size
        return {
            "course": f"{p.campus_years} years on campus, {p.clinical_years} on placement",
            "campus groups": campus if is_roster else f"{campus}, up to {p.small_group_size} students",
            "placement groups": placement if is_timetable or largest == 1 else f"{placement}, up to {largest} students",
            "placement blocks": "as in the timetable" if is_timetable else f"{p.block_weeks} weeks",
            "placement hours": "as in the timetable" if is_timetable else f"{p.placement_hours:g} a week",
            "training of all students": ", ".join(sorted(support.training)) or "none",
            "officers": "no officers" if support.officers == "none" else _plain(OFFICERS[support.officers]),
            "add-ons": _listed(support.add_ons, ADD_ONS),
        }

    each = [settings(scenario) for scenario in comparison.scenarios]
    differs = tuple((name, tuple(own[name] for own in each)) for name in each[0] if len({own[name] for own in each}) > 1)
    alike = [(name, value) for name, value in each[0].items() if name not in dict(differs)]
    return Grid(tuple(comparison.names), differs), alike
