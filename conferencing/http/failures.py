"""From a vendor's refusal to our exception: one table per adapter. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from attrs import field, frozen

from conferencing.errors import (
    AuthenticationFailed,
    Conflict,
    InvalidRequest,
    MalformedResponse,
    NotAvailable,
    NotFound,
    PermissionDenied,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    Sent,
)

from .reply import Reply
from .retry import retry_after

__all__ = ["ErrorMap", "Failure"]

_BY_STATUS: Final[Mapping[int, type[ProviderError]]] = {
    401: AuthenticationFailed,
    402: NotAvailable,
    403: PermissionDenied,
    404: NotFound,
    408: ProviderUnavailable,
    409: Conflict,
    410: NotFound,
    429: RateLimited,
}
_MEANING: Final[Mapping[type[ProviderError], str]] = {
    AuthenticationFailed: "the vendor refused the credentials",
    Conflict: "the present state forbids it",
    InvalidRequest: "the vendor refused a value",
    NotAvailable: "this account or plan does not include it",
    NotFound: "there is no such thing",
    PermissionDenied: "these credentials may not do this",
    ProviderUnavailable: "the vendor's side failed",
    RateLimited: "too many calls for this account",
}
_RETRYABLE: Final = frozenset({RateLimited, ProviderUnavailable})


@frozen(kw_only=True)
class Failure:
    """Hold what a vendor says of a failure: its code, its texts, and the status if it repeats it."""

    code: str | None = None
    problems: tuple[str, ...] = ()
    status: int | None = None


def _nothing(reply: Reply) -> Failure | None:  # noqa: ARG001
    return None


@frozen
class ErrorMap:
    """Decide which exception a reply means.

    `codes` maps the vendor's codes to classes and goes before the status. `read` gets every reply
    and returns a `Failure` where the vendor says one, also below 400; it must bear any body.
    """

    codes: Mapping[str, type[ProviderError]] = field(factory=dict[str, type[ProviderError]])
    read: Callable[[Reply], Failure | None] = _nothing

    def error(self, reply: Reply, now: datetime) -> ProviderError | None:
        """Return the exception that this reply means, or None for a success."""
        if 300 <= reply.status < 400:  # noqa: PLR2004
            return _redirected(reply)
        failure = self.read(reply)
        if failure is None:
            if reply.status < 300:  # noqa: PLR2004
                return None
            failure = Failure()
        status = failure.status or reply.status
        kind = self.codes.get(failure.code or "") or _by_status(status)
        return kind(
            f"{_MEANING.get(kind, 'the vendor refused it')} (HTTP {status})",
            sent=Sent.YES,
            status=status,
            code=reply.clean(failure.code) if failure.code else None,
            problems=tuple(reply.clean(problem) for problem in failure.problems),
            retry_after=retry_after(reply.headers, now),
            retryable=kind in _RETRYABLE,
            body=None if failure.problems else reply.start() or None,
        )


def _by_status(status: int) -> type[ProviderError]:
    fallback = ProviderUnavailable if status >= 500 else InvalidRequest  # noqa: PLR2004
    return _BY_STATUS.get(status, fallback)


def _redirected(reply: Reply) -> ProviderError:
    host = _host(reply.headers.get("location", "")) or "another path"
    return MalformedResponse(
        f"the vendor redirects to {host} (HTTP {reply.status}), which is not followed;"
        " is base_url right?",
        status=reply.status,
        path="$",
    )


def _host(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return "no address at all"
