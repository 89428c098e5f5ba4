"""What the user gave: scenarios, values and a school's files, read and checked before anything is simulated."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experiments.engines import DEFAULT_ENGINE, engine_faults
from simulation import ENGINES
from simulation.faults import Fault, InputError

if TYPE_CHECKING:
    from rich.console import Console

    from simulation.scenario.scenario import Scenario
    from simulation.scenario.school import School

# What `read_school` reads each file with.
TIMETABLE_READ_WITH = ("campus_years", "clinical_years", "hours_per_day")
FRIENDSHIPS_READ_WITH = ("friend_hours", "acquaintance_strength")
MOST_EXACT = 2**53 - 1  # the largest integer that every reader of JSON keeps exactly

_SCHOOL = "The school's own files"
RosterFile = Annotated[
    Path | None, typer.Option("--roster", metavar="FILE", help="The school's students: .xlsx or .csv, as all these files.", rich_help_panel=_SCHOOL)
]
TimetableFile = Annotated[
    Path | None, typer.Option("--timetable", metavar="FILE", help="Who is placed where and when.", rich_help_panel=_SCHOOL)
]
FriendshipsFile = Annotated[
    Path | None, typer.Option("--friendships", metavar="FILE", help="Friendships at the start.", rich_help_panel=_SCHOOL)
]
SitesFile = Annotated[Path | None, typer.Option("--sites", metavar="FILE", help="Sites and their places.", rich_help_panel=_SCHOOL)]
CourseStart = Annotated[
    datetime | None,
    typer.Option("--course-start", metavar="YYYY-MM-DD", formats=["%Y-%m-%d"], help="First day of the course, if the timetable has dates.",
                 rich_help_panel=_SCHOOL),
]  # fmt: skip
# A text and not a choice of typer's, so that a wrong one is told with all other faults.
DateOrder = Annotated[
    str | None,
    typer.Option("--dates", metavar="day-first|month-first", help="What 02/03/2027 means, where no date of the timetable tells.",
                 rich_help_panel=_SCHOOL),
]  # fmt: skip
Seed = Annotated[int, typer.Option("--seed", min=0, max=MOST_EXACT, help="Seed; the same seed gives the same figures.")]
SetValues = Annotated[
    list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Change a parameter in every scenario; may be given again.")
]
# A text and not a choice of typer's, so that a wrong one is told with all other faults.
EngineName = Annotated[
    str, typer.Option("--engine", metavar="|".join(ENGINES), help="What simulates: compiled arrays, or the Mesa model, some hundred times slower.")
]
# A text and not a path, which would take '' for the folder that one is in.
OutFolder = Annotated[str | None, typer.Option("--out", metavar="DIR", help="Folder to write to; made if it does not exist.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on standard output, and nothing else there.")]


@dataclass(frozen=True)
class SchoolFiles:
    """A school's files as given on the command line; without a roster there is no school."""

    roster: Path | None = None
    timetable: Path | None = None
    friendships: Path | None = None
    sites: Path | None = None
    course_start: date | None = None
    date_order: str | None = None

    def options(self) -> list[tuple[str, object]]:
        """The options that gave them, with the names of the files and not where they lie: what a result's provenance may hold."""
        files = [("--roster", self.roster), ("--timetable", self.timetable), ("--friendships", self.friendships), ("--sites", self.sites)]
        given: list[tuple[str, object]] = [(option, file.name) for option, file in files if file is not None]
        how = [("--course-start", self.course_start), ("--dates", self.date_order)]
        return given + [(option, value) for option, value in how if value]

    def faults(self) -> list[Fault]:
        """One fault for each option that needs a roster and has none."""
        if self.roster is not None:
            return []
        return [Fault(option, "means nothing without a roster of the students", "add --roster FILE", value=str(value))
                for option, value in self.options()]  # fmt: skip

    def read_with(self) -> tuple[str, ...]:
        """Parameters on which the reading of the given files depends."""
        return (TIMETABLE_READ_WITH if self.timetable else ()) + (FRIENDSHIPS_READ_WITH if self.friendships else ())

    def unused(self) -> list[str]:
        """A sentence for each option that is given with a roster and changes nothing."""
        said = []
        if self.roster is not None and self.timetable is None:
            if self.course_start is not None:
                said.append("--course-start changes nothing without --timetable: it says on which day a timetable's week 1 begins.")
            if self.date_order is not None:
                said.append("--dates changes nothing without --timetable: it says how a timetable's dates are written.")
        return said


def given_engine(engine: str, faults: list[Fault]) -> list[tuple[str, object]]:
    """The option that gave the engine, unless it is the default's; a fault is appended if there is no such engine."""
    faults += engine_faults(engine, "--engine")
    return [] if engine == DEFAULT_ENGINE else [("--engine", engine)]


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


def load_scenarios(names: list[str], set_values: list[str], files: SchoolFiles, faults: Iterable[Fault] = ()) -> list[Scenario]:
    """Scenarios with the user's values and school.

    Args:
        names: bundled names or TOML files.
        set_values: texts `NAME=VALUE`.
        files: the school's files.
        faults: what is already known to be wrong, to be told with the rest.

    Raises:
        InputError: every fault of the names, the scenarios, the options and the files that can be known: where no scenario can be read, the
            files whose reading depends on a scenario's values are not looked at.
    """
    found = [*faults, *files.faults()]
    overrides = _read_overrides(set_values, found)
    scenarios = _read_scenarios(names, overrides, _school_to_be_read() if files.roster else None, found)
    if files.roster is None:
        if found:
            raise InputError(found)
        return scenarios
    from simulation.evidence.parameters import Values
    from simulation.scenario.inputs import read_school
    from simulation.scenario.scenario import attach_school

    disagreements = _disagreements(scenarios, files.read_with())
    found += disagreements
    values = scenarios[0].parameters if scenarios and not disagreements else None
    attached = []
    try:
        # Without values, only the files that are read with none: a timetable could be blamed for weeks that a mended scenario has.
        school = read_school(files.roster, files.timetable if values else None, files.friendships if values else None, files.sites,
                             values=values or Values(), course_start=files.course_start, date_order=files.date_order)  # fmt: skip
    except InputError as error:
        found += error.faults
    else:
        for scenario in scenarios if values else []:
            try:
                attached.append(attach_school(scenario, school))
            except InputError as error:
                found += error.faults
    if found:
        raise InputError(found)
    return attached


def say_read(err: Console, files: SchoolFiles, scenarios: list[Scenario], unused: Iterable[str] = ()) -> None:
    """Say how the school's files were read, in a line, and which options change nothing.

    Args:
        err: where to.
        files: the files.
        scenarios: the scenarios that they were read for, at least one.
        unused: a sentence for each other option that changes nothing.
    """
    from wardmates.shown import printable, say

    school = scenarios[0].school
    if school is not None:
        say(err, printable(school.read_as))
    for sentence in [*files.unused(), *unused]:
        say(err, f"Note: {sentence}")


def _read_scenarios(names: list[str], overrides: dict[str, str], school: School | None, faults: list[Fault]) -> list[Scenario]:
    """The scenarios that can be read; a fault that only the values of --set bring about is told of --set, once."""
    from simulation.scenario.scenario import make_scenario

    labels = [_label(name) for name in names]
    faults += [Fault("scenarios", "two scenarios have this name", "names that differ", value=label)
               for label in dict.fromkeys(labels) if labels.count(label) > 1]  # fmt: skip
    scenarios: list[Scenario] = []
    readable: list[str] = []
    own: list[Fault] = []
    of_set: dict[Fault, list[str]] = {}
    for name in dict.fromkeys(names):
        alone = _read_scenario(name, {}, school)
        together = _read_scenario(name, overrides, school) if overrides else alone
        if not isinstance(together, list):
            scenarios.append(together)
            readable.append(name)
            continue
        without = [] if not isinstance(alone, list) else alone
        own += [fault for fault in together if fault in without]
        brought = [replace(fault, where="--set") for fault in together if fault not in without]
        if brought or not without:
            readable.append(name)
        for fault in brought:
            of_set.setdefault(fault, []).append(name)
    if not readable:  # then at least what is wrong with the values in themselves; officers, so that add_ons lack nothing
        try:
            make_scenario({"support": {"officers": "volunteers"}}, overrides=overrides, school=school)
        except InputError as error:
            of_set = {replace(fault, where="--set"): [] for fault in error.faults if any(name in fault.what for name in overrides)}
    faults += dict.fromkeys(own)
    for fault, blamed in of_set.items():
        faults.append(replace(fault, where=f"--set with {', '.join(blamed)}") if len(blamed) < len(readable) else fault)
    return scenarios


def _label(name: str) -> str:
    """A scenario's name: a file is called by its name without the ending."""
    return Path(name).stem if name.endswith(".toml") or "/" in name or "\\" in name else name


def _read_scenario(name: str, overrides: dict[str, str], school: School | None) -> Scenario | list[Fault]:
    """A scenario, or what is wrong with it."""
    from simulation.scenario.scenario import load_scenario

    try:
        return load_scenario(name, overrides=overrides, school=school)
    except InputError as error:
        return error.faults
    except OSError as error:
        return [Fault("scenario", f"cannot be read ({error.strerror})", "a bundled name, or a TOML file that exists and may be read", value=name)]


def _school_to_be_read() -> School:
    """A school with every file and nobody in it: the files are read with the scenarios' values, so the scenarios are checked first."""
    import numpy as np

    from simulation.scenario.school import School, Timetable

    none, no_hours = np.empty(0, dtype=np.int64), np.empty(0)
    return School(2, np.empty((2, 0), dtype=np.int64), campus_group=np.zeros(2, dtype=np.int64),
                  timetable=Timetable(none, none, none, none, none, no_hours))  # fmt: skip


def _disagreements(scenarios: list[Scenario], read_with: Iterable[str]) -> list[Fault]:
    """Values that the files are read with and that differ between the scenarios: one cohort cannot be read in two ways."""
    faults = []
    for name in read_with:
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
