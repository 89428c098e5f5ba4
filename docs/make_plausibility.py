"""Makes docs/plausibility.md: default cohorts beside what they are fitted to, a first fit by rejection, and what bad assumptions would do.

    python docs/make_plausibility.py                       # some 30,000 cohorts: about ten minutes on two cores (make plausibility)
    python docs/make_plausibility.py --thin 4 --out look   # a quarter of it, elsewhere; few points or none are accepted then

The page's figures are the same whatever the number of threads. Facts that are held out for validation are shown and accept nothing.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from calibration import cohort_report, fit_report
from calibration.cohort_report import Look, look
from calibration.measures import friends_at_year_end, friends_of_first_group, strangers_share
from calibration.rejection import AVERAGE, STAGES, Result, cohorts, fit, ratios
from calibration.targets import TARGETS
from calibration.tension import pairs_given_the_rest
from experiments.engines import usable_cores
from experiments.execute import make_ready
from experiments.style import STYLE
from simulation.evidence.parameters import PARAMETERS
from simulation.record.outcomes import OUTCOMES
from wardmates.shown import progress

COHORTS = 200
SIZES = ((60, 100), (120, 60), (350, 14), (1000, 6))
POLICIES = ("random-groups", "fixed-groups", "isolate-aware", "friends-together", "anchor-pair", "home-group", "two-sites", "working-alone",
            "long-blocks")  # fmt: skip
EXTREMES: dict[str, dict[str, float]] = {
    "defaults": {}, "kappa_placement .05": {"kappa_placement": 0.05}, "compatibility_sd .8": {"compatibility_sd": 0.8},
    "both": {"kappa_placement": 0.05, "compatibility_sd": 0.8}}  # fmt: skip
OUTSIDE: tuple[dict[str, float], ...] = (
    {}, {"chance_hours": 0}, {"chance_hours": 5}, {"chance_hours": 10}, {"common_friends_pull": 0}, {"common_friends_pull": 0.12},
    {"least_common_friends": 0}, {"least_strength": 0}, {"co_placed_pull": 0}, {"preference_exponent": 1},
    {"preference_exponent": 1, "least_strength": 0}, {"homophily": 3}, {"kappa_campus": 0.05})  # fmt: skip
"""What might let friendships arise outside small groups."""


def thinned(count: int, thin: int, least: int = 4) -> int:
    """A number of cohorts or points, divided."""
    return max(least, count // thin)


def outside_lines(thin: int, workers: int) -> list[str]:
    """The table of friendships outside small groups under other assumptions."""
    shown = [t for t in TARGETS if t.block == "friendship"]
    measures = [strangers_share(1), strangers_share(2), friends_of_first_group(), *(t.sums for t in shown)]
    simulate, worlds = cohorts(measures), range(thinned(40, thin))
    with ThreadPoolExecutor(workers) as pool:
        values = list(pool.map(lambda assumed: ratios(simulate(assumed, worlds).sum(axis=0)), OUTSIDE))
    lines = ["| assumed | never in one small group, year 1 | year 2 | shared the first, year 1 | " + " | ".join(t.meaning for t in shown) + " |",
             "|---" * (len(shown) + 4) + "|"]  # fmt: skip
    for assumed, of in zip(OUTSIDE, values, strict=True):
        marked = [f"{v:.2f}" + ("" if t.low <= v <= t.high else " **outside**") for t, v in zip(shown, of[3:], strict=True)]
        label = ", ".join(f"`{name} = {value:g}`" for name, value in assumed.items()) or "defaults"
        lines.append(f"| {label} | " + " | ".join([*(f"{v:.3f}" for v in of[:3]), *marked]) + " |")
    return lines


def size_lines(thin: int, workers: int) -> list[str]:
    """The table of friendship and cohort size."""
    years = [friends_at_year_end(year) for year in range(1, 5)]
    lines = ["| students | cohorts | mean friends | year 1 | year 2 | year 3 | year 4 | mean friends, everyone placed alone |",
             "|---|---|---|---|---|---|---|---|"]  # fmt: skip
    for n, count in SIZES:
        n_cohorts = thinned(count, thin)
        seen = look("informal", n_cohorts, workers, {"students": n})
        simulate = cohorts(years, students=n)
        with ThreadPoolExecutor(workers) as pool:
            ends = ratios(np.sum(list(pool.map(lambda r, simulate=simulate: simulate({}, range(r, r + 1))[0], range(n_cohorts))), axis=0))
        at = list(OUTCOMES).index("friends_mean")
        error = float(np.std(seen.outcomes[:, at], ddof=1)) / n_cohorts**0.5
        alone = f"{look('working-alone', n_cohorts, workers, {'students': n}).pooled['friends_mean']:.2f}" if n <= 350 else "-"
        cells = [f"{seen.pooled['friends_mean']:.2f} ({error:.2f})", *(f"{v:.2f}" for v in ends), alone]
        lines.append(f"| {n} | {n_cohorts} | " + " | ".join(cells) + " |")
    return lines


def policy_lines(thin: int, workers: int) -> list[str]:
    """The table of placement policies at extreme assumptions."""
    lines = ["| policy | " + " | ".join(EXTREMES) + " |", "|---|" + "---|" * len(EXTREMES)]
    for policy in POLICIES:
        seen = [look(policy, thinned(20, thin), workers, extreme).pooled for extreme in EXTREMES.values()]
        cells = [f"{of['unreached_isolated_students']:.1f} ({100 * of['isolated_week_share']:.1f})" for of in seen]
        lines.append(f"| {policy} | " + " | ".join(cells) + " |")
    return lines


def fit_lines(results: Sequence[Result]) -> list[str]:
    """The section on the fit."""
    runs = sum(len(r.points) * len(r.stage.replicates) for r in results)
    accepted = int(results[-1].is_accepted.sum())
    distinct = ", ".join(f"{n} settings of {block}" for block, n in fit_report.n_distinct(results).items())
    return [
        "## A first fit by rejection", "",
        f"{runs:,} cohorts of 120 students (GE4). Parameters are drawn from the ranges and distributions of the table, with the same worlds at every "
        "point, and a point is accepted if its value lies in the range of every target judged so far. The worlds of a stage are few, so how far they "
        f"are from the average of {len(AVERAGE)} worlds at the defaults is taken off everywhere. All other parameters keep their defaults.", "",
        *fit_report.stage_lines(results), "",
        "A point's few cohorts leave noise, most of it in the decline over the years, so part of what a stage accepts falls out in the next; what "
        f"stands in the end, {accepted} points with {distinct}, shows that all targets can be met together, and is too few for a "
        "distribution. So the ranges below are those of the stage that judges a parameter.", "",
        "![Accepted values and the defaults](images/plausibility_ranges.png)", "",
        *fit_report.range_lines(results), "",
        "### What each target refuses", "",
        "A target that few points meet of those that meet all the others is what the fit turns on; *below* and *above* say to which side the others "
        "pull it.", "",
        *fit_report.cost_lines(results), "",
        "### Which targets pull against each other", "",
        f"Over the {len(results[0].points):,} points of the first stage, drawn from the whole table: points inside both ranges, against the product "
        "of the two shares. Listed are pairs with so few inside both as chance would give in less than one pair of a thousand.", "",
        *fit_report.pair_lines(fit_report.against(results), 0.001), "",
        "![Points inside both ranges over the product, for all pairs of targets](images/plausibility_pairs.png)", "",
        "The same among points that all other targets accept which are judged by then (here less than one pair of a hundred, for there are few "
        "points): conflicts that only show where everything else is right.", "",
        *fit_report.pair_lines(pairs_given_the_rest(results, TARGETS), 0.01), "",
        "`prevalence` and `screen_positive` are one quantity through an instrument of the table's sensitivity and specificity: screening 24.7 to "
        f"29.9 % positive is {_latent(0.247):.3f} to {_latent(0.299):.3f} distressed, so their ranges overlap only in part.", "",
    ]  # fmt: skip


def page(looks: dict[str, Look], results: Sequence[Result], tables: dict[str, list[str]], thin: int) -> str:
    """The page's text."""
    ge4, ug5 = looks["informal"], looks["ug5"]
    lines = [
        "# Default cohorts beside what they are fitted to", "",
        f"Made by `python docs/make_plausibility.py{f' --thin {thin}' if thin > 1 else ''}`; do not edit. Targets and held-out facts are in "
        "`calibration/targets.py`, their sources in the bibliography.", "",
        "![Friends, isolation, distress and reach over the years](images/plausibility.png)", "",
        "## Fit targets", "",
        f"{len(ge4)} cohorts of 120 students of each programme with all defaults, informal support alone. A range is what is still plausible for a "
        "mean over cohorts; a single cohort varies more, so the share of single cohorts inside is shown too and asks nothing.", "",
        *cohort_report.target_lines([ge4, ug5]), "",
        "![Where the default cohorts lie in the targets' ranges](images/plausibility_targets.png)", "",
        "## Held out", "",
        "Nothing is fitted to these, and nothing accepts or refuses by them. They are of other students, instruments and settings.", "",
        *cohort_report.held_out_lines(looks), "",
        *fit_lines(results),
        "## Every outcome", "",
        f"The same {len(ge4)} cohorts of each programme: the value over all of them, and between which values nine single cohorts in ten lie.", "",
        *cohort_report.outcome_lines([ge4, ug5]), "",
        "## Friendship outside small groups", "",
        "Of the friend pairs at the end of a campus year: those who never shared a small group, and those who shared the very first; "
        f"{thinned(40, thin)} cohorts each. In the first weeks nobody has a tie, so all elective hours go to those one is scheduled with; later on "
        "ties outweigh whoever is new. Chance meetings are with others each week, and their traces stay below `least_strength`.", "",
        *tables["outside"], "",
        "## Friendship and cohort size", "",
        "Mean friends in teaching weeks after settling-in, and at the year-ends (GE4, informal; standard error in brackets).", "",
        *tables["sizes"], "",
        "## Placement policies at extreme assumptions", "",
        "Headline (unreached isolated students per 100 enrolled), and in brackets % of teaching weeks without a friend; "
        f"{thinned(20, thin)} cohorts each, same seeds.", "",
        *tables["policies"],
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _latent(positive: float) -> float:
    """Share distressed behind a share that screens positive, at the default sensitivity and specificity."""
    sensitivity, specificity = (PARAMETERS[name].default for name in ("screen_sensitivity", "screen_specificity"))
    return (positive - (1 - specificity)) / (sensitivity + specificity - 1)


def save(figure: Figure, path: Path) -> None:
    """Write a picture without date or version, so that the same figures are the same bytes."""
    figure.savefig(path, dpi=130, metadata={"Software": None})


def main() -> None:
    """Run everything and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--thin", type=int, default=1, help="divides the numbers of cohorts and points, for a quick look")
    parser.add_argument("--workers", type=int, default=usable_cores(), help="threads; they change no figure")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent, help="folder of plausibility.md and images/")
    options = parser.parse_args()
    thin, workers = options.thin, options.workers
    make_ready()
    n_cohorts = thinned(COHORTS, thin)
    looks = {name: look(name, n_cohorts, workers) for name in ("informal", "ug5", "officers")}
    tables = {"outside": outside_lines(thin, workers), "sizes": size_lines(thin, workers), "policies": policy_lines(thin, workers)}
    stages = [replace(stage, points=thinned(stage.points, thin)) for stage in STAGES]
    with progress(fit_report.n_runs(stages), workers) as on_progress:
        results = fit(stages, TARGETS, cohorts([t.sums for t in TARGETS]), workers=workers, on_progress=on_progress)
    (options.out / "images").mkdir(parents=True, exist_ok=True)
    programmes = {"GE4: two campus and two clinical years": looks["informal"], "UG5: two campus and three clinical years": looks["ug5"]}
    with matplotlib.rc_context(STYLE):
        for name, figure in (("", cohort_report.draw_years(programmes)), ("_targets", cohort_report.draw_targets([looks["informal"], looks["ug5"]])),
                             ("_pairs", fit_report.draw_pairs(results)), ("_ranges", fit_report.draw_ranges(results))):  # fmt: skip
            save(figure, options.out / "images" / f"plausibility{name}.png")
    (options.out / "plausibility.md").write_text(page(looks, results, tables, thin), encoding="utf-8")


if __name__ == "__main__":
    main()
