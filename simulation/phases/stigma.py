"""Teaching that shifts stigma and expertise, disclosure, and the slow return (docs/model.md, sections 4.1 and 4.12)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulation.streams import uniform

if TYPE_CHECKING:
    from simulation.model import PeerSupportModel


def teach(model: PeerSupportModel) -> None:
    """Teaching of this week: all-student training in week 1, disease-framed teaching once each campus year."""
    state, p, n, week = model.state, model.p, model.n_students, model.week - 1
    if model.week == 1 and model.training:
        state.stigma_shift[:n] += p.training_stigma
        if "scripts" in model.training:
            state.expertise_shift[:n] += p.training_expertise
            state.boundary_shift[:n] += p.training_boundary
        if "self-disclosure" in model.training:
            state.stigma_shift[:n] += p.training_disclosure
    if not model.calendar.is_clinical[week] and model.calendar.week_of_year[week] == p.term_weeks + 1:
        state.stigma_shift[:n] += p.disease_framing
    if model.calendar.week_of_year[week] == 1:
        state.n_heard[:] = 0


def change_stigma(model: PeerSupportModel) -> None:
    """Shifts fade, and friends hear the disclosures of students who have recovered."""
    state, p, n, dt = model.state, model.p, model.n_students, model.dt
    state.stigma_shift *= 2.0 ** (-dt / p.stigma_half_life)
    taught = 2.0 ** (-dt / p.training_half_life)
    state.expertise_shift *= taught
    state.boundary_shift *= taught
    if not (state.recovered[:n] >= 0).any():
        return
    luck = uniform(model.world, "disclose", model.step_number, state.key[:n])
    friend = model.ties.is_friend()
    for row in np.flatnonzero(state.is_present[:n] & (state.recovered[:n] >= 0)):
        if not model.people[row].disclose(float(luck[row])):
            continue
        for hearer in np.flatnonzero(friend[row] & state.is_present[:n]):
            if hearer not in model.heard_by[row]:
                model.heard_by[row].add(int(hearer))
                state.stigma_shift[hearer] += p.disclosure_on_stigma * 2.0 ** -int(state.n_heard[hearer])
                state.n_heard[hearer] += 1
