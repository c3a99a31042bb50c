"""What to do after `OutcomeUnknown`: wait out what may still happen, look, and say what is there.

Nothing here sends anything that changes a vendor's state, and nothing guesses: what cannot be told
apart comes back as candidates.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar

from attrs import frozen

from conferencing.model import Participant, Room
from conferencing.model.base import elapsed
from conferencing.model.emails import same_email

__all__ = ["Reconciliation", "find_created_participant", "find_created_room"]

T = TypeVar("T")

SLACK: Final = timedelta(minutes=2)
"""How far a vendor's clock may be from ours."""


@frozen(kw_only=True)
class Reconciliation(Generic[T]):
    """Hold what a creation of unknown outcome has left behind.

    `match` is the one thing that it surely made. Without one, no `candidates` mean that it did not
    happen, so it may be done again; with candidates, a person has to look.
    """

    match: T | None = None
    candidates: tuple[T, ...] = ()

    @property
    def absent(self) -> bool:
        """Whether it surely did not happen."""
        return self.match is None and not self.candidates


def find_created_room(
    rooms: Iterable[Room], name: str, *, since: datetime, marker: str | None = None
) -> Reconciliation[Room]:
    """Find the room that a lost creation made among all rooms.

    With `marker`, a text that stands in no other room's name or description, it is the one that has
    it. Without, it is the one of this name made after `since`; a room of this name whose vendor
    does not tell when it was made is a candidate and never a match.
    """
    if marker is not None:
        fits = _marked(marker)
        return _one([room for room in rooms if fits(room)])
    named = [room for room in rooms if _same(room.name, name)]
    recent = [room for room in named if room.created_at is None or _after(room.created_at, since)]
    return _one(recent, sure=all(room.created_at is not None for room in recent))


def find_created_participant(
    people: Iterable[Participant], email: str
) -> Reconciliation[Participant]:
    """Find the registration of an e-mail address among all of a room."""
    return _one([one for one in people if same_email(one.email, email)])


def _one(found: list[T], *, sure: bool = True) -> Reconciliation[T]:
    if sure and len(found) == 1:
        return Reconciliation(match=found[0])
    return Reconciliation(candidates=tuple(found))


def _marked(marker: str) -> Callable[[Room], bool]:
    return lambda room: marker in room.name or marker in (room.description or "")


def _same(one: str, other: str) -> bool:
    return _folded(one) == _folded(other)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text.strip()).casefold()


def _after(moment: datetime, since: datetime) -> bool:
    return elapsed(since, moment) >= -SLACK
