"""What ends or slows a whole run, from inside and from outside, and going on after it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from vendor import LIST, Planned, always, answer_with, at, emails, people

from conferencing import (
    AuthenticationFailed,
    Conference,
    ConferencingError,
    InvalidRequest,
    NotFound,
    Room,
    UnsupportedOperation,
    connect,
)
from conferencing.bulk import BulkRow, Outcome
from conferencing.sandbox import Fault, Sandbox

REGISTERED, REFUSED = Outcome.REGISTERED, Outcome.REFUSED
UNSENT, IN_DOUBT = Outcome.UNSENT, Outcome.IN_DOUBT


async def test_a_vendor_that_cannot_be_reached_stops_the_run_after_a_few_rows(
    conference: Conference, served: Planned, room: Room, journal: Path
) -> None:
    """What was not sent is told so, and the next run does it."""
    served.plan = lambda kind, number: (
        answer_with(429, headers={"Retry-After": "999"}) if kind == "post" and number > 5 else None
    )
    result = await conference.register_many(room, people(100), journal=journal, concurrency=1)
    assert result.stopped
    assert not result.complete
    assert result.counts[REGISTERED] == 5
    assert result.counts[UNSENT] == 95
    assert served.counts["post"] < 5 + 10
    served.plan = lambda _kind, _number: None
    again = await conference.register_many(room, people(100), journal=journal)
    assert again.complete
    assert served.registered(room) == emails(people(100))


async def test_a_vendor_that_fails_at_each_row_is_not_asked_for_all_of_them(
    conference: Conference, served: Planned, room: Room
) -> None:
    served.plan = always(answer_with(500))
    result = await conference.register_many(room, people(200))
    assert result.stopped
    assert served.counts["post"] < 100


async def test_a_slow_pace_is_kept_and_not_taken_for_a_vendor_that_is_down(
    sandbox: Sandbox, served: Planned, room: Room, turning: Any
) -> None:
    account = {**sandbox.account("clickmeeting"), "rate": "60/h"}
    async with connect(account, clock=turning) as conference:
        result = await conference.register_many(room, people(20))
    assert result.stopped is None
    assert result.counts[REGISTERED] == 20
    assert turning.time >= 20 * 60


@pytest.mark.parametrize(
    ("fault", "kind"),
    [(answer_with(401), AuthenticationFailed), (answer_with(404), NotFound)],
)
@pytest.mark.parametrize("number", [1, 12])
async def test_what_concerns_all_rows_ends_the_run_and_loses_none(  # noqa: PLR0917
    conference: Conference, served: Planned, room: Room, journal: Path,
    fault: Fault, kind: type[Exception], number: int,
) -> None:  # fmt: skip
    served.plan = lambda its, count: fault if its == "post" and count >= number else None
    with pytest.raises(kind):
        await conference.register_many(room, people(40), journal=journal)
    assert served.counts["post"] < number + 16
    served.plan = lambda _kind, _number: None
    assert (await conference.register_many(room, people(40), journal=journal)).complete
    assert served.registered(room) == emails(people(40))


@pytest.mark.parametrize("number", [1, 2])
async def test_a_list_that_cannot_be_read_registers_nobody_blindly(
    conference: Conference, served: Planned, room: Room, journal: Path, number: int
) -> None:
    """The first reading is before all else, the second is for a row in doubt."""
    served.plan = lambda kind, count: (
        {1: Fault(kind="commit-reset")}.get(count)
        if kind == "post"
        else answer_with(403) if kind == LIST and count == number else None
    )  # fmt: skip
    try:
        result = await conference.register_many(room, people(3), journal=journal, concurrency=1)
    except ConferencingError:
        assert served.counts["post"] == 0
    else:
        assert result.stopped
        assert [row.outcome for row in result.rows] == [IN_DOUBT, REGISTERED, REGISTERED]
    assert (await conference.register_many(room, people(3), journal=journal)).complete
    assert served.registered(room) == emails(people(3))


async def test_what_cannot_be_registered_at_all_is_refused_before_anything_is_sent(
    conference: Conference, served: Planned, room: Room, tmp_path: Path
) -> None:
    with pytest.raises(InvalidRequest, match="concurrency"):
        await conference.register_many(room, people(1), concurrency=0)
    with pytest.raises(InvalidRequest, match="column"):
        await conference.register_many(room, book(tmp_path / "people.csv"))
    assert served.requests == []


async def test_a_provider_without_registrations_says_so(journal: Path) -> None:
    async with Sandbox(["vconnct"]) as sandbox, connect(sandbox.account("vconnct")) as conference:
        with pytest.raises(UnsupportedOperation):
            await conference.register_many("1", people(1), journal=journal)
        assert sandbox["vconnct"].requests == []


# -------------------------------------------------------------------------- stopped from outside


@pytest.mark.parametrize("number", [1, 7, 20, 33])
async def test_a_run_that_is_cancelled_goes_on_where_it_was(  # noqa: PLR0917
    conference: Conference, served: Planned, room: Room, journal: Path, wait_for: Any, number: int
) -> None:
    served.plan = lambda kind, count: (
        Fault(kind="hang") if kind == "post" and count >= number else None
    )
    run = asyncio.create_task(conference.register_many(room, people(40), journal=journal))
    await wait_for(lambda: served.counts["post"] == min(number + 7, 40))
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    served.plan = lambda _kind, _number: None
    served.counts.clear()
    result = await conference.register_many(room, people(40), journal=journal)
    assert result.complete
    assert result.counts[REGISTERED] + result.counts[Outcome.EXISTED] == 40
    assert served.counts["post"] == 40 - (number - 1)
    assert served.registered(room) == emails(people(40))


async def test_each_row_is_told_as_it_comes_to_its_outcome(
    conference: Conference, served: Planned, room: Room, clock: Any
) -> None:
    served.plan = at({2: "commit-reset"})
    told: list[tuple[int, Outcome]] = []
    await conference.register_many(
        room,
        [*people(3), {"email": "nobody"}],
        concurrency=1,
        on_row=lambda row: told.append((row.number, row.outcome)),
    )
    assert told == [
        (4, REFUSED), (1, REGISTERED), (2, IN_DOUBT), (3, REGISTERED), (2, REGISTERED),
    ]  # fmt: skip


async def test_a_callback_that_raises_ends_the_run_and_loses_none(
    conference: Conference, served: Planned, room: Room, journal: Path
) -> None:
    def full(row: BulkRow) -> None:
        if row.number == 5:
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        await conference.register_many(room, people(30), journal=journal, on_row=full)
    assert (await conference.register_many(room, people(30), journal=journal)).complete
    assert served.registered(room) == emails(people(30))


async def test_the_pace_of_the_account_is_kept(
    sandbox: Sandbox, served: Planned, room: Room, turning: Any
) -> None:
    account = {**sandbox.account("clickmeeting"), "rate": "10/s"}
    async with connect(account, clock=turning) as conference:
        await conference.register_many(room, people(40))
    assert 4.0 <= turning.time <= 4.0 * 1.06


# --------------------------------------------------------------------------------------- helpers


def book(path: Path) -> Path:
    path.write_text("phone\n1\n")
    return path
