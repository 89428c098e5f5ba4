"""Pictures of one simulated cohort: its years, its friendships, and what becomes of ties."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import matplotlib
import networkx as nx
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.path import Path
from numpy.typing import NDArray

from experiments.style import BLUE, GREY, INK, ORANGE, SKY, STYLE, VERMILLION, Drawn, title
from pictures.showing import LONE, WIDE, count, mark_calendar, said
from wardmates import History

Pairs = set[tuple[int, int]]
Groups = Mapping[int, Sequence[tuple[NDArray[np.int64], bool]]]
DARK_ORANGE = "#A34700"  # as text on white

STATES = (("well, with a friend", "#F3F3F3"), ("well, without a friend", "#9CC9E8"), ("distressed, with a friend", ORANGE),
          ("distressed, without a friend", "#8C2D04"))  # fmt: skip


def draw_years(history: History) -> Drawn:
    """The years of a cohort: shares by week, and a line for each student below."""
    distressed, alone = history.distress >= 1, history.friends == 0
    settled = ~history.calendar.is_settling_in
    order = np.lexsort((distressed[settled].sum(axis=0), alone[settled].sum(axis=0)))
    weeks, n = distressed.shape
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(WIDE, 6.7))
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=(1, 2.6))
        mark_calendar(above, history)
        lines = (("without a friend", alone, "#3B8BC2", "#23709F", "-"), ("in distress", distressed, ORANGE, "#8F5F00", (0, (5, 1))))
        shares = [100 * which.mean(axis=1) for _, which, _, _, _ in lines]
        for (name, _, colour, dark, dashes), share, other in zip(lines, shares, shares[::-1], strict=True):
            above.plot(np.arange(1, weeks + 1), share, color=colour, linewidth=2, linestyle=dashes)
            place = "bottom" if share[-1] >= other[-1] else "top"
            above.annotate(name, (weeks, share[-1]), (6, 0), textcoords="offset points", color=dark, va=place, fontsize=8.5)
        above.set_ylim(0, 50)
        above.set_ylabel("% of students")
        above.grid(axis="y")
        above.tick_params(labelbottom=False)
        state = np.where(distressed, 2, 0) + alone
        below.pcolormesh(np.arange(weeks + 1) + 0.5, np.arange(n + 1), state[:, order].T, cmap=ListedColormap([colour for _, colour in STATES]),
                         vmin=-0.5, vmax=3.5)  # fmt: skip
        for year in range(2, history.calendar.n_years + 1):
            below.axvline(int(np.argmax(history.calendar.year == year)) + 0.5, color="#777777", linewidth=0.8)
        below.set_ylabel(f"the {n} students, a line each")
        below.set_yticks([])
        below.spines["left"].set_visible(False)
        below.tick_params(labelbottom=True)
        figure.legend(handles=[Patch(facecolor=colour, edgecolor="#BBBBBB", linewidth=0.6, label=name) for name, colour in STATES],
                      loc="outside lower left", ncols=4)  # fmt: skip
        title(figure, "What happens over the years?")
    taught = settled & history.calendar.is_teaching
    caption = ("Above: the share of the cohort that is in distress, and that has no friend in the cohort, week by week; grey columns are breaks. "
               "Below: a line for each student, those with most weeks without a friend at the top. At first everybody is a stranger to everybody, "
               "so the first term is not counted below.")  # fmt: skip
    text = (f"After the first term, in an average teaching week, {100 * distressed[taught].mean():.0f} in 100 students are in distress and "
            f"{100 * alone[taught].mean():.0f} in 100 have no friend in the cohort. Of {n} students, {count(distressed[settled].any(axis=0))} are in "
            f"distress at some time and {count(alone[settled].any(axis=0))} without a friend at some time; "
            f"{count((alone & distressed)[settled].any(axis=0))} are at some time both at once.")  # fmt: skip
    return figure, caption, text


def _places_on_a_ring(n: int, friendships: Iterable[tuple[int, int]]) -> NDArray[np.float64]:
    """A place for each student, circles of friends side by side; shape (n, 2)."""
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(n))
    graph.add_edges_from(sorted(friendships))
    at, slot = np.zeros(n), 0.0
    for circle in nx.community.greedy_modularity_communities(graph):
        for student in sorted(circle):
            at[student] = slot
            slot += 1
        slot += 1.5
    angle = 2 * np.pi * at / slot
    return np.stack([np.sin(angle), np.cos(angle)], axis=1)


def _chord(a: NDArray[np.float64], b: NDArray[np.float64]) -> Path:
    """A line between two places that bends towards the middle, the more the farther they are apart."""
    apart = float(np.hypot(*(a - b))) / 2
    return Path([a, (a + b) / 2 * (0.85 - 0.6 * apart), b], [Path.MOVETO, Path.CURVE3, Path.CURVE3])


def _name_the_lone(axis: Axes, lone: list[int], place: NDArray[np.float64]) -> None:
    """Ring those without a friend, with their numbers; neighbours' numbers stand at two distances."""
    is_far = False
    for k, student in enumerate(lone):
        is_near = k > 0 and np.hypot(*(place[student] - place[lone[k - 1]])) < 0.2
        is_far = is_near and not is_far
        axis.plot(*place[student], **LONE)
        axis.annotate(str(student + 1), place[student] * (1.24 if is_far else 1.11), ha="center", va="center", fontsize=8, color=DARK_ORANGE,
                      fontweight="bold")  # fmt: skip


def draw_friendships(n: int, before: Pairs, after: Pairs, names: tuple[str, str]) -> Drawn:
    """The friendships of a cohort at two times, everybody at the same place both times.

    Args:
        n: students.
        before, after: pairs of rows, i < j.
        names: what the two times are called.
    """
    place = _places_on_a_ring(n, before | after)
    round_the_ring = sorted(range(n), key=lambda student: float(np.arctan2(*place[student])))
    lone = [[s for s in round_the_ring if s not in {one for pair in pairs for one in pair}] for pairs in (before, after)]
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(WIDE, 4.6), layout=ConstrainedLayoutEngine(h_pad=0.08))
        for axis, pairs, colour, alone, name in zip(figure.subplots(1, 2), (before, after), (GREY, ORANGE), lone, names, strict=True):
            for some, shade, width in ((pairs - (before & after), colour, 0.75), (before & after, BLUE, 0.95)):
                axis.add_collection(PathCollection([_chord(place[i], place[j]) for i, j in sorted(some)], facecolors="none", edgecolors=shade,
                                                   linewidths=width, alpha=0.75))  # fmt: skip
            axis.plot(*place.T, "o", color=INK, markersize=3.2)
            _name_the_lone(axis, alone, place)
            axis.set_title(f"{name}: {len(pairs)} friendships", loc="center")
            axis.set(xlim=(-1.26, 1.26), ylim=(-1.26, 1.26), aspect="equal")
            axis.set_axis_off()
        kinds = ((BLUE, "there both times"), (GREY, "ended by then"), (ORANGE, "new"))
        key = [*(Line2D([], [], color=colour, linewidth=2, label=name) for colour, name in kinds),
               Line2D([], [], color=INK, marker="o", markersize=4, linewidth=0, label="a student"),
               Line2D([], [], label="without a friend, with number", **LONE)]  # fmt: skip
        figure.legend(handles=key, loc="outside lower center", ncols=5, columnspacing=1.4, handletextpad=0.5)
        title(figure, "Who is friends with whom, before and after?")
    caption = ("Each dot is a student, at the same place both times; each line is a friendship. Circles of friends stand side by side on the "
               "ring: short lines along the rim are friendships within a circle, long ones link circles.")  # fmt: skip
    text = (f"{names[0]} there are {len(before)} friendships, and {len(lone[0])} of {n} students have none. {names[1]} there are {len(after)}, "
            f"and {said(len(lone[1]), 'student has none', 'students have none')}. {len(before & after)} friendships are there both times, "
            f"{len(before - after)} have ended and {len(after - before)} are new.")  # fmt: skip
    return figure, caption, text


def _mean_of_groups(groups: Sequence[tuple[NDArray[np.int64], bool]], strength: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean tie between two of a group by week, over all pairs of all groups; nan where nobody has companions."""
    pairs = np.array([(i, j) for members, _ in groups for i in members for j in members if i < j]).reshape(-1, 2)
    if not len(pairs):
        return np.full(len(strength), np.nan)
    return np.asarray(strength[:, pairs[:, 0], pairs[:, 1]].mean(axis=1))


def draw_groupmates(history: History, groups: Groups, strength: NDArray[np.float64], stayed: NDArray[np.float64], friends: Pairs,
                    since: int) -> Drawn:  # fmt: skip
    """What becomes of ties: between those whom the timetable put together, and of the friendships of the campus years.

    Args:
        history: the run.
        groups: week in which groups began -> their members (rows), and whether they are on placement.
        strength: w of all pairs by week, shape (weeks + 1, students, students); week 0 is entry.
        stayed: the same in a world without placements.
        friends: pairs of rows who were friends in the week `since`.
    """
    p, weeks, starts = history.parameters, history.calendar.n_weeks, sorted(groups)
    week = np.arange(weeks + 1)
    taught = np.append(False, history.calendar.is_teaching)
    most = {False: 0.0, True: 0.0}
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(WIDE, 5.8))
        above, below = figure.subplots(2, 1, sharex=True, sharey=True)
        for first, following in zip(starts, [*starts[1:], weeks + 1], strict=True):
            is_placed, mean = groups[first][0][1], _mean_of_groups(groups[first], strength)
            together = (week >= first) & (week < following)
            above.plot(week[first:], mean[first:], color=VERMILLION if is_placed else BLUE, linewidth=0.8, alpha=0.45)
            above.plot(week, np.where(together & taught, mean, np.nan), color=VERMILLION if is_placed else BLUE, linewidth=2.8, solid_capstyle="butt")
            most[is_placed] = max(most[is_placed], float(np.nanmax(mean[together], initial=0)))
        i, j = np.array(sorted(friends)).T
        lines = [strength[since:, i, j].mean(axis=1), stayed[since:, i, j].mean(axis=1)]
        below.fill_between(week[since:], *lines, color=SKY, alpha=0.25, linewidth=0)
        below.plot(week[since:], lines[1], color=BLUE, linewidth=2, linestyle=(0, (4, 1.5)))
        below.plot(week[since:], lines[0], color=VERMILLION, linewidth=2)
        above.set_title("Students whom the timetable puts in one group: the tie between two of them, on average")
        below.set_title(f"The {len(friends)} friendships at the end of the campus years: their tie since then, on average")
        levels = {"strangers": 0.0, "acquaintances": p.acquaintance_strength, "friends": p.friend_strength, "close friends": p.close_strength}
        for axis in (above, below):
            mark_calendar(axis, history)
            axis.set_ylim(0, 0.9)
            axis.set_yticks([*levels.values()], [f"{name} {level:.2f}" for name, level in levels.items()])
            axis.grid(axis="y")
        above.tick_params(labelbottom=False)
        _label_ties(above, below, history, _mean_of_groups(groups[starts[0]], strength), since, lines)
        title(figure, "What do placements do to ties?")
    caption = ("A tie is 0 between strangers and near 1 between two who have lately shared hundreds of hours; without shared time it fades (the "
               f"hours behind it halve in {p.tie_half_life:g} weeks). Above, a line for all groups of a term or a block: thick in the weeks "
               "together, thin afterwards. Below, both lines follow the same pairs of students, in two worlds that are alike until the placements "
               "begin.")  # fmt: skip
    end = int(history.calendar.year_ends()[-1]) - since
    text = (f"The average tie within a campus group comes to {most[False]:.2f} at most, within a placement group to {most[True]:.2f}. At the end of "
            f"the last year the friendships of the campus years have an average tie of {lines[0][end]:.2f} after placements; had the same students "
            f"stayed on campus, it would be {lines[1][end]:.2f}.")  # fmt: skip
    return figure, caption, text


def _label_ties(above: Axes, below: Axes, history: History, oldest: NDArray[np.float64], since: int, lines: list[NDArray[np.float64]]) -> None:
    """Names beside the lines, instead of a legend."""
    first = int(np.argmax(history.calendar.is_clinical)) + 1
    plain = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
    above.text(first / 2, oldest[:first].max() + 0.04, "groups of the first term", color=BLUE, fontsize=8.5, ha="center", bbox=plain)
    above.text(first / 2, 0.36, "groups of later terms", color=BLUE, fontsize=8.5, ha="center", bbox=plain)
    above.text(first + 52, 0.6, "placement groups, new each block", color=DARK_ORANGE, fontsize=8.5, ha="center", bbox=plain)
    below.annotate("the same pairs\nin both lines", (since, lines[0][0]), (-8, 3), textcoords="offset points", ha="right", va="top", fontsize=8,
                   color="#555555", bbox=plain)  # fmt: skip
    at = first + 36 - since
    below.text(first + 20, lines[1][first - since : at].max() + 0.035, "had they stayed on campus", color=BLUE, fontsize=8.5, ha="center", bbox=plain)
    below.annotate("with placements", (since + at, lines[0][at]), (-4, -9), textcoords="offset points", color=DARK_ORANGE, fontsize=8.5, ha="right",
                   va="top")  # fmt: skip
