"""The suites of this project's own adapters, with the calls that only they have."""

from __future__ import annotations

from typing import Any, ClassVar

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


SUITES = (ClickMeeting, VConnct, VConnctV4, MeetRS)
