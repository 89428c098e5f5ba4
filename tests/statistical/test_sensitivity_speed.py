"""The bar: N = 1,024 base rows, 20 parameters, 10 replicates and 1,000 resamples take less than 2 s on one core for one outcome."""

from __future__ import annotations

import time

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from experiments.sensitivity.analyse import analyse
from experiments.sensitivity.evaluations import Evaluations
from experiments.sweep.sampling import sample
from tests.statistical import known_functions as known

BAR = 2.0
"""Seconds of the processor, which do not count what else the machine does."""


@pytest.mark.parametrize("crossed", [True, False])
def test_one_outcome_on_one_core(crossed: bool) -> None:
    _, unit = sample(known.design_of(np.zeros((1, 20))).problem, "sobol", 1024, seed=0)
    rng = np.random.default_rng(0)
    y = (unit @ rng.random(20))[:, None] + rng.normal(0, 0.3, (len(unit), 10)) + (rng.normal(0, 0.3, 10) if crossed else 0)
    design, there = known.design_of(unit, replicates=10, crossed=crossed), Evaluations(y, "y", "", crossed)
    with threadpool_limits(1):
        begun = time.process_time()
        analysis = analyse(design, there, resamples=1000)
        took = time.process_time() - begun
    print(f"{'crossed' if crossed else 'independent'} seeds: {took:.2f} s of one core, convergence and noise included")
    assert analysis.resamples == 1000 and len(analysis.of("ST_run")) == 20
    assert took < BAR
