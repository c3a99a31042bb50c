"""A side of `growth.py`: steps for so many people in one room, in µs or bytes a person.

    grow_ours.py <time or memory> <people> <step> ...

Each time it is asked, it does the next of the steps and tells what that took.
"""

from __future__ import annotations

import atexit
import csv
import gc
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from attrs import evolve

from conferencing import Attendance, Features, Participant, Precision, Session, model
from conferencing.attendance import match, merge
from conferencing.bulk.journal import Journal
from conferencing.bulk.result import Outcome
from conferencing.bulk.roster import read_roster
from conferencing.http.provider import _decoded
from conferencing.http.reply import Reply
from conferencing.report import build_report
from conferencing_clickmeeting import wire

sys.path.insert(0, str(Path(__file__).parents[1]))

from attendees import page
from grown import traced
from sides import serve_side

START = datetime(2026, 10, 1, 8, tzinfo=UTC)
SESSION = Session(id="1:2", room_id="1", started_at=START, ended_at=START + timedelta(hours=2))
FEATURES = Features(attendance=Precision.SEGMENTS)
SIZE, BATCH = 300, 8
ENOUGH = 20_000  # people at a time, or there would be nothing to measure
MEMORY = Path("/dev/shm")

Step = Callable[[], Any]


class Room:
    """One room: its attendees in pages of 300, and its registrations, of which a tenth did not come."""

    def __init__(self, count: int) -> None:
        self.people = range(count)
        self.bodies = [page(min(SIZE, count - first), first) for first in range(0, count, SIZE)]
        self.registered = [
            Participant(
                id=str(one), room_id="1", email=f"Ann.Lee.{one}@example.com", name=f"A {one}"
            )
            for one in range(count + count // 10)
        ]

    @cached_property
    def records(self) -> list[Attendance]:
        return self.decoded()

    def decoded(self) -> list[Attendance]:
        return [
            one
            for body in self.bodies
            for one in _decoded(
                Reply(200, {}, bytes(bytearray(body))), lambda rows: wire.attendees(rows, "1:2")
            )
        ]


def decoding(room: Room) -> Step:
    """Read the attendees."""
    return room.decoded


def matching(room: Room) -> Step:
    """Link the attendees to the registrations."""
    return partial(match, room.records, room.registered)


def merging(room: Room) -> Step:
    """Make one record of the rows of each person.

    Each third has come back under another id, and of each tenth there is a row with the id alone,
    one with the address alone, and one that has both.
    """
    records = room.records
    again = [evolve(one, id=f"{one.id}b") for one in records[::3]]
    nameless = [evolve(one, email=None, id=f"{one.id}c") for one in records[::10]]
    both = [evolve(one, id=f"{one.id}c") for one in records[::10]]
    return partial(merge, records + nameless + again + both)


def report(room: Room) -> Step:
    """Find the facts of an attendance report."""
    return partial(
        build_report,
        model.Room(id="1", name="Launch"),
        [(SESSION, room.records)],
        room.registered,
        provider="clickmeeting",
        features=FEATURES,
        made_at=START,
    )


def roster(room: Room) -> Step:
    """Read people to register from a CSV file."""
    path = _folder() / "people.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["email", "first name", "last name"])
        rows.writerows([f"person{one}@example.com", "Ann", f"Lee {one}"] for one in room.people)
    return partial(read_roster, path)


def journal(room: Room) -> Step:
    """Write down what begins and what is done, as a bulk registration does, and read it again."""
    path, keys = _folder() / "journal", [f"{one}@example.com" for one in room.people]

    def work() -> int:
        path.unlink(missing_ok=True)
        done: list[str] = []
        with Journal(path, "room 1", keys, 0.0) as kept:
            for at in range(0, len(keys), BATCH):
                batch = keys[at : at + BATCH]
                kept.write(
                    dict.fromkeys(batch, 1.0), dict.fromkeys(done, (Outcome.REGISTERED, None))
                )
                done = batch
            marks = kept.marks()
        assert len(marks) == len(keys)
        return len(marks)

    return work


STEPS = {
    "decode": decoding,
    "match": matching,
    "merge": merging,
    "report": report,
    "roster": roster,
    "journal": journal,
}


def _folder() -> Path:
    """Return a folder in memory if there is one: what is measured is no disk."""
    folder = tempfile.mkdtemp(dir=MEMORY if MEMORY.is_dir() else None)
    atexit.register(shutil.rmtree, folder)
    return Path(folder)


def main(what: str, people: int, steps: Sequence[str]) -> None:
    few, room = Room(100), Room(people)
    for step in STEPS.values():
        step(few)()  # what is made on first use is made before
    following = iter(steps)
    times = max(1, ENOUGH // people)

    def timed() -> float:
        work = STEPS[next(following)](room)
        gc.collect()
        begun = time.process_time()
        for _ in range(times):
            kept = work()
        spent = time.process_time() - begun
        assert kept
        return spent / (times * people) * 1e6

    def grown() -> float:
        return traced(STEPS[next(following)](room)) / people

    serve_side(timed if what == "time" else grown)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
