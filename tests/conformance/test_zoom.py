"""Zoom passes the suite, with meetings and with webinars."""

from __future__ import annotations

from conferencing.testing import ProviderSuite


class TestZoomMeetings(ProviderSuite):
    provider = "zoom"


class TestZoomWebinars(ProviderSuite):
    provider = "zoom"
    room_fields = {"kind": "webinar"}
