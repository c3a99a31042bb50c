"""VConnct's operations in the v1 Client API, one short method each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

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
    Reply,
    Request,
    deep_merge,
    unpack_id,
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
    RoomSettings,
    RoomStatus,
    Session,
)
from conferencing.model.attendance import Attendance, Precision
from conferencing.model.drafts import RoomDraft, SessionDraft
from conferencing.model.secret import Secret
from conferencing.provider import ConferenceProvider, Pages

from .settings import VConnctSettings
from .v4 import VConnctV4
from .wire import base, rooms, sessions
from .wire.base import logger

__all__ = ["VConnct"]

_FIELDS: Final = frozenset({"name", "entry", "description"}) | {
    f"settings.{name}" for name, _ in base.SETTINGS.values()
}


class VConnct(HTTPProvider[VConnctSettings]):
    """VConnct's meetings, their sessions and links."""

    name = "vconnct"
    settings_class = VConnctSettings
    errors = ErrorMap(read=base.read_failure)
    features = Features(
        statuses=frozenset({RoomStatus.OPEN, RoomStatus.LIVE}),
        create_fields=_FIELDS,
        update_fields=_FIELDS,
        entry=frozenset({EntryKind.OPEN, EntryKind.PASSCODE}),
        roles=frozenset(base.ROLES),
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
        """Authenticate by the license, in a header on every call."""
        return HeaderAuth("license", self.settings.license or Secret(""), setting="license")

    def headers(self) -> Mapping[str, str]:
        """Request messages in a language."""
        return without_none(**{"Accept-Language": self.settings.language})

    async def check(self) -> None:
        """Fetch the general settings, which changes nothing."""
        await self.default_settings()

    # -- rooms

    async def list_rooms(self, status: RoomStatus | None = None) -> Pages[Room]:
        """List all meetings; there are no pages. One that runs is live, any other is open."""
        yield await self._fetch_rooms()

    async def _fetch_rooms(self) -> list[Room]:
        # All paths end in a slash: docs/vendors/vconnct.md#v1-general-rules
        return await self.call(GET("/api/v1/list_meetings/"), rooms.read_rooms)

    @emulated
    async def get_room(self, room_id: str) -> Room:
        """Find a meeting in the list and fetch its settings: no call returns one.

        See docs/vendors/vconnct.md#oddity-16.
        """
        room = await self._find_room(room_id)
        return evolve(room, settings=await self.room_settings(room))

    async def _find_room(self, room_id: str) -> Room:
        for room in await self._fetch_rooms():
            if room.id == room_id:
                return room
        raise NotFound(f"vconnct lists no meeting {room_id!r}")

    async def _fetch_entry(self, room: Room) -> Room:
        return room if room.entry is not None else await self._find_room(room.id)

    async def create_room(self, draft: RoomDraft) -> Room:
        """Create a meeting. Settings that the draft leaves open are the general ones."""
        settings = draft.settings
        if settings is None or not base.is_complete(settings):
            settings = base.overlay_settings(await self.default_settings(), settings)
        body = rooms.write_room(draft, settings)
        return await self.call(POST("/api/v1/create_meeting/", json=body), rooms.read_created_room)

    async def update_room(self, room: Room, changes: RoomDraft) -> Room:
        """Change a meeting. All fields are sent: the effect of a missing one is not documented.

        See docs/vendors/vconnct.md#oddity-22. Raises `MalformedResponse` if the vendor does not
        report a setting that is to stay as it is.
        """
        present = await self.get_room(room.id)
        settings = base.overlay_settings(present.settings or RoomSettings(), changes.settings)
        if not base.is_complete(settings):
            raise MalformedResponse(
                "vconnct reports only some of the meeting's settings, and a change sends all of"
                " them; give the others with settings=RoomSettings(...)",
                path="$.data",
                sent=Sent.NO,
            )
        body = rooms.write_room(changes, settings, present)
        request = PUT("/api/v1/update_meeting/", query={"meeting_id": room.id}, json=body)
        return await self.call(request, rooms.read_room)

    async def delete_room(self, room: Room) -> None:
        """Delete a meeting. Raises `Conflict` while it runs (docs/vendors/vconnct.md#oddity-19)."""
        request = DELETE("/api/v1/delete_scheduled_meeting/", query={"meeting_id": room.id})
        try:
            return await self.delete(request, base.read_acknowledgement)
        except InvalidRequest as error:
            refused = error
        if (await self._find_room(room.id)).status is not RoomStatus.LIVE:
            raise refused
        raise Conflict(
            "the meeting is running; end its session first",
            status=refused.status,
            problems=refused.problems,
        )

    async def default_settings(self) -> RoomSettings:
        """Fetch the general settings."""
        # The name is in the singular, as in the document: docs/vendors/vconnct.md#oddity-21
        request = GET("/api/v1/list_general_meeting_setting/")
        return await self.call(request, base.read_default_settings)

    async def room_settings(self, room: Room) -> RoomSettings:
        """Fetch a meeting's settings."""
        request = GET("/api/v1/list_setting/", query={"meeting_id": room.id})
        return await self.call(request, base.read_settings)

    # -- sessions

    async def start_session(self, room: Room, draft: SessionDraft) -> JoinLink:
        """Start a session, or get another link for hosts into the one that is running."""
        room = await self._fetch_entry(room)
        body = without_none(
            meeting_id=room.id,
            # Described as a password; it is the session's title: docs/vendors/vconnct.md#oddity-9
            title=draft.title,
            attendee_password=rooms.attendee_passcode(draft.entry),
            # Optional, yet a role may need it: docs/vendors/vconnct.md#oddity-10
            moderator_password=rooms.host_passcode(room.entry) or None,
            moderator_name=sessions.full_name(draft.host),
        )
        request = POST("/api/v1/start_meeting/", json=deep_merge(body, draft.native))
        link = await self.call(
            request, partial(sessions.read_link, role=Role.HOST, person=draft.host)
        )
        return evolve(link, session_id=await self._find_started(room.id))

    async def _find_started(self, room_id: str) -> str | None:
        """Return the id of the session just started.

        It is not in the reply (docs/vendors/vconnct.md#oddity-15).
        """
        try:
            listed = await self._fetch_sessions(room_id)
        except ConferencingError as error:  # the link matters more than the id
            logger.warning("the session has started, but its id is not known: %s", error)
            return None
        session = sessions.find_started(listed)
        return session.id if session else None

    async def end_session(self, session: Session) -> None:
        """End this session and no later one of the same meeting, also when a reply is lost.

        Ending is a GET that names the meeting only (docs/vendors/vconnct.md#oddity-2,
        docs/vendors/vconnct.md#oddity-18). So each try is preceded by a look at the running
        session; once that is another one, or none, there is nothing to end.
        """
        room_id, _ = unpack_id(session.id, 2, "session")
        request = GET(
            "/api/v1/end_meeting/",
            query={"meeting_id": room_id},
            headers={"Cache-Control": "no-store"},
            effect=Effect.NEVER_RETRY,
        )
        if not await self._is_running(session.id, room_id):
            raise Conflict("this session is not running any more", sent=Sent.NO)
        await self.call_guarded(
            request, lambda: self._is_running(session.id, room_id), base.read_acknowledgement
        )

    async def _is_running(self, session_id: str, room_id: str) -> bool:
        session = sessions.find_running(await self._fetch_sessions(room_id))
        return session is not None and session.id == session_id

    async def _fetch_sessions(self, room_id: str) -> list[Session]:
        request = GET("/api/v1/list_sessions/", query={"meeting_id": room_id})
        return await self.call(request, partial(sessions.read_sessions, room_id=room_id))

    async def list_sessions(self, room: Room) -> Pages[Session]:
        """List the sessions of a meeting."""
        yield await self._fetch_sessions(room.id)

    @emulated
    async def get_session(self, session_id: str) -> Session:
        """Find a session among those of its meeting: no call returns one."""
        room_id, _ = unpack_id(session_id, 2, "session")
        for session in await self._fetch_sessions(room_id):
            if session.id == session_id:
                return session
        raise NotFound(f"vconnct lists no session {session_id!r}")

    async def join_link(
        self, room: Room, role: Role, person: Person | Participant | None, token: AccessToken | None
    ) -> JoinLink:
        """Get a named person's link into the running session, with the passcode of the role."""
        who = person.person if person else None
        name = sessions.full_name(who)
        room = await self._fetch_entry(room)
        body = without_none(
            meeting_id=room.id,
            fullname=name,
            password=await self._find_passcode(room, role),
            role=base.ROLES[role],
        )
        read = partial(sessions.read_link, role=role, person=who or Person(name=name))
        link = await self._join(body, read)
        self._check_role(room, link)
        return link

    async def _find_passcode(self, room: Room, role: Role) -> Secret | None:
        if role is Role.HOST:
            return rooms.host_passcode(room.entry) or None
        # The attendees' passcode is that of the running session: docs/vendors/vconnct.md#oddity-23
        session = sessions.find_running(await self._fetch_sessions(room.id))
        if session is None:
            raise Conflict(
                "the meeting is not running; start a session before requesting links", sent=Sent.NO
            )
        password = session.native.get("attendee_password")
        return password if isinstance(password, Secret) and password else None

    async def _join(self, body: Mapping[str, Any], read: Callable[[Reply], JoinLink]) -> JoinLink:
        """Join at the likely path, and once at the one in the document.

        See docs/vendors/vconnct.md#oddity-1.
        """
        try:
            return await self.call(_join_request(self.settings.join_path, body), read)
        except NotFound as error:
            missing = error
        if self.settings.join_path == "start_meeting":
            raise missing
        return await self.call(_join_request("start_meeting", body), read)

    def _check_role(self, room: Room, link: JoinLink) -> None:
        """Refuse a viewer's link with the moderators' passcode in it.

        See docs/vendors/vconnct.md#oddity-5.
        """
        code = rooms.host_passcode(room.entry)
        if link.role is Role.HOST or not code or sessions.passcode_in(link) != code.reveal():
            return
        if self.settings.strict_links:
            raise MalformedResponse(
                "vconnct made a viewer's link with the moderators' password in it, which would let"
                " a viewer moderate; strict_links = false returns it all the same",
                path="$.data.url",
            )
        logger.warning("vconnct made a viewer's link with the moderators' password in it")

    # -- attendance and recordings

    async def list_attendance(self, session: Session) -> Pages[Attendance]:
        """List who joined and when; the vendor does not report when they left."""
        _, key = unpack_id(session.id, 2, "session")
        request = GET("/api/v1/list_attendance/", query={"session_id": key})
        yield await self.call(request, partial(sessions.read_attendance, session_id=session.id))

    async def list_recordings(self, of: Room | Session | None) -> Pages[Recording]:
        """List the recording of a session, or those of a meeting by a call per session."""
        if of is None:
            raise UnsupportedOption(
                "vconnct does not list the recordings of a whole account; name a room", field="of"
            )
        for session in [of] if isinstance(of, Session) else await self._fetch_sessions(of.id):
            _, key = unpack_id(session.id, 2, "session")
            request = GET("/api/v1/get_record/", query={"session_id": key})
            try:
                recordings = await self.call(
                    request, partial(sessions.read_recordings, session=session)
                )
            except NotFound:  # there is none, or not yet: docs/vendors/vconnct.md#oddity-17
                continue
            yield recordings


def _join_request(path: str, body: Mapping[str, Any]) -> Request:
    # Another link does no harm: only its use is counted.
    return POST("/api/v1/{path}/", path=path, json=body, effect=Effect.IDEMPOTENT)
