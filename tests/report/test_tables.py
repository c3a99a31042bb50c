"""Tables for programs and spreadsheets, each read back by another library than wrote it."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow.parquet
import pytest
from attrs import evolve
from crowd import HOSTILE, record, report_of
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from conferencing import InvalidRequest
from conferencing.formatting import clean_line
from conferencing.report import AttendanceReport
from conferencing.report.document import SCHEMA, render_json
from conferencing.report.language import load_language
from conferencing.report.parquet import render_parquet
from conferencing.report.tables import CSV_DIALECTS, escape_formula, render_csv
from conferencing.report.workbook import render_xlsx


def test_csv_has_a_row_per_person(three: AttendanceReport) -> None:
    lines = read_csv(three)
    assert [line["status"] for line in lines] == ["attended"] * 3 + ["no-show"] * 2
    assert lines[1] | {"segments": ""} == {
        "status": "attended",
        "name": "Čedomir Đorđević",
        "email": "person1@example.com",
        "role": "attendee",
        "joined_at": "2026-10-01T10:02:00+02:00",
        "left_at": "2026-10-01T10:58:00+02:00",
        "late_by_minutes": "2",
        "left_early_by_minutes": "2",
        "joins": "2",
        "minutes": "51",
        "known_minutes": "51",
        "share": "0.85",
        "known_share": "0.85",
        "reached": "",
        "segments": "",
        "participant_id": "p1",
        "registered_at": "",
        "matched_by": "email",
        "merged_by": "",
    }
    assert (
        lines[1]["segments"].split("; ")[0] == "2026-10-01T10:02:00+02:00/2026-10-01T10:20:00+02:00"
    )


QUARTERS = [record(1, "Ann", (0, 60)), record(2, "Bob", (0, 47.75)), record(3, "Cid", (0, 1.5))]


@pytest.mark.parametrize(
    ("dialect", "separator", "minutes", "share"),
    [
        ("excel", ",", ["60", "47.75", "1.5"], ["1", "0.7958", "0.025"]),
        ("excel-pl", ";", ["60", "47,75", "1,5"], ["1", "0,7958", "0,025"]),
        ("excel-de", ";", ["60", "47,75", "1,5"], ["1", "0,7958", "0,025"]),
        ("unix", ",", ["60", "47.75", "1.5"], ["1", "0.7958", "0.025"]),
    ],
)
def test_csv_dialect_sets_separator_and_decimal_mark(
    dialect: str, separator: str, minutes: list[str], share: list[str]
) -> None:
    data = render_csv(report_of(QUARTERS), dialect=dialect)
    text = data.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    assert [row["minutes"] for row in rows] == minutes
    assert [row["share"] for row in rows] == share
    assert data.startswith("\ufeff".encode()) == (dialect != "unix")
    assert data.endswith(b"\n" if dialect == "unix" else b"\r\n")
    assert (b"\r" in data) == (dialect != "unix")


def test_unknown_dialect_raises_with_those_known(three: AttendanceReport) -> None:
    with pytest.raises(InvalidRequest, match=", ".join(CSV_DIALECTS)) as caught:
        render_csv(three, dialect="excel-xx")
    assert caught.value.field == "csv_dialect"


@pytest.mark.parametrize(
    ("language", "headings", "status", "role"),
    [
        ("en", ["Status", "Name", "E-mail", "Role", "Joined"], "attended", "host"),
        ("pl", ["Status", "Imię i nazwisko", "E-mail", "Rola", "Wejście"], "obecność", "gospodarz"),
        ("ar", ["الحالة", "الاسم", "البريد الإلكتروني", "الدور", "الدخول"], "حضر", "مضيف"),
    ],
)
def test_csv_has_headings_of_the_language(
    three: AttendanceReport, language: str, headings: list[str], status: str, role: str
) -> None:
    text = render_csv(three, language=language).decode("utf-8-sig")
    heads, first, *_ = csv.reader(io.StringIO(text))
    assert heads[:5] == headings
    assert (first[0], first[3]) == (status, role)


def test_minutes_and_shares_are_rounded_down() -> None:
    report = report_of([record(1, "Ann", (0, 59.99999))], at_least=1.0)
    moment = timedelta(microseconds=1)
    (ann,) = report.people
    nearly = evolve(ann, duration=timedelta(hours=1) - moment, share=1 - 1 / 3.6e9)
    report = evolve(report, people=(nearly,))
    (row,) = read_csv(report)
    assert (row["minutes"], row["share"], row["reached"]) == ("59.999", "0.9999", "true")
    people = read_sheet(report, "People")
    ann_row = dict(zip(people[0], people[1], strict=True))
    assert (ann_row["Minutes"], ann_row["Share"], ann_row["At least 100\u00a0%"]) == (
        59.999,
        0.9999,
        "yes",
    )


def test_csv_has_lower_bounds_lateness_and_threshold() -> None:
    report = report_of([record(1, "Ann", (3, 51), (51, None))], at_least="80%")
    (row,) = read_csv(report)
    assert row | {"segments": ""} == row | {
        "minutes": "", "known_minutes": "48", "share": "", "known_share": "0.8", "reached": "true",
        "late_by_minutes": "3", "left_early_by_minutes": "", "joins": "2", "segments": "",
    }  # fmt: skip


@pytest.mark.parametrize("language", ["pl", "ar"])
def test_xlsx_is_in_the_language(three: AttendanceReport, language: str) -> None:
    data = render_xlsx(three, language=language)
    words = load_language(language)
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    assert book.sheet_names == [
        words.text(key) for key in ("summary", "people", "segments", "sessions", "counts")
    ]
    assert words.text("name") in book.get_sheet_by_index(1).to_python()[0]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert ("rightToLeft" in sheet) == (language == "ar")


def test_csv_starts_with_byte_order_mark(three: AttendanceReport) -> None:
    assert render_csv(three).startswith("\ufeff".encode())


def test_csv_unknown_value_is_empty() -> None:
    (line,) = read_csv(report_of([record(1, "Ann", (0, None))], None))
    assert (line["left_at"], line["minutes"], line["share"], line["joins"]) == ("", "", "", "1")
    assert line["segments"].endswith("/..")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_has_no_formula_with_any_separator(hostile: AttendanceReport, separator: str) -> None:
    text = render_csv(hostile).decode("utf-8-sig")
    for row in csv.reader(io.StringIO(text), delimiter=separator):
        assert not any(cell.lstrip().startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)


@settings(max_examples=300, deadline=None, database=None)
@given(st.text(st.sampled_from("=+-@\t\r\n ;\"',aé\uff1d\x00\ud800"), max_size=8))
def test_escape_formula_covers_every_part(text: str) -> None:
    safe = escape_formula(text)
    for part in safe.split(";"):
        assert not part.lstrip().startswith(("=", "+", "-", "@", "\uff1d"))
    safe.encode()
    assert not set(safe) & set("\t\r\n\x00")
    assert safe.replace("'", "") == clean_line(text).replace("'", "")


@pytest.mark.parametrize("name", ["Ann-Marie", "a+b@example.com", "O'Neill", "x = y", "Lee; Ann"])
def test_escape_formula_keeps_plain_names(name: str) -> None:
    assert escape_formula(name) == name


def test_xlsx_has_times_numbers_and_zones(
    three: AttendanceReport,
) -> None:
    people = read_sheet(three, "People")
    assert people[0][4] == "Joined (Europe/Warsaw)"
    ann = dict(zip(people[0], people[2], strict=True))
    assert ann["Joined (Europe/Warsaw)"] == wall(10, 2)
    assert (ann["Minutes"], ann["Share"], ann["Joins"]) == (51.0, pytest.approx(0.85), 2.0)
    assert len(people) == 1 + 3 + 2
    assert len(read_sheet(three, "Stays")) == 1 + 4
    summary = {row[0]: row[1] for row in read_sheet(three, "Summary")}
    assert (summary["Registered"], summary["No-shows"]) == (4.0, 2.0)
    assert read_sheet(three, "Attendees over time")[1] == [wall(10, 2), 1.0]


def test_xlsx_has_no_formula_or_link(hostile: AttendanceReport) -> None:
    with zipfile.ZipFile(io.BytesIO(render_xlsx(hostile))) as book:
        sheets = [book.read(name).decode() for name in book.namelist() if "worksheets/" in name]
    assert not any("<f>" in sheet or "<hyperlink" in sheet for sheet in sheets)
    names = {row[1] for row in read_sheet(hostile, "People")}
    assert {clean_line(name).strip() for name in HOSTILE} <= {name.strip() for name in names}


def test_xlsx_header_rows_are_frozen(three: AttendanceReport) -> None:
    with zipfile.ZipFile(io.BytesIO(render_xlsx(three))) as book:
        for name in book.namelist():
            if "worksheets/sheet" in name:
                assert 'state="frozen"' in book.read(name).decode()


def test_json_keeps_names_exactly(hostile: AttendanceReport) -> None:
    document = json.loads(render_json(hostile))
    assert document["schema"] == SCHEMA
    report = document["report"]
    assert {person["name"] for person in report["people"]} == set(HOSTILE)
    assert report["summary"]["attended"] == len(HOSTILE)
    assert report["people"][0]["duration"] == 40 * 60
    assert datetime.fromisoformat(report["headcounts"][0]["at"]) == hostile.headcounts[0].at
    assert [limitation["kind"] for limitation in report["limitations"]] == [
        limitation.kind.value for limitation in hostile.limitations
    ]


def test_parquet_has_types_and_summary(three: AttendanceReport) -> None:
    table = pyarrow.parquet.read_table(io.BytesIO(render_parquet(three)))
    types = {field.name: str(field.type) for field in table.schema}
    assert types["joined_at"] == "timestamp[us, tz=Europe/Warsaw]"
    assert (types["minutes"], types["name"]) == ("double", "string")
    ann = table.to_pylist()[1]
    assert (ann["joined_at"], ann["minutes"]) == (three.people[1].joined_at, 51.0)
    assert [segment["left_at"] for segment in ann["segments"]] == [
        segment.left_at for segment in three.people[1].segments
    ]
    head = json.loads(table.schema.metadata[SCHEMA.encode()])
    assert head["summary"]["registered"] == 4
    assert "people" not in head


def test_parquet_keeps_hostile_names_and_all_rows(
    hostile: AttendanceReport, thousands: AttendanceReport
) -> None:
    names = pyarrow.parquet.read_table(io.BytesIO(render_parquet(hostile)))["name"].to_pylist()
    assert HOSTILE[2] in names
    table = pyarrow.parquet.read_table(io.BytesIO(render_parquet(thousands)))
    assert table.num_rows == len(thousands.people) + len(thousands.no_shows)


@pytest.mark.parametrize("make", [render_csv, render_json, render_xlsx, render_parquet])
def test_empty_report_renders(nobody: AttendanceReport, make: Any) -> None:
    assert make(nobody)


def test_xlsx_and_csv_have_every_person(thousands: AttendanceReport) -> None:
    people = read_sheet(thousands, "People")
    assert len(people) == 1 + len(thousands.people) + len(thousands.no_shows)
    assert len(read_csv(thousands)) == len(people) - 1


def read_csv(report: AttendanceReport) -> list[dict[str, str]]:
    text = render_csv(report).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), strict=True))


def read_sheet(report: AttendanceReport, name: str) -> list[list[Any]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(render_xlsx(report)))
    return book.get_sheet_by_name(name).to_python()


def wall(hour: int, minute: int) -> datetime:
    """Return a time without a zone, as Excel has it."""
    return datetime(2026, 10, 1, hour, minute, tzinfo=UTC).replace(tzinfo=None)
