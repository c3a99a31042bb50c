"""Scripts of replies on the shipped fault server: each request is answered by the next step."""

from __future__ import annotations

import json
from collections.abc import Mapping
from ssl import SSLContext

from conferencing.testing.server import (
    Connection,
    FaultServer,
    Received,
    Step,
    closed_port,
    hang,
    read,
    repeat,
    send,
    send_slowly,
)
from conferencing.testing.server import cut as fin
from conferencing.testing.server import endless as send_endlessly
from conferencing.testing.server import reset as rst

__all__ = [
    "Connection",
    "Received",
    "Scripted",
    "Step",
    "closed_port",
    "drip",
    "endless",
    "fin",
    "hang",
    "head",
    "reply",
    "rst",
    "send",
    "then",
]

drip = send_slowly


class Scripted(FaultServer):
    """Answer each request by the next step of the script; the last step is used for all others."""

    def __init__(self, *script: Step, tls: SSLContext | None = None) -> None:
        super().__init__([repeat(read, self._answer)], tls=tls)
        self.script = list(script)

    async def _answer(self, connection: Connection) -> None:
        step = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        await step(connection)


def reply(body: object = None, status: int = 200, **headers: str) -> Step:
    """Send a whole reply: JSON of the body, or the body itself if it is bytes."""
    payload = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return send(head(status, {"Content-Length": str(len(payload)), **named}) + payload)


def head(status: int, headers: Mapping[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} X", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def endless() -> Step:
    return then(send(head(200, {"Connection": "close"})), send_endlessly())


def then(*steps: Step) -> Step:
    async def step(connection: Connection) -> None:
        for each in steps:
            await each(connection)

    return step
