"""A user's own points: a CSV or Parquet file with a column a factor, and a column `point` if the rows are not in its order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from experiments.sweep.design import DEFAULT_REPLICATES, DEFAULT_SCENARIOS, Design
from experiments.sweep.factor import Factor
from experiments.sweep.points import contents_of
from experiments.sweep.problem import OURS, RESERVED, SETTINGS, UNIT_ENDING, Problem, bounds_of, choice, not_ours, setting_faults
from simulation import __version__
from simulation.evidence.parameters import PARAMETERS
from simulation.faults import Fault, InputError
from simulation.scenario.input_tables import and_more

POINT = "point"
_FIRST_ROW = 2  # as a spreadsheet numbers it, below the names


def design_of_points(path: Path | str, *, scenarios: Sequence[str] = DEFAULT_SCENARIOS, overrides: Mapping[str, str] | None = None,
                     replicates: int | None = None, seeds: str = "crossed", seed: int = 1, command: str = "") -> Design:  # fmt: skip
    """A design of a user's own points.

    Args:
        path: CSV or Parquet. Names that are all not the model's make a problem of somebody else's.
        scenarios: bundled names or files, run at each point; not used where the problem is not the model's.
        overrides: values of `--set`.
        replicates: DEFAULT_REPLICATES where None, and 1 where the problem is not the model's.
        seeds, seed: as in `Design`.
        command: what made it, for people.

    Raises:
        InputError: every fault of the file, each with its row and column.
    """
    sheet = _read(Path(path))
    names = [name for name in sheet.cells.columns if name != POINT]
    is_ours = any(name in OURS for name in names)
    if not names:
        sheet.fault("has no column but `point`", "a column for each thing that is varied")
    if not len(sheet.cells):
        sheet.fault("has no points", "a row for each point, below the names of the columns")
    order = _order(sheet)
    columns = [_column(sheet, name, is_ours) for name in names]
    if sheet.faults:
        raise InputError(sheet.faults)
    read = [column for column in columns if column is not None]
    points = pd.DataFrame({factor.name: values[order] for factor, values in read})
    runs = replicates or (DEFAULT_REPLICATES if is_ours else 1)
    return Design("own", Problem(tuple(factor for factor, _ in read), is_ours), points, None, len(points), False, None,
                  contents_of(scenarios) if is_ours else (), dict(overrides or {}), runs, seeds, seed, __version__, command)  # fmt: skip


@dataclass(frozen=True)
class _Sheet:
    """A file's rows that are not blank.

    Attributes:
        file: its name, as faults give it.
        rows: row in a spreadsheet of each row, shape (rows,).
        cells: texts (CSV) or what the file holds (Parquet), one column a named column.
        faults: what is wrong with it, as far as is known.
    """

    file: str
    rows: NDArray[np.int64]
    cells: pd.DataFrame
    faults: list[Fault]

    def fault(self, what: str, allowed: str, column: str = "") -> None:
        """A fault of the file or of a whole column."""
        self.faults.append(Fault(self.file, what, allowed, 1 if column else None, column))

    def flag(self, column: str, wrong: NDArray[np.bool_], what: str, allowed: str) -> None:
        """One fault for the cells of a column that are wrong in one way: at the first of them, naming the other rows."""
        if wrong.any():
            rows = self.rows[wrong].tolist()
            also = f", also in {and_more(rows[1:])}" if len(rows) > 1 else ""
            self.faults.append(Fault(self.file, what + also, allowed, rows[0], column, str(self.cells[column].to_numpy(dtype=object)[wrong][0])))

    def numbers(self, column: str) -> NDArray[np.float64]:
        """A column's numbers; NaN where a cell holds none."""
        cells = self.cells[column]
        if pd.api.types.is_numeric_dtype(cells.dtype) and not pd.api.types.is_bool_dtype(cells.dtype):
            return cells.to_numpy(dtype=np.float64, na_value=np.nan)
        numbers = np.full(len(cells), np.nan)
        is_number = pd.to_numeric(cells.astype(object).map(str), errors="coerce").notna().to_numpy()
        numbers[is_number] = cells.to_numpy(dtype=object)[is_number].astype(np.float64)  # to the last digit, as pandas does not always read
        return numbers


def _read(path: Path) -> _Sheet:
    """The file, whichever kind it is of."""
    try:
        with path.open("rb") as file:
            is_parquet = file.read(4) == b"PAR1"
        return _read_parquet(path) if is_parquet else _read_csv(path)
    except OSError as error:
        fault = Fault(path.name, f"cannot be read ({error.strerror or error})", "a CSV or Parquet file that exists and may be read", value=str(path))
    except UnicodeDecodeError as error:
        fault = Fault(path.name, f"is not text in UTF-8 (byte {error.start + 1})", "a file saved as 'CSV UTF-8 (comma delimited)', or Parquet")
    except pd.errors.EmptyDataError:
        fault = Fault(path.name, "is empty", "a row with the names of the columns, then a row for each point")
    except (pd.errors.ParserError, pa.ArrowInvalid) as error:
        reason = str(error).split("C error: ")[-1].strip()
        fault = Fault(path.name, f"cannot be read ({reason})", "one row a point, as many values in each as row 1 has names")
    raise InputError([fault])


def _read_csv(path: Path) -> _Sheet:
    sheet = pd.read_csv(path, header=None, dtype=str, keep_default_na=False, skip_blank_lines=False, encoding="utf-8-sig")
    sheet = sheet.astype(object).where(sheet.notna(), "").apply(lambda column: column.str.strip())
    header, body = list(sheet.iloc[0]), sheet.iloc[1:]
    body = body[(body != "").any(axis=1)]
    faults: list[Fault] = []
    if len(header) == 1 and any(mark in header[0] for mark in ";\t"):
        faults.append(Fault(path.name, "is not separated by commas", "values with commas between them, decimals with a point", 1))
    faults += [Fault(path.name, "column given twice", "each column once", 1, name)
               for name in dict.fromkeys(header) if name and header.count(name) > 1]  # fmt: skip
    if "" in header:
        faults.append(Fault(path.name, f"column {header.index('') + 1} has no name", "a name for each column", 1))
    if faults:
        raise InputError(faults)
    return _Sheet(path.name, body.index.to_numpy(dtype=np.int64) + 1, body.set_axis(header, axis=1).reset_index(drop=True), faults)


def _read_parquet(path: Path) -> _Sheet:
    frame = pd.read_parquet(path)
    if frame.index.names != [None]:
        frame = frame.reset_index()
    return _Sheet(path.name, np.arange(len(frame), dtype=np.int64) + _FIRST_ROW, frame.set_axis([str(name) for name in frame.columns], axis=1), [])


def _order(sheet: _Sheet) -> NDArray[np.intp]:
    """Rows in the order of `point`, which numbers them from 0; as they stand where there is no such column."""
    n = len(sheet.cells)
    if POINT not in sheet.cells:
        return np.arange(n)
    allowed = f"each of 0 to {n - 1} once; without a column `point` the rows are numbered as they stand"
    number = sheet.numbers(POINT)
    is_one = (number >= 0) & (number < n) & (number == np.floor(number))
    sheet.flag(POINT, ~is_one, "does not number a row", allowed)
    sheet.flag(POINT, is_one & pd.Series(number).duplicated(keep=False).to_numpy(), "given twice", allowed)
    return np.argsort(number)


def _column(sheet: _Sheet, name: str, is_ours: bool) -> tuple[Factor, NDArray[Any]] | None:
    """A column's factor, over the range that the points have, and its values; None with faults."""
    if is_ours and name not in OURS:
        fault = not_ours(sheet.file, name)
        sheet.fault(fault.what, fault.allowed, name)
        return None
    if name in RESERVED or name.endswith(UNIT_ENDING):
        sheet.fault("cannot be a factor's name", "a column for each thing that is varied, and `point`", name)
        return None
    numbers = sheet.numbers(name)
    is_text = name in SETTINGS or (not is_ours and len(numbers) > 0 and bool(np.isnan(numbers).all()))
    return _texts(sheet, name) if is_text else _numbers(sheet, name, numbers)


def _numbers(sheet: _Sheet, name: str, numbers: NDArray[np.float64]) -> tuple[Factor, NDArray[Any]] | None:
    row = PARAMETERS.get(name)
    known, allowed = len(sheet.faults), bounds_of(name) if row else "a finite number"
    is_finite = np.isfinite(numbers)
    sheet.flag(name, ~is_finite, "is not a number", allowed)
    if row is not None:
        is_accepted = (numbers >= row.minimum) & (numbers <= row.maximum) & ((numbers == np.floor(numbers)) | (not row.is_integer))
        sheet.flag(name, is_finite & ~is_accepted, "is out of what the model accepts", allowed)
    if len(sheet.faults) > known or not len(numbers):
        return None
    low, high = float(numbers.min()), float(numbers.max())
    if row is None:
        return Factor(name, low, high, "uniform"), numbers
    distribution, kind = ("integer", np.int64) if row.is_integer else ("uniform", np.float64)
    return Factor(name, low, high, distribution, unit=row.unit, meaning=row.meaning), numbers.astype(kind)


def _texts(sheet: _Sheet, name: str) -> tuple[Factor, NDArray[Any]] | None:
    """A setting, or a column of texts in somebody else's problem."""
    cells = sheet.cells[name]
    texts = cells.astype(object).where(cells.notna(), "").map(str).to_numpy(dtype=object)
    known = len(sheet.faults)
    sheet.flag(name, texts == "", "is blank", f"for instance {SETTINGS[name][0]}" if name in SETTINGS else "a text")
    levels = sorted(set(texts) - {""})
    for level in levels if name in SETTINGS else ():
        for fault in setting_faults(name, level):
            sheet.flag(name, texts == level, fault.what, fault.allowed)
    return None if len(sheet.faults) > known else (choice(name, levels), texts)
