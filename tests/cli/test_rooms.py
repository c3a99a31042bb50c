"""`conferencing rooms`: create, list, update and delete; `--dry-run`; passcodes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

FIELDS = (
    "--kind", "webinar", "--registration", "--duration", "1h30m",
    "--starts-at", "2027-03-01T17:00", "--timezone", "Europe/Warsaw",
)  # fmt: skip


async def test_create_shows_room_in_its_zone(desk: Any) -> None:
    result = await desk.run("rooms", "create", "Launch", *FIELDS)
    assert (result.code, result.err) == (0, "")
    [room] = desk.world().rooms.values()
    assert (room.name, room.kind, room.registration) == ("Launch", "webinar", True)
    assert room.starts_at == datetime(2027, 3, 1, 16, tzinfo=UTC)
    assert (room.duration, room.timezone) == (timedelta(minutes=90), "Europe/Warsaw")
    shown = dict(line.split("\t") for line in result.out.splitlines())
    assert shown["id"] == room.id
    assert (shown["starts at"], shown["duration"]) == ("2027-03-01 17:00+01:00", "1h30m")
    assert shown["timezone"] == "Europe/Warsaw"


async def test_quiet_prints_id_only(desk: Any) -> None:
    room = await desk.create_room()
    assert (await desk.run("rooms", "list", "-q")).out == f"{room}\n"
    shown = await desk.run("rooms", "show", room, "--json")
    assert shown.data["id"] == room
    assert shown.data["duration"] == desk.world().room(room).duration.total_seconds()
    assert datetime.fromisoformat(shown.data["created_at"]).tzinfo is not None


async def test_list_in_pipe_has_tabs_and_no_colours(desk: Any) -> None:
    desk.world().change_room(await desk.create_room(), name="A\tB\x1b[31m\nC" + "x" * 200)
    result = await desk.run("rooms", "list", "--timezone", "Asia/Tokyo")
    [row] = result.rows
    assert list(row)[:2] == ["id", "name"]
    assert row["name"] == "A B�[31m C" + "x" * 200
    assert "\x1b" not in result.out


async def test_update_keeps_other_fields(desk: Any) -> None:
    room = await desk.create_room()
    words = ("rooms", "update", room)
    renamed = await desk.run(*words, "--name", "New", "--no-registration", "--json")
    assert renamed.code == 0
    assert (renamed.data["name"], renamed.data["registration"]) == ("New", False)
    closed = await desk.run(*words, "--status", "ended", "--json")
    assert (closed.data["name"], closed.data["status"]) == ("New", "ended")


async def test_native_fields_are_sent_unchanged(desk: Any) -> None:
    words = ("rooms", "create", "X", "--native", '{"skin_id": 3}', "--dry-run", "--json")
    [call] = (await desk.run(*words)).data["calls"]
    assert call["arguments"]["draft"]["native"] == {"skin_id": 3}


async def test_fields_left_out_are_noted(desk: Any) -> None:
    words = ("rooms", "create", "X", "--capacity", "10", "--quiet")
    result = await desk.run(*words, "--ignore-unsupported")
    assert result.code == 0
    assert result.err.startswith(
        "note: left out because clickmeeting does not support it: capacity"
    )
    named = await desk.run(*words, "--leave-out", "capacity")
    assert (named.code, named.err) == (0, result.err)
    wrong = await desk.run(*words, "--leave-out", "capacty")
    assert (wrong.code, wrong.out) == (2, "")
    assert "'capacity'" in wrong.err


@pytest.mark.parametrize("command", ["create", "update"])
async def test_dry_run_notes_fields_left_out(desk: Any, command: str) -> None:
    name = "Launch" if command == "create" else await desk.create_room()
    words = ("rooms", command, name, "--capacity", "10", "--description", "Hello", "--dry-run")
    result = await desk.run(*words, "--ignore-unsupported")
    assert result.err == "note: left out because clickmeeting does not support it: capacity\n"
    assert "description\tHello" in result.out
    as_json = await desk.run(*words, "--ignore-unsupported", "--json")
    assert (as_json.err, as_json.data["left_out"]) == ("", ["capacity"])
    assert len(desk.world().rooms) == (command == "update")


# -------------------------------------------------------------------------------------- passcodes


async def test_passcode_from_variable_is_never_shown(desk: Any) -> None:
    create = ("rooms", "create", "Board", "--passcode", "env:CODE")
    for options in (("--dry-run",), ("--dry-run", "--json"), (), ("--json",)):
        result = await desk.run(*create, *options, CODE="s3cret")
        assert result.code == 0
        assert "s3cret" not in result.out + result.err
        assert "passcode" in result.out
    assert len(desk.world().rooms) == 2
    listed = await desk.run("rooms", "list", "--json")
    assert "s3cret" not in listed.out
    assert "http" not in listed.out


@pytest.mark.parametrize("options", [(), ("--json",)])
async def test_passcode_on_command_line_is_refused(desk: Any, options: tuple[str, ...]) -> None:
    result = await desk.run("rooms", "create", "Board", "--passcode", "hunter2", *options)
    assert result.code == 2
    assert "hunter2" not in result.out + result.err
    assert "env:NAME" in result.out + result.err
    assert not desk.world().rooms


# ---------------------------------------------------------------------------------------- dry run


async def test_dry_run_prints_call_and_sends_nothing(desk: Any) -> None:
    plain = await desk.run("rooms", "create", "Launch", *FIELDS, "--dry-run")
    for text in (
        "Dry run: nothing was sent to clickmeeting (account main).",
        "create_room",
        "draft.name\tLaunch",
        "draft.starts_at\t2027-03-01 17:00+01:00",
        "draft.duration\t1h30m",
    ):
        assert text in plain.out
    result = await desk.run("rooms", "create", "Launch", *FIELDS, "--dry-run", "--json")
    draft = {
        "name": "Launch",
        "kind": "webinar",
        "starts_at": "2027-03-01T17:00:00+01:00",
        "duration": 5400.0,
        "registration": True,
    }
    assert result.data == {
        "dry_run": True,
        "provider": "clickmeeting",
        "account": "main",
        "calls": [{"operation": "create_room", "arguments": {"draft": draft}}],
        "left_out": [],
    }
    assert not desk.count_requests()


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
        (("templates", "create", "T", "--account", "daring"), "create_template"),
        (("templates", "delete", "7", "--account", "daring"), "delete_template"),
    ],
)
async def test_dry_run_of_write_sends_nothing(
    desk: Any, words: tuple[str, ...], operation: str
) -> None:
    result = await desk.run(*words, "--dry-run", "--json")
    assert (result.code, result.err) == (0, "")
    assert [call["operation"] for call in result.data["calls"]] == [operation]
    assert not desk.count_requests()


async def test_dry_run_makes_the_same_checks(desk: Any) -> None:
    words = ("rooms", "create", "Launch", "--capacity", "10", "--dry-run")
    refused = await desk.run(*words)
    assert (refused.code, refused.out, refused.err.count("\n")) == (1, "", 1)
    assert "capacity" in refused.err
    assert "--ignore-unsupported leaves it out" in refused.err
    ignored = await desk.run(*words, "--ignore-unsupported", "--json")
    assert ignored.data["calls"][0]["arguments"] == {"draft": {"name": "Launch"}}
    absent = await desk.run("templates", "create", "T", "--dry-run")
    assert (absent.code, absent.out) == (1, "")
    unverified = await desk.run("rooms", "delete", "7", "--dry-run", "--account", "meetrs")
    assert unverified.code == 1
    assert "unverified = true" in unverified.err


# --------------------------------------------------------------------------------------- deleting


async def test_delete_without_terminal_needs_yes(desk: Any) -> None:
    room = await desk.create_room()
    refused = await desk.run("rooms", "delete", room)
    assert (refused.code, refused.out, refused.err.count("\n")) == (2, "", 1)
    assert "--yes" in refused.err
    assert room in desk.world().rooms
    deleted = await desk.run("rooms", "delete", room, "--yes")
    assert (deleted.code, deleted.out, deleted.err) == (0, f"Deleted room {room}.\n", "")
    assert not desk.world().rooms


async def test_delete_of_several_goes_on_after_failure(desk: Any) -> None:
    first, second = await desk.create_room(), await desk.create_room()
    desk.served().fail("status", status=422, match=f"/conferences/{first}", times=1)
    partly = await desk.run("rooms", "delete", first, second, "--yes", "--json")
    assert partly.code == 3
    assert partly.data["deleted"] == [second]
    assert [failure["id"] for failure in partly.data["failed"]] == [first]
    assert list(desk.world().rooms) == [first]
    again = await desk.run("rooms", "delete", first, second, "--yes")
    assert again.code == 0, again.err  # a room that is gone already is deleted
