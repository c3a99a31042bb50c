"""Join links: signed here, followed at the server."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import aiohttp
import pytest
from yarl import URL

from conferencing import (
    Conference,
    InvalidRequest,
    JoinLink,
    MalformedResponse,
    Person,
    Role,
    Room,
    connect,
)
from conferencing.sandbox import ServedSimulator, World

ANN = Person(name="Ann Łee & Co", email="ann@example.com")
ZOE = Person(name="Zoë")


async def follow(link: JoinLink | str) -> aiohttp.ClientResponse:
    """Open a link as a browser does, without going on."""
    url = link if isinstance(link, str) else link.url
    address = URL(url, encoded=True)  # or aiohttp would write it in another way
    async with (
        aiohttp.ClientSession() as session,
        session.get(address, allow_redirects=False) as response,
    ):
        await response.read()
        return response


def query_of(link: JoinLink) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(link.url).query).items()}


@pytest.mark.parametrize(
    ("role", "word", "guest"),
    [
        (Role.HOST, "MODERATOR", None),
        (Role.ATTENDEE, "VIEWER", None),
        (Role.GUEST, "VIEWER", "true"),
    ],
)
async def test_link_names_person_role_and_life(
    conference: Conference, room: Room, role: Role, word: str, guest: str | None
) -> None:
    link = await conference.join_link(room, role=role, person=ANN)
    query = query_of(link)
    assert (query["fullName"], query["userID"], query["role"]) == (ANN.name, ANN.email, word)
    assert query.get("guest") == guest
    assert link.session_id is not None
    assert query["createTime"] == link.session_id.rpartition("-")[2]
    assert (link.personal, link.role) == (True, role)
    assert (link.person.email if link.person else None) == ANN.email
    response = await follow(link)
    assert response.status == 302
    assert "/join/bigbluebutton/" in response.headers["Location"]


async def test_link_needs_a_name(conference: Conference, room: Room, served: Any) -> None:
    with pytest.raises(InvalidRequest, match="carries the name") as caught:
        await conference.join_link(room)
    assert (caught.value.field, served.requests) == ("name", [])
    link = await conference.join_link(room, email="ben@example.com")
    assert query_of(link)["fullName"] == "ben@example.com"


async def test_pinned_link_is_dead_in_the_next_life(
    conference: Conference, room: Room, world: World
) -> None:
    link = await conference.join_link(room, person=ANN)
    world.end_session(room.id)
    assert "notFound" in unquote((await follow(link)).headers["Location"])
    await conference.start_session(room, ZOE)
    assert "mismatchCreateTimeParam" in unquote((await follow(link)).headers["Location"])


async def test_unpinned_link_needs_no_call(
    account: dict[str, Any], served: ServedSimulator
) -> None:
    async with connect({**account, "pin_links": False}) as conference:
        room = await conference.create_room("Course")
        link = await conference.join_link(room, person=ANN)
        assert served.requests == []
        assert (link.session_id, "createTime" in link.url) == (None, False)
        for _ in range(2):
            await conference.start_session(room, ZOE)
            assert (await follow(link)).status == 302
            served.simulator.world.end_session(room.id)


async def test_old_servers_get_passwords(account: dict[str, Any], simulator: Any) -> None:
    async with connect({**account, "links": "password", "pin_links": False}) as conference:
        room = await conference.create_room("Course")
        host = await conference.join_link(room, role="host", person=ZOE)
        guest = await conference.join_link(room, person=ANN)
    meeting = simulator.find_meeting(room.id)
    assert query_of(host)["password"] == meeting.moderator_password
    assert query_of(guest)["password"] == meeting.attendee_password
    assert "role" not in query_of(host)
    assert (await follow(guest)).status == 302


async def test_server_without_passwords_is_told(
    account: dict[str, Any], served: ServedSimulator
) -> None:
    body = "<response><returncode>SUCCESS</returncode><createTime>1</createTime></response>"
    async with connect({**account, "links": "password"}) as conference:
        room = await conference.create_room("Course")
        served.fail("body", body=body, media_type="text/xml")
        with pytest.raises(MalformedResponse, match="names no password"):
            await conference.join_link(room, person=ANN)


async def test_changed_link_is_refused(conference: Conference, room: Room) -> None:
    link = await conference.join_link(room, person=ANN)
    response = await follow(link.url.replace("VIEWER", "MODERATOR"))
    assert response.status == 200  # as all failures in XML


async def test_link_opens_a_page(conference: Conference, room: Room) -> None:
    link = await conference.join_link(room, role="host", person=ANN)
    page = (await follow(link)).headers["Location"]
    async with aiohttp.ClientSession() as session, session.get(page) as response:
        text = await response.text()
    assert response.status == 200
    assert "Course" in text
