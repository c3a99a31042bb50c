"""What calls about a meeting that exists have in common."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from conferencing.sandbox.kit import Fields

from .errors import refuse
from .state import BigBlueButtonState, Meeting

__all__ = ["has_user_joined", "require_meeting", "write_date"]

DATE: Final = "%a %b %d %H:%M:%S UTC %Y"


def require_meeting(simulator: BigBlueButtonState, fields: Fields) -> Meeting:
    """Return the meeting that a call is about. Raises a refusal if it does not exist."""
    meeting_id = fields.require_text("meetingID")
    meeting = simulator.find_meeting(meeting_id)
    if meeting is None:
        raise refuse("notFound", "A meeting with that ID does not exist")
    return meeting


def write_date(meeting: Meeting) -> str:
    """Return the creation in the words of the server's own language."""
    moment = datetime.fromtimestamp(meeting.create_time / 1000, UTC)
    return moment.strftime(DATE)


def has_user_joined(simulator: BigBlueButtonState, meeting: Meeting) -> bool:
    return any(True for _ in simulator.world.visits_of(meeting.internal))
