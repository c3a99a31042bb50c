"""What a provider's features rule out is refused before the provider is reached."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import attrs
import pytest

from conferencing import (
    Conference,
    ConferenceProvider,
    Features,
    NotFound,
    Participant,
    Role,
    Room,
    RoomStatus,
    Session,
    UnsupportedOption,
    connect,
)
from conferencing.accounts.context import Context
from conferencing.provider import Page, find_participant, find_row

LIVE, ENDED = Room(id="1", status=RoomStatus.LIVE), Room(id="2", status=RoomStatus.ENDED)
ANN = Participant(id="p-1", email="Ann@example.com")
SESSION = Session(id="s-1")


@attrs.frozen
class NoSettings:
    """Settings of a provider that needs none."""


class Plain(ConferenceProvider):
    """A provider whose features permit as little as possible; it fails if it is reached."""

    name = "plain"
    settings_class = NoSettings
    features = Features(
        roles=frozenset({Role.ATTENDEE, Role.PRESENTER}),
        invites=frozenset({Role.ATTENDEE}),
        statuses=frozenset({RoomStatus.LIVE, RoomStatus.ENDED}),
        hooks_of_rooms=False,
    )

    def __init__(self, settings: NoSettings, context: Context) -> None:
        self.context = context

    def _fail(self, *arguments: Any) -> Any:
        raise AssertionError(f"reached with {arguments}")

    list_participants = invite = register = usage = feedback = _fail
    subscribe_webhooks = unsubscribe_webhooks = _fail

    async def list_rooms(self, status: RoomStatus | None = None) -> AsyncIterator[Sequence[Room]]:
        """Yield a page with a problem, whatever the status is."""
        yield Page([LIVE, ENDED], ["a row was left out"])


class Closed(Plain):
    """A provider without a status of rooms, and without invitations."""

    features = Features(statuses=frozenset[RoomStatus]())


def plain(provider: type[Plain] = Plain) -> Conference:
    return connect({"provider": provider, "name": "main"})


HOOK = "https://example.com/webhooks"
GUESTS = ["ann@example.com"]
REFUSED: list[tuple[type[Plain], Callable[[Conference], Awaitable[Any]], str, str]] = [
    (Plain, lambda on: on.rooms(status="open").collect(), "status", "can list those that are ended, live"),
    (Closed, lambda on: on.rooms(status="live").collect(), "status", "it can list all of them"),
    (Plain, lambda on: on.participants(SESSION).collect(), "of", r"attendance\(\) says who was"),
    (Plain, lambda on: on.invite(LIVE, GUESTS, role="presenter"), "role", "as attendee, not as presenter"),
    (Closed, lambda on: on.invite(LIVE, GUESTS), "role", "mails no invitations to this room"),
    (Plain, lambda on: on.invite(LIVE, GUESTS, language="pl"), "language", "leave language out"),
    (Plain, lambda on: on.register(LIVE, email=GUESTS[0], language="pl"), "language", "leave language"),
    (Plain, lambda on: on.usage(tenant="t-1").collect(), "tenant", "has no tenants"),
    (Plain, lambda on: on.feedback(tenant="t-1").collect(), "tenant", "has no tenants"),
    (Plain, lambda on: on.webhooks.subscribe(HOOK, LIVE), "rooms", "pass no rooms"),
    (Plain, lambda on: on.webhooks.unsubscribe(HOOK, LIVE), "rooms", "pass no rooms"),
]  # fmt: skip


@pytest.mark.parametrize(("provider", "call", "field", "message"), REFUSED)
async def test_undeclared_choice_is_refused(
    provider: type[Plain],
    call: Callable[[Conference], Awaitable[Any]],
    field: str,
    message: str,
) -> None:
    with pytest.raises(UnsupportedOption, match=message) as caught:
        await call(plain(provider))
    assert caught.value.field == field
    assert caught.value.provider == "plain"


@pytest.mark.parametrize(("status", "rooms"), [("live", [LIVE]), (None, [LIVE, ENDED])])
async def test_rooms_of_other_statuses_are_left_out(status: Any, rooms: list[Room]) -> None:
    listing = plain().rooms(status)
    assert await listing.collect() == rooms
    assert listing.problems == ("a row was left out",)


async def _list_people(closed: list[bool]) -> AsyncIterator[Sequence[Participant]]:
    try:
        yield [ANN]
        yield [Participant(id="p-2")]
    finally:
        closed.append(True)


async def test_search_ends_at_the_row_and_closes_the_listing() -> None:
    closed: list[bool] = []
    assert await find_row(_list_people(closed), lambda row: row.id == "p-1") is ANN
    assert closed == [True]
    assert await find_row(_list_people(closed), lambda row: row.id == "p-3") is None


async def test_participant_is_found_by_id_or_address() -> None:
    assert await find_participant(_list_people([]), participant_id="p-1") is ANN
    assert await find_participant(_list_people([]), email="ann@EXAMPLE.com") is ANN
    with pytest.raises(NotFound, match="with this e-mail address"):
        await find_participant(_list_people([]), email="zoe@example.com")
    with pytest.raises(NotFound, match="with this id"):
        await find_participant(_list_people([]), participant_id="p-3")
