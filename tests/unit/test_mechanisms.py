"""One mechanism at a time, by hand: ties, distress, leaving, care and stigma (docs/model.md, sections 4.4 to 4.6, 4.11, 4.12 and 5).

Each test sets the state, calls one phase and compares with the specification's arithmetic. Draws are computed and not hoped for.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from simulation.model import PeerSupportModel
from simulation.phases import care, distress, stigma
from simulation.phases.helping import Encounter
from simulation.phases.recorder import Episode
from simulation.phases.state import IN_CARE, NONE, WAITING
from simulation.record.outcomes import OUTCOMES
from simulation.streams import uniform
from tests.runs import history, stepped

N = 48
QUIET = {"distressed_at_entry": 0, "onset_rate": 0}
SURE = 50.0  # log odds against which no draw stands


def quiet(weeks: int = 1, **changes: Any) -> PeerSupportModel:
    """A small model after some weeks in which nobody became distressed."""
    return stepped(weeks, **{**QUIET, **changes})


def ail(model: PeerSupportModel, row: int, level: int = 1, ago: int = 1) -> Episode:
    """Open an episode that began some steps ago."""
    model.state.distress[row] = level
    distress.begin_episodes(model, np.array([row]), np.array([False]))
    model.state.onset[row] -= ago
    return model.recorder.current[row]


def advance(model: PeerSupportModel) -> None:
    """Number the next step and its week, and run none of its phases."""
    model.step_number += 1
    model.week = (model.step_number - 1) // model.steps_per_week + 1


def draw(model: PeerSupportModel, stream: str, a: int, b: int | None = None) -> float:
    """This step's draw of a student, or of a seeker and a helper, by rows."""
    key = model.state.key
    return float(uniform(model.world, stream, model.step_number, key[a], 0 if b is None else key[b])[0])


def meeting(model: PeerSupportModel, seeker: int, helper: int, *, is_checkin: bool = False) -> Encounter:
    return Encounter(model.people[seeker], model.people[helper], is_checkin)


def symmetric(rng: np.random.Generator, n: int, most: float) -> np.ndarray:
    upper = np.triu(rng.uniform(0, most, (n, n)), 1)
    return upper + upper.T


# Ties and distress


def test_attendance_thins_contact_and_ties() -> None:
    model = quiet(1, officers="volunteers", steps_per_week=2)
    ties, state, p, rng = model.ties, model.state, model.p, np.random.default_rng(1)
    officer = int(np.flatnonzero(state.is_officer)[0])
    ties.checkins, ties.met = [((officer + 1) % N, officer)], symmetric(rng, N, 3)
    state.attendance = a = rng.uniform(0.1, 1, N)
    before, x, c = ties.hours.copy(), ties.compatibility, ties.together
    ring = {frozenset(pair) for pair in zip(*(rows.tolist() for rows in ties.ring), strict=True)}
    ties.update(state, 0.5)
    fade, contact = 2 ** (-0.5 / 18), np.zeros(N)
    for i in range(N):
        for j in range(N):
            meets = frozenset((i, j)) in ring or ties.checkins[0] in ((i, j), (j, i))
            met = (ties.met[i, j] + 1.0 * (frozenset((i, j)) in ring) + 1.0 * (ties.checkins[0] in ((i, j), (j, i)))) * (i != j)
            inflow = x[i, j] * p.kappa_campus * c[i, j] * a[i] * a[j] + met
            contact[i] += c[i, j] * a[i] * a[j] + met
            hours = before[i, j] * fade + inflow * 18 / math.log(2) * (1 - fade)
            is_forgotten = 1 - 2 ** (-hours / 90) < 0.001 and c[i, j] == 0 and ties.met[i, j] == 0 and not meets
            assert ties.hours[i, j] == pytest.approx(0 if is_forgotten else hours), (i, j)
    assert state.contact == pytest.approx(contact)
    assert ties.together.sum() > 0


def test_distress_keeps_students_away() -> None:
    for rates, expected in (({}, (1.0, 0.6, 0.4)), ({"withdrawal": 0.6, "severe_withdrawal": 0.4}, (1.0, 0.4, 0.1))):
        model = quiet(0, **rates)
        for level in (0, 1, 2):
            model.state.distress[0] = level
            assert model.people[0].attend() == pytest.approx(expected[level])


def test_distress_changes_by_its_hazards() -> None:
    """Support, load, friends, care and the age of an episode, in half-week steps over exam weeks and before."""
    model = stepped(14, steps_per_week=2, distressed_at_entry=0, onset_rate=0.06, recovery_rate=0.15, worsening_rate=0.3, easing_rate=0.3,
                    recovery_slowing=0.5, contagion=0.1, outside_support=0.5, frailty_sd=0.5, received_on_recovery=0.7,
                    care_on_recovery=2.8)  # fmt: skip
    state, rng, seen = model.state, np.random.default_rng(1), set()
    for _ in range(8):
        advance(model)
        model.recorder.current.clear()
        state.distress[:] = before = rng.integers(0, 3, N)
        state.received[:], state.load[:], state.care[:] = rng.uniform(0, 1.5, N), rng.uniform(0, 4, N), rng.integers(0, 3, N)
        model.ties.strength[:] = w = symmetric(rng, N, 0.55)
        for row in np.flatnonzero(before):
            ail(model, int(row), int(before[row]), ago=int(rng.integers(1, 100)))
        onset = state.onset.copy()
        distress.change_distress(model)
        for i in range(N):
            friends = [j for j in range(N) if w[i, j] >= 0.5]
            support = 1 - math.exp(-(0.5 + sum(w[i, j] for j in friends)) / 2) - 0.5
            luck, in_care, expected = draw(model, "distress", i), state.care[i] == IN_CARE, before[i]
            if before[i] == 0:
                ill = sum(before[j] >= 1 for j in friends)
                rate = 0.06 * state.susceptibility[i] * 1.6 * (1.3 if model.week >= 16 else 1)
                rate *= math.exp(-0.6 * support + 0.15 * state.load[i] + 0.1 * ill)
                expected = 1 if luck < 1 - math.exp(-rate / 2) else 0
            elif before[i] == 1:
                age = (model.step_number - onset[i]) / 2
                rate = 0.15 * state.frailty[i] * math.exp(0.7 * state.received[i] + 0.3 * support) * (2.8 if in_care else 1) * (1 + age / 26) ** -0.5
                worse = 0.3 * math.exp(-0.5 * state.received[i])
                changes = 1 - math.exp(-(rate + worse) / 2)
                expected = 0 if luck < changes * rate / (rate + worse) else 2 if luck < changes else 1
            elif luck < 1 - math.exp(-0.3 * math.exp(0.5 * state.received[i]) * (1.5 if in_care else 1) / 2):
                expected = 1
            assert state.distress[i] == expected, (model.step_number, i)
            seen.add((int(before[i]), int(expected)))
    assert seen == {(0, 0), (0, 1), (1, 0), (1, 1), (1, 2), (2, 1), (2, 2)}


def test_episodes_of_the_settling_in_are_early() -> None:
    episodes = stepped(19, steps_per_week=2, distressed_at_entry=0.1, onset_rate=0.1, recovery_rate=1).recorder.episodes
    assert {0, 36, 37} <= {episode.onset for episode in episodes}  # entry, the last step of week 18, the first of week 19
    assert all(episode.is_early == (episode.onset <= 36) for episode in episodes)


def test_who_leaves_gives_up_everything_and_stays_enrolled() -> None:
    model = quiet(20, officers="volunteers", volunteer_share=1, dropout_rate=10, add_ons=("outreach",))
    state, ties, before = model.state, model.ties, model.state.is_officer.copy()
    for row in range(N):
        ail(model, row)
    state.care[:] = np.arange(N) % 3
    leaves = np.array([draw(model, "dropout", row) < 1 - math.exp(-10 / 52) for row in range(N)])
    leaver, officer = int(np.flatnonzero(leaves)[0]), int(np.flatnonzero(before & leaves)[0])
    ties.checkins = [(leaver, int(np.flatnonzero(before & ~leaves)[0])), (int(np.flatnonzero(~leaves)[0]), officer)]
    n_episodes, lost = len(model.recorder.episodes), ties.hours[leaves].sum()
    distress.leave_course(model)
    assert 0 < leaves.sum() < N
    assert lost > 0
    assert np.array_equal(state.is_present, ~leaves)
    assert not ties.hours[leaves].any()
    assert not ties.strength[:, leaves].any()
    assert np.array_equal(state.friends, ties.is_friend().sum(axis=1))
    assert not state.distress[leaves].any()
    assert not state.care[leaves].any()
    assert np.array_equal(state.care[~leaves], (np.arange(N) % 3)[~leaves])
    assert np.array_equal(state.is_officer, before & ~leaves)
    assert model.officers.n_in_post == (before & ~leaves).sum() < before.sum()
    assert [i for i, _ in ties.checkins] == [leaver]  # that officer's hour stays spent; the other officer's check-in ends with the officer
    assert set(model.recorder.current) == set(np.flatnonzero(~leaves).tolist())
    assert len(model.recorder.episodes) == n_episodes
    assert all(episode.end == -1 for episode in model.recorder.episodes)
    model.step_number, model.week = 52, 52
    model.step()
    placed = np.concatenate([gathering.members for gathering in model.schedule.gatherings])
    assert not leaves[placed].any()
    assert (model.main_site[leaves] == -1).all()
    assert model.recorder.weekly["is_present"].shape == (104, N)  # still counted among the enrolled


# Care and stigma


def test_the_queue_for_care() -> None:
    model = quiet(20, self_presentation=0, care_places=6)  # ceil(.06 x 48) = 3 places
    state = model.state
    asked = {0: 16, 1: 12, 2: 15, 3: 15, 4: 15, 5: 18, 6: 15, 7: -1}
    for row, step in asked.items():
        ail(model, row)
        state.care[row], state.care_since[row] = (WAITING, step) if step >= 0 else (NONE, -1)
    queue = sorted((2, 3, 4, 6), key=lambda row: float(uniform(model.world, "queue", 15, row + 1)[0]))
    assert queue != sorted(queue)
    care.change_care(model, set())
    assert set(np.flatnonzero(state.care == IN_CARE)) == {1, *queue[:2]}
    assert (state.care_since[state.care == IN_CARE] == 20).all()
    advance(model)
    care.change_care(model, {7})  # a severe student enters whatever the places
    assert set(np.flatnonzero(state.care == IN_CARE)) == {1, 7, *queue[:2]}
    state.distress[queue[:2]] = 0
    care.change_care(model, set())
    assert set(np.flatnonzero(state.care == IN_CARE)) == {1, 7, queue[2]}
    assert set(np.flatnonzero(state.care == WAITING)) == {0, 5, queue[3]}
    state.care[:] = NONE
    state.care[5], state.care_since[5] = WAITING, model.step_number - 2
    care.change_care(model, set())
    assert state.care[5] == WAITING  # two weeks: not yet
    advance(model)
    care.change_care(model, set())
    assert state.care[5] == IN_CARE


def test_care_ends_after_its_weeks_or_when_well() -> None:
    model = quiet(20, self_presentation=0, steps_per_week=2)
    state = model.state
    for row, (kind, since, level) in enumerate(((IN_CARE, 16, 1), (IN_CARE, 17, 1), (IN_CARE, 39, 0), (WAITING, 39, 0), (WAITING, 39, 1))):
        state.care[row], state.care_since[row] = kind, since
        if level:
            ail(model, row)
    care.change_care(model, set())
    assert state.care[:5].tolist() == [NONE, IN_CARE, NONE, NONE, WAITING]
    advance(model)
    care.change_care(model, set())
    assert state.care[1] == NONE


def test_disclosures_reach_friends_once_and_count_half_each_further_time() -> None:
    model = quiet(3, disclosure_rate=10)
    state, ties = model.state, model.ties
    ties.strength[:] = 0
    for i, j, w in ((0, 9, 0.5), (1, 9, 0.8), (2, 9, 0.6), (3, 9, 0.9), (0, 8, 0.49), (1, 8, 0.7)):
        ties.strength[i, j] = ties.strength[j, i] = w
    state.stigma_shift[:], state.expertise_shift[:], state.boundary_shift[:] = 0.4, 0.3, -0.2
    state.recovered[[0, 1]] = 2
    assert max(draw(model, "disclose", row) for row in range(4)) < 1 - math.exp(-10)
    stigma.change_stigma(model)
    faded = 0.4 * 2 ** (-1 / 52)
    assert state.stigma_shift[9] == pytest.approx(faded - 0.33 * 1.5)
    assert state.stigma_shift[8] == pytest.approx(faded - 0.33)
    assert state.stigma_shift[7] == pytest.approx(faded)
    assert state.expertise_shift[0] == pytest.approx(0.3 * 2 ** (-1 / 78))
    assert state.boundary_shift[0] == pytest.approx(-0.2 * 2 ** (-1 / 78))
    for row, change in ((None, 0), (2, 0.33 / 4), (3, 0.33)):  # nothing is heard twice; a third in the year; the first of the next year
        if row is not None:
            state.recovered[row] = 3
        if row == 3:
            model.week = 53
            stigma.teach(model)
        before = state.stigma_shift[9]
        stigma.change_stigma(model)
        assert state.stigma_shift[9] == pytest.approx(before * 2 ** (-1 / 52) - change)


# Steps and sizes


def test_half_week_steps_agree_with_weekly_ones() -> None:
    """Pooled over 12 seeds. Tolerances are four standard errors of the difference (from 60 other seeds): a false alarm in 4000 sets of seeds."""
    for name, tolerance in (("noticed_share", 0.13), ("reach", 0.17), ("prevalence", 0.041), ("friends_mean", 0.16)):
        weekly, halves = ([history(seed, steps_per_week=steps) for seed in range(1, 13)] for steps in (1, 2))
        outcome = OUTCOMES[name]
        values = [float(outcome.value(np.sum([outcome.parts(run, run) for run in runs], axis=0))) for runs in (weekly, halves)]
        assert values[0] == pytest.approx(values[1], abs=tolerance), name


def test_friendship_does_not_depend_on_the_size_of_the_cohort() -> None:
    """960 students in cohorts of 60 and 240, at the end of a year on campus; 10 % is 2.6 standard errors: one false alarm in 120 sets of seeds."""

    def friends(students: int, seeds: range) -> float:
        models = [stepped(36, seed, students=students, campus_years=1, clinical_years=0) for seed in seeds]
        return float(np.mean([model.state.friends.mean() for model in models]))

    assert friends(60, range(1, 17)) == pytest.approx(friends(240, range(1, 5)), rel=0.1)
