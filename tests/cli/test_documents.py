"""`conferencing report` and `conferencing invitation`: files for people."""

from __future__ import annotations

from datetime import timedelta
from typing import Any


async def test_report_is_written_in_several_formats(desk: Any) -> None:
    room = await desk.create_room()
    desk.world().enter(room, "Zoë", "zoe@example.com")
    desk.world().advance(timedelta(hours=1))
    desk.world().end_session(room)
    words = ("report", room, "--to", "r.html", "--to", "r.csv", "--json")
    result = await desk.run(*words)
    assert result.code == 0, result.out
    assert result.data["files"] == ["r.html", "r.csv"]
    assert (result.data["summary"]["attended"], result.data["summary"]["staff"]) == (1, 0)
    assert "zoe@example.com" in (desk.folder / "r.csv").read_text("utf-8-sig")
    requests = desk.count_requests()
    wrong = await desk.run("report", room, "--to", "r.doc")
    assert wrong.code == 1
    assert ".xlsx" in wrong.err
    assert desk.count_requests() == requests


async def test_invitation_has_shared_or_personal_link(desk: Any) -> None:
    room = await desk.create_room("--starts-at", "2027-03-01T17:00", "--timezone", "Europe/Warsaw")
    result = await desk.run("invitation", room, "--to", "all.ics")
    assert (result.code, result.out, result.err) == (0, "Wrote all.ics.\n", "")
    assert "DTSTART;TZID=Europe/Warsaw:20270301T170000" in desk.read("all.ics")
    personal = ("--name", "Zoë", "--email", "zoe@example.com", "--role", "presenter")
    words = ("invitation", room, "--to", "zoe.ics", *personal, "--json")
    dry_run = await desk.run(*words, "--dry-run")
    assert [call["operation"] for call in dry_run.data["calls"]] == ["join_link"]
    assert not (desk.folder / "zoe.ics").exists()
    assert (await desk.run(*words)).data == {"path": "zoe.ics", "personal": True}
    assert "CLASS:PRIVATE" in desk.read("zoe.ics")
