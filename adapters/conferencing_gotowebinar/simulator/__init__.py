"""A simulator of GoTo Webinar; `api` says what it rests on."""

from .api import GoToWebinarSimulator

__all__ = ["GoToWebinarSimulator"]
