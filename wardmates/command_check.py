"""`wardmates check`: a school's files read, checked and drawn, without simulating anything."""

from __future__ import annotations

import json
import math
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simulation.faults import Fault
from wardmates.given import (
    AsJson,
    CourseStart,
    DateOrder,
    FriendshipsFile,
    OutFolder,
    RosterFile,
    SchoolFiles,
    SetValues,
    SitesFile,
    TimetableFile,
    load_scenarios,
    say_read,
)
from wardmates.results import hand_over, output_folder

if TYPE_CHECKING:
    from rich.console import Console

    from experiments.calendar import SchoolCalendar
    from simulation.scenario.school import School

_WARNING = "Warning: "


def check(
    name: Annotated[str, typer.Argument(metavar="[SCENARIO]", help="Scenario whose length of the course the files are read with.")] = "informal",
    roster: RosterFile = None,
    timetable: TimetableFile = None,
    friendships: FriendshipsFile = None,
    sites: SitesFile = None,
    course_start: CourseStart = None,
    dates: DateOrder = None,
    set_values: SetValues = None,
    out: OutFolder = ".",
    as_json: AsJson = False,
) -> None:
    """Read a school's files and draw its calendar: what was understood, what looks like a mistake, who is placed where and with how many.

    Nothing is simulated. The picture and its table (calendar.svg, calendar.png, calendar.csv) go to the folder that one is in, or to --out.
    """
    files = SchoolFiles(roster, timetable, friendships, sites, course_start.date() if course_start else None, dates)
    faults: list[Fault] = []
    if roster is None and not files.options():
        faults.append(Fault("--roster", "is missing: there is nothing to check", "add --roster FILE, and --timetable FILE"))
    with output_folder(out if timetable is not None else None, faults) as folder:
        (scenario,) = load_scenarios([name], set_values or [], files, faults)
        from wardmates.shown import console, say, text_of

        say_read(console(stderr=True), files, [scenario])
        school = scenario.school
        assert school is not None
        calendar = None
        if school.timetable is None:
            say(console(stderr=True), "Note: there is no calendar to draw without --timetable.")
        else:
            from experiments.calendar import school_calendar

            calendar = school_calendar(school, scenario.parameters.companions)
        summary = _summary(school, calendar)
        text = json.dumps(summary, indent=2) + "\n" if as_json else text_of(lambda screen: _print(screen, summary))

        def written(place: Path) -> list[str]:
            assert calendar is not None
            return _write(calendar, place)

        hand_over(text, folder, written, is_named=not as_json)


def _summary(school: School, calendar: SchoolCalendar | None) -> dict[str, Any]:
    """What is told of the files, ready for JSON: no ids, and no count below the least that is told."""
    told: dict[str, Any] = {
        "students": school.n_students,
        "warnings": [note.removeprefix(_WARNING) for note in school.notes if note.startswith(_WARNING)],
        "notes": [note for note in school.notes if not note.startswith(_WARNING)],
        "digest": school.digest,
    }
    if calendar is not None:
        from experiments.calendar import said
        from wardmates.run_files import WITHHELD

        told["calendar"] = said(calendar)
        told["sites"] = [
            {"site": site, "weeks": int((calendar.band[k] > 0).sum()), "most_at_a_time": WITHHELD if math.isnan(most) else int(most),
             "capacity": None if calendar.capacity is None else int(calendar.capacity[k])}
            for k, (site, most) in enumerate(zip(calendar.sites, calendar.most.tolist(), strict=True))
        ]  # fmt: skip
    return told


def _print(screen: Console, summary: dict[str, Any]) -> None:
    from wardmates.shown import plain_table, printable

    screen.print(f"The files have no faults: {summary['students']} students.\n", style="bold")
    if summary["warnings"]:
        screen.print("To look at:")
        for sentence in summary["warnings"]:
            screen.print(printable(f"- {sentence}"))
        screen.print()
    if "sites" in summary:
        has_places = any(row["capacity"] is not None for row in summary["sites"])
        table = plain_table("Sites")
        for heading in ("site", "weeks in use", "most students at a time", *(["places"] if has_places else [])):
            table.add_column(heading, justify="left" if heading == "site" else "right")
        for row in summary["sites"]:
            cells = [printable(row["site"]), str(row["weeks"]), str(row["most_at_a_time"])]
            table.add_row(*cells, *([str(row["capacity"])] if has_places else []))
        screen.print(table)
        screen.print()
        screen.print(f"The calendar: {summary['calendar']}\n")
    screen.print("What was understood:")
    for note in summary["notes"]:
        screen.print(printable(f"- {note}"))


def _write(calendar: SchoolCalendar, out: Path) -> list[str]:
    """Write the picture and its table, each whole or not at all."""
    from experiments.calendar import calendar_table
    from experiments.figure_calendar import draw_calendar, write_calendar

    contents = write_calendar(draw_calendar(calendar))
    contents["calendar.csv"] = calendar_table(calendar).to_csv(index=False, lineterminator="\n").encode()
    with tempfile.TemporaryDirectory(dir=out, prefix=".unfinished-") as place:
        for name, data in contents.items():
            (Path(place) / name).write_bytes(data)
        for name in contents:
            os.replace(Path(place) / name, out / name)
    return sorted(contents)
