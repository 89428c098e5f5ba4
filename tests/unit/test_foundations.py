"""What everything else stands on: draws, faults, the parameter table, the bibliography, the calendar and the pinned versions."""

from __future__ import annotations

import math
import pickle
import re
import tomllib
from dataclasses import asdict, fields
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.evidence.parameters import DISTRIBUTIONS, EVIDENCE_MARKS, PARAMETERS, Values
from simulation.evidence.sources import SOURCES
from simulation.faults import Fault, InputError, nearest
from simulation.scenario.programme import PROGRAMME_TITLES, PROGRAMMES, build_calendar
from simulation.scenario.school import Timetable
from simulation.streams import STREAMS, hashed_order, lognormal, normal, replicate_seed, uniform

ROOT = Path(__file__).resolve().parents[2]
WORDS = st.integers(0, 2**64 - 1)


# --- draws: docs/model.md, section 2, once more in plain Python integers ---


def spelled_out(seed: int, stream: int, t: int, a: int, b: int) -> int:
    """The hash of the specification; Python's integers do not overflow, so every product and sum is cut to 64 bits by hand."""
    golden, most = 0x9E3779B97F4A7C15, 2**64

    def mix(z: int) -> int:
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) % most
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) % most
        return z ^ (z >> 31)

    h = mix((seed + golden) % most)
    for word in (stream, t, a, b):
        h = mix(((h ^ word) + golden) % most)
    return h


@given(WORDS, st.sampled_from(sorted(STREAMS)), WORDS, WORDS, WORDS)
def test_a_uniform_draw_is_the_hash_of_the_specification(seed: int, stream: str, t: int, a: int, b: int) -> None:
    assert uniform(seed, stream, *(np.uint64(word) for word in (t, a, b)))[0] == (spelled_out(seed, STREAMS[stream], t, a, b) >> 11) / 2**53


@given(st.integers(0, 2**53), st.integers(0, 300), st.integers(1, 10**6))
def test_a_normal_draw_is_box_muller_on_the_hash_and_its_successor(seed: int, t: int, a: int) -> None:
    h = spelled_out(seed, STREAMS["stigma"], t, a, 0)
    # The successor is one more round with an all-zero word: h -> mix(h + G).
    z = (h + 0x9E3779B97F4A7C15) % 2**64
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) % 2**64
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) % 2**64
    z ^= z >> 31
    u, v = (h >> 11) / 2**53, (z >> 11) / 2**53
    expected = math.sqrt(-2 * math.log(1 - u)) * math.cos(2 * math.pi * v)
    assert normal(seed, "stigma", t, a)[0] == pytest.approx(expected, abs=1e-9)


def test_the_streams_are_those_of_the_specification() -> None:
    text = (ROOT / "docs" / "model.md").read_text(encoding="utf-8")
    section = text[text.index("## 2. Draws") : text.index("## 3. Start")]
    written = {name: int(number) for name, number in re.findall(r"\b([a-z_0-9]+) \| (\d+) \|", section)}
    assert written == STREAMS
    assert len(set(STREAMS.values())) == len(STREAMS)


def test_draws_broadcast_and_do_not_depend_on_their_company() -> None:
    keys = np.arange(1, 6)
    table = uniform(7, "notice", 3, keys[:, None], keys[None, :])
    assert table.shape == (5, 5)
    assert table[1, 3] == uniform(7, "notice", 3, 2, 4)[0]
    assert table[1, 3] != table[3, 1], "a directed draw has a direction"
    assert len(np.unique(table)) == 25


def test_draws_have_the_distributions_that_they_are_named_for() -> None:
    """100,000 draws: a mean lies within 4.5 standard errors in all but 7 of a million streams."""
    n = 100_000
    keys = np.arange(1, n + 1)
    u, z, x = uniform(1, "entry", 0, keys), normal(1, "expertise", 0, keys), lognormal(0.8, 1, "susceptibility", 0, keys)
    assert u.min() >= 0 and u.max() < 1
    assert u.mean() == pytest.approx(0.5, abs=4.5 * math.sqrt(1 / 12 / n))
    assert z.mean() == pytest.approx(0, abs=4.5 / math.sqrt(n))
    assert z.var() == pytest.approx(1, abs=4.5 * math.sqrt(2 / n))
    assert x.mean() == pytest.approx(1, abs=4.5 * math.sqrt((math.exp(0.64) - 1) / n))
    assert np.log(x).std() == pytest.approx(0.8, abs=4.5 * 0.8 / math.sqrt(2 * n))


def test_hashed_order_is_the_order_of_the_draws_whatever_the_rows() -> None:
    keys = np.array([11, 3, 8, 5, 2])
    ordered = keys[hashed_order(keys, 4, "ring", 9)]
    assert list(ordered) == sorted(keys, key=lambda key: (uniform(4, "ring", 9, key)[0], key))
    assert list(keys[::-1][hashed_order(keys[::-1], 4, "ring", 9)]) == list(ordered)


def test_replicates_have_seeds_of_their_own_that_json_keeps_exactly() -> None:
    seeds = [replicate_seed(1, r) for r in range(1000)]
    assert len(set(seeds)) == 1000
    assert max(seeds) < 2**53
    assert replicate_seed(2, 0) != seeds[0]
    assert seeds[5] == spelled_out(1, STREAMS["replicate"], 0, 5, 0) >> 11


# --- faults ---


def test_a_fault_says_where_what_and_what_is_allowed() -> None:
    assert str(Fault("roster.csv", "is given twice", "each once", row=7, column="student_id", value="S1")) == (
        "roster.csv, row 7, column student_id: is given twice (given: 'S1'); allowed: each once"
    )
    assert str(Fault("--set", "is wrong")) == "--set: is wrong"


def test_an_input_error_keeps_all_faults_and_survives_the_way_from_a_worker() -> None:
    error = InputError(Fault("f.csv", f"fault {k}", row=k) for k in range(3))
    copy = pickle.loads(pickle.dumps(error))
    assert copy.faults == error.faults and len(error.faults) == 3
    assert str(copy) == "f.csv, row 0: fault 0\nf.csv, row 1: fault 1\nf.csv, row 2: fault 2"


def test_the_nearest_name_is_offered_and_few_names_are_listed() -> None:
    assert nearest("oficers", ["training", "officers"]) == "one of training, officers. did you mean 'officers'?"
    assert nearest("xyz", ["training", "officers"]) == "one of training, officers"
    assert nearest("Onset_Rat", PARAMETERS) == "did you mean 'onset_rate'?"
    assert nearest("zzzzzz", PARAMETERS) == ""


# --- parameters and sources ---


@pytest.mark.parametrize("row", PARAMETERS.values(), ids=lambda row: row.name)
def test_a_row_of_the_table_holds_together(row) -> None:
    assert row.minimum <= row.low <= row.default <= row.high <= row.maximum
    assert row.distribution in DISTRIBUTIONS and row.evidence in EVIDENCE_MARKS
    assert (row.distribution == "fixed") == (row.low == row.high)
    assert row.distribution != "loguniform" or row.low > 0
    assert row.source in SOURCES or (row.source == "" and row.evidence == "assumed")
    assert row.unit and row.room and row.meaning
    assert not row.is_integer or all(float(x).is_integer() for x in (row.default, row.low, row.high, row.minimum, row.maximum))


def test_the_record_of_values_is_the_table() -> None:
    assert asdict(Values()) == {name: row.default for name, row in PARAMETERS.items()}
    assert {f.name: f.type for f in fields(Values)} == {name: int if row.is_integer else float for name, row in PARAMETERS.items()}
    with pytest.raises(TypeError):
        Values(onset_rat=0.1)
    assert pickle.loads(pickle.dumps(Values(students=7))) == Values(students=7)


def test_every_source_has_a_citation_and_only_the_study_was_read() -> None:
    assert all(key == source.key and source.citation for key, source in SOURCES.items())
    assert {"graves-2021"} == {key for key, source in SOURCES.items() if source.checked}


def test_programmes_set_rows_of_the_table_within_bounds() -> None:
    assert PROGRAMMES.keys() == PROGRAMME_TITLES.keys()
    for values in PROGRAMMES.values():
        for name, value in values.items():
            assert PARAMETERS[name].minimum <= value <= PARAMETERS[name].maximum


# --- the calendar: docs/model.md, section 1 ---


def test_the_calendar_of_a_graduate_course() -> None:
    c = build_calendar(Values())
    assert (c.n_weeks, c.n_years) == (208, 4)
    assert list(c.year_ends()) == [36, 88, 144, 196]
    assert list(np.flatnonzero(c.is_exam[:52]) + 1) == [16, 17, 18, 34, 35, 36]
    assert list(np.flatnonzero(c.is_exam[104:156]) + 1) == [16, 17, 18, 38, 39, 40]
    assert list(np.flatnonzero(c.is_settling_in) + 1) == list(range(1, 19))
    assert c.is_teaching.sum() == 2 * 36 + 2 * 40 and c.is_clinical.sum() == 104
    assert [c.term[w - 1] for w in (1, 18, 19, 36, 37, 53, 71, 105)] == [0, 0, 1, 1, -1, 2, 3, -1]


def test_a_block_straddles_the_break_and_the_last_may_be_short() -> None:
    c = build_calendar(Values())
    # 40 teaching weeks hold six blocks of 6 and four weeks of the seventh, whose other two come after the break.
    assert [c.block[w - 1] for w in (104, 105, 110, 111, 144, 145, 156, 157, 158, 159, 196, 197)] == [-1, 0, 0, 1, 6, -1, -1, 6, 6, 7, 13, -1]
    assert np.count_nonzero(c.block == 6) == 6 and np.count_nonzero(c.block == 13) == 2


def test_a_timetable_decides_which_clinical_weeks_are_taught() -> None:
    of = np.array
    timetable = Timetable(of([0, 1]), of([0, 0]), of([-1, -1]), of([55, 60]), of([58, 61]), of([30.0, 30.0]))
    assert list(timetable.placed_weeks()) == [55, 56, 57, 58, 60, 61]
    c = build_calendar(Values(campus_years=1, clinical_years=1), timetable.placed_weeks())
    assert list(np.flatnonzero(c.is_teaching[52:]) + 53) == [55, 56, 57, 58, 60, 61]
    assert list(np.flatnonzero(c.is_exam[52:]) + 53) == [58, 60, 61], "six taught weeks have no sixteenth, only the last three"
    assert list(c.year_ends()) == [36, 61]


def test_an_empty_timetable_places_nobody() -> None:
    none = np.empty(0, dtype=np.int64)
    assert Timetable(none, none, none, none, none, np.empty(0)).placed_weeks().size == 0


# --- what is installed ---


def test_every_dependency_is_pinned_and_nothing_tells_where_it_was_downloaded_from() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [*project["project"]["dependencies"], *project["project"]["optional-dependencies"]["dev"], *project["build-system"]["requires"]]
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = {line.split("==")[0].lower() for line in lines if line and not line.startswith("#")}
    assert {re.split(r"[<>=!~ ]", name)[0].lower() for name in wanted} <= pins
    assert all(re.fullmatch(r"#.*|[A-Za-z0-9._-]+==[0-9][0-9a-z.]*", line) for line in lines if line)
