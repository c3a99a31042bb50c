"""`conferencing rooms`: made, listed, changed and deleted from a shell, and rehearsed before."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

TERMS = (
    "--kind", "webinar", "--registration", "--duration", "1h30m",
    "--starts-at", "2027-03-01T17:00", "--timezone", "Europe/Warsaw",
)  # fmt: skip


async def test_a_room_is_made_as_it_was_said_and_shown_in_its_own_zone(desk: Any) -> None:
    ran = await desk.run("rooms", "create", "Launch", *TERMS)
    assert (ran.code, ran.err) == (0, "")
    [room] = desk.world().rooms.values()
    assert (room.name, room.kind, room.registration) == ("Launch", "webinar", True)
    assert room.starts_at == datetime(2027, 3, 1, 16, tzinfo=UTC)
    assert (room.duration, room.timezone) == (timedelta(minutes=90), "Europe/Warsaw")
    shown = dict(line.split("\t") for line in ran.out.splitlines())
    assert shown["id"] == room.id
    assert (shown["starts at"], shown["duration"]) == ("2027-03-01 17:00+01:00", "1h30m")
    assert shown["timezone"] == "Europe/Warsaw"


async def test_a_shell_gets_the_id_alone_and_goes_on_with_it(desk: Any) -> None:
    room = await desk.room()
    shown, listed, ids = await asyncio.gather(
        desk.run("rooms", "show", room, "--json"),
        desk.run("rooms", "list", "--json"),
        desk.run("rooms", "list", "-q"),
    )
    assert shown.data["id"] == room
    assert [one["id"] for one in listed.lines] == [room]
    assert ids.out == f"{room}\n"
    assert shown.data["duration"] == desk.world().room(room).duration.total_seconds()
    assert datetime.fromisoformat(shown.data["created_at"]).tzinfo is not None


async def test_in_a_pipe_a_listing_is_lines_with_tabs_and_without_colours(desk: Any) -> None:
    desk.world().change_room(await desk.room(), name="A\tB\x1b[31m\nC" + "x" * 200)
    ran = await desk.run("rooms", "list", "--timezone", "Asia/Tokyo")
    head, line = ran.out.splitlines()
    assert head.split("\t")[:2] == ["id", "name"]
    assert line.split("\t")[1] == "A B�[31m C" + "x" * 200
    assert "\x1b" not in ran.out


async def test_a_change_is_shown_whole_and_what_was_not_said_stays(desk: Any) -> None:
    room = await desk.room()
    ran = await desk.run("rooms", "update", room, "--name", "New", "--no-registration", "--json")
    assert ran.code == 0
    assert (ran.data["name"], ran.data["registration"]) == ("New", False)
    closed = await desk.run("rooms", "update", room, "--status", "ended", "--json")
    assert (closed.data["name"], closed.data["status"]) == ("New", "ended")


async def test_fields_of_the_vendors_own_go_out_as_they_are(desk: Any) -> None:
    ran = await desk.run(
        "rooms", "create", "X", "--native", '{"skin_id": 3}', "--dry-run", "--json"
    )
    [call] = ran.data["calls"]
    assert call["arguments"]["draft"]["native"] == {"skin_id": 3}


# ------------------------------------------------------------------------------ ways in, and secrets


async def test_a_passcode_comes_from_elsewhere_and_is_shown_nowhere(desk: Any) -> None:
    create = ("rooms", "create", "Board", "--passcode", "env:CODE")
    for options in (("--dry-run",), ("--dry-run", "--json"), (), ("--json",)):
        ran = await desk.run(*create, *options, CODE="s3cret")
        assert ran.code == 0
        assert "s3cret" not in ran.out + ran.err
        assert "passcode" in ran.out
    assert len(desk.world().rooms) == 2
    listed = await desk.run("rooms", "list", "--json")
    assert "s3cret" not in listed.out
    assert "http" not in listed.out


async def test_a_passcode_on_the_command_line_is_refused_and_not_repeated(desk: Any) -> None:
    for options in ((), ("--json",)):
        ran = await desk.run("rooms", "create", "Board", "--passcode", "hunter2", *options)
        assert ran.code == 2
        assert "hunter2" not in ran.out + ran.err
        assert "env:NAME" in ran.out + ran.err
    assert not desk.world().rooms


# ------------------------------------------------------------------------------------- rehearsals


async def test_a_rehearsal_says_the_operation_and_its_arguments_and_sends_nothing(
    desk: Any,
) -> None:
    plain = await desk.run("rooms", "create", "Launch", *TERMS, "--dry-run")
    for words in (
        "Nothing was sent",
        "create_room",
        "draft.name\tLaunch",
        "draft.starts_at\t2027-03-01 17:00+01:00",
        "draft.duration\t1h30m",
    ):
        assert words in plain.out
    ran = await desk.run("rooms", "create", "Launch", *TERMS, "--dry-run", "--json")
    assert ran.data == {
        "dry_run": True,
        "provider": "clickmeeting",
        "account": "main",
        "calls": [
            {
                "operation": "create_room",
                "arguments": {
                    "draft": {
                        "name": "Launch",
                        "kind": "webinar",
                        "starts_at": "2027-03-01T17:00:00+01:00",
                        "duration": 5400.0,
                        "registration": True,
                    }
                },
            }
        ],
    }
    assert not desk.served().requests


@pytest.mark.parametrize(
    ("words", "operation"),
    [
        (("rooms", "update", "7", "--name", "X"), "update_room"),
        (("rooms", "delete", "7"), "delete_room"),
        (("people", "invite", "7", "a@example.com"), "invite"),
        (("link", "7"), "join_link"),
        (("recordings", "delete", "7:8"), "delete_recording"),
        (("recordings", "delete", "--room", "7"), "delete_recordings"),
        (("reports", "create", "7:8"), "create_report"),
        (("sessions", "start", "7", "--host", "Zoë", "--account", "vconnct"), "start_session"),
        (("sessions", "end", "7", "--account", "vconnct"), "end_session"),
        (("templates", "create", "T", "--account", "meetrs"), "create_template"),
        (("templates", "delete", "7", "--account", "meetrs"), "delete_template"),
    ],
)
async def test_every_write_can_be_rehearsed(
    desk: Any, words: tuple[str, ...], operation: str
) -> None:
    ran = await desk.run(*words, "--dry-run", "--json")
    assert (ran.code, ran.err) == (0, "")
    assert [one["operation"] for one in ran.data["calls"]] == [operation]
    assert not [
        desk.served(name).requests for name in desk.sandbox.simulators if desk.served(name).requests
    ]


async def test_a_rehearsal_is_checked_like_the_real_thing(desk: Any) -> None:
    words = ("rooms", "create", "Launch", "--capacity", "10", "--dry-run")
    ran = await desk.run(*words)
    assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert "capacity" in ran.err
    assert "--ignore-unsupported" in ran.err
    let_go = await desk.run(*words, "--ignore-unsupported", "--json")
    assert let_go.data["calls"][0]["arguments"] == {"draft": {"name": "Launch"}}
    absent = await desk.run("templates", "create", "T", "--dry-run")
    assert (absent.code, absent.out) == (1, "")
    unpublished = await desk.run("rooms", "delete", "7", "--dry-run", "--account", "meetrs")
    assert unpublished.code == 1
    assert "unverified = true" in unpublished.err


# --------------------------------------------------------------------------------------- deleting


async def test_without_a_terminal_nothing_is_deleted_unasked(desk: Any) -> None:
    room = await desk.room()
    ran = await desk.run("rooms", "delete", room)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert "--yes" in ran.err
    assert room in desk.world().rooms
    gone = await desk.run("rooms", "delete", room, "--yes")
    assert (gone.code, gone.err) == (0, "")
    assert not desk.world().rooms


async def test_of_several_what_fails_stops_no_other_and_is_told(desk: Any) -> None:
    first, second = await desk.room(), await desk.room()
    desk.served().fail("status", status=422, match=f"/conferences/{first}", times=1)
    ran = await desk.run("rooms", "delete", first, second, "--yes", "--json")
    assert ran.code == 3
    assert ran.data["deleted"] == [second]
    assert [one["id"] for one in ran.data["failed"]] == [first]
    assert list(desk.world().rooms) == [first]
    again = await desk.run("rooms", "delete", first, second, "--yes")
    assert again.code == 0, again.err  # one that is gone already is a success
