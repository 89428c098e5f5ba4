"""The command line as the tests call it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from typer.testing import CliRunner

from wardmates.cli import app

ROOT = Path(__file__).resolve().parents[2]
TINY = ["--set", "students=12", "--set", "campus_years=1", "--set", "clinical_years=1"]
ONE_YEAR = ["--set", "campus_years=1", "--set", "clinical_years=1"]
FEW = ["--replicates", "2", "--workers", "1"]
PER_STUDENT = {"episodes.csv", "episodes.parquet", "student-weeks.parquet", "ties.parquet"}


def call(*arguments: object):
    """The command in this process."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def command(*arguments: object, stdout=subprocess.PIPE):
    """The command in a process of its own."""
    words = [sys.executable, "-m", "wardmates", *(str(argument) for argument in arguments)]
    return subprocess.run(words, cwd=ROOT, stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=300)
