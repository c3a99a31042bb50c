"""The page: whole in itself, the same for everybody's eyes and ears, and harmless whatever the names."""

from __future__ import annotations

import time
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser

import pytest
from crowd import HOSTILE, report_of

from conferencing import Features, Precision
from conferencing.report import AttendanceReport
from conferencing.report.html import report_html
from conferencing.report.words import printable

VOID = {"meta", "link", "br", "col", "wbr", "img", "input", "hr"}


class Page(HTMLParser):
    """Read a page into its elements; a tag that is not closed where it should be is an error."""

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


def test_the_page_tells_everything_in_words(three: AttendanceReport) -> None:
    page = Page(report_html(three))
    cells = page.texts["td"] + page.texts["th"]
    for expected in (
        "Čedomir Đorđević",
        "person1@example.com",
        "10:02",
        "10:58",
        "51",
        "85 %",
        "host",
    ):
        assert expected in cells
    assert "Launch of the new things" in page.texts["h1"]
    assert any("1 min" in gap for gap in page.texts["li"])
    assert "51 min" in page.texts["dd"]


def test_it_asks_nothing_of_anybody_and_runs_nothing(hostile: AttendanceReport) -> None:
    page = Page(report_html(hostile))
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


def test_its_policy_forbids_everything_but_its_own_style(three: AttendanceReport) -> None:
    page = Page(report_html(three))
    (policy,) = [
        one["content"]
        for one in page.all("meta")
        if one.get("http-equiv") == "Content-Security-Policy"
    ]
    (style,) = page.texts["style"]
    digest = b64encode(sha256(style.encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    assert "@import" not in style
    assert "url(" not in style


def test_names_stay_names_whatever_is_in_them(hostile: AttendanceReport) -> None:
    page = Page(report_html(hostile))
    names = page.texts["bdi"]
    for name in HOSTILE:
        assert printable(name) in names
    assert not any("\x00" in text or "\x1b" in text for text in names)


def test_each_name_keeps_its_direction_to_itself(three: AttendanceReport) -> None:
    page = Page(report_html(three))
    assert page.all("html") == [{"lang": "en"}]
    apart = page.texts["bdi"]  # whose direction is that of its own first letter
    for person in (*three.people, *three.no_shows):
        assert person.email in apart
    assert {"Zoë Ångström", "محمد عبد الله", three.title} <= set(apart)


def test_those_who_hear_it_find_their_way(three: AttendanceReport) -> None:
    page = Page(report_html(three))
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert [len(page.all(tag)) for tag in ("main", "header", "footer", "nav", "h1")] == [1] * 5
    for table in page.texts["table"]:
        assert table.strip()
    assert len(page.all("caption")) == len(page.all("table"))
    assert all(one.get("scope") in {"col", "row"} for one in page.all("th"))
    for section in page.all("section"):
        assert section["aria-labelledby"] in ids
    for link in page.all("a"):
        assert link["href"].removeprefix("#") in ids
    pictures = [one for _, one in page.elements if one.get("role") == "img"]
    assert len(pictures) == 2 + len(three.people)
    assert all(one["aria-label"] for one in pictures)
    assert "10:02 to 10:20, 10:25 to 10:58" in [one["aria-label"] for one in pictures]


def test_there_is_a_bar_for_each_stay_of_each_person(thousands: AttendanceReport) -> None:
    page = Page(report_html(thousands))
    bars = [one for one in page.all("rect") if one.get("class") in {"stay", "open"}]
    assert len(bars) == sum(len(person.stays) for person in thousands.people)
    for bar in bars:
        assert 0 <= float(bar["x"]) <= float(bar["x"]) + float(bar["width"]) <= 1000.1
    unended = sum(stay.left_at is None for one in thousands.people for stay in one.stays)
    assert sum(bar["class"] == "open" for bar in bars) == unended > 0


def test_three_thousand_people_are_a_page_of_few_megabytes(thousands: AttendanceReport) -> None:
    begun = time.process_time()
    page = report_html(thousands)
    assert time.process_time() - begun < 30  # a tenth of it on a slow machine
    assert len(thousands.people) > 2500
    assert len(page.encode()) < 1200 * len(thousands.people)


def test_a_room_that_nobody_came_to_has_a_page_too(nobody: AttendanceReport) -> None:
    page = Page(report_html(nobody))
    assert "Nobody is listed." in page.texts["p"]
    assert "No session of this room has run." in page.texts["p"]
    assert page.all("svg") == []


@pytest.mark.parametrize("features", [Features(attendance=Precision.COUNT), Features()])
def test_where_only_a_count_is_known_the_page_says_so(features: Features) -> None:
    page = Page(report_html(report_of([], None, features)))
    assert any("not who they were" in gap for gap in page.texts["li"])
    assert "unknown" in page.texts["dd"]


@pytest.mark.parametrize("query", ["prefers-color-scheme: dark", "@media print", "max-width"])
def test_it_is_made_for_the_dark_for_paper_and_for_phones(
    three: AttendanceReport, query: str
) -> None:
    (style,) = Page(report_html(three)).texts["style"]
    assert query in style
