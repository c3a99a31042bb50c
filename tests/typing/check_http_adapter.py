"""How an author writes an adapter over HTTP: settings, credentials, errors, paging and calls."""
# pyright: strict, reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_type

from attrs import frozen

from conferencing import (
    Conflict,
    NotAvailable,
    Operation,
    Room,
    RoomDraft,
    RoomStatus,
    Secret,
    Session,
    Support,
)
from conferencing.accounts.context import Context
from conferencing.http import (
    DELETE,
    GET,
    POST,
    Auth,
    Decoder,
    Effect,
    ErrorMap,
    Failure,
    HeaderAuth,
    HTTPProvider,
    Id,
    LaxBool,
    NumberedPages,
    Policy,
    Reply,
    Request,
    Upload,
    deep_merge,
    without_none,
)
from conferencing.model.native import Native
from conferencing.provider import ConferenceProvider, Pages


@frozen(kw_only=True)
class AcmeSettings:
    """Hold an account's key."""

    api_key: Secret
    base_url: str = "https://api.acme.example"


@frozen
class RoomRow:
    """A room on the wire."""

    id: Id
    title: str
    open: LaxBool | None = None


WIRE = Decoder(secret=frozenset({"password"}))


def to_room(row: RoomRow, native: Native) -> Room:
    return Room(id=str(row.id), name=row.title, native=native)


def room(reply: Reply) -> Room:
    row = WIRE.read(reply, RoomRow)
    assert_type(row, RoomRow)
    return WIRE.record(reply, RoomRow, to_room)


def rooms(reply: Reply) -> list[Room]:
    return WIRE.records(reply, RoomRow, to_room, at="data")


def failure(reply: Reply) -> Failure | None:
    return Failure(code="name_taken") if reply.status == 409 else None


class Acme(HTTPProvider[AcmeSettings]):
    """A vendor over HTTP."""

    name = "acme-http"
    settings_class = AcmeSettings
    errors = ErrorMap({"name_taken": Conflict, "plan": NotAvailable}, read=failure)
    policy = Policy(total=30.0)
    pages = NumberedPages(param="page", size=100)

    def auth(self) -> Auth:
        """Prove who asks."""
        assert_type(self.settings, AcmeSettings)
        return HeaderAuth("X-Api-Key", self.settings.api_key, setting="api_key")

    async def check(self) -> None:
        """Ping."""
        await self.call(GET("/ping"))

    def list_rooms(self, status: RoomStatus | None = None) -> Pages[Room]:
        """List rooms by pages."""
        return self.paginate(GET("/rooms", query=without_none(status=status)), rooms)

    async def create_room(self, draft: RoomDraft) -> Room:
        """Make a room."""
        body = deep_merge({"title": draft.name}, draft.native)
        created = await self.call(POST("/rooms", json=body), room)
        assert_type(created, Room)
        return created

    async def delete_room(self, room: Room) -> None:
        """Delete a room."""
        await self.delete(DELETE("/rooms/{id}", id=room.id))

    async def end_session(self, session: Session) -> None:
        """End a session by the vendor's odd GET."""
        await self.call(GET("/end/{id}", id=session.id, effect=Effect.IDEMPOTENT))

    async def acme_count(self) -> int:
        """Do what only this vendor can."""
        return await self.call(GET("/rooms/count"), lambda reply: WIRE.read(reply, int))


async def used(context: Context) -> None:
    acme = Acme(AcmeSettings(api_key=Secret("k")), context)
    provider: ConferenceProvider = acme
    assert_type(provider.capabilities.operations[Operation.CHECK], Support)
    assert_type(acme.settings.api_key, Secret)
    assert_type(await acme.acme_count(), int)
    assert_type(await acme.request("GET", "/anything"), Reply)
    async for page in acme.list_rooms():
        assert_type(page, Sequence[Room])
    assert_type(GET("/rooms/{id}", id="1"), Request)
    POST("/files", files={"file": Upload(filename="a.txt", content=b"text")})
