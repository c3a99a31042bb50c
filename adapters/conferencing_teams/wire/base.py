"""What all of Graph's JSON shares: the decoder, ids, paging and failures."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import msgspec
from attrs import define, frozen
from msgspec import Struct
from msgspec.structs import replace

from conferencing.errors import (
    AuthenticationFailed,
    Conflict,
    InvalidRequest,
    MalformedResponse,
    NotAvailable,
    ProviderError,
)
from conferencing.http import Decoder, ErrorMap, Failure, Reply, Request

__all__ = [
    "ERRORS",
    "MARK",
    "TOKEN_ERRORS",
    "WIRE",
    "Form",
    "ItemBodyRow",
    "NextLinks",
    "RoomKey",
    "UserRow",
    "extract",
    "is_object_id",
    "is_policy_missing",
    "quote_literal",
    "read_user",
    "split_room_id",
    "split_session_id",
]

T = TypeVar("T")

WIRE: Final = Decoder(
    secret=frozenset(
        [
            "access_token",
            "clientState",
            "joinInformation",
            "joinUrl",
            "joinWebUrl",
            "passcode",
            "refresh_token",
        ]
    )
)


# --------------------------------------------------------------------------------------------- ids


class Form(StrEnum):
    """The three things that are called a meeting; the value begins the id of a room."""

    EVENT = "e"
    MEETING = "m"
    WEBINAR = "w"


OBJECT_ID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
MARK: Final = "~"
"""What separates the parts of an id: it occurs in no id of Graph's (docs/vendors/teams.md#ids)."""


@frozen
class RoomKey:
    """What an id of a room is made of. Webinars have no owner in their paths."""

    form: Form
    owner: str
    id: str

    def __str__(self) -> str:
        return MARK.join((self.form.value, self.owner, self.id))


def split_room_id(room_id: str, default: RoomKey | None = None) -> RoomKey:
    """Return the parts of a room's id. Raises `InvalidRequest` for one that is not of this adapter.

    An id alone, as Graph has it, is taken with form and owner of `default`.
    """
    if default is not None and room_id and MARK not in room_id:
        return RoomKey(default.form, default.owner, room_id)
    form, _, rest = room_id.partition(MARK)
    owner, mark, own_id = rest.partition(MARK)
    is_webinar = form == Form.WEBINAR
    if form not in {*Form} or not mark or not own_id or (not owner) is not is_webinar:
        raise InvalidRequest(
            f"{room_id!r} is not a room of Teams; rooms() and create_room() return their ids",
            field="room",
        )
    return RoomKey(Form(form), owner, own_id)


def split_session_id(session_id: str) -> tuple[RoomKey, str, str]:
    """Return the room, the session of a webinar (else an empty text), and the attendance report."""
    count = 2 if session_id.startswith(Form.WEBINAR + MARK) else 1
    room_id, *parts = session_id.rsplit(MARK, count)
    if len(parts) != count or not all(parts):
        raise InvalidRequest(f"{session_id!r} is not a session of Teams", field="session")
    return split_room_id(room_id), parts[0] if count > 1 else "", parts[-1]


def is_object_id(text: str) -> bool:
    """Return whether a text is the id of an object of the directory, which is a GUID."""
    return OBJECT_ID.fullmatch(text) is not None


def quote_literal(text: str) -> str:
    """Return a literal for a filter or the key of a path: quotes are doubled, then encoded.

    docs/vendors/teams.md#queries
    """
    return text.replace("'", "''")


@define
class UserRow:
    """A user of the directory."""

    id: str


def read_user(reply: Reply) -> str:
    """Return the object id of a user."""
    return WIRE.read(reply, UserRow).id


@define
class ItemBodyRow:
    """A text with its type, `text` or `html`."""

    content: str | None = None
    contentType: str | None = None  # noqa: N815 - Graph's spelling


# ------------------------------------------------------------------------------------------- pages


class PageRow(Struct):
    """The end of a page; the last one has no link."""

    next_link: str | None = msgspec.field(default=None, name="@odata.nextLink")


class NextLinks(Struct, frozen=True):
    """Follow the link of each page to the next one, whole, as far as it stays below `base_url`.

    Graph asks for that: the link is not to be taken apart, and an empty page may have one
    (docs/vendors/teams.md#oddity-5).
    """

    base_url: str

    def first(self, request: Request) -> Request:
        """Return the request unchanged."""
        return request

    def next(self, request: Request, reply: Reply, count: int) -> Request | None:
        """Return the request for the next link. Raises `MalformedResponse` for one elsewhere."""
        link = WIRE.read(reply, PageRow).next_link
        if not link:
            return None
        own, home = _split(link), _split(self.base_url)
        prefix = f"{home.path.rstrip('/')}/"
        # The token goes with each request, so no other host is followed.
        if (own.scheme, own.netloc) != (home.scheme, home.netloc) or not own.path.startswith(
            prefix
        ):
            raise MalformedResponse(
                "the link to the next page leads to another host, which is not followed",
                path="$['@odata.nextLink']",
            )
        # The link has the query of the first request in it (docs/vendors/teams.md#queries).
        target = own.path.removeprefix(prefix[:-1]) + (f"?{own.query}" if own.query else "")
        return replace(request, path=target, query={})


def _split(url: str) -> Any:
    try:
        return urlsplit(url)
    except ValueError:
        raise MalformedResponse(
            "the link to the next page is malformed", path="$['@odata.nextLink']"
        ) from None


def extract(reply: Reply) -> Reply:
    """Return the reply, without the `{"value": …}` in which some samples wrap one object.

    docs/vendors/teams.md#oddity-1
    """
    try:
        inner = bytes(msgspec.json.decode(reply.body, type=WrappedRow).value)
    except (msgspec.DecodeError, RecursionError):
        return reply
    return replace(reply, body=inner) if inner.startswith(b"{") else reply


class WrappedRow(Struct):
    """An object in a `value`, which elsewhere holds a list."""

    value: msgspec.Raw


# ---------------------------------------------------------------------------------------- failures

NO_POLICY: Final = "No application access policy found for this app"
POLICY: Final = "ApplicationAccessPolicyMissing"
"""The code that this adapter gives to a refusal which Graph marks by its text only."""

CODES: Final[Mapping[str, type[ProviderError]]] = {
    POLICY: NotAvailable,
    # Inner codes of a 403: the tenant switched transcripts off (docs/vendors/teams.md#errors).
    "GraphAccessToTranscriptsDisabled": NotAvailable,
    "SpeakerAttributionNotAllowed": NotAvailable,
    # At status 404, although only the mailbox is missing (docs/vendors/teams.md#users).
    "MailboxNotEnabledForRESTAPI": NotAvailable,
    "ErrorDuplicateTransactionId": Conflict,  # at 400 or 409 (docs/vendors/teams.md#errors)
    "ConcurrentItemSave": Conflict,  # this one and the next at 409 or 412: two writes at once
    "resourceModified": Conflict,
}

_PERMISSION: Final = (
    "grant the app the permission that docs/providers/teams.md names for this operation, with an"
    " administrator's consent; `conferencing doctor` shows those that its token has"
)
REMEDIES: Final[Mapping[str, str]] = {
    POLICY: "a Teams administrator grants the policy: New-CsApplicationAccessPolicy, then"
    " Grant-CsApplicationAccessPolicy for the organizer; it is active after up to 30 minutes",
    "GraphAccessToTranscriptsDisabled": "a Teams administrator permits apps to read transcripts",
    "MailboxNotEnabledForRESTAPI": "the host has no mailbox in Exchange Online: license one, or set"
    ' meetings = "plain"',
    "Authorization_RequestDenied": _PERMISSION,
    "Forbidden": f"{_PERMISSION}; or the access policy is for another user",
    "ErrorAccessDenied": f"{_PERMISSION}; or Exchange fences the app off from this mailbox",
    "AccessDenied": _PERMISSION,
}
"""What to do, by code; it is added to the text of the vendor."""


@define
class InnerErrorRow:
    """What is inside of a failure: a more exact code, if any."""

    code: str | None = None


@define
class ErrorRow:
    """A failure of Graph's."""

    code: str | None = None
    message: str | None = None
    innerError: InnerErrorRow | None = None  # noqa: N815 - Graph's spelling
    innererror: InnerErrorRow | None = None  # spelt either way (docs/vendors/teams.md#errors)


@define
class FailureRow:
    """A failure: an object, or the word of OAuth with a description."""

    error: ErrorRow | str | None = None
    error_description: str | None = None


def read_failure(reply: Reply) -> Failure | None:
    """Return what a failure says with what to do, or None for a success."""
    if reply.is_success:
        return None
    row = WIRE.peek(reply, FailureRow)
    if not isinstance(row, FailureRow) or row.error is None:
        return Failure()
    if isinstance(row.error, str):
        return Failure(code=row.error, problems=tuple(filter(None, [row.error_description])))
    code = _find_code(row.error)
    texts = (row.error.message, REMEDIES.get(code or ""))
    return Failure(code=code, problems=tuple(filter(None, texts)))


def _find_code(error: ErrorRow) -> str | None:
    """Return the code: the inner one if that is known, since the outer one may be empty."""
    if is_policy_missing(error.message):
        return POLICY
    inner = error.innerError or error.innererror
    if inner and inner.code and (inner.code in CODES or not error.code):
        return inner.code
    return error.code or None


def is_policy_missing(message: str | None) -> bool:
    """Return whether the text says that no access policy covers the app.

    Nothing else tells it from a missing permission (docs/vendors/teams.md#oddity-12).
    """
    return (message or "").startswith(NO_POLICY)


ERRORS: Final = ErrorMap(codes=CODES, read=read_failure)
# Bad credentials are 400 or 401, so the word decides (docs/vendors/teams.md#tokens).
TOKEN_ERRORS: Final = ERRORS.with_codes(
    dict.fromkeys(
        ["invalid_client", "invalid_grant", "invalid_request", "unauthorized_client"],
        AuthenticationFailed,
    )
)
