"""What happens to the machine in a sweep: nothing that was finished is lost, and the rows are those of a sweep that nothing disturbed."""

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

import psutil
import pytest

from tests.sweep.sweeps import assert_same, begun, chunks, copied, design_file, rows, sweep, wait_until

KILLS = 4


def test_a_sweep_killed_at_random_moments_ends_as_if_nothing_had_been(design: Path, undisturbed: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    luck = random.Random()  # other moments each time: it must hold at any
    n_killed = 0
    for kill in range(KILLS):
        before = chunks(store) if kill else {}
        with begun("run", design, "--out", store, "--workers", 2) as process:
            if kill:  # the first may be killed before there is anything
                wait_until(lambda before=before: len(chunks(store)) > len(before) or process.poll() is not None, process)
            sleep(luck.uniform(0, 0.3 if kill else 4))
            n_killed += process.poll() is None
            os.killpg(process.pid, signal.SIGKILL)
        if (store / "chunks").is_dir():
            found = chunks(store)
            assert {name: found[name] for name in before} == before
    assert n_killed, "it was never killed"
    kept = chunks(store)
    done = sweep("run", design, "--out", store)
    assert done.returncode == 0, done.stderr
    found = chunks(store)
    assert {name: found[name] for name in kept} == kept, "what was finished has been made anew"
    assert_same(store, undisturbed)
    assert not list(store.rglob(".*")), "something unfinished was left behind"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_ctrl_c_stops_within_a_run_and_says_how_to_go_on(design: Path, undisturbed: Path, tmp_path: Path, number: int, code: int) -> None:
    store = tmp_path / "store"
    with begun("run", design, "--out", store, "--workers", 2) as process:
        wait_until(lambda: (store / "chunks").is_dir() and chunks(store), process)
        begins = monotonic()
        os.killpg(process.pid, number)  # as a terminal does it: to all processes
        stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == code, stderr
    assert monotonic() - begins < 20
    assert "Stopped." in stderr and "of 480 runs are in" in stderr and "The same command goes on from there." in stderr
    assert "Traceback" not in stderr and not stdout
    assert sweep("run", design, "--out", store).returncode == 0
    assert_same(store, undisturbed)


def test_the_processes_of_a_mesa_sweep_stop_with_it_and_die_with_it(tmp_path: Path) -> None:
    some = design_file(tmp_path, points=4, replicates=8)
    given = ("run", some, "--engine", "mesa", "--workers", 2, "--outcomes", "reach", "--out")
    for number, code in ((signal.SIGINT, 130), (signal.SIGKILL, -9)):
        store = tmp_path / str(code)
        with begun(*given, store) as process:
            wait_until(lambda store=store: (store / "chunks").is_dir() and chunks(store), process)
            children = psutil.Process(process.pid).children(recursive=True)
            process.send_signal(number)
            _, stderr = process.communicate(timeout=100)
            assert process.returncode == code, stderr
            assert len(children) >= 2 and not psutil.wait_procs(children, timeout=60)[1]
    kept = chunks(tmp_path / "130")
    assert sweep(*given, tmp_path / "130").returncode == 0
    assert kept.items() <= chunks(tmp_path / "130").items() and len(rows(tmp_path / "130")) == 64


@pytest.mark.parametrize("harm", ["truncated", "emptied", "one byte changed", "of other tasks"])
def test_a_damaged_chunk_is_found_told_and_made_anew(design: Path, undisturbed: Path, tmp_path: Path, harm: str) -> None:
    store = copied(undisturbed, tmp_path)
    name, other = list(chunks(store))[1:3]
    path = store / "chunks" / name
    content = bytearray(path.read_bytes())
    if harm == "truncated":
        path.write_bytes(content[: len(content) // 2])
    elif harm == "emptied":
        path.write_bytes(b"")
    elif harm == "one byte changed":
        content[len(content) // 3] ^= 0xFF  # in the midst of the figures
        path.write_bytes(content)
    else:
        path.write_bytes((store / "chunks" / other).read_bytes())
    done = sweep("run", design, "--out", store)
    assert done.returncode == 0, done.stderr
    assert f"{name} is damaged" in done.stderr and "made anew" in done.stderr
    assert_same(store, undisturbed)


def test_status_and_an_export_tell_of_a_damaged_chunk(undisturbed: Path, tmp_path: Path) -> None:
    store = copied(undisturbed, tmp_path)
    name = next(iter(chunks(store)))
    (store / "chunks" / name).write_bytes(b"PAR1")
    for done in (sweep("status", store), sweep("export", store, "--csv", "--out", tmp_path / "rows.csv")):
        assert done.returncode == 0 and f"{name} is damaged" in done.stdout + done.stderr


def _small_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (16_000, 16_000))


def test_a_file_that_cannot_grow_costs_nothing_that_was_finished(design: Path, undisturbed: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    with begun("run", design, "--out", store, "--workers", 2) as process:
        wait_until(lambda: (store / "chunks").is_dir() and chunks(store), process)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    kept = chunks(store)
    done = sweep("run", design, "--out", store, limit=_small_files)
    assert done.returncode == 1 and "File too large" in done.stderr and "the same command goes on" in done.stderr, done.stderr
    assert "Traceback" not in done.stderr and chunks(store).keys() >= kept.keys() and not list(store.rglob(".*"))
    assert sweep("run", design, "--out", store).returncode == 0
    assert_same(store, undisturbed)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk with room for a part of the chunks."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=160k", "tmpfs", str(disk)], capture_output=True).returncode:
        pytest.skip("no disk may be mounted here: the test with files that cannot grow stands for this one")
    try:
        yield disk
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_costs_nothing_that_was_finished(design: Path, undisturbed: Path, small_disk: Path) -> None:
    store = small_disk / "store"
    done = sweep("run", design, "--out", store)
    assert done.returncode == 1 and "No space left on device" in done.stderr and "the same command goes on" in done.stderr, done.stderr
    kept = chunks(store)
    assert kept and not list(store.rglob(".*")) and "Traceback" not in done.stderr
    subprocess.run(["mount", "-o", "remount,size=50m", str(small_disk)], check=True)
    assert sweep("run", design, "--out", store).returncode == 0
    assert {name: content for name, content in chunks(store).items() if name in kept} == kept
    assert_same(store, undisturbed)
