"""Links into rooms: web addresses only, and none that could end the line that it is written into."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime

import attrs
import pytest

from conferencing import InvalidRequest, JoinLink, MalformedResponse, Role, Room, Secret
from conferencing.calendar import invitation
from conferencing.model.links import is_web_link

SAFE = [
    "https://meet.example/j/abc?x=1,2;y#top",
    "http://127.0.0.1:8080/join",
    "HTTPS://Meet.Example:8443/launch",
    "https://meet.example/łódź/{a}|b",
    "https://[::1]/x",
]
UNSAFE = [
    "",
    " ",
    "javascript:alert(1)",
    "data:text/html,x",
    "file:///etc/passwd",
    "//meet.example/x",
    "https://",
    "https:///x",
    "https://?x",
    "https://meet.example/\r\nBEGIN:VALARM",
    "https://meet.example/\r",
    "https://meet.example/\n",
    "https://meet.example/\x1b[31m",
    "https://meet.example/\x9b31m",
    "https://meet.example/\x00",
    "https://meet.example/\u202egnp",
    "https://meet.example/\u2028",
    "https://meet.example/ x",
    'https://meet.example/"onclick=',
    "https://meet.example/<b>",
    "\thttps://meet.example",
]


@pytest.mark.parametrize("url", SAFE)
def test_web_address_is_a_link(url: str) -> None:
    assert is_web_link(url)
    assert JoinLink(url=url).url == JoinLink(url=Secret(url)).url == url


@pytest.mark.parametrize("url", UNSAFE)
def test_anything_else_raises_typed_error(url: str) -> None:
    for value in (url, Secret(url)):
        with pytest.raises(MalformedResponse) as caught:
            JoinLink(url=value)
        assert not url.strip() or url.strip() not in str(caught.value)


@pytest.mark.parametrize("url", [url for url in UNSAFE if url])
def test_invitation_with_unsafe_room_link_raises(url: str) -> None:
    room = Room(id="1", name="Launch", join_url=url, starts_at=datetime(2027, 3, 1, tzinfo=UTC))
    with pytest.raises(InvalidRequest) as caught:
        invitation(room, provider="memory")
    assert caught.value.field == "link"


def test_pickled_link_can_be_changed() -> None:
    link = pickle.loads(pickle.dumps(JoinLink(url=SAFE[0])))
    assert attrs.evolve(link, role=Role.HOST).role is Role.HOST
