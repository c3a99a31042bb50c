"""Online meetings: docs/vendors/teams.md#meetings"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any, Final

from conferencing.model import Person, RoomKind
from conferencing.sandbox.simulator import Answer

from .endpoints import Endpoints, Rights
from .errors import no_meeting, refuse
from .parts import child, children
from .requests import Request, answer_page, find_path_user
from .schema import CREATE_OR_GET, MEETING, MEETING_CHANGE
from .state import MeetingDetails, TeamsState
from .times import format_time, read_time

__all__ = ["endpoints", "find_meeting", "meeting_row"]

endpoints = Endpoints()

HOUR: Final = timedelta(hours=1)
READ: Final = Rights(
    app="OnlineMeetings.Read.All OnlineMeetings.ReadWrite.All",
    user="OnlineMeetings.Read OnlineMeetings.ReadWrite",
)
WRITE: Final = Rights(app="OnlineMeetings.ReadWrite.All", user="OnlineMeetings.ReadWrite")
COLLECTION: Final = "/users/{user}/onlineMeetings"
MEETING_PATH: Final = f"{COLLECTION}/{{meeting}}"
NOT_SETTINGS: Final = frozenset(
    ["subject", "startDateTime", "endDateTime", "participants", "externalId", "chatInfo"]
)
DEFAULTS: Final[dict[str, Any]] = {
    "allowedPresenters": "everyone",
    "lobbyBypassSettings": {"scope": "organization", "isDialInBypassEnabled": False},
    "allowMeetingChat": "enabled",
    "allowAttendeeToEnableMic": True,
    "allowAttendeeToEnableCamera": True,
    "allowRecording": True,
    "allowTranscription": True,
    "recordAutomatically": False,
    "isEntryExitAnnounced": False,
    "isEndToEndEncryptionEnabled": False,
}

Row = dict[str, Any]


def find_meeting(
    simulator: TeamsState, request: Request, user: str, meeting: str
) -> MeetingDetails:
    """Return a meeting of an organizer."""
    owner = find_path_user(simulator, request, user)
    details = simulator.find_live_meeting(meeting)
    if details is None or details.owner != owner.id:
        raise no_meeting()
    return details


@endpoints("POST", COLLECTION, WRITE, body=MEETING, required="subject endDateTime")
def create_meeting(simulator: TeamsState, request: Request, user: str) -> Answer:
    owner = find_path_user(simulator, request, user)
    return _add(simulator, request, owner.id)


@endpoints("POST", f"{COLLECTION}/createOrGet", WRITE, body=CREATE_OR_GET, required="externalId")
def create_or_get(simulator: TeamsState, request: Request, user: str) -> Answer:
    owner = find_path_user(simulator, request, user)
    for meeting in simulator.meetings.values():
        same = (meeting.owner, meeting.external_id) == (owner.id, request.body["externalId"])
        if same and meeting.room_id in simulator.world.rooms:
            return Answer.json(meeting_row(simulator, meeting))
    return _add(simulator, request, owner.id)


def _add(simulator: TeamsState, request: Request, owner: str) -> Answer:
    body = request.body
    if body.get("endDateTime") and not body.get("startDateTime"):
        raise refuse(400, "BadRequest", "endDateTime needs startDateTime.")
    start = read_time(body.get("startDateTime") or "") or simulator.world.now
    end = read_time(body.get("endDateTime") or "") or start + HOUR
    if end < start:
        raise refuse(400, "BadRequest", "endDateTime is before startDateTime.")
    meeting = simulator.add_meeting(
        owner,
        start,
        end,
        subject=body.get("subject"),
        external_id=body.get("externalId"),
        attendees=children(child(body, "participants"), "attendees"),
        settings={name: body[name] for name in body if name not in NOT_SETTINGS},
    )
    _sync(simulator, meeting)
    return Answer.json(meeting_row(simulator, meeting), 201)


def _sync(simulator: TeamsState, meeting: MeetingDetails) -> None:
    """Let the world have what a plain meeting has; that of an event is the event's room."""
    if not meeting.in_calendar:
        user = simulator.world.users[meeting.owner]
        simulator.put_room(
            meeting.room_id,
            name=meeting.subject or "",
            kind=RoomKind.MEETING,
            starts_at=meeting.start,
            duration=meeting.end - meeting.start,
            join_url=meeting.join_url,
            host=Person(email=user.email),
        )
        simulator.world.notes[meeting.room_id]["attendees"] = meeting.attendees
    simulator.sync_settings(meeting)


@endpoints("GET", COLLECTION, READ, options="filter")
def find_meetings(simulator: TeamsState, request: Request, user: str) -> Answer:
    """Answer a filter. The literal is compared with the stored link, character by character."""
    owner = find_path_user(simulator, request, user)
    text = request.query.get("$filter")
    if text is None:
        raise refuse(400, "InvalidArgument", "Filter expression expected.")
    match = re.fullmatch(r"(JoinWebUrl|joinMeetingIdSettings/joinMeetingId) eq '(.*)'", text)
    if match is None:
        raise refuse(400, "BadRequest", "Filter is not supported.")
    literal = match[2].replace("''", "'")
    rows = [
        meeting_row(simulator, meeting)
        for meeting in simulator.meetings.values()
        if meeting.room_id in simulator.world.rooms
        and meeting.owner == owner.id
        and literal == (meeting.join_url if match[1] == "JoinWebUrl" else meeting.join_id)
    ]
    if not rows and simulator.quirks["unmatched_is_404"]:
        raise no_meeting()
    return answer_page(simulator, request, rows)


@endpoints("GET", MEETING_PATH, READ)
def get_meeting(simulator: TeamsState, request: Request, user: str, meeting: str) -> Answer:
    return Answer.json(meeting_row(simulator, find_meeting(simulator, request, user, meeting)))


@endpoints("PATCH", MEETING_PATH, WRITE, body=MEETING_CHANGE)
def change_meeting(simulator: TeamsState, request: Request, user: str, meeting: str) -> Answer:
    details, body = find_meeting(simulator, request, user, meeting), request.body
    start, end = body.get("startDateTime"), body.get("endDateTime")
    if (start is None) != (end is None):
        raise refuse(400, "BadRequest", "startDateTime and endDateTime must be sent together.")
    if start is not None and end is not None:
        details.start, details.end = (
            read_time(start) or details.start,
            read_time(end) or details.end,
        )
    details.subject = body.get("subject") or details.subject
    if body.get("participants"):
        details.attendees = body["participants"].get("attendees") or []
    details.settings |= {
        name: value
        for name, value in body.items()
        if name not in NOT_SETTINGS and value is not None
    }
    simulator.touch(details)
    _sync(simulator, details)
    return Answer.json(meeting_row(simulator, details))


@endpoints("DELETE", MEETING_PATH, WRITE)
def delete_meeting(simulator: TeamsState, request: Request, user: str, meeting: str) -> Answer:
    details = find_meeting(simulator, request, user, meeting)
    simulator.world.remove_room(details.room_id)
    return Answer(status=204)


def meeting_row(simulator: TeamsState, meeting: MeetingDetails) -> Row:
    """Return a meeting, with what its tenant's policy makes of it unless it is said."""
    settings = {**DEFAULTS, **meeting.settings}
    lobby = {**DEFAULTS["lobbyBypassSettings"], **child(settings, "lobbyBypassSettings")}
    if simulator.quirks["unknown_words"]:
        lobby["scope"], settings["allowMeetingChat"] = "peopleFromPlanet", "whispered"
    user = simulator.world.users[meeting.owner]
    required = child(settings, "joinMeetingIdSettings").get("isPasscodeRequired", True)
    return {
        "id": meeting.id,
        "creationDateTime": format_time(meeting.created_at),
        "startDateTime": format_time(meeting.start),
        "endDateTime": format_time(meeting.end),
        "subject": meeting.subject,
        "externalId": meeting.external_id,
        "expiryDateTime": format_time(meeting.expires_at),
        "meetingType": "scheduled",
        "joinWebUrl": meeting.join_url,
        "videoTeleconferenceId": None,
        "audioConferencing": None,
        **settings,
        "lobbyBypassSettings": lobby,
        "joinMeetingIdSettings": {
            "isPasscodeRequired": required,
            "joinMeetingId": meeting.join_id,
            "passcode": meeting.passcode if required else None,
        },
        "chatInfo": {"threadId": meeting.thread, "messageId": "0", "replyChainMessageId": None},
        "participants": {
            "organizer": _participant(simulator, user.email, user.id),
            "attendees": [
                _participant(simulator, person.get("upn"), None, person.get("role") or "attendee")
                for person in meeting.attendees
            ],
        },
    }


def _participant(
    simulator: TeamsState, upn: str | None, user_id: str | None, role: str = "presenter"
) -> Row:
    user = simulator.find_user(upn or "")
    own_id = user_id or (user.id if user else None)
    identity = {
        "id": own_id,
        "displayName": None,
        "tenantId": simulator.tenant,
        "identityProvider": "AAD",
    }
    person = {"application": None, "device": None, "user": identity if own_id else None}
    return {"upn": upn, "role": role, "identity": person}
