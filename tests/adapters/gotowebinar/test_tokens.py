"""Tokens: whose webinars they are for, when they are renewed, and what replaces a refresh token."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from exact import request_lines

from conferencing import AuthenticationFailed, ConfigurationError, PermissionDenied, connect

ME = "GET /admin/rest/v1/me"
ROOMS = "GET /G2W/rest/v2/organizers/"
TOKEN = "POST /oauth/token"
NEW = 6.0
"""Seconds after which a token is no longer new."""


def starts(served: Any) -> list[str]:
    """Return methods and paths of the requests, without queries, bodies and what is below."""
    lines = [line.partition("?")[0].partition(" grant_type")[0] for line in request_lines(served)]
    return [ROOMS if line.startswith(ROOMS) else line for line in lines]


async def list_rooms(account: Any, clock: Any) -> None:
    async with connect(account, clock=clock) as conference:
        await conference.rooms().collect()
        await conference.rooms().collect()


async def test_organizer_is_asked_for_once(sandbox, served, clock) -> None:
    await list_rooms(sandbox.account("gotowebinar"), clock)
    assert starts(served) == [TOKEN, ME, ROOMS, ROOMS]


async def test_organizer_of_the_settings_is_used(sandbox, served, simulator, clock) -> None:
    account = sandbox.account("gotowebinar") | {"organizer_key": simulator.organizer_key}
    await list_rooms(account, clock)
    assert starts(served) == [TOKEN, ROOMS, ROOMS]


async def test_organizer_of_an_old_token_is_used(sandbox, served, simulator, clock) -> None:
    simulator.quirks["old_tokens"] = True
    await list_rooms(sandbox.account("gotowebinar"), clock)
    assert starts(served) == [TOKEN, ROOMS, ROOMS]


async def test_token_request_is_that_of_the_guide(sandbox, served, simulator, clock) -> None:
    await list_rooms(sandbox.account("gotowebinar"), clock)
    request = served.requests[0]
    form = f"grant_type=refresh_token&refresh_token={simulator.refresh_token}"
    assert request.body.decode() == form
    assert request.headers["authorization"].startswith("Basic ")


@pytest.mark.parametrize("quirk", [False, True])
async def test_expired_token_is_renewed_once(conference, served, simulator, clock, quirk) -> None:
    simulator.quirks["token_errors_401"] = quirk
    simulator.tokens.key = b"another"  # all tokens are invalid now
    clock.time += NEW
    await conference.rooms().collect()
    assert starts(served) == [ROOMS, TOKEN, ROOMS]


async def test_refused_creation_is_sent_again_with_a_new_token(
    conference, served, simulator, clock
) -> None:
    simulator.tokens.key = b"another"
    clock.time += NEW
    await conference.create_room("Launch")
    assert len(simulator.world.rooms) == 1


async def test_second_refusal_is_about_permission(conference, served, clock) -> None:
    clock.time += NEW
    served.fail("status", status=403, times=2, match="/webinars")
    with pytest.raises(PermissionDenied):
        await conference.rooms().collect()
    assert starts(served) == [ROOMS, TOKEN, ROOMS]


async def test_new_token_is_not_renewed(conference, served) -> None:
    served.fail("status", status=403)
    with pytest.raises(PermissionDenied):
        await conference.rooms().collect()
    assert starts(served) == [ROOMS]


async def test_other_organizers_webinars_are_forbidden(sandbox, clock) -> None:
    account = sandbox.account("gotowebinar") | {"organizer_key": "3000000000009999999"}
    async with connect(account, clock=clock) as conference:
        with pytest.raises(PermissionDenied, match="organizer"):
            await conference.rooms().collect()


async def test_refresh_token_is_kept_until_it_is_replaced(
    sandbox, served, simulator, world, clock
) -> None:
    async with connect(sandbox.account("gotowebinar"), clock=clock) as conference:
        for days in (0, 1, 25, 5):
            world.advance(timedelta(days=days))
            clock.time += timedelta(days=days).total_seconds()
            await conference.check()
    sent = [each.body.decode().rpartition("=")[2] for each in served.requests if each.body]
    # The third reply names another token, by which the last one is fetched.
    assert sent[:3] == [simulator.refresh_token] * 3
    assert sent[3] != simulator.refresh_token


async def test_refresh_token_that_is_over_says_what_to_do(sandbox, world, clock) -> None:
    world.advance(timedelta(days=31))
    async with connect(sandbox.account("gotowebinar"), clock=clock) as conference:
        with pytest.raises(AuthenticationFailed, match="sign in at the vendor again"):
            await conference.check()


async def test_lost_reply_with_a_token_is_asked_for_again(sandbox, served, clock) -> None:
    served.fail("commit-close", match="/oauth/token")
    async with connect(sandbox.account("gotowebinar"), clock=clock) as conference:
        await conference.check()
    assert starts(served) == [TOKEN, TOKEN, ME, ME]


async def test_account_without_a_token_store_is_refused(sandbox, clock) -> None:
    account = sandbox.account("gotowebinar")
    del account["token_store"]
    async with connect(account, clock=clock) as conference:
        with pytest.raises(ConfigurationError, match="token_store"):
            await conference.check()
