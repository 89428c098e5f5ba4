"""A history in a few bytes: the same digest means the same bytes in every array."""

from __future__ import annotations

import hashlib
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from simulation.record.history import History


def digest(history: History) -> str:
    """SHA-256 over everything that was counted: names, types, shapes and bytes; the parameters' values and the seed are left out."""
    sha = hashlib.sha256()
    for field in fields(history):
        if field.compare and field.name not in ("parameters", "seed"):
            _add(sha, field.name, getattr(history, field.name))
    return sha.hexdigest()


def _add(sha: Any, name: str, value: Any) -> None:
    if is_dataclass(value):
        for field in fields(value):
            _add(sha, f"{name}.{field.name}", getattr(value, field.name))
    elif isinstance(value, dict):
        for key, part in value.items():
            _add(sha, f"{name}[{key}]", part)
    elif isinstance(value, np.ndarray):
        sha.update(f"{name} {value.dtype.str} {value.shape}\n".encode() + value.tobytes())
    else:
        sha.update(f"{name} {value!r}\n".encode())
