"""Where results go: shown first and written after, so that a full disk costs the files and never the figures."""

from __future__ import annotations

import errno
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import typer

from simulation.faults import Fault

EXIT_FAILED = 1


@contextmanager
def output_folder(out: str | None, faults: list[Fault]) -> Iterator[Path | None]:
    """Make sure, before hours of simulation, that a folder can be written to; folders made for nothing are taken away again.

    Args:
        out: the folder as given, or None.
        faults: a fault is appended here if the text is blank, or the path is a file, lies below one, or cannot be written to.

    Yields:
        The folder; None where none was given or it cannot be used.
    """
    if out is None:
        yield None
        return
    allowed = "a folder that you may write to, or one that does not exist yet"
    if not out.strip():
        faults.append(Fault("--out", "is blank", allowed, value=out))
        yield None
        return
    path = Path(out)
    made = [folder for folder in (path, *path.parents) if not os.path.lexists(folder)]
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except (OSError, ValueError) as error:  # ValueError: a name with a null character in it
        _remove_if_empty(made)
        reason = error.strerror if isinstance(error, OSError) else str(error)
        # os.path.isfile, since Path.is_file raises for a name that is too long
        faults.append(Fault("--out", "is a file" if os.path.isfile(path) else f"cannot be written to ({reason})", allowed, value=out))
        yield None
        return
    try:
        yield path
    except BaseException:  # Ctrl-C too leaves nothing behind
        _remove_if_empty(made)
        raise


def hand_over(text: str, folder: Path | None, write: Callable[[Path], Sequence[str]], *, is_named: bool) -> None:
    """Show the result, then write it; if one of the two fails, the other is done all the same.

    Args:
        text: what goes to standard output.
        folder: where to write; None for nowhere.
        write: writes to the folder and returns the names of its files.
        is_named: say on standard output which files were written.

    Raises:
        typer.Exit: with code 1, after a sentence, if the result could not be shown or written.
    """
    failures: list[str] = []
    _show(text, failures)
    if folder is not None:
        try:
            written = write(folder)
        except OSError as error:
            failures.append(f"The results could not be written to {folder}: {error}. Make room there or give another --out, and run it again.")
        else:
            if is_named and not failures:
                _show(f"\nWritten to {folder}: {', '.join(written)}\n", failures)
    for sentence in filter(None, failures):
        typer.echo(sentence, err=True)
    if failures:
        raise typer.Exit(EXIT_FAILED)


def discard_output() -> None:
    """Send what is still buffered nowhere: the interpreter would try to write it again at its end, and complain."""
    with suppress(OSError, ValueError):  # a stream in memory, as in tests, has no descriptor and needs none of this
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, sys.stdout.fileno())
        finally:
            os.close(nowhere)


def _show(text: str, failures: list[str]) -> None:
    """Write to standard output; a failure is appended, as a blank text if there is nobody to tell (the reader has left, as `| head` does)."""
    try:
        typer.echo(text, nl=False)
    except OSError as error:
        discard_output()
        failures.append("" if error.errno == errno.EPIPE else f"The results could not be shown: {error}.")


def _remove_if_empty(folders: list[Path]) -> None:
    """Remove folders from the innermost outwards, until one holds something."""
    for folder in folders:
        try:
            folder.rmdir()
        except OSError:
            return
