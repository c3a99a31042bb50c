"""Events of Workspace, as Pub/Sub pushes them (docs/vendors/googlemeet.md#events-push)."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final, cast

from attrs import define

from conferencing.errors import (
    ConfigurationError,
    MalformedResponse,
    WebhookForged,
)
from conferencing.extras import import_extra
from conferencing.http import Reply
from conferencing.model import Recording, RecordingStatus
from conferencing.model.native import Native
from conferencing.webhooks import (
    Delivery,
    Event,
    OtherEvent,
    ParticipantJoined,
    ParticipantLeft,
    RecordingReady,
    SessionEnded,
    SessionStarted,
    TranscriptReady,
    WebhookRequest,
)
from conferencing.webhooks.verification import bearer_token, check_jwt

from .base import WIRE, FileId, RecordId, SpaceId, to_time
from .subscriptions import PREFIX, space_target

__all__ = ["check_sender", "find_key_id", "parse_keys", "read_delivery", "read_keys"]

ISSUERS: Final = ("https://accounts.google.com", "accounts.google.com")
SPACES: Final = space_target("")


def find_key_id(request: WebhookRequest) -> str:
    """Return the id of the key that signed a request, of which nothing is proved yet.

    Raises `WebhookForged` for a token without one.
    """
    jwt = import_extra("jwt", extra="googlemeet", purpose="verify events of Google")
    token = bearer_token(request.header("authorization"))
    header = check_jwt(token, jwt.get_unverified_header)
    key_id = header.get("kid")
    if not isinstance(key_id, str):
        raise WebhookForged("the token names no key", field="Authorization")
    return key_id


def check_sender(
    request: WebhookRequest, key: Any, *, audience: str, sender: str, now: datetime
) -> None:
    """Verify that Pub/Sub sent a request for this audience, by this service account.

    Raises `WebhookForged`. https://cloud.google.com/pubsub/docs/authenticate-push-subscriptions
    """
    jwt = import_extra("jwt", extra="googlemeet", purpose="verify events of Google")
    token = bearer_token(request.header("authorization"))
    decode = partial(
        jwt.decode,
        key=key,
        algorithms=["RS256"],
        audience=audience,
        issuer=ISSUERS,
        # The clock of the account decides about the times, below.
        options={"require": ["exp", "iss", "aud"], "verify_exp": False, "verify_iat": False},
    )
    claims = check_jwt(token, decode)
    expires_at = claims.get("exp")
    if not isinstance(expires_at, int | float) or expires_at <= now.timestamp():
        raise WebhookForged("the token has expired", field="Authorization")
    if claims.get("email") != sender or claims.get("email_verified") is not True:
        raise WebhookForged(
            "the token is not that of webhook_sender, the service account of the push subscription",
            field="Authorization",
        )


def parse_keys(text: str) -> Mapping[str, Any]:
    """Return the keys of a JWK set by their ids. Raises `ConfigurationError`."""
    jwt = import_extra("jwt", extra="googlemeet", purpose="verify events of Google")
    try:
        return {key.key_id: key.key for key in jwt.PyJWKSet.from_json(text).keys}
    except (jwt.PyJWTError, ValueError, AttributeError):
        raise ConfigurationError("webhook_keys is not a JWK set", field="webhook_keys") from None


def read_keys(reply: Reply) -> Mapping[str, Any]:
    """Return the keys that Google publishes. Raises `MalformedResponse`."""
    try:
        return parse_keys(reply.body.decode())
    except (ConfigurationError, ValueError):
        raise MalformedResponse("the reply is not a JWK set", path="$.keys") from None


@define
class MessageRow:
    """A message of Pub/Sub; `data` is in Base64."""

    attributes: dict[str, str]
    data: str | None = None
    messageId: str | None = None  # noqa: N815


@define
class PushRow:
    """What Pub/Sub pushes."""

    message: MessageRow


def read_delivery(request: WebhookRequest, owner: str) -> Delivery:
    """Return the event of a request. Raises `WebhookMalformed`."""
    body = request.json(dict[str, Any])
    row = WIRE.read_pushed(body, PushRow)
    return Delivery(events=(_Reader(row.message, body, owner).read(),))


class _Reader:
    """Turn one message into an event. It holds names only: nothing of the objects behind them."""

    def __init__(self, row: MessageRow, body: Mapping[str, Any], owner: str) -> None:
        self.row, self.owner = row, owner
        self.type = row.attributes.get("ce-type", "")
        self.name = _find_name(row.data)
        self.parts = self.name.split("/")
        self.native = Native(body, WIRE.secret)

    def read(self) -> Event:
        """Return the neutral event; one without a neutral form, or a name, is other."""
        read = _READERS.get(self.type.removeprefix(PREFIX))
        if read is None or self.record is None:
            return OtherEvent(name=self.type or None, **self.common)
        return read(self)

    @property
    def record(self) -> str | None:
        """The id of the conference record."""
        match self.parts:
            case ["conferenceRecords", record, *_] if record:
                return record
            case _:
                return None

    @property
    def time(self) -> datetime | None:
        """When it happened."""
        return to_time(self.row.attributes.get("ce-time"))

    @property
    def common(self) -> dict[str, Any]:
        """What all events have. Google repeats an event under the same id."""
        attributes = self.row.attributes
        # The subject is the target of the subscription, which may be a user: no room is known then.
        subject = attributes.get("ce-subject", "")
        space = subject.removeprefix(SPACES) if subject.startswith(SPACES) else ""
        return {
            "id": attributes.get("ce-id") or self.row.messageId or "",
            "time": self.time,
            "room_id": str(SpaceId(self.owner, space)) if space else None,
            "session_id": str(RecordId(self.owner, self.record)) if self.record else None,
            "native": self.native,
        }

    def read_started(self) -> Event:
        """Return the beginning of a session."""
        return SessionStarted(started_at=self.time, **self.common)

    def read_ended(self) -> Event:
        """Return the end of a session."""
        return SessionEnded(ended_at=self.time, **self.common)

    def read_joined(self) -> Event:
        """Return that somebody came; who it is takes a call."""
        return ParticipantJoined(joined_at=self.time, **self._presence())

    def read_left(self) -> Event:
        """Return that somebody left."""
        return ParticipantLeft(left_at=self.time, **self._presence())

    def _presence(self) -> dict[str, Any]:
        # conferenceRecords/<record>/participants/<person>/participantSessions/<visit>
        _, _, _, person, _, visit = (*self.parts, *[""] * 6)[:6]
        return {**self.common, "person_id": person or None, "visit_id": visit or None}

    def read_recorded(self) -> Event:
        """Return a recording whose file exists; list the recordings to download it."""
        recording = Recording(
            id=self._file_id(),
            room_id=self.common["room_id"],
            session_id=self.common["session_id"],
            status=RecordingStatus.READY,
        )
        return RecordingReady(recording=recording, **self.common)

    def read_transcribed(self) -> Event:
        """Return a transcript whose document exists."""
        return TranscriptReady(recording_id=self._file_id(), **self.common)

    def _file_id(self) -> str:
        _, record, collection, file = (*self.parts, *[""] * 4)[:4]
        return str(FileId(self.owner, record, collection, file))


def _find_name(data: str | None) -> str:
    """Return the name of the one object in the data of a message, or nothing."""
    try:
        document: object = json.loads(b64decode(data or ""))
    except ValueError:
        return ""
    objects = cast("dict[str, object]", document).values() if isinstance(document, dict) else ()
    rows = [cast("dict[str, object]", each) for each in objects if isinstance(each, dict)]
    return next((name for row in rows if isinstance(name := row.get("name"), str)), "")


_READERS: Final[Mapping[str, Callable[[_Reader], Event]]] = {
    # Notes, and files that are not finished, have no neutral event.
    "conference.v2.started": _Reader.read_started,
    "conference.v2.ended": _Reader.read_ended,
    "participant.v2.joined": _Reader.read_joined,
    "participant.v2.left": _Reader.read_left,
    "recording.v2.fileGenerated": _Reader.read_recorded,
    "transcript.v2.fileGenerated": _Reader.read_transcribed,
}
