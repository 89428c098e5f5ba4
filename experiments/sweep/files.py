"""Files that are whole or absent, whatever happens to the machine."""

from __future__ import annotations

import os
import sys
from pathlib import Path

PART = ".part"


def write_whole(path: Path, content: bytes) -> None:
    """Write a file under another name, see that it is on the disk, and give it its name.

    Raises:
        OSError: it cannot be written; what stood under the name stands there still.
    """
    part = path.with_name(f".{path.name}{PART}")
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    _keep_name(path.parent)


def drop_parts(folder: Path) -> None:
    """Remove what a process that was killed had begun to write."""
    for part in folder.glob(f".*{PART}"):
        part.unlink(missing_ok=True)


def _keep_name(folder: Path) -> None:
    """See that the names in a folder are on the disk too."""
    if sys.platform == "win32":  # it opens no folders
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
