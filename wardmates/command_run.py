"""`wardmates run`: one scenario in one cohort, to look at closely."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Annotated, Any

import typer

from experiments.engines import DEFAULT_ENGINE
from simulation.faults import Fault, InputError
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
from wardmates.results import hand_over, output_folder

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from simulation.record.history import History
    from simulation.scenario.scenario import Scenario


def run(
    name: Annotated[str, typer.Argument(metavar="SCENARIO", help="Bundled name or TOML file.")],
    roster: RosterFile = None,
    timetable: TimetableFile = None,
    friendships: FriendshipsFile = None,
    sites: SitesFile = None,
    course_start: CourseStart = None,
    dates: DateOrder = None,
    seed: Seed = 1,
    set_values: SetValues = None,
    weeks: Annotated[str, typer.Option("--weeks", metavar="36,88", help="Weeks of the course whose ties are kept, besides the year-ends.")] = "",
    out: OutFolder = None,
    as_json: AsJson = False,
    engine: EngineName = DEFAULT_ENGINE,
) -> None:
    """Run one scenario once: its years, the way to help, and why students were missed."""
    files = SchoolFiles(roster, timetable, friendships, sites, course_start.date() if course_start else None, dates)
    faults: list[Fault] = []
    of_engine = given_engine(engine, faults)
    with output_folder(out, faults) as folder:
        scenario = load_scenarios([name], set_values or [], files, faults)[0]
        tie_weeks = read_weeks(weeks, scenario)
        options: list[tuple[str, object]] = [*files.options(), *[("--set", text) for text in set_values or []], ("--seed", seed)]
        if tie_weeks:
            options.append(("--weeks", ",".join(map(str, tie_weeks))))
        options += of_engine
        from simulation.run import run as simulate
        from wardmates.ready import away_from_ctrl_c, make_ready
        from wardmates.run_files import write_run
        from wardmates.shown import console, say, text_of

        err = console(stderr=True)
        say_read(err, files, [scenario], _weeks_unused(scenario, folder) if tie_weeks else [])
        make_ready(engine, err)
        say(err, "Simulating ...")
        history = away_from_ctrl_c(engine, lambda: simulate(scenario, seed, weeks_of_ties=tie_weeks, engine=engine))
        summary = summarise(scenario, history, engine, command_line("run", [name], options))

        def written(place: Path) -> list[str]:
            return write_run(history, summary, place)

        text = json.dumps(summary, indent=2) + "\n" if as_json else text_of(lambda screen: _print(screen, summary))
        hand_over(text, folder, written, is_named=not as_json)


def _weeks_unused(scenario: Scenario, folder: Path | None) -> list[str]:
    if scenario.school is not None:
        return ["--weeks changes nothing with --roster: no ties between a school's own students are written."]
    return [] if folder is not None else ["--weeks changes nothing without --out: ties are written to files and not shown."]


def read_weeks(text: str, scenario: Scenario) -> tuple[int, ...]:
    """Weeks of the course from a list with commas, sorted.

    Raises:
        InputError: with every entry that is no week of the course.
    """
    from simulation.scenario.programme import WEEKS_A_YEAR

    n_weeks = WEEKS_A_YEAR * (scenario.parameters.campus_years + scenario.parameters.clinical_years)
    entries = [entry.strip() for entry in text.split(",") if entry.strip()]
    wrong = [entry for entry in entries if not (entry.isascii() and entry.isdigit() and 1 <= int(entry) <= n_weeks)]
    if wrong:
        raise InputError(Fault("--weeks", "is no week of the course", f"whole numbers from 1 to {n_weeks}, with commas", value=entry)
                         for entry in wrong)  # fmt: skip
    return tuple(sorted({int(entry) for entry in entries}))


def summarise(scenario: Scenario, history: History, engine: str, command: str) -> dict[str, Any]:
    """What is told of a run, ready for JSON; a school's counts below the least are withheld."""
    import numpy as np

    from simulation.record.networks import year_end_table
    from simulation.record.outcomes import HEADLINE, OUTCOMES
    from simulation.record.reach import cascade, missed_reasons
    from simulation.scenario.school import FEWEST_TOLD
    from wardmates import __version__
    from wardmates.run_files import WITHHELD

    def count(n: int) -> int | str:
        return WITHHELD if history.has_school and n < FEWEST_TOLD else n

    def share(value: float, n: float) -> float | str | None:
        if math.isnan(value):
            return None
        return WITHHELD if history.has_school and round(value * n) < FEWEST_TOLD else value

    n = history.n_students
    years = []
    for row in year_end_table(history).to_dict("records"):
        shares = {name: share(float(row[name]), n) for name in ("no_friend_share", "prevalence")}
        means = {name: None if math.isnan(row[name]) else float(row[name])
                 for name in ("friends_mean", "close_friends_mean", "transitivity", "jaccard")}  # fmt: skip
        years.append({"year": int(row["year"]), **means, **shares})
    outcome = OUTCOMES[HEADLINE]
    headline = float(outcome.value(np.array(outcome.parts(history, history))))
    return {
        "command": command, "version": __version__, "scenario": scenario.name, "title": scenario.title, "fingerprint": scenario.fingerprint,
        "seed": history.seed, "engine": engine, "students": n, "has_school": history.has_school, HEADLINE: share(headline, n / 100),
        "year_ends": years,
        "cascade": {step: count(k) for step, k in cascade(history).items()},
        "missed": {reason: count(k) for reason, k in missed_reasons(history).items()},
        "notes": _notes(scenario, history),
    }  # fmt: skip


def _notes(scenario: Scenario, history: History) -> list[str]:
    from wardmates.run_files import WITHHELD

    notes = ["One run is one simulated cohort, and another seed gives another; compare scenarios with `wardmates compare`."]
    if scenario.school is not None:
        notes += scenario.school.notes
        notes.append("These are a school's own students: nothing about a single student is shown or written (no episodes, ties or graphs), "
                     f"only weekly aggregates, and counts below 5 are withheld ({WITHHELD!r}, or blank in the files).")  # fmt: skip
    if history.spread_sites:
        notes.append("Without teams, hours were spread over the companions expected at: " + ", ".join(history.spread_sites) + ".")
    return notes


def _print(screen: Console, summary: dict[str, Any]) -> None:
    from simulation.record.history import REASON_TEXTS
    from simulation.record.outcomes import HEADLINE
    from wardmates.run_files import WITHHELD
    from wardmates.shown import plain_table

    screen.print(f"{summary['title']} ({summary['scenario']}), seed {summary['seed']}, {summary['students']} students")
    screen.print(f"Students distressed for weeks, mostly without a friend and reached by nobody, per 100 enrolled: {_figure(summary[HEADLINE])}\n")
    columns = ("year", "friends_mean", "close_friends_mean", "no_friend_share", "prevalence", "transitivity", "jaccard")
    table = plain_table("At the end of each year's teaching")
    for heading in ("year", "friends", "close friends", "share with no friend", "share distressed", "transitivity", "friendships kept (Jaccard)"):
        table.add_column(heading, justify="right")
    for row in summary["year_ends"]:
        table.add_row(*(_figure(row[column]) for column in columns))
    screen.print(table)
    screen.print()
    table = plain_table("The way to help, of the episodes of distress that began after the settling-in")
    for heading in ("step", "episodes", "share"):
        table.add_column(heading, justify="left" if heading == "step" else "right")
    of = summary["cascade"]["episode"]
    for step, n in summary["cascade"].items():
        is_known = isinstance(n, int) and isinstance(of, int) and of > 0
        table.add_row("episodes" if step == "episode" else step, str(n), f"{100 * n / of:.0f} %" if is_known else "")
    screen.print(table)
    screen.print()
    table = plain_table("Why the others were missed")
    table.add_column("episodes", justify="right")
    table.add_column("reason")
    for reason, n in summary["missed"].items():
        if n not in (0, WITHHELD):
            table.add_row(str(n), f"{reason}: {REASON_TEXTS[reason]}")
    n_withheld = list(summary["missed"].values()).count(WITHHELD)
    if n_withheld:  # zeros among them: which reasons occur at all is withheld too
        table.add_row(WITHHELD, f"or none, for each of {'the other' if table.row_count else 'all'} {n_withheld} reasons")
    screen.print(table if table.row_count else "Nobody was missed.")
    screen.print()
    for note in summary["notes"]:
        screen.print(f"- {note}")


def _figure(value: float | str | None) -> str:
    if value is None or isinstance(value, str):
        return value or "-"
    return str(value) if isinstance(value, int) else f"{value:.2f}"
