"""An HTTP server that records what it gets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web
from attrs import define, field

pytest.register_assert_rewrite("stories")


@define
class Hook:
    """A receiver on loopback. `statuses` are the answers to come; without any, 200."""

    url: str = ""
    statuses: list[int] = field(factory=list)
    bodies: list[bytes] = field(factory=list)
    headers: list[dict[str, str]] = field(factory=list)
    reply: bytes = b""

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        self.bodies.append(await request.read())
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        status = self.statuses.pop(0) if self.statuses else 200
        return web.Response(status=status, body=self.reply)


Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@pytest.fixture
async def serve() -> AsyncIterator[Callable[[Handler], Awaitable[str]]]:
    """Serve a function on loopback and return the address."""
    runners: list[web.ServerRunner] = []

    async def start(handler: Handler) -> str:
        runner = web.ServerRunner(web.Server(handler), shutdown_timeout=0.1)
        await runner.setup()
        runners.append(runner)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}"

    yield start
    for runner in runners:
        await runner.cleanup()


@pytest.fixture
async def hook(serve: Callable[[Handler], Awaitable[str]]) -> Hook:
    hook = Hook()
    hook.url = f"{await serve(hook.answer)}/hooks"
    return hook
