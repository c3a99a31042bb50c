"""Teams' two tokens: which call is made in whose name, and what each of them permits."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from conferencing import (
    AuthenticationFailed,
    ConfigurationError,
    NotAvailable,
    PermissionDenied,
    Permissions,
    Secret,
    Sent,
    connect,
)
from conferencing_teams.wire.tokens import Caller, find_caller, list_granted

WEBINARS = "/solutions/virtualEvents/webinars"
HOURS = timedelta(hours=2)


def without_organizer(account: dict[str, Any]) -> dict[str, Any]:
    """Return the account of an app on its own."""
    return {name: account[name] for name in account if name not in {"refresh_token", "token_store"}}


def token_paths(served: Any) -> list[str]:
    return [request.path for request in served.requests if request.path.endswith("/token")]


@pytest.mark.parametrize(
    ("method", "path", "caller"),
    [
        ("POST", "/users/u/events", Caller.ANY),
        ("GET", "/users/u/onlineMeetings", Caller.ANY),
        ("POST", "/subscriptions", Caller.ANY),
        ("POST", WEBINARS, Caller.ORGANIZER),
        ("PATCH", f"{WEBINARS}/1", Caller.ORGANIZER),
        ("POST", f"{WEBINARS}/1/cancel", Caller.ORGANIZER),
        ("GET", f"{WEBINARS}/1/registrationConfiguration/questions", Caller.ORGANIZER),
        ("GET", f"{WEBINARS}/1", Caller.ORGANIZER_IF_KNOWN),
        ("GET", f"{WEBINARS}/1/sessions/2/attendanceReports", Caller.ORGANIZER_IF_KNOWN),
        ("POST", f"{WEBINARS}/1/registrations", Caller.APP),
        ("GET", f"{WEBINARS}/1/registrations(email='a')", Caller.APP),
    ],
)
def test_caller_is_chosen_by_the_path(method, path, caller) -> None:
    assert find_caller(method, path) is caller


async def test_each_token_is_fetched_once(account, served, simulator) -> None:
    async with connect(account) as conference:
        await asyncio.gather(*(conference.check() for _ in range(5)))
    bodies = [request.body.decode() for request in served.requests if request.body]
    assert len(bodies) == 2
    app, organizer = sorted(bodies, key=len)
    scope = "scope=https%3A%2F%2Fgraph.microsoft.com%2F.default"
    secret = f"client_id={simulator.app.id}&client_secret={simulator.app.secret}"
    assert app == f"{secret}&grant_type=client_credentials&{scope}"
    assert organizer.startswith(f"{secret}&grant_type=refresh_token&refresh_token=")
    assert set(token_paths(served)) == {f"/{simulator.tenant}/oauth2/v2.0/token"}


async def test_expired_tokens_are_renewed(conference, served, world) -> None:
    world.advance(HOURS)  # the client's clock stands still
    await conference.check()
    assert len(token_paths(served)) == 2
    assert len(served.requests) == 6


async def test_refresh_token_is_replaced_at_each_use(account, served, world, clock) -> None:
    async with connect(account, clock=clock) as conference:
        await conference.check()
        world.advance(HOURS)
        clock.time += HOURS.total_seconds()
        await conference.check()
    bodies = [
        request.body.decode() for request in served.requests if b"refresh_token&" in request.body
    ]
    assert len({body.partition("refresh_token=")[2] for body in bodies}) == 2


async def test_delegated_account_makes_all_calls_as_the_organizer(account, served, clock) -> None:
    async with connect({**account, "delegated": True}, clock=clock) as conference:
        await conference.create_room("A")
        await conference.check()
    assert len(token_paths(served)) == 1


async def test_webinar_without_organizer_sends_nothing(account, served, clock) -> None:
    async with connect(without_organizer(account), clock=clock) as conference:
        with pytest.raises(NotAvailable, match="refresh_token") as caught:
            await conference.create_room("A", kind="webinar")
    assert caught.value.sent is Sent.NO
    assert served.requests == []


async def test_app_lists_webinars_as_far_as_it_may(account, conference, simulator, clock) -> None:
    webinar = await conference.create_room("A", kind="webinar")
    event = await conference.create_room("B")
    for policy, expected in ((True, [event.id, webinar.id]), (False, [event.id])):
        simulator.directory[simulator.host.id].policy = policy
        async with connect(without_organizer(account), clock=clock) as client:
            assert [room.id for room in await client.rooms().collect()] == expected


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"client_id": "00000000-0000-4000-8000-000000000000"}, "unauthorized_client"),
        ({"tenant": "nobody"}, "invalid_request"),
    ],
)
async def test_wrong_credentials_are_refused(account, simulator, clock, changes, code) -> None:
    async with connect({**account, **changes}, clock=clock) as conference:
        with pytest.raises(AuthenticationFailed, match="AADSTS") as caught:
            await conference.check()
    assert (caught.value.code, caught.value.sent) == (code, Sent.NO)


async def test_dead_refresh_token_says_to_sign_in_again(account, simulator, clock) -> None:
    async with connect({**account, "refresh_token": "used"}, clock=clock) as conference:
        with pytest.raises(AuthenticationFailed, match="sign in at the vendor again"):
            await conference.create_room("A", kind="webinar")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"meetings": "both"}, "meetings"),
        ({"refresh_token": None, "delegated": True}, "refresh_token"),
        ({"webhook_certificate": "MII"}, "webhook_certificate"),
    ],
)
def test_wrong_settings_are_refused(account, changes, field) -> None:
    keys = {name: value for name, value in {**account, **changes}.items() if value is not None}
    with pytest.raises(ConfigurationError) as caught:
        connect(keys)
    assert caught.value.field == field


# --------------------------------------------------------------------------------------- permissions


async def test_permissions_name_what_is_missing(account, simulator, clock) -> None:
    simulator.app.permissions -= {"OnlineMeetingArtifact.Read.All", "Calendars.ReadWrite"}
    async with connect({**account, "delegated": True}, clock=clock) as conference:
        app, organizer = await conference.permissions()
    assert (app.credential, organizer.credential) == ("application", "delegated")
    assert app.granted is not None
    assert "OnlineMeetings.ReadWrite.All" in app.granted
    assert {"create_room (events)", "list_attendance (events)"} <= set(app.denied)
    assert {"register (webinars)", "get_room (webinars)"} <= set(app.allowed)
    assert "create_room (webinars)" not in app.operations  # an app never may
    assert "create_room (webinars)" in organizer.allowed
    assert "register (webinars)" in organizer.denied


async def test_opaque_token_tells_no_permissions(account, simulator, clock) -> None:
    simulator.quirks["opaque_tokens"] = True
    async with connect(account, clock=clock) as conference:
        await conference.check()
        app, _ = await conference.permissions()
    assert app == Permissions(credential="application", granted=None)
    assert (app.allowed, app.denied) == ((), ())


@pytest.mark.parametrize("token", ["a.b", "a.%%.c", "a.bm8.c", "a.e30.c", "a.W10.c", "opaque"])
def test_unreadable_claims_are_unknown(token) -> None:
    assert not list_granted(Secret(token))


async def test_missing_permission_says_what_to_do(conference, simulator, served) -> None:
    simulator.app.permissions -= {"Calendars.ReadWrite"}
    simulator.tokens.revoke(b"another key")
    async with connect(without_organizer({"provider": "teams", **simulator.settings()})) as client:
        with pytest.raises(PermissionDenied, match="conferencing doctor"):
            await client.create_room("A")


async def test_missing_policy_is_not_available(account, simulator, clock) -> None:
    simulator.directory[simulator.host.id].policy = False
    async with connect({**account, "meetings": "plain"}, clock=clock) as conference:
        with pytest.raises(NotAvailable, match="Grant-CsApplicationAccessPolicy"):
            await conference.check()


async def test_host_without_mailbox_is_not_available(account, simulator, clock) -> None:
    nils = [*simulator.world.users][2]
    async with connect({**account, "host": nils}, clock=clock) as conference:
        with pytest.raises(NotAvailable, match='meetings = "plain"'):
            await conference.create_room("A")
