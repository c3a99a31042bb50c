"""Replies that are too much: what they cost a client in memory and time, in a process of its own.

Run as a program, it is that client: it takes an account as JSON and tells what it measured.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
import zlib
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from conferencing import ConferencingError, connect

__all__ = ["BURDENS", "Cost", "bombed"]

SIZE: Final = 512 * 2**20
"""How many bytes the bomb has when it is unpacked."""

BURDENS: Final = ("gzip", "endless", "deep")


@frozen(kw_only=True)
class Cost:
    """What a reply cost: which error came, after how many seconds, with how many MiB more."""

    adapter: str
    burden: str
    error: str
    seconds: float
    mebibytes: float


async def bombed(adapter: str, burden: str) -> Cost:
    """Let a client in another process ask for what is too much."""
    from front import Front  # noqa: PLC0415 - the client in the other process serves nothing
    from operations import cases  # noqa: PLC0415
    from staging import Theatre  # noqa: PLC0415

    theatre = Theatre(adapter)
    await theatre.staged(next(one for one in cases(adapter) if one.name == "list_rooms"))
    async with Front(theatre.simulator) as front:
        account = theatre.account(front.origin)
        front.strike(_play(burden), 2 if adapter == "meetrs" else 1)
        child = await asyncio.create_subprocess_exec(
            sys.executable, __file__, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        told, _ = await child.communicate(json.dumps(account).encode())
    return Cost(adapter=adapter, burden=burden, **json.loads(told))


def _play(burden: str) -> Any:
    import steps  # noqa: PLC0415
    from kinds import DEEP  # noqa: PLC0415

    plays = {
        "gzip": steps.instead(lambda _: bomb(), Content_Encoding="gzip"),
        "endless": steps.endless,
        "deep": steps.instead(lambda _: DEEP),
    }
    return plays[burden]


def bomb(size: int = SIZE) -> bytes:
    """Return gzip of so many zeros, about a thousandth of that; its end has no checksum."""
    packer = zlib.compressobj(9, wbits=31)
    head = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH)
    piece = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return head + piece * (size // 2**20 - 1)


# ------------------------------------------------------------------------- in the other process


async def measured(account: dict[str, Any]) -> dict[str, Any]:
    """List rooms twice, as it should go and as it should not, and measure the second time."""
    async with connect(account) as conference:
        await conference.rooms().pages().__anext__()
        before, begun = _peak(anew=True), time.perf_counter()
        try:
            await conference.rooms().collect()
        except ConferencingError as error:
            name = type(error).__name__
        else:
            name = "none"
        return {
            "error": name,
            "seconds": time.perf_counter() - begun,
            "mebibytes": _peak() - before,
        }


def _peak(*, anew: bool = False) -> float:
    """Return the most MiB that were in memory since this was last asked for anew."""
    if anew:
        gc.collect()
        Path("/proc/self/clear_refs").write_text("5")
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measured(json.load(sys.stdin)))))  # noqa: T201
