"""Workbooks as people fill them in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from . import ANN, BOTH, RealList

__all__ = ["WORKBOOKS"]

HEADER = ["E-mail", "Imię", "Nazwisko"]
ROWS = [HEADER, ["ann@example.com", "Ann", "Lee"], ["bo@example.com", "Bo", "Li"]]


def book(
    change: Callable[[Any], None], rows: Sequence[Sequence[object]] = ROWS
) -> Callable[[Path], None]:
    """Return a function that writes a workbook with rows in the sheet "People", and changes it."""

    def write(path: Path) -> None:
        with xlsxwriter.Workbook(str(path)) as written:
            sheet = written.add_worksheet("People")
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
            change(written)

    return write


def leave(_: Any) -> None:
    """Change nothing."""


def people(written: Any) -> Any:
    return written.get_worksheet_by_name("People")


def add_sheet(
    name: str, rows: Sequence[Sequence[object]], *, hide: bool = False
) -> Callable[[Any], None]:
    def change(written: Any) -> None:
        sheet = written.add_worksheet(name)
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
        if hide:
            sheet.hide()

    return change


def filter_rows(written: Any) -> None:
    people(written).autofilter("A1:C3")
    people(written).set_row(2, options={"hidden": True})


def write_formulas(written: Any) -> None:
    people(written).write_formula(1, 0, '=LOWER("ANN@example.com")', None, "ann@example.com")
    people(written).write_formula(2, 0, '=LOWER("BO@example.com")', None, "")
    people(written).write_formula(3, 0, '=VLOOKUP("cy",X1:Y9,2,0)', None, "#N/A")
    people(written).write(3, 1, "Cy")


def write_far_away(written: Any) -> None:
    people(written).write(1_048_575, 16_383, "x")


def format_far_away(written: Any) -> None:
    people(written).write_blank(1_048_575, 16_383, None, written.add_format({"bold": True}))


def list_(content: Callable[[Path], None], **expected: Any) -> RealList:
    return RealList(content=content, name="people.xlsx", **expected)


WORKBOOKS = {
    "a plain sheet": list_(book(leave), people=BOTH, sheet="People"),
    "instructions in the first sheet": list_(
        book(add_sheet("Guests", ROWS), rows=[["How to fill in this list"], ["One row each"]]),
        people=BOTH,
        sheet="Guests",
    ),
    "table further down and to the right": list_(
        book(leave, rows=[[], [], *(["", "", *row] for row in ROWS)]), people=BOTH
    ),
    "title above the table of a sheet": list_(
        book(leave, rows=[["Guests"], [], *ROWS]),
        refused="sheet 'People': the header seems to be in line 3.*header_line=3",
    ),
    "title above the table of a sheet, header named": list_(
        book(leave, rows=[["Guests"], [], *ROWS]), options={"header_line": 3}, people=BOTH
    ),
    "two sheets of people": list_(
        book(add_sheet("Staff", [HEADER, ["cy@example.com", "Cy", "Moe"]])),
        people=BOTH,
        sheet="People",
    ),
    "two sheets of people, the second named": list_(
        book(add_sheet("Staff", [HEADER, ["cy@example.com", "Cy", "Moe"]])),
        options={"sheet": "Staff"},
        people=(("cy@example.com", "Cy", "Moe"),),
        sheet="Staff",
    ),
    "a sheet that does not exist": list_(
        book(leave), options={"sheet": "Poeple"}, refused="no sheet 'Poeple'; it has 'People'"
    ),
    "a hidden sheet of people": list_(
        book(add_sheet("Old", ROWS, hide=True), rows=[["Notes"], ["none"]]),
        refused="no sheet with a column of e-mail addresses|no column of e-mail addresses",
    ),
    "a row that a filter hides": list_(
        book(filter_rows), people=(ANN,), bad={3: "the row is hidden.*unhide or delete it"}
    ),
    "formulas": list_(
        book(write_formulas),
        people=(ANN,),
        bad={3: "formula has no saved value: open the list", 4: "it holds the error #N/A"},
    ),
    "numbers, dates and line breaks": list_(
        book(
            leave,
            rows=[
                ["e-mail", "first name", "room"],
                ["ann@example.com", "Ann", 7.0],
                ["bo@example.com", "Bo\nLi", 8.5],
            ],
        ),
        people=(("ann@example.com", "Ann", None),),
        bad={3: "line break"},
    ),
    "a cell at the far end": list_(
        book(write_far_away), refused="extends over 17,179,869,184 cells; delete cells far"
    ),
    "a format at the far end": list_(book(format_far_away), people=BOTH),
    "HTML with the name of a workbook": RealList(
        content="<html><table><tr><td>email</td></tr></table></html>",
        name="people.xls",
        refused="HTML page; open it in a spreadsheet and save it as .xlsx",
    ),
    "CSV with the name of a workbook": RealList(
        content="email,name\nann@example.com,Ann Lee\n",
        name="people.xlsx",
        refused="it is a text file; rename it so that its extension is .csv",
    ),
    "Unicode text with the name of a workbook": RealList(
        content="email\tname\nann@example.com\tAnn Lee\n".encode("utf-16"),
        name="people.xls",
        refused="it is a text file; rename it so that its extension is .csv",
    ),
    "a workbook with a password": RealList(
        content=b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504),
        name="people.xlsx",
        refused="it is damaged, or protected by a password",
    ),
    "a damaged workbook": RealList(
        content=b"PK\x03\x04 damaged", name="people.xlsx", refused="it is damaged"
    ),
    "an encoding for a workbook": list_(
        book(leave), options={"encoding": "cp1250"}, refused="is a workbook and has no encoding"
    ),
}
