"""Read one room: its sessions since a cutoff, their attendance, registrations and recordings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from attrs import define, field, frozen

from conferencing.capabilities import Operation
from conferencing.client.listing import Listing
from conferencing.conference import Conference
from conferencing.errors import (
    AuthenticationFailed,
    ClientClosed,
    ConferencingError,
    ConfigurationError,
    MalformedResponse,
    NotAvailable,
    UnsupportedOperation,
)
from conferencing.model import Participant, Room, RoomStatus, Session
from conferencing.model.base import to_utc

from .cursor import Window, is_settled
from .rows import Row, RowBuilder
from .tables import TABLES

__all__ = ["READ", "STOPS_ACCOUNT", "Reading", "RoomReader", "find_absent"]

READ: Final = (
    Operation.LIST_ROOMS,
    Operation.LIST_SESSIONS,
    Operation.LIST_ATTENDANCE,
    Operation.LIST_PARTICIPANTS,
    Operation.LIST_RECORDINGS,
)
"""The operations that a harvest uses."""

STOPS_ACCOUNT: Final = (AuthenticationFailed, ConfigurationError, ClientClosed)
"""Errors that every other room of the account would raise as well."""


@define(kw_only=True)
class Reading:
    """What was read of one room, or of an account as such: rows by table.

    `failed` says that a part is missing, and `stops` that the rest of the account would fail too.
    `base` is up to when the room had been read before. The last reading of an account that was read
    to the end is `finished`.
    """

    account: str
    room_id: str | None = None
    rows: dict[str, list[Row]] = field(factory=lambda: {name: list[Row]() for name in TABLES})
    failed: bool = False
    stops: bool = False
    base: datetime | None = None
    finished: bool = False

    @property
    def rooms(self) -> int:
        """How many rooms it is about: one, or none."""
        return int(self.room_id is not None)


@frozen(kw_only=True)
class RoomReader:
    """Read the rooms of one account. `absent` are the operations that the account does not have."""

    conference: Conference
    builder: RowBuilder
    window: Window
    began: datetime
    absent: set[Operation]

    async def read(self, room: Room, base: datetime | None) -> Reading:
        """Read a room of which everything up to `base` is in the warehouse.

        The attendance of a session, the registrations and the recordings are read whole, and replace
        what the warehouse has of them. Errors become rows of the table `problems`.
        """
        reading = Reading(account=self.builder.account, room_id=room.id, base=base)
        reading.rows["rooms"].append(self.builder.build_room(room))
        cutoff = self.window.find_cutoff(base)
        listed = await self._list(reading, Operation.LIST_SESSIONS, room) or []
        by_id = {session.id: session for session in listed}
        sessions = [session for session in by_id.values() if not is_settled(session, cutoff)]
        people: list[Participant] = []
        if sessions or _takes_registrations(room, cutoff):
            people = await self._read_participants(reading, room)
        for session in sessions:
            reading.rows["sessions"].append(self.builder.build_session(session, room.id))
            await self._read_attendance(reading, room, session, people)
        if sessions:
            await self._read_recordings(reading, room)
        return reading

    def add_problem(
        self, reading: Reading, error: ConferencingError, session_id: str | None = None
    ) -> None:
        """Add an error to the table of problems, and mark the reading as incomplete."""
        reading.failed = True
        reading.stops = reading.stops or isinstance(error, STOPS_ACCOUNT)
        self._add_problem(reading, error, session_id)

    def add_unreadable(
        self,
        reading: Reading,
        texts: Iterable[str],
        operation: Operation = Operation.LIST_ROOMS,
        session_id: str | None = None,
    ) -> None:
        """Add records that the vendor sent and that cannot be read to the table of problems."""
        for text in texts:
            error = MalformedResponse(f"a record was left out: {text}", operation=operation.value)
            self._add_problem(reading, error, session_id)

    async def _read_participants(self, reading: Reading, room: Room) -> list[Participant]:
        people = await self._list(reading, Operation.LIST_PARTICIPANTS, room)
        if people is None:
            return []
        rows = [self.builder.build_participant(person, room.id) for person in people]
        removal = self.builder.build_removal("participants", room_id=room.id)
        reading.rows["participants"] += [removal, *rows]
        return people

    async def _read_attendance(
        self, reading: Reading, room: Room, session: Session, people: Sequence[Participant]
    ) -> None:
        records = await self._list(reading, Operation.LIST_ATTENDANCE, session, session.id)
        if records is None:
            return
        addresses = {person.id: person.email for person in people if person.id and person.email}
        rows = [
            self.builder.build_attendance(record, session, room.id, addresses) for record in records
        ]
        group = {"room_id": room.id, "session_id": session.id}
        reading.rows["attendance"] += [self.builder.build_removal("attendance", **group), *rows]

    async def _read_recordings(self, reading: Reading, room: Room) -> None:
        recordings = await self._list(reading, Operation.LIST_RECORDINGS, room)
        if recordings is None:
            return
        rows = [self.builder.build_recording(recording, room.id) for recording in recordings]
        removal = self.builder.build_removal("recordings", room_id=room.id)
        reading.rows["recordings"] += [removal, *rows]

    async def _list(
        self, reading: Reading, operation: Operation, of: Any, session_id: str | None = None
    ) -> list[Any] | None:
        """Return all records of a listing; None if the account has no such list, or it failed."""
        if operation in self.absent or reading.stops:
            return None
        listing = _LISTINGS[operation](self.conference, of)
        try:
            records = await listing.collect()
        except UnsupportedOperation:  # rooms of this form do not have it; others of the account may
            pass
        except NotAvailable:
            self.absent.add(operation)
        except ConferencingError as error:
            self.add_problem(reading, error, session_id)
        else:
            self.add_unreadable(reading, listing.problems, operation, session_id)
            return records
        return None

    def _add_problem(
        self, reading: Reading, error: ConferencingError, session_id: str | None
    ) -> None:
        now = self.conference.provider.context.clock.now()
        row = self.builder.build_problem(error, now, self.began, reading.room_id, session_id)
        reading.rows["problems"].append(row)


def find_absent(conference: Conference) -> set[Operation]:
    """Return which of the operations that a harvest uses the account does not have."""
    return {name for name in READ if not conference.capabilities.supports(name)}


def _takes_registrations(room: Room, cutoff: datetime | None) -> bool:
    """Return whether the registrations of a room may have changed since the cutoff."""
    if room.registration is False:
        return False
    if cutoff is None:
        return True
    if room.ends_at is None:
        return room.status is not RoomStatus.ENDED
    return to_utc(room.ends_at) >= cutoff


_LISTINGS: Final[Mapping[Operation, Callable[[Conference, Any], Listing[Any]]]] = {
    Operation.LIST_SESSIONS: lambda conference, room: conference.sessions(room),
    Operation.LIST_ATTENDANCE: lambda conference, session: conference.attendance(session),
    Operation.LIST_PARTICIPANTS: lambda conference, room: conference.participants(room),
    Operation.LIST_RECORDINGS: lambda conference, room: conference.recordings(room),
}
