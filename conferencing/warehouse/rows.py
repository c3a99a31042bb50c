"""Rooms, sessions and people as rows of the tables. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from attrs import frozen

from conferencing.errors import ConferencingError
from conferencing.formatting import replace_surrogates
from conferencing.model import Participant, Recording, Room, Session
from conferencing.model.attendance import Attendance
from conferencing.model.base import drop_placeholder, to_utc

from .people import Identities
from .tables import REMOVED, TABLES

__all__ = ["Row", "RowBuilder"]

Row = dict[str, Any]

LARGEST: Final = 2**63 - 1
"""The largest whole number that a column can hold."""


@frozen
class RowBuilder:
    """Build the rows of one account. A row has the columns of its table in the mode, and no other."""

    account: str
    provider: str
    identities: Identities

    def build_room(self, room: Room) -> Row:
        """Return the row of a room."""
        return self._build(
            "rooms",
            id=room.id,
            provider=self.provider,
            name=room.name,
            kind=room.kind.value,
            status=room.status.value,
            starts_at=room.starts_at,
            ends_at=room.ends_at,
            timezone=room.timezone,
            planned_seconds=room.duration,
            permanent=room.permanent,
            recurrence=room.recurrence,
            registration=room.registration,
            capacity=room.capacity,
            created_at=room.created_at,
            updated_at=room.updated_at,
        )

    def build_session(self, session: Session, room_id: str) -> Row:
        """Return the row of a session."""
        return self._build(
            "sessions",
            room_id=room_id,
            id=session.id,
            title=session.title,
            status=session.status.value,
            started_at=session.started_at,
            ended_at=session.ended_at,
            held_seconds=session.duration,
            people=session.people,
            peak=session.peak,
            occurrence_id=session.occurrence_id,
        )

    def build_attendance(
        self, record: Attendance, session: Session, room_id: str, addresses: Mapping[str, str]
    ) -> Row:
        """Return the row of a person in a session, with the segments below it.

        `addresses` are those of the room's registrations by their ids: they say who a person is of
        whom the vendor reports only the registration.
        """
        email = record.email or addresses.get(record.participant_id or "")
        to_id = self.identities.to_id
        row = self._build(
            "attendance",
            room_id=room_id,
            session_id=session.id,
            role=record.role.value,
            joined_at=record.joined_at,
            left_at=record.left_at,
            present_seconds=record.duration,
            known_seconds=record.known_duration,
            precision=record.precision.value,
            id=to_id(self.account, record.id),
            participant_id=to_id(self.account, record.participant_id),
            person=self.identities.to_person(email),
            display_name=record.display_name,
            email=email,
        )
        segments = [
            {"joined_at": _to_plain(segment.joined_at), "left_at": _to_plain(segment.left_at)}
            for segment in record.segments
        ]
        return row | {"segments": segments}

    def build_participant(self, person: Participant, room_id: str) -> Row:
        """Return the row of a registration."""
        return self._build(
            "participants",
            room_id=room_id,
            role=person.role.value,
            status=person.status.value if person.status else None,
            registered_at=person.registered_at,
            confirmed_at=person.confirmed_at,
            id=self.identities.to_id(self.account, person.id),
            person=self.identities.to_person(person.email),
            display_name=person.display_name,
            first_name=person.first_name,
            last_name=person.last_name,
            email=person.email,
        )

    def build_recording(self, recording: Recording, room_id: str) -> Row:
        """Return the row of a recording. Its links and passcode are left out: they open it."""
        sizes = [file.size for file in recording.files]
        return self._build(
            "recordings",
            room_id=room_id,
            id=recording.id,
            session_id=recording.session_id,
            name=recording.name,
            status=recording.status.value,
            started_at=recording.started_at,
            recorded_seconds=recording.duration,
            files=len(recording.files),
            bytes=None if None in sizes or not sizes else sum(filter(None, sizes)),
        )

    def build_removal(self, table: str, **group: str) -> Row:
        """Return the row that removes what the warehouse has of a group, even if nothing follows."""
        return self._build(table, **group) | {REMOVED: True}

    def build_problem(
        self,
        error: ConferencingError,
        occurred_at: datetime,
        began: datetime,
        room_id: str | None = None,
        session_id: str | None = None,
    ) -> Row:
        """Return the row of a problem; the same problem of the same pass has the same id.

        The vendor's own texts are left out: they may repeat what they are about.
        """
        parts = (self.account, began.isoformat(), room_id, session_id, error.operation)
        problem_id = sha256(repr((*parts, error.message)).encode("utf-8", "replace")).hexdigest()
        return self._build(
            "problems",
            id=problem_id[:32],
            occurred_at=occurred_at,
            room_id=room_id,
            session_id=session_id,
            operation=error.operation,
            kind=type(error).__name__,
            message=error.message,
            retryable=error.retryable,
        )

    def _build(self, table: str, **values: Any) -> Row:
        columns = TABLES[table].list_columns(self.identities.mode)
        values["account"] = self.account
        return {name: _to_plain(values.get(name)) for name in columns}


def _to_plain(value: Any) -> Any:
    """Return what a database can hold: instants in UTC, seconds, text without NUL or surrogates."""
    match value:
        case datetime():
            moment = drop_placeholder(value)
            return moment and to_utc(moment)
        case timedelta():
            return value.total_seconds()
        case str():
            return replace_surrogates(value).replace("\0", "\ufffd")
        case bool():
            return value
        case int():
            return value if abs(value) <= LARGEST else None
        case _:
            return value
