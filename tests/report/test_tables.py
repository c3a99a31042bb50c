"""Tables for programs and spreadsheets, each read back by another library than wrote it."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import UTC, datetime
from typing import Any

import pyarrow.parquet
import pytest
from crowd import HOSTILE, record, report_of
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from conferencing.formatting import clean_line
from conferencing.report import AttendanceReport
from conferencing.report.document import SCHEMA, render_json
from conferencing.report.parquet import render_parquet
from conferencing.report.tables import escape_formula, render_csv
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
