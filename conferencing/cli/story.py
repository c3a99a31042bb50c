"""The story of the demonstration: a webinar with a rejoin and a no-show, the same on each provider."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from attrs import field, frozen

from conferencing.attendance import Attendance, match, no_shows
from conferencing.capabilities import Operation
from conferencing.client import Conference, connect
from conferencing.errors import InvalidRequest, UnsupportedOperation
from conferencing.model import Participant, Person, Role, Room, Session
from conferencing.sandbox import Sandbox, Visit, World

__all__ = ["Chapter", "Row", "play"]

ZONE = ZoneInfo("Europe/Warsaw")
HOUR = timedelta(hours=1)
PRESENTER = Person(name="Zoë Presenter", email="zoe@example.com")


@frozen
class Row:
    """One person in the table; None is what the provider does not tell."""

    who: str
    joined: datetime | None
    left: datetime | None
    minutes: float | None
    share: float | None
    matched_by: str | None
    came: bool = True

    def cells(self) -> tuple[str, ...]:
        """Return the row as texts."""
        if not self.came:
            return (self.who, "did not come", "", "", "", "")
        return (
            self.who,
            _clock(self.joined),
            _clock(self.left),
            "unknown" if self.minutes is None else f"{self.minutes:.0f}",
            "unknown" if self.share is None else f"{self.share:.0%}",
            self.matched_by or "-",
        )


@frozen
class Chapter:
    """What happened on one provider."""

    provider: str
    title: str
    rows: tuple[Row, ...]
    notes: tuple[str, ...]
    account: dict[str, Any] = field(repr=False)

    def configuration(self) -> list[str]:
        """Return the lines of an account on this provider, its credentials in the environment."""
        names = [name for name in self.account if name not in {"provider", "base_url"}]
        secrets = [f'{name} = "env:{self.provider.upper()}_{name.upper()}"' for name in names]
        return [f'provider = "{self.provider}"', *secrets]

    def data(self) -> dict[str, Any]:
        """Return it for programs."""
        return {
            "provider": self.provider,
            "title": self.title,
            "attendance": [
                {
                    "who": row.who,
                    "joined": row.joined,
                    "left": row.left,
                    "minutes": row.minutes,
                    "share": row.share,
                    "matched_by": row.matched_by,
                    "came": row.came,
                }
                for row in self.rows
            ],
            "notes": self.notes,
        }


async def play(name: str, sandbox: Sandbox, people: Sequence[Person]) -> Chapter:
    """Play the story on one provider and return what it tells of it."""
    account = {"provider": "memory"} if name == "memory" else sandbox.account(name)
    async with connect(account) as conference:
        world: World = _world(conference, sandbox)
        room = await _create(conference, world.now)
        registered, refused = await _register(conference, room, people)
        link = await conference.join_link(room, role="presenter", person=PRESENTER)
        _hour(world, room, people)
        session = (await conference.sessions(room).collect())[-1]
        records = match(await conference.attendance(session).collect(), registered)
        notes = [
            f"{len(registered)} registered; the presenter's link is {'personal' if link.personal else 'shared'}.",
            *refused,
            *await _afterwards(conference, room, session),
        ]
    missed = no_shows(records, registered)
    rows = [*(_row(one, session) for one in records), *map(_missing, missed)]
    given = account if name != "memory" else {}
    return Chapter(name, f"“{room.name}”, {room.kind}", tuple(rows), tuple(notes), given)


def _world(conference: Conference, sandbox: Sandbox) -> World:
    name = conference.provider.name
    if name == "memory":
        memory: Any = conference.provider
        return memory.world  # type: ignore[no-any-return]
    return sandbox[name].simulator.world


async def _create(conference: Conference, now: datetime) -> Room:
    start = now.astimezone(ZONE) + timedelta(minutes=15)
    return await conference.create_room(
        "Launch & learn: zażółć",
        kind="webinar",
        starts_at=start,
        duration=HOUR,
        registration=True,
        ignore_unsupported=True,
    )


async def _register(
    conference: Conference, room: Room, people: Sequence[Person]
) -> tuple[list[Participant], list[str]]:
    """Register everybody and return who is registered, and of whom the provider had none."""
    if not conference.capabilities.supports(Operation.REGISTER):
        return [], []
    refused: list[str] = []
    for person in people:
        try:
            await conference.register(room, person)
        except InvalidRequest as error:
            refused.append(f"{person.email} is not registered: {error.message}.")
    return await conference.participants(room).collect(), refused


def _hour(world: World, room: Room, people: Sequence[Person]) -> None:
    """Let everybody but the last one come; the first one leaves for a quarter of an hour."""
    world.advance(timedelta(minutes=15))
    world.enter(room.id, PRESENTER.name or "", PRESENTER.email, Role.PRESENTER)
    came = list(people[:-1])
    visits: list[Visit] = []
    for place, person in enumerate(came):
        if place % 50 == 0:
            world.advance(timedelta(minutes=1))
        visits.append(world.enter(room.id, person.display_name or "", person.email))
    world.advance(timedelta(minutes=20))
    if visits:
        world.leave(visits[0].id, rating=5, comment="I shall be back")
    world.advance(timedelta(minutes=15))
    if visits:
        world.enter(room.id, visits[0].name, visits[0].email)
    world.advance(timedelta(minutes=20))
    world.end_session(room.id)
    world.record(room.id, timedelta(minutes=55))


async def _afterwards(conference: Conference, room: Room, session: Session) -> list[str]:
    notes: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for tell in (_report, _recording, _refusal):
            try:
                notes.append(await tell(conference, room, session, Path(folder)))
            except UnsupportedOperation as error:
                notes.append(f"Refused before anything was sent: {error.message}.")
    return notes


async def _report(conference: Conference, room: Room, session: Session, folder: Path) -> str:
    report = await conference.create_report(session, language="en")
    report = await conference.wait_for_report(report, every=0.01)
    path = await conference.download(report, folder / "report.pdf")
    return f"Report: PDF in {report.language}, {path.stat().st_size:,} bytes."


async def _recording(conference: Conference, room: Room, session: Session, folder: Path) -> str:
    recordings = await conference.recordings(room).collect()
    path = await conference.download(recordings[0], folder / "recording.mp4")
    return f"Recording: {recordings[0].duration}, {path.stat().st_size:,} bytes."


async def _refusal(conference: Conference, room: Room, session: Session, folder: Path) -> str:
    """Ask for something that this provider has not, as a program would that does not know it."""
    await conference.usage().collect()
    return "Usage: told by the provider."


def _row(record: Attendance, session: Session) -> Row:
    duration = record.duration
    return Row(
        who=record.display_name or "(no name)",
        joined=record.joined_at,
        left=record.left_at,
        minutes=None if duration is None else duration.total_seconds() / 60,
        share=record.share_of(session),
        matched_by=record.matched_by,
    )


def _missing(person: Participant) -> Row:
    return Row(person.display_name or person.email or "", None, None, None, None, None, came=False)


def _clock(moment: datetime | None) -> str:
    return "unknown" if moment is None else f"{moment.astimezone(ZONE):%H:%M}"
