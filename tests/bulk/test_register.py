"""Registering many: each row comes to its outcome, and what goes wrong with one stops no other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cutting import Forgetful, Listless
from vendor import LIST, Planned, always, answer_with, at, emails, people

from conferencing import (
    Conference,
    Person,
    Room,
    sync,
)
from conferencing.bulk import Outcome
from conferencing.sandbox import Fault

REGISTERED, EXISTED, REFUSED = Outcome.REGISTERED, Outcome.EXISTED, Outcome.REFUSED
UNSENT, IN_DOUBT, CONFLICT = Outcome.UNSENT, Outcome.IN_DOUBT, Outcome.CONFLICT

MIXED: list[Any] = [
    {"email": "ann@example.com", "first_name": "Ann", "last_name": "Lee"},
    {"email": "nobody"},
    Person(email="ben@example.com", first_name="Ben", last_name="Lee"),
    {"email": "ANN@example.com", "first_name": "Ann", "last_name": "Twice"},
    {},
    {"email": "nameless@example.com"},
    {"email": "here@example.com", "name": "Here Already"},
    {"email": "cy@example.com", "name": "Cy Lee"},
]
OUTCOMES = [REGISTERED, REFUSED, REGISTERED, CONFLICT, REFUSED, EXISTED, REGISTERED]


async def test_outcomes_come_in_the_order_of_the_rows_with_reasons(
    conference: Conference, served: Planned, room: Room, journal: Path
) -> None:
    await conference.register(room, email="Here@example.com", first_name="H", last_name="A")
    result = await conference.register_many(room, MIXED, journal=journal)
    assert [row.outcome for row in result.rows] == OUTCOMES
    assert [row.number for row in result.rows] == [1, 2, 3, 4, 6, 7, 8]
    reasons = {row.number: row.reason for row in result.rows if row.reason}
    assert set(reasons) == {2, 4, 6, 7}
    assert reasons[4] == (
        "row 1 has this address already, for Ann Lee; Ann Twice needs an address of their own"
    )
    assert reasons[7] == "this address is registered for H A, not for Here Already"
    assert result.complete
    assert result.stopped is None
    assert result.counts == {
        REGISTERED: 3, EXISTED: 1, REFUSED: 2, CONFLICT: 1, UNSENT: 0, IN_DOUBT: 0
    }  # fmt: skip
    assert set(served.registered(room).values()) == {1}
    assert sum(served.registered(room).values()) == 4


async def test_the_registration_of_a_row_is_at_hand(
    conference: Conference, served: Planned, room: Room
) -> None:
    result = await conference.register_many(room, people(3))
    links = [row.participant.join_link.url for row in result.rows if row.participant]
    assert links == [person.join_link.url for person in served.world.participants[room.id]]


async def test_what_goes_with_each_registration_reaches_the_vendor(
    conference: Conference, served: Planned, room: Room
) -> None:
    rows = [{**row, "Company": "Acme"} for row in people(2)]
    await conference.register_many(
        room.id, rows, fields={"company": "10"}, confirmation=True, language="pl"
    )
    told = [person.fields for person in served.world.participants[room.id]]
    assert [fields["Company"] for fields in told] == ["Acme", "Acme"]
    assert [mail.language for mail in served.world.outbox] == ["pl", "pl"]


async def test_a_second_run_sends_nothing_that_is_done(
    conference: Conference, served: Planned, room: Room, journal: Path
) -> None:
    first = await conference.register_many(room, people(20), journal=journal)
    served.counts.clear()
    second = await conference.register_many(room, people(23), journal=journal)
    assert served.counts["post"] == 3
    assert {row.outcome for row in first.rows} == {REGISTERED}
    assert [row.outcome for row in second.rows] == [EXISTED] * 20 + [REGISTERED] * 3
    assert served.registered(room) == emails(people(23))


async def test_a_spreadsheet_is_registered_by_blocking_code_too(
    tmp_path: Path, journal: Path, clock: Any
) -> None:
    path = tmp_path / "people.csv"
    path.write_text("name;e-mail\nAnn Lee;ann@example.com\nBen Lee;ben@example.com\n")
    with sync.Conference(Forgetful(clock)) as conference:
        room = conference.create_room("Launch")
        seen: list[int] = []
        result = conference.register_many(
            room, path, journal=journal, on_row=lambda row: seen.append(row.number)
        )
        there = [person.email for person in conference.participants(room)]
    assert (result.complete, sorted(seen)) == (True, [2, 3])
    assert sorted(there) == ["ann@example.com", "ben@example.com"]


# --------------------------------------------------------------------------- kinds of failure


@pytest.mark.parametrize(
    ("fault", "outcome", "posts"),
    [
        (answer_with(422), REFUSED, 3),
        (answer_with(409), REFUSED, 3),
        (answer_with(429), REGISTERED, 4),
        ("commit-reset", REGISTERED, 3),
        ("commit-close", REGISTERED, 3),
        ("reset", REGISTERED, 4),
        ("close", REGISTERED, 4),
        ("garbage", REGISTERED, 4),
        (Fault(kind="cut", size=1), REGISTERED, 3),
        (Fault(kind="body", body="null"), REGISTERED, 3),
        (Fault(kind="body", body="<html>"), REGISTERED, 3),
        (answer_with(500), REGISTERED, 4),
        (answer_with(502), REGISTERED, 4),
        (answer_with(503), REGISTERED, 4),
    ],
    ids=lambda value: f"{value.kind}-{value.status}" if isinstance(value, Fault) else str(value),
)
async def test_one_that_goes_wrong_comes_to_its_outcome_and_the_others_to_theirs(  # noqa: PLR0917
    conference: Conference, served: Planned, room: Room, journal: Path,
    fault: Any, outcome: Outcome, posts: int,
) -> None:  # fmt: skip
    served.plan = at({2: fault})
    result = await conference.register_many(room, people(3), journal=journal, concurrency=1)
    assert [row.outcome for row in result.rows] == [REGISTERED, outcome, REGISTERED]
    assert served.counts["post"] == posts
    expected = emails(people(3))
    if outcome is REFUSED:
        del expected["person2@example.com"]
    assert served.registered(room) == expected
    assert result.complete


async def test_a_lost_reply_is_looked_up_only_when_the_vendor_has_had_its_time(
    conference: Conference, served: Planned, room: Room, clock: Any, wait_for: Any
) -> None:
    served.plan = at({2: Fault(kind="late", seconds=0.02)})
    clock.meanwhile = lambda: wait_for(lambda: served.registered(room).total() == 3)
    result = await conference.register_many(room, people(3), settle=40, concurrency=1)
    assert [row.outcome for row in result.rows] == [REGISTERED] * 3
    assert served.registered(room) == emails(people(3))
    assert [request.method for request in served.requests] == ["GET", "POST", "POST", "POST", "GET"]
    assert clock.slept == [40]


async def test_the_settle_time_counts_from_when_the_row_left_and_not_from_when_it_was_written_down(
    conference: Conference, served: Planned, room: Room, clock: Any
) -> None:
    """The vendor puts it off for 50 seconds, and then loses its reply."""
    lists: list[float] = []

    def plan(kind: str, number: int) -> Fault | None:
        if kind == LIST:
            lists.append(clock.time)
        put_off = answer_with(429, headers={"Retry-After": "50"})
        lost = Fault(kind="commit-reset")
        return {1: put_off, 2: lost}.get(number) if kind != LIST else None

    served.plan = plan
    result = await conference.register_many(room, people(1), settle=60)
    assert result.complete
    assert lists[1] - lists[0] >= 50 + 60


async def test_what_is_missing_after_a_lost_reply_is_sent_again_until_it_is_there(
    conference: Conference, served: Planned, room: Room
) -> None:
    served.plan = at({1: "reset", 2: "commit-reset", 3: "reset", 4: "reset", 5: "commit-close"})
    result = await conference.register_many(room, people(3), concurrency=1)
    assert result.complete
    assert served.registered(room) == emails(people(3))


async def test_one_that_is_lost_again_and_again_stays_in_doubt_until_another_run(
    conference: Conference, served: Planned, room: Room, journal: Path
) -> None:
    served.plan = always("reset")
    first = await conference.register_many(room, people(2), journal=journal)
    assert [row.outcome for row in first.rows] == [IN_DOUBT, IN_DOUBT]
    assert not first.complete
    assert all(row.reason for row in first.rows)
    served.plan = lambda _kind, _number: None
    assert (await conference.register_many(room, people(2), journal=journal)).complete
    assert served.registered(room) == emails(people(2))


@pytest.mark.parametrize("happens", [True, False])
async def test_a_vendor_that_shows_no_list_leaves_a_lost_row_in_doubt_for_ever(
    journal: Path, clock: Any, happens: bool
) -> None:
    provider = Listless(clock)
    async with Conference(provider) as conference:
        room = await conference.create_room("Launch")
        provider.fails = lambda number: happens if number == 2 else None
        for _ in range(2):
            result = await conference.register_many(room, people(3), journal=journal)
            assert [row.outcome for row in result.rows].count(IN_DOUBT) == 1
            assert result.counts[REGISTERED] + result.counts[EXISTED] == 2
        assert provider.sent == 3
    assert clock.slept == []


# ------------------------------------------------------------------- refused, and put right


async def test_a_row_that_was_refused_and_put_right_is_registered_by_the_next_run(
    conference: Conference, served: Planned, room: Room, journal: Path
) -> None:
    """A refusal is sure, so that trying again can double nobody."""
    rows = people(2)
    wrong = [{**rows[0], "last_name": ""}, rows[1]]
    first = await conference.register_many(room, wrong, journal=journal)
    assert [row.outcome for row in first.rows] == [REFUSED, REGISTERED]
    second = await conference.register_many(room, rows, journal=journal)
    assert [row.outcome for row in second.rows] == [REGISTERED, EXISTED]
    assert served.registered(room) == emails(rows)


async def test_the_double_of_a_row_that_was_refused_is_not_told_to_be_there(
    conference: Conference, served: Planned, room: Room
) -> None:
    whole = people(1)[0]
    result = await conference.register_many(room, [{**whole, "last_name": ""}, whole])
    there = bool(served.registered(room))
    assert (result.rows[1].outcome in {REGISTERED, EXISTED}) == there
