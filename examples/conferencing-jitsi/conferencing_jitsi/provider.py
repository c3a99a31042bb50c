"""Jitsi's operations. A room is there as soon as somebody enters it, so making one is naming it."""

from __future__ import annotations

from datetime import timedelta

from attrs import evolve

from conferencing import (
    AccessToken,
    ConferenceProvider,
    Features,
    JoinLink,
    Participant,
    Person,
    Role,
    Room,
    RoomDraft,
    RoomKind,
    RoomStatus,
    UnsupportedOption,
)
from conferencing.accounts.context import Context

from . import wire
from .settings import JitsiSettings

__all__ = ["Jitsi"]


class Jitsi(ConferenceProvider):
    """Jitsi's rooms and the ways into them."""

    name = "jitsi"
    settings_class = JitsiSettings
    features = Features(
        create_fields=frozenset({"name", "kind"}),
        roles=frozenset({Role.HOST, Role.ATTENDEE}),
        native=False,
    )

    def __init__(self, settings: JitsiSettings, context: Context) -> None:
        self.settings = settings
        self.context = context
        if not settings.app_id:  # a link that is not signed makes nobody a host
            self.features = evolve(self.features, roles=frozenset({Role.ATTENDEE}))

    async def create_room(self, draft: RoomDraft) -> Room:
        """Name a room. Whoever gives the same name gets the same room."""
        room = wire.slug(draft.name or "", "name")
        return Room(
            id=room,
            name=draft.name or "",
            kind=RoomKind.MEETING,
            status=RoomStatus.OPEN,
            permanent=True,
            join_url=None if self.settings.jaas else wire.address(self.settings, room),
        )

    async def join_link(
        self, room: Room, role: Role, person: Person | Participant | None, token: AccessToken | None
    ) -> JoinLink:
        """Sign a way in, or return the plain one where the account has nothing to sign with."""
        room_id, who = wire.slug(room.id, "room"), person.person if person else None
        address = wire.address(self.settings, room_id)
        if not self.settings.app_id:
            if who:
                raise UnsupportedOption("a link for one person needs app_id", field="person")
            return JoinLink(url=address, role=role)
        now = self.context.clock.now().replace(microsecond=0)
        until = now + timedelta(seconds=self.settings.link_lifetime)
        claims = wire.claims(self.settings, room_id, role, who, until)
        return JoinLink(
            url=f"{address}?jwt={self.settings.sign(claims)}",
            role=role,
            personal=who is not None,
            person=who,
            expires_at=until,
        )
