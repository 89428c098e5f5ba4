"""What the user gave: scenarios, values and a school's files, read and checked before anything is simulated."""

from __future__ import annotations

import os
import shlex
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulation.faults import Fault, InputError

if TYPE_CHECKING:
    from simulation.scenario.scenario import Scenario
    from simulation.scenario.school import School

READ_WITH = ("campus_years", "clinical_years", "hours_per_day", "friend_hours", "acquaintance_strength")  # what `read_school` reads
MOST_EXACT = 2**53 - 1  # the largest integer that every reader of JSON keeps exactly

_SCHOOL = "The school's own files"
RosterFile = Annotated[Path | None, typer.Option("--roster", metavar="FILE", help="CSV of the school's students.", rich_help_panel=_SCHOOL)]
TimetableFile = Annotated[
    Path | None, typer.Option("--timetable", metavar="FILE", help="CSV of who is placed where and when.", rich_help_panel=_SCHOOL)
]
FriendshipsFile = Annotated[
    Path | None, typer.Option("--friendships", metavar="FILE", help="CSV of friendships at the start.", rich_help_panel=_SCHOOL)
]
SitesFile = Annotated[Path | None, typer.Option("--sites", metavar="FILE", help="CSV of sites and their places.", rich_help_panel=_SCHOOL)]
CourseStart = Annotated[
    datetime | None,
    typer.Option("--course-start", metavar="YYYY-MM-DD", formats=["%Y-%m-%d"], help="First day of the course, if the timetable has dates.",
                 rich_help_panel=_SCHOOL),
]  # fmt: skip
Seed = Annotated[int, typer.Option("--seed", min=0, max=MOST_EXACT, help="Seed; the same seed gives the same figures.")]
SetValues = Annotated[
    list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Change a parameter in every scenario; may be given again.")
]
OutFolder = Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Folder to write to; made if it does not exist.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on standard output, and nothing else there.")]


@dataclass(frozen=True)
class SchoolFiles:
    """A school's files as given on the command line; without a roster there is no school."""

    roster: Path | None = None
    timetable: Path | None = None
    friendships: Path | None = None
    sites: Path | None = None
    course_start: date | None = None

    def options(self) -> list[tuple[str, object]]:
        """The options that gave them, with the names of the files and not where they lie: what a result's provenance may hold."""
        files = [("--roster", self.roster), ("--timetable", self.timetable), ("--friendships", self.friendships), ("--sites", self.sites)]
        given: list[tuple[str, object]] = [(option, file.name) for option, file in files if file is not None]
        return given + ([("--course-start", self.course_start)] if self.course_start else [])

    def faults(self) -> list[Fault]:
        """One fault for each option that needs a roster and has none."""
        if self.roster is not None:
            return []
        return [Fault(option, "means nothing without a roster of the students", "add --roster FILE", value=str(value))
                for option, value in self.options()]  # fmt: skip


def _read_overrides(given: Iterable[str], faults: list[Fault]) -> dict[str, str]:
    """Raw `NAME=VALUE` texts as a dictionary, whose values are checked with the scenario; what is no such text is added to the faults."""
    overrides: dict[str, str] = {}
    for text in given:
        name, sign, value = (part.strip() for part in text.partition("="))
        if not sign or not name or not value:
            faults.append(Fault("--set", "is not a name and a value", "NAME=VALUE, for instance --set students=60", value=text))
        elif name in overrides:
            faults.append(Fault("--set", f"{name} is given twice", "one value for each name", value=text))
        else:
            overrides[name] = value
    return overrides


def load_scenarios(names: list[str], set_values: list[str], files: SchoolFiles) -> list[Scenario]:
    """Scenarios with the user's values and school.

    Args:
        names: bundled names or TOML files.
        set_values: texts `NAME=VALUE`.
        files: the school's files.

    Raises:
        InputError: every fault of the scenarios and the options, or else of the files.
    """
    from simulation.scenario.inputs import read_school
    from simulation.scenario.scenario import attach_school, load_scenario

    pending = _school_to_be_read() if files.roster else None
    faults, scenarios = files.faults(), []
    overrides = _read_overrides(set_values, faults)
    for name in names:
        try:
            scenarios.append(load_scenario(name, overrides=overrides, school=pending))
        except InputError as error:
            faults += [fault for fault in error.faults if fault not in faults]  # a wrong --set is wrong in every scenario: said once
    faults += _disagreements(scenarios) if files.roster else []
    if faults:
        raise InputError(faults)
    if files.roster is None:
        return scenarios
    school = read_school(files.roster, files.timetable, files.friendships, files.sites, values=scenarios[0].parameters,
                         course_start=files.course_start)  # fmt: skip
    attached = []
    for scenario in scenarios:
        try:
            attached.append(attach_school(scenario, school))
        except InputError as error:
            faults += error.faults
    if faults:
        raise InputError(faults)
    return attached


def _school_to_be_read() -> School:
    """A school with every file and nobody in it: the files are read with the scenarios' values, so the scenarios are checked first."""
    import numpy as np

    from simulation.scenario.school import School, Timetable

    none, no_hours = np.empty(0, dtype=np.int64), np.empty(0)
    return School(2, np.empty((2, 0), dtype=np.int64), campus_group=np.zeros(2, dtype=np.int64),
                  timetable=Timetable(none, none, none, none, none, no_hours))  # fmt: skip


def _disagreements(scenarios: list[Scenario]) -> list[Fault]:
    """Values that the files are read with and that differ between the scenarios: one cohort cannot be read in two ways."""
    faults = []
    for name in READ_WITH:
        values = {scenario.name: getattr(scenario.parameters, name) for scenario in scenarios}
        if len(set(values.values())) > 1:
            given = ", ".join(f"{scenario}: {value:g}" for scenario, value in values.items())
            faults.append(Fault("scenarios", f"differ in {name}, with which the school's files are read", f"one value, as with --set {name}=VALUE",
                                value=given))  # fmt: skip
    return faults


def command_line(command: str, names: Iterable[str], options: Iterable[tuple[str, object]]) -> str:
    """The command that repeats a result, without places of this machine: files and scenarios by their names."""
    words = ["wardmates", command, *(Path(name).name for name in names)]
    for option, value in options:
        words += [option, str(value)]
    return shlex.join(words)


@contextmanager
def output_folder(out: Path | None) -> Iterator[Path | None]:
    """Make sure, before hours of simulation, that a folder can be written to; folders made for nothing are taken away again.

    Raises:
        InputError: the path is a file, lies below one, or cannot be written to.
    """
    if out is None:
        yield None
        return
    made = [folder for folder in (out, *out.parents) if not os.path.lexists(folder)]
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out):
            pass
    except OSError as error:
        _remove_if_empty(made)
        why = "is a file" if out.is_file() else f"cannot be written to ({error.strerror})"
        raise InputError([Fault("--out", f"{why}", "a folder that you may write to, or one that does not exist yet", value=str(out))]) from error
    try:
        yield out
    except BaseException:  # Ctrl-C too leaves nothing behind
        _remove_if_empty(made)
        raise


@contextmanager
def said_if_unwritable(folder: Path | None) -> Iterator[None]:
    """A disk that fills up during the simulation is no fault of the input, and no reason for a traceback: a sentence and exit code 1."""
    try:
        yield
    except OSError as error:
        typer.echo(f"The results could not be written to {folder}: {error}. Make room there or give another --out, and run it again.", err=True)
        raise typer.Exit(1) from error


def _remove_if_empty(folders: list[Path]) -> None:
    """Remove folders from the innermost outwards, until one holds something."""
    for folder in folders:
        try:
            folder.rmdir()
        except OSError:
            return
