"""The study on stigma: what it holds back (C16), what raises it (C17) and what lowers it (C18)."""

from __future__ import annotations

from dataclasses import replace

from experiments.claims.claim import Claim, Reading, Sums, Trial, after_alone, of_steps
from experiments.claims.measures import ACCEPTED_AN_OFFER, MEAN_STIGMA, NOTICINGS, OFFERS_A_NOTICING, ONE_YEAR_EACH, gap
from experiments.claims.watch import Step


def _shift_of_hearers(step: Step) -> Sums:
    """Shift of stigma among students who heard a disclosure this year, and among the others."""
    shift, has_heard = step.student("stigma_shift"), step.student("n_heard") > 0
    return float(shift[has_heard].sum()), float(has_heard.sum()), float(shift[~has_heard].sum()), float((~has_heard).sum())


# Stigma acts by four ways, all closed here but the one that a trial opens; the mutant closes that one too, and both arms are the same world.
_CLOSED = {"stigma_on_display": 0, "accept_stigma": 0, "offer_stigma": 0, "stigma_on_care": 0}
_LASTING = {"stigma_half_life": 10_000, **ONE_YEAR_EACH}


def _one_way(way: str, weight: float, words: str, reading: Reading, replicates: int) -> Trial:
    """Stigma up by 1 SD in each campus year, with one way open for it to act."""
    return Trial(
        moved="shift of everybody's stigma by teaching, SD a campus year", before={"disease_framing": 0}, after={"disease_framing": 1},
        both={**_CLOSED, **_LASTING, way: weight}, replicates=replicates, mutant={way: 0}, mutant_words=words,
        why="Stigma acts in four ways; the other three are closed, so that it cannot come back by another (less display leaves those who notice "
        "closer, and they offer more). With this one closed too, both arms are the same world.",
        readings=(reading,),
    )  # fmt: skip


C16 = Claim(
    id="C16", section="Mental illness stigma",
    says="stigma, fear for the career and the wish to keep face: distress is hidden, a diagnosis not owned to",
    expects="seeker's stigma up: display and acceptance down; helper's up: offers down",
    trials=(
        _one_way("stigma_on_display", 0.25, "stigma hides nothing", Reading(measure=NOTICINGS, expects="down"), 30),
        _one_way("accept_stigma", 0.5, "the seeker's stigma does not matter for accepting", Reading(measure=ACCEPTED_AN_OFFER, expects="down"), 40),
        _one_way("offer_stigma", 0.4, "the helper's stigma does not matter for offering", Reading(measure=OFFERS_A_NOTICING, expects="down"), 30),
    ),
)  # fmt: skip

_FRAMING = Trial(
    moved="shift of everybody's stigma by disease-framed teaching, SD a campus year", before={"disease_framing": 0}, after={"disease_framing": 0.3},
    both={"disclosure_rate": 0, **ONE_YEAR_EACH}, replicates=20,
    mutant={"campus_years": 0}, mutant_words="a course without the campus years in which it is taught",
    why="The literature is mixed, and the user can turn the sign. Without disclosure nothing else moves stigma, so there is hardly any noise.",
    readings=(Reading(measure=MEAN_STIGMA, expects="up"),),
)  # fmt: skip

C17 = Claim(
    id="C17", section="Mental illness stigma",
    says="mental health education framed as disease augmented stigma",
    expects="dose up, mean stigma up; with the sign reversed, down",
    trials=(
        _FRAMING,
        replace(_FRAMING, after={"disease_framing": -0.2}, readings=(Reading(measure=MEAN_STIGMA, expects="down"),)),
    ),
)  # fmt: skip

C18 = Claim(
    id="C18", section="Mental illness stigma",
    says="peers' self-disclosure normalises: knowing that someone else struggles makes it easier",
    expects="disclosure up, hearers' stigma down, and so the mean",
    trials=(
        Trial(
            moved="weekly rate at which recovered students disclose", before={"disclosure_rate": 0}, after={"disclosure_rate": 0.08},
            both={"disease_framing": 0, **ONE_YEAR_EACH}, replicates=20,
            mutant={"disclosure_on_stigma": 0.33}, mutant_words="disclosure raises the stigma of who hears it",
            why="Nothing else moves stigma here. Hearers are compared with those who have heard nothing this academic year.",
            readings=(Reading(measure=MEAN_STIGMA, expects="down"),
                      Reading(measure=of_steps("shift of stigma: hearers less others (SD)", _shift_of_hearers, gap), expects="down",
                              contrast=after_alone, contrast_words="after")),
        ),
    ),
)  # fmt: skip
