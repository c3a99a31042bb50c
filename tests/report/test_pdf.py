"""The PDF: its text can be copied in every script, and names are data."""

from __future__ import annotations

import io
import re

import pytest
from crowd import NAMES, record, report_of
from pypdf import PageObject, PdfReader

from conferencing.report import AttendanceReport
from conferencing.report.pdf import render_pdf


def test_text_can_be_copied(three: AttendanceReport) -> None:
    text = text_of(three)
    for expected in (
        "Launch of the new things",
        "Čedomir Đorđević",
        "person1@example.com",
        "10:02",
    ):
        assert expected in text
    assert "Limitations" in text


def test_letters_of_any_script_can_be_copied() -> None:
    report = report_of([record(n, name, (0, 60)) for n, name in enumerate(NAMES)])
    pages = PdfReader(io.BytesIO(render_pdf(report))).pages
    text = "".join(page.extract_text() for page in pages)
    for name in ("Zoë Ångström", "Łukasz Żółć", "Ștefan Țîrlea", "Олена Шевченко"):
        assert name in text  # the font that is built into typst has these letters
    letters = {letter for page in pages for letter in read_letters(page)}
    missing = {letter for name in NAMES for letter in name} - letters
    assert len(missing) <= 1  # typst drops the text of the first letter that no font has


def test_hostile_names_are_not_markup(hostile: AttendanceReport) -> None:
    text = text_of(hostile)
    for name in ("#panic[x]", "*z*", "<script>alert(1)</script>", '=HYPERLINK("', "{{ 7*7 }}"):
        assert name.replace(" ", "") in text.replace(" ", "").replace("\n", "")
    assert text.replace("\n", "").count("W") >= 255


def test_pdf_has_title_language_and_tags(three: AttendanceReport) -> None:
    reader = PdfReader(io.BytesIO(render_pdf(three)))
    assert reader.metadata.title == "Launch of the new things"
    root = reader.trailer["/Root"]
    assert root["/Lang"] == "en"
    assert root["/MarkInfo"]["/Marked"]


def test_equal_reports_give_equal_bytes(three: AttendanceReport) -> None:
    assert render_pdf(three) == render_pdf(three)


def test_pdf_of_3000_people_repeats_table_head(
    thousands: AttendanceReport,
) -> None:
    content = render_pdf(thousands)
    pages = PdfReader(io.BytesIO(content)).pages
    assert 50 < len(pages) < 150
    assert "Identified by" in pages[len(pages) // 2].extract_text()
    assert len(content) < 12_000_000


@pytest.mark.parametrize("name", ["", None, "\u202e", "\ud83d", "\x00", "📎" * 100, "a" * 5000])
def test_odd_name_is_rendered(name: str | None) -> None:
    assert render_pdf(report_of([record(1, name, (0, 60))])).startswith(b"%PDF")


def test_pdf_without_people_has_one_page(nobody: AttendanceReport) -> None:
    assert len(PdfReader(io.BytesIO(render_pdf(nobody))).pages) == 1


def text_of(report: AttendanceReport) -> str:
    pages = PdfReader(io.BytesIO(render_pdf(report))).pages
    return "\n".join(page.extract_text() for page in pages)


def read_letters(page: PageObject) -> str:
    """Return what the glyphs of a page are copied as: by their font, else by an ActualText."""
    fonts = [font.get_object() for font in page["/Resources"]["/Font"].values()]
    maps = [font["/ToUnicode"].get_object().get_data() for font in fonts]
    codes = [code for data in maps for code in re.findall(rb"<\w{4}> <(\w+)>", data)]
    codes += re.findall(rb"/ActualText<FEFF(\w+)>", page.get_contents().get_data())
    return "".join(bytes.fromhex(code.decode()).decode("utf-16-be", "replace") for code in codes)
