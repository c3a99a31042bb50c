"""What the library keeps because the server does not: rooms, sessions, and who was in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from conferencing.documents import DocumentStore
from conferencing.errors import StoreUnavailable

from .wire.rooms import Run, StoredRoom, read_stored, write_stored
from .wire.sessions import Attendee, Sightings, StoredSession, add_sighting

__all__ = ["RoomStore"]

# The key is among those of a session's events, so that both are removed together.
SIGHTINGS = "sightings"


class RoomStore:
    """Keep the rooms of one server in a store of documents, which several servers may share.

    What is learned of a session is only added to, so that callbacks may come twice and in any
    order, and to several processes at once.
    """

    def __init__(self, documents: DocumentStore, server: str) -> None:
        self._documents = documents
        self._rooms = f"bigbluebutton {server} rooms"
        self._addresses = f"bigbluebutton {server} addresses"
        self._sessions = f"bigbluebutton {server} sessions of "
        self._events = f"bigbluebutton {server} events of "

    async def aclose(self) -> None:
        """Close the store."""
        await self._documents.aclose()

    # -- rooms

    async def list_rooms(self) -> list[StoredRoom]:
        """Return the rooms, the oldest first."""
        rooms = map(_read_room, (await self._documents.get_all(self._rooms)).values())
        return sorted(rooms, key=lambda room: (room.created_at, room.id))

    async def find_room(self, room_id: str) -> StoredRoom | None:
        """Return a room, or None."""
        document = await self._documents.get(self._rooms, room_id)
        return None if document is None else _read_room(document)

    async def add_room(self, room: StoredRoom) -> bool:
        """Add a room, and return whether its id was free."""
        return await self._documents.replace(self._rooms, room.id, None, write_stored(room))

    async def change_room(
        self, room_id: str, change: Callable[[StoredRoom], StoredRoom]
    ) -> StoredRoom | None:
        """Replace a room by what `change` makes of it; None if there is no such room."""
        while True:  # until no other process has changed it in between
            document = await self._documents.get(self._rooms, room_id)
            if document is None:
                return None
            room = change(_read_room(document))
            if await self._documents.replace(self._rooms, room_id, document, write_stored(room)):
                return room

    async def remove_room(self, room_id: str) -> None:
        """Remove a room; what is known of its sessions stays."""
        await self._documents.delete(self._rooms, room_id)

    # -- sessions

    async def note_run(self, run: Run) -> None:
        """Take note of a life of a meeting."""
        if run.internal is not None:
            await self.note_session(
                StoredSession(
                    meeting=run.meeting,
                    internal=run.internal,
                    title=run.name,
                    started=run.create_time,
                )
            )

    async def note_session(self, facts: StoredSession) -> None:
        """Add facts to what is known of a session; of those that are known, the newer ones count."""
        collection = self._sessions + facts.meeting
        # Unknown facts are omitted (`omit_defaults`), so that they replace no known ones.
        new: dict[str, Any] = msgspec.to_builtins(facts)
        while True:
            document = await self._documents.get(collection, facts.internal)
            merged: dict[str, Any] = {**(document or {}), **new}
            if merged == document or await self._documents.replace(
                collection, facts.internal, document, merged
            ):
                return

    async def list_sessions(self, meeting: str) -> list[StoredSession]:
        """Return the sessions of a room, the oldest first."""
        documents = await self._documents.get_all(self._sessions + meeting)
        sessions = [_convert(document, StoredSession) for document in documents.values()]
        return sorted(sessions, key=lambda session: (session.started or 0, session.internal))

    async def find_session(self, meeting: str, internal: str) -> StoredSession | None:
        """Return a session, or None."""
        document = await self._documents.get(self._sessions + meeting, internal)
        return None if document is None else _convert(document, StoredSession)

    async def remove_session(self, meeting: str, internal: str) -> None:
        """Remove all that is known of a session."""
        for key in await self._documents.get_all(self._events + internal):
            await self._documents.delete(self._events + internal, key)
        await self._documents.delete(self._sessions + meeting, internal)

    # -- who was in them

    async def add_event(self, internal: str, key: str, body: Mapping[str, Any]) -> None:
        """Keep what the server pushed about a session; the same again changes nothing."""
        await self._documents.put(self._events + internal, key, body)

    async def list_pushed(self, internal: str) -> dict[str, Any]:
        """Return what the server pushed about a session, by key."""
        documents = await self._documents.get_all(self._events + internal)
        return {key: body for key, body in documents.items() if key != SIGHTINGS}

    async def find_sightings(self, internal: str) -> Sightings:
        """Return who was seen in a session by polls, which may have seen nobody."""
        document = await self._documents.get(self._events + internal, SIGHTINGS)
        return Sightings() if document is None else _convert(document, Sightings)

    async def add_sighting(self, internal: str, attendees: Sequence[Attendee], at: int) -> None:
        """Take note of who is in a session at a time. Polls that saw nobody yet are left out."""
        while True:
            document = await self._documents.get(self._events + internal, SIGHTINGS)
            before = Sightings() if document is None else _convert(document, Sightings)
            after = add_sighting(before, attendees, at)
            if after is before or (not after.stays and document is None):
                return
            new = msgspec.to_builtins(after)
            if await self._documents.replace(self._events + internal, SIGHTINGS, document, new):
                return

    # -- addresses of receivers

    async def add_address(self, url: str) -> None:
        """Remember an address that webhooks are sent to: their checksums cover it."""
        await self._documents.put(self._addresses, url, {})

    async def remove_address(self, url: str) -> None:
        """Forget an address."""
        await self._documents.delete(self._addresses, url)

    async def list_addresses(self) -> list[str]:
        """Return the addresses that webhooks are sent to."""
        return [*await self._documents.get_all(self._addresses)]


def _read_room(document: object) -> StoredRoom:
    try:
        return read_stored(document)
    except msgspec.ValidationError as error:
        problem = str(error)
    raise _unreadable(problem)


def _convert(document: object, into: type[Any]) -> Any:
    try:
        return msgspec.convert(document, into)
    except msgspec.ValidationError as error:
        problem = str(error)
    raise _unreadable(problem)


def _unreadable(problem: str) -> StoreUnavailable:
    return StoreUnavailable(
        f"a document in room_store cannot be read: {problem}; check that"
        " no later version has written it",
        field="room_store",
        retryable=False,
    )
