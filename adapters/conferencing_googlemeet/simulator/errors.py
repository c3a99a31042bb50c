"""Google's two forms of failures: docs/vendors/googlemeet.md#errors"""

from __future__ import annotations

from typing import Any, Final

from conferencing.sandbox.kit import Problem, Refusal
from conferencing.sandbox.simulator import Answer

__all__ = ["Failure", "calendar_failure", "forbidden_space", "meet_failure", "write_failure"]

STATUSES: Final = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ALREADY_EXISTS",
    429: "RESOURCE_EXHAUSTED",
}
NO_PAGE: Final = (
    "<!DOCTYPE html><html lang=en><title>Error 404 (Not Found)!!1</title>"
    "<p><b>404.</b> <ins>That is an error.</ins>"
)
CHALLENGE: Final = 'Bearer realm="https://accounts.google.com/", error="invalid_token"'


class Failure(Refusal):
    """A refusal with a reason. `flavour` is `meet`, `calendar`, `oauth` or `html`."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        reason: str = "",
        code: str = "",
        flavour: str = "meet",
        domain: str = "global",
    ) -> None:
        super().__init__(status, Problem(message, code=reason or code or "invalid"))
        self.text, self.reason, self.code = message, reason, code
        self.flavour, self.domain = flavour, domain


def meet_failure(status: int, message: str, *, reason: str = "", code: str = "") -> Failure:
    """Return a failure of Meet, People or Events: `code` is its word, by default that of the status."""
    return Failure(status, message, reason=reason, code=code)


def calendar_failure(status: int, reason: str, message: str, domain: str = "global") -> Failure:
    """Return a failure of Calendar or Drive."""
    return Failure(status, message, reason=reason, flavour="calendar", domain=domain)


def forbidden_space() -> Failure:
    """Return the failure for a space that does not exist, or is somebody else's."""
    return meet_failure(403, "Permission denied on resource Space (or it might not exist)")


def write_failure(refusal: Refusal, flavour: str) -> Answer:
    """Return the answer for a refusal. `flavour` is that of the API that was called."""
    if isinstance(refusal, Failure):
        flavour = "meet" if refusal.status == 401 and flavour == "meet" else refusal.flavour  # noqa: PLR2004
        text, reason, code, domain = (
            refusal.text,
            refusal.reason,
            refusal.code,
            refusal.domain,
        )
    else:
        text, domain, code = refusal.message, "global", ""
        reason = refusal.problems[0].code if refusal.problems and flavour != "meet" else ""
    if flavour == "html":
        return Answer.html(NO_PAGE, refusal.status)
    if flavour == "oauth":
        return Answer.json({"error": reason, "error_description": text}, refusal.status)
    write = _write_calendar if flavour == "calendar" else _write_meet
    answer = Answer.json(write(refusal.status, text, reason, code, domain), refusal.status)
    return answer.with_headers({"WWW-Authenticate": CHALLENGE}) if refusal.status == 401 else answer  # noqa: PLR2004


def _write_meet(status: int, text: str, reason: str, code: str, domain: str) -> Any:
    error: dict[str, Any] = {
        "code": status,
        "message": text,
        "status": code or STATUSES.get(status, "INTERNAL"),
    }
    if reason:
        error["details"] = [
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": reason,
                "domain": "googleapis.com",
                "metadata": {"service": "meet.googleapis.com"},
            }
        ]
    return {"error": error}


def _write_calendar(status: int, text: str, reason: str, code: str, domain: str) -> Any:
    row = {"domain": domain, "reason": reason, "message": text}
    return {"error": {"errors": [row], "code": status, "message": text}}
