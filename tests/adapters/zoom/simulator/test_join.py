"""What links open, and who gets in: docs/vendors/zoom.md#join-links"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import aiohttp
import pytest

from conferencing import Anyone, Conflict, EntryKind, NotFound, Passcode, Role
from conferencing.sandbox import JoinTarget, World
from conferencing_zoom.simulator import ZoomSimulator

OLGA = "olga@example.com"


@pytest.fixture
def open_url(simulator: ZoomSimulator) -> Any:
    """Return what a link opens."""

    def open_(url: str) -> JoinTarget:
        parts = urlsplit(url)
        path = parts.path.split("/")[3:]
        return simulator.join_target(path, dict(parse_qsl(parts.query)))

    return open_


async def test_plain_link_has_the_passcode(program: Any, open_url: Any) -> None:
    room = await program.create(password="abc123")
    (option,) = open_url(room["join_url"]).entry_options
    assert option.rule == Anyone()
    bare = room["join_url"].partition("?")[0]
    for url in (bare, f"{bare}?pwd=wrong"):
        (option,) = open_url(url).entry_options
        assert option.rule == Passcode("abc123")
    await program("PATCH", f"/meetings/{room['id']}", {"password": "other"})
    assert open_url(room["join_url"]).entry_options[0].rule.kind is EntryKind.PASSCODE


async def test_link_without_passcode_is_open(program: Any, open_url: Any) -> None:
    room = await program.create(default_password=False)
    assert open_url(room["join_url"]).entry_options[0].rule == Anyone()


async def test_registration_closes_the_plain_link(program: Any, open_url: Any) -> None:
    room = await program.create(settings={"approval_type": 0})
    for url in (room["join_url"], room["registration_url"]):
        with pytest.raises(Conflict):
            open_url(url)


async def test_registrants_link_is_personal(program: Any, open_url: Any) -> None:
    room = await program.create(settings={"approval_type": 0})
    registered = (await program.register(room, last_name="Nowak")).body
    (option,) = open_url(registered["join_url"]).entry_options
    assert option.person.display_name == "Bea Nowak"
    body = {"action": "deny", "registrants": [{"id": registered["registrant_id"]}]}
    await program("PUT", f"/meetings/{room['id']}/registrants/status", body)
    with pytest.raises(Conflict):
        open_url(registered["join_url"])


async def test_panelists_link_is_of_a_presenter(program: Any, open_url: Any) -> None:
    room = await program.create("webinar")
    path = f"/webinars/{room['id']}/panelists"
    await program("POST", path, {"panelists": [{"name": "Cem", "email": "cem@example.org"}]})
    (row,) = (await program.get(path))["panelists"]
    (option,) = open_url(row["join_url"]).entry_options
    assert (option.role, option.person.email) == (Role.PRESENTER, "cem@example.org")


@pytest.mark.parametrize(
    ("ttl", "hours", "opens"), [(7200, 1, True), (7200, 2, False), (0, 99, True)]
)
async def test_invite_link_ends(
    program: Any, world: World, open_url: Any, *, ttl: int, hours: int, opens: bool
) -> None:
    room = await program.create(start_time="2026-12-01T09:00:00Z")
    body = {"attendees": [{"name": "Dan"}], "ttl": ttl}
    reply = await program("POST", f"/meetings/{room['id']}/invite_links", body)
    url = reply.body["attendees"][0]["join_url"]
    world.advance(timedelta(hours=hours))
    if opens:
        assert open_url(url).entry_options[0].person.display_name == "Dan"
    else:
        with pytest.raises(Conflict):
            open_url(url)


async def test_hosts_link_is_dead_after_two_hours(
    program: Any, world: World, open_url: Any
) -> None:
    room = await program.create(start_time="2026-12-01T09:00:00Z")
    (option,) = open_url(room["start_url"]).entry_options
    assert (option.role, option.person.email) == (Role.HOST, OLGA)
    world.advance(timedelta(hours=2))
    with pytest.raises(NotFound):
        open_url(room["start_url"])
    assert open_url((await program.get(f"/meetings/{room['id']}"))["start_url"])


@pytest.mark.parametrize(
    "path",
    ["", "x", "j/81234567890", "w/{id}?tk=x", "w/{id}", "s/{id}?zak=x", "meeting/register/x"],
)
async def test_wrong_link_leads_nowhere(
    program: Any, simulator: ZoomSimulator, open_url: Any, path: str
) -> None:
    room = await program.create()
    with pytest.raises(NotFound):
        open_url(f"{simulator.join_url()}/{path.format(id=room['id'])}")


# ----------------------------------------------------------------------------------------- getting in


@pytest.mark.parametrize(
    ("settings", "early", "opens"),
    [
        ({}, 0, False),
        ({"join_before_host": True}, 60, True),
        ({"join_before_host": True, "jbh_time": 10}, 10, True),
        ({"join_before_host": True, "jbh_time": 10}, 11, False),
        ({"join_before_host": True, "waiting_room": True}, 0, False),
    ],
)
async def test_guest_before_the_host(
    program: Any,
    simulator: ZoomSimulator,
    open_url: Any,
    *,
    settings: dict[str, Any],
    early: int,
    opens: bool,
) -> None:
    room = await program.create(start_time="2026-10-01T09:00:00Z", settings=settings)
    simulator.world.advance(timedelta(minutes=60 - early))
    target = open_url(room["join_url"])
    if not opens:
        with pytest.raises(Conflict, match="has not started"):
            simulator.enter(target, target.entry_options[0], "Bea", None)
    else:
        simulator.enter(target, target.entry_options[0], "Bea", None)
        assert (await program.get(f"/meetings/{room['id']}"))["status"] == "started"


@pytest.mark.parametrize("waiting", [True, False])
async def test_guest_waits_for_admission(
    program: Any, simulator: ZoomSimulator, open_url: Any, waiting: bool
) -> None:
    room = await program.create(settings={"waiting_room": waiting})
    for url, name, waits in (
        (room["start_url"], "Olga", False),
        (room["join_url"], "Bea", waiting),
    ):
        target = open_url(url)
        visit = simulator.enter(target, target.entry_options[0], name, None)
        assert visit.waits == waits


async def test_links_are_pages_in_a_browser(program: Any, simulator: ZoomSimulator) -> None:
    room = await program.create(topic="Launch & more")
    async with aiohttp.ClientSession() as session, session.get(room["join_url"]) as reply:
        assert reply.status == 200
        assert "Launch &amp; more" in await reply.text()
