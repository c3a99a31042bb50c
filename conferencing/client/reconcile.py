"""Find out what happened after `OutcomeUnknown`: wait, list what exists, and compare.

Nothing here sends a request that changes anything at the vendor, and nothing guesses: if it is not
certain which record was created, the candidates are returned.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar

from attrs import frozen

from conferencing.model import Participant, Room
from conferencing.model.base import elapsed
from conferencing.model.emails import same_email

__all__ = ["Reconciliation", "find_created_participant", "find_created_room"]

T = TypeVar("T")

SLACK: Final = timedelta(minutes=2)
"""The greatest difference that is assumed between the vendor's clock and this machine's."""


@frozen(kw_only=True)
class Reconciliation(Generic[T]):
    """The result of a search for what a creation of unknown outcome left behind.

    `match` is the record that it certainly created. Without a match and without `candidates`, it
    did not happen and may be repeated; with candidates, a person has to decide.
    """

    match: T | None = None
    candidates: tuple[T, ...] = ()

    @property
    def absent(self) -> bool:
        """Whether it certainly did not happen."""
        return self.match is None and not self.candidates


def find_created_room(
    rooms: Iterable[Room], name: str, *, since: datetime, marker: str | None = None
) -> Reconciliation[Room]:
    """Find the room that a lost creation made, among all rooms.

    With `marker`, a string that is in no other room's name or description, it is the room that has
    it. Without, it is the room of this name created after `since`; a room of this name whose
    creation time the vendor does not report is a candidate, never a match.
    """
    if marker is not None:
        return _conclude([room for room in rooms if _has_marker(room, marker)])
    named = [room for room in rooms if _fold(room.name) == _fold(name)]
    recent = [room for room in named if room.created_at is None or _after(room.created_at, since)]
    return _conclude(recent, certain=all(room.created_at is not None for room in recent))


def find_created_participant(
    people: Iterable[Participant], email: str
) -> Reconciliation[Participant]:
    """Find the registration of an e-mail address among all registrations of a room."""
    return _conclude([person for person in people if same_email(person.email, email)])


def _conclude(records: list[T], *, certain: bool = True) -> Reconciliation[T]:
    if certain and len(records) == 1:
        return Reconciliation(match=records[0])
    return Reconciliation(candidates=tuple(records))


def _has_marker(room: Room, marker: str) -> bool:
    return marker in room.name or marker in (room.description or "")


def _fold(text: str) -> str:
    return unicodedata.normalize("NFC", text.strip()).casefold()


def _after(moment: datetime, since: datetime) -> bool:
    return elapsed(since, moment) >= -SLACK
