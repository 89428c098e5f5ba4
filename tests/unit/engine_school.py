"""A small school for the array engine's tests, made by hand."""

import math
from contextlib import contextmanager
from dataclasses import replace
from typing import get_type_hints

import numpy as np
from numba.core.dispatcher import Dispatcher
from numpy.typing import NDArray

from simulation.engine import draws, near_peers, officers, ties
from simulation.engine.officers import NEAR_PEER
from simulation.engine.state import Gatherings, Now, People, Seats, Ties, Totals, World, parameter_record
from simulation.evidence.parameters import Values
from simulation.streams import uniform

SEED = 11
DTYPES = {NDArray[dtype]: dtype for dtype in (np.float64, np.int64, np.int32, np.uint64, np.bool_)}
NOBODY = ("episode", "recovered", "referred", "checked_by", "checked_on", "visitor", "main_site")
FIRST_STEP = Now(1, 1, 1, 1, True, True, True, False, False, True, 0, -1)


def blank(kind, shape, given):
    """A named tuple of arrays of zeros, but for those given."""
    return kind(*(given[name] if name in given else np.zeros(shape, DTYPES[hint]) for name, hint in get_type_hints(kind).items()))


@contextmanager
def in_python():
    """The kernels as the Python that they are written in: compiling takes a minute, that it changes nothing is for the engines' agreement test."""
    compiled = [(module, name, kernel) for module in (draws, ties, near_peers, officers) for name, kernel in vars(module).items()
                if isinstance(kernel, Dispatcher)]  # fmt: skip
    try:
        for module, name, kernel in compiled:
            setattr(module, name, kernel.py_func)
        with np.errstate(over="ignore"):  # hashes are modulo 2^64
            yield
    finally:
        for module, name, kernel in compiled:
            setattr(module, name, kernel)


class School:
    """A small cohort, well and willing, whose rows are not in the order of their keys; officers do not leave unless `parameters` say so."""

    def __init__(self, design, n=8, seats=3, world=None, **parameters):
        n_near = seats if design == NEAR_PEER else 0
        m = n + n_near
        settings = {name: kind(0) for name, kind in get_type_hints(World).items()}
        settings |= {"seed": np.uint64(SEED), "n": n, "m": m, "dt": 1.0, "steps_per_week": 1, "n_weeks": 104, "n_years": 2, "design": design,
                     "contracted_hours": 3.0, "n_sites": seats} | (world or {})  # fmt: skip
        self.world = World(**settings)
        self.values = replace(Values(), **({"officer_exit": 0.0} | parameters))
        nobody = {name: np.full(m, -1) for name in NOBODY}
        keys = np.zeros(m, np.uint64)
        keys[:n] = (np.arange(n) * 5) % n + 1 if math.gcd(5, n) == 1 else np.arange(n, 0, -1)
        student = np.arange(m) < n
        self.people = blank(People, m, nobody | {"key": keys, "attribute": np.zeros((n, 2), np.int64), "is_present": student.copy(),
                                                 "is_willing": student.copy(), "attendance": np.ones(m)})  # fmt: skip
        self.seats = Seats(np.full(seats, -1), np.zeros(seats, np.int64))
        counts = {name: np.zeros(m, np.int64) for name in ("n_together", "n_tied", "n_met", "n_all")}
        self.ties = blank(Ties, (m, 4), counts)
        self.gatherings = blank(Gatherings, 1, {"site_share": np.zeros((n, max(1, seats)))})
        self.totals = blank(Totals, 1, {})
        self.n, self.keys = n, keys[:n].astype(int)

    @property
    def p(self):
        return np.array([parameter_record(self.values)]).view(np.recarray)[0]

    @property
    def n_in_post(self):
        with in_python():
            return officers.n_in_post(self.seats)

    @property
    def is_any_in_post(self):
        with in_python():
            return officers.is_any_in_post(self.seats)

    def change(self, **now):
        now = FIRST_STEP._replace(**now)
        with in_python():
            self.ties = officers.change_officers(self.world, self.p, now, self.people, self.ties, self.gatherings, self.seats)
        return list(self.seats.row)

    def reach_out(self, **now):
        with in_python():
            officers.reach_out(self.world, self.p, FIRST_STEP._replace(**now), self.people, self.seats, self.totals)

    def give_up(self, row):
        with in_python():
            officers.give_up_seat(self.people, self.seats, row)

    def tie(self, i, j, hours):
        with in_python():
            self.ties = ties.set_hours(self.ties, self.world, self.p, self.people, self.gatherings, FIRST_STEP, i, j, hours)

    def hours(self, i, j, step=1):
        """H of both rows, which must be the same; 0 without an entry."""
        both = []
        with in_python():
            for a, b in ((i, j), (j, i)):
                s = ties.find(self.ties, a, b)
                both.append(ties.hours_now(self.ties, self.world, self.p, FIRST_STEP._replace(step=step), a, s) if s >= 0 else 0.0)
        assert both[0] == both[1]
        return both[0]

    def hashed(self, year=1):
        """All students in hashed order of (officer_choice, t = year)."""
        return [int(i) for i in np.argsort(uniform(SEED, "officer_choice", year, self.keys))]

    def let_leave(self, n_leaving, step, factor=1.0):
        """Set `officer_exit` so that exactly so many of those in post leave in a step; returns their rows, who leaves first by draw."""
        rows = [int(row) for row in self.seats.row if row >= 0]
        draw = uniform(SEED, "officer_exit", step, self.people.key[rows])
        order = np.argsort(draw)
        last = draw[order[n_leaving - 1]]
        p_exit = (last + (draw[order[n_leaving]] if n_leaving < len(rows) else 1.0)) / 2.0
        self.values = replace(self.values, officer_exit=-math.log(1.0 - p_exit) * 52.0 / self.world.dt / factor)
        return [rows[q] for q in order[:n_leaving]]
