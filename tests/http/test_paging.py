"""Listings page by page, in each style of paging, against a server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from scripted import Scripted, reply

from conferencing import MalformedResponse, ProviderUnavailable
from conferencing.http import (
    GET,
    CursorPages,
    LinkPages,
    NumberedPages,
    OffsetPages,
    Reply,
    Request,
    SinglePage,
)

ROOMS = GET("/rooms", query={"status": "active", "q": "a b"})
FIXED = "/rooms?status=active&q=a%20b"


def _cursor(answer: Reply) -> str | None:
    return answer.json().get("next")


@pytest.mark.parametrize(
    ("pages", "payloads", "targets"),
    [
        (SinglePage(), [[1, 2]], [""]),
        (NumberedPages(), [[1], [2], []], ["&page=1", "&page=2", "&page=3"]),
        (NumberedPages(param="p", start=0, size=2), [[1, 2], [3]], ["&p=0", "&p=1"]),
        (NumberedPages(size=2), [[1, 2], []], ["&page=1", "&page=2"]),
        (NumberedPages(size=2), [[1, 2, 3]], ["&page=1"]),
        (OffsetPages(limit=2), [[1, 2], [3]], ["&limit=2&offset=0", "&limit=2&offset=2"]),
        (
            OffsetPages(param="from", limit_param="n", limit=2),
            [[1, 2], [3, 4], []],
            ["&n=2&from=0", "&n=2&from=2", "&n=2&from=4"],
        ),
    ],
)
async def test_listing_requests_each_page_once(serve, adapter, pages, payloads, targets) -> None:
    server = await serve(*map(reply, payloads))
    got = [page async for page in adapter(server).paginate(ROOMS, _rows, pages)]
    assert got == payloads
    assert [request.target for request in server.requests] == [FIXED + target for target in targets]


@pytest.fixture
async def numbered() -> AsyncIterator[Callable[..., Awaitable[Scripted]]]:
    """Serve rows two by two, by number from 1 or by offset, whichever is asked for.

    `fails` are the places of pages that fail, `sizes` those of pages of another size. With `late`,
    the second page comes after the third was asked for.
    """
    async with AsyncExitStack() as stack:

        async def make(
            rows: list[int],
            *,
            fails: frozenset[int] | set[int] = frozenset(),
            sizes: Mapping[int, int] | None = None,
            late: bool = False,
        ) -> Scripted:
            server = await stack.enter_async_context(Scripted())
            third = asyncio.Event()

            async def page(connection: Any) -> None:
                asked = parse_qs(urlsplit(server.requests[-1].target).query)
                start = (
                    int(asked["offset"][0]) if "offset" in asked else 2 * int(asked["page"][0]) - 2
                )
                place = start // 2
                if place > 1:
                    third.set()
                if late and place == 1:
                    await third.wait()
                size = (sizes or {}).get(start, 2)
                answer = reply({}, 503) if place in fails else reply(rows[start : start + size])
                await answer(connection)

            server.script.append(page)
            return server

        yield make


async def test_cursor_is_sent_back_unchanged(serve, adapter) -> None:
    pages = CursorPages(param="after", read=_cursor)
    server = await serve(
        reply({"rows": [1], "next": "a/b+c="}),
        reply({"rows": [], "next": "z"}),
        reply({"rows": []}),
    )
    got = [page async for page in adapter(server).paginate(ROOMS, _inner_rows, pages)]
    assert got == [[1], [], []]
    queries = ["", "&after=a%2Fb%2Bc%3D", "&after=z"]
    assert [request.target for request in server.requests] == [FIXED + query for query in queries]


async def test_unchanged_cursor_raises(serve, adapter) -> None:
    server = await serve(reply({"rows": [], "next": "same"}))
    pages = adapter(server).paginate(ROOMS, _inner_rows, CursorPages(param="after", read=_cursor))
    with pytest.raises(MalformedResponse):
        await _first(10, pages)
    await pages.aclose()


@pytest.mark.parametrize("size", [8193, 2**22])
async def test_cursor_too_long_to_send_raises(serve, adapter, size) -> None:
    server = await serve(reply({"rows": [1], "next": "%" * size}))
    pages = adapter(server).paginate(ROOMS, _inner_rows, CursorPages(param="after", read=_cursor))
    assert await anext(pages) == [1]
    with pytest.raises(MalformedResponse, match="next page"):
        await anext(pages)
    assert len(server.requests) == 1


async def test_failing_cursor_reader_raises_typed_error(serve, adapter) -> None:
    server = await serve(reply([1]))
    pages = adapter(server).paginate(ROOMS, _rows, CursorPages(param="after", read=_cursor))
    assert await anext(pages) == [1]
    with pytest.raises(MalformedResponse):
        await anext(pages)


async def test_nothing_is_fetched_early(serve, adapter) -> None:
    server = await serve(reply([1]))
    pages = adapter(server).paginate(ROOMS, _rows, NumberedPages())
    assert server.requests == []
    assert await anext(pages) == [1]
    assert len(server.requests) == 1
    await pages.aclose()


async def test_failing_page_ends_the_listing(serve, adapter) -> None:
    server = await serve(reply([1]), reply(None, 500))
    pages = adapter(server, retries=0).paginate(ROOMS, _rows, NumberedPages())
    assert await anext(pages) == [1]
    with pytest.raises(ProviderUnavailable) as caught:
        await anext(pages)
    assert caught.value.attempts == 1


async def test_page_is_retried_like_any_read(serve, adapter) -> None:
    server = await serve(reply([1]), reply(None, 503), reply([2]), reply([]))
    got = [page async for page in adapter(server).paginate(ROOMS, _rows, NumberedPages())]
    assert got == [[1], [2], []]
    assert [request.target[-1] for request in server.requests] == ["1", "2", "2", "3"]


async def test_page_with_unreadable_row_has_a_next_page(serve, adapter) -> None:
    server = await serve(reply([1, "odd"]), reply([2]))
    pages = adapter(server).paginate(ROOMS, _whole_numbers, NumberedPages(size=2))
    assert [page async for page in pages] == [[1], [2]]
    assert len(server.requests) == 2


async def test_page_of_another_shape_raises(serve, adapter) -> None:
    server = await serve(reply({"rows": 1}))
    with pytest.raises(MalformedResponse):
        await anext(adapter(server).paginate(ROOMS, _rows, NumberedPages()))


def test_paging_leaves_the_request_as_it_was() -> None:
    first: Request = OffsetPages().first(ROOMS)
    OffsetPages().next(first, [], 100)
    assert ROOMS.query == {"status": "active", "q": "a b"}
    assert first.query["offset"] == 0


def _rows(answer: Reply) -> list[Any]:
    payload = answer.json()
    return [*payload] if isinstance(payload, list) else payload["missing"]


def _whole_numbers(answer: Reply) -> list[int]:
    rows = _rows(answer)
    answer.problems.extend(f"{row!r} is not a number" for row in rows if not isinstance(row, int))
    return [row for row in rows if isinstance(row, int)]


def _inner_rows(answer: Reply) -> list[Any]:
    return list(answer.json()["rows"])


async def _first(count: int, pages: Any) -> None:
    for _ in range(count):
        await anext(pages)


def test_link_with_a_wrong_value_keeps_that_of_the_request() -> None:
    pages = LinkPages(keep=("max",))
    request = GET("/rooms", query={"max": 100, "q": "a b"})
    link = Reply(200, {"link": '<https://x.example/rooms?max=null&cursor=7>; rel="next"'}, b"[]")
    following = pages.next(request, link, 0)
    assert following is not None
    assert following.query == {"max": 100, "q": "a b", "cursor": "7"}
    with pytest.raises(MalformedResponse, match="links to itself"):
        pages.next(following, link, 0)
    assert pages.next(following, Reply(200, {}, b"[]"), 100) is None
