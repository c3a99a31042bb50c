"""Registrants, panelists and co-organizers (docs/vendors/gotowebinar.md#registrants)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any, Final

from attrs import define

from conferencing.errors import InvalidRequest, MalformedResponse, UnsupportedOption
from conferencing.http import Aware, Id, Link, Reply, deep_merge, without_none
from conferencing.model import JoinLink, Participant, Person, RegistrationStatus, Role
from conferencing.model.drafts import RegistrationDraft
from conferencing.model.emails import same_email
from conferencing.model.native import Native

from .base import WIRE

FORM: Final = frozenset(
    [
        *("address", "city", "country", "industry", "jobTitle", "numberOfEmployees", "phone"),
        *("organization", "purchasingRole", "purchasingTimeFrame", "questionsAndComments"),
        *("source", "state", "zipCode"),
    ]
)
"""Questions that GoTo has a field for; any other is the webinar's own, known by its key."""

# Replies spell these in capitals, events do not (docs/vendors/gotowebinar.md#registrants).
STATUSES: Final = {
    "waiting": RegistrationStatus.PENDING,
    "approved": RegistrationStatus.APPROVED,
    "denied": RegistrationStatus.DENIED,
    "cancelled": RegistrationStatus.CANCELLED,
}


@define
class AnswerRow:
    """The answer to one of the webinar's own questions."""

    question: str | None = None
    answer: str | None = None


@define
class RegistrantRow:
    """A registrant. Lists have no answers."""

    registrantKey: Id
    email: str | None = None
    firstName: str | None = None
    lastName: str | None = None
    status: str | None = None
    registrationDate: Aware | None = None
    joinUrl: Link | None = None
    responses: list[AnswerRow] | None = None


@define
class PresenterRow:
    """A panelist, with a link of their own."""

    email: str | None = None
    joinLink: Link | None = None


def read_participant(reply: Reply, room_id: str) -> Participant:
    """Return one registrant with the answers."""
    return WIRE.record(reply, RegistrantRow, partial(to_participant, room_id=room_id))


def read_participants(reply: Reply, room_id: str) -> list[Participant]:
    """Return a page of registrants."""
    return WIRE.records(reply, RegistrantRow, partial(to_participant, room_id=room_id), "data")


def to_participant(row: RegistrantRow, native: Native, room_id: str | None) -> Participant:
    """Return a registration; one that waits or was denied has no link."""
    person = Person(
        email=row.email or None,
        first_name=row.firstName or None,
        last_name=row.lastName or None,
    )
    # Replies have the text of a question where requests have its key
    # (docs/vendors/gotowebinar.md#registrants).
    answers = {each.question: each.answer for each in row.responses or ()}
    own = {question: answer for question, answer in answers.items() if question and answer}
    # An event has `Industry` (docs/vendors/gotowebinar.md#oddity-6).
    form = {name: native.get(name) or native.get(name.capitalize()) for name in sorted(FORM)}
    return Participant(
        id=str(row.registrantKey),
        room_id=room_id,
        email=person.email,
        first_name=person.first_name,
        last_name=person.last_name,
        status=STATUSES.get((row.status or "").lower(), RegistrationStatus.UNKNOWN),
        registered_at=row.registrationDate,
        join_link=_to_link(row.joinUrl, person),
        fields=own | {name: text for name, text in form.items() if text and isinstance(text, str)},
        native=native,
    )


def _to_link(url: str | None, person: Person) -> JoinLink | None:
    return JoinLink(url=url, personal=True, person=person) if url else None


def read_registered(reply: Reply, room_id: str, draft: RegistrationDraft) -> Participant | None:
    """Return the registration that a reply confirms: a new one, or with 409 the one that existed.

    None for a 409 that does not name it (docs/vendors/gotowebinar.md#oddity-3).
    """
    existed = reply.status == HTTPStatus.CONFLICT
    build = partial(_to_registered, room_id=room_id, draft=draft, existed=existed)
    try:
        return WIRE.record(reply, RegistrantRow, build)
    except MalformedResponse:
        if not existed:
            raise
    return None


def _to_registered(
    row: RegistrantRow, native: Native, room_id: str, draft: RegistrationDraft, *, existed: bool
) -> Participant:
    person = draft.person
    # Only a registration that is not approved has no link at all, which is inferred; an old one may
    # have been denied (docs/vendors/gotowebinar.md#registrants).
    waits = RegistrationStatus.UNKNOWN if existed else RegistrationStatus.PENDING
    return Participant(
        id=str(row.registrantKey),
        room_id=room_id,
        email=person.email,
        first_name=person.first_name,
        last_name=person.last_name,
        name=person.name,
        # `native` also has a link that the row could not read.
        status=RegistrationStatus.APPROVED if native.get("joinUrl") else waits,
        existed=existed,
        join_link=_to_link(row.joinUrl, person),
        fields={} if existed else draft.fields,
        native=native,
    )


def read_presenter_link(reply: Reply, person: Person) -> JoinLink | None:
    """Return the link of a panelist, or None if the list lacks the person."""
    for row in WIRE.read(reply, list[PresenterRow]):
        if row.joinLink and same_email(row.email, person.email):
            return JoinLink(url=row.joinLink, role=Role.PRESENTER, personal=True, person=person)
    return None


def write_registrant(draft: RegistrationDraft) -> dict[str, Any]:
    """Return the body of a registration."""
    if draft.confirmation is False:
        raise UnsupportedOption("GoTo mails a confirmation to everybody", field="confirmation")
    person = draft.person
    own = [_write_answer(key, text) for key, text in draft.fields.items() if key not in FORM]
    fields = without_none(
        firstName=person.first_name,
        lastName=person.last_name,
        email=person.email,
        responses=own or None,
        **{name: text for name, text in draft.fields.items() if name in FORM},
    )
    return deep_merge(fields, draft.native)


def _write_answer(key: str, text: str) -> Mapping[str, Any]:
    if not (key.isascii() and key.isdigit()):
        raise InvalidRequest(
            f"{key!r} is not a question of GoTo's: it is the key of one of the webinar's own, or one"
            f" of {', '.join(sorted(FORM))}",
            field="fields",
        )
    return {"questionKey": int(key), "responseText": text}


def write_presenters(people: Sequence[Person]) -> list[dict[str, Any]]:
    """Return the body that adds panelists."""
    return [{"name": each.display_name or each.email, "email": each.email} for each in people]


def write_hosts(people: Sequence[Person]) -> list[dict[str, Any]]:
    """Return the body that adds co-organizers from outside of the account."""
    return [
        {"external": True, "givenName": each.display_name or each.email, "email": each.email}
        for each in people
    ]
