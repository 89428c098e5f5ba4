"""Makes docs/plausibility.md: default cohorts of both programmes beside what they are fitted to, cohort size, and policies at extreme assumptions.

    python docs/make_plausibility.py            # about ten minutes on two cores
    python docs/make_plausibility.py --cohorts 4 --out /tmp/look

The facts that are held out for validation are not looked at here.
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from experiments.style import BLUE, INK, PALE, STYLE, VERMILLION
from simulation.record.outcomes import OUTCOMES, outcome_parts, year_end_table
from simulation.run import run
from simulation.scenario.scenario import load_scenario
from simulation.streams import replicate_seed

SIZES = ((60, 100), (120, 60), (350, 14), (1000, 6))
POLICIES = ("random-groups", "fixed-groups", "isolate-aware", "friends-together", "anchor-pair", "home-group", "two-sites", "working-alone",
            "long-blocks")  # fmt: skip
EXTREMES = {"defaults": {}, "kappa_placement .05": {"kappa_placement": 0.05}, "compatibility_sd .8": {"compatibility_sd": 0.8},
            "both": {"kappa_placement": 0.05, "compatibility_sd": 0.8}}  # fmt: skip


def look(job: tuple[str, dict[str, float], int]) -> dict[str, Any]:
    """What one cohort shows."""
    name, overrides, replicate = job
    h = run(load_scenario(name, overrides=overrides), replicate_seed(1, replicate))
    ends, e = year_end_table(h), h.episodes
    counted = ~e.is_early
    weeks = h.calendar.n_weeks
    years = range(1, h.calendar.n_years + 1)
    facts: dict[str, Any] = {
        "parts": outcome_parts(h, h), "friends": ends["friends_mean"].to_numpy(), "jaccard": np.nanmean(ends["jaccard"]),
        "transitivity": np.nanmean(ends["transitivity"]), "no_friend": ends["no_friend_share"].to_numpy(),
        "friends_sd": float(np.std(h.friends[h.calendar.year_ends()[1] - 1])),
        "by_year": np.array([(h.distress[h.calendar.year == year] >= 1).mean() for year in years]),
    }  # fmt: skip
    for n in (13, 26, 52):
        followed = e.onset <= (weeks - n) * h.parameters.steps_per_week
        facts[f"recovered_{n}"] = float(np.mean((e.end >= 0)[followed] & ((e.end - e.onset)[followed] <= n * h.parameters.steps_per_week)))
    frame = h.weekly_frame()
    facts["weekly"] = frame[["friends_mean", "isolated", "distressed"]].to_numpy().T
    onset = h.week_of(e.onset)
    facts["reached"] = np.array([_mean(e.is_reached[counted & (onset > week - 13) & (onset <= week + 13)]) for week in range(1, weeks + 1)])
    return facts


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else np.nan


def value(facts: list[dict[str, Any]], outcome: str) -> float:
    """An outcome over cohorts, as a ratio of sums."""
    return float(OUTCOMES[outcome].value(np.sum([f["parts"][outcome] for f in facts], axis=0)))


def targets(ge4: list[dict[str, Any]], ug5: list[dict[str, Any]]) -> list[tuple[str, str, float, float, tuple[float, float]]]:
    """Rows of the table: what, source, GE4, UG5, range."""

    def both(read: Any) -> tuple[float, float]:
        return read(ge4), read(ug5)

    def mean(key: str, index: int | None = None) -> tuple[float, float]:
        return both(lambda facts: float(np.mean([f[key] if index is None else f[key][index] for f in facts])))

    def of(outcome: str) -> tuple[float, float]:
        return both(lambda facts: value(facts, outcome))

    last = both(lambda facts: float(np.mean([f["friends"][2:].mean() if len(f["friends"]) == 4 else f["friends"][2:4].mean() for f in facts])))
    decline = both(lambda facts: float(np.mean([f["by_year"][-1] for f in facts]) / np.mean([f["by_year"][0] for f in facts])))
    return [
        ("distressed, latent", "Rotenstein 2016, seen through an instrument", *of("prevalence"), (0.17, 0.27)),
        ("screen-positive", "Rotenstein 2016", *of("screen_positive"), (0.247, 0.299)),
        ("last year over first, distressed", "Puthran 2016 (year 5 over year 1: .61), wide", *decline, (0.45, 0.85)),
        ("severe in a year", "assumed from Rotenstein 2016", *of("severe_year_share"), (0.06, 0.20)),
        ("recovered at 3 months", "Spijker 2002 (.50)", *mean("recovered_13"), (0.42, 0.58)),
        ("recovered at 6 months", "Spijker 2002 (.63)", *mean("recovered_26"), (0.55, 0.70)),
        ("recovered at 12 months", "Spijker 2002 (.76)", *mean("recovered_52"), (0.70, 0.82)),
        ("episodes treated", "assumed range", *of("treated_share"), (0.12, 0.25)),
        ("friends, last campus year-end", "PMC10922236 (5.4)", *mean("friends", 1), (4.59, 6.21)),
        ("SD of friends then", "PMC10922236 (2.9)", *mean("friends_sd"), (2.2, 3.6)),
        ("friends, first clinical year-end", "PMC10922236 (3.9)", *mean("friends", 2), (3.32, 4.49)),
        ("friends, second clinical year-end", "PMC10922236 (3.4)", *mean("friends", 3), (2.89, 3.91)),
        ("both clinical year-ends", "PMC10922236 (3.65)", *last, (3.10, 4.20)),
        ("no friend in the cohort, year-ends", "assumed range", *of("no_friend_share"), (0.01, 0.12)),
        ("Jaccard of successive year-ends", "lower bound .32-.38", *mean("jaccard"), (0.32, 0.60)),
        ("transitivity", "assumed range", *mean("transitivity"), (0.3, 0.6)),
        ("episodes reached by peers", "assumed range", *of("peer_reach"), (0.3, 0.6)),
        ("episodes noticed", "aim", *of("noticed_share"), (0.6, 0.8)),
    ]  # fmt: skip


def draw(cohorts: dict[str, list[dict[str, Any]]], path: Path) -> None:
    """Friends, isolation, distress and reach over the years: mean, and the range of nine cohorts in ten."""
    panels = (("friends in the cohort", 0, 1), ("% without a friend", 1, 100), ("% distressed", 2, 100), ("% of episodes reached, by onset", 3, 100))
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(8.6, 8.6))
        axes = figure.subplots(4, 2, sharey="row", sharex="col", width_ratios=[4, 5])
        for column, (name, facts) in enumerate(cohorts.items()):
            series = np.array([[*f["weekly"], f["reached"]] for f in facts])
            n_weeks = series.shape[2]
            for row, (label, index, scale) in enumerate(panels):
                axis, values = axes[row][column], scale * series[:, index]
                for year in range(n_weeks // 52):
                    taught = 36 if year < 2 else 40
                    axis.axvspan(52 * year + taught, 52 * (year + 1), color=PALE, alpha=0.6, lw=0)
                low, high = np.nanquantile(values, [0.05, 0.95], axis=0)
                colour = BLUE if column == 0 else VERMILLION
                axis.fill_between(range(1, n_weeks + 1), low, high, color=colour, alpha=0.22, lw=0)
                axis.plot(range(1, n_weeks + 1), np.nanmean(values, axis=0), color=colour)
                axis.axvline(104, color=INK, lw=0.8, ls=(0, (2, 2)))
                axis.set_xlim(0, n_weeks)
                axis.set_ylim(bottom=0)
                axis.grid(axis="y")
                if column == 0:
                    axis.set_ylabel(label)
                if row == 0:
                    axis.set_title(name)
                    axis.text(106, axis.get_ylim()[1] * 0.97, "placements begin", fontsize=7.5, va="top")
            axes[3][column].set_xticks(range(0, n_weeks + 1, 52), [f"year {y + 1}" for y in range(n_weeks // 52)] + [""])
            for tick in axes[3][column].get_xticklabels():
                tick.set_ha("left")
        axes[1][0].set_ylim(0, 30)
        n = len(next(iter(cohorts.values())))
        text = f"Default cohorts over the years: mean and nine cohorts in ten ({n} cohorts of 120; breaks shaded)"
        figure.suptitle(text, x=0.01, ha="left", fontsize=10.5, fontweight="bold")
        figure.savefig(path, dpi=130)


def main() -> None:
    """Run everything and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cohorts", type=int, default=60, help="cohorts of each programme; other tables scale with it")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent, help="folder of plausibility.md and images/")
    options = parser.parse_args()
    share = options.cohorts / 60
    (options.out / "images").mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor() as pool:
        seen = partial(pool.map, look)
        programmes = {"GE4: two campus and two clinical years": "informal", "UG5: two campus and three clinical years": "ug5"}
        cohorts = {name: list(seen([(scenario, {}, r) for r in range(options.cohorts)])) for name, scenario in programmes.items()}
        sizes = [(n, list(seen([("informal", {"students": n}, r) for r in range(max(2, round(count * share)))]))) for n, count in SIZES]
        alone = [(n, list(seen([("working-alone", {"students": n}, r) for r in range(max(2, round(count * share)))]))) for n, count in SIZES[:3]]
        grid = {label: {policy: list(seen([(policy, dict(extreme), r) for r in range(max(2, round(20 * share)))])) for policy in POLICIES}
                for label, extreme in EXTREMES.items()}  # fmt: skip
    draw(cohorts, options.out / "images" / "plausibility.png")
    (options.out / "plausibility.md").write_text(page(cohorts, sizes, alone, grid), encoding="utf-8")


def page(cohorts: dict[str, list[dict[str, Any]]], sizes: list[Any], alone: list[Any], grid: dict[str, Any]) -> str:
    """The page's text."""
    ge4, ug5 = cohorts.values()
    lines = ["# Default cohorts beside what they are fitted to", "",
             f"Made by `python docs/make_plausibility.py --cohorts {len(ge4)}`; do not edit.", "",
             "![Friends, isolation, distress and reach over the years](images/plausibility.png)", "",
             "## Fit targets", "", "| what | source | range | GE4 | UG5 |", "|---|---|---|---|---|"]  # fmt: skip
    for what, source, a, b, (low, high) in targets(ge4, ug5):
        marks = [f"{v:.3f}" + ("" if low <= v <= high else " **outside**") for v in (a, b)]
        lines.append(f"| {what} | {source} | {low:g} to {high:g} | {marks[0]} | {marks[1]} |")
    lines += ["", "## Friendship and cohort size", "",
              "Mean friends in teaching weeks after settling-in, and at the year-ends (GE4, informal; standard error in brackets).", "",
              "| students | cohorts | mean friends | year 1 | year 2 | year 3 | year 4 | mean friends, everyone placed alone |",
              "|---|---|---|---|---|---|---|---|"]  # fmt: skip
    by_itself = dict(alone)
    for n, facts in sizes:
        means = np.array([float(OUTCOMES["friends_mean"].value(np.asarray(f["parts"]["friends_mean"]))) for f in facts])
        ends = np.mean([f["friends"] for f in facts], axis=0)
        other = f"{value(by_itself[n], 'friends_mean'):.2f}" if n in by_itself else "-"
        cells = [f"{means.mean():.2f} ({means.std(ddof=1) / len(means) ** 0.5:.2f})", *(f"{v:.2f}" for v in ends), other]
        lines.append(f"| {n} | {len(facts)} | " + " | ".join(cells) + " |")
    lines += ["", "## Placement policies at extreme assumptions", "",
              "Headline (unreached isolated students per 100 enrolled), and in brackets % of teaching weeks without a friend; "
              f"{len(grid['defaults'][POLICIES[0]])} cohorts each, same seeds.", "",
              "| policy | " + " | ".join(grid) + " |", "|---|" + "---|" * len(grid)]  # fmt: skip
    for policy in POLICIES:
        seen = [grid[label][policy] for label in grid]
        cells = [f"{value(facts, 'unreached_isolated_students'):.1f} ({100 * value(facts, 'isolated_week_share'):.1f})" for facts in seen]
        lines.append(f"| {policy} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
