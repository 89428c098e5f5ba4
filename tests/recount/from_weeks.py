"""Outcomes counted again from student-weeks, student by student, and the episodes made anew from them (docs/model.md, sections 3, 10 and 11)."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from tests.recount.files import WEEKS_A_YEAR, RunFiles, over

HELPER_WEEKS = 12


def weekly_means(run: RunFiles) -> pd.DataFrame:
    """The columns of the weekly file that are about students, from the student-weeks."""
    weeks = run.student_weeks
    by_week = weeks.assign(
        present=1, distressed=weeks["distress"] >= 1, severe=weeks["distress"] == 2, isolated=weeks["friends"] == 0,
        in_care=weeks["care"] == "in care", waiting=weeks["care"] == "waiting",
    ).groupby("week")  # fmt: skip
    means = by_week[["distressed", "severe", "isolated", "is_supported", "in_care", "waiting"]].mean()
    for column in ("friends", "close_friends", "acquaintances", "contact_hours", "load"):
        means[f"{column}_mean"] = by_week[column].mean()
    means["present"], means["officers_in_post"] = by_week["present"].sum(), by_week["is_officer"].sum()
    return means.rename(columns={"is_supported": "supported"})


def of_weeks(run: RunFiles) -> dict[str, float | None]:
    """Outcomes that are counts or means of student-weeks."""
    weeks, p = run.student_weeks, run.parameters
    taught = weeks[weeks["week"].isin(run.taught)]
    ends = weeks[weeks["week"].isin(run.year_ends.values())]
    years = len(weeks) / WEEKS_A_YEAR
    distressed = int((weeks["distress"] >= 1).sum())
    share = over(distressed, len(weeks))
    by_year = weeks.groupby(["student", (weeks["week"] - 1) // WEEKS_A_YEAR])["distress"].max()
    officers = weeks[weeks["is_officer"]]
    return {
        "prevalence": share,
        "screen_positive": None if share is None else p["screen_sensitivity"] * share + (1 - p["screen_specificity"]) * (1 - share),
        "severe_year_share": over(int((by_year == 2).sum()), len(by_year)),
        "unmet_need": over(_unmet(weeks), years, 100),
        "severe_weeks_unescalated": over(int(((weeks["distress"] == 2) & (weeks["care"] == "none")).sum()), years, 100),
        "friends_mean": over(int(taught["friends"].sum()), len(taught)),
        "close_friends_mean": over(int(taught["close_friends"].sum()), len(taught)),
        "no_friend_share": over(int((ends["friends"] == 0).sum()), len(ends)),
        "isolated_week_share": over(int((taught["friends"] == 0).sum()), len(taught)),
        "persistently_isolated_share": over(len(persistently_isolated(run)), taught["student"].nunique()),
        "contact_isolated_share": over(int((taught["contact_hours"] < p["contact_isolated_hours"]).sum()), len(taught)),
        "burden_mean": over(weeks["load"].sum(), len(weeks)),
        "burden_p95": float(np.percentile(weeks["load"], 95)),
        "officer_burden_p95": float(np.percentile(officers["load"], 95)) if len(officers) else None,
        "relocations": over(_relocations(run), run.n_enrolled),
        "helper_onset_share": _helper_onsets(run),
    }


def _unmet(weeks: pd.DataFrame) -> int:
    """Weeks in distress, not in care, without support in this and the three weeks before."""
    n = 0
    for _, life in weeks.groupby("student"):
        supported = set(life.loc[life["is_supported"], "week"])
        in_need = life.loc[(life["distress"] >= 1) & (life["care"] != "in care"), "week"]
        n += sum(not supported & {week, week - 1, week - 2, week - 3} for week in in_need)
    return n


def persistently_isolated(run: RunFiles) -> set[int]:
    """Students with so many teaching weeks after the settling-in on end without a friend."""
    taught = run.student_weeks[run.student_weeks["week"].isin(run.taught)].sort_values("week")
    found = set()
    for student, life in taught.groupby("student"):
        on_end = 0
        for friends in life["friends"]:
            on_end = on_end + 1 if friends == 0 else 0
            if on_end >= run.parameters["persistent_weeks"]:
                found.add(int(student))
    return found


def _relocations(run: RunFiles) -> int:
    """Teaching weeks in which the main site is another than in the last week with a site."""
    teaching = set(run.weekly.index[run.weekly["is_teaching"]])
    placed = run.student_weeks[run.student_weeks["site"].notna()].sort_values("week")
    return sum(int(after.site != before.site) for _, life in placed.groupby("student")
               for before, after in pairwise(life.itertuples()) if after.week in teaching)  # fmt: skip


def _helper_onsets(run: RunFiles) -> float | None:
    onsets = set(zip(run.episodes["student"], run.episodes["onset_week"], strict=True))
    weeks = run.student_weeks
    helped = weeks[(weeks["n_supports_given"] > 0) & (weeks["distress"] == 0) & (weeks["week"] <= run.n_weeks - HELPER_WEEKS)]
    followed = sum(any((row.student, row.week + k) in onsets for k in range(1, HELPER_WEEKS + 1)) for row in helped.itertuples())
    return over(followed, len(helped))


def episodes_again(run: RunFiles) -> pd.DataFrame:
    """The episodes of at least a week, made from the student-weeks alone: for one step a week, and nobody who leaves.

    An episode is a maximal run of weeks in distress. One that stands in week 1 began at entry or then; who is distressed at entry cannot be told
    from who becomes so in week 1, but both are early.
    """
    rows = []
    settling_in = run.weekly.index[run.weekly["is_settling_in"]].max()
    for student, life in run.student_weeks.sort_values("week").groupby("student"):
        at = 0
        lived = list(life.itertuples())
        while at < len(lived):
            spell = []
            while at < len(lived) and lived[at].distress >= 1:
                spell.append(lived[at])
                at += 1
            if spell:
                supported = [week.week for week in spell if week.is_supported]
                in_care = [week.week for week in spell if week.care == "in care"]
                rows.append({
                    "student": student, "first_week": spell[0].week, "weeks": float(len(spell)),
                    "isolated_weeks": float(sum(week.friends == 0 for week in spell)), "is_isolated_at_onset": spell[0].friends == 0,
                    "is_early": spell[0].week <= settling_in, "end_week": lived[at].week if at < len(lived) else None,
                    "first_accepted_week": min(supported, default=None), "first_treated_week": min(in_care, default=None),
                })  # fmt: skip
            at += 1
    return pd.DataFrame(rows).sort_values(["first_week", "student"], ignore_index=True)
