"""Professional care: asking, waiting, places (docs/model.md, section 4.11)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from simulation.phases.state import IN_CARE, NONE, WAITING
from simulation.streams import uniform

if TYPE_CHECKING:
    from simulation.model import PeerSupportModel


def change_care(model: PeerSupportModel, escalated: set[int]) -> None:
    """Care ends, urgent care begins, students ask and wait, and the longest waiting enter while there are places."""
    state, p, n, step, dt = model.state, model.p, model.n_students, model.step_number, model.dt
    care, since = state.care[:n], state.care_since[:n]

    is_over = (care == IN_CARE) & ((step - since) * dt >= p.care_weeks)
    leaves = (care != NONE) & ((state.distress[:n] == 0) | is_over)
    care[leaves] = NONE

    for urgent in sorted(escalated):
        _enter(model, urgent)

    luck = uniform(model.world, "ask", step, state.key[:n])
    for row in np.flatnonzero((state.distress[:n] >= 1) & (care == NONE)):
        if model.people[row].seek_care(float(luck[row])):
            care[row], since[row] = WAITING, step

    waiting = np.flatnonzero((care == WAITING) & ((step - since) * dt >= p.waiting_weeks))
    if len(waiting):
        keys = state.key[waiting]
        order = np.lexsort((keys, uniform(model.world, "queue", since[waiting], keys), since[waiting]))
        free = math.ceil(p.care_places * n / 100.0) - int((care == IN_CARE).sum())
        for row in waiting[order][: max(0, free)]:
            _enter(model, int(row))


def _enter(model: PeerSupportModel, row: int) -> None:
    model.state.care[row], model.state.care_since[row] = IN_CARE, model.step_number
    model.recorder.treat(row)
