"""Random draws by name: each is a pure function of (seed, stream, t, a, b), specified in docs/model.md, section 2.

No draw depends on how many came before, on a probability or on anybody's outcome, so two scenarios with one seed are the same world but for
what they change. Numbers of streams never change; a stream that is no longer used leaves a gap.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

STREAMS: dict[str, int] = {
    "attribute_1": 1, "attribute_2": 2, "sociability": 3, "stigma": 4, "expertise": 5, "boundary": 6, "susceptibility": 7, "readiness": 8,
    "entry": 9, "compatibility": 10, "volunteer": 11,
    "campus_groups": 20, "placement_groups": 21, "second_groups": 22, "site_order": 23, "second_site_order": 24, "home_groups": 25,
    "ring": 26, "near_peer_students": 27,
    "frailty": 30, "openness": 31, "distress": 32, "dropout": 33,
    "notice": 40, "staff_notice": 41, "offer": 42, "accept": 43, "referral": 44, "plan": 45, "escalate": 46, "route": 47,
    "accept_escalation": 48, "ask": 49, "queue": 50, "disclose": 51, "breach": 52, "staff_accept": 53,
    "officer_choice": 60, "officer_exit": 61, "flag": 62, "outreach_choice": 63, "outreach_order": 64,
    "replicate": 70,
}  # fmt: skip

Keys = Any  # an integer or an array of integers, broadcast against one another
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S11 = (np.uint64(shift) for shift in (30, 27, 31, 11))


def _mix(z: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Finaliser of SplitMix64, on arrays."""
    z = (z ^ (z >> _S30)) * _FIRST
    z = (z ^ (z >> _S27)) * _SECOND
    return z ^ (z >> _S31)


def _word(key: Keys) -> NDArray[np.uint64]:
    return np.atleast_1d(np.asarray(key)).astype(np.uint64)


def _hash(seed: int, stream: str, t: Keys, a: Keys, b: Keys) -> NDArray[np.uint64]:
    h = _mix(_word(seed) + _GOLDEN)
    for word in (STREAMS[stream], t, a, b):
        h = _mix((h ^ _word(word)) + _GOLDEN)
    return h


def _unit(h: NDArray[np.uint64]) -> NDArray[np.float64]:
    return (h >> _S11).astype(np.float64) * 2.0**-53


def uniform(seed: int, stream: str, t: Keys = 0, a: Keys = 0, b: Keys = 0) -> NDArray[np.float64]:
    """Uniform draws in [0, 1).

    Args:
        seed: the run's seed, 0 <= seed < 2^64.
        stream: a name in STREAMS.
        t: week, step, block or year that the stream is specified with.
        a, b: student keys; arrays broadcast against one another and against t.

    Returns:
        Array of the broadcast shape, at least one-dimensional.

    Raises:
        KeyError: no such stream.
    """
    return _unit(_hash(seed, stream, t, a, b))


def normal(seed: int, stream: str, t: Keys = 0, a: Keys = 0, b: Keys = 0) -> NDArray[np.float64]:
    """Standard normal draws (Box-Muller on the hash and its successor); arguments as for `uniform`."""
    h = _hash(seed, stream, t, a, b)
    return np.sqrt(-2.0 * np.log1p(-_unit(h))) * np.cos(2.0 * np.pi * _unit(_mix(h + _GOLDEN)))


def lognormal(sd: float, seed: int, stream: str, t: Keys = 0, a: Keys = 0, b: Keys = 0) -> NDArray[np.float64]:
    """Log-normal draws with log-SD `sd` and mean 1; other arguments as for `uniform`."""
    return np.exp(sd * normal(seed, stream, t, a, b) - sd * sd / 2.0)


def hashed_order(keys: NDArray[np.int64], seed: int, stream: str, t: int = 0) -> NDArray[np.intp]:
    """Rows of `keys`, sorted by their draw and then by their key."""
    return np.lexsort((keys, uniform(seed, stream, t, keys)))


def replicate_seed(seed: int, replicate: int) -> int:
    """Seed of a replicate: scenarios with the same replicate of the same seed share a world. Below 2^53, so exact in JSON."""
    return int(_hash(seed, "replicate", 0, replicate, 0)[0] >> _S11)
