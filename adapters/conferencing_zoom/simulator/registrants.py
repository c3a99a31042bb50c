"""People who register for a meeting or a webinar: docs/vendors/zoom.md#registrants"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from attrs import evolve

from conferencing.model import JoinLink, Participant, RegistrationStatus, Room
from conferencing.model.emails import email_key, same_email
from conferencing.sandbox.kit import Fields

from .defaults import settings_of_room
from .drafts import text_up_to
from .errors import no_permission, refuse
from .formats import instant
from .rooms import passcode_key
from .state import RoomDetails, ZoomState

__all__ = [
    "ANSWERS",
    "Registration",
    "check_open",
    "find_registrant",
    "index_by_email",
    "read_registration",
    "register_person",
    "registrant_row",
    "set_status",
    "status_of",
]

ANSWERS: Final = (
    *("address", "city", "state", "zip", "country", "phone", "comments", "industry", "org"),
    *("job_title", "no_of_employees", "purchasing_time_frame", "role_in_purchase_process"),
)
PERSON: Final = {
    "email": text_up_to(128),
    "first_name": text_up_to(64),
    "last_name": text_up_to(64),
}
MOST: Final = 4999
TAKES_A_PLACE: Final = {None, RegistrationStatus.APPROVED, RegistrationStatus.PENDING}
MAILS: Final = {"approved": "confirmation", "denied": "denial", "cancelled": "cancellation"}

Row = dict[str, Any]


class Registration:
    """What a person sent to register."""

    def __init__(self, fields: Fields) -> None:
        fields.check({**PERSON, **dict.fromkeys(ANSWERS, Fields.text)}, "email", "first_name")
        self.email = (fields.text("email") or "").strip()
        if "@" not in self.email:
            raise fields.refuse("email", "Invalid field.")
        self.first_name = fields.text("first_name") or ""
        self.last_name = fields.text("last_name") or ""
        self.answers = {name: fields.text(name) or "" for name in ANSWERS}
        self.custom = _read_custom(fields)
        self.source_id = fields.text("source_id") or ""


def read_registration(fields: Fields, details: RoomDetails) -> Registration:
    """Return a checked registration; answers to required questions have to be there."""
    registration = Registration(fields)
    answered = {row["title"] for row in registration.custom if row["value"]}
    for question in details.custom_questions:
        if question["required"] and question["title"] not in answered:
            raise refuse(400, 300, f"Custom question {question['title']} is required.")
    for question in details.questions:
        name = question["field_name"]
        if question["required"] and not (fields.get(name) or ""):
            raise fields.refuse(name, f"{name} is required.")
    return registration


def _read_custom(fields: Fields) -> list[Row]:
    rows = fields.children("custom_questions")
    for row in rows:
        row.check({"title": Fields.text, "value": text_up_to(128)})
    return [{"title": row.text("title") or "", "value": row.text("value") or ""} for row in rows]


# ------------------------------------------------------------------------------------- the checks


def check_open(simulator: ZoomState, room: Room, details: RoomDetails) -> None:
    """Refuse where registration is off, over or not possible: docs/vendors/zoom.md#errors"""
    if not details.registers:
        if details.kind == "webinar":
            raise refuse(400, 3000, "Registration has not been enabled for this webinar.")
        raise refuse(400, 404, f"Registration has not been enabled for this meeting: {room.id}.")
    if not simulator.world.users[details.host_id].licensed:
        raise no_permission("Only available for Paid or ZMP account.")
    held = any(session.ended_at for session in simulator.world.sessions_of(room.id))
    over = held and room.ends_at is not None and room.ends_at < simulator.world.now
    if over and not details.recurrence:
        message = f"The {details.kind} is over, you can not register now."
        raise refuse(400, 3038, message)


def _check_person(simulator: ZoomState, room: Room, details: RoomDetails, email: str) -> None:
    settings = settings_of_room(details)
    hosts = [simulator.world.users[details.host_id].email]
    hosts += settings["alternative_hosts"].replace(",", ";").split(";")
    if any(same_email(host.strip(), email) for host in hosts):
        raise refuse(400, 3027, "Host can not register.")
    limit = settings.get("registrants_restrict_number") or MOST
    taken = sum(
        participant.status in TAKES_A_PLACE for participant in simulator.world.participants[room.id]
    )
    if taken >= limit:
        message = f"{details.kind.capitalize()} has reached maximum attendee capacity."
        raise refuse(400, 3043, message)


# ------------------------------------------------------------------------------------ registering


def register_person(
    simulator: ZoomState,
    room: Room,
    details: RoomDetails,
    registration: Registration,
    *,
    approve: bool = False,
    run_ids: list[str] | None = None,
) -> Participant:
    """Register a person, or return the registration that exists; only a cancelled one starts anew.

    docs/vendors/zoom.md#registrants: the same address gets the same registrant and link.
    """
    existing = find_registrant(simulator, room.id, email=registration.email)
    if existing is not None and status_of(existing) != "cancelled":
        return existing
    _check_person(simulator, room, details, registration.email)
    if existing is not None:
        simulator.world.participants[room.id].remove(existing)
    participant = Participant(
        id=existing.id if existing else simulator.world.new_id("participant"),
        room_id=room.id,
        email=registration.email,
        first_name=registration.first_name,
        last_name=registration.last_name or None,
        status=RegistrationStatus.PENDING,
        registered_at=simulator.world.now,
        fields={row["title"]: row["value"] for row in registration.custom}
        | {name: text for name, text in registration.answers.items() if text},
    )
    simulator.world.participants[room.id].append(participant)
    note = simulator.world.notes[participant.id or ""]
    note |= {
        # Only meetings have a code for telephones.
        "pin": {"participant_pin_code": simulator.world.random.randrange(100_000, 1_000_000)}
        if details.kind == "meeting"
        else {},
        "key": simulator.new_text(40),
        "answers": registration.answers,
        "custom": registration.custom,
        "source": registration.source_id,
        "runs": run_ids or [],
    }
    for source in details.tracking_sources:
        source["registration_count"] += source["id"] == registration.source_id
    if approve or details.settings["approval_type"] == 0:
        participant = set_status(simulator, room, details, participant, "approved", announce=False)
    simulator.world.announce("registered", room.id, participant.id or "")
    return participant


def set_status(
    simulator: ZoomState,
    room: Room,
    details: RoomDetails,
    participant: Participant,
    status: str,
    *,
    announce: bool = True,
) -> Participant:
    """Approve, deny or cancel a registration; a link belongs to the approved ones only."""
    participant_id = participant.id or ""
    note = simulator.world.notes[participant_id]
    link = None
    if status == "approved":
        link = JoinLink(url=_link(simulator, room.id, details, note), personal=True)
    changed = evolve(
        participant,
        status=RegistrationStatus(status),
        join_link=link,
        confirmed_at=simulator.world.now if status == "approved" else None,
    )
    participants = simulator.world.participants[room.id]
    places = range(len(participants) - 1, -1, -1)  # the newest is the likeliest
    participants[next(i for i in places if participants[i] is participant)] = changed
    settings = settings_of_room(details)
    mails = settings["registrants_email_notification"]
    if status != "approved" or settings["registrants_confirmation_email"]:
        kind, email = MAILS[status], participant.email or ""
        if mails and email:
            simulator.world.post(kind, email, room.id, link=link)
    if announce:
        simulator.world.announce(f"registration {status}", room.id, participant_id)
    return changed


def _link(simulator: ZoomState, number: str, details: RoomDetails, note: Row) -> str:
    url = f"{simulator.join_url('w', number)}?tk={note['key']}"
    return f"{url}&pwd={passcode_key(details, number)}" if details.password else url


# ------------------------------------------------------------------------------- finding and writing


def find_registrant(
    simulator: ZoomState,
    number: str,
    *,
    participant_id: str | None = None,
    email: str | None = None,
) -> Participant | None:
    """Return a registration of a room by its id, or else by its address; None if there is none."""
    people = simulator.world.participants[number]
    if participant_id:
        return next((person for person in people if person.id == participant_id), None)
    key = email_key(email or "")
    matches = (person for person in people if person.email and email_key(person.email) == key)
    return next(matches, None)


def index_by_email(people: Iterable[Participant]) -> dict[str, Participant]:
    """Return registrations by the key of their addresses; of equal ones the first."""
    rows = [(email_key(person.email), person) for person in people if person.email]
    return dict(reversed(rows))


def status_of(participant: Participant) -> str:
    """Return `approved`, `pending`, `denied` or `cancelled`; of one that a test added, the first."""
    return participant.status or RegistrationStatus.APPROVED


def registrant_row(simulator: ZoomState, participant: Participant) -> Row:
    """Return a registrant as listings have it. There is no link while it is pending."""
    note = simulator.world.notes[participant.id or ""]
    row: Row = {
        "id": participant.id,
        "email": participant.email,
        "first_name": participant.first_name or "",
        "last_name": participant.last_name or "",
        **(note.get("answers") or dict.fromkeys(ANSWERS, "")),
        "custom_questions": note.get("custom", []),
        "status": status_of(participant),
        "create_time": instant(participant.registered_at or simulator.world.now),
        **note.get("pin", {}),
    }
    link = participant.join_link
    return row | ({"join_url": link.url} if link is not None else {})
