"""Every switch does something that can be seen: at its upper bound, and what is off by default too.

Each row compares two small cohorts (48 students, two years) that differ in one thing, over seeds 1 to 6 with common random numbers, and looks
at the sum of one count that lies next to the switch. Rows and seeds were fixed before the first look.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from simulation.evidence.parameters import PARAMETERS
from simulation.record.history import History
from simulation.record.outcomes import missed_reasons
from simulation.scenario.grouping import POLICIES
from simulation.scenario.support import ADD_ONS, OFFICERS, TRAINING
from tests.runs import history

SEEDS = range(1, 7)
OFFICER = {"officers": "volunteers"}


def upper(name: str) -> float:
    return PARAMETERS[name].high


def happened(name: str) -> Callable[[History], float]:
    return lambda h: float((getattr(h.episodes, name) >= 0).sum())


def weeks_of(condition: Callable[[History], Any]) -> Callable[[History], float]:
    return lambda h: float(condition(h).sum())


def noticed_by_staff(h: History) -> float:
    return float((h.episodes.noticed_by == 3).sum())


def comfort(h: History) -> float:
    return float(h.n_kinds[0])


def referral_share(h: History) -> float:
    return h.n_kinds[2] / max(1, sum(h.n_kinds))


def offers(h: History) -> float:
    return float(h.n_offers.sum())


def offers_of_officers(h: History) -> float:
    return float(h.n_offers[h.is_officer.any(axis=0)].sum())


def load_a_support(h: History) -> float:
    return float(h.load.sum() / max(1, h.n_supports_given.sum()))


def friends_at_end(h: History) -> float:
    return float(h.friends[-12].sum())


def officer_weeks(h: History) -> float:
    return float(h.is_officer.sum())


def treated(h: History) -> float:
    return happened("first_treated")(h)


def distress_weeks(h: History) -> float:
    return float((h.distress >= 1).sum())


def severe_in_care(h: History) -> float:
    """Weeks in care that began while severe: what escalation moves first."""
    entered = (h.care[1:] == 2) & (h.care[:-1] == 0)
    return float(entered.sum())


MANY = {"distressed_at_entry": 0.35, "onset_rate": 0.02}
SEVERE = {**MANY, "worsening_rate": 0.02}

# (what, the cohort without, the cohort with, what is counted, +1 where it must rise and -1 where it must fall)
ROWS: dict[str, tuple[dict[str, Any], dict[str, Any], Callable[[History], float], int]] = {
    "contagion": (MANY, {"contagion": upper("contagion")}, distress_weeks, +1),
    "staff_notice": ({}, {"staff_notice": upper("staff_notice")}, noticed_by_staff, +1),
    "recovery_slowing": ({}, {"recovery_slowing": upper("recovery_slowing")}, distress_weeks, +1),
    "crowding_out": (OFFICER, {"crowding_out": upper("crowding_out")}, offers, -1),
    "resilience": (MANY, {"load_on_onset": -0.1}, distress_weeks, -1),
    "online_share": ({}, {"online_share": upper("online_share")}, friends_at_end, +1),
    "dropout_rate": ({}, {"dropout_rate": upper("dropout_rate")}, weeks_of(lambda h: h.is_present), -1),
    "outside_support": (MANY, {"outside_support": upper("outside_support")}, distress_weeks, -1),
    "message_hours": ({**MANY, "placement": "alone"}, {"message_hours": upper("message_hours")}, happened("first_noticed"), +1),
    "crowd": ({"placement_hours": 45}, {"crowd": upper("crowd")}, friends_at_end, -1),
    "boundary_on_load": ({"training": ("scripts",)}, {"boundary_on_load": upper("boundary_on_load")}, load_a_support, -1),
    "school_trust": ({"officers": "volunteers", "add_ons": ("trust", "outreach"), **MANY, "school_trust": 0, "accept_credibility": 2},
                     {"school_trust": upper("school_trust")}, happened("first_accepted_peer"), +1),
    "care_places": ({**SEVERE, "care_places": 2}, {"care_places": 100}, treated, +1),
    "waiting_weeks": (MANY, {"waiting_weeks": upper("waiting_weeks")}, treated, -1),
    "steps of weekly offers": (SEVERE, {"weekly_offers": 0}, offers, -1),
    "training information": ({**MANY, "training": ("collegiality",), "training_collegiality": 0},
                             {"training": ("information",), "training_referral": upper("training_referral")}, referral_share, +1),
    "training scripts": ({"training": ("collegiality",), "training_collegiality": 0},
                         {"training": ("scripts",), "training_expertise": upper("training_expertise"), "training_boundary": -0.8}, offers, +1),
    "training red-flags": ({**SEVERE, "training": ("collegiality",), "training_collegiality": 0},
                           {"training": ("red-flags",), "training_red_flags": upper("training_red_flags")}, severe_in_care, +1),
    "training self-disclosure": ({**MANY, "training": ("collegiality",), "training_collegiality": 0},
                                 {"training": ("self-disclosure",), "training_disclosure": -0.5}, happened("first_accepted"), +1),
    "training obligations": ({**SEVERE, "training": ("collegiality",), "training_collegiality": 0},
                             {"training": ("obligations",), "training_obligations": -1}, severe_in_care, +1),
    "training collegiality": ({"training": ("collegiality",), "training_collegiality": 0},
                              {"training_collegiality": upper("training_collegiality")}, offers, +1),
    "outreach": ({**OFFICER, **MANY}, {"add_ons": ("outreach",)}, lambda h: float(h.n_checkins), +1),
    "advice": ({**OFFICER, **MANY, "add_ons": ("outreach",), "offer_officer": 2},
               {"add_ons": ("outreach", "advice"), "advice_on_load": 0.25}, lambda h: float(h.load[h.is_officer].sum()), -1),
    "succession": ({**OFFICER, "officer_exit": 0.7}, {"add_ons": ("succession",)}, officer_weeks, +1),
    "breach-stress": ({**OFFICER, **MANY, "add_ons": ("outreach",), "breach": 0},
                      {"add_ons": ("outreach", "breach-stress")}, lambda h: float(h.n_breaches), +1),
    "role-boundaries": ({**OFFICER, **MANY, "add_ons": ("outreach",)},
                        {"add_ons": ("outreach", "role-boundaries"), "training_boundary": -0.8}, offers_of_officers, +1),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_switch_has_a_visible_effect(name: str) -> None:
    base, change, count, sign = ROWS[name]
    without = [count(history(seed, **base)) for seed in SEEDS]
    with_it = [count(history(seed, **{**base, **change})) for seed in SEEDS]
    assert sign * (np.sum(with_it) - np.sum(without)) > 0, (without, with_it)


@pytest.mark.parametrize("design", [name for name in OFFICERS if name != "none"])
def test_each_design_fills_its_seats_with_equal_hours(design: str) -> None:
    runs = [history(seed, officers=design, officer_exit=0, volunteer_share=1.0) for seed in SEEDS]
    for run in runs:
        n_weeks = 52 if design == "near-peer" else 104  # near-peers graduate before the last year
        assert run.officer_hours == pytest.approx(3 * (48 / 12) * n_weeks, rel=0.13)  # a site may lack a student who is well
        assert len(run.near_peer_load) == (4 * 52 if design == "near-peer" else 0)


def test_elected_officers_are_better_connected_and_selected_ones_more_expert() -> None:
    def friends_of_officers(design: str) -> float:
        return float(np.mean([h.friends[60][h.is_officer[60]].mean() for h in (history(s, officers=design, volunteer_share=1.0) for s in SEEDS)]))

    assert friends_of_officers("elected") > friends_of_officers("volunteers")

    def offers_an_officer(design: str) -> float:
        runs = [history(s, officers=design, volunteer_share=1.0, **MANY) for s in SEEDS]
        return sum(offers_of_officers(h) for h in runs) / sum(float(h.is_officer.any(axis=0).sum()) for h in runs)

    assert offers_an_officer("selected") > offers_an_officer("volunteers")


def test_near_peers_graduate_and_with_succession_hand_over() -> None:
    alone = history(1, officers="near-peer", add_ons=("outreach",))
    handed = history(1, officers="near-peer", add_ons=("outreach", "succession"))
    assert alone.n_checkins > 0
    assert not alone.is_officer.any()
    assert not handed.is_officer[:52].any()
    assert handed.is_officer[52:].any(axis=1).all()
    assert handed.n_checkins > alone.n_checkins


@pytest.mark.parametrize("policy", [name for name in POLICIES if name not in ("timetable", "reshuffled")])
def test_each_placement_policy_changes_the_clinical_year(policy: str) -> None:
    a, b = history(1, placement="reshuffled"), history(1, placement=policy)
    assert np.array_equal(a.contact_hours[:52], b.contact_hours[:52])
    assert not np.allclose(a.contact_hours[52:], b.contact_hours[52:])


def test_policies_of_placement_order_as_they_should() -> None:
    """Standing groups of three hours a week keep more friends than none, on any seed: sums over six cohorts."""
    isolated = {name: sum(float((history(s, placement=name).friends[52:92] == 0).mean()) for s in SEEDS)
                for name in ("alone", "two-sites", "reshuffled", "fixed", "isolate-aware")}  # fmt: skip
    assert isolated["alone"] > isolated["fixed"]
    assert isolated["two-sites"] > isolated["fixed"]
    assert isolated["reshuffled"] > isolated["isolate-aware"]


def test_stable_campus_groups_change_the_second_term() -> None:
    a, b = history(1), history(1, campus="stable")
    assert not np.allclose(a.contact_hours[18:36], b.contact_hours[18:36])


def test_every_unreached_episode_has_one_reason() -> None:
    """The recorder decides on a reason as it goes; whether an episode was reached is read off its dates: they must agree."""
    counted = Counter()
    for seed in SEEDS:
        h = history(seed, **MANY)
        assert ((h.episodes.reason > 0) == ~h.episodes.is_reached).all()
        missed = missed_reasons(h)
        assert sum(missed.values()) == (~h.episodes.is_reached & ~h.episodes.is_early).sum()
        counted.update(missed)
    assert {"refused", "brief", "not noticed", "weak tie", "reluctance", "own distress"} <= {reason for reason, n in counted.items() if n}


def test_every_switch_is_covered() -> None:
    tested = " ".join(ROWS)
    assert all(f"training {switch}" in tested for switch in TRAINING)
    assert all(name in tested or name == "trust" for name in ADD_ONS)  # trust: the row school_trust
