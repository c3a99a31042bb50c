"""`harvest`: into DuckDB, with problems, and with wrong options."""

from __future__ import annotations

import sys
from typing import Any

import pytest

pytest.importorskip("dlt", reason="needs dlt: pip install 'conferencing[warehouse]'")

KEY = {"PSEUDONYM_KEY": "a key for the pseudonyms of tests"}
WATCHED = """
import socket
import sys

def watch(event, arguments):
    if event in {"socket.connect", "socket.getaddrinfo"}:
        host = arguments[1][0] if event == "socket.connect" else arguments[0]
        if host not in {"127.0.0.1", "localhost", None}:
            print("reached for", host, file=sys.stderr)
            raise socket.gaierror("only loopback can be reached")

sys.addaudithook(watch)
from conferencing.cli import main
main()
"""
TO = ("--to", "warehouse.duckdb")
PSEUDONYMS = (*TO, "--pseudonym-key", "env:PSEUDONYM_KEY")


async def test_harvest_fills_file_and_counts(desk: Any) -> None:
    await desk.create_room()
    result = await desk.run("harvest", *PSEUDONYMS, **KEY)
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("Read 1 rooms. Rows written: 1 rooms, 0 sessions")
    assert "warehouse.duckdb" in desk.names()
    again = await desk.run("harvest", "main", *PSEUDONYMS, "--json", **KEY)
    assert (again.data["rooms"], again.data["complete"]) == (1, True)


async def test_harvest_with_problems_is_partly_done(desk: Any) -> None:
    room = await desk.create_room()
    desk.served().fail("status", status=500, match="/sessions")
    result = await desk.run("harvest", "main", "meetrs", *TO, "--people", "none")
    assert (result.code, result.err) == (3, "")
    assert f"main room {room}: " in result.out
    assert "meetrs does not offer" in result.out


async def test_command_reaches_the_vendor_only(desk: Any) -> None:
    await desk.create_room()
    program = (sys.executable, "-c", WATCHED)
    words = ("harvest", *TO, "--people", "none")
    result = await desk.shell.run_process(*words, program=program)
    assert (result.code, result.err) == (0, "")  # dlt would send statistics
    allowed = await desk.shell.run_process(
        *words, program=program, RUNTIME__DLTHUB_TELEMETRY="true"
    )
    assert "reached for" in allowed.err


WRONG = {
    (): "--to",
    TO: "--pseudonym-key",
    (*TO, "--pseudonym-key", "hunter2"): "env:NAME",
    (*TO, "--people", "some"): "people",
    (*TO, "--people", "none", "--pseudonym-key", "env:PSEUDONYM_KEY"): "--pseudonym-key",
    ("--to", "conferencing.duckdb", "--people", "none"): "DuckDB",
    ("main", "--all", *TO, "--people", "none"): "--all",
    ("nix", *TO, "--people", "none"): "nix",
}


@pytest.mark.parametrize("words", WRONG)
async def test_wrong_option_sends_nothing(desk: Any, words: tuple[str, ...]) -> None:
    result = await desk.run("harvest", *words, **KEY)
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert WRONG[words] in result.err
    assert "hunter2" not in result.err
    assert not desk.count_requests()
