"""`report` and `invitation`: their options, and the files that they write."""

from __future__ import annotations

import csv
import io
import stat
import sys
from datetime import timedelta
from typing import Any, get_args, get_type_hints

import pytest
from icalendar import Calendar

from conferencing.cli.report import Format
from conferencing.report.language import LANGUAGES
from conferencing.report.tables import CSV_DIALECTS


@pytest.fixture
async def course(desk: Any) -> str:
    """Hold two sessions of an hour, a day apart: Ann attends both, Bob 47 min 45 s of the first."""
    room = await desk.create_room("--timezone", "Europe/Warsaw")
    world = desk.world()
    world.enter(room, "Ann Lee", "ann@example.com")
    bob = world.enter(room, "Bob Li", "bob@example.com")
    world.advance(timedelta(minutes=47, seconds=45))
    world.leave(bob.id)
    world.advance(timedelta(minutes=12, seconds=15))
    world.end_session(room)
    world.advance(timedelta(days=1))
    world.enter(room, "Ann Lee", "ann@example.com")
    world.advance(timedelta(hours=1))
    world.end_session(room)
    return room


async def test_report_options_select_sessions(desk: Any, course: str) -> None:
    listed = (await desk.run("sessions", "list", course, "--json")).lines
    first, second = (each["id"] for each in sorted(listed, key=lambda each: each["started_at"]))
    selections = {
        "1.csv": ("--session", first),
        "2.csv": ("--session", first, "--session", second),
        "3.csv": ("--since", "2026-10-02", "--timezone", "Europe/Warsaw"),
    }
    for name, options in selections.items():
        ran = await desk.run("report", course, "--to", name, *options)
        assert ran.code == 0, ran.err
    assert [row["share"] for row in rows_of(desk, "2.csv")] == ["1", "0.3916"]
    assert len(rows_of(desk, "1.csv")) == 2
    assert [row["email"] for row in rows_of(desk, "3.csv")] == ["ann@example.com"]
    clash = await desk.run(
        "report", course, "--to", "4.csv", "--session", first, "--since", "2026-10-02T00:00Z"
    )
    assert clash.code != 0
    assert "exclude each other" in clash.err


async def test_report_marks_who_reached_a_threshold(desk: Any, course: str) -> None:
    session = (await desk.run("sessions", "list", course, "-q")).out.split()[0]
    ran = await desk.run("report", course, "--to", "r.csv", "--at-least", "80%", "--json")
    assert ran.code == 0, ran.err
    assert ran.data["summary"]["reached"] == 1
    assert {row["name"]: row["reached"] for row in rows_of(desk, "r.csv")} == {
        "Ann Lee": "true", "Bob Li": "false",
    }  # fmt: skip
    wrong = await desk.run("report", course, "--to", "x.csv", "--at-least", "80")
    assert wrong.code != 0
    assert "'80%'" in wrong.err
    assert session
    assert not (desk.folder / "x.csv").exists()


async def test_report_is_written_in_a_language(desk: Any, course: str) -> None:
    ran = await desk.run("report", course, "--to", "r.csv", "--to", "r.html", "--language", "pl",
                         "--csv-dialect", "excel-pl")  # fmt: skip
    assert ran.code == 0, ran.err
    heads = (desk.folder / "r.csv").read_text("utf-8-sig").splitlines()[0]
    assert '"Imię i nazwisko";"E-mail"' in heads
    assert 'lang="pl"' in (desk.folder / "r.html").read_text("utf-8")
    unknown = await desk.run("report", course, "--to", "x.csv", "--language", "fr")
    assert unknown.code == 2


async def test_report_checks_all_files_before_it_sends(desk: Any, course: str) -> None:
    (desk.folder / "there.csv").write_text("mine")
    seen = desk.count_requests()
    existing = await desk.run("report", course, "--to", "new.csv", "--to", "there.csv")
    recording = await desk.run("invitation", course, "--to", "there.csv")
    assert existing.code == recording.code
    assert "--replace" in existing.err
    assert not (desk.folder / "new.csv").exists()
    assert desk.count_requests() == seen


def test_report_offers_every_language_and_dialect() -> None:
    hints = get_type_hints(Format)
    languages, dialects = ([*get_args(get_args(hints[name])[0])] for name in
                           ("language", "csv_dialect"))  # fmt: skip
    assert languages == list(LANGUAGES)
    assert dialects == list(CSV_DIALECTS)


async def test_invitation_of_a_deleted_room_is_cancelled(desk: Any) -> None:
    room = await desk.create_room("--starts-at", "2027-03-01T17:00", "--timezone", "Europe/Warsaw")
    sent = await desk.run("invitation", room, "--to", "launch.ics", "--sequence", "3")
    assert sent.code == 0, sent.err
    await desk.run("rooms", "delete", room, "--yes")
    ran = await desk.run("invitation", "--cancel", "launch.ics", "--to", "gone.ics")
    assert (ran.code, ran.err) == (0, "")
    before, after = (event_of(desk, name) for name in ("launch.ics", "gone.ics"))
    assert (before["sequence"], after["sequence"]) == (3, 4)
    assert before["uid"] == after["uid"]
    assert str(after["status"]) == "CANCELLED"


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("--to", "x.ics"), "--cancel"),
        (("2632001", "--cancel", "a.ics", "--to", "x.ics"), "leave out the rest"),
        (("--cancel", "absent.ics", "--to", "x.ics"), "absent.ics cannot be read"),
    ],
)
async def test_cancellation_needs_a_file_alone(
    desk: Any, arguments: tuple[str, ...], text: str
) -> None:
    ran = await desk.run("invitation", *arguments)
    assert ran.code != 0
    assert text in " ".join(ran.err.split())
    assert not (desk.folder / "x.ics").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no umask")
async def test_only_a_personal_calendar_is_kept_secret(desk: Any) -> None:
    room = await desk.create_room("--starts-at", "2027-03-01T17:00", "--timezone", "Europe/Warsaw")
    (desk.folder / "plain").touch()
    personal = ("--name", "Zoë", "--email", "zoe@example.com")
    for name, options in (("all.ics", ()), ("zoe.ics", personal)):
        ran = await desk.run("invitation", room, "--to", name, *options)
        assert ran.code == 0, ran.err
    assert mode_of(desk, "all.ics") == mode_of(desk, "plain")
    assert mode_of(desk, "zoe.ics") == 0o600


def rows_of(desk: Any, name: str) -> list[dict[str, str]]:
    text = (desk.folder / name).read_text("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), strict=True))


def event_of(desk: Any, name: str) -> Any:
    [event] = Calendar.from_ical((desk.folder / name).read_bytes()).walk("VEVENT")
    return event


def mode_of(desk: Any, name: str) -> int:
    return stat.S_IMODE((desk.folder / name).stat().st_mode)
