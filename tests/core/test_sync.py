"""The blocking client: the same names and arguments as the asynchronous one, and its errors."""

from __future__ import annotations

import inspect
import pickle
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from itertools import count
from typing import Any

import pytest
from bare_provider import BareProvider, NoSettings

import conferencing
from conferencing import (
    ClientClosed,
    ConferencingError,
    NotFound,
    Room,
    UnsupportedOperation,
    sync,
)
from conferencing.accounts.context import Context
from conferencing.provider import Pages

RENAMED = {"aclose": "close"}


class Shelf(BareProvider):
    """A provider with five pages of three rooms, which remembers the thread that fetched each."""

    name = "shelf"

    def __init__(self, settings: NoSettings, context: Context) -> None:
        super().__init__(settings, context)
        self.fetch: list[str] = []
        self.closed_listings = 0
        self.fails_to_close = False

    async def list_rooms(self, status: object = None) -> Pages[Room]:
        ids = (str(number) for number in count())
        try:
            for _ in range(5):
                self.fetch.append(threading.current_thread().name)
                yield [Room(id=next(ids)) for _ in range(3)]
        finally:
            self.closed_listings += 1

    async def get_room(self, room_id: str) -> Room:
        if room_id == "crash":
            raise ZeroDivisionError
        raise NotFound(f"there is no room {room_id!r}")

    async def aclose(self) -> None:
        if self.fails_to_close:
            raise ConferencingError("it will not close")


@pytest.fixture
def shelf() -> Any:
    with sync.connect({"provider": Shelf, "name": "main"}) as conference:
        yield conference


def public(kind: type) -> dict[str, Any]:
    """Return the public members of a class with all that it inherits."""
    names = {name for name in dir(kind) if not name.startswith("_")}
    return {RENAMED.get(name, name): inspect.getattr_static(kind, name) for name in names}


ASYNC, BLOCKING = public(conferencing.Conference), public(sync.Conference)


def test_clients_have_the_same_public_names() -> None:
    fields = {"provider"}  # an attribute of an instance in one, a property in the other
    assert set(BLOCKING) == set(ASYNC) | fields


@pytest.mark.parametrize("name", sorted(set(ASYNC) & set(BLOCKING)))
def test_members_have_the_same_signature(name) -> None:
    ours, theirs = BLOCKING[name], ASYNC[name]
    if not inspect.isfunction(theirs):
        assert isinstance(ours, property)
        return
    assert parameters(ours) == parameters(theirs)
    assert returned(ours) == returned(theirs)
    assert not inspect.iscoroutinefunction(ours)


def test_connect_and_listing_take_the_same() -> None:
    usual = parameters(conferencing.connect)
    assert usual.pop("session")  # an aiohttp session belongs to another event loop
    assert parameters(sync.connect) == usual
    assert set(public(sync.Listing)) == set(public(conferencing.Listing))


def test_docstrings_begin_alike() -> None:
    for name, member in BLOCKING.items():
        if inspect.isfunction(member) and name not in RENAMED.values():
            first = (member.__doc__ or "").splitlines()[0]
            assert first == (ASYNC[name].__doc__ or "").splitlines()[0], name


def test_listing_is_iterated_collected_or_paged(shelf) -> None:
    listing = shelf.rooms()
    assert shelf.provider.fetch == []
    ids = [room.id for room in listing]
    assert ids == [str(number) for number in range(15)]
    assert [room.id for room in listing.collect()] == ids
    assert [len(page) for page in listing.pages()] == [3] * 5
    assert "collect" in repr(listing)


def test_listing_enters_the_loop_once_per_page(shelf) -> None:
    fetched = [(room.id, len(shelf.provider.fetch)) for room in shelf.rooms()]
    assert [fetched for _, fetched in fetched] == [1] * 3 + [2] * 3 + [3] * 3 + [4] * 3 + [5] * 3
    assert set(shelf.provider.fetch) == {"conferencing"}


def test_listing_left_early_fetches_no_more(shelf) -> None:
    with closing(shelf.rooms().pages()) as pages:
        for _ in pages:
            break
    assert (len(shelf.provider.fetch), shelf.provider.closed_listings) == (1, 1)
    assert [room.id for room in shelf.rooms()][-1] == "14"


def test_listing_may_outlive_its_client() -> None:
    with sync.connect({"provider": Shelf}) as conference:
        rooms = iter(conference.rooms())
        assert next(rooms).id == "0"
    rooms.close()
    unread = conference.rooms()
    for use in (unread.collect, lambda: list(unread)):
        with pytest.raises(ClientClosed):
            use()


@pytest.mark.parametrize(
    ("call", "kind", "operation"),
    [
        (lambda on: on.get_room("7"), NotFound, "get_room"),
        (lambda on: on.get_room("crash"), ZeroDivisionError, None),
        (lambda on: on.check(), UnsupportedOperation, "check"),
        (lambda on: on.sessions("7"), UnsupportedOperation, "list_sessions"),
        (lambda on: on.usage().collect(), UnsupportedOperation, "usage"),
    ],
)
def test_errors_cross_threads_unchanged(shelf, call, kind, operation) -> None:
    with pytest.raises(kind) as caught:
        call(shelf)
    if operation:
        place = (caught.value.provider, caught.value.account, caught.value.operation)
        assert place == ("shelf", "main", operation)


def test_closed_client_raises_and_closes_twice() -> None:
    conference = sync.connect({"provider": Shelf})
    before = threading.active_count()
    conference.close()
    conference.close()
    assert threading.active_count() == before - 1
    with pytest.raises(ClientClosed, match="connect again"):
        conference.get_room("7")
    with conference:
        pass


def test_failed_close_leaves_no_thread() -> None:
    conference = sync.connect({"provider": Shelf})
    conference.provider.fails_to_close = True
    before = threading.active_count()
    with pytest.raises(ConferencingError, match="will not close"):
        conference.close()
    assert threading.active_count() == before - 1


def test_two_clients_are_independent() -> None:
    with (
        sync.connect({"provider": "memory", "name": "first"}) as first,
        sync.connect({"provider": "memory", "name": "second"}) as second,
    ):
        room = first.create_room("Launch")
        assert second.rooms().collect() == []
        second.close()
        assert first.get_room(room.id).name == "Launch"


def test_blocking_client_cannot_be_pickled(shelf) -> None:
    with pytest.raises(TypeError, match="pickled"):
        pickle.dumps(shelf)
    assert repr(shelf) == "<Conference main on shelf>"
    assert (shelf.account, shelf.provider.name) == ("main", "shelf")
    assert shelf.capabilities.provider == "shelf"


def parameters(function: Callable[..., Any]) -> dict[str, Any]:
    parameters_of: Sequence[inspect.Parameter] = list(
        inspect.signature(function).parameters.values()
    )
    return {
        parameter.name: (parameter.kind, parameter.default, parameter.annotation)
        for parameter in parameters_of
    }


def returned(function: Callable[..., Any]) -> str:
    return str(inspect.signature(function).return_annotation)
