"""The report: one HTML file that asks no other host for anything, and is the same for the same comparison byte by byte."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from experiments.figures import cascade_shares, pictures
from experiments.notes import overruled, read_of, warnings_of
from experiments.replicate import MISSED
from experiments.shown import has_intervals
from experiments.tables import COSTS, NOTHING, SUMMARY, headline_sentences, number, summary_table
from simulation.evidence.parameters import EVIDENCE_MARKS, PARAMETERS
from simulation.evidence.sources import SOURCES
from simulation.record.history import REASON_TEXTS
from simulation.record.networks import YEAR_END
from simulation.record.outcomes import HEADLINE, OUTCOMES
from simulation.record.reach import CASCADE_STEPS
from simulation.scenario.grouping import CAMPUS_POLICIES, POLICIES
from simulation.scenario.scenario import bundled
from simulation.scenario.support import ADD_ONS, OFFICERS

if TYPE_CHECKING:
    from experiments.compare import Comparison
    from simulation.scenario.scenario import Scenario

MARK_TEXTS = {
    "measured": "a published figure, cited",
    "derived": "arithmetic on published figures",
    "recalled": "a known study whose text was not at hand: check before relying on it",
    "assumed": "no published figure; at most the mechanism has a source",
}
_YEAR_END_COLUMNS = (
    ("friends_mean", "friends, mean", 1.0, 1), ("close_friends_mean", "close friends, mean", 1.0, 1),
    ("no_friend_share", "without a friend, %", 100.0, 1), ("prevalence", "in distress, %", 100.0, 1),
    ("transitivity", "friends of friends who are friends, %", 100.0, 0),
    ("jaccard", "friendships kept since last year-end, %", 100.0, 0),
)  # fmt: skip


@dataclass(frozen=True)
class Grid:
    """A plain table of texts.

    Attributes:
        header: names of the columns after the first.
        rows: name of a row, and its texts.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


@cache
def template() -> Template:
    """The report's template, which is compiled when it is first asked for."""
    environment = Environment(loader=PackageLoader("experiments"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["set"] = _set
    environment.filters["svg"] = Markup
    return environment.get_template("report.html")


def render(comparison: Comparison, command: str = "") -> str:
    """The report as HTML.

    Args:
        comparison: what was found.
        command: the command that repeats it, shown as given; it should name no place of this machine.
    """
    designs, alike = _designs(comparison)
    return template().render(
        names=comparison.names,
        title=f"Support compared: {', '.join(comparison.names[:4])}{' and others' if len(comparison.names) > 4 else ''}",
        descriptions=[_description(scenario) for scenario in comparison.scenarios],
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
        everything=summary_table(comparison, tuple(OUTCOMES)),
        pictures={picture.name: picture for picture in pictures(comparison)},
        cascade=_cascade_grids(comparison),
        missed=_missed_grid(comparison),
        year_ends=_year_end_grids(comparison),
        marks=[(mark, _evidence()[mark], MARK_TEXTS[mark]) for mark in EVIDENCE_MARKS],
        n_parameters=len(PARAMETERS),
        changed=_changed(comparison),
        provenance=comparison.provenance,
        seed=comparison.seed,
        command=command,
        sources=sorted(SOURCES.values(), key=lambda source: source.citation),
        episode_weeks=sorted({f"{s.parameters.episode_weeks:g}" for s in comparison.scenarios}),
        friend_hours=f"{comparison.scenarios[0].parameters.friend_hours:g}",
    )


def _set(text: str) -> Markup:
    """Escaped text in which what stands between backticks is set as code, and no line ends between a number and its per cent sign."""
    marked = re.sub(r"`([^`]*)`", r"<code>\1</code>", str(escape(text)))
    return Markup(re.sub(r"(\d) %", "\\1\N{NO-BREAK SPACE}%", marked))


def _plain(meaning: str) -> str:
    """A meaning without the code by which the specification calls it: "the same groups throughout (P1)" loses "(P1)"."""
    return re.sub(r" \((?:[FP]\d|[AOSTB])\)", "", meaning)


def _description(scenario: Scenario) -> tuple[str, str]:
    """Name of a scenario and what it is; a user's own words stay as they were written."""
    description = _plain(scenario.description) if scenario.description in bundled().values() else scenario.description
    return scenario.name, scenario.title + (f". {description}" if description and description != scenario.title else "")


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


def _percent(value: float, places: int = 0) -> str:
    return number(value, places) if np.isfinite(value) else NOTHING


def _cascade_grids(comparison: Comparison) -> list[tuple[str, Grid]]:
    """The numbers of the picture of the cascade: without a friend at onset, and with one."""
    shares = cascade_shares(comparison)

    def cell(s: int, g: int, k: int) -> str:
        value, low, high = shares[:, s, g, k]
        return _percent(value) + (f" ({_percent(low)} to {_percent(high)})" if np.isfinite(low) and high > low else "")

    grids = []
    for g, who in enumerate(("without a friend when distress began", "with a friend when distress began")):
        rows = tuple((name, tuple(cell(s, g, k) for k in range(1, len(CASCADE_STEPS)))) for s, name in enumerate(comparison.names))
        grids.append((who, Grid(CASCADE_STEPS[1:], rows)))
    return grids


def _missed_grid(comparison: Comparison) -> Grid:
    """Unreached episodes by reason, per 100 episodes, and their sum."""
    episodes = np.maximum(comparison.cascade[..., 0].sum(axis=(1, 2)), 1)
    rates = 100 * comparison.reasons / episodes[:, None]
    rows = [(REASON_TEXTS[reason], tuple(number(rate, 1) for rate in rates[:, k])) for k, reason in enumerate(MISSED)]
    return Grid(tuple(comparison.names), (*rows, ("all unreached", tuple(number(rate, 1) for rate in rates.sum(axis=1)))))


def _year_end_grids(comparison: Comparison) -> list[tuple[str, Grid]]:
    """A table a scenario: the year-ends, averaged over the simulated cohorts."""
    grids = []
    for scenario, table in zip(comparison.names, comparison.year_ends, strict=True):
        column = dict(zip(YEAR_END, table.T, strict=True))
        years = tuple(f"year {year:.0f}" for year in column["year"])
        rows = tuple((title, tuple(_percent(scale * value, places) for value in column[name])) for name, title, scale, places in _YEAR_END_COLUMNS)
        grids.append((scenario, Grid(years, rows)))
    return grids


def _changed(comparison: Comparison) -> list[dict[str, Any]]:
    """Parameters that some scenario sets to another value than the table's; where a school's files decide, whose value it is."""
    rows = []
    for name, parameter in PARAMETERS.items():
        values = [getattr(scenario.parameters, name) for scenario in comparison.scenarios]
        whose = ["" if name == "students" else overruled(scenario).get(name, "") for scenario in comparison.scenarios]
        if any(value != parameter.default and not own for value, own in zip(values, whose, strict=True)):
            shown = [own or f"{value:g}" for value, own in zip(values, whose, strict=True)]
            rows.append({"name": name, "unit": parameter.unit, "default": f"{parameter.default:g}", "values": shown,
                         "evidence": parameter.evidence, "meaning": parameter.meaning})  # fmt: skip
    return rows
