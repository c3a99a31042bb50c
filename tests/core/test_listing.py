"""Listings: nothing before it is asked for, page after page, and an end even if the vendor has none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import aclosing
from random import Random
from typing import Any

import pytest
from bare_provider import BareProvider, NoSettings

from conferencing import (
    AccessToken,
    Conference,
    ConferencingError,
    Listing,
    MalformedResponse,
    NotFound,
    Participant,
    ProviderUnavailable,
    Room,
    Session,
    connect,
)
from conferencing.accounts.context import Context
from conferencing.provider import Pages

Page = Sequence[Any]


class Shelf(BareProvider):
    """A provider that gives the pages it was given, and remembers how far it was asked."""

    name = "shelf"
    stock: Sequence[Page | Exception] = ()

    def __init__(self, settings: NoSettings, context: Context) -> None:
        super().__init__(settings, context)
        self.fetch = 0
        self.closed = 0

    async def list_rooms(self, status: object = None) -> Pages[Room]:
        try:
            for page in self.stock:
                if self.fetch == 1000:
                    raise AssertionError("the listing did not end")
                self.fetch += 1
                if isinstance(page, Exception):
                    raise page
                yield page
        finally:
            self.closed += 1

    async def list_sessions(self, room: Room) -> Pages[Session]:
        async for page in self.list_rooms():
            yield page

    async def list_attendance(self, session: Session) -> Pages[Any]:
        raise NotFound("there is no such session")
        yield []

    def list_access_tokens(self, room: Room, email: str | None = None) -> Pages[Any]:
        return self.list_rooms()

    def list_participants(self, of: object) -> Pages[Any]:
        return self.list_rooms()


class Forever(Sequence[Page]):
    """The same page again and again."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def __len__(self) -> int:
        return 10**6

    def __getitem__(self, index: Any) -> Any:
        return self.page

    def __iter__(self) -> Iterator[Page]:
        while True:
            yield self.page


def shelf(*stock: Page | Exception) -> Conference:
    conference = connect({"provider": Shelf, "name": "main"})
    conference.provider.stock = stock
    return conference


def rooms(*ids: str) -> list[Room]:
    return [Room(id=room_id) for room_id in ids]


async def test_listing_fetches_nothing_by_itself() -> None:
    conference = shelf(rooms("1", "2"), rooms("3"))
    listing = conference.rooms()
    pages = listing.pages()
    assert conference.provider.fetch == 0
    await pages.aclose()
    assert conference.provider.fetch == 0


async def test_pages_are_fetched_lazily() -> None:
    conference = shelf(rooms("1", "2"), rooms("3"), rooms("4"))
    fetched = [(room.id, conference.provider.fetch) async for room in conference.rooms()]
    assert fetched == [("1", 1), ("2", 1), ("3", 2), ("4", 3)]


async def test_pages_skip_empty_pages() -> None:
    conference = shelf([], rooms("1", "2"), [], rooms("3"), [], [])
    assert [page async for page in conference.rooms().pages()] == [rooms("1", "2"), rooms("3")]


async def test_listing_can_be_used_again() -> None:
    conference = shelf(rooms("1", "2"), rooms("3"))
    listing = conference.rooms()
    assert await listing.collect() == rooms("1", "2", "3")
    assert [room async for room in listing] == rooms("1", "2", "3")
    assert await listing.collect() == await listing.collect()
    assert conference.provider.fetch == 8


async def test_empty_listing_is_an_empty_list() -> None:
    assert await shelf().rooms().collect() == []
    assert await shelf([]).rooms().collect() == []


def test_plain_for_names_async_for() -> None:
    listing = shelf(rooms("1")).rooms()
    for use in (iter, list, lambda listing: [room for room in listing]):  # noqa: C416
        with pytest.raises(TypeError, match=r"async for.*collect\(\)"):
            use(listing)
    assert isinstance(listing, Listing)
    assert "collect" in repr(listing)


@pytest.mark.parametrize(
    "stock",
    [
        [rooms("1", "2"), rooms("1", "2")],
        [rooms("1"), rooms("2"), rooms("1")],
        Forever(rooms("1", "2")),
    ],
    ids=["twice", "a circle", "for ever"],
)
async def test_repeated_page_raises(stock: Any) -> None:
    conference = shelf()
    conference.provider.stock = stock
    listed, error = await until_error(conference.rooms())
    assert listed == sorted(set(listed))
    assert isinstance(error, MalformedResponse)
    assert (error.provider, error.account, error.operation) == ("shelf", "main", "list_rooms")


@pytest.mark.parametrize(
    ("method", "record"),
    [
        ("access_tokens", AccessToken(code="one")),
        ("participants", Participant(email="ann@example.com")),
    ],
)
async def test_repeated_page_without_ids_raises(method: str, record: Any) -> None:
    conference = shelf()
    conference.provider.stock = Forever([record])
    with pytest.raises(MalformedResponse, match="twice"):
        await getattr(conference, method)("r-1").collect()


async def test_overlapping_pages_are_listed() -> None:
    conference = shelf(rooms("1", "2"), rooms("2", "3"), rooms("3", "4", "1"), rooms("4"))
    assert len(await conference.rooms().collect()) == 8


@pytest.mark.parametrize("per_page", [3, 10], ids=["a sample of the rows", "all rows"])
@pytest.mark.parametrize("seed", range(5))
async def test_shuffled_rows_end_the_listing(per_page: int, seed: int) -> None:
    ids, random = [*map(str, range(10))], Random(seed)
    conference = shelf()
    conference.provider.stock = (rooms(*random.sample(ids, per_page)) for _ in range(10_000))
    listed, error = await until_error(conference.rooms())
    assert isinstance(error, MalformedResponse)
    assert len(listed) <= 100


async def test_shuffled_records_without_ids_end_the_listing() -> None:
    people, random = [Participant(email=f"{number}@example.com") for number in range(9)], Random(1)
    conference = shelf()
    conference.provider.stock = (random.sample(people, 9) for _ in range(10_000))
    with pytest.raises(MalformedResponse, match="twice"):
        await conference.participants("r-1").collect()


async def test_error_on_later_page_has_context() -> None:
    conference = shelf(rooms("1"), ProviderUnavailable("down"), rooms("2"))
    listed, error = await until_error(conference.sessions("r-1"))
    assert listed == ["1"]
    assert isinstance(error, ProviderUnavailable)
    assert (error.provider, error.account, error.operation) == ("shelf", "main", "list_sessions")


async def test_error_of_nested_listing_has_context() -> None:
    conference = shelf([Session(id="s-1")])
    with pytest.raises(NotFound) as caught:
        await conference.attendance(Room(id="r-1")).collect()
    assert (caught.value.provider, caught.value.operation) == ("shelf", "list_attendance")


async def test_listing_left_early_is_closed() -> None:
    conference = shelf(rooms("1"), rooms("2"))
    async with aclosing(conference.rooms().pages()) as pages:
        async for _ in pages:
            break
    assert (conference.provider.fetch, conference.provider.closed) == (1, 1)


async def test_finished_listing_is_closed_once() -> None:
    conference = shelf(rooms("1"), rooms("2"))
    await conference.rooms().collect()
    assert conference.provider.closed == 1


async def until_error(listing: Listing[Any]) -> tuple[list[str], ConferencingError]:
    """Return the ids that were given and the error that ended it."""
    pages: list[str] = []
    try:
        async for page in listing.pages():
            pages.extend(room.id for room in page)
    except ConferencingError as error:
        return pages, error
    raise AssertionError("the listing ended without an error")
