"""The files of one run, as `wardmates run --out` wrote them: read with pandas, and with nothing of the project's own.

Whoever recounts must not lean on what is recounted: no file in this folder but the test imports simulation, experiments or wardmates.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

WEEKS_A_YEAR = 52
MOMENTS = ("noticed", "offered", "accepted", "referred", "treated")


@dataclass(frozen=True)
class RunFiles:
    """What lies in a folder.

    Attributes:
        told: run.json.
        parameters: values in force.
        weekly: one row a week, indexed by week.
        episodes: one row an episode; weeks of the course, blank for never.
        student_weeks: one row a week and student present.
        ties: one row a kept week and tie.
    """

    told: dict[str, Any]
    parameters: dict[str, float]
    weekly: pd.DataFrame
    episodes: pd.DataFrame
    student_weeks: pd.DataFrame
    ties: pd.DataFrame

    @property
    def n_enrolled(self) -> int:
        return int(self.parameters["students"])

    @property
    def n_weeks(self) -> int:
        return len(self.weekly)

    @property
    def taught(self) -> list[int]:
        """Teaching weeks after the settling-in."""
        return self.weekly.index[self.weekly["is_teaching"] & ~self.weekly["is_settling_in"]].tolist()

    @property
    def year_ends(self) -> dict[int, int]:
        """Last teaching week of each year that has one."""
        teaching = self.weekly[self.weekly["is_teaching"]]
        return {int(year): int(weeks.index.max()) for year, weeks in teaching.groupby("year")}


def read(folder: Path) -> RunFiles:
    """Read a run's folder."""
    parameters = pd.read_csv(folder / "parameters.csv", index_col="parameter")["value"].astype(float)
    return RunFiles(
        told=json.loads((folder / "run.json").read_text(encoding="utf-8")),
        parameters=parameters.to_dict(),
        weekly=pd.read_csv(folder / "weekly.csv", index_col="week"),
        episodes=pd.read_csv(folder / "episodes.csv"),
        student_weeks=pd.read_parquet(folder / "student-weeks.parquet"),
        ties=pd.read_parquet(folder / "ties.parquet"),
    )


def over(numerator: float, denominator: float, scale: float = 1) -> float | None:
    """A ratio, or null where there is nothing to divide by."""
    return scale * numerator / denominator if denominator else None
