"""Meetings that are in no calendar."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from uuid import uuid4

from conferencing.http import DELETE, POST, Effect, Reply, Request
from conferencing.model import Room, RoomSettings
from conferencing.model.drafts import RoomDraft
from conferencing_teams.client import GraphProvider, MeetingPath
from conferencing_teams.wire import meetings
from conferencing_teams.wire.base import RoomKey
from conferencing_teams.wire.meetings import MeetingRow, differs, plan_times, write_settings

from .base import meeting_path, patch_meeting, undo_unless

__all__ = ["MeetingForm"]


class MeetingForm:
    """Plain online meetings: no mailbox is needed, nobody is mailed, and there is no list of them."""

    def __init__(self, graph: GraphProvider) -> None:
        self._graph = graph

    async def get(self, key: RoomKey) -> Room:
        """Fetch a meeting."""
        return await self._graph.call(await self._get(key), self._reader(key.owner))

    async def _get(self, key: RoomKey) -> Request:
        owner = await self._graph.find_owner(key.owner)
        return meeting_path(owner, key.id).base

    async def create(self, draft: RoomDraft) -> Room:
        """Create a meeting once, however often it is sent, and set what a new one does not take."""
        graph = self._graph
        owner = await graph.find_owner(draft.host.email if draft.host else None)
        body = meetings.write_created(draft, str(uuid4()), graph.now)
        request = POST(
            "/users/{owner}/onlineMeetings/createOrGet",
            owner=owner,
            json=body,
            effect=Effect.IDEMPOTENT,  # by its externalId (docs/vendors/teams.md#meetings)
        )
        room, row, existed = await graph.call(request, partial(self._read_created, owner=owner))
        changes = write_settings(draft)
        if differs(body, row):
            fields = ("subject", "startDateTime", "endDateTime")
            changes |= {name: body[name] for name in fields if name in body}
        if not changes:
            return room
        step = patch_meeting(graph, owner, row.id, changes, self._reader(owner))
        # An older meeting is not deleted because a change of it failed.
        if existed:
            return await step
        return await undo_unless(step, lambda: self.delete(graph.split_id(room.id)))

    def _read_created(self, reply: Reply, owner: str) -> tuple[Room, MeetingRow, bool]:
        """Return the meeting, and whether it was there before: then the status is 200."""
        room = self._reader(owner)(reply)
        return room, meetings.read_meeting(reply), reply.status == 200  # noqa: PLR2004

    async def update(self, room: Room, changes: RoomDraft) -> Room:
        """Change a meeting; of start and end, Graph takes both or neither."""
        key = self._graph.split_id(room.id)
        owner = await self._graph.find_owner(key.owner)
        partial_plan = (changes.starts_at is None) != (changes.duration is None)
        current = await self.get(key) if partial_plan else None
        body = meetings.write_update(changes, plan_times(changes, self._graph.now, current))
        return await patch_meeting(self._graph, owner, key.id, body, self._reader(owner))

    async def delete(self, key: RoomKey) -> None:
        """Delete a meeting."""
        owner = await self._graph.find_owner(key.owner)
        request = DELETE("/users/{owner}/onlineMeetings/{meeting}", owner=owner, meeting=key.id)
        await self._graph.delete(request)

    async def settings(self, key: RoomKey) -> RoomSettings:
        """Fetch the settings of a meeting."""
        row = await self._graph.call(await self._get(key), meetings.read_meeting)
        return meetings.read_settings(row)

    async def list_paths(self, key: RoomKey, room: Room | None = None) -> Sequence[MeetingPath]:
        """Return the path of the meeting."""
        return [meeting_path(*await self.find_online_meeting(key, room))]

    async def find_online_meeting(self, key: RoomKey, room: Room | None = None) -> tuple[str, str]:
        """Return owner and id, which the key has."""
        return await self._graph.find_owner(key.owner), key.id

    def _reader(self, owner: str) -> partial[Room]:
        return partial(meetings.read_room, owner=owner, now=self._graph.now)
