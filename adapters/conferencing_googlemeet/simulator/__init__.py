"""A simulator of Google Meet, Calendar, Drive and what belongs to them; `api` says what it rests on."""

from .api import GoogleMeetSimulator

__all__ = ["GoogleMeetSimulator"]
