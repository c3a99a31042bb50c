"""Replies of a wrong kind and values of a wrong type are refused with their place, field by field."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest
from attrs import evolve

from conferencing import MalformedResponse, Session, SessionStatus

BODIES = [
    b"null",
    b"true",
    b"0",
    b"1.5",
    b"[null]",
    b"[5]",
    b"[[]]",
    b"[true]",
    b"",
    b"<html><body>Sign in</body></html>",
    b"\xff\xfe{\x00}\x00",
    b"NaN",
    b'{"a":NaN}',
    b"[" * 200_000 + b"]" * 200_000,
    b'{"room":' * 200_000 + b"1" + b"}" * 200_000,
    b'[{"x":' * 200_000,
]


def test_a_body_of_another_kind_is_told_with_its_place_and_start(decoder: Any) -> None:
    for body in BODIES:
        with pytest.raises(MalformedResponse) as caught:
            decoder.read(body)
        assert caught.value.path.startswith("$"), body[:20]
        assert caught.value.status == 200
        assert len(caught.value.body) <= 200


def test_a_body_that_is_cut_anywhere_is_never_read(decoder: Any) -> None:
    body = json.dumps(decoder.payload).encode()
    decoder.read(body)
    for end in range(len(body)):
        with pytest.raises(MalformedResponse):
            decoder.read(body[:end])


def test_a_text_an_object_and_a_list_are_never_taken_for_one_another(decoder: Any) -> None:
    """The stays of a session's detail may be missing; the reference has rooms as an object."""
    bodies = [b'"text"', b'{"0":1}' if isinstance(decoder.payload, list) else b"[]"]
    if decoder.name not in {"stays", "rooms"}:
        bodies.append(b"{}")
    for body in bodies:
        with pytest.raises(MalformedResponse):
            decoder.read(body)


# ------------------------------------------------------------------------------ field after field

NO_TEXT: list[Any] = [5, 1.5, True, [], {}, ["x"]]
NO_ID: list[Any] = [None, True, 1.5, "", [], {}]
NO_FLAG: list[Any] = ["yes", "", 2, -1, 1.0, [], {}]
NO_WHOLE: list[Any] = ["5 ", "", "1.0", "٣", "0x5", "1" * 19, 1.0, True, [], {}]
NO_TIME: list[Any] = [
    0, True, [], "", "soon", "2026-10-01", "2026-10-01 10:00:00", "2026-10-01T10:00:00",
    "2026-13-01T10:00:00+00:00", "2026-10-01T10:00:60+00:00",
]  # fmt: skip
NO_LIST: list[Any] = [5, "x", True, {}]
ROOM_FIELDS: dict[str, list[Any]] = {
    "id": NO_ID,
    "name": [None, *NO_TEXT],
    "status": [None, *NO_TEXT],
    "room_type": [None, *NO_TEXT],
    "access_type": NO_WHOLE,
    "permanent_room": NO_FLAG,
    "starts_at": NO_TIME,
    "ends_at": NO_TIME,
    "timezone": NO_TEXT,
    "password": NO_TEXT,
    "room_url": NO_TEXT,
    "lobby_enabled": NO_FLAG,
    "lobby_description": NO_TEXT,
    "registration_enabled": NO_FLAG,
    "created_at": NO_TIME,
    "updated_at": NO_TIME,
    "settings": [5, "x", True, [1]],
    "settings.recorder_autostart_enabled": NO_FLAG,
    "settings.encryption_enabled": NO_FLAG,
}
FIELDS: dict[str, dict[str, list[Any]]] = {
    "created_room": {f"room.{name}": wrong for name, wrong in ROOM_FIELDS.items()},
    "fetched_room": {f"conference.{name}": wrong for name, wrong in ROOM_FIELDS.items()},
    "rooms": {f"0.{name}": wrong for name, wrong in ROOM_FIELDS.items()},
    "sessions": {
        "0.id": NO_ID,
        "0.start_date": NO_TIME,
        "0.end_date": NO_TIME,
        "0.total_visitors": NO_WHOLE,
        "0.max_visitors": NO_WHOLE,
    },
    "session": {"start_date": NO_TIME, "total_visitors": NO_WHOLE, "attendees": NO_LIST},
    "stays": {"attendees.0.id": NO_ID, "attendees.0.end_date": NO_TIME},
    "attendance": {
        "0.uid": NO_ID,
        "0.role": [None, *NO_TEXT],
        "0.nickname": NO_TEXT,
        "0.email": NO_TEXT,
        "0.start_date": NO_TIME,
        "0.end_date": NO_TIME,
    },
    "feedback": {"0.rating": NO_WHOLE, "0.rating_comment": NO_TEXT, "0.uid": NO_ID},
    "report": {"progress": [None, *NO_WHOLE], "status": [None, *NO_TEXT], "url": NO_TEXT},
    "recordings": {
        "0.id": NO_ID,
        "0.recording_url": [None, *NO_TEXT],
        "0.recording_duration": NO_WHOLE,
        "0.recorder_start_date": NO_TIME,
        "0.recorder_started": ["soon", 5, "2026-10-01T08:00:00+00:00", []],
        "0.recording_file_size": NO_WHOLE,
        "0.recording_name": NO_TEXT,
        "0.conference_id": NO_ID[1:],
    },
    "registered": {"url": [None, *NO_TEXT], "exist": NO_FLAG},
    "participants": {
        "0.id": NO_ID,
        "0.email": NO_TEXT,
        "0.visitor_nickname": NO_TEXT,
        "0.registration_date": NO_TIME,
        "0.registration_confirmed": [*NO_TIME, "NULL"],
        "0.session_id": NO_ID[1:],
        "0.url": NO_TEXT,
    },
    "tokens": {
        "access_tokens": [None, *NO_LIST],
        "access_tokens.0.token": [None, *NO_TEXT],
        "access_tokens.0.sent_to_email": NO_TEXT,
        "access_tokens.0.first_use_date": [5, "soon", True, []],
    },
    "tokens_of": {"0": [None, 5, True, [], {}, {"token": 5}, ["x"]]},
    "autologin": {"autologin_hash": [None, *NO_TEXT]},
    "time_zones": {"0": [None, *NO_TEXT]},
}
NEEDED = {
    "created_room": ["room", "room.id", "room.name", "room.status"],
    "fetched_room": ["conference", "conference.id", "conference.name", "conference.status"],
    "rooms": ["0.id", "0.name", "0.status"],
    "sessions": ["0.id"],
    "session": ["start_date"],
    "tokens_of": [],
    "time_zones": [],
    "stays": [],
    "attendance": ["0.uid"],
    "feedback": ["0.uid"],
    "report": ["status"],
    "recordings": ["0.id"],
    "registered": [],
    "participants": ["0.id"],
    "tokens": ["access_tokens", "access_tokens.0.token"],
    "autologin": ["autologin_hash"],
}


def test_wrong_type_is_refused_or_unknown(decoder: Any) -> None:
    """A required field is refused with its place; an optional one is read as if it were null."""
    for place, values in FIELDS[decoder.name].items():
        required = place in REQUIRED.get(decoder.name, NEEDED[decoder.name])
        unknown = None if required else decoder.read(body(changed(decoder.payload, place, None)))
        for wrong in values:
            sent = body(changed(decoder.payload, place, wrong))
            if required:
                with pytest.raises(MalformedResponse) as caught:
                    decoder.read(sent)
                assert caught.value.path.startswith(written(place)), (place, wrong)
            else:
                assert same(decoder.read(sent), unknown), (place, wrong)


def test_a_field_that_is_needed_is_named_if_it_is_missing(decoder: Any) -> None:
    for place in NEEDED[decoder.name]:
        with pytest.raises(MalformedResponse) as caught:
            decoder.read(json.dumps(changed(decoder.payload, place)).encode())
        assert caught.value.path == written(place)


def test_a_field_that_nobody_knows_is_passed_over(decoder: Any) -> None:
    whole = decoder.read(json.dumps(decoder.payload).encode())
    if isinstance(decoder.payload, dict):
        more = decoder.payload | {"brand_new": {"deep": [1]}}
    else:
        more = [
            one | {"brand_new": None} if isinstance(one, dict) else one for one in decoder.payload
        ]
    assert decoder.read(json.dumps(more).encode()) == whole


# --------------------------------------------------------------------------------------- helpers


REQUIRED = {"tokens_of": ["0"], "time_zones": ["0"]}


def body(payload: Any) -> bytes:
    return json.dumps(payload).encode()


def same(model: Any, unknown: Any) -> bool:
    """Return whether models are equal, but for the status of a session whose end is unreadable."""
    if isinstance(model, list):
        return len(model) == len(unknown) and all(map(same, model, unknown))
    if isinstance(model, Session):
        model, unknown = (evolve(one, status=SessionStatus.UNKNOWN) for one in (model, unknown))
    return model == unknown


def changed(payload: Any, place: str, *value: Any) -> Any:
    """Return a copy with one place set to a value, or dropped if none is given."""
    whole = deepcopy(payload)
    *path, last = [int(one) if one.isdigit() else one for one in place.split(".")]
    holder = whole
    for one in path:
        holder = holder[one]
    if value:
        holder[last] = value[0]
    else:
        del holder[last]
    return whole


def written(place: str) -> str:
    """Return a place as errors write it: `$[0].id`."""
    parts = place.split(".")
    return "$" + "".join(f"[{one}]" if one.isdigit() else f".{one}" for one in parts)
