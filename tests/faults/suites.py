"""The suites of this project's own adapters, with the calls that only they have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from attrs import evolve
from xml_replies import parse_reply, write_reply

from conferencing import AuthenticationFailed, InvalidRequest, Operation, Role, Room, Session
from conferencing.http import pack_id
from conferencing.testing import ExhaustiveSuite, OperationCase, Scenario
from conferencing.testing.faults import Fault
from conferencing.testing.scenario import HOST
from conferencing.world import World
from conferencing_googlemeet.wire.base import RecordId
from conferencing_googlemeet.wire.base import split_room_id as split_google_room
from conferencing_zoom.wire.base import run_id, split_room_id

ZONES = OperationCase(
    operation=Operation.REQUEST, variant="of the time zones", states=(), exact=True, own=True,
    call=lambda s: native(s).time_zones(),
)  # fmt: skip
TENANTS = OperationCase(
    operation=Operation.REQUEST, variant="of the tenants", states=(), exact=True, own=True,
    call=lambda s: native(s).tenants(),
)  # fmt: skip
TENANT_FEEDBACK = OperationCase(
    operation=Operation.FEEDBACK, variant="of a tenant", states=("ended",), exact=True,
    call=lambda s: s.conference.feedback(tenant=min(s.server.simulator.tenants)).collect(),
)  # fmt: skip


def native(scenario: Scenario) -> Any:
    """Return the adapter, whose own methods the protocol does not have."""
    return scenario.conference.provider


class ClickMeeting(ExhaustiveSuite):
    provider = "clickmeeting"
    extra_cases = (ZONES,)


GUARDED = "another session may have begun during the wait, so that the caller decides"


class VConnct(ExhaustiveSuite):
    provider = "vconnct"
    exceptions: ClassVar = {"test_fault_ends_right[end_session-throttle]": GUARDED}


class VConnctV4(ExhaustiveSuite):
    provider = "vconnct"
    dialect = "v4"


class VConnctV3Shapes(ExhaustiveSuite):
    """The second generation with the replies of the one before."""

    provider = "vconnct"
    dialect = "v4"
    quirks: ClassVar = {"rooms_in_response": True, "records_as_list": True}


class MeetRS(ExhaustiveSuite):
    provider = "meetrs"
    extra_cases = (TENANTS, TENANT_FEEDBACK)


class Zoom(ExhaustiveSuite):
    """Zoom's meetings."""

    provider = "zoom"
    retries_bare_429 = False
    quirks: ClassVar = {"daily_limits": False, "one_person_reports": True}
    once: ClassVar = {"join_link": "it registers people, whom Zoom mails"}
    absent: ClassVar = {"invite": "meetings have no presenters"}

    def session_of(self, room: Room, session: Session) -> Session:
        return evolve(session, id=run_id(*split_room_id(room.id), session.id), room_id=room.id)

    def template_native(self, room: Room) -> Mapping[str, Any]:
        kind, number = split_room_id(room.id)
        return {f"{kind.value}_id": int(number)}


class GoogleMeet(ExhaustiveSuite):
    """Google Meet's events."""

    provider = "googlemeet"
    absent: ClassVar = {"end_session": "of bare spaces only"}

    def session_of(self, room: Room, session: Session) -> Session:
        owner = split_google_room(room.id).owner
        return evolve(session, id=str(RecordId(owner, session.id)), room_id=room.id)

    def world_room(self, world: World, room_id: str) -> str:
        own = super().world_room(world, room_id)
        return own if own in world.rooms else world.notes["rooms"].get(own.rpartition(":")[2], own)


SIGNED = "the link is made and signed by the library"


class BigBlueButton(ExhaustiveSuite):
    """BigBlueButton, whose replies are XML and whose rooms are the adapter's."""

    provider = "bigbluebutton"
    exceptions: ClassVar = {
        "test_wrong_value_is_refused_or_unknown[start_session]": SIGNED,
        "test_wrong_value_is_refused_or_unknown[join_link]": SIGNED,
    }

    def parse_reply(self, body: bytes) -> Any:
        return parse_reply(body)

    def write_reply(self, document: Any) -> bytes:
        return write_reply(document)

    async def open_room(self, scenario: Scenario, room: Room) -> None:
        simulator: Any = scenario.server.simulator if scenario.server else None
        simulator.forget_meeting(room.id)
        await scenario.conference.join_link(room, role="host", person=HOST)


class Webex(ExhaustiveSuite):
    """Webex's meetings."""

    provider = "webex"
    quirks: ClassVar = {
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


class Teams(ExhaustiveSuite):
    """Teams' calendar events."""

    provider = "teams"
    quirks: ClassVar = {"late_reports": False}

    def session_of(self, room: Room, session: Session) -> Session:
        return evolve(session, id=f"{room.id}~{session.id}", room_id=room.id)


class GoToWebinar(ExhaustiveSuite):
    provider = "gotowebinar"
    unreported: ClassVar = frozenset({Role.HOST, Role.PRESENTER})

    def session_of(self, room: Room, session: Session) -> Session:
        return evolve(session, id=pack_id(room.id, session.id), room_id=room.id)


SUITES = (ClickMeeting, VConnct, VConnctV4, MeetRS)
EVERY_SUITE = (*SUITES, Webex, Zoom, GoogleMeet, Teams, GoToWebinar)
"""Those of which calls begin with a token as well."""
