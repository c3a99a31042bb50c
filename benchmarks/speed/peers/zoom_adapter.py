"""A small adapter for Zoom, as `docs/writing-an-adapter.md` tells: who was in a past meeting."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from attrs import define, frozen

from conferencing import Attendance, Features, Precision, Secret, Segment, Session
from conferencing.http import GET, CursorPages, HeaderAuth, HTTPProvider, Id, Wire
from conferencing.model.fast import fast_constructor
from conferencing.model.native import Native
from conferencing.provider import Pages

__all__ = ["Zoom"]

WIRE = Wire()


@define
class Participant:
    """A stay of a participant (Zoom API, List past meeting participants)."""

    user_id: Id
    name: str
    user_email: str
    join_time: datetime
    leave_time: datetime


@define
class Following:
    """What of a page tells how it goes on."""

    next_page_token: str = ""


def participants(payload: Mapping[str, Any], session_id: str) -> list[Attendance]:
    """Read a page."""
    rows = WIRE.rows(payload["participants"], Participant)
    return [_stay(row, native, session_id) for row, native in rows]


_attendance = fast_constructor(Attendance)
_segment = fast_constructor(Segment)


def _stay(row: Participant, native: Native, session_id: str) -> Attendance:
    return _attendance(
        id=row.user_id,
        session_id=session_id,
        display_name=row.name,
        email=row.user_email or None,
        segments=(_segment(joined_at=row.join_time, left_at=row.leave_time),),
        native=native,
    )


@frozen(kw_only=True)
class ZoomSettings:
    """Hold an account's token."""

    token: Secret
    base_url: str = "https://api.zoom.us/v2"


class Zoom(HTTPProvider[ZoomSettings]):
    """Who was in Zoom's meetings."""

    name = "zoom"
    settings_class = ZoomSettings
    pages = CursorPages(
        param="next_page_token", read=lambda payload: WIRE.read(payload, Following).next_page_token
    )
    features = Features(attendance=Precision.SEGMENTS)

    def auth(self) -> HeaderAuth:
        """Prove who asks by the token."""
        return HeaderAuth("Authorization", self.settings.token, setting="token", prefix="Bearer ")

    def list_attendance(self, session: Session) -> Pages[Attendance]:
        """List who was there."""
        request = GET("/past_meetings/{id}/participants", query={"page_size": 300}, id=session.id)
        return self.paginate(request, partial(participants, session_id=session.id))
