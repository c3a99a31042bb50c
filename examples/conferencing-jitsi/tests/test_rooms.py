"""Rooms by name: what a name becomes, in the address and in the token alike."""

from __future__ import annotations

from urllib.parse import parse_qs, unquote, urlsplit

import jwt
import pytest

from conferencing import (
    Conference,
    InvalidRequest,
    RoomKind,
    RoomStatus,
    UnsupportedOperation,
    UnsupportedOption,
)

NAMES = [
    ("Launch", "launch"),
    ("Zoë / Łukasz: Q&A?", "zoë-łukasz-q-a"),
    ("../../admin", "admin"),
    ("план №1", "план-no1"),
    ("हिन्दी कक्षा", "हिन्दी-कक्षा"),
    ("\ufb01nale, Ⅷ", "finale-viii"),
    ("İstanbul", "i̇stanbul"),
    ("100 %2F", "100-2f"),
    ("tab\tand\nline", "tab-and-line"),
    ("lone \ud800 surrogate", "lone-surrogate"),
    ("🎉🎉", "🎉🎉"),
    ("x" * 255, "x" * 255),
]


@pytest.mark.parametrize(("name", "room_id"), NAMES, ids=[room_id[:9] for _, room_id in NAMES])
async def test_a_name_leads_to_one_room(own: Conference, name: str, room_id: str) -> None:
    room = await own.create_room(name)
    link = await own.join_link(room)
    path = urlsplit(link.url).path
    assert (room.id, room.name) == (room_id, name)
    assert unquote(path) == f"/{room_id}"
    assert path.isascii()
    assert path.count("/") == 1
    # The server lowers the path as it stands in the address, and compares bytes.
    assert claim(link.url) == path[1:].lower()


@pytest.mark.parametrize(("name", "room_id"), NAMES, ids=[room_id[:9] for _, room_id in NAMES])
async def test_an_id_a_name_and_a_room_do_alike(plain: Conference, name: str, room_id: str) -> None:
    links = [await plain.join_link(room) for room in (name, room_id, await plain.create_room(name))]
    assert len({link.url for link in links}) == 1


@pytest.mark.parametrize("name", ["", "/", "?!", " \t ", "---", "..", None])
async def test_a_name_without_a_letter_is_refused(own: Conference, name: str | None) -> None:
    with pytest.raises(InvalidRequest) as caught:
        await own.create_room(name)
    assert (caught.value.field, caught.value.provider) == ("name", "jitsi")


async def test_a_room_is_open_and_has_its_plain_address(own: Conference, jaas: Conference) -> None:
    room = await own.create_room("Launch", kind="meeting")
    assert (room.kind, room.status, room.permanent) == (RoomKind.MEETING, RoomStatus.OPEN, True)
    assert room.join_url == "https://Meet.Example.org:8443/launch"
    assert (
        await jaas.create_room("Launch")
    ).join_url is None  # nobody enters there without a token


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"kind": "webinar"}, "kind"),
        ({"description": "Our plans"}, "description"),
        ({"native": {"lobby": True}}, "native"),
    ],
)
async def test_what_a_name_cannot_express_is_refused(
    own: Conference, fields: dict[str, object], field: str
) -> None:
    with pytest.raises(UnsupportedOption) as caught:
        await own.create_room("Launch", **fields)
    assert caught.value.field == field


async def test_there_is_no_list_of_rooms(own: Conference) -> None:
    with pytest.raises(UnsupportedOperation):
        own.rooms()


def claim(url: str) -> str:
    [token] = parse_qs(urlsplit(url).query)["jwt"]
    return jwt.decode(token, options={"verify_signature": False})["room"]
