"""Training for all students and officers' designs: what they are called and what they mean (docs/model.md, sections 7 and 8)."""

from __future__ import annotations

from dataclasses import dataclass

TRAINING: dict[str, str] = {
    "information": "symptoms, when, how and to whom to refer",
    "scripts": "scripts and practice in expressing concern",
    "red-flags": "emergencies and red flags",
    "self-disclosure": "self-disclosure by peers, near-peers and role models",
    "obligations": "professional obligations and codes of conduct",
    "collegiality": "peers as emergent colleagues",
}
OFFICERS: dict[str, str] = {
    "none": "informal support alone",
    "volunteers": "officers are volunteers (F1)",
    "elected": "officers are elected, the well connected more often (F2)",
    "selected": "officers are selected on expertise, stigma and load (F3)",
    "one-per-site": "an officer at each site (F4)",
    "near-peer": "officers from the year above (F5)",
}
ADD_ONS: dict[str, str] = {
    "advice": "advice round the clock for officers (A)",
    "outreach": "officers check in on students who look low in contact (O)",
    "succession": "fewer leave, and a trained successor takes over (S)",
    "trust": "officers' credibility starts at the trust in the school (T)",
    "breach-stress": "breaches of confidence at the upper end (B)",
    "role-boundaries": "officers' training makes role boundaries clear",
}


@dataclass(frozen=True)
class Support:
    """A design of support.

    Attributes:
        training: switches of the all-student training that are on, a subset of TRAINING.
        officers: a key of OFFICERS.
        add_ons: a subset of ADD_ONS.
    """

    training: frozenset[str] = frozenset()
    officers: str = "none"
    add_ons: frozenset[str] = frozenset()
