"""What all of Webex's JSON shares: the decoder, failures, ids, times, paging and tokens."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from attrs import define

from conferencing.errors import InvalidRequest
from conferencing.http import (
    Decoder,
    ErrorMap,
    Failure,
    LinkPages,
    Reply,
)

__all__ = ["ERRORS", "PAGES", "WIRE", "check_run", "series_of", "to_moment"]

WIRE: Final = Decoder(
    secret=frozenset(
        [
            *("password", "panelistPassword", "phoneAndVideoSystemPassword", "hostKey"),
            *("joinLink", "startLink", "registrationId", "accessCode", "secret"),
            *("recordingDownloadLink", "audioDownloadLink", "transcriptDownloadLink"),
            *("access_token", "refresh_token"),
        ]
    )
)

# Next links were seen with `max=null` (docs/vendors/webex.md#oddity-8).
PAGES: Final = LinkPages(keep=("max",))

RUN: Final = "_I_"


@define
class ProblemRow:
    """One thing that is wrong with a request."""

    description: str | None = None


@define
class FailureRow:
    """A failure, which has no code; the texts in `errors` say more than `message`."""

    message: str | None = None
    errors: list[ProblemRow] | None = None
    trackingId: str | None = None  # noqa: N815 - Webex's spelling


def read_failure(reply: Reply) -> Failure | None:
    """Return what a failure says, or None for a success. The body of a 429 may be HTML."""
    if reply.is_success:
        return None
    row = WIRE.peek(reply, FailureRow)
    if not isinstance(row, FailureRow):
        return Failure()
    texts = [problem.description for problem in row.errors or ()] or [row.message]
    tracking = f"trackingId {row.trackingId}" if row.trackingId else None
    # Without a code, the status alone decides (docs/vendors/webex.md#errors).
    return Failure(problems=tuple(filter(None, [*texts, tracking])))


ERRORS: Final = ErrorMap(read=read_failure)


def series_of(meeting_id: str) -> str:
    """Return the room of an occurrence or a run: its id begins with that of the series.

    docs/vendors/webex.md#ids
    """
    return meeting_id.partition("_")[0]


def check_run(session_id: str) -> str:
    """Return the id of a run. Raises `InvalidRequest` for that of a series or an occurrence.

    Webex would answer for the last run of those (docs/vendors/webex.md#attendance).
    """
    if RUN not in session_id:
        raise InvalidRequest(
            f"{session_id!r} is not the id of a run; sessions() of a room lists them",
            field="session",
        )
    return session_id


def to_moment(value: datetime | None) -> datetime | None:
    """Return a time, or None for the start of 1970, which means that it is not known yet.

    docs/vendors/webex.md#times
    """
    return None if value is None or value <= datetime(1970, 1, 2, tzinfo=UTC) else value
