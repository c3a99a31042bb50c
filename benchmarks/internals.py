"""The only module of the benchmarks that reaches below the public names of the library."""

from __future__ import annotations

from conferencing import Attendance
from conferencing.http import Reply
from conferencing_clickmeeting.wire.sessions import read_attendance

__all__ = ["decode_attendees"]


def decode_attendees(body: bytes) -> list[Attendance]:
    """Return the records of a page, as a call does once the reply has arrived."""
    return read_attendance(Reply(200, {}, body), session_id="1:2")
