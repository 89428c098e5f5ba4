"""A design: the points, the scenarios run at each, replicates and seeds, as one Parquet file that carries its own description."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import parquet

from experiments.sweep.factor import Factor
from experiments.sweep.problem import UNIT_ENDING, Problem
from simulation.faults import Fault, InputError

DEFAULT_SCENARIOS = ("informal",)
DEFAULT_REPLICATES = 5
"""Runs of each scenario at each point of the model: with fewer than two, nothing could be told of the seed."""
KEY = b"wardmates"
FORMAT = 1


@dataclass(frozen=True)
class Design:
    """What is to be run.

    Attributes:
        method: "grid", "lhs", "sobol", "morris", or "own" for a user's points.
        problem: what is varied.
        points: one column a factor; the index 0..n_points-1 is `point`.
        unit: the points in the unit cube, shape (points, factors); None for a user's own. Of a Morris design the positions in its grid.
        n: as given: levels a factor of a grid, points of lhs and own, base sample of sobol, trajectories of morris.
        second_order: a sobol design has the rows for second-order indices.
        num_levels: levels of morris, else None.
        scenarios: (name, content as in a scenario file), the baseline first; empty where the problem is not the model's.
        overrides: values of `--set`, which hold at every point.
        replicates: runs of each scenario at each point.
        seeds: "crossed" (a replicate is the same world at every point) or "independent".
        seed: the user's.
        version: of wardmates.
        command: what made it, for people.
    """

    method: str
    problem: Problem
    points: pd.DataFrame
    unit: NDArray[np.float64] | None
    n: int
    second_order: bool
    num_levels: int | None
    scenarios: tuple[tuple[str, dict[str, Any]], ...]
    overrides: dict[str, str]
    replicates: int
    seeds: str
    seed: int
    version: str
    command: str = ""

    @property
    def n_points(self) -> int:
        """Points."""
        return len(self.points)

    @property
    def n_runs(self) -> int:
        """Runs of the model in all; where the problem is not the model's, evaluations."""
        return self.n_points * self.replicates * max(1, len(self.scenarios))

    def at(self, point: int) -> dict[str, Any]:
        """Values of the factors at a point, as Python's own numbers and texts."""
        return {name: column[point] if column.dtype == object else column[point].item() for name, column in self._columns.items()}

    @cached_property
    def contents(self) -> dict[str, dict[str, Any]]:
        """The scenarios by their names."""
        return dict(self.scenarios)

    @cached_property
    def _columns(self) -> dict[str, NDArray[Any]]:
        return {factor.name: self.points[factor.name].to_numpy(dtype=object if factor.distribution == "choice" else None)
                for factor in self.problem.factors}  # fmt: skip

    @cached_property
    def digest(self) -> str:
        """SHA-256 of everything that decides the runs: points, scenarios, overrides, replicates, seeds and seed."""
        deciding = {key: value for key, value in self._description().items()
                    if key in ("scenarios", "overrides", "replicates", "seeds", "seed")}  # fmt: skip
        sha = hashlib.sha256(_json(deciding))
        for name, column in self._columns.items():
            sha.update(_json([name, column.dtype.kind, len(column)]))
            sha.update(_json(column.tolist()) if column.dtype == object else column.astype(column.dtype.newbyteorder("<")).tobytes())
        return sha.hexdigest()

    def save(self, path: Path | str) -> None:
        """Write the design, whole or not at all; the same design gives the same bytes.

        Raises:
            OSError: it cannot be written.
        """
        columns: dict[str, Any] = {"point": np.arange(self.n_points, dtype=np.int64)}
        for k, name in enumerate(self.problem.names):
            columns[name] = pa.array(self._columns[name])
            if self.unit is not None:
                columns[name + UNIT_ENDING] = self.unit[:, k]
        table = pa.table(columns).replace_schema_metadata({KEY: _json(self._description())})
        path = Path(path)
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            with temporary.open("wb") as file:
                parquet.write_table(table, file, compression="zstd")
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)

    def _description(self) -> dict[str, Any]:
        """Everything but the points, as JSON takes it."""
        left_out = ("points", "unit", "problem", "scenarios")
        rest = {key: value for key, value in vars(self).items() if key in type(self).__dataclass_fields__ and key not in left_out}
        return {"format": FORMAT, **rest, "is_ours": self.problem.is_ours, "factors": [asdict(factor) for factor in self.problem.factors],
                "scenarios": [[name, content] for name, content in self.scenarios]}  # fmt: skip


def load_design(path: Path | str) -> Design:
    """Read a design.

    Args:
        path: a Parquet file that `Design.save` wrote, or a user's own points as CSV or Parquet (`experiments.sweep.own.design_of_points`, which
            with DEFAULT_SCENARIOS and DEFAULT_REPLICATES).

    Raises:
        InputError: what it is that cannot be read, or every fault of a user's points.
    """
    path = Path(path)
    description = _description_of(path)
    if description is None:
        from experiments.sweep.own import design_of_points

        return design_of_points(path)
    if description.pop("format") != FORMAT:
        raise InputError([Fault(path.name, "is a design of another version of wardmates", "make it again with `wardmates sweep design`",
                                value=str(description.get("version")))])  # fmt: skip
    frame = parquet.read_table(path).to_pandas()
    factors = tuple(Factor(**{**row, "levels": tuple(row["levels"])}) for row in description.pop("factors"))
    problem = Problem(factors, description.pop("is_ours"))
    has_unit = all(name + UNIT_ENDING in frame for name in problem.names)
    unit = frame[[name + UNIT_ENDING for name in problem.names]].to_numpy(dtype=np.float64) if has_unit else None
    scenarios = tuple((name, content) for name, content in description.pop("scenarios"))
    return Design(problem=problem, points=frame[list(problem.names)], unit=unit, scenarios=scenarios, **description)


def is_design(path: Path | str) -> bool:
    """Whether a file is a design that `Design.save` wrote."""
    try:
        return _description_of(Path(path)) is not None
    except InputError:
        return False


def _description_of(path: Path) -> dict[str, Any] | None:
    """What a design's file says of itself; None for any other file that can be opened."""
    try:
        with path.open("rb") as file:
            if file.read(4) != b"PAR1":
                return None
        metadata = parquet.read_schema(path).metadata or {}
    except OSError as error:
        raise InputError([Fault("design", f"cannot be read ({error.strerror or error})", "a file that `wardmates sweep design` made, or your own "
                                "points as CSV or Parquet", value=str(path))]) from None  # fmt: skip
    except pa.ArrowInvalid as error:
        raise InputError([Fault(path.name, f"is damaged: {error}", "make it again with `wardmates sweep design`")]) from None
    return json.loads(metadata[KEY]) if KEY in metadata else None


def _json(content: Any) -> bytes:
    return json.dumps(content, sort_keys=True, ensure_ascii=False, allow_nan=False).encode()
