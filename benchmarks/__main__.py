"""`python -m benchmarks`: measure, print, and write the record and the picture."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.sizes import FULL, LINEAR_ALGEBRA, PARTS, QUICK, Sizes
from simulation.faults import Fault, InputError, nearest

ROOT = Path(__file__).resolve().parents[1]
EXIT_FAILED, EXIT_FAULTS = 1, 2

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def bench(
    quick: Annotated[bool, typer.Option("--quick",
                                        help="Smaller cohorts, fewer rounds, no cold start: about a minute, and what compiling takes.")] = False,
    out: Annotated[Path | None, typer.Option("--out", metavar="FOLDER", show_default="benchmarks/results; out/bench where it is not the whole run",
                                             help="Where bench.json, bench.svg and bench.png are written.")] = None,
    parts: Annotated[str, typer.Option("--parts", metavar="LIST", help="What to measure, with commas.")] = ",".join(PARTS),
    redraw: Annotated[bool, typer.Option("--redraw", help="Measure nothing: show and draw what stands in the folder.")] = False,
) -> None:  # fmt: skip
    """Measure the engine: its speed, scaling, memory, threads and starts, all in one interleaved run of some ten minutes.

    A bar that is not met is said, and is no failure.
    """
    try:
        wanted = parts_of(parts)
        _run(QUICK if quick else FULL, wanted, out, redraw)
    except InputError as error:
        from wardmates.shown import show_faults

        show_faults(error.faults)
        raise typer.Exit(EXIT_FAULTS) from error
    except (OSError, RuntimeError) as error:
        typer.echo(f"It could not be finished: {error}", err=True)
        raise typer.Exit(EXIT_FAILED) from error


def parts_of(text: str) -> tuple[str, ...]:
    """Parts from a list with commas, in the order of PARTS.

    Raises:
        InputError: with every entry that is no part, or if there is none at all.
    """
    entries = [entry.strip() for entry in text.split(",") if entry.strip()]
    faults = [Fault("--parts", "there is no such part", nearest(entry, PARTS), value=entry) for entry in entries if entry not in PARTS]
    if faults or not entries:
        raise InputError(faults or [Fault("--parts", "nothing to measure", ", ".join(PARTS), value=text)])
    return tuple(name for name in PARTS if name in entries)


def _run(sizes: Sizes, wanted: tuple[str, ...], out: Path | None, redraw: bool) -> None:
    for name in LINEAR_ALGEBRA:  # before anything imports numpy: threads that wait for one another would count as the Mesa model's time
        os.environ.setdefault(name, "1")
    from benchmarks.results import default_folder, keep_whole, read, write
    from benchmarks.tables import show
    from wardmates.shown import console

    is_whole = not sizes.is_quick and wanted == PARTS
    place = out if out is not None else default_folder(ROOT, is_whole=is_whole)
    if redraw:
        record = read(place)
    else:
        keep_whole(place, is_whole=is_whole)
        from benchmarks.whole import measure

        record = measure(sizes, wanted)
    show(record, console())
    for path in write(record, place):
        typer.echo(f"written: {path}", err=True)


if __name__ == "__main__":
    app(prog_name="python -m benchmarks")
