"""What the model is fitted to and what is held out, in one place: what it is, its range, where that comes from, and how it is read off a cohort.

A range is what is still plausible, not an error bar: published figures are of other students, other instruments and other questions. What is
held out has no range, so nothing can accept or refuse a cohort by it; it is shown beside. That 55 % of students perceive stigma (hillis) fixes
where a z-score is cut and nothing else, so it is neither.
"""

from __future__ import annotations

from dataclasses import dataclass

from calibration.measures import (
    NEW_WEEK,
    Measure,
    contact_of_distressed,
    decline,
    friends_at_year_end,
    friends_kept_at_clerkship,
    friends_of_first_group,
    friends_sd,
    of_outcome,
    recovered_within,
    repeat_positives,
    students_in_care,
    tied_to_officers,
)
from simulation.evidence.sources import Source

BLOCKS = ("recovery", "distress", "friendship", "help")
"""Parts of the model, each of which depends on those before it far more than on those after."""


@dataclass(frozen=True)
class Target:
    """A fit target.

    Attributes:
        name: short and unique; an outcome's name where it is one.
        meaning: what it is, in a few words.
        low, high: the range, both ends within.
        published: what the range is made of.
        source: key in the bibliography; empty where assumed.
        block: one of BLOCKS.
        sums: numerator and denominator, of one history.
    """

    name: str
    meaning: str
    low: float
    high: float
    published: str
    source: str
    block: str
    sums: Measure


@dataclass(frozen=True)
class HeldOut:
    """A published fact that nothing is fitted to.

    Attributes:
        name: short and unique.
        fact: what was found.
        reading: what is read off the model beside it; where `sums` is None, why nothing is.
        published: the figure or direction, as text: there is nothing to accept by.
        source: key in the bibliography or in FACT_SOURCES.
        sums: numerator and denominator, of one history; None where the model has nothing to read.
        scenario: bundled scenario that it is read off.
        less: bundled scenario whose value, in the same worlds, is taken off; empty for none.
        week: week whose ties a history must keep for `sums`; 0 for none but the year-ends.
    """

    name: str
    fact: str
    reading: str
    published: str
    source: str
    sums: Measure | None
    scenario: str = "informal"
    less: str = ""
    week: int = 0


FACT_SOURCES: dict[str, Source] = {source.key: source for source in (
    Source("boda-2020", "Boda Z, Elmer T, Voros A, Stadtfeld C. Short-term and long-term effects of a social network intervention on friendships "
           "among university students. Sci Rep 2020;10.", "doi 10.1038/s41598-020-59594-z"),
    Source("atherley-2021", "Atherley and others 2021: students' support networks at the entry to clerkships."),
    Source("formal-uptake", "Use of formal support by distressed students: 8 % to about a quarter, by survey."),
    Source("peer-leader-trial", "A six-month trial of peer leaders without a significant effect."),
    Source("sources-of-strength", "Sources of Strength, 17 schools: distance of students from peer leaders."),
)}  # fmt: skip
"""Works that only held-out facts lean on."""

_CLASS = "student-class-degree"

TARGETS: tuple[Target, ...] = (
    Target("friends_campus", "friends, last campus year-end", 4.59, 6.21, "5.4, \u00b115 %", _CLASS, "friendship", friends_at_year_end(2)),
    Target("friends_campus_sd", "SD of friends then", 2.2, 3.6, "2.9, about \u00b125 %", _CLASS, "friendship", friends_sd(2)),
    Target("friends_clinical_1", "friends, first clinical year-end", 3.32, 4.49, "3.9, \u00b115 %", _CLASS, "friendship", friends_at_year_end(3)),
    Target("friends_clinical_2", "friends, second clinical year-end", 2.89, 3.91, "3.4, \u00b115 %", _CLASS, "friendship", friends_at_year_end(4)),
    Target("no_friend_share", "no friend in the cohort, year-ends", 0.01, 0.12, "assumed range", "", "friendship", of_outcome("no_friend_share")),
    Target("yearly_jaccard", "Jaccard of successive year-ends", 0.32, 0.60, ".32-.38 from wave to wave, a lower bound (nomination noise)", _CLASS,
           "friendship", of_outcome("yearly_jaccard")),
    Target("transitivity", "transitivity", 0.3, 0.6, "assumed range", "", "friendship", of_outcome("transitivity")),
    Target("prevalence", "distressed, latent", 0.17, 0.27, "27.2 % seen through an instrument", "rotenstein-2016", "distress",
           of_outcome("prevalence")),
    Target("screen_positive", "screen-positive", 0.247, 0.299, "27.2 % (24.7-29.9)", "rotenstein-2016", "distress", of_outcome("screen_positive")),
    Target("decline", "last year over first, distressed", 0.45, 0.85, "year 5 over year 1: .61, wide", "puthran-2016", "distress", decline),
    Target("severe_year_share", "severe in a year", 0.06, 0.20, "about .11, assumed from suicidal ideation", "rotenstein-2016", "distress",
           of_outcome("severe_year_share")),
    Target("recovered_13", "recovered at 3 months", 0.42, 0.58, ".50", "spijker-2002", "recovery", recovered_within(13)),
    Target("recovered_26", "recovered at 6 months", 0.55, 0.70, ".63", "spijker-2002", "recovery", recovered_within(26)),
    Target("recovered_52", "recovered at 12 months", 0.70, 0.82, ".76", "spijker-2002", "recovery", recovered_within(52)),
    Target("treated_share", "episodes treated", 0.12, 0.25, "assumed range", "", "help", of_outcome("treated_share")),
    Target("noticed_share", "episodes noticed", 0.6, 0.8, "aim: where nearly all are, noticing decides nothing", "", "help",
           of_outcome("noticed_share")),
    Target("peer_reach", "episodes reached by peers", 0.3, 0.6, "assumed range", "", "help", of_outcome("peer_reach")),
)  # fmt: skip

_NEWCOMERS = "newcomers grouped at random have more friendships with one another at two months, and the difference fades over the year"
_LEADERS = "38.3 % of students have a tie to a peer leader, 75.0 % are within two steps of one, 92.8 % within three"

HELD_OUT: tuple[HeldOut, ...] = (
    HeldOut("newcomers_2_months", _NEWCOMERS, "friend pairs after two months who shared the first term's small group, of all friend pairs",
            "far above the share of all pairs (.06 in groups of 8 of 120)", "boda-2020", friends_of_first_group(NEW_WEEK), week=NEW_WEEK),
    HeldOut("newcomers_year", _NEWCOMERS, "the same at the end of the first year's teaching", "nearer to that share", "boda-2020",
            friends_of_first_group()),
    HeldOut("training_on_care", "training of peer leaders shifts expertise, and not the use of services in the community",
            "episodes treated with volunteer officers, less without", "about 0", "lipson-2014", of_outcome("treated_share"), "officers", "informal"),
    HeldOut("leaders_on_distress", "a six-month trial of peer leaders finds nothing significant",
            "share distressed with volunteer officers, less without", "about 0", "peer-leader-trial", of_outcome("prevalence"), "officers",
            "informal"),
    HeldOut("formal_uptake", "8 % to about a quarter of distressed students use formal help",
            "students in care in a year, of those distressed in it", ".08 to about .25", "formal-uptake", students_in_care),
    HeldOut("clerkship_size", "at the entry to clerkships the size of support networks need not fall ...",
            "friends in the thirteenth week of placements over friends at the end of the campus years", "need not be below 1", "atherley-2021",
            friends_kept_at_clerkship),
    HeldOut("clerkship_turnover", "... while their composition turns over", "friendships new since a year before, first clinical year-end",
            "many", "atherley-2021", of_outcome("new_tie_share")),
    HeldOut("repeat_positives", "19 of 56 students who ever screened positive did so more than once",
            "students distressed at more than one year-end, of those at any (all answer, no error)", ".34", "quince-2012", repeat_positives),
    HeldOut("distressed_hours", "distressed students spend fewer hours with others ...", "contact hours of distressed over well students",
            "below 1", "elmer-2020", contact_of_distressed),
    HeldOut("distressed_pairs", "... and in pairs rather than in groups", "the model's elective hours are spent in pairs only", "more in pairs",
            "elmer-2020", None),
    HeldOut("leader_tie", _LEADERS, "friend of an officer, of those who are none (volunteer officers, campus year-ends)", ".383",
            "sources-of-strength", tied_to_officers(1), "officers"),
    HeldOut("leader_two_steps", _LEADERS, "the same within two steps", ".750", "sources-of-strength", tied_to_officers(2), "officers"),
    HeldOut("leader_three_steps", _LEADERS, "the same within three steps", ".928", "sources-of-strength", tied_to_officers(3), "officers"),
)  # fmt: skip
