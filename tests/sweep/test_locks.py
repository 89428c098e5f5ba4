"""One process at a time writes to a store."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from experiments.sweep.lock import holder
from tests.sweep.sweeps import assert_same, begun, sweep, wait_until


def test_a_second_sweep_is_refused_and_told_who_is_at_it(design: Path, undisturbed: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    with begun("run", design, "--out", store, "--workers", 1) as first:
        wait_until(lambda: (store / "lock").exists() and holder(store), first)
        first.send_signal(signal.SIGSTOP)  # so that it cannot end before the second has been refused
        try:
            second, asked = sweep("run", design, "--out", store), sweep("status", store)
        finally:
            first.send_signal(signal.SIGCONT)
        assert second.returncode == 2 and f"process {first.pid} on " in second.stderr, second.stderr
        assert asked.returncode == 2 or f"being written by process {first.pid}" in asked.stdout  # it may have had no manifest yet
        _, stderr = first.communicate(timeout=300)
    assert first.returncode == 0, stderr
    assert_same(store, undisturbed)
    assert holder(store) == ""


def test_the_lock_of_a_process_that_was_killed_stops_nobody(design: Path, undisturbed: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    with begun("run", design, "--out", store, "--workers", 1) as process:
        wait_until(lambda: (store / "lock").exists() and holder(store), process)
        os.killpg(process.pid, signal.SIGKILL)
    assert (store / "lock").read_text(encoding="utf-8"), "who was killed cannot have tidied up"
    assert holder(store) == ""
    done = sweep("run", design, "--out", store)
    assert done.returncode == 0, done.stderr
    assert_same(store, undisturbed)
