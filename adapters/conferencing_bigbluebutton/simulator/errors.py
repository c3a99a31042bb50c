"""Failures: docs/vendors/bigbluebutton.md#failures"""

from __future__ import annotations

from typing import Final

from conferencing.sandbox.kit import Problem, Refusal
from conferencing.sandbox.simulator import Answer

from .xml import answer_xml, write_failure

__all__ = ["STATUSES", "error_answer", "refuse", "refuse_value"]

STATUSES: Final = {"notFound": 404, "checksumError": 403, "idNotUnique": 409}
"""What mocks and load balancers answer with, by the key of the message."""

OLD_KEYS: Final = {
    "meetingID": "missingParamMeetingID",
    "recordID": "missingParamRecordID",
    "fullName": "missingParamFullName",
    "publish": "missingParamPublish",
}
BROKEN: Final = (
    "<response><returncode>FAILED</returncode><errors><error><key>{key}</key>"
    "<message>{message}</message></error></response>"
)
"""The template that lacks an end tag: docs/vendors/bigbluebutton.md#oddity-13"""


def refuse(key: str, message: str) -> Refusal:
    """Return a refusal with the key of a message."""
    return Refusal(200, Problem(message, code=key))


def refuse_value(name: str, message: str) -> Refusal:
    """Return the refusal of one parameter."""
    return Refusal(200, Problem(message, name, "validationError"))


def error_answer(refusal: Refusal, *, old_keys: bool, with_status: bool, broken: bool) -> Answer:
    """Return a failure. Its status is 200, except at some mocks and load balancers."""
    problem = refusal.problems[0]
    key = problem.code
    if key in {"validationError", "required", "invalid", "unknown"}:
        key = OLD_KEYS.get(problem.field, "validationError") if old_keys else "validationError"
    status = STATUSES.get(key, 400) if with_status else refusal.status
    if broken:
        return Answer(
            status=status,
            body=BROKEN.format(key=key, message="It is in use.").encode(),
            media_type="text/xml",
        )
    return answer_xml(write_failure(key, str(problem)), status)
