"""The page of faulty files says what is said now, and every one of them ends the command with nothing written."""

import re
import runpy

import pytest

from tests.unit.cli_calls import ROOT, call

MAKER = runpy.run_path(str(ROOT / "docs" / "make_faulty_files.py"))
CASES = MAKER["CASES"]


def test_the_page_is_what_its_maker_writes_now():
    assert MAKER["PAGE"].read_text(encoding="utf-8") == MAKER["page"](), "run make docs, and look at what has changed"


def test_there_are_twenty_or_more_and_no_two_are_said_the_same():
    said = [[(fault.what, fault.row) for fault in MAKER["faults_of"](case)] for case in CASES]
    assert len(CASES) >= 20 and len({str(faults) for faults in said}) >= len(CASES) - 1, "an empty file and an empty sheet are one fault"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_the_command_says_it_all_ends_with_2_and_writes_nothing(case, tmp_path):
    files, out = tmp_path / "files", tmp_path / "out"
    files.mkdir()
    paths = {"roster": files / "roster.csv"}
    paths["roster"].write_text(MAKER["ROSTER"], encoding="utf-8")
    if case.with_sites:
        paths["sites"] = files / "sites.csv"
        paths["sites"].write_text(MAKER["SITES"], encoding="utf-8")
    paths[case.file] = MAKER["write_file"](case, files)
    done = call("check", *(word for name, path in paths.items() for word in (f"--{name}", path)), "--out", out)
    assert done.exit_code == 2 and not done.stdout and "Traceback" not in done.stderr
    assert not out.exists()
    faults = MAKER["faults_of"](case)
    assert done.stderr.startswith(f"{len(faults)} fault")
    words = "".join(done.stderr.split())
    for fault in faults:
        assert "".join(fault.value.split()) in words and fault.column.split(",")[0].replace(" ", "") in words
        assert fault.row is None or re.search(rf"{re.escape(fault.where)} +{fault.row} ", done.stderr)
