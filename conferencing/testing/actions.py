"""What a server can do instead of replying properly: the actions of fault injection."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import cache
from typing import Final

from attrs import evolve

from conferencing.sandbox.faults import bomb
from conferencing.sandbox.simulator import Answer

from .injector import Action, Exchange, encode_answer

GAP: Final = 0.02
"""Seconds between two pieces of a slow reply."""

BOMB: Final = 64 * 2**20
"""Size in bytes of the decompressed bomb."""

PADDING: Final = 10_000
"""Bytes by which a slow reply is longer than it has to be."""


async def close(exchange: Exchange) -> None:
    """Close the connection without a reply."""
    exchange.close()


async def reset(exchange: Exchange) -> None:
    """Reset the connection without a reply."""
    exchange.reset()


async def hang(_: Exchange) -> None:
    """Stay silent."""
    await asyncio.Event().wait()


def after_commit(end: Action) -> Action:
    """Let the request take effect, then do `end` instead of replying."""

    async def action(exchange: Exchange) -> None:
        exchange.perform()
        await end(exchange)

    return action


def in_head(end: Action) -> Action:
    """Send half of the head of the reply."""

    async def action(exchange: Exchange) -> None:
        data = encode_answer(exchange.perform())
        await exchange.send(data[: data.index(b"\r\n\r\n") // 2])
        await end(exchange)

    return action


def in_body(end: Action) -> Action:
    """Send the head and half of the body; promise more than an empty body has."""

    async def action(exchange: Exchange) -> None:
        answer = exchange.perform()
        data = encode_answer(answer, Content_Length=str(len(answer.body) + 1))
        await exchange.send(data[: len(data) - (len(answer.body) + 1) // 2])
        await _let_client_read()
        await end(exchange)

    return action


def in_chunk(end: Action) -> Action:
    """Send the head and a chunk that is shorter than its size says."""

    async def action(exchange: Exchange) -> None:
        answer = exchange.perform()
        head = f"HTTP/1.1 {answer.status} X\r\nTransfer-Encoding: chunked\r\n\r\n"
        await exchange.send(f"{head}{len(answer.body) + 10:x}\r\n".encode() + answer.body)
        await _let_client_read()
        await end(exchange)

    return action


def cut_after(size: int) -> Action:
    """Send the first `size` bytes of the reply and close the connection."""

    async def action(exchange: Exchange) -> None:
        await exchange.send(encode_answer(exchange.perform())[:size])
        exchange.close()

    return action


async def _let_client_read() -> None:
    """Give the client time to read: a reset discards what it has not read yet."""
    for _ in range(5):
        await asyncio.sleep(0)


async def reply_and_close(exchange: Exchange) -> None:
    """Reply as if the connection stayed open, and close it."""
    await exchange.send(encode_answer(exchange.perform()))
    exchange.close()


def send_raw(*parts: bytes) -> Action:
    """Send bytes instead of a reply, and close the connection; the request takes no effect."""

    async def action(exchange: Exchange) -> None:
        for part in parts:
            await exchange.send(part)
            await _let_client_read()
        exchange.close()

    return action


def reply_with_headers(**headers: str) -> Action:
    """Reply properly except for some headers."""
    return reply_with_body(lambda body: body, **headers)


def reply_in_two_parts(**headers: str) -> Action:
    """Reply properly except for some headers, the body after a pause."""

    async def action(exchange: Exchange) -> None:
        data = encode_answer(exchange.perform(), **headers)
        end = data.index(b"\r\n\r\n") + 4
        await send_raw(data[:end], data[end:])(exchange)

    return action


def reply_with_body(change: Callable[[bytes], bytes], **headers: str) -> Action:
    """Let the request take effect, and reply with a changed body."""

    async def action(exchange: Exchange) -> None:
        answer = exchange.perform()
        await exchange.send(encode_answer(evolve(answer, body=change(answer.body)), **headers))

    return action


def reply_with(body: bytes, **headers: str) -> Action:
    """Let the request take effect, and reply with another body."""
    return reply_with_body(lambda _: body, **headers)


def respond(status: int, body: bytes = b"", **headers: str) -> Action:
    """Reply with a status; the request takes no effect."""

    async def action(exchange: Exchange) -> None:
        await exchange.send(encode_answer(Answer(status=status, body=body), **headers))

    return action


def redirect(status: int, location: str) -> Action:
    """Redirect: `{elsewhere}` in the location is another server, `{itself}` the same address."""

    async def action(exchange: Exchange) -> None:
        target = location.format(elsewhere=exchange.elsewhere, itself=exchange.request.target)
        await exchange.send(encode_answer(Answer(status=status), Location=target))

    return action


async def endless_body(exchange: Exchange) -> None:
    """Let the request take effect, and send spaces without end."""
    exchange.perform()
    await exchange.send(b"HTTP/1.1 200 X\r\nContent-Type: application/json\r\n\r\n")
    while not exchange.is_closing:
        await exchange.send(b" " * 65536)


async def gzip_bomb(exchange: Exchange) -> None:
    """Let the request take effect, and send zeros, compressed about a thousandfold."""
    exchange.perform()
    await exchange.send(encode_answer(Answer(body=_zeros()), Content_Encoding="gzip"))


@cache
def _zeros() -> bytes:
    return bomb(BOMB)


def drip(part: int) -> Action:
    """Send the reply byte by byte: from its head on (0), or from its body on (1)."""

    async def action(exchange: Exchange) -> None:
        answer = evolve(exchange.perform(), status=200)  # another one may have no body
        length = str(len(answer.body) + PADDING)
        data = encode_answer(answer, Content_Length=length) + b" " * PADDING
        start = (data.index(b"\r\n\r\n") + 4) * part
        await exchange.send(data[:start])
        for place in range(start, len(data)):
            await exchange.send(data[place : place + 1])
            await asyncio.sleep(GAP)

    return action


def send_repeatedly(start: bytes, piece: bytes) -> Action:
    """Send `start`, then `piece` again and again; the request takes no effect."""

    async def action(exchange: Exchange) -> None:
        await exchange.send(start)
        while not exchange.is_closing:
            await exchange.send(piece)
            await asyncio.sleep(GAP)

    return action
