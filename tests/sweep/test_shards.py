"""A sweep in parts, and the parts put together."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments.sweep.design import Design, load_design
from experiments.sweep.tasks import n_tasks, owned, pieces_of, read_shard
from simulation.faults import InputError
from tests.sweep.sweeps import assert_same, design_file, sweep


def design_of(points: int, replicates: int, n_scenarios: int, like: Design) -> Design:
    return replace(like, points=pd.DataFrame({"onset_rate": np.linspace(0.01, 0.02, points)}), replicates=replicates,
                   scenarios=tuple((f"s{k}", {}) for k in range(n_scenarios)))  # fmt: skip


@pytest.fixture(scope="module")
def any_design(design: Path) -> Design:
    return load_design(design)


@pytest.fixture(scope="module")
def shards(design: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("shards")
    for k in (1, 2, 3):
        done = sweep("run", design, "--out", folder / str(k), "--shard", f"{k}/3")
        assert done.returncode == 0, done.stderr
    return [folder / str(k) for k in (1, 2, 3)]


@pytest.mark.parametrize("shape", [(1, 1, 1), (10, 1000, 4), (400, 10, 1), (625, 25, 2), (512, 8, 4), (2740, 5, 2), (3, 7, 2)])
@pytest.mark.parametrize("n", [1, 2, 3, 5, 8, 10, 25])
def test_shards_hold_every_task_once_and_are_balanced(shape: tuple[int, int, int], n: int, any_design: Design) -> None:
    design = design_of(*shape, any_design)
    masks = np.array([owned(design, (k, n)) for k in range(1, n + 1)])
    assert (masks.sum(axis=0) == 1).all()
    points, replicates, _ = shape
    sizes = masks.sum(axis=1)
    assert sizes.max() - sizes.min() <= max(1, points // (8 * n), n_tasks(design) // (128 * n)), "shards differ by a block at most"
    if points >= 16 * n:
        of_replicates = masks.reshape(n, replicates, points).mean(axis=2) * n
        assert of_replicates.min() > 0.7 and of_replicates.max() < 1.4, "every shard has its part of every replicate"


@pytest.mark.parametrize("n", [2, 4, 5, 8])
def test_no_point_is_in_one_shard_alone(n: int, any_design: Design) -> None:
    """Else it would be lost with that shard. In blocks of a plain rota it would be, here, where N divides the blocks of a replicate."""
    for points in (64 * n, 400, 1000):
        by_replicate = owned(design_of(points, 10, 1, any_design), (1, n)).reshape(10, points)
        assert by_replicate.mean(axis=0).max() < 0.95


@pytest.mark.parametrize(("shape", "workers"), list(product([(1, 1, 1), (100, 3, 2), (5000, 2, 3)], [1, 2, 64])))
def test_pieces_hold_every_wanted_task_once_in_order_and_none_else(shape: tuple[int, int, int], workers: int, any_design: Design) -> None:
    design = design_of(*shape, any_design)
    for is_wanted in (owned(design, (1, 1)), owned(design, (2, 3)), ~owned(design, (1, 1)), np.arange(n_tasks(design)) % 7 > 2):
        pieces = list(pieces_of(is_wanted, design, workers))
        assert [task for piece in pieces for task in piece] == np.flatnonzero(is_wanted).tolist()
        assert all(0 < len(piece) * shape[2] <= 250 for piece in pieces)
        assert len(pieces) >= min(is_wanted.sum(), 8 * workers)


@pytest.mark.parametrize("text", ["0/3", "4/3", "1", "a/b", "1/", "-1/3", "1/0", "1.5/3"])
def test_what_is_no_shard_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="K/N"):
        read_shard(text)


def test_merged_shards_are_the_whole_sweep(shards: list[Path], undisturbed: Path, tmp_path: Path) -> None:
    done = sweep("merge", *shards, "--out", tmp_path / "whole")
    assert done.returncode == 0 and "480 of 480 runs" in done.stdout, done.stderr
    assert_same(tmp_path / "whole", undisturbed)


def test_missing_shards_are_named_and_can_be_merged_later(shards: list[Path], undisturbed: Path, tmp_path: Path) -> None:
    some = sweep("merge", shards[2], shards[0], "--out", tmp_path / "whole")
    assert some.returncode == 1 and "Shard 2/3 was not given" in some.stdout and "Shard 1/3" not in some.stdout
    rest = sweep("merge", shards[1], "--out", tmp_path / "whole")
    assert rest.returncode == 0, rest.stdout + rest.stderr
    assert_same(tmp_path / "whole", undisturbed)


def test_a_sweep_goes_on_where_a_shard_was_lost(design: Path, shards: list[Path], undisturbed: Path, tmp_path: Path) -> None:
    assert sweep("merge", shards[0], shards[1], "--out", tmp_path / "whole").returncode == 1
    done = sweep("run", design, "--out", tmp_path / "whole")
    assert done.returncode == 0, done.stderr
    assert_same(tmp_path / "whole", undisturbed)


def test_a_shard_that_is_not_finished_is_told(shards: list[Path], tmp_path: Path) -> None:
    part = Path(shutil.copytree(shards[0], tmp_path / "part"))
    next((part / "chunks").glob("*.parquet")).unlink()
    done = sweep("merge", part, *shards[1:], "--out", tmp_path / "whole")
    assert done.returncode == 1 and "Shard 1/3 is not finished" in done.stdout


def test_shards_that_do_not_belong_together_are_refused(shards: list[Path], undisturbed: Path, tmp_path: Path) -> None:
    other = design_file(tmp_path, replicates=5)
    assert sweep("run", other, "--out", tmp_path / "other", "--shard", "2/3").returncode == 0
    old = Path(shutil.copytree(shards[1], tmp_path / "old"))
    told = json.loads((old / "manifest.json").read_text(encoding="utf-8"))
    told["sources"]["simulation/streams.py"] = "0" * 16
    (old / "manifest.json").write_text(json.dumps(told), encoding="utf-8")
    again = Path(shutil.copytree(shards[0], tmp_path / "again"))
    for strange, why in ((tmp_path / "other", "replicates: 5 there, 4 here"), (old, "simulation/streams.py"),
                         (undisturbed, "is the whole of a sweep"), (again, "is shard 1/3, as is"), (tmp_path, "no manifest.json")):  # fmt: skip
        done = sweep("merge", shards[0], strange, "--out", tmp_path / "whole")
        assert done.returncode == 2 and why in " ".join(done.stderr.split()), done.stderr
        assert not (tmp_path / "whole").exists()


def test_another_shard_is_not_written_into_a_shards_store(design: Path, shards: list[Path]) -> None:
    for given in (["--shard", "2/3"], []):
        done = sweep("run", design, "--out", shards[0], *given)
        assert done.returncode == 2 and "holds shard 1/3" in done.stderr
