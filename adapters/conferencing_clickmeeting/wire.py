"""ClickMeeting's JSON and forms, and how they map to the model. Pure; no I/O here.

Types follow recorded bodies where the reference's hand-written samples differ from them. Names
come escaped as HTML. Host hashes and personal links are secrets, also in `native`.
"""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NewType, cast
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from attrs import define
from cattrs import Converter

from conferencing.attendance import Attendance, MergedBy, Precision, Segment, merge
from conferencing.drafts import Invitation, RegistrationDraft, RoomDraft
from conferencing.errors import InvalidRequest
from conferencing.http import (
    Failure,
    Flag,
    Id,
    LooseInstant,
    Reply,
    UTCText,
    Whole,
    Wire,
    merged,
    pack,
    php_map,
    said,
)
from conferencing.model import (
    AccessToken,
    Anyone,
    EntryKind,
    EntryRule,
    Feedback,
    File,
    JoinLink,
    Participant,
    Passcode,
    Person,
    PersonalToken,
    Recording,
    RecordingStatus,
    Report,
    ReportStatus,
    Role,
    Room,
    RoomKind,
    RoomSettings,
    RoomStatus,
    Session,
    SessionStatus,
)
from conferencing.native import Native

SECRET: Final = frozenset(
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
NO_ROOM: Final = "-"
ACCESS: Final = {EntryKind.OPEN: 1, EntryKind.PASSCODE: 2, EntryKind.TOKEN: 3}
ROLES: Final = {Role.HOST: "host", Role.PRESENTER: "presenter", Role.ATTENDEE: "listener"}
ROLES_READ: Final = {
    "host": Role.HOST,
    "presenter": Role.PRESENTER,
    "moderator": Role.PRESENTER,
    "guest_speaker": Role.PRESENTER,
    "listener": Role.ATTENDEE,
}
PDF: Final = {
    "NEW": ReportStatus.QUEUED,
    "IN PROGRESS": ReportStatus.RUNNING,
    "FINISHED": ReportStatus.READY,
}
SETTINGS: Final = {
    "auto_recording": "recorder_autostart_enabled",
    "encryption": "encryption_enabled",
}


Confirmed = NewType("Confirmed", datetime)
"""When a registration was confirmed; not yet, it is the text `null` in four letters."""


def _configure(converter: Converter) -> None:
    php_map(converter, SettingsRow)
    converter.register_structure_hook(
        Confirmed,
        lambda value, _: None if value == "null" else converter.structure(value, datetime),
    )


WIRE: Final = Wire(_configure)


# ------------------------------------------------------------------------------------------ rooms


@define
class SettingsRow:
    """What of a room's settings the model knows. Which keys there are varies from room to room."""

    recorder_autostart_enabled: Flag | None = None
    encryption_enabled: Flag | None = None


@define
class RoomRow:
    """A room (api-doc, Conferences). `starts_at` and `ends_at` are there for one-time rooms only."""

    id: Id
    name: str
    status: str
    room_type: str = ""
    access_type: Whole | None = None
    permanent_room: Flag | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    timezone: str | None = None
    password: str | None = None
    room_url: str | None = None
    lobby_enabled: Flag | None = None
    lobby_description: str | None = None
    registration_enabled: Flag | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    settings: SettingsRow | None = None


@define
class Created:
    room: RoomRow


@define
class Fetched:
    conference: RoomRow


def created_room(payload: Any, now: datetime) -> Room:
    """Read the reply to a creation; the room is below `room`."""
    return _room(WIRE.read(payload, Created).room, payload["room"], now)


def fetched_room(payload: Any, now: datetime) -> Room:
    """Read one room; it is below `conference`."""
    return _room(WIRE.read(payload, Fetched).conference, payload["conference"], now)


def rooms(payload: Any, now: datetime) -> list[Room]:
    """Read a page of rooms: a list, or the object of unnamed objects that the reference prints."""
    listed = (
        list(cast("dict[str, Any]", payload).values()) if isinstance(payload, dict) else payload
    )
    rows = WIRE.read(listed, list[RoomRow])
    return [_room(row, raw, now) for row, raw in zip(rows, cast("Any", listed), strict=True)]


def _room(row: RoomRow, raw: Mapping[str, Any], now: datetime) -> Room:
    return Room(
        id=row.id,
        name=html.unescape(row.name),
        kind=_kind(row.room_type),
        status=_status(row, now),
        starts_at=row.starts_at,
        duration=row.ends_at - row.starts_at if row.starts_at and row.ends_at else None,
        timezone=row.timezone,
        permanent=row.permanent_room,
        entry=_entry(row),
        join_url=row.room_url,
        description=row.lobby_description,
        registration=row.registration_enabled,
        waiting_room=row.lobby_enabled,
        settings=_settings(row.settings),
        created_at=row.created_at,
        updated_at=row.updated_at,
        native=Native(raw, SECRET),
    )


def _kind(text: str) -> RoomKind:
    return RoomKind(text) if text in {"meeting", "webinar"} else RoomKind.UNKNOWN


def _status(row: RoomRow, now: datetime) -> RoomStatus:
    """ClickMeeting knows active and inactive; whether a session runs cannot be told."""
    if row.status == "active":
        ahead = row.starts_at is not None and row.starts_at > now
        return RoomStatus.SCHEDULED if ahead else RoomStatus.OPEN
    return RoomStatus.ENDED if row.status == "inactive" else RoomStatus.UNKNOWN


def _entry(row: RoomRow) -> tuple[EntryRule, ...] | None:
    if row.access_type == ACCESS[EntryKind.PASSCODE] and row.password:
        return (Passcode(row.password),)
    rules: dict[int, tuple[EntryRule, ...]] = {1: (Anyone(),), 3: (PersonalToken(),)}
    return rules.get(row.access_type or 0)


def _settings(row: SettingsRow | None) -> RoomSettings | None:
    if row is None:
        return None
    return RoomSettings(**{name: getattr(row, key) for name, key in SETTINGS.items()})


def room_form(draft: RoomDraft, *, zone: str | None = None) -> dict[str, Any]:
    """Write a draft as a form; `zone` is that of the room as it is."""
    settings = draft.settings
    fields = said(
        name=draft.name,
        room_type=draft.kind,
        permanent_room=draft.permanent,
        lobby_description=draft.description,
        lobby_enabled=draft.waiting_room,
        duration=None if draft.duration is None else hours_and_minutes(draft.duration),
        status=None if draft.status is None else _active(draft.status),
        registration=None if draft.registration is None else {"enabled": draft.registration},
        settings=None if settings is None else {
            key: getattr(settings, name)
            for name, key in SETTINGS.items()
            if getattr(settings, name) is not None
        },
    )  # fmt: skip
    fields |= _access(draft.entry) | _start(draft, zone)
    return merged(fields, draft.native)


def _access(entry: tuple[EntryRule, ...] | None) -> dict[str, Any]:
    if entry is None:
        return {}
    rule = entry[0]
    return said(
        access_type=ACCESS[rule.kind], password=rule.code if isinstance(rule, Passcode) else None
    )


def _start(draft: RoomDraft, present: str | None) -> dict[str, Any]:
    """Write the start in the room's zone, or with its offset if no zone is known.

    A naive time alone would be read in the account's zone; one that comes twice, when clocks go
    back, is written with its offset too.
    """
    start = draft.starts_at
    zone = draft.timezone or (
        start.tzinfo.key if start and isinstance(start.tzinfo, ZoneInfo) else present
    )
    if start is None:
        return said(timezone=draft.timezone)
    if zone is None:
        return {"starts_at": start.isoformat(timespec="seconds")}
    local = start.astimezone(ZoneInfo(zone))
    twice = local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset()
    text = local.isoformat(timespec="seconds") if twice else f"{local:%Y-%m-%d %H:%M:%S}"
    return {"starts_at": text, "timezone": zone}


def hours_and_minutes(duration: timedelta) -> str:
    """Write `H:MM`. Raises `InvalidRequest` for seconds: ClickMeeting plans in whole minutes."""
    minutes, rest = divmod(duration, timedelta(minutes=1))
    if rest or not minutes:
        raise InvalidRequest(
            f"duration is {duration}; ClickMeeting plans in whole minutes", field="duration"
        )
    return f"{minutes // 60}:{minutes % 60:02}"


def _active(status: RoomStatus) -> str:
    if status in {RoomStatus.OPEN, RoomStatus.ENDED}:
        return "active" if status is RoomStatus.OPEN else "inactive"
    raise InvalidRequest(
        f"status is {status}; ClickMeeting can be told open (on) and ended (off)", field="status"
    )


# --------------------------------------------------------------------------------- people, links


@define
class Registered:
    """The reply to a registration (api-doc, Registrations); a repeat is no error but `exist` 1."""

    url: str
    exist: Flag | None = None


@define
class RegistrationRow:
    """A registration. `fields` go by the labels of the form, in the form's language.

    Answers that are no text (none were observed) stay in `native` alone.
    """

    id: Id
    email: str | None = None
    visitor_nickname: str | None = None
    registration_date: datetime | None = None
    registration_confirmed: Confirmed | None = None
    session_id: Id | None = None
    fields: Any = None
    url: str | None = None


@define
class TokenRow:
    token: str
    sent_to_email: str | None = None
    first_use_date: LooseInstant | None = None


@define
class Tokens:
    access_tokens: list[TokenRow]


@define
class Autologin:
    autologin_hash: str


def registration_form(draft: RegistrationDraft) -> dict[str, Any]:
    """Write a registration: 1 to 3 are first name, last name and e-mail, others the form's own."""
    person = draft.person
    named = {"1": person.first_name, "2": person.last_name, "3": person.email}
    answers = {key: text for key, text in named.items() if text} | dict(draft.fields)
    for key, name in (("1", "first_name"), ("2", "last_name"), ("3", "email")):
        if not answers.get(key):
            raise InvalidRequest(f"ClickMeeting registers nobody without {name}", field=name)
    form: dict[str, Any] = {"registration": answers}
    if draft.confirmation is not None:
        mail = said(enabled=draft.confirmation, lang=draft.language)
        form["confirmation_email"] = mail
    return merged(form, draft.native)


def registered(payload: Any, room_id: str, person: Person) -> Participant:
    """Read the reply to a registration; it tells no id."""
    row = WIRE.read(payload, Registered)
    return Participant(
        room_id=room_id,
        email=person.email,
        first_name=person.first_name,
        last_name=person.last_name,
        name=person.name,
        existed=row.exist,
        join_link=JoinLink(url=row.url, personal=True, person=person),
        native=Native(payload, SECRET),
    )


def participants(payload: Any, room_id: str) -> list[Participant]:
    """Read registrations."""
    rows = WIRE.read(payload, list[RegistrationRow])
    return [_participant(row, raw, room_id) for row, raw in zip(rows, payload, strict=True)]


def _participant(row: RegistrationRow, raw: Mapping[str, Any], room_id: str) -> Participant:
    name = html.unescape(row.visitor_nickname) if row.visitor_nickname else None
    form: object = row.fields
    answers = cast("dict[str, object]", form) if isinstance(form, dict) else {}
    person = Person(email=row.email, name=name)
    return Participant(
        id=row.id,
        room_id=room_id,
        email=row.email,
        name=name,
        registered_at=row.registration_date,
        confirmed_at=row.registration_confirmed,
        session_id=pack(room_id, row.session_id) if row.session_id else None,
        join_link=JoinLink(url=row.url, personal=True, person=person) if row.url else None,
        fields={
            label: html.unescape(text) for label, text in answers.items() if isinstance(text, str)
        },
        native=Native(raw, SECRET),
    )


def invitation_form(invitation: Invitation) -> dict[str, Any]:
    """Write an invitation, with an index for each person so that no field of theirs splits."""
    people = [
        said(email=one.email, firstname=one.first_name, lastname=one.last_name)
        for one in invitation.people
    ]
    return merged({"attendees": people, "role": ROLES[invitation.role]}, invitation.native)


def tokens(payload: Any, room_id: str) -> list[AccessToken]:
    """Read access tokens."""
    rows = WIRE.read(payload, Tokens).access_tokens
    return [
        AccessToken(
            code=row.token,
            room_id=room_id,
            sent_to=row.sent_to_email,
            first_used_at=row.first_use_date,
            native=Native(raw, SECRET),
        )
        for row, raw in zip(rows, payload["access_tokens"], strict=True)
    ]


def tokens_of(payload: Any, room_id: str, email: str) -> list[AccessToken]:
    """Read the token of an e-mail address: a list with a text, or with a map, or a bare map."""
    rows = cast("list[object]", payload if isinstance(payload, list) else [payload])
    codes = [
        cast("dict[str, object]", row).get("token") if isinstance(row, dict) else row
        for row in rows
    ]
    return [
        AccessToken(code=code, room_id=room_id, sent_to=email)
        for code in WIRE.read(codes, list[str])
    ]


def autologin(payload: Any) -> str:
    """Read a personal hash."""
    return WIRE.read(payload, Autologin).autologin_hash


def with_hash(room_url: str, key: str) -> str:
    """Return the personal link: the parameter is the letter l (api-guide, auto-login)."""
    return f"{room_url}{'&' if urlsplit(room_url).query else '?'}l={key}"


# ------------------------------------------------------------------------------------- sessions


@define
class SessionRow:
    """A session of a list; times have no seconds. `end_date` is missing or null while it runs."""

    id: Id
    start_date: datetime | None = None
    end_date: datetime | None = None
    total_visitors: Whole | None = None
    max_visitors: Whole | None = None


@define
class DetailRow:
    """A stay as the detail of a session has it; here the id is a number and the name `login`."""

    id: Id
    start_date: datetime | None = None
    end_date: datetime | None = None


@define
class Detail:
    """The detail of a session: it does not repeat the session's id."""

    start_date: datetime | None = None
    end_date: datetime | None = None
    total_visitors: Whole | None = None
    max_visitors: Whole | None = None
    attendees: list[DetailRow] | None = None


@define
class AttendeeRow:
    """A stay of an attendee. Times are missing in some accounts' replies."""

    uid: Id
    role: str = ""
    nickname: str | None = None
    email: str | None = None
    start_date: datetime | None = None
    end_date: datetime | None = None


@define
class RatingRow:
    """What an attendee thought; the rating is a text of digits."""

    uid: Id
    nickname: str | None = None
    email: str | None = None
    rating: Whole | None = None
    rating_comment: str | None = None
    end_date: datetime | None = None


def sessions(payload: Any, room_id: str) -> list[Session]:
    """Read the sessions of a room."""
    rows = WIRE.read(payload, list[SessionRow])
    return [_session(row, row.id, raw, room_id) for row, raw in zip(rows, payload, strict=True)]


def session(payload: Any, room_id: str, session_id: str) -> Session:
    """Read one session; its id is that of the request."""
    return _session(WIRE.read(payload, Detail), session_id, payload, room_id)


def _session(row: SessionRow | Detail, key: str, raw: Mapping[str, Any], room_id: str) -> Session:
    return Session(
        id=pack(room_id, key),
        room_id=room_id,
        status=SessionStatus.RUNNING if row.end_date is None else SessionStatus.ENDED,
        started_at=row.start_date,
        ended_at=row.end_date,
        people=row.total_visitors,
        peak=row.max_visitors,
        native=Native(raw, SECRET),
    )


def attendees(payload: Any) -> list[tuple[AttendeeRow, Mapping[str, Any]]]:
    """Read the stays of a session, each with its mapping."""
    return list(zip(WIRE.read(payload, list[AttendeeRow]), payload, strict=True))


def stays(payload: Any) -> dict[str, DetailRow]:
    """Read the stays that the detail of a session has, by their id."""
    return {row.id: row for row in WIRE.read(payload, Detail).attendees or ()}


def attendance(
    rows: Sequence[tuple[AttendeeRow, Mapping[str, Any]]],
    session_id: str,
    times: Mapping[str, DetailRow],
) -> list[Attendance]:
    """Return one record per person; somebody who came back has several rows of one e-mail."""
    return merge([_stay(row, raw, session_id, times) for row, raw in rows], by=BY)


BY: Final = (MergedBy.ID, MergedBy.EMAIL)


def _stay(
    row: AttendeeRow, raw: Mapping[str, Any], session_id: str, times: Mapping[str, DetailRow]
) -> Attendance:
    when = row if row.start_date else times.get(row.uid, row)
    segment = Segment(joined_at=when.start_date, left_at=when.end_date) if when.start_date else None
    return Attendance(
        id=row.uid,
        session_id=session_id,
        display_name=html.unescape(row.nickname) if row.nickname else None,
        email=row.email or None,
        role=ROLES_READ.get(row.role, Role.UNKNOWN),
        segments=(segment,) if segment else (),
        precision=Precision.SEGMENTS,
        native=Native(raw, SECRET),
    )


def feedback(payload: Any, session: Session) -> list[Feedback]:
    """Read the ratings among the stays of a session."""
    rows = zip(WIRE.read(payload, list[RatingRow]), payload, strict=True)
    return [
        Feedback(
            id=f"{session.id}:{row.uid}",
            rating=row.rating,
            text=html.unescape(row.rating_comment) if row.rating_comment else None,
            room_id=session.room_id,
            session_id=session.id,
            person=Person(name=row.nickname and html.unescape(row.nickname), email=row.email),
            given_at=row.end_date or session.ended_at,
            native=Native(raw, SECRET),
        )
        for row, raw in rows
        if row.rating is not None
    ]


# ------------------------------------------------------------------------- reports, recordings


@define
class PdfState:
    """The state of a PDF (api-doc, generate-pdf). `status` counts: a url may be there too early."""

    progress: Whole
    status: str
    url: str | None = None


@define
class RecordingRow:
    """A recording. Its link expires at the Unix time `e`; sizes come as numbers and as texts."""

    id: Id
    recording_url: str
    recording_duration: Whole | None = None
    recorder_start_date: datetime | None = None
    recorder_started: UTCText | None = None
    recording_file_size: Whole | None = None
    recording_name: str | None = None
    conference_id: Id | None = None


def report(payload: Any, room_id: str, session_id: str, language: str) -> Report:
    """Read the state of a PDF report."""
    row = WIRE.read(payload, PdfState)
    status = PDF.get(row.status, ReportStatus.UNKNOWN)
    ready = status is ReportStatus.READY and row.url is not None
    return Report(
        id=pack(room_id, session_id, language),
        session_id=pack(room_id, session_id),
        kind="pdf",
        language=language,
        status=status,
        progress=row.progress,
        file=File(url=row.url, media_type="application/pdf") if ready and row.url else None,
        native=Native(payload, SECRET),
    )


def recordings(payload: Any, room_id: str | None) -> list[Recording]:
    """Read recordings: of a room, or of the account, where the row should name its room."""
    rows = WIRE.read(payload, list[RecordingRow])
    return [
        _recording(row, raw, room_id or row.conference_id)
        for row, raw in zip(rows, payload, strict=True)
    ]


def _recording(row: RecordingRow, raw: Mapping[str, Any], room_id: str | None) -> Recording:
    seconds = row.recording_duration
    return Recording(
        id=pack(room_id or NO_ROOM, row.id),
        room_id=room_id,
        name=html.unescape(row.recording_name) if row.recording_name else None,
        status=RecordingStatus.READY,
        started_at=row.recorder_start_date or row.recorder_started,
        duration=None if seconds is None else timedelta(seconds=seconds),
        files=(
            File(
                url=row.recording_url,
                media_type="video/mp4",
                size=row.recording_file_size,
                expires_at=_expiry(row.recording_url),
            ),
        ),
        native=Native(raw, SECRET),
    )


def _expiry(url: str) -> datetime | None:
    stamp = parse_qs(urlsplit(url).query).get("e", [""])[0]
    return datetime.fromtimestamp(int(stamp), UTC) if stamp.isdigit() and len(stamp) < 12 else None  # noqa: PLR2004


# -------------------------------------------------------------------------------------- failures


def failure(reply: Reply) -> Failure | None:
    """Read what a failure says: a map with `errors`, a bare text, or nothing at all."""
    if reply.status < 400:  # noqa: PLR2004
        return None
    try:
        payload: Any = json.loads(reply.body)
    except ValueError:
        return Failure()
    if not isinstance(payload, dict):
        return Failure(problems=(payload,) if isinstance(payload, str) else ())
    errors = cast("dict[str, Any]", payload).get("errors")
    rows = cast("list[object]", errors) if isinstance(errors, list) else []
    return Failure(problems=tuple(filter(None, map(_problem, rows))))


def _problem(row: object) -> str:
    if not isinstance(row, dict):
        return row if isinstance(row, str) else ""
    fields = cast("dict[str, Any]", row)
    return " ".join(
        part for part in (fields.get("name"), fields.get("message")) if isinstance(part, str)
    )
