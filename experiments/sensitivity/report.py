"""The report of an analysis: one HTML file that asks no other host for anything, and is the same for the same study byte by byte."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from experiments.figures import Picture
from experiments.page import template
from experiments.report_tables import Grid
from experiments.sensitivity import words
from experiments.sensitivity.looks import INDEX_TEXTS, unit_text
from experiments.sensitivity.result import Analysis, is_told
from experiments.sensitivity.study import Study
from experiments.tables import decimals, number, scale_of, signed
from simulation.evidence.parameters import PARAMETERS
from simulation.record.outcomes import OUTCOMES

COLUMNS = {"ST": ("ST", "S1", "ST_run", "S1_run"), "mu_star": ("mu_star", "mu", "sigma", "sigma_corrected"), "PRCC": ("PRCC", "SRC")}
"""Ranking index -> indices that a table shows; those that an analysis has not are left out."""


@dataclass(frozen=True)
class RankedRow:
    """A parameter in the table of all: its name and meaning, what it is known by, its indices with intervals, and whether it is told from zero."""

    name: str
    meaning: str
    evidence: str
    cells: tuple[tuple[str, str], ...]
    is_told: bool


def render(study: Study, found: Sequence[Picture], command: str = "", versions: dict[str, str] | None = None) -> str:
    """The report as HTML.

    Args:
        study: what was found.
        found: its pictures.
        command: the command that repeats it; it should name no place of this machine.
        versions: name of a library -> its version, of what ran the model; None where it was run elsewhere.
    """
    analysis, design = study.shown, study.design
    return template("sensitivity.html").render(
        analysis=analysis,
        outcome=study.outcome,
        meaning=OUTCOMES[study.outcome].meaning if study.better is not None or (design.problem.is_ours and study.outcome in OUTCOMES) else "",
        unit=unit_text(analysis),
        what=words.what_was_run(analysis),
        level=words.level_of(analysis),
        answer=[words.decides(analysis), words.chance(analysis)],
        settled=words.settled(analysis),
        not_told=words.not_told(analysis),
        notes=analysis.notes,
        next=words.next_steps(analysis, design),
        discovery=words.discovery_sentences(study.discovery, study.outcome) if study.discovery else [],
        leaves=_leaves(study),
        wins=words.wins_sentence(study.wins) if study.wins is not None else "",
        pictures={picture.name: picture for picture in found},
        columns=[INDEX_TEXTS[index] for index in shown_columns(analysis)],
        rows=ranked_rows(study),
        has_evidence=design.problem.is_ours,
        floor=words.value_floor(analysis),
        varied=_varied(study),
        design=design,
        scenarios=[name for name, _ in design.scenarios],
        command=command,
        versions=versions or {},
    )


def shown_columns(analysis: Analysis) -> list[str]:
    """The indices that a table of this analysis has."""
    return [index for index in COLUMNS[analysis.ranked_by] if analysis.of(index)]


def ranked_rows(study: Study) -> list[RankedRow]:
    """Every parameter, the most influential first."""
    analysis, columns = study.shown, shown_columns(study.analysis)
    factors = {factor.name: factor for factor in study.design.problem.factors}
    rows = []
    for name in analysis.ranked():
        own = analysis.get(analysis.ranked_by, name)
        known = PARAMETERS.get(name) if study.design.problem.is_ours else None
        cells = tuple(words.value_and_interval(analysis.get(index, name)) for index in columns)
        rows.append(RankedRow(name, factors[name].meaning, known.evidence if known else "", cells, own is not None and is_told(own, analysis.floor)))
    return rows


def _varied(study: Study) -> Grid:
    rows = []
    for factor in study.design.problem.factors:
        spans = ", ".join(factor.levels) if factor.levels else f"{factor.low:g} to {factor.high:g}"
        mode = f", mode {factor.mode:g}" if factor.mode is not None else ""
        rows.append((factor.name, (spans, factor.distribution + mode, factor.unit)))
    return Grid(("range", "distribution", "unit"), tuple(rows))


def _leaves(study: Study) -> Grid | None:
    """The tree's leaves as a table."""
    found = study.discovery
    if found is None or len(found.leaves) < 2:
        return None
    scale = scale_of(study.analysis.unit)

    def difference(mean: float, low: float, high: float) -> str:
        places = decimals(scale * mean, scale * (high - low) / 2)
        return f"{signed(scale * mean, places)} ({signed(scale * low, places)} to {signed(scale * high, places)})"

    rows = tuple((words.conditions_text(leaf).replace("`", ""),
                  (f"{leaf.n:,}", f"{number(100 * leaf.n_without / leaf.n, 0)} %" if leaf.n else "", difference(*leaf.difference) if leaf.n else ""))
                 for leaf in found.leaves)  # fmt: skip
    return Grid(("points", "of them no better", "mean difference"), rows)
