"""The world behind the simulators: rooms, people coming and going, and a clock of its own.

A simulator is one vendor's face of a `World`; the memory provider is its plain face. Tests and
demonstrations look behind the face, move people and turn the clock here. No wire formats, no I/O.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from typing import Any, Final

from attrs import define, evolve, field, frozen

from conferencing.errors import Conflict, InvalidRequest, NotFound
from conferencing.model import (
    AccessToken,
    File,
    JoinLink,
    Participant,
    Recording,
    RecordingStatus,
    Role,
    Room,
    RoomStatus,
    Session,
    SessionStatus,
    Template,
)
from conferencing.model.attendance import Attendance, Segment

__all__ = ["START", "Mail", "Visit", "World"]

START: Final = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)
"""When a world begins, unless it is told otherwise."""


@define(kw_only=True)
class Visit:
    """One stay of one person in a session; somebody who comes back makes another one."""

    id: str
    session_id: str
    name: str
    email: str | None
    role: Role
    joined_at: datetime
    left_at: datetime | None = None
    device: str = ""
    rating: int | None = None
    comment: str | None = None


@frozen(kw_only=True)
class Mail:
    """A mail that a vendor would have sent. It stays in the outbox."""

    kind: str
    to: str
    room_id: str
    sent_at: datetime
    language: str | None = None
    role: Role = Role.ATTENDEE
    link: JoinLink | None = None


def _numbered() -> Callable[[str], str]:
    counters: defaultdict[str, count[int]] = defaultdict(lambda: count(1))
    return lambda kind: f"{kind}-{next(counters[kind])}"


@define(kw_only=True, eq=False)
class World:
    """Hold the state of one vendor's stand-in; equal seeds and equal steps give equal worlds.

    `new_id` makes an id for a kind of thing ("room", "session", ...). The clock stands still until
    `advance`, or follows the machine's if `flowing` is set.
    """

    seed: int = 0
    start: datetime = START
    real_time: bool = False
    new_id: Callable[[str], str] = field(factory=_numbered)

    random: Random = field(init=False)
    rooms: dict[str, Room] = field(factory=dict[str, Room])
    notes: defaultdict[str, dict[str, Any]] = field(factory=lambda: defaultdict(dict[str, Any]))
    sessions: dict[str, Session] = field(factory=dict[str, Session])
    visits: dict[str, Visit] = field(factory=dict[str, Visit])
    participants: dict[str, list[Participant]] = field(
        factory=lambda: defaultdict(list[Participant])
    )
    tokens: dict[str, list[AccessToken]] = field(factory=lambda: defaultdict(list[AccessToken]))
    recordings: dict[str, Recording] = field(factory=dict[str, Recording])
    templates: dict[str, Template] = field(factory=dict[str, Template])
    outbox: list[Mail] = field(factory=list[Mail])
    files: dict[str, bytes] = field(factory=dict[str, bytes])

    _ahead: timedelta = field(factory=timedelta, init=False)
    _born: datetime = field(factory=lambda: datetime.now(UTC), init=False)

    def __attrs_post_init__(self) -> None:
        self.random = Random(self.seed)  # noqa: S311 - a stand-in must repeat itself

    # -- time

    @property
    def now(self) -> datetime:
        """The present instant of this world."""
        flown = datetime.now(UTC) - self._born if self.real_time else timedelta()
        return self.start + flown + self._ahead

    def advance(self, by: timedelta) -> datetime:
        """Let time pass and return the new present. It never goes back."""
        if by < timedelta():
            raise InvalidRequest("time does not go back", field="by")
        self._ahead += by
        return self.now

    # -- rooms

    def add_room(self, **fields: Any) -> Room:
        """Add a room with a new id, made now."""
        now = self.now
        room = Room(id=self.new_id("room"), created_at=now, updated_at=now, **fields)
        self.rooms[room.id] = room
        return room

    def room(self, room_id: str) -> Room:
        """Return the room as it is now. Raises `NotFound`."""
        room = self.rooms.get(room_id)
        if room is None:
            raise NotFound(f"there is no room {room_id!r}")
        if room.status is RoomStatus.ENDED:
            return room
        ahead = room.starts_at is not None and room.starts_at > self.now
        status = RoomStatus.SCHEDULED if ahead else RoomStatus.OPEN
        return evolve(room, status=RoomStatus.LIVE if self.running(room_id) else status)

    def change_room(self, room_id: str, **changes: Any) -> Room:
        """Change fields of a room."""
        self.rooms[room_id] = evolve(self.room(room_id), updated_at=self.now, **changes)
        return self.room(room_id)

    def remove_room(self, room_id: str) -> None:
        """Remove a room; whoever is in it has to leave."""
        self.room(room_id)
        if self.running(room_id):
            self.end_session(room_id)
        del self.rooms[room_id]

    # -- sessions and people in them

    def running(self, room_id: str) -> Session | None:
        """Return the session that runs in a room, or None."""
        mine = (one for one in self.sessions.values() if one.room_id == room_id)
        return next((one for one in mine if one.status is SessionStatus.RUNNING), None)

    def sessions_of(self, room_id: str) -> list[Session]:
        """Return a room's sessions, the oldest first."""
        return [one for one in self.sessions.values() if one.room_id == room_id]

    def session(self, session_id: str) -> Session:
        """Return a session. Raises `NotFound`."""
        if session_id not in self.sessions:
            raise NotFound(f"there is no session {session_id!r}")
        return self.sessions[session_id]

    def start_session(self, room_id: str, title: str | None = None) -> Session:
        """Start a session, or return the one that runs."""
        room = self.room(room_id)
        session = self.running(room_id)
        if session is None:
            session = Session(
                id=self.new_id("session"),
                room_id=room.id,
                title=title,
                status=SessionStatus.RUNNING,
                started_at=self.now,
                people=0,
                peak=0,
            )
            self.sessions[session.id] = session
        return session

    def end_session(self, room_id: str) -> Session:
        """End the running session; whoever is there leaves. Raises `Conflict` if none runs."""
        session = self.running(room_id)
        if session is None:
            raise Conflict(f"no session runs in room {room_id!r}")
        for visit in self.visits_of(session.id):
            visit.left_at = visit.left_at or self.now
        return self._renewed(session, status=SessionStatus.ENDED, ended_at=self.now)

    def enter(
        self,
        room_id: str,
        name: str,
        email: str | None = None,
        role: Role = Role.ATTENDEE,
        device: str = "Mozilla/5.0 (sandbox)",
    ) -> Visit:
        """Let somebody in, which starts a session if none runs."""
        if self.room(room_id).status is RoomStatus.ENDED:
            raise Conflict(f"room {room_id!r} is closed")
        session = self.start_session(room_id)
        visit = Visit(
            id=self.new_id("visit"),
            session_id=session.id,
            name=name,
            email=email,
            role=role,
            joined_at=self.now,
            device=device,
        )
        self.visits[visit.id] = visit
        stays = list(self.visits_of(session.id))
        people = len({one.email or one.id for one in stays})
        inside = sum(one.left_at is None for one in stays)
        self._renewed(session, people=people, peak=max(session.peak or 0, inside))
        return visit

    def leave(self, visit_id: str, rating: int | None = None, comment: str | None = None) -> Visit:
        """Let somebody out, who may say what it was like."""
        visit = self.visits.get(visit_id)
        if visit is None or visit.left_at is not None:
            raise NotFound(f"nobody is inside under {visit_id!r}")
        visit.left_at, visit.rating, visit.comment = self.now, rating, comment
        return visit

    def visits_of(self, session_id: str) -> Iterator[Visit]:
        """Give the stays of a session in the order of arrival."""
        return (one for one in self.visits.values() if one.session_id == session_id)

    def attendance(self, session_id: str) -> list[Attendance]:
        """Return one record per stay; `conferencing.model.attendance.merge` makes them one per person."""
        return [
            Attendance(
                id=visit.id,
                session_id=session_id,
                display_name=visit.name,
                email=visit.email,
                role=visit.role,
                segments=(Segment(joined_at=visit.joined_at, left_at=visit.left_at),),
            )
            for visit in self.visits_of(session_id)
        ]

    def _renewed(self, session: Session, **changes: Any) -> Session:
        self.sessions[session.id] = evolve(self.sessions[session.id], **changes)
        return self.sessions[session.id]

    # -- what is left

    def record(
        self, room_id: str, duration: timedelta, url: Callable[[str], str] = "memory:{}".format
    ) -> Recording:
        """Finish a recording of a room that ends now; `url` makes its address from its id."""
        room = self.room(room_id)
        sessions = self.sessions_of(room_id)
        recording_id = self.new_id("recording")
        self.files[recording_id] = movie(self.random)
        file = File(
            url=url(recording_id), media_type="video/mp4", size=len(self.files[recording_id])
        )
        self.recordings[recording_id] = Recording(
            id=recording_id,
            room_id=room_id,
            session_id=sessions[-1].id if sessions else None,
            name=room.name,
            status=RecordingStatus.READY,
            started_at=self.now - duration,
            duration=duration,
            files=(file,),
        )
        return self.recordings[recording_id]

    def post(self, kind: str, to: str, room_id: str, **fields: Any) -> Mail:
        """Put a mail into the outbox."""
        mail = Mail(kind=kind, to=to, room_id=room_id, sent_at=self.now, **fields)
        self.outbox.append(mail)
        return mail


def movie(random: Random) -> bytes:
    """Return a file that begins as an MP4 does; nothing can be seen in it."""
    head = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"
    body = random.randbytes(4096)
    return head + (len(body) + 8).to_bytes(4, "big") + b"mdat" + body
