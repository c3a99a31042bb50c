"""Each kind of fault, byte by byte, as a plain socket receives it."""

from __future__ import annotations

import asyncio
import gzip
import json
from urllib.parse import urlsplit

import pytest

from conferencing import InvalidRequest
from conferencing.sandbox import Fault, FaultKind, Sandbox

FORM = "name=Room&room_type=meeting&permanent_room=1&access_type=1"
KINDS_THAT_HAPPEN = {
    "commit-reset", "commit-close", "cut", "cut-reset", "slow", "drip", "body", "bomb", "endless",
    "bad-gzip",
}  # fmt: skip


@pytest.mark.parametrize("kind", FaultKind)
async def test_fault_decides_if_call_is_carried_out(sandbox, served, world, kind, wait_for) -> None:
    served.fail(kind, seconds=60 if kind == "late" else 0)
    task = asyncio.create_task(exchange(sandbox, limit=200))
    await wait_for(lambda: len(served.requests) == 1)
    if kind == "hang":
        task.cancel()
    await asyncio.wait([task])
    assert len(world.rooms) == (kind in KINDS_THAT_HAPPEN)
    assert served.requests[0].fault == kind
    assert served.faults == []


@pytest.mark.parametrize("kind", ["reset", "commit-reset", "late"])
async def test_reset_sends_nothing(sandbox, served, kind) -> None:
    served.fail(kind)
    with pytest.raises(ConnectionResetError):
        await exchange(sandbox)


@pytest.mark.parametrize("kind", ["close", "commit-close"])
async def test_close_sends_nothing(sandbox, served, kind) -> None:
    served.fail(kind)
    assert await exchange(sandbox) == b""


@pytest.mark.parametrize("size", [0, 1, 7])
async def test_cut_sends_part_of_the_body(sandbox, served, size) -> None:
    whole = body_of(await exchange(sandbox))
    served.reset()
    served.fail("cut", size=size)
    reply = await exchange(sandbox)
    assert reply.startswith(b"HTTP/1.1 201 ")
    assert f"Content-Length: {len(whole)}\r\n".encode() in reply
    assert body_of(reply) == whole[:size]


async def test_cut_reset_ends_in_a_reset(sandbox, served) -> None:
    served.fail("cut-reset", size=1)
    with pytest.raises(ConnectionResetError):
        await exchange(sandbox)


async def test_late_call_is_carried_out_after_the_reset(sandbox, served, world, wait_for) -> None:
    served.fail("late", seconds=0.02)
    with pytest.raises(ConnectionResetError):
        await exchange(sandbox)
    assert world.rooms == {}
    await wait_for(lambda: len(world.rooms) == 1)
    await exchange(sandbox)
    assert len(world.rooms) == 2
    assert [request.fault for request in served.requests] == ["late", None]


async def test_hang_never_answers(sandbox, served, wait_for) -> None:
    served.fail("hang")
    task = asyncio.create_task(exchange(sandbox))
    await wait_for(lambda: len(served.requests) == 1)
    assert not task.done()
    await exchange(sandbox)
    assert not task.done()
    task.cancel()
    await asyncio.wait([task])


async def test_slow_and_dripping_replies_are_complete(sandbox, served) -> None:
    whole = json.loads(body_of(await exchange(sandbox)))
    for kind in ("slow", "drip"):
        served.reset()
        served.fail(kind, seconds=0)
        assert json.loads(chunks(await exchange(sandbox))) == whole


async def test_status_has_its_headers_and_body(sandbox, served) -> None:
    served.fail(
        "status", status=429, headers={"Retry-After": "7"}, body="slow <b>down</b>",
        media_type="text/html",
    )  # fmt: skip
    reply = await exchange(sandbox)
    assert reply.startswith(b"HTTP/1.1 429 ")
    assert b"Retry-After: 7\r\n" in reply
    assert b"Content-Type: text/html" in reply
    assert body_of(reply) == b"slow <b>down</b>"


async def test_body_keeps_the_real_status(sandbox, served) -> None:
    served.fail("body", body="null")
    reply = await exchange(sandbox)
    assert reply.startswith(b"HTTP/1.1 201 ")
    assert body_of(reply) == b"null"


async def test_garbage_is_not_http(sandbox, served) -> None:
    served.fail("garbage")
    assert not (await exchange(sandbox)).startswith(b"HTTP/")


async def test_bomb_is_small_until_unpacked(sandbox, served) -> None:
    served.fail("bomb", size=5 * 2**20 + 3)
    reply = await exchange(sandbox)
    assert b"Content-Encoding: gzip" in reply
    packed = chunks(reply)
    assert len(packed) < 20_000
    assert gzip.decompress(packed) == bytes(5 * 2**20 + 3)


async def test_endless_body_goes_on(sandbox, served) -> None:
    served.fail("endless")
    assert len(await exchange(sandbox, limit=3 * 2**20)) >= 3 * 2**20


async def test_bad_gzip_is_not_compressed(sandbox, served) -> None:
    served.fail("bad-gzip")
    reply = await exchange(sandbox)
    assert b"Content-Encoding: gzip" in reply
    assert json.loads(body_of(reply))["room"]["name"] == "Room"


# ------------------------------------------------------------------------------------ which calls


async def test_fault_counts_only_matching_calls(conference, served) -> None:
    served.fail("commit-close", times=2, match="ping")
    served.fail("reset", match="inactive")
    await conference.rooms().collect()
    await conference.check()
    assert [(request.target, request.fault) for request in served.requests] == [
        ("/v1/conferences/active?page=1", None),
        ("/v1/conferences/inactive?page=1", "reset"),
        ("/v1/conferences/inactive?page=1", None),
        ("/v1/ping", "commit-close"),
        ("/v1/ping", "commit-close"),
        ("/v1/ping", None),
    ]


@pytest.mark.parametrize(
    "details", [{}, {"kind": "explosion"}, {"kind": "reset", "often": 1}, {"kind": None}]
)
def test_invalid_fault_lists_the_kinds(details) -> None:
    with pytest.raises(InvalidRequest) as caught:
        Fault.read(details)
    assert all(kind in str(caught.value) for kind in FaultKind)


# --------------------------------------------------------------------------------------- helpers


async def exchange(sandbox: Sandbox, limit: int = 2**24) -> bytes:
    """Send a request over a plain socket and return all bytes until the end."""
    account = sandbox.account("clickmeeting")
    address = urlsplit(account["base_url"])
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    head = (
        f"POST {address.path}/conferences HTTP/1.1\r\nHost: {address.netloc}\r\nConnection: close\r\n"
        f"X-Api-Key: {account['api_key']}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(FORM)}\r\n\r\n{FORM}"
    )
    try:
        writer.write(head.encode())
        received = b""
        while len(received) < limit and (piece := await reader.read(2**16)):
            received += piece
        return received
    finally:
        writer.transport.abort()


def body_of(reply: bytes) -> bytes:
    return reply.partition(b"\r\n\r\n")[2]


def chunks(reply: bytes) -> bytes:
    """Return the body, put together from its chunks if it received in such."""
    body = body_of(reply)
    if b"Transfer-Encoding: chunked" not in reply:
        return body
    whole = b""
    while body:
        size, _, body = body.partition(b"\r\n")
        length = int(size, 16)
        whole, body = whole + body[:length], body[length + 2 :]
    return whole
