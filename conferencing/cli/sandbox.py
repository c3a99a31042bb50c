"""`conferencing sandbox`: serve the simulators until interrupted."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from conferencing.sandbox import Sandbox

from .output import encode

__all__ = ["sandbox"]


def sandbox(
    *,
    port: int = 0,
    provider: list[str] | None = None,
    seed: int = 0,
    json: bool = False,
) -> None:
    """Serve local simulators of the providers until interrupted.

    Prints a configuration: for each simulator an account, and the URL that controls it.

    Parameters
    ----------
    port
        Port on 127.0.0.1 (default: a free one).
    provider
        Serve only this provider. Can be repeated.
    seed
        Seed of ids and credentials: the same seed gives the same ones.
    json
        Print one JSON object per line.
    """
    asyncio.run(_serve(port, provider, seed, as_json=json))


async def _serve(port: int, providers: list[str] | None, seed: int, *, as_json: bool) -> None:
    async with Sandbox(providers, port=port, seed=seed, real_time=True) as running:
        if not as_json:
            print(f"# pages: {running.origin}/\n", flush=True)  # noqa: T201
        for name, served in running.simulators.items():
            for dialect in served.simulator.dialects:
                print(_format_account(running, name, dialect, as_json=as_json), flush=True)  # noqa: T201
        await asyncio.Event().wait()


def _format_account(running: Sandbox, name: str, dialect: str, *, as_json: bool) -> str:
    account = running.account(name, dialect)
    settings = {key: value for key, value in account.items() if key != "provider"}
    if as_json:
        data: dict[str, Any] = {
            "provider": name,
            "dialect": dialect,
            "base_url": settings["base_url"],
            "settings": settings,
            "control_url": running.control_url(name),
        }
        return encode({"data": data})
    toml = "\n".join(f"{key} = {json.dumps(value)}" for key, value in account.items())
    title = f"{name}-{dialect}" if dialect else name
    return f"# control: {running.control_url(name)}\n[accounts.{title}]\n{toml}\n"
