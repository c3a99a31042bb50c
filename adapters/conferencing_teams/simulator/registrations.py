"""Registrations for webinars: docs/vendors/teams.md#registrations"""

from __future__ import annotations

from typing import Any, Final

from conferencing.model import Participant, RegistrationStatus
from conferencing.model.emails import same_email
from conferencing.sandbox.simulator import Answer

from .endpoints import QUOTE, Endpoints, Rights
from .errors import no_meeting, no_permission, refuse
from .ids import make_guid
from .parts import child, children
from .requests import Request, answer_page
from .schema import REGISTRATION, REGISTRATION_OF_USER, check_body
from .state import TeamsState, WebinarDetails
from .webinars import find_webinar, session_row

__all__ = ["endpoints"]

endpoints = Endpoints()

APP: Final = (
    "VirtualEventRegistration-Anon.ReadWrite.All VirtualEventRegistration-Anon.ReadWrite.Chat"
)
READ: Final = Rights(
    app=f"VirtualEvent.Read.Chat VirtualEvent.Read.All {APP}",
    user="VirtualEvent.Read VirtualEvent.ReadWrite",
)
WRITE: Final = Rights(app=APP, user="VirtualEvent.ReadWrite")
COLLECTION: Final = "/solutions/virtualEvents/webinars/{webinar}/registrations"
BY_EMAIL: Final = rf"{COLLECTION}\(email={QUOTE}{{email:.+?}}{QUOTE}\)"
BY_ID: Final = f"{COLLECTION}/{{registration}}"
NEEDED: Final = ("firstName", "lastName", "email", "preferredTimezone", "preferredLanguage")
WORDS: Final = {
    RegistrationStatus.APPROVED: "registered",
    RegistrationStatus.PENDING: "pendingApproval",
    RegistrationStatus.DENIED: "rejectedByOrganizer",
    RegistrationStatus.CANCELLED: "canceled",
}

Row = dict[str, Any]


@endpoints("POST", COLLECTION, WRITE)
def register(simulator: TeamsState, request: Request, webinar: str) -> Answer:
    """Register somebody else for an app, which answers 204, or the user who is signed in."""
    details = find_webinar(simulator, request, webinar, canceled=False)
    user = simulator.world.users.get(request.caller.user_id or "")
    check_body(
        request.body, REGISTRATION_OF_USER if user else REGISTRATION, *(() if user else NEEDED)
    )
    if details.status != "published":
        raise refuse(400, "BadRequest", "The event is not published.")
    email = user.email if user else request.body["email"]
    existing = _find_by_email(simulator, details, email)
    if existing is not None and existing.status is not RegistrationStatus.CANCELLED:
        if not simulator.quirks["registered_again_is_204"]:
            raise refuse(409, "Conflict", "The registrant is already registered.")
        return Answer(status=204)
    participant = _add(simulator, details, email, request.body)
    return Answer.json(_row(simulator, details, participant), 201) if user else Answer(status=204)


def _add(simulator: TeamsState, details: WebinarDetails, email: str, body: Any) -> Participant:
    world = simulator.world
    participant = Participant(
        id=make_guid(world.random),
        room_id=details.id,
        email=email,
        first_name=body.get("firstName"),
        last_name=body.get("lastName"),
        status=RegistrationStatus.APPROVED,
        registered_at=world.now,
    )
    world.participants[details.id].append(participant)
    world.notes[participant.id or ""]["body"] = dict(body)
    simulator.registrant_keys[participant.id or ""] = (details.id, world.random.randbytes(8).hex())
    if child(details.fields, "settings").get("isAttendeeEmailNotificationEnabled"):
        simulator.mail("registration", email, details.id)
    world.announce("registered", details.id, participant.id or "")
    return participant


@endpoints("GET", COLLECTION, READ)
def list_registrations(simulator: TeamsState, request: Request, webinar: str) -> Answer:
    details = _find_readable(simulator, request, webinar)
    people = simulator.world.participants[details.id]
    return answer_page(simulator, request, [_row(simulator, details, each) for each in people])


@endpoints("GET", BY_EMAIL, READ)
def get_by_email(simulator: TeamsState, request: Request, webinar: str, email: str) -> Answer:
    return _answer_one(simulator, request, webinar, email=email)


@endpoints("GET", BY_ID, READ)
def get_by_id(simulator: TeamsState, request: Request, webinar: str, registration: str) -> Answer:
    return _answer_one(simulator, request, webinar, registration=registration)


def _answer_one(simulator: TeamsState, request: Request, webinar: str, **key: str) -> Answer:
    details = _find_readable(simulator, request, webinar)
    row = _row(simulator, details, _find(simulator, details, **key))
    return Answer.json({"value": row} if simulator.quirks["wrapped_value"] else row)


@endpoints("POST", f"{BY_EMAIL}/cancel", WRITE)
def cancel_by_email(simulator: TeamsState, request: Request, webinar: str, email: str) -> Answer:
    return _cancel(simulator, request, webinar, email=email)


@endpoints("POST", f"{BY_ID}/cancel", WRITE)
def cancel_by_id(
    simulator: TeamsState, request: Request, webinar: str, registration: str
) -> Answer:
    return _cancel(simulator, request, webinar, registration=registration)


def _cancel(simulator: TeamsState, request: Request, webinar: str, **key: str) -> Answer:
    """Cancel a registration; that doing it again is not an error is a guess."""
    details = find_webinar(simulator, request, webinar)
    person = _find(simulator, details, **key)
    status = RegistrationStatus.CANCELLED
    simulator.world.change_participant(details.id, person.id or "", status=status)
    simulator.world.announce("registration changed", details.id, person.id or "")
    return Answer(status=204)


@endpoints("GET", f"{BY_ID}/sessions", READ)
def list_links(simulator: TeamsState, request: Request, webinar: str, registration: str) -> Answer:
    details = _find_readable(simulator, request, webinar)
    person = _find(simulator, details, registration=registration)
    meeting = simulator.meetings[details.meeting_id]
    own_key = simulator.registrant_keys[person.id or ""][1]
    link = simulator.meeting_url(meeting.thread, meeting.owner, registrant=own_key)
    return answer_page(simulator, request, [session_row(simulator, details, link)])


# ------------------------------------------------------------------------------------------ helpers


def _find_readable(simulator: TeamsState, request: Request, webinar: str) -> WebinarDetails:
    """Return a webinar whose registrations the caller may read.

    Since July of 2026, only an app with one permission may; the older rule is a switch.
    """
    strict = not simulator.quirks["older_registration_rule"]
    if strict and "VirtualEvent.Read.Chat" not in request.caller.permissions:
        raise no_permission()
    return find_webinar(simulator, request, webinar)


def _find(
    simulator: TeamsState, details: WebinarDetails, email: str = "", registration: str = ""
) -> Participant:
    if email:
        person = _find_by_email(simulator, details, email.replace("''", "'"))
    else:
        people = simulator.world.participants[details.id]
        person = next((each for each in people if each.id == registration), None)
    if person is None:
        raise no_meeting()
    return person


def _find_by_email(
    simulator: TeamsState, details: WebinarDetails, email: str
) -> Participant | None:
    """Return the newest registration of an address; that case does not matter is a guess."""
    people = reversed(simulator.world.participants[details.id])
    return next((each for each in people if same_email(each.email, email)), None)


def _row(simulator: TeamsState, details: WebinarDetails, person: Participant) -> Row:
    body = child(simulator.world.notes[person.id or ""], "body")
    questions = {question["id"]: question for question in details.questions}
    answers: list[Row] = [
        {
            "value": None,
            "booleanValue": None,
            "multiChoiceValues": [],
            **answer,
            "displayName": questions.get(answer["questionId"], {}).get("displayName"),
        }
        for answer in children(body, "registrationQuestionAnswers")
    ]
    moment = person.registered_at
    status = person.status or RegistrationStatus.APPROVED
    return {
        "id": person.id,
        "userId": None,
        "firstName": person.first_name,
        "lastName": person.last_name,
        "email": person.email,
        "status": "astral" if simulator.quirks["unknown_words"] else WORDS[status],
        # Without an offset, as in samples: docs/vendors/teams.md#times
        "registrationDateTime": f"{moment:%Y-%m-%dT%H:%M:%S}" if moment else None,
        "cancelationDateTime": None,
        "preferredTimezone": body.get("preferredTimezone"),
        "preferredLanguage": body.get("preferredLanguage"),
        "registrationQuestionAnswers": answers,
    }
