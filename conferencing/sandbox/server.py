"""Serving simulators on loopback in one process: `/<provider>/…`, `/control/…` and the pages."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterable
from datetime import datetime
from types import TracebackType
from typing import Any, Self, cast

from aiohttp import web
from attrs import evolve

from conferencing.accounts.registry import SIMULATORS, load, simulator_names
from conferencing.errors import (
    ConferencingError,
    ConfigurationError,
    NotFound,
    Sent,
    TransportError,
)

from .control import control
from .faults import FaultKind, play, response
from .pages import OWN_PATHS, Site
from .served import RecordedRequest, ServedSimulator
from .simulator import Answer, Call

__all__ = ["Sandbox"]

_LOG = logging.getLogger("conferencing.sandbox")

RESERVED = OWN_PATHS | {"control"}

LOOK_EVERY = 0.05
"""How often due webhooks are looked for, in seconds."""


class Sandbox:
    """Serve simulators. Use it in `async with`, or call `start()` and `aclose()`.

    It binds 127.0.0.1 and refuses requests under any other host name, so that no web page can reach
    it by DNS rebinding. `port` 0 takes a free one. Without `providers`, all simulators are served. Their clocks
    begin at `start` (by default 1 October 2026), and stand still unless `real_time` is set.
    """

    def __init__(
        self,
        providers: Iterable[str] | None = None,
        *,
        port: int = 0,
        seed: int = 0,
        start: datetime | None = None,
        real_time: bool = False,
    ) -> None:
        names = sorted(simulator_names()) if providers is None else list(providers)
        for name in names:
            _check_name(name)
        self.simulators = {
            name: ServedSimulator(load(name, SIMULATORS)(seed=seed, real_time=real_time))
            for name in names
        }
        for served in self.simulators.values() if start else ():
            served.simulator.clock_start = start
            served.simulator.reset()
        self._site = Site(self.simulators)
        self._port = port
        self._runner: web.ServerRunner | None = None
        self._delivering: asyncio.Task[None] | None = None
        self.origin = ""

    def __getitem__(self, provider: str) -> ServedSimulator:
        if provider not in self.simulators:
            raise NotFound(f"this sandbox has no simulator of {provider!r}")
        return self.simulators[provider]

    def account(self, provider: str, dialect: str = "") -> dict[str, Any]:
        """Return an account for `conferencing.connect`, in one of the simulator's dialects."""
        return {"provider": provider, **self[provider].simulator.settings(dialect)}

    def control_url(self, provider: str) -> str:
        """Return the URL of a simulator's control API."""
        return f"{self.origin}/control/{provider}"

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def start(self) -> None:
        """Start to serve. Raises `TransportError` if the port is taken."""
        self._runner = web.ServerRunner(web.Server(self._answer), shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        try:
            await site.start()
        except (OSError, OverflowError) as error:
            await self.aclose()
            reason = getattr(error, "strerror", None) or str(error)
            message = f"cannot serve on port {self._port}: {reason}"
            raise TransportError(message, sent=Sent.NO, retryable=False) from error
        self._port = self._runner.addresses[0][1]
        self.origin = f"http://127.0.0.1:{self._port}"
        for served in self.simulators.values():
            served.simulator.origin = self.origin
        self._delivering = asyncio.create_task(deliver_webhooks(self.simulators.values()))

    async def aclose(self) -> None:
        """Stop serving; calling it again does nothing."""
        if self._delivering is not None:
            self._delivering.cancel()
            await asyncio.wait([self._delivering])
            self._delivering = None
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.host.partition(":")[0] not in {"127.0.0.1", "localhost"}:
            return response(Answer.json({"error": "this sandbox answers on loopback only"}, 403))
        raw = request.raw_path if request.raw_path.startswith("/") else "/"
        path, _, query = raw.partition("?")
        kind, _, rest = path[1:].partition("/")
        body = await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        call = Call(method=request.method, path=path, query=query, headers=headers, body=body)
        if self._site.serves(path):
            return response(self._site.handle(call))
        try:
            if kind == "control":
                return response(self._control(request, rest, body))
            served = self[kind]
        except ConferencingError as error:
            status = 404 if isinstance(error, NotFound) else 400
            return response(Answer.json({"error": error.message}, status))
        return await self._answer_simulator(served, evolve(call, path=f"/{rest}"), request)

    async def _answer_simulator(
        self, served: ServedSimulator, call: Call, request: web.BaseRequest
    ) -> web.StreamResponse:
        fault = served.next_fault(call.path)
        served.requests.append(
            RecordedRequest(
                method=call.method,
                target=call.target,
                headers=call.headers,
                body=call.body,
                fault=fault.kind if fault else None,
            )
        )
        await served.simulator.prepare(call)
        if fault is None:
            return response(served.simulator.handle(call))
        if fault.kind is FaultKind.LATE:
            asyncio.get_running_loop().call_later(fault.seconds, served.simulator.handle, call)
        answer = served.simulator.handle(call) if fault.happens else Answer()
        return await play(fault, request, answer)

    def _control(self, request: web.BaseRequest, rest: str, body: bytes) -> Answer:
        provider, _, action = rest.partition("/")
        if request.method == "POST" and request.content_type != "application/json":
            return Answer.json({"error": "the control API takes application/json"}, 415)
        try:
            payload: object = json.loads(body) if body else {}
        except (ValueError, RecursionError):
            return Answer.json({"error": "the body is not JSON"}, 400)
        if not isinstance(payload, dict):
            return Answer.json({"error": "the body must be a JSON object"}, 400)
        parameters = cast("dict[str, Any]", payload)
        return Answer.json(control(self[provider], request.method, action, parameters))


async def deliver_webhooks(simulators: Iterable[ServedSimulator]) -> None:
    """Deliver the webhooks of simulators when they are due, until it is cancelled.

    It polls, since a world does not report that its clock was advanced.
    """
    while True:
        senders = [served.simulator.webhooks for served in simulators]
        for sender in senders:
            if sender is not None and sender.has_due:
                try:
                    await sender.deliver()
                except Exception:  # noqa: BLE001 - a signer may raise anything
                    _LOG.exception("webhooks cannot be delivered")
        await asyncio.sleep(LOOK_EVERY)


def _check_name(name: str) -> None:
    """Refuse the name of a simulator whose paths would collide with the sandbox's own."""
    if name.casefold() in RESERVED:
        raise ConfigurationError(
            f"a sandbox cannot serve a provider called {name!r}: /{name} is a path of the sandbox "
            "itself; give the provider another name",
            provider=name,
        )
