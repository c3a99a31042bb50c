"""Personal links, invitations, access tokens and registrations.

docs/vendors/clickmeeting.md#register, docs/vendors/clickmeeting.md#access-tokens,
docs/vendors/clickmeeting.md#join-links, docs/vendors/clickmeeting.md#invitations
"""

from __future__ import annotations

from typing import Any, Final

from attrs import evolve

from conferencing.model import (
    AccessToken,
    JoinLink,
    Participant,
    Passcode,
    PersonalToken,
    Role,
    Room,
    RoomStatus,
)
from conferencing.sandbox.kit import Fields, Refusal, Router
from conferencing.sandbox.simulator import Answer

from .rooms import random_hash
from .state import Autologin, ClickMeetingState, escape_html

__all__ = ["find_session", "registration_row", "route"]

route = Router()

ROLES: Final = {
    "listener": Role.ATTENDEE,
    "presenter": Role.PRESENTER,
    "host": Role.HOST,
    "moderator": Role.PRESENTER,
    "guest_speaker": Role.PRESENTER,
}
TOKEN_LETTERS: Final = "346789CDEFGHKPQRWXY"  # noqa: S105
CODE_LETTERS: Final = "abcdefghijkmnpqrstuvwxyzACDEFGHJKLMNPQRSTUVWXYZ23456789"
LABELS: Final = {"1": "First Name", "2": "Last Name", "3": "Email Address", "10": "Company"}


@route(
    "POST",
    "/v1/conferences/{room:\\d+}/room/autologin_hash",
    *("email", "nickname", "role", "password", "token"),
)
def create_autologin(simulator: ClickMeetingState, fields: Fields, room: str) -> Answer:
    fields.require("email", "nickname", "role")
    role = fields.choice("role", ROLES) or ""
    _check_entry(simulator, simulator.world.room(room), fields)
    key = random_hash(simulator)
    simulator.autologins[key] = Autologin(
        room_id=room,
        email=fields.text("email") or "",
        nickname=fields.text("nickname") or "",
        role=ROLES[role],
    )
    return Answer.json({"autologin_hash": key})


def _check_entry(simulator: ClickMeetingState, room: Room, fields: Fields) -> None:
    rule = room.entry[0] if room.entry else None
    if isinstance(rule, Passcode) and fields.text("password") != rule.code.reveal():
        raise fields.refuse("password", "is missing or wrong")
    if isinstance(rule, PersonalToken):
        codes = {token.code.reveal() for token in simulator.world.tokens[room.id]}
        if fields.text("token") not in codes:
            raise fields.refuse("token", "is missing or not known")


# ----------------------------------------------------------------------------------- invitations


@route(
    "POST",
    "/v1/conferences/{room:\\d+}/invitation/email/{language}",
    *("attendees", "template", "role"),
)
def invite(simulator: ClickMeetingState, fields: Fields, room: str, language: str) -> Answer:
    world_room = simulator.world.room(room)
    fields.require("attendees")
    fields.choice("template", ("basic", "advanced"))
    role = ROLES[fields.choice("role", ("listener", "presenter")) or "listener"]
    emails = [row.require_text("email") for row in fields.children("attendees")]
    for email in emails:
        link = JoinLink(url=_invitation_url(simulator, world_room, email), role=role)
        simulator.world.post("invitation", email, room, language=language, role=role, link=link)
    return Answer.json({"status": "OK"})


def _invitation_url(simulator: ClickMeetingState, room: Room, email: str) -> str:
    """Return the plain link, or in a token room the link of a token that is reserved now."""
    slug = simulator.world.notes[room.id]["slug"]
    if not (room.entry and isinstance(room.entry[0], PersonalToken)):
        return simulator.join_url(slug)
    tokens = simulator.world.tokens[room.id]
    free = next((i for i, token in enumerate(tokens) if token.sent_to is None), None)
    if free is None:
        tokens.append(_new_token(simulator, room.id))
        free = len(tokens) - 1
    tokens[free] = evolve(tokens[free], sent_to=email)
    return simulator.join_url(slug, tokens[free].code.reveal())


# ---------------------------------------------------------------------------------------- tokens


@route("POST", "/v1/conferences/{room:\\d+}/tokens", "how_many")
def create_tokens(simulator: ClickMeetingState, fields: Fields, room: str) -> Answer:
    _check_token_room(simulator, room, fields)
    fields.require("how_many")
    count = fields.number("how_many", 1, 1000) or 0
    tokens = [_new_token(simulator, room) for _ in range(count)]
    simulator.world.tokens[room].extend(tokens)
    return _token_rows(simulator, room, tokens)


@route("GET", "/v1/conferences/{room:\\d+}/tokens")
def list_tokens(simulator: ClickMeetingState, fields: Fields, room: str) -> Answer:
    _check_token_room(simulator, room, fields)
    return _token_rows(simulator, room, simulator.world.tokens[room])


@route("DELETE", "/v1/conferences/{room:\\d+}/tokens", "tokens")
def revoke_tokens(simulator: ClickMeetingState, fields: Fields, room: str) -> Answer:
    _check_token_room(simulator, room, fields)
    fields.require("tokens")
    revoked = set(fields.texts("tokens"))
    tokens = simulator.world.tokens[room]
    simulator.world.tokens[room] = [t for t in tokens if t.code.reveal() not in revoked]
    return Answer.json({"status": "deleted", "message": "Tokens have been deactivated"})


@route("POST", "/v1/conferences/{room:\\d+}/token", "email")
def find_token(simulator: ClickMeetingState, fields: Fields, room: str) -> Answer:
    _check_token_room(simulator, room, fields)
    email = fields.require_text("email")
    for token in simulator.world.tokens[room]:
        if token.sent_to == email:
            return Answer.json([token.code.reveal()])
    raise Refusal(404)


def _check_token_room(simulator: ClickMeetingState, room_id: str, fields: Fields) -> None:
    entry = simulator.world.room(room_id).entry
    if not (entry and isinstance(entry[0], PersonalToken)):
        raise fields.refuse("access_type", "is not token")


def _new_token(simulator: ClickMeetingState, room_id: str) -> AccessToken:
    return AccessToken(code=simulator.random_text(6, TOKEN_LETTERS), room_id=room_id)


def _token_rows(simulator: ClickMeetingState, room: str, tokens: list[AccessToken]) -> Answer:
    zone = simulator.world.room(room).timezone
    rows = [
        {
            "token": token.code.reveal(),
            "sent_to_email": token.sent_to,
            "first_use_date": token.first_used_at
            and simulator.local_time(token.first_used_at, zone),
        }
        for token in tokens
    ]
    return Answer.json({"access_tokens": rows})


# --------------------------------------------------------------------------------- registrations


@route("POST", "/v1/conferences/{room:\\d+}/registration", "registration", "confirmation_email")
def register(simulator: ClickMeetingState, fields: Fields, room: str) -> Answer:
    world_room = simulator.world.room(room)
    fields.require("registration")
    form = fields.child("registration")
    form.require("1", "2", "3")
    if not world_room.registration or world_room.status is RoomStatus.ENDED:
        raise fields.refuse("registration", "is not enabled")
    answers = {number: form.text(number) or "" for number in form}
    if "@" not in answers["3"]:
        raise form.refuse("3", "is not an e-mail address")
    language = _confirmation_language(fields.child("confirmation_email"))
    participant, existed = _find_or_register(simulator, world_room, answers)
    if language and not existed:
        link, email = participant.join_link, participant.email or ""
        simulator.world.post("confirmation", email, room, language=language, link=link)
    # Live programs take the status alone for success: docs/vendors/clickmeeting.md#oddity-34
    reply: dict[str, Any] = {"status": "OK"}
    if not simulator.quirks["bare_registration"]:
        reply |= {"exist": int(existed), **_link(participant)}
    return Answer.json(reply)


def _confirmation_language(fields: Fields) -> str | None:
    fields.only("enabled", "lang")
    return (fields.text("lang") or "en") if fields.flag("enabled") else None


def _find_or_register(
    simulator: ClickMeetingState, room: Room, answers: dict[str, str]
) -> tuple[Participant, bool]:
    participants = simulator.world.participants[room.id]
    for participant in participants:
        # To register again is a success, with the same link: docs/vendors/clickmeeting.md#oddity-21
        if (participant.email or "").lower() == answers["3"].lower():
            return participant, True
    code = simulator.random_text(8, CODE_LETTERS) + "__"
    url = f"{simulator.join_url(str(simulator.world.notes[room.id]['pin']))}?r={code}"
    participant = Participant(
        id=simulator.world.new_id("participant"),
        room_id=room.id,
        email=answers["3"],
        first_name=answers["1"],
        last_name=answers["2"],
        registered_at=simulator.world.now,
        join_link=JoinLink(url=url, personal=True),
        fields={
            LABELS.get(number, f"Field {number}"): text
            for number, text in answers.items()
            if number != "0"  # the leading blank of clients that count from 0
        },
        native={"r": code},
    )
    participants.append(participant)
    return participant, False


@route("GET", "/v1/conferences/{room:\\d+}/registrations/{status:all|active}")
def list_registrations(
    simulator: ClickMeetingState, fields: Fields, room: str, status: str
) -> Answer:
    simulator.world.room(room)
    participants = simulator.world.participants[room]
    return Answer.json([registration_row(simulator, row) for row in participants])


@route("GET", "/v1/conferences/{room:\\d+}/registrations")
def list_all_registrations(simulator: ClickMeetingState, fields: Fields, room: str) -> Answer:
    return list_registrations(simulator, fields, room, "all")


def registration_row(simulator: ClickMeetingState, participant: Participant) -> dict[str, Any]:
    """Return a registration as ClickMeeting writes it.

    docs/vendors/clickmeeting.md#registrations-list; the labels of `fields` follow the form's language
    (oddity-20), and `registration_confirmed` is the string "null" until then (oddity-23).
    """
    zone = simulator.world.rooms[participant.room_id or ""].timezone
    session_id = find_session(simulator, participant)
    registered = participant.registered_at or simulator.world.now
    confirmed = participant.confirmed_at
    row: dict[str, Any] = {
        "id": int(participant.id or 0),
        "visitor_nickname": escape_html(participant.display_name or ""),
        "email": participant.email,
        "registration_date": simulator.local_time(registered, zone),
        "registration_confirmed": simulator.local_time(confirmed, zone) if confirmed else "null",
        "session_id": int(session_id) if session_id else None,
        "fields": {label: escape_html(text) for label, text in participant.fields.items()},
        **_link(participant),
        "http_referer": None,
        "geo": {"country": None, "city": None},
    }
    if simulator.quirks["missing_fields"]:
        del row["url"]  # not in all recorded rows; elsewhere, a field of this name always is
    return row


def find_session(simulator: ClickMeetingState, participant: Participant) -> str | None:
    """Return the id of the first session in which a registered person appeared."""
    for session in simulator.world.sessions_of(participant.room_id or ""):
        visits = simulator.world.visits_of(session.id)
        if any(visit.email == participant.email for visit in visits):
            return session.id
    return None


def _link(participant: Participant) -> dict[str, str]:
    url = participant.join_link.url if participant.join_link else ""
    return {"url": url, "r": participant.native["r"]}
