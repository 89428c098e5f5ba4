"""`wardmates scenarios` and `wardmates parameters`: what there is to choose from."""

from __future__ import annotations

import json
from dataclasses import asdict
from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer

from wardmates.given import AsJson

if TYPE_CHECKING:
    from simulation.evidence.parameters import Parameter
    from simulation.evidence.sources import Source

_INTRODUCTION = """\
# The parameters

Made by `make docs` from the one table of parameters; do not edit it by hand. Any of them can be set with `--set NAME=VALUE` or in a scenario
file. *Range* is what a sensitivity analysis varies, *allowed* what is accepted at all; "fixed" is a definition and is not varied.

Evidence: **measured** is a published figure; **derived** is arithmetic on published figures; **recalled** is a known work whose text was not at hand,
to be checked before relying on it; **assumed** has no source for its size (a source, where one is given, speaks for the mechanism or the direction).
"""
_HEADER = ("name", "default", "range", "allowed", "unit", "distribution", "evidence", "source", "meaning")


def scenarios(as_json: AsJson = False) -> None:
    """List the scenarios that come with the package."""
    from simulation.scenario.scenario import bundled

    descriptions = bundled()
    if as_json:
        typer.echo(json.dumps({"scenarios": [{"name": name, "description": text} for name, text in descriptions.items()]}, indent=2))
        return
    from wardmates.shown import console, plain_table

    table = plain_table()
    table.add_column("scenario", no_wrap=True)
    table.add_column("description", overflow="fold")
    for name, text in descriptions.items():
        table.add_row(name, text)
    console().print(table)


def parameters(
    as_json: AsJson = False,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="The page docs/parameters.md: tables by room, and the bibliography.")] = False,
) -> None:
    """List every parameter: default, range, evidence and source."""
    if as_json and as_markdown:
        raise typer.BadParameter("choose one of --json and --markdown")
    from simulation.evidence.parameters import PARAMETERS
    from simulation.evidence.sources import SOURCES

    rows = list(PARAMETERS.values())
    if as_json:
        typer.echo(json.dumps({"parameters": [asdict(row) for row in rows], "sources": [asdict(s) for s in SOURCES.values()]}, indent=2))
    elif as_markdown:
        typer.echo(_markdown(rows, SOURCES), nl=False)
    else:
        _show(rows)
        _show_sources(list(SOURCES.values()))


def _show(rows: list[Parameter]) -> None:
    from wardmates.shown import console, plain_table

    out = console()
    for room, members in groupby(rows, key=lambda row: row.room):
        table = plain_table(room)
        for heading in _HEADER:
            table.add_column(heading, overflow="fold", justify="right" if heading == "default" else "left")
        for row in members:
            table.add_row(*_cells(row))
        out.print(table)
        out.print()


def _show_sources(sources: list[Source]) -> None:
    from wardmates.shown import console

    out = console()
    out.print("Bibliography (*: the text was not at hand when the figure was taken; check it before relying on it)")
    for source in sources:
        locator = f" {source.locator}." if source.locator else ""
        out.print(f"  {source.key}{'' if source.checked else '*'}: {source.citation}{locator}", highlight=False, markup=False)


def _markdown(rows: list[Parameter], sources: dict[str, Source]) -> str:
    """The page docs/parameters.md."""
    lines = [_INTRODUCTION]
    for room, members in groupby(rows, key=lambda row: row.room):
        lines += [f"## {room.capitalize()}", "", f"| {' | '.join(_HEADER)} |", "|" + "---|" * len(_HEADER)]
        for row in members:
            name, *rest, source, meaning = (cell.replace("|", "\\|") for cell in _cells(row))
            cited = f"[{source}](#{source})" if source else ""
            lines.append(f"| {' | '.join([f'`{name}`', *rest, cited, meaning])} |")
        lines.append("")
    lines += ["## Bibliography", "", '"Not at hand": the text was not read when the figure was taken; check it before relying on it.', ""]
    for source_ in sources.values():
        note = "" if source_.checked else " *Not at hand.*"
        locator = f" {source_.locator}." if source_.locator else ""
        lines.append(f'- <a id="{source_.key}"></a>**{source_.key}**: {source_.citation}{locator}{note}')
    return "\n".join(lines) + "\n"


def _cells(row: Parameter) -> tuple[str, ...]:
    """A row's cells, in the order of the header."""
    is_fixed = row.distribution == "fixed"
    varied = "" if is_fixed else f"{_number(row.low)} to {_number(row.high)}"
    allowed = f"{_number(row.minimum)} to {_number(row.maximum)}" + (", whole" if row.is_integer else "")
    return row.name, _number(row.default), varied, allowed, row.unit, row.distribution, row.evidence, row.source, row.meaning


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:g}"
