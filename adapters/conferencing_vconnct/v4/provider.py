"""V.cloud's operations. A room runs once, so it is its own session and they share an id."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit
from uuid import uuid4

from msgspec import Struct
from msgspec.structs import replace

from conferencing.capabilities import Features, emulated
from conferencing.errors import (
    InvalidRequest,
    NotFound,
    OutcomeUnknown,
    Sent,
    TransportError,
    UnsupportedOption,
)
from conferencing.http import (
    GET,
    POST,
    Effect,
    ErrorMap,
    HTTPProvider,
    Reply,
    Request,
    deep_merge,
    without_none,
)
from conferencing.model import (
    AccessToken,
    EntryKind,
    JoinLink,
    Participant,
    Person,
    Recording,
    Role,
    Room,
    RoomStatus,
    Session,
)
from conferencing.model.attendance import Attendance, Precision
from conferencing.model.drafts import RoomDraft, SessionDraft
from conferencing.model.secret import Secret
from conferencing.provider import Pages, replace_rows

from ..settings import VConnctSettings  # noqa: TID252 - a dialect of the same adapter
from .signature import Signature
from .wire import base, people, rooms

__all__ = ["VConnctV4"]

T = TypeVar("T")

_PAGE: Final = 100


class BodyPages(Struct, frozen=True):
    """Pages of past rooms: `from` and `limit` are in the body."""

    limit: int = _PAGE

    def first(self, request: Request) -> Request:
        """Return the request for the first rows."""
        return _with(request, 0, self.limit)

    def next(self, request: Request, reply: Reply, count: int) -> Request | None:
        """Return the request for the rows that follow, or None after a page that is not full."""
        body: Any = request.json
        # A bare list may have more rows than the limit: then it is whole.
        return _with(request, body["from"] + count, self.limit) if count == self.limit else None


def _with(request: Request, start: int, limit: int) -> Request:
    body: Any = request.json
    return replace(request, json={**body, "from": start, "limit": limit})


class VConnctV4(HTTPProvider[VConnctSettings]):
    """V.cloud's rooms, join links, attendance and recordings."""

    name = "vconnct"
    version: Final = 4
    settings_class = VConnctSettings
    errors = ErrorMap(read=base.read_failure, codes={base.NO_ROOMS: NotFound})
    features = Features(
        statuses=frozenset({RoomStatus.LIVE}),
        create_fields=frozenset(
            {"name", "starts_at", "capacity", "description", "host", "settings.camera"}
        ),
        entry=frozenset({EntryKind.OPEN}),
        roles=frozenset(people.ROLES),
        attendance=Precision.DURATION,
    )

    def auth(self) -> Signature:
        """Authenticate by key and signature."""
        key, secret = self.settings.key or Secret(""), self.settings.secret or Secret("")
        return Signature(key, secret, urlsplit(self.settings.base_url).path)

    async def check(self) -> None:
        """List the rooms that are running, which changes nothing."""
        await self._fetch_active_rooms()

    # -- rooms

    async def list_rooms(self, status: RoomStatus | None = None) -> Pages[Room]:
        """List the rooms that are running: others are found by their ids only."""
        yield await self._fetch_active_rooms()

    async def _fetch_active_rooms(self) -> list[Room]:
        try:
            return await self.call(GET("/rooms/get_active_rooms_info"), rooms.read_rooms)
        except NotFound as error:
            if error.code != base.NO_ROOMS:  # the base URL is wrong
                raise
        return []

    @emulated
    async def get_room(self, room_id: str) -> Room:
        """Fetch a room that is running or has run; a planned one cannot be requested."""
        return (await self._find(room_id))[0]

    async def _find(self, room_id: str) -> tuple[Room, Session]:
        active = await self._find_active(room_id)
        if active is not None:
            return active
        try:
            async for page in self._list_past([room_id]):
                for past in page:
                    return past
        except InvalidRequest as error:
            if not _is_in_200(error):
                raise
        raise NotFound(f"no room {room_id!r} is running or has run")

    async def _find_active(self, room_id: str) -> tuple[Room, Session] | None:
        return await self._read_active(room_id, rooms.read_active_room)

    async def _read_active(self, room_id: str, read: Callable[[Reply], T]) -> T | None:
        """Return what `read` makes of a running room, or None for one that does not run."""
        try:
            return await self.call(_info(room_id), read)
        except NotFound:
            return None
        except InvalidRequest as error:
            if not _is_in_200(error):
                raise
        return None

    def _list_past(self, room_ids: Sequence[str]) -> Pages[tuple[Room, Session]]:
        body = {"project_id": self.settings.project_id, "room_ids": [*room_ids]}
        request = POST("/rooms/fetch_past_rooms", json=body, effect=Effect.READ)
        return self.paginate(request, rooms.read_past_rooms, BodyPages())

    async def past_rooms(self, room_ids: Sequence[str]) -> Pages[Room]:
        """List the rooms among these that have run. Raises `NotFound` if none has."""
        try:
            async for page in self._list_past(room_ids):
                yield replace_rows(page, (room for room, _ in page))
        except InvalidRequest as error:
            if not _is_in_200(error):
                raise
            refused = error
        else:
            return
        raise NotFound("none of these rooms has run", sent=Sent.YES, status=refused.status)

    async def create_room(self, draft: RoomDraft) -> Room:
        """Create a room: one that runs at once, or with `starts_at` a planned one.

        Without cameras it is an audio room. `client_room_id` is made here, or taken from `native`;
        a repeated creation with the same one finds the same room, which makes up for a lost reply
        (docs/vendors/vconnct.md#v4-oddity-7).
        """
        body = rooms.write_room(draft, self.settings.project_id or "", str(uuid4()))
        camera = draft.settings.camera if draft.settings else None
        request = POST(
            "/rooms/create_{when}_{kind}_room",
            when="schedule" if draft.starts_at else "quick",
            kind="audio" if camera is False else "video",
            json=body,
            effect=Effect.IDEMPOTENT,
        )
        try:
            return await self.call(request, partial(rooms.read_created_room, draft=draft))
        except TransportError as error:
            if error.sent is Sent.NO:
                raise
            lost = error
        raise OutcomeUnknown(
            f"{lost.message}; the room may exist: create_room(..., native="
            f"{{'client_room_id': {body['client_room_id']!r}}}) finds or creates it",
            sent=lost.sent,
            attempts=lost.attempts,
        )

    # -- sessions and join links

    async def start_session(self, room: Room, draft: SessionDraft) -> JoinLink:
        """Start a planned room; for one that is running already, make a host's link."""
        if draft.entry or draft.title:
            name = "entry" if draft.entry else "title"
            raise UnsupportedOption(f"a session of vconnct's v4 does not take {name}", field=name)
        if await self._find_active(room.id) is not None:
            return await self.join_link(room, Role.HOST, draft.host, None)
        body = without_none(
            room_id=room.id, name=draft.host.display_name or people.user_id(draft.host)
        )
        request = POST("/rooms/start_schedule_room", json=deep_merge(body, draft.native))
        try:
            return await self.call(request, _link(room, Role.HOST, draft.host))
        except OutcomeUnknown as error:
            unknown = error
        # The reply is lost: a room that runs by now has been started.
        if await self._find_active(room.id) is None:
            raise unknown
        return await self.join_link(room, Role.HOST, draft.host, None)

    async def end_session(self, session: Session) -> None:
        """End a room, which never runs again: doing it twice does no more."""
        request = POST("/rooms/end_room", json={"room_id": session.id}, effect=Effect.IDEMPOTENT)
        try:
            return await self.call(request, base.read_acknowledgement)
        except (NotFound, InvalidRequest) as error:
            refused = error
        lost = refused.attempts > 1  # an earlier attempt may have ended it, and its reply got lost
        if not lost or await self._find_active(session.id) is not None:
            raise refused
        return None

    async def join_link(
        self, room: Room, role: Role, person: Person | Participant | None, token: AccessToken | None
    ) -> JoinLink:
        """Get an invitation link for a person; a host's works once."""
        who = person.person if person else None
        body = {"room_id": room.id, "user_id": people.user_id(who), "role": people.ROLES[role]}
        request = POST("/rooms/create_invitation_link", json=body, effect=Effect.IDEMPOTENT)
        return await self.call(request, _link(room, role, who or Person()))

    async def list_sessions(self, room: Room) -> Pages[Session]:
        """List the one session of a room, if it is running or has run."""
        try:
            _, session = await self._find(room.id)
        except NotFound:
            return
        yield [session]

    async def get_session(self, session_id: str) -> Session:
        """Fetch the session of a room, which has the room's id."""
        return (await self._find(session_id))[1]

    # -- attendance and recordings

    async def list_attendance(self, session: Session) -> Pages[Attendance]:
        """List who is in a room now, or how long people were in one that has ended."""
        read = partial(people.read_present, session_id=session.id)
        present = await self._read_active(session.id, read)
        if present is not None:
            yield present
            return
        request = GET("/analytics/get_analytics", query={"room_id": session.id})
        yield await self.call(request, partial(people.read_attendance, session_id=session.id))

    async def list_recordings(self, of: Room | Session | None) -> Pages[Recording]:
        """List the recordings of a room."""
        if of is None:
            raise UnsupportedOption(
                "vconnct does not list the recordings of a whole account; name a room", field="of"
            )
        request = GET("/recordings/get_record", query={"room_id": of.id})
        try:
            recordings = await self.call(request, partial(people.read_recordings, room_id=of.id))
        except NotFound:
            return
        except InvalidRequest as error:
            if not _is_in_200(error):
                raise
            return
        yield recordings


def _info(room_id: str) -> Request:
    return GET("/rooms/get_active_room_info", query={"room_id": room_id})


def _is_in_200(error: InvalidRequest) -> bool:
    """Return whether HTTP reports a success and `status` alone is false.

    Where something was looked for, that means that it does not exist.
    """
    return error.status == HTTPStatus.OK


def _link(room: Room, role: Role, person: Person) -> Callable[[Reply], JoinLink]:
    return partial(people.read_link, role=role, person=person, room_id=room.id)
