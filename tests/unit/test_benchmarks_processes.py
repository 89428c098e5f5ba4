"""The benchmarks' processes of their own: what they import, hold and say."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import fresh, peak


def test_heavy_imports_are_seen() -> None:
    told = "import time: self [us] | cumulative | imported package\nimport time:       120 |        300 |   {}\nimport time:  5 |  7 | click.types\n"
    assert fresh.heavy_imports(told.format("numba.core.config")) == {"numba"}
    assert fresh.heavy_imports(told.format("numbers")) == set()
    with pytest.raises(ValueError, match="no import"):
        fresh.heavy_imports("Usage: wardmates")


def test_the_peak_is_of_this_program_alone() -> None:
    """What the parent held when it started the process is not counted; `ru_maxrss` would count it."""
    ballast = np.ones(60_000_000)  # 458 MiB, touched
    mib = float(fresh.process("-c", "from benchmarks.peak import peak_mib; print(peak_mib())").stdout)
    held = float(fresh.process("-c", "from benchmarks.peak import peak_mib; a = b'1' * 2**28; print(peak_mib())").stdout)
    assert ballast[-1] == 1
    assert 3 < mib < 200
    assert 250 < held - mib < 262
    assert peak.peak_mib() > 458


def test_a_process_that_fails_is_said() -> None:
    with pytest.raises(RuntimeError, match="ended with 3: what went wrong"):
        fresh.process("-c", "import sys; print('what went wrong', file=sys.stderr); sys.exit(3)")
