"""Hooks, and the events that go to them: docs/vendors/webex.md#webhooks"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final

from conferencing.errors import InvalidRequest
from conferencing.model import Room
from conferencing.sandbox.kit import Fields, Router, read_query
from conferencing.sandbox.simulator import Answer
from conferencing.world import Change

from .errors import not_found, refuse
from .formats import milliseconds
from .pages import page_answer
from .people import list_people, person_row
from .recordings import recording_row, transcript_row
from .rooms import run_row
from .state import Caller, Hook, WebexState

__all__ = ["announce", "observe", "route", "signature", "switch_off"]

route = Router()

PAIRS: Final[Mapping[str, tuple[str, ...]]] = {
    "meetings": ("created", "updated", "deleted", "started", "ended"),
    "meetingParticipants": ("joined", "left"),
    "recordings": ("created", "updated", "deleted"),
    "meetingTranscripts": ("created",),
}
ALL: Final = ("created", "updated", "deleted")
"""What the event `all` stands for: it does not start, end, join and leave."""

FIELDS: Final = ("name", "targetUrl", "resource", "event", "filter", "secret", "ownedBy")
FAILURES: Final = 100
WITHIN: Final = timedelta(minutes=5)

Row = dict[str, Any]


@route("POST", "/v1/webhooks", *FIELDS)
def create_hook(simulator: WebexState, fields: Fields, caller: Caller) -> Answer:
    fields.require("name", "targetUrl", "resource", "event")
    resource = fields.choice("resource", PAIRS) or ""
    fields.choice("event", (*PAIRS[resource], "all"))
    if fields.text("ownedBy") == "org" and not caller.admin:
        raise refuse(403)
    if "hostEmail" in (fields.text("filter") or "") and fields.text("ownedBy") != "org":
        raise refuse(400, "The filter 'hostEmail' is for webhooks of the organization only.")
    hook = Hook(
        id=simulator.world.new_id("webhook"),
        owner=fields.text("ownedBy") or caller.user_id,
        body={name: fields[name] for name in FIELDS if name in fields},
        created=simulator.world.now,
    )
    simulator.hooks[hook.id] = hook
    return Answer.json(_hook_row(hook))


def _hook_row(hook: Hook) -> Row:
    return {
        "id": hook.id,
        "ownedBy": "creator",
        **hook.body,
        "status": hook.status,
        "created": milliseconds(hook.created),
    }


def _list_own_hooks(simulator: WebexState, caller: Caller) -> list[Hook]:
    owners = {caller.user_id, "org"} if caller.admin else {caller.user_id}
    return [hook for hook in simulator.hooks.values() if hook.owner in owners]


def _find(simulator: WebexState, caller: Caller, name: str) -> Hook:
    for hook in _list_own_hooks(simulator, caller):
        if hook.id == name:
            return hook
    raise not_found()


@route("GET", "/v1/webhooks", "max", "ownedBy", "cursor")
def list_hooks(simulator: WebexState, fields: Fields, caller: Caller) -> Answer:
    """List the caller's hooks, or those of the organization."""
    owner = fields.text("ownedBy") or caller.user_id
    hooks = [hook for hook in _list_own_hooks(simulator, caller) if hook.owner == owner]
    return page_answer(simulator, fields, [_hook_row(hook) for hook in hooks], usual=100)


@route("GET", "/v1/webhooks/{hook}")
def get_hook(simulator: WebexState, fields: Fields, caller: Caller, hook: str) -> Answer:
    return Answer.json(_hook_row(_find(simulator, caller, hook)))


@route("PUT", "/v1/webhooks/{hook}", "name", "targetUrl", "secret", "ownedBy", "status")
def change_hook(simulator: WebexState, fields: Fields, caller: Caller, hook: str) -> Answer:
    """Change name, address and secret, and switch a hook on again."""
    fields.require("name", "targetUrl")
    changed = _find(simulator, caller, hook)
    changed.body |= {name: fields[name] for name in FIELDS if name in fields}
    if fields.choice("status", ("active",)):
        changed.status, changed.failures = "active", []
    return Answer.json(_hook_row(changed))


@route("DELETE", "/v1/webhooks/{hook}")
def delete_hook(simulator: WebexState, fields: Fields, caller: Caller, hook: str) -> Answer:
    del simulator.hooks[_find(simulator, caller, hook).id]
    return Answer(status=204)


# ------------------------------------------------------------------------------------------ events


def announce(simulator: WebexState, resource: str, event: str, room: Room, data: Row) -> None:
    """Send an event to the hooks for it."""
    for hook in simulator.hooks.values():
        if hook.status == "active" and _wants(hook, resource, event, data):
            body = _write_event(hook, resource, event, data)
            headers: dict[str, str] = {}
            if hook.body.get("secret"):
                headers["X-Spark-Signature"] = signature(hook.body["secret"], body)
            with suppress(InvalidRequest):  # an address that is not on this machine
                message = simulator.sender.send(hook.body["targetUrl"], body, headers)
                simulator.sent[message] = hook.id


def _wants(hook: Hook, resource: str, event: str, data: Row) -> bool:
    wanted = ALL if hook.body["event"] == "all" else (hook.body["event"],)
    filters = read_query(hook.body.get("filter") or "")
    fits = all(str(data.get(name)) == value for name, value in filters.items())
    return hook.body["resource"] == resource and event in wanted and fits


def _write_event(hook: Hook, resource: str, event: str, data: Row) -> bytes:
    """Return the body; `created` is that of the hook, and there is no id of the event."""
    row = _hook_row(hook)
    row.pop("secret", None)
    body = {**row, "resource": resource, "event": event, "appId": "app", "data": data}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def signature(secret: str, body: bytes) -> str:
    """Return the HMAC-SHA1 of a body in lower-case hexadecimal digits."""
    return hmac.digest(secret.encode(), body, "sha1").hex()


def observe(simulator: WebexState, change: Change) -> None:
    """Send the events of what happens in the world; rooms announce theirs themselves.

    That `data` of a person has all devices so far is a guess: no sample is published.
    """
    world, room = simulator.world, simulator.world.rooms.get(change.room_id) or Room(id="gone")
    match change.kind:
        case "session started" | "session ended":
            row = run_row(simulator, world.sessions[change.subject_id], simulator.zone)
            announce(simulator, "meetings", change.kind.removeprefix("session "), room, row)
        case "entered" | "moved" | "left":
            _announce_person(simulator, change, room)
        case "recorded" | "recording deleted":
            _announce_recording(simulator, change, room)
        case _:
            return


def _announce_person(simulator: WebexState, change: Change, room: Room) -> None:
    visit = simulator.world.visits[change.subject_id]
    session = simulator.world.sessions[visit.session_id]
    people = list_people(simulator, session)
    row = person_row(simulator, session, next(each for each in people if visit in each))
    ends = change.kind == "left"
    if visit.waits or not visit.segments() or (ends and simulator.quirks["lose_left"]):
        return
    announce(simulator, "meetingParticipants", "left" if ends else "joined", room, row)


def _announce_recording(simulator: WebexState, change: Change, room: Room) -> None:
    if change.kind == "recording deleted":
        announce(simulator, "recordings", "deleted", room, {"id": change.subject_id})
        return
    recording = simulator.world.recordings[change.subject_id]
    row = recording_row(simulator, recording, simulator.zone)
    announce(simulator, "recordings", "created", room, row)
    ids = simulator.world.file_ids.get(recording.id, ())
    for file, file_id in zip(recording.files, ids, strict=False):
        if file.media_type == "text/vtt":
            transcript = transcript_row(simulator, recording, file_id)
            announce(simulator, "meetingTranscripts", "created", room, transcript)


def switch_off(simulator: WebexState) -> None:
    """Switch off the hooks with 100 failures in five minutes."""
    for attempt in simulator.sender.attempts:
        hook = simulator.hooks.get(simulator.sent.pop(attempt.message, ""))
        if hook is not None and not attempt.delivered:
            hook.failures.append(attempt.sent_at)
            recent = [each for each in hook.failures if each > attempt.sent_at - WITHIN]
            hook.status = "inactive" if len(recent) >= FAILURES else hook.status
