"""Meetings as events in the host's calendar."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from uuid import uuid4

from attrs import evolve

from conferencing.errors import NotAvailable
from conferencing.http import DELETE, GET, PATCH, POST, Effect, Request
from conferencing.model import Room, RoomSettings
from conferencing.model.drafts import Invitation, RoomDraft
from conferencing.model.zones import zone_name
from conferencing.provider import Pages
from conferencing_teams.client import GraphProvider, MeetingPath
from conferencing_teams.wire import calendar, meetings
from conferencing_teams.wire.base import RoomKey
from conferencing_teams.wire.meetings import MeetingRow, plan_times, write_settings
from conferencing_teams.wire.zones import write_instant

from .base import find_meeting, meeting_path, patch_meeting, undo_unless

__all__ = ["CalendarForm"]

PAGE = {"$top": 100}


class CalendarForm:
    """Calendar events with a link: listed, in a zone, recurring, and mailed to people."""

    def __init__(self, graph: GraphProvider) -> None:
        self._graph = graph

    async def list_rooms(self) -> Pages[Room]:
        """List the host's own events with a link: Graph refuses to filter by it."""
        owner = await self._graph.find_owner()
        request = GET("/users/{owner}/events", owner=owner, query=PAGE, headers=calendar.PREFER)
        read = partial(calendar.read_rooms, owner=owner, now=self._graph.now)
        async for page in self._graph.list_pages(request, read):
            yield page

    async def get(self, key: RoomKey) -> Room:
        """Fetch an event, and the dates of a series."""
        room = await self.fetch(key)
        if room.recurrence is None or room.starts_at is None:
            return room
        first, last = calendar.list_bounds(room.recurrence, room.starts_at, self._graph.now)
        request = GET(
            "/users/{owner}/events/{event}/instances",
            owner=key.owner,
            event=key.id,
            query={
                # Graph wants both bounds (docs/vendors/teams.md#events).
                "startDateTime": write_instant(first),
                "endDateTime": write_instant(last),
                **PAGE,
            },
            headers=calendar.PREFER,
        )
        read = partial(calendar.read_occurrences, timezone=room.timezone)
        dates = [date async for page in self._graph.list_pages(request, read) for date in page]
        return evolve(room, occurrences=tuple(dates))

    async def fetch(self, key: RoomKey) -> Room:
        """Fetch an event without the dates of a series."""
        return await self._graph.call(_get(key), self._reader(key.owner))

    async def create(self, draft: RoomDraft) -> Room:
        """Create an event once, however often it is sent, and set what only its meeting has."""
        graph = self._graph
        owner = await graph.find_owner(draft.host.email if draft.host else None)
        now = graph.now
        # What Graph takes for an online meeting without times (docs/vendors/teams.md#meetings).
        times = plan_times(draft, now) or (now, now + meetings.HOUR)
        body = calendar.write_event(draft, times, draft.timezone, transaction_id=str(uuid4()))
        request = POST(
            "/users/{owner}/events",
            owner=owner,
            json=body,
            headers=calendar.PREFER,
            effect=Effect.IDEMPOTENT,  # by its transactionId (docs/vendors/teams.md#events)
        )
        room = await graph.call(request, self._reader(owner))
        return await undo_unless(
            self._apply(room, draft), lambda: self.delete(graph.split_id(room.id))
        )

    async def _apply(self, room: Room, draft: RoomDraft) -> Room:
        """Set what only the meeting has. Raises `NotAvailable` for an event without one."""
        # Graph answers 201 to an event without a meeting, too (docs/vendors/teams.md#events).
        if not calendar.has_meeting(room):
            raise NotAvailable(
                "Exchange gives this event no Teams link: give the host a license for Teams, or allow"
                " Teams for the mailbox"
            )
        settings = write_settings(draft)
        if not settings:
            return room
        owner, meeting = await self.find_online_meeting(self._graph.split_id(room.id), room)
        row = await patch_meeting(self._graph, owner, meeting, settings, meetings.read_meeting)
        return _with_settings(room, row)

    async def update(self, room: Room, changes: RoomDraft) -> Room:
        """Change an event, which mails its people, and what its meeting has."""
        key = self._graph.split_id(room.id)
        times, zone = await self._plan_update(key, changes)
        body = calendar.write_event(changes, times, zone)
        # Each change mails everybody (docs/vendors/teams.md#forms), and who they are may be unknown.
        nobody = room.native.get("attendees") == [] and not changes.people
        effect = Effect.IDEMPOTENT if nobody else Effect.NOTIFY
        changed = await self._patch(key, body, effect) if body else await self.fetch(key)
        return await self._apply(changed, changes)

    async def _patch(self, key: RoomKey, body: object, effect: Effect) -> Room:
        request = PATCH(
            "/users/{owner}/events/{event}",
            owner=key.owner,
            event=key.id,
            json=body,
            headers=calendar.PREFER,
            effect=effect,
        )
        return await self._graph.call(request, self._reader(key.owner))

    async def _plan_update(
        self, key: RoomKey, changes: RoomDraft
    ) -> tuple[tuple[datetime, datetime] | None, str | None]:
        """Return start, end and zone of the changed event; what is not changed is looked up."""
        parts = (changes.starts_at, changes.duration, changes.timezone, changes.recurrence)
        if all(part is None for part in parts):
            return None, None
        if changes.starts_at and changes.duration and (changes.timezone or not changes.recurrence):
            return plan_times(changes, self._graph.now), changes.timezone
        current = await self.fetch(key)
        moved = evolve(changes, starts_at=changes.starts_at or current.starts_at)
        zone = changes.timezone or zone_name(changes.starts_at) or current.timezone
        return plan_times(moved, self._graph.now, current), zone

    async def delete(self, key: RoomKey) -> None:
        """Delete an event; its people are mailed."""
        request = DELETE(
            "/users/{owner}/events/{event}",
            owner=key.owner,
            event=key.id,
            headers=calendar.PREFER,
        )
        await self._graph.delete(request)

    async def invite(self, key: RoomKey, invitation: Invitation) -> None:
        """Forward the invitation of an event to more people."""
        request = POST(
            "/users/{owner}/events/{event}/forward",
            owner=key.owner,
            event=key.id,
            json=calendar.write_forward(invitation),
            headers=calendar.PREFER,
            effect=Effect.NOTIFY,
        )
        await self._graph.call(request)

    async def settings(self, key: RoomKey) -> RoomSettings:
        """Fetch the settings of the meeting behind an event."""
        return meetings.read_settings(await self._find_row(key, None))

    async def list_paths(self, key: RoomKey, room: Room | None = None) -> Sequence[MeetingPath]:
        """Return the path of the one meeting that all dates of an event share."""
        return [meeting_path(*await self.find_online_meeting(key, room))]

    async def find_online_meeting(self, key: RoomKey, room: Room | None = None) -> tuple[str, str]:
        """Return owner and id of the meeting behind an event."""
        owner = await self._graph.find_owner(key.owner)
        return owner, (await self._find_row(key, room)).id

    async def _find_row(self, key: RoomKey, room: Room | None) -> MeetingRow:
        link = room.join_url if room else None
        if link is None:
            link = (await self.fetch(key)).join_url
        if link is None:
            raise NotAvailable("this event has no Teams link, so there is no meeting behind it")
        return await find_meeting(self._graph, await self._graph.find_owner(key.owner), link)

    def _reader(self, owner: str) -> partial[Room]:
        return partial(calendar.read_room, owner=owner, now=self._graph.now)


def _get(key: RoomKey) -> Request:
    return GET(
        "/users/{owner}/events/{event}", owner=key.owner, event=key.id, headers=calendar.PREFER
    )


def _with_settings(room: Room, row: MeetingRow) -> Room:
    return evolve(
        room, waiting_room=meetings.is_waiting_room(row), settings=meetings.read_settings(row)
    )
