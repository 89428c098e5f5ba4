"""The study on what surrounds an offer of help: barriers together, trust, services, long hours (C20, C27-C29, C35-C37)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from experiments.claims.claim import Array, Claim, Reading, Sums, Trial, of_history, outcome
from experiments.claims.measures import strengths
from experiments.claims.officers import OFFERED, OUTREACH, VOLUNTEERS
from experiments.claims.programs import BY_ESCALATION, ESCALATED
from simulation.record.history import History

# Barriers


def joint_over_largest(values: Array) -> Array:
    """What removing all barriers does, less what the largest single removal does.

    Args:
        values: shape (..., arms): nothing removed, each barrier alone, all of them.
    """
    effects = values[..., 1:] - values[..., :1]
    return np.asarray(effects[..., -1] - effects[..., :-1].max(axis=-1))


def joint_over_sum(values: Array) -> Array:
    """What removing all barriers does, less the sum of the single removals; arms as in `joint_over_largest`."""
    effects = values[..., 1:] - values[..., :1]
    return np.asarray(effects[..., -1] - effects[..., :-1].sum(axis=-1))


# Trust


def accepted_at_first_offer(history: History) -> Sums:
    """Episodes in which the first week with an offer is also the first with one accepted, over episodes with an offer."""
    e = history.episodes
    offered = e.first_offered >= 0
    return float((offered & (e.first_accepted == e.first_offered)).sum()), float(offered.sum())


def supports_by_officers(history: History) -> Sums:
    """Supports accepted from officers, over 100 weeks of students' distress."""
    return float(history.n_supports_given[history.is_officer].sum()), float((history.distress >= 1).sum()) / 100


# Ties on placement


def ever_placed_together(history: History, week: int) -> NDArray[np.bool_]:
    """Whether two students had the same main site in a week of a clinical year, up to a week; shape (students, students)."""
    together = np.zeros((history.n_students, history.n_students), dtype=np.bool_)
    for site in np.unique(history.site[:week][history.calendar.is_clinical[:week]], axis=0):
        together |= (site[:, None] == site[None, :]) & (site >= 0)[:, None]
    return together


def _clinical_year_ends(history: History) -> list[int]:
    return [int(week) for week in history.calendar.year_ends() if history.calendar.is_clinical[week - 1]]


def offsite_ties(history: History) -> Sums:
    """Summed strength of ties between students never placed together, over students, at the ends of the clinical years."""
    ends = _clinical_year_ends(history)
    total = sum(strengths(history, week)[~ever_placed_together(history, week)].sum() for week in ends)
    return float(total), float(len(ends) * history.n_students)


def coplaced_ties(history: History) -> Sums:
    """Mean strength between students at the same site in the last teaching week of a clinical year, over such pairs."""
    total = n = 0.0
    for week in _clinical_year_ends(history):
        site = history.site[week - 1]
        mates = np.triu((site[:, None] == site[None, :]) & (site >= 0)[:, None], 1)
        total, n = total + float(strengths(history, week)[mates].sum()), n + float(mates.sum())
    return total, n


REACH_ISOLATED = outcome("reach_isolated")
REACH_ISOLATED_BEFORE = outcome("reach_isolated_at_baseline")
SUPPORTS_BY_OFFICERS = of_history("supports accepted from officers, in 100 weeks of distress", supports_by_officers)
MARGIN = 0.03
"""Of isolated students' reach: three in 100 spells. Planning trials put what outreach does at 8; less than half of that counts as barely moving."""
_GONE = 2
"""Standard deviations by which a barrier is lowered for everybody: so far that two or three in a hundred still stand where the average did."""
# One training, of which what it shifts is moved; nothing of it fades, and stigma does not hide distress: barriers to helping, not to being noticed.
_LASTING = {"training": ["scripts"], "training_expertise": 0, "training_boundary": 0, "training_stigma": 0, "training_half_life": 10_000,
            "stigma_half_life": 10_000, "stigma_on_display": 0}  # fmt: skip
_EXPERTISE, _STIGMA, _BOUNDARY = {"training_expertise": _GONE}, {"training_stigma": -_GONE}, {"training_boundary": -_GONE}
_NO_NORM = {"confidentiality_norm": 0}
# Stigma and unclear boundaries change nothing at all.
_ONLY_EXPERTISE = {"offer_stigma": 0, "accept_stigma": 0, "stigma_on_care": 0, "offer_boundary": 0, "boundary_on_load": 0}
_LARGEST, _SUM = "all together less the largest alone", "all together less the sum of each alone"

C20 = Claim(
    id="C20", section="Initiating and providing peer support",
    says="concerns were interrelated and interacted to express a general reluctance to offer peer support",
    expects="removing all barriers together does more than the largest alone, and more than the single removals added up",
    trials=(
        Trial(
            moved="barriers to offering: expertise (2 SD), then stigma, unclear boundaries, all three", before={}, after=_EXPERTISE,
            others={"stigma": _STIGMA, "boundaries": _BOUNDARY, "all": {**_EXPERTISE, **_STIGMA, **_BOUNDARY}}, both=_LASTING, replicates=60,
            mutant=_ONLY_EXPERTISE, mutant_words="only lack of expertise keeps anybody from offering",
            why="In log odds the three add up by the model's form; whether they do more together than in sum is then a matter of where on the "
            "curve of the logistic function students stand: below one half it bends upwards, above it downwards. Episodes offered help in the "
            "week in which they are first noticed, so that what stigma does to showing distress and to accepting does not come in.",
            readings=(Reading(measure=OFFERED, contrast=joint_over_largest, contrast_words=_LARGEST, expects="up"),
                      Reading(measure=OFFERED, contrast=joint_over_sum, contrast_words=_SUM, expects="up", least=0.02,
                              known="in log odds they add up by the model's form, and between .3 and .7 the logistic curve is nearly straight")),
        ),
        Trial(
            moved="barriers to escalating: expertise (2 SD), then stigma, boundaries, confidentiality, all four", before={}, after=_EXPERTISE,
            others={"stigma": _STIGMA, "boundaries": _BOUNDARY, "confidentiality": _NO_NORM,
                    "all": {**_EXPERTISE, **_STIGMA, **_BOUNDARY, **_NO_NORM}},
            both={**_LASTING, **BY_ESCALATION}, replicates=30,
            mutant={**_ONLY_EXPERTISE, "escalation_intercept": 10},
            mutant_words="only lack of expertise keeps anybody from offering, and nothing from escalating",
            why="Confidentiality keeps nobody from offering, but from calling in help for a student in severe distress, which only who offers can "
            "do: barriers one after the other. Nobody asks for care unprompted, so that care begins by escalation alone.",
            readings=(Reading(measure=ESCALATED, contrast=joint_over_largest, contrast_words=_LARGEST, expects="up"),
                      Reading(measure=ESCALATED, contrast=joint_over_sum, contrast_words=_SUM, expects="up")),
        ),
    ),
)  # fmt: skip

C27 = Claim(
    id="C27", section="Centrality of trusting relationships",
    says="without a foundation of trust, students were unlikely to entrust peers with their concerns",
    expects="weaker ties: fewer first offers accepted; officers who wait hardly reach isolated students, officers who reach out do",
    trials=(
        Trial(
            moved="shared hours that make a friend", before={"friend_hours": 60}, after={"friend_hours": 130}, replicates=60,
            mutant={"accept_tie": -3}, mutant_words="students accept from strangers rather than from friends",
            why="The two ends of the range. First offers only, since those to students who do not accept grow in number where ties are weak. Even "
            "with ties of no account a little would be left (weak ties notice and offer less often two at a time), so the mutant turns the sign.",
            readings=(Reading(measure=of_history("first offers that are accepted", accepted_at_first_offer), expects="down"),),
        ),
        Trial(
            moved="officers, who wait to be met", before={"officers": "none"}, after=VOLUNTEERS, replicates=120,
            mutant={"accept_credibility": 10, "offer_officer": 10}, mutant_words="officers are trusted at once, and offer whenever they notice",
            why=f"Nothing is a margin of {MARGIN:g}. A run has some six spells that begin without a friend, so a reach of .25 has a standard error "
            "of .016 over 120 runs, and its change in the same worlds well below half of that.",
            readings=(Reading(measure=REACH_ISOLATED, expects="nil", margin=MARGIN),),
        ),
        Trial(
            moved="outreach", before={"add_ons": "none"}, after={"add_ons": ["outreach"]}, both=VOLUNTEERS, replicates=300,
            mutant={"outreach_sensitivity": 0}, mutant_words="only students with friends look low in contact",
            why="The contrast: the same officers and hours, spent on checking in. What they add must exceed the margin above, hence more runs.",
            readings=(Reading(measure=REACH_ISOLATED, expects="up", beyond=MARGIN),),
        ),
    ),
)  # fmt: skip

C28 = Claim(
    id="C28", section="Discussion, Table 1",
    says="isolated students likely need more proactive support and could be an important focus of roles",
    expects="outreach up, reach of isolated students up, unreached isolated students down",
    trials=(
        Trial(
            moved="outreach", before={"add_ons": "none"}, after={"add_ons": ["outreach"]}, both=VOLUNTEERS, replicates=120,
            mutant={"offer_officer": -10}, mutant_words="officers check in and offer nothing",
            why="Check-ins are hours of contact and might themselves end isolation, so that others are isolated under outreach. Reach is therefore "
            "that of students who were isolated in the same week without outreach. That check-ins go to students with friends instead is no "
            "mutant here: some of them are without a friend for most of their spell, and are reached while they have one.",
            readings=(Reading(measure=REACH_ISOLATED_BEFORE, expects="up"), Reading(measure=outcome("unreached_isolated_students"), expects="down")),
        ),
        Trial(
            moved="how surely a student without friends looks low in contact", before={"outreach_sensitivity": 0.2},
            after={"outreach_sensitivity": 1}, both=OUTREACH, replicates=120,
            mutant={"offer_officer": -10}, mutant_words="officers check in and offer nothing",
            why="The number of check-ins stays the same; whom they go to changes. The mutant shows that the hour of contact alone does not do it.",
            readings=(Reading(measure=REACH_ISOLATED_BEFORE, expects="up"),),
        ),
    ),
)  # fmt: skip

C29 = Claim(
    id="C29", section="Centrality of trusting relationships",
    says="students are unlikely to engage in school programs when they mistrust the school to act in their interests",
    expects="trust in the school down, uptake of school-run officers down",
    trials=(
        Trial(
            moved="trust in the school", before={"school_trust": 1}, after={"school_trust": 0}, both={**VOLUNTEERS, "add_ons": ["trust"]},
            replicates=60,
            mutant={"add_ons": "none"}, mutant_words="officers are not seen as the school's",
            why="Uptake is support accepted from officers by everybody, for each week of distress, since with fewer accepting there are more and "
            "longer weeks to be offered in. Staff, whose acceptance trust moves too, are off.",
            readings=(Reading(measure=SUPPORTS_BY_OFFICERS, expects="down"),),
        ),
    ),
)  # fmt: skip


def _after(values: Array) -> Array:
    return np.asarray(values[..., 1])


_STAFF = {"staff_notice": 0.05}

C35 = Claim(
    id="C35", section="Background",
    says="peers may be the first to detect distress, and peer support could open the way to professional help",
    expects="most first notices are by peers even where staff look out; referral up, treatment up",
    trials=(
        Trial(
            moved="weekly rate at which staff notice", before={}, after=_STAFF, replicates=30,
            mutant={"notice_contact": 0, "notice_absence": 0}, mutant_words="peers notice nothing",
            why="Staff are switched on, at the upper end of their range, or peers would be first because nobody else is there. A level: above one "
            "half.",
            readings=(Reading(measure=outcome("first_notice_by_peer"), contrast=_after, contrast_words="with staff", expects="up", beyond=0.5),),
        ),
        Trial(
            moved="probability that accepted support refers to care", before={"p_referral": 0.1}, after={"p_referral": 0.6}, both=_STAFF,
            replicates=60,
            mutant={"referral_on_care": 1}, mutant_words="who was referred asks for care as anybody does",
            why="The two ends of the range. Referring is also support and shortens spells, which leaves less time to be treated, against the "
            "claim. What staff do refers too, in both arms.",
            readings=(Reading(measure=outcome("treated_share"), expects="up"),),
        ),
    ),
)  # fmt: skip

# Who is escalated enters care at once, whatever the wait and the places.
_NOBODY_ASKS = {"self_presentation": 0}

C36 = Claim(
    id="C36", section="Discussion",
    says="strategies need to be tailored to context, including the availability of mental health services",
    expects="waiting time up, treatment down; places up, treatment up",
    trials=(
        Trial(
            moved="weeks of waiting for care", before={"waiting_weeks": 0}, after={"waiting_weeks": 10}, replicates=20,
            mutant=_NOBODY_ASKS, mutant_words="nobody asks for care; all of it is urgent",
            why="The two ends of the range. Who recovers while waiting is not treated, and need not be: fewer treated is not worse by itself.",
            readings=(Reading(measure=outcome("treated_share"), expects="down"),),
        ),
        Trial(
            moved="places in care for 100 students", before={"care_places": 2}, after={"care_places": 100}, replicates=80,
            mutant=_NOBODY_ASKS, mutant_words="nobody asks for care; all of it is urgent",
            why="The two ends of the range; with 120 students, three places or no limit.",
            readings=(Reading(measure=outcome("treated_share"), expects="up"),),
        ),
    ),
)  # fmt: skip

# A site for each placement group, so that who shares a site is placed together.
_SITES = {"sites": 40, "students": 120, "placement_group_size": 3}
_HOURS = "hours a week that a placement group spends together"

C37 = Claim(
    id="C37", section="Evolving friendships",
    says="long clinical hours and fewer social connections outside led to a new camaraderie on placement",
    expects="placement hours up: ties with those never placed together down, ties with those at the same site up",
    trials=(
        Trial(
            moved=_HOURS, before={"placement_hours": 20}, after={"placement_hours": 40}, both=_SITES, replicates=20,
            mutant={"crowd": 0, "kappa_placement": 0}, mutant_words="long hours take nothing off elective time, and make no friends",
            why="Hours act in two ways: they take elective time, and they make friends on placement who then draw what is left of it. The mutant "
            "must stop both. Pairs that were ever placed together are left out, or former groups would count as outside.",
            readings=(Reading(measure=of_history("strength of a student's ties with those never placed together", offsite_ties), expects="down"),),
        ),
        Trial(
            moved=_HOURS, before={"placement_hours": 20}, after={"placement_hours": 40}, both=_SITES, replicates=20,
            mutant={"kappa_placement": 0}, mutant_words="hours on placement make no friends",
            why="Ties of those placed together at the ends of the clinical years, in the fourth and in the second week of a block.",
            readings=(Reading(measure=of_history("strength of a tie between students placed together", coplaced_ties), expects="up"),),
        ),
    ),
)  # fmt: skip

CLAIMS = (C20, C27, C28, C29, C35, C36, C37)
