"""The study on what holds helpers back: lack of expertise, confidentiality, unclear boundaries (C13-C15, C19)."""

from __future__ import annotations

from experiments.claims.claim import Claim, Reading, Trial, outcome
from experiments.claims.measures import LOAD_AN_OFFER, OFFERS_A_NOTICING, ONE_YEAR_EACH, REFERRALS_A_SUPPORT, SEVERE_WITHOUT_CARE

# Training that lasts, of which one part is moved and the other is nothing.
_EXPERTISE = {"training": ["scripts"], "training_boundary": 0, "training_half_life": 10_000, **ONE_YEAR_EACH}
_CLARITY = {"training": ["scripts"], "training_expertise": 0, "training_half_life": 10_000, **ONE_YEAR_EACH}
# Nobody asks for care unprompted, so that all care is by escalation.
_BY_ESCALATION = {"self_presentation": 0}
_NOBODY_ESCALATES = {"escalation_intercept": -10}

C13 = Claim(
    id="C13", section="Lack of expertise",
    says="participants felt that they should help, but that it was beyond their expertise",
    expects="expertise up, offers and referrals up",
    trials=(
        Trial(
            moved="shift of everybody's expertise by training, SD", before={"training_expertise": 0}, after={"training_expertise": 0.8},
            both=_EXPERTISE, replicates=60,
            mutant={"offer_expertise": 0}, mutant_words="expertise does not matter for offering",
            why="Offers for each noticing, so that neither contact nor the length of episodes counts. More help tires helpers: against the claim.",
            readings=(Reading(measure=OFFERS_A_NOTICING, expects="up"),),
        ),
        Trial(
            moved="shift of everybody's expertise by training, SD", before={"training_expertise": 0}, after={"training_expertise": 0.8},
            both=_EXPERTISE, replicates=100,
            mutant={"referral_expertise": 0}, mutant_words="expertise does not matter for referring",
            why="Referrals of accepted support, some 50 of which a run: a standard error near .01, for some .06.",
            readings=(Reading(measure=REFERRALS_A_SUPPORT, expects="up"),),
        ),
    ),
)  # fmt: skip

C14 = Claim(
    id="C14", section="Safeguarding confidentiality and privacy",
    says="confidentiality was kept despite recognising that more help was needed",
    expects="norm up, escalation down even where more help is needed: severe weeks without care up, episodes treated down",
    trials=(
        Trial(
            moved="norm of confidentiality, log odds", before={"confidentiality_norm": 0}, after={"confidentiality_norm": 2},
            both=_BY_ESCALATION, replicates=60,
            mutant=_NOBODY_ESCALATES, mutant_words="nobody escalates, whatever the norm",
            why="Nobody asks for care unprompted, so care is by escalation alone, and only severe distress (where more help is needed) is escalated.",
            readings=(Reading(measure=SEVERE_WITHOUT_CARE, expects="up"), Reading(measure=outcome("treated_share"), expects="down")),
        ),
    ),
)  # fmt: skip

C15 = Claim(
    id="C15", section="Safeguarding confidentiality and privacy",
    says="an emergency justified a breach, but not by way of the hospital where the student will work",
    expects="severity up, escalation up; by way of the own hospital it is accepted less",
    trials=(
        Trial(
            moved="weekly rate of worsening", before={"worsening_rate": 0.005}, after={"worsening_rate": 0.02}, both=_BY_ESCALATION, replicates=40,
            mutant=_NOBODY_ESCALATES, mutant_words="nobody escalates, severe or not",
            why="Care is by escalation alone, from a quarter of the severe distress to four times that, the range studied.",
            readings=(Reading(measure=outcome("treated_share"), expects="up"),),
        ),
        Trial(
            moved="share of escalations on placement by way of the own hospital", before={"own_hospital_route": 0}, after={"own_hospital_route": 1},
            both=_BY_ESCALATION, replicates=60,
            mutant={"accept_own_hospital": 0.8}, mutant_words="the own hospital is accepted like any other",
            why="Only the clinical years differ. Who refuses is mostly asked again, so the share of episodes treated falls by less than acceptance.",
            readings=(Reading(measure=outcome("treated_share"), expects="down"), Reading(measure=SEVERE_WITHOUT_CARE, expects="up")),
        ),
    ),
)  # fmt: skip

C19 = Claim(
    id="C19", section="Uncertain boundaries",
    says="boundaries were indistinct; those who could describe limits were more confident in offering",
    expects="clarity up: offers up, burden of each offer down",
    trials=(
        Trial(
            moved="shift of everybody's uncertainty about boundaries by training, SD", before={"training_boundary": 0},
            after={"training_boundary": -0.8}, both={**_CLARITY, "boundary_on_load": 0}, replicates=60,
            mutant={"offer_boundary": 0}, mutant_words="unclear boundaries keep nobody from offering",
            why="Offers for each noticing, so that neither contact nor the length of episodes counts. Boundaries make no support heavier here: else "
            "helpers would also carry less, and offer more for that.",
            readings=(Reading(measure=OFFERS_A_NOTICING, expects="up"),),
        ),
        Trial(
            moved="shift of everybody's uncertainty about boundaries by training, SD", before={"training_boundary": 0},
            after={"training_boundary": -0.8}, both={**_CLARITY, "offer_boundary": 0}, replicates=60,
            mutant={"boundary_on_load": 0}, mutant_words="unclear boundaries make no support heavier",
            why="Boundaries change nothing about who offers here: else weaker ties would offer too, be accepted less, and so weigh less each.",
            readings=(Reading(measure=LOAD_AN_OFFER, expects="down"),),
        ),
    ),
)  # fmt: skip
