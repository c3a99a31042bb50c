"""Registrations, invitations, tokens and links (api-doc, Registrations, Invitations, Tokens)."""

from __future__ import annotations

import html
from datetime import datetime
from typing import Any, cast

from attrs import define

from conferencing.errors import InvalidRequest, UnsupportedOption
from conferencing.http import (
    Id,
    LaxBool,
    LooseInstant,
    deep_merge,
    pack_id,
    raw_query,
    without_none,
)
from conferencing.model import AccessToken, JoinLink, Participant, Person
from conferencing.model.drafts import Invitation, RegistrationDraft
from conferencing.model.native import Native

from .base import ROLES, SECRET, WIRE, Confirmed


@define
class Registered:
    """The reply to a registration (api-doc, Registrations); a repeat is no error but `exist` 1."""

    url: str
    exist: LaxBool | None = None


@define
class RegistrationRow:
    """A registration. `fields` go by the labels of the form, in the form's language.

    Answers that are no text (none were observed) stay in `native` alone.
    """

    id: Id
    email: str | None = None
    visitor_nickname: str | None = None
    registration_date: datetime | None = None
    registration_confirmed: Confirmed | None = None
    session_id: Id | None = None
    fields: Any = None
    url: str | None = None


@define
class TokenRow:
    token: str
    sent_to_email: str | None = None
    first_use_date: LooseInstant | None = None


@define
class Tokens:
    access_tokens: list[TokenRow]


@define
class Autologin:
    autologin_hash: str


def registration_form(draft: RegistrationDraft) -> dict[str, Any]:
    """Write a registration: 1 to 3 are first name, last name and e-mail, others the form's own."""
    person = draft.person
    named = {"1": person.first_name, "2": person.last_name, "3": person.email}
    answers = {key: text for key, text in named.items() if text} | dict(draft.fields)
    for key, name in (("1", "first_name"), ("2", "last_name"), ("3", "email")):
        if not answers.get(key):
            raise InvalidRequest(f"ClickMeeting registers nobody without {name}", field=name)
    if draft.language is not None and not draft.confirmation:
        raise UnsupportedOption(
            "on ClickMeeting the language is that of the confirmation; say confirmation=True",
            field="language",
        )
    form: dict[str, Any] = {"registration": answers}
    if draft.confirmation is not None:
        mail = without_none(enabled=draft.confirmation, lang=draft.language)
        form["confirmation_email"] = mail
    return deep_merge(form, draft.native)


def registered(payload: Any, room_id: str, person: Person) -> Participant:
    """Read the reply to a registration; it tells no id."""
    row = WIRE.read(payload, Registered)
    return Participant(
        room_id=room_id,
        email=person.email,
        first_name=person.first_name,
        last_name=person.last_name,
        name=person.name,
        existed=row.exist,
        join_link=JoinLink(url=row.url, personal=True, person=person),
        native=Native(payload, SECRET),
    )


def participants(payload: Any, room_id: str) -> list[Participant]:
    """Read registrations."""
    rows = WIRE.rows(payload, RegistrationRow, SECRET)
    return [_participant(row, native, room_id) for row, native in rows]


def _participant(row: RegistrationRow, native: Native, room_id: str) -> Participant:
    name = html.unescape(row.visitor_nickname) if row.visitor_nickname else None
    form: object = row.fields
    answers = cast("dict[str, object]", form) if isinstance(form, dict) else {}
    person = Person(email=row.email, name=name)
    return Participant(
        id=row.id,
        room_id=room_id,
        email=row.email,
        name=name,
        registered_at=row.registration_date,
        confirmed_at=row.registration_confirmed,
        session_id=pack_id(room_id, row.session_id) if row.session_id else None,
        join_link=JoinLink(url=row.url, personal=True, person=person) if row.url else None,
        fields={
            label: html.unescape(text) for label, text in answers.items() if isinstance(text, str)
        },
        native=native,
    )


def invitation_form(invitation: Invitation) -> dict[str, Any]:
    """Write an invitation, with an index for each person so that no field of theirs splits."""
    people = [
        without_none(email=one.email, firstname=one.first_name, lastname=one.last_name)
        for one in invitation.people
    ]
    return deep_merge({"attendees": people, "role": ROLES[invitation.role]}, invitation.native)


def tokens(payload: Any, room_id: str) -> list[AccessToken]:
    """Read access tokens."""
    rows = WIRE.read(payload, Tokens).access_tokens
    return [
        AccessToken(
            code=row.token,
            room_id=room_id,
            sent_to=row.sent_to_email,
            first_used_at=row.first_use_date,
            native=Native(raw, SECRET),
        )
        for row, raw in zip(rows, payload["access_tokens"], strict=True)
    ]


def tokens_of(payload: Any, room_id: str, email: str) -> list[AccessToken]:
    """Read the token of an e-mail address: a list with a text, or with a map, or a bare map."""
    rows = [cast("object", payload)] if isinstance(payload, dict) else WIRE.read(payload, list[Any])
    codes = [
        cast("dict[str, object]", row).get("token") if isinstance(row, dict) else row
        for row in rows
    ]
    return [
        AccessToken(code=code, room_id=room_id, sent_to=email)
        for code in WIRE.read(codes, list[str])
    ]


def autologin(payload: Any) -> str:
    """Read a personal hash."""
    return WIRE.read(payload, Autologin).autologin_hash


def with_hash(room_url: str, key: str) -> str:
    """Return the personal link: the parameter is the letter l (api-guide, auto-login)."""
    return f"{room_url}{'&' if raw_query(room_url) else '?'}l={key}"
