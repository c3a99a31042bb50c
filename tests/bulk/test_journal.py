"""The journal: one runner at a time, whose it is, and what is left of it when it was cut short."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from cutting import Forgetful, cut_at, half, raw_of
from vendor import Planned, always, emails, people

from conferencing import Conference, InvalidRequest, Room, sync
from conferencing.bulk import Journal, JournalRow, Outcome

SUBJECT = "clickmeeting main 1"

HOLD = """
import sys
from conferencing.bulk import Journal
with Journal(sys.argv[1], sys.argv[2], []):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_marks_are_there_when_the_journal_is_opened_again(journal: Path) -> None:
    with opened(journal) as kept:
        kept.write(begun=["a", "b", "c", "d"])
        kept.write(done={"a": (Outcome.REGISTERED, None), "b": (Outcome.REFUSED, "no")})
        kept.write(unsent=["c"])
    with opened(journal) as kept:
        rows = {key: (row.outcome, row.reason) for key, row in kept.rows().items()}
        assert not kept.damaged
    assert rows == {
        "a": (Outcome.REGISTERED, None),
        "b": (Outcome.REFUSED, "no"),
        "d": (None, None),
    }


def test_what_begins_again_is_in_doubt_again(journal: Path) -> None:
    with opened(journal) as kept:
        kept.write(begun=["a"], done={"a": (Outcome.REGISTERED, "x")})
        kept.write(begun=["a"])
        assert kept.rows()["a"] == JournalRow()


# ----------------------------------------------------------------------------------- one runner


async def test_a_second_run_is_refused_while_one_goes_on(
    conference: Conference, served: Planned, room: Room, journal: Path, wait_for: Any
) -> None:
    served.plan = always("hang")
    first = asyncio.create_task(conference.register_many(room, people(9), journal=journal))
    await wait_for(lambda: served.counts["post"] == 8)
    before = len(served.requests)
    with pytest.raises(InvalidRequest, match="in use") as caught:
        await conference.register_many(room, people(9), journal=journal)
    assert (caught.value.field, len(served.requests)) == ("journal", before)
    assert str(journal) in str(caught.value)
    first.cancel()
    with suppress(asyncio.CancelledError):
        await first
    served.plan = lambda _kind, _number: None
    assert (await conference.register_many(room, people(9), journal=journal)).complete


def test_a_second_process_is_refused_until_the_first_is_gone(journal: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(journal), SUBJECT],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as other:  # fmt: skip
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(InvalidRequest, match="in use"):
            opened(journal)
        other.kill()
    with opened(journal) as kept:
        assert not kept.damaged


@pytest.mark.parametrize("start", ["new", "damaged"])
def test_of_many_that_begin_at_once_one_runs(tmp_path: Path, start: str) -> None:
    """Otherwise two would send the same rows."""
    width = 4
    for number in range(40):
        path = tmp_path / f"{number}.journal"
        if start == "damaged":
            path.write_bytes(b"SQLite format 3\x00 and no more")
        barrier = Barrier(width)

        def begin(path: Path = path, barrier: Barrier = barrier) -> Journal | None:
            barrier.wait()
            try:
                return opened(path)
            except InvalidRequest:
                return None

        with ThreadPoolExecutor(width) as pool:
            held = [attempt.result() for attempt in [pool.submit(begin) for _ in range(width)]]
        running = [journal for journal in held if journal is not None]
        for journal in running:
            journal.__exit__(None, None, None)
        assert len(running) == 1, number


# ----------------------------------------------------------------------------------- whose it is


def test_the_journal_of_another_room_or_version_is_refused_and_left_alone(journal: Path) -> None:
    with opened(journal) as kept:
        kept.write(begun=["a"])
    with pytest.raises(InvalidRequest, match="main 1") as caught:
        Journal(journal, "clickmeeting main 2", [])
    assert "main 2" in str(caught.value)
    with closing(sqlite3.connect(journal)) as file:
        file.execute("UPDATE meta SET version = 7")
        file.commit()
    before = journal.read_bytes()
    with pytest.raises(InvalidRequest, match="version 7"):
        opened(journal)
    assert journal.read_bytes() == before
    assert not list(journal.parent.glob("*.damaged"))


@pytest.mark.parametrize("what", ["table", "folder", "database"])
def test_a_file_that_never_was_a_journal_is_refused_and_stays_where_it_is(
    tmp_path: Path, what: str
) -> None:
    path = tmp_path / "people"
    if what == "folder":
        path.mkdir()
    elif what == "table":
        path.write_text("email\nann@example.com\n")
    else:
        with closing(sqlite3.connect(path)) as file:
            file.execute("CREATE TABLE customers (name TEXT)")
    before = None if what == "folder" else path.read_bytes()
    with pytest.raises(InvalidRequest) as caught:
        opened(path)
    assert caught.value.field == "journal"
    assert path.is_dir() if what == "folder" else path.read_bytes() == before


def test_a_journal_in_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest) as caught:
        opened(tmp_path / "nowhere" / "people.journal")
    assert caught.value.field == "journal"


# -------------------------------------------------------------------------------- what it lets see


async def test_nobody_else_can_read_it_also_after_it_was_damaged(
    conference: Conference, room: Room, journal: Path
) -> None:
    """It holds addresses."""
    await conference.register_many(room, people(3), journal=journal)
    assert modes(journal) == {0o600}
    cut_short(journal, 5000)
    await conference.register_many(room, people(3), journal=journal)
    assert modes(journal) == {0o600}


async def test_it_holds_no_credentials_and_no_ways_in(
    conference: Conference, served: Planned, room: Room, journal: Path
) -> None:
    await conference.register_many(room, people(3), journal=journal)
    raw = raw_of(journal)
    assert b"person1@example.com" in raw
    assert served.simulator.key.encode() not in raw
    assert b"?r=" not in raw


# ------------------------------------------------------------------------------------ cut short


async def test_wherever_a_journal_is_cut_nobody_is_lost_or_double(
    journal: Path, clock: Any
) -> None:
    """At the edges of its pages, and here and there; benchmarks/bulk_kills.py --cuts takes all."""
    run = await half(journal, clock)
    states = {row.outcome for row in marks(run.raw, journal).values()}
    assert states == {Outcome.REGISTERED, None}
    edge = [place for place in range(len(run.raw) + 1) if min(place % 4096, -place % 4096) < 8]
    assert await cut_at(run, [*edge, *range(0, len(run.raw), 257)]) == []


@pytest.mark.parametrize("damage", ["zeros", "noise", "swapped", "longer"])
async def test_a_journal_that_was_written_over_puts_all_in_doubt(
    journal: Path, clock: Any, damage: str
) -> None:
    run = await half(journal, clock)
    raw = run.raw
    damaged = {
        "zeros": raw[:8192] + bytes(4096) + raw[12288:],
        "noise": raw[:4096] + bytes(range(256)) * 16 + raw[8192:],
        "swapped": raw[:4096] + raw[8192:12288] + raw[4096:8192],
        "longer": raw + raw,
    }[damage]
    result = await run.resume(damaged)
    assert result.complete
    assert run.registered() == emails(run.rows)


async def test_a_damaged_journal_is_kept_beside_the_new_one(journal: Path, clock: Any) -> None:
    run = await half(journal, clock)
    cut = run.raw[:5000]
    result = await run.resume(cut)
    assert journal.with_name(f"{journal.name}.damaged").read_bytes() == cut
    assert max(clock.slept) == 30.0
    outcomes = [row.outcome for row in result.rows]
    there = {person.email for person in run.there}
    assert outcomes == [
        Outcome.EXISTED if row["email"] in there else Outcome.REGISTERED for row in run.rows
    ]


def test_a_run_that_was_killed_while_making_it_has_put_nobody_in_doubt(tmp_path: Path) -> None:
    """Nothing can have been sent before the journal was there."""
    path = tmp_path / "people.journal"
    code = f"""
import os, sys
def kill(frame, event, arg):
    if event == "return" and frame.f_code.co_name == "_create_tables":
        os._exit(9)
from conferencing.bulk import Journal
sys.setprofile(kill)
Journal({json.dumps(str(path))}, {json.dumps(SUBJECT)}, [])
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 9
    with Journal(path, SUBJECT, ["a", "b"]) as kept:
        assert kept.rows() == {}


def test_without_a_file_a_journal_lasts_as_long_as_the_run(tmp_path: Path, clock: Any) -> None:
    with sync.Conference(Forgetful(clock)) as conference:
        room = conference.create_room("Launch")
        assert conference.register_many(room, people(2)).complete
    assert list(tmp_path.iterdir()) == []


# --------------------------------------------------------------------------------------- helpers


def opened(path: Path) -> Journal:
    return Journal(path, SUBJECT, [])


def cut_short(path: Path, length: int) -> None:
    path.write_bytes(path.read_bytes()[:length])


def modes(path: Path) -> set[int]:
    return {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}


def marks(raw: bytes, path: Path) -> dict[str, Any]:
    copy = path.with_name("copy")
    copy.write_bytes(raw)
    with closing(sqlite3.connect(copy)) as file:
        subject = file.execute("SELECT subject FROM meta").fetchone()[0]
    with Journal(copy, subject, []) as kept:
        told = kept.rows()
    copy.unlink()
    return told
