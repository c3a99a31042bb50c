"""The HTML page: self-contained, accessible, and safe whatever the names are."""

from __future__ import annotations

import time
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser

import pytest
from crowd import HOSTILE, many, record, report_of

from conferencing import Features, MergedBy, Precision
from conferencing.formatting import clean_line
from conferencing.report import AttendanceReport
from conferencing.report.html import render_html
from conferencing.report.language import LANGUAGES, load_language

VOID = {"meta", "link", "br", "col", "wbr", "img", "input", "hr"}


class Page(HTMLParser):
    """Read a page into its elements; a tag that is not closed in its place is an error."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)
            self.texts.setdefault(tag, []).append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in set(self._open):
            self.texts[tag][-1] += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def test_page_has_names_times_and_figures(three: AttendanceReport) -> None:
    page = Page(render_html(three).decode())
    cells = page.texts["td"] + page.texts["th"]
    for expected in (
        "Čedomir Đorđević",
        "person1@example.com",
        "10:02",
        "10:58",
        "51",
        "85\u00a0%",
        "host",
    ):
        assert expected in cells
    assert "Launch of the new things" in page.texts["h1"]
    assert any("1\u00a0min" in text for text in page.texts["li"])
    assert "50\u00a0min" in page.texts["dd"]


def test_page_loads_and_runs_nothing(hostile: AttendanceReport) -> None:
    page = Page(render_html(hostile).decode())
    tags = {tag for tag, _ in page.elements}
    assert not tags & {
        "script",
        "link",
        "img",
        "iframe",
        "object",
        "embed",
        "form",
        "base",
        "audio",
    }
    for tag, attributes in page.elements:
        assert not any(name.startswith("on") or name == "style" for name in attributes), tag
        for name in ("src", "href", "xlink:href", "action", "poster"):
            assert (attributes.get(name) or "#").startswith("#")


def test_policy_allows_only_its_style(three: AttendanceReport) -> None:
    page = Page(render_html(three).decode())
    (policy,) = [
        meta["content"]
        for meta in page.all("meta")
        if meta.get("http-equiv") == "Content-Security-Policy"
    ]
    (style,) = page.texts["style"]
    digest = b64encode(sha256(style.encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    assert "@import" not in style
    assert "url(" not in style


def test_hostile_names_are_escaped(hostile: AttendanceReport) -> None:
    page = Page(render_html(hostile).decode())
    names = page.texts["bdi"]
    for name in HOSTILE:
        assert clean_line(name) in names
    assert not any("\x00" in text or "\x1b" in text for text in names)


def test_direction_of_names_is_isolated(three: AttendanceReport) -> None:
    page = Page(render_html(three).decode())
    assert page.all("html") == [{"lang": "en", "dir": "ltr"}]
    isolated = page.texts["bdi"]
    for person in (*three.people, *three.no_shows):
        assert person.email in isolated
    assert {"Zoë Ångström", "محمد عبد الله", three.title} <= set(isolated)


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_is_in_the_language(three: AttendanceReport, language: str) -> None:
    words = load_language(language)
    page = Page(render_html(three, language=language).decode())
    direction = "rtl" if language == "ar" else "ltr"
    assert page.all("html") == [{"lang": words.tag, "dir": direction}]
    assert words.text("people") in page.texts["h2"]
    headings = {heading.strip() for heading in page.texts["th"]}
    for key in ("name", "email", "role", "joined", "left", "late_by", "left_early_by", "share"):
        assert words.text(key) in headings
    roles = {words.role(person.role) for person in three.people}
    assert roles <= set(page.texts["td"])


def test_time_runs_from_right_to_left_in_arabic(three: AttendanceReport) -> None:
    left, right = (Page(render_html(three, language=code).decode()) for code in ("en", "ar"))
    bars = [[bar for bar in page.all("rect") if bar.get("class") == "segment"]
            for page in (left, right)]  # fmt: skip
    for bar, mirrored in zip(*bars, strict=True):
        assert bar["width"] == mirrored["width"]
        ends = float(bar["x"]) + float(bar["width"]) + float(mirrored["x"])
        assert ends == pytest.approx(1000, abs=0.2)


def test_people_merged_by_name_are_marked() -> None:
    rows = [record(n, "Kim", (0, 30), email=None) for n in (1, 2)]
    note = load_language("en").text("several_entries")
    merged, apart = (Page(render_html(report_of(rows, by=by)).decode())
                     for by in ([MergedBy.NAME], [MergedBy.EMAIL]))  # fmt: skip
    assert note in merged.texts["span"]
    assert note not in apart.texts["span"]


def test_headings_say_the_threshold() -> None:
    report = report_of([record(1, "Ann", (0, 47.75)), record(2, "Bob", (0, 48))], at_least="80%")
    page = Page(render_html(report).decode())
    assert "At least 80\u00a0%" in page.texts["th"]
    cells = page.texts["td"]
    assert (cells.count("yes"), cells.count("no")) == (1, 1)
    assert (cells.count("79\u00a0%"), cells.count("80\u00a0%")) == (1, 1)
    assert "Present for at least 80\u00a0%" in page.texts["dt"]


def test_page_has_landmarks_and_descriptions(three: AttendanceReport) -> None:
    page = Page(render_html(three).decode())
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert [len(page.all(tag)) for tag in ("main", "header", "footer", "nav", "h1")] == [1] * 5
    for table in page.texts["table"]:
        assert table.strip()
    assert len(page.all("caption")) == len(page.all("table"))
    assert all(cell.get("scope") in {"col", "row"} for cell in page.all("th"))
    for section in page.all("section"):
        assert section["aria-labelledby"] in ids
    for link in page.all("a"):
        assert link["href"].removeprefix("#") in ids
    pictures = [attributes for _, attributes in page.elements if attributes.get("role") == "img"]
    assert len(pictures) == 2 + len(three.people)
    assert all(picture["aria-label"] for picture in pictures)
    assert "10:02 to 10:20, 10:25 to 10:58" in [picture["aria-label"] for picture in pictures]


def test_page_has_a_bar_per_segment() -> None:
    report = many(400)
    page = Page(render_html(report).decode())
    bars = [bar for bar in page.all("rect") if bar.get("class") in {"segment", "open"}]
    assert len(bars) == sum(len(person.segments) for person in report.people)
    for bar in bars:
        assert 0 <= float(bar["x"]) <= float(bar["x"]) + float(bar["width"]) <= 1000.1
    unended = sum(
        segment.left_at is None for person in report.people for segment in person.segments
    )
    assert sum(bar["class"] == "open" for bar in bars) == unended > 0


def test_page_of_3000_people_is_small_and_quick(thousands: AttendanceReport) -> None:
    start = time.process_time()
    page = render_html(thousands)
    assert time.process_time() - start < 30  # about 3 s on a slow machine
    assert len(thousands.people) > 2500
    assert len(page) < 1200 * len(thousands.people)


def test_page_without_people_says_so(nobody: AttendanceReport) -> None:
    page = Page(render_html(nobody).decode())
    assert "No people are listed." in page.texts["p"]
    assert "This room has had no session." in page.texts["p"]
    assert page.all("svg") == []


@pytest.mark.parametrize("features", [Features(attendance=Precision.COUNT), Features()])
def test_page_with_counts_only_says_so(features: Features) -> None:
    page = Page(render_html(report_of([], None, features)).decode())
    assert any("not who they were" in text for text in page.texts["li"])
    assert "unknown" in page.texts["dd"]


@pytest.mark.parametrize("query", ["prefers-color-scheme: dark", "@media print", "max-width"])
def test_style_covers_dark_paper_and_phones(three: AttendanceReport, query: str) -> None:
    (style,) = Page(render_html(three).decode()).texts["style"]
    assert query in style
