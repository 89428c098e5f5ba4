"""The size below which an index of a sobol design is not told from zero.

It is the 95 % point of the index of a dummy: a parameter that decides nothing, whose runs differ from those at A by chance alone. Where
replicates tell how large chance is, the point follows from its variance at each base row; docs/sensitivity.md derives it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special

from experiments.sensitivity.noise import Noise, centred
from experiments.sensitivity.sobol import Blocks, of_means, variance

Array = NDArray[np.float64]

ONE_SIDED = float(special.ndtri(0.95))
TWO_SIDED = float(special.ndtri(0.975))


def chance_variance(z: Array) -> tuple[float, float]:
    """Mean over points of the variance between replicates, and of its square, both without bias for normal chance.

    Args:
        z: values less their mean (`centred`), replicates on the last axis, at least two.
    """
    r = z.shape[-1]
    s2 = z.var(axis=-1, ddof=1)
    return float(s2.mean()), float((s2**2).mean()) * (r - 1) / (r + 1)


def sobol_floors(blocks: Blocks, noise: Noise | None) -> dict[str, float]:
    """Floors by index: of S1 and S1_run in absolute size."""
    n, r = blocks.a.shape
    scale = float(of_means(variance(blocks)).mean())
    ends = np.moveaxis(centred(blocks.ends, crossed=blocks.crossed), 1, 0)
    if noise is None:
        # One run tells nothing of chance. What is left is how far from zero two independent samples correlate by accident.
        a, b = ends.mean(axis=-1)
        floor = TWO_SIDED * float((a * b).std()) / np.sqrt(n) / scale
        return {"S1": floor, "ST": floor}
    v, v2 = chance_variance(ends)
    first = TWO_SIDED * np.sqrt(float((ends.mean(axis=-1) ** 2).mean()) * 2 * v / r / n)
    total = v / r + ONE_SIDED * np.sqrt(max(0.0, 3 * v2 - v**2) / r**2 / n)
    others = (ends.sum(axis=-1, keepdims=True) - ends) / (r - 1) if blocks.crossed else ends.mean(axis=-1, keepdims=True)
    first_run = TWO_SIDED * np.sqrt(float((others**2).mean()) * 2 * v / r / n)
    total_run = ONE_SIDED * np.sqrt(v2 * (2 / (r * (r - 1)) if blocks.crossed else 1 / (r * (r - 1)) + 1 / r**2) / n)
    return {"S1": first / scale, "ST": total / scale, "S1_run": first_run / noise.variance, "ST_run": total_run / noise.variance}
