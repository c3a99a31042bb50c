"""Registrants and invitees (docs/vendors/webex.md#registration)."""
# ruff: noqa: N815 - a row's fields are spelled as Webex spells them

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from attrs import define

from conferencing.errors import InvalidRequest, MalformedResponse
from conferencing.http import Aware, Id, Reply, deep_merge, without_none
from conferencing.model import Participant, RegistrationStatus
from conferencing.model.drafts import Invitation, Invitee, RegistrationDraft
from conferencing.model.emails import same_email
from conferencing.model.native import Native

from .base import WIRE
from .rooms import write_invitee

STANDARD: Final = frozenset(
    [
        *("jobTitle", "companyName", "address1", "address2", "city", "state", "zipCode"),
        *("countryRegion", "workPhone", "fax"),
    ]
)
"""Questions that Webex knows by a name; a room's own ones have numbers."""

STATUSES: Final = {
    "approved": RegistrationStatus.APPROVED,
    "pending": RegistrationStatus.PENDING,
    "rejected": RegistrationStatus.DENIED,
}


@define
class AnswerRow:
    """One of the answers to a question."""

    answer: str | None = None


@define
class QuestionRow:
    """The answers to one of a room's own questions."""

    questionId: Id  # a number in the schema, a text in examples (docs/vendors/webex.md#oddity-3)
    answers: list[AnswerRow] | None = None


@define
class RegistrantRow:
    """A registration. None has a link: Webex mails it."""

    id: Id
    email: str | None = None
    firstName: str | None = None
    lastName: str | None = None
    status: str | None = None
    registrationTime: Aware | None = None
    customizedQuestions: list[QuestionRow] | None = None


def read_participant(reply: Reply, room_id: str) -> Participant:
    """Return one registration."""
    return WIRE.record(reply, RegistrantRow, partial(to_participant, room_id=room_id))


def read_participants(reply: Reply, room_id: str) -> list[Participant]:
    """Return a page of registrations."""
    return WIRE.records(reply, RegistrantRow, partial(to_participant, room_id=room_id), "items")


def read_batch(
    reply: Reply, room_id: str, drafts: Sequence[RegistrationDraft]
) -> list[Participant]:
    """Return the registrations in the order of the drafts.

    Raises `MalformedResponse` if the reply lacks one of them: it is unknown what became of it.
    """
    people, ordered = read_participants(reply, room_id), list[Participant]()
    for draft in drafts:
        matching = (each for each in people if same_email(each.email, draft.person.email))
        person = next(matching, None)
        if person is None:
            raise MalformedResponse("the reply lacks one of the people sent", path="$.items")
        ordered.append(person)
    return ordered


def to_participant(row: RegistrantRow, native: Native, *, room_id: str) -> Participant:
    """Return a registration."""
    standard = {name: native.get(name) for name in sorted(STANDARD)}
    fields = {name: str(value) for name, value in standard.items() if value}
    for question in row.customizedQuestions or ():
        texts = [answer.answer for answer in question.answers or ()]
        fields[str(question.questionId)] = ", ".join(filter(None, texts))
    return Participant(
        id=str(row.id),
        room_id=room_id,
        email=row.email or None,
        first_name=row.firstName or None,
        last_name=row.lastName or None,
        status=STATUSES.get(row.status or "", RegistrationStatus.UNKNOWN),
        registered_at=row.registrationTime,
        fields=fields,
        native=native,
    )


def write_registrant(draft: RegistrationDraft) -> dict[str, Any]:
    """Return the body of a registration. Raises `InvalidRequest` for an answer to no question."""
    person = draft.person
    own = {name: text for name, text in draft.fields.items() if name not in STANDARD}
    standard: dict[str, Any] = {
        name: draft.fields[name] for name in draft.fields if name not in own
    }
    # A number at Webex, which has no leading zeros (docs/vendors/webex.md#registration).
    if "zipCode" in standard:
        standard["zipCode"] = _to_number("zipCode", standard["zipCode"])
    questions = [
        {
            # The schema has a number (docs/vendors/webex.md#oddity-3).
            "questionId": _to_number(f"the key {name!r} of fields", name),
            "answers": [{"answer": own[name]}],
        }
        for name in own
    ]
    fields = without_none(
        firstName=person.first_name,
        lastName=person.last_name,
        email=person.email,
        sendEmail=draft.confirmation,
        customizedQuestions=questions or None,
        **standard,
    )
    return deep_merge(fields, draft.native)


def _to_number(name: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal()):
        raise InvalidRequest(
            f"{name} is not a number; Webex takes {', '.join(sorted(STANDARD))}, and the number of"
            " a question of the room",
            field="fields",
        )
    return int(text)


def write_invitation(invitation: Invitation) -> list[dict[str, Any]]:
    """Return the people to invite by mail."""
    invitees = (Invitee(person=person, role=invitation.role) for person in invitation.people)
    return [{**write_invitee(invitee), "sendEmail": True} for invitee in invitees]


@define
class InviteeRow:
    """Somebody who is invited."""

    email: str | None = None


def read_emails(reply: Reply) -> list[str]:
    """Return the addresses of a page of invitees."""
    return WIRE.records(reply, InviteeRow, lambda row, _: row.email or "", "items")
