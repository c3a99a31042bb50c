"""Downloads that break off: taken up where they were, if the server allows it and the file is the same."""

from __future__ import annotations

from random import Random
from typing import Any

import lying
import pytest
from scripted import drip, fin, head, rst, send, then

from conferencing import ConferencingError, InvalidRequest, TimedOut, TransportError
from conferencing.accounts.context import Context
from conferencing.http import Policy
from conferencing.http.download import MAX_BYTES, stream

CONTENT = bytes(range(256)) * 8
TAG = '"v1"'


def part(start: int, end: int, **headers: str) -> Any:
    """Promise the file from `start`, give it up to `end`, and close."""
    status = 206 if start else 200
    headers = {"Content-Length": str(len(CONTENT) - start), **headers}
    if start:
        headers["Content-Range"] = f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}"
    return then(send(head(status, headers) + CONTENT[start:end]), fin)


async def fetched(url: str, clock: Any, attempts: int = 4) -> bytes:
    policy = Policy(connect=0.5, read=0.5, attempts=attempts)
    pieces = stream(url, policy, allow_loopback=True, context=Context(clock=clock))
    return b"".join([piece async for piece in pieces])


@pytest.mark.parametrize(
    "validator", [{"ETag": TAG}, {"Last-Modified": "Thu, 01 Oct 2026 08:00:00 GMT"}]
)
async def test_broken_download_resumes(serve: Any, clock: Any, validator: dict[str, str]) -> None:
    server = await serve(part(0, 700, **validator), part(700, 900), part(900, len(CONTENT)))
    assert await fetched(server.url, clock) == CONTENT
    headers = [(request.header("Range"), request.header("If-Range")) for request in server.requests]
    value = next(iter(validator.values()))
    assert headers == [([], []), (["bytes=700-"], [value]), (["bytes=900-"], [value])]
    assert len(clock.slept) == 2


REST = len(CONTENT) - 700
RANGE = f"bytes 700-{len(CONTENT) - 1}/{len(CONTENT)}"


def answer(body: bytes, content_range: str = RANGE, **headers: str) -> Any:
    """Answer a request for the rest, honestly or not."""
    headers = {"Content-Length": str(len(body)), "Content-Range": content_range, **headers}
    return send(head(206, headers) + body)


@pytest.mark.parametrize(
    "second",
    [
        part(0, len(CONTENT), ETag='"v2"'),  # it has changed, so all of it comes
        part(500, len(CONTENT)),  # another part than was requested
        send(head(416, {"Content-Length": "0"})),
        send(head(503, {"Content-Length": "0"})),
        answer(b"x" * REST, ETag='"v2"'),
        answer(b"x" * REST, Last_Modified="Thu, 01 Oct 2026 08:00:00 GMT", ETag='"v3"'),
        answer(b"x" * REST, f"bytes 700-{len(CONTENT)}/{len(CONTENT) + 1}"),
        answer(b"", f"bytes 700-699/{len(CONTENT)}"),
        answer(b"x" * REST, "bytes */2048"),
        answer(b"x" * REST, "none"),
    ],
)
async def test_answer_that_is_not_the_rest_raises(serve: Any, clock: Any, second: Any) -> None:
    server = await serve(part(0, 700, ETag=TAG), second)
    with pytest.raises(TransportError, match="does not continue the same file"):
        await fetched(server.url, clock)
    assert len(server.requests) == 2


@pytest.mark.parametrize("headers", [{}, {"ETag": 'W/"weak"'}])
async def test_weak_validator_is_not_resumed(
    serve: Any, clock: Any, headers: dict[str, str]
) -> None:
    server = await serve(part(0, 700, **headers))
    with pytest.raises(TransportError):
        await fetched(server.url, clock)
    assert len(server.requests) == 1


async def test_silent_rest_is_given_up(serve: Any, clock: Any) -> None:
    server = await serve(part(0, 700, ETag=TAG), rst)
    with pytest.raises(TransportError):
        await fetched(server.url, clock)
    assert len(server.requests) == 4


async def test_partial_rest_is_continued(serve: Any, clock: Any) -> None:
    first = answer(CONTENT[700:1000], f"bytes 700-999/{len(CONTENT)}")
    last = answer(CONTENT[1000:], f"bytes 1000-{len(CONTENT) - 1}/{len(CONTENT)}")
    server = await serve(part(0, 700, ETag=TAG), first, last)
    assert await fetched(server.url, clock) == CONTENT
    assert [request.header("Range") for request in server.requests] == [
        [], ["bytes=700-"], ["bytes=1000-"]
    ]  # fmt: skip


async def test_empty_rest_is_given_up(serve: Any, clock: Any) -> None:
    server = await serve(part(0, 700, ETag=TAG), answer(b""))
    with pytest.raises(TransportError, match="broke off"):
        await fetched(server.url, clock)
    assert len(server.requests) == 4


async def test_more_than_the_rest_is_refused(serve: Any, clock: Any) -> None:
    server = await serve(part(0, 700, ETag=TAG), answer(CONTENT[700:] + b"more"))
    with pytest.raises(TransportError, match="more than the file's size"):
        await fetched(server.url, clock)


def chunked(end: int) -> Any:
    """Promise the file in chunks, which hide its size, and close in the middle."""
    start = head(200, {"Transfer-Encoding": "chunked", "ETag": TAG})
    return then(send(start + b"%x\r\n" % len(CONTENT) + CONTENT[:end]), fin)


async def test_chunked_file_is_continued_to_its_size(serve: Any, clock: Any) -> None:
    first = answer(CONTENT[700:1000], f"bytes 700-999/{len(CONTENT)}")
    last = answer(CONTENT[1000:], f"bytes 1000-{len(CONTENT) - 1}/{len(CONTENT)}")
    server = await serve(chunked(700), first, last)
    assert await fetched(server.url, clock) == CONTENT


async def test_rest_of_unknown_size_is_refused(serve: Any, clock: Any) -> None:
    server = await serve(chunked(700), answer(CONTENT[700:1000], "bytes 700-999/*"))
    with pytest.raises(TransportError, match="does not continue the same file"):
        await fetched(server.url, clock)


class Hours:
    """A clock on which an hour passes with each reading."""

    time = 0.0

    def monotonic(self) -> float:
        self.time += 3600
        return self.time


async def test_trickling_file_ends_after_a_day(serve: Any) -> None:
    server = await serve(then(send(head(200, {})), *[drip(b"x" * 100, 0.001)]))
    with pytest.raises(TimedOut, match="24 hours"):
        await fetched(server.url, Hours())
    assert len(server.requests) == 1


async def test_file_larger_than_the_limit_is_refused(serve: Any, clock: Any) -> None:
    server = await serve(send(head(200, {"Content-Length": str(MAX_BYTES + 1)})))
    with pytest.raises(InvalidRequest, match="larger than 64 GiB"):
        await fetched(server.url, clock)
    assert len(server.requests) == 1


async def test_lying_server_never_makes_a_wrong_file(serve: Any, clock: Any) -> None:
    server, random = await serve(fin), Random(1)
    for cut in range(0, len(lying.CONTENT), 3):
        plan = [random.choice(lying.KINDS) for _ in range(3)]
        server.script[:] = [lying.break_off(server, cut, plan, False, random)]
        try:
            content = await fetched(server.url, clock, attempts=6)
        except ConferencingError:
            continue
        assert content == lying.CONTENT, (cut, plan)
