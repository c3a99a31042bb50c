"""Calendar files: a room as an event for Outlook, Google and Apple (RFC 5545, RFC 5546).

data = invitation(room, link, provider="clickmeeting", account="main")
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from attrs import frozen

from conferencing.cancellation import cancellation
from conferencing.errors import InvalidRequest
from conferencing.extras import import_extra
from conferencing.model import JoinLink, Occurrence, Participant, Person, Room
from conferencing.model.base import drop_placeholder
from conferencing.model.links import is_web_link
from conferencing.model.zones import find_zone
from conferencing.vtimezone import build_vtimezone

__all__ = ["Method", "cancellation", "invitation"]

_PRODUCT: Final = "-//conferencing//conferencing//EN"
_EPOCH: Final = datetime(2020, 1, 1, tzinfo=UTC)
_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


class Method(StrEnum):
    """What a calendar does with an event (RFC 5546)."""

    PUBLISH = "publish"  # show it
    REQUEST = "request"  # ask the recipient for an answer
    CANCEL = "cancel"  # remove it


@frozen
class Date:
    """One event of the file. `id` is that of the occurrence, empty for the only date of a room."""

    id: str
    start: datetime
    end: datetime | None


def invitation(
    room: Room,
    link: JoinLink | None = None,
    *,
    provider: str,
    account: str = "",
    person: Person | Participant | None = None,
    organizer: Person | None = None,
    method: Method | str | None = None,
    sequence: int | None = None,
    now: datetime | None = None,
) -> bytes:
    """Return an .ics file with the room's date, or with all its dates if it recurs.

    The file has the URL of `link`, else the room's own. A personal link admits its person only, so
    send such a file to nobody else. The recipient is `person`, else the link's; the organizer is
    `organizer`, else the room's host. If both have an e-mail address and there is one date, the file
    asks for an answer (REQUEST), else it only announces (PUBLISH), since mail programs show the
    first date of a REQUEST and drop the rest. `method` overrides this.

    Times are in the room's zone, or in UTC if the zone has no yearly rule that calendars can read,
    or if its name is not known here; the event then has a COMMENT. The same provider, account and
    room give the same UID, so that a later file replaces an earlier one; for that, `sequence` has to
    grow with each change. By default it is derived from `updated_at`, or is 0 if the vendor does not
    report that, and is one more for a cancellation.

    Raises `InvalidRequest` for a room or an occurrence without a start, for a method that lacks its
    people, and for a negative sequence; `ConfigurationError` if icalendar is not installed.
    """
    host = organizer if organizer is not None else room.host
    recipient = person if person is not None else link.person if link is not None else None
    dates = _dates_of(room)
    method = _choose_method(method, host, recipient, dates)
    number = _choose_sequence(sequence, room.updated_at, method)
    icalendar = import_extra("icalendar", extra="ics", purpose="write calendar files")
    calendar = icalendar.Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method.value.upper())
    for date in _add_zone(calendar, dates, room.timezone, icalendar):
        event = icalendar.Event()
        event.add("uid", _uid(provider, account, room.id, date.id))
        event.add("dtstamp", (now or datetime.now(UTC)).astimezone(UTC))
        event.add("sequence", number)
        _add_times(event, room, date)
        _add_details(event, icalendar, room, link, method)
        _add_people(event, icalendar, host, recipient, method)
        if find_zone(room.timezone) is None:
            zone = _clean_line(room.timezone or "")
            event.add("comment", f"Times are in UTC, because {zone!r} is not an IANA time zone.")
        calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content


def _dates_of(room: Room) -> list[Date]:
    """Return the room's dates in UTC. Raises `InvalidRequest` for one without a start."""
    dates: list[Date] = []
    for occurrence in room.occurrences or (Occurrence(id="", starts_at=room.starts_at),):
        starts_at = drop_placeholder(occurrence.starts_at)
        if starts_at is None:
            what = f"occurrence {occurrence.id!r} of room" if occurrence.id else "room"
            raise InvalidRequest(
                f"{what} {room.id!r} has no starts_at; set the time at which it starts",
                field="starts_at",
            )
        start = starts_at.astimezone(UTC)
        dates.append(Date(occurrence.id, start, _end(start, occurrence.duration or room.duration)))
    return dates


def _end(start: datetime, duration: timedelta | None) -> datetime | None:
    try:
        return None if duration is None else drop_placeholder(start + duration)
    except OverflowError:  # a duration that means "without an end"
        return None


def _add_zone(
    calendar: Any, dates: Sequence[Date], timezone: str | None, icalendar: Any
) -> Sequence[Date]:
    """Return the dates in their zone, whose rule is added to the calendar, or as they are."""
    zone = find_zone(timezone)
    if zone is None or zone.key == "UTC":
        return dates
    moments = [at for date in dates for at in (date.start, date.end) if at is not None]
    component = build_vtimezone(zone, moments, icalendar)
    if component is None:
        return dates
    local = [_in_zone(date, zone) for date in dates]
    if any(date.start.tzinfo is zone for date in local):
        calendar.add_component(component)
    return local


def _in_zone(date: Date, zone: ZoneInfo) -> Date:
    """Return the date in a zone, unless it starts or ends in an hour that the clocks repeat.

    In a calendar file, such a time means the first of the two (RFC 5545, section 3.3.5).
    """
    start, end = date.start.astimezone(zone), date.end and date.end.astimezone(zone)
    return date if start.fold or (end and end.fold) else Date(date.id, start, end)


def _choose_method(
    method: Method | str | None,
    host: Person | None,
    recipient: Person | Participant | None,
    dates: Sequence[Date],
) -> Method:
    can_answer = bool(host and host.email and recipient and recipient.email)
    if method is None:
        return Method.REQUEST if can_answer and len(dates) == 1 else Method.PUBLISH
    if method not in set(Method):
        raise InvalidRequest(
            f"method is {method!r}; it must be one of {', '.join(Method)}", field="method"
        )
    if method == Method.REQUEST and not can_answer:
        raise InvalidRequest(
            "method is 'request', which needs the e-mail addresses of organizer and person",
            field="person" if host and host.email else "organizer",
        )
    return Method(method)


def _uid(provider: str, account: str, room: str, date: str) -> str:
    # JSON keeps the parts apart: no two rooms get the same name, whatever their ids contain.
    name = json.dumps(["conferencing", provider, account, room, date])
    return f"{uuid5(NAMESPACE_URL, name)}@conferencing"


def _choose_sequence(sequence: int | None, updated_at: datetime | None, method: Method) -> int:
    """Return a number that grows with time and fits into 32 bits until 2088."""
    if sequence is not None and sequence < 0:
        raise InvalidRequest(f"sequence is {sequence}; it must not be negative", field="sequence")
    if sequence is not None:
        return sequence
    at = drop_placeholder(updated_at)
    changed = max(0, int((at - _EPOCH).total_seconds())) if at else 0
    # Higher than that of the request (RFC 5546, 4.2.9).
    return min(changed, 2**31 - 2) + (method is Method.CANCEL)


def _add_times(event: Any, room: Room, date: Date) -> None:
    event.add("dtstart", date.start)
    if date.end is not None:
        event.add("dtend", date.end)
    for name, at in (("created", room.created_at), ("last-modified", room.updated_at)):
        if at is not None and drop_placeholder(at):
            event.add(name, at.astimezone(UTC))


def _add_details(
    event: Any, icalendar: Any, room: Room, link: JoinLink | None, method: Method
) -> None:
    event.add("summary", _clean_line(room.name or room.id))
    event.add("status", "CANCELLED" if method is Method.CANCEL else "CONFIRMED")
    event.add("transp", "OPAQUE")
    url = link.url if link is not None else room.join_url
    description = _clean_text(room.description or "")
    if url and not is_web_link(url):
        raise InvalidRequest(
            f"the link into room {room.id!r} is not a web address (http or https)", field="link"
        )
    if url:
        # Outlook shows LOCATION as a link, Google DESCRIPTION, Apple URL.
        event.add("location", url)
        event.add("url", icalendar.vUri(url))
        description = f"{description}\n\nJoin: {url}".strip()
    if description:
        event.add("description", description)
    if link is not None and link.personal:
        event.add("class", "PRIVATE")  # others who can see the calendar must not get the link


def _add_people(
    event: Any,
    icalendar: Any,
    host: Person | None,
    recipient: Person | Participant | None,
    method: Method,
) -> None:
    if host is not None and host.email:
        event.add("organizer", _build_address(icalendar, host.email, host.display_name))
    if recipient is None or not recipient.email or method is Method.PUBLISH:
        return  # PUBLISH must not have an ATTENDEE (RFC 5546, section 3.2.1)
    address = _build_address(icalendar, recipient.email, recipient.display_name)
    address.params["role"] = "REQ-PARTICIPANT"
    if method is Method.REQUEST:
        address.params["partstat"] = "NEEDS-ACTION"
        address.params["rsvp"] = "TRUE"
    event.add("attendee", address, encode=False)


def _build_address(icalendar: Any, email: str, name: str | None) -> Any:
    address = icalendar.vCalAddress(f"mailto:{_clean_line(email)}")
    if name:
        address.params["cn"] = _clean_line(name)
    return address


def _clean_text(text: str) -> str:
    return _CONTROL.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def _clean_line(text: str) -> str:
    return " ".join(_clean_text(text).split())
