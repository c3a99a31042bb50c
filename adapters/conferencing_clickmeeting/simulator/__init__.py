"""A simulator of ClickMeeting's REST API; `api` says what it rests on."""

from .api import ClickMeetingSimulator

__all__ = ["ClickMeetingSimulator"]
