"""Replies of the wrong kind, and replies without a required field, are refused with the place."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest

from conferencing import MalformedResponse
from conferencing.http import Reply
from conferencing_vconnct.v4.wire.rooms import read_active_room

BODIES = [
    b"null",
    b"true",
    b"0",
    b"1.5",
    b"[null]",
    b"[[]]",
    b"[]",
    b'"text"',
    b"",
    b"<html><body>Sign in</body></html>",
    b"\xff\xfe{\x00}\x00",
    b'{"data":NaN}',
    b"[" * 200_000 + b"]" * 200_000,
    b'{"data":' * 200_000 + b"1" + b"}" * 200_000,
    b'{"data":[' * 200_000,
]


def test_body_of_another_kind_is_refused_with_place_and_start(decoder: Any) -> None:
    for body in BODIES:
        with pytest.raises(MalformedResponse) as caught:
            decoder.read(body)
        assert caught.value.path.startswith("$"), body[:20]
        assert caught.value.status == 200
        assert len(caught.value.body) <= 200


def test_truncated_body_is_refused(decoder: Any) -> None:
    body = json.dumps(decoder.payload, ensure_ascii=False).encode()
    decoder.read(body)
    for end in range(len(body)):
        with pytest.raises(MalformedResponse):
            decoder.read(body[:end])


def test_empty_object_is_refused(decoder: Any) -> None:
    for body in (b"{}", b'{"status":true}', b'{"data":5,"result":5,"rooms":5}'):
        with pytest.raises(MalformedResponse):
            decoder.read(body)


# ------------------------------------------------------------------------------- required fields

NO_ID: list[Any] = [None, True, 1.5, "", [], {}]
REQUIRED = {
    "room": ["data", "data.meeting_id"],
    "created_room": ["data.meeting_id"],
    "rooms": ["data"],
    "settings": ["data", "data.0.setting", "data.0.value"],
    "sessions": ["data"],
    "link": ["data", "data.url"],
    "attendance": ["data"],
    "v4 created_room": ["room_id"],
    "v4 rooms": ["rooms"],
    "v4 active_room": ["result.room_info"],
    "v4 past_rooms": ["rooms.rooms_list"],
    "v4 attendance": ["data"],
}


@pytest.mark.parametrize("wrong", NO_ID)
def test_id_of_a_room_of_v4_is_never_another_value(wrong: Any) -> None:
    with pytest.raises(MalformedResponse):
        read_active_room(Reply(200, {}, dumped({"result": {"room_info": {"room_id": wrong}}})))


def test_missing_required_field_is_named(decoder: Any) -> None:
    for place in REQUIRED.get(decoder.name, []):
        with pytest.raises(MalformedResponse) as caught:
            decoder.read(dumped(changed(decoder.payload, place)))
        assert caught.value.path == written(place)


def test_unknown_field_is_ignored(decoder: Any) -> None:
    whole = decoder.read(dumped(decoder.payload))
    assert decoder.read(dumped(decoder.payload | {"brand_new": {"deep": [1]}})) == whole


# --------------------------------------------------------------------------------------- helpers


def dumped(payload: Any) -> bytes:
    return json.dumps(payload).encode()


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
