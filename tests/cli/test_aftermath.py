"""What is left of a session, from a shell: attendance, recordings, reports, usage and feedback."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from conferencing.model import Role


@pytest.fixture
async def held(desk: Any) -> str:
    """Return a room in which a session took place, with a rejoin and a recording."""
    room = await desk.room("--timezone", "Europe/Warsaw")
    world = desk.world()
    world.enter(room, "Zoë", "zoe@example.com", Role.PRESENTER)
    ann = world.enter(room, "Ann\x1b[31m Lee", "ann@example.com")
    world.advance(timedelta(minutes=20))
    world.leave(ann.id, rating=4, comment="Good")
    world.advance(timedelta(minutes=10))
    world.enter(room, "Ann\x1b[31m Lee", "ann@example.com")
    world.advance(timedelta(minutes=30))
    world.end_session(room)
    simulator = desk.served().simulator
    world.record(
        room,
        timedelta(minutes=50),
        lambda key: f"{simulator.root}/recording/{key}",
    )
    return room


async def test_a_session_is_listed_and_who_was_there(desk: Any, held: str) -> None:
    listed = await desk.run("sessions", "list", held, "--timezone", "Europe/Warsaw")
    head, line = (one.split("\t") for one in listed.out.splitlines())
    session = dict(zip(head, line, strict=True))
    assert (session["status"], session["duration"], session["people"]) == ("ended", "1h", "2")
    assert session["started at"] == "2026-10-01 10:00+02:00"
    by_session, by_room = await asyncio.gather(
        desk.run("attendance", session["id"], "--json"),
        desk.run("attendance", "--room", held, "--json"),
    )
    assert by_session.lines == by_room.lines
    people = {one["email"]: one for one in by_room.lines}
    assert people["ann@example.com"]["duration"] == 3000.0
    assert len(people["ann@example.com"]["segments"]) == 2
    assert people["zoe@example.com"]["role"] == "presenter"
    plain = await desk.run("attendance", session["id"])
    assert "\x1b" not in plain.out
    assert "50m" in plain.out


async def test_recordings_are_downloaded_once_under_names_of_ours(desk: Any, held: str) -> None:
    listed = await desk.run("recordings", "list", held, "--json")
    [recording] = listed.lines
    assert "http" not in listed.out
    (desk.folder / "films").mkdir()
    ran = await desk.run("recordings", "download", "--room", held, "--to", "films", "--json")
    assert ran.code == 0, ran.out
    [file] = ran.data["files"]
    content = (desk.folder / file).read_bytes()
    assert content in desk.world().files.values()
    again = await desk.run("recordings", "download", "--room", held, "--to", "films")
    assert (again.code, again.err.count("\n")) == (1, 1)
    assert "--replace" in again.err
    replaced = await desk.run(
        "recordings", "download", recording["id"], "--to", "films", "--replace"
    )
    assert (replaced.code, replaced.out) == (0, f"{file}\n")
    assert [one.name for one in (desk.folder / "films").iterdir()] == [file.rpartition("/")[2]]


async def test_a_recording_that_is_not_there_is_named(desk: Any, held: str) -> None:
    ran = await desk.run("recordings", "download", "7:8", "--room", held)
    assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert f"'7:8' in room {held}" in ran.err
    nowhere, folder = await asyncio.gather(
        desk.run("recordings", "download"),
        desk.run("recordings", "download", "7:8", "--to", "nowhere"),
    )
    assert (nowhere.code, folder.code) == (2, 2)
    assert "'nowhere'" in folder.err


async def test_recordings_are_deleted_one_by_one_or_all_of_a_room(desk: Any, held: str) -> None:
    [recording] = (await desk.run("recordings", "list", held, "-q")).out.split()
    both = await desk.run("recordings", "delete", recording, "nix", "--yes")
    assert both.code == 3
    assert f"Recording {recording} is deleted." in both.out
    assert "Recording nix is not deleted" in both.out
    assert not desk.world().recordings
    desk.world().record(held, timedelta(minutes=5))
    everything = await desk.run("recordings", "delete", "--room", held, "--yes")
    assert (everything.code, everything.err) == (0, "")
    assert not desk.world().recordings
    unclear = await desk.run("recordings", "delete", recording, "--room", held, "--yes")
    assert unclear.code == 2


async def test_a_report_of_the_vendors_is_ordered_waited_for_and_saved(
    desk: Any, held: str
) -> None:
    session = (await desk.run("sessions", "list", held, "-q")).out.strip()
    ran = await desk.run("reports", "create", session, "--to", "report.pdf")
    assert (ran.code, ran.out, ran.err) == (0, "report.pdf is saved.\n", "")
    assert (desk.folder / "report.pdf").read_bytes().startswith(b"%PDF")
    key = (await desk.run("reports", "create", session, "-q")).out.strip()
    got = await desk.run("reports", "get", key, "--json")
    assert (got.data["id"], got.data["kind"]) == (key, "pdf")
    assert "http" not in got.out
    unknown = await desk.run("reports", "create", session, "--kind", "xls")
    assert (unknown.code, unknown.err.count("\n")) == (1, 1)


async def test_our_own_report_is_written_in_several_forms_at_once(desk: Any, held: str) -> None:
    ran = await desk.run("report", held, "--to", "r.html", "--to", "r.csv", "--json")
    assert ran.code == 0, ran.out
    assert ran.data["files"] == ["r.html", "r.csv"]
    assert ran.data["summary"]["attended"] == 2
    assert "zoe@example.com" in (desk.folder / "r.csv").read_text("utf-8-sig")
    seen = len(desk.served().requests)
    again, form = await asyncio.gather(
        desk.run("report", held, "--to", "r.html"), desk.run("report", held, "--to", "r.doc")
    )
    assert (again.code, form.code) == (2, 1)
    assert "--replace" in again.err
    assert ".xlsx" in form.err
    assert len(desk.served().requests) == seen


async def test_an_invitation_is_a_calendar_file_with_a_link_for_all_or_for_one(desk: Any) -> None:
    room = await desk.room("--starts-at", "2027-03-01T17:00", "--timezone", "Europe/Warsaw")
    ran = await desk.run("invitation", room, "--to", "all.ics")
    assert (ran.code, ran.out, ran.err) == (0, "all.ics is written.\n", "")
    file = (desk.folder / "all.ics").read_text("utf-8")
    assert "DTSTART;TZID=Europe/Warsaw:20270301T170000" in file
    personal = ("--name", "Zoë", "--email", "zoe@example.com", "--role", "presenter")
    words = ("invitation", room, "--to", "zoe.ics", *personal)
    rehearsed = await desk.run(*words, "--dry-run", "--json")
    assert [one["operation"] for one in rehearsed.data["calls"]] == ["join_link"]
    assert not (desk.folder / "zoe.ics").exists()
    ran = await desk.run(*words, "--json")
    assert ran.data == {"path": "zoe.ics", "personal": True}
    assert "CLASS:PRIVATE" in (desk.folder / "zoe.ics").read_text("utf-8")
    again = await desk.run("invitation", room, "--to", "all.ics")
    assert again.code == 2
    assert "--replace" in again.err


async def test_feedback_is_listed_in_a_range(desk: Any, held: str) -> None:
    ran = await desk.run("feedback", "--json")
    assert [(one["rating"], one["text"]) for one in ran.lines] == [(4, "Good")]
    later = await desk.run(
        "feedback", "--since", "2026-11-01", "--timezone", "Europe/Warsaw", "--json"
    )
    assert (later.code, later.out) == (0, "")
    naive = await desk.run("feedback", "--since", "2026-11-01")
    assert naive.code == 2
    assert "--since" in naive.err


async def test_usage_comes_from_the_provider_that_tells_it(desk: Any) -> None:
    words = ("usage", "--account", "meetrs", "--timezone", "Europe/Warsaw")
    made = await desk.run("rooms", "create", "Interview", "--account", "meetrs", "--json")
    room = made.data["id"]
    world = desk.world("meetrs")
    world.enter(room, "Ann")
    world.enter(room, "Bo")
    world.advance(timedelta(hours=1))
    world.end_session(room)
    ran = await desk.run(*words, "--since", "2026-10-01", "--until", "2026-10-31", "--json")
    [one] = ran.lines
    assert (one["room_id"], one["duration"], one["billable"]) == (room, 3600.0, 3600.0)


async def test_templates_are_made_changed_and_deleted_where_there_are_some(desk: Any) -> None:
    at = ("--account", "meetrs")
    native = '{"items": [], "type": 1}'
    made = await desk.run("templates", "create", "Mine", "--native", native, "-q", *at)
    key = made.out.strip()
    changed = await desk.run("templates", "update", key, "--description", "For all", "--json", *at)
    assert changed.code == 0, changed.out
    assert (changed.data["name"], changed.data["description"]) == ("Mine", "For all")
    listed = await desk.run("templates", "list", "--json", *at)
    assert key in {one["id"] for one in listed.lines}
    rehearsed = await desk.run(
        "templates", "update", key, "--name", "X", "--dry-run", "--json", *at
    )
    [call] = rehearsed.data["calls"]
    assert call["operation"] == "update_template"
    assert call["arguments"]["template"]["name"] == "X"
    await desk.run("templates", "delete", key, "--yes", *at)
    assert key not in desk.world("meetrs").templates
    missing = await desk.run("templates", "update", key, "--name", "X", *at)
    assert (missing.code, missing.err.count("\n")) == (1, 1)
    assert key in missing.err


async def test_a_session_is_started_and_ended_where_that_is_a_call(desk: Any) -> None:
    at = ("--account", "vconnct")
    made = await desk.run("rooms", "create", "Class", *at, "-q")
    room = made.out.strip()
    started = await desk.run("sessions", "start", room, "--host", "Zoë", *at)
    assert (started.code, started.err) == (0, "")
    assert started.out.startswith("http")
    session = (await desk.run("sessions", "list", room, *at, "-q")).out.strip()
    ended = await desk.run("sessions", "end", session, *at)
    assert (ended.code, ended.out) == (0, f"Session {session} is ended.\n")
    assert desk.world("vconnct").running(room) is None
