"""Makes docs/evidence.md: every claim of the study put to the model, with its mutant.

    python docs/make_evidence.py                     # all claims, some minutes on two cores
    python docs/make_evidence.py --only C1,C7 --out look.md

It writes nothing else, and the same figures wherever it runs.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from experiments.claims.catalogue import CLAIMS
from experiments.claims.claim import FALSE_ALARM
from experiments.claims.rows import expectation, figure, measured, said, summary
from experiments.claims.run import SEED, n_runs, run_claims
from experiments.engines import usable_cores
from experiments.execute import make_ready
from wardmates.command_claims import chosen_claims
from wardmates.shown import progress

_METHOD = f"""\
# What the study says, and whether the model bears it out

Made by `make evidence`; do not edit. `wardmates claims` prints the same figures, and `tests/claims` asserts the verdicts.

The study is Graves et al. 2021 (BMC Medical Education 2022;22, doi 10.1186/s12909-022-03368-w): ten interviews, which give mechanisms and not sizes.
So each of its claims is put to the model as a direction. That a claim is borne out says that the model holds the mechanism and that nothing else in
it turns it round; it says nothing about the size, and nothing about real students.

**How a claim is tested.** The same simulated worlds (the same students, the same luck) are run in arms that differ in **one input**, and the arms
are read against each other. What else could answer is held fixed, as each entry below says. The *effect* is the difference between the arms (or what
its brackets name), over all worlds together; its 95 % interval comes from leaving out one world at a time (a jackknife).

**The false-alarm rate.** An effect is *borne out* if it lies on the expected side at a one-sided false-alarm rate of {FALSE_ALARM:g}: where
there is no effect at all, chance alone says "borne out" in one test of {1 / FALSE_ALARM:,.0f}. A claim with several readings needs all of them,
so its own rate is no higher; over {len(CLAIMS)} claims together it is at most about {len(CLAIMS) * FALSE_ALARM:.2f}. Where nothing is expected
to happen, how much still counts as nothing was stated beforehand (the figure after \u00b1), and the effect must be shown to be smaller. It is
*not borne out* if it is shown to be on the wrong side, or smaller than what matters, and *open* where the runs cannot tell. How many runs there
are was set by thinking about how noisy the quantity is, before the figures were seen; afterwards some trials were made shorter or given other
numbers of runs for time and noise, and some were laid out anew where a mutant had shown that they tested something else: each is told with the
claim or in the history of the code, and none was changed for its verdict. No seed was chosen (seed {SEED}, the default).

**The mutant.** A test that cannot fail shows nothing. So each trial is run once more with the mechanism that the claim speaks of switched off,
or its sign turned, in all arms, and the same input moved. On this mutant the same test must fail, and by more than noise: the effect with it
must differ from the effect without (else it is *unclear*). Then the mutant is *seen*. An effect of exactly 0 with the mutant means that its arms
were the same world throughout: the mechanism was the only way from the input to anything.

A claim that the model does not bear out stays in the table, with its figure and the reason. Nothing is tuned until it passes.
"""


def cell(text: str) -> str:
    """A text as a cell of a table."""
    return text.replace("|", "\\|")


def table(rows: list[dict[str, Any]]) -> list[str]:
    """Lines of the table: one for everything that was read."""
    lines = ["| claim | the study says | moved: measured | expected | effect [95 %] | verdict | with the mutant [95 %] | mutant |",
             "|---|---|---|---|---|---|---|---|"]  # fmt: skip
    for row in rows:
        for k, reading in enumerate(row["readings"]):
            mutant = reading["mutant"]
            verdict = reading["verdict"] if reading["verdict"] == "borne out" else f"**{reading['verdict']}**"
            seen = f"**{mutant['verdict']}**" if mutant["verdict"] == "not seen" else mutant["verdict"]
            cells = ["" if k else f"[{row['id']}](#{row['id'].lower()})", "" if k else row["says"], f"{reading['moved']}: {measured(reading)}",
                     expectation(reading), said(reading), verdict, said(mutant), seen]  # fmt: skip
            lines.append("| " + " | ".join(map(cell, cells)) + " |")
    return lines


def settings(values: dict[str, Any]) -> str:
    """Overrides in words; "the defaults" where there are none."""
    def shown(value: Any) -> str:
        return ", ".join(value) or "none" if isinstance(value, list) else f"{value:g}" if isinstance(value, float) else str(value)

    return ", ".join(f"`{name} = {shown(value)}`" for name, value in values.items()) or "the defaults"


def arms(reading: dict[str, Any]) -> str:
    """The arms of a reading's trial: each with what it sets and the value that it gave."""
    overrides = {"before": reading["before"], "after": reading["after"], **reading["others"]}
    told = []
    for name, level in reading["levels"].items():
        value = "nothing to measure" if level is None else figure(level)
        told.append(f"{name} ({settings(overrides[name])}): {value}" if len(reading["levels"]) > 1 else f"one arm: {value}")
    return "; ".join(told)


def details(row: dict[str, Any]) -> list[str]:
    """Lines about one claim: what was run, why, and what the arms gave."""
    lines = [f"### {row['id']}", "", f"*{row['section']}*: {row['says']}. Expected: {row['expects']}.", ""]
    for reading in row["readings"]:
        mutant = reading["mutant"]
        lines.append(f"- **{measured(reading)}**. Moved: {reading['moved']}. {arms(reading)}. In every arm: {settings(reading['both'])}; "
                     f"{reading['replicates']} worlds. Mutant: {mutant['is']} ({settings(mutant['set'])}). {reading['why']}".rstrip())  # fmt: skip
        if reading["known"]:
            lines.append(f"  **Not borne out:** {reading['known']}")
    return [*lines, ""]


def page(rows: list[dict[str, Any]]) -> str:
    """The page's text."""
    lines = [_METHOD, "## The table", "", *[f"{sentence}  " for sentence in summary(rows)], "", *table(rows), "", "## Claim by claim", ""]
    return "\n".join([*lines, *(line for row in rows for line in details(row))]).rstrip() + "\n"


def main() -> None:
    """Run the claims and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="claims, with commas; without it all")
    parser.add_argument("--workers", type=int, default=usable_cores(), help="runs at one time; it changes no figure")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "evidence.md", help="the file to write")
    options = parser.parse_args()
    claims = chosen_claims(options.only, CLAIMS)
    make_ready()
    with progress(n_runs(claims), options.workers) as on_progress:
        rows = run_claims(claims, workers=options.workers, on_progress=on_progress)
    options.out.write_text(page(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
