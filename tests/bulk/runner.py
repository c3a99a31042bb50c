"""Register people as a process of its own that can be killed: what to do comes as JSON in an argument.

A line goes out before each sleep, and the outcome as the last line. With `point`, the process kills
itself when a function of that name is entered or left for the n-th time: observed by a profiler's
hook, so that what is killed is the code as it is.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import threading
import time
from typing import Any

from conferencing import connect
from conferencing.accounts.context import SystemClock


def tell(what: dict[str, Any]) -> None:
    sys.stdout.write(f"{json.dumps(what)}\n")
    sys.stdout.flush()


class TellingClock(SystemClock):
    """Tell of each sleep before it."""

    async def sleep(self, seconds: float) -> None:
        tell({"sleep": seconds})
        await asyncio.sleep(seconds)


class Point:
    """Kill this process at the n-th event of a kind in a function, or `delay` seconds after it.

    Events are those of `sys.setprofile`; for a function of C, `within` names who calls it.
    """

    def __init__(
        self, event: str, name: str, number: int, delay: float = 0.0, within: str = ""
    ) -> None:
        self._event, self._name, self._within = event, name, within
        self._left, self._delay = number, delay

    def __call__(self, frame: Any, event: str, arg: Any) -> None:
        if event != self._event:
            return
        caller = frame.f_code.co_qualname
        name = arg.__name__ if event.startswith("c_") else caller
        if name != self._name or self._within not in caller:
            return
        self._left -= 1
        if self._left:
            return
        if self._delay:
            threading.Thread(target=self._later, daemon=True).start()
        else:
            os.kill(os.getpid(), signal.SIGKILL)

    def _later(self) -> None:
        time.sleep(self._delay)
        os.kill(os.getpid(), signal.SIGKILL)


async def register(given: dict[str, Any]) -> dict[str, Any]:
    async with connect(given["account"], clock=TellingClock()) as conference:
        result = await conference.register_many(
            given["room"], given["people"], journal=given["journal"], settle=given["settle"]
        )
    return {
        "counts": {outcome.value: count for outcome, count in result.counts.items()},
        "complete": result.complete,
        "stopped": result.stopped,
    }


def main() -> None:
    given = json.loads(sys.argv[1])
    if given["point"]:
        point = Point(**given["point"])
        threading.setprofile(point)
        sys.setprofile(point)
    tell(asyncio.run(register(given)))


if __name__ == "__main__":
    main()
