"""The study on evolving friendships: C7-C10, and C12 on those who make friends less easily."""

from __future__ import annotations

import numpy as np

from experiments.claims.claim import Claim, Reading, Sums, Trial, level, of_history, of_steps, outcome
from experiments.claims.measures import ONE_YEAR_EACH, Groups, drawn_groups, gap, pairs, same_group, strength_of_group_mates, strengths
from experiments.claims.watch import Step
from simulation.record.history import History


def _friends_by_group(history: History) -> Sums:
    """Friends and all pairs at the end of the first year: of pairs in one small group in a term of it, and of pairs in none together."""
    size, each = history.parameters.small_group_size, pairs(history)
    same = same_group(history, drawn_groups(history, "campus_groups", 1, size)) | same_group(history, drawn_groups(history, "campus_groups", 2, size))
    friends = strengths(history, int(history.calendar.year_ends()[0])) >= history.parameters.friend_strength
    return tuple(float(np.count_nonzero(each & a & b)) for a in (same, ~same) for b in (friends, each))


def _campus_ties_a_year_on(history: History) -> Sums:
    """Strength of the second year's friendships one year on, over their strength then."""
    _, then, later = (int(week) for week in history.calendar.year_ends()[:3])
    before, after = strengths(history, then), strengths(history, later)
    friends = before >= history.parameters.friend_strength
    return float(after[friends].sum()), float(before[friends].sum())


def _lasting_placement_groups(history: History) -> Groups:
    return drawn_groups(history, "placement_groups", 0, history.parameters.placement_group_size)


def _last_placement_groups(history: History) -> Groups:
    """Groups of the last block, where it ends with the year."""
    return drawn_groups(history, "placement_groups", int(history.calendar.block.max()) + 1, history.parameters.placement_group_size)


def _new_friends(history: History) -> Sums:
    """Friendships at the end of the first clinical year that were none a year before, a student."""
    last_campus = history.parameters.campus_years
    then, now = (strengths(history, int(week)) >= history.parameters.friend_strength for week in history.calendar.year_ends()[last_campus - 1:][:2])
    return float(np.count_nonzero(now & ~then)), float(history.n_students)


def _alone_on_placement(history: History) -> Sums:
    weeks = history.calendar.is_clinical & history.calendar.is_teaching
    return float(np.count_nonzero(history.friends[weeks] == 0)), float(history.friends[weeks].size)


def _isolated_by_sociability(step: Step) -> Sums:
    """Students without a friend among the quarter with least elective time, and among the others."""
    if step.is_settling_in:
        return 0.0, 0.0, 0.0, 0.0
    sociability, alone = step.student("sociability"), step.student("friends") == 0
    least = sociability <= np.quantile(sociability, 0.25)
    return float((alone & least).sum()), float(least.sum()), float((alone & ~least).sum()), float((~least).sum())


_LIKE_CAMPUS = {"offsite_availability": 1, "crowd": 0, "placement_hours": 6, "placement_group_size": 8, "block_weeks": 18, "kappa_placement": 0.25}
_TIME_TOGETHER_COUNTS_NOTHING = {"kappa_placement": 0, "co_placed_pull": 0}
_FRIENDS_BY_GROUP = of_history("pairs that are friends: in one small group this year, less others", _friends_by_group, gap)

C7 = Claim(
    id="C7", section="Evolving friendships",
    says="friendships developed easily within the small groups of the early campus years",
    expects="odds of friendship are higher within a group than between groups, and rise with hours",
    trials=(
        Trial(
            moved="hours a week in small groups", before={"small_group_hours": 3}, after={"small_group_hours": 12},
            both={"campus_years": 1, "clinical_years": 0}, replicates=40,
            mutant={"kappa_campus": 0, "co_placed_pull": 0}, mutant_words="hours in class count nothing towards a tie and draw nobody",
            why="Pairs who were in one group in either term of the first year, against those who never were; some 300 friendships a run. The "
            "difference of two shares, not an odds ratio: between groups there is hardly any friendship in a first year, and then no odds.",
            readings=(Reading(measure=_FRIENDS_BY_GROUP, expects="up", contrast=level, contrast_words="before"),
                      Reading(measure=_FRIENDS_BY_GROUP, expects="up")),
        ),
    ),
)  # fmt: skip

C8 = Claim(
    id="C8", section="Evolving friendships",
    says="on-campus friendships became more distanced as placements began",
    expects="less is left of the second year's friendships where the third is spent on placement; not fewer friends in all, for new ones come",
    trials=(
        Trial(
            moved="years on campus: the third year is on campus, or on placement", before={"campus_years": 3}, after={"campus_years": 2},
            both={"clinical_years": 1, "clinical_teaching_weeks": 36}, replicates=40,
            mutant=_LIKE_CAMPUS,
            mutant_words="placement is like campus: nobody is far, and hours, groups and terms are those of campus",
            why="Friendships fade and turn over in any year, so the year is compared with the same year on campus, as long a year of teaching. The "
            "mutant takes away all that makes a placement: distance, long hours, small groups that change with each block, hours that count more.",
            readings=(Reading(measure=of_history("strength left of the second year's friendships a year on", _campus_ties_a_year_on),
                              expects="down"),),
        ),
    ),
)  # fmt: skip

C9 = Claim(
    id="C9", section="Evolving friendships",
    says="'prison friends': you spend so much time with everyone here",
    expects="strength of ties between students placed together rises with hours and with weeks",
    trials=(
        Trial(
            moved="placement hours a week", before={"placement_hours": 10}, after={"placement_hours": 28},
            both={"placement": "fixed", **ONE_YEAR_EACH}, replicates=30,
            mutant=_TIME_TOGETHER_COUNTS_NOTHING, mutant_words="hours on placement count nothing towards a tie and draw nobody",
            why="Lasting groups of three, 120 pairs a run, at the end of the year. Long hours also take elective time, against the claim.",
            readings=(Reading(measure=strength_of_group_mates("mean strength of ties between placement mates", _lasting_placement_groups),
                              expects="up"),),
        ),
        Trial(
            moved="weeks of a block", before={"block_weeks": 4}, after={"block_weeks": 20}, both=ONE_YEAR_EACH, replicates=30,
            mutant=_TIME_TOGETHER_COUNTS_NOTHING, mutant_words="hours on placement count nothing towards a tie and draw nobody",
            why="Groups are new with each block; ties are read when the last block of the year ends, after 4 and after 20 weeks together.",
            readings=(Reading(measure=strength_of_group_mates("mean strength of ties between the last block's mates", _last_placement_groups),
                              expects="up"),),
        ),
    ),
)  # fmt: skip

C10 = Claim(
    id="C10", section="Evolving friendships",
    says="one clinic for one day and another for another day is a bit isolating",
    expects="sites a week up, new ties down and more weeks without a friend",
    trials=(
        Trial(
            moved="sites a week, with half the hours at each of two", before={"placement": "reshuffled"}, after={"placement": "two-sites"},
            both=ONE_YEAR_EACH, replicates=60,
            mutant=_TIME_TOGETHER_COUNTS_NOTHING, mutant_words="hours on placement count nothing towards a tie and draw nobody",
            why="Hours are the same in all, with twice as many people half as long. Two sites also overlap with more of the others', which eases "
            "meeting, against the claim.",
            readings=(Reading(measure=of_history("new friendships in the first clinical year, a student", _new_friends), expects="down"),
                      Reading(measure=of_history("weeks on placement without a friend", _alone_on_placement), expects="up")),
        ),
    ),
)  # fmt: skip

C12 = Claim(
    id="C12", section="Uncertain boundaries",
    says="some people do not make friends as easily as others, and are isolated",
    expects="sociability down, isolation up: for a cohort, and for those in it who are least sociable",
    trials=(
        Trial(
            moved="mean elective hours a week", before={"sociability_mean": 83}, after={"sociability_mean": 50}, both=ONE_YEAR_EACH, replicates=30,
            mutant={"max_pair_hours": 0}, mutant_words="elective time is spent with nobody",
            why="Without elective time spent, both arms are the same world.",
            readings=(Reading(measure=outcome("isolated_week_share"), expects="up"),),
        ),
        Trial(
            moved="no input: students of the same cohorts by elective time", both=ONE_YEAR_EACH, replicates=30,
            mutant={"max_pair_hours": 0}, mutant_words="elective time is spent with nobody",
            why="Elective time is drawn apart from everything else about a student.",
            readings=(Reading(measure=of_steps("weeks without a friend: the least sociable quarter less the others", _isolated_by_sociability, gap),
                              expects="up"),),
        ),
    ),
)  # fmt: skip
