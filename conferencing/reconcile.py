"""What to do after `OutcomeUnknown`: wait out what may still happen, look, and say what is there.

Nothing here sends anything that changes a vendor's state, and nothing guesses: what cannot be told
apart comes back as candidates.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import lru_cache
from importlib import import_module
from typing import Final, Generic, TypeVar

from attrs import frozen

from .model import Participant, Room, elapsed

__all__ = ["Reconciled", "email_key", "same_email", "settled_participant", "settled_room"]

T = TypeVar("T")

SLACK: Final = timedelta(minutes=2)
"""How far a vendor's clock may be from ours."""


@frozen(kw_only=True)
class Reconciled(Generic[T]):
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


def settled_room(
    rooms: Iterable[Room], name: str, *, since: datetime, marker: str | None = None
) -> Reconciled[Room]:
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


def settled_participant(people: Iterable[Participant], email: str) -> Reconciled[Participant]:
    """Find the registration of an e-mail address among all of a room."""
    return _one([one for one in people if same_email(one.email, email)])


def same_email(one: str | None, other: str | None) -> bool:
    """Return whether two addresses are one, without regard to case and to how they are written."""
    return bool(one and other) and email_key(one or "") == email_key(other or "")


def email_key(address: str) -> str:
    """Return the form in which addresses are compared: NFC, without case, the domain in IDNA."""
    local, _, domain = unicodedata.normalize("NFC", address.strip()).rpartition("@")
    return f"{local}@{_domain(domain)}".casefold()


@lru_cache(1000)
def _domain(domain: str) -> str:
    with suppress(ImportError, UnicodeError):  # what IDNA does not know is compared as it is
        return str(import_module("idna").encode(domain, uts46=True), "ascii")
    return domain


def _one(found: list[T], *, sure: bool = True) -> Reconciled[T]:
    if sure and len(found) == 1:
        return Reconciled(match=found[0])
    return Reconciled(candidates=tuple(found))


def _marked(marker: str) -> Callable[[Room], bool]:
    return lambda room: marker in room.name or marker in (room.description or "")


def _same(one: str, other: str) -> bool:
    return _folded(one) == _folded(other)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text.strip()).casefold()


def _after(moment: datetime, since: datetime) -> bool:
    return elapsed(since, moment) >= -SLACK
