"""With a roster nothing tells of a single student: every command's words and files are searched for ids, names and rows of one."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from tests.unit.cli_calls import ONE_YEAR, call

N = 24
IDS = [f"ZQX{k:04d}" for k in range(N)]
NAMES = [f"Vornamia{k} Nachnamsen{k}" for k in range(N)]
COMMANDS = {
    "check": ["check"],
    "check as JSON": ["check", "--json"],
    "run": ["run", "officers"],
    "run as JSON": ["run", "officers", "--json"],
    "run, ties asked for": ["run", "informal", "--weeks", "30,60"],
    "compare": ["compare", "informal", "officers", "--replicates", "3", "--workers", "1"],
    "compare as JSON": ["compare", "informal", "officers", "--replicates", "3", "--workers", "1", "--json"],
}


def write_school(folder: Path, ids: list[str], *, turned: bool = False, form: str = "csv") -> list[object]:
    """Files of a school with names and addresses in the roster; the options that give them.

    Args:
        folder: where to.
        ids: in sorted order.
        turned: the rows stand in the other order.
        form: "csv", "latin" (Latin-1, semicolons, decimal commas) or "xlsx".
    """
    frames = {
        "roster": pd.DataFrame({"student_id": ids, "name": NAMES[: len(ids)], "email": [f"{name[8:10]}@example.org" for name in NAMES[: len(ids)]],
                                "home": ["Málaga" if k % 3 else "Bern" for k in range(N)]}),
        "timetable": pd.DataFrame({"student_id": ids, "site": ["Rural Practice" if k == 0 else "Northgate" for k in range(N)],
                                   "team": [f"T{k // 4}" for k in range(N)], "start": 53, "end": [90 + k % 2 for k in range(N)], "hours": 28.5}),
        "friendships": pd.DataFrame({"student_a": ids[::2], "student_b": ids[1::2], "closeness": 0.65}),
        "sites": pd.DataFrame({"site": ["Northgate", "Rural Practice"], "capacity": [N, 1]}),
    }  # fmt: skip
    folder.mkdir(exist_ok=True)
    options: list[object] = [*ONE_YEAR]
    for name, frame in frames.items():
        frame = frame[::-1] if turned else frame
        path = folder / f"{name}.{'xlsx' if form == 'xlsx' else 'csv'}"
        if form == "xlsx":
            frame.to_excel(path, index=False)
        elif form == "latin":
            frame.to_csv(path, index=False, sep=";", decimal=",", encoding="latin-1", lineterminator="\r\n")
        else:
            frame.to_csv(path, index=False)
        options += [f"--{name}", path]
    return options


def texts(folder: Path) -> Iterator[tuple[str, str]]:
    """Every file's name and contents as text, tables of bytes read first."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.name, path.read_bytes().decode("latin-1")
            if path.suffix == ".parquet":
                yield path.name, pd.read_parquet(path).to_csv()


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_no_output_holds_an_id_a_name_or_a_trace_of_one(tmp_path: Path, words: list[str]) -> None:
    out = tmp_path / "out"
    done = call(*words, *write_school(tmp_path / "school", IDS), "--out", out)
    assert done.exit_code == 0, done.output
    assert any(out.iterdir())
    needles = [*IDS, *NAMES, "Vornamia", "Nachnamsen", "@example", str(tmp_path)]
    needles += [hashlib.new(how, word.encode()).hexdigest()[:12] for how in ("md5", "sha1", "sha256", "sha512") for word in (*IDS, *NAMES)]
    for name, text in [("standard output", done.stdout), ("standard error", done.stderr), *texts(out)]:
        text = text.replace(str(out), "")
        assert not [needle for needle in needles if needle in text], name
        assert not re.search(r"\b(student|person|key|i|j)\b,|student_id|ties-week", text.split("\n", 1)[0]), f"{name} has rows of single students"


@pytest.mark.parametrize("words", [COMMANDS["check as JSON"], COMMANDS["run as JSON"]], ids=["check", "run"])
def test_no_count_of_students_below_five_is_told(tmp_path: Path, words: list[str]) -> None:
    out = tmp_path / "out"
    done = call(*words, *write_school(tmp_path / "school", IDS), "--out", out)
    counted = r'"(?:students|most_at_a_time|episode|noticed|offered|accepted|referred|treated|refused|brief|\w*limit|not \w+)": ([0-9]+)'
    counts = [int(n) for n in re.findall(counted, done.stdout)]
    assert counts and min(counts) >= 5
    assert not re.search(r"\b[1-4] students? (?!enrolled)", done.stdout)
    for path in out.glob("*.csv"):
        frame = pd.read_csv(path)
        for column in {"meet_nobody", "without_placement", "present", "officers_in_post"} & set(frame):
            assert not (frame[column] < 5).any(), column
    if words[0] == "check":
        table = pd.read_csv(out / "calendar.csv")
        assert set(table["students at Rural Practice"]) == {"fewer than 5", "nobody"}


def outputs(folder: Path, words: list[str], options: list[object]) -> dict[str, str]:
    """What a command shows and writes, without the line on standard error that says how the files were read."""
    out = folder / "out"
    done = call(*words, *options, "--out", out)
    assert done.exit_code == 0, done.output
    return {"shown": done.stdout.replace(str(out), "")} | dict(texts(out))


@pytest.mark.parametrize("words", [COMMANDS["check"], COMMANDS["run"], COMMANDS["compare"]], ids=["check", "run", "compare"])
def test_order_of_rows_encoding_form_and_other_ids_in_the_same_order_change_no_byte(tmp_path: Path, words: list[str]) -> None:
    plain = outputs(tmp_path / "a", words, write_school(tmp_path / "a", IDS))
    others = {
        "rows turned": write_school(tmp_path / "b", IDS, turned=True),
        "Latin-1, semicolons": write_school(tmp_path / "c", IDS, form="latin"),
        "other ids": write_school(tmp_path / "d", [f"aa{7 * k + 100}" for k in range(N)]),
    }
    for (change, options), folder in zip(others.items(), "bcd", strict=True):
        assert outputs(tmp_path / folder, words, options) == plain, change


def test_a_workbook_changes_nothing_but_the_names_of_the_files(tmp_path: Path) -> None:
    plain = outputs(tmp_path / "a", COMMANDS["run"], write_school(tmp_path / "a", IDS))
    book = outputs(tmp_path / "b", COMMANDS["run"], write_school(tmp_path / "b", IDS, form="xlsx"))
    assert {name: text.replace(".xlsx", ".csv") for name, text in book.items()} == plain
