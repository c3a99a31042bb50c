"""Webex passes the suite, with meetings and with webinars."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from vendor_hooks import WebexHooks

from conferencing.testing import ProviderSuite

TEMPLATES = "templates are made on Webex's pages"
NO_OWN_CODES = "an invitee has no passcode; tests/adapters/webex has people"


class WebexSuite(WebexHooks, ProviderSuite):
    exceptions: ClassVar[Mapping[str, str]] = {
        "test_created_field_arrives[people]": NO_OWN_CODES,
    }


class TestWebexMeetings(WebexSuite):
    pass


class TestWebexWebinars(WebexSuite):
    room_fields: ClassVar[Mapping[str, Any]] = {"kind": "webinar"}
