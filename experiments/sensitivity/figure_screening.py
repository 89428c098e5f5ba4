"""The picture of a screening: how large each parameter's effect is against how much it depends on the others (Morris)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from experiments.sensitivity.looks import asked_of, heading, room_for
from experiments.sensitivity.result import Analysis, Index
from experiments.sensitivity.screening import suggested
from experiments.style import ASH, BLUE, FAINT, GREY, INK, PAPER, SOFT, WIDTH, Drawn
from experiments.tables import number

MOST_NAMED = 10
_RATIOS = ((1.0, "\N{GREEK SMALL LETTER SIGMA} = \N{GREEK SMALL LETTER MU}*"),
           (0.5, "\N{GREEK SMALL LETTER SIGMA} = 0.5 \N{GREEK SMALL LETTER MU}*"),
           (0.1, "\N{GREEK SMALL LETTER SIGMA} = 0.1 \N{GREEK SMALL LETTER MU}*"))  # fmt: skip
_HEIGHT = 4.6


def draw_screening(analysis: Analysis) -> Drawn:
    """(b) The plane of mu* and sigma, chance taken off sigma where replicates tell it; the largest parameters are named."""
    sigma = "sigma_corrected" if analysis.of("sigma_corrected") else "sigma"
    pairs = [(size, spread) for size in analysis.of("mu_star") if (spread := analysis.get(sigma, size.parameter)) is not None]
    told = analysis.told_from_zero()
    figure = Figure(figsize=(WIDTH, _HEIGHT))
    axis = figure.add_subplot()
    right = 1.05 * room_for([size.value for size, _ in pairs], [size.high for size, _ in pairs if size.parameter in told], analysis.floor)
    above = 1.08 * max(room_for([spread.value for _, spread in pairs], [spread.high for size, spread in pairs if size.parameter in told], 0.0),
                       0.3 * right)  # fmt: skip
    axis.set_xlim(0, right)
    axis.set_ylim(0, above)
    if analysis.floor > 0:
        axis.axvspan(0, analysis.floor, color=FAINT, linewidth=0, zorder=0)
        axis.axvline(analysis.floor, color=SOFT, linewidth=0.8, linestyle=(0, (3, 2)), zorder=0.5)
    for ratio, text in _RATIOS:
        end = min(right, above / ratio)
        axis.plot([0, end], [0, ratio * end], color=ASH, linewidth=0.9, zorder=0.6)
        at = (end, ratio * end)
        is_at_top = at[1] >= above * 0.999
        axis.annotate(text, at, xytext=(-2, 3) if is_at_top else (-1, 2), textcoords="offset points", fontsize=7.5, color=SOFT,
                      ha="right", va="bottom", annotation_clip=False)  # fmt: skip
    for size, spread in sorted(pairs, key=lambda pair: pair[0].value):
        _point(axis, size, spread, is_told=size.parameter in told)
    axis.set_xlabel("\N{GREEK SMALL LETTER MU}*: mean size of the effect")
    axis.set_ylabel("\N{GREEK SMALL LETTER SIGMA}: how much the effect varies with the others")
    key = [Line2D([], [], color=BLUE, marker="o", linewidth=1.2, markersize=5.5, markeredgecolor=PAPER, label="told from zero, 95 % intervals"),
           Line2D([], [], color=GREY, marker="o", linewidth=0, markersize=3.5, label="not told"),
           Patch(facecolor=FAINT, edgecolor=SOFT, linestyle=(0, (3, 2)), linewidth=0.8, label="below the floor")]  # fmt: skip
    figure.legend(handles=key, loc="outside lower left", ncols=3, columnspacing=1.2)
    heading(figure, "Which effects are large, which depend on others?", asked_of(analysis))
    named = suggested(analysis)[:MOST_NAMED]
    _name(axis, figure, [pair for pair in pairs if pair[0].parameter in named], pairs)
    caption = ("Each point is a parameter: to the right those with a large effect, further up those whose effect depends on where the other "
               "parameters stand, or bends. Below the lowest line effects are nearly straight, between the lower two they keep their direction, "
               f"above the upper one they turn. {f'Named are the {len(named)} largest; ' if named else ''}"
               f"{len(pairs) - len(told)} of {len(pairs)} are not told from zero.")  # fmt: skip
    caption += (" What chance adds is taken off \N{GREEK SMALL LETTER SIGMA}; the floor is what chance alone gives of \N{GREEK SMALL LETTER MU}*."
                if sigma == "sigma_corrected" else " Without replicates, chance cannot be told from either.")  # fmt: skip
    said = "; ".join(f"{size.parameter} mu* {number(size.value, 2)}, sigma {number(spread.value, 2)}"
                     for size, spread in sorted(pairs, key=lambda pair: -pair[0].value)[:MOST_NAMED])  # fmt: skip
    return figure, caption, f"Elementary effects on {analysis.label}: {said}. {len(pairs) - len(told)} of {len(pairs)} are not told from zero."


def _point(axis: Axes, size: Index, spread: Index, *, is_told: bool) -> None:
    if not is_told:
        axis.plot(max(size.value, 0), max(spread.value, 0), "o", color=GREY, markersize=3.5, markeredgewidth=0, clip_on=False, zorder=2)
        return
    if np.isfinite(size.low):
        axis.hlines(spread.value, size.low, size.high, color=BLUE, linewidth=1.1, alpha=0.55)
    if np.isfinite(spread.low):
        axis.vlines(size.value, spread.low, spread.high, color=BLUE, linewidth=1.1, alpha=0.55)
    axis.plot(size.value, spread.value, "o", color=BLUE, markersize=5.5, markeredgecolor=PAPER, markeredgewidth=0.7, clip_on=False, zorder=3)


@dataclass(frozen=True)
class _Box:
    """A rectangle in points."""

    left: float
    bottom: float
    right: float
    top: float

    def overlap(self, other: _Box) -> float:
        """Area in common."""
        wide = min(self.right, other.right) - max(self.left, other.left)
        high = min(self.top, other.top) - max(self.bottom, other.bottom)
        return max(wide, 0.0) * max(high, 0.0)


_LETTER, _LINE = 4.6, 9.5
_AWAY = (7.0, 12.0, 20.0, 32.0, 48.0, 66.0)
_WITH_LINE_FROM = 20.0
_ANGLES = 16


def _name(axis: Axes, figure: Figure, named: Sequence[tuple[Index, Index]], every: Sequence[tuple[Index, Index]]) -> None:
    """Names beside their points, where least is in the way: further off, with a line, where all sides are taken; the largest choose first."""
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    window, scale = axis.get_window_extent(), 72 / figure.dpi
    wide, high = window.width * scale, window.height * scale
    right, above = axis.get_xlim()[1], axis.get_ylim()[1]

    def place(pair: tuple[float, float]) -> tuple[float, float]:
        return pair[0] / right * wide, pair[1] / above * high

    taken = [_Box(x - 4, y - 4, x + 4, y + 4) for x, y in (place((size.value, spread.value)) for size, spread in every)]
    for size, spread in named:
        for low, top in (((size.low, spread.value), (size.high, spread.value)), ((size.value, spread.low), (size.value, spread.high))):
            if np.isfinite([*low, *top]).all():
                taken.append(_Box(place(low)[0] - 1, place(low)[1] - 1, place(top)[0] + 1, place(top)[1] + 1))
    points = [place((size.value, spread.value)) for size, spread in named]
    for size, spread in sorted(named, key=lambda pair: -pair[0].value):
        x, y = place((size.value, spread.value))
        others = [_Box(px - 11, py - 9, px + 11, py + 9) for px, py in points if (px, py) != (x, y)]  # a name there would be taken for theirs
        width = _LETTER * len(str(size.parameter))
        choices = []
        for away in _AWAY:
            for angle in np.arange(_ANGLES) * 2 * np.pi / _ANGLES:
                towards = np.array([np.cos(angle), np.sin(angle)])
                middle = np.array([x, y]) + towards * away + np.sign(np.round(towards, 6)) * np.array([width, _LINE]) / 2 * np.abs(towards) ** 0.5
                box = _Box(middle[0] - width / 2, middle[1] - _LINE / 2, middle[0] + width / 2, middle[1] + _LINE / 2)
                outside = max(-box.left, 0) + max(box.right - wide, 0) + max(2 - box.bottom, 0) + max(box.top - high, 0)
                along = [_Box(px - 0.5, py - 0.5, px + 0.5, py + 0.5) for px, py in np.linspace((x, y), middle, 12)[3:-2]]
                crossed = sum(other.overlap(one) > 0 for other in taken for one in along) if away >= _WITH_LINE_FROM else 0
                cost = sum(box.overlap(other) for other in [*taken, *others]) + 40 * outside + 6 * crossed + 0.8 * away
                choices.append((float(cost), away, box))
        _, away, box = min(choices, key=lambda one: one[:2])
        taken.append(box)
        at = ((box.left + box.right) / 2 - x, (box.bottom + box.top) / 2 - y)
        nearest = (0.5 - 0.5 * np.clip(at[0] / (width / 2), -1, 1), 0.5 - 0.5 * np.clip(at[1] / _LINE, -1, 1))
        line: dict[str, Any] = {"arrowstyle": "-", "color": SOFT, "linewidth": 0.6, "shrinkA": 0, "shrinkB": 3, "relpos": nearest}
        axis.annotate(str(size.parameter), (size.value, spread.value), xytext=at, textcoords="offset points", ha="center", va="center", fontsize=7.8,
                      color=INK, zorder=4, bbox={"facecolor": PAPER, "edgecolor": "none", "alpha": 0.75, "pad": 0.6},
                      arrowprops=line if away >= _WITH_LINE_FROM else None)  # fmt: skip
