"""What is said: sentences, tables, pictures and the report."""

from __future__ import annotations

import re
from dataclasses import replace
from io import StringIO

import matplotlib
import numpy as np
import pytest
from rich.console import Console

from experiments.compare import Comparison, compare
from experiments.figure_help import MISSED_KINDS, cascade_shares, draw_missed
from experiments.figure_years import MOST_LINES, _fan
from experiments.figures import PICTURES, pictures
from experiments.replicate import MISSED
from experiments.report import render
from experiments.shown import FEWEST_FOR_INTERVALS, possible_range, shown_rows, tally, tally_said
from experiments.style import MOST_LETTERS, STYLE, short, to_svg
from experiments.tables import SUMMARY, cell_of, cells_of, decimals, headline_sentences, number, render_table, signed, summary_table
from simulation.evidence.parameters import PARAMETERS
from simulation.record.history import Episodes, History
from simulation.record.outcomes import HEADLINE, OUTCOMES
from simulation.scenario.scenario import Scenario, bundled
from simulation.scenario.school import Timetable
from tests.unit.fakes_of_experiments import fake_run, quick_comparison, small_scenario, with_school
from tests.unit.read_page import Page

COMMAND = "wardmates compare informal officers --replicates 6 --seed 1"


def nothing_happens(scenario: Scenario, seed: int) -> History:
    history = fake_run(scenario, seed)
    empty = Episodes(**{name: getattr(history.episodes, name)[:0] for name in Episodes.__annotations__})
    return replace(history, episodes=empty, distress=np.zeros_like(history.distress), friends=np.zeros_like(history.friends))


def row(mean: float | None, low: float | None = None, high: float | None = None, difference: float | None = None,
        difference_low: float | None = None, difference_high: float | None = None, outcome: str = HEADLINE, unit: str = "students") -> dict:
    return {"scenario": "other", "outcome": outcome, "unit": unit, "mean": mean, "low": low, "high": high, "difference": difference,
            "difference_low": difference_low, "difference_high": difference_high, "p_better": 0.62}  # fmt: skip


@pytest.fixture(scope="module")
def four() -> Comparison:
    return quick_comparison(replicates=6)


@pytest.fixture(scope="module")
def html(four: Comparison) -> str:
    return render(four, COMMAND)


@pytest.mark.parametrize(("value", "half", "places"), [(5.123, 0.71, 1), (5.123, 0.11, 2), (34.2, 4.0, 0), (0.25, 0.001, 3), (120.0, 30.0, 0),
                                                       (0.0, None, 0), (5.123, None, 1), (0.05, None, 3), (7.0, 0.0, 1)])  # fmt: skip
def test_digits_follow_the_uncertainty(value: float, half: float | None, places: int) -> None:
    assert decimals(value, half) == places


def test_numbers_have_true_signs_and_no_negative_zero() -> None:
    assert [number(-1234.56, 1), number(-0.04, 1)] == ["\u22121,234.6", "0.0"]
    assert [signed(0.04, 1), signed(0.06, 1), signed(-2, 0)] == ["0.0", "+0.1", "\u22122"]


def test_cells_mark_what_is_told_from_none_and_in_which_direction() -> None:
    fewer = cell_of(row(4.3, 3.6, 5.0, -0.8, -1.4, -0.2))
    assert (fewer.value, fewer.interval, fewer.difference, fewer.difference_interval, fewer.mark) == (
        "4.3", "3.6 to 5.0", "\u22120.8", "\u22121.4 to \u22120.2", "better")  # fmt: skip
    assert cell_of(row(4.3, 3.6, 5.0, 0.8, 0.2, 1.4)).mark == "worse"
    assert cell_of(row(4.3, 3.6, 5.0, -0.8, -1.8, 0.2)).mark == ""
    assert cell_of(row(4.3, 3.6, 5.0, 0.0, 0.0, 0.0)).mark == "same"
    assert cell_of(row(0.34, 0.30, 0.38, 0.05, 0.02, 0.08, "reach", "share of episodes")).difference == "+5"
    assert cell_of(row(9.0, 8.0, 10.0, 1.0, 0.5, 1.5, "officer_hours", "hours per student")).mark == "differs"
    assert cell_of(row(None)).value == "\u2013"


def test_an_interval_that_excludes_none_does_not_round_to_it() -> None:
    cell = cell_of(row(3.0, 2.2, 3.8, -0.25, -0.48, -0.02))
    assert cell.mark == "better"
    assert cell.difference_interval == "\u22120.48 to \u22120.02"


def sentences_of(monkeypatch: pytest.MonkeyPatch, four: Comparison, *rows: dict) -> list[str]:
    monkeypatch.setattr(Comparison, "of", lambda self, outcome: [row(5.1, 4.4, 5.8) | {"scenario": "informal"}, *rows])
    return headline_sentences(four)


def test_headline_sentences_say_how_sure_they_are(monkeypatch: pytest.MonkeyPatch, four: Comparison) -> None:
    five = replace(four, headline=np.array([[5.0] * 40, [4.0] * 2 + [5.0] * 38, [6.0] * 30 + [5.0] * 4 + [4.0] * 6, [4.0, 6.0] * 20, [5.0] * 40]),
                   replicates=40)  # fmt: skip
    base, fewer, more, unclear, same = sentences_of(
        monkeypatch, five, row(4.3, 3.6, 5.0, -0.8, -1.4, -0.2), row(6.1, 5.4, 6.8, 1.0, 0.4, 1.6), row(5.0, 4.3, 5.7, -0.1, -0.9, 0.7),
        row(5.1, 4.4, 5.8, 0.0, 0.0, 0.0))  # fmt: skip
    assert base.startswith("Out of 100 students, about 5.1 (95 % interval 4.4 to 5.8) were at some time distressed")
    assert fewer == "other: 4.3, that is 0.8 fewer (0.2 to 1.4 fewer); fewer in 2 of 40 cohorts, more in none, the same in 38."
    assert more == "other: 6.1, that is 1.0 more (0.4 to 1.6 more); more in 30 of 40 cohorts, fewer in 6, the same in 4."
    assert unclear == ("other: 5.0, that is 0.1 fewer (0.9 fewer to 0.7 more): not told apart from no difference; "
                       "fewer in 20 of 40 cohorts, more in 20.")  # fmt: skip
    assert same == "other: 5.1, the same as under `informal` in every cohort."


def test_headline_sentences_of_one_cohort_or_none(monkeypatch: pytest.MonkeyPatch) -> None:
    one = headline_sentences(quick_comparison(("informal", "officers"), 1))
    assert "(one simulated cohort is too few for an interval)" in one[0] and "may be chance" in one[1]
    none = headline_sentences(compare([small_scenario()], replicates=5, workers=1, run=nothing_happens))
    assert none[0].startswith("Out of 100 students, 0 (the same in every cohort)")


def test_the_summary_leaves_out_what_nobody_can_count(four: Comparison) -> None:
    assert [r.outcome for r in summary_table(four)] == list(SUMMARY)
    alone = summary_table(quick_comparison(("informal",), 3))
    assert {"officer_burden_p95", "false_outreach_share"} == set(SUMMARY) - {r.outcome for r in alone}
    assert all(len(r.cells) == 4 for r in summary_table(four))


def test_the_terminal_table_names_every_scenario_and_marks_differences(four: Comparison) -> None:
    console = Console(file=StringIO(), width=200)
    console.print(render_table(four))
    text = console.file.getvalue()
    assert all(name in text for name in four.names)
    assert "% of episodes" in text and "higher is better" in text
    assert "better" in text and "no difference" in text


def test_the_report_asks_no_other_host(html: str) -> None:
    page = Page(html)
    assert page.addresses and all(address.startswith("#") for address in page.addresses)
    assert not re.search(r"(url\(|@import|src=|href=)\s*['\"]?\s*(?!#)[a-z]*:?//", html, re.IGNORECASE)
    assert "http://" not in html and "https://" not in html
    assert page.tags["script"] == page.tags["link"] == page.tags["iframe"] == 0


def test_the_report_is_the_same_bytes_for_the_same_comparison(four: Comparison, html: str) -> None:
    assert render(quick_comparison(replicates=6), COMMAND) == html


def test_ids_are_unique_and_references_meet_them(html: str) -> None:
    page = Page(html)
    assert [name for name, count in page.ids.items() if count > 1] == []
    assert {address[1:] for address in page.addresses} <= set(page.ids)
    assert set(re.findall(r'url\(#([^)]+)\)', html)) <= set(page.ids)


def test_pictures_have_text_alternatives_and_tables_captions(html: str, four: Comparison) -> None:
    page = Page(html)
    assert page.tags["svg"] == page.tags["figure"] == page.tags["figcaption"] == len(PICTURES) == 9
    assert page.tags["table"] == html.count('<div class="wide" role="region" tabindex="0" aria-label="')
    found = pictures(four)
    assert [picture.name for picture in found] == list(PICTURES)
    for picture in found:
        assert picture.text in page.labels
        assert f"<title>{picture.text}</title>" in picture.svg
        assert all(name in picture.text for name in four.names[1:])


def test_the_report_keeps_its_order_and_says_what_it_must(html: str) -> None:
    sections = ("short", "compared", "found", "way", "groups", "missed", "years", "costs", "cohorts", "outcomes", "assumed", "cannot", "support",
                "provenance", "sources")  # fmt: skip
    order = [html.index(f'id="{name}"') for name in sections]
    assert order == sorted(order)
    for text in ("not a clinical tool", "cannot show that a program prevents illness", "No deaths are simulated", "run from 6 to 56",
                 "support lines here before showing it to a class", COMMAND, "10.1186/s12909-022-03368-w"):  # fmt: skip
        assert text in html
    assert not re.search(r"\b(committed|successful|failed)\b", html, re.IGNORECASE)


def test_assumptions_are_counted_and_changes_shown(html: str) -> None:
    counts = [int(n) for n in re.findall(r"<b>(\d+) (?:measured|derived|recalled|assumed)</b>", html)]
    assert len(counts) == 4 and sum(counts) == len(PARAMETERS)
    assert "<code>campus_years</code>" in html and "<code>onset_rate</code>" not in html


def test_what_the_user_wrote_is_escaped() -> None:
    scenario = replace(small_scenario(), title="<script>alert(1)</script>", description="a & b")
    page = render(compare([scenario], replicates=2, workers=1, run=fake_run), "wardmates compare '<b>'")
    assert "<script>" not in page and "&lt;script&gt;" in page
    assert "a &amp; b" in page and "&#39;&lt;b&gt;&#39;" in page


@pytest.mark.parametrize("replicates", [1, 3])
def test_one_scenario_and_few_cohorts_still_make_a_report(replicates: int) -> None:
    page = render(quick_comparison(("informal",), replicates))
    assert Page(page).tags["svg"] == len(PICTURES) - 2
    assert "nan" not in re.sub(r"<[^>]*>", " ", page).lower().split()


def test_a_course_in_which_nothing_happens_still_makes_a_report() -> None:
    quiet = compare([small_scenario(), small_scenario("officers")], replicates=3, workers=1, run=nothing_happens)
    page = render(quiet)
    assert Page(page).tags["svg"] == len(PICTURES)
    assert "nan" not in re.sub(r"<[^>]*>", " ", page).lower().split()
    assert np.isnan(cascade_shares(quiet)).all()


def test_a_school_is_said_to_be_one_and_its_notes_are_shown() -> None:
    page = render(compare([with_school(small_scenario())], replicates=2, workers=1, run=fake_run))
    assert "drawn up after the school" in page and "40 students on the roster" in page and "abc123" in page


def test_kinds_of_reasons_hold_each_reason_once() -> None:
    assert sorted(reason for _, reasons, _ in MISSED_KINDS for reason in reasons) == sorted(MISSED)


def test_many_scenarios_of_different_length_can_be_drawn() -> None:
    scenarios = [small_scenario(name, clinical_years=1 + (name == "ug5")) for name in [*list(bundled())[:10], "ug5"]]
    many = compare(scenarios, replicates=2, workers=1, run=fake_run)
    years = next(picture for picture in pictures(many) if picture.name == "years")
    assert f"the {MOST_LINES - 1} scenarios whose headline differs most" in years.caption


def test_labels_keep_the_order_of_scenarios_and_stay_in_the_panel() -> None:
    placed = _fan(np.array([3.0, 9.0, 3.1, 0.0]), 1.0, 10.0)
    assert (np.diff(placed) <= -1.0 + 1e-9).all()
    assert placed[:2] == pytest.approx([6.5, 5.5])  # crossed, so they share their middle
    assert placed[2:] == pytest.approx([3.1, 0.0])
    assert _fan(np.zeros(3), 2.0, 10.0) == pytest.approx([4.0, 2.0, 0.0])
    assert _fan(np.full(3, 10.0), 2.0, 10.0) == pytest.approx([10.0, 8.0, 6.0])


def test_cohorts_are_counted_and_ties_are_no_wins(four: Comparison) -> None:
    assert tally_said(2, 38, 0) == "fewer in 2 of 40 cohorts, more in none, the same in 38"
    assert tally_said(0, 1, 3, is_more_first=True) == "more in 3 of 4 cohorts, fewer in none, the same in 1"
    assert tally_said(0, 0, 1) == "fewer in none of 1 cohort, more in 1"
    assert tally_said(0, 0, 0) == ""
    for s in range(1, 4):
        fewer, same, more = tally(four, s)
        assert fewer + same + more == 6
        assert (fewer + same / 2) / 6 == pytest.approx(four.of(HEADLINE)[s]["p_better"])
    assert four.headline.mean(axis=1) == pytest.approx([found["mean"] for found in four.of(HEADLINE)])


def test_too_few_cohorts_show_no_interval_and_no_verdict_anywhere() -> None:
    few = quick_comparison(replicates=FEWEST_FOR_INTERVALS - 1)
    assert any(found["low"] is not None for found in few.rows)  # the rows keep what was specified
    cells = [cell for r in summary_table(few, tuple(OUTCOMES)) for cell in r.cells]
    assert not any(cell.interval for cell in cells)
    assert {cell.mark for cell in cells} <= {"", "same"}
    assert not any(cell.difference_interval for cell in cells if cell.mark != "same")
    assert np.isnan(cascade_shares(few)[1:]).all()
    console = Console(file=StringIO(), width=200)
    console.print(render_table(few))
    said = " ".join([*headline_sentences(few), *(picture.text + picture.caption for picture in pictures(few)), console.file.getvalue()])
    assert "too few" in said
    assert not re.search(r"95 %|\d to \d|better$|\d (better|worse|differs)", said, re.MULTILINE)
    page = render(few)
    assert not re.search(r'class="(better|worse|differs|mark)"', page)
    assert "too few for intervals" in page
    enough = render(quick_comparison(replicates=FEWEST_FOR_INTERVALS))
    assert re.search(r'class="(better|worse|differs)"', enough) and "too few for intervals" not in enough


def wide(four: Comparison, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every interval far beyond what is possible."""
    found = four.of
    wider = {"low": -3.0, "high": 400.0, "cohort_low": -5.0, "cohort_high": 500.0}

    def of(self: Comparison, outcome: str) -> list[dict]:
        return [r | wider | ({"difference_low": -300.0, "difference_high": 300.0} if r["difference"] is not None else {}) for r in found(outcome)]

    monkeypatch.setattr(Comparison, "of", of)


def test_intervals_end_where_the_possible_values_end(four: Comparison, monkeypatch: pytest.MonkeyPatch) -> None:
    wide(four, monkeypatch)
    for outcome in OUTCOMES:
        low, high = possible_range(outcome)
        for s, found in enumerate(shown_rows(four, outcome)):
            assert (found["low"], found["high"]) == (max(low, -3.0), min(high, 400.0))
            assert found["cohort_low"] == max(low, -5.0)
            if s and found["difference"] is not None:
                assert (found["difference_low"], found["difference_high"]) == (max(low - high, -300.0), min(high - low, 300.0))
    assert possible_range("reach") == (0, 1) and possible_range(HEADLINE) == (0, 100) and possible_range("equity_gap") == (-1, 1)
    assert four.of("reach")[0]["low"] == -3.0


def test_pictures_hold_wide_intervals_and_long_names(four: Comparison, monkeypatch: pytest.MonkeyPatch) -> None:
    """Warnings are errors, and matplotlib warns where a layout collapses."""
    names = ["informal", "a-name-of-a-scenario-that-is-so-long-that-no-figure-has-the-room-for-it-on-a-line", "m" * 70, "officers"]
    scenarios = tuple(replace(scenario, name=name) for scenario, name in zip(four.scenarios, names, strict=True))
    wide(four, monkeypatch)
    assert len(pictures(replace(four, scenarios=scenarios))) == len(PICTURES)
    with matplotlib.rc_context(STYLE):
        figure, _, _ = draw_missed(replace(four, scenarios=scenarios))
        to_svg(figure, "missed")
        axis = figure.axes[0]
        totals = [text for text in axis.texts if text.get_transform() != axis.transData]
        assert [text.get_position()[0] for text in totals] == [1.02] * 4
        assert max(line.get_xdata().max() for line in axis.lines) == 100 and min(line.get_xdata().min() for line in axis.lines) == 0
        canvas = figure.bbox
        for text in [*totals, *axis.get_yticklabels()]:
            box = text.get_window_extent()
            assert canvas.x0 <= box.x0 and box.x1 <= canvas.x1, text.get_text()


def test_names_are_cut_after_two_lines() -> None:
    assert short("officers-outreach") == "officers-outreach"
    assert [len(line) for line in short("m" * 70).split("\n")] == [MOST_LETTERS] * 2 and short("m" * 70).endswith("m\u2026")
    assert short("m" * 70, 1) == "m" * (MOST_LETTERS - 1) + "\u2026"


def test_values_in_one_row_have_the_same_decimals() -> None:
    cells = cells_of([row(5.12, 4.4, 5.8), row(4.3, 4.29, 4.31, -0.8, -1.4, -0.2), row(None)])
    assert [cell.value for cell in cells] == ["5.120", "4.300", "\u2013"]
    assert cells[0].interval == "4.400 to 5.800"


def test_the_report_says_whose_groups_and_hours_hold() -> None:
    scenario = with_school(small_scenario("informal", placement_hours=20, block_weeks=8))
    timetable = Timetable(*(np.zeros(1, dtype=np.int64) for _ in range(3)), np.array([60]), np.array([70]), np.array([20.0]))
    school = replace(scenario.school, campus_group=np.zeros(40, dtype=np.int64), timetable=timetable)
    page = render(compare([replace(scenario, school=school)], replicates=2, workers=1, run=fake_run))
    decided = page[page.index("Settings: ") :][: page[page.index("Settings: ") :].index("</details>")]
    assert "campus groups: the roster&#39;s own groups;" in decided and "up to" not in decided
    assert "placement groups: the school&#39;s own timetable" in decided
    assert "placement blocks: as in the timetable" in decided and "placement hours: as in the timetable" in decided
    changed = page[page.index("Values that a scenario sets") : page.index("Every value with its source")]
    assert "block_weeks" not in changed and "placement_hours" not in changed
    plain = render(compare([small_scenario("informal", block_weeks=8)], replicates=2, workers=1, run=fake_run))
    assert "placement blocks: 8 weeks; placement hours: 28 a week" in plain and "<code>block_weeks</code>" in plain


def test_warnings_and_what_was_read_stand_apart() -> None:
    page = render(compare([with_school(small_scenario())], replicates=2, workers=1, run=fake_run))
    warnings, read = page.index("Before leaning on it"), page.index("What was read")
    assert warnings < page.index("simulated cohorts of each scenario are few") < read < page.index("40 students on the roster")
    assert "What was read" not in render(quick_comparison(("informal",), 2))


def test_the_report_shows_no_internal_codes_and_nothing_unfilled() -> None:
    page = render(compare([small_scenario(name) for name in bundled()], replicates=1, workers=1, run=fake_run))
    text = re.sub(r"<svg.*?</svg>|<style.*?</style>|<[^>]*>", " ", page, flags=re.DOTALL)
    assert not re.search(r"\((F\d|P\d|[AOSTB])\)", text)
    assert "no officers" in text and "informal support alone" not in text
    assert not re.search(r"\[(name|crisis|emergency)", text)
    own = replace(small_scenario(), title="Plan (B)", description="Ours (P1)")
    page = render(compare([own], replicates=1, workers=1, run=fake_run))
    assert "<b>Plan (B)</b>" in page and "Ours (P1)</small>" in page
