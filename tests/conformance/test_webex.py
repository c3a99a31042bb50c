"""Webex passes the suite, with meetings and with webinars."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from attrs import evolve

from conferencing import AuthenticationFailed, InvalidRequest
from conferencing.testing import ProviderSuite
from conferencing.testing.faults import Fault

TEMPLATES = "templates are made on Webex's pages"
NO_OWN_CODES = "an invitee has no passcode; tests/adapters/webex has people"


class WebexSuite(ProviderSuite):
    provider = "webex"
    quirks: ClassVar[Mapping[str, bool]] = {
        "daily_limits": False,
        "late_runs": False,
        "late_recordings": False,
        "refuse_past": False,
    }
    exceptions: ClassVar[Mapping[str, str]] = {
        "test_created_field_arrives[people]": NO_OWN_CODES,
    }

    def adapt(self, fault: Fault) -> Fault:
        """A refused refresh token asks for a new sign-in, whatever the status."""
        if fault.error is InvalidRequest:
            return evolve(fault, error=(InvalidRequest, AuthenticationFailed))
        return super().adapt(fault)


class TestWebexMeetings(WebexSuite):
    pass


class TestWebexWebinars(WebexSuite):
    room_fields: ClassVar[Mapping[str, Any]] = {"kind": "webinar"}
