"""What the figures depend on: the machine and the libraries, and nothing that says whose machine it is."""

from __future__ import annotations

import os
import platform
import re
import sys
from importlib import metadata
from pathlib import Path

import numpy as np

from benchmarks.interleave import Case, Samples
from benchmarks.record import Machine
from experiments.engines import usable_cores

LIBRARIES = ("mesa", "numba", "llvmlite", "numpy", "scipy", "networkx", "pandas", "pyarrow", "matplotlib")
_CPUINFO = Path("/proc/cpuinfo")


def libraries() -> dict[str, str]:
    """Versions, Python's among them."""
    return {"python": platform.python_version(), **{name: metadata.version(name) for name in LIBRARIES}}


def load() -> float | None:
    """Processes that ran or waited to, averaged over the last minute; None where the system does not tell."""
    return None if sys.platform == "win32" else round(os.getloadavg()[0], 2)


def machine(load_before: float | None, cases: list[Case], samples: Samples) -> Machine:
    """This machine.

    Args:
        load_before: `load()` before the first sample.
        cases, samples: from which it is seen whether the processor was there.
    """
    return Machine(
        system=platform.system(), architecture=platform.machine(), processor=_processor(), processors=os.cpu_count() or 1, usable=usable_cores(),
        memory_gib=_memory_gib(), load=load_before, had_processor=had_processor(cases, samples),
        linear_algebra_threads=int(os.environ.get("OMP_NUM_THREADS", "0")),
    )  # fmt: skip


def had_processor(cases: list[Case], samples: Samples) -> float | None:
    """Share of the wall time in which one-thread cases computed: the median of their samples; None without any."""
    names = [case.name for case in cases if case.is_alone]
    shares = [sample.cpu / sample.wall for name in names for sample in samples.get(name, ()) if sample.cpu is not None]
    return round(float(np.median(shares)), 3) if shares else None


def _processor() -> str:
    if _CPUINFO.exists():
        found = re.search(r"^model name\s*:\s*(.+)$", _CPUINFO.read_text(), re.MULTILINE)
        if found:
            return found[1].strip()
    return platform.processor() or "not told"


def _memory_gib() -> float | None:
    if sys.platform == "win32":
        return None
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3, 1)
