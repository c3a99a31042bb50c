"""Webinars, their sessions, questions and presenters: docs/vendors/teams.md#webinars"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from conferencing.model import RoomKind
from conferencing.sandbox.simulator import Answer

from .endpoints import QUOTE, Endpoints, Rights
from .errors import no_meeting, refuse
from .ids import make_guid
from .parts import child, children
from .requests import Request, answer_page, find_organizer
from .schema import QUESTION, TEXT, WEBINAR
from .state import TeamsState, WebinarDetails
from .times import iana_name, read_local

__all__ = ["WRITE", "endpoints", "find_session", "find_webinar", "session_row", "webinar_row"]

endpoints = Endpoints()

READ: Final = Rights(app="VirtualEvent.Read.All", user="VirtualEvent.Read VirtualEvent.ReadWrite")
WRITE: Final = Rights(user="VirtualEvent.ReadWrite")
ROOT: Final = "/solutions/virtualEvents/webinars"
WEBINAR_PATH: Final = f"{ROOT}/{{webinar:[^/(]+}}"
ACTION_PATH: Final = "/solutions/virtualEvents/(?:webinars|events)/{webinar}"

Row = dict[str, Any]


def find_webinar(
    simulator: TeamsState, request: Request, webinar: str, *, canceled: bool = True
) -> WebinarDetails:
    """Return a webinar that the caller may see; a canceled one stays readable."""
    details = simulator.webinars.get(webinar)
    if details is None or (details.status != "canceled" and webinar not in simulator.world.rooms):
        raise no_meeting()
    find_organizer(simulator, request, details.owner)
    if details.status == "canceled" and not canceled:
        raise refuse(400, "BadRequest", "The event is canceled.")
    return details


# -------------------------------------------------------------------------------------- the webinar


@endpoints("POST", ROOT, WRITE, body=WEBINAR, required="displayName startDateTime endDateTime")
def create_webinar(simulator: TeamsState, request: Request) -> Answer:
    """Make a draft. That the session and its link are there at once is a guess."""
    owner = request.caller.user_id or ""
    start, end = _read_times(request.body)
    own_id = f"{make_guid(simulator.world.random)}@{simulator.tenant}"
    meeting = simulator.add_meeting(
        owner, start, end, own_id, subject=request.body["displayName"], in_calendar=True
    )
    details = WebinarDetails(
        id=own_id,
        owner=owner,
        fields={name: value for name, value in request.body.items() if value is not None},
        session_id=make_guid(simulator.world.random),
        meeting_id=meeting.id,
    )
    simulator.webinars[own_id] = details
    _sync(simulator, details)
    return Answer.json(webinar_row(simulator, details), 201)


def _read_times(body: Any) -> tuple[datetime, datetime]:
    start, end = read_local(body["startDateTime"]), read_local(body["endDateTime"])
    if start is None or end is None or end < start:
        raise refuse(400, "BadRequest", "The times of the event are not valid.")
    return start, end


def _sync(simulator: TeamsState, details: WebinarDetails) -> None:
    """Let the world have what a webinar has."""
    fields = details.fields
    start, end = _read_times(fields)
    simulator.put_room(
        details.id,
        name=fields.get("displayName") or "",
        kind=RoomKind.WEBINAR,
        starts_at=start,
        duration=end - start,
        timezone=iana_name(fields["startDateTime"].get("timeZone") or "UTC"),
        description=child(fields, "description").get("content"),
        registration=True,
    )
    simulator.world.notes[details.id].update(
        status=details.status, settings=child(fields, "settings")
    )


@endpoints("PATCH", WEBINAR_PATH, WRITE, body=WEBINAR)
def change_webinar(simulator: TeamsState, request: Request, webinar: str) -> Answer:
    details = find_webinar(simulator, request, webinar, canceled=False)
    merged = {**details.fields, **request.body}
    _read_times(merged)
    details.fields = merged
    _sync(simulator, details)
    return Answer.json(webinar_row(simulator, details))


@endpoints("POST", f"{ACTION_PATH}/publish", WRITE)
def publish_webinar(simulator: TeamsState, request: Request, webinar: str) -> Answer:
    """Publish a draft; that doing it again is not an error is a guess."""
    details = find_webinar(simulator, request, webinar, canceled=False)
    details.status = "published"
    _sync(simulator, details)
    return Answer(status=204)


@endpoints("POST", f"{ACTION_PATH}/cancel", WRITE)
def cancel_webinar(simulator: TeamsState, request: Request, webinar: str) -> Answer:
    details = find_webinar(simulator, request, webinar, canceled=False)
    details.status = "canceled"
    simulator.world.remove_room(details.id)
    return Answer(status=204)


@endpoints(
    "POST",
    f"{ACTION_PATH}/setExternalEventInformation",
    WRITE,
    body={"externalEventId": TEXT},
    required="externalEventId",
)
def set_external(simulator: TeamsState, request: Request, webinar: str) -> Answer:
    details = find_webinar(simulator, request, webinar, canceled=False)
    details.external_id = request.body["externalEventId"][:256]
    return Answer(status=204)


@endpoints("GET", WEBINAR_PATH, READ)
def get_webinar(simulator: TeamsState, request: Request, webinar: str) -> Answer:
    row = webinar_row(simulator, find_webinar(simulator, request, webinar))
    return Answer.json({"value": row} if simulator.quirks["wrapped_value"] else row)


@endpoints("GET", ROOT, Rights(app="VirtualEvent.Read.All"), options="count")
def list_webinars(simulator: TeamsState, request: Request) -> Answer:
    """List those whose organizers the app's policy covers; others are left out silently."""
    return answer_page(simulator, request, _list_rows(simulator, request))


@endpoints("GET", rf"{ROOT}/getByUserRole\(role={QUOTE}organizer{QUOTE}\)", Rights(user=READ.user))
def list_own(simulator: TeamsState, request: Request) -> Answer:
    return answer_page(simulator, request, _list_rows(simulator, request, request.caller.user_id))


@endpoints(
    "GET",
    rf"{ROOT}/getByUserIdAndRole\(userId={QUOTE}{{user}}{QUOTE},role={QUOTE}organizer{QUOTE}\)",
    Rights(app="VirtualEvent.Read.All"),
)
def list_of_user(simulator: TeamsState, request: Request, user: str) -> Answer:
    if user in simulator.directory:
        find_organizer(simulator, request, user)
    return answer_page(simulator, request, _list_rows(simulator, request, user))


def _list_rows(simulator: TeamsState, request: Request, owner: str | None = None) -> list[Row]:
    return [
        webinar_row(simulator, details)
        for details in simulator.webinars.values()
        if (owner is None or details.owner == owner)
        and (details.status == "canceled" or details.id in simulator.world.rooms)
        and (request.caller.user_id or simulator.directory[details.owner].policy)
    ]


def webinar_row(simulator: TeamsState, details: WebinarDetails) -> Row:
    """Return a webinar; its times are in the zone in which they were sent."""
    fields, user = details.fields, simulator.world.users[details.owner]
    settings = child(fields, "settings")
    own = {"applicationId": simulator.app.id, "externalEventId": details.external_id}
    creator = {
        "id": user.id,
        "displayName": f"{user.first_name} {user.last_name}",
        "tenantId": simulator.tenant,
    }
    return {
        "id": details.id,
        "status": "paused" if simulator.quirks["unknown_words"] else details.status,
        "displayName": fields.get("displayName"),
        "audience": fields.get("audience") or "everyone",
        "description": fields.get("description"),
        "startDateTime": fields["startDateTime"],
        "endDateTime": fields["endDateTime"],
        "settings": {"isAttendeeEmailNotificationEnabled": False, **settings},
        "externalEventInformation": [own] if details.external_id else [],
        "coOrganizers": children(fields, "coOrganizers"),
        "createdBy": {"application": None, "device": None, "user": creator},
    }


# ----------------------------------------------------------------------------------------- sessions


@endpoints("GET", f"{WEBINAR_PATH}/sessions", READ)
def list_sessions(simulator: TeamsState, request: Request, webinar: str) -> Answer:
    details = find_webinar(simulator, request, webinar)
    return answer_page(simulator, request, [session_row(simulator, details)])


@endpoints("GET", f"{WEBINAR_PATH}/sessions/{{session}}", READ)
def get_session(simulator: TeamsState, request: Request, webinar: str, session: str) -> Answer:
    details = find_session(simulator, request, webinar, session)
    row = session_row(simulator, details)
    return Answer.json({"value": row} if simulator.quirks["wrapped_value"] else row)


def find_session(
    simulator: TeamsState, request: Request, webinar: str, session: str
) -> WebinarDetails:
    """Return the webinar of a session, which has one."""
    details = find_webinar(simulator, request, webinar)
    if details.session_id != session:
        raise no_meeting()
    return details


def session_row(simulator: TeamsState, details: WebinarDetails, link: str | None = None) -> Row:
    """Return the summary of a session; `link` is the own one of a registrant."""
    fields = details.fields
    times: Row = {name: fields[name] for name in ("startDateTime", "endDateTime")}
    if simulator.quirks["text_session_times"]:
        times = {name: f"{value['dateTime']}Z" for name, value in times.items()}
    meeting = simulator.meetings[details.meeting_id]
    return {
        "id": details.session_id,
        "subject": fields.get("displayName"),
        **times,
        "joinWebUrl": link or meeting.join_url,
    }


# ------------------------------------------------------------------------- questions and presenters


@endpoints("GET", f"{WEBINAR_PATH}/registrationConfiguration", READ)
def get_configuration(simulator: TeamsState, request: Request, webinar: str) -> Answer:
    details = find_webinar(simulator, request, webinar)
    return Answer.json(
        {
            "id": details.session_id,
            "capacity": 1000,
            "registrationWebUrl": f"{simulator.origin}/join/{simulator.name}/register/{details.session_id}",
            "isWaitlistEnabled": False,
            "isManualApprovalEnabled": False,
        }
    )


@endpoints("GET", f"{WEBINAR_PATH}/registrationConfiguration/questions", Rights(user=READ.user))
def list_questions(simulator: TeamsState, request: Request, webinar: str) -> Answer:
    return answer_page(simulator, request, find_webinar(simulator, request, webinar).questions)


@endpoints("POST", f"{WEBINAR_PATH}/registrationConfiguration/questions", WRITE, body=QUESTION)
def add_question(simulator: TeamsState, request: Request, webinar: str) -> Answer:
    details = find_webinar(simulator, request, webinar, canceled=False)
    question = {**request.body, "id": make_guid(simulator.world.random)}
    details.questions.append(question)
    return Answer.json(question, 201)


@endpoints("GET", f"{WEBINAR_PATH}/presenters", Rights(user=READ.user))
def list_presenters(simulator: TeamsState, request: Request, webinar: str) -> Answer:
    return answer_page(simulator, request, find_webinar(simulator, request, webinar).presenters)
