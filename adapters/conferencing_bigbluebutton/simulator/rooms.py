"""Creating, watching and ending meetings: docs/vendors/bigbluebutton.md#create and #monitoring"""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha1
from typing import TYPE_CHECKING, Any, Final

from conferencing.model import Role, RoomSettings
from conferencing.sandbox.kit import Fields, Router
from conferencing.world import Visit

from .errors import refuse, refuse_value
from .state import BigBlueButtonState, Meeting, milliseconds
from .xml import Elements, write_success

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["end_meeting", "expire_meetings", "require_meeting", "route"]

route = Router()

MONTHS: Final = "%a %b %d %H:%M:%S UTC %Y"
FLAGS: Final = frozenset(
    [
        *("record", "autoStartRecording", "allowStartStopRecording", "webcamsOnlyForModerator"),
        *("muteOnStart", "allowModsToUnmuteUsers", "meetingKeepEvents", "isBreakout", "freeJoin"),
        *("lockSettingsDisableCam", "lockSettingsDisableMic", "lockSettingsDisablePrivateChat"),
        *("lockSettingsDisablePublicChat", "lockSettingsDisableNotes", "endWhenNoModerator"),
        *("lockSettingsHideUserList", "lockSettingsLockOnJoin", "notifyRecordingIsOn"),
    ]
)
NUMBERS: Final = frozenset(
    [
        *("maxParticipants", "duration", "meetingExpireIfNoUserJoinedInMinutes", "sequence"),
        *("meetingExpireWhenLastUserLeftInMinutes", "userCameraCap", "meetingCameraCap"),
    ]
)
TEXTS: Final = frozenset(
    [
        *("name", "meetingID", "attendeePW", "moderatorPW", "welcome", "moderatorOnlyMessage"),
        *("dialNumber", "voiceBridge", "logoutURL", "loginURL", "meetingEndedURL", "logo"),
        *("bannerText", "bannerColor", "guestPolicy", "meetingLayout", "disabledFeatures"),
        *("parentMeetingID", "preUploadedPresentation", "preUploadedPresentationName", "groups"),
    ]
)
POLICIES: Final = ("ALWAYS_ACCEPT", "ALWAYS_DENY", "ASK_MODERATOR", "ALWAYS_ACCEPT_AUTH")
ALLOWED: Final = {
    "public_chat": "lockSettingsDisablePublicChat",
    "private_chat": "lockSettingsDisablePrivateChat",
    "microphone": "lockSettingsDisableMic",
    "camera": "lockSettingsDisableCam",
    "see_cameras": "webcamsOnlyForModerator",
    "shared_notes": "lockSettingsDisableNotes",
}


# --------------------------------------------------------------------------------------- create, end


@route("GET", "create", *TEXTS, *FLAGS, *NUMBERS)
def create_meeting(simulator: BigBlueButtonState, fields: Fields) -> Elements:
    """Create a meeting; repeating it changes nothing, and is a success with a warning."""
    parameters = _check_parameters(fields)
    existing = simulator.find_meeting(parameters["meetingID"])
    if existing is None:
        return write_success(_created(simulator, _create(simulator, parameters)))
    for name, password in (
        ("attendeePW", existing.attendee_password),
        ("moderatorPW", existing.moderator_password),
    ):
        if parameters.get(name, password) != password:
            raise refuse("idNotUnique", "A meeting already exists with that meeting ID.")
    text = "This conference was already in existence and may currently be in progress."
    return write_success(_created(simulator, existing), "duplicateWarning", text)


def _check_parameters(fields: Fields) -> dict[str, str]:
    values = {name: _clean(str(value)) for name, value in fields.items()}
    _check_length(values, "meetingID", 2, 256, required=True)
    _check_length(values, "name", 2, 64, required=True)
    for name in ("attendeePW", "moderatorPW"):
        _check_length(values, name, 2, 64)
    if "," in values["meetingID"]:
        raise refuse_value("meetingID", "must not have a comma")
    for name in FLAGS & values.keys():
        if values[name] not in {"true", "false"}:
            raise refuse_value(name, "must be true or false")
    for name in NUMBERS & values.keys():
        if not values[name].isdecimal():
            raise refuse_value(name, "must be a number")
    if values.get("guestPolicy", POLICIES[0]) not in POLICIES:
        raise refuse_value("guestPolicy", f"must be one of {', '.join(POLICIES)}")
    if values.get("isBreakout") == "true" and "parentMeetingID" not in values:
        raise refuse("parentMeetingIdMissing", "No parent meeting ID was provided.")
    return values


def _clean(text: str) -> str:
    """Return a text without control characters and blanks around it, as the server strips them."""
    return "".join(letter for letter in text if letter >= " ").strip()


def _check_length(
    values: dict[str, str], name: str, low: int, high: int, *, required: bool = False
) -> None:
    value = values.get(name)
    if value is None and not required:
        return
    if not low <= len(value or "") <= high:
        raise refuse_value(name, f"must have between {low} and {high} characters")


def _create(simulator: BigBlueButtonState, parameters: dict[str, str]) -> Meeting:
    world, meeting_id = simulator.world, parameters["meetingID"]
    bridges = {meeting.voice_bridge for meeting in simulator.list_meetings()}
    if parameters.get("voiceBridge") in bridges:
        raise refuse("nonUniqueVoiceBridge", "The selected voice bridge is already in use.")
    earlier = [each.create_time for each in simulator.meetings.values() if each.id == meeting_id]
    create_time = max([milliseconds(world.now), *(each + 1 for each in earlier)])
    digest = sha1(meeting_id.encode(), usedforsecurity=False).hexdigest()
    internal = f"{digest}-{create_time}"
    meeting = simulator.add_meeting(parameters, internal, create_time)
    simulator.add_room(
        meeting_id,
        name=meeting.name,
        description=_read_welcome(parameters.get("welcome")),
        capacity=meeting.number("maxParticipants") or None,
        waiting_room=_read_policy(parameters.get("guestPolicy")),
        settings=_read_settings(meeting),
    )
    # The world has no place for the rest, and tests look for it there.
    world.notes[meeting_id] = dict(parameters)
    world.next_session_ids[meeting_id] = internal
    world.start_session(meeting_id, meeting.name)
    return meeting


def _read_welcome(welcome: str | None) -> str | None:
    """Return the welcome text as people see it, who have HTML before them."""
    return None if welcome is None else welcome.replace("<br>", "\n")


def _read_policy(policy: str | None) -> bool | None:
    return None if policy is None else policy == "ASK_MODERATOR"


def _read_settings(meeting: Meeting) -> RoomSettings:
    parameters = meeting.parameters
    allowed = {
        name: parameters[taken] != "true" for name, taken in ALLOWED.items() if taken in parameters
    }
    switches = {
        "recording": "record",
        "auto_recording": "autoStartRecording",
        "recording_control": "allowStartStopRecording",
    }
    chosen = {
        name: parameters[switch] == "true"
        for name, switch in switches.items()
        if switch in parameters
    }
    return RoomSettings(**allowed, **chosen)


def _created(simulator: BigBlueButtonState, meeting: Meeting) -> Elements:
    return [
        ("meetingID", meeting.id),
        ("internalMeetingID", meeting.internal),
        ("parentMeetingID", meeting.parameters.get("parentMeetingID", "bbb-none")),
        ("attendeePW", meeting.attendee_password),
        ("moderatorPW", meeting.moderator_password),
        ("createTime", meeting.create_time),
        ("voiceBridge", meeting.voice_bridge),
        ("dialNumber", meeting.parameters.get("dialNumber", "613-555-1234")),
        ("createDate", _write_date(meeting)),
        ("hasUserJoined", _has_user_joined(simulator, meeting)),
        ("duration", meeting.number("duration")),
        ("hasBeenForciblyEnded", meeting.forcibly_ended),
    ]


def _write_date(meeting: Meeting) -> str:
    """Return the creation in the words of the server's own language."""
    moment = datetime.fromtimestamp(meeting.create_time / 1000).astimezone()
    return moment.strftime(MONTHS)


@route("GET", "end", "meetingID", "password")
def end_by_call(simulator: BigBlueButtonState, fields: Fields) -> Elements:
    """End a meeting, after some time; the password is not looked at any more."""
    meeting = require_meeting(simulator, fields)
    meeting.forcibly_ended = True
    meeting.ends_at = simulator.world.now + simulator.end_delay
    expire_meetings(simulator)
    text = (
        "A request to end the meeting was sent. Please wait a few seconds, and then use the"
        " getMeetingInfo or isMeetingRunning API calls to verify that it was ended."
    )
    return write_success((), "sentEndMeetingRequest", text)


def end_meeting(simulator: BigBlueButtonState, meeting: Meeting, at: datetime) -> None:
    """End a meeting now, or at an earlier time; it is in memory no more."""
    simulator.world.end_session(meeting.id, at)


def expire_meetings(simulator: BigBlueButtonState) -> None:
    """End what the clock has ended since the last call."""
    now = simulator.world.now
    for meeting in simulator.list_meetings():
        due = [moment for moment in _list_ends(simulator, meeting) if moment <= now]
        if due:
            end_meeting(simulator, meeting, min(due))


def _list_ends(simulator: BigBlueButtonState, meeting: Meeting) -> Iterator[datetime]:
    """Yield the times at which a meeting ends by itself, as things are now."""
    if meeting.ends_at is not None:
        yield meeting.ends_at
    session = simulator.world.sessions[meeting.internal]
    started = session.started_at or simulator.world.now
    if meeting.number("duration"):
        yield started + timedelta(minutes=meeting.number("duration"))
    if not simulator.quirks["expires"]:
        return
    visits = list(simulator.world.visits_of(meeting.internal))
    unused = meeting.number("meetingExpireIfNoUserJoinedInMinutes", 5)
    if not visits and unused:
        yield started + timedelta(minutes=unused)
    left = [visit.left_at for visit in visits if visit.left_at is not None]
    empty = meeting.number("meetingExpireWhenLastUserLeftInMinutes", 1)
    if visits and len(left) == len(visits) and empty:
        yield max(left) + timedelta(minutes=empty)


# ---------------------------------------------------------------------------------------- monitoring


def require_meeting(simulator: BigBlueButtonState, fields: Fields) -> Meeting:
    """Return the meeting that a call is about. Raises a refusal if it does not exist."""
    meeting_id = fields.require_text("meetingID")
    meeting = simulator.find_meeting(meeting_id)
    if meeting is None:
        raise refuse("notFound", "A meeting with that ID does not exist")
    return meeting


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


def _has_user_joined(simulator: BigBlueButtonState, meeting: Meeting) -> bool:
    return any(True for _ in simulator.world.visits_of(meeting.internal))


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
        ("createDate", _write_date(meeting)),
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
