"""Meet.rs' operations, one short method each. Paths are those of the vendor's README."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final
from urllib.parse import quote

from attrs import evolve

from conferencing.capabilities import Features, emulated
from conferencing.errors import NotFound
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
from conferencing.provider import Pages, find_row, replace_rows, unverified

from .settings import MeetRSSettings
from .wire import base, people, reports, rooms, templates
from .wire.templates import Tenant

__all__ = ["MeetRS"]

# No field for a start is published: docs/vendors/meetrs.md#meets-create
_FIELDS: Final = frozenset({"name", "description", "duration", "entry", "people", "template"})


class MeetRS(HTTPProvider[MeetRSSettings]):
    """Meet.rs' meetings with their participants, its configurations and its reports."""

    name = "meetrs"
    settings_class = MeetRSSettings
    errors = ErrorMap(read=base.read_failure)
    features = Features(
        kinds=frozenset({RoomKind.MEETING}),
        create_fields=_FIELDS | {"kind"},
        update_fields=_FIELDS,
        entry=frozenset({EntryKind.OPEN, EntryKind.PASSCODE, EntryKind.SIGN_IN}),
        entry_rules=100,  # the vendor documents no maximum
        roles=frozenset(people.ROLES),
        attendance=Precision.COUNT,  # docs/vendors/meetrs.md#usage
        statuses=frozenset[RoomStatus](),
        tenants=True,
    )

    def auth(self) -> TokenAuth:
        """Authenticate by a token, the same for all calls."""
        return self._tokens

    @cached_property
    def _tokens(self) -> TokenAuth:
        # In lower case, as in all samples: docs/vendors/meetrs.md#transport
        return TokenAuth(self._token, self.context.clock, scheme="bearer")

    async def _token(self) -> Token:
        body = base.write_credentials(self.settings.client_key, self.settings.client_secret)
        request = POST("/token", json=body, effect=Effect.READ)
        return await self.call(request, base.read_token, auth=NoAuth())

    async def check(self) -> None:
        """Fetch a token, which needs key and secret."""
        await self._tokens.fetch()

    # -- rooms

    async def create_room(self, draft: RoomDraft) -> Room:
        """Create a meeting. Never sent twice, since it mails everybody in it who has an address."""
        request = POST("/meetings", json=rooms.write_room(draft), effect=Effect.NOTIFY)
        return await self.call(request, rooms.read_room)

    # The calls for existing meets are not published: docs/vendors/meetrs.md#meets-other
    @unverified
    def list_rooms(self, status: RoomStatus | None = None) -> Pages[Room]:
        """List the meetings."""
        return self.paginate(GET("/meetings"), rooms.read_rooms)

    @unverified
    async def get_room(self, room_id: str) -> Room:
        """Fetch a meeting by its code."""
        return await self.call(GET("/meetings/{code}", code=room_id), rooms.read_room)

    @unverified
    async def update_room(self, room: Room, changes: RoomDraft) -> Room:
        """Change a meeting; new people may be mailed."""
        invites = changes.people is not None or "participants" in changes.native
        effect = Effect.NOTIFY if invites else Effect.IDEMPOTENT
        body = rooms.write_room(changes)
        if changes.entry is not None:
            # Without the list, who may enter stays as it is.
            body.setdefault("participants", [])
        request = PUT("/meetings/{code}", code=room.id, json=body, effect=effect)
        return await self.call(request, rooms.read_room)

    @unverified
    async def delete_room(self, room: Room) -> None:
        """Delete a meeting."""
        await self.delete(DELETE("/meetings/{code}", code=room.id))

    # -- room templates

    def list_templates(self) -> Pages[Template]:
        """List the configurations of add-ons."""
        return self.paginate(GET("/addonConfigurations"), templates.read_templates)

    @unverified
    async def create_template(self, template: Template, native: Mapping[str, Any]) -> Template:
        """Create a configuration; `native` holds its `items` and `type`."""
        body = templates.write_template(evolve(template, native={}), native)
        return await self.call(POST("/addonConfigurations", json=body), templates.read_template)

    @unverified
    async def update_template(self, template: Template, native: Mapping[str, Any]) -> Template:
        """Change a configuration as a whole: a template that was listed keeps its items."""
        body = templates.write_template(template, native)
        request = PUT("/addonConfigurations/{id}", id=template.id, json=body)
        return await self.call(request, templates.read_template)

    @unverified
    async def delete_template(self, template: Template) -> None:
        """Delete a configuration."""
        await self.delete(DELETE("/addonConfigurations/{id}", id=template.id))

    # -- join links

    async def join_link(
        self, room: Room, role: Role, person: Person | Participant | None, token: AccessToken | None
    ) -> JoinLink:
        """Return the room's link, the same for everybody: people identify themselves on entering.

        Nothing is sent: the link of a room that is known by its id alone is built from the id, and
        leads nowhere if there is no such room.
        """
        prefix = self.settings.join_url.rstrip("/")
        url = room.join_url or f"{prefix}/{quote(room.id, safe='', errors='replace')}"
        return JoinLink(url=url, role=role)

    # -- sessions and reports

    @emulated
    async def list_sessions(self, room: Room) -> Pages[Session]:
        """List a room's ended sessions: its rows in the usage since its creation.

        Where the creation is unknown, the range is the last days of the setting `history`.
        """
        async for sessions in self._sessions(room.created_at):
            yield replace_rows(sessions, (row for row in sessions if row.room_id == room.id))

    @emulated
    async def get_session(self, session_id: str) -> Session:
        """Find an ended session in the usage of the last days of the setting `history`."""
        session = await find_row(self._sessions(None), lambda each: each.id == session_id)
        if session is None:
            days = self.settings.history
            raise NotFound(f"no session of the last {days} days has the id {session_id}")
        return session

    async def _sessions(self, since: datetime | None) -> Pages[Session]:
        """List what ended until a day from now, by the vendor's clock, which may differ from ours."""
        await self._tokens.acquire()  # and with it the vendor's time
        now = self.now + self._tokens.skew
        since = since or now - timedelta(days=self.settings.history)
        query = reports.write_range(since, now + timedelta(days=1))
        async for page in self.paginate(GET("/usage", query=query), reports.read_sessions):
            yield page

    def usage(
        self, since: datetime | None, until: datetime | None, tenant: str | None
    ) -> Pages[Usage]:
        """List what ended meetings used: this month or a range, all tenants or one of them."""
        return self.paginate(_report("usage", since, until, tenant), reports.read_usage)

    def feedback(
        self, since: datetime | None, until: datetime | None, tenant: str | None
    ) -> Pages[Feedback]:
        """List the feedback: this month or a range, all tenants or one of them."""
        return self.paginate(_report("feedbacks", since, until, tenant), reports.read_feedback)

    # -- not in the model

    # The README mentions the call, and does not show it: docs/vendors/meetrs.md#tenants
    @unverified
    async def tenants(self) -> list[Tenant]:
        """Return this account's tenant and those below it, whose codes narrow the reports."""
        return await self.call(GET("/tenants"), templates.read_tenants)


def _report(
    name: str, since: datetime | None, until: datetime | None, tenant: str | None
) -> Request:
    query = reports.write_range(since, until)
    if tenant is None:
        return GET(f"/{name}", query=query)
    return GET(f"/{name}/{{tenant}}", tenant=tenant, query=query)
