"""A made-up `run`: quick, plausible enough to be drawn, and a function of the seed and the scenario alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from experiments.compare import Comparison, compare
from simulation.record.history import REASONS, Episodes, History, TieSnapshot
from simulation.scenario.programme import build_calendar
from simulation.scenario.scenario import Scenario, load_scenario

SMALL = {"students": 40, "campus_years": 1, "clinical_years": 1}
FAMOUS_FOUR = ("informal", "training", "officers", "officers-outreach")


def small_scenario(name: str = "informal", **overrides: float) -> Scenario:
    return load_scenario(name, overrides={**SMALL, **overrides})


def quick_comparison(names: tuple[str, ...] = FAMOUS_FOUR, replicates: int = 8, seed: int = 1) -> Comparison:
    return compare([small_scenario(name) for name in names], seed=seed, replicates=replicates, workers=1, run=fake_run)


def fake_run(scenario: Scenario, seed: int) -> History:
    """A history that hangs together as far as outcomes look: episodes, series and ties are made up, not simulated."""
    p, support = scenario.parameters, scenario.support
    calendar, n = build_calendar(p), p.students
    weeks = calendar.n_weeks
    rng = np.random.default_rng(seed)
    gift = 0.05 * bool(support.training) + 0.05 * (support.officers != "none") + 0.08 * ("outreach" in support.add_ons)
    week = np.arange(1, weeks + 1)
    half = p.campus_years * 52
    level = 5.2 * (1 - np.exp(-week / 14)) * np.where(week > half, 0.55 + 0.45 * np.exp(-(week - half) / 40), 1.0)
    level *= np.where(calendar.is_teaching, 1.0, 0.93)
    sociable = rng.gamma(2.2, 1 / 2.2, n)
    wobble = np.cumsum(rng.normal(0, 0.1, (weeks, n)), axis=0)
    friends = np.maximum(0, np.floor(sociable * level[:, None] + 0.3 + gift + wobble)).astype(np.int16)

    distress = np.zeros((weeks, n), dtype=np.int8)
    supported = np.zeros((weeks, n), dtype=bool)
    care = np.zeros((weeks, n), dtype=np.int8)
    found: list[dict[str, int | bool]] = []
    for student in range(n):
        own = np.random.default_rng([seed, student])
        at = 0 if own.random() < 0.25 else int(own.geometric(0.014))
        while at <= weeks - 1:
            length = int(np.ceil(own.lognormal(2.2, 1.0)))
            end = at + length if at + length <= weeks else -1
            inside = slice(max(at - 1, 0), min(at + length - 1, weeks))
            distress[inside, student] = 1 + (own.random(len(range(*inside.indices(weeks)))) < 0.06)
            alone = int((friends[inside, student] == 0).sum())
            isolated = bool(friends[max(at - 1, 0), student] == 0)
            luck = own.random(6)
            steps, step = {}, at + 1
            for k, (name, chance) in enumerate((("noticed", 0.75), ("offered", 0.6), ("accepted", 0.62), ("referred", 0.35))):
                step = step + 1 if step >= 0 and luck[k] < chance + gift - 0.12 * isolated and length > k + 1 else -1
                steps[name] = step
            treated = at + 3 if luck[4] < 0.15 + 0.1 * (steps["referred"] >= 0) and length > 4 else -1
            reached = steps["accepted"] >= 0 or treated >= 0
            reason = 0 if reached else 1 if steps["offered"] >= 0 else 2 + int(luck[5] * 9) if steps["noticed"] >= 0 else 11 + int(luck[5] * 3)
            if 0 <= steps["accepted"] <= weeks:
                supported[steps["accepted"] - 1, student] = True
            if 0 <= treated <= weeks:
                care[treated - 1 : min(treated + 11, at + length - 1), student] = 2
            found.append({"student": student, "onset": at, "end": end, "n_steps": length, "n_isolated_steps": alone, "is_isolated_at_onset": isolated,
                          "is_early": at <= p.term_weeks, **{f"first_{name}": value for name, value in steps.items()},
                          "first_accepted_peer": steps["accepted"], "first_treated": treated, "noticed_by": int(steps["noticed"] >= 0),
                          "accepted_by": int(steps["accepted"] >= 0), "reason": reason})  # fmt: skip
            at += length + int(own.geometric(0.012))
    found.sort(key=lambda e: (e["onset"], e["student"]))
    kinds = {"is_isolated_at_onset": np.bool_, "is_early": np.bool_}
    episodes = Episodes(**{name: np.array([e[name] for e in found], dtype=kinds.get(name, np.int64)) for name in Episodes.__annotations__})
    assert episodes.reason.max() < len(REASONS)

    has_officers = support.officers != "none"
    ties = {}
    for end_week in calendar.year_ends():
        pairs = np.unique(np.sort(rng.integers(0, n, (3 * n, 2)), axis=1), axis=0)
        pairs = pairs[pairs[:, 0] < pairs[:, 1]]
        ties[int(end_week)] = TieSnapshot(pairs[:, 0], pairs[:, 1], rng.uniform(0.32, 0.95, len(pairs)))
    outreach = 400 if "outreach" in support.add_ons else 0
    site = np.where(calendar.is_clinical[:, None] & calendar.is_teaching[:, None], np.arange(n) % 4, -1).astype(np.int16)
    return History(
        parameters=p, seed=seed, calendar=calendar, distress=distress, acquaintances=(friends + 3).astype(np.int16), friends=friends,
        close_friends=(friends // 3).astype(np.int16), contact_hours=np.minimum(4.0 * friends + 6, 60.0), is_supported=supported, care=care,
        load=rng.gamma(0.5, 0.5, (weeks, n)), n_supports_given=rng.poisson(0.02, (weeks, n)).astype(np.int16),
        is_officer=np.tile((np.arange(n) < 2) & has_officers, (weeks, 1)), is_present=np.ones((weeks, n), dtype=bool), site=site, episodes=episodes,
        ties=ties, n_offers=rng.poisson(4, n), near_peer_load=np.empty(0), n_checkins=outreach, n_false_checkins=int(0.74 * outreach),
        n_kinds=(60, 20, 20), n_breaches=0, officer_hours=(0.15 - 0.01 * (support.officers == "one-per-site")) * weeks * n * has_officers,
        n_relocations=int(6 * n), n_cross_group_ties_lost=int(2.2 * n + rng.integers(0, 9)), spread_sites=(), has_school=scenario.school is not None,
    )  # fmt: skip


def with_school(scenario: Scenario) -> Scenario:
    """The scenario on a made-up school's cohort."""
    from simulation.scenario.school import School

    school = School(n_students=scenario.parameters.students, attributes=np.zeros((scenario.parameters.students, 0), dtype=np.int64), digest="abc123",
                    sites=("North", "South"), notes=("40 students on the roster",))  # fmt: skip
    return replace(scenario, school=school)
