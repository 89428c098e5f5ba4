"""Random draws by name inside the kernels (docs/model.md, section 2): the same hash as simulation.streams, one number at a time.

Most of a hash is shared by all that is drawn from one stream in one step, so it is taken in parts: `stream_at` for (seed, stream, t), then
`directed` for a student key a, then the draw itself for b.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from simulation.streams import STREAMS

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_S11, _S27, _S30, _S31 = np.uint64(11), np.uint64(27), np.uint64(30), np.uint64(31)
NO_KEY = np.uint64(0)  # what b is where it is not named

ATTRIBUTE_1, ATTRIBUTE_2 = np.uint64(STREAMS["attribute_1"]), np.uint64(STREAMS["attribute_2"])
STIGMA, EXPERTISE, BOUNDARY = np.uint64(STREAMS["stigma"]), np.uint64(STREAMS["expertise"]), np.uint64(STREAMS["boundary"])
SUSCEPTIBILITY, READINESS = np.uint64(STREAMS["susceptibility"]), np.uint64(STREAMS["readiness"])
ENTRY, COMPATIBILITY, VOLUNTEER = np.uint64(STREAMS["entry"]), np.uint64(STREAMS["compatibility"]), np.uint64(STREAMS["volunteer"])
CAMPUS_GROUPS, PLACEMENT_GROUPS = np.uint64(STREAMS["campus_groups"]), np.uint64(STREAMS["placement_groups"])
SECOND_GROUPS, HOME_GROUPS = np.uint64(STREAMS["second_groups"]), np.uint64(STREAMS["home_groups"])
SITE_ORDER, SECOND_SITE_ORDER = np.uint64(STREAMS["site_order"]), np.uint64(STREAMS["second_site_order"])
RING, NEAR_PEER_STUDENTS = np.uint64(STREAMS["ring"]), np.uint64(STREAMS["near_peer_students"])
FRAILTY, OPENNESS, DISTRESS = np.uint64(STREAMS["frailty"]), np.uint64(STREAMS["openness"]), np.uint64(STREAMS["distress"])
DROPOUT, NOTICE, STAFF_NOTICE = np.uint64(STREAMS["dropout"]), np.uint64(STREAMS["notice"]), np.uint64(STREAMS["staff_notice"])
OFFER, ACCEPT, STAFF_ACCEPT = np.uint64(STREAMS["offer"]), np.uint64(STREAMS["accept"]), np.uint64(STREAMS["staff_accept"])
REFERRAL, PLAN, BREACH = np.uint64(STREAMS["referral"]), np.uint64(STREAMS["plan"]), np.uint64(STREAMS["breach"])
ESCALATE, ROUTE = np.uint64(STREAMS["escalate"]), np.uint64(STREAMS["route"])
ACCEPT_ESCALATION = np.uint64(STREAMS["accept_escalation"])
ASK, QUEUE, DISCLOSE = np.uint64(STREAMS["ask"]), np.uint64(STREAMS["queue"]), np.uint64(STREAMS["disclose"])
OFFICER_CHOICE, OFFICER_EXIT = np.uint64(STREAMS["officer_choice"]), np.uint64(STREAMS["officer_exit"])
FLAG, OUTREACH_CHOICE, OUTREACH_ORDER = (np.uint64(STREAMS["flag"]), np.uint64(STREAMS["outreach_choice"]),
                                         np.uint64(STREAMS["outreach_order"]))  # fmt: skip


@njit(inline="always")
def _mix(z: np.uint64) -> np.uint64:
    z = (z ^ (z >> _S30)) * _FIRST
    z = (z ^ (z >> _S27)) * _SECOND
    return z ^ (z >> _S31)


@njit(inline="always")
def stream_at(seed: np.uint64, stream: np.uint64, t: int) -> np.uint64:
    """The part of a hash that (seed, stream, t) decide."""
    h = _mix(seed + _GOLDEN)
    h = _mix((h ^ stream) + _GOLDEN)
    return _mix((h ^ np.uint64(t)) + _GOLDEN)


@njit(inline="always")
def directed(stream: np.uint64, a: np.uint64) -> np.uint64:
    """The part of a hash that `stream_at` and a student key a decide."""
    return _mix((stream ^ a) + _GOLDEN)


@njit(inline="always")
def uniform_of(part: np.uint64, b: np.uint64) -> float:
    """Uniform draw in [0, 1) from the part that `directed` gives, and b."""
    return np.float64(_mix((part ^ b) + _GOLDEN) >> _S11) * 2.0**-53


@njit(inline="always")
def uniform(stream: np.uint64, a: np.uint64) -> float:
    """Uniform draw in [0, 1) of a student (b = 0); `stream` from `stream_at`."""
    return uniform_of(directed(stream, a), NO_KEY)


@njit(inline="always")
def normal_of(part: np.uint64, b: np.uint64) -> float:
    """Standard normal draw from the part that `directed` gives, and b (Box-Muller)."""
    h = _mix((part ^ b) + _GOLDEN)
    radius = np.float64(h >> _S11) * 2.0**-53
    angle = np.float64(_mix(h + _GOLDEN) >> _S11) * 2.0**-53
    return math.sqrt(-2.0 * math.log1p(-radius)) * math.cos(2.0 * math.pi * angle)


@njit(inline="always")
def normal(stream: np.uint64, a: np.uint64) -> float:
    """Standard normal draw of a student (b = 0)."""
    return normal_of(directed(stream, a), NO_KEY)


@njit(inline="always")
def lognormal_of(sd: float, part: np.uint64, b: np.uint64) -> float:
    """Log-normal draw with log-SD `sd` and mean 1."""
    return math.exp(sd * normal_of(part, b) - sd * sd / 2.0)


@njit
def hashed_order(rows: NDArray[np.int64], key: NDArray[np.uint64], stream: np.uint64) -> NDArray[np.int64]:
    """Rows sorted by their draw, then by their key.

    Args:
        rows: rows to sort, shape (k,).
        key: keys of all rows.
        stream: from `stream_at`.
    """
    k = len(rows)
    draw, bucket, start = np.empty(k), np.empty(k, dtype=np.int64), np.zeros(k + 1, dtype=np.int64)
    for q in range(k):
        draw[q] = uniform(stream, key[rows[q]])
        bucket[q] = np.int64(draw[q] * k)
        start[bucket[q] + 1] += 1
    for b in range(k):
        start[b + 1] += start[b]
    order, sorted_draw, at = np.empty(k, dtype=np.int64), np.empty(k), start[:k].copy()
    for q in range(k):  # into buckets that are in order, each of which has one or two; and in order within it
        r, row, u = at[bucket[q]], rows[q], draw[q]
        at[bucket[q]] += 1
        while r > start[bucket[q]] and (u < sorted_draw[r - 1] or (u == sorted_draw[r - 1] and key[row] < key[order[r - 1]])):
            order[r], sorted_draw[r] = order[r - 1], sorted_draw[r - 1]
            r -= 1
        order[r], sorted_draw[r] = row, u
    return order
