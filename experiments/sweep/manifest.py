"""What a store was made with, and in what that differs from what is asked for now.

Whether a sweep may go on is decided by what can change a number: the design, the source, the school's files, the engine. The libraries' versions
are noted and a difference is told, no more: random draws are the model's own, so another version rarely moves even the last digit.
"""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

import simulation
from experiments.sweep import points, rows
from experiments.sweep.design import Design
from simulation import __version__
from simulation.faults import Fault, InputError
from simulation.scenario.school import School

NAME = "manifest.json"
_LIBRARIES = ("numba", "llvmlite", "numpy", "scipy", "networkx", "pandas", "pyarrow", "mesa")
_INPUTS = {
    "roster": ("n_students", "attributes", "campus_group"), "timetable": ("timetable", "start_week"),
    "friendships": ("has_friendships", "friend_a", "friend_b", "friend_hours"), "sites": ("sites", "capacity"),
}  # fmt: skip
_MOST_FILES = 5


class Manifest(BaseModel):
    """What a store was made with.

    Attributes:
        store_version: of the store's form.
        design: digest of the design.
        runs: of the design, in all.
        sources: file -> hash, of everything that can change a number.
        inputs: a school's file -> hash of what was read from it; empty without a school.
        engine: a name in `simulation.ENGINES`.
        outcomes: columns of outcomes.
        shard: (K, N); (1, 1) is the whole.
        wardmates, versions: of the program, of Python and the libraries.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    store_version: Literal[1] = 1
    design: str
    runs: int
    sources: dict[str, str]
    inputs: dict[str, str]
    engine: str
    outcomes: tuple[str, ...]
    shard: tuple[int, int]
    wardmates: str
    versions: dict[str, str]

    @property
    def part(self) -> str:
        """The shard as people say it; "" for the whole."""
        return "" if self.shard == (1, 1) else f"{self.shard[0]}/{self.shard[1]}"


def manifest_of(job: rows.Job, shard: tuple[int, int]) -> Manifest:
    """The manifest of a sweep that is run here and now."""
    return Manifest(
        design=job.design.digest, runs=job.design.n_runs, sources=sources(), inputs=inputs_of(job.school), engine=job.engine,
        outcomes=job.outcomes, shard=shard, wardmates=__version__, versions=versions(),
    )  # fmt: skip


def read_manifest(store: Path) -> Manifest:
    """The manifest of a store.

    Raises:
        InputError: there is none, or it is no manifest.
    """
    try:
        return Manifest.model_validate_json((store / NAME).read_bytes())
    except OSError as error:
        raise InputError([Fault("store", f"has no {NAME} that can be read ({error.strerror})", "a folder that `wardmates sweep run` wrote",
                                value=str(store))]) from None  # fmt: skip
    except ValidationError as error:
        what = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()[:3])
        raise InputError([Fault(f"{store.name}/{NAME}", f"is no manifest of a store of this version ({what})",
                                "the version of wardmates that made it, or another --out")]) from None  # fmt: skip


@cache
def sources() -> dict[str, str]:
    """File -> hash, of the model's source, its bundled scenarios, and what makes points into scenarios and runs into rows."""
    root = Path(simulation.__file__).parent
    files = {f"simulation/{path.relative_to(root).as_posix()}": path for kind in ("*.py", "*.toml") for path in root.rglob(kind)}
    files |= {f"experiments/sweep/{Path(str(module.__file__)).name}": Path(str(module.__file__)) for module in (points, rows)}
    return {name: hashlib.sha256(files[name].read_bytes()).hexdigest()[:16] for name in sorted(files)}


@cache
def versions() -> dict[str, str]:
    """Versions of Python and of the libraries that compute."""
    return {"python": platform.python_version(), **{name: metadata.version(name) for name in _LIBRARIES}}


def inputs_of(school: School | None) -> dict[str, str]:
    """File of a school -> hash of what was read from it."""
    if school is None:
        return {}
    return {name: hashlib.sha256(b"\n".join(_bytes(getattr(school, field)) for field in fields)).hexdigest()[:16]
            for name, fields in _INPUTS.items()}  # fmt: skip


def _bytes(value: Any) -> bytes:
    if isinstance(value, np.ndarray):
        value = np.ascontiguousarray(value, dtype="<f8" if value.dtype.kind == "f" else "<i8")
        return f"{value.dtype.str} {value.shape} ".encode() + value.tobytes()
    if value is None or isinstance(value, str | int | tuple):
        return repr(value).encode()
    return b"\n".join(_bytes(part) for part in vars(value).values())  # a timetable: its columns in their order


def faults_between(store: Path, there: Manifest, here: Manifest, design_there: Design, design_here: Design,
                   allowed: str = "another --out for another sweep, or what that one was made with") -> list[Fault]:  # fmt: skip
    """A fault for each difference because of which a sweep cannot go on in a store, or one store's rows go into another.

    Args:
        store: the folder, for the messages.
        there: the store's manifest.
        here: the one asked for.
        design_there, design_here: their designs.
        allowed: what is to be done about it.
    """
    differences = []
    if there.design != here.design:
        differences += [f"was made with another design: {what}" for what in design_differences(design_there, design_here)]
    if there.sources != here.sources:
        differences.append(f"was made with another source of the model: {_source_differences(there.sources, here.sources)}")
    for name in sorted(there.inputs.keys() | here.inputs.keys()) if there.inputs != here.inputs else ():
        if not here.inputs or not there.inputs:
            differences.append(f"was made {'with' if there.inputs else 'without'} a school's files")
            break
        if there.inputs[name] != here.inputs[name]:
            differences.append(f"was made with other inputs: the {name} differ{'s' if name in ('roster', 'timetable') else ''}")
    for name, other in (("engine", "another engine"), ("outcomes", "other outcomes")):
        old, new = getattr(there, name), getattr(here, name)
        if old != new:
            differences.append(f"was made with {other}: {_told(old)} there, {_told(new)} here")
    return [Fault(str(store), what, allowed) for what in differences]


def version_notes(there: Manifest, here: Manifest) -> list[str]:
    """A sentence where the libraries are not those that the store was made with."""
    names = [name for name in here.versions if there.versions.get(name) != here.versions[name]]
    if not names:
        return []
    told = ", ".join(f"{name} {there.versions.get(name, 'none')} there, {here.versions[name]} here" for name in names)
    return [f"Note: the versions of libraries differ from those that the store was made with: {told}. Rows may differ in their last digits."]


def design_differences(there: Design, here: Design) -> list[str]:
    """In what two designs differ, of what decides the runs."""
    differences = []
    for name in ("replicates", "seeds", "seed", "overrides"):
        old, new = getattr(there, name), getattr(here, name)
        if old != new:
            differences.append(f"{name}: {_told(old)} there, {_told(new)} here")
    old_names, new_names = [name for name, _ in there.scenarios], [name for name, _ in here.scenarios]
    if old_names != new_names:
        differences.append(f"scenarios: {_told(old_names)} there, {_told(new_names)} here")
    elif there.scenarios != here.scenarios:
        changed = [name for (name, old), (_, new) in zip(there.scenarios, here.scenarios, strict=True) if old != new]
        differences.append(f"scenarios: the contents of {_told(changed)}")
    if list(there.points) != list(here.points):
        differences.append(f"parameters: {_told(list(there.points))} there, {_told(list(here.points))} here")
    elif there.n_points != here.n_points:
        differences.append(f"points: {there.n_points:,} there, {here.n_points:,} here")
    elif differing := [name for name in here.points if not np.array_equal(there.points[name], here.points[name])]:
        differences.append(f"points: other values of {_told(differing)}")
    return differences or ["its points have values of another kind"]


def _source_differences(there: dict[str, str], here: dict[str, str]) -> str:
    names = [name for name in sorted(there.keys() | here.keys()) if there.get(name) != here.get(name)]
    more = f" and {len(names) - _MOST_FILES} more files" if len(names) > _MOST_FILES else ""
    return ", ".join(names[:_MOST_FILES]) + more


def _told(value: Any) -> str:
    if isinstance(value, dict):
        value = [f"{name}={setting}" for name, setting in value.items()]
    if isinstance(value, list | tuple):
        shown = ", ".join(map(str, value[:_MOST_FILES])) + (f" and {len(value) - _MOST_FILES} more" if len(value) > _MOST_FILES else "")
        return shown or "none"
    return str(value)
