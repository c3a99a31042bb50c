"""A simulator of Meet.rs' REST API; `api` says what it rests on."""

from .api import MeetRSSimulator

__all__ = ["MeetRSSimulator"]
