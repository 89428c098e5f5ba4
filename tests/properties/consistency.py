"""What any history must be, whatever the parameters: in its range, and in agreement with itself (docs/model.md, section 10)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from simulation.record.history import REASONS, SOURCES_OF_HELP, History
from simulation.scenario.scenario import Scenario

FIRSTS = ("first_noticed", "first_offered", "first_accepted", "first_accepted_peer", "first_referred", "first_treated")
HELD_BACK = range(REASONS.index("weekly limit"), REASONS.index("chance") + 1)


def inconsistencies(history: History, scenario: Scenario) -> list[str]:
    """What is wrong with a history; nothing where it is as it must be."""
    checks = {**dict(_ranges(history, scenario)), **dict(_weeks(history)), **dict(_episodes(history)), **dict(_helping(history, scenario)),
              **dict(_ties(history))}  # fmt: skip
    return [name for name, holds in checks.items() if not np.all(holds)]


def _ranges(h: History, scenario: Scenario) -> Iterator[tuple[str, object]]:
    """Each array has its shape, holds numbers, and keeps to its range."""
    shape = (h.calendar.n_weeks, scenario.parameters.students)
    most = {"distress": 2, "care": 2, "acquaintances": shape[1] - 1, "friends": shape[1] - 1, "close_friends": shape[1] - 1,
            "site": len(scenario.site_names) - 1, "contact_hours": np.inf, "load": np.inf, "n_supports_given": np.inf,
            "is_supported": 1, "is_officer": 1, "is_present": 1}  # fmt: skip
    for name, greatest in most.items():
        values = getattr(h, name)
        yield f"{name}: shape", values.shape == shape
        yield f"{name}: finite", np.isfinite(values)
        yield f"{name}: range", (values >= (-1 if name == "site" else 0)) & (values <= greatest)
    yield "near_peer_load", np.isfinite(h.near_peer_load) & (h.near_peer_load >= 0)
    yield "n_offers", (h.n_offers >= 0) & (h.n_offers.shape == shape[1:])
    for name in ("n_breaches", "officer_hours", "n_relocations", "n_cross_group_ties_lost"):
        yield name, np.isfinite(getattr(h, name)) & (getattr(h, name) >= 0)
    yield "false check-ins are check-ins", 0 <= h.n_false_checkins <= h.n_checkins


def _weeks(h: History) -> Iterator[tuple[str, object]]:
    """What one student-week says does not contradict another."""
    here = h.is_present
    yield "who has left stays away", here[1:] <= here[:-1]
    yield "nobody leaves unless they can", here | (h.parameters.dropout_rate > 0)
    yield "friends are acquaintances, close friends are friends", (h.close_friends <= h.friends) & (h.friends <= h.acquaintances)
    yield "no more friends than students present", h.acquaintances <= np.maximum(here.sum(axis=1, keepdims=True) - 1, 0)
    yield "care is of the distressed", (h.care == 0) | (h.distress >= 1)
    yield "placed in clinical teaching weeks alone", (h.site < 0) | (h.calendar.is_clinical & h.calendar.is_teaching)[:, None]
    for name in ("distress", "friends", "care", "is_officer", "acquaintances"):
        yield f"{name}: none of who is away", (getattr(h, name) == 0) | here


def _episodes(h: History) -> Iterator[tuple[str, object]]:
    """Episodes follow one another, last as long as their weeks say, and their steps are in order."""
    e, steps = h.episodes, h.parameters.steps_per_week
    last = h.calendar.n_weeks * steps
    end = np.where(e.end < 0, last + 1, e.end)
    yield "ordered", np.lexsort((e.student, e.onset)) == np.arange(len(e))
    yield "onset", (e.onset >= 0) & (e.onset <= last)
    yield "end", (end > e.onset) & (end <= last + 1)
    stays = h.is_present[-1][e.student]
    yield "length", (e.n_steps == end - np.maximum(e.onset, 1)) | ((e.end < 0) & ~stays & (e.n_steps >= 0) & (e.n_steps <= last - e.onset))
    yield "isolated steps", (e.n_isolated_steps >= 0) & (e.n_isolated_steps <= e.n_steps)
    yield "isolated at entry", e.is_isolated_at_onset | (e.onset > 0)
    settled = np.count_nonzero(h.calendar.is_settling_in) * steps
    yield "early", e.is_early == (e.onset <= settled)
    order = np.lexsort((e.onset, e.student))
    same = e.student[order][1:] == e.student[order][:-1]
    yield "one at a time", ~same | (e.onset[order][1:] > end[order][:-1])
    yield "censored ones are the last", ~same | (e.end[order][:-1] >= 0)
    for name in FIRSTS:
        when, since = getattr(e, name), np.maximum(e.onset, 1) if name == "first_treated" else e.onset + 1
        yield name, (when == -1) | ((when >= since) & (when < np.maximum(end, since + 1)) & (when <= last))
    for earlier, later in (("noticed", "offered"), ("offered", "accepted"), ("accepted", "accepted_peer"), ("accepted", "referred")):
        a, b = getattr(e, f"first_{earlier}"), getattr(e, f"first_{later}")
        yield f"{earlier}, then {later}", (b == -1) | ((a >= 0) & (a <= b))
    yield "by whom", ((e.noticed_by == 0) == (e.first_noticed < 0)) & ((e.accepted_by == 0) == (e.first_accepted < 0))
    yield "staff are not peers", (e.first_accepted_peer >= 0) | (e.first_accepted < 0) | (e.accepted_by == SOURCES_OF_HELP.index("staff"))
    reached, offered, noticed = e.is_reached, e.first_offered >= 0, e.first_noticed >= 0
    yield "reason: reached", (e.reason == 0) == reached
    yield "reason: refused", (e.reason == 1) == (offered & ~reached)
    yield "reason: not offered", np.isin(e.reason, HELD_BACK) == (noticed & ~offered & ~reached)
    yield "reason: not noticed", (e.reason > HELD_BACK[-1]) == (~noticed & ~offered & ~reached)
    at_week_end = np.zeros(h.distress.shape, dtype=bool)
    for student, onset, n in zip(e.student, np.maximum(e.onset, 1), e.n_steps, strict=True):
        week_ends = np.arange(steps, last + 1, steps)
        at_week_end[(week_ends >= onset) & (week_ends < onset + n), student] = True
    yield "distressed in the weeks of an episode and in no others", at_week_end == (h.distress >= 1)


def _helping(h: History, scenario: Scenario) -> Iterator[tuple[str, object]]:
    """What is given is received; offices, hours and check-ins go together."""
    e, p, support = h.episodes, h.parameters, scenario.support
    given, n_supports = int(h.n_supports_given.sum()), sum(h.n_kinds)
    yield "what students give is accepted", given <= n_supports
    if support.officers != "near-peer" and p.staff_notice == 0:
        yield "what is accepted was given by students", given == n_supports
    yield "every week with support has one", h.is_supported.sum() <= n_supports
    yield "supported episodes had support", (e.first_accepted >= 0).sum() <= n_supports
    yield "supports were offered", h.n_offers.sum() >= given
    yield "no more offers than the weeks allow", h.n_offers <= _most_offers(h, scenario)
    if "outreach" not in support.add_ons:
        yield "no check-in without outreach", h.n_checkins == 0
    if support.officers == "none":
        yield "no officer, no hours", not h.is_officer.any() and h.officer_hours == 0 == h.n_breaches
    if support.officers != "near-peer":
        yield "near-peers in their design alone", len(h.near_peer_load) == 0


def _most_offers(h: History, scenario: Scenario) -> int:
    """Most offers of one student over the course: each week the limit, and one more in a check-in; an officer's limit is no greater but for it."""
    with_checkin = "outreach" in scenario.support.add_ons
    return int(h.calendar.n_weeks * (h.parameters.weekly_offers + with_checkin))


def _ties(h: History) -> Iterator[tuple[str, object]]:
    """Each kept tie is between two students present, once, within its range; and its friends are those of the week."""
    p = h.parameters
    for week, ties in h.ties.items():
        yield f"pairs of week {week}", (ties.i >= 0) & (ties.i < ties.j) & (ties.j < h.n_students)
        yield f"once in week {week}", len({*zip(ties.i.tolist(), ties.j.tolist(), strict=True)}) == len(ties.i)
        yield f"strengths of week {week}", (ties.strength >= p.recorded_strength) & (ties.strength <= 1)
        here = h.is_present[week - 1]
        yield f"present in week {week}", here[ties.i] & here[ties.j]
        for name, least in (("friends", p.friend_strength), ("close_friends", p.close_strength), ("acquaintances", p.acquaintance_strength)):
            if least >= p.recorded_strength:
                strong = ties.strength >= least
                degree = np.bincount(np.concatenate([ties.i[strong], ties.j[strong]]), minlength=h.n_students)
                yield f"{name} of week {week}", degree == getattr(h, name)[week - 1]
