"""What `wardmates run` writes: weekly figures and the parameters in force, and for synthetic cohorts student-weeks, episodes and ties as well.

About a school's own students nothing is written but weekly aggregates, and no count below FEWEST_TOLD (docs/model.md, section 10).
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd

from simulation.record.history import CARE_STATES, History
from simulation.scenario.school import FEWEST_TOLD

WITHHELD = f"fewer than {FEWEST_TOLD}"
_CALENDAR = ("week", "year", "week_of_year", "is_clinical", "is_teaching", "is_exam", "is_settling_in")
_COUNTS = ("present", "officers_in_post")
_SHARES = ("distressed", "severe", "isolated", "supported", "in_care", "waiting")
_MEANS = ("friends_mean", "close_friends_mean", "acquaintances_mean", "contact_hours_mean", "load_mean")
_NAMES = ("weekly.parquet", "weekly.csv", "parameters.csv", "student-weeks.parquet", "episodes.parquet", "episodes.csv", "ties.parquet", "run.json")


def weekly_aggregates(history: History) -> pd.DataFrame:
    """The weekly figures of a school's cohort: blank wherever fewer than FEWEST_TOLD students stand behind a count or a share.

    A column that is not known here to be an aggregate is left out.
    """
    weekly = history.weekly_frame()
    present = weekly["present"]
    safe = weekly[list(_CALENDAR)].copy()
    for name in _COUNTS:
        safe[name] = weekly[name].astype("Int64").where(weekly[name] >= FEWEST_TOLD)
    for name in _SHARES:
        safe[name] = weekly[name].where((weekly[name] * present).round() >= FEWEST_TOLD)
    for name in _MEANS:
        safe[name] = weekly[name].where(present >= FEWEST_TOLD)
    return safe


def student_week_frame(history: History) -> pd.DataFrame:
    """One row a week and student present, at the end of the week, as `History` has them; never written where a roster was given.

    `site` is the number of the main site from 1, blank without one; students have the numbers that they have in the episodes.
    """
    week, student = np.nonzero(history.is_present)
    names = ("distress", "friends", "close_friends", "acquaintances", "contact_hours", "is_supported", "load", "n_supports_given", "is_officer")
    frame = pd.DataFrame({"week": week + 1, "student": student + 1, **{name: getattr(history, name)[week, student] for name in names}})
    frame["care"] = np.array(CARE_STATES, dtype=object)[history.care[week, student]]
    frame["site"] = (pd.Series(history.site[week, student], dtype="Int16") + 1).where(history.site[week, student] >= 0)
    return frame


def parameter_frame(history: History) -> pd.DataFrame:
    """Every parameter and its value in force."""
    values = vars(history.parameters)
    return pd.DataFrame({"parameter": list(values), "value": pd.Series(list(values.values()), dtype=object)})


def tie_frame(history: History) -> pd.DataFrame:
    """The ties that the record keeps, one row a tie and week; i < j are student numbers from 1, as in the episodes."""
    weeks = sorted(history.ties)
    snapshots = [history.ties[week] for week in weeks]
    return pd.DataFrame({
        "week": np.repeat(np.array(weeks, dtype=np.int64), [len(s.i) for s in snapshots]),
        "i": np.concatenate([s.i for s in snapshots] or [np.empty(0, np.int64)]) + 1,
        "j": np.concatenate([s.j for s in snapshots] or [np.empty(0, np.int64)]) + 1,
        "strength": np.concatenate([s.strength for s in snapshots] or [np.empty(0)]),
    })  # fmt: skip


def tie_graph(history: History, week: int) -> nx.Graph[int]:
    """The graph of ties at the end of a kept week: every student present with distress, friends, officer's seat and site."""
    w = week - 1
    graph: nx.Graph[int] = nx.Graph(week=week)
    for k in np.flatnonzero(history.is_present[w]):
        site = int(history.site[w, k])
        graph.add_node(int(k) + 1, distress=int(history.distress[w, k]), friends=int(history.friends[w, k]),
                       is_officer=bool(history.is_officer[w, k]), site=f"site {site + 1}" if site >= 0 else "none")  # fmt: skip
    snapshot = history.ties[week]
    for i, j, strength in zip(snapshot.i, snapshot.j, snapshot.strength, strict=True):
        graph.add_edge(int(i) + 1, int(j) + 1, strength=float(strength))
    return graph


def write_run(history: History, summary: dict[str, Any], out: Path) -> list[str]:
    """Write a run, whole or not at all, over the files of an earlier run.

    Args:
        history: the run.
        summary: what run.json holds.
        out: an existing folder.

    Returns:
        The names of the files written, sorted.
    """
    with tempfile.TemporaryDirectory(dir=out, prefix=".unfinished-") as place:
        unfinished = Path(place)
        if history.has_school:
            _write_frame(weekly_aggregates(history), unfinished / "weekly")
        else:
            _write_frame(history.weekly_frame(), unfinished / "weekly")
            _write_frame(history.episode_frame(), unfinished / "episodes")
            student_week_frame(history).to_parquet(unfinished / "student-weeks.parquet", index=False)
            tie_frame(history).to_parquet(unfinished / "ties.parquet", index=False)
            for week in sorted(history.ties):
                nx.write_graphml(tie_graph(history, week), unfinished / f"ties-week-{week}.graphml")
        parameter_frame(history).to_csv(unfinished / "parameters.csv", index=False, lineterminator="\n")
        (unfinished / "run.json").write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
        written = sorted(path.name for path in unfinished.iterdir())
        for stale in [out / name for name in _NAMES] + list(out.glob("ties-week-*.graphml")):
            stale.unlink(missing_ok=True)  # else the episodes of another run would lie beside the weeks of this one
        for name in written:
            os.replace(unfinished / name, out / name)
    return written


def _write_frame(frame: pd.DataFrame, stem: Path) -> None:
    frame.to_parquet(stem.with_suffix(".parquet"), index=False)
    frame.to_csv(stem.with_suffix(".csv"), index=False, lineterminator="\n")
