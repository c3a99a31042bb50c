"""GoTo Webinar (https://developer.goto.com/GoToWebinarV2) for `conferencing`: webinars only."""

from .provider import GoToWebinar
from .settings import GoToWebinarSettings

__all__ = ["GoToWebinar", "GoToWebinarSettings"]
