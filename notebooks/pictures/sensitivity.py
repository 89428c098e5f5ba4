"""The house's pictures of a sensitivity study, and what is said of it, for the notebook's page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import matplotlib
import pandas as pd
from IPython.display import Markdown, display

from experiments.sensitivity import figure_convergence, figure_ranks, figure_responses, figure_screening, figure_wins
from experiments.sensitivity.screening import suggested as of_screening
from experiments.sensitivity.study import Study
from experiments.sensitivity.words import discovery_sentences, next_steps, sentences, what_was_run
from experiments.style import STYLE, Drawn
from experiments.sweep.store import Store


def draw_screening(study: Study) -> Drawn:
    """How large each effect is against how much it varies (Morris)."""
    return _in_style(figure_screening.draw_screening, study.shown)


def draw_ranks(study: Study) -> Drawn:
    """The parameters ranked, and what a single run's variance is made of."""
    return _in_style(figure_ranks.draw_ranks, study.shown)


def draw_convergence(study: Study) -> Drawn:
    """The largest indices as the sample grows."""
    return _in_style(figure_convergence.draw_convergence, study.shown)


def draw_responses(study: Study) -> Drawn:
    """The outcome along the largest parameters."""
    return _in_style(figure_responses.draw_responses, study.shown, study.curves)


def draw_wins(study: Study) -> Drawn:
    """Where which scenario wins.

    Raises:
        ValueError: the study has no such map.
    """
    if study.wins is None or study.better is None:
        raise ValueError("a map of wins needs a paired difference of an outcome that has a better side, and some 140 points or more")
    return _in_style(figure_wins.draw_wins, study.wins, study.outcome, study.better)


def _in_style(draw: Callable[..., Drawn], *arguments: Any) -> Drawn:
    with matplotlib.rc_context(STYLE):
        return draw(*arguments)


def suggested(study: Study) -> list[str]:
    """Parameters that a screening leaves for Sobol's indices, from the largest effect on; none where none is told from chance."""
    return of_screening(study.analysis)


def show_findings(study: Study) -> None:
    """Show what an analysis says in sentences: what was run, what decides, how much is chance, what is not told from zero."""
    _show_list([what_was_run(study.analysis), *sentences(study.analysis)])


def show_discovery(study: Study) -> None:
    """Show when the first scenario of a difference does no better than the second."""
    _show_list(discovery_sentences(study.discovery, study.outcome) if study.discovery else ["Nothing was looked for."])


def show_next(study: Study) -> None:
    """Show what to run next, as commands."""
    display(Markdown("\n\n".join(f"{step.why}:\n\n```sh\n{step.command}\n```" for step in next_steps(study.analysis, study.design))))


def worlds_table(store: Store, outcome: str, scenario: str, points: Sequence[int]) -> pd.DataFrame:
    """An outcome at some points, a column a world: what the seed does where every parameter stays as it is."""
    runs = store.runs(["point", "replicate", "scenario", outcome])
    table = runs[(runs["scenario"] == scenario) & runs["point"].isin(points)].pivot(index="point", columns="replicate", values=outcome)
    table.columns = [f"world {replicate + 1}" for replicate in table.columns]
    return table.reset_index()


def _show_list(said: Sequence[str]) -> None:
    display(Markdown("\n".join(f"- {sentence}" for sentence in said)))
