"""What every suite must be told of a vendor: its ids, its replies, and the quirks to switch.

Each class goes before `ProviderSuite` or `ExhaustiveSuite` among the bases of a suite.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from attrs import evolve
from xml_replies import parse_reply, write_reply

from conferencing import AuthenticationFailed, InvalidRequest
from conferencing.http import pack_id
from conferencing.model import Role, Room, Session
from conferencing.testing.base import SuiteBase
from conferencing.testing.faults import Fault
from conferencing.testing.scenario import HOST, Scenario
from conferencing.world import World
from conferencing_googlemeet.wire.base import RecordId
from conferencing_googlemeet.wire.base import split_room_id as split_google_room
from conferencing_zoom.wire.base import run_id, split_room_id

__all__ = [
    "BigBlueButtonHooks",
    "GoToWebinarHooks",
    "GoogleMeetHooks",
    "TeamsHooks",
    "WebexHooks",
    "ZoomHooks",
]


class BigBlueButtonHooks(SuiteBase):
    """BigBlueButton, whose replies are XML and whose rooms are the adapter's."""

    provider = "bigbluebutton"

    def parse_reply(self, body: bytes) -> Any:
        return parse_reply(body)

    def write_reply(self, document: Any) -> bytes:
        return write_reply(document)

    async def open_room(self, scenario: Scenario, room: Room) -> None:
        """Have the meeting of a room created anew: one that exists keeps what it was created with."""
        simulator: Any = scenario.server.simulator if scenario.server else None
        simulator.forget_meeting(room.id)
        await scenario.conference.join_link(room, role="host", person=HOST)


class GoogleMeetHooks(SuiteBase):
    provider = "googlemeet"

    def session_of(self, room: Room, session: Session) -> Session:
        owner = split_google_room(room.id).owner
        return evolve(session, id=str(RecordId(owner, session.id)), room_id=room.id)

    def world_room(self, world: World, room_id: str) -> str:
        own = super().world_room(world, room_id)
        return own if own in world.rooms else world.notes["rooms"].get(own.rpartition(":")[2], own)


class GoToWebinarHooks(SuiteBase):
    provider = "gotowebinar"
    unreported: ClassVar[frozenset[Role]] = frozenset({Role.HOST, Role.PRESENTER})

    def session_of(self, room: Room, session: Session) -> Session:
        return evolve(session, id=pack_id(room.id, session.id), room_id=room.id)


class TeamsHooks(SuiteBase):
    provider = "teams"
    quirks: ClassVar[Mapping[str, bool]] = {"late_reports": False}

    def session_of(self, room: Room, session: Session) -> Session:
        return evolve(session, id=f"{room.id}~{session.id}", room_id=room.id)


class WebexHooks(SuiteBase):
    provider = "webex"
    quirks: ClassVar[Mapping[str, bool]] = {
        "daily_limits": False,
        "late_runs": False,
        "late_recordings": False,
        "refuse_past": False,
    }

    def adapt(self, fault: Fault) -> Fault:
        """A refused refresh token asks for a new sign-in, whatever the status."""
        if fault.error is InvalidRequest:
            return evolve(fault, error=(InvalidRequest, AuthenticationFailed))
        return super().adapt(fault)


class ZoomHooks(SuiteBase):
    provider = "zoom"
    retries_bare_429 = False
    quirks: ClassVar[Mapping[str, bool]] = {"daily_limits": False, "one_person_reports": True}
    once: ClassVar[Mapping[str, str]] = {"join_link": "it registers people, whom Zoom mails"}

    def session_of(self, room: Room, session: Session) -> Session:
        return evolve(session, id=run_id(*split_room_id(room.id), session.id), room_id=room.id)

    def template_native(self, room: Room) -> Mapping[str, Any]:
        kind, number = split_room_id(room.id)
        return {f"{kind.value}_id": int(number)}
