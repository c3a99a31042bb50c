"""Cutting a journal short, going on with what is left of it, and asking the world what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from attrs import frozen
from vendor import people

from conferencing import Conference, OutcomeUnknown, Participant, Room, Sent
from conferencing.accounts.context import Context
from conferencing.bulk import BulkResult
from conferencing.memory import MemoryProvider, MemorySettings
from conferencing.model.drafts import RegistrationDraft
from conferencing.provider import ConferenceProvider

SETTLE = 30.0


class Forgetful(MemoryProvider):
    """Register twice who is sent twice, and lose the replies that `fails` names.

    It counts registrations from 1 and says whether one that is lost has happened.
    """

    register_batch = ConferenceProvider.register_batch

    def __init__(self, clock: Any) -> None:
        super().__init__(MemorySettings(), Context(clock=clock))
        self.sent = 0
        self.fails: Callable[[int], bool | None] = lambda _number: None

    async def register(self, room: Room, draft: RegistrationDraft) -> Participant:
        self.sent += 1
        happened = self.fails(self.sent)
        participant = Participant(id=str(self.sent), room_id=room.id, email=draft.person.email)
        if happened is not False:
            self.world.participants[room.id].append(participant)
        if happened is not None:
            raise OutcomeUnknown("the reply was lost", sent=Sent.MAYBE)
        return participant


class Listless(Forgetful):
    """A vendor that registers and shows nobody who is."""

    list_participants = ConferenceProvider.list_participants


@frozen(kw_only=True)
class Half:
    """A run that ended in the middle: some are registered, some in doubt, some not begun."""

    provider: Forgetful
    conference: Conference
    room: Room
    raw: bytes
    there: tuple[Participant, ...]
    path: Path
    rows: list[dict[str, str]]

    async def resume(self, raw: bytes) -> BulkResult:
        """Put this in the place of the journal and the world back to where it was, and go on."""
        for left in self.path.parent.glob(f"{self.path.name}*"):
            left.unlink()
        self.path.write_bytes(raw)
        self.provider.world.participants[self.room.id] = list(self.there)
        return await self.conference.register_many(
            self.room, self.rows, journal=self.path, settle=SETTLE
        )

    def registered(self) -> Counter[str]:
        people = self.provider.world.participants[self.room.id]
        return Counter(person.email or "" for person in people)


async def half(path: Path, clock: Any, count: int = 12) -> Half:
    """Register the first two thirds of a list, of which every third reply is lost."""
    provider = Forgetful(clock)
    conference = Conference(provider)
    room = await conference.create_room("Launch")
    rows = people(count)
    provider.fails = lambda number: number % 2 == 0 if number % 3 == 0 else None
    run = conference.register_many(
        room, rows[: count * 2 // 3], journal=path, settle=SETTLE, concurrency=1
    )
    clock.meanwhile = give_up
    with suppress(GivenUp):
        await run
    clock.meanwhile = None
    provider.fails = lambda _number: None
    return Half(
        provider=provider,
        conference=conference,
        room=room,
        raw=raw_of(path),
        there=tuple(provider.world.participants[room.id]),
        path=path,
        rows=rows,
    )


def raw_of(path: Path) -> bytes:
    return path.read_bytes()


class GivenUp(Exception):
    """End a run while it waits for the vendor to settle."""


async def give_up() -> None:
    raise GivenUp


async def cut_at(run: Half, places: Iterable[int]) -> list[int]:
    """Go on from a journal cut after so many bytes, for each; return where that went wrong."""
    return [place for place in places if not await _goes_on(run, run.raw[:place])]


async def _goes_on(run: Half, raw: bytes) -> bool:
    try:
        result = await run.resume(raw)
    except Exception:  # noqa: BLE001 - it must not fail in any way
        return False
    return result.complete and run.registered() == Counter(row["email"] for row in run.rows)
