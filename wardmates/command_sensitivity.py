"""`wardmates sensitivity`: which parameters decide an outcome, or a paired difference, and how much of it is the seed."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulation.faults import Fault, InputError, nearest
from wardmates.given import AsJson, OutFolder, command_line
from wardmates.results import hand_over, output_folder

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from experiments.sensitivity.evaluations import Evaluations
    from experiments.sensitivity.report import RankedRow
    from experiments.sensitivity.study import Study
    from experiments.sweep.design import Design
    from experiments.sweep.store import Store

MOST_ROWS = 25
FEWEST_UNTOLD = 5
MOST_RUNS_LISTED = 20
_ELSEWHERE = "Evaluations made elsewhere"


def sensitivity(
    store: Annotated[Path | None, typer.Argument(metavar="STORE", show_default=False, help="A finished sweep.")] = None,
    outcome: Annotated[
        str | None,
        typer.Option("--outcome", metavar="NAME", show_default="unreached_isolated_students", help="What is explained; with --results, its column."),
    ] = None,
    scenario: Annotated[
        str | None, typer.Option("--scenario", metavar="NAME", show_default="the design's first", help="In which scenario.")
    ] = None,
    difference: Annotated[
        tuple[str, str] | None,
        typer.Option("--difference", metavar="A B", show_default=False,
                     help="Scenario A less scenario B, in the same worlds, in the place of one scenario."),
    ] = None,
    second_order: Annotated[bool, typer.Option("--second-order", help="Pairs too; the design must have been made with --second-order.")] = False,
    design: Annotated[
        Path | None, typer.Option("--design", metavar="FILE", rich_help_panel=_ELSEWHERE, help="The design that was evaluated.")
    ] = None,
    results: Annotated[
        Path | None,
        typer.Option("--results", metavar="FILE", rich_help_panel=_ELSEWHERE,
                     help="CSV or Parquet with point, replicate (where there are several) and a column an outcome."),
    ] = None,
    out: OutFolder = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Which parameters decide, and how much is the seed: indices with intervals, their method read from the sweep's design.

    For instance: wardmates sensitivity STORE --outcome reach --difference officers-outreach informal --out report
    """
    faults = _faults_of_options(store, outcome, scenario, difference, design, results)
    options: list[tuple[str, object]] = [("--outcome", outcome)] if outcome else []
    options += [("--scenario", scenario)] if scenario else []
    with output_folder(out, faults) as folder:
        if faults:
            raise InputError(faults)
        from experiments.sensitivity.report import render
        from experiments.sensitivity.report_files import as_json as json_of
        from experiments.sensitivity.report_files import pictures, write
        from wardmates.shown import text_of

        if store is not None:
            study, versions = _of_store(store, outcome, scenario, difference, second_order)
            command = command_line("sensitivity", [str(store)], options)
        else:
            assert design is not None and results is not None and outcome is not None
            study, versions = _of_results(design, results, outcome, second_order), {}
            command = command_line("sensitivity", [], [("--design", design.name), ("--results", results.name), *options])
        command += f" --difference {difference[0]} {difference[1]}" if difference else ""
        command += " --second-order" if second_order else ""

        def written(place: Path) -> list[str]:
            found = pictures(study)
            paths = write(study, place, render(study, found, command, versions), found)
            return list(dict.fromkeys(path.name if path.parent == place else f"{path.parent.name}/" for path in paths))

        said = _said(study)
        text = (json.dumps(json_of(study, said), ensure_ascii=False, allow_nan=False) + "\n" if as_json else
                text_of(lambda screen: _print(screen, study, said)))  # fmt: skip
        hand_over(text, folder, written, is_named=not as_json)


def _faults_of_options(store: Path | None, outcome: str | None, scenario: str | None, difference: tuple[str, str] | None, design: Path | None,
                       results: Path | None) -> list[Fault]:  # fmt: skip
    """Options that do not go together."""
    faults = []
    if store is not None:
        faults += [Fault(option, "is for evaluations made elsewhere, and a store is given", "a STORE, or --design with --results", value=str(value))
                   for option, value in (("--design", design), ("--results", results)) if value is not None]  # fmt: skip
        if scenario is not None and difference is not None:
            faults.append(Fault("--scenario", "is given together with --difference", "one of the two", value=scenario))
        return faults
    if design is None and results is None:
        return [Fault("STORE", "nothing is given to analyse", "the folder of a sweep, or --design FILE --results FILE --outcome NAME")]
    faults += [Fault(option, f"is missing: {what}", f"add {option}") for option, value, what in
               (("--design", design, "the points that were evaluated"), ("--results", results, "the evaluations"),
                ("--outcome", outcome, "which column of the results is explained")) if value is None]  # fmt: skip
    if scenario is not None or difference is not None:
        faults.append(Fault("--scenario" if scenario is not None else "--difference", "is for a sweep's store; results hold a column an outcome",
                            "--outcome NAME; for a difference, a column with it"))  # fmt: skip
    return faults


def _of_store(path: Path, outcome: str | None, scenario: str | None, difference: tuple[str, str] | None,
              second_order: bool) -> tuple[Study, dict[str, str]]:  # fmt: skip
    """The study of a sweep, and the versions of what ran it.

    Raises:
        InputError: the store cannot be read, is not finished, or has no such outcome or scenario.
    """
    from experiments.sweep.store import read_store
    from simulation.record.outcomes import HEADLINE

    store = read_store(path)
    names = list(store.design.contents)
    faults = [Fault("--difference" if difference else "--scenario", "the sweep has no such scenario", nearest(name, names), value=name)
              for name in difference or ([scenario] if scenario else []) if name not in names]  # fmt: skip
    if difference and len(names) < 2:
        faults = [Fault("--difference", "the sweep has one scenario alone", "a design with several: `wardmates sweep design --scenarios A,B`",
                        value=names[0])]  # fmt: skip
    known = list(store.manifest.outcomes)
    wanted = outcome or (HEADLINE if HEADLINE in known else known[0])
    if wanted not in known:
        faults.append(Fault("--outcome", "the sweep has no such outcome", nearest(wanted, known) or "a column of STORE/chunks", value=wanted))
    faults += unfinished(store)
    if faults:
        raise InputError(faults)
    from experiments.sensitivity.analyse import analyse
    from experiments.sensitivity.study import all_scenarios, read_evaluations, study_of

    evaluations = read_evaluations(store, wanted, scenario or names[0], difference)
    analysis = analyse(store.design, evaluations, second_order=_pairs(store.design, second_order))
    values = all_scenarios(store, wanted) if len(names) > 1 else {}
    return study_of(store.design, wanted, evaluations, analysis, difference, values), store.manifest.versions


def unfinished(store: Store) -> list[Fault]:
    """A fault for each of the first runs that are missing or failed, after one that counts them; none of a store that is finished."""
    rows = store.missing()
    if rows.empty:
        return []
    failed = rows[rows["status"] == "failed"]
    n_missing = len(rows) - len(failed)
    store_path, design_path = shlex.quote(str(store.path)), shlex.quote(str(store.path / "design.parquet"))
    if store.manifest.part:
        return [Fault(str(store.path), f"is part {store.manifest.part} of a sweep", "all parts together: `wardmates sweep merge` joins them")]
    parts = ([f"{n_missing:,} are missing"] if n_missing else []) + ([f"{len(failed):,} failed"] if len(failed) else [])
    retry = " --retry-failed" if len(failed) else ""
    faults = [Fault(str(store.path), f"of its {store.design.n_runs:,} runs {' and '.join(parts)}; nothing is analysed with gaps",
                    f"every run: `wardmates sweep run {design_path} --out {store_path}{retry}` goes on, and `wardmates sweep status {store_path}` "
                    "tells more")]  # fmt: skip
    for row in rows.head(MOST_RUNS_LISTED).itertuples(index=False):
        why = f"failed: {row.error}" if row.status == "failed" else "is missing"
        faults.append(Fault(f"run {row.row}", why, value=f"point {row.point}, replicate {row.replicate}, {row.scenario}"))
    if len(rows) > MOST_RUNS_LISTED:
        faults.append(Fault("and more", f"{len(rows) - MOST_RUNS_LISTED:,} runs like these"))
    return faults


def _of_results(path: Path, results: Path, outcome: str, second_order: bool) -> Study:
    """The study of evaluations made elsewhere.

    Raises:
        InputError: a file that cannot be read, or results that are not those of the design.
    """
    from experiments.sensitivity.analyse import analyse
    from experiments.sensitivity.evaluations import of_table
    from experiments.sensitivity.study import study_of
    from experiments.sweep.design import load_design

    design = load_design(path)
    evaluations: Evaluations = of_table(design, _read_table(results), outcome, where=results.name)
    return study_of(design, outcome, evaluations, analyse(design, evaluations, second_order=_pairs(design, second_order)))


def _pairs(design: Design, wanted: bool) -> bool:
    """Whether pairs are analysed.

    Raises:
        InputError: they are wanted, and the design has not the points for them.
    """
    if wanted and not design.second_order:
        raise InputError([Fault("--second-order", "the design has no points for pairs", "a design made with `wardmates sweep design --method sobol "
                                "--second-order`", value=design.method)])  # fmt: skip
    return wanted


def _read_table(path: Path) -> pd.DataFrame:
    """A user's results.

    Raises:
        InputError: they cannot be read.
    """
    import pandas as pd
    from pyarrow import ArrowInvalid

    try:
        return pd.read_parquet(path) if path.suffix.lower() in (".parquet", ".pq") else pd.read_csv(path, comment="#")
    except OSError as error:
        reason = error.strerror or str(error)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, ArrowInvalid, UnicodeDecodeError) as error:
        reason = str(error)
    raise InputError([Fault("--results", f"cannot be read ({reason})", "a CSV or Parquet file with point, replicate and outcomes", value=str(path))])


def _said(study: Study) -> list[str]:
    """Everything that is said, in order."""
    from experiments.sensitivity import words

    said = words.sentences(study.shown)
    more = [words.wins_sentence(study.wins)] if study.wins is not None else []
    if study.discovery is not None:
        more += words.discovery_sentences(study.discovery, study.outcome)
    return [*said, *more, *(str(step) for step in words.next_steps(study.shown, study.design))]


def _print(screen: Console, study: Study, said: list[str]) -> None:
    """What was analysed, the ranking, and what follows from it."""
    from experiments.sensitivity import words
    from experiments.sensitivity.report import ranked_rows, shown_columns
    from wardmates.shown import plain_table

    analysis = study.shown
    screen.print(words.what_was_run(analysis))
    screen.print(words.level_of(analysis))
    screen.print()
    columns = shown_columns(analysis)
    table = plain_table()
    table.add_column("parameter", no_wrap=True)
    for index in columns:
        table.add_column(index, no_wrap=True)
    rows = ranked_rows(study)
    told, untold = [row for row in rows if row.is_told], [row for row in rows if not row.is_told]
    shown = max(FEWEST_UNTOLD, MOST_ROWS - len(told))

    def cells(row: RankedRow) -> list[str]:
        return [value + (f" ({interval})" if interval else "") for value, interval in row.cells]

    for row in told:
        table.add_row(row.name, *cells(row))
    if untold:
        table.add_row(f"-- not told from zero (floor {words.value_floor(analysis)}) --", *[""] * len(columns), style="dim")
    for row in untold[:shown]:
        table.add_row(row.name, *cells(row), style="dim")
    screen.print(table)
    if len(untold) > shown:
        screen.print(f"... and {len(untold) - shown} more that are not told from zero: all with --json, or in tables/indices.csv with --out.")
    screen.print()
    for sentence in said:
        screen.print(f"- {sentence.replace('`', '')}", soft_wrap="--method" in sentence)
