"""Faults that the sandbox injects into the next calls to a simulator."""

from __future__ import annotations

import asyncio
import socket
import struct
import zlib
from collections.abc import Mapping
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from aiohttp import web
from attrs import field, frozen
from attrs.validators import instance_of

from conferencing.errors import InvalidRequest

from .simulator import Answer

__all__ = ["Fault", "FaultKind", "play"]


class FaultKind(StrEnum):
    """What goes wrong. "Carried out" means that the simulator handles the call."""

    RESET = "reset"  # not carried out; the connection is reset
    CLOSE = "close"  # not carried out; the connection is closed
    COMMIT_RESET = "commit-reset"  # carried out, then the connection is reset
    COMMIT_CLOSE = "commit-close"  # carried out, then the connection is closed
    CUT = "cut"  # carried out; the body ends after `size` bytes, and the connection is closed
    CUT_RESET = "cut-reset"  # the same, but the connection is reset
    SLOW = "slow"  # carried out; the reply is sent after `seconds`
    DRIP = "drip"  # carried out; a byte of the body is sent every `seconds`
    LATE = "late"  # the connection is reset, and the call is carried out `seconds` later
    HANG = "hang"  # not carried out; no reply is ever sent
    STATUS = "status"  # not carried out; `status`, `headers` and `body` are the reply
    BODY = "body"  # carried out; `body` is sent instead of the real body
    GARBAGE = "garbage"  # not carried out; the reply is not HTTP
    BOMB = "bomb"  # carried out; the body is `size` zero bytes, compressed by gzip
    ENDLESS = "endless"  # carried out; the body never ends
    BAD_GZIP = "bad-gzip"  # carried out; declares gzip but is not compressed


HAPPENS = frozenset(FaultKind) - {
    FaultKind.RESET, FaultKind.CLOSE, FaultKind.LATE, FaultKind.HANG, FaultKind.STATUS,
    FaultKind.GARBAGE,
}  # fmt: skip
RESETS = frozenset({FaultKind.RESET, FaultKind.COMMIT_RESET, FaultKind.LATE})
CLOSES = frozenset({FaultKind.CLOSE, FaultKind.COMMIT_CLOSE})


@frozen(kw_only=True)
class Fault:
    """A fault for the next `times` calls whose path contains `match`."""

    kind: FaultKind = field(converter=FaultKind)
    times: int = field(default=1, validator=instance_of(int))
    match: str = field(default="", validator=instance_of(str))
    seconds: float = field(default=0.05, validator=instance_of((int, float)))
    size: int = field(default=0, validator=instance_of(int))
    status: int = field(default=500, validator=instance_of(int))
    headers: Mapping[str, str] = field(factory=dict[str, str])
    body: str = field(default="", validator=instance_of(str))
    media_type: str = "application/json"

    @property
    def happens(self) -> bool:
        """Whether the call is carried out now."""
        return self.kind in HAPPENS

    @classmethod
    def read(cls, details: Mapping[str, Any]) -> Fault:
        """Read a fault from JSON. Raises `InvalidRequest`."""
        try:
            return cls(**details)
        except (TypeError, ValueError) as error:
            kinds = ", ".join(FaultKind)
            message = f"this is not a fault ({error}); kinds are {kinds}"
            raise InvalidRequest(message, field="fault") from error


async def play(fault: Fault, request: web.BaseRequest, answer: Answer) -> web.StreamResponse:
    """Send the reply that a fault makes of `answer`."""
    kind = fault.kind
    if kind in RESETS | CLOSES:
        return _disconnect(request, reset=kind in RESETS)
    if kind in {FaultKind.CUT, FaultKind.CUT_RESET}:
        _write(request, head(answer, len(answer.body)) + answer.body[: fault.size])
        return _disconnect(request, reset=kind is FaultKind.CUT_RESET)
    if kind is FaultKind.GARBAGE:
        _write(request, b"\x16\x03\x01 this is not HTTP\r\n\r\n")
        return _disconnect(request)
    if kind is FaultKind.HANG:
        await asyncio.Event().wait()
    if kind is FaultKind.SLOW:
        await asyncio.sleep(fault.seconds)
    if kind in {FaultKind.DRIP, FaultKind.BOMB, FaultKind.ENDLESS}:
        return await _stream(fault, request, answer)
    return response(_replace(fault, answer))


def response(answer: Answer) -> web.Response:
    """Return an answer as a response of aiohttp."""
    headers = dict(answer.headers)
    if answer.status != HTTPStatus.NO_CONTENT:
        headers["Content-Type"] = answer.media_type
    return web.Response(status=answer.status, body=answer.body, headers=headers)


def head(answer: Answer, length: int) -> bytes:
    """Return the status line and the headers of a reply whose body has this length."""
    lines = [f"HTTP/1.1 {answer.status} X", f"Content-Type: {answer.media_type}"]
    lines += [f"Content-Length: {length}", *(f"{k}: {v}" for k, v in answer.headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _replace(fault: Fault, answer: Answer) -> Answer:
    if fault.kind is FaultKind.STATUS:
        return Answer(
            status=fault.status,
            body=fault.body.encode(),
            media_type=fault.media_type,
            headers=fault.headers,
        )
    if fault.kind is FaultKind.BODY:
        return Answer(status=answer.status, body=fault.body.encode(), media_type=fault.media_type)
    if fault.kind is FaultKind.BAD_GZIP:
        return answer.with_headers({"Content-Encoding": "gzip"})
    return answer


async def _stream(fault: Fault, request: web.BaseRequest, answer: Answer) -> web.StreamResponse:
    reply = web.StreamResponse(status=answer.status, headers={"Content-Type": answer.media_type})
    if fault.kind is FaultKind.BOMB:
        reply.headers["Content-Encoding"] = "gzip"
    await reply.prepare(request)
    if fault.kind is FaultKind.DRIP:
        for place in range(len(answer.body)):
            await reply.write(answer.body[place : place + 1])
            await asyncio.sleep(fault.seconds)
    elif fault.kind is FaultKind.BOMB:
        await reply.write(bomb(fault.size))
    while fault.kind is FaultKind.ENDLESS:
        await reply.write(b" " * 65536)
    await reply.write_eof()
    return reply


def bomb(size: int) -> bytes:
    """Return `size` zero bytes compressed by gzip, to about a thousandth."""
    packer = zlib.compressobj(9, wbits=31)
    piece = bytes(2**20)
    packed = [packer.compress(piece) for _ in range(size // len(piece))]
    return b"".join([*packed, packer.compress(bytes(size % len(piece))), packer.flush()])


def _write(request: web.BaseRequest, raw: bytes) -> None:
    if request.transport is not None:
        request.transport.write(raw)


def _disconnect(request: web.BaseRequest, *, reset: bool = False) -> web.Response:
    """Close or reset the connection; the response that is returned is never sent."""
    transport = request.transport
    if transport is not None and reset:
        sock: socket.socket = transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    elif transport is not None:
        transport.close()
    return web.Response()
