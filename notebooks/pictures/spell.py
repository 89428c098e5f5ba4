"""The picture of one spell of distress: who was near, who noticed, and what they did."""

from __future__ import annotations

from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from experiments.style import GREEN, INK, ORANGE, STYLE, Drawn, title
from pictures.showing import LONE, WIDE, count, said
from simulation.record.history import REASON_TEXTS
from wardmates import History

SHADES = ("#FFFFFF", "#E3EDF6", "#B4D2E9", "#6BAAD4", "#2171B5")
SHADE_NAMES = ("no tie", "slight tie", "acquaintance", "friend", "close friend")
OWN = (("well", "#E6E6E6"), ("distressed", ORANGE), ("severely distressed", "#8C2D04"))
MARKS: dict[str, tuple[str, dict[str, Any]]] = {
    "noticed": ("noticed, no offer", {"marker": "o", "markersize": 6, "markerfacecolor": "white", "markeredgewidth": 1.3}),
    "declined": ("offered help, not accepted", {"marker": "^", "markersize": 7.5, "markerfacecolor": ORANGE, "markeredgewidth": 0.9}),
    "accepted": ("offered help, accepted", {"marker": "D", "markersize": 6.5, "markerfacecolor": GREEN, "markeredgewidth": 0.9}),
}
OWN_ROW = -1.6
MOST_PEOPLE = 15
MOST_WEEKS = 30
WEEKS_BEFORE, WEEKS_AFTER = 4, 3


def draw_spell(history: History, spell: pd.Series, moments: pd.DataFrame, strength: NDArray[np.float64], together: NDArray[np.bool_]) -> Drawn:
    """A spell of distress, and what the people around made of it, week by week.

    Args:
        history: the run.
        spell: a row of `History.episode_frame`.
        moments: columns week, helper, student (numbers from 1) and what (a key of MARKS), at most one a week and pair.
        strength: w of all pairs by week, shape (weeks + 1, students, students).
        together: whether the timetable put two together, shape (weeks + 1, students, students).
    """
    who, onset, p = int(spell["student"]) - 1, int(spell["onset_week"]), history.parameters
    is_over = not pd.isna(spell["end_week"])
    over = int(spell["end_week"]) if is_over else history.calendar.n_weeks
    weeks = np.arange(max(1, onset - WEEKS_BEFORE), min(history.calendar.n_weeks, over + WEEKS_AFTER, onset + MOST_WEEKS) + 1)
    moments = moments[(moments["student"] == who + 1) & moments["week"].isin(weeks)]
    tie, near = strength[weeks, who], together[weeks, who]
    people, n_left_out = _people_around(tie, near, who, set((moments["helper"] - 1).tolist()), p.acquaintance_strength)
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(WIDE, 2.0 + 0.235 * (len(people) + 2)))
        axis = figure.add_subplot()
        _draw_own_row(axis, history, who, weeks)
        bounds = [0, p.recorded_strength, p.acquaintance_strength, p.friend_strength, p.close_strength, 1.001]
        axis.pcolormesh(np.append(weeks, weeks[-1] + 1) - 0.5, np.arange(len(people) + 1) - 0.5, tie[:, people].T, cmap=ListedColormap(SHADES),
                        norm=BoundaryNorm(bounds, len(SHADES)), edgecolor="white", linewidth=0.7)  # fmt: skip
        for y, other in enumerate(people):
            for week in weeks[near[:, other]]:
                axis.plot([week - 0.46, week + 0.46], [y + 0.36, y + 0.36], color=INK, linewidth=1.8, solid_capstyle="butt")
        for week, helper, what in moments[["week", "helper", "what"]].itertuples(index=False):
            axis.plot(week, people.index(helper - 1) - 0.04, markeredgecolor=INK, linewidth=0, **MARKS[what][1])
        axis.set_yticks([OWN_ROW, *range(len(people))], [f"student {who + 1}", *(str(other + 1) for other in people)])
        axis.get_yticklabels()[0].set_fontweight("bold")
        axis.set_ylim(len(people) - 0.4, -2.3)
        axis.set_xlim(weeks[0] - 0.5, weeks[-1] + 0.5)
        axis.xaxis.set_major_locator(MaxNLocator(integer=True))
        axis.set_xlabel("week of the course")
        axis.set_ylabel("others, by number; nearest at the top", labelpad=2)
        axis.spines["left"].set_visible(False)
        figure.legend(handles=_legend(), loc="outside lower left", ncols=5, columnspacing=1.2, handletextpad=0.5)
        title(figure, f"Who was near student {who + 1}, and who noticed?")
    caption = ("Top row: how the student is. Below, a row for each person around: the darker the blue, the stronger the tie in that week; a "
               "black line under a week means that the timetable grouped the two together.")  # fmt: skip
    if n_left_out:
        caption += f" Not shown: {n_left_out} more who were acquaintances or grouped together for a time, and did not notice."
    n = {what: count(moments["what"] == what) for what in MARKS}
    until = f"ends in week {over}" if is_over else "lasts to the end of the course"
    text = (f"The distress of student {who + 1} begins in week {onset} and {until}. In the weeks shown somebody notices "
            f"{said(sum(n.values()), 'time')} ({said(moments['helper'].nunique(), 'person', 'people')}): {said(n['noticed'], 'time')} without "
            f"offering help, {said(n['declined'], 'time')} with an offer that is not accepted, {said(n['accepted'], 'time')} with help that is "
            "accepted.")  # fmt: skip
    if not spell["is_reached"]:
        text += f" Why help did not arrive, as the simulation notes it: {REASON_TEXTS[spell['reason']]}."
    return figure, caption, text


def _people_around(tie: NDArray[np.float64], near: NDArray[np.bool_], who: int, noticed: set[int], known_from: float) -> tuple[list[int], int]:
    """Rows of those who noticed, and of others who were acquaintances or grouped with the student, nearest first; and how many are left out."""
    is_around = (tie.max(axis=0) >= known_from) | near.any(axis=0)
    is_around[who] = False
    nearest = [int(row) for row in np.argsort(-tie.mean(axis=0), kind="stable")]
    others = [row for row in nearest if is_around[row] and row not in noticed]
    shown = others[: max(0, MOST_PEOPLE - len(noticed))]
    return [row for row in nearest if row in noticed or row in shown], len(others) - len(shown)


def _draw_own_row(axis: Axes, history: History, who: int, weeks: NDArray[np.int64]) -> None:
    """The student's own weeks: distress, being without a friend, care."""
    for week in weeks:
        axis.fill_between([week - 0.47, week + 0.47], OWN_ROW - 0.45, OWN_ROW + 0.45, color=OWN[history.distress[week - 1, who]][1], linewidth=0)
        if history.friends[week - 1, who] == 0:
            axis.plot(week, OWN_ROW, **LONE)
        if history.care[week - 1, who] == 2:
            axis.plot([week - 0.47, week + 0.47], [OWN_ROW + 0.62] * 2, color=GREEN, linewidth=3, solid_capstyle="butt")


def _legend() -> list[Line2D | Patch]:
    """Five columns of three: what others did, the student, and ties."""
    marks: list[Line2D | Patch] = [Line2D([], [], label=name, markeredgecolor=INK, linewidth=0, **look) for name, look in MARKS.values()]
    own: list[Line2D | Patch] = [Patch(facecolor=colour, label=name) for name, colour in OWN]
    own += [Line2D([], [], label="without a friend", **LONE), Line2D([], [], color=GREEN, linewidth=3, label="in professional care")]
    own.append(Patch(alpha=0, label=""))
    shades = zip(SHADES, SHADE_NAMES, strict=True)
    ties: list[Line2D | Patch] = [Patch(facecolor=shade, edgecolor="#BBBBBB", linewidth=0.5, label=name) for shade, name in shades]
    return [*marks, *own, *ties, Line2D([], [], color=INK, linewidth=1.8, label="grouped together")]
