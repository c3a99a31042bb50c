"""From a vendor's failure to an exception: one table per adapter. Pure."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from datetime import datetime
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct, field
from msgspec.structs import replace

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

from .reply import MAX_FAILURE, Reply
from .retry import retry_after

__all__ = ["ErrorMap", "Failure", "suppress_missing"]

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
    Conflict: "it conflicts with the present state",
    InvalidRequest: "the vendor refused a value",
    NotAvailable: "this account or plan does not include it",
    NotFound: "not found",
    PermissionDenied: "these credentials may not do this",
    ProviderUnavailable: "the vendor's side failed",
    RateLimited: "too many calls for this account",
}
_RETRYABLE: Final = frozenset({RateLimited, ProviderUnavailable})
MAX_PROBLEMS: Final = 20
MAX_PROBLEM: Final = 300
"""How many of the vendor's texts an error keeps, and how many characters of each."""


class Failure(Struct, frozen=True, kw_only=True):
    """A vendor's report of a failure: its code, its texts, and the status if the body has one.

    `retryable` replaces the default of the error's class: a daily limit is a 429 that will not pass
    soon.
    """

    code: str | None = None
    problems: tuple[str, ...] = ()
    status: int | None = None
    retryable: bool | None = None


def _find_nothing(reply: Reply) -> Failure | None:  # noqa: ARG001
    return None


class ErrorMap(Struct, frozen=True):
    """The table by which a reply becomes an exception.

    `codes` maps the vendor's codes to classes and is looked up before the status. `read` sees every
    reply but successes of more than 64 KiB, and returns a `Failure` where the vendor reports one,
    also below 400: many vendors answer 200 to a call that failed. It must accept any body. Statuses
    in `accepts` are answers, whatever they usually mean. Statuses in `renews` may mean that the token
    has expired: a token that is not new is renewed once, and the request is sent again.
    """

    codes: Mapping[str, type[ProviderError]] = field(default_factory=dict[str, type[ProviderError]])
    read: Callable[[Reply], Failure | None] = _find_nothing
    accepts: frozenset[int] = frozenset()
    renews: frozenset[int] = frozenset()

    def with_codes(self, codes: Mapping[str, type[ProviderError]]) -> ErrorMap:
        """Return this table with some of the vendor's codes read differently."""
        return replace(self, codes={**self.codes, **codes})

    def accepting(self, *statuses: int) -> ErrorMap:
        """Return this table with some statuses read as answers, for a call in which they are."""
        return replace(self, accepts=self.accepts | set(statuses))

    def error(self, reply: Reply, now: datetime) -> ProviderError | None:
        """Return the exception that this reply means, or None for a success."""
        if reply.status in self.accepts:
            return None
        if HTTPStatus.MULTIPLE_CHOICES <= reply.status < HTTPStatus.BAD_REQUEST:
            return _explain_redirect(reply)
        if reply.is_success and len(reply.body) > MAX_FAILURE:
            return None
        failure = self.read(reply)
        if failure is None:
            if reply.status < HTTPStatus.MULTIPLE_CHOICES:
                return None
            failure = Failure()
        status = failure.status or reply.status
        kind = self.codes.get(failure.code or "") or _by_status(status)
        problems = [
            reply.clean(problem)[:MAX_PROBLEM] for problem in failure.problems[:MAX_PROBLEMS]
        ]
        return kind(
            f"{_MEANING.get(kind, 'the vendor refused it')} (HTTP {status})",
            sent=Sent.YES,
            status=status,
            code=reply.clean(failure.code)[:MAX_PROBLEM] if failure.code else None,
            problems=tuple(problems),
            retry_after=retry_after(reply.headers, now),
            retryable=kind in _RETRYABLE if failure.retryable is None else failure.retryable,
            body=None if problems else reply.start() or None,
        )


def _by_status(status: int) -> type[ProviderError]:
    server = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return _BY_STATUS.get(status, ProviderUnavailable if server else InvalidRequest)


def _explain_redirect(reply: Reply) -> ProviderError:
    host = _host(reply.headers.get("location", "")) or "another path"
    return MalformedResponse(
        f"the vendor redirects to {host} (HTTP {reply.status}), which is not followed;"
        " check base_url",
        status=reply.status,
        path="$",
    )


def _host(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return "a malformed address"


@contextmanager
def suppress_missing() -> Generator[None]:
    """Suppress that what a call is about does not exist.

    A "not found" of which nothing was sent is about the address of the token, and is raised.
    """
    try:
        yield
    except NotFound as error:
        if error.sent is Sent.NO:
            raise
