"""Rooms: what their fields mean, their states, and the JSON of series, occurrences and runs."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from datetime import UTC, tzinfo
from typing import Any, Final

from conferencing.model import (
    Passcode,
    Person,
    Role,
    Room,
    RoomSettings,
    Session,
    SessionStatus,
    plan_dates,
)
from conferencing.model.zones import zone_of
from conferencing.world import Place

from .formats import seconds
from .ids import series_of
from .state import SITE, Plan, PlannedRun, WebexState

__all__ = [
    "defaults_of",
    "find_current",
    "occurrence_row",
    "plan_occurrences",
    "register_link",
    "run_row",
    "run_state",
    "series_row",
    "series_state",
    "sync_room",
    "web_link",
]

Row = dict[str, Any]

OPTIONS: Final[Mapping[str, Any]] = {
    "enabledAutoRecordMeeting": False,
    "allowAnyUserToBeCoHost": False,
    "enabledJoinBeforeHost": False,
    "enableConnectAudioBeforeHost": False,
    "joinBeforeHostMinutes": 0,
    "excludePassword": False,
    "publicMeeting": False,
    "reminderTime": 10,
    "unlockedMeetingJoinSecurity": "allowJoin",
    "enableAutomaticLock": False,
    "automaticLockMinutes": 0,
    "allowFirstUserToBeCoHost": False,
    "allowAuthenticatedDevices": False,
    "meetingOptions": {
        "enabledChat": True,
        "enabledVideo": True,
        "enabledPolling": False,
        "enabledNote": True,
        "noteType": "allowAll",
        "enabledFileTransfer": False,
        "enabledUCFRichMedia": False,
    },
    "audioConnectionOptions": {
        "audioConnectionType": "webexAudio",
        "entryAndExitTone": "beep",
        "allowHostToUnmuteParticipants": False,
        "allowAttendeeToUnmuteSelf": True,
        "muteAttendeeUponEntry": True,
    },
}
PRIVILEGES: Final[Mapping[str, Any]] = {
    "enabledShareContent": True,
    "enabledSaveDocument": False,
    "enabledPrintDocument": False,
    "enabledAnnotate": False,
    "enabledViewParticipantList": True,
    "enabledChatHost": True,
    "enabledChatPresenter": True,
    "enabledChatOtherParticipants": True,
}
FLAGS: Final = (
    *("hasChat", "hasRecording", "hasTranscription", "hasSummary", "hasClosedCaption"),
    *("hasPolls", "hasQA", "hasSlido", "hasRegistration", "hasRegistrants"),
)
EARLY_WEBINARS: Final = 15


def defaults_of(kind: str) -> Row:
    """Return the options of a new room. That webinars open 15 minutes before is a guess."""
    options = deepcopy(dict(OPTIONS))
    if kind == "webinar":
        return {**options, "joinBeforeHostMinutes": EARLY_WEBINARS, "enabledWebcastView": False}
    return {**options, "attendeePrivileges": dict(PRIVILEGES)}


def plan_occurrences(plan: Plan) -> list[PlannedRun]:
    """Return the occurrences of a series: those of the rule in its zone, or one."""
    start, length = plan.start, plan.end - plan.start
    if plan.recurrence is None:
        return [PlannedRun(slot=start, start=start, end=plan.end)]
    dates = plan_dates(plan.recurrence, start.astimezone(zone_of(plan.timezone)))
    return [
        PlannedRun(
            slot=date.astimezone(UTC),
            start=date.astimezone(UTC),
            end=date.astimezone(UTC) + length,
        )
        for date in dates
    ]


def sync_room(simulator: WebexState, room: Room, plan: Plan, **changes: Any) -> Room:
    """Write a plan into the world's room."""
    options, form = plan.options, plan.form
    lobby = options["unlockedMeetingJoinSecurity"]
    privileges = options.get("attendeePrivileges", {})
    host = simulator.world.users[plan.host_id]
    return simulator.world.change_room(
        room.id,
        starts_at=plan.start.astimezone(zone_of(plan.timezone)),
        duration=plan.end - plan.start,
        timezone=plan.timezone,
        entry=(Passcode(plan.password),),
        registration=form is not None,
        approval=None if form is None else not form.get("autoAcceptRequest"),
        waiting_room=lobby == "allowJoinWithLobby",
        recurrence=plan.recurrence,
        join_url=web_link(simulator, plan),
        host=Person(email=host.email, first_name=host.first_name, last_name=host.last_name),
        permanent=False,
        settings=RoomSettings(
            public_chat=options["meetingOptions"]["enabledChat"],
            private_chat=privileges.get("enabledChatOtherParticipants"),
            camera=options["meetingOptions"]["enabledVideo"],
            microphone=options["audioConnectionOptions"]["allowAttendeeToUnmuteSelf"],
            auto_recording=options["enabledAutoRecordMeeting"],
        ),
        **changes,
    )


def web_link(simulator: WebexState, plan: Plan) -> str:
    """Return the link for everybody, which asks for the password."""
    return f"{simulator.join_url('j.php')}?MTID=m{plan.keys['web']}"


def register_link(simulator: WebexState, plan: Plan) -> str:
    """Return the page on which people register."""
    return simulator.join_url("weblink", "register", f"r{plan.keys['register']}")


# ---------------------------------------------------------------------------------------- states


def series_state(simulator: WebexState, room: Room, plan: Plan) -> str:
    """Return `inProgress` with a run, `active` with an occurrence ahead, else `expired`."""
    if simulator.world.running(room.id):
        return "inProgress"
    ahead = any(run.end > simulator.world.now for run in plan.occurrences)
    return "active" if ahead else "expired"


def occurrence_state(simulator: WebexState, room: Room, plan: Plan, run: PlannedRun) -> str:
    """Return the state of an occurrence: the next one is ready when the one before has passed."""
    if run.end <= simulator.world.now:
        held = simulator.occurrence_of(room.id, run) in simulator.runs_of.values()
        return "ended" if held else "missed"
    first = next((each for each in plan.occurrences if each.end > simulator.world.now), run)
    return "ready" if run is first else "scheduled"


def run_state(simulator: WebexState, session: Session) -> str:
    """Return the state of a run: `lobby` while people wait for a host."""
    if session.status is SessionStatus.ENDED:
        return "ended"
    visits = list(simulator.world.visits_of(session.id))
    places = {stay.place for visit in visits for stay, _ in visit.list_stays()}
    hosted = any(visit.role is Role.HOST for visit in visits)
    return "lobby" if places == {Place.WAITING_ROOM} and not hosted else "inProgress"


# ------------------------------------------------------------------------------------------- rows


def _common(simulator: WebexState, room: Room, plan: Plan, zone: tzinfo) -> Row:
    host = simulator.world.users[plan.host_id]
    return {
        "title": room.name,
        "timezone": str(zone),
        "hostUserId": host.id,
        "hostDisplayName": f"{host.first_name} {host.last_name}",
        "hostEmail": host.email,
        "siteUrl": SITE,
        "webLink": web_link(simulator, plan),
        "scheduledType": plan.kind,
    }


def _build_planned_row(simulator: WebexState, room: Room, plan: Plan, zone: tzinfo) -> Row:
    row: Row = {
        **_common(simulator, room, plan, zone),
        "meetingNumber": plan.number,
        "agenda": room.description,
        "password": plan.password,
        "phoneAndVideoSystemPassword": plan.keys["phone"],
        "hostKey": plan.keys["host"],
        "sipAddress": f"{plan.number}@{SITE}",
        "dialInIpAddress": "192.168.100.100",
        "telephony": {"accessCode": plan.number},
        **plan.options,
    }
    if plan.form is not None:
        row |= {"registration": plan.form, "registerLink": register_link(simulator, plan)}
    return {name: value for name, value in row.items() if value is not None}


def series_row(simulator: WebexState, room: Room, plan: Plan, zone: tzinfo) -> Row:
    """Return a series."""
    row = {
        "id": room.id,
        **_build_planned_row(simulator, room, plan, zone),
        "meetingType": "meetingSeries",
        "state": series_state(simulator, room, plan),
        "start": seconds(plan.start, zone),
        "end": seconds(plan.end, zone),
    }
    return row | ({"recurrence": plan.recurrence} if plan.recurrence else {})


def occurrence_row(
    simulator: WebexState, room: Room, plan: Plan, run: PlannedRun, zone: tzinfo
) -> Row:
    """Return an occurrence, which has no rule."""
    return {
        "id": simulator.occurrence_of(room.id, run),
        "meetingSeriesId": room.id,
        **_build_planned_row(simulator, room, plan, zone),
        "meetingType": "scheduledMeeting",
        "state": occurrence_state(simulator, room, plan, run),
        "isModified": run.modified,
        "start": seconds(run.start, zone),
        "end": seconds(run.end, zone),
    }


def run_row(simulator: WebexState, session: Session, zone: tzinfo) -> Row:
    """Return a run. One in the lobby, or that ended, has neither password nor options."""
    series = series_of(session.id)
    room = simulator.world.rooms.get(series) or Room(id=series, name=session.title or "")
    plan, state = simulator.plans[series], run_state(simulator, session)
    fields = _build_planned_row if state == "inProgress" else _common
    started = session.started_at or simulator.world.now
    row = {
        "id": session.id,
        "meetingSeriesId": series,
        "scheduledMeetingId": simulator.runs_of.get(session.id),
        **fields(simulator, room, plan, zone),
        "meetingType": "meeting",
        "state": state,
        "start": seconds(started, zone),
    }
    if session.ended_at is not None:
        recorded = any(
            each.session_id == session.id for each in simulator.world.recordings.values()
        )
        row |= {"end": seconds(session.ended_at, zone), **dict.fromkeys(FLAGS, False)}
        row["hasRecording"] = recorded
    return row


def find_current(simulator: WebexState, plan: Plan) -> PlannedRun | None:
    """Return the occurrence that is ready or next."""
    ahead = (run for run in plan.occurrences if run.end > simulator.world.now)
    return next(ahead, None)
