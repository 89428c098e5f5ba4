"""The pictures, the words and the report of an analysis."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pytest

from experiments.sensitivity import words
from experiments.sensitivity.figure_ranks import run_parts
from experiments.sensitivity.looks import in_lines, room_for, spread_out
from experiments.sensitivity.report import render
from experiments.sensitivity.report_files import PICTURES, TABLES, as_json, pictures, tables, write
from experiments.sensitivity.result import Index
from experiments.sensitivity.screening import suggested
from experiments.sensitivity.study import Study
from experiments.style import SHADES
from tests.unit import sensitivity_made_up as made
from tests.unit.read_page import Page

COMMAND = "wardmates sensitivity STORE --difference officers-outreach informal"


@pytest.fixture(scope="module")
def whole() -> Study:
    return made.study()


@pytest.mark.parametrize(("method", "factors"), [("sobol", 3), ("sobol", 20), ("morris", 3), ("morris", 60), ("lhs", 5), ("grid", 4), ("own", 4)])
def test_every_method_is_drawn_said_and_written(method: str, factors: int, tmp_path: Path) -> None:
    one = made.study(method, factors, points=1200 if factors < 20 else 3000)
    found = pictures(one)
    names = [picture.name for picture in found]
    assert names == [name for name in PICTURES if name in names]
    assert {"ranks", "convergence", "responses", "wins"} <= set(names)
    assert ("screening" in names) == (method == "morris") and ("pairs" in names) == (method == "sobol")
    html = render(one, found, COMMAND)
    written = write(one, tmp_path, html, found)
    assert {path.name for path in written} >= {"sensitivity.html", "ranks.svg", "ranks.png", "indices.csv", "parameters.csv", "discovery.csv"}
    assert not list(tmp_path.rglob("*.part"))


def test_the_report_asks_no_host_has_no_script_and_every_id_once(whole: Study) -> None:
    html = render(whole, pictures(whole), COMMAND, {"numpy": "2.0"})
    page = Page(html)
    assert page.tags["script"] == page.tags["link"] == page.tags["img"] == page.tags["iframe"] == 0
    assert all(address.startswith("#") for address in page.addresses)
    assert not re.search(r"url\((?!['\"]?#)", html) and "@import" not in html
    assert "http:" not in html and "https:" not in html
    assert max(page.ids.values()) == 1
    assert page.tags["h1"] == 1
    assert all(len(label) > 12 for label in page.labels)
    assert "A note &lt;of&gt; the analysis." in html


def test_the_same_study_gives_the_same_bytes(whole: Study, tmp_path: Path) -> None:
    for name in ("one", "two"):
        found = pictures(whole)
        write(whole, tmp_path / name, render(whole, found, COMMAND), found)
    one, two = ({path.relative_to(tmp_path / name): path.read_bytes() for path in (tmp_path / name).rglob("*.*")} for name in ("one", "two"))
    assert one == two and len(one) > 12


def test_pictures_hold_no_colour_that_the_page_cannot_turn_dark(whole: Study) -> None:
    known = {shade.lower() for shade in SHADES.values()}
    for picture in pictures(whole):
        assert set(re.findall(r"#[0-9a-f]{6}\b", picture.svg)) <= known, picture.name
        assert len(picture.text) > 60 and picture.text.endswith("."), picture.name


def test_what_an_earlier_analysis_left_is_taken_away(whole: Study, tmp_path: Path) -> None:
    for one in (whole, made.study("lhs", is_difference=False)):
        found = pictures(one)
        write(one, tmp_path, render(one, found), found)
    assert not (tmp_path / "figures" / "pairs.svg").exists() and not (tmp_path / "tables" / "discovery.csv").exists()
    assert (tmp_path / "figures" / "ranks.svg").exists()


def test_tables_hold_every_index_and_name_every_parameter(whole: Study) -> None:
    found = tables(whole)
    assert set(found) == set(TABLES)
    assert len(found["indices"]) == len(whole.analysis.rows)
    assert list(found["parameters"]["parameter"]) == list(whole.design.problem.names)
    assert found["discovery"]["points"].sum() == whole.design.n_points


def test_json_has_rows_and_no_undefined_number(whole: Study) -> None:
    rows = (*whole.analysis.rows, Index("tie_half_life", "odd", 1.0, np.nan, np.nan))
    one = replace(whole, analysis=replace(whole.analysis, rows=rows))
    back = json.loads(json.dumps(as_json(one, ["Said."]), allow_nan=False))
    assert set(back["rows"][0]) == {"parameter", "index", "value", "low", "high"}
    assert back["rows"][-1] == {"parameter": "tie_half_life", "index": "odd", "value": 1.0, "low": None, "high": None}
    assert next(row for row in back["rows"] if row["index"] == "noise")["parameter"] is None


def test_a_problem_that_is_not_ours_has_no_map_and_no_meaning(tmp_path: Path) -> None:
    one = made.study(is_ours=False, is_difference=False)
    assert one.wins is None and one.discovery is None
    found = pictures(one)
    assert "known by" not in render(one, found)


def test_the_parts_of_a_run_add_up_and_are_left_out_where_one_replicate_cannot_tell() -> None:
    crossed, independent = made.analysis(), made.analysis(crossed=False)
    assert sum(part.index.value for part in run_parts(crossed)) == pytest.approx(1)
    assert [part.text for part in run_parts(independent)] == ["parameters", "seed"]
    assert run_parts(made.analysis(replicates=1)) == []


def test_the_words_say_how_much_is_the_seed() -> None:
    text = words.chance(made.analysis(noise=0.55))
    assert "55 % (50 to 60) is chance" in text and "11 % that is alike at all points" in text and "45 % is the parameters" in text
    assert "alike" not in words.chance(made.analysis(crossed=False))
    assert "--replicates 2" in words.chance(made.analysis(replicates=1))


def test_the_words_name_what_decides_and_what_is_not_told() -> None:
    analysis = made.analysis()
    assert words.decides(analysis).startswith("Most is decided by `tie_half_life` 0.")
    n = len(analysis.parameters) - len(analysis.told_from_zero())
    assert f"{n} of 20 parameters" in words.not_told(analysis) and "not proof of no effect" in words.not_told(analysis)
    nothing = replace(analysis, floors=analysis.floors | {"ST": 2.0})
    assert words.decides(nothing).startswith("No parameter is told from zero")


def test_a_screening_suggests_the_sobol_design_of_what_matters() -> None:
    analysis, design = made.analysis("morris", 20), made.design(6, 300, method="morris", replicates=2)
    [step] = words.next_steps(analysis, design)
    told = suggested(analysis)
    assert 1 < len(told) < len(analysis.told_from_zero())
    assert f"--method sobol --n 512 --parameters {','.join(told)} --scenarios informal,officers,officers-outreach --replicates 5" in step.command
    assert f"{512 * (len(told) + 2) * 5 * 3:,} runs" in step.why
    small, sobol = words.next_steps(replace(analysis, n=6), design)
    assert "--method morris --n 20" in small.command and sobol == step
    none = replace(analysis, floors={"mu_star": 1e9})
    assert "--method morris --n 1024" in words.next_steps(none, design)[0].command


@pytest.mark.parametrize(("method", "replicates", "wanted"), [("sobol", 1, "--n 512"), ("sobol", 3, "--n 512"), ("sobol", 5, "--n 1024"),
                                                              ("lhs", 5, "--method sobol")])  # fmt: skip
def test_what_is_suggested_next(method: str, replicates: int, wanted: str) -> None:
    design = made.design(6, 300, method=method, replicates=replicates, seeds="independent")
    command = words.next_steps(made.analysis(method, 6, replicates=replicates, noise=0.3), design)[0].command
    assert wanted in command and "--replicates 5" in command and "--seeds independent" in command


def test_where_most_is_chance_more_replicates_are_suggested_and_pairs_stay_in_the_design() -> None:
    design = replace(made.design(6, 300, method="sobol", replicates=5), second_order=True)
    command = words.next_steps(made.analysis("sobol", 6, replicates=5, noise=0.8), design)[0].command
    assert "--n 512 --second-order" in command and "--replicates 10" in command


def test_what_changes_nothing_at_all_is_named() -> None:
    analysis = made.analysis(factors=4)
    rows = [replace(row, value=0.0, low=0.0, high=0.0) if row.parameter == "sociability_cv" else row for row in analysis.rows]
    assert "Changing `sociability_cv` alone changed nothing" in words.not_told(replace(analysis, rows=tuple(rows)))


@pytest.mark.parametrize("letters", [8, 22])
def test_names_break_at_underscores_and_lose_nothing_that_matters(letters: int) -> None:
    for name in made.NAMES:
        lines = in_lines(name, letters).split("\n")
        assert max(map(len, lines)) <= letters + 4
        if "\N{HORIZONTAL ELLIPSIS}" not in in_lines(name, letters):
            assert "".join(lines) == name


def test_labels_are_spread_out_and_keep_their_order() -> None:
    placed = spread_out([0.5, 0.51, 0.52, 0.1], 0.1, 0.0, 1.0)
    assert placed[3] < placed[0] < placed[1] < placed[2]
    assert min(np.diff(sorted(placed))) >= 0.1 - 1e-6


def test_nothing_of_matplotlib_is_left_changed(whole: Study) -> None:
    before: dict[Any, Any] = dict(matplotlib.rcParams)
    pictures(whole)
    assert dict(matplotlib.rcParams) == before


def test_effects_on_shares_are_shown_in_percentage_points_and_kept_as_they_are_in_files() -> None:
    one = made.study("morris", 4)
    shares = replace(one, analysis=replace(one.analysis, label="reach: a \N{MINUS SIGN} b", unit="share of episodes"))
    raw, shown = shares.analysis.of("mu_star")[0], shares.shown.of("mu_star")[0]
    assert shown.value == pytest.approx(100 * raw.value) and shares.shown.floor == pytest.approx(100 * shares.analysis.floor)
    assert shares.shown.told_from_zero() == shares.analysis.told_from_zero()
    assert tables(shares)["indices"]["value"][0] == shares.analysis.rows[0].value
    assert "(percentage points)" in words.level_of(shares.shown)
    assert made.study("sobol", 4).shown == made.study("sobol", 4).analysis


def test_an_interval_that_runs_away_leaves_the_rest_to_be_seen() -> None:
    assert room_for([1.0, 2.0], [1.5, 400.0], 0.1) == 5.0
    assert room_for([1.0, 2.0], [1.5, 2.5], 0.1) == 2.5
    assert room_for([], [], 0.0) > 0


@pytest.mark.parametrize(("row", "said"), [
    (Index("a", "ST", 0.412, 0.35, 0.47), "0.41 (0.35 to 0.47)"), (Index("a", "mu_star", 0.021, -0.1, 0.5), "0.02 (\N{MINUS SIGN}0.10 to 0.50)"),
    (Index("a", "mu", 8.4, 6.0, 10.0), "+8 (+6 to +10)"), (Index("a", "ST", float("nan"), float("nan"), float("nan")), "\N{EN DASH}"),
    (Index("a", "ST", 0.4, float("nan"), float("nan")), "0.400"),
])  # fmt: skip
def test_digits_are_those_that_the_interval_leaves(row: Index, said: str) -> None:
    assert words.value_text(row) == said
