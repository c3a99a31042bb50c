"""What the suite makes the adapter and the simulator say to each other, against Google's discovery documents."""

from __future__ import annotations

from typing import ClassVar

import pytest
import test_googlemeet
from google_spec import SPECS, reply_faults, request_faults

from conferencing.sandbox import Answer, Call
from conferencing.testing import cases
from conferencing_googlemeet.simulator import GoogleMeetSimulator

pytestmark = pytest.mark.skipif(SPECS is None, reason="there are no discovery documents of Google")

TESTS = (
    "test_operation_works",
    "test_result_is_a_value",
    "test_created_field_arrives",
    "test_updated_field_arrives",
    "test_missing_object_raises_not_found",
    "test_start_is_the_same_instant",
)
OUTSIDE = ("/token", "/oauth2/")


class CheckedMeet(GoogleMeetSimulator):
    """The simulator, which notes each exchange that the documents do not allow."""

    exchanges: ClassVar[list[int]] = [0, 0]
    violations: ClassVar[set[str]] = set()

    def handle(self, call: Call) -> Answer:
        answer = super().handle(call)
        if not call.path.startswith(OUTSIDE) and answer.status < 300:
            self.violations.update(request_faults(call.method, call.target, call.body))
            self.exchanges[0] += 1
            if answer.body and answer.media_type == "application/json":
                self.violations.update(reply_faults(call.method, call.path, answer.body))
                self.exchanges[1] += 1
        return answer


@pytest.mark.parametrize(
    "suite",
    [test_googlemeet.TestGoogleMeetEvents, test_googlemeet.TestGoogleMeetSpaces],
    ids=["events", "spaces"],
)
def test_exchanges_fit_googles_documents(suite: type[test_googlemeet.GoogleMeetSuite]) -> None:
    pytest.importorskip("jsonschema", reason="jsonschema is not installed")
    CheckedMeet.exchanges[:] = [0, 0]
    CheckedMeet.violations.clear()
    checked = type("Checked", (suite,), {"simulator": CheckedMeet, "exceptions": suite.exceptions})
    for name in TESTS:
        for case in cases(checked, name):
            case.run()
    requests, replies = CheckedMeet.exchanges
    print(f"{requests} requests, {replies} replies with a body")  # noqa: T201 - shown with -s
    assert requests > 400
    assert CheckedMeet.violations == set()
