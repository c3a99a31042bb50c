"""A world: rooms, people in sessions, recordings, mails, and a clock."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from typing import Any, Final

from attrs import define, evolve, field

from conferencing.errors import Conflict, InvalidRequest, NotFound
from conferencing.model import (
    AccessToken,
    File,
    FileKind,
    Participant,
    Recording,
    RecordingStatus,
    Role,
    Room,
    RoomStatus,
    Session,
    SessionStatus,
    Template,
    WebhookSubscription,
)
from conferencing.model.attendance import Attendance

from .values import FILE_KINDS, Change, Mail, Place, Stay, User, Visit, make_file

__all__ = ["START", "World"]

START: Final = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)
"""The time at which a world starts by default."""


def _number_ids() -> Callable[[str], str]:
    return partial(_make_id, Counter[str]())


def _make_id(counts: Counter[str], kind: str) -> str:
    counts[kind] += 1
    return f"{kind}-{counts[kind]}"


@define(kw_only=True, eq=False)
class World:
    """The state of one simulated vendor. Equal seeds and equal calls give equal worlds.

    `new_id` returns an id for a kind of thing ("room", "session", …). The clock stands still until
    `advance`; with `real_time`, it also runs with the system clock. `observers` are called after
    each change, at once. `next_session_ids` are ids by room for vendors that announce the id of a
    session before it starts. `file_ids` are the keys in `files` of a recording's files.
    """

    seed: int = 0
    start: datetime = START
    real_time: bool = False
    new_id: Callable[[str], str] = field(factory=_number_ids)

    random: Random = field(init=False)
    rooms: dict[str, Room] = field(factory=dict[str, Room])
    notes: defaultdict[str, dict[str, Any]] = field(factory=lambda: defaultdict(dict[str, Any]))
    sessions: dict[str, Session] = field(factory=dict[str, Session])
    visits: dict[str, Visit] = field(factory=dict[str, Visit])
    participants: dict[str, list[Participant]] = field(
        factory=lambda: defaultdict(list[Participant])
    )
    subscriptions: dict[tuple[str, str | None], WebhookSubscription] = field(
        factory=dict[tuple[str, str | None], WebhookSubscription]
    )
    tokens: dict[str, list[AccessToken]] = field(factory=lambda: defaultdict(list[AccessToken]))
    recordings: dict[str, Recording] = field(factory=dict[str, Recording])
    templates: dict[str, Template] = field(factory=dict[str, Template])
    outbox: list[Mail] = field(factory=list[Mail])
    files: dict[str, bytes] = field(factory=dict[str, bytes])
    file_ids: dict[str, tuple[str, ...]] = field(factory=dict[str, tuple[str, ...]])
    users: dict[str, User] = field(factory=dict[str, User])
    next_session_ids: dict[str, str] = field(factory=dict[str, str])
    observers: list[Callable[[Change], None]] = field(factory=list[Callable[[Change], None]])

    _advanced: timedelta = field(factory=timedelta, init=False)
    _created: datetime = field(factory=lambda: datetime.now(UTC), init=False)

    def __attrs_post_init__(self) -> None:
        self.random = Random(self.seed)  # noqa: S311 - it has to be repeatable

    # -- time

    @property
    def now(self) -> datetime:
        """The current time of this world."""
        elapsed = datetime.now(UTC) - self._created if self.real_time else timedelta()
        return self.start + elapsed + self._advanced

    def advance(self, by: timedelta) -> datetime:
        """Advance the clock and return the new time. Raises `InvalidRequest` if `by` is negative."""
        if by < timedelta():
            raise InvalidRequest("the clock cannot go back", field="by")
        self._advanced += by
        return self.now

    def announce(self, kind: str, room_id: str, subject_id: str = "") -> None:
        """Call the observers with a change that happened now."""
        change = Change(kind=kind, at=self.now, room_id=room_id, subject_id=subject_id)
        for observe in self.observers:
            observe(change)

    # -- rooms and users

    def add_user(self, email: str, **fields: Any) -> User:
        """Add a member of the account with a new id."""
        user = User(id=self.new_id("user"), email=email, **fields)
        self.users[user.id] = user
        return user

    def add_room(self, **fields: Any) -> Room:
        """Add a room with a new id, created now."""
        now = self.now
        room = Room(id=self.new_id("room"), created_at=now, updated_at=now, **fields)
        self.rooms[room.id] = room
        self.announce("room created", room.id)
        return room

    def room(self, room_id: str) -> Room:
        """Return a room with its current status. Raises `NotFound`."""
        room = self.rooms.get(room_id)
        if room is None:
            raise NotFound(f"there is no room {room_id!r}")
        if room.status is RoomStatus.ENDED:
            return room
        ahead = room.starts_at is not None and room.starts_at > self.now
        status = RoomStatus.SCHEDULED if ahead else RoomStatus.OPEN
        return evolve(room, status=RoomStatus.LIVE if self.running(room_id) else status)

    def change_room(self, room_id: str, **changes: Any) -> Room:
        """Change fields of a room and return it."""
        self.rooms[room_id] = evolve(self.room(room_id), updated_at=self.now, **changes)
        self.announce("room changed", room_id)
        return self.room(room_id)

    def change_participant(self, room_id: str, participant_id: str, **changes: Any) -> Participant:
        """Change fields of a registration and return it. Raises `NotFound`."""
        people = self.participants[self.room(room_id).id]
        for index, participant in enumerate(people):
            if participant.id == participant_id:
                people[index] = evolve(participant, **changes)
                return people[index]
        raise NotFound(f"there is no registration {participant_id!r} in room {room_id!r}")

    def remove_room(self, room_id: str) -> None:
        """Remove a room; a session that runs in it is ended."""
        self.room(room_id)
        if self.running(room_id):
            self.end_session(room_id)
        del self.rooms[room_id]
        self.announce("room removed", room_id)

    # -- sessions and people in them

    def running(self, room_id: str) -> Session | None:
        """Return the session that runs in a room, or None."""
        sessions = self.sessions_of(room_id)
        return next((s for s in sessions if s.status is SessionStatus.RUNNING), None)

    def sessions_of(self, room_id: str) -> list[Session]:
        """Return a room's sessions, the oldest first."""
        return [session for session in self.sessions.values() if session.room_id == room_id]

    def session(self, session_id: str) -> Session:
        """Return a session. Raises `NotFound`."""
        if session_id not in self.sessions:
            raise NotFound(f"there is no session {session_id!r}")
        return self.sessions[session_id]

    def start_session(self, room_id: str, title: str | None = None) -> Session:
        """Start a session, or return the one that runs already."""
        room = self.room(room_id)
        session = self.running(room_id)
        if session is None:
            session = Session(
                id=self.next_session_ids.pop(room_id, "") or self.new_id("session"),
                room_id=room.id,
                title=title,
                status=SessionStatus.RUNNING,
                started_at=self.now,
                people=0,
                peak=0,
            )
            self.sessions[session.id] = session
            self.announce("session started", room_id, session.id)
        return session

    def end_session(self, room_id: str, at: datetime | None = None) -> Session:
        """End the running session and all visits to it, now or at an earlier time.

        Raises `Conflict` if none runs.
        """
        session = self.running(room_id)
        if session is None:
            raise Conflict(f"no session runs in room {room_id!r}")
        for visit in self.visits_of(session.id):
            if visit.left_at is None:
                visit.left_at = at or self.now
                self.announce("left", room_id, visit.id)
        ended = self._update_session(session, status=SessionStatus.ENDED, ended_at=at or self.now)
        self.announce("session ended", room_id, session.id)
        return ended

    def enter(
        self,
        room_id: str,
        name: str,
        email: str | None = None,
        role: Role = Role.ATTENDEE,
        device: str = "Mozilla/5.0 (sandbox)",
        *,
        waits: bool = False,
    ) -> Visit:
        """Let a person enter a room, which starts a session if none runs.

        With `waits`, the person is in the waiting room until `move`. Raises `Conflict` if the room is
        closed.
        """
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
        if waits:
            visit.stays.append(Stay(place=Place.WAITING_ROOM, since=self.now))
        self.visits[visit.id] = visit
        visits = list(self.visits_of(session.id))
        people = len({visit.email or visit.id for visit in visits})
        inside = sum(visit.left_at is None for visit in visits)
        self._update_session(session, people=people, peak=max(session.peak or 0, inside))
        self.announce("entered", room_id, visit.id)
        return visit

    def move(self, visit_id: str, place: Place = Place.ROOM, breakout: str = "") -> Visit:
        """Move a person to another place: in from the waiting room, to a breakout room, and back.

        Raises `NotFound` if the visit is not going on.
        """
        visit = self._current_visit(visit_id)
        if not visit.stays:
            visit.stays.append(Stay(since=visit.joined_at))
        visit.stays.append(Stay(place=place, since=self.now, breakout=breakout))
        self.announce("moved", self.sessions[visit.session_id].room_id or "", visit.id)
        return visit

    def leave(self, visit_id: str, rating: int | None = None, comment: str | None = None) -> Visit:
        """End a visit, with a rating and a comment. Raises `NotFound` if it is not going on."""
        visit = self._current_visit(visit_id)
        visit.left_at, visit.rating, visit.comment = self.now, rating, comment
        self.announce("left", self.sessions[visit.session_id].room_id or "", visit.id)
        return visit

    def _current_visit(self, visit_id: str) -> Visit:
        visit = self.visits.get(visit_id)
        if visit is None or visit.left_at is not None:
            raise NotFound(f"there is no current visit {visit_id!r}")
        return visit

    def visits_of(self, session_id: str) -> Iterator[Visit]:
        """Yield the visits to a session in the order of arrival."""
        return (visit for visit in self.visits.values() if visit.session_id == session_id)

    def attendance(self, session_id: str) -> list[Attendance]:
        """Return one record for each visit; `conferencing.attendance.merge` groups them by person.

        A visit that never left the waiting room has no record.
        """
        return [
            Attendance(
                id=visit.id,
                session_id=session_id,
                display_name=visit.name,
                email=visit.email,
                role=visit.role,
                segments=visit.segments(),
            )
            for visit in self.visits_of(session_id)
            if visit.segments()
        ]

    def _update_session(self, session: Session, **changes: Any) -> Session:
        self.sessions[session.id] = evolve(self.sessions[session.id], **changes)
        return self.sessions[session.id]

    # -- recordings and mails

    def record(
        self,
        room_id: str,
        duration: timedelta,
        url: Callable[[str], str] = "memory:{}".format,
        media_types: Sequence[str] = ("video/mp4",),
    ) -> Recording:
        """Add a recording of a room that ends now, with a file of each media type.

        `url` returns the URL of a file from its id; the first file has the id of the recording.
        """
        room = self.room(room_id)
        sessions = self.sessions_of(room_id)
        recording_id = self.new_id("recording")
        others = [self.new_id("file") for _ in media_types[1:]]
        file_ids = self.file_ids[recording_id] = (recording_id, *others)
        for file_id, media_type in zip(file_ids, media_types, strict=True):
            self.files[file_id] = make_file(self.random, media_type)
        self.recordings[recording_id] = Recording(
            id=recording_id,
            room_id=room_id,
            session_id=sessions[-1].id if sessions else None,
            name=room.name,
            status=RecordingStatus.READY,
            started_at=self.now - duration,
            duration=duration,
            files=tuple(
                File(
                    url=url(file_id),
                    kind=FILE_KINDS.get(media_type, FileKind.UNKNOWN),
                    media_type=media_type,
                    size=len(self.files[file_id]),
                )
                for file_id, media_type in zip(file_ids, media_types, strict=True)
            ),
        )
        self.announce("recorded", room_id, recording_id)
        return self.recordings[recording_id]

    def post(self, kind: str, to: str, room_id: str, **fields: Any) -> Mail:
        """Put a mail into the outbox."""
        mail = Mail(kind=kind, to=to, room_id=room_id, sent_at=self.now, **fields)
        self.outbox.append(mail)
        return mail
