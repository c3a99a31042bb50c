"""Every link of ClickMeeting's API opens in a browser, in the role that it is for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from conferencing import Passcode, Person, PersonalToken, Role
from conferencing.attendance import merge
from conferencing.sandbox import World

ZOE = Person(name="Zoë", email="zoe@example.com")


async def test_plain_link_asks_for_name(conference, world, visitor) -> None:
    room = await conference.create_room("Launch & <more>")
    link = await conference.join_link(room)
    assert (await visitor.get(link.url)).title == "Join: Launch & <more>"
    await visitor.post(link.url, by="open", option="0", name="Ann")
    assert visits(world) == [("Ann", None, Role.ATTENDEE)]


async def test_plain_link_of_locked_room_asks_for_password(conference, world, visitor) -> None:
    room = await conference.create_room("Launch", entry=[Passcode("s3cret")])
    page = await visitor.post(room.join_url, by="passcode", name="Eve", passcode="secret")
    assert page.status == 403
    await visitor.post(room.join_url, by="passcode", name="Ann", passcode="s3cret")
    assert visits(world) == [("Ann", None, Role.ATTENDEE)]


@pytest.mark.parametrize("entry", [None, [Passcode("s3cret")], [PersonalToken()]])
@pytest.mark.parametrize("role", [Role.HOST, Role.PRESENTER, Role.ATTENDEE])
async def test_personal_link_has_person_and_role(conference, world, visitor, entry, role) -> None:
    room = await conference.create_room("Launch", entry=entry)
    link = await conference.join_link(room, person=ZOE, role=role)
    page = await visitor.get(link.url)
    assert "Join as Zoë" in page.text
    assert "<input id" not in page.html
    await visitor.post(link.url, by="open", option="0")
    assert visits(world) == [("Zoë", "zoe@example.com", role)]


async def test_owner_link_admits_host(conference, world, visitor) -> None:
    room = await conference.create_room("Launch", entry=[Passcode("s3cret")])
    url = f"{room.join_url}?l={room.native['autologin_hash'].reveal()}"
    await visitor.post(url, by="open", option="0", name="Boss")
    assert visits(world) == [("Boss", None, Role.HOST)]


async def test_registration_link_admits_participant(conference, world, visitor) -> None:
    room = await conference.create_room("Launch", registration=True)
    ann = await conference.register(
        room, email="ann@example.com", first_name="Ann", last_name="Lee", confirmation=True
    )
    assert ann.join_link is not None
    page = await visitor.post(ann.join_link.url, by="open", option="0")
    assert visits(world) == [("Ann Lee", "ann@example.com", Role.ATTENDEE)]
    world.advance(timedelta(minutes=30))
    await visitor.post(page.url, rating="5", comment="Fine")
    (session,) = await conference.sessions(room).collect()
    (present,) = merge(await conference.attendance(session).collect())
    assert (present.email, present.duration) == ("ann@example.com", timedelta(minutes=30))
    (registered,) = await conference.participants(room).collect()
    assert registered.session_id is not None
    (mail,) = world.outbox
    assert (await visitor.get((await visitor.get("/")).link("Open the link"))).status == 200
    assert mail.link == ann.join_link or mail.link.url == ann.join_link.url


async def test_token_link_admits_once(conference, world, visitor) -> None:
    room = await conference.create_room("Launch", entry=[PersonalToken()])
    token, other = await conference.create_access_tokens(room, 2)
    link = await conference.join_link(room, token=token)
    assert (await visitor.post(link.url, by="token", name="Ann")).status == 200
    assert (await visitor.post(link.url, by="token", name="Eve")).status == 403
    typed = await visitor.post(room.join_url, by="token", name="Ben", token=other.code.reveal())
    assert typed.status == 200
    assert [name for name, _, _ in visits(world)] == ["Ann", "Ben"]
    tokens = await conference.access_tokens(room).collect()
    assert [token.first_used_at is not None for token in tokens] == [True, True]


async def test_revoked_token_is_refused(conference, world, visitor) -> None:
    room = await conference.create_room("Launch", entry=[PersonalToken()])
    (token,) = await conference.create_access_tokens(room, 1)
    link = await conference.join_link(room, token=token)
    await conference.revoke_access_tokens(room, [token])
    assert (await visitor.post(link.url, by="token", name="Eve")).status == 403
    assert visits(world) == []


@pytest.mark.parametrize("entry", [None, [PersonalToken()]])
async def test_invitation_opens_from_the_outbox(conference, world, visitor, entry) -> None:
    room = await conference.create_room("Launch", entry=entry)
    await conference.invite(room, ["ann@example.com"])
    link = (await visitor.get("/")).link("Open the link")
    by = "token" if entry else "open"
    await visitor.post(link, by=by, option="0", name="Ann")
    assert visits(world) == [("Ann", "ann@example.com" if entry else None, Role.ATTENDEE)]


async def test_embedded_room_opens_by_pin(conference, world, visitor, served) -> None:
    room = await conference.create_room("Launch")
    url = served.simulator.join_url(str(room.native["room_pin"]))
    page = await visitor.get(f"{url}?popup=off&lang=pl")
    assert (page.status, page.title) == (200, "Join: Launch")


@pytest.mark.parametrize("tail", ["x", "/AB12CD", "?l=x", "?r=x", "?l=", "/a/b"])
async def test_made_up_link_is_not_found(conference, world, visitor, tail) -> None:
    room = await conference.create_room("Launch")
    assert (await visitor.get(f"{room.join_url}{tail}")).status == 404


async def test_hash_of_another_room_is_not_found(conference, world, visitor) -> None:
    first, second = [await conference.create_room(name) for name in ("First", "Second")]
    link = await conference.join_link(first, person=ZOE, role="host")
    query = link.url.partition("?")[2]
    assert (await visitor.get(f"{second.join_url}?{query}")).status == 404


async def test_room_past_its_end_is_closed(conference, world, visitor) -> None:
    room = await conference.create_room("Launch", duration=timedelta(hours=1))
    world.advance(timedelta(hours=2))
    page = await visitor.post(room.join_url, by="open", option="0", name="Late")
    assert page.status == 409
    assert visits(world) == []


@pytest.mark.parametrize("slug", ["plain", "Zażółć gęślą", "a/b?c#d", "100%"])
async def test_custom_link_opens(conference, world, visitor, slug) -> None:
    room = await conference.create_room("Mine", native={"custom_room_url_name": slug})
    assert (await visitor.get(room.join_url)).title == "Join: Mine"


# --------------------------------------------------------------------------------------- helpers


def visits(world: World) -> list[Any]:
    return [(visit.name, visit.email, visit.role) for visit in world.visits.values()]
