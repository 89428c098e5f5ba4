"""Makes the example school: four CSV files about nobody.

`python make_school.py [folder]` writes them to the folder (default: here), byte for byte the same each time. Only `Random.random()` is drawn
from, since Python promises its sequence to stay the same.
"""

from __future__ import annotations

import csv
import datetime
import math
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random

SEED = 20270118
N_STUDENTS = 152
GROUP_SIZE = 8
FIRST_DAY = datetime.date(2027, 1, 18)  # a Monday: the first day of the clinical years
# Weeks of the placement blocks of the two clinical years; None is the week of holidays in the middle of the year. The summer break follows.
BLOCKS: tuple[tuple[int | None, ...], ...] = ((8, 8, None, 8, 8, 8), (7, 7, 6, None, 6, 7, 7))
# Site, capacity, students in each block, students a team (0: no teams), hours a week (None: four days a week).
SITES: tuple[tuple[str, int, int, int, float | None], ...] = (
    ("Northgate Hospital", 56, 54, 3, 30),
    ("Harbour Hospital", 44, 40, 0, 28),
    ("Children's Hospital", 18, 16, 4, 28),
    ("Mental Health Unit", 14, 14, 2, 24),
    ("General Practice", 16, 14, 2, None),
    ("District Hospital", 10, 9, 3, 30),
    ("Rural Site North", 3, 3, 0, 32),
    ("Rural Site West", 1, 1, 0, 32),
    ("Rural Site East", 1, 1, 0, 26),
)
ENTRIES = (("biomedical science", 0.55), ("health profession", 0.25), ("other degree", 0.20))
N_FRIENDS_MEAN, N_ACQUAINTANCES_MEAN = 5.0, 5.0
N_WITHOUT_FRIENDS = 6


def shuffled(items: Iterable[int], random: Random) -> list[int]:
    """The items in random order."""
    return [item for _, item in sorted((random.random(), item) for item in items)]


def normal(random: Random) -> float:
    """A standard normal draw."""
    return math.sqrt(-2 * math.log(1 - random.random())) * math.cos(2 * math.pi * random.random())


def make_roster(random: Random) -> list[list[str]]:
    """student_id, campus_group, gender, entry of each student."""
    numbers = sorted(shuffled(range(100, 1000), random)[:N_STUDENTS])
    group_of = {student: place // GROUP_SIZE + 1 for place, student in enumerate(shuffled(range(N_STUDENTS), random))}
    rows = []
    for student, number in enumerate(numbers):
        draw, total, entry = random.random(), 0.0, ENTRIES[-1][0]
        for name, share in reversed(ENTRIES):
            total += share
            if draw < total:
                entry = name
                break
        gender = "woman" if random.random() < 0.54 else "man"
        rows.append([f"S{number:04d}", f"G{group_of[student]:02d}", gender if random.random() > 0.02 else "", entry])
    return rows


def make_timetable(roster: Sequence[Sequence[str]], random: Random) -> list[list[str]]:
    """student_id, site, team, start, end, hours_per_week, days_per_week of each placement."""
    seats = [(site, f"Team {place // a_team + 1}" if a_team else "", hours) for site, _, n, a_team, hours in SITES for place in range(n)]
    rows = []
    for year, blocks in enumerate(BLOCKS):
        start = FIRST_DAY + datetime.timedelta(weeks=52 * year)
        for weeks in blocks:
            if weeks is None:
                start += datetime.timedelta(weeks=1)
                continue
            end = start + datetime.timedelta(weeks=weeks, days=-3)  # the last Friday
            for student, (site, team, hours) in zip(shuffled(range(N_STUDENTS), random), seats, strict=True):
                spent = ["", "4"] if hours is None else [f"{hours:g}", ""]
                rows.append([roster[student][0], site, team, start.isoformat(), end.isoformat(), *spent])
            start += datetime.timedelta(weeks=weeks)
    return sorted(rows, key=lambda row: (row[0], row[3]))


def make_friendships(roster: Sequence[Sequence[str]], random: Random) -> list[list[str]]:
    """student_a, student_b, closeness of the closest pairs, as at the end of the second campus year."""
    sociability = [0.3 * normal(random) for _ in roster]
    # Who moves in the same circles meets the same people: places on two rings, so that nobody is central by construction.
    circle = [(random.random(), random.random()) for _ in roster]
    for student in shuffled(range(N_STUDENTS), random)[:N_WITHOUT_FRIENDS]:
        sociability[student] -= 4.0
    ranked = []
    for a in range(N_STUDENTS):
        for b in range(a + 1, N_STUDENTS):
            apart = math.hypot(*(min(abs(x - y), 1 - abs(x - y)) for x, y in zip(circle[a], circle[b], strict=True)))
            score = sociability[a] + sociability[b] - 20 * apart + 0.5 * normal(random)
            score += 2.5 * (roster[a][1] == roster[b][1]) + sum(0.4 for x in (2, 3) if roster[a][x] and roster[a][x] == roster[b][x])
            ranked.append((score, a, b))
    ranked.sort(reverse=True)
    n_friends, n_acquaintances = round(N_STUDENTS * N_FRIENDS_MEAN / 2), round(N_STUDENTS * N_ACQUAINTANCES_MEAN / 2)
    rows = []
    for place, (_, a, b) in enumerate(ranked[: n_friends + n_acquaintances]):
        is_friend = place < n_friends
        # The closest pairs are drawn first; among friends most are near the lower end of .5 to .9.
        closeness = 0.5 + 0.4 * random.random() ** 2 if is_friend else 0.32 + 0.17 * random.random()
        rows.append([roster[a][0], roster[b][0], f"{closeness:.2f}"])
    return sorted(rows)


def write(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a CSV file with the same line ends everywhere."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def make(folder: Path) -> None:
    """Write roster.csv, timetable.csv, friendships.csv and sites.csv to a folder."""
    random = Random(SEED)
    roster = make_roster(random)
    timetable = make_timetable(roster, random)
    friendships = make_friendships(roster, random)
    write(folder / "roster.csv", ["student_id", "campus_group", "gender", "entry"], roster)
    write(folder / "timetable.csv", ["student_id", "site", "team", "start", "end", "hours_per_week", "days_per_week"], timetable)
    write(folder / "friendships.csv", ["student_a", "student_b", "closeness"], friendships)
    write(folder / "sites.csv", ["site", "capacity"], sorted([site, str(capacity)] for site, capacity, *_ in SITES))


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
