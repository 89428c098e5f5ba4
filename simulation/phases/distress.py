"""Onset, worsening, easing and recovery of distress (docs/model.md, section 4.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulation.phases.state import IN_CARE
from simulation.streams import lognormal, normal, uniform

if TYPE_CHECKING:
    from simulation.model import PeerSupportModel


def begin_episodes(model: PeerSupportModel, rows: np.ndarray, is_isolated: np.ndarray) -> None:
    """Draw frailty and openness of new episodes and open their records."""
    state, p, step = model.state, model.p, model.step_number
    keys = state.key[rows]
    state.frailty[rows] = lognormal(p.frailty_sd, model.world, "frailty", step, keys)
    state.openness[rows] = p.openness_sd * normal(model.world, "openness", step, keys)
    state.onset[rows] = step
    for row, isolated in zip(rows, is_isolated, strict=True):
        model.recorder.begin_episode(int(row), step, bool(isolated))


def change_distress(model: PeerSupportModel) -> None:
    """One draw a student decides what happens to distress in this step; all act on the state as the phase found it."""
    state, p, n, dt, step = model.state, model.p, model.n_students, model.dt, model.step_number
    week = model.week - 1
    present, distress = state.is_present[:n], state.distress[:n].copy()
    friend = model.ties.is_friend()
    support = 1.0 - np.exp(-(p.outside_support + np.where(friend, model.ties.strength[:n, :n], 0.0).sum(axis=1)) / 2.0) - 0.5
    received, in_care = state.received[:n], state.care[:n] == IN_CARE
    luck = uniform(model.world, "distress", step, state.key[:n])

    exam = p.exam_multiplier if model.calendar.is_exam[week] else 1.0
    year = getattr(p, f"year_{model.calendar.year[week]}_multiplier")
    distressed_friends = (friend & (distress >= 1)[None, :]).sum(axis=1)
    onset = p.onset_rate * state.susceptibility[:n] * year * exam * np.exp(
        -p.support_on_onset * support + p.load_on_onset * state.load[:n] + p.contagion * distressed_friends)  # fmt: skip
    begins = present & (distress == 0) & (luck < -np.expm1(-onset * dt))

    age = (step - state.onset[:n]) * dt
    recovery = p.recovery_rate * state.frailty[:n] * np.exp(p.received_on_recovery * received + p.support_on_recovery * support)
    recovery = recovery * np.where(in_care, p.care_on_recovery, 1.0) * (1.0 + np.maximum(age, 0.0) / 26.0) ** -p.recovery_slowing
    worsening = p.worsening_rate * np.exp(-p.received_on_worsening * received)
    changes = -np.expm1(-(recovery + worsening) * dt)
    both = np.maximum(recovery + worsening, 1e-300)
    recovers = (distress == 1) & (luck < changes * recovery / both)
    worsens = (distress == 1) & ~recovers & (luck < changes)

    easing = p.easing_rate * np.exp(p.received_on_easing * received) * np.where(in_care, p.care_on_easing, 1.0)
    eases = (distress == 2) & (luck < -np.expm1(-easing * dt))

    state.distress[:n] = np.where(begins | eases, 1, np.where(worsens, 2, np.where(recovers, 0, distress)))
    rows = np.flatnonzero(begins)
    begin_episodes(model, rows, state.friends[rows] == 0)
    for row in np.flatnonzero(recovers):
        state.recovered[row] = step
        model.recorder.end_episode(int(row), step)
    if p.dropout_rate > 0:
        leave_course(model)


def leave_course(model: PeerSupportModel) -> None:
    """Distressed students may leave: the episode is censored, and every tie and office is given up."""
    state, n = model.state, model.n_students
    luck = uniform(model.world, "dropout", model.step_number, state.key[:n])
    leaves = state.is_present[:n] & (state.distress[:n] >= 1) & (luck < -np.expm1(-model.p.dropout_rate / 52.0 * model.dt))
    for row in np.flatnonzero(leaves):
        model.recorder.censor_episode(int(row))
        model.officers.give_up_seat(model, int(row))
        model.ties.forget(int(row))
        state.distress[row], state.care[row], state.friends[row] = 0, 0, 0
        state.is_present[row] = False
        state.attendance[row] = 0.0
    if leaves.any():
        state.friends[:n] = model.ties.is_friend().sum(axis=1)
