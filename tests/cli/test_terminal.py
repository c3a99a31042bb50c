"""The same commands on a terminal: tables, a bar, colours, and a question before something goes."""

from __future__ import annotations

import asyncio
import os
import pty
import sys
from pathlib import Path
from typing import Any

import pytest


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 1), ("\n", 1), ("\x04", 1)])
async def test_a_deletion_asks_first(desk: Any, answer: str, code: int) -> None:
    room = await desk.room()
    ended, screen = await on_terminal(desk.folder, "rooms", "delete", room, answer=answer)
    assert ended == code
    assert f"Delete {room}" in screen
    assert "[y/N]" in screen
    assert (room in desk.world().rooms) == bool(code)
    assert ("nothing was deleted" in screen) == bool(code)


async def test_an_interrupted_question_deletes_nothing(desk: Any) -> None:
    room = await desk.room()
    ended, screen = await on_terminal(desk.folder, "rooms", "delete", room, answer="\x03")
    assert ended == 130
    assert "interrupted" in screen
    assert room in desk.world().rooms


async def test_a_passcode_is_typed_unseen(desk: Any) -> None:
    words = ("rooms", "create", "Board", "--passcode", "prompt", "--dry-run")
    ended, screen = await on_terminal(desk.folder, *words, answer="s3cret\n")
    assert ended == 0
    assert "Passcode:" in screen
    assert "s3cret" not in screen


async def test_a_listing_is_a_table_with_colours_unless_nobody_wants_them(desk: Any) -> None:
    room = await desk.room()
    desk.world().change_room(room, name="A\x1b[35mB")
    for environment in ({}, {"NO_COLOR": "1"}):
        ended, screen = await on_terminal(desk.folder, "rooms", "list", **environment)
        assert ended == 0
        assert "\t" not in screen
        assert "starts at" in screen
        assert room in screen
        assert "\x1b[35m" not in screen  # a name brings no colours of its own
    ended, screen = await on_terminal(desk.folder, "rooms", "show", "nix", NO_COLOR="1")
    assert ended == 1
    assert "\x1b[31m" not in screen
    assert "\x1b[1;31m" not in screen


async def test_an_import_shows_how_far_it_is(desk: Any) -> None:
    room = await desk.room()
    people = "email,name\n" + "".join(f"p{n}@example.com,P N{n}\n" for n in range(30))
    words = ("people", "import", desk.write("people.csv", people), "--room", room)
    ended, screen = await on_terminal(desk.folder, *words)
    assert ended == 0
    assert "Registering" in screen
    assert "30/30" in screen
    assert "30 registered." in screen
    nobody = await on_terminal(desk.folder, *words, "--json")
    assert "Registering" not in nobody[1]


@pytest.mark.parametrize("kind", ["bash", "zsh", "fish"])
async def test_a_shell_completes_our_commands(desk: Any, kind: str) -> None:
    ran = await desk.run("completion", kind)
    assert (ran.code, ran.err) == (0, "")
    for word in ("rooms", "import", "dry-run", "recordings"):
        assert word in ran.out


async def test_bash_takes_the_completion_and_offers_what_fits(desk: Any) -> None:
    script = (await desk.run("completion", "bash")).out
    ask = 'COMP_WORDS=(conferencing rooms cr); COMP_CWORD=2; _conferencing; echo "${COMPREPLY[@]}"'
    process = await asyncio.create_subprocess_exec(
        "bash", "-c", f"{script}\n{ask}", stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert out == b"create\n"


# --------------------------------------------------------------------------------------- helpers


async def on_terminal(
    folder: Path, *words: str, answer: str = "", **environment: str
) -> tuple[int, str]:
    """Run the program on a terminal of its own; return its exit code and what stood on the screen."""
    pid, screen = await asyncio.to_thread(_forked, folder, words, environment)
    shown = b""
    answered = not answer
    try:
        while piece := await asyncio.wait_for(asyncio.to_thread(_read, screen), 30):
            shown += piece
            if not answered and shown.rstrip().endswith((b"[y/N]", b"Passcode:")):
                os.write(screen, answer.encode())
                answered = True
    finally:
        os.close(screen)
    _, status = await asyncio.to_thread(os.waitpid, pid, 0)
    text = shown.decode()
    assert "Traceback" not in text, text
    return os.waitstatus_to_exitcode(status), text


def _forked(folder: Path, words: tuple[str, ...], environment: dict[str, str]) -> tuple[int, int]:
    known = {"PATH": os.defpath, "HOME": str(folder), "TERM": "xterm-256color", "COLUMNS": "200"}
    program = [sys.executable, "-m", "conferencing", *words]
    pid, screen = pty.fork()
    if pid == 0:
        os.chdir(folder)
        os.execve(sys.executable, program, known | environment)
    return pid, screen


def _read(screen: int) -> bytes:
    try:
        return os.read(screen, 65536)
    except OSError:  # what a terminal says when the last program has left it
        return b""
