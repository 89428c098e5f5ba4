"""Sweeps over Dask: the same rows, and a worker may end."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep

import psutil
import pytest

from tests.sweep.sweeps import LONG, assert_same, begun, chunks, sweep, wait_until
from tests.unit.cli_calls import ROOT


@contextmanager
def started(*words: object, cwd: Path = ROOT) -> Iterator[subprocess.Popen[str]]:
    """Another process, ended afterwards."""
    process = subprocess.Popen([sys.executable, "-m", *map(str, words)], cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True,
                               start_new_session=True)  # fmt: skip
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The file in which a scheduler's address is."""
    file = tmp_path_factory.mktemp("scheduler") / "scheduler.json"
    with started("dask", "scheduler", "--port", 0, "--no-dashboard", "--scheduler-file", file) as process:
        wait_until(file.exists, process)
        yield file


def worker(scheduler: Path, cwd: Path = ROOT) -> list[object]:
    return ["dask", "worker", "--scheduler-file", scheduler, "--nthreads", 1, "--no-dashboard", "--local-directory", scheduler.parent / "space"]


def address(scheduler: Path) -> str:
    return str(json.loads(scheduler.read_text(encoding="utf-8"))["address"])


def workers_of(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """Dask's worker processes below a command."""
    return [child for child in psutil.Process(process.pid).children(recursive=True) if "spawn_main" in " ".join(child.cmdline())]


def test_a_cluster_of_this_machine_gives_the_same_rows_when_a_worker_is_killed(design: Path, undisturbed: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    with begun("run", design, "--out", store, "--workers", 2, "--cluster", "local") as process:
        wait_until(lambda: (store / "chunks").is_dir() and chunks(store), process)
        workers = workers_of(process)
        assert len(workers) == 2
        workers[0].kill()
        _, stderr = process.communicate(timeout=LONG)
    assert process.returncode == 0, stderr
    assert_same(store, undisturbed)


def test_a_cluster_by_its_address_gives_the_same_rows_when_a_worker_is_killed(design: Path, undisturbed: Path, scheduler: Path,
                                                                              tmp_path: Path) -> None:  # fmt: skip
    store = tmp_path / "store"
    with started(*worker(scheduler)) as first, started(*worker(scheduler)):
        with begun("run", design, "--out", store, "--cluster", address(scheduler)) as process:
            wait_until(lambda: (store / "chunks").is_dir() and chunks(store), process)
            os.killpg(first.pid, signal.SIGKILL)
            _, stderr = process.communicate(timeout=LONG)
        assert process.returncode == 0, stderr
    assert_same(store, undisturbed)


def test_a_worker_with_another_source_is_not_let_to_compute(design: Path, scheduler: Path, tmp_path: Path) -> None:
    ours = tmp_path / "ours"
    for room in ("simulation", "experiments", "wardmates"):
        shutil.copytree(ROOT / room, ours / room, ignore=shutil.ignore_patterns("__pycache__"))
    with (ours / "simulation" / "record" / "reach.py").open("a", encoding="utf-8") as file:
        file.write("# another definition of reach\n")
    with started(*worker(scheduler), cwd=ours):
        done = sweep("run", design, "--out", tmp_path / "store", "--cluster", address(scheduler))
    assert done.returncode == 1 and "another source of the model" in done.stderr, done.stderr
    assert not chunks(tmp_path / "store")


def test_workers_may_come_later(design: Path, undisturbed: Path, scheduler: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    with begun("run", design, "--out", store, "--cluster", address(scheduler)) as process:
        wait_until(lambda: (store / "manifest.json").exists(), process)
        sleep(1)
        assert process.poll() is None and not chunks(store)
        with started(*worker(scheduler)):
            _, stderr = process.communicate(timeout=LONG)
    assert process.returncode == 0 and "no worker has joined the cluster yet" in stderr, stderr
    assert_same(store, undisturbed)


def test_ctrl_c_leaves_no_worker_behind(design: Path, undisturbed: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    with begun("run", design, "--out", store, "--workers", 2, "--cluster", "local") as process:
        wait_until(lambda: (store / "chunks").is_dir() and chunks(store), process)
        workers = workers_of(process)
        os.killpg(process.pid, signal.SIGINT)
        _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130 and "Stopped." in stderr and "Traceback" not in stderr, stderr
    assert not any(each.is_running() for each in workers)
    assert sweep("run", design, "--out", store).returncode == 0
    assert_same(store, undisturbed)


def test_nobody_at_an_address_is_told(design: Path, tmp_path: Path) -> None:
    done = sweep("run", design, "--out", tmp_path / "store", "--cluster", "tcp://127.0.0.1:9")
    assert done.returncode == 2 and "no scheduler answers there" in done.stderr and "Traceback" not in done.stderr
    assert not (tmp_path / "store").exists()


def test_without_the_library_it_is_said_what_to_install(design: Path, tmp_path: Path) -> None:
    (tmp_path / "distributed.py").write_text("raise ImportError('not here')\n", encoding="utf-8")
    done = sweep("run", design, "--out", tmp_path / "store", "--cluster", "local", path=str(tmp_path))
    assert done.returncode == 2 and "wardmates[cluster]" in done.stderr and not (tmp_path / "store").exists(), done.stderr
