"""Values are taken run by run, in any order, complete or refused with a list."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest

from experiments.sensitivity.evaluations import MOST_LISTED, of_difference, of_store, of_table
from experiments.sweep.design import Design
from simulation.faults import InputError
from tests.statistical.known_functions import design_of

DESIGN = design_of(np.linspace(0, 1, 6).reshape(-1, 1), "lhs", replicates=3)


def table(replicates: int = 3) -> pd.DataFrame:
    point, replicate = np.divmod(np.arange(6 * replicates), replicates)
    return pd.DataFrame({"point": point, "replicate": replicate, "y": point + replicate / 10})


def test_rows_may_come_in_any_order() -> None:
    shuffled = table().sample(frac=1, random_state=1)
    y = of_table(DESIGN, shuffled, "y").y
    np.testing.assert_allclose(y, np.arange(6)[:, None] + np.arange(3) / 10)


def test_replicates_may_have_any_whole_numbers_and_be_left_out() -> None:
    renamed = table().assign(replicate=lambda f: 10 + 5 * f["replicate"])
    np.testing.assert_array_equal(of_table(DESIGN, renamed, "y").y, of_table(DESIGN, table(), "y").y)
    alone = of_table(DESIGN, table(1).drop(columns="replicate"), "y")
    assert alone.y.shape == (6, 1) and not alone.notes


def test_another_number_of_replicates_than_the_design_asks_for_is_noted() -> None:
    assert "3 replicates" in of_table(DESIGN, table(2), "y").notes[0] and not of_table(DESIGN, table(3), "y").notes


def test_seeds_are_crossed_where_the_design_says_so() -> None:
    assert of_table(DESIGN, table(), "y").crossed and not of_table(replace(DESIGN, seeds="independent"), table(), "y").crossed


@pytest.mark.parametrize(("change", "message"), [
    (lambda f: f.drop(index=[4, 8]), r"2 of 18 runs are missing: point 1 replicate 1, point 2 replicate 2"),
    (lambda f: pd.concat([f, f.iloc[[4]]]), r"1 of 18 runs are there more than once: point 1 replicate 1"),
    (lambda f: f.drop(columns="replicate"), r"6 of 6 runs are there more than once: point 0, .*column `replicate`"),
    (lambda f: f.assign(point=f["point"].replace(5, 7)), r"none of the design's: 7.*\n.*missing: point 5 replicate 0"),
    (lambda f: f.assign(y=f["y"].where(f["y"] < 5)), r"row 17, column y: this is not a finite number"),
    (lambda f: f.assign(y=f["y"].astype(object).where(f["y"] != 0.1, "many")), r"row 3, column y.*'many'"),
    (lambda f: f.assign(y=f["y"].replace(0.0, np.inf)), r"row 2, column y"),
    (lambda f: f.assign(point=f["point"] + 0.5), r"row 2, column point: this is not a whole number"),
    (lambda f: f.rename(columns={"y": "reach"}), r"there is no column 'y'"),
    (lambda f: f.rename(columns={"point": "row"}), r"there is no column 'point'"),
    (lambda f: f.iloc[:0], r"missing"),
])  # fmt: skip
def test_what_is_wrong_is_listed(change, message: str) -> None:
    with pytest.raises(InputError, match=r"(?s)" + message):
        of_table(DESIGN, change(table()), "y", where="results.csv")


def test_long_lists_are_cut_with_the_number_of_the_rest() -> None:
    design = design_of(np.linspace(0, 1, 100).reshape(-1, 1), "lhs")
    with pytest.raises(InputError, match=r"99 of 100 runs are missing: .* and 79 more"):
        of_table(design, pd.DataFrame({"point": [0], "y": [1.0]}), "y")
    with pytest.raises(InputError) as caught:
        of_table(design, pd.DataFrame({"point": range(100), "y": ["?"] * 100}), "y")
    assert len(caught.value.faults) == MOST_LISTED + 1


@dataclass
class FakeStore:
    """As much of a store as is read."""

    design: Design
    rows: pd.DataFrame

    def missing(self) -> pd.DataFrame:
        return self.rows[self.rows["status"] != "ok"]

    def runs(self, columns: list[str]) -> pd.DataFrame:
        return self.rows[columns]


def store() -> FakeStore:
    design = replace(DESIGN, scenarios=(("informal", {}), ("officers", {})))
    rows = [{"row": (r * 6 + p) * 2 + s, "point": p, "replicate": r, "scenario": name, "status": "ok", "reach": p / 10 + r / 100 + s}
            for r in range(3) for p in range(6) for s, name in enumerate(["informal", "officers"])]  # fmt: skip
    return FakeStore(design, pd.DataFrame(rows))


def test_a_store_gives_an_outcome_or_a_paired_difference() -> None:
    one = of_store(store(), "reach", "informal")
    np.testing.assert_allclose(one.y, np.arange(6)[:, None] / 10 + np.arange(3) / 100)
    assert one.label == "reach, informal" and one.unit == "share of episodes" and one.crossed
    pair = of_difference(store(), "reach", "officers", "informal")
    np.testing.assert_allclose(pair.y, 1.0)
    assert pair.label == "reach: officers − informal"


def test_a_store_with_gaps_is_refused() -> None:
    there = store()
    there.rows.loc[[3, 7], "status"] = "failed"
    with pytest.raises(InputError, match="2 of its runs are missing or failed: rows 3, 7"):
        of_store(there, "reach", "informal")


def test_an_outcome_that_some_runs_do_not_define_is_refused() -> None:
    there = store()
    there.rows.loc[2, "reach"] = np.nan
    with pytest.raises(InputError, match=r"not defined in 1 of 18 runs.*point 1 replicate 0"):
        of_store(there, "reach", "informal")


def test_unknown_names_are_refused_with_the_nearest() -> None:
    with pytest.raises(InputError, match="did you mean 'reach'"):
        of_store(store(), "raech", "informal")
    with pytest.raises(InputError, match="did you mean 'officers'"):
        of_difference(store(), "reach", "oficers", "informal")
    with pytest.raises(InputError, match="zero"):
        of_difference(store(), "reach", "officers", "officers")
