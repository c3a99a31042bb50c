"""What all of GoTo's JSON shares: the decoder, tokens, times, both envelopes, and failures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from attrs import define

from conferencing.errors import AuthenticationFailed
from conferencing.http import (
    CursorPages,
    Decoder,
    ErrorMap,
    Failure,
    Id,
    LaxInt,
    Reply,
    to_int,
)
from conferencing.model.native import Native

R = TypeVar("R")
T = TypeVar("T")

SIZE: Final = 200  # the most rows of a page (docs/vendors/gotowebinar.md#pages)
HAL: Final = {"page": 0, "size": SIZE}
# Without these parameters, registrants come as an array (docs/vendors/gotowebinar.md#oddity-5).
LISTED: Final = {"page": 0, "limit": SIZE}

WIRE: Final = Decoder(
    secret=frozenset(
        [
            *("joinLink", "joinUrl", "mp4DownloadUrl", "recordingShareUrl", "startUrl"),
            "transcriptDownloadUrl",
        ]
    )
)


def join_names(first: str | None, last: str | None) -> str | None:
    """Return a whole name, or None if a part of it is not known; it may be empty."""
    return None if first is None or last is None else f"{first} {last}".strip() or None


@define
class FailureRow:
    """A failure of the API, of its edge, of the old token layer, or of OAuth's.

    docs/vendors/gotowebinar.md#errors
    """

    errorCode: str | None = None
    int_err_code: str | None = None
    error: str | None = None
    description: str | None = None
    message: str | None = None
    msg: str | None = None
    error_description: str | None = None


def read_failure(reply: Reply) -> Failure | None:
    """Return what a failure says, or None for a success. The body may be empty or HTML."""
    row = WIRE.peek(reply, FailureRow)
    if not isinstance(row, FailureRow):
        row = FailureRow(message=row)
    code = row.errorCode or row.int_err_code
    if reply.is_success and not code:
        return None
    text = row.description or row.message or row.msg or row.error_description
    return Failure(code=code or row.error, problems=(text,) if text else ())


# 403 is the answer to an expired token as well (docs/vendors/gotowebinar.md#oddity-2).
# `InvalidToken` is of the old token layer (docs/vendors/gotowebinar.md#oauth).
ERRORS: Final = ErrorMap(
    codes={"InvalidToken": AuthenticationFailed}, read=read_failure, renews=frozenset({403})
)


@define
class HalPageRow:
    """Where a page of the first envelope is; `number` counts from 0."""

    number: LaxInt
    totalPages: LaxInt


@define
class ListedPageRow:
    """The second envelope; `pageSize` is the number of rows, except for recordings."""

    page: LaxInt
    total: LaxInt
    limit: LaxInt | None = None
    pageSize: LaxInt | None = None


def _next_in_hal(reply: Reply) -> str | None:
    row = WIRE.read(reply, HalPageRow, "page")
    following = int(row.number) + 1
    return str(following) if following < int(row.totalPages) else None


def _next_listed(reply: Reply) -> str | None:
    row = WIRE.read(reply, ListedPageRow)
    # Recordings have no `limit`, and for registrants `pageSize` counts the rows of this page
    # (docs/vendors/gotowebinar.md#pages).
    size, following = to_int(row.limit or row.pageSize) or SIZE, int(row.page) + 1
    return str(following) if following * size < int(row.total) else None


HAL_PAGES: Final = CursorPages(param="page", read=_next_in_hal)
LISTED_PAGES: Final = CursorPages(param="page", read=_next_listed)


def read_embedded(
    reply: Reply, row: type[R], build: Callable[[R, Native], T], name: str
) -> list[T]:
    """Return the rows of the first envelope; a page without hits has no `_embedded`.

    docs/vendors/gotowebinar.md#oddity-4
    """
    envelope = WIRE.read(reply, dict[str, Any])
    if "_embedded" not in envelope and "page" in envelope:
        return []
    return WIRE.records(reply, row, build, f"_embedded.{name}")


@define
class UserRow:
    """The user who signed in; `key` is that of the organizer."""

    key: Id
    accountKey: Id | None = None


@define
class OrganizerRow:
    """What the old token endpoint returns with the token."""

    organizer_key: Id | None = None


def read_user(reply: Reply) -> UserRow:
    """Return the user who signed in."""
    return WIRE.read(reply, UserRow)


def read_organizer(reply: Reply) -> str | None:
    """Return the key of the organizer, if the reply with a token names it."""
    # A blank one is unknown as well (docs/vendors/gotowebinar.md#oauth).
    key = WIRE.read(reply, OrganizerRow).organizer_key
    return None if key is None else str(key)
