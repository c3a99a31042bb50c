"""A server that breaks off a download, and lies about the rest."""

from __future__ import annotations

import asyncio
from random import Random

from scripted import Received, Scripted, Step, fin, head, rst, send, then

CONTENT = bytes(range(256)) + b"the end"
OTHER = bytes(reversed(CONTENT))
KINDS = (
    "honest", "cut", "partial", "empty", "longer", "other version", "other size", "whole", "416",
    "503", "wrong place", "no range", "reset",
)  # fmt: skip


def break_off(server: Scripted, cut: int, plan: list[str], chunked: bool, random: Random) -> Step:
    """Send the file up to a byte, then each time go on as planned, and honestly in the end."""
    kinds = ["first", *plan]

    async def step(writer: asyncio.StreamWriter) -> None:
        kind = kinds.pop(0) if kinds else "honest"
        if kind == "first":
            await then(send(_whole(chunked=chunked) + _body(CONTENT[:cut], chunked)), fin)(writer)
        else:
            await _rest(kind, _start(server.requests[-1]), random)(writer)

    return step


def _whole(*, chunked: bool) -> bytes:
    size = {"Transfer-Encoding": "chunked"} if chunked else {"Content-Length": str(len(CONTENT))}
    return head(200, {"ETag": '"v1"', **size})


def _body(data: bytes, chunked: bool) -> bytes:
    return b"%x\r\n" % len(CONTENT) + data if chunked else data


def _start(request: Received) -> int:
    asked = "".join(request.header("range"))
    return int(asked.removeprefix("bytes=").removesuffix("-") or 0)


def _rest(kind: str, start: int, random: Random) -> Step:
    """Answer a request for the bytes from `start` on."""
    if kind in {"416", "503"}:
        return send(head(int(kind), {"Content-Length": "0"}))
    if kind == "reset":
        return rst
    if kind == "whole" or start == 0:
        return send(_whole(chunked=False) + CONTENT)
    answer = _partial(kind, start, random)
    if kind == "cut":
        return then(
            send(answer[: random.randint(len(answer) - len(CONTENT) + start, len(answer))]), fin
        )
    return send(answer)


def _partial(kind: str, start: int, random: Random) -> bytes:
    """Return a 206, which is honest unless `kind` says otherwise."""
    data, tag = (OTHER, '"v2"') if kind == "other version" else (CONTENT, '"v1"')
    if kind == "other size":
        data += b"more"
    first = max(0, start - random.randint(1, 5)) if kind == "wrong place" else start
    ends = {"partial": random.randint(start, len(data)), "empty": start}
    end = ends.get(kind, len(data))
    body = data[first:end] + (b"too much" if kind == "longer" else b"")
    headers = {"Content-Length": str(len(body)), "ETag": tag}
    if kind != "no range":
        headers["Content-Range"] = f"bytes {first}-{end - 1}/{len(data)}"
    return head(206, headers) + body
