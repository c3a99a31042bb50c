"""Every reader of every adapter: a reply is read without invented values, or refused with the place."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest
from attrs import evolve
from readers import READERS, Reader

from conferencing import MalformedResponse, Session, SessionStatus
from conferencing.http import Token
from conferencing.testing.evidence import Evidence
from conferencing.testing.mutation import add_keys, format_place, mutate, remove, replace

BODIES = [
    b"null", b"true", b"0", b"1.5", b"[null]", b"[5]", b"[[]]", b"[true]", b"", b"NaN",
    b'"text"', b'{"a":NaN}', b"<html><body>Sign in</body></html>", b"\xff\xfe{\x00}\x00",
    b"[" * 200_000 + b"]" * 200_000, b'{"room":' * 200_000 + b"1" + b"}" * 200_000,
    b'[{"x":' * 200_000, b'{"data":[' * 200_000,
]  # fmt: skip
MAPS = {"v1 default_settings", "v4 attendance"}
"""Replies in which a key is a name or an id, so that a new key is a new entry."""

EMPTY = {
    *("clickmeeting rooms", "clickmeeting segments"),
    *("google sessions", "google count", "google participants", "google visits"),
    *("google recordings", "google transcripts", "google subscriptions"),
}
"""Replies that may be an empty object: so PHP writes an empty list, and Google leaves it out."""

FEW, MANY = 20, 2000
"""How many mutations of each reply are read, by default and exhaustively."""

each_reader = pytest.mark.parametrize("reader", READERS, ids=str)


@each_reader
def test_body_of_another_kind_is_refused(reader) -> None:
    others = [b'{"0":1}' if isinstance(reader.payload, list) else b"[]"]
    others += [] if reader.name in EMPTY else [b"{}"]
    others += (
        [b'{"status":true}', b'{"data":5,"result":5,"rooms":5}'] if reader.name[0] == "v" else []
    )
    for body in (*BODIES, *others):
        error = refused(reader, body)
        assert error.path.startswith("$"), body[:20]
        assert error.status == 200
        assert len(error.body) <= 200


@each_reader
@pytest.mark.parametrize("step", [7, pytest.param(1, marks=pytest.mark.exhaustive)])
def test_body_cut_anywhere_is_refused(reader, step) -> None:
    body = json.dumps(reader.payload, ensure_ascii=False).encode()
    reader.read(body)
    for end in range(0, len(body), step):
        refused(reader, body[:end])


@each_reader
def test_missing_required_field_is_named(reader) -> None:
    for name in reader.required:
        error = refused(reader, written(remove(reader.payload, place(name))))
        assert error.path == format_place(place(name))


@each_reader
def test_unknown_field_is_ignored(reader) -> None:
    usual = reader.read(written(reader.payload))
    if reader.name not in MAPS:
        assert reader.read(written(add_keys(reader.payload))) == usual


@each_reader
@pytest.mark.parametrize(
    "count", [FEW, pytest.param(MANY, marks=pytest.mark.exhaustive)], ids=["few", "many"]
)
def test_mutated_reply_invents_nothing(reader, count) -> None:
    """Each value of the result was in the reply; otherwise the reply is refused with the place."""
    body, random = written(reader.payload), Random(count)
    evidence = Evidence([shown(reader.read(body)), *reader.derived], [body])
    for _ in range(count):
        change = mutate(body, random)
        try:
            result = shown(reader.read(change.body))
        except MalformedResponse as error:
            result, path = None, error.path or ""
        else:
            path = "$"
        assert path.startswith("$"), change.body
        unexplained = [
            value
            for value in evidence.find_unexplained(result, change.values)
            if value[0] not in reader.composed
        ]
        assert change.opaque or unexplained == [], change.body


# --------------------------------------------------------------------- values of ClickMeeting

NO_TEXT: list[Any] = [5, 1.5, True, [], {}, ["x"]]
NO_ID: list[Any] = [True, 1.5, "", [], {}]
NO_FLAG: list[Any] = ["yes", "", 2, -1, 1.0, [], {}]
NO_NUMBER: list[Any] = ["5 ", "", "1.0", "٣", "0x5", "1" * 19, 1.0, True, [], {}]
NO_TIME: list[Any] = [
    0, True, [], "", "soon", "2026-10-01", "2026-10-01 10:00:00", "2026-10-01T10:00:00",
    "2026-13-01T10:00:00+00:00", "2026-10-01T10:00:60+00:00",
]  # fmt: skip
NO_LIST: list[Any] = [5, "x", True, {}]
ROOM = {
    "id": NO_ID, "name": NO_TEXT, "status": NO_TEXT, "room_type": NO_TEXT,
    "access_type": NO_NUMBER, "permanent_room": NO_FLAG, "starts_at": NO_TIME, "ends_at": NO_TIME,
    "timezone": NO_TEXT, "password": NO_TEXT, "room_url": NO_TEXT, "lobby_enabled": NO_FLAG,
    "lobby_description": NO_TEXT, "registration_enabled": NO_FLAG, "created_at": NO_TIME,
    "updated_at": NO_TIME, "settings": [5, "x", True, [1]],
    "settings.recorder_autostart_enabled": NO_FLAG, "settings.encryption_enabled": NO_FLAG,
}  # fmt: skip
WRONG: dict[str, dict[str, list[Any]]] = {
    "created_room": {f"room.{name}": wrong for name, wrong in ROOM.items()},
    "room": {f"conference.{name}": wrong for name, wrong in ROOM.items()},
    "rooms": {f"0.{name}": wrong for name, wrong in ROOM.items()},
    "sessions": {
        "0.id": NO_ID, "0.start_date": NO_TIME, "0.end_date": NO_TIME,
        "0.total_visitors": NO_NUMBER, "0.max_visitors": NO_NUMBER,
    },
    "session": {"start_date": NO_TIME, "total_visitors": NO_NUMBER, "attendees": NO_LIST},
    "stays": {"attendees.0.id": NO_ID, "attendees.0.end_date": NO_TIME},
    "attendance": {
        "0.uid": NO_ID, "0.role": NO_TEXT, "0.nickname": NO_TEXT, "0.email": NO_TEXT,
        "0.start_date": NO_TIME, "0.end_date": NO_TIME,
    },
    "feedback": {"0.rating": NO_NUMBER, "0.rating_comment": NO_TEXT, "0.uid": NO_ID},
    "report": {"progress": NO_NUMBER, "status": NO_TEXT, "url": NO_TEXT},
    "recordings": {
        "0.id": NO_ID, "0.recording_url": NO_TEXT, "0.recording_duration": NO_NUMBER,
        "0.recorder_start_date": NO_TIME, "0.recording_file_size": NO_NUMBER,
        "0.recorder_started": ["soon", 5, "2026-10-01T08:00:00+00:00", []],
        "0.recording_name": NO_TEXT, "0.conference_id": NO_ID,
    },
    "registration": {"url": NO_TEXT, "exist": NO_FLAG},
    "participants": {
        "0.id": NO_ID, "0.email": NO_TEXT, "0.visitor_nickname": NO_TEXT, "0.url": NO_TEXT,
        "0.registration_date": NO_TIME, "0.registration_confirmed": [*NO_TIME, "NULL"],
        "0.session_id": NO_ID,
    },
    "tokens": {
        "access_tokens": NO_LIST, "access_tokens.0.token": NO_TEXT,
        "access_tokens.0.sent_to_email": NO_TEXT,
        "access_tokens.0.first_use_date": [5, "soon", True, []],
    },
    "personal_tokens": {"0": [5, True, [], {}, {"token": 5}, ["x"]]},
    "autologin": {"autologin_hash": NO_TEXT},
    "time_zones": {"0": NO_TEXT},
}  # fmt: skip
CHECKED = [reader for reader in READERS if reader.name.removeprefix("clickmeeting ") in WRONG]


@pytest.mark.parametrize("reader", CHECKED, ids=str)
def test_wrong_type_is_refused_or_unknown(reader) -> None:
    """A required field is refused with its place; an optional one is read as if it were null."""
    for name, values in WRONG[reader.name.removeprefix("clickmeeting ")].items():
        null = written(replace(reader.payload, place(name), None))
        required = name in reader.required or name == "0"
        unknown = refused(reader, null) if required else reader.read(null)
        for wrong in values:
            body = written(replace(reader.payload, place(name), wrong))
            if required:
                assert refused(reader, body).path.startswith(format_place(place(name))), body
            else:
                assert without_status(reader.read(body)) == without_status(unknown), body


# --------------------------------------------------------------------------------------- helpers


def refused(reader: Reader, body: bytes) -> Any:
    with pytest.raises(MalformedResponse) as caught:
        reader.read(body)
    return caught.value


def written(payload: Any) -> bytes:
    return json.dumps(payload).encode()


def place(name: str) -> tuple[str | int, ...]:
    """Return the place that is written as `rooms.0.id`."""
    return tuple(int(key) if key.isdigit() else key for key in name.split("."))


def shown(result: Any) -> Any:
    """Return what a result shows: the text of a token, or the models."""
    return result.value if isinstance(result, Token) else result


def without_status(result: Any) -> Any:
    """Return a result whose sessions have no status: it depends on whether the end is readable."""
    if isinstance(result, list):
        return [without_status(model) for model in result]
    unknown = SessionStatus.UNKNOWN
    return evolve(result, status=unknown) if isinstance(result, Session) else result
