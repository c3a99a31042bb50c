"""End processes in all orders while a rate store or a journal is in use.

Each process registers people through a journal and a rate store in SQLite, and is cancelled, cancelled
twice, timed out, closed from another thread, or ends its event loop. None may crash; the journal goes
on afterwards, and nobody is lost or doubled.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from results import Result, zero_violations

from conferencing import Conference, ConferencingError, connect
from conferencing.sandbox import Sandbox

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "bulk"))

from ending import ENDS, PEOPLE
from vendor import open_room, settle_in

CHILD = Path(__file__).parents[2] / "tests" / "bulk" / "ending.py"
AT_ONCE = 4
LIMIT = 120.0


def measure(*, quick: bool) -> Iterator[Result]:
    """Run the processes, and go on with each journal."""
    count = 12 if quick else 200
    violations = asyncio.run(_run(count))
    what = f"{count:,} processes that cancel, time out, close and end while SQLite is in use"
    figure = f"{count * len(PEOPLE):,} people"
    yield zero_violations(
        what, figure, "no crash, no file left in use, nobody lost or doubled", violations
    )


async def _run(count: int) -> list[str]:
    gate, violations = asyncio.Semaphore(AT_ONCE), list[str]()
    with tempfile.TemporaryDirectory() as folder:
        async with Sandbox(["clickmeeting"]) as sandbox:
            served, account = settle_in(sandbox), sandbox.account("clickmeeting")

            async def play(number: int) -> None:
                place = Path(folder, str(number))
                place.mkdir()  # noqa: ASYNC240
                end = sorted(ENDS)[number % len(ENDS)]
                async with gate, connect(account) as conference:
                    room = await open_room(conference)
                    plan = {"account": account, "room": room.id, "end": end, "seed": number}
                    problem = await _child(plan, place)
                    problem = problem or await _resume(conference, room.id, place)
                    people = served.registered(room)
                wrong = [who for who in {p["email"] for p in PEOPLE} if people[who] != 1]
                violations.extend([f"{number} {end}: {problem}"] if problem else [])
                violations.extend([f"{number} {end}: {wrong} lost or doubled"] if wrong else [])

            await asyncio.gather(*map(play, range(count)))
    return violations


async def _child(plan: dict[str, Any], place: Path) -> str | None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        CHILD,
        json.dumps(plan),
        str(place),
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await asyncio.wait_for(process.communicate(), LIMIT)
    return f"exit {process.returncode}: {errors.decode()[-300:]}" if process.returncode else None


async def _resume(conference: Conference, room: str, place: Path) -> str | None:
    try:
        result = await conference.register_many(room, PEOPLE, journal=place / "j", settle=0.5)
    except ConferencingError as error:
        return str(error)
    return None if result.complete else f"not complete: {result.stopped}"
