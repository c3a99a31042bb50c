"""A recording of 300 MB is downloaded in little memory, also across a cut."""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
from asyncio.subprocess import PIPE
from random import Random
from typing import Any

import pytest

MEGABYTE = 1_000_000
SIZE = 300 * MEGABYTE
MOST = 32 * 1024 * 1024

PROGRAM = """
import asyncio, json, pathlib, re, sys
import conferencing
from conferencing import Session

account, session, path = json.loads(sys.argv[1])

def peak():  # of this program alone: ru_maxrss begins with that of the parent
    status = pathlib.Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", status)[1]) * 1024

async def main():
    async with conferencing.connect(account) as conference:
        (recording,) = await conference.recordings(Session(id=session)).collect()
        before = peak()
        saved = await conference.download(recording, path)
        print(json.dumps({"grown": peak() - before, "size": saved.stat().st_size}))

asyncio.run(main())
"""


@pytest.mark.exhaustive
@pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc/self/status")
@pytest.mark.parametrize("scenario", ["meeting"], indirect=True)
@pytest.mark.parametrize("cuts", [(), (100 * MEGABYTE, 50 * MEGABYTE)], ids=["whole", "cut twice"])
async def test_300_megabytes_need_32_mebibytes(sandbox, scenario, tmp_path, cuts) -> None:
    world = scenario.world
    (file_id,) = world.files
    head = world.files[file_id][:1024]
    random = Random(1)
    parts = [random.randbytes(MEGABYTE) for _ in range(SIZE // MEGABYTE)]
    world.files[file_id] = b"".join([head, *parts])
    for size in cuts:
        scenario.served.fail("cut", size=size, match="/rec/file/")
    arguments = [sandbox.account("zoom"), scenario.session.id, str(tmp_path / "video.mp4")]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, json.dumps(arguments), stdout=PIPE
    )
    out, _ = await process.communicate()
    result: dict[str, Any] = json.loads(out)
    assert process.returncode == 0
    assert result["size"] == len(world.files[file_id])
    assert result["grown"] <= MOST
    digests = [
        hashlib.sha256(content).hexdigest()
        for content in (world.files[file_id], (tmp_path / "video.mp4").read_bytes())
    ]
    assert digests[0] == digests[1]
    ranges = [
        request.headers.get("range")
        for request in scenario.served.requests
        if "/rec/file/" in request.path
    ]
    assert len(ranges) == len(cuts) + 1
    starts = [int(text.removeprefix("bytes=").removesuffix("-")) for text in ranges[1:]]
    assert [start // (49 * MEGABYTE) for start in starts] == [2, 3][: len(cuts)]
    (tmp_path / "video.mp4").unlink()
