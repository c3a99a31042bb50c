"""What all of Zoom's JSON shares: the decoder, ids, tokens, paging and failures."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, urlsplit

from attrs import define
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
    RateLimited,
)
from conferencing.http import (
    CursorPages,
    Decoder,
    ErrorMap,
    Failure,
    LaxInt,
    Reply,
    Token,
    oauth,
    pack_id,
    to_int,
    unpack_id,
)
from conferencing.http.refresh_tokens import Refreshed
from conferencing.model import RoomKind

__all__ = [
    "ERRORS",
    "PAGES",
    "WIRE",
    "UserRow",
    "encode_uuid",
    "is_trusted",
    "read_refreshed",
    "read_token",
    "read_user",
    "room_id",
    "run_id",
    "split_room_id",
    "split_run_id",
]

# `start_url` logs its bearer in as the host (docs/vendors/zoom.md#rooms-reply); passcodes stand
# in join links as well.
WIRE: Final = Decoder(
    secret=frozenset(
        [
            "access_token",
            "download_access_token",
            "download_token",
            "download_url",
            "encrypted_passcode",
            "encrypted_password",
            "h323_passcode",
            "h323_password",
            "join_url",
            "passcode",
            "password",
            "play_url",
            "pstn_password",
            "recording_play_passcode",
            "refresh_token",
            "registration_url",
            "share_url",
            "start_url",
        ]
    )
)

# The API of each region and the downloads have hosts of their own (docs/vendors/zoom.md#general).
ZOOM_HOST: Final = re.compile(r"([a-z0-9-]+\.)*zoom\.us(:443)?")

KINDS: Final = {"meeting": RoomKind.MEETING, "webinar": RoomKind.WEBINAR}

CODES: Final[Mapping[str, type[ProviderError]]] = {
    "124": AuthenticationFailed,
    # A plan, an add-on or a permission is missing: only the text says which, and it is in the
    # language of the account (docs/vendors/zoom.md#oddity-6).
    "200": NotAvailable,
    "403": PermissionDenied,
    "404": Conflict,  # at status 400: registration is off (docs/vendors/zoom.md#errors)
    "429": RateLimited,
    "1001": NotFound,
    "1010": NotFound,
    "1120": NotFound,
    "3000": NotFound,  # the room is of the other kind (docs/vendors/zoom.md#oddity-4)
    "3001": NotFound,
    "3002": Conflict,  # deletion of a running room, in old documents (docs/vendors/zoom.md#errors)
    "3007": Conflict,
    "3018": InvalidRequest,
    "3027": Conflict,  # the host, or an alternative host, registers
    "3035": Conflict,
    "3037": InvalidRequest,
    "3038": Conflict,
    "3043": Conflict,
    "3063": NotAvailable,
    "3079": NotFound,  # at status 400: a registrant of a webinar
    "3161": PermissionDenied,
    "3301": NotFound,
    "3303": Conflict,
    "3310": Conflict,
    "4001": RateLimited,
    "4711": PermissionDenied,
    "12702": NotAvailable,  # a run of more than a year ago
}
"""What Zoom's codes mean, whatever the status; the same code has several statuses."""


# ---------------------------------------------------------------------------------------- failures


@define
class ProblemRow:
    """One wrong field of a request."""

    field: str | None = None
    message: str | None = None


@define
class FailureRow:
    """A failure. In OAuth's replies, `reason` and `error` stand for message and code."""

    code: LaxInt | None = None
    message: str | None = None
    error_message: str | None = None
    errors: list[ProblemRow] | None = None
    reason: str | None = None
    error: str | None = None


def read_failure(reply: Reply) -> Failure | None:
    """Return what a failure says, or None for a success.

    A failure may come with HTTP 200 (docs/vendors/zoom.md#oddity-5): an object with a code other than
    0 and a message is none of Zoom's records.
    """
    row = WIRE.peek(reply, FailureRow)
    if isinstance(row, str) or row is None:
        return None if reply.is_success else Failure(problems=(row,) if row else ())
    code = to_int(row.code)
    message = row.message or row.error_message
    if reply.is_success and not (code and message):
        return None
    return Failure(
        code=str(code) if code else row.error,
        problems=tuple(_list_problems(row, message)),
        retryable=_retryable(reply) if reply.status == 429 else None,  # noqa: PLR2004
    )


def _list_problems(row: FailureRow, message: str | None) -> list[str]:
    fields = [
        ": ".join(filter(None, (problem.field, problem.message))) for problem in row.errors or ()
    ]
    # Shown, never compared: their language is that of the account (docs/vendors/zoom.md#general).
    return list(filter(None, fields)) or list(filter(None, (message, row.reason)))


def _retryable(reply: Reply) -> bool:
    """Return whether a refused call may pass soon.

    A daily limit is told by the date at which it ends, or by nothing at all; only the limit per
    second is named (docs/vendors/zoom.md#limits).
    """
    limit = reply.headers.get("x-ratelimit-type", "").upper()
    return limit == "QPS" or any(
        reply.headers.get(name) for name in ("retry-after", "x-ratelimit-reset")
    )


ERRORS: Final = ErrorMap(codes=CODES, read=read_failure)


# --------------------------------------------------------------------------------------------- ids


def room_id(kind: RoomKind, number: int | str) -> str:
    """Return the id of a room: meetings and webinars have different calls."""
    return pack_id(kind.value, number)


def run_id(kind: RoomKind, number: int | str, uuid: str) -> str:
    """Return the id of a session or of its recording; a number alone means the latest run."""
    return pack_id(kind.value, number, uuid)


def split_room_id(packed: str) -> tuple[RoomKind, str]:
    """Return kind and number of a room's id; a number alone is a meeting's."""
    # Both kinds share one space of numbers, so a number tells no kind (docs/vendors/zoom.md#ids).
    if packed.isdigit() and packed.isascii():
        return RoomKind.MEETING, packed
    kind, number = unpack_id(packed, 2, "room")
    return _to_kind(kind, packed, "room"), number


def split_run_id(packed: str, name: str) -> tuple[RoomKind, str, str]:
    """Return kind, number and uuid of the id of a session or of a recording."""
    kind, number, uuid = unpack_id(packed, 3, name)
    return _to_kind(kind, packed, name), number, uuid


def _to_kind(kind: str, packed: str, name: str) -> RoomKind:
    if kind not in KINDS:
        raise InvalidRequest(f"{packed!r} is not a {name} of Zoom", field=name)
    return KINDS[kind]


def encode_uuid(uuid: str) -> str:
    """Return a uuid as a request takes it, which encodes it once (more).

    One that begins with a slash, or has two in a row, has to be encoded twice in a path
    (docs/vendors/zoom.md#double-encoding).
    """
    return quote(uuid, safe="") if uuid.startswith("/") or "//" in uuid else uuid


# ------------------------------------------------------------------------------------------ tokens


@define
class RegionRow:
    """What Zoom's token endpoint adds to the usual reply: the host of the account's region."""

    api_url: str | None = None


def read_token(reply: Reply, *, regional: bool, home: str) -> Token:
    """Return an access token; with `regional`, for the host that Zoom names with it.

    `home` is the base URL of the account, which is accepted as well.
    """
    token = oauth.read_token(reply)
    # The global host works for every account, so the regional one is optional
    # (docs/vendors/zoom.md#general).
    api_url = WIRE.read(reply, RegionRow).api_url if regional else None
    return replace(token, base_url=_regional_url(api_url, home)) if api_url else token


def read_refreshed(reply: Reply, *, regional: bool, home: str) -> Refreshed:
    """Return an access token, and the refresh token that takes the place of the one sent."""
    token = read_token(reply, regional=regional, home=home)
    return replace(oauth.read_refreshed(reply), token=token)


def _regional_url(api_url: str, home: str) -> str:
    """Return the base URL of a region. Raises `MalformedResponse` for a host that is not Zoom's."""
    if not is_trusted(api_url, home):
        raise MalformedResponse("api_url is not one of Zoom's hosts", path="$.api_url")
    return f"{api_url.rstrip('/')}/v2"  # api_url is a host without the version


def is_trusted(url: str, home: str) -> bool:
    """Return whether a token may be sent to a URL: to Zoom's hosts, and to that of the base URL."""
    parts, own = urlsplit(url), urlsplit(home)
    if (parts.scheme, parts.netloc) == (own.scheme, own.netloc):
        return True
    return parts.scheme == "https" and ZOOM_HOST.fullmatch(parts.netloc.lower()) is not None


# ------------------------------------------------------------------------------------ pages, users


@define
class CursorRow:
    """The end of each page; an empty token, or none, is the last one's."""

    next_page_token: str | None = None


def _read_cursor(reply: Reply) -> str | None:
    return WIRE.read(reply, CursorRow).next_page_token or None


PAGES: Final = CursorPages(param="next_page_token", read=_read_cursor)


@define
class UserRow:
    """A user of the account."""

    id: str
    email: str | None = None


def read_user(reply: Reply) -> UserRow:
    """Return the user."""
    return WIRE.read(reply, UserRow)
