"""How far the sessions of an account have been read: plain data that is stored with the rows.

A pass reads all rooms of an account, in the order of their ids. The cursor of the account moves
only when a pass is complete, and until then `last` says where the pass goes on. So it does not
matter in which order the vendor lists rooms, or where a pass is interrupted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from attrs import define, field, frozen

from conferencing.model import Room, Session, SessionStatus
from conferencing.model.base import to_utc

__all__ = ["Cursor", "Window", "is_settled"]

LONGEST: Final = timedelta(days=1)
"""How long a session counts as running whose end is not known."""


@frozen(kw_only=True)
class Window:
    """Which sessions are read: `since` is the earliest end, `lag` is read again at each pass."""

    since: datetime | None = None
    lag: timedelta = timedelta(days=2)

    def find_cutoff(self, complete: datetime | None) -> datetime | None:
        """Return the end from which on sessions are read; None for all."""
        ends = [end for end in (self.since, complete and complete - self.lag) if end is not None]
        return max(ends, default=None)


def is_settled(session: Session, cutoff: datetime | None) -> bool:
    """Return whether a session was over before the cutoff, so that nothing new is in it."""
    if cutoff is None or session.status is SessionStatus.RUNNING:
        return False
    end = session.ended_at or (session.started_at and to_utc(session.started_at) + LONGEST)
    return end is not None and to_utc(end) < cutoff


@define(kw_only=True)
class Cursor:
    """The state of one account.

    `complete` is when the last complete pass began, `began` when the present one did, and `last`
    the last room that it has read. `failed` are the rooms that could not be read, with the value
    that `complete` had when they were last read: what they miss is read as soon as they answer.
    """

    complete: datetime | None = None
    began: datetime | None = None
    last: str | None = None
    failed: dict[str, datetime | None] = field(factory=dict[str, "datetime | None"])

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Cursor:
        """Read what `to_state` returned."""
        failed: Mapping[str, str | None] = state.get("failed", {})
        return cls(
            complete=_parse(state.get("complete")),
            began=_parse(state.get("began")),
            last=state.get("last"),
            failed={room: _parse(moment) for room, moment in failed.items()},
        )

    def to_state(self) -> dict[str, Any]:
        """Return the cursor as JSON data."""
        return {
            "complete": _format(self.complete),
            "began": _format(self.began),
            "last": self.last,
            "failed": {room: _format(moment) for room, moment in self.failed.items()},
        }

    def begin(self, now: datetime) -> datetime:
        """Begin a pass, or go on with an interrupted one; return when it began."""
        if self.began is None:
            self.began, self.last = now, None
        return self.began

    def list_due_rooms(self, rooms: Iterable[Room]) -> Sequence[Room]:
        """Return the rooms that the pass has not read yet, each once, in the order of their ids."""
        by_id = {room.id: room for room in rooms}
        return [by_id[key] for key in sorted(by_id) if self.last is None or key > self.last]

    def find_base(self, room_id: str, stored: Collection[str]) -> datetime | None:
        """Return up to when the room has been read; None if it has not been read at all.

        `stored` are the rooms in the warehouse. A room that a listing once left out is not among
        them, and its older sessions are new.
        """
        if room_id in self.failed:
            return self.failed[room_id]
        return self.complete if room_id in stored else None

    def note_room(self, room_id: str, *, failed: bool, base: datetime | None) -> None:
        """Note whether a room was read, or has to be read again from `base` on."""
        if failed:
            self.failed[room_id] = base
        else:
            self.failed.pop(room_id, None)

    def finish(self) -> None:
        """Complete the pass."""
        self.complete, self.began, self.last = self.began, None, None


def _parse(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _format(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
