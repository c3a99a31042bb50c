"""What a server may do instead of a reply as it should be: one step of a script for each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import cache
from typing import Final

from attrs import evolve
from front import Exchange, OperationCase, rendered

from conferencing.sandbox.faults import bomb as packed_zeros
from conferencing.sandbox.simulator import Answer

GAP: Final = 0.02
"""Seconds between two pieces of what comes slowly."""

BOMB: Final = 64 * 2**20
"""How many bytes a bomb has when it is unpacked."""


async def close(exchange: Exchange) -> None:
    exchange.close()


async def reset(exchange: Exchange) -> None:
    exchange.reset()


async def silent(exchange: Exchange) -> None:
    await asyncio.Event().wait()


def before(end: OperationCase) -> OperationCase:
    """End the connection; the call does not happen."""
    return end


def after(end: OperationCase) -> OperationCase:
    """Let the call happen, and end the connection."""

    async def play(exchange: Exchange) -> None:
        exchange.happen()
        await end(exchange)

    return play


def in_head(end: OperationCase) -> OperationCase:
    """Send a part of the head."""

    async def play(exchange: Exchange) -> None:
        raw = rendered(exchange.happen())
        await exchange.send(raw[: raw.index(b"\r\n\r\n") // 2])
        await end(exchange)

    return play


def in_body(end: OperationCase) -> OperationCase:
    """Send the head and half of the body; of one that is empty, promise more."""

    async def play(exchange: Exchange) -> None:
        answer = exchange.happen()
        raw = rendered(answer, Content_Length=str(len(answer.body) + 1))
        await exchange.send(raw[: len(raw) - (len(answer.body) + 1) // 2])
        await _settled()
        await end(exchange)

    return play


def in_chunk(end: OperationCase) -> OperationCase:
    """Send the head and a chunk that is shorter than it says."""

    async def play(exchange: Exchange) -> None:
        answer = exchange.happen()
        head = f"HTTP/1.1 {answer.status} X\r\nTransfer-Encoding: chunked\r\n\r\n"
        size = f"{len(answer.body) + 10:x}\r\n"
        await exchange.send((head + size).encode() + answer.body)
        await _settled()
        await end(exchange)

    return play


async def _settled() -> None:
    """Let the other side read before a reset throws away what it has not read."""
    for _ in range(5):
        await asyncio.sleep(0)


async def close_after(exchange: Exchange) -> None:
    """Reply as if the connection stayed open, and close it."""
    await exchange.send(rendered(exchange.happen()))
    exchange.close()


def said(*parts: bytes) -> OperationCase:
    """Say something, and close the connection."""

    async def play(exchange: Exchange) -> None:
        for part in parts:
            await exchange.send(part)
            await _settled()
        exchange.close()

    return play


def replied(**headers: str) -> OperationCase:
    """Reply as it should be, but for headers."""
    return instead(lambda body: body, **headers)


def apart(**headers: str) -> OperationCase:
    """Reply as it should be, but for headers; the body comes after the head."""

    async def play(exchange: Exchange) -> None:
        raw = rendered(exchange.happen(), **headers)
        end = raw.index(b"\r\n\r\n") + 4
        await said(raw[:end], raw[end:])(exchange)

    return play


def instead(change: Callable[[bytes], bytes], **headers: str) -> OperationCase:
    """Reply with another body."""

    async def play(exchange: Exchange) -> None:
        answer = exchange.happen()
        body = change(answer.body)
        await exchange.send(rendered(evolve(answer, body=body), **headers))

    return play


def status(code: int, body: bytes, **headers: str) -> OperationCase:
    """Refuse the call."""
    answer = Answer(status=code, body=body)

    async def play(exchange: Exchange) -> None:
        await exchange.send(rendered(answer, **headers))

    return play


def redirect(code: int, where: str) -> OperationCase:
    """Point somewhere: `{elsewhere}` is another server, `{itself}` the same address."""

    async def play(exchange: Exchange) -> None:
        place = where.format(elsewhere=exchange.elsewhere, itself=exchange.target)
        await exchange.send(rendered(Answer(status=code), Location=place))

    return play


async def endless(exchange: Exchange) -> None:
    """Let the call happen, and send blanks for ever."""
    exchange.happen()
    await exchange.send(b"HTTP/1.1 200 X\r\nContent-Type: application/json\r\n\r\n")
    while not exchange.writer.is_closing():
        await exchange.send(b" " * 65536)


async def bomb(exchange: Exchange) -> None:
    """Let the call happen, and send zeros, packed a thousandfold."""
    exchange.happen()
    await exchange.send(rendered(Answer(body=_zeros()), Content_Encoding="gzip"))


@cache
def _zeros() -> bytes:
    return packed_zeros(BOMB)


def dripped(part: int) -> OperationCase:
    """Send a byte at a time: from the head on, or from the body on."""

    async def play(exchange: Exchange) -> None:
        answer = exchange.happen()
        raw = rendered(answer, Content_Length=str(len(answer.body) + 10_000)) + b" " * 10_000
        start = (raw.index(b"\r\n\r\n") + 4) * part
        await exchange.send(raw[:start])
        for place in range(start, len(raw)):
            await exchange.send(raw[place : place + 1])
            await asyncio.sleep(GAP)

    return play


async def promises(exchange: Exchange) -> None:
    """Say `100 Continue` for ever."""
    while not exchange.writer.is_closing():
        await exchange.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        await asyncio.sleep(GAP)


async def endless_head(exchange: Exchange) -> None:
    """Send a header every now and then, and no end."""
    await exchange.send(b"HTTP/1.1 200 X\r\n")
    while not exchange.writer.is_closing():
        await exchange.send(b"A: b\r\n")
        await asyncio.sleep(GAP)
