"""Watching meetings: docs/vendors/bigbluebutton.md#monitoring"""

from __future__ import annotations

from typing import Any, Final

from conferencing.model import Role
from conferencing.sandbox.kit import Fields, Router
from conferencing.world import Visit

from .meetings import require_meeting, write_date
from .state import BigBlueButtonState, Meeting, milliseconds
from .xml import Elements, write_success

__all__ = ["route"]

route = Router()


@route("GET", "isMeetingRunning", "meetingID")
def is_running(simulator: BigBlueButtonState, fields: Fields) -> Elements:
    """Say whether somebody is in a meeting; an unknown one does not run."""
    meeting = simulator.find_meeting(fields.require_text("meetingID"))
    return write_success(
        [("running", meeting is not None and bool(simulator.list_present(meeting)))]
    )


@route("GET", "getMeetingInfo", "meetingID")
def get_info(simulator: BigBlueButtonState, fields: Fields) -> Elements:
    """Return a meeting."""
    meeting = require_meeting(simulator, fields)
    return write_success(_info(simulator, meeting))


@route("GET", "getMeetings")
def get_meetings(simulator: BigBlueButtonState, fields: Fields) -> Elements:
    """Return the meetings that exist."""
    rows = [("meeting", _info(simulator, meeting)) for meeting in simulator.list_meetings()]
    if not rows:
        text = "no meetings were found on this server"
        return write_success([("meetings", None)], "noMeetings", text)
    return write_success([("meetings", rows)])


@route("GET", "getSessions")
def get_sessions(simulator: BigBlueButtonState, fields: Fields) -> Elements:
    """Return who is in which meeting; the elements are called meetings."""
    rows: Elements = [
        (
            "meeting",
            [
                ("meetingID", meeting.internal),
                ("meetingName", meeting.name),
                ("userName", visit.name),
            ],
        )
        for meeting in simulator.list_meetings()
        for visit in simulator.list_present(meeting)
    ]
    if not rows:
        return write_success([("sessions", None)], "noSessions", "no sessions were found")
    return write_success([("sessions", rows)])


def _info(simulator: BigBlueButtonState, meeting: Meeting) -> Elements:
    """Return the fields of a meeting, in the server's order."""
    world = simulator.world
    visits = list(world.visits_of(meeting.internal))
    present = simulator.list_present(meeting)
    moderators = sum(visit.role is Role.HOST for visit in present)
    started = min((visit.joined_at for visit in visits), default=None)
    rows: Elements = [
        ("meetingName", meeting.name),
        ("meetingID", meeting.id),
        ("internalMeetingID", meeting.internal),
        ("createTime", meeting.create_time),
        ("createDate", write_date(meeting)),
        ("voiceBridge", meeting.voice_bridge),
        ("dialNumber", meeting.parameters.get("dialNumber", "613-555-1234")),
        ("attendeePW", meeting.attendee_password),
        ("moderatorPW", meeting.moderator_password),
        ("running", bool(present)),
        ("duration", meeting.number("duration")),
        ("hasUserJoined", bool(visits)),
        ("recording", meeting.flag("record")),
        ("hasBeenForciblyEnded", meeting.forcibly_ended),
        ("startTime", milliseconds(started)),
        ("endTime", 0),
        ("participantCount", len(present)),
        ("listenerCount", 0),
        ("voiceParticipantCount", 0),
        ("videoCount", 0),
        ("maxUsers", meeting.number("maxParticipants")),
        ("moderatorCount", moderators),
        ("attendees", [("attendee", _attendee(simulator, visit)) for visit in present] or None),
        ("metadata", _metadata(meeting)),
        ("isBreakout", meeting.flag("isBreakout")),
    ]
    return _vary(simulator, rows)


OPTIONAL: Final = frozenset({"attendeePW", "moderatorPW", "dialNumber", "createDate", "videoCount"})


def _vary(simulator: BigBlueButtonState, rows: Elements) -> Elements:
    """Return the fields as the quirks make them: without some, or with one that is not documented."""
    if simulator.quirks["missing_fields"]:
        rows = [row for row in rows if row[0] not in OPTIONAL]
    if simulator.quirks["extra_fields"]:
        rows = [*rows, ("notDocumented", [("nested", 1)])]
    return rows


def _attendee(simulator: BigBlueButtonState, visit: Visit) -> Elements:
    return [
        ("userID", simulator.external_user(visit)),
        ("fullName", visit.name),
        ("role", "MODERATOR" if visit.role is Role.HOST else "VIEWER"),
        ("isPresenter", visit.role is Role.HOST),
        ("isListeningOnly", False),
        ("hasJoinedVoice", False),
        ("hasVideo", False),
        ("clientType", "HTML5"),
        ("customdata", None),
    ]


def _metadata(meeting: Meeting) -> list[tuple[str, Any]] | None:
    """Return the metadata. Names that XML cannot have are left out, which is a guess."""
    hidden = {"endcallbackurl"}
    return [(name, value) for name, value in meeting.metadata.items() if name not in hidden] or None
