"""`wardmates sweep rerun`: one run of a store again, with its full history, held against the store."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simulation.faults import Fault, InputError
from wardmates.command_run import read_weeks, summarise
from wardmates.command_sweep_store import StoreFolder
from wardmates.given import (
    AsJson,
    CourseStart,
    DateOrder,
    FriendshipsFile,
    OutFolder,
    RosterFile,
    SchoolFiles,
    SitesFile,
    TimetableFile,
    command_line,
)
from wardmates.results import EXIT_FAILED, hand_over, output_folder

if TYPE_CHECKING:
    from pathlib import Path

    from experiments.sweep.rerun import Again
    from experiments.sweep.store import Store
    from simulation.record.history import History


def rerun(
    store: StoreFolder,
    row: Annotated[int, typer.Argument(metavar="ROW", help="Number of the row.")],
    roster: RosterFile = None,
    timetable: TimetableFile = None,
    friendships: FriendshipsFile = None,
    sites: SitesFile = None,
    course_start: CourseStart = None,
    dates: DateOrder = None,
    weeks: Annotated[str, typer.Option("--weeks", metavar="36,88", help="Weeks of the course whose ties are kept, besides the year-ends.")] = "",
    out: OutFolder = None,
    as_json: AsJson = False,
) -> None:
    """Run one row of a store again: its full history, as `wardmates run --out` writes it, and whether its outcomes are those of the store.

    The exit code is 1 if they are not the same to the last bit.
    """
    from experiments.sweep.rerun import rerun as run_again
    from experiments.sweep.rerun import scenario_of
    from experiments.sweep.store import read_store
    from wardmates.ready import away_from_ctrl_c, make_ready
    from wardmates.run_files import write_run
    from wardmates.shown import console, say, text_of
    from wardmates.sweep_inputs import say_school, school_of_store

    files = SchoolFiles(roster, timetable, friendships, sites, course_start.date() if course_start else None, dates)
    faults: list[Fault] = []
    with output_folder(out, faults) as folder:
        if faults:
            raise InputError(faults)
        found = read_store(store)
        school = school_of_store(found, files)
        stored = found.row(row)
        tie_weeks = read_weeks(weeks, scenario_of(found, row, school))
        err = console(stderr=True)
        say_school(err, found.design, files, school)
        for sentence in _notes(found):
            say(err, sentence)
        make_ready(found.manifest.engine, err)
        say(err, "Simulating ...")
        again: list[Again] = []

        def simulate() -> History:
            again.append(run_again(found, row, school, tie_weeks))
            return again[0].history

        try:
            away_from_ctrl_c(found.manifest.engine, simulate)
        except Exception as error:
            was = "It is not in the store." if stored is None else f"In the store it is {stored['status']}: {stored['error'] or 'it did not fail'}"
            typer.echo(f"Row {row} failed: {type(error).__name__}: {error}\n{was}", err=True)
            raise typer.Exit(EXIT_FAILED) from error
        result = again[0]
        options: list[tuple[str, object]] = [*files.options(), *([("--weeks", ",".join(map(str, tie_weeks)))] if tie_weeks else [])]
        command = command_line("sweep rerun", [store.name, str(row)], options)
        summary = {**summarise(result.scenario, result.history, found.manifest.engine, command), "row": row, **_verdict(result)}

        def written(place: Path) -> list[str]:
            return write_run(result.history, summary, place)

        text = json.dumps(summary, indent=2) + "\n" if as_json else text_of(lambda screen: screen.print(_told(found, result, summary)))
        hand_over(text, folder, written, is_named=not as_json)
        if summary["is_as_stored"] is False:
            raise typer.Exit(EXIT_FAILED)


def _notes(store: Store) -> list[str]:
    """What may make the run another one than the store's."""
    from experiments.sweep.manifest import sources, versions

    there = store.manifest
    notes = [] if there.sources == sources() else ["the store was made with another source of the model, so the outcomes need not be the same"]
    if there.versions != versions():
        notes.append("the store was made with other versions of libraries, which may move last digits")
    return [f"Note: {note}." for note in notes]


def _verdict(again: Again) -> dict[str, Any]:
    """Whether the outcomes are the store's, ready for JSON: null where it has no such row or an outcome has no value."""
    differing = {name: {"in_store": _or_none(old), "again": _or_none(new)} for name, (old, new) in again.differing().items()}
    return {"is_as_stored": None if again.stored is None else not differing, "differing": differing,
            "outcomes": {name: _or_none(value) for name, value in again.outcomes.items()}}  # fmt: skip


def _or_none(value: float) -> float | None:
    return None if value != value else value


def _told(store: Store, again: Again, verdict: dict[str, Any]) -> str:
    point, replicate, name = store.place_of(again.row)
    lines = [f"Row {again.row}: {name} at point {point}, replicate {replicate}, seed {again.history.seed}"]
    lines += [f"  {factor} = {value}" for factor, value in store.design.at(point).items()]
    n, differing = len(again.outcomes), verdict["differing"]
    if again.stored is None:
        lines.append("The store does not hold this row yet, so there is nothing to compare with.")
    elif not differing:
        lines.append(f"All {n} outcomes are those of the store, bit for bit.")
    else:
        was = f", where the run failed ({again.stored['error']})" if again.stored["error"] else ""
        lines.append(f"{len(differing)} of {n} outcomes are not those of the store{was}:")
        lines += [f"  {outcome}: {pair['in_store']} in the store, {pair['again']} now" for outcome, pair in differing.items()]
    return "\n".join(lines) + "\n"
