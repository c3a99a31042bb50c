"""Harvests in processes of their own, killed after any of their calls."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

from attrs import define, field
from harvested_vendor import KEY, Vendor

from conferencing.warehouse import harvest, open_pipeline

RUNNER = Path(__file__).with_name("runner.py")
LIMIT = 120
"""Seconds after which a harvest that does not end is an error."""


@define
class Kills:
    """What became of a harvest that was killed: how often, and how many rooms were read twice."""

    killed: int = 0
    reads: Counter[str] = field(factory=Counter)

    @property
    def read_twice(self) -> int:
        return sum(times - 1 for times in self.reads.values())


def harvest_with_kills(
    vendor: Vendor,
    to: str,
    folder: Path,
    *,
    kills: int,
    chunk: int,
    random: Random,
    latest: int,
    delay: float,
) -> Kills:
    """Kill harvests until one ends by itself, or until there were so many; then let one end.

    Each is killed up to `delay` seconds after one of its first `latest` calls.
    """
    run = Kills()
    place = folder / "killed"
    process = None
    vendor.served.requests.clear()
    for _ in range(kills):
        process = start_runner(vendor, to, place, chunk=chunk)
        _kill_after(process, vendor, random.randint(2, latest), random.random() * delay)
        if process.returncode == 0:
            break
        assert process.returncode == -signal.SIGKILL
        run.killed += 1
    if process is None or process.returncode != 0:
        pipeline = open_pipeline(to, folder=place)
        assert harvest(pipeline, [vendor.account], pseudonym_key=KEY).complete
    for request in vendor.served.requests:
        if request.path.endswith("/sessions"):
            run.reads[request.path] += 1
    return run


def start_runner(
    vendor: Vendor, to: str, folder: Path, *, chunk: int, name: str = "conferencing"
) -> subprocess.Popen[bytes]:
    """Start a harvest in a process of its own."""
    options = {"to": to, "folder": str(folder), "key": KEY, "chunk": chunk, "name": name}
    argument = json.dumps({**options, "account": vendor.account})
    variables = {**os.environ, "RUNTIME__DLTHUB_TELEMETRY": "false"}
    return subprocess.Popen([sys.executable, str(RUNNER), argument], env=variables)


def _kill_after(process: subprocess.Popen[bytes], vendor: Vendor, left: int, delay: float) -> None:
    """Kill a process some time after one of its calls: while it reads, loads, or in between."""
    original = vendor.served.next_fault

    def count(path: str) -> Any:
        nonlocal left
        left -= 1
        if left == 0:
            threading.Timer(delay, process.kill).start()
        return original(path)

    vendor.served.next_fault = count  # type: ignore[method-assign]
    try:
        process.wait(LIMIT)
    finally:
        vendor.served.next_fault = original  # type: ignore[method-assign]
