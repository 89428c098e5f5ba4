"""Every claim of the study put to the model, one test each: what was found is as known, and a mutant makes the same test fail.

False-alarm rate of a claim: .001, one-sided, so .037 over all 37; runs and margins are fixed in experiments/claims, and the seed is the default. A
claim that the model is known not to bear out says why in its `known`, and its test asserts that it does not.
"""

from __future__ import annotations

import pytest

from experiments.claims.catalogue import CLAIMS
from experiments.claims.claim import Claim
from experiments.claims.rows import expectation, measured, said
from experiments.claims.run import run_claims


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_claim(claim: Claim):
    [row] = run_claims([claim])
    for reading in row["readings"]:
        print(f"{row['id']} {measured(reading)}: {said(reading)}, expected {expectation(reading)}: {reading['verdict']}; "
              f"mutant ({reading['mutant']['is']}): {said(reading['mutant'])}: {reading['mutant']['verdict']}")  # fmt: skip
    for reading in row["readings"]:
        if reading["known"]:
            assert reading["verdict"] != "borne out", f"{measured(reading)} is borne out now: {said(reading)}; known was: {reading['known']}"
        else:
            assert reading["verdict"] == "borne out", f"{measured(reading)}: {said(reading)}, expected {expectation(reading)}"
            assert reading["mutant"]["verdict"] == "seen", f"{measured(reading)}: with the mutant still {said(reading['mutant'])}"
    assert row["is_as_known"]
