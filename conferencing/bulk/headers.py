"""Find the header of a table: in the first line, or behind the preamble of a service's export."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from conferencing.bulk.columns import normalize_name
from conferencing.errors import InvalidRequest

from .rows import Row, Table

__all__ = ["FindFields", "find_table"]

FindFields = Callable[[Sequence[str]], set[str]]
"""Returns the fields of a person that the columns of a header mean."""

PREAMBLE: Final = 60
"""In how many lines a header is looked for."""

# Exports that put a summary before the table, and some further tables behind it. Zoom and GoTo name
# their reports; without a name, the first line has the columns of the summary. Compared normalized.
_REPORTS: Final = frozenset(
    {
        "attendeereport",
        "registrationreport",
        "meetingregistrationreport",
        "webinarregistrationreport",
        "registrantreport",
        "meetingsummary",
        "generated",
    }
)
_SUMMARIES: Final = (
    {"meetingid", "topic"},
    {"webinarid", "topic"},
    {"id", "topic"},
    {"webinarid", "webinarname"},
)
_WANTED: Final = frozenset({"attendeedetails", "registrantdetails", "registrants"})
_SECTIONS: Final = _WANTED | {
    "generalinformation",
    "hostdetails",
    "panelistdetails",
    "otherattended",
    "sessiondetails",
}
_NUMBERED: Final = re.compile(r"(\d)\. \S")
"""The sections of Teams, in any language: "1. Summary", "2. Participants", "3. In-Meeting…"."""


def find_table(
    rows: Sequence[Row], name: object, find_fields: FindFields, header_line: int | None
) -> Table:
    """Return the header and the rows below it.

    The header is the first line that is not blank, except in exports of services that are known.
    Raises `InvalidRequest` with the line where a header seems to be if it is another one.
    """
    filled = [row for row in rows if not row.is_blank]
    if not filled:
        raise InvalidRequest(f"{name} is empty", field="people")
    is_export = _is_export(filled)
    if header_line is not None:
        header = next((row for row in filled if row.line == header_line), None)
        if header is None:
            raise InvalidRequest(
                f"{name}: line {header_line} is empty, or not the start of a row",
                field="header_line",
            )
        return _table(header, filled, is_export=is_export)
    if is_export:
        return _table(_find_in_export(filled, name, find_fields), filled, is_export=True)
    first = filled[0]
    if "email" not in find_fields(first.cells):
        _refuse_preamble(filled, name, find_fields)
    return _table(first, filled, is_export=False)


def _refuse_preamble(filled: Sequence[Row], name: object, find_fields: FindFields) -> None:
    for row in filled[1:PREAMBLE]:
        if "email" in find_fields(row.cells):
            titles = ", ".join(repr(cell.strip()) for cell in row.cells if cell.strip())
            raise InvalidRequest(
                f"{name}: the header seems to be in line {row.line} ({titles[:200]}), not in line"
                f" {filled[0].line}; if so, name it: header_line={row.line}",
                field="header_line",
            )


def _table(header: Row, filled: Sequence[Row], *, is_export: bool) -> Table:
    """Return the table below a header; in an export, up to the next section."""
    body: list[Row] = []
    for row in filled:
        if row.line <= header.line:
            continue
        if is_export and _section(row) is not None:
            break
        body.append(row)
    return Table(header=header.cells, rows=tuple(body), header_line=header.line)


# ------------------------------------------------------------------------------------------ exports


def _is_export(filled: Sequence[Row]) -> bool:
    first = filled[0]
    titles = {normalize_name(cell) for cell in first.cells}
    if normalize_name(first.cells[0]) in _REPORTS:
        return True
    if any(summary <= titles for summary in _SUMMARIES):
        return True
    return _section(first) == "1" and any(_section(row) == "2" for row in filled[:PREAMBLE])


def _section(row: Row) -> str | None:
    """Return the name of the section that begins in a row, or its number; None if none does."""
    title = row.title
    if title is None:
        return None
    number = _NUMBERED.match(title)
    key = number[1] if number else normalize_name(title)
    return key if number or key in _SECTIONS else None


def _find_in_export(filled: Sequence[Row], name: object, find_fields: FindFields) -> Row:
    """Return the header of the people's table; hosts and panelists have tables of their own."""
    headers: list[Row] = []
    wanted: list[Row] = []
    section: str | None = None
    searched = True
    for row in filled:
        began = _section(row)
        if began is not None:
            section, searched = began, True
            continue
        if searched and "email" in find_fields(row.cells):
            headers.append(row)
            searched = section is None  # one header in a section
            if section in _WANTED or section == "2":
                wanted.append(row)
    if len(headers) > 1 and not _has_name(headers[0], find_fields):
        headers = headers[1:]  # the summary names the host's address
    candidates = wanted or headers
    if not candidates:
        return filled[0]
    if len(candidates) > 1:
        lines = ", ".join(str(row.line) for row in candidates)
        raise InvalidRequest(
            f"{name} has several tables of people, with headers in lines {lines}; name one of them:"
            f" header_line={candidates[-1].line}",
            field="header_line",
        )
    return candidates[0]


def _has_name(row: Row, find_fields: FindFields) -> bool:
    return bool(find_fields(row.cells) - {"email", "fallback_email"})
