"""What all of ClickMeeting's JSON shares: the decoder, what is secret, roles, and failures.

Types follow recorded replies where the samples of the reference differ from them.
"""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime
from typing import Annotated, Any, Final, cast

from attrs import define
from msgspec import UNSET, Meta

from conferencing.http import Decoder, Failure, LaxInt, Reply, to_int
from conferencing.model import Role

# The autologin hashes log in the owner of the account (docs/vendors/clickmeeting.md#oddity-12).
WIRE: Final = Decoder(
    secret=frozenset(
        [
            "password",
            "autologin_hash",
            "autologin_hashes",
            "access_role_hashes",
            "phone_presenter_pin",
            "phone_listener_pin",
            "url",
            "r",
            "recording_url",
            "recorder_list",
            "token",
        ]
    )
)
ROLES: Final = {Role.HOST: "host", Role.PRESENTER: "presenter", Role.ATTENDEE: "listener"}
# Some sources have five roles (docs/vendors/clickmeeting.md#oddity-36).
READ_ROLES: Final = {
    "host": Role.HOST,
    "presenter": Role.PRESENTER,
    "moderator": Role.PRESENTER,
    "guest_speaker": Role.PRESENTER,
    "listener": Role.ATTENDEE,
}
EmptyMap = Annotated[list[Any], Meta(max_length=0)]
"""`[]`, which is how PHP writes an empty map."""

_STATUS_LINE: Final = re.compile(r"[45][0-9]{2}\b")


@define
class PingRow:
    """The reply to a ping."""

    ping: str


@define
class FailureRow:
    """A failure. `errors` is a list of objects, of which the `name` has varying types."""

    code: LaxInt | None = None
    errors: Any = UNSET


def read_ping(reply: Reply) -> None:
    """Check that ClickMeeting answered."""
    WIRE.read(reply, PingRow)


def read_failure(reply: Reply) -> Failure | None:
    """Return the failure in a reply of any HTTP status, or None for a success."""
    ok = reply.is_success
    if ok and b'"errors"' not in reply.body and not reply.body.lstrip().startswith(b'"'):
        return None  # nearly all replies; those below look like a failure in HTTP 200
    row = WIRE.peek(reply, FailureRow)
    if not ok:
        return Failure(problems=_read_problems(row))
    # A failure may come with HTTP 200 (docs/vendors/clickmeeting.md#oddity-1).
    status = _read_status(row)
    return None if status is None else Failure(problems=_read_problems(row), status=status)


def _read_status(row: FailureRow | str | None) -> int | None:
    """Return the status of a failure that a body reports."""
    if isinstance(row, str):  # "404 Not Found" (docs/vendors/clickmeeting.md#oddity-32)
        match = _STATUS_LINE.match(row)
        return int(match[0]) if match else None
    code = to_int(row.code) if row and row.errors is not UNSET else None
    return code if code is not None and code >= 400 else None  # noqa: PLR2004


def _read_problems(row: FailureRow | str | None) -> tuple[str, ...]:
    if isinstance(row, str):
        return (row,) if row else ()
    errors = row.errors if row else None
    rows = cast("list[object]", errors) if isinstance(errors, list) else []
    return tuple(filter(None, map(_read_problem, rows)))


def _read_problem(row: object) -> str:
    """Return name and message; the name has any type (docs/vendors/clickmeeting.md#oddity-31)."""
    if not isinstance(row, dict):
        return row if isinstance(row, str) else ""
    fields = cast("dict[str, Any]", row)
    texts = (fields.get("name"), fields.get("message"))
    return " ".join(text for text in texts if isinstance(text, str))


def unescape(text: str | None) -> str | None:
    """Return a text without HTML escapes, None for an empty one.

    Names come escaped (docs/vendors/clickmeeting.md#oddity-8); the same is assumed of comments.
    """
    return html.unescape(text) if text and "&" in text else text or None


def assume_utc(moment: datetime | None) -> datetime | None:
    """Return a time with its offset; one without is in UTC (docs/vendors/clickmeeting.md#times)."""
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment
