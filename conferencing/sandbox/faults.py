"""What can go wrong on the way, on purpose: faults that the sandbox plays for the next calls."""

from __future__ import annotations

import asyncio
import socket
import struct
import zlib
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from aiohttp import web
from attrs import field, frozen
from attrs.validators import instance_of

from conferencing.errors import InvalidRequest

from .simulator import Answer

__all__ = ["Fault", "FaultKind", "play"]


class FaultKind(StrEnum):
    RESET = "reset"  # the connection is reset, and the call does not happen
    CLOSE = "close"  # the connection is closed, and the call does not happen
    COMMIT_RESET = "commit-reset"  # the call happens, then the connection is reset
    COMMIT_CLOSE = "commit-close"  # the call happens, then the connection is closed
    CUT = "cut"  # the call happens; of its reply only `size` bytes of the body come
    CUT_RESET = "cut-reset"  # the same, ending in a reset
    SLOW = "slow"  # the call happens; its reply comes `seconds` later
    DRIP = "drip"  # the call happens; the body comes a byte every `seconds`
    LATE = "late"  # the connection is reset; the call happens `seconds` later
    HANG = "hang"  # nothing ever comes
    STATUS = "status"  # the call does not happen; `status`, `headers` and `body` are the reply
    BODY = "body"  # the call happens; `body` comes instead of its body
    GARBAGE = "garbage"  # the call does not happen; what comes is not HTTP
    BOMB = "bomb"  # the call happens; its body is `size` bytes of zeros, gzipped
    ENDLESS = "endless"  # the call happens; its body never ends
    BAD_GZIP = "bad-gzip"  # the call happens; its body says gzip and is none


HAPPENS = frozenset(FaultKind) - {
    FaultKind.RESET, FaultKind.CLOSE, FaultKind.LATE, FaultKind.HANG, FaultKind.STATUS,
    FaultKind.GARBAGE,
}  # fmt: skip
RESETS = frozenset({FaultKind.RESET, FaultKind.COMMIT_RESET, FaultKind.LATE})
CLOSES = frozenset({FaultKind.CLOSE, FaultKind.COMMIT_CLOSE})


@frozen(kw_only=True)
class Fault:
    """Say what goes wrong, and for how many calls.

    `match` narrows it to paths that contain that text.
    """

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
        """Whether the call takes effect now."""
        return self.kind in HAPPENS

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Fault:
        """Read a fault from JSON. Raises `InvalidRequest`."""
        try:
            return cls(**given)
        except (TypeError, ValueError) as error:
            reason = str(error)
        kinds = ", ".join(FaultKind)
        raise InvalidRequest(f"that is no fault ({reason}); kinds are {kinds}", field="fault")


async def play(fault: Fault, request: web.BaseRequest, answer: Answer) -> web.StreamResponse:
    """Answer a request with this fault; `answer` is what it would have been."""
    kind = fault.kind
    if kind in RESETS | CLOSES:
        return _gone(request, reset=kind in RESETS)
    if kind in {FaultKind.CUT, FaultKind.CUT_RESET}:
        _write(request, head(answer, len(answer.body)) + answer.body[: fault.size])
        return _gone(request, reset=kind is FaultKind.CUT_RESET)
    if kind is FaultKind.GARBAGE:
        _write(request, b"\x16\x03\x01 this is not HTTP\r\n\r\n")
        return _gone(request)
    if kind is FaultKind.HANG:
        await asyncio.Event().wait()
    if kind is FaultKind.SLOW:
        await asyncio.sleep(fault.seconds)
    if kind in {FaultKind.DRIP, FaultKind.BOMB, FaultKind.ENDLESS}:
        return await _stream(fault, request, answer)
    return response(_changed(fault, answer))


def response(answer: Answer) -> web.Response:
    """Return an answer as aiohttp sends it."""
    headers = {**answer.headers, "Content-Type": answer.media_type}
    return web.Response(status=answer.status, body=answer.body, headers=headers)


def head(answer: Answer, length: int) -> bytes:
    """Return the head of an HTTP reply, byte by byte."""
    lines = [f"HTTP/1.1 {answer.status} X", f"Content-Type: {answer.media_type}"]
    lines += [f"Content-Length: {length}", *(f"{k}: {v}" for k, v in answer.headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _changed(fault: Fault, answer: Answer) -> Answer:
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
    """Return so many zeros, gzipped: about a thousandth of that."""
    packer = zlib.compressobj(9, wbits=31)
    piece = bytes(2**20)
    packed = [packer.compress(piece) for _ in range(size // len(piece))]
    return b"".join([*packed, packer.compress(bytes(size % len(piece))), packer.flush()])


def _write(request: web.BaseRequest, raw: bytes) -> None:
    if request.transport is not None:
        request.transport.write(raw)


def _gone(request: web.BaseRequest, *, reset: bool = False) -> web.Response:
    """Close the connection; what is returned never leaves."""
    transport = request.transport
    if transport is not None and reset:
        sock: socket.socket = transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    elif transport is not None:
        transport.close()
    return web.Response()
