"""A problem as a file: a `[[parameter]]` for each factor, which overrides the table of parameters or states a problem that is not the model's."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, StrictFloat, StrictInt, ValidationError

from experiments.sweep.factor import DISTRIBUTIONS, Factor
from experiments.sweep.problem import OURS, RESERVED, SETTINGS, UNIT_ENDING, Problem, bounds_of, choice, not_ours, setting_faults
from simulation.evidence.parameters import PARAMETERS
from simulation.faults import Fault, InputError, nearest

_SHOWN = "docs/sweeps.md shows one"
_LARGEST = 1e300
_LARGEST_INTEGER = 2**53
_KINDS = {"parameter": "double brackets: [[parameter]]", "low": "a number", "high": "a number", "mode": "a number",
          "levels": "a list of names in quotes, or of numbers"}  # fmt: skip


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Row(_Closed):
    """One `[[parameter]]` as TOML gives it."""

    name: str
    low: StrictInt | StrictFloat | None = None
    high: StrictInt | StrictFloat | None = None
    distribution: str | None = None
    mode: StrictInt | StrictFloat | None = None
    levels: list[str | StrictInt | StrictFloat] | None = None
    unit: str | None = None
    meaning: str | None = None


class _File(_Closed):
    parameter: list[_Row] = Field(min_length=1)


def read_problem(path: Path | str) -> Problem:
    """Read a problem file.

    What a parameter of the table or a setting leaves out comes from the table. A problem none of whose names is the model's is somebody else's.

    Raises:
        InputError: every fault of the file.
    """
    path = Path(path)
    try:
        raw = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        allowed = "a TOML file that exists and may be read"
        raise InputError([Fault("--problem", f"cannot be read ({error.strerror})", allowed, value=str(path))]) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError([Fault(path.name, f"not valid TOML: {error}", f"a [[parameter]] for each factor; {_SHOWN}")]) from None
    try:
        rows = _File.model_validate(raw).parameter
    except ValidationError as error:
        raise InputError(dict.fromkeys(_told(path.name, raw, found["type"], found["loc"], found["input"]) for found in error.errors())) from None
    names = [row.name for row in rows]
    is_ours = any(name in OURS for name in names)
    faults = [Fault(path.name, "is given twice", "one [[parameter]] for each name", value=name)
              for name in dict.fromkeys(names) if names.count(name) > 1]  # fmt: skip
    readings = [_Reading(row, path.name, is_ours) for row in rows]
    factors = [reading.factor() for reading in readings]
    faults += [fault for reading in readings for fault in reading.faults]
    if faults:
        raise InputError(faults)
    return Problem(tuple(factor for factor in factors if factor is not None), is_ours)


class _Reading:
    """Turns a row into a factor, and gathers what is wrong with it."""

    def __init__(self, row: _Row, file: str, is_ours: bool) -> None:
        self.faults: list[Fault] = []
        self._row, self._file, self._is_ours = row, file, is_ours
        self._table = PARAMETERS.get(row.name)

    def factor(self) -> Factor | None:
        """The factor; None, with faults, if there is none to be had."""
        row = self._row
        if self._is_ours and row.name not in OURS:
            self.faults.append(not_ours(self._file, row.name))
            return None
        if not row.name.strip() or row.name in RESERVED or row.name.endswith(UNIT_ENDING):
            self._fault("cannot be a factor's name", f"another name; these mean something else: {', '.join(RESERVED)}, and any ending in"
                        f"{UNIT_ENDING!r}", row.name)  # fmt: skip
            return None
        distribution = row.distribution or self._usual_distribution()
        if distribution not in DISTRIBUTIONS:
            self._fault("no such distribution" if distribution else "has no distribution", nearest(distribution, DISTRIBUTIONS), distribution)
            return None
        if row.name in SETTINGS and distribution != "choice":
            self._fault("is a setting, not a number", 'distribution = "choice", and levels if not all are meant', distribution)
            return None
        if distribution == "uniform" and self._table is not None and self._table.is_integer:
            distribution = "integer"  # every whole number with the same probability is what is meant
        return self._choice() if distribution == "choice" else self._range(distribution)

    def _fault(self, what: str, allowed: str, value: object = "") -> None:
        self.faults.append(Fault(self._file, f"{self._row.name}: {what}", allowed, value=str(value)))

    def _usual_distribution(self) -> str:
        """What is meant where a row names none; nothing is known of other people's problems."""
        if self._row.levels is not None or self._row.name in SETTINGS:
            return "choice"
        if self._table is None:
            return ""
        if self._table.distribution != "fixed":
            return self._table.distribution
        return "integer" if self._table.is_integer else "uniform"

    def _words(self) -> tuple[str, str]:
        """Unit and meaning."""
        row, table = self._row, self._table
        return (row.unit if row.unit is not None else table.unit if table else "",
                row.meaning if row.meaning is not None else table.meaning if table else "")  # fmt: skip

    def _choice(self) -> Factor | None:
        row = self._row
        for key in ("low", "high", "mode"):
            if getattr(row, key) is not None:
                self._fault(f"a choice has no {key}", "levels = [...]", getattr(row, key))
        levels = list(SETTINGS.get(row.name, ())) if row.levels is None else [str(level) for level in row.levels]
        if len(levels) < 2 or len(set(levels)) < len(levels):
            self._fault("has no levels to choose from" if len(levels) < 2 else "a level is given twice", "levels = [...], two or more that differ",
                        ", ".join(levels))  # fmt: skip
        for level in levels:
            self._check_level(level)
        return None if self.faults else choice(row.name, levels, *self._words())

    def _check_level(self, level: str) -> None:
        """A level of the model's own must be a value that it takes."""
        name = self._row.name
        if self._table is not None:
            try:
                self._check_bounds("level", float(level))
            except ValueError:
                self._fault("a level is not a number", bounds_of(self._row.name), level)
        elif name in SETTINGS:
            self.faults += [Fault(self._file, fault.what, fault.allowed, value=level) for fault in setting_faults(name, level)]

    def _range(self, distribution: str) -> Factor | None:
        row, table = self._row, self._table
        if row.levels is not None:
            self._fault(f"{distribution} has no levels", 'low and high, or distribution = "choice"', ", ".join(map(str, row.levels)))
        has_range = table is not None and table.distribution != "fixed"
        low, high = (getattr(row, key) if getattr(row, key) is not None else getattr(table, key) if has_range else None for key in ("low", "high"))
        for key, value in (("low", low), ("high", high)):
            if value is None:
                self._fault(f"has no {key}", f"{key} = a number" + (f": {bounds_of(self._row.name)}" if table else ""))
            elif not -_LARGEST <= value <= _LARGEST:
                self._fault(f"{key} is not a finite number", f"from {-_LARGEST:g} to {_LARGEST:g}", value)
            elif distribution == "integer" and (value != int(value) or abs(value) > _LARGEST_INTEGER):
                self._fault(f"{key} is not a whole number", f"a whole number, as distribution is {distribution!r}", value)
            else:
                self._check_bounds(key, value)
        if table is not None and table.is_integer and distribution != "integer":
            self._fault("takes whole numbers", 'distribution = "integer", or "choice" with levels', distribution)
        if self.faults or low is None or high is None:
            return None
        if low >= high:
            self._fault("low is not below high", "low < high", f"{low:g} and {high:g}")
            return None
        if distribution == "loguniform" and low <= 0:
            self._fault("low is not above 0", "low > 0, as distribution is 'loguniform'", f"{low:g}")
        mode = self._mode(distribution, low, high)
        return None if self.faults else Factor(row.name, float(low), float(high), distribution, mode, (), *self._words())

    def _mode(self, distribution: str, low: float, high: float) -> float | None:
        """The mode of a triangular distribution: the table's default unless given."""
        mode = self._row.mode
        if distribution != "triangular":
            if mode is not None:
                self._fault(f"{distribution} has no mode", 'mode with distribution = "triangular" alone', mode)
            return None
        mode = self._table.default if mode is None and self._table is not None else mode
        if mode is None or not low <= mode <= high:
            self._fault("has no mode" if mode is None else "mode is outside the range", f"mode = a number from {low:g} to {high:g}",
                        "" if mode is None else f"{mode:g}")  # fmt: skip
            return None
        return float(mode)

    def _check_bounds(self, key: str, value: float) -> None:
        row = self._table
        if row is not None and not (row.minimum <= value <= row.maximum and (not row.is_integer or value == int(value))):
            self._fault(f"{key} is out of what the model accepts", bounds_of(self._row.name), f"{value:g}")


def _told(file: str, raw: dict[str, Any], kind: str, place: Sequence[int | str], value: object) -> Fault:
    """What pydantic found, said with the parameter's name."""
    key = next((part for part in reversed(place) if part in {**_Row.model_fields, **_File.model_fields}), str(place[-1]))
    if kind in ("missing", "too_short") and key == "parameter":
        return Fault(file, "names nothing to vary", f"a [[parameter]] for each factor; {_SHOWN}")
    if kind == "extra_forbidden":
        return Fault(file, f"{_title(raw, place)}no such key", nearest(str(place[-1]), _Row.model_fields if len(place) > 1 else _File.model_fields),
                     value=str(place[-1]))  # fmt: skip
    if kind == "missing":
        return Fault(file, f"{_title(raw, place)}has no {key}", f'{key} = "..."')
    return Fault(file, f"{_title(raw, place)}{key} is not of the right kind", _KINDS.get(str(key), "a text in quotes"), value=str(value)[:60])


def _title(raw: dict[str, Any], place: Sequence[int | str]) -> str:
    """Which [[parameter]] it is: by its name, or else by its number."""
    if len(place) < 2 or not isinstance(place[1], int):
        return ""
    row = raw["parameter"][place[1]]
    name = row.get("name") if isinstance(row, dict) else None
    return f"{name}: " if isinstance(name, str) else f"parameter {place[1] + 1}: "
