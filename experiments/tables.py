"""What was found, in words and in tables: sensible digits, units, and which differences are told from none."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from experiments.shown import has_intervals, is_the_same, shown_rows, tally, tally_said
from simulation.record.outcomes import HEADLINE, OUTCOMES

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from experiments.compare import Comparison

SUMMARY = (HEADLINE, "reach", "reach_isolated", "reach_isolated_at_baseline", "reach_connected", "noticed_share", "treated_share", "prevalence",
           "severe_year_share", "isolated_week_share", "friends_mean", "burden_p95", "officer_burden_p95", "officer_hours",
           "false_outreach_share")  # fmt: skip
COSTS = ("officer_hours", "burden_mean", "burden_p95", "officer_burden_p95", "helper_onset_share", "offers_gini", "false_outreach_share",
         "relocations", "cross_group_ties_lost")  # fmt: skip

NOTHING = "\N{EN DASH}"
MINUS = "\N{MINUS SIGN}"
MOST_DECIMALS = 4
ALIKE = "the same in every cohort"


@dataclass(frozen=True)
class Cell:
    """One outcome of one scenario, as texts; empty where there is nothing to say.

    Attributes:
        value: the mean.
        interval: its 95 % interval.
        difference: mean less the baseline's, with its sign.
        difference_interval: its 95 % interval.
        mark: "better", "worse" or "differs" where the interval excludes no difference, "same" where no cohort differs, else "".
    """

    value: str
    interval: str = ""
    difference: str = ""
    difference_interval: str = ""
    mark: str = ""


@dataclass(frozen=True)
class SummaryRow:
    """One outcome over all scenarios.

    Attributes:
        outcome: name of the outcome.
        unit: unit of the cells.
        better: "lower", "higher" or "".
        meaning: one plain line.
        cells: one a scenario, baseline first.
    """

    outcome: str
    unit: str
    better: str
    meaning: str
    cells: tuple[Cell, ...]


def shown_unit(unit: str) -> str:
    """The unit as shown: shares in per cent."""
    if unit.startswith("share of "):
        return "% of " + unit.removeprefix("share of ")
    return "percentage points" if unit == "difference of shares" else unit


def scale_of(unit: str) -> float:
    """Factor from stored to shown values."""
    return 100.0 if unit.startswith("share of ") or unit == "difference of shares" else 1.0


def decimals(value: float, half_width: float | None) -> int:
    """Decimals that a value deserves: as many as its uncertainty leaves meaning, three digits where the uncertainty is not known."""
    size = half_width / 2 if half_width else abs(value) / 50
    return min(3, max(0, -math.floor(math.log10(size)))) if size > 0 else 0


def number(value: float, places: int) -> str:
    """A number with a true minus sign, a thin thousands mark and no negative zero."""
    text = f"{abs(value):,.{places}f}"
    return (MINUS if value < 0 and float(text.replace(",", "")) else "") + text


def signed(value: float, places: int) -> str:
    """The same with a plus sign where it is above 0."""
    text = number(value, places)
    return f"+{text}" if value > 0 and float(text.replace(",", "")) else text


def half_width(low: float | None, high: float | None) -> float | None:
    """Half of an interval's width; 0 where it is nothing but rounding, None where there is no interval."""
    if low is None or high is None:
        return None
    half = (high - low) / 2
    return half if half > 1e-9 * max(abs(low), abs(high)) else 0.0


def _between(low: float, high: float, places: int) -> str:
    return f"{number(low, places)} to {number(high, places)}"


def is_told_apart(row: dict[str, Any]) -> bool:
    """Whether the interval of a row's difference excludes 0."""
    low, high = row["difference_low"], row["difference_high"]
    return low is not None and high is not None and (low > 0 or high < 0)


def difference_decimals(row: dict[str, Any]) -> int:
    """Decimals of a difference; so many that an interval which excludes 0 also looks it."""
    scale, half = scale_of(row["unit"]), half_width(row["difference_low"], row["difference_high"])
    places = decimals(scale * row["difference"], half and scale * half)
    if is_told_apart(row):
        nearer = scale * min(abs(row["difference_low"]), abs(row["difference_high"]))
        while places < MOST_DECIMALS and float(f"{nearer:.{places}f}") == 0:
            places += 1
    return places


def value_decimals(row: dict[str, Any]) -> int:
    """Decimals of a row's own value; 0 where there is none."""
    if row["mean"] is None:
        return 0
    scale, half = scale_of(row["unit"]), half_width(row["low"], row["high"])
    return decimals(scale * row["mean"], half and scale * half)


def cells_of(rows: Sequence[dict[str, Any]]) -> list[Cell]:
    """The texts of one outcome's rows, all values with the decimals of the surest of them, so that they can be compared by eye."""
    places = max((value_decimals(row) for row in rows), default=0)
    return [cell_of(row, places) for row in rows]


def cell_of(row: dict[str, Any], places: int | None = None) -> Cell:
    """The texts of a row; `places` decimals for its value, as many as it deserves if None."""
    if row["mean"] is None:
        return Cell(NOTHING)
    scale, places = scale_of(row["unit"]), value_decimals(row) if places is None else places
    mean, half = scale * row["mean"], half_width(row["low"], row["high"])
    interval = "" if half is None else _between(scale * row["low"], scale * row["high"], places) if half else ALIKE
    if row["difference"] is None:
        return Cell(number(mean, places), interval)
    difference, half = scale * row["difference"], half_width(row["difference_low"], row["difference_high"])
    finer = max(places, difference_decimals(row))
    between = "" if half is None else _between(scale * row["difference_low"], scale * row["difference_high"], finer) if half else ALIKE
    mark = ""
    if is_the_same(row):
        mark = "same"
    elif is_told_apart(row):
        better = OUTCOMES[row["outcome"]].better
        mark = "differs" if better is None else "better" if (difference < 0) == (better == "lower") else "worse"
    return Cell(number(mean, places), interval, signed(difference, finer), between, mark)


def summary_table(comparison: Comparison, outcomes: Sequence[str] = SUMMARY) -> list[SummaryRow]:
    """A readable subset of the outcomes, one row each; outcomes that are undefined in every scenario are left out."""
    rows = []
    for name in outcomes:
        found, outcome = shown_rows(comparison, name), OUTCOMES[name]
        if any(row["mean"] is not None for row in found):
            rows.append(SummaryRow(name, shown_unit(outcome.unit), outcome.better or "", outcome.meaning, tuple(cells_of(found))))
    return rows


def interval_said(cell: Cell) -> str:
    """How sure a value is, in words; empty where nothing is known of that."""
    return cell.interval if cell.interval in ("", ALIKE) else f"95 % interval {cell.interval}"


def headline_sentences(comparison: Comparison) -> list[str]:
    """The headline in words: one sentence for the baseline, one for each other scenario."""
    rows = shown_rows(comparison, HEADLINE)
    base = rows[0]
    name = base["scenario"]
    what = "distressed for weeks, mostly without a friend in the cohort, and reached by nobody"
    if base["mean"] is None:
        return ["There were no students to count."]
    cells = cells_of(rows)
    sure = interval_said(cells[0]) or f"{_few_said(comparison)} for an interval"
    about = "about " if float(base["mean"]) else ""
    first = f"Out of 100 students, {about}{cells[0].value} ({sure}) were at some time {what} under `{name}`."
    return [first, *(_difference_sentence(comparison, s, rows[s], cells[s]) for s in range(1, len(rows)))]


def _few_said(comparison: Comparison) -> str:
    return "one simulated cohort is too few" if comparison.replicates == 1 else f"{comparison.replicates} simulated cohorts are too few"


def _difference_sentence(comparison: Comparison, s: int, row: dict[str, Any], cell: Cell) -> str:
    start = f"{row['scenario']}: {cell.value}"
    difference, low, high = row["difference"], row["difference_low"], row["difference_high"]
    if difference is None:
        return f"{start}."
    fewer, same, more = tally(comparison, s)
    if is_the_same(row) and same == comparison.replicates:
        return f"{start}, the same as under `{comparison.names[0]}` in every cohort."
    places = max(difference_decimals(row), len(cell.value.partition(".")[2]))
    way = "fewer" if difference < 0 else "more"
    amount = f"{number(abs(difference), places)} {way}" if number(difference, places).strip("0.") not in ("", MINUS) else "as many"
    often = tally_said(fewer, same, more, is_more_first=difference > 0)
    if not has_intervals(comparison) or low is None:
        return f"{start}, that is {amount}, which may be chance ({_few_said(comparison)} to tell); {often}."
    if is_told_apart(row):
        nearer, farther = sorted((abs(low), abs(high)))
        return f"{start}, that is {amount} ({number(nearer, places)} to {number(farther, places)} {way}); {often}."
    spread = f"{number(abs(low), places)} fewer to {number(abs(high), places)} more"
    return f"{start}, that is {amount} ({spread}): not told apart from no difference; {often}."


_STYLES = {"better": "green", "worse": "red", "differs": "bold", "same": "dim", "": "dim"}
MOST_COLUMNS = 5
"""Scenarios that stand side by side in a terminal; more of them stand one below the other, with fewer outcomes."""
_FEW_OUTCOMES = (HEADLINE, "reach", "reach_isolated", "isolated_week_share", "officer_hours")


def _stacked(cell: Cell) -> Text:
    """A cell in lines: the value, the difference to the baseline and its interval (for the baseline the value's own)."""
    from rich.text import Text

    text = Text(cell.value)
    if cell.mark == "same":
        return text.append("\nno difference", style="dim")
    if cell.difference:
        text.append(f"\n{cell.difference} {cell.mark}".rstrip(), style=_STYLES[cell.mark])
    interval = cell.difference_interval if cell.difference else cell.interval
    return text.append(f"\n({interval})", style="dim") if interval and interval != ALIKE else text


def _heading(row: SummaryRow) -> Text:
    from rich.text import Text

    aim = f",\n{row.better} is better" if row.better else ""
    return Text(row.outcome, style="bold" if row.outcome == HEADLINE else "").append(f"\n{row.unit}{aim}", style="dim")


def render_table(comparison: Comparison) -> Table:
    """The summary for a terminal: a row an outcome and a column a scenario, or the other way round where there are many scenarios."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE, pad_edge=False, padding=(0, 1, 0, 0), caption_justify="left")
    names = [f"{name}\nbaseline" if s == 0 else name for s, name in enumerate(comparison.names)]
    if len(names) <= MOST_COLUMNS:
        table.add_column("outcome", width=len(HEADLINE))  # a fixed width, so that the others give way on a narrow terminal
        for name in names:
            table.add_column(name, overflow="fold")
        for row in summary_table(comparison):
            table.add_row(_heading(row), *(_stacked(cell) for cell in row.cells))
    else:
        rows = summary_table(comparison, _FEW_OUTCOMES)
        table.add_column("scenario", overflow="fold")
        for row in rows:
            table.add_column(_heading(row), overflow="fold")
        for s, name in enumerate(names):
            table.add_row(name, *(_stacked(row.cells[s]) for row in rows))
    table.caption = how_to_read(comparison)
    return table


def how_to_read(comparison: Comparison) -> str:
    """What the lines of a table's cells are."""
    if not has_intervals(comparison):
        return (f"Below each value: the difference to the baseline, paired by seed. {_few_said(comparison).capitalize()} for intervals, "
                "so nothing is called better or worse.")  # fmt: skip
    return ("Below each value: the difference to the baseline, paired by seed, and its 95 % interval. It is called better, worse or "
            "differs where the interval excludes 0. The first outcome was fixed beforehand; the others describe.")  # fmt: skip
