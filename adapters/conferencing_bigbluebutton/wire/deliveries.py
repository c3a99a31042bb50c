"""What the server pushes: verified, read, and put together again as attendance.

docs/vendors/bigbluebutton.md#callbacks and docs/vendors/bigbluebutton.md#webhooks
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, cast
from urllib.parse import parse_qs

import msgspec

from conferencing.errors import WebhookForged, WebhookMalformed
from conferencing.model import Secret
from conferencing.model.attendance import Attendance
from conferencing.webhooks.attendance import attendance_from_events
from conferencing.webhooks.events import ParticipantJoined, ParticipantLeft
from conferencing.webhooks.request import WebhookRequest
from conferencing.webhooks.verification import bearer_token, check_hmac_jwt, check_token
from conferencing_bigbluebutton.checksum import algorithm_of, digest

from .callbacks import ANALYTICS, push_analytics, push_recording, read_analytics
from .events import push_events, read_event
from .pushed import Pushed

__all__ = ["read_attendance", "read_webhook"]

FORM: Final = "application/x-www-form-urlencoded"


def read_webhook(
    request: WebhookRequest, secrets: Sequence[Secret], addresses: Iterable[str], now: datetime
) -> Pushed:
    """Verify a delivery in one of its forms and read it. Raises `WebhookRejected`.

    `addresses` are those of the receiver as they were registered, which webhooks are signed with.
    """
    checksum = request.parameter("checksum")
    is_form = (request.header("content-type") or "").lower().startswith(FORM)
    # Only webhooks are signed by a checksum: docs/vendors/bigbluebutton.md#webhooks
    if checksum is not None:
        _check_webhook(request, checksum, secrets, addresses)
        return _read_form(request)
    if request.header("authorization") is None:
        # This call-back consists of a signed token: docs/vendors/bigbluebutton.md#callbacks
        return _read_recording_ready(request, secrets, now)
    token = bearer_token(request.header("authorization"))
    if is_form:  # `auth2_0` of the webhooks: the secret itself
        check_token(secrets, token, header="Authorization")
        return _read_form(request)
    # The token proves the sender; the body is unsigned (docs/vendors/bigbluebutton.md#callbacks).
    check_hmac_jwt(secrets, token, algorithm="sha512", now=now)
    return push_analytics(request.json(dict[str, Any]))


def _check_webhook(
    request: WebhookRequest, checksum: str, secrets: Iterable[Secret], addresses: Iterable[str]
) -> None:
    """Check a webhook's checksum, over its registered address and the raw body.

    Every address and secret is tried, in constant time each.
    """
    algorithm = algorithm_of(checksum)
    expected = [
        digest(secret, address.encode() + request.body, algorithm)
        for secret in secrets
        for address in addresses
        if algorithm is not None
    ]
    given = checksum.lower().encode("utf-8", "surrogatepass")
    matches = [hmac.compare_digest(each.encode(), given) for each in expected]
    if not any(matches):
        raise WebhookForged(
            "checksum does not match the body; check that this address was registered by"
            " subscribe() or as callback_url, and that secret is the secret of the server",
            field="checksum",
        )


def _read_form(request: WebhookRequest) -> Pushed:
    """Read the form of webhooks, whose field `event` is a list in JSON."""
    text = _read_field(request, "event")
    try:
        rows: object = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        rows = None
    bodies = cast("list[object]", rows if isinstance(rows, list) else [rows])
    if not bodies or not all(isinstance(body, dict) for body in bodies):
        raise WebhookMalformed("event is not a list of events in JSON", path="$.event")
    return push_events(cast("list[dict[str, Any]]", bodies))


def _read_field(request: WebhookRequest, name: str) -> str:
    try:
        fields = parse_qs(request.body.decode(), max_num_fields=100, strict_parsing=True)
    except ValueError:
        fields = {}
    values = fields.get(name, [])
    if len(values) != 1:
        raise WebhookMalformed(f"the body is not a form with one field {name}", path=f"$.{name}")
    return values[0]


def read_attendance(documents: Mapping[str, Mapping[str, Any]]) -> list[Attendance] | None:
    """Return the attendance by what the server has pushed, or None if it has pushed none.

    The callback at the end knows all of it; webhooks know what has arrived.
    """
    if ANALYTICS in documents:
        return attendance_from_events(read_analytics(documents[ANALYTICS]))
    events = [read_event(body) for body in documents.values()]
    presence = any(isinstance(event, ParticipantJoined | ParticipantLeft) for event in events)
    return attendance_from_events(events) if presence else None


def _read_recording_ready(
    request: WebhookRequest, secrets: Sequence[Secret], now: datetime
) -> Pushed:
    """Verify and read the callback about a recording: a form with a JWT, which is all of it."""
    try:
        token = _read_field(request, "signed_parameters")
    except WebhookMalformed:
        raise WebhookForged("there is no checksum, no token and no signed form") from None
    claims = check_hmac_jwt(secrets, token, algorithm="sha256", now=now, header="signed_parameters")
    return push_recording(claims)
