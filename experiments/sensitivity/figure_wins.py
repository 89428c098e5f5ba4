"""The map of where which scenario wins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from experiments.sensitivity.figure_responses import group_text
from experiments.sensitivity.looks import heading, in_lines
from experiments.sensitivity.responses import SAME, WinMap
from experiments.style import BLUE, FAINT, GREEN, GREY, INK, ON_LIGHT, ORANGE, PAPER, PURPLE, SKY, SOFT, VERMILLION, WIDTH, Drawn

if TYPE_CHECKING:
    from experiments.sensitivity.group_means import Groups

_COLOURS = (GREY, BLUE, ORANGE, GREEN, VERMILLION, PURPLE, SKY)
_DARK = (GREY, BLUE)
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def draw_wins(wins: WinMap, outcome: str, better: str) -> Drawn:
    """(f) A cell a colour and a letter: the scenario with the best average there; pale where it is not told from the next best."""
    across, down = len(wins.x), len(wins.y)
    figure = Figure(figsize=(WIDTH, 1.9 + max(0.46 * down, 1.6) + 0.1 * len(wins.scenarios)))
    axis = figure.add_subplot()
    told = wins.is_told
    order = [s for s in range(len(wins.scenarios)) if (wins.best == s).any()]
    for i in range(across):
        for j in range(down):
            s = int(wins.best[i, j])
            corner = (i - 0.5, j - 0.5)
            if s < 0:
                axis.add_patch(Rectangle(corner, 1, 1, facecolor=FAINT, edgecolor=PAPER, linewidth=1))
                axis.text(i, j, "=" if s == SAME else "", ha="center", va="center", fontsize=9, color=SOFT)
                continue
            colour = _COLOURS[s % len(_COLOURS)]
            axis.add_patch(Rectangle(corner, 1, 1, facecolor=FAINT, edgecolor=PAPER, linewidth=1))
            axis.add_patch(Rectangle(corner, 1, 1, facecolor=colour, edgecolor=PAPER, linewidth=1, alpha=1.0 if told[i, j] else 0.28))
            ink = INK if not told[i, j] else PAPER if colour in _DARK else ON_LIGHT
            axis.text(i, j, LETTERS[s % len(LETTERS)] if told[i, j] else LETTERS[s % len(LETTERS)].lower(), ha="center", va="center", fontsize=9,
                      fontweight="bold" if told[i, j] else "normal", color=ink)  # fmt: skip
    axis.set_xlim(-0.5, across - 0.5)
    axis.set_ylim(-0.5, down - 0.5)
    _edges(axis.xaxis, wins.x)
    _edges(axis.yaxis, wins.y)
    axis.set_xlabel(_axis_text(wins.x))
    axis.set_ylabel(_axis_text(wins.y))
    axis.tick_params(length=3, color=SOFT)
    key = [Patch(facecolor=_COLOURS[s % len(_COLOURS)], label=f"{LETTERS[s % len(LETTERS)]}  {wins.scenarios[s]}") for s in order]
    key.append(Patch(facecolor=GREY, alpha=0.28, label="pale, small letter: not told from the next best"))
    if (wins.best == SAME).any():
        key.append(Patch(facecolor=FAINT, label="=  the best two are the same"))
    figure.legend(handles=key, loc="outside lower left", ncols=1 if any(len(name) > 24 for name in wins.scenarios) else 2)
    heading(figure, "Where does which scenario win?", f"{better} {outcome} is better; averaged over all the rest")
    filled, best = wins.n_filled, "lowest" if better == "lower" else "highest"
    caption = (f"Each cell holds the points with these values of the two parameters ({min(wins.n[wins.is_filled], default=0)} or more a cell) and "
               f"shows the scenario with the {best} average. It is told from the next best in {int(told.sum())} of {filled} cells: there "
               "the 95 % interval of the difference, paired run by run, leaves out zero. Cells are tested one by one, so of cells without any "
               "difference about one in twenty would be called told.")  # fmt: skip
    counts = "; ".join(f"{wins.scenarios[s]} wins in {int((wins.best == s).sum())} of {filled} cells, told in {int(((wins.best == s) & told).sum())}"
                       for s in order)  # fmt: skip
    counts += f"; the best two are the same in {int((wins.best == SAME).sum())}" if (wins.best == SAME).any() else ""
    return figure, caption, f"By {wins.x.factor.name} and {wins.y.factor.name}: {counts.removeprefix('; ')}."


def _axis_text(groups: Groups) -> str:
    unit = groups.factor.unit
    return in_lines(groups.factor.name, 40) + (f" ({unit})" if unit and len(unit) <= 24 else "")


def _edges(axis: Axis, groups: Groups) -> None:
    """Levels in the middle of their cells; of ranges the values at the borders between them."""
    if groups.are_levels:
        axis.set_ticks(range(len(groups)), [in_lines(group_text(groups, k).replace("-", "_"), 10).replace("_", "-") for k in range(len(groups))])
        return
    borders = [groups.low[0], *((groups.high[:-1] + groups.low[1:]) / 2), groups.high[-1]]
    places, narrowest = 0, np.diff(borders).min()
    while places < 4 and max(abs(round(border, places) - border) for border in borders) > 0.1 * narrowest:
        places += 1
    axis.set_ticks(np.arange(len(borders)) - 0.5, [f"{border:.{places}f}" for border in borders], fontsize=7.5)
