"""Nobody helps where nobody is distressed, and nobody acts, or is acted on, while away: at any corner of the table and under any design."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings

from simulation.record.history import History
from simulation.record.outcomes import HEADLINE, OUTCOMES, outcome_parts, value_of
from simulation.run import run
from simulation.scenario.scenario import Scenario, make_scenario
from tests.properties.drawn import SEEDS, corners, designs

NO_DISTRESS = {"onset_rate": 0, "distressed_at_entry": 0}
MANY_LEAVE = {"dropout_rate": 4, "onset_rate": 0.1, "notice_contact": 0.02, "volunteer_share": 0.6, "students_per_officer": 3}
HIDDEN = {"withdrawal": 1, "attendance_floor": 0, "notice_absence": 0, "message_hours": 0, "staff_notice": 0, "steps_per_week": 1}


def helped(history: History) -> dict[str, float]:
    """Everything that somebody does about another's distress, or about one's own."""
    e = history.episodes
    return {"episodes": len(e), "supports": sum(history.n_kinds), "given": int(history.n_supports_given.sum()), "offers": int(history.n_offers.sum()),
            "supported": int(history.is_supported.sum()), "care": int((history.care > 0).sum()), "load": float(history.load.sum()),
            "load of near-peers": float(history.near_peer_load.sum()), "breaches": history.n_breaches,
            "check-ins on the distressed": history.n_checkins - history.n_false_checkins}  # fmt: skip


@settings(max_examples=60)
@given(corners(**NO_DISTRESS), SEEDS)
def test_without_distress_there_is_no_help(scenario: Scenario, seed: int) -> None:
    history = run(scenario, seed)
    assert not any(helped(history).values()), helped(history)
    parts = outcome_parts(history, history)
    values = {name: float(value_of(name, parts[name])) for name in OUTCOMES}
    assert values["prevalence"] == values["unmet_need"] == values["burden_p95"] == values[HEADLINE] == 0
    assert np.isnan([values[name] for name in ("reach", "noticed_share", "treated_share", "comfort_share", "offers_gini")]).all()


def test_with_distress_there_is() -> None:
    """What the test above looks at is not always nothing."""
    raw = {"parameters": {"students": 40, "clinical_years": 1, "breach": 0.5, "onset_rate": 0.03},
           "support": {"officers": "near-peer", "add_ons": ["outreach"]}}  # fmt: skip
    assert all(helped(run(make_scenario(raw), 1)).values())


@settings(max_examples=40)
@given(designs(students=16, campus_years=1, clinical_years=1, **MANY_LEAVE), SEEDS)
def test_who_has_left_takes_no_part_in_anything(scenario: Scenario, seed: int) -> None:
    history = run(scenario, seed)
    gone = ~history.is_present
    long_gone = gone.copy()
    long_gone[0] = False
    long_gone[1:] &= gone[:-1]  # who leaves has still met people in that week
    assert long_gone.any()
    for name in ("contact_hours", "n_supports_given", "is_supported"):
        assert not getattr(history, name)[long_gone].any(), name
    assert (history.load[1:] <= history.load[:-1])[long_gone[1:]].all()
    for name in ("distress", "care", "friends", "acquaintances", "close_friends", "is_officer"):
        assert not getattr(history, name)[gone].any(), name
    left_in = np.where(gone.any(axis=0), gone.argmax(axis=0) + 1, history.calendar.n_weeks + 1)  # week, from 1
    for week, ties in history.ties.items():
        assert (left_in[ties.i] > week).all() and (left_in[ties.j] > week).all()
    e = history.episodes
    for name in ("onset", "first_noticed", "first_offered", "first_accepted", "first_treated"):
        assert (getattr(e, name) <= left_in[e.student]).all(), name
    assert (e.end < 0)[left_in[e.student] <= history.calendar.n_weeks].sum() == gone[-1].sum()


@settings(max_examples=40)
@given(corners(**HIDDEN, chance_hours=1, dropout_rate=0), SEEDS)
def test_who_stays_away_from_everybody_is_noticed_by_nobody(scenario: Scenario, seed: int) -> None:
    """The distressed attend nothing, absence and messages say nothing, staff do not look: then only who checks in can notice."""
    if "outreach" in scenario.support.add_ons:
        scenario = replace(scenario, support=replace(scenario.support, add_ons=scenario.support.add_ons - {"outreach"}))
    history = run(scenario, seed)
    assert (history.episodes.first_noticed == -1).all()
    assert not history.n_offers.any() and not history.n_supports_given.any() and not len(history.near_peer_load.nonzero()[0])
    away = history.distress[:-1] >= 1  # at the end of a week: in the next, with one step a week, they are met by chance alone
    met = history.contact_hours[1:][away]
    chance = 2.0 * history.calendar.is_teaching[1:, None].repeat(away.shape[1], axis=1)[away]
    assert (met <= chance + 1e-9).all()
