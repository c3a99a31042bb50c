"""Registrations, invitations, tokens and links (api-doc, "Registrations" to "Access tokens")."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Final, cast

from attrs import define
from msgspec import Meta

from conferencing.errors import MalformedResponse
from conferencing.http import (
    Aware,
    Id,
    LaxBool,
    Reply,
    deep_merge,
    pack_id,
    raw_query,
    to_bool,
    without_none,
)
from conferencing.model import AccessToken, JoinLink, Participant, Person
from conferencing.model.drafts import Invitation, RegistrationDraft
from conferencing.model.fast import fast_constructor
from conferencing.model.links import is_web_link
from conferencing.model.native import Native

from .base import ROLES, WIRE, EmptyMap, assume_utc, unescape

_ADDRESS: Final = re.compile(r"[^@\s]+@[^@\s]+")
FORM_FIELDS: Final = {"first_name": "1", "last_name": "2", "email": "3"}
"""The keys of the registration form that are required (api-doc, "Registrations")."""


@define
class RegisteredRow:
    """The reply to a registration; `url` is optional (docs/vendors/clickmeeting.md#oddity-34)."""

    status: Any = None
    url: str | None = None
    exist: LaxBool | None = None


@define
class RegistrationRow:
    """A registration; `fields` are keyed by label (docs/vendors/clickmeeting.md#oddity-20)."""

    id: Id
    email: str | None = None
    visitor_nickname: str | None = None
    registration_date: Aware | None = None
    registration_confirmed: str | None = None
    session_id: Id | None = None
    fields: dict[str, Any] | EmptyMap | None = None
    url: str | None = None


@define
class TokenRow:
    """An access token."""

    token: str
    sent_to_email: str | None = None
    first_use_date: datetime | None = None


@define
class AutologinRow:
    """The reply with a personal hash."""

    autologin_hash: Annotated[str, Meta(max_length=1000)]  # it becomes a part of a link


# ---------------------------------------------------------------------------------- registrations


def write_registration(draft: RegistrationDraft) -> dict[str, Any]:
    """Return the form of a registration: 1 to 3 are first name, last name and e-mail address."""
    person = draft.person
    answers = {
        key: getattr(person, name) for name, key in FORM_FIELDS.items() if getattr(person, name)
    }
    answers |= draft.fields
    form: dict[str, Any] = {"registration": answers}
    if draft.confirmation is not None:
        mail = without_none(enabled=draft.confirmation, lang=draft.language)
        form["confirmation_email"] = mail
    return deep_merge(form, draft.native)


def read_registration(reply: Reply, room_id: str, person: Person) -> Participant:
    """Return the person who was registered; the reply has no id."""
    return WIRE.record(
        reply, RegisteredRow, partial(_to_registered, room_id=room_id, person=person)
    )


def _to_registered(row: RegisteredRow, native: Native, room_id: str, person: Person) -> Participant:
    # Nothing else is required: the person is registered and mailed by now.
    if row.status is None and row.url is None:
        raise MalformedResponse("the reply has neither a status nor a url", path="$.status")
    return Participant(
        room_id=room_id,
        email=person.email,
        first_name=person.first_name,
        last_name=person.last_name,
        name=person.name,
        existed=to_bool(row.exist),
        join_link=_to_link(row.url, person),
        native=native,
    )


def read_participants(reply: Reply, room_id: str) -> list[Participant]:
    """Return registrations of a room or of a session."""
    return WIRE.records(reply, RegistrationRow, partial(_to_participant, room_id=room_id))


_make_participant = fast_constructor(Participant)


def _to_participant(row: RegistrationRow, native: Native, room_id: str) -> Participant:
    answers = _to_answers(row.fields)
    name, email = unescape(row.visitor_nickname), row.email or _find_address(answers.values())
    return _make_participant(
        id=str(row.id),
        room_id=room_id,
        email=email,
        name=name,
        registered_at=row.registration_date,
        confirmed_at=_to_confirmation(row.registration_confirmed),
        session_id=None if row.session_id is None else pack_id(room_id, row.session_id),
        join_link=_to_link(row.url, Person(email=email, name=name)),
        fields=answers,
        native=native,
    )


def _to_answers(fields: dict[str, Any] | list[Any] | None) -> dict[str, str]:
    """Return the answers by label; an answer that is not a string stays in `native`."""
    if not isinstance(fields, dict):
        return {}
    return {
        label: html.unescape(answer) for label, answer in fields.items() if isinstance(answer, str)
    }


def _find_address(answers: Iterable[str]) -> str | None:
    """Return the answer that is an e-mail address; its label is in the language of the form."""
    return next((answer for answer in answers if _ADDRESS.fullmatch(answer)), None)


def _to_confirmation(text: str | None) -> datetime | None:
    """Return when a registration was confirmed.

    If it was not, the vendor writes `"null"` (docs/vendors/clickmeeting.md#oddity-23).
    """
    try:
        moment = datetime.fromisoformat(text) if text and text != "null" else None
    except ValueError:
        return None
    return moment if moment and moment.tzinfo else None


def _to_link(url: str | None, person: Person) -> JoinLink | None:
    if url is None or not is_web_link(url):
        return None
    return JoinLink(url=url, personal=True, person=person)


# ------------------------------------------------------------------------------------ invitations


def write_invitation(invitation: Invitation) -> dict[str, Any]:
    """Return the form of an invitation.

    Each person needs an index, or PHP splits them (docs/vendors/clickmeeting.md#oddity-30).
    """
    people = [
        without_none(email=person.email, firstname=person.first_name, lastname=person.last_name)
        for person in invitation.people
    ]
    return deep_merge({"attendees": people, "role": ROLES[invitation.role]}, invitation.native)


# ---------------------------------------------------------------------------- tokens and join links


def read_access_tokens(reply: Reply, room_id: str) -> list[AccessToken]:
    """Return access tokens, new or listed."""
    return WIRE.records(reply, TokenRow, partial(_to_token, room_id=room_id), at="access_tokens")


def _to_token(row: TokenRow, native: Native, room_id: str) -> AccessToken:
    return AccessToken(
        code=row.token,
        room_id=room_id,
        sent_to=row.sent_to_email,
        first_used_at=assume_utc(row.first_use_date),
        native=native,
    )


def read_personal_tokens(reply: Reply, room_id: str, email: str) -> list[AccessToken]:
    """Return the token of an e-mail address: a string in a list, perhaps an object.

    See docs/vendors/clickmeeting.md#oddity-28.
    """
    shape = cast("type[TokenRow | list[str | TokenRow]]", TokenRow | list[str | TokenRow])
    rows = WIRE.read(reply, shape)
    return [
        AccessToken(code=row if isinstance(row, str) else row.token, room_id=room_id, sent_to=email)
        for row in (rows if isinstance(rows, list) else [rows])
    ]


def read_autologin_hash(reply: Reply) -> str:
    """Return a personal hash."""
    return WIRE.read(reply, AutologinRow).autologin_hash


def add_autologin_hash(room_url: str, autologin_hash: str) -> str:
    """Return the personal link: the parameter is the letter l (api-guide, "Auto-login")."""
    return f"{room_url}{'&' if raw_query(room_url) else '?'}l={autologin_hash}"
