"""A simulator of Zoom's REST API, OAuth and webhooks; `api` says what it rests on."""

from .api import ZoomSimulator

__all__ = ["ZoomSimulator"]
