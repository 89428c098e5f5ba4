"""The one table of parameters: a number of the model is a row here and nowhere else.

Validation, `wardmates parameters`, docs/parameters.md, reports and (for a sensitivity analysis) the sampled ranges are all made from these rows.
`low` and `high` are the range studied; `minimum` and `maximum` are what the model accepts at all.
"""

from __future__ import annotations

from dataclasses import dataclass, field, make_dataclass
from typing import Any

EVIDENCE_MARKS = ("measured", "derived", "recalled", "assumed")
DISTRIBUTIONS = ("uniform", "loguniform", "triangular", "integer", "fixed")


@dataclass(frozen=True)
class Parameter:
    """One row of the table.

    Attributes:
        name: the name used in code, scenario files and `--set`.
        default: value unless a programme, a scenario or the user says otherwise.
        low, high: range for sensitivity analysis; equal to the default where the value is a definition (distribution "fixed").
        minimum, maximum: bounds outside which a value is refused.
        unit: unit of the value.
        distribution: how the range is sampled (triangular: mode at the default).
        evidence: measured, derived, recalled or assumed.
        source: key in the bibliography; empty where assumed.
        room: the part of the model that reads it.
        meaning: one line.
    """

    name: str
    default: float
    low: float
    high: float
    minimum: float
    maximum: float
    unit: str
    distribution: str
    evidence: str
    source: str
    room: str
    meaning: str
    is_integer: bool = field(default=False)


_TABLE: list[Parameter] = []
_room = ""
ANY = 1e9


def _add(name: str, default: float, low: float, high: float, unit: str, meaning: str, *, evidence: str = "assumed", source: str = "",
         distribution: str = "uniform", minimum: float | None = None, maximum: float | None = None, is_integer: bool = False) -> None:
    """Append a row; the accepted bounds are the studied range unless given."""
    if low == high:
        distribution = "fixed"
    elif is_integer and distribution == "uniform":
        distribution = "integer"
    _TABLE.append(Parameter(name, default, low, high, low if minimum is None else minimum, high if maximum is None else maximum, unit,
                            distribution, evidence, source, _room, meaning, is_integer))


def _count(name: str, default: int, low: int, high: int, unit: str, meaning: str, minimum: int, maximum: int, **rest: Any) -> None:
    _add(name, default, low, high, unit, meaning, minimum=minimum, maximum=maximum, is_integer=True, **rest)


def _share(name: str, default: float, low: float, high: float, meaning: str, **rest: Any) -> None:
    _add(name, default, low, high, rest.pop("unit", "share"), meaning, minimum=0.0, maximum=1.0, **rest)


def _rate(name: str, default: float, low: float, high: float, unit: str, meaning: str, **rest: Any) -> None:
    _add(name, default, low, high, unit, meaning, minimum=0.0, maximum=rest.pop("maximum", 10.0), **rest)


def _logit(name: str, default: float, low: float, high: float, meaning: str, **rest: Any) -> None:
    _add(name, default, low, high, "log odds", meaning, minimum=-10.0, maximum=10.0, **rest)


_room = "cohort"
_count("steps_per_week", 1, 1, 1, "steps", "steps a week: 1, or more to check that a weekly step is short enough", 1, 16)
_count("students", 120, 60, 350, "students", "students enrolled in the cohort", 2, 100_000, evidence="derived", source="mtrp")
_count("campus_years", 2, 2, 2, "years", "years on campus, before the clinical ones", 0, 6, evidence="measured", source="mtrp")
_count("clinical_years", 2, 2, 3, "years", "years on placement (2: graduate entry, GE4; 3: undergraduate entry, UG5)", 0, 6,
       evidence="measured", source="mtrp")
_count("campus_teaching_weeks", 36, 30, 40, "weeks a year", "teaching weeks of a campus year", 20, 50)
_count("clinical_teaching_weeks", 40, 36, 46, "weeks a year", "teaching weeks of a clinical year", 20, 50, evidence="derived", source="uq")
_count("term_weeks", 18, 18, 18, "weeks", "teaching weeks of a campus term; the first of them is the settling-in", 4, 25)
_count("small_group_size", 8, 6, 12, "students", "largest small group on campus", 2, 60)
_rate("small_group_hours", 6, 3, 12, "hours a week", "hours a small group on campus spends together", maximum=60)
_count("block_weeks", 6, 4, 24, "weeks", "clinical teaching weeks of a placement block", 1, 150, evidence="measured", source="flinders")
_count("placement_group_size", 3, 1, 8, "students", "largest placement group", 1, 60)
_rate("placement_hours", 28, 10, 45, "hours a week", "hours a placement group spends together", maximum=100)
_count("sites", 8, 4, 20, "sites", "teaching sites among which placement groups are spread, where no sites file names them", 1, 1000)
_count("companions", 3, 1, 8, "students", "companions expected at a site without teams: pair hours x min(1, companions / (n - 1))", 1, 60)
_rate("hours_per_day", 7.5, 6, 9, "hours", "hours of a placement day, where a timetable gives days a week", maximum=24)
_rate("home_group_hours", 2, 1, 4, "hours a week", "facilitated home group on placement (policy home-group)", maximum=20)
_count("attribute_1_levels", 2, 2, 2, "levels", "levels of the first attribute that draws like to like", 1, 50)
_count("attribute_2_levels", 3, 3, 3, "levels", "levels of the second attribute that draws like to like", 1, 50)

_room = "ties"
_add("friend_hours", 90, 60, 130, "hours", "effective shared hours that make a tie of strength .5, a friend (h_half)", evidence="measured",
     source="hall-2019", distribution="triangular", minimum=1, maximum=1000)
_add("kappa_campus", .25, .05, .8, "ratio", "share of a compulsory hour on campus that counts towards a tie", evidence="assumed",
     source="hall-2019", minimum=0, maximum=2)
_add("kappa_placement", .5, .05, .8, "ratio", "share of a compulsory hour on placement that counts towards a tie", evidence="assumed",
     source="graves-2021", minimum=0, maximum=2)
_add("tie_half_life", 18, 12, 60, "weeks", "half-life of effective shared hours (tau)", evidence="derived", source="burt",
     distribution="loguniform", minimum=1, maximum=1000)
_add("sociability_mean", 83, 40, 120, "pair-hours a week", "mean elective pair-hours of a student (B)", minimum=0, maximum=1000)
_add("sociability_cv", .8, .4, 1, "ratio", "coefficient of variation of B (gamma)", minimum=.05, maximum=3)
_add("homophily", 1.5, 1, 3, "ratio", "factor on elective hours for each attribute that two students share", evidence="assumed",
     source="woolf-2012", minimum=.1, maximum=10)
_share("offsite_availability", .4, .1, .9, "share of elective hours that can be met between students at different sites (phi)")
_share("break_availability", .6, .3, .9, "share of elective hours that can be met in a break")
_share("break_sociability", .5, .25, 1, "share of elective hours wanted in a break")
_add("compatibility_sd", .55, 0, .8, "log", "SD of a pair's lasting compatibility, on scheduled hours only (chi)", minimum=0, maximum=3)
_add("crowd", .01, 0, .03, "share an hour", "elective time lost for each scheduled hour beyond crowd_from", minimum=0, maximum=.1)
_rate("crowd_from", 20, 20, 20, "hours a week", "scheduled hours from which elective time shrinks", maximum=100)
_share("crowd_floor", .3, .3, .3, "least share of elective time that long hours leave")
_add("preference_exponent", 1.5, 1, 2.5, "power", "power of tie strength in the split of elective time", minimum=.5, maximum=5)
_rate("co_placed_pull", .02, 0, .1, "weight", "weight in that split of sharing all scheduled hours of the week", maximum=1)
_rate("common_friends_pull", .06, 0, .2, "weight", "weight in that split of friends in common (xi)", maximum=1)
_rate("least_common_friends", .3, .3, .3, "summed products", "friends in common, as summed products of the ties, below this count as 0: one "
      "close friend or several acquaintances bring people together", maximum=1)
_count("common_friends_every", 4, 4, 4, "weeks", "friends in common are recounted every so many weeks", 1, 52)
_rate("max_pair_hours", 25, 25, 25, "hours a week", "most elective hours that a pair can meet", maximum=168)
_rate("chance_hours", 1, 0, 2, "hours a week", "hours a student meets each neighbour on the week's ring of chance meetings", maximum=20)
_share("online_share", 0, 0, .5, "share of the elective hours lost to distance that is kept up online", unit="share")
_rate("message_hours", .5, 0, 3, "hours a week", "hours of messages between students at different sites with a tie of strength 1, as far as "
      "noticing goes", source="graves-2021", maximum=40)
_add("acquaintance_strength", .32, .32, .32, "strength", "w of an acquaintance (50 h)", evidence="derived", source="hall-2019",
     minimum=.01, maximum=.99)
_add("friend_strength", .5, .32, .785, "strength", "w of a friend; isolated is having none (w*)", evidence="derived", source="hall-2019",
     distribution="triangular", minimum=.01, maximum=.99)
_add("close_strength", .785, .785, .785, "strength", "w of a close friend (200 h)", evidence="derived", source="hall-2019", minimum=.01,
     maximum=.99)
_add("least_strength", .05, .05, .05, "strength", "w below this is no tie yet and counts as 0 (6.7 h)", minimum=0, maximum=.1)
_add("forget_below", .001, .001, .001, "strength", "shared hours of less than this strength, with none added in the step, are forgotten", minimum=0,
     maximum=.1)

_room = "distress"
_rate("onset_rate", .008, .005, .02, "a week", "baseline weekly rate of becoming distressed (lambda0)", evidence="derived",
      source="quince-2012", maximum=5)
_add("susceptibility_sd", .8, .3, 1.3, "log", "log-SD of a student's susceptibility (mean 1)", evidence="derived", source="quince-2012",
     minimum=0, maximum=3)
_rate("recovery_rate", .09, .03, .15, "a week", "baseline weekly rate of recovery (rho0)", evidence="derived", source="spijker-2002",
      maximum=5)
_add("frailty_sd", 1.25, 0, 1.8, "log", "log-SD of an episode's frailty on recovery (mean 1)", evidence="derived", source="spijker-2002",
     minimum=0, maximum=3)
_share("distressed_at_entry", .25, .1, .35, "share of students distressed at entry", evidence="derived", source="rotenstein-2016")
_add("exam_multiplier", 1.3, 1, 2, "ratio", "onset in exam weeks over other weeks", minimum=.1, maximum=10)
for _year, _default in enumerate((1.6, 1.0, .75, .6, .6, .6), start=1):
    _add(f"year_{_year}_multiplier", _default, .5, 1.6, "ratio", f"onset in year {_year} over the baseline (UG5: years 3 to 5 at .8, .6, .5)",
         evidence="derived", source="puthran-2016", minimum=0, maximum=10)
_rate("worsening_rate", .012, .005, .02, "a week", "weekly rate of worsening, distressed to severe (pi)", maximum=5)
_rate("easing_rate", .15, .05, .3, "a week", "weekly rate of easing, severe to distressed (rho2)", maximum=5)
_add("support_on_onset", .6, 0, 1.2, "log HR", "log hazard ratio of onset for each unit less of available support (beta)",
     evidence="derived", source="haldorsen", minimum=-5, maximum=5)
_add("support_on_recovery", .3, 0, .6, "log HR", "log hazard ratio of recovery for each unit of available support", evidence="assumed",
     source="loneliness-remission", minimum=-5, maximum=5)
_add("received_on_recovery", .3, 0, .7, "log HR", "log hazard ratio of recovery for each unit of received support (psi)",
     evidence="assumed", source="loneliness-remission", minimum=-5, maximum=5)
_add("received_on_worsening", .5, 0, 1, "log HR", "what a unit of received support takes off the log hazard of worsening", minimum=-5,
     maximum=5)
_add("received_on_easing", .5, 0, 1, "log HR", "log hazard ratio of easing for each unit of received support", minimum=-5, maximum=5)
_add("received_weeks", 4, 2, 12, "weeks", "mean life of received support", minimum=.5, maximum=200)
_rate("received_cap", 1.5, 1.5, 1.5, "units", "most received support that counts", maximum=10)
_share("withdrawal", .4, 0, .6, "contact lost while distressed (omega)", evidence="recalled", source="elmer-2020")
_share("severe_withdrawal", .2, 0, .4, "contact lost in addition while severe")
_share("attendance_floor", .1, .1, .1, "least attendance")
_add("load_on_onset", .15, -.1, .4, "log HR", "log hazard ratio of a helper's own onset for each unit of load (gamma; below 0: resilience)",
     evidence="assumed", source="abrams-2022", minimum=-5, maximum=5)
_add("contagion", 0, 0, .1, "log HR", "log hazard ratio of onset for each distressed friend (off: 0)", evidence="recalled",
     source="eisenberg-2013", minimum=-5, maximum=5)
_add("recovery_slowing", 0, 0, 1, "power", "recovery falls as (1 + weeks distressed / 26)^-k: heavy-tailed durations (off: 0)", minimum=0,
     maximum=5)
_rate("outside_support", 0, 0, 2, "strengths", "summed strength of friends outside the cohort, in available support (off: 0)", maximum=20)
_rate("dropout_rate", 0, 0, .1, "a year", "yearly rate at which distressed students leave the course (off: 0)")

_room = "noticing"
_rate("notice_contact", .003, .001, .009, "an hour", "rate of noticing for an hour of contact (nu_c)", evidence="assumed", source="xu",
      distribution="loguniform")
_rate("notice_absence", .035, .012, .105, "a week", "rate of noticing full absence of somebody with a tie of strength 1 (nu_a)",
      distribution="loguniform")
_rate("severe_visibility", 1.6, 1, 2.5, "ratio", "how much more noticeable severe distress is in contact")
_add("stigma_on_display", .25, 0, .5, "log", "what a unit of the student's stigma takes off noticing in contact", minimum=-5, maximum=5)

_room = "offering"
_logit("offer_intercept", -2.2, -4, 0, "readiness of an average student to offer, without a tie (b0)")
_logit("offer_tie", 2.6, 0, 4, "effect of tie strength on offering (b_w)")
_logit("offer_expertise", .4, 0, .8, "effect of the helper's expertise (b_E)", evidence="derived", source="morgan-2018")
_logit("offer_stigma", .4, 0, .8, "what the helper's stigma takes off (b_S)", source="graves-2021")
_logit("offer_boundary", .4, 0, .8, "what the helper's boundary uncertainty takes off (b_U)", source="graves-2021")
_logit("offer_load", .5, 0, 1, "what the helper's load takes off (b_L)")
_logit("offer_own_distress", 1.5, 0, 3, "what the helper's own distress takes off")
_logit("offer_severe", .4, 0, 1, "effect of the student's distress being severe")
_logit("offer_officer", 1, 0, 2, "effect of being an officer")
_add("readiness_sd", 1, 0, 2, "log odds", "SD of a student's lasting readiness to help", minimum=0, maximum=5)
_count("weekly_offers", 3, 1, 7, "offers a week", "most offers that a helper makes in a week", 0, 50)
_logit("crowding_out", 0, 0, 1, "what officers in post take off other students' offers (off: 0)", source="graves-2021")

_room = "accepting"
_logit("accept_intercept", -2, -4, 0, "willingness to accept without a tie (a0)", evidence="assumed", source="hallford-2023")
_logit("accept_tie", 3, 0, 5, "effect of tie strength on accepting (a_w)")
_logit("accept_stigma", .5, 0, 1, "what the student's stigma takes off (a_S)", source="graves-2021")
_logit("accept_credibility", .7, 0, 2, "effect of an officer's credibility (a_T)", source="graves-2021")
_logit("accept_breach", .5, 0, 1, "what perceived breach risk takes off (a_C)", source="graves-2021")
_add("openness_sd", 1, 0, 2, "log odds", "SD of an episode's lasting openness to help", minimum=0, maximum=5)
_share("p_referral", .3, .1, .6, "probability that accepted support refers to care, at average expertise", evidence="derived",
       source="amarasuriya-2018", unit="probability")
_logit("referral_expertise", .4, 0, .8, "effect of the helper's expertise on referring")
_logit("referral_severe", .7, 0, 1.5, "effect of severe distress on referring")
_share("p_plan", .35, .1, .6, "probability that other accepted support makes a plan", source="graves-2021", unit="probability")
_rate("referral_support", .6, .6, .6, "units", "received support from a referral")
_rate("plan_support", .8, .8, .8, "units", "received support from a plan")
_rate("comfort_support", .4, .4, .4, "units", "received support from comfort")
_add("load_weeks", 4, 2, 12, "weeks", "mean life of a helper's load", minimum=.5, maximum=200)
_rate("load_support", 1, 1, 1, "units", "load from accepted support")
_rate("load_severe", 2, 2, 2, "units", "load from accepted support while the student is severe")
_add("boundary_on_load", .2, 0, .5, "log", "effect of the helper's boundary uncertainty on the load of each support", source="graves-2021",
     minimum=-2, maximum=2)

_room = "care"
_logit("escalation_intercept", -.4, -2, 1, "escalating a severe student, at average expertise")
_logit("escalation_expertise", .4, 0, .8, "effect of the helper's expertise on escalating")
_logit("confidentiality_norm", .5, 0, 2, "what the norm of confidentiality takes off escalating", source="graves-2021")
_share("own_hospital_route", .5, 0, 1, "probability that escalation on placement goes to the student's own hospital", source="graves-2021",
       unit="probability")
_share("accept_escalation", .8, .5, 1, "probability that escalation elsewhere is accepted", unit="probability")
_share("accept_own_hospital", .4, 0, .8, "probability that escalation to the own hospital is accepted", source="graves-2021",
       unit="probability")
_rate("self_presentation", .006, .002, .015, "a week", "weekly rate of asking for care unprompted")
_add("stigma_on_care", -.6, -1.2, -.2, "log HR", "effect of the student's stigma on asking for care", evidence="derived", source="qiu-2024",
     minimum=-5, maximum=5)
_rate("severe_on_care", 3, 1, 5, "ratio", "asking for care while severe")
_rate("referral_on_care", 2.8, 1.7, 4.6, "ratio", "asking for care after a referral", evidence="recalled", source="phillips-2022")
_rate("referral_window", 4, 4, 4, "weeks", "how long a referral acts", maximum=104)
_rate("waiting_weeks", 3, 0, 10, "weeks", "weeks from asking to care where a place is free", maximum=104)
_add("care_places", 100, 2, 100, "places per 100 students", "places in care at one time (100: no limit)", minimum=0, maximum=100)
_rate("care_weeks", 12, 12, 12, "weeks", "length of a course of care", maximum=104)
_rate("care_on_recovery", 2, 1.2, 2.8, "HR", "hazard ratio of recovery in care", evidence="derived", source="cuijpers-2021")
_rate("care_on_easing", 1.5, 1, 2, "HR", "hazard ratio of easing in care")
_rate("staff_notice", 0, 0, .05, "a week", "weekly rate at which staff notice a distressed student (off: 0)", source="graves-2021")
_share("school_trust", .6, 0, 1, "trust in the school: acceptance of staff, and starting credibility of officers with the add-on trust",
       source="graves-2021")

_room = "stigma"
_add("stigma_half_life", 52, 26, 104, "weeks", "half-life of a shift in stigma", minimum=1, maximum=10_000)
_add("disease_framing", .10, -.2, .3, "SD", "shift in stigma from disease-framed teaching, once each campus year", evidence="recalled",
     source="kvaale-2013", minimum=-3, maximum=3)
_rate("disclosure_rate", .02, 0, .08, "a week", "weekly rate at which a recovered student discloses to friends", source="graves-2021")
_rate("disclosure_window", 52, 52, 52, "weeks", "how long after recovery a student may disclose", maximum=1000)
_add("disclosure_on_stigma", -.33, -.5, -.1, "SD", "shift in a hearer's stigma from the first disclosure heard in an academic year",
     evidence="measured", source="maunder-white-2019", minimum=-3, maximum=3)

_room = "training"
_add("training_expertise", .4, .1, .8, "SD", "all-student scripts and practice: shift in expertise", evidence="recalled",
     source="morgan-2018", minimum=-3, maximum=3)
_add("training_boundary", -.4, -.8, 0, "SD", "scripts, and officers' role boundaries: shift in boundary uncertainty", source="graves-2021",
     minimum=-3, maximum=3)
_add("training_stigma", -.10, -.14, -.08, "SD", "shift in stigma from all-student training", evidence="recalled", source="morgan-2018",
     minimum=-3, maximum=3)
_logit("training_referral", .5, 0, 1, "information: effect on referring", source="graves-2021")
_logit("training_red_flags", 1, 0, 2, "emergencies and red flags: effect on escalating", source="graves-2021")
_add("training_disclosure", -.33, -.5, -.1, "SD", "self-disclosure by near-peers and role models: shift in stigma", evidence="recalled",
     source="martin-2020", minimum=-3, maximum=3)
_logit("training_obligations", -.5, -1, 0, "professional obligations: shift in the confidentiality norm when severe", source="graves-2021")
_logit("training_collegiality", .2, 0, .5, "collegiality: effect on offers to students placed together", source="graves-2021")
_add("training_half_life", 78, 26, 200, "weeks", "half-life of trained expertise and boundaries", evidence="recalled",
     source="svensson-2014", minimum=1, maximum=10_000)

_room = "officers"
_add("students_per_officer", 20, 10, 60, "students", "students for each officer's seat", evidence="derived", source="moir-2016", minimum=1,
     maximum=1000)
_share("volunteer_share", .15, .05, .3, "share of students willing to be officers, for life", source="graves-2021")
_rate("officer_exit", .4, .1, .7, "a year", "yearly rate at which officers leave", source="graves-2021")
_rate("exam_exit", 2, 1, 4, "ratio", "officers leaving in exam weeks over other weeks")
_add("officer_training", .6, .1, .8, "SD", "shift in expertise from officers' training", evidence="recalled", source="lipson-2014",
     minimum=-3, maximum=3)
_rate("officer_hours", 3, 1, 8, "hours a week", "contracted hours of an officer: an offer or a check-in takes one", maximum=40)
_share("advice_on_load", .5, .25, 1, "load of a support given by an officer with advice round the clock", unit="ratio", source="graves-2021")
_logit("advice_on_escalation", 1, 0, 2, "effect of advice round the clock on an officer's escalating", source="graves-2021")
_share("outreach_sensitivity", .6, .2, 1, "probability that a student without friends looks low in contact", unit="probability")
_share("outreach_specificity", .8, .5, 1, "probability that a student with friends does not", unit="probability")
_rate("checkin_hours", 1, 1, 1, "hours", "contact of a check-in")
_share("succession_exit", .5, .25, 1, "officers leaving with succession over without", unit="ratio", source="graves-2021")
_share("succession_carry", .7, 0, 1, "share of the predecessor's credibility that a successor starts with, and of its shared hours that a "
       "near-peer hands over", unit="ratio", source="graves-2021")
_share("breach", .01, 0, .05, "probability of a breach of confidence for each support accepted from an officer", unit="probability",
       source="graves-2021")
_share("breach_stress", .05, .05, .05, "the same under the add-on breach-stress", unit="probability")
_share("breach_on_credibility", .5, 0, 1, "credibility that a breach costs an officer, for good", unit="share")
_rate("breach_on_worry", .5, 0, 2, "units", "perceived breach risk that a breach adds for the student and the student's friends")
_add("breach_half_life", 52, 13, 104, "weeks", "half-life of perceived breach risk", minimum=1, maximum=10_000)

_room = "accounting"
_rate("episode_weeks", 4, 2, 8, "weeks", "shortest episode that counts in the headline", maximum=52)
_rate("contact_isolated_hours", 8, 8, 8, "pair-hours a week", "contact below which a student is contact-isolated", maximum=200)
_count("persistent_weeks", 8, 4, 16, "teaching weeks", "teaching weeks without a friend, on end, that make a student persistently isolated", 1,
       208)
_add("recorded_strength", .05, .05, .05, "strength", "weakest tie that the record keeps at the year-ends", minimum=.001, maximum=.32)
_share("screen_sensitivity", .85, .75, .95, "sensitivity of a screening instrument", evidence="recalled", source="rotenstein-2016")
_share("screen_specificity", .85, .75, .95, "specificity of a screening instrument", evidence="recalled", source="rotenstein-2016")

PARAMETERS: dict[str, Parameter] = {row.name: row for row in _TABLE}

# A frozen record with one field a row, so that `p.onset_rate` is the value in force and a misspelt name fails.
Values = make_dataclass(
    "Values", [(row.name, int if row.is_integer else float, field(default=int(row.default) if row.is_integer else float(row.default)))
               for row in _TABLE], frozen=True)
Values.__module__ = __name__
