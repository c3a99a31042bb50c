"""Tokens: of a user who consented, and of a service account for users of its domain."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest

from conferencing import (
    AuthenticationFailed,
    ConfigurationError,
    PermissionDenied,
    Person,
    connect,
)
from conferencing_googlemeet import GoogleMeet
from conferencing_googlemeet.settings import GoogleMeetSettings
from conferencing_googlemeet.simulator.key import PUBLIC_KEY

SCOPE = "https://www.googleapis.com/auth/"


@pytest.fixture
def delegated(sandbox: Any) -> dict[str, Any]:
    return sandbox.account("googlemeet", "delegated")


def assertions(served: Any) -> list[dict[str, Any]]:
    """Return the claims of the assertions that were sent."""
    forms = [
        parse_qs(request.body.decode()) for request in served.requests if request.path == "/token"
    ]
    return [
        jwt.decode(
            form["assertion"][0],
            jwt.PyJWK(PUBLIC_KEY).key,
            algorithms=["RS256"],
            options={"verify_aud": False, "verify_exp": False, "verify_iat": False},
        )
        for form in forms
    ]


async def test_token_is_fetched_once_for_many_calls(conference, served, sandbox, clock) -> None:
    async with connect(sandbox.account("googlemeet"), clock=clock) as client:
        await asyncio.gather(*(client.check() for _ in range(8)))
    tokens = [request for request in served.requests if request.path.endswith("/token")]
    assert len(tokens) == 1
    form = parse_qs(tokens[0].body.decode())
    assert form["grant_type"] == ["refresh_token"]
    assert set(form) == {"grant_type", "client_id", "client_secret", "refresh_token"}


async def test_expired_token_is_renewed_and_the_call_repeated(conference, served, world) -> None:
    world.advance(timedelta(hours=2))  # the client's clock stands still
    await conference.create_room("x")
    assert [request.path.rpartition("/")[2] for request in served.requests] == [
        "events",
        "token",
        "events",
    ]
    assert len(world.rooms) == 1


async def test_service_account_acts_for_its_subject(delegated, served, clock) -> None:
    async with connect(delegated, clock=clock) as conference:
        room = await conference.create_room("Launch")
    (claims,) = assertions(served)
    assert claims["iss"] == "bot@demo-project.iam.gserviceaccount.com"
    assert (claims["sub"], claims["aud"]) == (
        "olga@example.com",
        "https://oauth2.googleapis.com/token",
    )
    assert claims["exp"] - claims["iat"] == 3600
    assert claims["scope"].split() == [
        SCOPE + name
        for name in (
            "meetings.space.created",
            "meetings.space.readonly",
            "meetings.space.settings",
            "calendar.events",
            "drive.readonly",
        )
    ]
    assert room.id.startswith("event:olga%40example.com:primary:")


async def test_service_account_creates_for_another_host(delegated, served, world, clock) -> None:
    """Each host needs a token; later calls find the host in the id, files included."""
    async with connect(delegated, clock=clock) as conference:
        room = await conference.create_room("Launch", host=Person(email="piotr@example.com"))
        space = await conference.create_room(permanent=True, host=Person(email="piotr@example.com"))
        assert room.host.email == "piotr@example.com"
        assert space.id.startswith("space:piotr%40example.com:")
        key = room.id.rpartition(":")[2]
        world.enter(key, "Ann", "ann@example.org")
        world.advance(timedelta(minutes=30))
        world.end_session(key)
        world.record(key, timedelta(minutes=20))
        (session,) = await conference.sessions(room).collect()
        assert len(await conference.attendance(session).collect()) == 1
        (recording,) = await conference.recordings(session).collect()
        pieces = [piece async for piece in conference.provider.read_file(recording.files[0])]
        assert b"".join(pieces) in world.files.values()
        await conference.delete_room(room)
    assert {claims["sub"] for claims in assertions(served)} == {"piotr@example.com"}
    assert len(assertions(served)) == 1
    assert not any("#" in request.target for request in served.requests)


async def test_consented_account_has_one_host(conference, served) -> None:
    assert "host" not in conference.capabilities.features.create_fields
    with pytest.raises(Exception, match="does not support host"):
        await conference.create_room("Launch", host=Person(email="piotr@example.com"))
    assert served.requests == []


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda keys: keys | {"private_key_id": "other"}, "Invalid JWT Signature"),
        (lambda keys: keys | {"client_email": "other@example.com"}, "Invalid issuer"),
    ],
    ids=["key", "issuer"],
)
async def test_wrong_key_file_is_refused(delegated, clock, change, text) -> None:
    keys = json.dumps(change(json.loads(delegated["service_account"])))
    async with connect({**delegated, "service_account": keys}, clock=clock) as conference:
        with pytest.raises(AuthenticationFailed, match=text):
            await conference.check()


async def test_scope_that_is_not_granted_is_refused(delegated, simulator, clock) -> None:
    simulator.delegated.remove("drive.readonly")
    async with connect(delegated, clock=clock) as conference:
        with pytest.raises(AuthenticationFailed) as caught:
            await conference.check()
    assert caught.value.code == "unauthorized_client"
    scopes = ["calendar.events", "meetings.space.readonly"]
    async with connect({**delegated, "scopes": scopes}, clock=clock) as conference:
        await conference.check()
        room = await conference.create_room("Launch")
        with pytest.raises(PermissionDenied):
            await conference.create_room(permanent=True)
    assert room.join_url is not None


async def test_unknown_subject_and_wrong_clock_are_refused(
    delegated, simulator, world, clock
) -> None:
    simulator.quirks["assertion_times"] = True
    async with connect({**delegated, "subject": "nobody@example.com"}, clock=clock) as conference:
        with pytest.raises(AuthenticationFailed, match="Invalid email"):
            await conference.check()
    world.advance(timedelta(hours=2))
    async with connect(delegated, clock=clock) as conference:
        with pytest.raises(AuthenticationFailed, match="reasonable timeframe"):
            await conference.check()


async def test_room_is_read_without_scope_of_spaces(delegated, clock) -> None:
    """An event is a room without what only its space knows."""
    async with connect(delegated, clock=clock) as conference:
        room = await conference.create_room("Launch")
    async with connect({**delegated, "scopes": ["calendar.events"]}, clock=clock) as conference:
        again = await conference.get_room(room.id)
    assert (again.name, again.join_url, again.entry) == ("Launch", room.join_url, None)


# -------------------------------------------------------------------------------------- settings

CONSENT = {"client_id": "c", "client_secret": "s", "refresh_token": "r"}


@pytest.mark.parametrize(
    ("keys", "field"),
    [
        ({}, "refresh_token"),
        ({**CONSENT, "attendance": "all"}, "attendance"),
        ({**CONSENT, "emails": "guess"}, "emails"),
        ({**CONSENT, "send_updates": "some"}, "send_updates"),
        ({"service_account": "{}", "subject": "a@example.com"}, "service_account"),
        ({"service_account": "x"}, "subject"),
        ({**CONSENT, "service_account": "x", "subject": "a@example.com"}, "subject"),
    ],
)
def test_settings_that_make_no_sense_are_refused(keys, field) -> None:
    with pytest.raises(ConfigurationError) as caught:
        connect({"provider": "googlemeet", **keys})
    assert caught.value.field == field


def test_key_that_is_none_is_refused_without_showing_it(delegated) -> None:
    keys = json.loads(delegated["service_account"]) | {"private_key": "canary-c0de"}
    with pytest.raises(ConfigurationError) as caught:
        connect({**delegated, "service_account": json.dumps(keys)})
    assert "canary" not in f"{caught.value!r}{caught.value}"
    assert caught.value.__context__ is None


def test_each_path_has_its_host() -> None:
    settings = GoogleMeetSettings(**CONSENT)
    hosts = {
        "/v2/spaces": "meet.googleapis.com",
        "/calendar/v3/calendars/primary/events": "www.googleapis.com",
        "/drive/v3/files/x": "www.googleapis.com",
        "/token": "oauth2.googleapis.com",
        "/v1/people:batchGet": "people.googleapis.com",
        "/admin/directory/v1/users/1": "admin.googleapis.com",
        "/v1/subscriptions": "workspaceevents.googleapis.com",
    }
    for path, host in hosts.items():
        assert settings.origin_of(path) == f"https://{host}"
    account = connect({"provider": "googlemeet", **CONSENT})
    provider = account.provider
    assert isinstance(provider, GoogleMeet)
    assert provider.authenticates("https://www.googleapis.com/drive/v3/files/x?alt=media")
    assert not provider.authenticates("https://www.googleapis.com.evil.example/drive/v3/files/x")
    assert not provider.authenticates("https://drive.google.com/file/d/x/view")
