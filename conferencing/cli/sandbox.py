"""`conferencing sandbox`: serve the simulators until interrupted."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from conferencing.files import check_target, write_atomically
from conferencing.sandbox import Sandbox

from .interrupts import run_until_interrupted
from .output import encode

__all__ = ["format_configuration", "sandbox"]


def sandbox(
    *,
    port: int = 0,
    provider: list[str] | None = None,
    write: Path | None = None,
    replace: bool = False,
    seed: int | None = None,
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
    write
        Write the configuration to this file, like conferencing.toml, instead of printing it.
    replace
        Overwrite an existing file.
    seed
        Seed of ids and credentials: the same seed gives the same ones, and a clock that starts on
        1 October 2026 instead of now.
    json
        Print one JSON object per line.
    """
    if write is not None:
        check_target(write, replace=replace, field="write")
    run_until_interrupted(_serve(port, provider, write, seed, replace=replace, as_json=json))


async def _serve(
    port: int,
    providers: list[str] | None,
    write: Path | None,
    seed: int | None,
    *,
    replace: bool,
    as_json: bool,
) -> None:
    start = datetime.now(UTC).replace(microsecond=0) if seed is None else None
    async with Sandbox(
        providers, port=port, seed=seed or 0, start=start, real_time=True
    ) as running:
        configuration = format_configuration(running)
        if write is not None:
            content = configuration.encode()
            write_atomically(write, content, replace=replace, mode=0o600, field="write")
        if as_json:
            for account in _list_accounts(running):
                print(encode({"data": account}), flush=True)  # noqa: T201
        elif write is None:
            print(configuration, flush=True)  # noqa: T201
        else:
            print(f"Wrote {write}. Serving at {running.origin}/", flush=True)  # noqa: T201
            _print_hint()
        await asyncio.Event().wait()


def _print_hint() -> None:
    if sys.stdout.isatty():
        print("Press Ctrl-C to stop.", flush=True)  # noqa: T201


def _list_accounts(running: Sandbox) -> list[dict[str, Any]]:
    """Return one dictionary for each dialect of each simulator."""
    accounts: list[dict[str, Any]] = []
    for name, served in running.simulators.items():
        for dialect in served.simulator.dialects:
            settings = running.account(name, dialect)
            del settings["provider"]
            accounts.append(
                {
                    "provider": name,
                    "dialect": dialect,
                    "base_url": settings["base_url"],
                    "settings": settings,
                    "control_url": running.control_url(name),
                }
            )
    return accounts


def format_configuration(running: Sandbox) -> str:
    """Return the accounts as TOML; the first one is the default."""
    sections = [f"# pages: {running.origin}/"]
    for account in _list_accounts(running):
        name, dialect = account["provider"], account["dialect"]
        title = f"{name}-{dialect}" if dialect else name
        if len(sections) == 1:
            sections.append(f'default = "{title}"')
        keys = {"provider": name, **account["settings"]}
        lines = [f"{key} = {json.dumps(value)}" for key, value in keys.items()]
        head = [f"# control: {account['control_url']}", f"[accounts.{title}]"]
        sections.append("\n".join([*head, *lines]))
    return "\n\n".join(sections) + "\n"
