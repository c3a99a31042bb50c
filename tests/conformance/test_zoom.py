"""Zoom passes the suite, with meetings and with webinars."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from vendor_hooks import ZoomHooks

from conferencing.testing import ProviderSuite

TWICE = "uuids with slashes are encoded twice, as Zoom wants it"
TEMPLATES = "an account has 40 templates, all made of meetings"


class ZoomSuite(ZoomHooks, ProviderSuite):
    settings: ClassVar[Mapping[str, Any]] = {"history": 30}  # one window, instead of six
    exceptions: ClassVar[Mapping[str, str]] = {
        "test_created_field_arrives[template]": TEMPLATES,
        "test_listing_returns_every_object[list_templates]": TEMPLATES,
        "test_hostile_id_keeps_path[get_session]": TWICE,
        "test_hostile_id_keeps_path[delete_recording]": TWICE,
        "test_update_keeps_other_fields[permanent]": "permanent rooms have no registration",
    }


class TestZoomMeetings(ZoomSuite):
    absent: ClassVar[Mapping[str, str]] = {"invite": "meetings have no presenters"}


class TestZoomWebinars(ZoomSuite):
    room_fields: ClassVar[Mapping[str, Any]] = {"kind": "webinar"}
    exceptions: ClassVar[Mapping[str, str]] = {
        **ZoomSuite.exceptions,
        "test_created_field_arrives[host]": "one user of the simulated account has webinars",
        "test_created_field_is_read_back[host]": "one user of the simulated account has webinars",
    }
