"""The study on awareness of stress and distress, and on who is a source of help: C1-C6, and C11 on whom it does not reach."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from experiments.claims.claim import Array, Claim, Reading, Sums, Trial, after_alone, level, of_history, of_steps, outcome
from experiments.claims.measures import NOTICINGS, ONE_YEAR_EACH
from experiments.claims.watch import Step
from simulation.record.history import SOURCES_OF_HELP, History


def _lost_share(values: Array) -> Array:
    return np.asarray((values[..., 0] - values[..., 1]) / values[..., 0])


def _accepted_from_staff(history: History) -> Sums:
    by = history.episodes.accepted_by
    return float((by == SOURCES_OF_HELP.index("staff")).sum()), float(len(by))


def _placed_noticings(step: Step) -> Sums:
    return (float(len(step.encounter("seeker"))), float(step.is_exposed.sum())) if step.is_clinical_teaching else (0.0, 0.0)


def _offers_across_sites(step: Step) -> Sums:
    if not step.is_clinical_teaching:
        return 0.0, 0.0
    site, made = step.student("main_site"), step.encounter("is_made")
    across = site[step.encounter("seeker")] != site[step.encounter("helper")]
    return float((made & across).sum()), float(step.is_exposed.sum())


def _kinds(history: History) -> Sums:
    comfort, plan, referral = history.n_kinds
    return float(comfort), float(plan), float(referral)


def _comfort_over_next(sums: Array) -> Array:
    """Share of supports that are comfort, less the share of the next most frequent kind; from counts by kind, comfort first."""
    shares = sums / sums.sum(axis=-1, keepdims=True)
    return np.asarray(shares[..., 0] - shares[..., 1:].max(axis=-1))


_COMFORT_OVER_NEXT = of_history("comfort less the next most frequent kind of support", _kinds, _comfort_over_next)
_PLACED_NOTICINGS = of_steps("how many notice a distressed student on placement in a week", _placed_noticings)

_FRIENDSHIP_ALONE = Trial(
    moved="elective hours, where students are placed alone", before={"sociability_mean": 83}, after={"sociability_mean": 0},
    both={"placement": "alone", "kappa_campus": 0, "chance_hours": 0, **ONE_YEAR_EACH}, replicates=30,
    mutant={"staff_notice": 0.02}, mutant_words="somebody who needs neither friendship nor shared hours notices (staff, 2 % a week)",
    why="Each student is alone on placement, and hours in class alone make no tie, so friendship is the only way, and then goes too. A count of "
    "exactly 0 has no noise; .001 noticings a week is the margin.",
    readings=(Reading(measure=_PLACED_NOTICINGS, contrast=after_alone, contrast_words="after", expects="nil", margin=0.001),),
)  # fmt: skip
_CLASSES_ALONE = replace(
    _FRIENDSHIP_ALONE, moved="hours in small groups, where students have no elective time", before={"small_group_hours": 6},
    after={"small_group_hours": 0}, both={"sociability_mean": 0, "placement": "alone", "chance_hours": 0, **ONE_YEAR_EACH},
    why="Shared classes are the only way, and then go.",
    readings=(Reading(measure=NOTICINGS, contrast=after_alone, contrast_words="after", expects="nil", margin=0.001),),
)  # fmt: skip
_NOTHING_IS_SEEN = {"notice_contact": 0, "notice_absence": 0}
_NOTHING_IS_SEEN_WORDS = "neither contact nor absence is noticed"

C1 = Claim(
    id="C1", section="Awareness of stress and distress",
    says="support was nearly always mediated by spending time together in the course, or by friendship",
    expects="with neither friendship nor co-location nobody notices; with one of them some do",
    trials=(
        _FRIENDSHIP_ALONE,
        replace(_FRIENDSHIP_ALONE, mutant=_NOTHING_IS_SEEN, mutant_words=_NOTHING_IS_SEEN_WORDS,
                why="That nobody notices is a loss: before, some did.", readings=(Reading(measure=_PLACED_NOTICINGS, expects="down"),)),
        _CLASSES_ALONE,
        replace(_CLASSES_ALONE, mutant=_NOTHING_IS_SEEN, mutant_words=_NOTHING_IS_SEEN_WORDS,
                why="That nobody notices is a loss: before, some did.", readings=(Reading(measure=NOTICINGS, expects="down"),)),
    ),
)  # fmt: skip

C2 = Claim(
    id="C2", section="Awareness of stress and distress",
    says="signs were being absent, appearing withdrawn or down, admitting to negative thoughts",
    expects="severity up, noticing up at fixed contact; absence is noticed even by who sees nothing else",
    trials=(
        Trial(
            moved="weekly rate of worsening", before={"worsening_rate": 0}, after={"worsening_rate": 0.05},
            both={"severe_withdrawal": 0, **ONE_YEAR_EACH}, replicates=40,
            mutant={"severe_visibility": 1}, mutant_words="severe distress looks like any other",
            why="Worsening makes episodes longer, and more of them are noticed sooner or later. So noticings are counted for each week in which a "
            "student can be noticed. Severe students withdraw no further here, so that contact stays what it was; the mutant shows what else moves.",
            readings=(Reading(measure=NOTICINGS, expects="up"),),
        ),
        Trial(
            moved="withdrawal of distressed students", before={"withdrawal": 0}, after={"withdrawal": 0.4},
            both={"severe_withdrawal": 0, "notice_contact": 0, **ONE_YEAR_EACH}, replicates=30,
            mutant={"notice_absence": 0}, mutant_words="nobody misses who is absent",
            why="Nothing is noticed in contact, so that absence is the only sign.",
            readings=(Reading(measure=NOTICINGS, expects="up"),),
        ),
    ),
)  # fmt: skip

_WITHDRAWN = Trial(
    moved="withdrawal of distressed students", before={"withdrawal": 0}, after={"withdrawal": 0.6},
    both={"severe_withdrawal": 0, "sociability_mean": 50}, replicates=200,
    mutant={"notice_absence": 0}, mutant_words="nobody misses who is absent, friend or not",
    why="Withdrawal takes contact from everybody; who has ties is missed, who has none is not. The rarest episodes decide the noise: those of "
    "isolated students. With the default elective time there are some 5 a run, and 200 runs gave a gap of .042 [.018, .066]; with less of it, more "
    "students are isolated, and as many runs tell more.",
    readings=(Reading(measure=outcome("equity_gap"), expects="up"),),
)  # fmt: skip

C3 = Claim(
    id="C3", section="Awareness of stress and distress; Uncertain boundaries",
    says="without friendship or shared learning there is nothing to start from, the more so where a student is withdrawn or not attending",
    expects="withdrawal up, reach of isolated students falls, and by more than that of connected ones",
    trials=(
        _WITHDRAWN,
        replace(_WITHDRAWN, mutant={"attendance_floor": 1}, mutant_words="who withdraws is there all the same",
                why="The fall itself, which no lack of the cue explains: it must vanish where withdrawal takes no contact.",
                readings=(Reading(measure=outcome("reach_isolated"), expects="down"),)),
    ),
)  # fmt: skip

C4 = Claim(
    id="C4", section="Awareness of stress and distress; Limitations",
    says="students could not imagine going to staff; staff report that they are asked first",
    expects="staff help nobody by default, and a switch turns them on",
    trials=(
        Trial(
            moved="no input: informal support as it is", mutant={"staff_notice": 0.02}, mutant_words="the switch is on", replicates=30,
            both=ONE_YEAR_EACH,
            why="A count of exactly 0 has no noise.",
            readings=(Reading(measure=of_history("episodes first supported by staff", _accepted_from_staff), expects="nil", margin=0.001),),
        ),
        Trial(
            moved="weekly rate at which staff notice", before={"staff_notice": 0}, after={"staff_notice": 0.02},
            both=ONE_YEAR_EACH, replicates=30,
            mutant={"accept_intercept": -10}, mutant_words="nobody accepts from anybody",
            readings=(Reading(measure=of_history("episodes first supported by staff", _accepted_from_staff), expects="up"),),
        ),
    ),
)  # fmt: skip

C5 = Claim(
    id="C5", section="Awareness of stress and distress",
    says="a message could open a talk, but most encounters were in person",
    expects="message contact up, offers across sites up; and as they are, messages bring only a minor part of what is noticed",
    trials=(
        Trial(
            moved="hours of messages a week", before={"message_hours": 0}, after={"message_hours": 3}, both=ONE_YEAR_EACH, replicates=40,
            mutant={"notice_contact": 0}, mutant_words="nothing is noticed in contact, by message or in person",
            why="Some .05 offers across sites for each week in which a placed student can be noticed, some 900 such weeks a run.",
            readings=(Reading(measure=of_steps("offers from another site to a distressed student in a week", _offers_across_sites), expects="up"),),
        ),
        Trial(
            moved="hours of messages a week", before={"message_hours": 0.5}, after={"message_hours": 0}, both=ONE_YEAR_EACH, replicates=40,
            mutant={"placement": "alone", "sites": 1000, "offsite_availability": 0, "notice_absence": 0},
            mutant_words="each student is alone at a site, nobody meets from afar, and absence is not noticed",
            why="What is lost without messages, of all that is noticed on placement: less than half, if most of it happens in person.",
            readings=(Reading(measure=_PLACED_NOTICINGS, expects="down", contrast=_lost_share, contrast_words="share lost", beyond=0.5),),
        ),
    ),
)  # fmt: skip

C6 = Claim(
    id="C6", section="Awareness of stress and distress",
    says="mostly commiserating; occasionally a plan, or what outside help to seek",
    expects="comfort is the commonest kind of accepted support",
    trials=(
        Trial(
            moved="no input: informal support as it is", replicates=30,
            mutant={"p_plan": 0.65}, mutant_words="comfort and plan change places",
            why="The defaults of two assumed probabilities, read back after expertise and severity have acted on them: at average expertise "
            ".455 comfort, .245 plan, .3 referral. A claim about informal support: where all are trained to refer, referral can overtake comfort.",
            readings=(Reading(measure=_COMFORT_OVER_NEXT, expects="up", contrast=level),),
        ),
    ),
)  # fmt: skip

C11 = Claim(
    id="C11", section="Evolving friendships; Uncertain boundaries",
    says="not everyone has a good group of friends, and the isolated do not get the support they need",
    expects="reach is lower among isolated students than among connected ones, and falls where friends are fewer",
    trials=(
        Trial(
            moved="no input: isolated and connected students of the same cohorts", replicates=100,
            mutant={"offer_tie": -2.6, "accept_tie": -3}, mutant_words="a tie makes offering and accepting less likely",
            why="Students differ in isolation through their elective time, which is drawn apart from stigma, expertise and openness. Episodes of "
            "isolated students last longer, and leave more time to reach them, against the claim. Some 600 such episodes: a standard error near .02.",
            readings=(Reading(measure=outcome("equity_gap"), expects="up"),),
        ),
        Trial(
            moved="elective time of all students", before={"sociability_mean": 83}, after={"sociability_mean": 40}, replicates=40,
            mutant={"max_pair_hours": 0}, mutant_words="elective time is spent with nobody",
            why="The same with isolation as what is moved: fewer friends for everybody.",
            readings=(Reading(measure=outcome("reach"), expects="down"),),
        ),
    ),
)  # fmt: skip

