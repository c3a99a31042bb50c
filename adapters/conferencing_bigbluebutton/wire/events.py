"""What the server pushes: webhooks, and the call-backs about attendance and recordings.

docs/vendors/bigbluebutton.md#callbacks and #webhooks
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, cast
from urllib.parse import parse_qs

import msgspec
from attrs import define, frozen

from conferencing.errors import MalformedResponse, WebhookForged, WebhookMalformed
from conferencing.http import Aware, Id, LaxInt, to_int
from conferencing.model import Recording, RecordingStatus, Role, Secret
from conferencing.model.attendance import Attendance
from conferencing.model.native import Native
from conferencing.webhooks.attendance import attendance_from_events
from conferencing.webhooks.events import (
    Event,
    OtherEvent,
    ParticipantJoined,
    ParticipantLeft,
    RecordingDeleted,
    RecordingReady,
    SessionEnded,
    SessionStarted,
)
from conferencing.webhooks.request import WebhookRequest
from conferencing.webhooks.verification import bearer_token, check_hmac_jwt, check_token
from conferencing_bigbluebutton.checksum import algorithm_of, digest

from .base import WIRE, session_id, to_mapping, to_moment
from .people import to_email, to_role
from .sessions import StoredSession

__all__ = [
    "ANALYTICS",
    "EVENTS",
    "Document",
    "Pushed",
    "read_analytics",
    "read_event",
    "read_pushed",
    "read_webhook",
]

FORM: Final = "application/x-www-form-urlencoded"
ANALYTICS: Final = "analytics"
"""The key of the document with the attendance of a whole session."""

DEPTH: Final = 3
"""How deep the fields of an event are."""

KEPT: Final = frozenset({"meeting-created", "meeting-ended", "user-joined", "user-left"})


@frozen(kw_only=True)
class Document:
    """What has to be kept of a delivery: the server's own JSON under a key, and what it settles."""

    session: StoredSession
    key: str
    body: Mapping[str, Any]


@frozen(kw_only=True)
class Pushed:
    """The events of a delivery, and what has to be kept of it."""

    events: tuple[Event, ...]
    documents: tuple[Document, ...] = ()


def read_webhook(
    request: WebhookRequest, secrets: Sequence[Secret], addresses: Iterable[str], now: datetime
) -> Pushed:
    """Verify a delivery in one of its forms and read it. Raises `WebhookRejected`.

    `addresses` are those of the receiver as they were registered, which webhooks are signed with.
    """
    checksum = request.parameter("checksum")
    is_form = (request.header("content-type") or "").lower().startswith(FORM)
    if checksum is not None:
        _check_webhook(request, checksum, secrets, addresses)
        return _read_form(request)
    if request.header("authorization") is None:
        return _read_recording_ready(request, secrets, now)
    token = bearer_token(request.header("authorization"))
    if is_form:  # `auth2_0` of the webhooks: the secret itself
        check_token(secrets, token, header="Authorization")
        return _read_form(request)
    check_hmac_jwt(secrets, token, algorithm="sha512", now=now)
    return _push_analytics(request.json(dict[str, Any]))


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
            "checksum does not fit the body; was this address registered by subscribe() or as"
            " callback_url, and is the secret that of the server?",
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
    return _push_events(cast("list[dict[str, Any]]", bodies))


def _read_field(request: WebhookRequest, name: str) -> str:
    try:
        fields = parse_qs(request.body.decode(), max_num_fields=100, strict_parsing=True)
    except ValueError:
        fields = {}
    values = fields.get(name, [])
    if len(values) != 1:
        raise WebhookMalformed(f"the body is not a form with one field {name}", path=f"$.{name}")
    return values[0]


def read_pushed(documents: Mapping[str, Mapping[str, Any]]) -> list[Attendance] | None:
    """Return the attendance by what the server has pushed, or None if it has pushed none.

    The call-back at the end knows all of it; webhooks know what has arrived.
    """
    if ANALYTICS in documents:
        return attendance_from_events(read_analytics(documents[ANALYTICS]))
    events = [read_event(body) for body in documents.values()]
    presence = any(isinstance(event, ParticipantJoined | ParticipantLeft) for event in events)
    return attendance_from_events(events) if presence else None


# ----------------------------------------------------------------------------------------- webhooks


@define
class EventMeetingRow:
    """The meeting of an event."""

    internal_meeting_id: str
    external_meeting_id: str
    name: str | None = None
    create_time: LaxInt | None = None


@define
class EventUserRow:
    """The person of an event. The internal id is another one for each join."""

    internal_user_id: str
    external_user_id: str | None = None
    name: str | None = None
    role: str | None = None
    guest: bool | None = None


@define
class EventRecordingRow:
    """The recording of an event; times are in milliseconds."""

    name: str | None = None
    start_time: LaxInt | None = None
    end_time: LaxInt | None = None


@define
class AttributesRow:
    """What an event is about."""

    meeting: EventMeetingRow | None = None
    user: EventUserRow | None = None
    recording: EventRecordingRow | None = None
    record_id: Id | None = None


@define
class TimeRow:
    """When it happened, in milliseconds."""

    ts: LaxInt | None = None


@define
class DataRow:
    """An event of a webhook."""

    id: str
    attributes: AttributesRow | None = None
    event: TimeRow | None = None


def read_event(body: Mapping[str, Any]) -> Event:
    """Return the neutral event of a webhook; one that lacks what it is about is other."""
    return _EventReader(body).read()


def _push_events(bodies: Sequence[Mapping[str, Any]]) -> Pushed:
    readers = [_EventReader(body) for body in bodies]
    kept = (reader.to_document() for reader in readers)
    return Pushed(
        events=tuple(reader.read() for reader in readers),
        documents=tuple(document for document in kept if document is not None),
    )


class _EventReader:
    """Turn one event of a webhook into its neutral form."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        self.body = body
        row = _convert(_to_names(body.get("data")), DataRow, "$.event[0].data")
        self.name = row.id
        self.about = row.attributes or AttributesRow()
        self.milliseconds = to_int(row.event.ts) if row.event else None

    def read(self) -> Event:
        """Return the neutral event."""
        read = _READERS.get(self.name)
        needs_user = self.name.startswith("user-")
        if read is None or self.about.meeting is None or (needs_user and self.about.user is None):
            return OtherEvent(name=self.name, **self.common)
        return read(self)

    @property
    def common(self) -> dict[str, Any]:
        """What all events have. They come without ids, so one is made of what tells them apart."""
        meeting, user = self.about.meeting, self.about.user
        parts = (
            meeting.internal_meeting_id if meeting else self.about.record_id,
            self.name,
            user.internal_user_id if user else None,
            self.milliseconds,
        )
        return {
            "id": "/".join("" if part is None else str(part) for part in parts),
            "time": to_moment(self.milliseconds),
            "room_id": meeting.external_meeting_id if meeting else None,
            "session_id": self._session_id,
            "native": Native(self.body, WIRE.secret),
        }

    @property
    def _session_id(self) -> str | None:
        meeting = self.about.meeting
        if meeting is None:
            return None
        return session_id(meeting.external_meeting_id, meeting.internal_meeting_id)

    def to_document(self) -> Document | None:
        """Return what has to be kept, for events about who is in a session."""
        meeting = self.about.meeting
        if meeting is None or self.name not in KEPT:
            return None
        session = StoredSession(
            meeting=meeting.external_meeting_id,
            internal=meeting.internal_meeting_id,
            title=meeting.name or "",
            started=to_int(meeting.create_time),
            ended=self.milliseconds if self.name == "meeting-ended" else None,
        )
        return Document(session=session, key=str(self.common["id"]), body=self.body)

    def read_started(self) -> Event:
        """Return the creation of a meeting, which begins a session."""
        created = self.about.meeting.create_time if self.about.meeting else None
        return SessionStarted(started_at=to_moment(created or self.milliseconds), **self.common)

    def read_ended(self) -> Event:
        """Return the end of a session."""
        return SessionEnded(ended_at=to_moment(self.milliseconds), **self.common)

    def read_joined(self) -> Event:
        """Return that somebody came."""
        return ParticipantJoined(**self._presence())

    def read_left(self) -> Event:
        """Return that somebody left."""
        return ParticipantLeft(left_at=to_moment(self.milliseconds), **self._presence())

    def _presence(self) -> dict[str, Any]:
        user = self.about.user
        assert user is not None  # noqa: S101 - `read` looks first
        person = user.external_user_id or user.internal_user_id
        return {
            **self.common,
            "person_id": person,
            "display_name": user.name or None,
            "email": to_email(person),
            "role": Role.GUEST if user.guest and user.role != "MODERATOR" else to_role(user.role),
        }

    def read_recorded(self) -> Event:
        """Return a recording that can be watched."""
        meeting, row = self.about.meeting, self.about.recording or EventRecordingRow()
        started_at, ended_at = to_moment(row.start_time), to_moment(row.end_time)
        recording = Recording(
            id=self._record_id,
            room_id=meeting.external_meeting_id if meeting else None,
            session_id=self._session_id,
            name=row.name or None,
            status=RecordingStatus.READY,
            started_at=started_at,
            duration=ended_at - started_at if started_at and ended_at else None,
        )
        return RecordingReady(recording=recording, **self.common)

    def read_recording_deleted(self) -> Event:
        """Return that a recording is gone."""
        return RecordingDeleted(recording_id=self._record_id, **self.common)

    @property
    def _record_id(self) -> str:
        """The id of the recording, which is that of its meeting's life."""
        meeting = self.about.meeting
        return str(self.about.record_id or (meeting.internal_meeting_id if meeting else ""))


_READERS: Final[Mapping[str, Callable[[_EventReader], Event]]] = {
    "meeting-created": _EventReader.read_started,
    "meeting-ended": _EventReader.read_ended,
    "user-joined": _EventReader.read_joined,
    "user-left": _EventReader.read_left,
    "rap-publish-ended": _EventReader.read_recorded,
    "rap-deleted": _EventReader.read_recording_deleted,
}
EVENTS: Final = tuple(_READERS)
"""The events that are subscribed to: those with a neutral form. Others carry what people write."""


def _to_names(value: Any, depth: int = 0) -> Any:
    """Return the JSON with underscores in its keys; deeper objects are not read."""
    rows = to_mapping(value) if depth <= DEPTH else {}
    if not rows:
        return value
    return {name.replace("-", "_"): _to_names(part, depth + 1) for name, part in rows.items()}


# ---------------------------------------------------------------------------------------- call-backs


@define
class RecordingClaims:
    """The claims of the call-back about a recording."""

    record_id: str
    meeting_id: str | None = None


def _read_recording_ready(
    request: WebhookRequest, secrets: Sequence[Secret], now: datetime
) -> Pushed:
    """Verify and read the call-back about a recording: a form with a JWT, which is all of it."""
    try:
        token = _read_field(request, "signed_parameters")
    except WebhookMalformed:
        raise WebhookForged("there is no checksum, no token and no signed form") from None
    claims = check_hmac_jwt(secrets, token, algorithm="sha256", now=now, header="signed_parameters")
    row = _convert(claims, RecordingClaims, "$.signed_parameters")
    recording = Recording(
        id=row.record_id,
        room_id=row.meeting_id,
        session_id=session_id(row.meeting_id, row.record_id) if row.meeting_id else None,
        status=RecordingStatus.READY,
    )
    event = RecordingReady(
        id=f"{row.record_id}/recording-ready",
        room_id=row.meeting_id,
        session_id=recording.session_id,
        recording=recording,
        native=Native(claims),
    )
    return Pushed(events=(event,))


@define
class AnalyticsAttendeeRow:
    """A person over a whole session: times of coming and of leaving, in order."""

    ext_user_id: str | None = None
    name: str | None = None
    moderator: bool | None = None
    joins: list[Aware] | None = None
    leaves: list[Aware] | None = None


@define
class AnalyticsDataRow:
    """What happened in a session."""

    attendees: list[AnalyticsAttendeeRow]
    start: Aware | None = None
    finish: Aware | None = None
    duration: LaxInt | None = None


@define
class AnalyticsRow:
    """The call-back at the end of a session."""

    meeting_id: str
    internal_meeting_id: str
    data: AnalyticsDataRow


def _push_analytics(body: Mapping[str, Any]) -> Pushed:
    row = _convert(body, AnalyticsRow, "$")
    name = to_mapping(body["data"].get("metadata")).get("meeting_name")
    session = StoredSession(
        meeting=row.meeting_id,
        internal=row.internal_meeting_id,
        title=name if isinstance(name, str) else "",
        started=_to_milliseconds(row.data.start),
        ended=_to_milliseconds(_find_end(row.data)),
        people=len(row.data.attendees),
    )
    document = Document(session=session, key=ANALYTICS, body=body)
    return Pushed(events=tuple(read_analytics(body)), documents=(document,))


def read_analytics(body: Mapping[str, Any]) -> list[Event]:
    """Return the events of a session by its attendance: who came and left when, and the end."""
    row = _convert(body, AnalyticsRow, "$")
    events = [
        event
        for number, attendee in enumerate(row.data.attendees)
        for event in _list_presence(row, attendee, number, body["data"]["attendees"][number])
    ]
    ended = SessionEnded(
        started_at=row.data.start,
        ended_at=_find_end(row.data),
        **_common(row, "meeting-ended", row.data.finish),
        native=Native({name: value for name, value in body.items() if name != "data"}),
    )
    return [*events, ended]


def _list_presence(
    row: AnalyticsRow, attendee: AnalyticsAttendeeRow, number: int, native: Mapping[str, Any]
) -> Iterable[Event]:
    person = attendee.ext_user_id or f"attendee-{number}"
    who: dict[str, Any] = {
        "person_id": person,
        "display_name": attendee.name or None,
        "email": to_email(attendee.ext_user_id),
        "role": _to_role(attendee.moderator),
        "native": Native(native),
    }
    # Two devices may come or leave at one moment, so the place in the list is part of the id.
    for place, moment in enumerate(attendee.joins or ()):
        yield ParticipantJoined(
            joined_at=moment, **who, **_common(row, f"{person}/joined-{place}", moment)
        )
    for place, moment in enumerate(attendee.leaves or ()):
        yield ParticipantLeft(
            left_at=moment, **who, **_common(row, f"{person}/left-{place}", moment)
        )


def _common(row: AnalyticsRow, what: str, moment: datetime | None) -> dict[str, Any]:
    return {
        "id": f"{row.internal_meeting_id}/{what}/{_to_milliseconds(moment) or ''}",
        "time": moment,
        "room_id": row.meeting_id,
        "session_id": session_id(row.meeting_id, row.internal_meeting_id),
    }


def _to_role(moderator: bool | None) -> Role:
    if moderator is None:
        return Role.UNKNOWN
    return Role.HOST if moderator else Role.ATTENDEE


def _find_end(data: AnalyticsDataRow) -> datetime | None:
    """Return the end, or what start and duration give."""
    seconds = to_int(data.duration)
    if data.finish is not None or data.start is None or seconds is None:
        return data.finish
    return data.start + timedelta(seconds=seconds)


def _to_milliseconds(moment: datetime | None) -> int | None:
    return None if moment is None else round(moment.timestamp() * 1000)


def _convert(value: object, row: type[Any], at: str) -> Any:
    try:
        return WIRE.convert_value(value, row)
    except MalformedResponse as error:
        problem, path = error.message, error.path
    # Outside of `except`: its frames hold the body.
    raise WebhookMalformed(problem, path=f"{at}{(path or '$')[1:]}")
