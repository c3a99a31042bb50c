"""Zoom (https://developers.zoom.us/docs/api/) for `conferencing`: meetings and webinars."""

from .provider import Zoom
from .settings import ZoomSettings

__all__ = ["Zoom", "ZoomSettings"]
