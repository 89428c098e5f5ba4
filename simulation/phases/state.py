"""The cohort's state: one array an attribute, one row a student (near-peer officers after the students)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv

from simulation.scenario.school import School
from simulation.streams import lognormal, normal, uniform

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
NONE, WAITING, IN_CARE = 0, 1, 2


@dataclass
class State:
    """Arrays of shape (rows,); rows 0..students-1 are the cohort, the rest the seats of near-peer officers.

    Attributes:
        key: persistent student key.
        attributes: levels of the attributes, shape (students, attributes).
        sociability: B, elective pair-hours a week.
        own_stigma, own_expertise, own_boundary: S0, E0, U0; stigma_shift, expertise_shift, boundary_shift: s, e, b.
        susceptibility, readiness: lasting.
        is_willing: would serve as an officer.
        distress: D.
        received, load, worry: R, L, c.
        care: 0 none, 1 waiting, 2 in care; care_since: step in which waiting or care began.
        referred: step of the last referral, -1 if never.
        recovered: step of the last recovery, -1 if never.
        frailty, openness: of the current episode; onset: its onset step.
        n_heard: disclosures heard in this academic year.
        is_present: has not left (near-peers: in post).
        is_officer, credibility, n_breaches, is_trained: of officers.
        friends: F, after the last tie phase (0 for near-peers).
        attendance, contact: of this step.
        n_offers_week: offers made this week, check-ins not counted.
    """

    key: Ints
    attributes: Ints
    sociability: Floats
    own_stigma: Floats
    own_expertise: Floats
    own_boundary: Floats
    stigma_shift: Floats
    expertise_shift: Floats
    boundary_shift: Floats
    susceptibility: Floats
    readiness: Floats
    is_willing: Bools
    distress: Ints
    received: Floats
    load: Floats
    worry: Floats
    care: Ints
    care_since: Ints
    referred: Ints
    recovered: Ints
    frailty: Floats
    openness: Floats
    onset: Ints
    n_heard: Ints
    is_present: Bools
    is_officer: Bools
    credibility: Floats
    n_breaches: Ints
    is_trained: Bools
    friends: Ints
    attendance: Floats
    contact: Floats
    n_offers_week: Ints

    @property
    def stigma(self) -> Floats:
        """S = S0 + s."""
        return self.own_stigma + self.stigma_shift

    @property
    def expertise(self) -> Floats:
        """E = E0 + e."""
        return self.own_expertise + self.expertise_shift

    @property
    def boundary(self) -> Floats:
        """U = U0 + b."""
        return self.own_boundary + self.boundary_shift


def start(p: Any, seed: int, keys: Ints, n_near_peers: int, school: School | None) -> State:
    """The state at entry (docs/model.md, section 3).

    Args:
        p: parameter values.
        seed: the run's seed.
        keys: keys of the students, shape (students,).
        n_near_peers: rows to append for near-peer officers.
        school: a school's files, for the attributes.
    """
    n, m = len(keys), len(keys) + n_near_peers

    def padded(values: Any, filler: float = 0) -> Any:
        return np.concatenate([values, np.full(n_near_peers, filler, dtype=np.asarray(values).dtype)])

    def zeros() -> Floats:
        return np.zeros(m)

    def never() -> Ints:
        return np.full(m, -1, dtype=np.int64)

    if school is not None and school.attributes.shape[1]:
        attributes = school.attributes
    else:
        levels = ((p.attribute_1_levels, "attribute_1"), (p.attribute_2_levels, "attribute_2"))
        attributes = np.stack([np.floor(uniform(seed, stream, 0, keys) * k).astype(np.int64) for k, stream in levels], axis=1)
    shape = p.sociability_cv**-2.0
    sociability = gammaincinv(shape, uniform(seed, "sociability", 0, keys)) * p.sociability_mean / shape
    distress = (uniform(seed, "entry", 0, keys) < p.distressed_at_entry).astype(np.int64)
    is_student = np.arange(m) < n
    return State(
        key=padded(keys), attributes=attributes, sociability=padded(sociability),
        own_stigma=padded(normal(seed, "stigma", 0, keys)), own_expertise=padded(normal(seed, "expertise", 0, keys)),
        own_boundary=padded(normal(seed, "boundary", 0, keys)), stigma_shift=zeros(), expertise_shift=zeros(), boundary_shift=zeros(),
        susceptibility=padded(lognormal(p.susceptibility_sd, seed, "susceptibility", 0, keys)),
        readiness=padded(p.readiness_sd * normal(seed, "readiness", 0, keys)),
        is_willing=padded(uniform(seed, "volunteer", 0, keys) < p.volunteer_share), distress=padded(distress),
        received=zeros(), load=zeros(), worry=zeros(), care=np.zeros(m, dtype=np.int64), care_since=never(), referred=never(),
        recovered=never(), frailty=np.ones(m), openness=zeros(), onset=never(), n_heard=np.zeros(m, dtype=np.int64), is_present=is_student,
        is_officer=np.zeros(m, dtype=bool), credibility=zeros(), n_breaches=np.zeros(m, dtype=np.int64), is_trained=np.zeros(m, dtype=bool),
        friends=np.zeros(m, dtype=np.int64), attendance=np.ones(m), contact=zeros(), n_offers_week=np.zeros(m, dtype=np.int64),
    )  # fmt: skip
