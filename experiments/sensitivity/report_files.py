"""What stands beside the report of an analysis: every picture as SVG and PNG, every table as CSV with all its digits."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import matplotlib
import pandas as pd

from experiments.figures import Picture
from experiments.sensitivity.figure_convergence import draw_convergence
from experiments.sensitivity.figure_ranks import draw_ranks
from experiments.sensitivity.figure_responses import draw_pairs, draw_responses
from experiments.sensitivity.figure_screening import draw_screening
from experiments.sensitivity.figure_wins import draw_wins
from experiments.sensitivity.responses import SAME, Curve, WinMap
from experiments.sensitivity.screening import suggested
from experiments.sensitivity.study import Study
from experiments.style import STYLE, Drawn, to_svg
from simulation.evidence.parameters import PARAMETERS

REPORT = "sensitivity.html"
FIGURES_FOLDER, TABLES_FOLDER = "figures", "tables"


def _drawings(study: Study) -> dict[str, Callable[[], Drawn]]:
    """What can be drawn of a study, by name, in the report's order."""
    analysis, wins = study.shown, study.wins
    drawings: dict[str, Callable[[], Drawn]] = {"ranks": partial(draw_ranks, analysis)}
    if analysis.method == "morris":
        drawings["screening"] = partial(draw_screening, analysis)
    if len({step.n for step in analysis.convergence}) > 1:
        drawings["convergence"] = partial(draw_convergence, analysis)
    if study.curves:
        drawings["responses"] = partial(draw_responses, analysis, study.curves)
    if analysis.of("S2"):
        drawings["pairs"] = partial(draw_pairs, analysis)
    if wins is not None and study.better is not None:
        drawings["wins"] = partial(draw_wins, wins, study.outcome, study.better)
    return drawings


PICTURES = ("ranks", "screening", "convergence", "responses", "pairs", "wins")
"""Every picture there may be."""


def pictures(study: Study) -> list[Picture]:
    """The pictures of a study."""
    found = []
    for name, draw in _drawings(study).items():
        with matplotlib.rc_context(STYLE):
            figure, caption, text = draw()
        found.append(Picture(name, caption, text, to_svg(figure, text), figure))
    return found


def tables(study: Study) -> dict[str, pd.DataFrame]:
    """The tables of a study by name."""
    found = {"indices": study.analysis.frame(), "convergence": study.analysis.convergence_frame(), "responses": _responses(study.curves),
             "parameters": _parameters(study)}  # fmt: skip
    if study.wins is not None:
        found["wins"] = _wins(study.wins)
    if study.discovery is not None:
        found["discovery"] = _leaves(study)
    return found


TABLES = ("indices", "convergence", "responses", "parameters", "wins", "discovery")
"""Every table there may be."""


def _responses(curves: Sequence[Curve]) -> pd.DataFrame:
    columns = ("parameter", "value", "lowest_value", "highest_value", "points", "mean", "low", "high", "nine_in_ten_low", "nine_in_ten_high")
    rows = []
    for curve in curves:
        ends = [(None, None)] * len(curve.groups) if not len(curve.groups.low) else list(zip(curve.groups.low, curve.groups.high, strict=True))
        for k, label in enumerate(curve.groups.labels):
            rows.append((curve.factor.name, label, *ends[k], curve.n[k], curve.mean[k], curve.low[k], curve.high[k], curve.spread_low[k],
                         curve.spread_high[k]))  # fmt: skip
    return pd.DataFrame(rows, columns=list(columns))


def _wins(wins: WinMap) -> pd.DataFrame:
    x, y = wins.x.factor.name, wins.y.factor.name
    rows = []
    for i in range(len(wins.x)):
        for j in range(len(wins.y)):
            best, second = int(wins.best[i, j]), int(wins.second[i, j])
            winner = wins.scenarios[best] if best >= 0 else "the same" if best == SAME else None
            rows.append((wins.x.labels[i], wins.y.labels[j], int(wins.n[i, j]), winner,
                         wins.scenarios[second] if second >= 0 else None, wins.lead[i, j], wins.low[i, j], wins.high[i, j]))  # fmt: skip
    return pd.DataFrame(rows, columns=[x, y, "points", "best", "next_best", "lead", "lead_low", "lead_high"])


def _leaves(study: Study) -> pd.DataFrame:
    found = study.discovery
    assert found is not None
    rows = [(" and ".join(str(one).replace("`", "") for one in leaf.conditions) or "anywhere", leaf.n, leaf.n_without, *leaf.difference)
            for leaf in found.leaves]  # fmt: skip
    return pd.DataFrame(rows, columns=["where", "points", "points_no_better", "difference", "difference_low", "difference_high"])


def _parameters(study: Study) -> pd.DataFrame:
    """What was varied, how far and how it is known."""
    rows = []
    for factor in study.design.problem.factors:
        known = PARAMETERS.get(factor.name) if study.design.problem.is_ours else None
        low, high = (factor.low, factor.high) if not factor.levels else (None, None)
        rows.append((factor.name, factor.unit, factor.distribution, low, high, factor.mode, " ".join(factor.levels),
                     known.evidence if known else "", known.source if known else "", factor.meaning))  # fmt: skip
    return pd.DataFrame(rows, columns=["parameter", "unit", "distribution", "low", "high", "mode", "levels", "evidence", "source", "meaning"])


def write(study: Study, out: Path, html: str, found: Iterable[Picture]) -> list[Path]:
    """Write the report with its pictures and tables; each file is renamed into place when all are complete.

    Pictures and tables that an earlier analysis left and this one has not are taken away.

    Args:
        study: what was found.
        out: the folder.
        html: the report.
        found: its pictures.

    Returns:
        The files written.

    Raises:
        OSError: the folder cannot be written to; files that stood there before are left as they were.
    """
    contents: dict[str, bytes] = {REPORT: html.encode()}
    for picture in found:
        contents[f"{FIGURES_FOLDER}/{picture.name}.svg"] = picture.svg.encode()
        contents[f"{FIGURES_FOLDER}/{picture.name}.png"] = picture.png()
    for name, table in tables(study).items():
        contents[f"{TABLES_FOLDER}/{name}.csv"] = table.to_csv(index=False, lineterminator="\n").encode()
    for folder in (FIGURES_FOLDER, TABLES_FOLDER):
        (out / folder).mkdir(parents=True, exist_ok=True)
    waiting = {out / name: (out / name).with_name(f".{Path(name).name}.part") for name in contents}
    try:
        for (_, part), content in zip(waiting.items(), contents.values(), strict=True):
            part.write_bytes(content)
        for name in _every_file() - set(contents):
            (out / name).unlink(missing_ok=True)
        for path, part in waiting.items():
            os.replace(part, path)
    finally:
        for part in waiting.values():
            part.unlink(missing_ok=True)
    return list(waiting)


def _every_file() -> set[str]:
    return {f"{FIGURES_FOLDER}/{name}.{kind}" for name in PICTURES for kind in ("svg", "png")} | {f"{TABLES_FOLDER}/{name}.csv" for name in TABLES}


def as_json(study: Study, sentences: Sequence[str]) -> dict[str, Any]:
    """What was found, for other programs: no undefined number, null in its place."""
    analysis = study.analysis
    return {
        "rows": _records(analysis.frame()), "method": analysis.method, "label": analysis.label, "unit": analysis.unit, "outcome": study.outcome,
        "n": analysis.n, "points": analysis.n_points, "replicates": analysis.replicates, "seeds": "crossed" if analysis.crossed else "independent",
        "mean": analysis.mean, "sd": analysis.sd, "ranked_by": analysis.ranked_by,
        "floors": {index: floor if floor == floor else None for index, floor in analysis.floors.items()}, "told_from_zero": analysis.told_from_zero(),
        "suggested": suggested(analysis),
        "level": analysis.level, "resamples": analysis.resamples, "verdict": analysis.verdict, "convergence": _records(analysis.convergence_frame()),
        "sentences": list(sentences), "design": study.design.digest, "version": study.design.version,
    }  # fmt: skip


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): None if value is None or value != value else value for key, value in row.items()} for row in frame.to_dict("records")]
