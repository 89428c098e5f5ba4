"""What became of the same students in two runs with one seed, counted again from the files of both (docs/model.md, sections 11.1 and 11.2)."""

from __future__ import annotations

from collections import Counter

from tests.recount.files import RunFiles, over
from tests.recount.from_episodes import is_reached
from tests.recount.from_weeks import persistently_isolated


def reach_isolated_at_baseline(run: RunFiles, baseline: RunFiles) -> float | None:
    """Reach of the episodes whose student had no friend in the week of onset under the baseline."""
    friends = baseline.student_weeks.set_index(["student", "week"])["friends"]
    late, reached = run.episodes[~run.episodes["is_early"]], is_reached(run.episodes)
    alone = [friends.get((student, week)) == 0 for student, week in zip(late["student"], late["onset_week"], strict=True)]
    return over(int(reached[late.index][alone].sum()), sum(alone))


def _state_of_students(run: RunFiles) -> dict[int, str]:
    states = dict.fromkeys(range(1, run.n_enrolled + 1), "no episode")
    late, reached = run.episodes[~run.episodes["is_early"]], is_reached(run.episodes)
    for student, episodes in late.groupby("student"):
        states[int(student)] = "reached" if reached[episodes.index].any() else "not reached"
    return states


def changes_of_students(run: RunFiles, baseline: RunFiles) -> Counter[tuple[str, str, str]]:
    """Students by group under the baseline, state under the baseline and state under the scenario; where nobody leaves."""
    isolated, here, there = persistently_isolated(baseline), _state_of_students(run), _state_of_students(baseline)
    return Counter(("isolated" if student in isolated else "connected", there[student], here[student]) for student in here)


def changes_of_episodes(run: RunFiles, baseline: RunFiles) -> Counter[tuple[str, str, str]]:
    """Episodes of either run, which are the same where student and onset are."""
    friends = baseline.student_weeks.set_index(["student", "week"])["friends"]
    worlds = []
    for files in (run, baseline):
        late = files.episodes[~files.episodes["is_early"]]
        reached = is_reached(late).map({True: "reached", False: "not reached"})
        worlds.append(dict(zip(zip(late["student"], late["onset_week"], strict=True), reached, strict=True)))
    here, there = worlds
    return Counter(("isolated" if friends[episode] == 0 else "connected", there.get(episode, "no episode"), here.get(episode, "no episode"))
                   for episode in {*here, *there})  # fmt: skip
