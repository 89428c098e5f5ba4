"""What an analysis says in sentences that a referee accepts: what decides, how much is the seed, what is not told from zero, what to run next."""

from __future__ import annotations

import math
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from experiments.notes import listed
from experiments.sensitivity.discovery import Discovery, KeptApart, Rule
from experiments.sensitivity.looks import IN_UNITS, unit_text
from experiments.sensitivity.responses import SAME, WinMap
from experiments.sensitivity.result import Analysis, Index
from experiments.sensitivity.screening import suggested
from experiments.tables import NOTHING, decimals, number, scale_of, signed

if TYPE_CHECKING:
    from experiments.sweep.design import Design

MOST_NAMED = 6
MOST_SUGGESTED = 20
MOSTLY = 0.5
FEWEST_TRAJECTORIES = 10
SUGGESTED_BASE, SUGGESTED_REPLICATES, SUGGESTED_TRAJECTORIES = 512, 5, 20
_ORDERS = {"ST": "total order", "mu_star": "mean size of the effect", "PRCC": "partial rank correlation"}
_SAMPLES = {"sobol": "base points", "morris": "trajectories", "lhs": "points", "grid": "points", "own": "points"}


def sentences(analysis: Analysis) -> list[str]:
    """What is said under the table, in order: what decides, chance, settling, what is not told from zero, notes."""
    return [decides(analysis), chance(analysis), settled(analysis), not_told(analysis), *analysis.notes]


def value_and_interval(row: Index | None) -> tuple[str, str]:
    """An index and its interval with as many digits as the interval leaves meaning; texts that are empty where there is nothing to say."""
    if row is None or not math.isfinite(row.value):
        return NOTHING, ""
    has = math.isfinite(row.low) and math.isfinite(row.high)
    half = (row.high - row.low) / 2 if has else None
    least = 2 if row.index not in IN_UNITS else decimals(row.value, 2 * abs(row.value))  # a digit at least, however wide the interval
    places = max(least, decimals(row.value, half))
    write = signed if row.index in ("mu", "PRCC", "SRC") else number
    return write(row.value, places), f"{write(row.low, places)} to {write(row.high, places)}" if has else ""


def value_text(row: Index | None) -> str:
    """The same in one text."""
    value, interval = value_and_interval(row)
    return value + (f" ({interval})" if interval else "")


def what_was_run(analysis: Analysis) -> str:
    """What an analysis rests on, in a sentence."""
    samples = f"{analysis.n:,} {_SAMPLES[analysis.method]}"
    points = f" ({analysis.n_points:,} points)" if analysis.method in ("sobol", "morris") else ""
    seeds = "" if analysis.replicates == 1 else ", the same worlds at every point" if analysis.crossed else ", each point in worlds of its own"
    return (f"{analysis.label}: {samples}{points} over {_count(len(analysis.parameters), 'parameter')}, "
            f"{_count(analysis.replicates, 'replicate')} of each{seeds}.")  # fmt: skip


def level_of(analysis: Analysis) -> str:
    """The average and the spread of a single run, in a sentence."""
    scale = scale_of(analysis.unit)
    places = decimals(scale * analysis.mean, scale * analysis.sd / 4 if analysis.sd else None)
    unit = f" ({unit_text(analysis)})" if analysis.unit else ""
    return (f"Over all runs it is {number(scale * analysis.mean, places)} on average, with a standard deviation of "
            f"{number(scale * analysis.sd, places)} from run to run{unit}.")  # fmt: skip


def decides(analysis: Analysis) -> str:
    """Which parameters decide, the largest first."""
    told, order = analysis.told_from_zero(), _ORDERS[analysis.ranked_by]
    if not told:
        return f"No parameter is told from zero: with {analysis.n:,} {_SAMPLES[analysis.method]} every {order} could be chance."
    found = [(name, analysis.get(analysis.ranked_by, name)) for name in told[:3]]
    first = [f"`{name}` {value_text(row) if not k else value_and_interval(row)[0]}" for k, (name, row) in enumerate(found)]
    rest = f", and {len(told) - 3} more {'is' if len(told) == 4 else 'are'} told from zero" if len(told) > 3 else ""
    text, fit = f"Most is decided by {listed(first)} ({order}{rest}).", analysis.get("R2")
    if fit is not None:
        text += f" Straight lines explain {100 * fit.value:.0f} % of the variance between points; what bends or turns is not seen."
    return text


def chance(analysis: Analysis) -> str:
    """How much of a single run's variance is the seed."""
    noise = analysis.get("noise")
    if noise is None:
        return ("How much of this is chance cannot be told from one replicate of each point: what the seed does counts as the parameters'. "
                "Make the design with --replicates 2 or more.")  # fmt: skip
    text = f"Of a single run's variance {_percent(noise)} is chance, the seed"
    own, together = analysis.get("noise_seed"), analysis.get("noise_interaction")
    if own is not None and together is not None:
        text += (f": {_percent(own, brief=True)} that is alike at all points and cancels in comparisons within a seed, and "
                 f"{_percent(together, brief=True)} that differs from point to point")  # fmt: skip
    text += f"; {number(100 * (1 - noise.value), 0)} % is the parameters."
    if analysis.ranked_by == "ST":
        text += " ST and S1 are shares of what is left when seeds are averaged, ST_run and S1_run of a single run."
    return text


def _percent(row: Index, *, brief: bool = False) -> str:
    interval = f" ({number(100 * row.low, 0)} to {number(100 * row.high, 0)})" if math.isfinite(row.low) and not brief else ""
    part = 100 * row.value
    return f"{'less than 1' if 0 < part < 0.5 else number(part, 0)} %{interval}"


def settled(analysis: Analysis) -> str:
    """Whether the ranking settled."""
    return analysis.verdict


def not_told(analysis: Analysis) -> str:
    """What cannot be told from zero, and below which size."""
    told = set(analysis.told_from_zero())
    rest = [name for name in analysis.ranked() if name not in told]
    inert = [f"`{row.parameter}`" for row in analysis.of(analysis.ranked_by) if row.value == row.low == row.high == 0]
    nothing = f" Changing {listed(inert[:MOST_NAMED])} alone changed nothing at any point." if 0 < len(inert) <= MOST_NAMED else (
        f" Changing {len(inert)} of them alone changed nothing at any point." if inert else "")  # fmt: skip
    order, floor = _ORDERS[analysis.ranked_by], value_floor(analysis)
    if not rest:
        return "Every parameter is told from zero" + (f" ({order} above the floor of {floor})." if analysis.floor > 0 else ".")
    if len(rest) <= MOST_NAMED:
        named = listed([f"`{name}`" for name in rest])
    else:
        named = ", ".join(f"`{name}`" for name in rest[:MOST_NAMED]) + f" and {len(rest) - MOST_NAMED} more"
    below = f"{order} " + (f"below the floor of {floor}, or an" if analysis.floor > 0 else "with an") + " interval that reaches zero"
    return (f"Not told from zero {'is' if len(rest) == 1 else 'are'} {len(rest)} of {_count(len(told) + len(rest), 'parameter')} ({below}): {named}. "
            f"That is not proof of no effect.{nothing}")  # fmt: skip


def value_floor(analysis: Analysis) -> str:
    """The floor with two digits that mean something."""
    floor = analysis.floor
    return number(floor, max(0, 1 - math.floor(math.log10(floor)))) if math.isfinite(floor) and floor > 0 else "0"


@dataclass(frozen=True)
class Next:
    """What to run next: why, and the command."""

    why: str
    command: str

    def __str__(self) -> str:
        return f"{self.why}: {self.command}"


def next_steps(analysis: Analysis, design: Design) -> list[Next]:
    """What to run next: what follows from this analysis, and before it, of a screening that is small, a larger one."""
    step = _next_step(analysis, design)
    if analysis.method != "morris" or analysis.n >= FEWEST_TRAJECTORIES or not analysis.told_from_zero():
        return [step]
    larger = next_command(design, method="morris", n=SUGGESTED_TRAJECTORIES, replicates=max(SUGGESTED_REPLICATES, design.replicates))
    return [Next(f"{_count(analysis.n, 'trajectory', 'trajectories')} can miss what matters; a larger screening", larger), step]


def _next_step(analysis: Analysis, design: Design) -> Next:
    """After a screening, Sobol's indices of what matters; else what this analysis lacks."""
    told, replicates = suggested(analysis), max(SUGGESTED_REPLICATES, design.replicates)
    chosen = told[:MOST_SUGGESTED]
    if analysis.method == "sobol":
        if design.replicates == 1:
            return Next("Next, the same with replicates, so that the seed's share is known",
                        next_command(design, method="sobol", n=analysis.n, replicates=replicates))  # fmt: skip
        noise = analysis.get("noise")
        if design.replicates < SUGGESTED_REPLICATES:
            return Next("For narrower intervals, more replicates", next_command(design, method="sobol", n=analysis.n, replicates=replicates))
        if noise is not None and noise.value > MOSTLY:
            return Next("For narrower intervals, more replicates, as most is chance",
                        next_command(design, method="sobol", n=analysis.n, replicates=2 * design.replicates))  # fmt: skip
        return Next("For narrower intervals, more points", next_command(design, method="sobol", n=2 * analysis.n))
    if analysis.method == "morris" and not told:
        return Next("Next, more trajectories and replicates, which tell smaller effects",
                    next_command(design, method="morris", n=2 * analysis.n, replicates=replicates))  # fmt: skip
    if analysis.method == "morris" or len(told) > 1:
        runs = SUGGESTED_BASE * (len(chosen) + 2) * replicates * max(1, len(design.scenarios))
        many = f" (the {len(chosen)} largest of {len(told)})" if len(chosen) < len(told) else ""
        who = "the one parameter that matters" if len(chosen) == 1 else f"the {len(chosen)} parameters that matter"
        return Next(f"Next, shares of the variance for {who}{many}, in {runs:,} runs",
                    next_command(design, method="sobol", n=SUGGESTED_BASE, parameters=chosen, replicates=replicates))  # fmt: skip
    return Next("Next, a screening, which tells what else may matter", next_command(design, method="morris", n=SUGGESTED_TRAJECTORIES))


def next_command(design: Design, *, method: str, n: int, parameters: Sequence[str] = (), replicates: int | None = None) -> str:
    """The command that makes another design of the same question.

    Args:
        design: the one that was analysed; scenarios that are files are called by their names and must be given as files again.
        method, n: of the new design.
        parameters: those to vary; none for the same ones.
        replicates: of the new design; None for as many.
    """
    words = ["wardmates", "sweep", "design", "--method", method, "--n", str(n)]
    if design.second_order and method == "sobol":
        words.append("--second-order")
    if parameters:
        words += ["--parameters", ",".join(parameters)]
    elif design.problem.is_ours and method != "morris":
        words += ["--parameters", ",".join(design.problem.names)]
    if not design.problem.is_ours or "--problem" in design.command:
        words += ["--problem", "problem.toml"]
    if design.scenarios:
        words += ["--scenarios", ",".join(name for name, _ in design.scenarios)]
    for name, value in design.overrides.items():
        words += ["--set", f"{name}={value}"]
    words += ["--replicates", str(design.replicates if replicates is None else replicates)]
    if design.seeds != "crossed":
        words += ["--seeds", design.seeds]
    return shlex.join([*words, "--seed", str(design.seed), "--out", f"{method}.parquet"])


def discovery_sentences(found: Discovery, outcome: str) -> list[str]:
    """When one scenario does no better than another: the rule in words, how it did on points kept apart, or that there is none."""
    share = f"{found.n_without:,} of {found.n_points:,} points"
    opening = f"`{found.a}` does no better than `{found.b}` in `{outcome}` at {share}, their seeds averaged{_same(found.n_same)}."
    if found.kept_apart is None:
        few = {"few": "That is too few points", "many": "That leaves too few other points", "small": "The design is too small"}[found.why_not]
        return [opening, f"{few} to look for a rule that tells where."]
    if found.rule is None:
        return [opening, f"No rule was found that tells where: on points kept apart, a tree's guesses were {_gain(found.kept_apart)} than the "
                         "overall share is for every point, which is no more than chance gives."]  # fmt: skip
    rule, kept = found.rule, found.kept_apart
    verb = "does better than" if found.about_gain else "does no better than"
    inside = rule.n - rule.n_without if found.about_gain else rule.n_without
    outside = rule.n_else - rule.n_without_else if found.about_gain else rule.n_without_else
    said = (f"`{found.a}` {verb} `{found.b}` where {conditions_text(rule)}: at {inside:,} of {rule.n:,} such points"
            f"{'' if found.about_gain else _same(rule.n_same)}, against {_share(outside, rule.n_else)} elsewhere.")  # fmt: skip
    kept_inside = kept.n - kept.n_without if found.about_gain else kept.n_without
    kept_outside = kept.n_else - kept.n_without_else if found.about_gain else kept.n_without_else
    apart = (("nine tenths of the points in half of the worlds", "the other points in the other worlds") if kept.has_other_worlds
             else ("nine tenths of the points", "the tenth kept apart"))  # fmt: skip
    tried = (f"Rules found on {apart[0]} and tried on {apart[1]}: {_share(kept_inside, kept.n)} against "
             f"{_share(kept_outside, kept.n_else)}; a tree's guesses were {_gain(kept)} than the overall share is for every point.")  # fmt: skip
    return [opening, said, tried, *_difference(rule)]


def conditions_text(rule: Rule) -> str:
    """The conditions of a rule in a sentence."""
    bounds = {(one.parameter, one.sign): one.bound_text for one in rule.conditions}
    said = []
    for one in rule.conditions:
        low, high = bounds.get((one.parameter, ">")), bounds.get((one.parameter, "<="))
        said.append(f"`{one.parameter}` is between {low} and {high}" if low and high and one.sign in (">", "<=") else str(one))
    return listed(list(dict.fromkeys(said))) if said else "anywhere"


def _same(n: int) -> str:
    return f" (at {n:,} of them the two are the same in every run)" if n else ""


def _difference(rule: Rule) -> list[str]:
    inside, outside = rule.difference, rule.difference_else
    if not all(math.isfinite(value) for value in (*inside, *outside)):
        return []
    places = max(decimals(inside[0], (inside[2] - inside[1]) / 2), decimals(outside[0], (outside[2] - outside[1]) / 2))

    def said(mean: float, low: float, high: float) -> str:
        return f"{signed(mean, places)} ({signed(low, places)} to {signed(high, places)})"

    return [f"The mean difference there is {said(*inside)}, elsewhere {said(*outside)}. At a single point the sign of a small difference is partly "
            "luck."]  # fmt: skip


def _gain(kept: KeptApart) -> str:
    return f"{100 * abs(kept.gain):.0f} % {'better' if kept.gain >= 0 else 'worse'} (Brier score)"


def _share(part: int, whole: int) -> str:
    return "none" if not part else f"{100 * part / whole:.0f} %" if 200 * part >= whole else "fewer than 1 %"


def wins_sentence(wins: WinMap) -> str:
    """Who wins where, in a sentence."""
    filled, told, n_same = wins.n_filled, wins.is_told, int((wins.best == SAME).sum())
    parts = [f"`{name}` in {int((wins.best == s).sum())} (told from the next best in {int(((wins.best == s) & told).sum())})"
             for s, name in enumerate(wins.scenarios) if (wins.best == s).any()]  # fmt: skip
    same = f"in {n_same} the best two are the same" if n_same else ""
    ending = "; ".join(part for part in (f"the best average lies with {listed(parts)}" if parts else "", same) if part)
    return (f"By `{wins.x.factor.name}` and `{wins.y.factor.name}`, of {filled} cells {ending}." if ending
            else "There are too few points for a map of where which scenario wins.")  # fmt: skip


def _count(n: int, what: str, many: str = "") -> str:
    return f"{n:,} {what if n == 1 else many or what + 's'}"
