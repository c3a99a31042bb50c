"""What an account on VConnct may say, and what its credentials and limits mean."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from conferencing import (
    AuthenticationFailed,
    ConfigurationError,
    Conflict,
    InvalidRequest,
    NotFound,
    connect,
)
from conferencing_vconnct import VConnct, VConnctV4

V1 = {"provider": "vconnct", "license": "licence-4711"}
V4 = {
    "provider": "vconnct",
    "api_version": 4,
    "key": "key-4711",
    "secret": "secret-4711",
    "project_id": "p",
}


@pytest.mark.parametrize(
    ("account", "field", "telling"),
    [
        ({"provider": "vconnct"}, "license", "license"),
        (V1 | {"key": "k-4712"}, "key", "api_version = 4"),
        (V1 | {"secret": "k-4712"}, "secret", "api_version = 4"),
        (V1 | {"project_id": "p"}, "project_id", "api_version = 4"),
        (V1 | {"api_version": 4}, "license", "api_version = 1"),
        (V4 | {"license": "k-4712"}, "license", "api_version = 1"),
        ({**V4, "api_version": 1}, "license", "license"),
        ({name: V4[name] for name in V4 if name != "key"}, "key", "key"),
        ({name: V4[name] for name in V4 if name != "secret"}, "secret", "secret"),
        ({name: V4[name] for name in V4 if name != "project_id"}, "project_id", "project_id"),
        (V1 | {"api_version": 3}, "api_version", "1 and 4"),
        (V1 | {"api_version": 0}, "api_version", "1 and 4"),
        (V1 | {"api_version": "four"}, "api_version", "number"),
        ({"provider": "vconnct", "licence": "k-4712"}, "licence", "license"),
        (V1 | {"join-path": "x"}, "join-path", "join_path"),
        (V4 | {"project": "p"}, "project", "project_id"),
        (V1 | {"strict_links": "perhaps"}, "strict_links", "strict_links"),
        (V1 | {"base_url": "http://vconnct.example"}, "base_url", "https"),
        (V4 | {"base_url": "https://vconnct.example/api/v4?x=1"}, "base_url", "query"),
    ],
)
def test_wrong_account_is_named_without_value(account, field, telling) -> None:
    with pytest.raises(ConfigurationError) as caught:
        connect(account)
    assert caught.value.field == field
    assert field in str(caught.value)
    assert telling in str(caught.value)
    assert "471" not in f"{caught.value!r}{caught.value.facts}"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, value) for name in ("license", "key") for value in ("", " k", "k\n", "kéy")),
        ("secret", ""),  # it goes into no header: any other text will do
    ],
)
async def test_invalid_credential_is_not_sent(sandbox, served, name, value) -> None:
    account = sandbox.account("vconnct", "" if name == "license" else "v4") | {name: value}
    with pytest.raises(ConfigurationError) as caught:
        await checked(account)
    assert caught.value.field == name
    assert served.requests == []


def test_version_chooses_generation_and_url() -> None:
    first, fourth = connect(V1).provider, connect(V4).provider
    assert (type(first), type(fourth)) == (VConnct, VConnctV4)
    assert first.name == fourth.name == "vconnct"
    assert first.settings.base_url == "https://vconnct-client-api.com"
    assert fourth.settings.base_url == "https://v.cloudapi.vconnct.me/api/v4"


def test_each_generation_has_its_capabilities() -> None:
    first, fourth = connect(V1).capabilities, connect(V4).capabilities
    assert first.supports("update_room")
    assert not fourth.supports("update_room")
    assert "starts_at" in fourth.features.create_fields - first.features.create_fields


async def test_generations_do_not_share_rooms(scenario, cloud) -> None:
    """They share a brand and little else."""
    assert [room.name for room in await scenario.conference.rooms().collect()] == ["Class", "Live"]
    assert [room.id for room in await cloud.conference.rooms().collect()] == [cloud.live.id]
    for client, other in ((scenario.conference, cloud.live), (cloud.conference, scenario.live)):
        with pytest.raises(NotFound):
            await client.get_room(other.id)


# ---------------------------------------------------------------------------------- who may call


@pytest.mark.parametrize(
    ("dialect", "wrong"),
    [
        ("", {"license": "wrong-4711"}),
        ("v4", {"key": "wrong-4711"}),
        ("v4", {"secret": "wrong-4711"}),
    ],
)
async def test_wrong_credentials_raise_after_one_request(sandbox, served, dialect, wrong) -> None:
    with pytest.raises(AuthenticationFailed) as caught:
        await checked(sandbox.account("vconnct", dialect) | wrong)
    assert (caught.value.status, caught.value.attempts, caught.value.retryable) == (401, 1, False)
    assert len(served.requests) == 1
    assert len(caught.value.problems) == 1
    assert "wrong-4711" not in f"{caught.value!r}{caught.value}{caught.value.facts}"


async def test_expired_license_raises(conference, served, world) -> None:
    served.simulator.license_expires = world.now + timedelta(days=1)
    await conference.check()
    world.advance(timedelta(days=1))
    with pytest.raises(AuthenticationFailed):
        await conference.check()


async def test_wrong_project_is_not_found(sandbox) -> None:
    async with connect(sandbox.account("vconnct", "v4") | {"project_id": "other"}) as client:
        with pytest.raises(NotFound, match="project not found"):
            await client.create_room("New")


# ------------------------------------------------------------------------------------- its limits


async def test_room_limit_raises(conference, served) -> None:
    served.simulator.max_rooms = 1
    room = await conference.create_room("One")
    with pytest.raises(InvalidRequest) as caught:
        await conference.create_room("Two")
    assert (caught.value.status, len(caught.value.problems)) == (400, 1)
    await conference.delete_room(room)
    assert (await conference.create_room("Two")).name == "Two"


async def test_attendance_limit_raises(scenario) -> None:
    scenario.served.simulator.max_attendance = 1
    await scenario.conference.join_link(scenario.live, name="Ann")
    visit = scenario.world.enter(scenario.live.id, "Ann")
    with pytest.raises(InvalidRequest) as caught:
        await scenario.conference.join_link(scenario.live, name="Ben")
    assert caught.value.status == 400
    scenario.world.leave(visit.id)
    assert (await scenario.conference.join_link(scenario.live, name="Ben")).url


# --------------------------------------------------------------------------------------- language


@pytest.mark.parametrize(
    ("language", "header", "text"),
    [(None, None, "لا يوجد"), ("en", "en", "no such"), ("en-GB", "en-GB", "no such"),
     ("ar", "ar", "لا يوجد")],
)  # fmt: skip
async def test_messages_have_the_requested_language(
    sandbox, served, language, header, text
) -> None:
    account = sandbox.account("vconnct")
    async with connect(account | ({"language": language} if language else {})) as client:
        with pytest.raises(NotFound, match=text) as caught:
            await client.room_settings("0db9ac9d-399b-4b9b-987c-50fd77f5d15d")
    assert served.requests[0].headers.get("accept-language") == header
    assert caught.value.status == 404
    assert text in caught.value.problems[0]


async def test_language_does_not_change_results(sandbox, scenario) -> None:
    """The texts are for people; nothing is decided by them."""
    for language in ("ar", "en"):
        async with connect(sandbox.account("vconnct") | {"language": language}) as client:
            assert [room.name for room in await client.rooms().collect()] == ["Class", "Live"]
            with pytest.raises(Conflict, match="end its session first"):
                await client.delete_room(scenario.live)


# --------------------------------------------------------------------------------------- helpers


async def checked(account: dict[str, Any]) -> None:
    async with connect(account) as client:
        await client.check()
