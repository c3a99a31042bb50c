"""A reply that is too large is refused before it costs memory.

Run as a program, this file is the client: it reads an account as JSON and prints what it measured.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conferencing import ConferencingError, connect
from conferencing.testing.actions import endless_body, reply_with
from conferencing.testing.injector import Action, FaultInjector

UNPACKED = 512 * 2**20
"""Size in bytes of the decompressed bomb."""

MEBIBYTES = 32
SECONDS = 60
STATUS = Path("/proc/self/status")
REPLIES: dict[str, Callable[[], Action]] = {
    "gzip bomb": lambda: reply_with(bomb(), Content_Encoding="gzip"),
    "endless body": lambda: endless_body,
    "deep JSON": lambda: reply_with(b"[" * 200_000),
}


@pytest.mark.skipif(not STATUS.exists(), reason="peak memory is read from /proc")
@pytest.mark.parametrize("name", REPLIES)
async def test_oversized_reply_costs_little_memory(name: str) -> None:
    from conferencing.sandbox import Sandbox  # noqa: PLC0415 - the client needs no server

    simulator = Sandbox(["clickmeeting"])["clickmeeting"].simulator
    async with FaultInjector(simulator) as server:
        account = {"provider": "clickmeeting", **simulator.settings()}
        server.inject(REPLIES[name](), at=2)  # the listing before makes two requests
        client = await asyncio.create_subprocess_exec(
            sys.executable, __file__, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        async with asyncio.timeout(SECONDS):
            output, _ = await client.communicate(json.dumps(account).encode())
    measured = json.loads(output)
    assert measured["error"] == "MalformedResponse"
    assert measured["mebibytes"] <= MEBIBYTES


def test_bomb_is_small_on_the_wire() -> None:
    assert len(bomb()) < 2**20


def bomb() -> bytes:
    """Return compressed zeros, about a thousandth of their size; without a checksum at the end."""
    packer = zlib.compressobj(9, wbits=31)
    head = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH)
    piece = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return head + piece * (UNPACKED // 2**20 - 1)


# --------------------------------------------------------------------------- in the other process


async def measure(account: dict[str, Any]) -> dict[str, Any]:
    """List rooms properly, then with the oversized reply, and measure the second listing."""
    async with connect(account) as conference:
        await conference.rooms().collect()
        before = start_peak()
        try:
            await conference.rooms().collect()
        except ConferencingError as error:
            return {"error": type(error).__name__, "mebibytes": peak() - before}
        return {"error": None, "mebibytes": peak() - before}


def start_peak() -> float:
    """Return the memory of this process in MiB, from which its peak is measured from now on."""
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")
    return peak()


def peak() -> float:
    """Return the peak of this process's memory in MiB since `clear_refs` was written."""
    lines = STATUS.read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure(json.load(sys.stdin)))))  # noqa: T201
