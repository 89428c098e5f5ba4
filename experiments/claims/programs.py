"""The study on what schools could do: formal beside informal support, placements, training for all and for officers (C30-C34)."""

from __future__ import annotations

from typing import Literal

import numpy as np

from experiments.claims.claim import Array, Claim, Measure, Overrides, Reading, Sums, Trial, difference, of_history, outcome
from experiments.claims.measures import MEAN_STIGMA, REFERRALS_A_SUPPORT
from experiments.claims.officers import KEPT_OVER_A_YEAR, OFFERED, OWN_EXPERTISE, VOLUNTEERS
from simulation.record.history import CARE_STATES, History

_IN_CARE = CARE_STATES.index("in care")


def supports_by_peers(history: History) -> Sums:
    """Supports accepted from students who are no officers, over 100 weeks of students' distress."""
    return float(history.n_supports_given[~history.is_officer].sum()), float((history.distress >= 1).sum()) / 100


def isolated_on_placement(history: History) -> Sums:
    """Student-weeks without a friend, over student-weeks present, in teaching weeks on placement."""
    present = history.is_present[history.calendar.is_clinical & history.calendar.is_teaching]
    isolated = history.friends[history.calendar.is_clinical & history.calendar.is_teaching] == 0
    return float((present & isolated).sum()), float(present.sum())


def care_begun_in_severe_weeks(history: History) -> Sums:
    """Entries into care, over 100 weeks of severe distress outside care; where nobody asks for care, each is an escalation accepted."""
    in_care = history.care == _IN_CARE
    before = np.vstack([np.zeros_like(in_care[:1]), in_care[:-1]])
    return float((in_care & ~before).sum()), float(((history.distress == 2) & ~in_care).sum()) / 100


def officers_offers(history: History) -> Sums:
    """Offers of the students who are officers in every week of the course, over 100 weeks of students' distress.

    A history counts offers over the whole course, not by week: this is only what it says where nobody leaves office, as in a course of one year.
    """
    standing = history.is_officer.all(axis=0)
    return float(history.n_offers[standing].sum()), float((history.distress >= 1).sum()) / 100


def load_a_support(history: History) -> Sums:
    """Weeks of load of officers in post, over supports that they gave."""
    return float(history.load[history.is_officer].sum()), float(history.n_supports_given[history.is_officer].sum())


def noticed_in_isolation(history: History) -> Sums:
    """Episodes noticed, over episodes, of students without a friend at onset; those of the settling-in left out."""
    e = history.episodes
    counted = e.is_isolated_at_onset & ~e.is_early
    return float((counted & (e.first_noticed >= 0)).sum()), float(counted.sum())


def prevalence_of_both(history: History, first: History) -> Sums:
    """Prevalence in a world, that of the trial's first arm in the same world, its square, and 1."""
    own, other = (float((h.distress[h.is_present] >= 1).mean()) for h in (history, first))
    return own, other, other * other, 1.0


def change_over_noise(sums: Array) -> Array:
    """Mean change of prevalence over the standard deviation between cohorts of the first arm, from the sums of `prevalence_of_both`."""
    own, other, squares, n = np.moveaxis(np.asarray(sums, dtype=np.float64), -1, 0)
    return np.asarray((own - other) / n / np.sqrt((squares - other * other / n) / (n - 1)))


PEER_SUPPORTS = of_history("supports accepted from peers, in 100 weeks of distress", supports_by_peers)
ISOLATED_ON_PLACEMENT = of_history("teaching weeks on placement without a friend", isolated_on_placement)
ESCALATED = of_history("escalations accepted, in 100 severe weeks outside care", care_begun_in_severe_weeks)
OFFICERS_OFFERS = of_history("offers of officers, in 100 weeks of distress", officers_offers)
PREVALENCE = outcome("prevalence")
CHANGE_OVER_NOISE = Measure("prevalence, change in standard deviations between cohorts of one school", prevalence_of_both, None, change_over_noise)

NO_TRAINING_EFFECT_ON_STIGMA = {"training_stigma": 0}
# Nobody asks for care unprompted, so that all care begins by escalation.
BY_ESCALATION = {"self_presentation": 0}
_ONE_YEAR = {"campus_years": 1, "clinical_years": 0, "officer_exit": 0, "students_per_officer": 10}

C30 = Claim(
    id="C30", section="Background",
    says="formal peer support can complement informal peer support",
    expects="officers in post could crowd out informal help, an input that is off by default; without it, officers add to what reaches students",
    trials=(
        Trial(
            moved="what officers in post take off other students' offers, log odds", before={}, after={"crowding_out": 1}, both=VOLUNTEERS,
            replicates=15,
            mutant={"officers": "none"}, mutant_words="there is no officer who could crowd anybody out",
            why="Before is the default, so that a default that crowds out would leave less to be seen. Peers' help for each week of distress, "
            "since with less help distress lasts longer.",
            readings=(Reading(measure=PEER_SUPPORTS, expects="down"),),
        ),
        Trial(
            moved="officers", before={"officers": "none"}, after=VOLUNTEERS, replicates=60,
            mutant={"crowding_out": 1}, mutant_words="officers crowd other students out",
            why="Support from anybody in the cohort: whoever becomes an officer is no longer counted among the other students, so their help alone "
            "would fall without anybody helping less.",
            readings=(Reading(measure=outcome("peer_reach"), expects="up"),),
        ),
    ),
)  # fmt: skip

C31 = Claim(
    id="C31", section="Centrality of trusting relationships",
    says="students could be placed together with enough time for collegial relationships to develop",
    expects="continuity or block length up, students without a friend down",
    trials=(
        Trial(
            moved="weeks of a placement block", before={"block_weeks": 6}, after={"block_weeks": 24}, replicates=20,
            mutant={"kappa_placement": 0.05}, mutant_words="an hour on placement makes little friendship (the low end of the range)",
            why="Only placement differs, so only its teaching weeks are counted. The mutant is within the range studied: whether longer blocks "
            "help hangs on time together making friends, and its figure belongs beside every result on block length.",
            readings=(Reading(measure=ISOLATED_ON_PLACEMENT, expects="down"),),
        ),
        Trial(
            moved="placement groups", before={"placement": "reshuffled"}, after={"placement": "fixed"}, replicates=20,
            mutant={"kappa_placement": 0, "co_placed_pull": 0, "offsite_availability": 1},
            mutant_words="being placed together makes no friendship, is no reason to meet and no help in meeting",
            why="All three ways in which being placed together works must go: at kappa_placement 0 alone, friends who share a site still meet "
            "more.",
            readings=(Reading(measure=ISOLATED_ON_PLACEMENT, expects="down"),),
        ),
    ),
)  # fmt: skip

C32 = Claim(
    id="C32", section="Background",
    says="systematic reviews found no robust evidence that peer support improves mental wellbeing",
    expects="a program's effect on prevalence is small beside the noise, and may be nil: no direction is asked for",
    trials=(
        Trial(
            moved="training for all, and officers with outreach", before={},
            others={"program": {"training": "all", **VOLUNTEERS, "add_ons": ["outreach"]}}, replicates=40,
            mutant={"received_on_recovery": 5, "received_on_worsening": 5, "received_weeks": 12},
            mutant_words="support accepted makes well within weeks",
            why="The margin is one student in a hundred: to see that much of a prevalence of .2 (with power .8) a trial would need some 25,000 "
            "students an arm, and cohorts of one school differ by twice as much by chance (SD .023), which is what the second reading divides "
            "by. In the same worlds the effect may well differ from 0; the claim is that it is small. What a program does to reach is another "
            "matter.",
            readings=(
                Reading(measure=PREVALENCE, contrast=difference, contrast_words="program less none", expects="nil", margin=0.01),
                Reading(measure=CHANGE_OVER_NOISE, contrast=difference, contrast_words="program less none", expects="nil", margin=0.5),
            ),
        ),
    ),
)  # fmt: skip


def _topic(name: str, measure: Measure, expects: Literal["up", "down"], mutant: Overrides, both: Overrides, replicates: int, why: str) -> Trial:
    """A trial of one topic of the training for all students; what any training does to stigma is switched off in all arms."""
    return Trial(
        moved=f"training in {name}", before={}, after={"training": [name]}, both={**NO_TRAINING_EFFECT_ON_STIGMA, **both}, replicates=replicates,
        mutant=mutant, mutant_words="the topic is taught and changes nothing", why=why,
        readings=(Reading(measure=measure, expects=expects),),
    )  # fmt: skip


C33 = Claim(
    id="C33", section="Table 1, all students",
    says="for all students: information, scripts, emergencies, self-disclosure, obligations, collegiality",
    expects="each of six switches moves its own quantity",
    trials=(
        _topic("information", REFERRALS_A_SUPPORT, "up", {"training_referral": 0}, {}, 20, "Kinds of support accepted; some 150 a run."),
        _topic("scripts", OFFERED, "up", {"training_expertise": 0, "training_boundary": 0}, {}, 40,
               "The first week in which anybody notices, so that neither contact nor the length of a spell counts. What is learnt fades in years."),
        _topic("red-flags", ESCALATED, "up", {"training_red_flags": 0}, BY_ESCALATION, 40,
               "Nobody asks for care unprompted, so that care begins by escalation alone."),
        _topic("self-disclosure", MEAN_STIGMA, "down", {"training_disclosure": 0}, {}, 10,
               "Stigma after the settling-in, in the same worlds; disclosures of students themselves go on in both arms."),
        _topic("obligations", ESCALATED, "up", {"training_obligations": 0}, BY_ESCALATION, 40,
               "As with red flags, by half as much: the norm of confidentiality is what keeps from escalating."),
        _topic("collegiality", OFFERED, "up", {"training_collegiality": 0}, {}, 60,
               "Only offers to those scheduled together are meant to rise, and most who notice are; log odds rise by .2."),
    ),
)  # fmt: skip

C34 = Claim(
    id="C34", section="Table 1, selected students",
    says="for selected students: selection criteria, role boundaries, training that includes isolated students, advice at any time, succession",
    expects="each of five switches moves its own quantity",
    trials=(
        Trial(
            moved="selection criteria", before={"officers": "volunteers"}, after={"officers": "selected"}, replicates=40,
            mutant={"students_per_officer": 1}, mutant_words="a seat for every student: there is nothing to select",
            why="As in C22, where the criterion of vulnerability is read too.",
            readings=(Reading(measure=OWN_EXPERTISE, expects="up"),),
        ),
        Trial(
            moved="role boundaries", before={"add_ons": ["outreach"]}, after={"add_ons": ["outreach", "role-boundaries"]},
            both={**VOLUNTEERS, **_ONE_YEAR}, replicates=80,
            mutant={"training_boundary": 0}, mutant_words="the topic is taught and changes nothing",
            why="One year in which nobody leaves office, since a history counts each student's offers over the course. Offers that students do not "
            "accept are repeated; that is so in both arms.",
            readings=(Reading(measure=OFFICERS_OFFERS, expects="up"),),
        ),
        Trial(
            moved="training in responding, SD of expertise", before={"officer_training": 0}, after={"officer_training": 0.6},
            both={**VOLUNTEERS, **_ONE_YEAR, "add_ons": ["outreach"]}, replicates=80,
            mutant={"offer_expertise": 0, "referral_expertise": 0, "escalation_expertise": 0}, mutant_words="expertise changes nothing",
            why="As for role boundaries.",
            readings=(Reading(measure=OFFICERS_OFFERS, expects="up"),),
        ),
        Trial(
            moved="reaching isolated students", before={"add_ons": "none"}, after={"add_ons": ["outreach"]}, both=VOLUNTEERS, replicates=100,
            mutant={"outreach_sensitivity": 0}, mutant_words="only students with friends look low in contact",
            why="Its own quantity is that distress of students without a friend is noticed; C28 goes on to reach.",
            readings=(Reading(measure=of_history("spells of isolated students that are noticed", noticed_in_isolation), expects="up"),),
        ),
        Trial(
            moved="advice round the clock", before={"add_ons": ["outreach"]}, after={"add_ons": ["outreach", "advice"]},
            both={**VOLUNTEERS, **BY_ESCALATION, "students_per_officer": 10}, replicates=40,
            mutant={"advice_on_load": 1, "advice_on_escalation": 0}, mutant_words="advice changes nothing",
            why="It halves the load of a support and makes officers escalate more. An officer for every ten students, or their escalations would "
            "drown among everybody's; nobody asks for care unprompted.",
            readings=(Reading(measure=of_history("weeks of load for each support of an officer", load_a_support), expects="down"),
                      Reading(measure=ESCALATED, expects="up")),
        ),
        Trial(
            moved="succession planning", before={"add_ons": "none"}, after={"add_ons": ["succession"]}, both=VOLUNTEERS, replicates=20,
            mutant={"officer_exit": 0}, mutant_words="nobody leaves office",
            why="As in C26, where exams and graduation are looked at too.",
            readings=(Reading(measure=KEPT_OVER_A_YEAR, expects="up"),),
        ),
    ),
)  # fmt: skip

CLAIMS = (C30, C31, C32, C33, C34)
