"""VConnct's operations in the v1 Client API, one short method each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, TypeVar

from attrs import evolve

from conferencing.accounts.context import Context
from conferencing.capabilities import Features, emulated
from conferencing.errors import (
    ConferencingError,
    Conflict,
    InvalidRequest,
    MalformedResponse,
    NotFound,
    Sent,
    TransportError,
    UnsupportedOption,
)
from conferencing.http import (
    DELETE,
    GET,
    POST,
    PUT,
    Effect,
    ErrorMap,
    HeaderAuth,
    HTTPProvider,
    Request,
    deep_merge,
    without_none,
    unpack_id,
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
    RoomSettings,
    RoomStatus,
    Session,
)
from conferencing.model.attendance import Attendance, Precision
from conferencing.model.drafts import RoomDraft, SessionDraft
from conferencing.model.secret import Secret
from conferencing.provider import ConferenceProvider, Pages

from . import wire
from .settings import VConnctSettings
from .v4 import VConnctV4
from .wire.base import logger

__all__ = ["VConnct"]

T = TypeVar("T")

_FIELDS: Final = frozenset({"name", "entry", "description"}) | {
    f"settings.{name}" for name, _ in wire.SETTINGS.values()
}
_TRIES: Final = 3
"""How often the end of a session is tried at most, each time after a look."""


class VConnct(HTTPProvider[VConnctSettings]):
    """VConnct's meetings, their sessions and links."""

    name = "vconnct"
    settings_class = VConnctSettings
    errors = ErrorMap(read=wire.failure)
    features = Features(
        create_fields=_FIELDS,
        update_fields=_FIELDS,
        entry=frozenset({EntryKind.OPEN, EntryKind.PASSCODE}),
        roles=frozenset(wire.ROLES),
        attendance=Precision.JOINED,
    )

    @classmethod
    def dialects(cls) -> Mapping[str, type[ConferenceProvider]]:
        """Return the two generations."""
        return {"": cls, "v4": VConnctV4}

    @classmethod
    def open(cls, settings: VConnctSettings, context: Context) -> ConferenceProvider:
        """Return the provider of the account's `api_version`."""
        return (VConnctV4 if settings.api_version == VConnctV4.version else cls)(settings, context)

    def auth(self) -> HeaderAuth:
        """Prove who asks by the license, in a header on every call."""
        return HeaderAuth("license", self.settings.license or Secret(""), setting="license")

    def headers(self) -> Mapping[str, str]:
        """Ask for messages in a language."""
        return without_none(**{"Accept-Language": self.settings.language})

    async def check(self) -> None:
        """Fetch the general settings, which changes nothing."""
        await self.default_settings()

    # -- rooms

    async def list_rooms(self, status: RoomStatus | None = None) -> Pages[Room]:
        """List all meetings; there are no pages. One that runs is live, any other is open."""
        if status not in {None, RoomStatus.OPEN, RoomStatus.LIVE}:
            raise UnsupportedOption(f"vconnct has no rooms that are {status}", field="status")
        yield [room for room in await self._rooms() if status in {None, room.status}]

    async def _rooms(self) -> list[Room]:
        return await self.call(GET("/api/v1/list_meetings/"), wire.rooms)

    @emulated
    async def get_room(self, room_id: str) -> Room:
        """Find a meeting in the list and fetch its settings: there is no call for one."""
        room = await self._listed(room_id)
        return evolve(room, settings=await self.room_settings(room))

    async def _listed(self, room_id: str) -> Room:
        for room in await self._rooms():
            if room.id == room_id:
                return room
        raise NotFound(f"vconnct lists no meeting {room_id!r}")

    async def _with_entry(self, room: Room) -> Room:
        return room if room.entry is not None else await self._listed(room.id)

    async def create_room(self, draft: RoomDraft) -> Room:
        """Create a meeting. What the draft's settings do not say is as the general settings are."""
        settings = draft.settings
        if settings is None or not wire.complete(settings):
            settings = wire.overlaid(await self.default_settings(), settings)
        body = wire.meeting(draft, settings)
        return await self.call(POST("/api/v1/create_meeting/", json=body), wire.created)

    async def update_room(self, room: Room, changes: RoomDraft) -> Room:
        """Change a meeting. All of it is sent, since nobody says what becomes of the rest."""
        present = await self.get_room(room.id)
        settings = wire.overlaid(present.settings or RoomSettings(), changes.settings)
        body = wire.meeting(changes, settings, present)
        request = PUT("/api/v1/update_meeting/", query={"meeting_id": room.id}, json=body)
        return await self.call(request, wire.room)

    async def delete_room(self, room: Room) -> None:
        """Delete a meeting. Raises `Conflict` while it runs."""
        request = DELETE("/api/v1/delete_scheduled_meeting/", query={"meeting_id": room.id})
        try:
            return await self.delete(request, wire.done)
        except InvalidRequest as error:
            refused = error
        if (await self._listed(room.id)).status is not RoomStatus.LIVE:
            raise refused
        raise Conflict(
            "the meeting runs; end its session first",
            status=refused.status,
            problems=refused.problems,
        )

    async def default_settings(self) -> RoomSettings:
        """Fetch the general settings."""
        request = GET("/api/v1/list_general_meeting_setting/")
        return await self.send(request, wire.general_settings)

    async def room_settings(self, room: Room) -> RoomSettings:
        """Fetch a meeting's settings."""
        request = GET("/api/v1/list_setting/", query={"meeting_id": room.id})
        return await self.call(request, wire.room_settings)

    # -- sessions

    async def start_session(self, room: Room, draft: SessionDraft) -> JoinLink:
        """Start a session, or get another link for hosts into the one that runs."""
        room = await self._with_entry(room)
        body = without_none(
            meeting_id=room.id,
            title=draft.title,
            attendee_password=wire.attendee_passcode(draft.entry),
            moderator_password=wire.host_passcode(room.entry) or None,
            moderator_name=wire.full_name(draft.host),
        )
        request = POST("/api/v1/start_meeting/", json=deep_merge(body, draft.native))
        link = await self.call(request, partial(wire.join_link, role=Role.HOST, person=draft.host))
        return evolve(link, session_id=await self._started(room.id))

    async def _started(self, room_id: str) -> str | None:
        """Return the id of the session just started, which the reply does not tell (oddity 15)."""
        try:
            session = wire.started(await self._sessions(room_id))
        except MalformedResponse:
            raise
        except ConferencingError as error:  # the link is worth more than the id
            logger.warning("the session has started, but its id is not known: %s", error)
            return None
        return session.id if session else None

    async def end_session(self, session: Session) -> None:
        """End this session and no later one of the same meeting, also when a reply is lost.

        Ending is a GET that names the meeting only (oddities 2 and 18). So the running session is
        looked at before each try, and once it is another one, or none, there is nothing to end.
        """
        room_id, _ = unpack_id(session.id, 2, "session")
        request = GET(
            "/api/v1/end_meeting/",
            query={"meeting_id": room_id},
            headers={"Cache-Control": "no-store"},
            effect=Effect.NEVER_RETRY,
        )
        if not await self._runs(session.id, room_id):
            raise Conflict("this session does not run any more", sent=Sent.NO)
        tries = 0
        while True:
            try:
                return await self.call(request, wire.done)
            except (TransportError, InvalidRequest) as error:
                failed = error
            tries += 1
            failed.attempts = tries
            refused = isinstance(failed, InvalidRequest)
            if refused and tries == 1:  # nothing was tried before that may have ended it
                raise failed
            try:
                runs = await self._runs(session.id, room_id)
            except ConferencingError:
                runs = True  # for all that is known; what became of the end is the news
                tries = _TRIES
            if not runs:
                return None
            if refused or tries == _TRIES:
                raise failed

    async def _runs(self, session_id: str, room_id: str) -> bool:
        session = wire.running(await self._sessions(room_id))
        return session is not None and session.id == session_id

    async def _sessions(self, room_id: str) -> list[Session]:
        request = GET("/api/v1/list_sessions/", query={"meeting_id": room_id})
        return await self.call(request, partial(wire.sessions, room_id=room_id))

    async def list_sessions(self, room: Room) -> Pages[Session]:
        """List the sessions of a meeting."""
        yield await self._sessions(room.id)

    @emulated
    async def get_session(self, session_id: str) -> Session:
        """Find a session among those of its meeting: there is no call for one."""
        room_id, _ = unpack_id(session_id, 2, "session")
        for session in await self._sessions(room_id):
            if session.id == session_id:
                return session
        raise NotFound(f"vconnct lists no session {session_id!r}")

    async def join_link(
        self, room: Room, role: Role, person: Person | Participant | None, token: AccessToken | None
    ) -> JoinLink:
        """Get a named person's way into the running session, with the passcode of the role."""
        who = person.person if person else None
        name = wire.full_name(who)
        room = await self._with_entry(room)
        body = without_none(
            meeting_id=room.id,
            fullname=name,
            password=await self._passcode(room, role),
            role=wire.ROLES[role],
        )
        read = partial(wire.join_link, role=role, person=who or Person(name=name))
        link = await self._joined(body, read)
        self._check_role(room, link)
        return link

    async def _passcode(self, room: Room, role: Role) -> Secret | None:
        if role is Role.HOST:
            return wire.host_passcode(room.entry) or None
        session = wire.running(await self._sessions(room.id))
        if session is None:
            raise Conflict(
                "the meeting does not run; start a session before you ask for links", sent=Sent.NO
            )
        password = session.native.get("attendee_password")
        return password if isinstance(password, Secret) and password else None

    async def _joined(self, body: Mapping[str, Any], read: Callable[[Any], T]) -> T:
        """Ask where joining should be, and once where the document prints it (oddity 1)."""
        try:
            return await self.call(_join(self.settings.join_path, body), read)
        except NotFound as error:
            missing = error
        if self.settings.join_path == "start_meeting":
            raise missing
        return await self.call(_join("start_meeting", body), read)

    def _check_role(self, room: Room, link: JoinLink) -> None:
        """Refuse a viewer's link that holds the moderators' passcode (oddity 5)."""
        code = wire.host_passcode(room.entry)
        if link.role is Role.HOST or not code or wire.passcode_in(link) != code.reveal():
            return
        if self.settings.strict_links:
            raise MalformedResponse(
                "vconnct made a viewer's link with the moderators' password in it, which would let"
                " a viewer moderate; strict_links = false hands it out all the same",
                path="$.data.url",
            )
        logger.warning("vconnct made a viewer's link with the moderators' password in it")

    # -- what is left

    async def list_attendance(self, session: Session) -> Pages[Attendance]:
        """List who came and when; when they left is not told."""
        _, key = unpack_id(session.id, 2, "session")
        request = GET("/api/v1/list_attendance/", query={"session_id": key})
        yield await self.call(request, partial(wire.attendance, session_id=session.id))

    async def list_recordings(self, of: Room | Session | None) -> Pages[Recording]:
        """List the recording of a session, or those of a meeting by a call per session."""
        if of is None:
            raise UnsupportedOption(
                "vconnct lists no recordings of a whole account; name a room", field="of"
            )
        for session in [of] if isinstance(of, Session) else await self._sessions(of.id):
            _, key = unpack_id(session.id, 2, "session")
            request = GET("/api/v1/get_record/", query={"session_id": key})
            try:
                found = await self.call(request, partial(wire.recording, session=session))
            except NotFound:  # there is none, or not yet (oddity 17)
                continue
            yield found


def _join(path: str, body: Mapping[str, Any]) -> Request:
    # Another link harms nobody: only its use is counted.
    return POST("/api/v1/{path}/", path=path, json=body, effect=Effect.IDEMPOTENT)
