"""What a claim of the study is, as a test that the model can fail.

A `Claim` has one or more `Trial`s. A trial runs the same worlds (common random numbers) in arms that differ in ONE input, and once more in all
arms with a **mutant**: the mechanism that the claim speaks of is switched off, or its sign turned, in every arm. A trial has `Reading`s, each of one
`Measure`. A reading is borne out if its effect lies on the expected side at a stated false-alarm rate; on the mutant the same reading must fail, or
the test would have passed for some other reason than the claim's. A claim is borne out if all its readings are, so that a claim that is false in
one part is called true at most as often as one reading is (an intersection-union test).

What could be moved is the mechanism's own parameter, and then a mutant would only undo the move. So the moved input must not be among the mutant's:
the input is what the study speaks of (hours, distance, severity, stigma), the mutant what carries it to the outcome.

Numbers of runs and margins are set here by thinking about noise, before the figures are seen, and never changed for a verdict; no seed is chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from simulation.record.history import History
from simulation.record.outcomes import OUTCOMES, ratio

if TYPE_CHECKING:
    from experiments.claims.watch import Step

Array = NDArray[np.float64]
Overrides = Mapping[str, Any]
Sums = tuple[float, ...]
Value = Callable[[Array], Array]
Contrast = Callable[[Array], Array]

FALSE_ALARM = 0.001
"""One-sided false-alarm rate of a reading, hence at most that of a claim; over 37 claims at most about .04."""


def difference(values: Array) -> Array:
    """Contrast of two arms: after less before; values of shape (..., arms) to (...)."""
    return np.asarray(values[..., 1] - values[..., 0])


def level(values: Array) -> Array:
    """Contrast of one arm: the value itself, which `beyond` is compared with."""
    return np.asarray(values[..., 0])


def after_alone(values: Array) -> Array:
    """Contrast of two arms that reads the second alone: what is left, or what only the second arm can show."""
    return np.asarray(values[..., 1])


@dataclass(frozen=True)
class Measure:
    """What is measured in a run: sums, which are added over runs before a value is taken of them. Made by the three functions below.

    Attributes:
        words: what it is, as a table shows it.
        parts: sums of a run, from its history and the history of the trial's first arm in the same world.
        step: sums of a step, added over the steps of a run; where this is given, `parts` is not.
        value: sums of shape (..., k) to values of shape (...); nan where nothing happened.
        weeks_of_ties: weeks, besides the year-ends, whose ties the history must hold.
    """

    words: str
    parts: Callable[[History, History], Sums] | None
    step: Callable[[Step], Sums] | None
    value: Value
    weeks_of_ties: tuple[int, ...] = ()


def outcome(name: str) -> Measure:
    """One of the product's outcomes.

    Args:
        name: a name in OUTCOMES.
    """
    found = OUTCOMES[name]
    return Measure(found.meaning, found.parts, None, found.value)


def of_history(words: str, sums: Callable[[History], Sums], value: Value | None = None, weeks_of_ties: tuple[int, ...] = ()) -> Measure:
    """A measure of a run's history.

    Args:
        words: what it is.
        sums: of one run; without `value`, (numerator, denominator).
        value: of sums.
        weeks_of_ties: weeks, besides the year-ends, whose ties it asks for.
    """
    return Measure(words, lambda history, _: sums(history), None, value or ratio(), weeks_of_ties)


def of_steps(words: str, sums: Callable[[Step], Sums], value: Value | None = None) -> Measure:
    """A measure of what is no part of a history (stigma, who noticed whom): read after each step, summed over the course.

    Args:
        words: what it is.
        sums: of one step; without `value`, (numerator, denominator).
        value: of sums.
    """
    return Measure(words, None, sums, value or ratio())


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One thing that must be seen in a trial.

    Attributes:
        measure: what is measured in each arm.
        expects: "up" (the effect lies above `beyond`), "down" (below it), or "nil" (within `margin` of it).
        contrast: the effect from the arms' values; without it, after less before, or the level where there is one arm.
        contrast_words: what a contrast of another kind is, for the table.
        beyond: what the effect is compared with.
        margin: "nil" only: how far from `beyond` still counts as nothing, stated beforehand.
        least: "up" and "down": an effect shown to be smaller than this is not borne out, not merely open.
        known: why the model is known not to bear it out; then its test asserts that it does not, so that a change is noticed.
    """

    measure: Measure
    expects: Literal["up", "down", "nil"]
    contrast: Contrast | None = None
    contrast_words: str = ""
    beyond: float = 0.0
    margin: float = 0.0
    least: float = 0.0
    known: str = ""

    def __post_init__(self) -> None:
        if (self.expects == "nil") != (self.margin > 0):
            raise ValueError(f"{self.measure.words}: a margin is stated where nothing is expected to happen, and only there")


@dataclass(frozen=True, kw_only=True)
class Trial:
    """Arms in the same worlds, and what must be seen in them. Overrides are as after `--set`, on the scenario "informal".

    Attributes:
        moved: the input that is moved, in words.
        before, after: overrides of the two arms; they differ in one input. Without `after` there is one arm, and its level is read.
        others: further arms by name, for a contrast of more than two (the joint effect of barriers); they may differ in more.
        both: overrides of every arm: what is held fixed so that nothing but the claim's mechanism answers.
        mutant: overrides that switch the mechanism off, or turn its sign, on top of every arm.
        mutant_words: what the mutant is.
        why: why this shows the claim, what could confound it, and why the runs are as many as they are.
        replicates: runs of every arm, fixed beforehand.
        readings: what must be seen.
    """

    moved: str
    before: Overrides = field(default_factory=dict)
    after: Overrides | None = None
    others: Mapping[str, Overrides] = field(default_factory=dict)
    both: Overrides = field(default_factory=dict)
    mutant: Overrides
    mutant_words: str
    why: str = ""
    replicates: int
    readings: tuple[Reading, ...]

    def __post_init__(self) -> None:
        moved = self.moved_inputs
        if self.after is not None and len(moved) != 1:
            raise ValueError(f"{self.moved}: before and after differ in one input, not in {sorted(moved)}")
        if not self.mutant or moved & set(self.mutant):
            raise ValueError(f"{self.moved}: a mutant changes something, and not the input that is moved ({', '.join(sorted(moved))})")
        if self.replicates < 2 or not self.readings:
            raise ValueError(f"{self.moved}: a trial has at least two runs and one reading")

    @property
    def moved_inputs(self) -> set[str]:
        """Names of what differs between before and after."""
        after = self.before if self.after is None else self.after
        return {name for name in {*self.before, *after} if (name in self.before, self.before.get(name)) != (name in after, after.get(name))}

    @property
    def arms(self) -> dict[str, dict[str, Any]]:
        """Overrides of each arm, by name: before, after, and the others."""
        arms = {"before": self.before} | ({} if self.after is None else {"after": self.after}) | dict(self.others)
        return {name: {**self.both, **arm} for name, arm in arms.items()}

    @property
    def mutant_arms(self) -> dict[str, dict[str, Any]]:
        """The arms with the mutant on top of each."""
        return {name: {**arm, **self.mutant} for name, arm in self.arms.items()}

    def contrast_of(self, reading: Reading) -> Contrast:
        """How the effect of a reading is made from the arms' values."""
        return reading.contrast or (level if len(self.arms) == 1 else difference)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A claim of the study.

    Attributes:
        id: C1 to C37.
        section: of the study.
        says: what the study says, in a few own words.
        expects: what follows for the model, in words.
        trials: all of whose readings must be seen.
    """

    id: str
    section: str
    says: str
    expects: str
    trials: tuple[Trial, ...]
