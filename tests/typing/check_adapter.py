"""How an author writes an adapter: overrides are typed, and so are decorated methods."""
# pyright: strict, reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any, assert_type

from attrs import field, frozen

from conferencing import (
    Account,
    Attendance,
    Conference,
    ConferenceProvider,
    EntryKind,
    Features,
    Feedback,
    File,
    Participant,
    Precision,
    Role,
    Room,
    RoomDraft,
    RoomKind,
    RoomStatus,
    Secret,
    Session,
    Support,
    connect,
    emulated,
    sync,
    unverified,
)
from conferencing.accounts.context import Context
from conferencing.model.drafts import RegistrationDraft
from conferencing.provider import Pages


@frozen(kw_only=True)
class AcmeSettings:
    """Hold an account's key."""

    api_key: Secret
    base_url: str = "https://api.acme.example"
    region: str | None = field(default=None, repr=False)


class Acme(ConferenceProvider):
    """A vendor with a bit of everything."""

    name = "acme"
    settings_class = AcmeSettings
    features = Features(
        kinds=frozenset({RoomKind.MEETING, RoomKind.WEBINAR}),
        create_fields=frozenset({"name", "kind", "settings.camera"}),
        entry=frozenset({EntryKind.OPEN, EntryKind.PASSCODE}),
        roles=frozenset({Role.HOST, Role.ATTENDEE}),
        attendance=Precision.SPAN,
        limits={"rooms": 100},
    )

    def __init__(self, settings: AcmeSettings, context: Context) -> None:
        self.settings = settings
        self.context = context

    async def check(self) -> None:
        """Prove the key."""
        assert_type(self.settings.api_key.reveal(), str)
        assert_type(self.context.clock.now(), datetime)

    async def list_rooms(self, status: RoomStatus | None = None) -> Pages[Room]:
        """Give pages from an async generator."""
        yield [Room(id="1"), Room(id="2")]

    def list_sessions(self, room: Room) -> Pages[Session]:
        """Give pages from a plain method that returns an iterator."""
        return self._sessions(room)

    async def _sessions(self, room: Room) -> Pages[Session]:
        yield (Session(id="1", room_id=room.id),)

    @emulated
    async def get_room(self, room_id: str) -> Room:
        """Find it in the list."""
        async for rooms in self.list_rooms():
            assert_type(list(rooms), list[Room])
        return Room(id=room_id)

    async def create_room(self, draft: RoomDraft) -> Room:
        """Make it."""
        return Room(id="1", name=draft.name or "", native=draft.native)

    @unverified
    async def register(self, room: Room, draft: RegistrationDraft) -> Participant:
        """Do what no document describes."""
        return Participant(room_id=room.id, email=draft.person.email)

    @unverified
    async def feedback(
        self, since: datetime | None, until: datetime | None, tenant: str | None
    ) -> Pages[Feedback]:
        """List what no document describes."""
        yield []

    async def list_attendance(self, session: Session) -> Pages[Attendance]:
        """List who was there."""
        yield [Attendance(id="1", session_id=session.id)]

    async def read_file(self, file: File) -> AsyncIterator[bytes]:
        """Read it at once."""
        yield file.url.encode()

    async def aclose(self) -> None:
        """Let go."""

    async def acme_speciality(self, room: Room) -> Mapping[str, Any]:
        """Do what only this vendor can."""
        return room.native


class Renamed(Acme):
    """A vendor that is another one's cousin."""

    name = "renamed"

    def features_for(self, kind: RoomKind | None) -> Features:
        """Tell webinars apart."""
        return Features(create_fields=frozenset({"name"})) if kind else self.features


async def decorated(acme: Acme, draft: RegistrationDraft) -> None:
    assert_type(await acme.get_room("1"), Room)
    assert_type(await acme.register(Room(id="1"), draft), Participant)
    async for ratings in acme.feedback(None, None, None):
        assert_type(list(ratings), list[Feedback])
    assert_type(acme.capabilities["get_room"], Support)


async def used(settings: AcmeSettings) -> None:
    provider: ConferenceProvider = Acme(settings, Context(account="main"))
    assert_type(Conference(provider), Conference)
    assert_type(sync.Conference(provider), sync.Conference)
    connect({"provider": Acme, "api_key": "k"})
    connect(Account(provider=Acme, settings=settings, context=Context()))
