"""What `wardmates sweep` is given besides a design: a school's files, outcomes, and the signals that stop it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

from simulation.faults import Fault, InputError
from wardmates.given import SchoolFiles, say_read

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from experiments.sweep.design import Design
    from experiments.sweep.store import Store
    from simulation.scenario.school import School


def read_design(path: Path, faults: list[Fault]) -> Design | None:
    """A design that can be run; None with its faults appended."""
    from experiments.sweep.design import load_design
    from experiments.sweep.points import faults_of
    from experiments.sweep.problem import require_ours

    try:
        design = load_design(path)
        require_ours(design.problem, where=path.name)
    except InputError as error:
        faults += error.faults
        return None
    refused = faults_of(design)
    faults += refused
    return None if refused else design


def school_of(design: Design, files: SchoolFiles) -> School | None:
    """A school's cohort, read with the values that hold at every point; None without a roster.

    Raises:
        InputError: every fault of the files, or the design varies what they are read with.
    """
    faults = files.faults()
    if files.roster is None or faults:
        if faults:
            raise InputError(faults)
        return None
    from experiments.sweep.points import scenario_at
    from simulation.scenario.inputs import read_school

    scenarios = [scenario_at(design, 0, name) for name in design.contents]
    for name in files.read_with():
        values = {getattr(scenario.parameters, name) for scenario in scenarios}
        if name in design.problem.names or len(values) > 1:
            who = "the design varies" if name in design.problem.names else "the scenarios differ in"
            faults.append(Fault("design", f"{who} {name}, with which the school's files are read", "a design with one value of it"))
    if faults:
        raise InputError(faults)
    return read_school(files.roster, files.timetable, files.friendships, files.sites, values=scenarios[0].parameters,
                       course_start=files.course_start, date_order=files.date_order)  # fmt: skip


def school_of_store(store: Store, files: SchoolFiles) -> School | None:
    """The cohort that a store's sweep was run with.

    Raises:
        InputError: as `school_of`; or the files are not those of the sweep, or there are none where it had some.
    """
    from experiments.sweep.manifest import inputs_of

    school = school_of(store.design, files)
    there, here = store.manifest.inputs, inputs_of(school)
    if there and not here:
        raise InputError([Fault(str(store.path), "was made with a school's files", "the same --roster, --timetable, --friendships and --sites")])
    if here and not there:
        raise InputError([Fault("--roster", "is given, and the store was made without a school's files", "no files of a school")])
    differing = [name for name in there if there[name] != here[name]]
    if differing:
        raise InputError([Fault(f"--{name}", "is not what the store was made with", "the file that the sweep was run with") for name in differing])
    return school


def say_school(err: Console, design: Design, files: SchoolFiles, school: School | None) -> None:
    """Say how a school's files were read, and what is varied or given and changes nothing."""
    from experiments.notes import overruled
    from experiments.sweep.points import scenario_at

    scenario = scenario_at(design, 0, next(iter(design.contents)), school)
    decided = overruled(scenario)
    unused = [f"the design varies {name}, which changes nothing: {decided[name]} holds." for name in design.problem.names if name in decided]
    say_read(err, files, [scenario], unused)


class Stopped:
    """Whether and how this process was asked to stop."""

    def __init__(self) -> None:
        self.event = threading.Event()
        self.signal: int | None = None


@contextmanager
def stoppable() -> Iterator[Stopped]:
    """Take the first Ctrl-C, or the first word from a cluster whose time is up, as a wish to stop; a second one ends the process at once."""
    stopped = Stopped()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def ask(number: int, _frame: FrameType | None) -> None:
        stopped.signal = number
        stopped.event.set()
        for each, handler in before.items():
            signal.signal(each, handler)

    for number in before:
        signal.signal(number, ask)
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
