"""Reading lists of people from Excel and OpenDocument."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zipfile import ZipFile

import pytest

from conferencing import InvalidRequest, Person
from conferencing.bulk import read_roster

ZOE = Person(email="zoë@example.com", first_name="Zoë", last_name="Łoś")
ANN = Person(email="ann@example.com", first_name="Ann", last_name="Lee")


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_the_first_sheet_of_a_workbook_is_read(tmp_path: Path, kind: str) -> None:
    rows = [["E-mail", "First name", "Last name", "Phone", "Age"]]
    rows += [["zoë@example.com", "Zoë", "Łoś", 48123456789, 5.5], ["", "", "", "", ""]]
    rows += [["ann@example.com", "Ann", "Lee", 7, 30]]
    path = book(tmp_path / f"people.{kind}", rows)
    roster = read_roster(path, {"phone": "20", "AGE": "21"})
    assert roster.people == (ZOE, ANN)
    assert [entry.number for entry in roster.entries] == [2, 4]
    assert [entry.fields for entry in roster.entries] == [
        {"20": "48123456789", "21": "5.5"},
        {"20": "7", "21": "30"},
    ]


def test_a_workbook_whose_table_begins_further_down_counts_its_own_rows(tmp_path: Path) -> None:
    path = book(tmp_path / "people.xlsx", [[], [], ["email"], ["ann@example.com"], ["nobody"]])
    assert [entry.number for entry in read_roster(path).entries] == [4, 5]


@pytest.mark.parametrize("visibility", ["filter", "collapse"])
def test_hidden_row_of_ods_is_refused(tmp_path: Path, visibility: str) -> None:
    rows = [["email", "name"], ["ann@example.com", "Ann Lee"], ["bo@example.com", "Bo Li"]]
    path = book(tmp_path / "people.ods", rows, hidden={2: visibility})
    roster = read_roster(path)
    assert [(entry.number, bool(entry.problem)) for entry in roster.entries] == [
        (2, True),
        (3, False),
    ]
    assert "the row is hidden" in (roster.bad[0].problem or "")
    assert roster.hidden_rows_known


def test_empty_hidden_rows_of_ods_cost_nothing(tmp_path: Path) -> None:
    rows = [["email"], ["ann@example.com"], []]
    path = book(tmp_path / "people.ods", rows, hidden={3: "filter"}, repeated={3: 1_000_000})
    assert read_roster(path).people == (Person(email="ann@example.com"),)


def test_xls_says_that_hidden_rows_are_read() -> None:
    needed()
    roster = read_roster(Path(__file__).with_name("lists") / "filtered.xls")  # hides Bo
    assert [person.name for person in roster.people] == ["Ann Lee", "Bo Li"]
    assert not roster.hidden_rows_known


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"email\nann@example.com\n"])
@pytest.mark.parametrize("kind", ["xlsx", "xls", "xlsb", "ods"])
def test_what_is_no_workbook_is_refused(tmp_path: Path, kind: str, content: bytes) -> None:
    needed()
    path = tmp_path / f"people.{kind}"
    path.write_bytes(content)
    with pytest.raises(InvalidRequest, match="people") as caught:
        read_roster(path)
    assert str(path) in str(caught.value)


def test_first_sheet_with_addresses_is_read_and_named(tmp_path: Path) -> None:
    roster = read_roster(book(tmp_path / "people.xlsx", []))
    assert (roster.sheet, roster.people) == ("Other", ())


# --------------------------------------------------------------------------------------- helpers


def needed() -> None:
    for module in ("python_calamine", "xlsxwriter"):
        pytest.importorskip(module, reason="the extra `excel` is not installed")


def book(path: Path, rows: list[list[Any]], **options: Any) -> Path:
    """Write a workbook."""
    needed()
    (_xlsx if path.suffix == ".xlsx" else _ods)(path, rows, **options)
    return path


def _xlsx(path: Path, rows: list[list[Any]]) -> None:
    import xlsxwriter  # noqa: PLC0415 - it may not be installed

    with xlsxwriter.Workbook(str(path)) as made:
        sheet = made.add_worksheet("People")
        made.add_worksheet("Other").write_row(0, 0, ["email", "other@example.com"])
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)


def _ods(
    path: Path,
    rows: list[list[Any]],
    *,
    hidden: Mapping[int, str] = MappingProxyType({}),
    repeated: Mapping[int, int] = MappingProxyType({}),
) -> None:
    """Write an OpenDocument workbook; `hidden` and `repeated` are attributes of rows by number."""
    space = "urn:oasis:names:tc:opendocument:xmlns:"
    names = "".join(f' xmlns:{name}="{space}{name}:1.0"' for name in ("office", "table", "text"))
    lines = "".join(
        f'<table:table-row table:number-rows-repeated="{repeated.get(number, 1)}"'
        f' table:visibility="{hidden.get(number, "visible")}">'
        f"{''.join(map(_cell, row))}</table:table-row>"
        for number, row in enumerate(rows, 1)
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content{names}><office:body>'
        f'<office:spreadsheet><table:table table:name="People">{lines}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    with ZipFile(path, "w") as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        packed.writestr("content.xml", content)
        packed.writestr("META-INF/manifest.xml", f"<manifest xmlns='{space}manifest:1.0'/>")


def _cell(value: Any) -> str:
    if isinstance(value, str):
        kind = 'office:value-type="string"'
    else:
        kind = f'office:value-type="float" office:value="{value}"'
    return f"<table:table-cell {kind}><text:p>{value}</text:p></table:table-cell>"
