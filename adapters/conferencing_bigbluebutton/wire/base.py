"""What all replies share: the envelope, failures, lists, and ids (docs/vendors/bigbluebutton.md#envelope)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final, cast

from attrs import define

from conferencing.errors import (
    AuthenticationFailed,
    Conflict,
    InvalidRequest,
    MalformedResponse,
    NotFound,
    PermissionDenied,
    ProviderError,
    ProviderUnavailable,
)
from conferencing.http import (
    Decoder,
    ErrorMap,
    Failure,
    LaxInt,
    Reply,
    epoch,
    pack_id,
    to_int,
    unpack_id,
)
from conferencing.http.reply import MAX_FAILURE

from .xml import parse_xml

__all__ = [
    "ERRORS",
    "WIRE",
    "find_rows",
    "is_missing",
    "read_response",
    "session_id",
    "split_session_id",
    "to_mapping",
    "to_moment",
]

# A password admits whoever has it, and so may the address of a recording.
WIRE: Final = Decoder(
    secret=frozenset(
        ["attendeePW", "moderatorPW", "moderator-pass", "viewer-pass", "url", "href", "link"]
    )
)

CODES: Final[Mapping[str, type[ProviderError]]] = {
    "checksumError": AuthenticationFailed,
    # One thing under two names, by the age of the server (docs/vendors/bigbluebutton.md#oddity-10).
    "validationError": InvalidRequest,
    "missingParamMeetingID": InvalidRequest,
    "missingParamRecordID": InvalidRequest,
    "missingParamPublish": InvalidRequest,
    "missingParamFullName": InvalidRequest,
    "missingParamHookID": InvalidRequest,
    "missingParamCallbackURL": InvalidRequest,
    "missingParameters": InvalidRequest,
    "missingParameter": InvalidRequest,
    "paramError": InvalidRequest,
    "invalidKind": InvalidRequest,
    "invalidLang": InvalidRequest,
    "empty_uploaded_text_track": InvalidRequest,
    "parentMeetingIdMissing": InvalidRequest,
    "unsupportedContentType": InvalidRequest,
    "unsupportedRequest": InvalidRequest,
    "notFound": NotFound,
    "meetingNotFound": NotFound,
    "destroyMissingHook": NotFound,
    "idNotUnique": Conflict,  # the meeting exists with other passwords
    "nonUniqueVoiceBridge": Conflict,
    "mismatchCreateTimeParam": Conflict,  # the link is for another life of the meeting
    "maxParticipantsReached": Conflict,
    "meetingForciblyEnded": Conflict,
    "guestDeniedAccess": PermissionDenied,
    "invalidPassword": PermissionDenied,
    "Params required": PermissionDenied,  # a wrong password of a link
    "internalError": ProviderUnavailable,
    "serverUnavailable": ProviderUnavailable,
    "createHookError": ProviderUnavailable,
    "destroyHookError": ProviderUnavailable,
    "upload_text_track_failed": ProviderUnavailable,
}
"""What the keys of messages mean, whatever the status: most failures come with 200.

See docs/vendors/bigbluebutton.md#failures.
"""

# One template of failures lacks an end tag, so that it is no XML and is searched as text:
# docs/vendors/bigbluebutton.md#oddity-13. A cut reply does not end in the same way.
_BROKEN: Final = re.compile(
    rb"\s*(?:<\?xml[^<>]*\?>\s*)?<response>\s*<returncode>\s*FAILED\s*</returncode>.*</response>\s*",
    re.DOTALL,
)
_KEY: Final = re.compile(rb"<(?:messageKey|key)>\s*([^<>]{1,100}?)\s*</")
_MESSAGE: Final = re.compile(rb"<message>\s*([^<>]{1,2000}?)\s*</")


@define
class EnvelopeRow:
    """The three fields of each reply, in XML or JSON."""

    returncode: str | None = None
    messageKey: str | None = None  # noqa: N815 - the vendor's spelling
    message: str | None = None


@define
class JSONFailureRow:
    """A reply in JSON, where everything is below `response`."""

    response: EnvelopeRow | None = None


def read_failure(reply: Reply) -> Failure | None:
    """Return what a failure says, or None for a success; the reply is looked at before the status."""
    failed = not reply.is_success
    # Some load balancers answer failures with 403 to 500: docs/vendors/bigbluebutton.md#oddity-11
    if len(reply.body) <= MAX_FAILURE:
        failure = _read_json_failure(reply) or _read_xml_failure(reply.body)
        if failure is not None:
            return failure
    return Failure() if failed else None


def _read_json_failure(reply: Reply) -> Failure | None:
    row = WIRE.peek(reply, JSONFailureRow)
    envelope = row.response if isinstance(row, JSONFailureRow) else None
    if envelope is None:
        return None
    # One upload fails beside a success: docs/vendors/bigbluebutton.md#oddity-14
    failed = is_code(envelope.returncode, "FAILED")
    if not failed and envelope.messageKey != "upload_text_track_failed":
        return None
    return _to_failure([envelope.messageKey], [envelope.message])


def _read_xml_failure(body: bytes) -> Failure | None:
    try:
        response = parse_xml(body)
    except MalformedResponse:
        return _search_failure(body)
    if not is_code(response.get("returncode"), "FAILED"):
        return None
    # Several failures are in a list, under other names: docs/vendors/bigbluebutton.md#envelope
    rows = [to_mapping(row) for row in find_rows({"errors": None, **response}, "errors", "error")]
    keys = [response.get("messageKey"), *(row.get("key") for row in rows)]
    return _to_failure(keys, [response.get("message"), *(row.get("message") for row in rows)])


def _search_failure(body: bytes) -> Failure | None:
    if not _BROKEN.fullmatch(body):
        return None
    keys, messages = _KEY.findall(body), _MESSAGE.findall(body)
    return _to_failure(
        [key.decode("utf-8", "replace") for key in keys],
        [message.decode("utf-8", "replace") for message in messages],
    )


def _to_failure(keys: Iterable[object], messages: Iterable[object]) -> Failure:
    """Return a failure by its first key, with all messages; what is not text is left out."""
    codes = (key for key in keys if isinstance(key, str) and key)
    problems = tuple(text for text in messages if isinstance(text, str) and text)
    return Failure(code=next(codes, None), problems=problems)


def is_code(value: object, code: str) -> bool:
    """Return whether a `returncode` is this one, in any case (docs/vendors/bigbluebutton.md#oddity-1)."""
    return isinstance(value, str) and value.upper() == code


ERRORS: Final = ErrorMap(codes=CODES, read=read_failure)


def is_missing(error: NotFound) -> bool:
    """Return whether the server says that there is no such thing, rather than no such address.

    A bare 404 says nothing about a meeting: a wrong address would end all of them
    (docs/vendors/bigbluebutton.md#oddity-11).
    """
    return error.code is not None


def read_response(reply: Reply) -> dict[str, Any]:
    """Return the fields of a success. Raises `MalformedResponse`."""
    response = parse_xml(reply.body)
    if not is_code(response.get("returncode"), "SUCCESS"):
        raise MalformedResponse(
            "the reply is not as documented: its returncode is neither SUCCESS nor FAILED",
            path="$.returncode",
        )
    return response


def find_rows(response: Mapping[str, Any], *path: str) -> list[Any]:
    """Return the elements of a list at a path, which may be none, one, or several.

    Raises `MalformedResponse` if there is no list; an empty one is an empty element.
    """
    container, *rest = path
    if container not in response:
        raise MalformedResponse(
            "the reply is not as documented: a required field is missing", path=f"$.{container}"
        )
    rows = response[container]
    for name in rest:
        rows = to_mapping(rows).get(name, [])
    return cast("list[object]", rows) if isinstance(rows, list) else [rows]


def to_mapping(value: object) -> dict[str, Any]:
    """Return a mapping; an empty one for anything else, such as an empty element."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def to_moment(milliseconds: LaxInt | None) -> datetime | None:
    """Return the time of a number of milliseconds since 1970; 0 stands for "not yet"."""
    number = to_int(milliseconds)
    return epoch(number / 1000) if number else None


# --------------------------------------------------------------------------------------------- ids


def session_id(meeting: str, internal: str) -> str:
    """Return the id of a session: calls name a meeting, and the internal id one life of it."""
    return pack_id(meeting, internal)


def split_session_id(packed: str) -> tuple[str, str]:
    """Return the meeting and the internal id of a session."""
    meeting, internal = unpack_id(packed, 2, "session")
    return meeting, internal
