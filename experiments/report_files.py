"""What stands beside the report: every picture as SVG and PNG, every table as CSV with all its digits."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.estimates import COHORT_QUANTILES
from experiments.figure_help import cascade_shares
from experiments.figures import PICTURES, Picture
from experiments.notes import overruled
from experiments.replicate import SERIES
from experiments.report_tables import evidence_grid, missed_counts_told, year_ends_told
from experiments.shown import has_intervals, is_told, shown_rows, tally
from experiments.tables import NOTHING
from simulation.evidence.parameters import PARAMETERS
from simulation.evidence.sources import SOURCES
from simulation.record.networks import YEAR_END
from simulation.record.outcomes import HEADLINE
from simulation.record.reach import CASCADE_GROUPS, CASCADE_STEPS
from simulation.streams import replicate_seed

if TYPE_CHECKING:
    from experiments.compare import Comparison

FIGURES_FOLDER, TABLES_FOLDER = "figures", "tables"
_SPREAD = (0.05, 0.25, 0.5, 0.75, 0.95)


def files_beside(comparison: Comparison, found: list[Picture]) -> dict[str, Callable[[Path], object]]:
    """What writes each file that stands beside the report, by its place in the report's folder.

    Args:
        comparison: what was found.
        found: its pictures.
    """
    files: dict[str, Callable[[Path], object]] = {}
    for picture in found:
        files[f"{FIGURES_FOLDER}/{picture.name}.svg"] = partial(_write_text, picture.svg)
        files[f"{FIGURES_FOLDER}/{picture.name}.png"] = partial(_write_picture, picture)
    for name, rows in TABLES.items():
        files[f"{TABLES_FOLDER}/{name}.csv"] = partial(_write_table, rows, comparison)
    return files


def every_file() -> set[str]:
    """The place of every file that there may be beside a report; what an earlier comparison left and this one has not is taken away."""
    return {f"{FIGURES_FOLDER}/{name}.{kind}" for name in PICTURES for kind in ("svg", "png")} | {f"{TABLES_FOLDER}/{name}.csv" for name in TABLES}


def _write_text(text: str, path: Path) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _write_picture(picture: Picture, path: Path) -> None:
    path.write_bytes(picture.png())


def _write_table(rows: Rows, comparison: Comparison, path: Path) -> None:
    _write_text(table_csv(rows, comparison), path)


def table_csv(rows: Rows, comparison: Comparison) -> str:
    """A table as CSV; a blank is nothing to tell."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerows([_plain(value) for value in row] for row in rows(comparison))
    return text.getvalue()


def _plain(value: Any) -> Any:
    if isinstance(value, float | np.floating):
        return float(value) if np.isfinite(value) else None
    return value


Rows = Callable[["Comparison"], Iterable[Iterable[Any]]]
"""The rows of a table, its header first."""


def _glance(comparison: Comparison) -> Iterable[Iterable[Any]]:
    yield ("scenario", "title", "unreached_of_100", "low", "high", "difference", "difference_low", "difference_high", "cohorts_fewer",
           "cohorts_same", "cohorts_more", "officer_hours", "officer_burden_p95", "burden_p95")  # fmt: skip
    rows, hours, officers, load = (shown_rows(comparison, name) for name in (HEADLINE, "officer_hours", "officer_burden_p95", "burden_p95"))
    for s, scenario in enumerate(comparison.scenarios):
        row = rows[s]
        yield [scenario.name, scenario.title, row["mean"], row["low"], row["high"], row["difference"], row["difference_low"], row["difference_high"],
               *(tally(comparison, s) if s else (None, None, None)), hours[s]["mean"], officers[s]["mean"], load[s]["mean"]]  # fmt: skip


def _cascade(comparison: Comparison) -> Iterable[Iterable[Any]]:
    yield "scenario", "at_onset", "step", "percent", "low", "high"
    shares = cascade_shares(comparison)
    for s, name in enumerate(comparison.names):
        for g, group in enumerate(CASCADE_GROUPS):
            for k, step in enumerate(CASCADE_STEPS):
                yield [name, group, step, *shares[:, s, g, k]]


def _missed(comparison: Comparison) -> Iterable[Iterable[Any]]:
    yield "scenario", "reason", "episodes", "per_100_episodes"
    episodes = np.maximum(comparison.cascade[..., 0].sum(axis=(1, 2)), 1)
    texts, counts = missed_counts_told(comparison)
    for s, name in enumerate(comparison.names):
        for text, count in [*zip(texts, counts[s], strict=True), ("all unreached", counts[s].sum())]:
            yield [name, text, int(count), 100 * count / episodes[s]]


def _year_ends(comparison: Comparison) -> Iterable[Iterable[Any]]:
    yield "scenario", *YEAR_END
    for name, table in zip(comparison.names, year_ends_told(comparison), strict=True):
        for row in table:
            yield [name, int(row[0]), *row[1:]]


def _weeks(comparison: Comparison) -> Iterable[Iterable[Any]]:
    """Means over cohorts by week, and where 9 in 10 cohorts lie; of a school neither where they speak of too few students."""
    yield "scenario", "week", "series", "mean", "cohort_low", "cohort_high"
    at = SERIES.index("present")
    for name, weekly in zip(comparison.names, comparison.weekly, strict=True):
        present = weekly[:, at]
        for k, series in enumerate(SERIES):
            if k == at:
                continue
            own = weekly[:, k]
            mean = (own * present).sum(axis=0) / np.maximum(present.sum(axis=0), 1)
            low, high = np.quantile(own, COHORT_QUANTILES, axis=0) if has_intervals(comparison) else np.full((2, own.shape[1]), np.nan)
            if series != "friends_mean":
                mean = np.where(is_told(comparison, np.round(mean * present.sum(axis=0))), mean, np.nan)
                low, high = (np.where(is_told(comparison, np.round(level * present.min(axis=0))), level, np.nan) for level in (low, high))
            for week in range(own.shape[1]):
                yield [name, week + 1, series, mean[week], low[week], high[week]]


def _cohorts(comparison: Comparison) -> Iterable[Iterable[Any]]:
    """The headline of each single cohort; of a school only how it is spread."""
    if comparison.school is None:
        yield "scenario", "seed", "unreached_of_100"
        for name, own in zip(comparison.names, comparison.headline, strict=True):
            for r, value in enumerate(own):
                yield [name, replicate_seed(comparison.seed, r), value]
        return
    yield "scenario", *(f"quantile_{100 * level:.0f}" for level in _SPREAD)
    for name, own in zip(comparison.names, comparison.headline, strict=True):
        yield [name, *(np.quantile(own, _SPREAD) if has_intervals(comparison) else [None] * len(_SPREAD))]


def _evidence(_comparison: Comparison) -> Iterable[Iterable[Any]]:
    grid = evidence_grid()
    yield "part", *grid.header
    for name, texts in grid.rows:
        yield [name, *(0 if text == NOTHING else int(text) for text in texts)]


def _parameters(comparison: Comparison) -> Iterable[Iterable[Any]]:
    """Every number of the model: its value in the table and in each scenario, or whose value holds instead."""
    yield "parameter", "unit", "default", *comparison.names, "low", "high", "evidence", "source", "meaning"
    for name, row in PARAMETERS.items():
        whose = ["" if name == "students" else overruled(scenario).get(name, "") for scenario in comparison.scenarios]
        own = [other or getattr(scenario.parameters, name) for other, scenario in zip(whose, comparison.scenarios, strict=True)]
        yield [name, row.unit, row.default, *own, row.low, row.high, row.evidence, row.source, row.meaning]


def _sources(_comparison: Comparison) -> Iterable[Iterable[Any]]:
    yield "source", "citation", "locator", "text_at_hand"
    for one in SOURCES.values():
        yield [one.key, one.citation, one.locator, "yes" if one.checked else "no"]


TABLES: dict[str, Rows] = {
    "glance": _glance, "cascade": _cascade, "missed": _missed, "year-ends": _year_ends, "weeks": _weeks, "cohorts": _cohorts, "evidence": _evidence,
    "parameters": _parameters, "sources": _sources,
}  # fmt: skip
"""Every table as a file; the outcomes are in rows.csv, who is gained and lost in counterfactual.csv."""
