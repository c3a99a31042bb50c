"""Credentials that differ from call to call are chosen in one place, however the call is made."""

from __future__ import annotations

from typing import Any

import pytest
from acme import Acme, acme

from conferencing import File, NotAvailable, Secret, Sent
from conferencing.http import GET, POST, Auth, HeaderAuth, Request, SinglePage
from conferencing.testing import FaultServer
from conferencing.testing.server import read, repeat, reply, send


class Choosy(Acme):
    """An adapter whose calls below /own need another key, and those below /none have none."""

    def auth_for(self, request: Request) -> Auth | None:
        if request.path.startswith("/none"):
            raise NotAvailable("this account has no key for it", sent=Sent.NO)
        other = HeaderAuth("X-Other-Key", Secret("other"), setting="other")
        return other if request.path.startswith("/own") else None

    def authenticates(self, url: str) -> bool:
        return True


def keys(request: Any) -> set[str]:
    return {name for name, _ in request.headers if name.endswith("-key")}


async def test_credentials_are_chosen_for_every_kind_of_call(clock) -> None:
    async with FaultServer([repeat(read, send(reply(b"[]")))]) as server:
        provider = acme(server.url, clock, Choosy)
        for path in ("/own", "/usual"):
            await provider.call(GET(path))
            await provider.request("GET", path)
            pages = provider.paginate(GET(path), lambda reply: reply.json(), SinglePage())
            assert [page async for page in pages] == [[]]
            file = File(url=f"{server.url}{path}")
            assert b"".join([part async for part in provider.read_file(file)]) == b"[]"
        await provider.aclose()
    chosen = [keys(request) for request in server.requests]
    assert chosen == [{"x-other-key"}] * 4 + [{"x-api-key"}] * 4


async def test_call_without_credentials_sends_nothing(clock) -> None:
    async with FaultServer([read, send(reply(b"[]"))]) as server:
        provider = acme(server.url, clock, Choosy)
        with pytest.raises(NotAvailable):
            await provider.call(GET("/none"))
        await provider.aclose()
    assert server.requests == []


async def test_request_without_body_names_no_type(clock) -> None:
    async with FaultServer([read, send(reply(b"[]"))]) as server:
        provider = acme(server.url, clock, Choosy)
        await provider.call(POST("/usual"))
        await provider.aclose()
    assert "content-type" not in dict(server.requests[0].headers)
