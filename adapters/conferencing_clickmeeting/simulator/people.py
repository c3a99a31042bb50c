"""Ways in and registrations: sections 6 to 9 of the notes on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from attrs import evolve, frozen

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
from conferencing.sandbox.php import truth
from conferencing.sandbox.simulator import Answer

from .rooms import escaped, login_hash
from .shared import Refused, number, only, required, route

if TYPE_CHECKING:
    from . import ClickMeetingSimulator

ROLES = {
    "listener": Role.ATTENDEE,
    "presenter": Role.PRESENTER,
    "host": Role.HOST,
    "moderator": Role.PRESENTER,
    "guest_speaker": Role.PRESENTER,
}
TOKEN_LETTERS = "346789CDEFGHKPQRWXY"  # noqa: S105
LABELS = {"1": "First Name", "2": "Last Name", "3": "Email Address", "10": "Company"}


@frozen(kw_only=True)
class Autologin:
    """Whom a hash lets in, and as what."""

    room_id: str
    email: str
    nickname: str
    role: Role


@route(
    "POST",
    "/v1/conferences/{room:\\d+}/room/autologin_hash",
    "email",
    "nickname",
    "role",
    "password",
    "token",
)
def autologin(simulator: ClickMeetingSimulator, given: dict[str, Any], room: str) -> Answer:
    present = simulator.world.room(room)
    required(given, "email", "nickname", "role")
    if given["role"] not in ROLES:
        raise Refused(422, {"role": "is not known"})
    _may_enter(simulator, present, given)
    key = login_hash(simulator)
    simulator.autologins[key] = Autologin(
        room_id=room, email=given["email"], nickname=given["nickname"], role=ROLES[given["role"]]
    )
    return Answer.json({"autologin_hash": key})


def _may_enter(simulator: ClickMeetingSimulator, room: Room, given: dict[str, Any]) -> None:
    rule = room.entry[0] if room.entry else None
    if isinstance(rule, Passcode) and given.get("password") != rule.code.reveal():
        raise Refused(422, {"password": "is missing or wrong"})
    if isinstance(rule, PersonalToken):
        codes = {token.code.reveal() for token in simulator.world.tokens[room.id]}
        if given.get("token") not in codes:
            raise Refused(422, {"token": "is missing or not known"})


# ----------------------------------------------------------------------------------- invitations


@route(
    "POST",
    "/v1/conferences/{room:\\d+}/invitation/email/{language}",
    "attendees",
    "template",
    "role",
)
def invite(
    simulator: ClickMeetingSimulator, given: dict[str, Any], room: str, language: str
) -> Answer:
    present = simulator.world.room(room)
    if given.get("template", "basic") not in {"basic", "advanced"}:
        raise Refused(422, {"template": "must be basic or advanced"})
    if given.get("role", "listener") not in {"listener", "presenter"}:
        raise Refused(422, {"role": "must be listener or presenter"})
    people = given.get("attendees")
    if not isinstance(people, dict) or not people:
        raise Refused(422, {"attendees": "is required"})
    rows = list(cast("dict[str, Any]", people).values())
    for one in rows:
        if not isinstance(one, dict):
            raise Refused(422, {"attendees": "must be a list of maps"})
        required(cast("dict[str, Any]", one), "email")
    role = ROLES[given.get("role", "listener")]
    for one in rows:
        link = JoinLink(url=_invited_url(simulator, present, one["email"]), role=role)
        simulator.world.post(
            "invitation", one["email"], room, language=language, role=role, link=link
        )
    return Answer.json({"status": "OK"})


def _invited_url(simulator: ClickMeetingSimulator, room: Room, email: str) -> str:
    slug = simulator.world.notes[room.id]["slug"]
    if not (room.entry and isinstance(room.entry[0], PersonalToken)):
        return simulator.join_url(slug)
    tokens = simulator.world.tokens[room.id]
    free = [place for place, token in enumerate(tokens) if token.sent_to is None]
    if not free:
        tokens.append(_new_token(simulator, room.id))
        free = [len(tokens) - 1]
    tokens[free[0]] = evolve(tokens[free[0]], sent_to=email)
    return simulator.join_url(slug, tokens[free[0]].code.reveal())


# ---------------------------------------------------------------------------------------- tokens


@route("POST", "/v1/conferences/{room:\\d+}/tokens", "how_many")
def create_tokens(simulator: ClickMeetingSimulator, given: dict[str, Any], room: str) -> Answer:
    _token_room(simulator, room)
    made = [_new_token(simulator, room) for _ in range(number(given, "how_many", 1, 1000))]
    simulator.world.tokens[room].extend(made)
    return _token_rows(simulator, room, made)


@route("GET", "/v1/conferences/{room:\\d+}/tokens")
def list_tokens(simulator: ClickMeetingSimulator, given: dict[str, Any], room: str) -> Answer:
    _token_room(simulator, room)
    return _token_rows(simulator, room, simulator.world.tokens[room])


@route("DELETE", "/v1/conferences/{room:\\d+}/tokens", "tokens")
def revoke_tokens(simulator: ClickMeetingSimulator, given: dict[str, Any], room: str) -> Answer:
    _token_room(simulator, room)
    codes = given.get("tokens")
    if not isinstance(codes, dict) or not codes:
        raise Refused(422, {"tokens": "is required"})
    gone = set(cast("dict[str, str]", codes).values())
    left = [token for token in simulator.world.tokens[room] if token.code.reveal() not in gone]
    simulator.world.tokens[room] = left
    return Answer.json({"status": "deleted", "message": "Tokens have been deactivated"})


@route("POST", "/v1/conferences/{room:\\d+}/token", "email")
def token_of(simulator: ClickMeetingSimulator, given: dict[str, Any], room: str) -> Answer:
    _token_room(simulator, room)
    required(given, "email")
    sent = [one for one in simulator.world.tokens[room] if one.sent_to == given["email"]]
    if not sent:
        raise Refused(404, {})
    return Answer.json([sent[0].code.reveal()])


def _token_room(simulator: ClickMeetingSimulator, room_id: str) -> None:
    entry = simulator.world.room(room_id).entry
    if not (entry and isinstance(entry[0], PersonalToken)):
        raise Refused(422, {"access_type": "is not token"})


def _new_token(simulator: ClickMeetingSimulator, room_id: str) -> AccessToken:
    return AccessToken(code=simulator.code(6, TOKEN_LETTERS), room_id=room_id)


def _token_rows(simulator: ClickMeetingSimulator, room: str, tokens: list[AccessToken]) -> Answer:
    zone = simulator.world.room(room).timezone
    return Answer.json(
        {
            "access_tokens": [
                {
                    "token": one.code.reveal(),
                    "sent_to_email": one.sent_to,
                    "first_use_date": one.first_used_at
                    and simulator.local(one.first_used_at, zone),
                }
                for one in tokens
            ]
        }
    )


# --------------------------------------------------------------------------------- registrations


@route("POST", "/v1/conferences/{room:\\d+}/registration", "registration", "confirmation_email")
def register(simulator: ClickMeetingSimulator, given: dict[str, Any], room: str) -> Answer:
    present = simulator.world.room(room)
    form = given.get("registration")
    if not isinstance(form, dict):
        raise Refused(422, {"registration": "is required"})
    answers = cast("dict[str, str]", form)
    required(answers, "1", "2", "3")
    if not present.registration or present.status is RoomStatus.ENDED:
        raise Refused(422, {"registration": "is not enabled"})
    if "@" not in answers["3"]:
        raise Refused(422, {"registration.3": "is not an e-mail address"})
    mail = _confirmation(given.get("confirmation_email", {}))
    row, existed = _registered(simulator, present, answers)
    if mail and not existed:
        simulator.world.post(
            "confirmation", row.email or "", room, language=mail, link=row.join_link
        )
    return Answer.json({"status": "OK", "exist": int(existed), **_link(row)})


def _confirmation(given: Any) -> str | None:
    if not isinstance(given, dict):
        raise Refused(422, {"confirmation_email": "must be a map"})
    mail = cast("dict[str, str]", given)
    only(mail, {"enabled", "lang"}, "confirmation_email.")
    return mail.get("lang", "en") if truth(mail.get("enabled")) else None


def _registered(
    simulator: ClickMeetingSimulator, room: Room, answers: Mapping[str, str]
) -> tuple[Participant, bool]:
    people = simulator.world.participants[room.id]
    for one in people:
        if (one.email or "").lower() == answers["3"].lower():
            return one, True
    code = simulator.code(8, "abcdefghijkmnpqrstuvwxyzACDEFGHJKLMNPQRSTUVWXYZ23456789") + "__"
    url = f"{simulator.join_url(str(simulator.world.notes[room.id]['pin']))}?r={code}"
    row = Participant(
        id=simulator.world.new_id("participant"),
        room_id=room.id,
        email=answers["3"],
        first_name=answers["1"],
        last_name=answers["2"],
        registered_at=simulator.world.now,
        join_link=JoinLink(url=url, personal=True),
        fields={
            LABELS.get(key, f"Field {key}"): text for key, text in answers.items() if key != "0"
        },
        native={"r": code},
    )
    people.append(row)
    return row, False


@route("GET", "/v1/conferences/{room:\\d+}/registrations/{status:all|active}")
def list_registrations(
    simulator: ClickMeetingSimulator, given: dict[str, Any], room: str, status: str
) -> Answer:
    simulator.world.room(room)
    rows = [registration_row(simulator, one) for one in simulator.world.participants[room]]
    return Answer.json(rows)


@route("GET", "/v1/conferences/{room:\\d+}/registrations")
def list_all_registrations(
    simulator: ClickMeetingSimulator, given: dict[str, Any], room: str
) -> Answer:
    return list_registrations(simulator, given, room, "all")


def registration_row(simulator: ClickMeetingSimulator, one: Participant) -> dict[str, Any]:
    """Return a registration as ClickMeeting writes it (section 6.2)."""
    zone = simulator.world.rooms[one.room_id or ""].timezone
    came = session_of(simulator, one)
    return {
        "id": int(one.id or 0),
        "visitor_nickname": escaped(one.display_name or ""),
        "email": one.email,
        "registration_date": simulator.local(one.registered_at or simulator.world.now, zone),
        "registration_confirmed": (
            simulator.local(one.confirmed_at, zone) if one.confirmed_at else "null"
        ),
        "session_id": int(came) if came else None,
        "fields": {label: escaped(text) for label, text in one.fields.items()},
        **_link(one),
        "http_referer": None,
        "geo": {"country": None, "city": None},
    }


def session_of(simulator: ClickMeetingSimulator, one: Participant) -> str | None:
    """Return the first session in which a registered person appeared."""
    for session in simulator.world.sessions_of(one.room_id or ""):
        if any(visit.email == one.email for visit in simulator.world.visits_of(session.id)):
            return session.id
    return None


def _link(one: Participant) -> dict[str, str]:
    return {"url": one.join_link.url if one.join_link else "", "r": one.native["r"]}
