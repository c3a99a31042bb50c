"""Register 2,000 people on Zoom's simulator in batches of 30, without kills and with kills at random points.

Zoom gives somebody who registers again the same registration, so what counts as doubled is an address
that was sent again after it had been registered. A part of the replies is lost, with the batch being
registered up to half a second later.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from asyncio.subprocess import DEVNULL, Process
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

from results import Result, zero_violations

from conferencing import connect
from conferencing.sandbox import Answer, Call, Fault, Sandbox, ServedSimulator
from conferencing_zoom.simulator import ZoomSimulator
from conferencing_zoom.wire.base import split_room_id

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "bulk"))

from vendor import people

RUNNER = Path(__file__).parents[2] / "tests" / "bulk" / "runner.py"
COUNT, MOST_WRITES = 2000, 70
SETTLE, LATEST = 1.5, 0.5


def measure(*, quick: bool) -> Iterator[Result]:
    """Yield the write calls of an undisturbed run, and what is left after the kills."""
    with tempfile.TemporaryDirectory() as folder:
        yield asyncio.run(_register(Path(folder), kills=0))
    with tempfile.TemporaryDirectory() as folder:
        yield asyncio.run(_register(Path(folder), kills=4 if quick else 50))


class Counting(ZoomSimulator):
    """Zoom, with a count of write calls and of the addresses that were registered by them."""

    writes = 0
    sent: Counter[str]

    def handle(self, call: Call) -> Answer:
        """Answer a call, and count whom it registered."""
        answer = super().handle(call)
        if call.method == "POST" and call.path.endswith("registrants"):
            self.writes += 1
            body = json.loads(call.body)
            if answer.status == 201:
                self.sent.update(row["email"] for row in body.get("registrants", [body]))
        return answer


class Deadly(ServedSimulator):
    """Kill a process some time after one of its calls about registrants."""

    def __init__(self, simulator: ZoomSimulator, random: Random) -> None:
        super().__init__(simulator)
        self.random, self.left = random, 0
        self.process: Process | None = None

    def next_fault(self, path: str) -> Fault | None:
        """Return that a batch happens late and is not answered, for some of them."""
        if self.process is None or not path.endswith("registrants"):
            return None
        self.left -= 1
        if not self.left:
            asyncio.get_running_loop().call_later(self.random.random() * 0.05, self._kill)
        late = path.endswith("batch_registrants") and self.random.random() < 0.02
        return Fault(kind="late", seconds=self.random.random() * LATEST) if late else None

    def _kill(self) -> None:
        if self.process is not None and self.process.returncode is None:
            self.process.kill()


async def _register(folder: Path, kills: int) -> Result:
    random = Random(1)
    rows = [",".join(row.values()) for row in people(COUNT)]
    (folder / "people.csv").write_text("\n".join(["email,first_name,last_name", *rows]))
    async with Sandbox(["zoom"]) as sandbox:
        simulator = Counting()
        simulator.origin, simulator.sent = sandbox.origin, Counter()
        served = Deadly(simulator, random)
        sandbox.simulators["zoom"] = served
        account = sandbox.account("zoom")
        start = simulator.world.now + timedelta(days=30)
        async with connect(account) as conference:
            room = await conference.create_room("Launch", starts_at=start, registration=True)
        given = {
            "account": account,
            "room": room.id,
            "people": str(folder / "people.csv"),
            "journal": str(folder / "people.journal"),
            "settle": SETTLE,
            "point": None,
        }
        killed = 0
        for _ in range(kills):
            served.left = random.randint(1, 12)
            killed += await _run(served, given, disturbed=True) < 0
        for _ in range(10):
            if not await _run(served, given, disturbed=False) and not _lost(simulator, room.id):
                break
        wrong = [f"{email} is lost" for email in _lost(simulator, room.id)]
        wrong += [f"{email} is doubled" for email, times in simulator.sent.items() if times > 1]
    if not kills:
        wrong += [f"{simulator.writes} write calls"] if simulator.writes > MOST_WRITES else []
        what = f"Zoom: {COUNT:,} people in batches, undisturbed"
        goal = f"at most {MOST_WRITES} calls, none lost, none doubled"
        return zero_violations(what, f"{simulator.writes} write calls", goal, wrong)
    what = f"Zoom: {COUNT:,} people in batches, killed at random points"
    figure = f"{killed} kills, {simulator.writes} write calls"
    return zero_violations(what, figure, "none lost, none doubled", wrong)


async def _run(served: Deadly, given: dict[str, Any], *, disturbed: bool) -> int:
    """Return the exit status of a process that registers until it is done or killed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(RUNNER), json.dumps(given), stdout=DEVNULL
    )
    served.process = process if disturbed else None
    return await process.wait()


def _lost(simulator: ZoomSimulator, room_id: str) -> list[str]:
    registered = simulator.world.participants[split_room_id(room_id)[1]]
    there = {person.email for person in registered}
    return [row["email"] for row in people(COUNT) if row["email"] not in there]
