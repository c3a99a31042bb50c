"""Creating and ending meetings: docs/vendors/bigbluebutton.md#create"""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha1
from typing import TYPE_CHECKING, Final

from conferencing.model import RoomSettings
from conferencing.sandbox.kit import Fields, Router

from .errors import refuse, refuse_value
from .meetings import has_user_joined, require_meeting, write_date
from .state import BigBlueButtonState, Meeting, milliseconds
from .xml import Elements, write_success

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["end_meeting", "expire_meetings", "route"]

route = Router()

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
        return write_success(_answer_created(simulator, _create(simulator, parameters)))
    for name, password in (
        ("attendeePW", existing.attendee_password),
        ("moderatorPW", existing.moderator_password),
    ):
        if parameters.get(name, password) != password:
            raise refuse("idNotUnique", "A meeting already exists with that meeting ID.")
    text = "This conference was already in existence and may currently be in progress."
    return write_success(_answer_created(simulator, existing), "duplicateWarning", text)


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


def _answer_created(simulator: BigBlueButtonState, meeting: Meeting) -> Elements:
    return [
        ("meetingID", meeting.id),
        ("internalMeetingID", meeting.internal),
        ("parentMeetingID", meeting.parameters.get("parentMeetingID", "bbb-none")),
        ("attendeePW", meeting.attendee_password),
        ("moderatorPW", meeting.moderator_password),
        ("createTime", meeting.create_time),
        ("voiceBridge", meeting.voice_bridge),
        ("dialNumber", meeting.parameters.get("dialNumber", "613-555-1234")),
        ("createDate", write_date(meeting)),
        ("hasUserJoined", has_user_joined(simulator, meeting)),
        ("duration", meeting.number("duration")),
        ("hasBeenForciblyEnded", meeting.forcibly_ended),
    ]


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
