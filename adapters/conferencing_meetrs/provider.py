"""Meet.rs' operations, one short method each. Paths are those of the vendor's README."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final
from urllib.parse import quote

from attrs import evolve, frozen

from conferencing.capabilities import Features, emulated
from conferencing.errors import NotFound, UnsupportedOption
from conferencing.http import (
    DELETE,
    GET,
    POST,
    PUT,
    Effect,
    ErrorMap,
    HTTPProvider,
    NoAuth,
    Request,
    Token,
    TokenAuth,
)
from conferencing.model import (
    AccessToken,
    EntryKind,
    Feedback,
    JoinLink,
    Participant,
    Person,
    Role,
    Room,
    RoomKind,
    RoomStatus,
    Session,
    Template,
    Usage,
)
from conferencing.model.attendance import Precision
from conferencing.model.drafts import RoomDraft
from conferencing.model.secret import Secret
from conferencing.provider import Pages, unverified

from . import wire
from .wire import Tenant

__all__ = ["MeetRS", "MeetRSSettings"]

_FIELDS: Final = frozenset({"name", "description", "duration", "entry", "people", "template"})
_MANY: Final = 100


@frozen(kw_only=True)
class MeetRSSettings:
    """Hold an account's key and secret, as the Pro app shows them under Company profile.

    `join_url` is what stands before a meet's code in its link. `history` is how many days back
    the sessions of a room are looked for.
    """

    client_key: Secret
    client_secret: Secret
    base_url: str = "https://api.meet.rs/v1"
    join_url: str = "https://meet.rs"
    history: int = 365


class MeetRS(HTTPProvider[MeetRSSettings]):
    """Meet.rs' meets, with their people and ways in, its configurations and its reports."""

    name = "meetrs"
    settings_class = MeetRSSettings
    errors = ErrorMap(read=wire.failure)
    features = Features(
        kinds=frozenset({RoomKind.MEETING}),
        create_fields=_FIELDS | {"kind"},
        update_fields=_FIELDS,
        entry=frozenset({EntryKind.OPEN, EntryKind.PASSCODE, EntryKind.SIGN_IN}),
        entry_rules=_MANY,  # the vendor names no maximum
        roles=frozenset(wire.ROLES),
        attendance=Precision.COUNT,
    )

    def auth(self) -> TokenAuth:
        """Prove who asks by a token, the same for all calls."""
        return self._tokens

    @cached_property
    def _tokens(self) -> TokenAuth:
        return TokenAuth(self._token, self.context.clock, scheme="bearer")

    async def _token(self) -> Token:
        body = wire.credentials(self.settings.client_key, self.settings.client_secret)
        request = POST("/token", json=body, effect=Effect.READ)
        return await self.send(request, wire.token, auth=NoAuth())

    async def check(self) -> None:
        """Fetch a token, which needs key and secret."""
        await self._tokens.fetch()

    # -- rooms

    async def create_room(self, draft: RoomDraft) -> Room:
        """Create a meet. Everybody in it who has an address gets mail, so it is never repeated."""
        request = POST("/meetings", json=wire.meeting(draft), effect=Effect.NOTIFY)
        return await self.call(request, wire.room)

    @unverified
    def list_rooms(self, status: RoomStatus | None = None) -> Pages[Room]:
        """List the meets."""
        if status is not None:
            raise UnsupportedOption(
                f"Meet.rs does not tell which rooms are {status}", field="status"
            )
        return self.paginate(GET("/meetings"), wire.rooms)

    @unverified
    async def get_room(self, room_id: str) -> Room:
        """Fetch a meet by its code."""
        return await self.call(GET("/meetings/{code}", code=room_id), wire.room)

    @unverified
    async def update_room(self, room: Room, changes: RoomDraft) -> Room:
        """Change a meet; new people may be mailed."""
        invites = changes.people is not None or "participants" in changes.native
        effect = Effect.NOTIFY if invites else Effect.SET
        body = wire.meeting(changes)
        if changes.entry is not None:
            # Not saying who may enter would leave it as it is.
            body.setdefault("participants", [])
        request = PUT("/meetings/{code}", code=room.id, json=body, effect=effect)
        return await self.call(request, wire.room)

    @unverified
    async def delete_room(self, room: Room) -> None:
        """Delete a meet."""
        await self.delete(DELETE("/meetings/{code}", code=room.id))

    # -- room templates

    def list_templates(self) -> Pages[Template]:
        """List the configurations of add-ons."""
        return self.paginate(GET("/addonConfigurations"), wire.templates)

    async def create_template(self, template: Template, native: Mapping[str, Any]) -> Template:
        """Create a configuration; `native` holds its `items` and `type`."""
        body = wire.configuration(evolve(template, native={}), native)
        return await self.call(POST("/addonConfigurations", json=body), wire.template)

    async def update_template(self, template: Template, native: Mapping[str, Any]) -> Template:
        """Change a configuration as a whole: a template that was listed keeps its items."""
        body = wire.configuration(template, native)
        request = PUT("/addonConfigurations/{id}", id=template.id, json=body)
        return await self.call(request, wire.template)

    async def delete_template(self, template: Template) -> None:
        """Delete a configuration."""
        await self.delete(DELETE("/addonConfigurations/{id}", id=template.id))

    # -- ways in

    async def join_link(
        self, room: Room, role: Role, person: Person | Participant | None, token: AccessToken | None
    ) -> JoinLink:
        """Return the room's link, the same for everybody: who somebody is, they prove at the door.

        Nothing is asked of the vendor: the link of a room that is known by its id alone is put
        together, and leads nowhere if there is no such room.
        """
        base = self.settings.join_url.rstrip("/")
        url = room.join_url or f"{base}/{quote(room.id, safe='', errors='replace')}"
        return JoinLink(url=url, role=role)

    # -- what is left of sessions

    @emulated
    async def list_sessions(self, room: Room) -> Pages[Session]:
        """List a room's ended sessions: its rows in the usage since it was made.

        Where that is not known, it is the last days of the setting `history`.
        """
        async for sessions in self._sessions(room.created_at):
            yield [one for one in sessions if one.room_id == room.id]

    @emulated
    async def get_session(self, session_id: str) -> Session:
        """Find an ended session in the usage of the last days of the setting `history`."""
        async for sessions in self._sessions(None):
            for session in sessions:
                if session.id == session_id:
                    return session
        days = self.settings.history
        raise NotFound(f"no session of the last {days} days has the id {session_id}")

    async def _sessions(self, since: datetime | None) -> Pages[Session]:
        """List what ended until a day from now, by the vendor's clock: clocks are never exact."""
        await self._tokens.acquire()  # and with it the vendor's time
        now = self.context.clock.now() + self._tokens.skew
        since = since or now - timedelta(days=self.settings.history)
        query = wire.window(since, now + timedelta(days=1))
        async for page in self.paginate(GET("/usage", query=query), wire.sessions):
            yield page

    def usage(
        self, since: datetime | None, until: datetime | None, tenant: str | None
    ) -> Pages[Usage]:
        """List what ended meets used: this month or a range, all tenants below or one of them."""
        return self.paginate(_report("usage", since, until, tenant), wire.usage)

    def feedback(
        self, since: datetime | None, until: datetime | None, tenant: str | None
    ) -> Pages[Feedback]:
        """List what people thought: this month or a range, all tenants below or one of them."""
        return self.paginate(_report("feedbacks", since, until, tenant), wire.feedback)

    # -- beside the model

    @unverified
    async def tenants(self) -> list[Tenant]:
        """Return this account's tenant and those below it, whose codes narrow the reports."""
        return await self.call(GET("/tenants"), wire.tenants)


def _report(
    name: str, since: datetime | None, until: datetime | None, tenant: str | None
) -> Request:
    query = wire.window(since, until)
    if tenant is None:
        return GET(f"/{name}", query=query)
    return GET(f"/{name}/{{tenant}}", tenant=tenant, query=query)
