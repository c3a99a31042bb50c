"""What all of Google's JSON shares: the decoder, times, ids, paging and failures."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Final, TypeVar

from attrs import define, frozen
from msgspec import Meta

from conferencing.errors import (
    Conflict,
    InvalidRequest,
    MalformedResponse,
    NotAvailable,
    NotFound,
    ProviderError,
    RateLimited,
)
from conferencing.http import (
    CursorPages,
    Decoder,
    ErrorMap,
    Failure,
    Reply,
    pack_id,
    unpack_id,
)
from conferencing.model.native import Native

__all__ = [
    "ERRORS",
    "PAGES",
    "READ_ERRORS",
    "WIRE",
    "EventId",
    "FileId",
    "Key",
    "Name",
    "RecordId",
    "RoomId",
    "SpaceId",
    "Time",
    "is_empty",
    "last_part",
    "read_any",
    "read_rows",
    "split_file_id",
    "split_record_id",
    "split_room_id",
    "to_time",
]

MOST_EMPTY: Final = 10_000
"""How many bytes a page without rows has at most; a page with rows is not parsed twice."""

R = TypeVar("R")
T = TypeVar("T")

WIRE: Final = Decoder(
    secret=frozenset({"access_token", "accessCode", "passcode", "pin", "refresh_token"})
)

# ------------------------------------------------------------------------------------------- times

Time = Annotated[
    str, Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$")
]
"""A time with up to nine digits of a second; `to_time` reads it."""

Key = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.~-]+$")]
"""An id that is a part of a name, or of an address."""

Name = Annotated[str, Meta(pattern=r"^[A-Za-z]+/[A-Za-z0-9_.~-]+(/[A-Za-z]+/[A-Za-z0-9_.~-]+)*$")]
"""The name of a resource: collections and ids in turn, such as `spaces/jQCFfuBOdN5z`."""

_SPACE: Final = re.compile(r"[A-Za-z0-9_-]+")
"""The id of a space, which stands in filters as well: nothing in it may end a text."""

_FINE: Final = re.compile(r"(\.\d{6})\d+")


def to_time(text: str | None) -> datetime | None:
    """Return a time, cut to microseconds (docs/vendors/googlemeet.md#times).

    A decoder would round it, and with it the end of a session to the next second.
    """
    if text is None:
        return None
    try:
        return datetime.fromisoformat(_FINE.sub(r"\1", text))
    except ValueError:
        return None  # the 31st of a shorter month


# --------------------------------------------------------------------------------------------- ids


@frozen
class EventId:
    """A room that is an event of a calendar. `owner` is the user for whom it is called."""

    owner: str
    calendar: str
    event: str

    def __str__(self) -> str:
        return pack_id("event", self.owner, self.calendar, self.event)


@frozen
class SpaceId:
    """A room that is a bare space."""

    owner: str
    space: str

    def __str__(self) -> str:
        return pack_id("space", self.owner, self.space)


@frozen
class RecordId:
    """A session, which is a conference record."""

    owner: str
    record: str

    def __str__(self) -> str:
        return pack_id(self.owner, self.record)


@frozen
class FileId:
    """A recording, a transcript or notes; `collection` is the word for them in paths."""

    owner: str
    record: str
    collection: str
    file: str

    def __str__(self) -> str:
        return pack_id(self.owner, self.record, self.collection, self.file)


RoomId = EventId | SpaceId
COLLECTIONS: Final = ("recordings", "transcripts", "smartNotes")


def split_room_id(packed: str) -> RoomId:
    """Return the parts of a room's id. Raises `InvalidRequest` for any other text."""
    form, count = ("space", 3) if packed.startswith("space:") else ("event", 4)
    actual, *parts = unpack_id(packed, count, "room")
    if actual != form or (form == "space" and not _SPACE.fullmatch(parts[-1])):
        raise InvalidRequest(f"{packed!r} is not a room of Google Meet", field="room")
    return SpaceId(*parts) if form == "space" else EventId(*parts)


def split_record_id(packed: str) -> RecordId:
    """Return the parts of a session's id. Raises `InvalidRequest` for any other text."""
    return RecordId(*unpack_id(packed, 2, "session"))


def split_file_id(packed: str) -> FileId:
    """Return the parts of a recording's id. Raises `InvalidRequest` for any other text."""
    parts = FileId(*unpack_id(packed, 4, "recording"))
    if parts.collection not in COLLECTIONS:
        raise InvalidRequest(f"{packed!r} is not a recording of Google Meet", field="recording")
    return parts


# ---------------------------------------------------------------------------------------- failures

REASONS: Final[Mapping[str, type[ProviderError]]] = {
    "SERVICE_DISABLED": NotAvailable,  # a 403: the API is off for this project
    "accessNotConfigured": NotAvailable,
    "quotaExceeded": NotAvailable,  # a calendar is blocked for hours, so a retry is of no use
    "RATE_LIMIT_EXCEEDED": RateLimited,
    "rateLimitExceeded": RateLimited,
    "userRateLimitExceeded": RateLimited,
    "downloadQuotaExceeded": NotAvailable,
    "conditionNotMet": Conflict,  # a 412: somebody else changed the event meanwhile
    "ABORTED": Conflict,
    "ALREADY_EXISTS": Conflict,
    "deleted": NotFound,  # the 410 of a second deletion, which counts as done
}
"""What reasons mean, whatever the status: a rate limit may be a 403 or a 429.

docs/vendors/googlemeet.md#oddity-7
"""


@define
class ReasonRow:
    """One of the problems of Calendar and Drive, or one of the details of the others."""

    reason: str | None = None
    message: str | None = None


@define
class ErrorRow:
    """The object below `error`, in both of its forms (docs/vendors/googlemeet.md#errors)."""

    message: str | None = None
    status: str | None = None
    errors: list[ReasonRow] | None = None
    details: list[ReasonRow] | None = None

    def find_code(self) -> str | None:
        """Return the reason, or else the status, which says less."""
        reasons = [row.reason for row in (*(self.errors or ()), *(self.details or ()))]
        return next(filter(None, reasons), self.status)


@define
class FailureRow:
    """A failure; that of the token endpoint is flat."""

    error: ErrorRow | str | None = None
    error_description: str | None = None


def read_failure(reply: Reply) -> Failure | None:
    """Return what a failure says, or None for a success."""
    if reply.is_success:
        return None
    row = WIRE.peek(reply, FailureRow)
    if not isinstance(row, FailureRow) or row.error is None:
        return Failure()
    if isinstance(row.error, str):  # of the token endpoint (docs/vendors/googlemeet.md#oauth)
        return Failure(code=row.error, problems=_without_none(row.error_description))
    return Failure(code=row.error.find_code(), problems=_without_none(row.error.message))


def _without_none(text: str | None) -> tuple[str, ...]:
    return (text,) if text else ()


ERRORS: Final = ErrorMap(codes=REASONS, read=read_failure)
# A missing scope has a reason, which comes before this status (docs/vendors/googlemeet.md#errors).
READ_ERRORS: Final = ERRORS.with_codes({"PERMISSION_DENIED": NotFound})
"""For reading one object: Google does not say whether it exists and belongs to somebody else."""


# ------------------------------------------------------------------------------------ pages, texts


@define
class CursorRow:
    """The end of each page but the last."""

    nextPageToken: str | None = None  # noqa: N815 - Google's spelling


def _read_cursor(reply: Reply) -> str | None:
    # A page without rows may have a next one all the same (docs/vendors/googlemeet.md#json).
    return WIRE.read(reply, CursorRow).nextPageToken or None


PAGES: Final = CursorPages(param="pageToken", read=_read_cursor)


@define
class AnyRow:
    """An object of which nothing is needed."""


def read_any(reply: Reply) -> None:
    """Check that a reply is an object. Raises `MalformedResponse`."""
    WIRE.read(reply, AnyRow)


def read_rows(reply: Reply, row: type[R], build: Callable[[R, Native], T], at: str) -> list[T]:
    """Return what `build` makes of each row; a list without rows is left out of a reply.

    docs/vendors/googlemeet.md#json. Raises `MalformedResponse` for an object with other keys only.
    """
    if is_empty(reply):
        return []
    return WIRE.records(reply, row, build, at)


def is_empty(reply: Reply) -> bool:
    """Return whether a reply has nothing but, perhaps, the name of the next page."""
    if len(reply.body) > MOST_EMPTY:
        return False
    return not WIRE.read(reply, dict[str, object]).keys() - {"nextPageToken"}


def last_part(name: str, path: str = "$.name") -> str:
    """Return the id at the end of a resource's name: `spaces/x` is `x`.

    Raises `MalformedResponse` for an empty one.
    """
    if not name:
        raise MalformedResponse("a resource has no name", path=path)
    return name.rpartition("/")[2]
