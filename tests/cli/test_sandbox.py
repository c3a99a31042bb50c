"""`conferencing sandbox`: accounts that work, a control side, and a quiet end."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import tomllib
from asyncio.subprocess import Process
from pathlib import Path
from typing import Any

import aiohttp

import conferencing.sync


async def test_json_has_one_line_for_each_provider_with_an_account_that_works(
    shell: Any, until_end: Any
) -> None:
    process = await shell.start("sandbox", "--provider", "clickmeeting", "--json")
    told = json.loads(await line(process))["data"]
    assert set(told) == {"provider", "dialect", "base_url", "settings", "control_url"}
    assert told["provider"] == "clickmeeting"
    assert told["settings"]["base_url"] == told["base_url"]
    account = {"provider": told["provider"], **told["settings"]}
    room = await asyncio.to_thread(created, account)
    async with aiohttp.request("GET", f"{told['control_url']}/state") as reply:
        assert [one["id"] for one in (await reply.json())["rooms"]] == [room]
    process.send_signal(signal.SIGINT)
    ran = await until_end(process)
    assert (ran.code, ran.err) == (130, "")
    assert ran.json()["error"] == {
        "kind": "Interrupted",
        "message": "interrupted",
        "exit_code": 130,
    }


async def test_for_people_it_prints_an_account_that_the_doctor_finds_well(
    shell: Any, until_end: Any, tmp_path: Path
) -> None:
    process = await shell.start("sandbox", "--provider", "clickmeeting")
    text = ""
    while 'base_url = "' not in text:
        text += await line(process)
    accounts = tomllib.loads(text)["accounts"]
    assert accounts["clickmeeting"]["provider"] == "clickmeeting"
    assert "/control/clickmeeting" in text
    (tmp_path / "conferencing.toml").write_text(text, "utf-8")
    checked = await shell.run("doctor", "clickmeeting")
    assert (checked.code, checked.err) == (0, "")
    process.send_signal(signal.SIGINT)
    ran = await until_end(process)
    assert (ran.code, ran.err) == (130, "conferencing: interrupted\n")


async def test_an_interrupt_in_the_middle_of_a_call_is_quiet_too(
    shell: Any, until_end: Any
) -> None:
    process = await shell.start("sandbox", "--provider", "clickmeeting", "--json")
    told = json.loads(await line(process))["data"]
    async with aiohttp.ClientSession() as http:
        await http.post(f"{told['control_url']}/fault", json={"kind": "drip", "seconds": 9})
        headers = {"X-Api-Key": told["settings"]["api_key"]}
        async with http.get(f"{told['base_url']}/ping", headers=headers) as reply:
            assert await reply.content.read(1) == b"{"
            process.send_signal(signal.SIGINT)
            ran = await until_end(process)
    assert (ran.code, ran.err) == (130, "")


async def test_equal_seeds_give_equal_credentials_and_a_port_is_taken_as_told(shell: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
    parse_enum = (("--seed", "7"), ("--seed", "7", "--port", port), ("--seed", "8"))
    started = [await shell.start("sandbox", "--json", *options) for options in parse_enum]
    told = [json.loads(await line(process))["data"] for process in started]
    keys = [one["settings"]["api_key"] for one in told]
    assert keys[0] == keys[1] != keys[2]
    assert f":{port}/" in told[1]["base_url"]


async def test_a_port_that_is_taken_is_told_in_one_line(run: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ran = await run("sandbox", "--port", port)
    assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert port in ran.err


async def test_a_port_that_cannot_be_is_told_in_one_line(run: Any) -> None:
    ran = await run("sandbox", "--port", "65536")
    assert ran.code in {1, 2}
    assert (ran.out, ran.err.count("\n")) == ("", 1)
    assert "port" in ran.err


async def test_a_provider_without_a_simulator_is_named_with_those_that_have_one(run: Any) -> None:
    ran = await run("sandbox", "--provider", "clickmeting")
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert "did you mean 'clickmeeting'" in ran.err


# --------------------------------------------------------------------------------------- helpers


async def line(process: Process) -> str:
    """Return the next line that a running program prints."""
    async with asyncio.timeout(30):
        return (await process.stdout.readline()).decode()


def created(account: dict[str, Any]) -> str:
    with conferencing.sync.connect(account) as conference:
        return conference.create_room("From outside").id
