"""Calls whose second attempt fails in every way, with the server's log of what really happened.

The first attempt fails on the wire; the second meets a token that cannot be renewed, a broken rate
store, a closed client, a server that is gone, or a failure of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

from acme import PLAIN, acme, of
from attrs import define
from scripted import Scripted, Step, fin, head, reply, rst, send, then
from tokened import PATIENT, Tokened, Vendor

from conferencing import ConferencingError, Secret, Sent
from conferencing.http import Effect
from conferencing.testing import FakeClock

CUT = then(send(head(200, {"Content-Length": "100"}) + b"{"), fin)
ODD = then(send(head(200, {"Content-Length": "9" * 5000}) + b"{}"), fin)
LOST = {"fin": fin, "rst": rst, "odd": ODD}
ANSWERED = {"cut": CUT} | {
    str(status): reply({}, status) for status in (400, 404, 408, 500, 502, 503, 520)
}
REFUSED = {str(status): reply({}, status) for status in (401, 429)}
STEPS = LOST | ANSWERED | REFUSED
TOKEN = {"refused": reply({}, 401), "fails": reply({}, 500), "invalid": reply({}, 400), "lost": fin}


@define
class Trial:
    """One call and what the server saw of it: how each of its requests was answered."""

    seen: list[str]
    effect: Effect
    second: str
    error: ConferencingError | None = None

    def violations(self) -> Iterator[str]:
        """Yield where the error and the log disagree."""
        error, once = self.error, self.effect in {Effect.CREATE, Effect.NOTIFY}
        done = [step for step in self.seen if step not in REFUSED]
        if once and len(done) > 1:
            yield f"{self}: was done {len(done)} times"
        if error is None:
            if self.seen[-1] in STEPS:
                yield f"{self}: succeeded"
            return
        answered = any(step in ANSWERED for step in done)
        if (done and error.sent is Sent.NO) or (answered and error.sent is not Sent.YES):
            yield f"{self}: sent={error.sent}"
        if not self.seen and error.sent is not Sent.NO:
            yield f"{self}: sent={error.sent} without a request"
        if once and done and error.retryable:
            yield f"{self}: retryable"
        exact = self.second not in {*TOKEN, "gone"}
        if error.attempts < len(self.seen) or (exact and error.attempts != len(self.seen)):
            yield f"{self}: attempts={error.attempts}"


async def play_trial(random: Random, store: Path) -> Trial:
    """Make one call that fails twice; `store` is where its rate store may be."""
    second = random.choice([*STEPS, *TOKEN, "store", "closed", "gone"])
    trial = Trial([], random.choice(PLAIN), second)
    async with Scripted() as server:
        vendor = Vendor(server, FakeClock())
        vendor.gate.set()
        steps = [_step(trial, random.choice([*STEPS])), _step(trial, second)]
        rate: dict[str, Any] = (
            {"rate_store": Secret(f"sqlite:{store}")} if second == "store" else {}
        )
        provider = acme(
            server.url,
            vendor.clock,
            Tokened,
            policy=PATIENT,
            retries=1,
            random=random.random,
            **rate,
        )
        after = _trouble(second, vendor, server, provider, store)

        async def serve(writer: asyncio.StreamWriter) -> None:
            if server.requests[-1].target == "/token":
                await vendor.answer(writer)
            elif steps:
                step = steps.pop(0)
                if len(steps) == 1:
                    await after()
                await step(writer)
            else:
                await _step(trial, "ok")(writer)

        server.script.append(serve)
        try:
            await provider.call(of(trial.effect))
        except ConferencingError as error:
            trial.error = error
        await provider.aclose()
    return trial


def _step(trial: Trial, name: str) -> Step:
    async def step(writer: asyncio.StreamWriter) -> None:
        trial.seen.append(name)
        await STEPS.get(name, reply({}))(writer)

    return step


def _trouble(
    name: str, vendor: Vendor, server: Scripted, provider: Any, store: Path
) -> Callable[[], Awaitable[None]]:
    """Return what happens while the first request is on the wire."""

    async def act() -> None:
        if name in TOKEN:
            vendor.broken = lambda: TOKEN[name]
            vendor.clock.time += 7200
        elif name == "store":
            store.write_bytes(b"no database" * 1000)  # noqa: ASYNC240
        elif name == "closed":
            vendor.clock.sleep = lambda _: provider.aclose()
        elif name == "gone":
            server._server.close()

    return act
