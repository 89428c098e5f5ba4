"""Whether the answer settled: the same indices from the first part of the sample, and a sentence on what became of their order."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from experiments.sensitivity.result import Index, Step, is_told

_LED = 3
"""Parameters whose order the verdict is about."""
_SMALLEST = {"sobol": 16, "morris": 2, "lhs": 16, "own": 16}
_UNITS = {"sobol": "base rows", "morris": "trajectories", "lhs": "points", "own": "points"}
_CALLED = {"ST": "total order (ST)", "mu_star": "mean size of the effect (mu*)", "PRCC": "partial rank correlation (PRCC)"}
_NUMBERS = {1: "one", 2: "two", 3: "three"}


def sizes(method: str, n: int, factors: int) -> list[int]:
    """Powers of two below the size of the sample; for points drawn in any way from the first that outnumbers the factors threefold."""
    least = max(_SMALLEST[method], 3 * (factors + 2) if method in ("lhs", "own") else 0)
    return [2**k for k in range(n.bit_length()) if least <= 2**k < n]


def verdict(method: str, ranked_by: str, steps: Sequence[Step], rows: Sequence[Index], floor: float) -> str:
    """A sentence on whether the order of the leading parameters settled as the sample grew.

    Args:
        method: of the design.
        ranked_by: the index that ranks.
        steps: it at growing samples, the whole one last.
        rows: it over the whole sample.
        floor: its floor.
    """
    if method == "grid":
        return "A full grid is taken as a whole: there is no smaller sample to compare it with."
    order = [row for row in sorted(rows, key=lambda row: -abs(row.value)) if is_told(row, floor)][:_LED]
    if not order:
        return f"By {_CALLED[ranked_by]} no parameter is told from zero, so there is no order to settle."
    values: dict[int, dict[str, float]] = {}
    for step in steps:
        if step.index == ranked_by:
            values.setdefault(step.n, {})[step.parameter] = abs(step.value)
    found = sorted(values)
    n, unit = found[-1], _UNITS[method]
    led = [str(row.parameter) for row in order]
    listed = led[0] if len(led) == 1 else f"{', '.join(led[:-1])} and {led[-1]}"
    leads = "leads" if len(led) == 1 else "lead"
    if len(found) < 2:
        return f"By {_CALLED[ranked_by]} {listed} {leads}; {n:,} {unit} are too few to see whether that has settled."
    since = n
    for size in reversed(found):
        if sorted(values[size], key=lambda name: -values[size][name])[: len(led)] != led:
            break
        since = size
    change = max(abs(values[n][name] - values[found[-2]][name]) for name in values[n])
    if ranked_by == "mu_star":  # it has the outcome's unit
        share = change / max(values[n].values())
        moved = f"from {found[-2]:,} to {n:,} {unit} no effect moved by more than {share:.0%} of the largest"
    else:
        moved = f"from {found[-2]:,} to {n:,} {unit} no index moved by more than {change:.2g}"
    which = f"the first ({listed}) has kept its place" if len(led) == 1 else f"the first {_NUMBERS[len(led)]} ({listed}) have kept their order"
    if since == n:
        lost = "the first was another" if len(led) == 1 else f"the order of the first {_NUMBERS[len(led)]} was another"
        return f"By {_CALLED[ranked_by]} {listed} {leads}, but at {found[-2]:,} {unit} {lost}, so it has not settled: take a larger sample; {moved}."
    tied = [f"{a.parameter} and {b.parameter}" for a, b in pairwise(order) if _reach(a)[0] <= _reach(b)[1]]
    doubt = f"; the intervals of {' and of '.join(tied)} overlap, so their order is not certain" if tied else ""
    return f"By {_CALLED[ranked_by]} {which} since {since:,} of {n:,} {unit}; {moved}{doubt}."


def _reach(row: Index) -> tuple[float, float]:
    """Ends of the interval of the index's size."""
    return (-row.high, -row.low) if row.value < 0 else (row.low, row.high)
