"""What is said: sentences, tables, pictures and the report."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from io import StringIO

import numpy as np
import pytest
from rich.console import Console

from experiments.compare import Comparison, compare
from experiments.execute import MISSED
from experiments.figure_years import MOST_LINES, _apart
from experiments.figures import MISSED_KINDS, cascade_shares, pictures
from experiments.report import render
from experiments.tables import SUMMARY, cell_of, decimals, headline_sentences, number, render_table, signed, summary_table
from simulation.evidence.parameters import PARAMETERS
from simulation.record.history import Episodes, History
from simulation.record.outcomes import HEADLINE
from simulation.scenario.scenario import Scenario, bundled
from tests.unit.fakes_of_experiments import fake_run, quick_comparison, small_scenario, with_school

COMMAND = "wardmates compare informal officers --replicates 6 --seed 1"


def nothing_happens(scenario: Scenario, seed: int) -> History:
    history = fake_run(scenario, seed)
    empty = Episodes(**{name: getattr(history.episodes, name)[:0] for name in Episodes.__annotations__})
    return replace(history, episodes=empty, distress=np.zeros_like(history.distress), friends=np.zeros_like(history.friends))


def row(mean: float | None, low: float | None = None, high: float | None = None, difference: float | None = None,
        difference_low: float | None = None, difference_high: float | None = None, outcome: str = HEADLINE, unit: str = "students") -> dict:
    return {"scenario": "other", "outcome": outcome, "unit": unit, "mean": mean, "low": low, "high": high, "difference": difference,
            "difference_low": difference_low, "difference_high": difference_high, "p_better": 0.62}  # fmt: skip


class Page(HTMLParser):
    """Ids, addresses, texts of headings and captions of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: Counter[str] = Counter()
        self.addresses: list[str] = []
        self.tags: Counter[str] = Counter()
        self.labels: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        for name, value in attrs:
            if name == "id":
                self.ids[value or ""] += 1
            elif name in ("src", "href", "xlink:href", "srcset", "action"):
                self.addresses.append(value or "")
            elif name == "aria-label":
                self.labels.append(value or "")


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
    base, fewer, more, unclear, same = sentences_of(
        monkeypatch, four, row(4.3, 3.6, 5.0, -0.8, -1.4, -0.2), row(6.1, 5.4, 6.8, 1.0, 0.4, 1.6), row(5.0, 4.3, 5.7, -0.1, -0.9, 0.7),
        row(5.1, 4.4, 5.8, 0.0, 0.0, 0.0))  # fmt: skip
    assert base.startswith("Out of 100 students, about 5.1 (95 % interval 4.4 to 5.8) were at some time distressed")
    assert fewer == "other: 4.3, that is 0.8 fewer (0.2 to 1.4 fewer); fewer in 62 % of the simulated cohorts, ties counted half."
    assert more.startswith("other: 6.1, that is 1.0 more (0.4 to 1.6 more);")
    assert unclear.startswith("other: 5.0, that is 0.1 fewer (0.9 fewer to 0.7 more): not told apart from no difference;")
    assert same == "other: 5.1, the same as under `informal`."


def test_headline_sentences_of_one_cohort_or_none(monkeypatch: pytest.MonkeyPatch) -> None:
    one = headline_sentences(quick_comparison(("informal", "officers"), 1))
    assert "one simulated cohort" in one[0] and "may be chance" in one[1]
    none = headline_sentences(compare([small_scenario()], replicates=2, workers=1, run=nothing_happens))
    assert none[0].startswith("Out of 100 students, 0 (95 % interval alike in every cohort)")


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
    assert page.tags["svg"] == page.tags["figure"] == page.tags["figcaption"] == 5
    assert page.tags["table"] == page.tags["caption"]
    found = pictures(four)
    assert [picture.name for picture in found] == ["headline", "differences", "cascade", "missed", "years"]
    for picture in found:
        assert picture.text in page.labels
        assert all(name in picture.text for name in four.names[1:])


def test_the_report_keeps_its_order_and_says_what_it_must(html: str) -> None:
    sections = ("compared", "found", "costs", "outcomes", "way", "missed", "assumed", "cannot", "provenance", "sources")
    order = [html.index(f'id="{name}"') for name in sections]
    assert order == sorted(order)
    for text in ("not a clinical tool", "cannot show that a program prevents illness", "No deaths are simulated",
                 "A place for your local support lines", COMMAND, "10.1186/s12909-022-03368-w"):  # fmt: skip
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
    assert Page(page).tags["svg"] == 4
    assert "nan" not in re.sub(r"<[^>]*>", " ", page).lower().split()


def test_a_course_in_which_nothing_happens_still_makes_a_report() -> None:
    quiet = compare([small_scenario(), small_scenario("officers")], replicates=3, workers=1, run=nothing_happens)
    page = render(quiet)
    assert Page(page).tags["svg"] == 5
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
    years = pictures(many)[-1]
    assert f"the {MOST_LINES - 1} scenarios whose headline differs most" in years.caption


def test_labels_are_moved_apart_and_keep_their_order() -> None:
    placed = _apart(np.array([3.0, 3.0, 3.1, 9.0]), 1.0)
    assert (np.diff(placed) >= 1.0 - 1e-6).all()
    assert placed[3] == pytest.approx(9.0)
    assert placed[:3].mean() == pytest.approx(3.0333, abs=0.01)
