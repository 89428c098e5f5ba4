"""`wardmates claims`: what the study says, each put to the model as a test that can fail."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from experiments.engines import DEFAULT_ENGINE, usable_cores
from simulation.faults import Fault, InputError, nearest
from wardmates.given import AsJson, Seed
from wardmates.results import EXIT_FAILED, hand_over

if TYPE_CHECKING:
    from rich.console import Console

    from experiments.claims.claim import Claim


def claims(
    only: Annotated[str, typer.Option("--only", metavar="C3,C7", help="Only these claims.", show_default="all")] = "",
    seed: Seed = 1,
    as_json: AsJson = False,
    workers: Annotated[int | None, typer.Option(min=1, max=1024, show_default="all cores", help="Runs at one time; it changes no figure.")] = None,
) -> None:
    """Test what the study claims: one input moved in the same worlds, and a mutant on which the same test must fail.

    The exit code is 1 if a claim is not borne out that should be (or is that should not), or if a mutant goes unseen.
    """
    from experiments.claims.catalogue import CLAIMS

    chosen = chosen_claims(only, CLAIMS)
    from experiments.claims.run import n_runs, run_claims
    from experiments.compare import RunError
    from wardmates.ready import make_ready
    from wardmates.shown import console, progress, text_of

    at_once = workers or usable_cores()
    try:
        make_ready(DEFAULT_ENGINE, console(stderr=True))
        with progress(n_runs(chosen), at_once) as on_progress:
            rows = run_claims(chosen, seed=seed, workers=at_once, on_progress=on_progress)
    except RunError as error:
        typer.echo(f"The claims could not be tested: {error}. No results were written.", err=True)
        raise typer.Exit(EXIT_FAILED) from error
    text = json.dumps(_contents(rows, seed), indent=2) + "\n" if as_json else text_of(lambda screen: _print(screen, rows))
    hand_over(text, None, lambda folder: (), is_named=not as_json)
    if not all(row["is_as_known"] for row in rows):
        raise typer.Exit(EXIT_FAILED)


def chosen_claims(only: str, known: Sequence[Claim]) -> list[Claim]:
    """The claims that were asked for, in the order of the catalogue; all without a choice.

    Args:
        only: ids with commas, in any order and case.
        known: all claims.

    Raises:
        InputError: with every id that is no claim's.
    """
    asked = [name.strip().upper() for name in only.split(",") if name.strip()]
    ids = [claim.id for claim in known]
    faults = [Fault("--only", "no such claim", f"{ids[0]} to {ids[-1]}, with commas. {nearest(name, ids)}".strip(), value=name)
              for name in asked if name not in ids]  # fmt: skip
    if only.strip() and not asked:
        faults.append(Fault("--only", "names no claim", f"{ids[0]} to {ids[-1]}, with commas", value=only))
    if faults:
        raise InputError(faults)
    return [claim for claim in known if not asked or claim.id in asked]


def _contents(rows: list[dict[str, Any]], seed: int) -> dict[str, Any]:
    from experiments.claims.claim import FALSE_ALARM
    from wardmates import __version__

    return {"version": __version__, "seed": seed, "false_alarm_rate": FALSE_ALARM, "claims": rows}


def _print(screen: Console, rows: list[dict[str, Any]]) -> None:
    """A row for everything that was read; what the study says stands at the first of a claim."""
    from experiments.claims.claim import FALSE_ALARM
    from experiments.claims.rows import expectation, measured, said, summary
    from wardmates.shown import plain_table

    table = plain_table()
    for heading, share in (("the study says", 4), ("moved: measured", 5)):
        table.add_column(heading, ratio=share, overflow="fold")
    for heading in ("expected", "effect [95 %]", "verdict", "with the mutant", "mutant"):
        table.add_column(heading)
    for row in rows:
        for k, reading in enumerate(row["readings"]):
            claim, what = "" if k else f"{row['id']}: {row['says']}", f"{reading['moved']}: {measured(reading)}"
            verdict, mutant = reading["verdict"] + (" (known)" if reading["known"] else ""), reading["mutant"]
            table.add_row(claim, what, expectation(reading), said(reading), verdict, said(mutant), mutant["verdict"])
    screen.print(table)
    screen.print()
    for sentence in summary(rows):
        screen.print(sentence)
    screen.print(f"Borne out: on the expected side at a one-sided false-alarm rate of {FALSE_ALARM:g}. Mutant seen: with the mechanism switched off, "
                 "or its sign turned, the same test fails.")  # fmt: skip
