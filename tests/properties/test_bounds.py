"""At every corner of the parameter table a course stays within its bounds and agrees with itself, and so do the outcomes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from experiments.shown import possible_range
from simulation.engine.cohort import Cohort, Plan
from simulation.evidence.parameters import PARAMETERS
from simulation.record.history import REASONS, History
from simulation.record.outcomes import OUTCOMES, outcome_parts, value_of
from simulation.run import run
from simulation.scenario.scenario import Scenario, make_scenario
from tests.properties.consistency import inconsistencies
from tests.properties.drawn import SEEDS, SIZES, STRENGTHS, corners, ends

UNIT = ("credibility", "attendance")
NOT_NEGATIVE = ("sociability", "susceptibility", "frailty", "received", "load", "worry", "support", "contact", "scheduled", "visit_hours")


def beside_bounds(cohort: Cohort) -> list[str]:
    """Names of a cohort's states that are no number or out of their range: what probabilities are made from, and what they act on."""
    people, ties = cohort.course.people, cohort.course.ties
    wrong = [name for name in people.dtype.names if people[name].dtype.kind == "f" and not np.isfinite(people[name]).all()]
    wrong += [name for name in UNIT if ((people[name] < 0) | (people[name] > 1)).any()]
    wrong += [name for name in NOT_NEGATIVE if (people[name] < 0).any()]
    if (people["received"] > cohort.plan.values.received_cap).any():
        wrong.append("received_cap")
    for place, name in enumerate(("hours", "strength", "together")):
        values = ties.value[place, : ties.end[-1]]
        if not np.isfinite(values).all() or (values < 0).any() or (name == "strength" and (values > 1).any()):
            wrong.append(f"{name} of ties")
    return wrong


@settings(max_examples=120)
@given(corners(), SEEDS)
def test_states_stay_in_bounds_at_every_corner(scenario: Scenario, seed: int) -> None:
    cohort = Cohort(Plan(scenario), seed)
    for part in (0.1, 0.4, 0.7, 1):
        cohort.run_to(max(1, int(part * cohort.n_steps)))
        assert beside_bounds(cohort) == []
    history = cohort.history()
    assert inconsistencies(history, scenario) == []
    parts = outcome_parts(history, history)
    for name in OUTCOMES:
        value, (least, most) = float(value_of(name, parts[name])), possible_range(name)
        assert np.isfinite(parts[name]).all(), name
        assert np.isnan(value) or least - 1e-9 <= value <= most + 1e-9, name


@pytest.mark.parametrize("name", [name for name in PARAMETERS if name not in SIZES])
def test_each_parameter_alone_may_stand_at_each_end(name: str) -> None:
    """The corners above have every parameter at some end; here the others keep their defaults, so that none is hidden by another."""
    for value in ends(PARAMETERS[name]):
        moved = {name: value}
        for other in STRENGTHS if name in STRENGTHS else ():  # which must stay in their order
            in_order = min if STRENGTHS.index(other) < STRENGTHS.index(name) else max
            moved[other] = in_order(PARAMETERS[other].default, value) if other != name else value
        raw = {"parameters": {"students": 14, "campus_years": 1, "clinical_years": 1, "dropout_rate": 0.2, **moved},
               "support": {"officers": "volunteers", "training": "all", "add_ons": "all"}}  # fmt: skip
        scenario = make_scenario(raw)
        cohort = Cohort(Plan(scenario), 1)
        cohort.run_to(cohort.n_steps)
        assert beside_bounds(cohort) == []
        assert inconsistencies(cohort.history(), scenario) == []


@pytest.fixture(scope="module")
def busy() -> tuple[Scenario, History]:
    raw = {"parameters": {"students": 60, "campus_years": 1, "clinical_years": 1, "onset_rate": 0.02, "notice_contact": 0.009},
           "support": {"officers": "volunteers", "add_ons": ["outreach"]}}  # fmt: skip
    scenario = make_scenario(raw)
    return scenario, run(scenario, 1)


def test_a_history_that_contradicts_itself_is_seen(busy: tuple[Scenario, History]) -> None:
    scenario, history = busy
    assert inconsistencies(history, scenario) == []

    def seen(**changed: object) -> bool:
        return inconsistencies(replace(history, **changed), scenario) != []

    def altered(name: str, place: object, value: object) -> dict[str, np.ndarray]:
        array = np.array(getattr(history, name))
        array[place] = value
        return {name: array}

    def episode(name: str, where: np.ndarray, value: object) -> dict[str, object]:
        array = np.array(getattr(history.episodes, name))
        array[np.flatnonzero(where)[0]] = value
        return {"episodes": replace(history.episodes, **{name: array})}

    e = history.episodes
    well = tuple(np.argwhere(history.distress == 0)[0])
    ill = tuple(np.argwhere(history.distress == 1)[0])
    for name, place, value in (("load", (3, 3), np.nan), ("contact_hours", (3, 3), -1.0), ("distress", (5, 5), 3), ("distress", well, 1),
                               ("distress", ill, 0), ("care", well, 2), ("friends", (30, 2), 60), ("site", (3, 3), 2), ("is_present", (9, 4), False),
                               ("n_supports_given", (9, 4), 1), ("n_offers", 3, 10_000)):  # fmt: skip
        assert seen(**altered(name, place, value)), name
    for name, where, value in (("n_steps", e.n_steps > 2, 1), ("n_isolated_steps", e.n_steps > 2, 500), ("first_noticed", e.first_offered >= 0, -1),
                               ("first_offered", e.first_accepted >= 0, 10_000), ("is_early", e.is_early, False), ("end", e.end > 0, 1),
                               ("reason", e.is_reached, REASONS.index("chance")), ("noticed_by", e.first_noticed >= 0, 0),
                               ("student", e.n_steps > 3, 59), ("onset", e.onset > 20, 0)):  # fmt: skip
        assert seen(**episode(name, where, value)), name
    assert seen(n_false_checkins=history.n_checkins + 1)
    assert seen(n_kinds=(0, 0, 0))
