"""The protocol: every operation that a class does not override refuses by itself, before any I/O."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import pytest

from conferencing import (
    ConferenceProvider,
    File,
    Operation,
    Room,
    RoomKind,
    Sent,
    UnsupportedOperation,
    unverified,
)
from conferencing.accounts.context import Context
from conferencing.memory import MemoryProvider
from conferencing.provider import Page, Pages, collect_rows

NO_OPERATIONS = {
    "aclose", "capabilities", "features_for", "features_of", "kind_of", "permissions", "read_file",
    "read_webhook",
}  # fmt: skip


class Bare(ConferenceProvider):
    """A provider that can do nothing."""

    name = "bare"
    settings_class = object

    def __init__(self, settings: object, context: Context) -> None:
        self.context = context


class Guesses(Bare):
    """A provider with unverified operations; it records the calls that reach it."""

    name = "guesses"

    def __init__(self, settings: object, context: Context) -> None:
        super().__init__(settings, context)
        self.done: list[str] = []

    @unverified
    async def get_room(self, room_id: str) -> Room:
        """Fetch a room, perhaps."""
        self.done.append("get_room")
        return Room(id=room_id)

    @unverified
    async def list_rooms(self, status: object = None) -> Pages[Room]:
        self.done.append("list_rooms")
        yield [Room(id="1")]


def protocol_methods() -> dict[str, Callable[..., Any]]:
    return {
        name: method
        for name, method in vars(ConferenceProvider).items()
        if inspect.isfunction(method) and not name.startswith("_")
    }


def arguments(method: Callable[..., Any]) -> tuple[list[None], dict[str, None]]:
    """Return something for every argument that must be given."""
    needed = [
        parameter
        for parameter in list(inspect.signature(method).parameters.values())[1:]
        if parameter.default is parameter.empty and parameter.kind is not parameter.VAR_KEYWORD
    ]
    named = {
        parameter.name: None for parameter in needed if parameter.kind is parameter.KEYWORD_ONLY
    }
    return [None] * (len(needed) - len(named)), named


def test_operations_match_protocol_methods() -> None:
    assert set(protocol_methods()) - NO_OPERATIONS == {operation.value for operation in Operation}


@pytest.mark.parametrize("operation", Operation)
async def test_absent_operation_raises(operation) -> None:
    method = protocol_methods()[operation]
    positional, named = arguments(method)
    with pytest.raises(UnsupportedOperation) as caught:
        await consumed(method(Bare(None, Context()), *positional, **named))
    assert caught.value.operation == operation.value
    assert caught.value.provider == "bare"
    assert caught.value.sent is Sent.NO
    assert operation.value in caught.value.message


def test_absent_file_reading_raises() -> None:
    with pytest.raises(UnsupportedOperation, match="bare"):
        Bare(None, Context()).read_file(File(url="https://example.com/file"))


async def test_bare_provider_can_be_closed_twice() -> None:
    bare = Bare(None, Context())
    await bare.aclose()
    await bare.aclose()
    assert bare.features_for(RoomKind.MEETING) == bare.features


@pytest.mark.parametrize("operation", ["get_room", "list_rooms"])
async def test_unverified_operation_is_off_by_default(operation) -> None:
    arguments = ["1"] if operation == "get_room" else []
    off = Guesses(None, Context())
    with pytest.raises(UnsupportedOperation, match=r"unverified = true") as caught:
        await consumed(getattr(off, operation)(*arguments))
    assert (caught.value.operation, caught.value.provider) == (operation, "guesses")
    assert off.done == []

    on = Guesses(None, Context(unverified=True))
    assert await consumed(getattr(on, operation)(*arguments)) in (Room(id="1"), [[Room(id="1")]])
    assert on.done == [operation]


def test_guarded_operation_keeps_name_and_text() -> None:
    assert Guesses.get_room.__name__ == "get_room"
    assert Guesses.get_room.__doc__ == "Fetch a room, perhaps."


@pytest.mark.parametrize(
    "operation", [operation for operation in Operation if operation is not Operation.REQUEST]
)
def test_memory_signatures_match_the_protocol(operation) -> None:
    ours = inspect.signature(getattr(MemoryProvider, operation))
    theirs = inspect.signature(getattr(ConferenceProvider, operation))
    assert ours == theirs


async def consumed(work: Awaitable[Any] | AsyncIterator[Any]) -> Any:
    """Await a result, or collect the pages of a listing."""
    return await work if isinstance(work, Awaitable) else [page async for page in work]


async def test_collected_rows_keep_the_problems_of_pages() -> None:
    async def pages() -> AsyncIterator[Sequence[int]]:
        yield Page([1], ["a row is missing"])
        yield [2, 3]
        yield Page([], ["another one"])

    rows = await collect_rows(pages())
    assert rows == [1, 2, 3]
    assert rows.problems == ("a row is missing", "another one")
