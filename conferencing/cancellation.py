"""Cancel the events of a calendar file that was sent before (RFC 5546, section 3.2.5)."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from conferencing.errors import InvalidRequest
from conferencing.extras import import_extra
from conferencing.formatting import clean_line

__all__ = ["cancellation"]


def cancellation(
    source: bytes | str | os.PathLike[str],
    *,
    sequence: int | None = None,
    now: datetime | None = None,
) -> bytes:
    """Return an .ics file that cancels the events of an earlier one, also if their room is gone.

    `source` is the file that was sent, as its contents or its path. UIDs, times and people stay;
    `sequence` is one more than that of the event, unless it is passed. Raises `InvalidRequest` if the
    file cannot be read or has no event, and if `sequence` does not grow; `ConfigurationError` if
    icalendar is not installed.
    """
    icalendar = import_extra("icalendar", extra="ics", purpose="write calendar files")
    calendar = _read_calendar(source, icalendar)
    calendar.pop("method", None)
    calendar.add("method", "CANCEL")
    for event in calendar.walk("VEVENT"):
        before = int(event.get("sequence", 0))
        if sequence is not None and sequence <= before:
            raise InvalidRequest(
                f"sequence is {sequence}; it must be more than that of the event, {before}",
                field="sequence",
            )
        changes = {
            "status": "CANCELLED",
            "sequence": before + 1 if sequence is None else sequence,
            "dtstamp": (now or datetime.now(UTC)).astimezone(UTC),
        }
        for name, value in changes.items():
            event.pop(name, None)
            event.add(name, value)
        _remove_request(event)
    content: bytes = calendar.to_ical()
    return content


def _read_calendar(source: bytes | str | os.PathLike[str], icalendar: Any) -> Any:
    name = "the calendar" if isinstance(source, bytes) else os.fspath(source)
    try:
        data = source if isinstance(source, bytes) else Path(source).read_bytes()
        calendar = icalendar.Calendar.from_ical(data)
    except OSError as error:
        reason = f"cannot be read: {error.strerror or error}"
    except ValueError as error:
        reason = f"is not a calendar file: {clean_line(str(error))[:200]}"
    else:
        if calendar.name == "VCALENDAR" and calendar.walk("VEVENT"):
            return calendar
        reason = "has no event to cancel; pass the .ics file that was sent"
    raise InvalidRequest(f"{name} {reason}", field="source")


def _remove_request(event: Any) -> None:
    """Remove what asks a recipient for an answer, and alarms."""
    for property_name, value in event.property_items(recursive=False):
        if property_name == "ATTENDEE":
            for name in ("partstat", "rsvp"):
                value.params.pop(name, None)
    event.subcomponents = [part for part in event.subcomponents if part.name != "VALARM"]
