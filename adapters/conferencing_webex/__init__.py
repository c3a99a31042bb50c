"""Webex (https://developer.webex.com/meeting) for `conferencing`: meetings and webinars."""

from .provider import Webex
from .settings import WebexSettings

__all__ = ["Webex", "WebexSettings"]
