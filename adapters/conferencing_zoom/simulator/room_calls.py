"""Calls about meetings and webinars: docs/vendors/zoom.md#rooms"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from attrs import evolve

from conferencing.model import Room, RoomKind
from conferencing.model.zones import zone_of
from conferencing.sandbox.kit import Fields
from conferencing.sandbox.simulator import Answer
from conferencing.world import User

from .drafts import FIELDS, Draft, read_draft
from .endpoints import Endpoints
from .errors import refuse
from .limits import count_room_write
from .recurrence import plan_runs
from .rooms import (
    check_addon,
    find_occurrence,
    find_room,
    room_row,
    sync_room,
)
from .state import Caller, PlannedRun, RoomDetails, ZoomState
from .users import find_user, user_of

__all__ = ["endpoints"]

endpoints = Endpoints()

HOUR: Final = timedelta(hours=1)
RECURRING: Final = {8, 9}
TYPES: Final = {"meetings": 2, "webinars": 5}
SETTINGS_OF_OCCURRENCE: Final = {
    *("host_video", "participant_video", "join_before_host", "mute_upon_entry", "waiting_room"),
    *("watermark", "auto_recording"),
}
NUMBER: Final = "/{family:meetings|webinars}/{number}"


@endpoints("POST", "/users/{user}/{family:meetings|webinars}", "L", "{kind}:write:{kind}", *FIELDS)
def create_room(
    simulator: ZoomState, fields: Fields, caller: Caller, user: str, family: str
) -> Answer:
    host = user_of(simulator, caller, user)
    kind = family.removesuffix("s")
    draft = read_draft(fields, kind, host.timezone)
    if draft.schedule_for is not None:
        host = _delegate(simulator, caller, draft.schedule_for)
    check_addon(simulator, kind, host.id)
    if draft.type in RECURRING and draft.recurrence is None:
        raise refuse(400, 300, "Invalid recurrence.")
    count_room_write(simulator, host.id)
    details = RoomDetails(
        kind=kind,
        type=draft.type or TYPES[family],
        host_id=host.id,
        register_code=("WN_" if kind == "webinar" else "t") + simulator.new_text(22),
        settings=_template_settings(simulator, draft),
        tracking_fields=draft.tracking_fields,
    )
    now = simulator.world.now.astimezone(UTC).replace(microsecond=0)
    # A start that is missing or past becomes now: docs/vendors/zoom.md#times
    starts_at = None if details.permanent else max(draft.starts_at or now, now)
    _apply_settings(details, draft)
    details.password = _passcode(simulator, draft)
    room = simulator.world.add_room(
        name=draft.topic or "Zoom Meeting",
        kind=RoomKind(kind),
        starts_at=starts_at,
        duration=None if details.permanent else draft.duration or HOUR,
        timezone=draft.timezone or host.timezone,
        description=draft.agenda or "",
    )
    simulator.details[room.id] = details
    _plan(room, details, draft)
    room = sync_room(simulator, room, details)
    simulator.world.announce("created", room.id)
    return Answer.json(room_row(simulator, room, details), 201)


def _delegate(simulator: ZoomState, caller: Caller, name: str) -> User:
    """Return the user of `schedule_for`. An app on its own may schedule for anybody in the account.

    docs/vendors/zoom.md#errors: code 3000 without the privilege.
    """
    user = find_user(simulator, name)
    if caller.user_id not in {None, user.id}:
        raise refuse(400, 3000, "You cannot schedule a meeting for this user.")
    return user


def _template_settings(simulator: ZoomState, draft: Draft) -> dict[str, Any]:
    if draft.template_id is None:
        return {}
    template = simulator.world.templates.get(draft.template_id)
    if template is None:
        raise refuse(400, 300, "Invalid template id.")
    return dict(template.native["settings"])


def _apply_settings(details: RoomDetails, draft: Draft) -> None:
    """Merge settings key by key.

    What a permanent room cannot do is dropped without a word: docs/vendors/zoom.md#oddity-2
    """
    changes = dict(draft.settings)
    changes.pop("notify_registrants", None)
    if details.permanent:
        changes.pop("approval_type", None)
    if changes.get("waiting_room"):
        changes["join_before_host"] = False
    details.settings |= changes


def _passcode(simulator: ZoomState, draft: Draft) -> str:
    """Return the passcode of a new room, made up if the account wants one."""
    if draft.password:
        return draft.password
    wanted = simulator.quirks["passcode_required"] and draft.makes_passcode is not False
    return simulator.new_text(6).replace("-", "x").replace("_", "y") if wanted else ""


def _plan(room: Room, details: RoomDetails, draft: Draft) -> None:
    """Plan the occurrences of types 8 and 9."""
    details.recurrence = draft.recurrence or details.recurrence
    if details.type not in RECURRING:
        details.recurrence, details.occurrences = None, []
    elif details.recurrence is not None and room.starts_at is not None:
        details.occurrences = plan_runs(
            details.recurrence, room.starts_at, room.duration or HOUR, zone_of(room.timezone)
        )


@endpoints("GET", NUMBER, "L", "{kind}:read:{kind}", "occurrence_id", "show_previous_occurrences")
def get_room(
    simulator: ZoomState, fields: Fields, caller: Caller, family: str, number: str
) -> Answer:
    room, details = find_room(simulator, caller, family, number)
    previous = fields.flag("show_previous_occurrences") is True
    run_id = fields.text("occurrence_id")
    if run_id:
        run = find_occurrence(details, run_id)
        room = evolve(room, starts_at=run.starts_at, duration=run.duration)
    return Answer.json(room_row(simulator, room, details, previous=previous))


@endpoints("PATCH", NUMBER, "L", "{kind}:update:{kind}", *FIELDS, "occurrence_id")
def update_room(
    simulator: ZoomState, fields: Fields, caller: Caller, family: str, number: str
) -> Answer:
    room, details = find_room(simulator, caller, family, number)
    draft = read_draft(fields, details.kind, room.timezone or "UTC")
    if draft.schedule_for is not None:
        details.host_id = _delegate(simulator, caller, draft.schedule_for).id
    count_room_write(simulator, details.host_id)
    old = room_row(simulator, room, details)
    run_id = fields.text("occurrence_id")
    if run_id:
        _change_occurrence(simulator, room, details, draft, find_occurrence(details, run_id))
    else:
        room = _change_room(simulator, room, details, draft)
    room = sync_room(simulator, room, details)
    simulator.updates[number] = (old, room_row(simulator, room, details))
    simulator.world.announce("updated", number)
    return Answer(status=204)


def _change_room(simulator: ZoomState, room: Room, details: RoomDetails, draft: Draft) -> Room:
    details.type = draft.type or details.type
    _apply_settings(details, draft)
    if draft.password is not None:
        details.password = draft.password
    details.tracking_fields = draft.tracking_fields or details.tracking_fields
    changes: dict[str, Any] = {
        "name": draft.topic,
        "description": draft.agenda,
        "timezone": draft.timezone,
        "duration": draft.duration,
        "starts_at": draft.starts_at,
    }
    # A past start is ignored on update: docs/vendors/zoom.md#times
    if draft.starts_at is not None and draft.starts_at < _minute(simulator.world.now):
        del changes["starts_at"]
    changes = {name: value for name, value in changes.items() if value is not None}
    if details.permanent:
        changes |= {"starts_at": None, "duration": None}
    elif room.starts_at is None:
        changes.setdefault("starts_at", _minute(simulator.world.now))
        changes.setdefault("duration", HOUR)
    changed = simulator.world.change_room(room.id, **changes)
    if draft.type or draft.recurrence or {"starts_at", "duration", "timezone"} & changes.keys():
        _plan(changed, details, draft)
    return changed


def _minute(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(second=0, microsecond=0)


def _change_occurrence(
    simulator: ZoomState, room: Room, details: RoomDetails, draft: Draft, run: PlannedRun
) -> None:
    """Change one occurrence; whatever is not of an occurrence is ignored.

    Agenda and settings are those of the series here, which is a guess.
    """
    details.settings |= {
        name: value for name, value in draft.settings.items() if name in SETTINGS_OF_OCCURRENCE
    }
    run.starts_at = draft.starts_at or run.starts_at
    run.duration = draft.duration or run.duration
    if draft.agenda is not None:
        simulator.world.change_room(room.id, description=draft.agenda)


# ------------------------------------------------------------------------- deletion and status


@endpoints(
    "DELETE",
    NUMBER,
    *("L", "{kind}:delete:{kind}"),
    *("occurrence_id", "schedule_for_reminder", "cancel_meeting_reminder"),
    "cancel_webinar_reminder",
)
def delete_room(
    simulator: ZoomState, fields: Fields, caller: Caller, family: str, number: str
) -> Answer:
    room, details = find_room(simulator, caller, family, number)
    run_id = fields.text("occurrence_id")
    if run_id:
        find_occurrence(details, run_id).status = "deleted"
        sync_room(simulator, room, details)
        return Answer(status=204)
    if simulator.world.running(number) and simulator.quirks["undeletable_while_running"]:
        raise refuse(400, 3002, "Sorry, you cannot delete this meeting since it's in progress.")
    if fields.flag(f"cancel_{details.kind}_reminder"):
        for participant in simulator.world.participants[number]:
            simulator.world.post("cancellation", participant.email or "", number)
    if fields.flag("schedule_for_reminder") and details.kind == "meeting":
        host = simulator.world.users[details.host_id]
        simulator.world.post("deletion", host.email, number)
    simulator.world.announce("deleted", number)
    simulator.world.remove_room(number)
    simulator.deleted[number] = room
    return Answer(status=204)


@endpoints("PUT", f"{NUMBER}/status", "L", "{kind}:update:status", "action")
def change_status(
    simulator: ZoomState, fields: Fields, caller: Caller, family: str, number: str
) -> Answer:
    actions = ("end", "recover") if family == "meetings" else ("end",)
    fields.require("action")
    if fields.choice("action", actions) == "recover":
        return _recover(simulator, caller, family, number)
    find_room(simulator, caller, family, number)
    if simulator.world.running(number):
        simulator.world.end_session(number)
    elif simulator.quirks["end_idle_is_400"]:
        raise refuse(400, 300, "This meeting is not in progress.")
    return Answer(status=204)


def _recover(simulator: ZoomState, caller: Caller, family: str, number: str) -> Answer:
    room = simulator.deleted.pop(number, None)
    if room is None:
        find_room(simulator, caller, family, number)
        return Answer(status=204)
    simulator.world.rooms[number] = room
    simulator.world.announce("recovered", number)
    return Answer(status=204)


@endpoints("GET", "/meetings/{number}/invitation", "L", "meeting:read:invitation")
def get_invitation(simulator: ZoomState, fields: Fields, caller: Caller, number: str) -> Answer:
    room, details = find_room(simulator, caller, "meetings", number)
    host = simulator.world.users[details.host_id]
    lines = [
        f"{host.first_name} {host.last_name} is inviting you to a scheduled Zoom meeting.",
        "",
        f"Topic: {room.name}",
        f"Join Zoom Meeting\n{room.join_url}",
        "",
        f"Meeting ID: {number}",
        *([f"Passcode: {details.password}"] if details.password else []),
    ]
    return Answer.json({"invitation": "\r\n".join(lines), "sip_links": []})
