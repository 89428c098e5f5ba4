"""Targets as data, what is read off a cohort by hand, and a fit by rejection: of a toy whose answer is known, and of the model in threads."""

from __future__ import annotations

import dataclasses
from dataclasses import replace

import numpy as np
import pytest

from calibration import fit_report, measures
from calibration.rejection import STAGES, Result, Stage, cohorts, draw, fit, inside, parameters_of, ratios, simulate_points
from calibration.targets import BLOCKS, FACT_SOURCES, HELD_OUT, TARGETS, HeldOut, Target
from calibration.tension import costs, pair, pairs, pairs_given_the_rest, place
from experiments.style import to_svg
from simulation.evidence.parameters import PARAMETERS
from simulation.evidence.sources import SOURCES
from simulation.record.outcomes import OUTCOMES, value_of
from simulation.scenario.scenario import bundled
from simulation.streams import hashed_order, replicate_seed
from tests.runs import history as run_of
from tests.unit.histories import Spell, blank, by_student, episodes, ties, weeks

# Targets as data


def test_targets_have_a_range_a_block_and_a_source_and_no_name_twice() -> None:
    names = [row.name for row in (*TARGETS, *HELD_OUT)]
    assert len(set(names)) == len(names)
    for target in TARGETS:
        assert target.low < target.high
        assert target.source in SOURCES or target.published.startswith(("assumed", "aim"))
    assert {target.block for target in TARGETS} == set(BLOCKS)


def test_what_is_held_out_has_nothing_to_accept_by() -> None:
    assert not {"low", "high", "block"} & {field.name for field in dataclasses.fields(HeldOut)}
    for fact in HELD_OUT:
        assert (fact.source in SOURCES) != (fact.source in FACT_SOURCES)
        assert {fact.scenario, fact.less} <= {*bundled(), ""}
    fitted = {target.sums for target in TARGETS}
    assert not any(fact.sums in fitted for fact in HELD_OUT)


def test_targets_named_after_an_outcome_are_that_outcome() -> None:
    history = run_of()
    named = [target for target in TARGETS if target.name in OUTCOMES]
    assert len(named) >= 8
    for target in named:
        assert float(ratios(np.array(target.sums(history)))) == value_of(target.name, np.array(OUTCOMES[target.name].parts(history, history)))


def test_every_stage_of_the_fit_draws_what_the_table_gives_a_range() -> None:
    assert [stage.block for stage in STAGES if stage.block] == list(BLOCKS)
    names = parameters_of(STAGES)
    assert len(set(names)) == len(names)
    assert draw(names, 8, 1).shape == (8, len(names))


# What is read off a cohort, by hand


def test_recovered_within_counts_whom_it_could_follow() -> None:
    spells = (Spell(0, 0, 13), Spell(1, 1, 14), Spell(2, 39, 3), Spell(0, 40, 1), Spell(3, 5, 40, censored=True))
    history = replace(blank(weeks(52), 4), episodes=episodes(*spells))
    assert measures.recovered_within(13)(history) == (2.0, 4.0)  # that of week 40 began too late, those of 14 weeks and censored are not over


def test_decline_and_repeat_positives_and_care() -> None:
    distress = np.zeros((104, 4), dtype=np.int8)
    distress[:52, :2] = 1  # half of the cohort all through the first year
    distress[52:65, 0] = 2  # one for a quarter of the second
    distress[103, 1] = 1
    care = np.zeros((104, 4), dtype=np.int8)
    care[60, 0] = 2
    care[70, 3] = 2
    history = replace(blank(weeks(104), 4), distress=distress, care=care)
    assert measures.decline(history) == pytest.approx((14 / 208, 0.5))
    assert measures.repeat_positives(history) == (1.0, 2.0)  # the first two at the end of year 1, one of them at the end of year 2
    assert measures.students_in_care(history) == (1.0, 4.0)


def test_friends_at_year_ends_and_their_spread() -> None:
    history = blank(weeks(104), 4)
    history = replace(history, friends=by_student([3] * 104, [1] * 104, [0] * 104, [0] * 104))
    assert measures.friends_at_year_end(1, 2, 3)(history) == (2.0, 2.0)
    assert measures.friends_sd(2)(history) == pytest.approx((np.std([3, 1, 0, 0]), 1.0))


def test_friends_inside_and_outside_small_groups() -> None:
    history = blank(weeks(52), 6, replace(run_of().parameters, small_group_size=3))
    terms = [hashed_order(np.arange(1, 7), history.seed, "campus_groups", t) for t in (1, 2)]
    groups = [{frozenset(order[:3].tolist()), frozenset(order[3:].tolist())} for order in terms]
    first, second = ({pair for group in term for pair in _pairs(group)} for term in groups)
    friends = {(0, 1), (0, 2), (1, 4), (2, 5), (3, 4)}
    history = replace(history, ties={52: ties(dict.fromkeys(friends, 0.6) | {(0, 5): 0.4})})
    assert measures.strangers_share(1)(history) == (len(friends - first - second), 5.0)
    assert measures.friends_of_first_group()(history) == measures.friends_of_first_group(52)(history) == (len(friends & first), 5.0)


def _pairs(group: frozenset[int]) -> set[tuple[int, int]]:
    return {(i, j) for i in group for j in group if i < j}


def test_students_within_steps_of_an_officer() -> None:
    history = blank(weeks(52), 6, replace(run_of().parameters, campus_years=1))
    chain = ties({(0, 1): 0.6, (1, 2): 0.9, (2, 3): 0.5, (3, 4): 0.4})  # the last are no friends
    history = replace(history, ties={52: chain}, is_officer=by_student([1] * 52, *[[0] * 52] * 5, kind=np.bool_))
    assert [measures.tied_to_officers(steps)(history) for steps in (1, 2, 3, 4)] == [(1, 5), (2, 5), (3, 5), (3, 5)]


def test_contact_of_the_distressed_needs_both_kinds() -> None:
    history = blank(weeks(4), 2)
    assert measures.contact_of_distressed(history) == (0.0, 0.0)
    hours, distress = np.tile([6.0, 24.0], (4, 1)), np.tile(np.array([1, 0], dtype=np.int8), (4, 1))
    assert measures.contact_of_distressed(replace(history, contact_hours=hours, distress=distress)) == (6.0, 24.0)


# Drawing


@pytest.mark.parametrize(("name", "middle"), [("onset_rate", 0.0125), ("tie_half_life", (12 * 60) ** 0.5), ("friend_hours", None)])
def test_draws_lie_in_the_range_with_the_distribution_s_middle(name: str, middle: float | None) -> None:
    row, values = PARAMETERS[name], draw([name], 1024, 3)[:, 0]
    assert row.low <= values.min() < values.max() <= row.high
    if middle is None:  # a triangle: so much of it lies below its mode, the default
        assert np.mean(values < row.default) == pytest.approx((row.default - row.low) / (row.high - row.low), abs=0.01)
    else:
        assert np.median(values) == pytest.approx(middle, rel=0.01)


def test_a_whole_number_is_not_drawn() -> None:
    with pytest.raises(ValueError, match="students is integer"):
        draw(["students"], 4, 1)


# A toy whose answer is known: three values that depend on parameters through a noise that is the same at every point

TRUTH = {"recovery_rate": 0.08, "onset_rate": 0.012}
TOY = (
    Target("rate", "", 0.078, 0.082, "", "", "recovery", lambda history: (0.0, 0.0)),
    Target("product", "", 0.00092, 0.00100, "", "", "distress", lambda history: (0.0, 0.0)),
)
TOY_STAGES = (Stage("recovery", ("recovery_rate",), 512, range(2)), Stage("distress", ("onset_rate",), 512, range(3)),
              Stage("", (), 64, range(50, 53)))  # fmt: skip


def toy(values: dict[str, float], replicates: range) -> np.ndarray:
    v = {name: values.get(name, PARAMETERS[name].default) for name in TRUTH}
    bias = [(0.05, 0.03, -0.02, -0.06)[r % 4] for r in replicates]  # a world's own luck, none on average: left in, it would miss the ranges
    return np.array([[(v["recovery_rate"] + b, 1.0), (2 * (v["recovery_rate"] * v["onset_rate"] + b), 2.0)] for b in bias])


@pytest.mark.parametrize("workers", [1, 3])
def test_a_known_parameter_is_recovered_whatever_the_worlds_luck(workers: int) -> None:
    told: list[tuple[int, int]] = []
    results = fit(TOY_STAGES, TOY, toy, average=range(200), workers=workers, on_progress=lambda done, total: told.append((done, total)))
    assert abs(results[0].offset[0]) > 0.004  # more than the range is wide
    for result in results:
        accepted = result.points[result.is_accepted]
        assert 10 < len(accepted) < len(result.points) or result.stage.block == ""
        assert np.abs(accepted[:, 0] - TRUTH["recovery_rate"]).max() < 0.0025
    last = results[-1].points[results[-1].is_accepted]
    assert len(last) == min(64, results[1].is_accepted.sum())  # other worlds, the same verdict, since their luck is taken off
    assert last.mean(axis=0) == pytest.approx(list(TRUTH.values()), rel=0.03)
    assert told[-1][0] <= told[-1][1] == 2 * 512 + 3 * 512 + 3 * 64
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_a_stage_without_an_accepted_point_says_so() -> None:
    impossible = (replace(TOY[0], low=1.0, high=2.0), TOY[1])
    with pytest.raises(ValueError, match="stage 1 accepted none of 512 points"):
        fit(TOY_STAGES, impossible, toy, average=range(200))
    (alone,) = fit(TOY_STAGES[:1], impossible, toy, average=range(200))  # where no stage follows, that is the answer
    assert not alone.is_accepted.any()


def test_ends_of_a_range_are_inside_and_what_was_not_counted_is_not() -> None:
    assert inside(TOY, np.array([[0.078, 0.001], [0.0779, np.nan]])).tolist() == [[True, True], [False, False]]
    assert np.isnan(ratios(np.array([0.0, 0.0])))


def test_the_same_bytes_whatever_the_threads() -> None:
    names = ("onset_rate", "notice_contact", "sociability_mean")
    simulate, points = cohorts([t.sums for t in TARGETS], students=16), draw(names, 6, 2)
    one, three = (simulate_points(simulate, names, points, range(2), workers).tobytes() for workers in (1, 3))
    assert one == three
    values = dict(zip(names, points[5].tolist(), strict=True))
    assert np.array_equal(simulate_points(simulate, names, points, range(2))[5], simulate(values, range(2)).sum(axis=0))
    assert replicate_seed(1, 0) != replicate_seed(1, 1)


# What pulls against what


def test_pairs_that_exclude_one_another_come_first() -> None:
    rng = np.random.default_rng(5)
    a, c = rng.random(400) < 0.5, rng.random(400) < 0.5
    found = pairs(np.column_stack([a, ~a, c, np.zeros(400, dtype=bool)]), ["a", "not a", "c", "never"])
    assert (found[0].a, found[0].b, found[0].ratio) == ("a", "not a", 0.0)
    assert found[0].p < 1e-9 < 0.001 < min(each.p for each in found[1:])
    assert len(found) == 3  # nothing is said of a target that accepts nothing
    same = pair("a", "a", a, a)
    assert same is not None
    assert same.ratio == pytest.approx(1 / a.mean())


def test_what_a_target_refuses_is_counted_among_what_the_others_accept() -> None:
    results = fit(TOY_STAGES, TOY, toy, average=range(200))
    first, second = costs(results, TOY)
    assert (first.target, first.n_others) == ("rate", 512)
    assert first.inside == results[0].is_accepted.sum()
    assert first.inside + first.below + first.above == 512
    assert second.n_others == results[1].is_inside[:, 0].sum()
    assert second.inside == results[1].is_accepted.sum()
    (given,) = pairs_given_the_rest(results, TOY)
    assert given.n == 512


def test_the_place_of_a_value() -> None:
    assert place(np.array([1.0, 2.0, 3.0, 4.0]), 2.5) == 0.5
    assert place(np.array([1.0, 2.0, 2.0, 4.0]), 2.0) == 0.5
    assert place(np.array([1.0, 2.0]), 0.0) == 0.0


# What is shown of it


def made_up(accepted: float) -> list[Result]:
    """A fit's results made of random values, of which the share `accepted` lies inside all ranges."""
    rng, results = np.random.default_rng(8), []
    low, high = (np.array([getattr(t, end) for t in TARGETS]) for end in ("low", "high"))
    for stage in STAGES:
        is_in = rng.random(32) < accepted
        values = np.where(is_in[:, None], (low + high) / 2, high + 0.5)
        is_inside = inside(TARGETS, values)
        results.append(Result(stage, draw(parameters_of(STAGES), 32, 4), values, np.zeros(len(TARGETS)), is_inside, is_inside.all(axis=1)))
    return results


def test_the_tables_tell_every_stage_target_and_parameter() -> None:
    results = made_up(0.5)
    n = int(results[-1].is_accepted.sum())
    assert f"| {n} ({100 * n / 32:.1f} %) |" in fit_report.stage_lines(results)[-1]
    assert len(fit_report.stage_lines(results)) == 2 + len(STAGES)
    assert len(fit_report.cost_lines(results)) == 2 + len(TARGETS)
    assert len(fit_report.range_lines(results)) == 2 + len(parameters_of(STAGES))
    assert fit_report.n_distinct(results) == dict.fromkeys(BLOCKS, n)
    assert fit_report.pair_lines(fit_report.against(results), 0.001)[-1] == "| none | | | | | | |"  # all targets accept the same points


def test_the_same_results_are_the_same_picture() -> None:
    results = made_up(0.5)
    for drawn in (fit_report.draw_pairs, fit_report.draw_ranges):
        first, second = (to_svg(drawn(results), "picture") for _ in range(2))
        assert first == second
        assert "<path" in first
