"""The suites of this project's own adapters, with the calls that only they have."""

from __future__ import annotations

from typing import Any, ClassVar

from vendor_hooks import (
    BigBlueButtonHooks,
    GoogleMeetHooks,
    GoToWebinarHooks,
    TeamsHooks,
    WebexHooks,
    ZoomHooks,
)

from conferencing import Operation
from conferencing.testing import ExhaustiveSuite, OperationCase, Scenario

ZONES = OperationCase(
    operation=Operation.REQUEST, variant="of the time zones", states=(), exact=True, own=True,
    call=lambda s: native(s).time_zones(),
)  # fmt: skip
TENANTS = OperationCase(
    operation=Operation.REQUEST, variant="of the tenants", states=(), exact=True, own=True,
    call=lambda s: native(s).tenants(),
)  # fmt: skip
TENANT_FEEDBACK = OperationCase(
    operation=Operation.FEEDBACK, variant="of a tenant", states=("ended",), exact=True,
    call=lambda s: s.conference.feedback(tenant=min(s.server.simulator.tenants)).collect(),
)  # fmt: skip


def native(scenario: Scenario) -> Any:
    """Return the adapter, whose own methods the protocol does not have."""
    return scenario.conference.provider


class ClickMeeting(ExhaustiveSuite):
    provider = "clickmeeting"
    extra_cases = (ZONES,)


GUARDED = "another session may have begun during the wait, so that the caller decides"


class VConnct(ExhaustiveSuite):
    provider = "vconnct"
    exceptions: ClassVar = {"test_fault_ends_right[end_session-throttle]": GUARDED}


class VConnctV4(ExhaustiveSuite):
    provider = "vconnct"
    dialect = "v4"


class VConnctV3Shapes(ExhaustiveSuite):
    """The second generation with the replies of the one before."""

    provider = "vconnct"
    dialect = "v4"
    quirks: ClassVar = {"rooms_in_response": True, "records_as_list": True}


class MeetRS(ExhaustiveSuite):
    provider = "meetrs"
    extra_cases = (TENANTS, TENANT_FEEDBACK)


class Zoom(ZoomHooks, ExhaustiveSuite):
    """Zoom's meetings."""

    absent: ClassVar = {"invite": "meetings have no presenters"}


class GoogleMeet(GoogleMeetHooks, ExhaustiveSuite):
    """Google Meet's events."""

    absent: ClassVar = {"end_session": "of bare spaces only"}


SIGNED = "the link is made and signed by the library"


class BigBlueButton(BigBlueButtonHooks, ExhaustiveSuite):
    """BigBlueButton, whose replies are XML and whose rooms are the adapter's."""

    exceptions: ClassVar = {
        "test_wrong_value_is_refused_or_unknown[start_session]": SIGNED,
        "test_wrong_value_is_refused_or_unknown[join_link]": SIGNED,
    }


class Webex(WebexHooks, ExhaustiveSuite):
    """Webex's meetings."""


class Teams(TeamsHooks, ExhaustiveSuite):
    """Teams' calendar events."""


class GoToWebinar(GoToWebinarHooks, ExhaustiveSuite):
    """GoTo's webinars."""


SUITES = (ClickMeeting, VConnct, VConnctV4, MeetRS)
EVERY_SUITE = (*SUITES, Webex, Zoom, GoogleMeet, Teams, GoToWebinar)
"""Those of which calls begin with a token as well."""
