"""The page in a browser: accessible to axe, no wider than the screen, within its policy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import crowd
import pytest
from chromium import ARGUMENTS, CHROMIUM

from conferencing.report import AttendanceReport, write_report
from conferencing.report.language import LANGUAGES

sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
PHONE = {"width": 360, "height": 800}
DESK = {"width": 1280, "height": 900}

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture
def opened(browser: Any, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Open a report; afterwards, check that it loaded nothing else and logged nothing."""
    contexts: list[Any] = []
    urls: list[str] = []
    messages: list[str] = []

    def show(report: AttendanceReport, **options: Any) -> Any:
        language = options.pop("language", None)
        path = write_report(report, tmp_path / "report.html", language=language, replace=True)
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        page.on("request", lambda request: urls.append(request.url))
        page.on("console", lambda message: messages.append(message.text))
        page.on("dialog", lambda dialog: messages.append(dialog.message))
        page.goto(path.as_uri())
        return page

    yield show
    for context in contexts:
        context.close()
    assert {Path(url).name for url in urls} <= {"report.html"}
    assert messages == []


CROWDS = {"three": crowd.three, "hostile": crowd.hostile, "many": lambda: crowd.many(40, 6)}
DEFAULT = {"three-light-desk", "three-dark-desk", "hostile-dark-phone", "many-light-phone"}
"""Each report, scheme and screen once or twice; all combinations are exhaustive."""

LOOKS = [
    pytest.param(
        make,
        scheme,
        viewport,
        id=(name := f"{crowd_name}-{scheme}-{viewport_name}"),
        marks=() if name in DEFAULT else pytest.mark.exhaustive,
    )
    for crowd_name, make in CROWDS.items()
    for scheme in ("light", "dark")
    for viewport_name, viewport in {"desk": DESK, "phone": PHONE}.items()
]


@pytest.mark.parametrize(("make", "scheme", "viewport"), LOOKS)
def test_axe_finds_no_violation(
    opened: Callable[..., Any], make: Callable[[], AttendanceReport], scheme: str, viewport: Any
) -> None:
    # The policy forbids all scripts, those of axe included, so it is bypassed here.
    page = opened(make(), viewport=viewport, color_scheme=scheme, bypass_csp=True)
    assert axe.Axe().run(page).response["violations"] == []


@pytest.mark.parametrize(
    "width",
    [320, 768, 1920, *(pytest.param(width, marks=pytest.mark.exhaustive) for width in (360, 1280))],
)
def test_page_fits_every_screen_width(
    opened: Callable[..., Any], hostile: AttendanceReport, width: int
) -> None:
    page = opened(hostile, viewport={"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width


WORDS = """
() => [...document.querySelectorAll("th[scope=col], td[data-label], h1, h2, dt")]
  .filter(cell => cell.querySelector("svg") === null && !cell.querySelector("bdi"))
  .flatMap(cell => [...cell.childNodes].filter(node => node.nodeType === Node.TEXT_NODE))
  .flatMap(node => [...node.data.matchAll(/[^\\s-]+/g)].map(match => {
    const range = document.createRange();
    range.setStart(node, match.index);
    range.setEnd(node, match.index + match[0].length);
    return [match[0], new Set([...range.getClientRects()].map(box => Math.round(box.top))).size];
  }))
  .filter(([word, lines]) => lines > 1)
"""


@pytest.mark.parametrize(
    ("language", "width"),
    [*((language, 1100) for language in LANGUAGES), ("de", 360), ("de", 1280)],
)
def test_no_heading_breaks_inside_a_word(
    opened: Callable[..., Any], language: str, width: int
) -> None:
    report = crowd.report_of(
        [crowd.record(1, "Ann Lee", (5, 40), (41, None)), crowd.record(2, "Bob", (0, 60))],
        [crowd.participant(1)],
        at_least="33.3%",
    )
    page = opened(report, language=language, viewport={"width": width, "height": 800})
    assert page.evaluate(WORDS) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_arabic_page_is_accessible(opened: Callable[..., Any], three: AttendanceReport) -> None:
    page = opened(three, language="ar", viewport=PHONE, bypass_csp=True)
    assert axe.Axe().run(page).response["violations"] == []
    assert page.evaluate("getComputedStyle(document.body).direction") == "rtl"


def test_arabic_table_starts_at_the_right(
    opened: Callable[..., Any], three: AttendanceReport
) -> None:
    page = opened(three, language="ar", viewport=DESK)
    heads = page.locator(".people thead th")
    places = [head.bounding_box()["x"] for head in heads.all()]
    assert places == sorted(places, reverse=True)


def test_table_keeps_its_roles_on_a_phone(
    opened: Callable[..., Any], three: AttendanceReport
) -> None:
    page = opened(three, viewport=PHONE)
    snapshot = page.locator(".people").aria_snapshot()
    assert 'rowheader "Čedomir Đorđević"' in snapshot
    assert 'columnheader "E-mail"' in snapshot
    assert 'img "10:02 to 10:20, 10:25 to 10:58"' in snapshot


def test_printed_page_is_white_in_dark_mode(
    opened: Callable[..., Any], three: AttendanceReport
) -> None:
    page = opened(three, color_scheme="dark")
    background = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(background) != "rgb(255, 255, 255)"
    page.emulate_media(media="print")
    assert page.evaluate(background) == "rgb(255, 255, 255)"
    assert not page.locator("nav").is_visible()
