"""What the forms of rooms have in common."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeVar

from conferencing.errors import ConferencingError, UnsupportedOperation
from conferencing.http import GET, PATCH, Effect, Reply
from conferencing.model import Room, RoomSettings
from conferencing.model.drafts import RoomDraft
from conferencing_teams.client import GraphProvider, MeetingPath
from conferencing_teams.wire import meetings
from conferencing_teams.wire.base import RoomKey, quote_literal
from conferencing_teams.wire.meetings import MeetingRow

__all__ = [
    "RoomForm",
    "build_unsupported",
    "find_meeting",
    "meeting_path",
    "patch_meeting",
    "undo_unless",
]

T = TypeVar("T")


class RoomForm(Protocol):
    """The calls about rooms of one form."""

    async def get(self, key: RoomKey) -> Room:
        """Fetch a room."""
        ...

    async def create(self, draft: RoomDraft) -> Room:
        """Create a room."""
        ...

    async def update(self, room: Room, changes: RoomDraft) -> Room:
        """Change a room, of which only the id may be known, and return the whole of it."""
        ...

    async def delete(self, key: RoomKey) -> None:
        """Delete a room."""
        ...

    async def settings(self, key: RoomKey) -> RoomSettings:
        """Fetch what people may do in a room."""
        ...

    async def list_paths(self, key: RoomKey, room: Room | None = None) -> Sequence[MeetingPath]:
        """Return where the attendance reports of a room are. What is known of it spares a call."""
        ...

    async def find_online_meeting(self, key: RoomKey, room: Room | None = None) -> tuple[str, str]:
        """Return the owner and the id of the online meeting, which has the recordings."""
        ...


async def find_meeting(graph: GraphProvider, owner: str, join_url: str) -> MeetingRow:
    """Find the online meeting behind a link, which is to be sent exactly as it was returned.

    docs/vendors/teams.md#join-url
    """
    query = {"$filter": f"JoinWebUrl eq '{quote_literal(join_url)}'"}
    request = GET("/users/{owner}/onlineMeetings", owner=owner, query=query)
    return await graph.call(request, meetings.read_sole_meeting)


def meeting_path(owner: str, meeting_id: str) -> MeetingPath:
    """Return the path of an online meeting."""
    base = GET("/users/{owner}/onlineMeetings/{meeting}", owner=owner, meeting=meeting_id)
    return MeetingPath(base)


async def patch_meeting(
    graph: GraphProvider, owner: str, meeting_id: str, body: object, read: Callable[[Reply], T]
) -> T:
    """Change an online meeting; the reply has the whole of it."""
    request = PATCH(
        "/users/{owner}/onlineMeetings/{meeting}",
        owner=owner,
        meeting=meeting_id,
        json=body,
        effect=Effect.IDEMPOTENT,
    )
    return await graph.call(request, read)


async def undo_unless(step: Awaitable[T], undo: Callable[[], Awaitable[None]]) -> T:
    """Return the result of a step, or undo what came before it and raise its error.

    A room without the lobby or the settings that it was to have is not what was asked for.
    """
    try:
        return await step
    except ConferencingError as error:
        failed = error
    try:
        await undo()
    except ConferencingError as error:
        left = error.message
        failed.problems = (*failed.problems, f"the room is left as it is, since {left}")
    raise failed


def build_unsupported(what: str, operation: str) -> UnsupportedOperation:
    """Return the error for an operation that rooms of a form do not have."""
    return UnsupportedOperation(what, provider="teams", operation=operation)
