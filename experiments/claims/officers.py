"""The study on students' roles in peer support, and why programs of such roles may not last (C21-C26)."""

from __future__ import annotations

import numpy as np

from experiments.claims.claim import Array, Claim, Reading, Sums, Trial, of_history
from experiments.claims.measures import ACCEPTED_AN_OFFER
from simulation.record.history import History
from simulation.scenario.programme import WEEKS_A_YEAR
from simulation.streams import normal

# Who they are


def share_who_take_a_seat(history: History) -> Sums:
    """Officers in the first week, over the students who are well then, where there are as many seats as students."""
    return float(history.is_officer[0].sum()), float(history.n_students - (history.episodes.onset == 0).sum())


def own_expertise_of_officers(history: History) -> Sums:
    """Expertise that officers brought along, training left aside, over weeks in post; drawn anew from the seed, for a synthetic cohort."""
    own = normal(history.seed, "expertise", 0, np.arange(1, history.n_students + 1))
    return float((history.is_officer @ own).sum()), float(history.is_officer.sum())


def distressed_officers(history: History) -> Sums:
    """Weeks of officers in distress, over weeks in post."""
    return float((history.is_officer & (history.distress >= 1)).sum()), float(history.is_officer.sum())


def distress_of_officers_and_others(history: History) -> Sums:
    """Weeks in distress and weeks, of officers in post, then of everybody else."""
    other, is_distressed = history.is_present & ~history.is_officer, history.distress >= 1
    return (*distressed_officers(history), float((other & is_distressed).sum()), float(other.sum()))


def share_over_share(sums: Array) -> Array:
    """Quotient of two shares, from the sums of both, each numerator before its denominator."""
    return np.asarray(sums[..., 0] * sums[..., 3] / (sums[..., 1] * sums[..., 2]))


# What they do


def offered_when_noticed(history: History) -> Sums:
    """Episodes that were offered help in the week in which they were first noticed, over episodes noticed."""
    e = history.episodes
    noticed = e.first_noticed >= 0
    return float((noticed & (e.first_offered == e.first_noticed)).sum()), float(noticed.sum())


def accepted_from_standing_officers(history: History) -> Sums:
    """Supports given over offers made, by the students who are officers in every week of the course.

    A history counts offers over the whole course, not by week, so this is only what it says where nobody leaves office, as in a course of one year
    without exits.
    """
    standing = history.is_officer.all(axis=0)
    return float(history.n_supports_given[:, standing].sum()), float(history.n_offers[standing].sum())


def officer_load(history: History) -> Sums:
    """Load of officers, over weeks in post."""
    return float(history.load[history.is_officer].sum()), float(history.is_officer.sum())


def officer_onset(history: History) -> Sums:
    """Officers who were well at the end of a week and are not at the end of the next, over 100 such weeks."""
    at_risk = history.is_officer[:-1] & (history.distress[:-1] == 0) & history.is_present[1:]
    return float((at_risk & (history.distress[1:] >= 1)).sum()), float(at_risk.sum()) / 100


# How long they last


def seats_kept_over_exams(history: History) -> Sums:
    """Officers in post at the end of each period of exams, over officers in the week before it."""
    is_exam, seats = history.calendar.is_exam, history.is_officer.sum(axis=1)
    first, last = is_exam[1:] & ~is_exam[:-1], is_exam & ~np.append(is_exam[1:], False)
    return float(seats[last].sum()), float(seats[:-1][first].sum())


def seats_kept_over_a_year(history: History) -> Sums:
    """Officers in post in the last week of each year, over officers in its first."""
    seats = history.is_officer.sum(axis=1)
    return float(seats[WEEKS_A_YEAR - 1 :: WEEKS_A_YEAR].sum()), float(seats[::WEEKS_A_YEAR].sum())


def seats_in_the_last_year(history: History) -> Sums:
    """Officers in post in a week of the last year, over officers in a week of the years before; near-peers graduate in between.

    Near-peers are no students of the cohort; each of their weeks in post leaves one entry of `near_peer_load`, all before the last year.
    """
    earlier = history.calendar.n_weeks - WEEKS_A_YEAR
    last = history.is_officer[earlier:].sum() / WEEKS_A_YEAR
    return float(last), float((history.is_officer[:earlier].sum() + len(history.near_peer_load)) / earlier)


OFFERED = of_history("spells offered help in the week when they are first noticed", offered_when_noticed)
OWN_EXPERTISE = of_history("expertise that officers brought along (SD)", own_expertise_of_officers)
SEATS_TAKEN = of_history("students who take a seat, of those who could", share_who_take_a_seat)
OFFICERS_OVER_OTHERS = of_history("share of weeks in distress, officers over others", distress_of_officers_and_others, share_over_share)
ACCEPTED_FROM_OFFICERS = of_history("offers of officers that are accepted", accepted_from_standing_officers)
OFFICER_LOAD = of_history("load of an officer in post", officer_load)
OFFICER_ONSET = of_history("onsets of officers, in 100 well weeks in post", officer_onset)
KEPT_OVER_A_YEAR = of_history("officers in post at a year's end, for each at its beginning", seats_kept_over_a_year)
KEPT_IN_THE_LAST_YEAR = of_history("officers in post in the last year, for each in the years before", seats_in_the_last_year)

VOLUNTEERS = {"officers": "volunteers"}
OUTREACH = {**VOLUNTEERS, "add_ons": ["outreach"]}
# Officers whose credibility starts at the trust in the school.
_TRUSTED = {**VOLUNTEERS, "add_ons": ["outreach", "trust"]}
# One year, and nobody leaves office: whoever is an officer is one in every week.
_ONE_YEAR = {"campus_years": 1, "clinical_years": 0, "officer_exit": 0}


def _before(values: Array) -> Array:
    return np.asarray(values[..., 0])

_CASELOAD = "officers' readiness to offer, hence their caseload"
_FEW_CASES, _MANY_CASES = {"offer_officer": 0}, {"offer_officer": 4}
_MANY_OFFICERS = {**OUTREACH, "students_per_officer": 10}

C21 = Claim(
    id="C21", section="Peer support roles",
    says="there were some willing individuals among a general reluctance to be involved",
    expects="willing volunteers are a minority, and most who notice do not offer",
    trials=(
        Trial(
            moved="every student is offered a seat",
            before=VOLUNTEERS, both={**_ONE_YEAR, "students_per_officer": 1, "volunteer_share": 0.3}, replicates=40,
            mutant={"volunteer_share": 0.7}, mutant_words="most students are willing",
            why="A level, not an effect: how many of those who are well take a seat, at the upper end of the range for willing students. Who is "
            "distressed cannot be chosen, so only the well are asked. About 90 a run; the standard error over 40 runs is near .01.",
            readings=(Reading(measure=SEATS_TAKEN, expects="down", beyond=0.5),),
        ),
        Trial(
            moved="nothing: as students are today", before={}, replicates=40,
            mutant={"offer_intercept": 2}, mutant_words="an average student is ready to help",
            why="Whoever notices could offer at once. A level again: most of them do not.",
            readings=(Reading(measure=OFFERED, expects="down", beyond=0.5),),
        ),
    ),
)  # fmt: skip

C22 = Claim(
    id="C22", section="Peer support roles, Table 1",
    says="officers need explicit selection criteria: experience and training, no vulnerability of their own",
    expects="selected officers bring more expertise than officers taken at random from the willing, and are less often distressed",
    trials=(
        Trial(
            moved="how officers are chosen", before={"officers": "volunteers"}, after={"officers": "selected"}, replicates=100,
            mutant={"students_per_officer": 1}, mutant_words="a seat for every student: there is nothing to select",
            why="Six seats among some 13 willing and well. Expertise is what they brought along, since training is the same for both. That fewer "
            "are distressed is read in the same runs; a difference of .02 (of some .08) would be worth having.",
            readings=(
                Reading(measure=OWN_EXPERTISE, expects="up"),
                Reading(measure=of_history("weeks in post spent in distress", distressed_officers), expects="down", least=0.02,
                        known="volunteers too are chosen among the well, and the selected offer more, carry more and are not less susceptible"),
            ),
        ),
        Trial(
            moved="nothing: volunteers, who are well when they are chosen", before=VOLUNTEERS, replicates=20,
            mutant={"recovery_rate": 5, "easing_rate": 5, "frailty_sd": 0},
            mutant_words="distress is over within a week, so that who was well on the day may be anybody",
            why="The one criterion of vulnerability in the model, that nobody is chosen in distress, holds for every design and cannot be switched "
            "off. It shows in officers against everybody else; that they may become distressed in office stays in.",
            readings=(Reading(measure=OFFICERS_OVER_OTHERS, expects="down", beyond=1),),
        ),
    ),
)  # fmt: skip

C23 = Claim(
    id="C23", section="Peer support roles, Centrality of trusting relationships",
    says="perceived lack of authority and credibility could compromise the role",
    expects="credibility down, acceptance of officers' offers down; at credibility 0 there is no bonus left",
    trials=(
        Trial(
            moved="officers' credibility", before={"school_trust": 1}, after={"school_trust": 0},
            both={**_TRUSTED, **_ONE_YEAR}, replicates=80,
            mutant={"accept_credibility": 0}, mutant_words="credibility does not count in accepting",
            why="Of officers' offers, those accepted. Who does not accept is noticed and offered help again, so the less ready weigh more where "
            "acceptance is lower: the effect is exaggerated a little, its sign is not.",
            readings=(Reading(measure=ACCEPTED_FROM_OFFICERS, expects="down"),),
        ),
        Trial(
            moved="how much credibility counts in accepting", before={"accept_credibility": 0}, after={"accept_credibility": 2},
            both={**_TRUSTED, **_ONE_YEAR, "school_trust": 0}, replicates=40,
            mutant={"school_trust": 1}, mutant_words="officers are credible",
            why="Without credibility it must not matter what it is worth: the two arms are the same world, so any difference at all is a fault; "
            ".001 is the margin because a difference of exactly 0 has no noise.",
            readings=(Reading(measure=ACCEPTED_FROM_OFFICERS, expects="nil", margin=0.001),),
        ),
    ),
)  # fmt: skip

C24 = Claim(
    id="C24", section="Peer support roles, Centrality of trusting relationships",
    says="the risk of unwanted disclosure could compromise the role",
    expects="breaches up, later acceptance down",
    trials=(
        Trial(
            moved="probability of a breach for each support from an officer", before={"breach": 0}, after={"breach": 0.05}, both=OUTREACH,
            replicates=120,
            mutant={"accept_breach": 0, "accept_credibility": 0}, mutant_words="neither worry nor credibility counts in accepting",
            why="The upper end of the range, one or two breaches a course, so the effect on all offers is small (.002 of .45). It is later "
            "acceptance: a breach comes after the support that it betrays. All offers count, since the seeker's friends worry too.",
            readings=(Reading(measure=ACCEPTED_AN_OFFER, expects="down"),),
        ),
    ),
)  # fmt: skip

C25 = Claim(
    id="C25", section="Peer support roles, Lack of intended effect and longevity",
    says="supporters may bear emotional burdens on top of their own concerns; advice on call was asked for; the role may also promote resilience",
    expects="caseload up: load and own onset up; advice round the clock lowers the load; where load is set to strengthen, onset falls instead",
    trials=(
        Trial(
            moved=_CASELOAD, before=_FEW_CASES, after=_MANY_CASES, both=_MANY_OFFICERS, replicates=20,
            mutant={"load_support": 0, "load_severe": 0}, mutant_words="no support weighs anything",
            why="The caseload is moved by how readily officers offer, which changes nothing else about them.",
            readings=(Reading(measure=OFFICER_LOAD, expects="up"),),
        ),
        Trial(
            moved=_CASELOAD, before=_FEW_CASES, after=_MANY_CASES, both=_MANY_OFFICERS, replicates=200,
            mutant={"load_on_onset": 0}, mutant_words="load does not bear on the helper's own distress",
            why="A load higher by .2 raises the hazard by 3 % at the default coefficient: of some 12 onsets of officers a run (with an officer for "
            "every ten students) less than one, so 200 runs even in the same worlds. Officers in distress lose their seat only at the year's "
            "end, in both arms.",
            readings=(Reading(measure=OFFICER_ONSET, expects="up"),),
        ),
        Trial(
            moved="advice round the clock", before={"add_ons": ["outreach"]}, after={"add_ons": ["outreach", "advice"]}, both=VOLUNTEERS,
            replicates=20,
            mutant={"advice_on_load": 1}, mutant_words="advice takes nothing off a support's load",
            why="Less load leaves more readiness to offer, so a little of what advice takes off comes back as further cases.",
            readings=(Reading(measure=OFFICER_LOAD, expects="down"),),
        ),
        Trial(
            moved=_CASELOAD, before=_FEW_CASES, after=_MANY_CASES, both={**_MANY_OFFICERS, "load_on_onset": -0.3}, replicates=150,
            mutant={"load_on_onset": 0}, mutant_words="load does not bear on the helper's own distress",
            why="The study allows the other sign, and so must the model: load that strengthens. Twice the size of the default, so fewer runs.",
            readings=(Reading(measure=OFFICER_ONSET, expects="down"),),
        ),
    ),
)  # fmt: skip

C26 = Claim(
    id="C26", section="Lack of intended effect and longevity, Table 1",
    says="programs may not last when the committed graduate or turn to their studies; succession belongs into the design",
    expects="without succession, officers in post fall after exams, over the year and at graduation; with it they do not",
    trials=(
        Trial(
            moved="leaving in exam weeks over leaving in others", before={"exam_exit": 1}, after={"exam_exit": 4}, both=VOLUNTEERS, replicates=40,
            mutant={"officer_exit": 0}, mutant_words="nobody leaves office",
            why="Seats at the end of each three weeks of exams, for each just before; some 40 officers a run, of whom some 2 % and some 9 % should "
            "leave.",
            readings=(Reading(measure=of_history("officers in post after exams, for each before", seats_kept_over_exams), expects="down"),),
        ),
        Trial(
            moved="succession", before={}, after={"add_ons": ["succession"]}, both=VOLUNTEERS, replicates=20,
            mutant={"officer_exit": 0}, mutant_words="nobody leaves office",
            why="Officers are chosen anew each year, so it is within the year that seats empty. Succession both halves leaving and fills seats at "
            "once.",
            readings=(
                Reading(measure=KEPT_OVER_A_YEAR, contrast=_before, contrast_words="without succession", expects="down", beyond=1),
                Reading(measure=KEPT_OVER_A_YEAR, expects="up"),
            ),
        ),
        Trial(
            moved="succession of officers from the year above", before={}, after={"add_ons": ["succession"]}, both={"officers": "near-peer"},
            replicates=20,
            mutant={"officers": "volunteers"}, mutant_words="officers are of the cohort itself and do not graduate before it",
            why="They graduate before the cohort's last year. More than half of the capacity is to be lost, so that an ordinary year's leaving "
            "does not pass for it.",
            readings=(
                Reading(measure=KEPT_IN_THE_LAST_YEAR, contrast=_before, contrast_words="without succession", expects="down", beyond=0.5),
                Reading(measure=KEPT_IN_THE_LAST_YEAR, expects="up"),
            ),
        ),
    ),
)  # fmt: skip

CLAIMS = (C21, C22, C23, C24, C25, C26)
