"""`conferencing sandbox`: accounts that work, a control side, and a quiet end."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import tomllib
from asyncio.subprocess import Process
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp

import conferencing.sync


async def test_json_line_has_account_that_works(shell: Any, until_end: Any) -> None:
    process = await shell.start("sandbox", "--provider", "clickmeeting", "--json")
    data = json.loads(await read_line(process))["data"]
    assert set(data) == {"provider", "dialect", "base_url", "settings", "control_url"}
    assert data["provider"] == "clickmeeting"
    assert data["settings"]["base_url"] == data["base_url"]
    room = await asyncio.to_thread(create_room, {"provider": "clickmeeting", **data["settings"]})
    async with aiohttp.request("GET", f"{data['control_url']}/state") as reply:
        assert [each["id"] for each in (await reply.json())["rooms"]] == [room.id]
    assert abs(room.created_at - datetime.now(UTC)) < timedelta(minutes=5)
    process.send_signal(signal.SIGINT)
    result = await until_end(process)
    assert (result.code, result.err) == (130, "")
    error = {"kind": "Interrupted", "message": "interrupted", "exit_code": 130}
    assert result.json()["error"] == error


async def test_printed_configuration_works(shell: Any, until_end: Any, tmp_path: Path) -> None:
    process = await shell.start("sandbox", "--provider", "clickmeeting")
    text = ""
    while 'base_url = "' not in text:
        text += await read_line(process)
    configuration = tomllib.loads(text)
    assert configuration["default"] == "clickmeeting"
    assert configuration["accounts"]["clickmeeting"]["provider"] == "clickmeeting"
    assert "/control/clickmeeting" in text
    (tmp_path / "conferencing.toml").write_text(text, "utf-8")
    checked = await shell.run("doctor")
    assert (checked.code, checked.err) == (0, "")
    process.send_signal(signal.SIGINT)
    result = await until_end(process)
    assert (result.code, result.err) == (130, "conferencing: interrupted\n")


async def test_write_keeps_existing_file(shell: Any, tmp_path: Path) -> None:
    file = tmp_path / "conferencing.toml"
    file.write_text("mine", "utf-8")
    words = ("sandbox", "--provider", "clickmeeting", "--write", file.name)
    refused = await shell.run(*words)
    assert (refused.code, refused.out) == (1, "")
    assert "conferencing.toml exists; use --replace to overwrite it" in refused.err
    assert file.read_text("utf-8") == "mine"
    process = await shell.start(*words, "--replace")
    assert (await read_line(process)).startswith("Wrote conferencing.toml. Serving at http://127.")
    assert list(tomllib.loads(file.read_text("utf-8"))["accounts"]) == ["clickmeeting"]
    assert (await shell.run("doctor")).code == 0


async def test_interrupt_during_call_is_quiet(shell: Any, until_end: Any) -> None:
    process = await shell.start("sandbox", "--provider", "clickmeeting", "--json")
    data = json.loads(await read_line(process))["data"]
    async with aiohttp.ClientSession() as http:
        await http.post(f"{data['control_url']}/fault", json={"kind": "drip", "seconds": 9})
        headers = {"X-Api-Key": data["settings"]["api_key"]}
        async with http.get(f"{data['base_url']}/ping", headers=headers) as reply:
            assert await reply.content.read(1) == b"{"
            process.send_signal(signal.SIGINT)
            result = await until_end(process)
    assert (result.code, result.err) == (130, "")


async def test_seed_and_port_are_used(shell: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
    options = (("--seed", "7"), ("--seed", "7", "--port", port), ("--seed", "8"))
    command = ("sandbox", "--json", "--provider", "clickmeeting")
    processes = [await shell.start(*command, *each) for each in options]
    data = [json.loads(await read_line(process))["data"] for process in processes]
    keys = [each["settings"]["api_key"] for each in data]
    assert keys[0] == keys[1] != keys[2]
    assert f":{port}/" in data[1]["base_url"]
    room = await asyncio.to_thread(create_room, {"provider": "clickmeeting", **data[0]["settings"]})
    assert room.created_at.date().isoformat() == "2026-10-01"  # a seed fixes the clock too


async def test_port_in_use_is_one_line(run: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        result = await run("sandbox", "--port", port)
    assert (result.code, result.out, result.err.count("\n")) == (1, "", 1)
    assert port in result.err


async def test_impossible_port_is_one_line(run: Any) -> None:
    result = await run("sandbox", "--port", "65536")
    assert result.code in {1, 2}
    assert (result.out, result.err.count("\n")) == ("", 1)
    assert "port" in result.err


async def test_unknown_provider_is_named(run: Any) -> None:
    result = await run("sandbox", "--provider", "clickmeting")
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert "did you mean 'clickmeeting'" in result.err


# ---------------------------------------------------------------------------------------- helpers


async def read_line(process: Process) -> str:
    """Return the next line that a running program prints."""
    async with asyncio.timeout(30):
        assert process.stdout is not None
        return (await process.stdout.readline()).decode()


def create_room(account: dict[str, Any]) -> conferencing.Room:
    with conferencing.sync.connect(account) as conference:
        return conference.create_room("From outside")
