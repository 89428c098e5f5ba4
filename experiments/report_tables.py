"""The report's own tables, as texts for the page: parts add up to their sum, and of a school no count is told that is too small."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from experiments.figure_help import cascade_shares
from experiments.notes import overruled
from experiments.replicate import MISSED
from experiments.shown import is_told
from experiments.tables import NOTHING, number
from simulation.evidence.parameters import EVIDENCE_MARKS, PARAMETERS
from simulation.record.history import REASON_TEXTS
from simulation.record.networks import YEAR_END
from simulation.record.reach import CASCADE_GROUPS, CASCADE_STEPS

if TYPE_CHECKING:
    from experiments.compare import Comparison

_GROUP_TEXTS = {"isolated": "without a friend when distress began", "connected": "with a friend when distress began"}
_YEAR_END_COLUMNS = (
    ("friends_mean", "friends, mean", 1.0, 1), ("close_friends_mean", "close friends, mean", 1.0, 1),
    ("no_friend_share", "without a friend, %", 100.0, 1), ("prevalence", "in distress, %", 100.0, 1),
    ("transitivity", "friends of friends who are friends, %", 100.0, 0),
    ("jaccard", "friendships kept since last year-end, %", 100.0, 0),
)  # fmt: skip
_COUNTED = ("no_friend_share", "prevalence")
TOO_RARE = "other reasons, each too rare to be told of a school"


@dataclass(frozen=True)
class Grid:
    """A plain table of texts.

    Attributes:
        header: names of the columns after the first.
        rows: name of a row, and its texts.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


def _percent(value: float, places: int = 0) -> str:
    return number(value, places) if np.isfinite(value) else NOTHING


def cascade_grids(comparison: Comparison) -> list[tuple[str, Grid]]:
    """The numbers of the picture of the cascade: without a friend at onset, and with one."""
    shares = cascade_shares(comparison)

    def cell(s: int, g: int, k: int) -> str:
        value, low, high = shares[:, s, g, k]
        return _percent(value) + (f" ({_percent(low)} to {_percent(high)})" if np.isfinite(low) and high > low else "")

    grids = []
    for g, who in enumerate(_GROUP_TEXTS[group] for group in CASCADE_GROUPS):
        rows = tuple((name, tuple(cell(s, g, k) for k in range(1, len(CASCADE_STEPS)))) for s, name in enumerate(comparison.names))
        grids.append((who, Grid(CASCADE_STEPS[1:], rows)))
    return grids


def adding_up(values: NDArray[np.float64], places: int) -> NDArray[np.float64]:
    """Values rounded so that they add up to their rounded sum: those with the largest remainders are rounded up."""
    unit = 10.0**-places
    low = np.floor(values / unit + 1e-9)
    missing = round(float(values.sum()) / unit) - int(low.sum())
    order = np.argsort(-(values / unit - low), kind="stable")
    low[order[:missing]] += 1
    rounded: NDArray[np.float64] = np.round(low * unit, places)
    return rounded


def missed_counts_told(comparison: Comparison) -> tuple[list[str], NDArray[np.int64]]:
    """Reasons, and unreached episodes of shape (scenarios, reasons); of a school those too rare in some scenario are one, so that all add up."""
    counts = comparison.reasons
    order = list(np.argsort(counts.min(axis=0), kind="stable"))
    pooled: list[int] = []
    if comparison.school is not None:
        while order and not is_told(comparison, counts[:, order[0]]).all():
            pooled.append(order.pop(0))
        while order and pooled and not is_told(comparison, counts[:, pooled].sum(axis=1)).all():  # alone they would be told by what is left over
            pooled.append(order.pop(0))
    kept = [k for k in range(len(MISSED)) if k not in pooled]
    texts = [REASON_TEXTS[MISSED[k]] for k in kept]
    if not pooled:
        return texts, counts[:, kept]
    return [*texts, TOO_RARE], np.concatenate([counts[:, kept], counts[:, pooled].sum(axis=1, keepdims=True)], axis=1)


def missed_grid(comparison: Comparison) -> Grid:
    """Unreached episodes by reason, per 100 episodes, and their sum: the parts as shown add up to it."""
    episodes = np.maximum(comparison.cascade[..., 0].sum(axis=(1, 2)), 1)
    texts, counts = missed_counts_told(comparison)
    rates = np.stack([adding_up(own, 1) for own in 100 * counts / episodes[:, None]])
    rows = [(text, tuple(number(rate, 1) for rate in rates[:, k])) for k, text in enumerate(texts)]
    return Grid(tuple(comparison.names), (*rows, ("all unreached", tuple(number(rate, 1) for rate in rates.sum(axis=1)))))


def year_end_grids(comparison: Comparison) -> list[tuple[str, Grid]]:
    """A table a scenario: the year-ends, averaged over the simulated cohorts."""
    grids = []
    for s, (scenario, table) in enumerate(zip(comparison.names, year_ends_told(comparison), strict=True)):
        column = dict(zip(YEAR_END, table.T, strict=True))
        years = tuple(f"year {year:.0f}" for year in comparison.year_ends[s][:, 0])
        rows = tuple((title, tuple(_percent(scale * value, places) for value in column[name])) for name, title, scale, places in _YEAR_END_COLUMNS)
        grids.append((scenario, Grid(years, rows)))
    return grids


def year_ends_told(comparison: Comparison) -> list[NDArray[np.float64]]:
    """The year-ends, of a school without shares of too few students."""
    told = []
    for scenario, table in zip(comparison.scenarios, comparison.year_ends, strict=True):
        own = table.copy()
        for name in _COUNTED:
            k = YEAR_END.index(name)
            own[~is_told(comparison, np.round(table[:, k] * scenario.parameters.students * comparison.replicates)), k] = np.nan
        told.append(own)
    return told


def evidence_grid() -> Grid:
    """Numbers of the model by the part that reads them and by how they are known, and their sums."""
    counted = Counter((row.room, row.evidence) for row in PARAMETERS.values())
    rooms = list(dict.fromkeys(row.room for row in PARAMETERS.values()))
    marks = [*EVIDENCE_MARKS, "all"]

    def texts(of: Iterable[str]) -> tuple[str, ...]:
        counts = [sum(counted[room, mark] for room in of_rooms) for of_rooms in [list(of)] for mark in EVIDENCE_MARKS]
        return tuple(str(count) if count else NOTHING for count in [*counts, sum(counts)])

    return Grid(tuple(marks), (*((room, texts([room])) for room in rooms), ("all", texts(rooms))))


def changed_rows(comparison: Comparison) -> list[dict[str, Any]]:
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
