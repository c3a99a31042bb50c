"""Guests of an event, which take the place of registrations (docs/vendors/googlemeet.md#events)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from attrs import define

from conferencing.http import deep_merge, without_none
from conferencing.model import Participant, Person, Role
from conferencing.model.drafts import RegistrationDraft
from conferencing.model.emails import same_email
from conferencing.model.native import Native

from .base import WIRE

__all__ = [
    "MAILS",
    "AttendeeRow",
    "find_attendee",
    "is_guest",
    "to_participants",
    "write_attendee",
    "write_guest",
]


MAILS: Final = {True: "all", False: "none"}
"""Who is mailed about new guests (docs/vendors/googlemeet.md#events)."""


@define
class AttendeeRow:
    """A guest. `resource` is a room of a building."""

    email: str | None = None
    displayName: str | None = None  # noqa: N815
    organizer: bool | None = None
    resource: bool | None = None


def to_participants(
    attendees: Sequence[AttendeeRow], natives: Sequence[Mapping[str, Any]], room_id: str
) -> list[Participant]:
    """Return the guests of an event, each known by the address and one name."""
    return [
        _to_participant(row, native, room_id)
        for row, native in zip(attendees, natives, strict=True)
        if row.email and not row.resource
    ]


def _to_participant(row: AttendeeRow, native: Mapping[str, Any], room_id: str) -> Participant:
    return Participant(
        id=row.email,
        room_id=room_id,
        email=row.email,
        name=row.displayName,
        role=Role.HOST if row.organizer else Role.ATTENDEE,
        native=Native(native, WIRE.secret),
    )


def find_attendee(people: Sequence[Participant], email: str | None) -> Participant | None:
    """Return the guest with this address, or None."""
    return next((person for person in people if same_email(person.email, email)), None)


def is_guest(row: Mapping[str, Any], email: str) -> bool:
    """Return whether a guest, as Google sent it, has this address."""
    own = row.get("email")
    return isinstance(own, str) and same_email(own, email)


def write_attendee(person: Person) -> dict[str, Any]:
    """Return a new guest."""
    return without_none(email=person.email, displayName=person.display_name)


def write_guest(draft: RegistrationDraft) -> dict[str, Any]:
    """Return a new guest with the native fields of a registration."""
    return deep_merge(write_attendee(draft.person), draft.native)
