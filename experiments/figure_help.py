"""The pictures of the way to help: from an episode to care, and why help did not come."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from experiments.estimates import estimate
from experiments.figure_answer import with_intervals
from experiments.replicate import MISSED
from experiments.shown import has_intervals, is_told, shown_rows
from experiments.style import (
    ASH,
    BLUE,
    BROWN,
    GREEN,
    INK,
    ON_LIGHT,
    ORANGE,
    PAPER,
    PURPLE,
    SKY,
    VERMILLION,
    WIDTH,
    Drawn,
    rows_axis,
    short,
    title,
)  # fmt: skip
from simulation.record.reach import CASCADE_STEPS

if TYPE_CHECKING:
    from experiments.compare import Comparison

GROUP_LOOKS = ((VERMILLION, "s"), (BLUE, "o"))
"""Colour and marker of students without a friend and of those with one."""


def _share(parts: NDArray[np.float64]) -> NDArray[np.float64]:
    out: NDArray[np.float64] = np.full(parts.shape[:-1], np.nan)
    np.divide(100 * parts[..., 0], parts[..., 1], out=out, where=parts[..., 1] > 0)
    return out


def cascade_shares(comparison: Comparison) -> NDArray[np.float64]:
    """Per cent of episodes in which each step happened, as shown.

    Returns:
        Array of shape (3, scenarios, groups, steps): value, low and high of the 95 % interval within 0 and 100; nan where there is none, and where
        a school was given and the episodes are too few to be told.
    """
    counts = comparison.cascade.astype(np.float64)
    parts = np.stack([counts, np.broadcast_to(counts[..., :1], counts.shape)], axis=-1)
    each = np.moveaxis(parts, 1, 3)  # scenarios, groups, steps, replicates, 2: what is estimated is the same for every one of the first three
    got = estimate(each.reshape(-1, *each.shape[3:]), _share)
    found = np.array([got.mean, got.low, got.high]).reshape(3, len(counts), *counts.shape[2:])
    found[1:] = np.clip(found[1:], 0, 100) if has_intervals(comparison) else np.nan
    found[:, ~is_told(comparison, comparison.cascade.sum(axis=1))] = np.nan
    return found


def draw_cascade(comparison: Comparison) -> Drawn:
    """(c) From an episode to treatment, by scenario and by isolation at onset."""
    shares, names = cascade_shares(comparison), comparison.names
    columns = min(2, len(names))
    n_rows = -(-len(names) // columns)
    figure = Figure(figsize=(WIDTH, 1.15 + 1.6 * n_rows))
    axes = figure.subplots(n_rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
    y = np.arange(len(CASCADE_STEPS))
    for s, axis in enumerate(axes):
        if s >= len(names):
            axis.set_visible(False)
            continue
        rows_axis(axis, [step.replace("episode", "all spells") for step in CASCADE_STEPS] if s == 0 else None)
        axis.set_title(short(names[s]))
        for g, ((colour, marker), shift) in enumerate(zip(GROUP_LOOKS, (0.14, -0.14), strict=True)):
            value, low, high = shares[:, s, g]
            axis.hlines(y + shift, low, high, color=colour, linewidth=2)
            axis.plot(value[:-1], (y + shift)[:-1], color=colour, linewidth=0.7)  # care is no step after referral alone, so no line leads there
            axis.plot(value, y + shift, marker, color=colour, markersize=5, markeredgecolor=PAPER, markeredgewidth=0.6,
                      clip_on=False, zorder=3)  # fmt: skip
        if s == 0:
            axis.set_xlim(0, 104)
            axis.set_xticks(range(0, 101, 25))
        if s >= len(names) - columns:
            axis.set_xlabel("% of spells of distress")
            axis.xaxis.set_tick_params(labelbottom=True)
    title(figure, _cascade_answer(comparison))
    key = [Line2D([], [], color=colour, marker=marker, linewidth=2, label=label) for (colour, marker), label in
           zip(GROUP_LOOKS, ("without a friend at the start", "with a friend"), strict=True)]  # fmt: skip
    figure.legend(handles=key, loc="outside lower left", ncols=2)
    said = []
    for s, name in enumerate(names):
        for g, group in enumerate(("without", "with")):
            steps = ", ".join(f"{step} {shares[0, s, g, k]:.0f} %" for k, step in enumerate(CASCADE_STEPS) if k and np.isfinite(shares[0, s, g, k]))
            said.append(f"{name}, {group} a friend: {steps or 'no episodes'}")
    caption = (f"Spells of distress after the settling-in: in how many of 100 each step happened at least once, {with_intervals(comparison)}. "
               "Care can begin without the steps before it, where a student asks for it unprompted.")  # fmt: skip
    return figure, caption, "; ".join(said) + "."


_STEP_TEXTS = {"noticed": "are noticed", "offered": "lead to an offer", "accepted": "to accepted support"}


def _cascade_answer(comparison: Comparison) -> str:
    counts = comparison.cascade[0].sum(axis=(0, 1))[:4]
    if not counts[0] or not is_told(comparison, counts).all():
        return "Too few spells of distress to tell where help stops"
    share = np.round(100 * counts / counts[0])
    steps = ", ".join(f"{share[k]:.0f} {_STEP_TEXTS[step]}" for k, step in enumerate(CASCADE_STEPS[:4]) if k)
    return f"Help gets lost at every step: of 100 spells under {short(comparison.names[0], 1)} {steps}"


# Reasons in the order in which help stops; those of the likeliest helper are put together into four kinds so that colours stay apart.
MISSED_KINDS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("over too soon to be noticed", ("brief",), ASH),
    ("nobody there", ("nobody there",), VERMILLION),
    ("people around, nobody noticed", ("not noticed",), ORANGE),
    ("noticed: helper hardly known", ("weak tie",), SKY),
    ("noticed: helper unsure, stigma", ("expertise", "stigma", "boundary"), BLUE),
    ("noticed: helper stretched", ("weekly limit", "load", "own distress"), PURPLE),
    ("noticed: reluctance, chance", ("reluctance", "chance"), BROWN),
    ("offered, not accepted", ("refused",), GREEN),
)


def missed_kinds(comparison: Comparison) -> NDArray[np.float64]:
    """Unreached of 100 episodes by MISSED_KINDS, shape (scenarios, kinds); of a school what is too rare to be told counts as the largest kind."""
    episodes = np.maximum(comparison.cascade[..., 0].sum(axis=(1, 2)), 1)
    counts = np.stack([comparison.reasons[:, [MISSED.index(reason) for reason in reasons]].sum(axis=1) for _, reasons, _ in MISSED_KINDS], axis=1)
    for own in counts:
        small = ~is_told(comparison, own)
        own[int(own.argmax())] += own[small].sum()
        own[small] = 0
    return 100 * counts / episodes[:, None]


def draw_missed(comparison: Comparison) -> Drawn:
    """(d) Why episodes were missed: bars that add up to the unreached."""
    figure = Figure(figsize=(WIDTH, 2.75 + 0.36 * len(comparison.names)))
    axis = figure.add_subplot()
    rows_axis(axis, comparison.names)
    left = np.zeros(len(comparison.names))
    rates = missed_kinds(comparison)
    said: dict[str, list[str]] = {name: [] for name in comparison.names}
    for (label, _, colour), width in zip(MISSED_KINDS, rates.T, strict=True):
        axis.barh(range(len(width)), width, left=left, height=0.66, color=colour, edgecolor=PAPER, linewidth=0.8, label=label)
        for y, w in enumerate(width):
            if w >= 3.5:
                dark = colour in (BLUE, BROWN)
                axis.text(left[y] + w / 2, y, f"{w:.0f}", ha="center", va="center", fontsize=8, color=PAPER if dark else ON_LIGHT)
            said[comparison.names[y]].append(f"{label} {w:.1f}")
        left += width
    for y, row in enumerate(shown_rows(comparison, "reach")):
        if row["low"] is not None:
            axis.plot([100 - 100 * row["high"], 100 - 100 * row["low"]], [y, y], color=INK, linewidth=1.4, marker="|", markersize=6, clip_on=False)
        # At a fixed place: beyond the end of a wide interval it would leave the canvas.
        axis.text(1.02, y, f"{left[y]:.0f}", transform=axis.get_yaxis_transform(), va="center", fontsize=9, fontweight="bold")
    axis.set_xlim(0, 100)
    axis.set_xlabel("unreached of 100 spells" + (", with 95 % interval" if has_intervals(comparison) else ""))
    title(figure, _missed_answer(comparison, rates))
    figure.legend(loc="outside lower left", ncols=2, columnspacing=1.0, fontsize=7.6)
    caption = ("Each unreached spell of distress has one reason, so the bars add up to all that were unreached (bold, on the right). What held the "
               "likeliest helper back is the largest cost in that helper's readiness to offer; the table below has every reason.")  # fmt: skip
    return figure, caption, "; ".join(f"{name}: {', '.join(parts)}" for name, parts in said.items()) + " (per 100 episodes)."


def _missed_answer(comparison: Comparison, rates: NDArray[np.float64]) -> str:
    total = rates[0].sum()
    if not total:
        return "No spell of distress stayed unreached"
    said = f"Under {short(comparison.names[0], 1)} {total:.0f} of 100 spells stay unreached"
    noticed = sum(rates[0, k] for k, (label, _, _) in enumerate(MISSED_KINDS) if label.startswith("noticed"))
    kinds = {"nobody noticed": rates[0, 2], "the likeliest helper held back": noticed, "the offer was not accepted": rates[0, 7],
             "it was over too soon": rates[0, 0], "nobody was there": rates[0, 1]}  # fmt: skip
    first, second = sorted(kinds, key=lambda kind: -kinds[kind])[:2]
    return f"{said}: most often {first} ({kinds[first]:.0f}) or {second} ({kinds[second]:.0f})"
