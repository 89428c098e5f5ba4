"""`wardmates compare`: several scenarios in the same worlds, the first of them the baseline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from experiments.engines import DEFAULT_ENGINE, usable_cores
from wardmates.given import (
    AsJson,
    CourseStart,
    DateOrder,
    EngineName,
    FriendshipsFile,
    OutFolder,
    RosterFile,
    SchoolFiles,
    Seed,
    SetValues,
    SitesFile,
    TimetableFile,
    command_line,
    given_engine,
    load_scenarios,
    say_read,
)
from wardmates.results import EXIT_FAILED, hand_over, output_folder

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from experiments.compare import Comparison
    from simulation.faults import Fault

DEFAULT_SCENARIOS = ("informal", "training", "officers", "officers-outreach")
DEFAULT_REPLICATES = 200


def compare(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="SCENARIO", show_default=" ".join(DEFAULT_SCENARIOS),
                       help="Bundled names or TOML files; the first is the baseline."),
    ] = None,
    roster: RosterFile = None,
    timetable: TimetableFile = None,
    friendships: FriendshipsFile = None,
    sites: SitesFile = None,
    course_start: CourseStart = None,
    dates: DateOrder = None,
    replicates: Annotated[int, typer.Option(min=1, max=100_000, help="Cohorts simulated for each scenario.")] = DEFAULT_REPLICATES,
    seed: Seed = 1,
    set_values: SetValues = None,
    out: OutFolder = None,
    as_json: AsJson = False,
    engine: EngineName = DEFAULT_ENGINE,
    workers: Annotated[int | None, typer.Option(min=1, max=1024, show_default="all cores", help="Runs at one time; it changes no figure.")] = None,
) -> None:  # fmt: skip
    """Compare scenarios: who is left unreached under each, and by how much they differ.

    Every scenario meets the same students and the same luck, so a difference is what the scenario makes of it.
    """
    chosen = names or list(DEFAULT_SCENARIOS)
    files = SchoolFiles(roster, timetable, friendships, sites, course_start.date() if course_start else None, dates)
    faults: list[Fault] = []
    options: list[tuple[str, object]] = [*files.options(), *[("--set", text) for text in set_values or []],
                                         ("--replicates", replicates), ("--seed", seed), *given_engine(engine, faults)]  # fmt: skip
    at_once = min(workers or usable_cores(), replicates)
    with output_folder(out, faults) as folder:
        scenarios = load_scenarios(chosen, set_values or [], files, faults)
        from experiments.compare import RunError, write
        from experiments.compare import compare as simulate
        from experiments.execute import runs_at_once
        from wardmates.ready import make_ready, meanwhile, prepare_report
        from wardmates.shown import console, progress, text_of

        say_read(console(stderr=True), files, scenarios)
        try:
            make_ready(engine, console(stderr=True))
            with progress(len(scenarios) * replicates, runs_at_once(len(scenarios), replicates, at_once, engine)) as on_progress:
                if folder is not None:
                    on_progress = meanwhile(on_progress, prepare_report)
                comparison = simulate(scenarios, seed=seed, replicates=replicates, workers=at_once, engine=engine, on_progress=on_progress)
        except RunError as error:
            typer.echo(f"The comparison could not be finished: {error}. No results were written.", err=True)
            raise typer.Exit(EXIT_FAILED) from error

        def written(place: Path) -> list[str]:
            paths = write(comparison, place, command_line("compare", chosen, options))
            return list(dict.fromkeys(path.name if path.parent == place else f"{path.parent.name}/" for path in paths))

        text = comparison.to_json() + "\n" if as_json else text_of(lambda screen: _print(screen, comparison))
        hand_over(text, folder, written, is_named=not as_json)


def _print(screen: Console, comparison: Comparison) -> None:
    """What was found first, then the table it rests on, then what must be said with it."""
    from experiments.tables import headline_sentences, render_table

    for sentence in headline_sentences(comparison):
        screen.print(sentence)
    screen.print()
    screen.print(render_table(comparison))
    screen.print()
    for note in comparison.notes:
        screen.print(f"- {note}")
