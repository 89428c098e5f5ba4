"""The command `wardmates`; what takes long to import is imported by the command that needs it."""

from __future__ import annotations

import errno
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from simulation.faults import InputError
from wardmates import __version__
from wardmates.command_check import check
from wardmates.command_claims import claims
from wardmates.command_compare import compare
from wardmates.command_run import run
from wardmates.command_sensitivity import sensitivity
from wardmates.command_sweep import app as sweep
from wardmates.command_template import template
from wardmates.commands_lists import parameters, scenarios
from wardmates.results import EXIT_FAILED, discard_output

EXIT_FAULTS = 2
EXIT_INTERRUPTED = 130


class Commands(TyperGroup):
    """The commands; a fault in what the user gave is shown as a table, whichever command found it."""

    def invoke(self, ctx: Any) -> Any:
        """Run the chosen command: exit code 2 for faults, 130 for Ctrl-C, 1 for what the machine refuses, all without a traceback."""
        try:
            return super().invoke(ctx)
        except InputError as error:
            from wardmates.shown import show_faults

            show_faults(error.faults)
            raise typer.Exit(EXIT_FAULTS) from error
        except KeyboardInterrupt as interrupt:
            typer.echo("\nStopped before the end; no results were written.", err=True)
            raise typer.Exit(EXIT_INTERRUPTED) from interrupt
        except OSError as error:
            discard_output()
            if error.errno != errno.EPIPE:  # whoever read the output has left, as `| head` does: nothing to say
                typer.echo(f"It could not be finished: {error}.", err=True)
            raise typer.Exit(EXIT_FAILED) from error


app = typer.Typer(cls=Commands, no_args_is_help=True, add_completion=False, rich_markup_mode="rich", pretty_exceptions_show_locals=False)
app.command()(compare)
app.command()(run)
app.command()(check)
app.command()(template)
app.command()(scenarios)
app.command()(parameters)
app.command()(claims)
app.add_typer(sweep, name="sweep")
app.command()(sensitivity)


def _show_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"wardmates {__version__}")
        raise typer.Exit


@app.callback()
def door(
    version: Annotated[bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and leave.")] = False,
) -> None:
    """Who notices a medical student in distress, who helps, and who is left unreached.

    Compares ways of supporting students, and of grouping them on placement, in simulated cohorts that differ in nothing else.
    """
