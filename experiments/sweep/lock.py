"""One process at a time writes to a store.

The lock is the operating system's, on a file in the store, and the system lets go of it when the process ends, however it ends: a lock cannot be
left behind. The file says who holds it. It stays where it is when it is let go, since two processes could otherwise lock two files of one name.
"""

from __future__ import annotations

import errno
import os
import platform
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from simulation.faults import Fault, InputError

NAME = "lock"
_HELD = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)


@contextmanager
def locked(store: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Hold a store's lock.

    Args:
        store: its folder.
        say: told where the file system has no locks, and the sweep goes on without.

    Raises:
        InputError: another process holds it; says which.
    """
    with (store / NAME).open("a+", encoding="utf-8") as file:
        try:
            _lock(file.fileno())
        except OSError as error:
            if error.errno in _HELD:
                file.seek(0)
                who = file.read().strip() or "another process"
                raise InputError([Fault("store", f"is being written by {who}", "its end, or another --out", value=str(store))]) from None
            say(f"Note: {store} is on a file system without locks ({error.strerror}). See to it yourself that nothing else writes there.")
        file.truncate(0)
        file.write(f"process {os.getpid()} on {platform.node()}, since {datetime.now():%Y-%m-%d %H:%M:%S}\n")
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


def holder(store: Path) -> str:
    """Who writes to a store now; "" for nobody."""
    who = ""
    try:
        with (store / NAME).open(encoding="utf-8") as file:
            who = file.read().strip()
            if who:
                _lock(file.fileno())  # held by nobody: whoever it was ended without a word
    except OSError as error:
        return who if error.errno in _HELD else ""
    return ""


if sys.platform == "win32":
    import msvcrt

    _BEHIND = 1 << 20  # the locked byte cannot be read by others, so it lies behind what is written

    def _lock(handle: int) -> None:
        os.lseek(handle, _BEHIND, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
