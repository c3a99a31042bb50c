"""Zoom passes the suite, with meetings and with webinars."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from attrs import evolve

from conferencing.model import Room, Session
from conferencing.testing import ProviderSuite
from conferencing.testing.scenario import Scenario
from conferencing_zoom.wire.base import run_id, split_room_id


class ZoomSuite(ProviderSuite):
    provider = "zoom"

    def session_of(self, room: Room, session: Session) -> Session:
        return evolve(session, id=run_id(*split_room_id(room.id), session.id), room_id=room.id)

    async def template_native(self, scenario: Scenario) -> Mapping[str, Any]:
        room = await scenario.make_room()
        return {"meeting_id": int(split_room_id(room.id)[1])}


class TestZoomMeetings(ZoomSuite):
    pass


class TestZoomWebinars(ZoomSuite):
    room_fields: ClassVar[Mapping[str, Any]] = {"kind": "webinar"}
