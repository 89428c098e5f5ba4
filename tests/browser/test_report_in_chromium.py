"""The report as its readers meet it: on a desk, a tablet and a phone, in the dark, on paper, by keyboard and by ear."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from experiments.style import SHADES

SIZES = {"phone": (390, 844), "tablet": (820, 1180), "desk": (1280, 900)}


@contextmanager
def shown(browser: Browser, report: Path, size: str = "desk", scheme: Any = "light") -> Iterator[Page]:
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce")
    page = context.new_page()
    page.goto(report.as_uri())
    yield page
    context.close()


def test_nothing_is_asked_of_another_host_and_nothing_goes_wrong(browser: Browser, any_report: Path) -> None:
    context = browser.new_context()
    page = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(any_report.as_uri(), wait_until="networkidle")
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert asked == [any_report.as_uri()]
    assert said == []
    context.close()


@pytest.mark.parametrize("size", SIZES)
def test_the_page_fits_the_screen_and_so_does_each_picture(browser: Browser, any_report: Path, size: str) -> None:
    with shown(browser, any_report, size) as page:
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0]
        boxes = page.evaluate("""[...document.querySelectorAll('.card svg')].map(svg => {
            const box = svg.getBoundingClientRect();
            return [box.left, box.right, box.width / svg.viewBox.baseVal.width];
        })""")
        assert boxes
        for left, right, pixels_a_point in boxes:
            assert left >= 0 and right <= SIZES[size][0]
            assert pixels_a_point >= 1, "letters of 8 points and more must not become smaller than 8 pixels"


def test_the_first_screen_holds_the_answer_the_cost_and_what_is_assumed(browser: Browser, report: Path) -> None:
    with shown(browser, report) as page:
        for text in ("Out of 100 students", "What it takes.", "What is assumed."):
            box = page.locator(".short").get_by_text(text).first.bounding_box()
            assert box is not None and box["y"] + box["height"] <= SIZES["desk"][1], text
        compared = page.locator("#compared").bounding_box()
        assert compared is not None and compared["y"] <= SIZES["desk"][1]
    with shown(browser, report, "phone") as page:
        box = page.locator(".found").bounding_box()
        assert box is not None and box["y"] + box["height"] <= SIZES["phone"][1]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["phone", "desk"])
def test_axe_finds_no_serious_barrier(browser: Browser, any_report: Path, axe: str, size: str, scheme: str) -> None:
    with shown(browser, any_report, size, scheme) as page:
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        page.evaluate(axe)
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        assert len(found["passes"]) > 10
        serious = [f"{one['id']}: {one['help']} ({one['nodes'][0]['html'][:120]})"
                   for one in found["violations"] if one["impact"] in ("serious", "critical")]  # fmt: skip
        assert serious == []


def luminance(colour: str) -> float:
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_letters_in_pictures_stand_out_from_what_is_behind_them(browser: Browser, any_report: Path, scheme: str) -> None:
    """Axe does not look into pictures: their letters are outlines."""
    with shown(browser, any_report, scheme=scheme) as page:
        shades = page.evaluate("""names => Object.fromEntries(names.map(name => {
            const probe = document.body.appendChild(document.createElement('i'));
            probe.style.color = `var(--f-${name})`;
            const colour = getComputedStyle(probe).color;
            probe.remove();
            return [name, colour];
        }))""", list(SHADES))
        behind = page.evaluate("getComputedStyle(document.querySelector('.card')).backgroundColor")
    assert behind == shades["paper"]
    assert (luminance(shades["paper"]) < 0.05) == (scheme == "dark")
    for letters in ("ink", "soft"):
        assert contrast(shades[letters], shades["paper"]) >= 4.5
    for bar in ("blue", "brown"):
        assert contrast(shades["paper"], shades[bar]) >= 4.5, bar
    for bar in ("orange", "vermillion", "green", "sky", "purple", "ash"):
        assert contrast(shades["on-light"], shades[bar]) >= 4.5, bar
    assert contrast(shades["ink"], shades["faint"]) >= 4.5
    assert contrast(shades["grey"], shades["paper"]) >= 4.5


def test_it_prints_to_a_few_white_pages(browser: Browser, report: Path) -> None:
    with shown(browser, report, scheme="dark") as page:
        page.emulate_media(media="print", color_scheme="dark")
        assert luminance(page.evaluate("getComputedStyle(document.body).backgroundColor")) > 0.95
        assert not page.locator("nav").is_visible() and not page.locator("details summary").first.is_visible()
        heights = page.evaluate("[...document.querySelectorAll('figure')].map(one => one.getBoundingClientRect().height)")
        assert max(heights) < 900, "a picture that is higher than a page is cut"
        pdf = page.pdf(prefer_css_page_size=True)
    assert 3 <= len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf)) <= 9


def test_tables_and_details_are_reached_by_keyboard(browser: Browser, report: Path) -> None:
    with shown(browser, report, "phone") as page:
        first = page.locator("details").first
        first.locator("summary").focus()
        page.keyboard.press("Enter")
        assert first.get_attribute("open") is not None
        wide = page.locator(".wide:has(.adds)").first
        wide.focus()
        assert wide.evaluate("one => one === document.activeElement")
        label = wide.get_attribute("aria-label")
        assert label and "add up" in label


def test_each_picture_says_what_it_shows_to_who_does_not_see_it(browser: Browser, report: Path) -> None:
    with shown(browser, report) as page:
        pictures = page.get_by_role("img").all()
        assert len(pictures) == page.locator("figure").count() >= 7
        for picture in pictures:
            assert len(picture.get_attribute("aria-label") or "") > 60
        assert page.get_by_role("heading", level=1).count() == 1
        rows = page.get_by_role("table").first.get_by_role("row").count()
    with shown(browser, report, "phone") as page:
        assert page.get_by_role("table").first.get_by_role("row").count() == rows, "as cards on a phone it is still a table"


def test_a_sensitivity_analysis_prints_and_says_what_its_pictures_show(browser: Browser, sensitivity: Path) -> None:
    with shown(browser, sensitivity, scheme="dark") as page:
        drawn = page.get_by_role("img").all()
        assert len(drawn) == page.locator("figure").count() >= 4
        assert min(len(picture.get_attribute("aria-label") or "") for picture in drawn) > 60
        page.emulate_media(media="print", color_scheme="dark")
        assert luminance(page.evaluate("getComputedStyle(document.body).backgroundColor")) > 0.95
        assert max(page.evaluate("[...document.querySelectorAll('figure')].map(one => one.getBoundingClientRect().height)")) < 1000
