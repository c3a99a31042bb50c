"""The PDF: its text can be copied, names are data, and letters without a font are named.

All tests use the fonts that are built into typst, so that they are the same on every machine. These
have Latin, Greek and Cyrillic letters.
"""

from __future__ import annotations

import io

import pytest
from attrs import evolve
from crowd import NAMES, many, record, report_of
from pypdf import PdfReader

from conferencing import InvalidRequest
from conferencing.report import AttendanceReport
from conferencing.report.language import LANGUAGES, load_language
from conferencing.report.pdf import MAX_PEOPLE, render_pdf


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


def test_letters_of_other_alphabets_can_be_copied() -> None:
    report = report_of([record(n, name, (0, 60)) for n, name in enumerate(NAMES)])
    text = text_of(report)
    for name in ("Zoë Ångström", "Łukasz Żółć", "Ștefan Țîrlea", "Олена Шевченко"):
        assert name in text


def test_letters_without_a_font_are_named(caplog: pytest.LogCaptureFixture) -> None:
    report = report_of([record(1, "王小明", (0, 60)), record(2, "Żółć Олена", (0, 60))])
    text = text_of(report).replace("\n", " ")
    assert "No font on the computer" in text
    assert "CJK:" in text
    assert "CYRILLIC" not in text
    assert "LATIN" not in text
    assert "CJK: 小 明 王" in caplog.text
    assert report.limitations == report_of([record(2, "Bo", (0, 60))]).limitations


def test_report_with_all_letters_has_no_warning(caplog: pytest.LogCaptureFixture) -> None:
    report = report_of([record(1, "Żółć Олена Ångström “é”", (0, 60))])
    assert "No font" not in text_of(report).replace("\n", " ")
    assert caplog.text == ""


def test_many_missing_letters_are_cut(caplog: pytest.LogCaptureFixture) -> None:
    names = ["".join(chr(0x4E00 + 50 * n + m) for m in range(50)) for n in range(4)]
    render_built_in(report_of([record(n, name, (0, 60)) for n, name in enumerate(names)]))
    assert caplog.text.count("\u4e00") == 1
    assert "…" in caplog.text
    assert len(caplog.text) < 500


@pytest.mark.parametrize("language", LANGUAGES)
def test_pdf_is_in_the_language(three: AttendanceReport, language: str) -> None:
    reader = PdfReader(io.BytesIO(render_built_in(three, language)))
    assert reader.trailer["/Root"]["/Lang"] == load_language(language).tag.split("-")[0]
    text = "".join(page.extract_text() for page in reader.pages)
    if language != "ar":  # the built-in fonts lack its letters
        assert load_language(language).text("no_shows_caption") in text.replace("\n", " ")


def test_too_many_people_are_refused_with_a_hint() -> None:
    people = [record(1, "Ann", (0, 60))]
    report = report_of(people)
    full = evolve(report, people=report.people * (MAX_PEOPLE + 1))
    with pytest.raises(InvalidRequest, match=r"5,001 people.*\.html") as caught:
        render_pdf(full)
    assert caught.value.field == "path"


def test_long_names_and_addresses_are_kept_whole() -> None:
    name = "Wolfeschlegelsteinhausenbergerdorff-Kowalczykiewicz"
    email = "a.very.long.address.of.somebody@subdomain.department.example.com"
    text = text_of(report_of([record(1, name, (0, 60), email=email)])).replace("\n", "")
    assert name in text
    assert email in text


def test_hostile_names_are_not_markup(hostile: AttendanceReport) -> None:
    text = text_of(hostile)
    for name in ("#panic[x]", "*z*", "<script>alert(1)</script>", '=HYPERLINK("', "{{ 7*7 }}"):
        assert name.replace(" ", "") in text.replace(" ", "").replace("\n", "")
    assert text.replace("\n", "").count("W") >= 255


def test_pdf_has_title_language_and_tags(three: AttendanceReport) -> None:
    reader = PdfReader(io.BytesIO(render_built_in(three)))
    assert reader.metadata.title == "Launch of the new things"
    root = reader.trailer["/Root"]
    assert root["/Lang"] == "en"
    assert root["/MarkInfo"]["/Marked"]


def test_equal_reports_give_equal_bytes(three: AttendanceReport) -> None:
    assert render_built_in(three) == render_built_in(three)


def test_pdf_of_many_people_repeats_table_head() -> None:
    report = many(400)
    content = render_built_in(report)
    pages = PdfReader(io.BytesIO(content)).pages
    assert len(report.people) / 40 < len(pages) < len(report.people) / 10
    assert "Late by" in pages[len(pages) // 2].extract_text()
    assert len(content) < 4000 * len(report.people)


@pytest.mark.exhaustive
def test_largest_pdf_is_rendered() -> None:
    report = many(MAX_PEOPLE - 200)
    assert MAX_PEOPLE * 0.9 < len(report.people) + len(report.no_shows) <= MAX_PEOPLE
    assert render_built_in(report).startswith(b"%PDF")


@pytest.mark.parametrize("name", ["", None, "\u202e", "\ud83d", "\x00", "📎" * 100, "a" * 5000])
def test_odd_name_is_rendered(name: str | None) -> None:
    assert render_built_in(report_of([record(1, name, (0, 60))])).startswith(b"%PDF")


def test_pdf_without_people_has_one_page(nobody: AttendanceReport) -> None:
    assert len(PdfReader(io.BytesIO(render_built_in(nobody))).pages) == 1


def text_of(report: AttendanceReport) -> str:
    pages = PdfReader(io.BytesIO(render_built_in(report))).pages
    return "\n".join(page.extract_text() for page in pages)


def render_built_in(report: AttendanceReport, language: str = "en") -> bytes:
    return render_pdf(report, language=language, system_fonts=False)
