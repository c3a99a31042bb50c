"""Vendors with known contents: one sandbox for each account, and what a warehouse should hold."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Self

from attrs import evolve

import conferencing.sync
from conferencing import Participant, Room, Session
from conferencing.sandbox import Answer, Call, World
from conferencing.testing import ServedSandbox
from conferencing_clickmeeting.simulator import ClickMeetingSimulator

KEY = "a key for the pseudonyms of tests"
TABLES = ("rooms", "sessions", "attendance", "participants", "recordings")
SEGMENTS = """
    SELECT a.account, a.session_id, a.id, s.joined_at, s.left_at
    FROM {0}.attendance__segments s JOIN {0}.attendance a ON a._dlt_id = s._dlt_parent_id
"""


class Shuffling(ClickMeetingSimulator):
    """ClickMeeting, which lists its rooms in another order each time."""

    order: Random | None = None

    def handle(self, call: Call) -> Answer:
        if self.order is not None and call.path.startswith("/conferences"):
            rooms = list(self.world.rooms.items())
            self.order.shuffle(rooms)
            self.world.rooms.clear()
            self.world.rooms.update(rooms)
        return super().handle(call)


class Vendor:
    """An account on a simulator of its own. Times are counted back from the present."""

    def __init__(self, name: str, *, seed: int | None = None) -> None:
        self.name = name
        self._served = ServedSandbox(["clickmeeting"])
        self.now = datetime.now(UTC).replace(microsecond=0)
        self.keys: dict[str, Any] = {"name": name, "retries": 0}
        self._seed = seed

    def __enter__(self) -> Self:
        self._served.__enter__()
        sandbox = self._served._sandbox
        simulator = Shuffling()
        simulator.origin = sandbox.origin
        simulator.clock_start = self.now - timedelta(days=40)
        simulator.reset()
        simulator.order = None if self._seed is None else Random(self._seed)
        self.served = sandbox["clickmeeting"]
        self.served.simulator = simulator
        return self

    def __exit__(self, *_: object) -> None:
        self._served.__exit__(None, None, None)

    @property
    def world(self) -> World:
        return self.served.simulator.world

    @property
    def account(self) -> dict[str, Any]:
        return self._served.account("clickmeeting") | self.keys

    def count_calls(self) -> Counter[str]:
        """Count the calls by what they read."""
        return Counter(_kind_of(request.path) for request in self.served.requests)

    def add_room(self, ended: timedelta | None = None) -> Room:
        """Add a room: one without an end, or one whose planned date was over so long ago."""
        fields: dict[str, Any] = {"permanent": True}
        if ended is not None:
            hour = timedelta(hours=1)
            fields = {"starts_at": self.now - ended - hour, "duration": hour, "timezone": "UTC"}
        with conferencing.sync.connect(self.account) as conference:
            return conference.create_room("Launch", registration=True, **fields)

    def add_person(self, room: Room, number: int) -> Participant:
        """Register a person."""
        person = Participant(
            id=self.world.new_id("participant"),
            room_id=room.id,
            email=f"person{number}@example.com",
            first_name="Ann",
            last_name=f"Lee {number}",
            registered_at=self.now - timedelta(days=39),
            native={"r": "code"},
        )
        self.world.participants[room.id].append(person)
        return person

    def hold_session(
        self, room: Room, ago: timedelta, people: range, *, running: bool = False
    ) -> Session:
        """Hold a session of an hour that ended so long ago, or that began then and still runs."""
        world = self.world
        hour = timedelta(hours=1)
        begun = self.now - ago - (timedelta() if running else hour)
        session = world.start_session(room.id)
        world.sessions[session.id] = evolve(session, started_at=begun)
        for number in people:
            visit = world.enter(room.id, f"Ann Lee {number}", f"person{number}@example.com")
            visit.joined_at = begun + timedelta(minutes=number % 7)
        return world.sessions[session.id] if running else self.end_session(room, begun + hour)

    def end_session(self, room: Room, at: datetime) -> Session:
        """End the session that runs in a room."""
        return self.world.end_session(room.id, at)


def fill(vendor: Vendor, rooms: int, people: int = 4) -> None:
    """Fill a vendor with rooms that are over: each with registrations, two sessions, a recording."""
    for number in range(rooms):
        room = vendor.add_room(ended=timedelta(days=20))
        registered = range(number, number + people + 2)
        for each in registered:
            vendor.add_person(room, each)
        vendor.hold_session(room, timedelta(days=21), registered[:people])
        vendor.hold_session(room, timedelta(days=20), registered[1:people])


def change(vendor: Vendor, random: Random) -> None:
    """Let happen what makes a second harvest differ: late and running sessions, new and gone people."""
    world = vendor.world
    for room_id in sorted(world.rooms)[::3]:
        room = world.room(room_id)
        if world.running(room_id):
            vendor.end_session(room, vendor.now + timedelta(hours=1))
        else:
            ago = timedelta(hours=random.randint(1, 40))  # ended before the last harvest: late
            vendor.hold_session(room, ago, range(20, 24))
        world.participants[room_id][:2] = []
    for _ in range(3):
        room = vendor.add_room()
        vendor.add_person(room, 50)
        vendor.hold_session(room, timedelta(hours=2), range(50, 52))


def start_sessions(vendor: Vendor) -> None:
    """Start a session in each third room, which runs during the first harvest."""
    for room_id in sorted(vendor.world.rooms)[::3]:
        room = vendor.world.room(room_id)
        vendor.hold_session(room, timedelta(hours=2), range(30, 32), running=True)


def _kind_of(path: str) -> str:
    parts = path.strip("/").split("/")
    if parts[-1] in {"active", "inactive", "conferences"}:
        return "rooms"
    return {"all": "registrations"}.get(parts[-1], parts[-1])


# ------------------------------------------------------------------------------- the warehouse


def query(to: str, sql: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query on DuckDB or PostgreSQL."""
    if to.startswith("postgresql:"):
        import psycopg2  # noqa: PLC0415 - it may be missing, like duckdb

        connection = psycopg2.connect(to)
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchall()
        finally:
            connection.close()
    import duckdb  # noqa: PLC0415

    with duckdb.connect(to) as connection:
        return connection.execute(sql).fetchall()


def list_columns(to: str, table: str, dataset: str = "conferencing") -> list[str]:
    """Return the columns of a table without those of dlt."""
    rows = query(
        to,
        "SELECT column_name FROM information_schema.columns"
        f" WHERE table_schema = '{dataset}' AND table_name = '{table}' ORDER BY ordinal_position",
    )
    return [name for (name,) in rows if not name.startswith("_dlt")]


def count_differences(to: str, first: str, second: str) -> dict[str, int]:
    """Return how many rows of each table are in one dataset only, by EXCEPT ALL in both directions."""
    differences = {}
    for table in (*TABLES, "segments"):
        if table == "segments":
            sides = [SEGMENTS.format(name) for name in (first, second)]
        else:
            columns = ", ".join(list_columns(to, table, first))
            sides = [f"SELECT {columns} FROM {name}.{table}" for name in (first, second)]
        left, right = (f"({a} EXCEPT ALL {b})" for a, b in (sides, sides[::-1]))
        [(count,)] = query(to, f"SELECT count(*) FROM ({left} UNION ALL {right}) AS both_ways")
        if count:
            differences[table] = count
    return differences
