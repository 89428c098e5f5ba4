"""Common random numbers: the same world but for the change, whoever else is there and whatever they are called."""

from __future__ import annotations

import numpy as np
import pytest

from simulation.model import PeerSupportModel
from simulation.streams import STREAMS, hashed_order, lognormal, normal, replicate_seed, uniform
from tests.runs import scenario, stepped

STATE = ("distress", "care", "friends", "received", "load", "worry", "stigma", "expertise", "attendance", "contact", "is_officer")
SILENT = {"kappa_campus": 0, "kappa_placement": 0, "sociability_mean": 0, "chance_hours": 0, "notice_contact": 0}


def first_difference(a: PeerSupportModel, b: PeerSupportModel) -> int:
    """Week in which two models first differ in anything; one past the last week if never."""
    while a.running:
        a.step()
        b.step()
        same = all(np.array_equal(getattr(a.state, name), getattr(b.state, name)) for name in STATE)
        if not same or not np.array_equal(a.ties.strength, b.ties.strength):
            return a.week
    return a.week + 1


def test_the_hash_is_the_specified_one() -> None:
    mask = 2**64 - 1

    def mix(z: int) -> int:
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        return z ^ (z >> 31)

    golden = 0x9E3779B97F4A7C15
    h = mix((7 + golden) & mask)
    for word in (STREAMS["notice"], 12, 3, 2**32 + 5):
        h = mix(((h ^ word) + golden) & mask)
    u, v = (h >> 11) * 2.0**-53, (mix((h + golden) & mask) >> 11) * 2.0**-53
    assert uniform(7, "notice", 12, 3, 2**32 + 5)[0] == u
    assert normal(7, "notice", 12, 3, 2**32 + 5)[0] == pytest.approx(np.sqrt(-2 * np.log(1 - u)) * np.cos(2 * np.pi * v), rel=1e-12)


def test_draws_look_random_and_streams_differ() -> None:
    keys = np.arange(1, 301)
    u = uniform(1, "notice", 5, keys[:, None], keys[None, :]).ravel()
    # 90,000 uniforms: mean within 5 standard errors, and neighbours, transposes and streams uncorrelated within 5 (false alarm below 1e-5 in all)
    assert abs(u.mean() - 0.5) < 5 * (1 / 12 / u.size) ** 0.5
    other = uniform(1, "offer", 5, keys[:, None], keys[None, :]).ravel()
    transposed = uniform(1, "notice", 5, keys[None, :], keys[:, None]).ravel()
    for pair in ((u[:-1], u[1:]), (u, other)):
        assert abs(np.corrcoef(*pair)[0, 1]) < 5 / u.size**0.5
    off_diagonal = ~np.eye(300, dtype=bool).ravel()
    assert abs(np.corrcoef(u[off_diagonal], transposed[off_diagonal])[0, 1]) < 5 * (2 / off_diagonal.sum()) ** 0.5
    assert lognormal(0.8, 1, "susceptibility", 0, np.arange(100_000)).mean() == pytest.approx(1, abs=5 * 0.95 / 100_000**0.5)
    assert len(set(STREAMS.values())) == len(STREAMS)
    assert len({replicate_seed(1, r) for r in range(1000)} | {replicate_seed(2, r) for r in range(1000)}) == 2000


def test_hashed_order_ignores_the_order_of_rows() -> None:
    keys = np.arange(1, 50)
    shuffled = np.random.default_rng(0).permutation(keys)
    assert np.array_equal(keys[hashed_order(keys, 1, "ring", 3)], shuffled[hashed_order(shuffled, 1, "ring", 3)])


def test_a_new_student_moves_nobodys_draws() -> None:
    """With every channel between students closed, 48 lives are the same with a 49th student in the cohort."""
    a, b = stepped(0, **SILENT), stepped(0, **{**SILENT, "students": 49})
    lasting = ("sociability", "own_stigma", "own_expertise", "own_boundary", "susceptibility", "readiness", "is_willing", "distress")
    for name in lasting:
        assert np.array_equal(getattr(a.state, name), getattr(b.state, name)[:48]), name
    assert np.array_equal(a.ties.compatibility, b.ties.compatibility[:48, :48])
    n_episodes = 0
    while a.running:
        a.step()
        b.step()
        for name in ("distress", "frailty", "openness", "care", "attendance"):
            assert np.array_equal(getattr(a.state, name), getattr(b.state, name)[:48]), (a.week, name)
    n_episodes = len(a.recorder.episodes)
    assert n_episodes > 20
    assert len(b.recorder.episodes) >= n_episodes


def test_a_newcomer_disturbs_two_neighbours_on_the_ring() -> None:
    a, b = stepped(1), stepped(1, students=49)

    def pairs(model: PeerSupportModel) -> set[frozenset[int]]:
        return {frozenset(pair) for pair in zip(*(rows.tolist() for rows in model.ties.ring), strict=True)}

    assert len(pairs(a)) == 48
    assert len(pairs(a) - pairs(b)) == 1
    assert len(pairs(b) - pairs(a)) == 2


@pytest.mark.parametrize(("change", "week"), [
    ({"placement": "fixed"}, 53),
    ({"placement": "alone"}, 53),
    ({"placement": "two-sites"}, 53),
    ({"kappa_placement": 0.8}, 53),
    ({"disease_framing": 0.3}, 19),
    ({"break_availability": 0.9}, 37),
    ({"block_weeks": 12}, 59),
])  # fmt: skip
def test_scenarios_agree_until_the_change_first_acts(change: dict, week: int) -> None:
    base = {"placement": "reshuffled"} if "placement" in change else {}
    assert first_difference(stepped(0, **base), stepped(0, **{**base, **change})) == week


def test_outreach_moves_nobodys_draws() -> None:
    """A flag that is never raised gives no check-in, and then outreach changes nothing at all; a flag that is raised acts from its first check-in."""
    officers = {"officers": "volunteers"}
    silent = {"outreach_sensitivity": 0, "outreach_specificity": 1, "officer_hours": 3}
    a, b = stepped(0, **officers, **silent), stepped(0, **officers, **silent, add_ons=("outreach",))
    assert first_difference(a, b) == 105
    c = stepped(0, **officers, add_ons=("outreach",))
    a = stepped(0, **officers)
    assert first_difference(a, c) == 1
    while a.running:
        a.step()
        c.step()
    theirs = {(e.student, e.onset) for e in c.recorder.episodes}
    shared = [e for e in a.recorder.episodes if (e.student, e.onset) in theirs]
    assert len(shared) > 0.7 * len(a.recorder.episodes)  # draws of onset are the same: most episodes begin in the same week in both


def test_officers_are_the_same_with_and_without_outreach_until_distress_differs() -> None:
    a, b = stepped(1, officers="volunteers"), stepped(1, officers="volunteers", add_ons=("outreach",))
    assert np.array_equal(a.state.is_officer, b.state.is_officer)
    assert b.recorder.n_checkins == a.officers.n_in_post > 0


@pytest.mark.parametrize("changes", [
    {}, {"placement": "isolate-aware", "officers": "elected", "add_ons": ("outreach", "succession")},
    {"placement": "friends", "officers": "near-peer", "add_ons": ("outreach", "succession"), "training": "all"},
])  # fmt: skip
def test_relabelling_students_permutes_the_result(changes: dict) -> None:
    keys = np.arange(1, 49)
    order = np.random.default_rng(5).permutation(48)
    a = PeerSupportModel(scenario(**changes), 3, keys=keys)
    b = PeerSupportModel(scenario(**changes), 3, keys=keys[order])
    while a.running:
        a.step()
        b.step()
    for name in ("distress", "care", "friends", "is_officer", "n_heard"):
        assert np.array_equal(getattr(a.state, name)[:48][order], getattr(b.state, name)[:48]), name
    for name in ("received", "load", "worry", "stigma_shift", "expertise_shift"):
        np.testing.assert_allclose(getattr(a.state, name)[:48][order], getattr(b.state, name)[:48], rtol=0, atol=1e-12)
    np.testing.assert_allclose(a.ties.strength[:48, :48][np.ix_(order, order)], b.ties.strength[:48, :48], rtol=0, atol=1e-12)
    ours, theirs = a.history(), b.history()
    assert ours.n_checkins == theirs.n_checkins
    mine = sorted(zip(ours.episodes.student.tolist(), ours.episodes.onset.tolist(), ours.episodes.reason.tolist(), strict=True))
    relabelled = sorted(zip(order[theirs.episodes.student].tolist(), theirs.episodes.onset.tolist(), theirs.episodes.reason.tolist(), strict=True))
    assert mine == relabelled


def test_the_same_seed_gives_the_same_run_and_another_seed_another() -> None:
    a, b, c = stepped(60), stepped(60), stepped(60, seed=2)
    assert np.array_equal(a.ties.strength, b.ties.strength)
    assert not np.array_equal(a.ties.strength, c.ties.strength)
