"""The outcomes: each a name, what it means, its sums over a run, and its value from sums (docs/model.md, section 11).

Sums of several runs are added before a value is taken, so the value over replicates is a ratio of sums. To add an outcome, write its sums in
`accounting`, `reach` or `networks` and give it a row in the table below.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulation.record import accounting, networks, reach, series
from simulation.record.accounting import Sums
from simulation.record.history import History
from simulation.record.networks import year_end_table
from simulation.record.reach import cascade, happened, is_reached, missed_reasons, share_of_episodes

__all__ = ["HEADLINE", "OUTCOMES", "Outcome", "cascade", "missed_reasons", "outcome_parts", "ratio", "value_of", "year_end_table"]

Parts = Callable[[History, History], Sums]
Value = Callable[[NDArray[Any]], NDArray[np.float64]]

HEADLINE = "unreached_isolated_students"


@dataclass(frozen=True)
class Outcome:
    """One outcome.

    Attributes:
        name: its name in code, store, command line and report.
        unit: unit of the value.
        better: "lower", "higher", or None where neither is better in itself.
        meaning: one plain line.
        parts: sums over a run, from its history and the history of the baseline with the same seed (for the baseline, the same object).
        value: sums of shape (..., k) to values of shape (...); nan where nothing happened that could be counted.
    """

    name: str
    unit: str
    better: str | None
    meaning: str
    parts: Parts
    value: Value


def _divide(numerator: NDArray[Any], denominator: NDArray[Any]) -> NDArray[np.float64]:
    """Quotient; nan where the denominator is 0 (or nan), without a warning."""
    out = np.full(np.shape(denominator), np.nan)
    return np.divide(numerator, denominator, out=out, where=np.asarray(denominator) != 0)


def _ratio(scale: float, parts: NDArray[Any]) -> NDArray[np.float64]:
    parts = np.asarray(parts, dtype=np.float64)
    return _divide(scale * parts[..., 0], parts[..., 1])


def ratio(scale: float = 1.0) -> Value:
    """Value of an outcome with the parts (numerator, denominator): scale * numerator / denominator."""
    return partial(_ratio, scale)


def _gap(parts: NDArray[Any]) -> NDArray[np.float64]:
    """Reach of the connected less reach of the isolated, from the sums of `reach_by_isolation`."""
    return _ratio(1.0, np.asarray(parts)[..., :2]) - _ratio(1.0, np.asarray(parts)[..., 2:])


def _relative(parts: NDArray[Any]) -> NDArray[np.float64]:
    """Reach of the isolated over reach of the connected, from the sums of `reach_by_isolation`."""
    return _divide(_ratio(1.0, np.asarray(parts)[..., 2:]), _ratio(1.0, np.asarray(parts)[..., :2]))


def _of_run(sums: Callable[[History], Sums], history: History, _baseline: History) -> Sums:
    return sums(history)


def _outcome(name: str, unit: str, better: str | None, meaning: str, sums: Callable[[History], Sums], value: Value | None = None) -> Outcome:
    """A row whose sums do not look at the baseline; its value is a plain ratio unless given."""
    return Outcome(name, unit, better, meaning, partial(_of_run, sums), value or ratio())


def _cascade_share(name: str, step: str, meaning: str) -> Outcome:
    return _outcome(name, "share of episodes", "higher", meaning, share_of_episodes(happened(step)))


_TABLE = (
    _outcome(HEADLINE, "students per 100 enrolled", "lower",
             "students with a long spell of distress, mostly without a friend in the cohort, whom no help reached",
             reach.unreached_isolated_students, ratio(100)),
    _outcome("unreached_isolated_rate", "share of students", "lower",
             "of the students with a long spell of distress mostly without a friend: those whom no help reached", reach.unreached_isolated_rate),
    _outcome("unreached_isolated_per_100_years", "students per 100 student-years", "lower",
             "the headline's students for every 100 years of study after settling in", reach.unreached_isolated_years, ratio(100)),
    _outcome("unreached_isolated_settling_in", "students per 100 enrolled", "lower",
             "the same for spells of distress that began while everybody was still new",
             reach.unreached_isolated_settling_in, ratio(100)),
    _outcome("reach", "share of episodes", "higher", "spells of distress in which support was accepted or care began",
             share_of_episodes(is_reached)),
    _outcome("peer_reach", "share of episodes", "higher", "spells of distress in which support from a student or an officer was accepted",
             share_of_episodes(happened("first_accepted_peer"))),
    _outcome("reach_isolated", "share of episodes", "higher", "reach among students who had no friend when their distress began",
             share_of_episodes(is_reached, reach.is_isolated_at_onset)),
    _outcome("reach_connected", "share of episodes", "higher", "reach among students who had a friend when their distress began",
             share_of_episodes(is_reached, reach.is_connected_at_onset)),
    Outcome("reach_isolated_at_baseline", "share of episodes", "higher",
            "reach among students who, under the baseline, would have had no friend in the week in which their distress began",
            reach.reach_isolated_at_baseline, ratio()),
    _outcome("reach_mostly_isolated", "share of episodes", "higher", "reach in spells of distress spent mostly without a friend",
             share_of_episodes(is_reached, reach.is_mostly_isolated)),
    _outcome("equity_gap", "difference of shares", "lower", "how much more often help reaches students with a friend than students without",
             reach.reach_by_isolation, _gap),
    _outcome("equity_ratio", "ratio of shares", "higher", "reach among students without a friend over reach among students with one",
             reach.reach_by_isolation, _relative),
    _cascade_share("noticed_share", "first_noticed", "spells of distress that somebody noticed"),
    _cascade_share("offered_share", "first_offered", "spells of distress in which somebody offered help"),
    _cascade_share("accepted_share", "first_accepted", "spells of distress in which support was accepted"),
    _cascade_share("referred_share", "first_referred", "spells of distress in which a supporter suggested professional care"),
    _cascade_share("treated_share", "first_treated", "spells of distress in which professional care began"),
    *(_outcome(f"supported_by_week_{n}", "share of episodes", "higher", f"spells of distress with support accepted within {n} weeks",
               reach.supported_by_week(n)) for n in (4, 12, 26)),
    _outcome("weeks_without_support_26", "weeks", "lower", "weeks of distress until support is first accepted, counted up to 26",
             reach.weeks_without_support(26)),
    _outcome("first_notice_by_peer", "share of noticed episodes", None,
             "of the spells of distress that were noticed: those noticed first by a fellow student who is no officer",
             reach.first_notice_by_peer),
    _outcome("prevalence", "share of student-weeks", "lower", "students in distress in an average week", accounting.prevalence),
    _outcome("screen_positive", "share of student-weeks", "lower", "students whom a screening questionnaire would call distressed",
             accounting.screen_positive),
    _outcome("severe_year_share", "share of student-years", "lower", "student-years with a week of severe distress", accounting.severe_years),
    _outcome("unmet_need", "weeks per 100 student-years", "lower", "weeks of distress without care and without support in the last four weeks",
             accounting.weeks_a_student_year(series.is_unsupported), ratio(100)),
    _outcome("severe_weeks_unescalated", "weeks per 100 student-years", "lower",
             "weeks of severe distress, neither in care nor waiting for it",
             accounting.weeks_a_student_year(series.is_severe_alone), ratio(100)),
    _outcome("friends_mean", "friends", "higher", "friends in the cohort, of an average student in an average teaching week",
             accounting.mean_in_taught_weeks(series.friends_by_week)),
    _outcome("close_friends_mean", "friends", "higher", "close friends in the cohort, of an average student in an average teaching week",
             accounting.mean_in_taught_weeks(series.close_friends_by_week)),
    _outcome("no_friend_share", "share of students", "lower", "students without a friend in the cohort at the ends of the years",
             networks.no_friend),
    _outcome("isolated_week_share", "share of student-weeks", "lower", "teaching weeks that students spend without a friend in the cohort",
             accounting.share_of_taught_weeks(series.is_isolated)),
    _outcome("persistently_isolated_share", "share of students", "lower", "students without a friend in the cohort for many weeks on end",
             accounting.persistently_isolated),
    _outcome("contact_isolated_share", "share of student-weeks", "lower", "teaching weeks in which students have little contact with anybody",
             accounting.share_of_taught_weeks(series.is_contact_isolated)),
    _outcome("transitivity", "share of triples", None, "how often two friends of a student are friends themselves", networks.transitivity),
    _outcome("campus_tie_retention", "share of strength", "higher",
             "what is left of the friendships of the campus years after the first year on placement", networks.campus_tie_retention),
    _outcome("yearly_jaccard", "share of pairs", None, "friendships that last from one year's end to the next, of all at either",
             networks.yearly_jaccard),
    _outcome("new_tie_share", "share of pairs", None, "friendships after the first year on placement that are new", networks.new_ties),
    _outcome("largest_component_share", "share of students", "higher",
             "students in the largest circle linked by friendships, at the end of the last year", networks.largest_component),
    _outcome("modularity", "index", None, "how far friendships fall into separate circles, at the end of the last year", networks.modularity),
    _outcome("relocations", "moves per student", "lower", "changes of the main placement site",
             accounting.total_per_student("n_relocations")),
    _outcome("cross_group_ties_lost", "friendships per student", "lower",
             "friendships lost on placement between students who were not placed together",
             accounting.total_per_student("n_cross_group_ties_lost")),
    _outcome("burden_mean", "load", "lower", "what helping weighs on an average student", accounting.burden_mean),
    _outcome("burden_p95", "load", "lower", "what helping weighs at its heaviest: one student-week in twenty carries more",
             accounting.burden_p95),
    _outcome("officer_burden_p95", "load", "lower", "what helping weighs on officers at its heaviest: one week in post in twenty carries more",
             accounting.officer_burden_p95),
    _outcome("offers_gini", "index", "lower", "how unevenly offers of help are spread over students: 0 alike, near 1 all by a few",
             accounting.offers_gini),
    _outcome("helper_onset_share", "share of student-weeks", "lower",
             "weeks of helping after which the helper, well until then, was in distress within 12 weeks", accounting.helper_onset),
    _outcome("comfort_share", "share of supports", None, "accepted support that was comfort: no plan made, no care suggested",
             accounting.comfort),
    _outcome("officer_hours", "hours per student", None, "hours for which officers were contracted, for each student enrolled",
             accounting.total_per_student("officer_hours")),
    _outcome("false_outreach_share", "share of check-ins", "lower", "officers' check-ins on students who were well",
             accounting.false_outreach),
)  # fmt: skip

OUTCOMES: dict[str, Outcome] = {outcome.name: outcome for outcome in _TABLE}


def outcome_parts(history: History, baseline: History) -> dict[str, NDArray[np.float64]]:
    """Sums of every outcome over a run.

    Args:
        history: the run.
        baseline: the baseline's run with the same seed; for the baseline itself the same object.

    Returns:
        Name of the outcome -> array of shape (k,), in the order of OUTCOMES.
    """
    return {name: np.array(outcome.parts(history, baseline), dtype=np.float64) for name, outcome in OUTCOMES.items()}


def value_of(name: str, parts: NDArray[Any]) -> NDArray[np.float64]:
    """Value of an outcome.

    Args:
        name: a name in OUTCOMES.
        parts: sums over runs, shape (..., k).

    Returns:
        Array of shape (...); nan where nothing happened that could be counted.

    Raises:
        KeyError: no such outcome.
    """
    return OUTCOMES[name].value(parts)
