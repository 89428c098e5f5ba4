"""What a reader must know before leaning on a comparison, in plain sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from experiments.shown import has_intervals
from simulation.record.outcomes import HEADLINE
from simulation.scenario.grouping import POLICIES
from simulation.scenario.programme import PROGRAMMES
from simulation.scenario.school import FEWEST_TOLD

if TYPE_CHECKING:
    from experiments.compare import Comparison
    from simulation.scenario.scenario import Scenario

FEWEST_REPLICATES = 20
HOURS_TOLERANCE = 0.05
_PLACEMENT = ("block_weeks", "placement_group_size", "placement_hours", "kappa_placement")


def notes_of(comparison: Comparison) -> list[str]:
    """The notes of a comparison, the gravest first; none where nothing needs saying."""
    return [*warnings_of(comparison), *read_of(comparison)]


def warnings_of(comparison: Comparison) -> list[str]:
    """What to know before leaning on the figures, the gravest first."""
    return [*_few_replicates(comparison), *_precision(comparison), *_officer_hours(comparison), *_courses(comparison), *_whose_reach(comparison),
            *_placement(comparison), *_unread(comparison), *_spread_sites(comparison)]  # fmt: skip


def read_of(comparison: Comparison) -> list[str]:
    """What was understood of a school's files; none without them."""
    if comparison.school is None:
        return []
    return [*comparison.school.notes, *_held_back(comparison),
            "Results are about the cohort as a whole; nothing about a single student is kept or written. For the same reason nobody is "
            "followed from one scenario to another (counterfactual.csv is made for synthetic cohorts only)."]  # fmt: skip


def _held_back(comparison: Comparison) -> list[str]:
    if not comparison.withheld:
        return []
    return [f"Fewer than {FEWEST_TOLD} students or episodes in all cohorts together stand behind {listed(comparison.withheld)} of at least one "
            "scenario: left blank there."]  # fmt: skip


def listed(names: Sequence[str]) -> str:
    """Names in a sentence: "a, b and c"."""
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]


def _few_replicates(comparison: Comparison) -> list[str]:
    n = comparison.replicates
    if n == 1:
        return [f"One simulated cohort of each scenario says what can happen, not what is usual, and has no interval. "
                f"Take {FEWEST_REPLICATES} replicates or more."]  # fmt: skip
    if not has_intervals(comparison):
        return [f"{n} simulated cohorts of each scenario are few: they say what can happen, not what is usual, so no interval is shown and nothing "
                f"is called better or worse. Take {FEWEST_REPLICATES} replicates or more."]  # fmt: skip
    if n < FEWEST_REPLICATES:
        return [f"{n} simulated cohorts of each scenario are few: intervals are wide and unsteady. Take {FEWEST_REPLICATES} replicates or more."]
    return []


def _precision(comparison: Comparison) -> list[str]:
    """How many replicates the widest headline difference would take, where more than there are."""
    if not has_intervals(comparison):
        return []
    needed = {row["scenario"]: row["replicates_needed"] for row in comparison.of(HEADLINE)[1:] if row["replicates_needed"] is not None}
    if not needed or max(needed.values()) <= comparison.replicates:
        return []
    name = max(needed, key=lambda scenario: needed[scenario])
    return [f"To know every difference in the headline to within a tenth of the baseline's figure takes about {needed[name]:,} replicates ({name}); "
            f"there are {comparison.replicates}."]  # fmt: skip


def _officer_hours(comparison: Comparison) -> list[str]:
    hours = {row["scenario"]: row["mean"] for row in comparison.of("officer_hours") if row["mean"]}
    if not hours:
        return []
    without = [name for name in comparison.names if name not in hours]
    notes = []
    if without:
        notes.append(f"Officer-hours are spent under {listed(list(hours))} and not under {listed(without)}: what officers add is not free.")
    if len(hours) > 1:
        most, least = max(hours, key=lambda name: hours[name]), min(hours, key=lambda name: hours[name])
        excess = hours[most] / hours[least] - 1
        if excess > HOURS_TOLERANCE:
            notes.append(f"Designs with officers do not cost the same: {most} takes {100 * excess:.0f} % more officer-hours a student than {least} "
                         f"({hours[most]:.0f} and {hours[least]:.0f} hours), which may be a part of what differs between them.")  # fmt: skip
        elif excess > 0.0005:
            notes.append(f"Designs with officers cost nearly the same: their officer-hours differ by {100 * excess:.1f} % at most.")
        else:
            notes.append("Designs with officers take the same officer-hours.")
    return notes


def _courses(comparison: Comparison) -> list[str]:
    """Scenarios that differ in what the headline counts over."""
    courses = {(s.parameters.students, s.parameters.campus_years, s.parameters.clinical_years) for s in comparison.scenarios}
    if len(courses) < 2:
        return []
    return ["The scenarios differ in the number of students or the length of the course. The headline counts students over a whole course, so "
            "look at `unreached_isolated_per_100_years` too."]  # fmt: skip


def _whose_reach(comparison: Comparison) -> list[str]:
    """Which reach compares the same students, where scenarios differ in who becomes isolated."""
    if len({(s.campus_policy, s.placement_policy) for s in comparison.scenarios}) < 2:
        return []
    return ["The scenarios group students differently, so students without a friend are not the same ones in each: `reach_isolated` describes a "
            "scenario, and `reach_isolated_at_baseline` compares the same kind of student."]  # fmt: skip


def _placement(comparison: Comparison) -> list[str]:
    """Placement results lean on assumed values, and never go without saying so."""
    ways = {(s.placement_policy, *(getattr(s.parameters, name) for name in _PLACEMENT)) for s in comparison.scenarios}
    if len(ways) < 2:
        return []
    return ["The scenarios group students differently on placement. How much that matters hangs on assumed values, most of all on how far an hour "
            "together on placement makes a friend: before leaning on it, repeat the comparison with `--set kappa_placement=0.1` and "
            "with `--set kappa_placement=0.8`."]  # fmt: skip


def overruled(scenario: Scenario) -> dict[str, str]:
    """Parameters that a school's files decide instead: name -> whose value holds."""
    found = {"students": "the roster's"} if scenario.school else {}
    if scenario.school and scenario.school.sites:
        found["sites"] = "the school's"
    if scenario.school and scenario.school.timetable is not None:  # its calendar holds under every policy
        found["clinical_teaching_weeks"] = "the timetable's"
    if scenario.placement_policy == "timetable":
        found |= dict.fromkeys(("block_weeks", "placement_group_size", "placement_hours"), "the timetable's")
    if scenario.campus_policy == "roster" and not POLICIES[scenario.placement_policy].has_home_group:  # home groups have that size too
        found["small_group_size"] = "the roster's"
    return found


def _unread(comparison: Comparison) -> list[str]:
    """Parameters that somebody set and that a school's files overrule."""
    notes = []
    for scenario in comparison.scenarios:
        unread = sorted(set(overruled(scenario)) & (set(scenario.changed) | set(PROGRAMMES[scenario.programme])))
        if unread:
            notes.append(f"{scenario.name} sets {listed(unread)}, which changes nothing here: the school's own files decide that.")
    return notes


def _spread_sites(comparison: Comparison) -> list[str]:
    sites = sorted({site for found in comparison.spread_sites for site in found})
    if not sites:
        return []
    return [f"The timetable names no teams at {listed(sites)}: hours there were spread over a few expected companions for each student, so that "
            "a big site does not make everybody friends."]  # fmt: skip
