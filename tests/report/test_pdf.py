"""The PDF: text that can be copied, in every script, and names that are data."""

from __future__ import annotations

import io

import pytest
from crowd import NAMES, record, report_of
from pypdf import PdfReader

from conferencing.report import AttendanceReport
from conferencing.report.pdf import report_pdf


def test_its_text_can_be_copied(three: AttendanceReport) -> None:
    text = text_of(three)
    for expected in (
        "Launch of the new things",
        "Čedomir Đorđević",
        "person1@example.com",
        "10:02",
    ):
        assert expected in text
    assert "What this report cannot know" in text


def test_letters_of_every_script_are_in_it_even_where_no_font_has_them() -> None:
    report = report_of([record(n, name, (0, 60)) for n, name in enumerate(NAMES)])
    text = text_of(report)
    for name in ("Zoë Ångström", "Łukasz Żółć", "Ștefan Țîrlea", "Олена Шевченко"):
        assert name in text
    for _, word in ((n, word) for n in (2, 9, 10) for word in NAMES[n].split()):
        assert word in text


def test_names_are_never_markup(hostile: AttendanceReport) -> None:
    text = text_of(hostile)
    for name in ("#panic[x]", "*z*", "<script>alert(1)</script>", '=HYPERLINK("', "{{ 7*7 }}"):
        assert name.replace(" ", "") in text.replace(" ", "").replace("\n", "")
    assert text.replace("\n", "").count("W") >= 255


def test_it_has_a_title_a_language_and_tags_for_those_who_hear_it(three: AttendanceReport) -> None:
    reader = PdfReader(io.BytesIO(report_pdf(three)))
    assert reader.metadata.title == "Launch of the new things"
    root = reader.trailer["/Root"]
    assert root["/Lang"] == "en"
    assert root["/MarkInfo"]["/Marked"]


def test_the_same_report_gives_the_same_bytes(three: AttendanceReport) -> None:
    assert report_pdf(three) == report_pdf(three)


def test_three_thousand_people_fit_and_the_head_of_the_table_comes_again(
    thousands: AttendanceReport,
) -> None:
    made = report_pdf(thousands)
    pages = PdfReader(io.BytesIO(made)).pages
    assert 50 < len(pages) < 150
    assert "Known by" in pages[len(pages) // 2].extract_text()
    assert len(made) < 12_000_000


@pytest.mark.parametrize("name", ["", None, "\u202e", "\ud83d", "\x00", "📎" * 100, "a" * 5000])
def test_no_name_breaks_it(name: str | None) -> None:
    assert report_pdf(report_of([record(1, name, (0, 60))])).startswith(b"%PDF")


def test_a_room_that_nobody_came_to_has_one_page(nobody: AttendanceReport) -> None:
    assert len(PdfReader(io.BytesIO(report_pdf(nobody))).pages) == 1


def text_of(report: AttendanceReport) -> str:
    pages = PdfReader(io.BytesIO(report_pdf(report))).pages
    return "\n".join(page.extract_text() for page in pages)
