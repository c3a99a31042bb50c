"""Webex's error bodies, which have no code: docs/vendors/webex.md#errors"""

from __future__ import annotations

from conferencing.sandbox.kit import Problem, Refusal
from conferencing.sandbox.simulator import Answer

__all__ = ["error_answer", "not_found", "refuse", "wrong_kind"]

MESSAGES = {
    400: "The input parameters contain invalid items.",
    401: "The request requires a valid access token set in the Authorization request header.",
    403: "Access denied, because the API is missing required scopes or the user is missing required"
    " roles or licenses.",
    404: "The requested resource could not be found.",
    409: "The request could not be processed because it conflicts with some established rule.",
}


def refuse(status: int, description: str = "") -> Refusal:
    """Return a refusal; the text goes into `errors`, where the useful text is."""
    return Refusal(status, *([Problem(description)] if description else ()))


def not_found() -> Refusal:
    return refuse(404)


def wrong_kind(meeting_id: str) -> Refusal:
    """Return the refusal of a series, an occurrence or a run where another one is needed."""
    return refuse(400, f"Meeting ID '{meeting_id}' is not allowed for this API.")


def error_answer(refusal: Refusal, tracking_id: str) -> Answer:
    """Return the body; `errors` is missing where there is nothing more to say."""
    body = {"message": MESSAGES.get(refusal.status, "Something went wrong.")}
    errors = [{"description": str(problem)} for problem in refusal.problems]
    return Answer.json(
        {**body, **({"errors": errors} if errors else {}), "trackingId": tracking_id},
        refusal.status,
    )
