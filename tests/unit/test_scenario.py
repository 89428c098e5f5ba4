"""Scenario files: what is read, what is refused, what the fingerprint tells apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulation.evidence.parameters import DISTRIBUTIONS, EVIDENCE_MARKS, PARAMETERS
from simulation.evidence.sources import SOURCES
from simulation.faults import InputError
from simulation.scenario.programme import PROGRAMMES, build_calendar
from simulation.scenario.scenario import bundled, load_scenario, make_scenario


@pytest.mark.parametrize("row", PARAMETERS.values(), ids=lambda row: row.name)
def test_every_parameter_is_bounded_sourced_and_explained(row) -> None:
    assert row.minimum <= row.low <= row.default <= row.high <= row.maximum
    assert row.evidence in EVIDENCE_MARKS
    assert row.distribution in DISTRIBUTIONS
    assert (row.distribution == "fixed") == (row.low == row.high)
    assert row.meaning and row.unit and row.room
    assert row.source == "" or row.source in SOURCES
    assert row.source or row.evidence == "assumed"
    assert row.distribution != "loguniform" or row.low > 0


def test_every_source_is_used_or_a_target() -> None:
    cited = {row.source for row in PARAMETERS.values()}
    targets = {"student-class-degree", "hillis", "roberts-dunbar-2015", "uq", "baek-2023", "gariepy-2016", "schaefer-2011", "svensson-2014"}
    assert set(SOURCES) <= cited | targets


@pytest.mark.parametrize("name", bundled())
def test_bundled_scenarios_load(name: str) -> None:
    scenario = load_scenario(name)
    assert scenario.title and scenario.description.endswith(".")
    assert scenario.fingerprint == load_scenario(name).fingerprint


def test_fingerprints_tell_content_not_names() -> None:
    assert load_scenario("informal").fingerprint == load_scenario("random-groups").fingerprint
    assert load_scenario("informal").fingerprint != load_scenario("informal", overrides={"withdrawal": 0.41}).fingerprint
    assert load_scenario("officers").fingerprint != load_scenario("officers-outreach").fingerprint


def test_a_file_is_read_and_overrides_win(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('programme = "UG5"\n[support]\ntraining = ["scripts"]\nofficers = "elected"\nadd_ons = ["advice"]\n'
                    "[parameters]\nstudents = 90\nwithdrawal = 0.2\n")  # fmt: skip
    scenario = load_scenario(str(path), overrides={"withdrawal": "0.3", "placement": "fixed", "training": "all", "add_ons": "advice,outreach"})
    assert scenario.name == "mine"
    assert (scenario.parameters.students, scenario.parameters.withdrawal, scenario.parameters.clinical_years) == (90, 0.3, 3)
    assert scenario.placement_policy == "fixed"
    assert len(scenario.support.training) == 6
    assert scenario.support.add_ons == {"advice", "outreach"}


@pytest.mark.parametrize(("raw", "said"), [
    ({"titel": "x"}, "titel.*did you mean 'title'"),
    ({"parameters": {"onset_rat": 1}}, "did you mean 'onset_rate'"),
    ({"parameters": {"onset_rate": "high"}}, "parameters.onset_rate"),
    ({"parameters": {"students": 1}}, "a whole number from 2 to 100000"),
    ({"parameters": {"students": 40.5}}, "a whole number from 2"),
    ({"parameters": {"onset_rate": float("nan")}}, "out of bounds"),
    ({"parameters": {"campus_years": 0, "clinical_years": 0}}, "no years"),
    ({"parameters": {"campus_years": 4, "clinical_years": 4}}, "too long"),
    ({"parameters": {"friend_strength": 0.33, "acquaintance_strength": 0.4}}, "out of order"),
    ({"grouping": {"placement": "fixt"}}, "did you mean 'fixed'"),
    ({"grouping": {"placement": "timetable"}}, "needs a school's timetable"),
    ({"grouping": {"campus": "roster"}}, "campus_group"),
    ({"support": {"officers": "chosen"}}, "officers: no such choice"),
    ({"support": {"training": ["script"]}}, "did you mean 'scripts'"),
    ({"support": {"add_ons": ["outreach"]}}, "add_ons need officers"),
    ({"parameters": {"students": True}}, "parameters.students.*a whole number"),
    ({"support": {"training": 3}}, "a list of names"),
    ({"grouping": "fixed"}, r"a section: \[grouping\]"),
    ({"programme": "GE4-6-weeks"}, "did you mean 'GE4-6-week'"),
])  # fmt: skip
def test_what_is_wrong_is_said_with_what_is_allowed(raw: dict, said: str) -> None:
    with pytest.raises(InputError, match=said):
        make_scenario(raw)


def test_lists_of_names_may_be_lists_texts_all_or_none(tmp_path: Path) -> None:
    for given, n in (("scripts", 1), (["scripts", "information"], 2), ("scripts, information", 2), ("all", 6), (["all"], 6), ("none", 0), ([], 0)):
        assert len(make_scenario({"support": {"training": given}}).support.training) == n
        assert len(load_scenario("informal", overrides={"training": given}).support.training) == n
    assert make_scenario({"support": {"officers": "elected", "add_ons": "advice"}}).support.add_ons == {"advice"}


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(InputError) as caught:
        make_scenario({"programme": "GE5", "parameters": {"onset_rat": 1, "students": 0}, "support": {"officers": "x", "add_ons": ["outreac"]}})
    assert len(caught.value.faults) == 5


def test_unknown_names_and_broken_files(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="did you mean 'officers'"):
        load_scenario("officrs")
    with pytest.raises(InputError, match="no such file"):
        load_scenario(str(tmp_path / "none.toml"))
    (tmp_path / "broken.toml").write_text("title = ")
    with pytest.raises(InputError, match="not valid TOML"):
        load_scenario(str(tmp_path / "broken.toml"))


@pytest.mark.parametrize(("programme", "years", "blocks"), [("GE4", 4, 14), ("UG5", 5, 20), ("GE4-8-week", 4, 10), ("GE4-6-week", 4, 14)])
def test_programmes_and_calendar(programme: str, years: int, blocks: int) -> None:
    p = make_scenario({"programme": programme}).parameters
    calendar = build_calendar(p)
    assert calendar.n_years == years
    assert calendar.block.max() + 1 == blocks
    assert (calendar.is_teaching & ~calendar.is_clinical).sum() == 72
    assert np_list(calendar.is_exam[:52]) == [15, 16, 17, 33, 34, 35]
    assert calendar.is_settling_in.sum() == 18
    assert calendar.year_ends()[:3].tolist() == [36, 88, 144]
    assert set(PROGRAMMES) >= {programme}


def np_list(flags) -> list[int]:
    return flags.nonzero()[0].tolist()
