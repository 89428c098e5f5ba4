"""Students, and what they do: attend, meet, notice, offer, accept, escalate, seek care, disclose (docs/model.md, section 4).

Each behaviour is a method that returns a decision; the model's phases say when it is asked for and what follows. `luck` is the draw that the
decision is compared with, so a subclass that changes a behaviour moves nobody's draws:

    class Bystander(Student):
        def offer(self, peer, luck):
            return False

    PeerSupportModel("informal", seed=1, student_class=Bystander)
"""

from __future__ import annotations

import itertools
import math
import weakref
from typing import TYPE_CHECKING, Any

import mesa
import numpy as np

from simulation.phases.state import IN_CARE, WAITING

if TYPE_CHECKING:
    from simulation.model import PeerSupportModel

COMFORT, PLAN, REFERRAL = 0, 1, 2


def expit(x: float) -> float:
    """1 / (1 + exp(-x)), without overflow."""
    return 1.0 / (1.0 + math.exp(-x)) if x >= 0 else math.exp(x) / (1.0 + math.exp(x))


def _column(name: str, meaning: str) -> Any:
    """An attribute of a student that lives in one row of the shared state."""

    def read(self: Student) -> Any:
        return getattr(self.model.state, name)[self.row].item()

    def write(self: Student, value: Any) -> None:
        getattr(self.model.state, name)[self.row] = value

    return property(read, write, doc=meaning)


def _sum_column(name: str, meaning: str) -> Any:
    """A lasting value and its shift; writing it moves the shift."""

    def read(self: Student) -> float:
        state = self.model.state
        return float(getattr(state, f"own_{name}")[self.row] + getattr(state, f"{name}_shift")[self.row])

    def write(self: Student, value: float) -> None:
        state = self.model.state
        getattr(state, f"{name}_shift")[self.row] = value - getattr(state, f"own_{name}")[self.row]

    return property(read, write, doc=meaning)


class _CountersByModel(weakref.WeakKeyDictionary):  # type: ignore[type-arg]
    """Mesa numbers agents with a counter for each model, in a dictionary that would keep every model of a long study in memory; this lets them go."""

    def __getitem__(self, model: Any) -> Any:
        return self.setdefault(model, itertools.count(1))


class Student(mesa.Agent):  # type: ignore[misc]
    """A medical student.

    Attributes:
        row: row in the model's arrays.
        key: persistent key, which names the student's draws.
    """

    model: PeerSupportModel
    _ids = _CountersByModel()

    distress = _column("distress", "D: 0 well, 1 distressed, 2 severe")
    stigma = _sum_column("stigma", "S, in SD of the cohort at the start")
    expertise = _sum_column("expertise", "E, likewise")
    boundary = _sum_column("boundary", "U, uncertainty about the boundaries of helping, likewise")
    sociability = _column("sociability", "B, elective pair-hours a week")
    susceptibility = _column("susceptibility", "v, factor on onset")
    readiness = _column("readiness", "lasting readiness to help, log odds")
    openness = _column("openness", "openness to help in this episode, log odds")
    received = _column("received", "R, received support")
    load = _column("load", "L, load of helping")
    worry = _column("worry", "c, perceived risk of a breach of confidence")
    care = _column("care", "0 none, 1 waiting, 2 in care")
    credibility = _column("credibility", "of an officer")
    attendance = _column("attendance", "a, share of scheduled and elective time attended in this step")
    is_officer = _column("is_officer", "holds an officer's seat")
    is_willing = _column("is_willing", "would serve as an officer")
    is_present = _column("is_present", "has not left the course")
    n_friends = _column("friends", "F, number of friends in the cohort")

    def __init__(self, model: PeerSupportModel, row: int) -> None:
        super().__init__(model)
        self.row = row
        self.key = int(model.state.key[row])

    # What a student knows

    def tie(self, peer: Student) -> float:
        """Strength w of the tie with somebody."""
        return float(self.model.ties.strength[self.row, peer.row])

    @property
    def friends(self) -> list[Student]:
        """Friends in the cohort, the closest first."""
        rows, strength = self.model.ties.ties_of(self.row)
        near = strength >= self.model.p.friend_strength
        return [self.model.people[int(row)] for row in rows[near][np.argsort(-strength[near], kind="stable")]]

    @property
    def is_isolated(self) -> bool:
        """Without a friend in the cohort."""
        return self.n_friends == 0

    @property
    def site(self) -> str | None:
        """Name of this week's main site, None on campus and in breaks."""
        number = self.model.main_site[self.row]
        return None if number < 0 else self.model.scheduler.site_names[number]

    # What a student does

    def attend(self) -> float:
        """Share of time attended: withdrawal keeps distressed students away."""
        p, distress = self.model.p, self.distress
        return max(p.attendance_floor, 1.0 - p.withdrawal * (distress >= 1) - p.severe_withdrawal * (distress == 2))

    def meet(self) -> float:
        """Elective pair-hours that the student means to spend this week; long scheduled hours crowd them out."""
        p, model = self.model.p, self.model
        season = p.break_sociability if model.is_break else 1.0
        crowded = max(p.crowd_floor, 1.0 - p.crowd * max(0.0, float(model.schedule.hours[self.row]) - p.crowd_from))
        return self.attendance * self.sociability * season * crowded

    def notice(self, peer: Student, chance: float, luck: float) -> bool:
        """Whether the student notices a peer's distress; asked where luck < chance, and in a check-in with chance 1 and luck 0."""
        return luck < chance

    def offer_terms(self, peer: Student) -> dict[str, float]:
        """Terms of the log odds of offering help to a peer."""
        model, p = self.model, self.model.p
        officer = self.is_officer
        return {
            "intercept": p.offer_intercept,
            "tie": p.offer_tie * self.tie(peer),
            "expertise": p.offer_expertise * self.expertise,
            "stigma": -p.offer_stigma * self.stigma,
            "boundary": -p.offer_boundary * self.boundary,
            "load": -p.offer_load * self.load,
            "own distress": -p.offer_own_distress * (self.distress >= 1),
            "severe": p.offer_severe * (peer.distress == 2),
            "officer": p.offer_officer * officer,
            "readiness": self.readiness,
            "crowding out": -p.crowding_out * (not officer and model.officers.is_any_in_post),
            "collegiality": p.training_collegiality * ("collegiality" in model.training and model.is_placed_together(self.row, peer.row)),
        }

    def offer(self, peer: Student, luck: float) -> bool:
        """Whether the student offers help to a peer whose distress they noticed."""
        return luck < expit(sum(self.offer_terms(peer).values()))

    def accept(self, helper: Student, luck: float) -> bool:
        """Whether the student accepts the help that somebody offers."""
        p = self.model.p
        return luck < expit(
            p.accept_intercept + p.accept_tie * self.tie(helper) - p.accept_stigma * self.stigma - p.accept_breach * self.worry
            + p.accept_credibility * helper.credibility * helper.is_officer + self.openness)  # fmt: skip

    def support(self, peer: Student, luck_referral: float, luck_plan: float) -> int:
        """Kind of support given: a referral, a plan or comfort."""
        p = self.model.p
        refer = math.log(p.p_referral) - math.log1p(-p.p_referral) if 0 < p.p_referral < 1 else math.copysign(math.inf, p.p_referral - 0.5)
        refer += p.referral_expertise * self.expertise + p.referral_severe * (peer.distress == 2)
        refer += p.training_referral * ("information" in self.model.training)
        if luck_referral < expit(refer):
            return REFERRAL
        return PLAN if luck_plan < p.p_plan else COMFORT

    def escalate(self, peer: Student, luck: float) -> bool:
        """Whether the student, having offered help to a severely distressed peer, involves professionals against the norm of confidentiality."""
        p, training = self.model.p, self.model.training
        norm = p.confidentiality_norm + p.training_obligations * ("obligations" in training)
        return luck < expit(
            p.escalation_intercept + p.escalation_expertise * self.expertise - norm + p.training_red_flags * ("red-flags" in training)
            + p.advice_on_escalation * (self.is_officer and "advice" in self.model.add_ons))  # fmt: skip

    def seek_care(self, luck: float) -> bool:
        """Whether the student asks for professional care in this step."""
        p, model, state = self.model.p, self.model, self.model.state
        if self.distress == 0 or self.care in (WAITING, IN_CARE):
            return False
        referred = int(state.referred[self.row])
        is_referred = referred >= 0 and (model.step_number - referred) * model.dt <= p.referral_window
        rate = p.self_presentation * math.exp(p.stigma_on_care * self.stigma)
        rate *= (p.severe_on_care if self.distress == 2 else 1.0) * (p.referral_on_care if is_referred else 1.0)
        return luck < -math.expm1(-rate * model.dt)

    def disclose(self, luck: float) -> bool:
        """Whether the student, recovered within the last year, tells friends of it in this step."""
        p, model = self.model.p, self.model
        recovered = int(model.state.recovered[self.row])
        if self.distress >= 1 or recovered < 0 or (model.step_number - recovered) * model.dt > p.disclosure_window:
            return False
        return luck < -math.expm1(-p.disclosure_rate * model.dt)


class NearPeer(Student):
    """An officer from the year above: always well, in nobody's group, gone on graduation."""

    def attend(self) -> float:
        """Always."""
        return 1.0
