"""Interrupt downloads, and let the server lie about the rest: the file is right or absent."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

from results import Result, zero_violations

from conferencing import ConferencingError
from conferencing.accounts.context import Context
from conferencing.client.saving import save
from conferencing.http import Policy
from conferencing.http.download import stream
from conferencing.testing import FakeClock

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "http"))

from lying import CONTENT, KINDS, break_off
from scripted import Scripted

POLICY = Policy(connect=2, read=2, attempts=6)


def measure(*, quick: bool) -> Iterator[Result]:
    """Download the file again and again, cut after each of its bytes in turn."""
    count = 300 if quick else 5000
    ends, violations = asyncio.run(_run(count))
    figure = ", ".join(f"{number:,} {end}" for end, number in sorted(ends.items()))
    what = f"{count:,} downloads cut after every byte in turn, {len(KINDS)} ways to go on"
    yield zero_violations(what, figure, "the file is right or absent", violations)


async def _run(count: int) -> tuple[Counter[str], list[str]]:
    random, ends, violations = Random(1), Counter[str](), list[str]()
    async with Scripted() as server:
        with tempfile.TemporaryDirectory() as folder:
            for number in range(count):
                chunked = random.random() < 0.2
                # In chunks, the first reply hides the size: a server that lies about it is believed.
                kinds = [kind for kind in KINDS if not (chunked and kind == "other size")]
                plan = [random.choice(kinds) for _ in range(3)]
                server.script[:] = [break_off(server, number % len(CONTENT), plan, chunked, random)]
                path = Path(folder, "file")
                context = Context(clock=FakeClock(), random=random.random)
                try:
                    pieces = stream(server.url, POLICY, allow_loopback=True, context=context)
                    await save(pieces, path, replace=False)
                except ConferencingError as error:
                    ends[type(error).__name__] += 1
                else:
                    ends["saved"] += 1
                violations += _look(path, f"cut after {number % len(CONTENT)}, then {plan}")
    return ends, violations


def _look(path: Path, plan: str) -> list[str]:
    """Return what is wrong with the file and its folder, and remove the file."""
    wrong = [plan] if path.exists() and path.read_bytes() != CONTENT else []
    path.unlink(missing_ok=True)
    return wrong + [f"{plan}: {each} is left" for each in path.parent.iterdir()]
