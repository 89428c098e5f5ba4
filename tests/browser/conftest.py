"""A real browser: Debian's Chromium, driven by Playwright. Where there is no Chromium, and only there, these tests are skipped."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from experiments.compare import compare, write
from experiments.sensitivity.report import render
from experiments.sensitivity.report_files import pictures
from tests.unit import sensitivity_made_up as made
from tests.unit.fakes_of_experiments import fake_run, quick_comparison, small_scenario, with_school

NAMES = ("chromium", "chromium-browser", "google-chrome")
COMMAND = "wardmates compare informal training officers officers-outreach --replicates 12 --seed 1"
AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip(f"no Chromium on the path (looked for {', '.join(NAMES)}); on Debian: apt-get install chromium")
    with sync_playwright() as playwright:
        # Chromium's own sandbox does not start for root, as in a container.
        opened = playwright.chromium.launch(executable_path=found, chromium_sandbox=os.geteuid() != 0)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def axe() -> str:
    if not AXE.exists():
        pytest.fail("axe-core is not there: npm install --prefix tests/browser --no-package-lock")
    return AXE.read_text(encoding="utf-8")


@pytest.fixture(scope="session", params=["synthetic", "school"])
def report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report on a made-up cohort, and one on a made-up school's, in folders of their own."""
    return written(request.param, tmp_path_factory.mktemp(request.param))


@pytest.fixture(scope="session", params=["synthetic", "school", "sensitivity"])
def any_report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, and a sensitivity analysis's."""
    return written(request.param, tmp_path_factory.mktemp(request.param))


@pytest.fixture(scope="session")
def sensitivity(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sensitivity analysis's alone."""
    return written("sensitivity", tmp_path_factory.mktemp("sensitivity"))


def written(kind: str, folder: Path) -> Path:
    """The page of a report, in its folder."""
    if kind == "sensitivity":
        asked = made.study()
        page = folder / "sensitivity.html"
        page.write_text(render(asked, pictures(asked), "wardmates sensitivity STORE --difference officers-outreach informal"), encoding="utf-8")
        return page
    if kind == "synthetic":
        comparison = quick_comparison(replicates=12)
    else:
        comparison = compare([with_school(small_scenario(name)) for name in ("informal", "officers-outreach")], replicates=6, workers=1, run=fake_run)
    write(comparison, folder, COMMAND)
    return folder / "report.html"
