"""Registrants and panelists (docs/vendors/zoom.md#registrants)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from attrs import define

from conferencing.errors import MalformedResponse
from conferencing.http import Aware, Id, Link, Reply, deep_merge, without_none
from conferencing.model import JoinLink, Participant, Person, RegistrationStatus, Role
from conferencing.model.drafts import RegistrationDraft
from conferencing.model.emails import same_email
from conferencing.model.native import Native

from .base import WIRE

__all__ = [
    "read_batch",
    "read_panelist_link",
    "read_participant",
    "read_participants",
    "read_registered",
    "to_participant",
    "write_batch",
    "write_panelists",
    "write_registrant",
    "write_status",
]

STANDARD: Final = frozenset(
    [
        "address",
        "city",
        "comments",
        "country",
        "industry",
        "job_title",
        "no_of_employees",
        "org",
        "phone",
        "purchasing_time_frame",
        "role_in_purchase_process",
        "state",
        "zip",
    ]
)
"""Questions that Zoom knows by a key; any other is one of the room's own, known by its title."""

STATUSES: Final = {
    "approved": RegistrationStatus.APPROVED,
    "pending": RegistrationStatus.PENDING,
    "denied": RegistrationStatus.DENIED,
    "cancelled": RegistrationStatus.CANCELLED,
}


@define
class AnswerRow:
    """The answer to one of the room's own questions."""

    title: str | None = None
    value: str | None = None


@define
class RegistrantRow:
    """A registrant of a listing."""

    id: Id
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    status: str | None = None
    create_time: Aware | None = None
    join_url: Link | None = None
    custom_questions: list[AnswerRow] | None = None


@define
class RegisteredRow:
    """The reply to a registration; without a link, it waits for approval."""

    registrant_id: Id
    join_url: Link | None = None


@define
class BatchRow:
    """One of those who were registered together."""

    registrant_id: Id
    email: str
    join_url: Link | None = None


@define
class PanelistRow:
    """A panelist of a webinar, with a link of their own."""

    email: str | None = None
    name: str | None = None
    join_url: Link | None = None


# ----------------------------------------------------------------------------------------- reading


def read_participant(reply: Reply, room_id: str) -> Participant:
    """Return one registrant."""
    return WIRE.record(reply, RegistrantRow, partial(to_participant, room_id=room_id))


def read_participants(reply: Reply, room_id: str) -> list[Participant]:
    """Return a page of registrants."""
    build = partial(to_participant, room_id=room_id)
    return WIRE.records(reply, RegistrantRow, build, "registrants")


def to_participant(
    row: RegistrantRow, native: Native, *, room_id: str, status: RegistrationStatus | None = None
) -> Participant:
    """Return a registration; `status` is used where the row says nothing of it."""
    person = Person(email=row.email or None, first_name=row.first_name, last_name=row.last_name)
    return Participant(
        id=str(row.id),
        room_id=room_id,
        email=person.email,
        first_name=row.first_name or None,
        last_name=row.last_name or None,
        status=STATUSES.get(row.status or "", status or RegistrationStatus.UNKNOWN),
        registered_at=row.create_time,
        join_link=_to_link(row.join_url, person),
        fields=_to_fields(row, native),
        native=native,
    )


def _to_fields(row: RegistrantRow, native: Native) -> Mapping[str, str]:
    own = {
        answer.title: answer.value
        for answer in row.custom_questions or ()
        if answer.title and answer.value
    }
    standard = {name: native.get(name) for name in sorted(STANDARD)}
    return own | {
        name: value for name, value in standard.items() if value and isinstance(value, str)
    }


def _to_link(url: str | None, person: Person) -> JoinLink | None:
    return JoinLink(url=url, role=Role.ATTENDEE, personal=True, person=person) if url else None


def read_registered(reply: Reply, room_id: str, draft: RegistrationDraft) -> Participant:
    """Return the registration that a reply confirms. Whether it existed before is not reported."""
    return WIRE.record(
        reply,
        RegisteredRow,
        lambda row, native: _to_registered(row, native, room_id, draft),
    )


def _to_registered(
    row: RegisteredRow | BatchRow, native: Native, room_id: str, draft: RegistrationDraft
) -> Participant:
    person = draft.person
    # Only a registration that waits has no link at all (docs/vendors/zoom.md#registrants).
    pending = native.get("join_url") is None
    return Participant(
        id=str(row.registrant_id),
        room_id=room_id,
        email=person.email,
        first_name=person.first_name,
        last_name=person.last_name,
        name=person.name,
        status=RegistrationStatus.PENDING if pending else RegistrationStatus.APPROVED,
        join_link=_to_link(row.join_url, person),
        fields=draft.fields,
        native=native,
    )


def read_batch(
    reply: Reply, room_id: str, drafts: Sequence[RegistrationDraft]
) -> list[Participant]:
    """Return the registrations in the order of the drafts.

    Raises `MalformedResponse` if the reply lacks one of them: it is unknown what became of it.
    """
    rows = WIRE.records(reply, BatchRow, lambda row, native: (row, native), "registrants")
    people: list[Participant] = []
    for draft in drafts:
        pair = next((pair for pair in rows if same_email(pair[0].email, draft.person.email)), None)
        if pair is None:
            raise MalformedResponse("the reply lacks one of the people sent", path="$.registrants")
        people.append(_to_registered(*pair, room_id, draft))
    return people


def read_panelist_link(reply: Reply, person: Person) -> JoinLink:
    """Return the link of a panelist. Raises `MalformedResponse` if the list lacks the person."""
    for row in WIRE.read(reply, list[PanelistRow], "panelists"):
        if row.join_url and same_email(row.email, person.email):
            return JoinLink(url=row.join_url, role=Role.PRESENTER, personal=True, person=person)
    raise MalformedResponse("the list of panelists lacks the one added", path="$.panelists")


# ----------------------------------------------------------------------------------------- writing


def write_registrant(draft: RegistrationDraft) -> dict[str, Any]:
    """Return the body of a registration."""
    person = draft.person
    first, last = _split_name(person)
    own = [
        {"title": title, "value": value}
        for title, value in draft.fields.items()
        if title not in STANDARD
    ]
    fields = without_none(
        email=person.email,
        first_name=first,
        last_name=last,
        language=draft.language,
        custom_questions=own or None,
        **{name: value for name, value in draft.fields.items() if name in STANDARD},
    )
    return deep_merge(fields, draft.native)


def _split_name(person: Person) -> tuple[str | None, str | None]:
    """Return first and last name; Zoom needs the first, and takes a whole name as one."""
    first = person.first_name or (person.name if not person.last_name else None)
    return first, person.last_name


def write_batch(drafts: Sequence[RegistrationDraft]) -> dict[str, Any]:
    """Return the body of a registration of several people, who are approved as the room says."""
    return {"registrants": [write_registrant(draft) for draft in drafts]}


def write_status(action: str, participant: Participant) -> dict[str, Any]:
    """Return the body that approves, denies or cancels a registration."""
    return {
        "action": action,
        "registrants": [without_none(id=participant.id, email=participant.email)],
    }


def write_panelists(people: Sequence[Person]) -> dict[str, Any]:
    """Return the body that adds panelists to a webinar."""
    return {
        "panelists": [
            # Zoom takes a name and an address of each (docs/vendors/zoom.md#panelists).
            {"name": person.display_name or person.email, "email": person.email}
            for person in people
        ]
    }
