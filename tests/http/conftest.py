"""What the tests of HTTP share: scripted servers and an adapter on one, closed in the end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
from acme import Acme, acme
from scripted import Scripted, Step
from tokened import PATIENT, Tokened, Vendor


@pytest.fixture
async def serve() -> AsyncIterator[Callable[..., Any]]:
    """Start a server with a script: `server = await serve(fin, reply({}))`."""
    async with AsyncExitStack() as stack:

        async def start(*script: Step, **options: Any) -> Scripted:
            return await stack.enter_async_context(Scripted(*script, **options))

        yield start


@pytest.fixture
async def adapter(clock: Any) -> AsyncIterator[Callable[..., Acme]]:
    """Make an adapter on a server, or on an address: `adapter(server, policy=...)`."""
    async with AsyncExitStack() as stack:

        def make(where: Scripted | str, **options: Any) -> Acme:
            base = where if isinstance(where, str) else where.url
            provider = acme(base, options.pop("clock", clock), **options)
            stack.push_async_callback(provider.aclose)
            return provider

        yield make


@pytest.fixture
async def vendor(clock: Any) -> AsyncIterator[Vendor]:
    """A vendor who gives out tokens."""
    async with Scripted() as server:
        vendor = Vendor(server, clock)
        server.script.append(vendor.answer)
        vendor.gate.set()
        yield vendor


@pytest.fixture
async def tokened(vendor: Vendor, clock: Any) -> AsyncIterator[Callable[..., Tokened]]:
    """Make an adapter of that vendor; the options are those of `adapter`."""
    async with AsyncExitStack() as stack:

        def make(**options: Any) -> Tokened:
            options.setdefault("policy", PATIENT)
            provider = acme(vendor.server.url, options.pop("clock", clock), Tokened, **options)
            stack.push_async_callback(provider.aclose)
            return provider

        yield make
