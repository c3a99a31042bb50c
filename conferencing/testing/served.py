"""A sandbox in a thread of its own, for tests that run no event loop or many."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from threading import Thread
from types import TracebackType
from typing import Any, Final, Self

from conferencing.sandbox.served import ServedSimulator
from conferencing.sandbox.server import Sandbox

__all__ = ["ServedSandbox"]

STOP_WITHIN: Final = 30.0
"""Seconds after which a server that does not stop is an error instead of a hanging test."""


class ServedSandbox:
    """Serve simulators until it is closed; use it in `with`, in synchronous and async tests alike.

    `sandbox["clickmeeting"]` is the served simulator of a provider: its `.simulator.world` is the
    state behind it, `.requests` are the requests that arrived, and `.fail("reset")` makes the next
    one fail.
    """

    def __init__(self, providers: Iterable[str] | None = None, *, seed: int = 0) -> None:
        self._sandbox = Sandbox(providers, seed=seed)
        self._runner = asyncio.Runner()
        self._thread = Thread(target=self._run, name="conferencing-sandbox", daemon=True)

    @property
    def origin(self) -> str:
        """The address below which everything is served."""
        return self._sandbox.origin

    def __getitem__(self, provider: str) -> ServedSimulator:
        return self._sandbox[provider]

    def account(self, provider: str, dialect: str = "") -> dict[str, Any]:
        """Return an account for `conferencing.connect`, in one of the simulator's dialects."""
        return self._sandbox.account(provider, dialect)

    def reset(self) -> None:
        """Start over: empty worlds, no recorded requests, no faults."""
        for served in self._sandbox.simulators.values():
            served.reset()

    def __enter__(self) -> Self:
        self._runner.run(self._sandbox.start())
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        loop = self._runner.get_loop()
        asyncio.run_coroutine_threadsafe(self._sandbox.aclose(), loop).result(STOP_WITHIN)
        loop.call_soon_threadsafe(loop.stop)
        self._thread.join(STOP_WITHIN)
        self._runner.close()

    def _run(self) -> None:
        self._runner.get_loop().run_forever()
