"""What holds for all operations: refusals without a request, links, and templates."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from conferencing import (
    AccessToken,
    Conflict,
    InvalidRequest,
    NotFound,
    Person,
    Role,
    RoomSettings,
    Sent,
    Template,
    UnsupportedOperation,
    UnsupportedOption,
    connect,
)

UNVERIFIED = {
    "list_rooms": lambda c: c.rooms().collect(),
    "get_room": lambda c: c.get_room("5LM7fdZ0"),
    "update_room": lambda c: c.update_room("5LM7fdZ0", name="x"),
    "delete_room": lambda c: c.delete_room("5LM7fdZ0"),
    "create_template": lambda c: c.create_template("x"),
    "update_template": lambda c: c.update_template(Template(id="7", name="x")),
    "delete_template": lambda c: c.delete_template("7"),
}


@pytest.mark.parametrize("name", UNVERIFIED)
async def test_unpublished_operation_is_off_by_default(conference, served, name) -> None:
    with pytest.raises(UnsupportedOperation) as caught:
        await UNVERIFIED[name](conference)
    assert "unverified = true" in str(caught.value)
    assert (caught.value.operation, caught.value.provider) == (name, "meetrs")
    assert caught.value.sent is Sent.NO
    assert served.requests == []


async def test_tenants_are_off_by_default(conference, served) -> None:
    provider: Any = conference.provider
    with pytest.raises(UnsupportedOperation, match="unverified = true"):
        await provider.tenants()
    assert served.requests == []


async def test_unverified_account_has_rooms_and_tenants(daring, served) -> None:
    room = await daring.create_room("A", duration=timedelta(minutes=45))
    whole = await daring.get_room(room.id)
    assert (whole.name, whole.duration) == ("A", timedelta(minutes=45))
    assert whole.created_at == served.simulator.world.now
    assert [room.id for room in await daring.rooms().collect()] == [room.id]
    changed = await daring.update_room(room, name="B", duration=timedelta(hours=2))
    assert (changed.name, changed.duration) == ("B", timedelta(hours=2))
    provider: Any = daring.provider
    assert [tenant.code for tenant in await provider.tenants()] == list(served.simulator.tenants)
    await daring.delete_room(room)
    await daring.delete_room(room)
    assert served.simulator.world.rooms == {}


@pytest.mark.parametrize(
    ("switch", "call"),
    [
        ("assumed_crud", lambda c: c.get_room("5LM7fdZ0")),
        ("assumed_crud", lambda c: c.rooms().collect()),
        ("assumed_tenants", lambda c: c.provider.tenants()),
    ],
)
async def test_wrong_assumption_is_not_found(daring, served, switch, call) -> None:
    await daring.create_room("A", native={"code": "5LM7fdZ0"})
    await call(daring)
    served.simulator.quirks[switch] = False
    with pytest.raises(NotFound):
        await call(daring)


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"starts_at": datetime(2026, 10, 2, tzinfo=UTC)}, "starts_at"),
        ({"host": Person(email="a@b.c")}, "host"),
        ({"kind": "webinar"}, "kind"),
        ({"settings": RoomSettings(recording=True)}, "settings.recording"),
    ],
)
async def test_unsupported_field_is_not_sent(conference, served, fields, named) -> None:
    with pytest.raises(UnsupportedOption) as caught:
        await conference.create_room("x", **fields)
    assert caught.value.field == named
    assert "meetrs" in str(caught.value)
    assert served.requests == []
    room = await conference.create_room("x", ignore_unsupported=True, **fields)
    assert json.loads(served.requests[0].body) == {"title": "x"}
    assert room.kind == "meeting"


async def test_duration_of_part_minutes_is_refused(conference, served) -> None:
    with pytest.raises(InvalidRequest) as caught:
        await conference.create_room("x", duration=timedelta(seconds=90))
    assert caught.value.field == "duration"
    assert "whole minutes" in str(caught.value)
    assert served.requests == []


async def test_rooms_by_status_raise(daring, served) -> None:
    with pytest.raises(UnsupportedOption) as caught:
        await daring.rooms("open").collect()
    assert caught.value.field == "status"
    assert served.requests == []


# ----------------------------------------------------------------------------------------- links


@pytest.mark.parametrize("role", ["host", "presenter", "attendee", "guest"])
async def test_link_is_shared_and_sends_nothing(conference, served, role) -> None:
    room = await conference.create_room("x")
    served.requests.clear()
    person = Person(name="Ann", email="ann@example.com")
    links = [
        await conference.join_link(room, role=role),
        await conference.join_link(room.id, role=role),
        await conference.join_link(room, role=role, person=person),
    ]
    assert {link.url for link in links} == {room.join_url}
    assert {(link.personal, link.person, link.role) for link in links} == {
        (False, None, Role(role))
    }
    assert served.simulator.join_target([room.id], {}).room_id == room.id
    assert served.requests == []


async def test_link_from_code_alone_is_the_documented_one() -> None:
    keys = {"client_key": "k", "client_secret": "s"}
    async with connect({"provider": "meetrs", **keys}) as client:
        assert (await client.join_link("5LM7fdZ0")).url == "https://meet.rs/5LM7fdZ0"
        assert (await client.join_link("../pro")).url == "https://meet.rs/..%2Fpro"
    own = {"join_url": "https://meet.example.com/in/"}
    async with connect({"provider": "meetrs", **keys, **own}) as client:
        assert (await client.join_link("A")).url == "https://meet.example.com/in/A"


async def test_link_with_access_token_raises(conference) -> None:
    with pytest.raises(UnsupportedOption) as caught:
        await conference.join_link("5LM7fdZ0", token=AccessToken(code="x"))
    assert caught.value.field == "token"


# ------------------------------------------------------------------------------------- templates


async def test_template_is_created_used_and_deleted(daring, served) -> None:
    items = [{"identifier": "monaco", "configuration": '[{"key":"a","value":"b"}]'}]
    template = await daring.create_template(
        "Mine", description="x", native={"items": items, "type": 3}
    )
    assert (template.name, template.description, template.default) == ("Mine", "x", False)
    assert served.simulator.world.templates[template.id].native["type"] == 3
    listed = {template.id: template for template in await daring.templates().collect()}
    assert listed[template.id] == template
    room = await daring.create_room(template=template)
    assert served.simulator.world.notes[room.id]["configuration"] == template.id
    await daring.delete_template(template)
    await daring.delete_template(template.id)
    assert template.id not in served.simulator.world.templates


async def test_renamed_template_keeps_its_items(daring, served) -> None:
    first, second, _ = await daring.templates().collect()
    changed = Template(id=second.id, name="New", default=True, native=second.native)
    updated = await daring.update_template(changed)
    assert (updated.name, updated.default) == ("New", True)
    kept = served.simulator.world.templates
    assert kept[second.id].native["items"] == second.native["items"]
    assert (kept[first.id].default, kept[second.id].default) == (False, True)
    with pytest.raises(Conflict):
        await daring.delete_template(second)
    with pytest.raises(NotFound):
        await daring.update_template(Template(id="none", name="x"))


async def test_room_without_template_has_the_default(conference, served) -> None:
    (default,) = [
        template for template in await conference.templates().collect() if template.default
    ]
    room = await conference.create_room()
    assert served.simulator.world.notes[room.id]["configuration"] == default.id
    with pytest.raises(InvalidRequest, match="addonConfigurationId"):
        await conference.create_room(template="none")


# ---------------------------------------------------------------------------------------- tokens


@pytest.mark.parametrize("milliseconds", [False, True])
async def test_token_is_used_until_a_minute_before_its_end(
    sandbox, served, clock, milliseconds
) -> None:
    served.simulator.quirks["milliseconds"] = milliseconds
    async with connect(sandbox.account("meetrs"), clock=clock) as client:
        for seconds, tokens in ((0, 1), (3539, 1), (2, 2), (3000, 2)):
            clock.time += seconds
            served.simulator.world.advance(timedelta(seconds=seconds))
            await client.usage().collect()
            assert [request.path for request in served.requests].count("/v1/token") == tokens
            assert "/v1/usage" in served.requests[-1].path


async def test_refused_token_is_replaced(conference, served) -> None:
    served.simulator.world.advance(timedelta(hours=2))
    await conference.usage().collect()
    assert [request.path for request in served.requests] == ["/v1/usage", "/v1/token", "/v1/usage"]


async def test_many_calls_share_a_token_request(conference, served, clock) -> None:
    clock.time += 3600
    served.simulator.world.advance(timedelta(hours=1))
    await asyncio.gather(*(conference.usage().collect() for _ in range(100)))
    paths = [request.path for request in served.requests]
    assert (paths.count("/v1/token"), paths.count("/v1/usage")) == (1, 100)


async def test_many_creations_share_a_token_refresh(conference, served) -> None:
    served.simulator.revoke_tokens()
    await asyncio.gather(*(conference.create_room() for _ in range(100)))
    assert [request.path for request in served.requests].count("/v1/token") == 1
    assert len(served.simulator.world.rooms) == 100
