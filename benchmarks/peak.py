"""`python -m benchmarks.peak STUDENTS`: one run in this process, and the most memory that it ever held, in MiB, on standard output."""

from __future__ import annotations

import re
import sys
from pathlib import Path

_STATUS = Path("/proc/self/status")


def peak_mib() -> float:
    """The most memory that this process has held.

    Linux counts into `ru_maxrss` what the parent held when it started this process (its memory is the child's until `exec`), which here can be
    more than the child's own; so its kernel is asked for the peak of this program's memory alone.
    """
    if _STATUS.exists():
        found = re.search(r"^VmHWM:\s+(\d+) kB", _STATUS.read_text(), re.MULTILINE)
        if found:
            return int(found[1]) / 1024
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / 1024**2 if sys.platform == "darwin" else used / 1024


def main(students: int) -> None:
    """Run, hold the history, and say the peak."""
    from benchmarks.sizes import SCENARIO
    from simulation.run import run
    from simulation.scenario.scenario import load_scenario

    history = run(load_scenario(SCENARIO, overrides={"students": students}), 1)
    print(f"{history.n_students} {peak_mib():.3f}")


if __name__ == "__main__":
    main(int(sys.argv[1]))
