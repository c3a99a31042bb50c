"""On a terminal: tables that fit it, a progress bar, colours, and a question before deleting."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from conferencing.model import Role

ROOM_TIMES = ("--starts-at", "2027-03-01T17:00", "--timezone", "Europe/Warsaw")


@pytest.fixture
async def room(desk: Any) -> str:
    """Return a room with two past sessions, with people of long names and addresses."""
    room_id = str(await desk.create_room(*ROOM_TIMES))
    world = desk.world()
    for _ in range(2):
        world.enter(room_id, "Zoë Presenter", "zoe@example.com", Role.PRESENTER)
        world.enter(room_id, "Maximiliane Featherstonehaugh", "maximiliane@example.com")
        world.advance(timedelta(minutes=50))
        world.end_session(room_id)
        world.advance(timedelta(hours=1))
    world.record(room_id, timedelta(minutes=50))
    return room_id


# ----------------------------------------------------------------------------------------- tables


@pytest.mark.parametrize(
    "command",
    [
        "rooms list", "rooms show {room}", "sessions list {room}", "attendance --room {room}",
        "attendance {session}", "recordings list {room}", "recordings list", "people list {room}",
        "config check", "doctor", "doctor --needs attendance",
    ],
)  # fmt: skip
async def test_output_fits_80_columns(desk: Any, room: str, command: str) -> None:
    session = (await desk.run("sessions", "list", room, "-q")).out.split()[0]
    words = command.format(room=room, session=session).split()
    result = await desk.run(*words, terminal=True, COLUMNS="80")
    assert result.code in {0, 3}, result.err
    lines = result.screen.splitlines()
    assert "\t" not in result.screen
    assert max(map(len, lines)) <= 80, "\n".join(lines)
    in_pipe = (await desk.run(*words)).out
    for value in (room, session, "maximiliane@example.com"):
        if value in in_pipe and value in result.screen.replace("\n", ""):
            assert value in result.screen  # whole, on one line


async def test_attendance_keeps_ids_addresses_and_times(desk: Any, room: str) -> None:
    result = await desk.run("attendance", "--room", room, terminal=True, COLUMNS="80")
    first = (await desk.run("sessions", "list", room, "-q")).out.split()[0]
    lines = result.screen.splitlines()
    assert lines[0].split() == ["name", "email", "joined", "at", "left", "at", "duration"]
    [line] = [line for line in lines[:3] if "maximiliane" in line]
    assert line.split()[-6:] == [
        "maximiliane@example.com", "2026-10-01", "10:00", "2026-10-01", "10:50", "50m",
    ]  # fmt: skip
    assert "…" in line  # the name gives way
    assert lines[-2] == "Hidden, as the terminal is 80 characters wide: role, session id."
    assert lines[-1] == "Times are in Europe/Warsaw."
    wide = await desk.run("attendance", "--room", room, terminal=True, COLUMNS="140")
    assert first in wide.screen
    assert "Featherstonehaugh" in wide.screen


async def test_session_id_is_shown_only_if_several(desk: Any, room: str) -> None:
    session = (await desk.run("sessions", "list", room, "-q")).out.split()[0]
    result = await desk.run("attendance", session, terminal=True, COLUMNS="140")
    assert session not in result.screen
    assert session in (await desk.run("attendance", session)).out


async def test_timezone_option_is_named(desk: Any, room: str) -> None:
    words = ("sessions", "list", room, "--timezone", "Asia/Tokyo")
    result = await desk.run(*words, terminal=True, COLUMNS="80")
    assert "2026-10-01 17:00" in result.screen
    assert "Times are in Asia/Tokyo." in result.screen


async def test_long_ids_are_shown_as_records(desk: Any) -> None:
    options = ("--account", "vconnct")
    room = (await desk.run("rooms", "create", "Class", *options, "-q")).out.strip()
    await desk.run("sessions", "start", room, "--host", "Zoë", *options)
    session = (await desk.run("sessions", "list", room, *options, "-q")).out.strip()
    result = await desk.run("sessions", "list", room, *options, terminal=True, COLUMNS="80")
    lines = [line.split(maxsplit=1) for line in result.screen.splitlines() if line]
    assert ["id", session] in lines
    assert ["status", "running"] in lines


async def test_empty_list_says_so(desk: Any) -> None:
    result = await desk.run("rooms", "list", terminal=True)
    assert result.screen == "No results.\n"
    assert (await desk.run("rooms", "list")).out.count("\n") == 1  # the titles


async def test_names_bring_no_colours(desk: Any, room: str) -> None:
    desk.world().change_room(room, name="A\x1b[35mB")
    result = await desk.run("rooms", "list", terminal=True)
    assert "\x1b[35m" not in result.out
    failed = await desk.run("rooms", "show", "nix", terminal=True, NO_COLOR="1")
    assert "\x1b[31m" not in failed.err
    assert "\x1b[1;31m" not in failed.err


# ------------------------------------------------------------------------ questions and progress


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 1), ("\n", 1), ("", 1)])
async def test_delete_asks_first(desk: Any, answer: str, code: int) -> None:
    room = await desk.create_room()
    result = await desk.run("rooms", "delete", room, terminal=True, answer=answer)
    assert result.code == code
    assert result.err.startswith(f"Delete {room} and everything in it? [y/N]")
    assert (room in desk.world().rooms) == bool(code)
    assert ("cancelled; nothing was changed" in result.err) == bool(code)


async def test_end_of_session_asks_first(desk: Any) -> None:
    options = ("--account", "vconnct")
    room = (await desk.run("rooms", "create", "Class", *options, "-q")).out.strip()
    await desk.run("sessions", "start", room, "--host", "Zoë", *options)
    session = (await desk.run("sessions", "list", room, *options, "-q")).out.strip()
    words = ("sessions", "end", session, *options)
    result = await desk.run(*words, terminal=True, answer="n\n")
    assert result.code == 1
    assert "disconnect everyone in it? [y/N]" in result.err
    assert desk.world("vconnct").running(room) is not None


async def test_answer_is_read_from_terminal(desk: Any) -> None:
    room = await desk.create_room()
    ended, screen = await desk.shell.run_on_terminal("rooms", "delete", room, answer="y\n")
    assert ended == 0
    assert f"Deleted room {room}." in screen
    assert not desk.world().rooms


async def test_interrupt_of_question_deletes_nothing(desk: Any) -> None:
    room = await desk.create_room()
    ended, screen = await desk.shell.run_on_terminal("rooms", "delete", room, answer="\x03")
    assert ended == 130
    assert "interrupted" in screen
    assert room in desk.world().rooms


async def test_typed_passcode_is_not_shown(desk: Any) -> None:
    words = ("rooms", "create", "Board", "--passcode", "prompt", "--dry-run")
    ended, screen = await desk.shell.run_on_terminal(*words, answer="s3cret\n")
    assert ended == 0
    assert "Passcode:" in screen
    assert "s3cret" not in screen


async def test_import_shows_progress_unless_json(desk: Any) -> None:
    room = await desk.create_room()
    people = "email,name\n" + "".join(f"p{n}@example.com,P N{n}\n" for n in range(30))
    words = ("people", "import", desk.write("people.csv", people), "--room", room)
    ended, screen = await desk.shell.run_on_terminal(*words)
    assert ended == 0
    assert "Registering" in screen
    assert "30/30" in screen
    assert "30 registered." in screen
    as_json = await desk.run(*words, "--json", terminal=True)
    assert "Registering" not in as_json.out + as_json.err


# ------------------------------------------------------------------------------------- completion


@pytest.mark.parametrize(
    "shell_name",
    [
        "bash",
        pytest.param("zsh", marks=pytest.mark.exhaustive),
        pytest.param("fish", marks=pytest.mark.exhaustive),
    ],
)
async def test_completion_has_commands(desk: Any, shell_name: str) -> None:
    result = await desk.run("completion", shell_name)
    assert (result.code, result.err) == (0, "")
    for word in ("rooms", "import", "dry-run", "recordings"):
        assert word in result.out


async def test_bash_completes_command(desk: Any) -> None:
    script = (await desk.run("completion", "bash")).out
    ask = 'COMP_WORDS=(conferencing rooms cr); COMP_CWORD=2; _conferencing; echo "${COMPREPLY[@]}"'
    process = await asyncio.create_subprocess_exec(
        "bash", "-c", f"{script}\n{ask}", stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert out == b"create\n"
