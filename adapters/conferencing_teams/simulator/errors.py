"""Error bodies of Graph and of its token endpoint: docs/vendors/teams.md#errors"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from conferencing.sandbox.kit import Problem, Refusal
from conferencing.sandbox.simulator import Answer

__all__ = [
    "error_answer",
    "no_item",
    "no_meeting",
    "no_permission",
    "no_policy",
    "no_user",
    "refuse",
    "token_error",
]

POLICY: Final = "No application access policy found for this app"
WORDS: Final = {"not_found": "NotFound", "conflict": "Conflict", "invalid": "BadRequest"}
AADSTS: Final = {
    "invalid_client": (401, 7000215, "Invalid client secret provided."),
    "unauthorized_client": (400, 700016, "Application was not found in the directory."),
    "invalid_request": (400, 90002, "Tenant not found."),
    "invalid_grant": (400, 700082, "The refresh token has expired or was used."),
    "unsupported_grant_type": (400, 70003, "The app requested an unsupported grant type."),
}


def refuse(status: int, code: str, message: str) -> Refusal:
    """Return a refusal with a code of Graph's."""
    return Refusal(status, Problem(message, code=code))


def no_user(outlook: bool = False) -> Refusal:
    """Return the refusal of a collection whose user is not known."""
    code = "ErrorInvalidUser" if outlook else "NotFound"
    return refuse(404, code, "The requested user is invalid.")


def no_item() -> Refusal:
    """Return the refusal of an event that is not there."""
    message = "The specified object was not found in the store."
    return refuse(404, "ErrorItemNotFound", message)


def no_meeting() -> Refusal:
    """Return the refusal of a meeting, webinar, report or recording that is not there."""
    return refuse(404, "NotFound", "The requested resource could not be found.")


def no_policy() -> Refusal:
    """Return the refusal of an app that no access policy covers."""
    return refuse(403, "Forbidden", POLICY)


def no_permission(directory: bool = False) -> Refusal:
    """Return the refusal of a token without the permission."""
    code = "Authorization_RequestDenied" if directory else "Forbidden"
    return refuse(403, code, "Insufficient privileges to complete the operation.")


def error_answer(
    refusal: Refusal, now: datetime, request_id: str, quirks: Mapping[str, bool]
) -> Answer:
    """Return `{"error": {"code", "message", "innerError"}}`; `date` is in UTC without a zone."""
    problem = refusal.problems[0]
    code = WORDS.get(problem.code, problem.code)
    code = "BadRequest" if code in {"required", "unknown"} else code
    error: dict[str, Any] = {
        "code": "" if quirks["empty_code"] else code,
        "message": refusal.message,
        "innerError": {
            "date": f"{now:%Y-%m-%dT%H:%M:%S}",
            "request-id": request_id,
            "client-request-id": request_id,
        },
    }
    if quirks["no_inner_error"]:
        del error["innerError"]
    return Answer.json({"error": error}, refusal.status)


def token_error(refusal: Refusal, now: datetime) -> Answer:
    """Return an error of the token endpoint, which has a form of its own."""
    word = refusal.problems[0].code
    status, number, text = AADSTS.get(word, (refusal.status, 900000, refusal.message))
    stamp = f"{now:%Y-%m-%d %H:%M:%S}Z"
    lines = (
        f"AADSTS{number}: {text}",
        "Trace ID: 5f2c",
        "Correlation ID: 9a1b",
        f"Timestamp: {stamp}",
    )
    body = {
        "error": word,
        "error_description": "\r\n".join(lines),
        "error_codes": [number],
        "timestamp": stamp,
        "trace_id": "5f2c",
        "correlation_id": "9a1b",
        "error_uri": f"https://login.microsoftonline.com/error?code={number}",
    }
    return Answer.json(body, status)
