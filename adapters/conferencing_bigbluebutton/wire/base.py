"""What all replies share: the envelope, failures, lists, and ids (docs/vendors/bigbluebutton.md#envelope)."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Mapping
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

MAX_FAILURE: Final = 64 * 2**10
"""The size in bytes up to which a reply is searched for a failure; larger ones are data."""

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
    "idNotUnique": Conflict,
    "nonUniqueVoiceBridge": Conflict,
    "mismatchCreateTimeParam": Conflict,
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
"""What the keys of messages mean, whatever the status: most failures come with 200."""

# One template of failures lacks an end tag, so they are recognized by their first element, also in
# broken XML: docs/vendors/bigbluebutton.md#oddity-13. Anchored: a text further on may say the same.
_FAILED: Final = re.compile(
    rb"\s*(?:<\?xml[^<>]*\?>\s*)?<response>\s*<returncode>\s*failed\s*</returncode>", re.IGNORECASE
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
    failed = reply.status >= 400  # noqa: PLR2004
    if len(reply.body) <= MAX_FAILURE:
        failure = _read_json_failure(reply) or _read_xml_failure(reply.body)
        if failure is not None:
            return failure
    return Failure() if failed else None


def _read_json_failure(reply: Reply) -> Failure | None:
    row = WIRE.peek(reply, JSONFailureRow)
    envelope = row.response if isinstance(row, JSONFailureRow) else None
    if envelope is None or not _is_failure(envelope):
        return None
    return Failure(
        code=envelope.messageKey or None, problems=(envelope.message,) if envelope.message else ()
    )


def _is_failure(envelope: EnvelopeRow) -> bool:
    """Return whether an envelope reports a failure, which one call does beside a success.

    docs/vendors/bigbluebutton.md#oddity-14
    """
    word = (envelope.returncode or "").upper()
    return word == "FAILED" or envelope.messageKey == "upload_text_track_failed"


def _read_xml_failure(body: bytes) -> Failure | None:
    if not _FAILED.match(body.removeprefix(BOM_UTF8)):
        return None
    key, messages = _KEY.search(body), _MESSAGE.findall(body)
    return Failure(
        code=key[1].decode("utf-8", "replace") if key else None,
        problems=tuple(message.decode("utf-8", "replace") for message in messages),
    )


ERRORS: Final = ErrorMap(codes=CODES, read=read_failure)


def is_missing(error: NotFound) -> bool:
    """Return whether the server says that there is no such thing, rather than no such address.

    A bare 404 says nothing about a meeting: a wrong address would end all of them.
    """
    return error.code is not None


def read_response(reply: Reply) -> dict[str, Any]:
    """Return the fields of a success. Raises `MalformedResponse`."""
    response = parse_xml(reply.body)
    if str(response.get("returncode", "")).upper() != "SUCCESS":
        raise MalformedResponse(
            "the reply is not as documented: its returncode is neither SUCCESS nor FAILED",
            path="$.returncode",
        )
    return response


def find_rows(response: Mapping[str, Any], container: str, row: str) -> list[Any]:
    """Return the elements of a list, which may be none, one, or several.

    Raises `MalformedResponse` if there is no list; an empty one is an empty element.
    """
    if container not in response:
        raise MalformedResponse(
            "the reply is not as documented: a required field is missing", path=f"$.{container}"
        )
    rows = to_mapping(response[container]).get(row, [])
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
