"""Makes docs/study.md: Morris on every parameter, then Sobol on what matters, for three questions, through the commands that anybody has.

python docs/make_study.py [--morris 20] [--sobol 512] [--replicates 5] [--out out/study]

The stores stay in the folder of --out; the same command goes on with what was interrupted. Some 40 minutes on two cores. The words of the page are
in docs/study.template.md; its tables and pictures are made here.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parent
SCENARIOS = ("informal", "officers-outreach")
QUESTIONS = {
    "headline": ["--outcome", "unreached_isolated_students"],
    "reach": ["--outcome", "reach"],
    "difference": ["--outcome", "unreached_isolated_students", "--difference", "officers-outreach", "informal"],
}
# The pictures that the page shows: (method, question) -> names of figures.
PICTURES = {
    ("morris", "headline"): ("screening",), ("sobol", "headline"): ("ranks", "convergence", "responses"), ("sobol", "reach"): ("ranks",),
    ("sobol", "difference"): ("ranks", "wins"),
}  # fmt: skip
MOST_PARAMETERS, FEWEST_A_QUESTION = 14, 4
MOST_ROWS = 16


def wardmates(*words: str, cwd: Path) -> str:
    """Run a command as a user would; what it says on standard output.

    Raises:
        SystemExit: it failed; its own words have been shown.
    """
    print("$ wardmates", *words, flush=True)
    done = subprocess.run([sys.executable, "-m", "wardmates", *words], cwd=cwd, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(f"wardmates {words[0]} ended with exit code {done.returncode}")
    return done.stdout


def sweep(method: str, n: int, replicates: int, out: Path, parameters: list[str] | None = None) -> None:
    """Design and run one stage; what is in the store already is kept."""
    varied = ["--parameters", ",".join(parameters)] if parameters else []
    wardmates("sweep", "design", "--method", method, "--n", str(n), *varied, "--scenarios", ",".join(SCENARIOS), "--replicates", str(replicates),
              "--seed", "1", "--out", f"{method}.parquet", cwd=out)  # fmt: skip
    wardmates("sweep", "run", f"{method}.parquet", "--out", method, cwd=out)


def analysed(method: str, out: Path) -> dict[str, dict[str, Any]]:
    """Each question's answer, as --json gives it; the reports go beside the stores, their pictures into docs."""
    answers = {}
    for name, options in QUESTIONS.items():
        answers[name] = json.loads(wardmates("sensitivity", method, *options, "--json", "--out", f"{method}-{name}", cwd=out))
        for picture in PICTURES.get((method, name), ()):
            shutil.copyfile(out / f"{method}-{name}" / "figures" / f"{picture}.png", DOCS / "images" / f"study-{method}-{name}-{picture}.png")
    return answers


def chosen(answers: dict[str, dict[str, Any]]) -> list[str]:
    """Parameters for the second stage, at most MOST_PARAMETERS: what the screenings suggest, by the best rank in any of them.

    Where a screening tells fewer than FEWEST_A_QUESTION from zero, its largest effects stand in, or the second stage would not ask that question.
    """
    ranks: dict[str, int] = {}
    for answer in answers.values():
        effects = {row["parameter"]: row["value"] for row in answer["rows"] if row["index"] == answer["ranked_by"]}
        largest = sorted(effects, key=lambda name: -effects[name])[:FEWEST_A_QUESTION]
        for rank, name in enumerate(dict.fromkeys([*answer["suggested"], *largest])):
            ranks[name] = min(rank, ranks.get(name, rank))
    return sorted(ranks, key=lambda name: (ranks[name], name))[:MOST_PARAMETERS]


def _said(row: dict[str, Any]) -> str:
    return f"{row['value']:.2g} ({row['low']:.2g} to {row['high']:.2g})"


def table(answers: dict[str, dict[str, Any]], indices: list[tuple[str, str]]) -> str:
    """One table a question: parameters from the most influential, an index a column, with intervals."""
    parts = []
    for answer in answers.values():
        by = {(row["index"], row["parameter"]): row for row in answer["rows"]}
        ranking = answer["ranked_by"]
        names = sorted({name for index, name in by if index == ranking}, key=lambda name: -by[ranking, name]["value"])
        lines = [f"**{answer['label']}** ({answer['unit']}); {len(answer['told_from_zero'])} of {len(names)} are told from zero, "
                 f"floor {answer['floors'][ranking]:.2g}", "",
                 "| parameter | " + " | ".join(words for _, words in indices) + " |", "|---|" + "---|" * len(indices)]  # fmt: skip
        for name in names[:MOST_ROWS]:
            mark = "" if name in answer["told_from_zero"] else " (not told from zero)"
            lines.append(f"| `{name}`{mark} | " + " | ".join(_said(by[index, name]) if (index, name) in by else "–" for index, _ in indices) + " |")
        parts.append("\n".join([*lines, "", *(f"- {sentence}" for sentence in answer["sentences"])]))
    return "\n\n".join(parts)


def main() -> None:
    """Run both stages and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("morris", 20), ("sobol", 512), ("replicates", 5)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--out", type=Path, default=Path("out/study"))
    given = parser.parse_args()
    out = given.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    sweep("morris", given.morris, given.replicates, out)
    screened = analysed("morris", out)
    sweep("sobol", given.sobol, given.replicates, out, chosen(screened))
    answers = analysed("sobol", out)
    texts = {
        "{screening}": table(screened, [("mu_star", "mu*"), ("mu", "mu"), ("sigma_corrected", "sigma, chance taken off")]),
        "{indices}": table(answers, [("ST", "total order"), ("S1", "first order"), ("ST_run", "total order, of a single run")]),
        "{chosen}": ", ".join(f"`{name}`" for name in chosen(screened)),
        "{sizes}": f"{given.morris} trajectories and {given.replicates} replicates, then N = {given.sobol} and {given.replicates} replicates",
    }
    page = (DOCS / "study.template.md").read_text(encoding="utf-8")
    for key, text in texts.items():
        page = page.replace(key, text)
    (DOCS / "study.md").write_text(page, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
