"""What was found of claims, as plain rows: for JSON, for the table of the command line, and for docs/evidence.md."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from experiments.claims.claim import Array, Claim, Reading, Trial
from experiments.claims.verdict import (
    BORNE_OUT,
    NOT_BORNE_OUT,
    NOT_SEEN,
    NOTHING_TO_SEE,
    OPEN,
    SEEN,
    UNCLEAR,
    Effect,
    mutant_verdict_of,
    together,
    verdict_of,
)


@dataclass(frozen=True)
class Found:
    """A reading and what was found.

    Attributes:
        trial, reading: what was read.
        levels, effect: the arms' values, shape (arms,), and the effect.
        mutant_levels, mutant_effect: the same with the mutant.
        apart: the effect less the mutant's, over the same worlds.
    """

    trial: Trial
    reading: Reading
    levels: Array
    effect: Effect
    mutant_levels: Array
    mutant_effect: Effect
    apart: Effect


def _plain(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _told(effect: Effect, arms: list[str], levels: Array) -> dict[str, Any]:
    low, high = effect.interval
    return {"effect": _plain(effect.value), "low": _plain(low), "high": _plain(high),
            "levels": {arm: _plain(level) for arm, level in zip(arms, levels, strict=True)}}  # fmt: skip


def _reading_row(found: Found) -> dict[str, Any]:
    trial, reading = found.trial, found.reading
    verdict = verdict_of(reading, found.effect)
    return {
        "moved": trial.moved, "before": dict(trial.before), "after": None if trial.after is None else dict(trial.after),
        "others": {name: dict(arm) for name, arm in trial.others.items()}, "both": dict(trial.both), "why": trial.why,
        "replicates": trial.replicates, "measured": reading.measure.words, "contrast": reading.contrast_words, "expects": reading.expects,
        "beyond": reading.beyond, "margin": reading.margin, **_told(found.effect, list(trial.arms), found.levels), "verdict": verdict,
        "known": reading.known,
        "mutant": {"is": trial.mutant_words, "set": dict(trial.mutant), **_told(found.mutant_effect, list(trial.arms), found.mutant_levels),
                   "verdict": mutant_verdict_of(reading, found.effect, found.mutant_effect, found.apart)},
    }  # fmt: skip


def row_of(claim: Claim, found: list[Found]) -> dict[str, Any]:
    """What was found of a claim.

    Returns:
        `id`, `section`, `says`, `expects`; `verdict` ("borne out", "not borne out", "open"); `mutant` ("seen", "unclear", "not seen", or "-" where no
        reading is borne out, so that a mutant has nothing to take away); `is_as_known`: each reading is borne out, or known not to be, and every
        mutant is seen that has something to take away; `readings`: for each its trial's arms, what was measured and expected, `effect`, `low` and
        `high` (its 95 % interval), `levels` (the arms' values), `verdict`, `known`, and `mutant` with the same of its own.
    """
    readings = [_reading_row(each) for each in found]
    seen = {reading["mutant"]["verdict"] for reading in readings}
    return {
        "id": claim.id, "section": claim.section, "says": claim.says, "expects": claim.expects,
        "verdict": together([reading["verdict"] for reading in readings]),
        "mutant": next(verdict for verdict in (NOT_SEEN, UNCLEAR, SEEN, NOTHING_TO_SEE) if verdict in seen),
        "is_as_known": all((reading["verdict"] == BORNE_OUT) != bool(reading["known"]) for reading in readings) and seen <= {SEEN, NOTHING_TO_SEE},
        "readings": readings,
    }  # fmt: skip


def said(told: dict[str, Any]) -> str:
    """An effect and its interval in figures: "0.160 [0.128, 0.193]"; a dash where there is none."""
    if told["effect"] is None:
        return "-"
    interval = "" if told["low"] is None else f" [{figure(told['low'])}, {figure(told['high'])}]"
    return figure(told["effect"]) + interval


def figure(value: float) -> str:
    """A number to three figures."""
    return "0" if value == 0 else f"{value:.3g}" if 1e-4 <= abs(value) < 1000 else f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.0e}"


def expectation(reading: dict[str, Any]) -> str:
    """What was expected of a reading's effect, in signs: "> 0", "< 0.5", "0 +- 0.001"."""
    beyond = figure(reading["beyond"])
    return f"{beyond} ± {figure(reading['margin'])}" if reading["expects"] == "nil" else f"{'>' if reading['expects'] == 'up' else '<'} {beyond}"


def measured(reading: dict[str, Any]) -> str:
    """What was measured, with the contrast where it is not after less before."""
    return reading["measured"] + (f" ({reading['contrast']})" if reading["contrast"] else "")


def summary(rows: list[dict[str, Any]]) -> list[str]:
    """Sentences that say how many claims are borne out, and which are not as they should be."""
    n = {verdict: sum(row["verdict"] == verdict for row in rows) for verdict in (BORNE_OUT, NOT_BORNE_OUT, OPEN)}
    sentences = [f"{len(rows)} {'claim' if len(rows) == 1 else 'claims'}: " + ", ".join(f"{count} {verdict}" for verdict, count in n.items()) + "."]
    for row in rows:
        for reading in row["readings"]:
            if reading["known"]:
                sentences.append(f"{row['id']} is known not to be borne out ({measured(reading)}): {reading['known']}")
    unseen = [row["id"] for row in rows if row["mutant"] in (NOT_SEEN, UNCLEAR)]
    wrong = [row["id"] for row in rows if not row["is_as_known"] and row["id"] not in unseen]
    sentences.append("Mutants that went unseen: " + (", ".join(unseen) or "none") + ".")
    if wrong:
        sentences.append("Not as expected: " + ", ".join(wrong) + ".")
    return sentences
