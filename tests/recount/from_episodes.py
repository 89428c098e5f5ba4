"""Outcomes counted again from the episodes (docs/model.md, sections 10 and 11)."""

from __future__ import annotations

import pandas as pd

from tests.recount.files import MOMENTS, WEEKS_A_YEAR, RunFiles, over

WHEN_NOTICED = {"weekly limit", "expertise", "stigma", "boundary", "load", "weak tie", "own distress", "reluctance", "chance"}
WHEN_NOT_NOTICED = {"brief", "nobody there", "not noticed"}


def is_reached(episodes: pd.DataFrame) -> pd.Series:
    """Accepted support, from whomever, or care begun."""
    return episodes["first_accepted_week"].notna() | episodes["first_treated_week"].notna()


def is_mostly_isolated(episodes: pd.DataFrame) -> pd.Series:
    """Isolated in at least half of its steps."""
    return 2 * episodes["isolated_weeks"] >= episodes["weeks"]


def _students(episodes: pd.DataFrame) -> int:
    return episodes["student"].nunique()


def _share(episodes: pd.DataFrame, of: pd.Series) -> float | None:
    return over(int(of[episodes.index].sum()), len(episodes))


def headline_and_reach(run: RunFiles) -> dict[str, float | None]:
    """The headline, what stands beside it, and every reach."""
    every, reached = run.episodes, is_reached(run.episodes)
    late = every[~every["is_early"]]
    alone = every[is_mostly_isolated(every) & (every["weeks"] >= run.parameters["episode_weeks"])]
    left_alone = alone[~reached[alone.index] & ~alone["is_early"]]
    early = alone[~reached[alone.index] & alone["is_early"]]
    years = run.weekly.loc[~run.weekly["is_settling_in"], "present"].sum() / WEEKS_A_YEAR
    isolated, connected = late[late["is_isolated_at_onset"]], late[~late["is_isolated_at_onset"]]
    of_isolated, of_connected = _share(isolated, reached), _share(connected, reached)
    both = of_isolated is not None and of_connected is not None
    return {
        "unreached_isolated_students": over(_students(left_alone), run.n_enrolled, 100),
        "unreached_isolated_rate": over(_students(left_alone), _students(alone[~alone["is_early"]])),
        "unreached_isolated_per_100_years": over(_students(left_alone), years, 100),
        "unreached_isolated_settling_in": over(_students(early), run.n_enrolled, 100),
        "reach": _share(late, reached),
        "peer_reach": _share(late, every["first_accepted_peer_week"].notna()),
        "reach_isolated": of_isolated,
        "reach_connected": of_connected,
        "reach_mostly_isolated": _share(late[is_mostly_isolated(late)], reached),
        "equity_gap": of_connected - of_isolated if both else None,
        "equity_ratio": over(of_isolated, of_connected) if both else None,
        **{f"{moment}_share": _share(late, every[f"first_{moment}_week"].notna()) for moment in MOMENTS},
        "first_notice_by_peer": _share(late[late["first_noticed_week"].notna()], every["noticed_by"] == "peer"),
    }


def time_to_support(run: RunFiles) -> dict[str, float | None]:
    """How soon support comes; with one step a week, where steps are weeks."""
    late = run.episodes[~run.episodes["is_early"]]
    waited = late["first_accepted_week"] - late["onset_week"]
    found: dict[str, float | None] = {}
    for weeks in (4, 12, 26):
        followed = late["onset_week"] <= run.n_weeks - weeks
        found[f"supported_by_week_{weeks}"] = over(int((waited[followed] <= weeks).sum()), int(followed.sum()))
    lasted = (late["end_week"] - late["onset_week"]).fillna(late["weeks"])
    until = waited.fillna(lasted).clip(upper=26)[late["onset_week"] <= run.n_weeks - 26]
    found["weeks_without_support_26"] = over(until.sum(), len(until))
    return found


def cascade(run: RunFiles) -> dict[str, int]:
    """Episodes after the settling-in, and those in which each step was taken."""
    late = run.episodes[~run.episodes["is_early"]]
    return {"episode": len(late), **{moment: int(late[f"first_{moment}_week"].notna().sum()) for moment in MOMENTS}}


def missed(run: RunFiles) -> dict[str, int]:
    """Unreached episodes after the settling-in, by reason."""
    unreached = run.episodes[~run.episodes["is_early"] & ~is_reached(run.episodes)]
    return unreached["reason"].value_counts().to_dict()


def contradictions(run: RunFiles) -> list[str]:
    """Episodes that cannot be as they are written, each in a few words."""
    e, found = run.episodes, []
    reached, offered, noticed = is_reached(e), e["first_offered_week"].notna(), e["first_noticed_week"].notna()
    rules = {
        "is_reached says otherwise": e["is_reached"] != reached,
        "a reason and reached": (e["reason"] == "reached") != reached,
        "refused without an offer": (e["reason"] == "refused") != (offered & ~reached),
        "held back without being noticed": e["reason"].isin(WHEN_NOTICED) != (noticed & ~offered & ~reached),
        "noticed and not": e["reason"].isin(WHEN_NOT_NOTICED) != (~noticed & ~offered & ~reached),
        "no offer was accepted": e["first_accepted_week"] < e["first_offered_week"],
        "accepted, never offered": e["first_accepted_week"].notna() & ~offered,
        "offered, never noticed": offered & ~noticed,
        "referred, never accepted": e["first_referred_week"].notna() & e["first_accepted_week"].isna(),
        "a peer before anybody": e["first_accepted_peer_week"] < e["first_accepted_week"],
        "noticed before it could be": e["first_noticed_week"] <= e["onset_week"],
        "over before it began": e["end_week"] < e["onset_week"],
        "more isolated than long": e["isolated_weeks"] > e["weeks"],
        "nobody noticed": (e["noticed_by"] == "nobody") != ~noticed,
        "nobody's support": (e["accepted_by"] == "nobody") != e["first_accepted_week"].isna(),
        "early, and late": e["is_early"] != (e["onset_week"] <= run.weekly.index[run.weekly["is_settling_in"]].max()),
    }
    for what, where in rules.items():
        found += [f"{what}: student {student}, onset in week {week}" for student, week in e.loc[where, ["student", "onset_week"]].to_numpy()]
    again = e[e.duplicated(["student", "onset_week"])]
    return found + [f"twice: student {student}" for student in again["student"]]
