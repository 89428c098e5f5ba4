"""Where results go: a run that is not whole never replaces one that is."""

from __future__ import annotations

import os
from pathlib import Path

from benchmarks.picture import draw, picture_bytes
from benchmarks.record import Bench
from simulation.faults import Fault, InputError

WHOLE = Path("benchmarks") / "results"
PARTIAL = Path("out") / "bench"
RECORD = "bench.json"


def default_folder(root: Path, *, is_whole: bool) -> Path:
    """The folder for results where none is given.

    Args:
        root: the project's folder.
        is_whole: whether everything is measured at full size.
    """
    return root / (WHOLE if is_whole else PARTIAL)


def keep_whole(place: Path, *, is_whole: bool) -> None:
    """See that a lesser run does not take the place of a whole one.

    Raises:
        InputError: it would.
    """
    if not is_whole and (place / RECORD).exists() and read(place).is_whole:
        raise InputError([Fault("--out", "holds the results of a whole run, and this will be a part or a quick one", "another folder",
                                value=str(place))])  # fmt: skip


def read(place: Path) -> Bench:
    """The record in a folder.

    Raises:
        InputError: there is none.
    """
    path = place / RECORD
    if not path.exists():
        raise InputError([Fault("--out", f"holds no {RECORD}", "a folder that the benchmarks wrote to", value=str(place))])
    return Bench.model_validate_json(path.read_text(encoding="utf-8"))


def write(bench: Bench, place: Path) -> list[Path]:
    """Write bench.json, bench.svg and bench.png; each is renamed into place when it is complete.

    Raises:
        OSError: the folder cannot be written to.
    """
    contents = {RECORD: (bench.model_dump_json(indent=1) + "\n").encode()}
    figure = draw(bench)
    if figure is not None:
        contents |= {f"bench.{kind}": picture_bytes(figure, kind) for kind in ("svg", "png")}
    place.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        part = place / f".{name}.part"
        part.write_bytes(content)
        os.replace(part, place / name)
    return [place / name for name in contents]
