"""The first screen's sentences, and what stands beside the report: pictures and tables as files, and what of a school they hold back."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from io import StringIO
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from experiments.compare import Comparison, compare, write
from experiments.figures import PICTURES, pictures
from experiments.in_short import about, answer, assumed, best, cost
from experiments.replicate import MISSED
from experiments.report import render
from experiments.report_files import TABLES, every_file, table_csv
from experiments.report_tables import TOO_RARE, adding_up, cascade_grids, evidence_grid, missed_counts_told, missed_grid, year_end_grids
from experiments.style import SHADES
from experiments.tables import NOTHING
from simulation.evidence.parameters import PARAMETERS
from simulation.record.outcomes import HEADLINE
from simulation.scenario.school import FEWEST_TOLD
from tests.unit.fakes_of_experiments import fake_run, quick_comparison, small_scenario, with_school


@pytest.fixture(scope="module")
def four() -> Comparison:
    return quick_comparison(replicates=6)


@pytest.fixture(scope="module")
def school() -> Comparison:
    return compare([with_school(small_scenario(name)) for name in ("informal", "officers-outreach")], replicates=6, workers=1, run=fake_run)


def table(name: str, comparison: Comparison) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(table_csv(TABLES[name], comparison))))


# --- the first screen ---


def with_headline(monkeypatch: pytest.MonkeyPatch, four: Comparison, *others: tuple[float, float, float], base: float = 5.1) -> Comparison:
    """The comparison with the headline's rows as given: mean, and the interval of the difference to the baseline."""
    found = four.of
    rows = [{"mean": base, "difference": None, "difference_low": None, "difference_high": None}]
    rows += [{"mean": mean, "difference": mean - base, "difference_low": low, "difference_high": high} for mean, low, high in others]
    known = four.of(HEADLINE)
    monkeypatch.setattr(Comparison, "of", lambda self, outcome: found(outcome) if outcome != HEADLINE else [
        {**old, **new} for old, new in zip(known[: len(rows)], rows, strict=True)])  # fmt: skip
    return replace(four, scenarios=four.scenarios[: len(rows)])


@pytest.mark.parametrize(("values", "said"), [
    ((5.1, 3.2), ["5", "3"]), ((3.02, 2.67), ["3.0", "2.7"]), ((3.02, 2.99), ["3.02", "2.99"]), ((5.4, 4.6), ["5.4", "4.6"]), ((4.1,), ["4"]),
    ((5.4, 4.4), ["5", "4"]), ((0.31,), ["0.3"]), ((0.02,), ["0.02"]), ((0.0,), ["0"]), ((4.1, 4.1), ["4.100", "4.100"]),
])  # fmt: skip
def test_means_are_said_with_as_few_digits_as_keep_them_apart(values: tuple[float, ...], said: list[str]) -> None:
    assert about(*values) == said


def test_the_answer_names_the_scenario_that_leaves_fewest(monkeypatch: pytest.MonkeyPatch, four: Comparison) -> None:
    given = with_headline(monkeypatch, four, (4.9, -0.5, 0.1), (3.2, -2.4, -1.4), (4.0, -1.5, -0.7))
    given = replace(given, headline=np.array([[5.0] * 6, [5.0] * 6, [3.0] * 4 + [5.0, 6.0], [4.0] * 6]))
    assert best(given) == 2
    first, second = answer(given)
    assert first == ("Out of 100 students, about 5 would at some time be distressed for weeks, mostly without a friend in the cohort, and reached by "
                     "nobody, under \u201cInformal support alone\u201d; under \u201cVolunteer officers\u201d about 3.")  # fmt: skip
    assert second == ("In 4 of 6 simulated cohorts fewer, in 1 more, in 1 the same number; the average difference lies between 1.4 and 2.4 "
                      "of 100 students (95 % interval).")  # fmt: skip


def test_the_answer_names_none_where_none_is_known_to_leave_fewer(monkeypatch: pytest.MonkeyPatch, four: Comparison) -> None:
    given = with_headline(monkeypatch, four, (4.9, -0.5, 0.1), (6.2, 0.4, 1.4))
    assert best(given) is None
    assert answer(given)[1:] == ["No other scenario is known to leave fewer; 1 of 2 leave more."]


def test_the_answer_of_few_cohorts_or_one_scenario() -> None:
    assert answer(quick_comparison(replicates=2))[1:] == ["2 simulated cohorts are too few to tell the scenarios apart."]
    assert len(answer(quick_comparison(("informal",), 6))) == 1
    same = compare([small_scenario(), replace(small_scenario(), name="twin")], replicates=5, workers=1, run=fake_run)
    assert answer(same)[1:] == ["Under every other scenario it is the same in every cohort."]
    assert "\u201cinformal\u201d" in answer(same)[0]  # titles that are alike tell nothing


def test_the_cost_is_said_in_hours_and_in_load(monkeypatch: pytest.MonkeyPatch, four: Comparison) -> None:
    said = cost(with_headline(monkeypatch, four, (4.9, -0.5, 0.1), (5.0, -0.3, 0.2), (3.2, -2.4, -1.4)))
    hours = four.of("officer_hours")[3]["mean"]
    assert f"\u201cVolunteer officers with outreach\u201d takes {hours:.0f} officer-hours a student over the course" in said
    assert f"{four.of('officer_burden_p95')[3]['mean']:.2f} on officers" in said


def test_one_design_without_officers_takes_no_hours() -> None:
    assert cost(quick_comparison(("informal",), 6)).startswith("It takes no officer-hours. At its heaviest helping weighs ")


def test_what_is_assumed_is_counted() -> None:
    counts = [int(n) for n in re.findall(r"\d+", assumed())]
    assert counts[0] == len(PARAMETERS) == sum(counts[1:])


# --- tables ---


def test_rounded_parts_add_up_to_their_rounded_sum() -> None:
    rng = np.random.default_rng(1)
    for _ in range(200):
        values = rng.gamma(0.5, 5, 13)
        rounded = adding_up(values, 1)
        assert round(rounded.sum(), 1) == round(values.sum(), 1)
        assert (np.abs(rounded - values) < 0.1 + 1e-9).all()
    assert adding_up(np.zeros(3), 1).tolist() == [0, 0, 0]


def test_the_breakdown_as_shown_adds_up(four: Comparison) -> None:
    *rows, total = missed_grid(four).rows
    for s in range(len(four.names)):
        parts = [float(texts[s]) for _, texts in rows]
        assert round(sum(parts), 1) == float(total[1][s])
        assert float(total[1][s]) == pytest.approx(100 * (1 - four.of("reach")[s]["mean"]), abs=0.06)


def test_evidence_is_counted_by_part() -> None:
    *rows, total = evidence_grid().rows
    counts = [[0 if text == NOTHING else int(text) for text in texts] for _, texts in rows]
    assert np.sum(counts, axis=0).tolist() == [int(text) for text in total[1]]
    assert total[1][-1] == str(len(PARAMETERS))
    assert all(sum(row[:-1]) == row[-1] for row in counts)


def test_tables_hold_what_the_comparison_found(four: Comparison) -> None:
    found = table("glance", four)
    assert [float(row["unreached_of_100"]) for row in found] == [row["mean"] for row in four.of(HEADLINE)]
    assert found[0]["cohorts_fewer"] == "" and sum(int(found[1][f"cohorts_{way}"]) for way in ("fewer", "same", "more")) == 6
    missed = [row for row in table("missed", four) if row["scenario"] == "training"]
    assert [int(row["episodes"]) for row in missed[:-1]] == four.reasons[1].tolist() and len(missed) == len(MISSED) + 1
    assert len(table("cohorts", four)) == 4 * 6
    assert {row["parameter"] for row in table("parameters", four)} == set(PARAMETERS)
    weeks = [row for row in table("weeks", four) if row["scenario"] == "informal" and row["series"] == "friends_mean"]
    assert len(weeks) == four.weekly[0].shape[2]
    assert float(weeks[60]["mean"]) == pytest.approx(four.weekly[0][:, 3, 60].mean())


# --- files ---


def test_pictures_and_tables_stand_beside_the_report(four: Comparison, tmp_path: Path) -> None:
    files = {path.relative_to(tmp_path).as_posix() for path in write(four, tmp_path)}
    assert every_file() <= files and len(every_file()) == 2 * len(PICTURES) + len(TABLES)
    for name in PICTURES:
        root = ElementTree.parse(tmp_path / "figures" / f"{name}.svg").getroot()
        assert root.tag.endswith("svg") and root.get("role") == "img" and root[0].text
        assert (tmp_path / "figures" / f"{name}.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    one = quick_comparison(("informal",), 2)
    write(one, tmp_path)
    left = {path.name for path in (tmp_path / "figures").iterdir()}
    assert "differences.svg" not in left and "changed.png" not in left and "headline.svg" in left


def test_a_folder_made_for_nothing_is_taken_away(four: Comparison, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def disk_full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("experiments.compare._write_csv", disk_full)
    with pytest.raises(OSError, match="no space left"):
        write(four, tmp_path / "out")
    assert list((tmp_path / "out").rglob("*")) == []


def test_a_picture_in_the_page_uses_the_pages_colours_alone(four: Comparison) -> None:
    for picture in pictures(four):
        used = set(re.findall(r": (#[0-9a-f]{6})", picture.element))
        assert not used, f"{picture.name}: {used} cannot be read in the dark"
        assert "xmlns" in picture.svg and "xmlns" not in picture.element
    css = render(four)
    assert all(css.count(f"--f-{shade}: ") == 2 for shade in SHADES)


# --- a school ---


def test_of_a_school_rare_reasons_are_told_together(school: Comparison) -> None:
    rare = replace(school, reasons=np.array([[60, 3, 1, 9, 0, 0, 40, 0, 0, 0, 0, 50, 2], [60, 4, 1, 9, 0, 0, 40, 0, 0, 0, 0, 50, 2]]))
    texts, counts = missed_counts_told(rare)
    assert texts[-1] == TOO_RARE and len(texts) == 5
    assert counts.min() >= FEWEST_TOLD and (counts.sum(axis=1) == rare.reasons.sum(axis=1)).all()
    alone = replace(school, reasons=np.array([[60, 3, 0, 0, 0, 0, 7, 0, 0, 0, 0, 50, 0]] * 2))
    texts, counts = missed_counts_told(alone)
    assert counts[:, -1].tolist() == [10, 10], "three alone could be told from the total, so the next rarest goes with them"
    synthetic = replace(rare, scenarios=tuple(replace(one, school=None) for one in rare.scenarios))
    assert TOO_RARE not in missed_counts_told(synthetic)[0]


def test_of_a_school_no_share_of_too_few_is_shown(school: Comparison) -> None:
    cascade = school.cascade.copy()
    cascade[..., 0, :] = 0
    cascade[:, 0, 0, :] = [9, 8, 7, 4, 1, 0]
    few = replace(school, cascade=cascade)
    rows = cascade_grids(few)[0][1].rows
    assert [text != NOTHING for text in rows[0][1]] == [True, True, False, False, False]
    assert all(row["percent"] for row in table("cascade", few) if row["step"] == "noticed" and row["at_onset"] == "isolated")
    assert not any(row["percent"] for row in table("cascade", few) if row["step"] == "accepted" and row["at_onset"] == "isolated")
    ends = [end.copy() for end in school.year_ends]
    ends[0][0, 3], ends[0][1, 3] = 4 / 240, 5 / 240  # of 40 students in 6 cohorts
    shares = dict(year_end_grids(replace(school, year_ends=ends))[0][1].rows)["without a friend, %"]
    assert shares == (NOTHING, "2.1")


def test_of_a_school_no_single_cohort_and_no_single_student_is_written(school: Comparison, tmp_path: Path) -> None:
    write(school, tmp_path)
    assert not (tmp_path / "figures" / "changed.svg").exists()
    assert list(table("cohorts", school)[0]) == ["scenario", "quantile_5", "quantile_25", "quantile_50", "quantile_75", "quantile_95"]
    assert len(table("cohorts", school)) == 2
    present = school.weekly[0][:, 0].sum(axis=0)
    for row in table("weeks", school):
        if row["series"] != "friends_mean" and row["mean"] and row["scenario"] == "informal":
            assert round(float(row["mean"]) * present[int(row["week"]) - 1]) >= FEWEST_TOLD
