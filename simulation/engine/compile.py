"""Compiled kernels, kept from one process to the next and never stale.

numba's own cache looks only at the file of the outermost kernel, so an edit of a file that it calls would run old code. Here the kernels are kept in
a folder that is named by the contents of everything that goes into them: an edit of any of it is another folder.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numba
import platformdirs
from numba import config, njit

SECONDS = 90
"""About how long compiling takes, as people are told."""
_KEPT_DAYS = 30

_SIMULATION = Path(__file__).resolve().parents[1]
_ALSO = ("streams.py", "record/history.py", "scenario/support.py", "scenario/grouping.py")  # what the kernels take constants from


def sources() -> list[Path]:
    """Files whose contents decide what is compiled."""
    return [*sorted((_SIMULATION / "engine").glob("*.py")), *(_SIMULATION / name for name in _ALSO)]


@cache
def digest() -> str:
    """Hash of the sources, and of what else decides the machine code: numba, and its settings."""
    content = hashlib.sha256()
    for path in sources():
        content.update(path.read_bytes())
    settings = (numba.__version__, config.BOUNDSCHECK, config.OPT, config.CPU_NAME, config.CPU_FEATURES)
    content.update(repr(settings).encode())
    return content.hexdigest()[:16]


@cache
def folder() -> Path:
    """Where the compiled kernels of these sources are: in the user's cache, or, if that cannot be written to, for this process only."""
    kept = Path(platformdirs.user_cache_dir("wardmates", appauthor=False)) / "engine"
    try:
        mine = kept / digest()
        mine.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=mine):
            pass
    except OSError:
        return Path(tempfile.mkdtemp(prefix="wardmates-engine-"))
    _drop_old(kept, mine)
    return mine


def _drop_old(kept: Path, mine: Path) -> None:
    """Folders of sources that nobody has used for a month."""
    mine.touch()
    for other in kept.iterdir():
        if other != mine and time.time() - other.stat().st_mtime > _KEPT_DAYS * 86_400:
            shutil.rmtree(other, ignore_errors=True)


def is_compiled() -> bool:
    """Whether the next run starts at once, or compiles first."""
    return bool(config.DISABLE_JIT) or any(folder().rglob("week.run_steps-*.nbi"))


def kept(**options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Decorator of an outermost kernel: compiled with these options of numba, and kept in `folder`."""

    def decorate(function: Callable[..., Any]) -> Any:
        before = config.CACHE_DIR
        config.CACHE_DIR = str(folder())  # numba reads it here, when the function is decorated, and not later
        try:
            return njit(cache=True, **options)(function)
        finally:
            config.CACHE_DIR = before

    return decorate
