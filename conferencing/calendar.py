"""Calendar files: a room as an event that Outlook, Google and Apple understand (RFC 5545, 5546).

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

from attrs import evolve

from conferencing.errors import InvalidRequest
from conferencing.extras import library
from conferencing.model import JoinLink, Occurrence, Participant, Person, Room
from conferencing.model.zones import zone_of
from conferencing.vtimezone import vtimezone, zones_of

__all__ = ["Method", "invitation"]

_PRODUCT: Final = "-//conferencing//conferencing//EN"
_EPOCH: Final = datetime(2020, 1, 1, tzinfo=UTC)
_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


class Method(StrEnum):
    """What a calendar is asked to do with an event (RFC 5546)."""

    PUBLISH = "publish"  # take note of it
    REQUEST = "request"  # answer it
    CANCEL = "cancel"  # strike it out


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
    """Return an .ics file with the room's date, or all its dates if it recurs.

    The way in is `link`, else the room's plain link; a personal link is for its person alone, so
    send such a file to nobody else. The guest is `person`, else the link's; the `organizer`, else
    the room's host, needs an e-mail address to count. With both of them the file asks for an answer
    (REQUEST), otherwise it only tells (PUBLISH); several dates are always only told, since mail
    programs show the first of a REQUEST and drop the rest. `method` says otherwise.

    The same provider, account and room give the same UID, so that a later file replaces an earlier
    one: `sequence` has to grow with each change. Without it, it is taken from `updated_at`, and is
    0 where the vendor does not tell that.

    Raises `InvalidRequest` for a room or an occurrence without a start, and for a method that lacks
    its people; `ConfigurationError` if icalendar is not installed.
    """
    dates = _dates(room)
    host = organizer if organizer is not None else room.host
    guest = person if person is not None else link.person if link is not None else None
    parse_enum = _method(method, host, guest, dates)
    icalendar = library("icalendar", extra="ics", purpose="calendar files")
    calendar = _calendar(dates, parse_enum, icalendar)
    for date in dates:
        event = icalendar.Event()
        uid = _uid(provider, account, room.id, date.id)
        _tell_when(event, room, date, uid, now=now, sequence=sequence)
        _tell_what(event, icalendar, room, link, parse_enum)
        _tell_who(event, icalendar, host, guest, parse_enum)
        calendar.add_component(event)
    made: bytes = calendar.to_ical()
    return made


def _calendar(dates: Sequence[Occurrence], method: Method, icalendar: Any) -> Any:
    calendar = icalendar.Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method.value.upper())
    moments = [moment for date in dates for moment in _moments(date)]
    for zone in sorted(zones_of(moments), key=lambda one: one.key):
        calendar.add_component(vtimezone(zone, moments, icalendar))
    return calendar


def _dates(room: Room) -> Sequence[Occurrence]:
    """Return the room's dates in its own zone; the only date of a room has no id of its own."""
    planned = room.occurrences or (
        Occurrence(id="", starts_at=room.starts_at, duration=room.duration),
    )
    for one in planned:
        if one.starts_at is None:
            what = f"occurrence {one.id!r} of room" if one.id else "room"
            raise InvalidRequest(
                f"{what} {room.id!r} has no starts_at; a calendar needs a time to put it at",
                field="starts_at",
            )
    zone = zone_of(room.timezone)
    return [
        evolve(
            one, starts_at=one.starts_at.astimezone(zone), duration=one.duration or room.duration
        )
        for one in planned
        if one.starts_at is not None
    ]


def _moments(date: Occurrence) -> list[datetime]:
    if date.starts_at is None:
        return []
    moments = [date.starts_at, _end(date.starts_at, date.duration or timedelta())]
    # In a calendar file, a time of day that comes twice is the first of the two (RFC 5545, 3.3.5).
    repeated = any(moment.fold for moment in moments)
    return [moment.astimezone(UTC) for moment in moments] if repeated else moments


def _end(start: datetime, duration: timedelta) -> datetime:
    return (start.astimezone(UTC) + duration).astimezone(start.tzinfo)  # not on the wall clock


def _method(
    method: Method | str | None,
    host: Person | None,
    guest: Person | Participant | None,
    dates: Sequence[Occurrence],
) -> Method:
    whole = bool(host and host.email and guest and guest.email)
    if method is None:
        return Method.REQUEST if whole and len(dates) == 1 else Method.PUBLISH
    if method not in set(Method):
        known = ", ".join(Method)
        raise InvalidRequest(f"method is {method!r}; it must be one of {known}", field="method")
    parse_enum = Method(method)
    if parse_enum is Method.REQUEST and not whole:
        raise InvalidRequest(
            "method is 'request', which needs the e-mail addresses of organizer and person",
            field="person" if host and host.email else "organizer",
        )
    return parse_enum


def _uid(provider: str, account: str, room: str, date: str) -> str:
    # As JSON, so that no two rooms have one name, whatever is in their ids.
    name = json.dumps(["conferencing", provider, account, room, date])
    return f"{uuid5(NAMESPACE_URL, name)}@conferencing"


def _tell_when(
    event: Any,
    room: Room,
    date: Occurrence,
    uid: str,
    *,
    now: datetime | None,
    sequence: int | None,
) -> None:
    event.add("uid", uid)
    event.add("dtstamp", (now or datetime.now(UTC)).astimezone(UTC))
    event.add("sequence", _sequence(room.updated_at) if sequence is None else sequence)
    moments = _moments(date)
    event.add("dtstart", moments[0])
    if date.duration is not None:
        event.add("dtend", moments[1])
    for name, at in (("created", room.created_at), ("last-modified", room.updated_at)):
        if at is not None:
            event.add(name, at.astimezone(UTC))


def _sequence(updated_at: datetime | None) -> int:
    """Return a number that grows with time, small enough for 32 bits until 2088."""
    return 0 if updated_at is None else max(0, int((updated_at - _EPOCH).total_seconds()))


def _tell_what(
    event: Any, icalendar: Any, room: Room, link: JoinLink | None, method: Method
) -> None:
    event.add("summary", _line(room.name or room.id))
    event.add("status", "CANCELLED" if method is Method.CANCEL else "CONFIRMED")
    event.add("transp", "OPAQUE")
    url = link.url if link is not None else room.join_url
    description = _text(room.description or "")
    if url:
        # Outlook makes the place a link, Google the description, Apple the address.
        event.add("location", url)
        event.add("url", icalendar.vUri(url))
        description = f"{description}\n\nJoin: {url}".strip()
    if description:
        event.add("description", description)
    if link is not None and link.personal:
        event.add("class", "PRIVATE")  # whoever may look into the calendar may not come in for it


def _tell_who(
    event: Any,
    icalendar: Any,
    host: Person | None,
    guest: Person | Participant | None,
    method: Method,
) -> None:
    if host is not None and host.email:
        event.add("organizer", _address(icalendar, host.email, host.display_name))
    if guest is None or not guest.email or method is Method.PUBLISH:
        return  # RFC 5546 wants no ATTENDEE in what is only told
    address = _address(icalendar, guest.email, guest.display_name)
    address.params["role"] = "REQ-PARTICIPANT"
    if method is Method.REQUEST:
        address.params["partstat"] = "NEEDS-ACTION"
        address.params["rsvp"] = "TRUE"
    event.add("attendee", address, encode=False)


def _address(icalendar: Any, email: str, name: str | None) -> Any:
    address = icalendar.vCalAddress(f"mailto:{_line(email)}")
    if name:
        address.params["cn"] = _line(name)
    return address


def _text(text: str) -> str:
    return _CONTROL.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def _line(text: str) -> str:
    return " ".join(_text(text).split())
