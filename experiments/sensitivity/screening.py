"""Which parameters a screening leaves for the next stage."""

from __future__ import annotations

from experiments.sensitivity.result import Analysis

NEGLIGIBLE = 0.1
"""Share of the largest effect below which a parameter is left out even with the upper end of its interval. Variance goes with the square of
mu*, so what is left out has about a hundredth of the variance of the largest."""


def suggested(analysis: Analysis) -> list[str]:
    """Parameters for the Sobol stage, from the largest effect to the smallest.

    After a Morris design those whose mu* is above its floor (more than chance alone gives) and whose interval reaches a tenth of the largest
    mu*; after any other those told from zero. Empty where nothing is told from chance: then more replicates are needed before a second stage.
    """
    told = analysis.told_from_zero()
    if analysis.method != "morris" or not told:
        return told
    found = {row.parameter: row for row in analysis.of("mu_star")}
    least = NEGLIGIBLE * found[told[0]].value
    return [name for name in told if max(found[name].high, found[name].value) >= least]
