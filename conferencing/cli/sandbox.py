"""`conferencing sandbox`: the simulators, served until interrupted."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from conferencing.sandbox import Sandbox

from .output import written

__all__ = ["sandbox"]


def sandbox(
    *,
    port: int = 0,
    provider: list[str] | None = None,
    seed: int = 0,
    json: bool = False,
) -> None:
    """Serve local stand-ins of the vendors on this machine until interrupted.

    One line for each says its address, what to put into an account, and where to control it.

    Parameters
    ----------
    port
        The port on 127.0.0.1; 0 takes a free one.
    provider
        Only this one; may be given several times.
    seed
        Equal seeds give equal ids and credentials.
    json
        Print one JSON object a line.
    """
    asyncio.run(_serve(port, provider, seed, as_json=json))


async def _serve(port: int, providers: list[str] | None, seed: int, *, as_json: bool) -> None:
    async with Sandbox(providers, port=port, seed=seed, real_time=True) as running:
        if not as_json:
            print(f"# pages: {running.origin}/\n", flush=True)  # noqa: T201
        for name, served in running.simulators.items():
            for dialect in served.simulator.dialects:
                print(_line(running, name, dialect, as_json=as_json), flush=True)  # noqa: T201
        await asyncio.Event().wait()


def _line(running: Sandbox, name: str, dialect: str, *, as_json: bool) -> str:
    account = running.account(name, dialect)
    settings = {key: value for key, value in account.items() if key != "provider"}
    if as_json:
        line: dict[str, Any] = {
            "provider": name,
            "dialect": dialect,
            "base_url": settings["base_url"],
            "settings": settings,
            "control_url": running.control_url(name),
        }
        return written({"data": line})
    toml = "\n".join(f"{key} = {json.dumps(value)}" for key, value in account.items())
    title = f"{name}-{dialect}" if dialect else name
    return f"# control: {running.control_url(name)}\n[accounts.{title}]\n{toml}\n"
