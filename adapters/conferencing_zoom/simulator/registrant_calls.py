"""Calls about registrants: docs/vendors/zoom.md#registrants"""

from __future__ import annotations

from typing import Any, Final

from conferencing.model import Participant, Room
from conferencing.sandbox.kit import Fields
from conferencing.sandbox.simulator import Answer

from .endpoints import Endpoints
from .errors import refuse
from .formats import instant
from .limits import check_day
from .pages import PAGING, write_page
from .registrants import (
    ANSWERS,
    check_open,
    find_registrant,
    read_registration,
    register_person,
    registrant_row,
    set_status,
    status_of,
)
from .rooms import find_occurrence, find_room, occurrence_row
from .state import Caller, RoomDetails, ZoomState

__all__ = ["endpoints"]

endpoints = Endpoints()

REGISTRANTS: Final = "/{family:meetings|webinars}/{number}/registrants"
BATCH: Final = 30
BATCH_TYPES: Final = {2, 5}
ACTIONS: Final = {"approve": "approved", "deny": "denied", "cancel": "cancelled"}
PERSON: Final = ("email", "first_name", "last_name", *ANSWERS, "custom_questions")
QUESTION_TYPES: Final = {
    "meeting": ("short", "single"),
    "webinar": ("short", "single", "single_radio", "single_dropdown", "multiple"),
}

Row = dict[str, Any]


@endpoints(
    "GET",
    REGISTRANTS,
    *("M", "{kind}:read:list_registrants"),
    *(*PAGING, "status", "occurrence_id", "tracking_source_id"),
)
def list_registrants(
    simulator: ZoomState, fields: Fields, caller: Caller, family: str, number: str
) -> Answer:
    _, details = find_room(simulator, caller, family, number)
    _check_listed(details, number)
    status = fields.choice("status", ("approved", "pending", "denied")) or "approved"
    run_id, source = fields.text("occurrence_id"), fields.text("tracking_source_id")
    people = [
        participant
        for participant in simulator.world.participants[number]
        if status_of(participant) == status and _is_in(simulator, participant, run_id, source)
    ]
    rows = [registrant_row(simulator, participant) for participant in people]
    return Answer.json(write_page(simulator, fields, "registrants", rows, numbered=True))


def _check_listed(details: RoomDetails, number: str) -> None:
    if not details.registers:
        code = 3000 if details.kind == "webinar" else 300
        raise refuse(400, code, f"Registration is not enabled: {number}.")


def _is_in(
    simulator: ZoomState, participant: Participant, run_id: str | None, source: str | None
) -> bool:
    note = simulator.world.notes[participant.id or ""]
    runs = note.get("runs")
    return (not run_id or not runs or run_id in runs) and (not source or note["source"] == source)


@endpoints(
    "POST",
    REGISTRANTS,
    *("L", "{kind}:write:registrant"),
    *(*PERSON, "language", "auto_approve", "source_id", "occurrence_ids"),
)
def add_registrant(
    simulator: ZoomState, fields: Fields, caller: Caller, family: str, number: str
) -> Answer:
    room, details = find_room(simulator, caller, family, number)
    check_open(simulator, room, details)
    registration = read_registration(fields, details)
    check_day(simulator, f"Add a {details.kind} registrant", number, registration.email)
    run_ids = [name for name in (fields.text("occurrence_ids") or "").split(",") if name]
    for run_id in run_ids:
        find_occurrence(details, run_id)
    participant = register_person(
        simulator,
        room,
        details,
        registration,
        approve=fields.flag("auto_approve") is True,
        run_ids=run_ids,
    )
    return Answer.json(_build_registration_row(simulator, room, details, participant), 201)


def _build_registration_row(
    simulator: ZoomState, room: Room, details: RoomDetails, participant: Participant
) -> Row:
    note = simulator.world.notes[participant.id or ""]
    row: Row = {"id": int(room.id), "registrant_id": participant.id, "topic": room.name}
    if room.starts_at is not None:
        row["start_time"] = instant(room.starts_at)
    if participant.join_link is not None:  # none while it is pending
        row["join_url"] = participant.join_link.url
    row |= note.get("pin", {})
    if details.occurrences:
        chosen = note.get("runs") or [run.id for run in details.occurrences]
        row["occurrences"] = [occurrence_row(r) for r in details.occurrences if r.id in chosen]
    return row


@endpoints(
    "POST",
    "/{family:meetings|webinars}/{number}/batch_registrants",
    *("H", "{kind}:write:batch_registrants"),
    *("auto_approve", "registrants_confirmation_email", "registrants"),
)
def add_registrants(
    simulator: ZoomState, fields: Fields, caller: Caller, family: str, number: str
) -> Answer:
    """Register up to 30 people; a row that is wrong refuses all of them, which is a guess."""
    room, details = find_room(simulator, caller, family, number)
    if details.type not in BATCH_TYPES:
        code = 303 if details.kind == "meeting" else 300
        raise refuse(400, code, f"Batch registration is not supported for type {details.type}.")
    check_open(simulator, room, details)
    rows = fields.children("registrants")
    if not rows or len(rows) > BATCH:
        raise fields.refuse("registrants", "Invalid field.")
    for row in rows:
        row.only(*PERSON)
    registrations = [read_registration(row, details) for row in rows]
    approve = fields.flag("auto_approve") is True
    participants = [
        register_person(simulator, room, details, registration, approve=approve)
        for registration in registrations
    ]
    return Answer.json({"registrants": [_batch_row(simulator, p) for p in participants]}, 201)


def _batch_row(simulator: ZoomState, participant: Participant) -> Row:
    row: Row = {
        "email": participant.email,
        "registrant_id": participant.id,
        **simulator.world.notes[participant.id or ""].get("pin", {}),
    }
    link = participant.join_link
    return row | ({"join_url": link.url} if link is not None else {})


@endpoints(
    "PUT",
    f"{REGISTRANTS}/status",
    *("M", "{kind}:update:registrant_status"),
    *("action", "registrants", "occurrence_id"),
)
def change_status(
    simulator: ZoomState, fields: Fields, caller: Caller, family: str, number: str
) -> Answer:
    """Approve, deny or cancel up to 30. It is 204 also if nobody matches."""
    room, details = find_room(simulator, caller, family, number)
    _check_listed(details, number)
    fields.require("action")
    status = ACTIONS[fields.choice("action", ACTIONS) or ""]
    rows = fields.children("registrants")
    if len(rows) > BATCH:
        raise fields.refuse("registrants", "Invalid field.")
    for row in rows:
        row.check({"id": Fields.text, "email": Fields.text})
        participant = find_registrant(
            simulator, number, participant_id=row.text("id"), email=row.text("email")
        )
        if participant is not None:
            what = f"Update {details.kind} registrant's status"
            check_day(simulator, what, number, participant.email or "")
            set_status(simulator, room, details, participant, status)
    return Answer(status=204)


@endpoints("GET", f"{REGISTRANTS}/questions", "L", "{kind}:read:list_registration_questions")
def get_questions(
    simulator: ZoomState, fields: Fields, caller: Caller, family: str, number: str
) -> Answer:
    _, details = find_room(simulator, caller, family, number)
    _check_listed(details, number)
    body = {"questions": details.questions, "custom_questions": details.custom_questions}
    return Answer.json(body)


@endpoints(
    "PATCH",
    f"{REGISTRANTS}/questions",
    *("L", "{kind}:update:registration_question"),
    *("questions", "custom_questions"),
)
def update_questions(
    simulator: ZoomState, fields: Fields, caller: Caller, family: str, number: str
) -> Answer:
    _, details = find_room(simulator, caller, family, number)
    _check_listed(details, number)
    for row in fields.children("questions"):
        row.require("field_name")
        row.choice("field_name", ("last_name", *ANSWERS))
    for row in fields.children("custom_questions"):
        row.require("title")
        row.choice("type", QUESTION_TYPES[details.kind])
    if "questions" in fields:
        details.questions = [
            {"field_name": row.text("field_name"), "required": row.flag("required") or False}
            for row in fields.children("questions")
        ]
    if "custom_questions" in fields:
        details.custom_questions = [_question(row) for row in fields.children("custom_questions")]
    return Answer(status=204)


def _question(row: Fields) -> Row:
    return {
        "title": row.text("title"),
        "type": row.text("type") or "short",
        "required": row.flag("required") or False,
        "answers": row.texts("answers"),
    }


@endpoints("GET", REGISTRANTS + "/{registrant}", "L", "{kind}:read:registrant", "occurrence_id")
def get_registrant(
    simulator: ZoomState,
    fields: Fields,
    caller: Caller,
    *,
    family: str,
    number: str,
    registrant: str,
) -> Answer:
    _, details = find_room(simulator, caller, family, number)
    participant = _find_listed(simulator, details, number, registrant, 3079)
    return Answer.json(registrant_row(simulator, participant))


@endpoints(
    "DELETE", REGISTRANTS + "/{registrant}", "L", "{kind}:delete:registrant", "occurrence_id"
)
def delete_registrant(
    simulator: ZoomState,
    fields: Fields,
    caller: Caller,
    *,
    family: str,
    number: str,
    registrant: str,
) -> Answer:
    room, details = find_room(simulator, caller, family, number)
    participant = _find_listed(simulator, details, number, registrant, 3000)
    changed = set_status(simulator, room, details, participant, "cancelled")
    simulator.world.participants[number].remove(changed)
    return Answer(status=204)


def _find_listed(
    simulator: ZoomState, details: RoomDetails, number: str, registrant: str, code: int
) -> Participant:
    """Return a registrant; `code` is the webinars' for an unknown one: docs/vendors/zoom.md#errors"""
    _check_listed(details, number)
    participant = find_registrant(simulator, number, participant_id=registrant)
    if participant is not None:
        return participant
    if details.kind == "webinar":
        raise refuse(400, code, "Registrant does not exist.")
    raise refuse(400, 300, "Invalid registrant id.")
