"""What the suite makes Zoom's adapter and simulator say to each other, against Zoom's own schema."""

from __future__ import annotations

from typing import ClassVar

import pytest
import test_zoom
from zoom_spec import SPEC, reply_faults, request_faults

from conferencing.sandbox import Answer, Call
from conferencing.testing import cases
from conferencing_zoom.simulator import ZoomSimulator

pytestmark = pytest.mark.skipif(SPEC is None, reason="there is no copy of Zoom's schema")

TESTS = (
    "test_operation_works",
    "test_result_is_a_value",
    "test_created_field_arrives",
    "test_updated_field_arrives",
    "test_missing_object_raises_not_found",
    "test_personal_link_stays_personal",
    "test_start_is_the_same_instant",
)


class CheckedZoom(ZoomSimulator):
    """Zoom's simulator, which notes each exchange that the schema does not allow."""

    exchanges: ClassVar[list[int]] = [0, 0]
    violations: ClassVar[set[str]] = set()

    def handle(self, call: Call) -> Answer:
        answer = super().handle(call)
        if call.path.startswith("/v2/") and answer.status < 300:
            path = call.path.removeprefix("/v2")
            target = f"{path}?{call.query}" if call.query else path
            self.violations.update(request_faults(call.method, target, call.body))
            self.violations.update(reply_faults(call.method, path, answer.status, answer.body))
            self.exchanges[0] += 1
            self.exchanges[1] += bool(answer.body)
        return answer


@pytest.mark.parametrize(
    "suite", [test_zoom.TestZoomMeetings, test_zoom.TestZoomWebinars], ids=["meetings", "webinars"]
)
def test_exchanges_fit_zooms_schema(suite: type[test_zoom.ZoomSuite]) -> None:
    pytest.importorskip(
        "openapi_schema_validator", reason="openapi-schema-validator is not installed"
    )
    CheckedZoom.exchanges[:] = [0, 0]
    CheckedZoom.violations.clear()
    checked = type("Checked", (suite,), {"simulator": CheckedZoom, "exceptions": suite.exceptions})
    for name in TESTS:
        for case in cases(checked, name):
            case.run()
    requests, replies = CheckedZoom.exchanges
    print(f"{requests} requests, {replies} replies with a body")  # noqa: T201 - shown with -s
    assert requests > 500
    assert CheckedZoom.violations == set()
