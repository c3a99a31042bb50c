"""A vendor that gives out tokens and takes no others, and an adapter for it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

from acme import Acme
from attrs import define, field
from scripted import Connection, Received, Scripted, reply

from conferencing import Secret
from conferencing.http import (
    POST,
    Decoder,
    Effect,
    NoAuth,
    Policy,
    Reply,
    Token,
    TokenAuth,
    epoch,
    server_time,
)

PASSWORD = "canary-PASSWORD-51c7"
PATIENT = Policy(connect=10, read=10, attempt=20)


@define
class TokenRow:
    access_token: str
    expires_at: float | None = None


def read_token(answer: Reply) -> Token:
    row = Decoder().read(answer, TokenRow)
    return Token(
        value=Secret(row.access_token),
        expires_at=None if row.expires_at is None else epoch(row.expires_at),
        issued_at=server_time(answer),
    )


class Tokened(Acme):
    """An adapter whose key is good for tokens only."""

    def auth(self) -> TokenAuth:
        return self.tokens

    @property
    def tokens(self) -> TokenAuth:
        return vars(self).setdefault("_tokens", TokenAuth(self._token, self.context.clock))

    async def _token(self) -> Token:
        body = {"password": Secret(PASSWORD)}
        request = POST("/token", json=body, effect=Effect.READ)
        return await self.call(request, read_token, auth=NoAuth())


@define
class Vendor:
    """Answer `/token` with a new token each time, and all else only with one that is good.

    `gate` holds back the replies with tokens. `crowd` is how many refusals go out together.
    """

    server: Scripted
    clock: Any
    skew: timedelta = timedelta()
    life: float = 3600.0
    unit: int = 1
    dated: bool = True
    expires_at: float | None = None
    crowd: int = 1
    refusal: int = 401
    gate: asyncio.Event = field(factory=asyncio.Event)
    good: set[str] = field(factory=set)
    issued: int = 0
    asked_at: list[float] = field(factory=list)
    refusals: list[asyncio.Event] = field(factory=list)
    broken: Callable[[], Any] | None = None

    @property
    def tokens(self) -> int:
        """How many requests for a token were seen."""
        return sum(request.target == "/token" for request in self.server.requests)

    @property
    def calls(self) -> list[Received]:
        return [request for request in self.server.requests if request.target != "/token"]

    def revoke(self) -> None:
        self.good.clear()

    async def answer(self, connection: Connection) -> None:
        request = self.server.requests[-1]
        if request.target != "/token":
            return await self._call(request, connection)
        self.asked_at.append(self.clock.monotonic())
        await self.gate.wait()
        if self.broken is not None:
            return await self.broken()(connection)
        return await self._token(request, connection)

    async def _token(self, request: Received, connection: Connection) -> None:
        assert json.loads(request.body) == {"password": PASSWORD}
        assert not request.header("authorization")
        self.issued += 1
        name = f"canary-TOKEN-{self.issued}"
        self.good.add(name)
        now = self.clock.now() + self.skew
        ends = self.expires_at if self.expires_at is not None else now.timestamp() + self.life
        headers = {"Date": format_datetime(now, usegmt=True)} if self.dated else {}
        body = {"access_token": name, "expires_at": ends * self.unit}
        await reply(body, **headers)(connection)

    async def _call(self, request: Received, connection: Connection) -> None:
        token = request.header("authorization")[0].removeprefix("Bearer ")
        if token in self.good:
            return await reply({"ok": True})(connection)
        self.refusals.append(asyncio.Event())
        if len(self.refusals) >= self.crowd:
            for refusal in self.refusals:
                refusal.set()
        await self.refusals[-1].wait()
        return await reply({"message": f"no good: {token}"}, self.refusal)(connection)
