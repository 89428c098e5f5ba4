"""Made-up analyses, designs and evaluations: plausible enough to be drawn, quick, and what they hold is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from experiments.sensitivity.evaluations import Evaluations
from experiments.sensitivity.result import RANKED_BY, Analysis, Index, Step
from experiments.sensitivity.study import Study, study_of
from experiments.sweep.design import Design
from experiments.sweep.factor import Factor
from experiments.sweep.problem import Problem

NAMES = ("tie_half_life", "kappa_placement", "sociability_cv", "friend_strength", "offsite_availability", "recovery_rate", "block_weeks",
         "outreach_sensitivity", "disclosure_on_stigma", "common_friends_pull", "clinical_teaching_weeks", "training_obligations",
         "confidentiality_norm", "received_on_worsening", "students_per_officer", "susceptibility_sd", "small_group_hours", "onset_rate",
         "breach_on_credibility", "placement_group_size")  # fmt: skip


def names_of(factors: int) -> tuple[str, ...]:
    return tuple(NAMES[k] if k < len(NAMES) else f"further_parameter_{k + 1}" for k in range(factors))


def analysis(method: str = "sobol", factors: int = 20, *, replicates: int = 5, crossed: bool = True, noise: float = 0.55, second_order: bool = False,
             label: str = "unreached_isolated_students, informal", unit: str = "students per 100 enrolled", seed: int = 1) -> Analysis:  # fmt: skip
    rng = np.random.default_rng(seed)
    names = names_of(factors)
    share = 0.9 * 0.72 ** np.arange(factors) * 0.45
    total = share + 0.012 * rng.random(factors)
    rows: list[Index] = []

    def add(index: str, values: np.ndarray, width: np.ndarray, least: float = -1.0) -> None:
        wobble = rng.normal(0, 0.3, len(values)) * width
        rows.extend(Index(name, index, float(v + w), float(max(v + w - h, least)), float(v + w + h))
                    for name, v, w, h in zip(names, values, wobble, width, strict=True))  # fmt: skip

    if method in ("sobol", "grid"):
        floors = {"ST": 0.03, "S1": 0.035, "ST_run": 0.02, "S1_run": 0.02}
        add("S1", 0.7 * share, 0.015 + 0.1 * share)
        add("ST", total, 0.012 + 0.12 * share, 0.0)
        if replicates > 1:
            add("S1_run", 0.7 * share * (1 - noise), 0.012 + 0.07 * share)
            add("ST_run", total * (1 - noise), 0.01 + 0.08 * share, 0.0)
        if second_order:
            for i in range(factors):
                for j in range(i + 1, factors):
                    value = 0.25 * np.sqrt(share[i] * share[j]) * rng.random() + rng.normal(0, 0.004)
                    rows.append(Index(f"{names[i]}*{names[j]}", "S2", float(value), float(value - 0.018), float(value + 0.018)))
        floors["S2"] = 0.02
    elif method == "morris":
        floors = {"mu_star": 0.35}
        size = 6 * share / share[0] + 0.1 * rng.random(factors)
        add("mu_star", size, 0.08 + 0.12 * size, 0.0)
        add("mu", size * rng.choice([-1, 0.2, 1], factors), 0.1 + 0.12 * size)
        spread = size * rng.uniform(0.1, 1.2, factors)
        add("sigma", spread, 0.1 + 0.1 * size, 0.0)
        if replicates > 1:
            add("sigma_corrected", 0.9 * spread, 0.1 + 0.1 * size, 0.0)
    else:
        floors = {"PRCC": 0.08}
        add("PRCC", 0.9 * np.sqrt(share) * rng.choice([-1, 1], factors), np.full(factors, 0.05))
        rows.append(Index(None, "R2", 0.8, 0.75, 0.85))
    if replicates > 1:
        rows.append(Index(None, "noise", noise, noise - 0.05, noise + 0.05))
        if crossed:
            rows.append(Index(None, "noise_seed", 0.2 * noise, 0.2 * noise - 0.03, 0.2 * noise + 0.03))
            rows.append(Index(None, "noise_interaction", 0.8 * noise, 0.8 * noise - 0.04, 0.8 * noise + 0.04))
    ranking = RANKED_BY[method]
    n, steps = 512, []
    for size_now in [2**k for k in range(4, 10)]:
        for row in [row for row in rows if row.index == ranking]:
            width = (row.high - row.low) / 2 * np.sqrt(n / size_now)
            value = row.value + (rng.normal(0, 0.35) * width if size_now < n else 0.0)
            steps.append(Step(size_now, str(row.parameter), ranking, float(value), float(value - width), float(value + width)))
    return Analysis(method, label, unit, names, n, n * (factors + 2), replicates, crossed, tuple(rows), floors, tuple(steps),
                    "The first three have kept their order since 128.", (), 4.83, 2.1, 0.95, 1000)  # fmt: skip


RANGES = {"tie_half_life": (12, 60, "loguniform"), "block_weeks": (4, 24, "integer"), "friend_strength": (0.32, 0.785, "triangular")}


def design(factors: int = 6, points: int = 1500, *, method: str = "lhs", replicates: int = 4, seeds: str = "crossed", seed: int = 1,
           has_choice: bool = True, is_ours: bool = True,
           scenarios: tuple[str, ...] = ("informal", "officers", "officers-outreach")) -> Design:  # fmt: skip
    rng = np.random.default_rng(seed)
    made = []
    for name in names_of(factors):
        low, high, distribution = RANGES.get(name, (0.05, 0.8, "uniform"))
        mode = (low + high) / 2 if distribution == "triangular" else None
        made.append(Factor(name, low, high, distribution, mode, unit="weeks" if "week" in name or "life" in name else "share", meaning="made up"))
    if has_choice:
        levels = ("independent", "fixed-groups", "isolate-aware")
        made[-1] = Factor("placement", 0, len(levels) - 1, "choice", None, levels)
    base = -(-points // (factors + 2)) if method == "sobol" else points
    if method == "sobol":
        a, b = rng.random((2, base, factors))
        rows = [a, *(np.where(np.arange(factors) == k, b, a) for k in range(factors)), b]
        unit = np.stack(rows, axis=1).reshape(-1, factors)
    else:
        unit = rng.random((points, factors))
    frame = pd.DataFrame({factor.name: factor.value(unit[:, k]) for k, factor in enumerate(made)})
    n = {"morris": points // (factors + 1)}.get(method, base)
    contents = tuple((name, {}) for name in scenarios) if is_ours else ()
    return Design(method, Problem(tuple(made), is_ours), frame, unit, n, False, 4 if method == "morris" else None, contents, {}, replicates, seeds,
                  seed, "0.1", "wardmates sweep design --method lhs")  # fmt: skip


def evaluations(of: Design, *, effect: bool = True, noise: float = 1.0, label: str = "unreached_isolated_students, informal", shift: float = 0.0,
                unit: str = "students per 100 enrolled", seed: int = 2) -> Evaluations:  # fmt: skip
    """Falls along the first factor, bends along the second, with worlds of their own in each replicate."""
    rng = np.random.default_rng(seed)
    u = np.column_stack([factor.position(of.points[factor.name]) for factor in of.problem.factors])
    f = 6 - 3 * u[:, 0] + 4 * (u[:, 1] - 0.5) ** 2 + 0.8 * u[:, 0] * u[:, -1] if effect else np.full(len(u), 5.0)
    worlds = rng.normal(0, 0.4, of.replicates)[None, :] if of.seeds == "crossed" else 0.0
    y = f[:, None] + shift + worlds + noise * rng.normal(0, 1, (len(u), of.replicates))
    return Evaluations(y, label, unit, of.seeds == "crossed")


def gains(of: Design, *, effect: bool = True, noise: float = 0.6, seed: int = 3) -> Evaluations:
    """A difference, lower is better, that is a gain unless the first factor is high and the second low."""
    rng = np.random.default_rng(seed)
    u = np.column_stack([factor.position(of.points[factor.name]) for factor in of.problem.factors])
    f = np.where((u[:, 0] > 0.6) & (u[:, 1] < 0.5), 0.5, -0.9) if effect else np.full(len(u), -0.2)
    worlds = rng.normal(0, 0.1, of.replicates)[None, :] if of.seeds == "crossed" else 0.0
    return Evaluations(f[:, None] + worlds + noise * rng.normal(0, 1, (len(u), of.replicates)),
                       "unreached_isolated_students: officers-outreach − informal", "students per 100 enrolled", of.seeds == "crossed")  # fmt: skip


def study(method: str = "sobol", factors: int = 6, *, replicates: int = 4, is_difference: bool = True, is_ours: bool = True,
          points: int = 1200) -> Study:  # fmt: skip
    of = design(factors, points, method=method, replicates=replicates, has_choice=False, is_ours=is_ours)
    base, gain = evaluations(of), gains(of)
    asked = gain if is_difference else base
    label, unit = (asked.label, asked.unit) if is_ours else ("outcome", "")
    found = replace(analysis(method, factors, replicates=replicates, second_order=method == "sobol", label=label, unit=unit),
                       parameters=of.problem.names, notes=("A note <of> the analysis.",))  # fmt: skip
    values = {"informal": base, "officers": replace(base, y=base.y + 0.2), "officers-outreach": replace(base, y=base.y + gain.y)} if is_ours else {}
    return study_of(of, "unreached_isolated_students" if is_ours else "outcome", asked, found,
                    ("officers-outreach", "informal") if is_difference and is_ours else None, values)  # fmt: skip
