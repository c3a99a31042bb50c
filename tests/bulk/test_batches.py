"""Vendors with a call for several people: fewer calls, and the same promises."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from conferencing import (
    Conference,
    InvalidRequest,
    OutcomeUnknown,
    Participant,
    RateLimited,
    Room,
    Sent,
)
from conferencing.accounts.context import Context
from conferencing.bulk import BulkResult, Outcome
from conferencing.memory import MemoryProvider, MemorySettings
from conferencing.model.drafts import RegistrationDraft


class Batching(MemoryProvider):
    """A vendor that registers twice who is sent twice, 30 people in a call."""

    def __init__(self, clock: Any) -> None:
        super().__init__(MemorySettings(), Context(clock=clock))
        self.batches: list[int] = []
        self.singles = 0
        self.takes_batches = True
        self.failures: list[Any] = []
        self.bad = "bad@example.com"

    async def register(self, room: Room, draft: RegistrationDraft) -> Participant:
        self.singles += 1
        return self.add(room, draft)

    def add(self, room: Room, draft: RegistrationDraft) -> Participant:
        if draft.person.email == self.bad:
            raise InvalidRequest("this address is barred", sent=Sent.YES)
        person = Participant(id=self.world.new_id("p"), room_id=room.id, email=draft.person.email)
        self.world.participants[room.id].append(person)
        return person

    async def register_batch(
        self, room: Room, drafts: Sequence[RegistrationDraft]
    ) -> Sequence[Participant]:
        self.batches.append(len(drafts))
        failure = self.failures.pop(0) if self.failures else None
        if failure is not None and failure[1] is False:
            raise failure[0]
        if not self.takes_batches or any(draft.person.email == self.bad for draft in drafts):
            raise InvalidRequest("one of them is wrong", sent=Sent.YES)
        people = [self.add(room, draft) for draft in drafts]
        if failure is not None:
            raise failure[0]
        return people


@pytest.fixture
def provider(clock: Any) -> Batching:
    return Batching(clock)


@pytest.fixture
def conference(provider: Batching) -> Conference:
    return Conference(provider)


def rows(count: int, **others: str) -> list[dict[str, str]]:
    return [{"email": f"p{number}@example.com"} for number in range(count)] + [
        {"email": email} for email in others.values()
    ]


def registered(provider: Batching, room: Room) -> Counter[str]:
    return Counter(person.email or "" for person in provider.world.participants[room.id])


def counts(result: BulkResult) -> dict[Outcome, int]:
    return {outcome: number for outcome, number in result.counts.items() if number}


async def test_many_people_need_few_calls(conference: Conference, provider: Batching) -> None:
    room = await conference.create_room("Launch")
    result = await conference.register_many(room, rows(2000), journal=None)
    assert result.counts[Outcome.REGISTERED] == 2000
    assert (len(provider.batches), provider.singles) == (67, 0)
    assert set(registered(provider, room).values()) == {1}


async def test_bad_row_in_a_batch_is_found(conference: Conference, provider: Batching) -> None:
    room = await conference.create_room("Launch")
    result = await conference.register_many(room, rows(59, bad=provider.bad), journal=None)
    assert counts(result) == {Outcome.REGISTERED: 59, Outcome.REFUSED: 1}
    assert provider.batches == [30, 30]
    assert provider.singles == 30


async def test_room_without_batches_is_filled_one_by_one(
    conference: Conference, provider: Batching
) -> None:
    provider.takes_batches = False
    room = await conference.create_room("Launch")
    result = await conference.register_many(room, rows(100), journal=None, concurrency=1)
    assert counts(result) == {Outcome.REGISTERED: 100}
    assert (provider.batches, provider.singles) == ([30], 100)


@pytest.mark.parametrize("happened", [True, False])
async def test_lost_reply_of_a_batch_is_settled(
    conference: Conference, provider: Batching, tmp_path: Path, happened: bool
) -> None:
    provider.failures = [(OutcomeUnknown("lost", sent=Sent.MAYBE), happened)]
    room = await conference.create_room("Launch")
    result = await conference.register_many(room, rows(75), journal=tmp_path / "journal")
    assert counts(result) == {Outcome.REGISTERED: 75}
    assert set(registered(provider, room).values()) == {1}
    assert len(registered(provider, room)) == 75
    assert len(provider.batches) == (3 if happened else 4)


async def test_batches_that_cannot_be_sent_stop_the_run(
    conference: Conference, provider: Batching
) -> None:
    error = RateLimited("for today", sent=Sent.YES, attempts=1)
    provider.failures = [(error, False)] * 20
    room = await conference.create_room("Launch")
    result = await conference.register_many(room, rows(600), journal=None, concurrency=1)
    assert counts(result) == {Outcome.UNSENT: 600}
    assert len(provider.batches) == 8
    assert result.stopped is not None


async def test_second_run_after_a_stop_registers_the_rest_once(
    conference: Conference, provider: Batching, tmp_path: Path
) -> None:
    room = await conference.create_room("Launch")
    journal = tmp_path / "journal"
    provider.failures = [None, *[(OutcomeUnknown("x", sent=Sent.MAYBE), True)] * 40]
    await conference.register_many(room, rows(300), journal=journal, concurrency=1)
    provider.failures = []
    result = await conference.register_many(room, rows(300), journal=journal, concurrency=1)
    assert result.complete
    assert set(registered(provider, room).values()) == {1}
    assert len(registered(provider, room)) == 300
