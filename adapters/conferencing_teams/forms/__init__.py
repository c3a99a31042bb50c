"""The three things that are called a meeting, each with its calls."""

from .base import RoomForm
from .calendar import CalendarForm
from .meetings import MeetingForm
from .webinars import WebinarForm

__all__ = ["CalendarForm", "MeetingForm", "RoomForm", "WebinarForm"]
