"""Notifications become events: what they name is fetched, since they hold little of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Final

from attrs import evolve

from conferencing.errors import ConfigurationError, NotFound
from conferencing.http import GET
from conferencing.model import Room, Secret
from conferencing.model.native import Native
from conferencing.webhooks import (
    Delivery,
    Event,
    OtherEvent,
    RecordingReady,
    RegistrationChanged,
    RegistrationCreated,
    RoomChanged,
    RoomDeleted,
    SessionEnded,
    SessionStarted,
    TranscriptReady,
    WebhookRequest,
)
from conferencing.webhooks.verification import check_token

from .client import GraphProvider
from .forms import CalendarForm, RoomForm, WebinarForm
from .forms.base import meeting_path
from .wire import calendar, events, recordings
from .wire.base import WIRE, Form, RoomKey
from .wire.encryption import decrypt
from .wire.events import NotificationRow, Subject
from .wire.recordings import Source

__all__ = ["Notifications"]

MISSED_FOR: Final = timedelta(days=1)
"""How far back is looked after a notice that notifications were missed."""


class Notifications:
    """Read the notifications of one account."""

    def __init__(
        self, graph: GraphProvider, forms: Mapping[Form, RoomForm], calendar_form: CalendarForm
    ) -> None:
        self._graph = graph
        self._forms = forms
        self._calendar = calendar_form
        self._webinars = WebinarForm(graph)

    async def read(self, request: WebhookRequest, secrets: Iterable[Secret]) -> Delivery:
        """Return the events of a request, or the answer to a validation.

        Raises `WebhookForged` unless every notification has the `clientState`: it is the only proof.
        """
        token = request.parameter("validationToken")
        if token is not None:
            return Delivery(challenge=events.answer_validation(token))
        pairs = events.read_notifications(request)
        live = tuple(secrets)
        for row, _ in pairs:
            check_token(live, row.clientState, header="clientState")
        room_id = request.parameter("room")
        read = [event for row, body in pairs for event in await self._read(row, body, room_id)]
        return Delivery(events=tuple(read))

    async def _read(
        self, row: NotificationRow, body: Mapping[str, Any], room_id: str | None
    ) -> list[Event]:
        data = self._open(row)
        subject = events.parse_resource(row.resource or "")
        common = {
            "id": row.id or events.identify_notification(row, data, self._graph.now),
            "native": Native(
                {**body, "content": data} if row.encryptedContent else body, WIRE.secret
            ),
        }
        if row.lifecycleEvent:
            return await self._read_lifecycle(row, common)
        if subject is None:
            return [_other(row, common)]
        return [await self._read_subject(row, subject, room_id, data, common)]

    async def _read_subject(
        self,
        row: NotificationRow,
        subject: Subject,
        room_id: str | None,
        data: Mapping[str, Any],
        common: dict[str, Any],
    ) -> Event:
        ids = subject.ids
        match subject.kind:
            case "event":
                key = RoomKey(Form.EVENT, ids["owner"], ids["event"])
                return await self._read_room_event(row, key, common)
            case "webinar":
                key = RoomKey(Form.WEBINAR, "", ids["webinar"])
                return await self._read_room_event(row, key, common)
            case "registration":
                return await self._read_registration(row, ids, common)
            case "call":
                return _read_call(data, room_id, common)
            case _:
                return await self._read_media(subject, room_id, common)

    def _open(self, row: NotificationRow) -> Mapping[str, Any]:
        """Return what a notification holds of its subject, decrypted if it has to be."""
        if row.encryptedContent is None:
            return row.resourceData or {}
        key = self._graph.settings.webhook_key
        if key is None:
            raise ConfigurationError(
                "webhook_key is not set; without it, encrypted notifications cannot be read",
                field="webhook_key",
            )
        return decrypt(row.encryptedContent, key)

    async def _read_lifecycle(self, row: NotificationRow, common: dict[str, Any]) -> list[Event]:
        """Return the notice; after missed notifications, also what changed lately."""
        notice = OtherEvent(name=row.lifecycleEvent, **common)
        # Only Outlook sends `missed` (docs/vendors/teams.md#notifications).
        is_calendar = "/events" in (row.resource or "").lower()
        if row.lifecycleEvent != "missed" or not is_calendar:
            return [notice]
        since = self._graph.now - MISSED_FOR
        rooms = [room async for page in self._calendar.list_rooms() for room in page]
        changed = [room for room in rooms if room.updated_at and room.updated_at >= since]
        return [notice, *(_room_changed(room, Native({}, WIRE.secret)) for room in changed)]

    async def _read_room_event(
        self, row: NotificationRow, key: RoomKey, common: dict[str, Any]
    ) -> Event:
        room_id = str(key)
        if row.changeType == "deleted":
            return RoomDeleted(room_id=room_id, **common)
        room = await self._fetch(key)
        if room is None:
            return RoomChanged(room_id=room_id, **common)
        # An appointment without a link is no room.
        if key.form is Form.EVENT and not calendar.has_meeting(room):
            return _other(row, common)
        return evolve(_room_changed(room, common["native"]), room_id=room_id)

    async def _fetch(self, key: RoomKey) -> Room | None:
        """Return a room, or None for one that is gone by now."""
        try:
            if key.form is Form.EVENT:
                return await self._calendar.fetch(key)
            return await self._forms[key.form].get(key)
        except NotFound:
            return None

    async def _read_registration(
        self, row: NotificationRow, ids: Mapping[str, str], common: dict[str, Any]
    ) -> Event:
        key = RoomKey(Form.WEBINAR, "", ids["webinar"])
        kind = RegistrationCreated if row.changeType == "created" else RegistrationChanged
        try:
            person = await self._webinars.get_participant(key, ids["registration"], None)
        except NotFound:
            return kind(room_id=str(key), **common)
        # By content and not by the hour: a repetition may come in the next one.
        own_id = f"{row.changeType}/{events.identify_registration(person)}"
        common["id"] = row.id or own_id
        return kind(room_id=str(key), participant=person, **common)

    async def _read_media(
        self, subject: Subject, room_id: str | None, common: dict[str, Any]
    ) -> Event:
        owner = await self._graph.find_owner(subject.ids.get("owner"))
        meeting, media = subject.ids["meeting"], subject.ids["media"]
        # The resource names the online meeting, and not its event.
        room = room_id or str(RoomKey(Form.MEETING, owner, meeting))
        source = Source(self._graph.settings.base_url.rstrip("/"), owner, meeting, room)
        rest = GET(f"/{subject.kind}/{{media}}", media=media)
        read = await self._graph.call(
            meeting_path(owner, meeting).add(rest),
            lambda reply: recordings.read_media(reply, subject.kind, source),
        )
        if subject.kind == "recordings":
            return RecordingReady(recording=read.recording, room_id=room, **common)
        return TranscriptReady(files=read.recording.files, room_id=room, **common)


def _room_changed(room: Room, native: Mapping[str, Any]) -> RoomChanged:
    return RoomChanged(
        id=events.identify_room_change(room),
        time=room.updated_at,
        room_id=room.id,
        room=room,
        native=native,
    )


def _read_call(data: Mapping[str, Any], room_id: str | None, common: dict[str, Any]) -> Event:
    """Return the start or the end of a call. Who came and went is in `native` only, without times."""
    match events.find_call_event(data):
        case "callstarted":
            return SessionStarted(room_id=room_id, **common)
        case "callended":
            return SessionEnded(room_id=room_id, **common)
        case word:
            return OtherEvent(name=word or "meetingCallEvents", room_id=room_id, **common)


def _other(row: NotificationRow, common: dict[str, Any]) -> OtherEvent:
    name = f"{row.resource or ''} {row.changeType or ''}".strip()
    return OtherEvent(name=name or None, **common)
