"""Tables for programs and spreadsheets, each opened again by another library than wrote it."""

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

from conferencing.report import AttendanceReport
from conferencing.report.tables import SCHEMA, harmless, report_csv, report_json, report_parquet
from conferencing.report.words import printable
from conferencing.report.workbook import report_xlsx


def test_csv_has_a_line_for_everybody_who_came_or_did_not(three: AttendanceReport) -> None:
    lines = read_csv(three)
    assert [line["status"] for line in lines] == ["came"] * 3 + ["no-show"] * 2
    assert lines[1] | {"stays": ""} == {
        "status": "came",
        "name": "Čedomir Đorđević",
        "email": "person1@example.com",
        "role": "attendee",
        "joined_at": "2026-10-01T10:02:00+02:00",
        "left_at": "2026-10-01T10:58:00+02:00",
        "minutes": "51.0",
        "share": "0.85",
        "stays": "",
        "participant_id": "p1",
        "registered_at": "",
        "matched_by": "email",
        "merged_by": "",
    }
    assert lines[1]["stays"].split("; ")[0] == "2026-10-01T10:02:00+02:00/2026-10-01T10:20:00+02:00"


def test_csv_is_utf8_with_the_mark_that_excel_wants(three: AttendanceReport) -> None:
    assert report_csv(three).startswith("\ufeff".encode())


def test_what_is_unknown_is_an_empty_cell() -> None:
    (line,) = read_csv(report_of([record(1, "Ann", (0, None))], None))
    assert (line["left_at"], line["minutes"], line["share"]) == ("", "", "")
    assert line["stays"].endswith("/..")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_no_cell_of_csv_is_a_formula_wherever_it_is_opened(
    hostile: AttendanceReport, separator: str
) -> None:
    text = report_csv(hostile).decode("utf-8-sig")
    for row in csv.reader(io.StringIO(text), delimiter=separator):
        assert not any(cell.lstrip().startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)


@settings(max_examples=300, deadline=None, database=None)
@given(st.text(st.sampled_from("=+-@\t\r\n ;\"',aé\uff1d\x00\ud800"), max_size=8))
def test_whatever_a_cell_holds_no_part_of_it_begins_like_a_formula(text: str) -> None:
    safe = harmless(text)
    for part in safe.split(";"):
        assert not part.lstrip().startswith(("=", "+", "-", "@", "\uff1d"))
    safe.encode()
    assert not set(safe) & set("\t\r\n\x00")
    assert safe.replace("'", "") == printable(text).replace("'", "")


@pytest.mark.parametrize("name", ["Ann-Marie", "a+b@example.com", "O'Neill", "x = y", "Lee; Ann"])
def test_harmless_names_stay_as_they_are(name: str) -> None:
    assert harmless(name) == name


def test_excel_has_real_times_numbers_and_headers_that_name_the_zone(
    three: AttendanceReport,
) -> None:
    people = read_sheet(three, "People")
    assert people[0][4] == "Joined (Europe/Warsaw)"
    ann = dict(zip(people[0], people[2], strict=True))
    assert ann["Joined (Europe/Warsaw)"] == wall(10, 2)
    assert (ann["Minutes"], ann["Share"], ann["Stays"]) == (51.0, pytest.approx(0.85), 2.0)
    assert len(people) == 1 + 3 + 2
    assert len(read_sheet(three, "Stays")) == 1 + 4
    summary = {row[0]: row[1] for row in read_sheet(three, "Summary")}
    assert (summary["Registered"], summary["No-shows"]) == (4.0, 2.0)
    assert read_sheet(three, "Curve")[1] == [wall(9, 55), 1.0]


def test_no_cell_of_excel_is_a_formula_or_a_link(hostile: AttendanceReport) -> None:
    with zipfile.ZipFile(io.BytesIO(report_xlsx(hostile))) as book:
        sheets = [book.read(name).decode() for name in book.namelist() if "worksheets/" in name]
    assert not any("<f>" in sheet or "<hyperlink" in sheet for sheet in sheets)
    names = {row[1] for row in read_sheet(hostile, "People")}
    assert {printable(name).strip() for name in HOSTILE} <= {name.strip() for name in names}


def test_the_head_of_each_sheet_stays_in_sight(three: AttendanceReport) -> None:
    with zipfile.ZipFile(io.BytesIO(report_xlsx(three))) as book:
        for name in book.namelist():
            if "worksheets/sheet" in name:
                assert 'state="frozen"' in book.read(name).decode()


def test_json_holds_every_name_exactly(hostile: AttendanceReport) -> None:
    told = json.loads(report_json(hostile))
    assert told["schema"] == SCHEMA
    report = told["report"]
    assert {one["name"] for one in report["people"]} == set(HOSTILE)
    assert report["summary"]["came"] == len(HOSTILE)
    assert report["people"][0]["seconds"] == 40 * 60
    assert datetime.fromisoformat(report["curve"][0]["at"]) == hostile.curve[0].at
    assert [gap["kind"] for gap in report["gaps"]] == [gap.kind.value for gap in hostile.gaps]


def test_parquet_has_typed_columns_and_the_summary_beside_them(three: AttendanceReport) -> None:
    table = pyarrow.parquet.read_table(io.BytesIO(report_parquet(three)))
    types = {field.name: str(field.type) for field in table.schema}
    assert types["joined_at"] == "timestamp[us, tz=Europe/Warsaw]"
    assert (types["minutes"], types["name"]) == ("double", "string")
    ann = table.to_pylist()[1]
    assert (ann["joined_at"], ann["minutes"]) == (three.people[1].joined_at, 51.0)
    assert [stay["left_at"] for stay in ann["stays"]] == [s.left_at for s in three.people[1].stays]
    head = json.loads(table.schema.metadata[SCHEMA.encode()])
    assert head["summary"]["registered"] == 4
    assert "people" not in head


def test_parquet_takes_hostile_names_and_thousands(
    hostile: AttendanceReport, thousands: AttendanceReport
) -> None:
    names = pyarrow.parquet.read_table(io.BytesIO(report_parquet(hostile)))["name"].to_pylist()
    assert HOSTILE[2] in names
    table = pyarrow.parquet.read_table(io.BytesIO(report_parquet(thousands)))
    assert table.num_rows == len(thousands.people) + len(thousands.no_shows)


@pytest.mark.parametrize("make", [report_csv, report_json, report_xlsx, report_parquet])
def test_nobody_is_no_trouble(nobody: AttendanceReport, make: Any) -> None:
    assert make(nobody)


def test_thousands_are_all_in_the_workbook(thousands: AttendanceReport) -> None:
    people = read_sheet(thousands, "People")
    assert len(people) == 1 + len(thousands.people) + len(thousands.no_shows)
    assert len(read_csv(thousands)) == len(people) - 1


def read_csv(report: AttendanceReport) -> list[dict[str, str]]:
    text = report_csv(report).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), strict=True))


def read_sheet(report: AttendanceReport, name: str) -> list[list[Any]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(report_xlsx(report)))
    return book.get_sheet_by_name(name).to_python()


def wall(hour: int, minute: int) -> datetime:
    """Return a time without a zone, as Excel has it."""
    return datetime(2026, 10, 1, hour, minute, tzinfo=UTC).replace(tzinfo=None)
