"""Replies of a wrong kind and values of a wrong type are refused with their place, field by field."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest

from conferencing import MalformedResponse
from conferencing_vconnct.v4 import wire as v4

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
PRESENT = {"result": {"room_info": {"room_id": "r"}, "participants_info": [{"identity": "i"}]}}


def test_a_body_of_another_kind_is_told_with_its_place_and_start(decoder: Any) -> None:
    for body in BODIES:
        with pytest.raises(MalformedResponse) as caught:
            decoder.read(body)
        assert caught.value.path.startswith("$"), body[:20]
        assert caught.value.status == 200
        assert len(caught.value.body) <= 200


def test_a_body_that_is_cut_anywhere_is_never_read(decoder: Any) -> None:
    body = json.dumps(decoder.payload, ensure_ascii=False).encode()
    decoder.read(body)
    for end in range(len(body)):
        with pytest.raises(MalformedResponse):
            decoder.read(body[:end])


def test_an_object_with_nothing_in_it_is_refused(decoder: Any) -> None:
    for body in (b"{}", b'{"status":true}', b'{"data":5,"result":5,"rooms":5}'):
        with pytest.raises(MalformedResponse):
            decoder.read(body)


# ------------------------------------------------------------------------------ field after field

NO_TEXT: list[Any] = [5, 1.5, True, [], {}, ["x"]]
NO_ID: list[Any] = [None, True, 1.5, "", [], {}]
NO_TRUTH: list[Any] = [None, 0, 1, "true", "1", [], {}]
NO_TIME: list[Any] = [
    0, True, [], "", "soon", "2022-12-20", "2022-12-20T12:08:46.148", "2022-13-20T12:08:46.148Z",
    "1671538126",
]  # fmt: skip
NO_MOMENT: list[Any] = [True, 1.5, [], {}, "", "soon", "2026-13-01", "1" * 12, -5, "٣"]
NO_WHOLE: list[Any] = ["5 ", "", "1.0", "٣", "0x5", "1" * 19, 1.0, True, [], {}]
NO_FLAG: list[Any] = ["yes", "", 2, -1, 1.0, [], {}]
NO_LIST: list[Any] = [None, 5, "x", True, {}]
NO_OBJECT: list[Any] = [5, "x", True, [1]]

MEETING: dict[str, list[Any]] = {
    "meeting_id": NO_ID,
    "title": NO_TEXT,
    "moderator_password": NO_TEXT,
    "welcome_text": NO_TEXT,
    "is_running": NO_TRUTH[1:],
    "meeting_setting": [5, "x", {}],
}
SETTING: dict[str, list[Any]] = {"setting": [None, *NO_TEXT], "value": NO_TRUTH}
INFO: dict[str, list[Any]] = {
    "room_id": NO_ID,
    "room_title": NO_TEXT,
    "joined_participants": NO_WHOLE,
    "is_running": NO_FLAG,
    "creation_time": NO_MOMENT,
    "metadata": NO_TEXT,
}


def below(prefix: str, fields: dict[str, list[Any]]) -> dict[str, list[Any]]:
    return {f"{prefix}.{name}": wrong for name, wrong in fields.items()}


FIELDS: dict[str, dict[str, list[Any]]] = {
    "room": below("data", MEETING) | below("data.meeting_setting.3", SETTING),
    "created": below("data", MEETING) | below("data.meeting_setting.0", SETTING),
    "rooms": {"data": NO_LIST} | below("data.1", MEETING),
    "room_settings": {"data": NO_LIST} | below("data.9", SETTING),
    "general_settings": {"data": [None, 5, "x", True]},
    "sessions": {
        "data": NO_LIST,
        "data.0.session_id": NO_ID,
        "data.0.title": NO_TEXT,
        "data.0.session_start_time": NO_TIME,
        "data.1.session_end_time": NO_TIME,
    },
    "join_link": {"data": [None, *NO_OBJECT], "data.url": [None, *NO_TEXT]},
    "attendance": {
        "data": NO_LIST,
        "data.0.full_name": [None, *NO_TEXT],
        "data.2.joined_date": [None, *NO_TIME],
    },
    "recording": {"data": NO_TEXT},
    "v4 created": {
        "room_id": NO_ID,
        "name": NO_TEXT,
        "max_participants": NO_WHOLE,
        "start_at": [5, True, [], "soon"],
        "start_time": NO_MOMENT,
    },
    "v4 active_rooms": {"rooms": NO_LIST, "rooms.0": NO_OBJECT},
    "v3 active_rooms": {"response.rooms": NO_LIST},
    "v4 active_room": {"result": [None, *NO_OBJECT], "result.room_info": [None, *NO_OBJECT]},
    "v4 past_rooms": {"rooms": [None, *NO_OBJECT], "rooms.rooms_list": NO_LIST},
    "v4 present": {"result.participants_info": NO_LIST},
    "v4 attendance": {
        "data": [None, *NO_OBJECT],
        "data.participant_durations": NO_OBJECT,
    },
    "v4 join_link": {"invitation_link": NO_TEXT},
    "v4 recordings": {"data": [5, "x", True], "data.url": NO_TEXT},
    "v3 recordings": {"data.1.url": NO_TEXT},
}
ROWS: dict[str, dict[str, list[Any]]] = {
    "general_settings": {"data.record": NO_TRUTH},
    "v4 attendance": {
        "data.participant_durations.Ben": [None, True, "", "soon", -1, "-1", "nan", 1e300, [], {}]
    },
    "v4 active_rooms": below("rooms.0", INFO),
    "v3 active_rooms": below("response.rooms.0.room_info", INFO),
    "v4 active_room": below("result.room_info", INFO),
    "v4 past_rooms": below(
        "rooms.rooms_list.0",
        {
            "room_id": NO_ID,
            "room_title": NO_TEXT,
            "created": NO_MOMENT,
            "ended": NO_MOMENT,
            "joined_participants": NO_WHOLE,
        },
    ),
    "v4 present": below(
        "result.participants_info.0",
        {
            "identity": NO_ID,
            "name": NO_TEXT,
            "joined_at": NO_MOMENT,
            "metadata": NO_OBJECT,
            "metadata.is_admin": NO_TRUTH[1:],
        },
    ),
}
"""What is read row by row, or in another shape: it is refused, with its place in there."""
NEEDED = {
    "room": ["data", "data.meeting_id", "data.meeting_setting.0.value"],
    "created": ["data.meeting_id"],
    "rooms": ["data", "data.0.meeting_id"],
    "room_settings": ["data", "data.0.setting", "data.0.value"],
    "sessions": ["data", "data.0.session_id"],
    "join_link": ["data", "data.url"],
    "attendance": ["data", "data.1.full_name", "data.1.joined_date"],
    "v4 created": ["room_id"],
    "v4 active_rooms": ["rooms"],
    "v4 active_room": ["result", "result.room_info"],
    "v4 past_rooms": ["rooms", "rooms.rooms_list"],
    "v4 present": ["result", "result.participants_info"],
    "v4 attendance": ["data"],
}


def test_a_value_of_a_wrong_type_is_never_bent_into_the_right_one(decoder: Any) -> None:
    for place, values in FIELDS[decoder.name].items():
        for wrong in values:
            with pytest.raises(MalformedResponse) as caught:
                decoder.read(dumped(changed(decoder.payload, place, wrong)))
            known = (written(place), written(place.removeprefix("response.")), "$[")
            assert caught.value.path.startswith(known), (place, wrong)


def test_a_value_of_a_wrong_type_in_a_row_is_refused_too(decoder: Any) -> None:
    for place, values in ROWS.get(decoder.name, {}).items():
        for wrong in values:
            body = dumped(changed(decoder.payload, place, wrong))
            with pytest.raises(MalformedResponse):
                decoder.read(body)


def test_the_id_of_a_session_of_v4_is_never_made_of_something_else() -> None:
    for wrong in NO_ID:
        with pytest.raises(MalformedResponse):
            v4.present(changed(PRESENT, "result.room_info.room_id", wrong))


def test_a_field_that_is_needed_is_named_if_it_is_missing(decoder: Any) -> None:
    for place in NEEDED.get(decoder.name, []):
        with pytest.raises(MalformedResponse) as caught:
            decoder.read(dumped(changed(decoder.payload, place)))
        assert caught.value.path == written(place)


def test_a_field_that_nobody_knows_is_passed_over(decoder: Any) -> None:
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
