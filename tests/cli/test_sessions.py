"""`sessions`, `attendance`, `recordings`, `reports`, `usage` and `feedback`, after a session."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from conferencing.model import Role


@pytest.fixture
async def room(desk: Any) -> str:
    """Return a room with one past session, in which a person left and came back."""
    room_id = str(
        await desk.create_room("--starts-at", "2027-03-01T17:00", "--timezone", "Europe/Warsaw")
    )
    world = desk.world()
    world.enter(room_id, "Zoë", "zoe@example.com", Role.PRESENTER)
    ann = world.enter(room_id, "Ann\x1b[31m Lee", "ann@example.com")
    world.advance(timedelta(minutes=20))
    world.leave(ann.id, rating=4, comment="Good")
    world.advance(timedelta(minutes=10))
    world.enter(room_id, "Ann\x1b[31m Lee", "ann@example.com")
    world.advance(timedelta(minutes=30))
    world.end_session(room_id)
    root = desk.served().simulator.root
    world.record(room_id, timedelta(minutes=50), lambda key: f"{root}/recording/{key}")
    return room_id


async def test_sessions_are_listed_in_zone_of_room(desk: Any, room: str) -> None:
    [session] = (await desk.run("sessions", "list", room, TZ="America/New_York")).rows
    assert (session["status"], session["duration"], session["people"]) == ("ended", "1h", "2")
    assert session["started at"] == "2026-10-01 10:00+02:00"
    elsewhere = await desk.run("sessions", "list", room, "--timezone", "Asia/Tokyo")
    assert elsewhere.rows[0]["started at"] == "2026-10-01 17:00+09:00"


async def test_attendance_by_session_equals_by_room(desk: Any, room: str) -> None:
    session = (await desk.run("sessions", "list", room, "-q")).out.strip()
    by_session = await desk.run("attendance", session, "--json")
    by_room = await desk.run("attendance", "--room", room, "--json")
    assert by_session.lines == by_room.lines
    people = {record["email"]: record for record in by_room.lines}
    assert people["ann@example.com"]["duration"] == 3000.0
    assert len(people["ann@example.com"]["segments"]) == 2
    assert people["zoe@example.com"]["role"] == "presenter"


@pytest.mark.parametrize("by", ["session", "room"])
async def test_attendance_is_in_zone_of_room(desk: Any, room: str, by: str) -> None:
    session = (await desk.run("sessions", "list", room, "-q")).out.strip()
    words = (session,) if by == "session" else ("--room", room)
    result = await desk.run("attendance", *words, TZ="America/New_York")
    assert "\x1b" not in result.out
    rows = {row["email"]: row for row in result.rows}
    assert rows["ann@example.com"]["duration"] == "50m"
    assert rows["zoe@example.com"]["joined at"] == "2026-10-01 10:00+02:00"


async def test_start_and_end_session(desk: Any) -> None:
    options = ("--account", "vconnct")
    room = (await desk.run("rooms", "create", "Class", *options, "-q")).out.strip()
    started = await desk.run("sessions", "start", room, "--host", "Zoë", *options)
    assert (started.code, started.err) == (0, "")
    assert started.out.startswith("http")
    session = (await desk.run("sessions", "list", room, *options, "-q")).out.strip()
    unasked = await desk.run("sessions", "end", session, *options)
    assert (unasked.code, unasked.out) == (2, "")
    assert "--yes" in unasked.err
    assert desk.world("vconnct").running(room) is not None
    ended = await desk.run("sessions", "end", session, "--yes", *options)
    assert (ended.code, ended.out) == (0, f"Ended session {session}.\n")
    assert desk.world("vconnct").running(room) is None


# ------------------------------------------------------------------------------------- recordings


async def test_download_never_overwrites_unasked(desk: Any, room: str) -> None:
    listed = await desk.run("recordings", "list", room, "--json")
    [recording] = listed.lines
    assert "http" not in listed.out
    (desk.folder / "films").mkdir()
    words = ("recordings", "download", "--room", room, "--to", "films")
    first = await desk.run(*words, "--json")
    assert first.code == 0, first.out
    [file] = first.data["files"]
    assert (desk.folder / file).read_bytes() in desk.world().files.values()
    again = await desk.run(*words)
    assert (again.code, again.err.count("\n")) == (1, 1)
    assert "--replace" in again.err
    words = ("recordings", "download", recording["id"], "--to", "films", "--replace")
    replaced = await desk.run(*words)
    assert (replaced.code, replaced.out) == (0, f"{file}\n")
    names = [path.name for path in (desk.folder / "films").iterdir()]
    assert names == [file.rpartition("/")[2]]


async def test_download_of_unknown_recording_names_it(desk: Any, room: str) -> None:
    result = await desk.run("recordings", "download", "7:8", "--room", room)
    assert (result.code, result.out, result.err.count("\n")) == (1, "", 1)
    assert f"'7:8' in room {room}" in result.err
    without_id = await desk.run("recordings", "download")
    no_folder = await desk.run("recordings", "download", "7:8", "--to", "nowhere")
    assert (without_id.code, no_folder.code) == (2, 2)
    assert "'nowhere'" in no_folder.err


async def test_recordings_are_deleted_by_id_or_room(desk: Any, room: str) -> None:
    [recording] = (await desk.run("recordings", "list", room, "-q")).out.split()
    both = await desk.run("recordings", "delete", recording, "nix", "--yes")
    assert both.code == 3
    assert f"Deleted recording {recording}." in both.out
    assert "Recording nix was not deleted" in both.out
    assert not desk.world().recordings
    desk.world().record(room, timedelta(minutes=5))
    everything = await desk.run("recordings", "delete", "--room", room, "--yes")
    assert (everything.code, everything.err) == (0, "")
    assert not desk.world().recordings
    unclear = await desk.run("recordings", "delete", recording, "--room", room, "--yes")
    assert unclear.code == 2


# ---------------------------------------------------------------------- reports, usage, feedback


async def test_report_of_provider_is_saved(desk: Any, room: str) -> None:
    session = (await desk.run("sessions", "list", room, "-q")).out.strip()
    saved = await desk.run("reports", "create", session, "--to", "report.pdf")
    assert (saved.code, saved.out, saved.err) == (0, "Saved report.pdf.\n", "")
    assert (desk.folder / "report.pdf").read_bytes().startswith(b"%PDF")
    report = (await desk.run("reports", "create", session, "-q")).out.strip()
    shown = await desk.run("reports", "get", report, "--json")
    assert (shown.data["id"], shown.data["kind"]) == (report, "pdf")
    assert "http" not in shown.out
    unknown = await desk.run("reports", "create", session, "--kind", "xls")
    assert (unknown.code, unknown.err.count("\n")) == (1, 1)


async def test_feedback_is_listed_in_range(desk: Any, room: str) -> None:
    everything = await desk.run("feedback", "--json")
    assert [(record["rating"], record["text"]) for record in everything.lines] == [(4, "Good")]
    assert everything.lines[0]["room_id"] == room
    words = ("feedback", "--since", "2026-11-01")
    later = await desk.run(*words, "--timezone", "Europe/Warsaw", "--json")
    assert (later.code, later.out) == (0, "")
    naive = await desk.run(*words)
    assert naive.code == 2
    assert "--since" in naive.err


async def test_usage_is_listed_in_range(desk: Any) -> None:
    account = ("--account", "meetrs")
    room = (await desk.run("rooms", "create", "Interview", *account, "-q")).out.strip()
    world = desk.world("meetrs")
    world.enter(room, "Ann")
    world.enter(room, "Bo")
    world.advance(timedelta(hours=1))
    world.end_session(room)
    words = ("usage", *account, "--timezone", "Europe/Warsaw", "--since", "2026-10-01")
    result = await desk.run(*words, "--until", "2026-10-31", "--json")
    [usage] = result.lines
    assert (usage["room_id"], usage["duration"], usage["billable"]) == (room, 3600.0, 3600.0)


# ------------------------------------------------------------------------------ files, templates


OUTPUTS = {
    "report": ("report", "{room}", "--to", "{file}"),
    "invitation": ("invitation", "{room}", "--to", "{file}"),
    "reports create": ("reports", "create", "{session}", "--to", "{file}"),
    "recordings download": ("recordings", "download", "--room", "{room}"),
    "sandbox": ("sandbox", "--write", "{file}"),
}


@pytest.mark.parametrize("command", OUTPUTS)
async def test_existing_file_has_one_exit_code(desk: Any, room: str, command: str) -> None:
    session = (await desk.run("sessions", "list", room, "-q")).out.strip()
    recording = (await desk.run("recordings", "list", room, "-q")).out.strip()
    saved = f"recording-{recording.replace(':', '-')}.mp4"
    file = saved if command == "recordings download" else desk.write("there.csv", "kept")
    desk.write(file, "kept")
    words = [word.format(room=room, session=session, file=file) for word in OUTPUTS[command]]
    result = await desk.run(*words)
    assert (result.code, result.out, result.err.count("\n")) == (1, "", 1)
    assert f"{file} exists; use --replace to overwrite it" in result.err
    assert desk.read(file) == "kept"


async def test_templates_are_created_updated_deleted(desk: Any) -> None:
    account = ("--account", "daring")
    native = '{"items": [], "type": 1}'
    created = await desk.run("templates", "create", "Mine", "--native", native, "-q", *account)
    template = created.out.strip()
    words = ("templates", "update", template)
    updated = await desk.run(*words, "--description", "For all", "--json", *account)
    assert updated.code == 0, updated.out
    assert (updated.data["name"], updated.data["description"]) == ("Mine", "For all")
    listed = await desk.run("templates", "list", "--json", *account)
    assert template in {record["id"] for record in listed.lines}
    dry_run = await desk.run(*words, "--name", "X", "--dry-run", "--json", *account)
    [call] = dry_run.data["calls"]
    assert call["operation"] == "update_template"
    assert call["arguments"]["template"]["name"] == "X"
    await desk.run("templates", "delete", template, "--yes", *account)
    assert template not in desk.world("meetrs").templates
    missing = await desk.run(*words, "--name", "X", *account)
    assert (missing.code, missing.err.count("\n")) == (1, 1)
    assert f"there is no template {template!r}" in missing.err
