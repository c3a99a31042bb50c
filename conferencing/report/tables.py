"""The report as tables for programs and spreadsheets: CSV, Excel, Parquet, and all of it as JSON.

Names are hostile: a cell that a spreadsheet would take for a formula is made harmless in CSV and
is a plain text in Excel. JSON and Parquet keep every name as it is.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from attrs import frozen

from conferencing.extras import library
from conferencing.model import Participant, Role, Session

from .values import AttendanceReport, Attendee, Stay
from .words import printable

__all__ = ["SCHEMA", "report_csv", "report_json", "report_parquet"]

SCHEMA: Final = "conferencing/attendance-report/1"
"""Names the form of the JSON; the number grows when a reader of the old form would misread it."""

CAME: Final = "came"
NO_SHOW: Final = "no-show"

# The last of these are what a spreadsheet in another language than English writes for the first.
# After a semicolon or a tab, since where lists are written with these, a cell begins there.
_FORMULA: Final = re.compile(r"(^|[;\t])(\s*)(?=[=+\-@\t\r\uff1d\uff0b\uff0d\uff20])")


@frozen(kw_only=True)
class Line:
    """Hold one person in one line: somebody who came, or a no-show."""

    status: str
    name: str | None
    email: str | None
    role: Role
    joined_at: datetime | None = None
    left_at: datetime | None = None
    duration: timedelta | None = None
    share: float | None = None
    stays: tuple[Stay, ...] = ()
    participant_id: str | None = None
    registered_at: datetime | None = None
    matched_by: str | None = None
    merged_by: str | None = None

    @property
    def minutes(self) -> float | None:
        """The time present."""
        return None if self.duration is None else self.duration / timedelta(minutes=1)


def lines_of(report: AttendanceReport) -> list[Line]:
    """Return everybody who came and then everybody who was registered and did not."""
    return [*map(_came, report.people), *map(_missed, report.no_shows)]


def report_csv(report: AttendanceReport) -> bytes:
    """Return one line a person in UTF-8 with a byte order mark, which Excel wants.

    Times are in ISO 8601 with their offset. Stays follow one another as intervals in one cell.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(_HEADERS)
    writer.writerows([_cell(value) for value in _row(line)] for line in lines_of(report))
    return text.getvalue().encode("utf-8-sig")


def report_json(report: AttendanceReport) -> bytes:
    """Return everything that the report knows: times in ISO 8601, lengths in seconds."""
    whole = {"schema": SCHEMA, "report": _told(report)}
    return json.dumps(whole, indent=1).encode("ascii")


def report_parquet(report: AttendanceReport) -> bytes:
    """Return one line a person in typed columns; the report's summary is in the file's metadata.

    Raises `ConfigurationError` if pyarrow is not installed.
    """
    arrow = library("pyarrow", extra="arrow", purpose="a report as Parquet")
    parquet = library("pyarrow.parquet", extra="arrow", purpose="a report as Parquet")
    head = {key: value for key, value in _told(report).items() if key not in {"people", "no_shows"}}
    columns = _columns(arrow, report.timezone.key)
    schema = arrow.schema(columns, metadata={SCHEMA: json.dumps(head)})
    rows = [_typed(line) for line in lines_of(report)]
    target = arrow.BufferOutputStream()
    parquet.write_table(arrow.Table.from_pylist(rows, schema=schema), target)
    made: bytes = target.getvalue().to_pybytes()
    return made


def _came(person: Attendee) -> Line:
    return Line(
        status=CAME,
        name=person.name,
        email=person.email,
        role=person.role,
        joined_at=person.joined_at,
        left_at=person.left_at,
        duration=person.duration,
        share=person.share,
        stays=person.stays,
        participant_id=person.participant_id,
        matched_by=person.matched_by,
        merged_by=", ".join(person.merged_by) or None,
    )


def _missed(person: Participant) -> Line:
    return Line(
        status=NO_SHOW,
        name=person.display_name,
        email=person.email,
        role=person.role,
        participant_id=person.id,
        registered_at=person.registered_at,
    )


_HEADERS: Final = (
    "status", "name", "email", "role", "joined_at", "left_at", "minutes", "share", "stays",
    "participant_id", "registered_at", "matched_by", "merged_by",
)  # fmt: skip


def _row(line: Line) -> Sequence[str | float | datetime | None]:
    minutes, share = line.minutes, line.share
    return (
        line.status,
        line.name,
        line.email,
        line.role,
        line.joined_at,
        line.left_at,
        None if minutes is None else round(minutes, 3),
        None if share is None else round(share, 4),
        "; ".join(map(_interval, line.stays)),
        line.participant_id,
        line.registered_at,
        line.matched_by,
        line.merged_by,
    )


def _interval(stay: Stay) -> str:
    """Write an interval of ISO 8601; two dots are its unknown end (ISO 8601-2)."""
    return f"{stay.joined_at.isoformat()}/{stay.left_at.isoformat() if stay.left_at else '..'}"


def _cell(value: str | float | datetime | None) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    return harmless(value) if isinstance(value, str) else str(value)


def harmless(text: str) -> str:
    """Return the text with an apostrophe before what a spreadsheet would take for a formula."""
    return _FORMULA.sub(r"\1'\2", printable(text))


def _typed(line: Line) -> dict[str, Any]:
    plain = {name: getattr(line, name) for name in _HEADERS}
    told = {name: _whole(one) if isinstance(one, str) else one for name, one in plain.items()}
    stays = [
        {"session_id": _whole(s.session_id), "joined_at": s.joined_at, "left_at": s.left_at}
        for s in line.stays
    ]
    return told | {"stays": stays}


def _whole(text: str) -> str:
    """Return text that UTF-8 can hold: with a mark for each half of a character."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _columns(arrow: Any, zone: str) -> list[tuple[str, Any]]:
    text, number, moment = arrow.string(), arrow.float64(), arrow.timestamp("us", tz=zone)
    stay = arrow.struct([("session_id", text), ("joined_at", moment), ("left_at", moment)])
    types = {
        "joined_at": moment,
        "left_at": moment,
        "registered_at": moment,
        "minutes": number,
        "share": number,
        "stays": arrow.list_(stay),
    }
    return [(name, types.get(name, text)) for name in _HEADERS]


def _told(report: AttendanceReport) -> dict[str, Any]:
    summary = report.summary
    return {
        "room": {"id": report.room.id, "name": report.room.name},
        "provider": report.provider,
        "account": report.account,
        "timezone": report.timezone.key,
        "made_at": _iso(report.made_at),
        "summary": {
            "registered": summary.registered,
            "came": summary.came,
            "expected": summary.expected,
            "no_shows": summary.no_shows,
            "timed": summary.timed,
            "mean_seconds": _seconds(summary.mean),
            "median_seconds": _seconds(summary.median),
            "peak": summary.peak and {"at": _iso(summary.peak.at), "present": summary.peak.people},
        },
        "sessions": [_session(one) for one in report.sessions],
        "people": [_person(one) for one in report.people],
        "no_shows": [_registered(one) for one in report.no_shows],
        "curve": [{"at": _iso(step.at), "present": step.people} for step in report.curve],
        "gaps": [{"kind": gap.kind.value, "text": gap.text} for gap in report.gaps],
    }


def _session(session: Session) -> dict[str, Any]:
    return {
        "id": session.id,
        "title": session.title,
        "status": session.status.value,
        "started_at": _iso(session.started_at),
        "ended_at": _iso(session.ended_at),
        "people_counted": session.people,
        "peak_counted": session.peak,
    }


def _person(person: Attendee) -> dict[str, Any]:
    return {
        "name": person.name,
        "email": person.email,
        "role": person.role.value,
        "session_ids": list(person.session_ids),
        "joined_at": _iso(person.joined_at),
        "left_at": _iso(person.left_at),
        "seconds": _seconds(person.duration),
        "share": person.share,
        "stays": [
            {"session_id": s.session_id, "joined_at": _iso(s.joined_at), "left_at": _iso(s.left_at)}
            for s in person.stays
        ],
        "participant_id": person.participant_id,
        "matched_by": person.matched_by,
        "merged_by": list(person.merged_by),
    }


def _registered(person: Participant) -> dict[str, Any]:
    return {
        "name": person.display_name,
        "email": person.email,
        "participant_id": person.id,
        "registered_at": _iso(person.registered_at),
    }


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _seconds(duration: timedelta | None) -> float | None:
    return None if duration is None else duration.total_seconds()
