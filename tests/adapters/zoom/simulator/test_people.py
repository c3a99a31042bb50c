"""Panelists, invite links, templates and tracking: docs/vendors/zoom.md#panelists"""

from __future__ import annotations

from typing import Any

import pytest

from conferencing.model import Role
from conferencing.sandbox import World
from conferencing_zoom.simulator import ZoomSimulator

CEM = {"name": "Cem Kaya", "email": "cem@example.org"}


async def test_panelists_get_links_by_get(program: Any, world: World) -> None:
    room = await program.create("webinar")
    path = f"/webinars/{room['id']}/panelists"
    reply = await program("POST", path, {"panelists": [CEM]})
    assert reply.status == 201
    assert reply.body == {"id": str(room["id"]), "updated_at": "2026-10-01T08:00:00Z"}
    body = await program.get(path)
    (row,) = body["panelists"]
    assert body["total_records"] == 1
    assert row.keys() == {"id", "name", "email", "join_url"}
    assert (row["name"], row["email"]) == ("Cem Kaya", "cem@example.org")
    (mail,) = world.outbox
    assert (mail.kind, mail.to, mail.role) == ("invitation", "cem@example.org", Role.PRESENTER)


async def test_panelist_is_added_once(program: Any, world: World) -> None:
    room = await program.create("webinar")
    path = f"/webinars/{room['id']}/panelists"
    for _ in range(2):
        await program("POST", path, {"panelists": [CEM]})
    assert (await program.get(path))["total_records"] == 1
    assert len(world.outbox) == 1


async def test_panelists_without_mail(program: Any, world: World) -> None:
    settings = {"panelists_invitation_email_notification": False}
    room = await program.create("webinar", settings=settings)
    await program("POST", f"/webinars/{room['id']}/panelists", {"panelists": [CEM]})
    assert world.outbox == []


@pytest.mark.parametrize("by", ["id", "email", "all"])
async def test_panelists_are_deleted(program: Any, by: str) -> None:
    room = await program.create("webinar")
    path = f"/webinars/{room['id']}/panelists"
    await program("POST", path, {"panelists": [CEM]})
    (row,) = (await program.get(path))["panelists"]
    target = path if by == "all" else f"{path}/{row[by]}"
    assert (await program("DELETE", target)).status == 204
    assert (await program.get(path))["panelists"] == []
    assert (await program("DELETE", f"{path}/nobody")).code == 300


@pytest.mark.parametrize("rows", [[], [CEM] * 31, [{"name": "x"}], [{"email": "x@example.org"}]])
async def test_wrong_panelists_are_300(program: Any, rows: list[Any]) -> None:
    room = await program.create("webinar")
    reply = await program("POST", f"/webinars/{room['id']}/panelists", {"panelists": rows})
    assert (reply.status, reply.code) == (400, 300)


# ----------------------------------------------------------------------------------- invite links


@pytest.mark.parametrize("kind", ["meeting", "webinar"])
async def test_invite_links_are_new_each_time(program: Any, world: World, kind: str) -> None:
    room = await program.create(kind)
    path = f"/{kind}s/{room['id']}/invite_links"
    body = {"attendees": [{"name": "Bea"}, {"name": "Cem"}], "ttl": 600}
    replies = [await program("POST", path, body) for _ in range(2)]
    assert [reply.status for reply in replies] == [201, 201]
    rows = [row for reply in replies for row in reply.body["attendees"]]
    assert [row["name"] for row in rows] == ["Bea", "Cem", "Bea", "Cem"]
    assert len({row["join_url"] for row in rows}) == 4
    assert world.outbox == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"attendees": []},
        {"attendees": [{}]},
        {"attendees": [{"name": "x" * 65}]},
        {"attendees": [{"name": "x"}] * 501},
        {"attendees": [{"name": "x"}], "ttl": 7_776_001},
        {"attendees": [{"name": "x"}], "ttl": -1},
    ],
)
async def test_wrong_invite_is_300(program: Any, body: dict[str, Any]) -> None:
    room = await program.create()
    reply = await program("POST", f"/meetings/{room['id']}/invite_links", body)
    assert (reply.status, reply.code) == (400, 300)


async def test_webinar_links_need_business(program: Any, simulator: ZoomSimulator) -> None:
    simulator.plan = "pro"
    body = {"attendees": [{"name": "x"}]}
    webinar, meeting = await program.create("webinar"), await program.create()
    reply = await program("POST", f"/webinars/{webinar['id']}/invite_links", body)
    assert (reply.status, reply.code) == (400, 200)
    assert (await program("POST", f"/meetings/{meeting['id']}/invite_links", body)).status == 201


# ---------------------------------------------------------------------------- templates, tracking


@pytest.mark.parametrize("kind", ["meeting", "webinar"])
async def test_template_keeps_the_settings(program: Any, world: World, kind: str) -> None:
    room = await program.create(kind, settings={"approval_type": 1, "audio": "voip"})
    path = f"/users/olga@example.com/{kind}_templates"
    reply = await program("POST", path, {f"{kind}_id": room["id"], "name": "Usual"})
    assert reply.status == 201
    assert reply.body.keys() == {"id", "name"}
    template_id = reply.body["id"]
    assert await program.get(path) == {
        "total_records": 1,
        "templates": [{"id": template_id, "name": "Usual", "type": room["type"]}],
    }
    assert world.templates[template_id].name == "Usual"
    made = await program.create(kind, template_id=template_id, settings={"audio": "both"})
    assert (made["settings"]["approval_type"], made["settings"]["audio"]) == (1, "both")
    reply = await program("POST", f"/users/olga@example.com/{kind}s", {"template_id": "x"})
    assert (reply.status, reply.code) == (400, 300)


async def test_template_is_replaced_on_demand(program: Any) -> None:
    room = await program.create()
    path = "/users/olga@example.com/meeting_templates"
    body = {"meeting_id": room["id"], "name": "Usual"}
    first = (await program("POST", path, body)).body["id"]
    second = (await program("POST", path, body)).body["id"]
    third = (await program("POST", path, {**body, "overwrite": True})).body["id"]
    assert first != second
    assert third == first
    for _ in range(38):
        assert (await program("POST", path, body)).status == 201
    assert (await program("POST", path, {**body, "name": "New"})).code == 300
    assert (await program("POST", path, {"name": "New"})).code == 300


async def test_tracking_fields_are_managed(program: Any) -> None:
    reply = await program("POST", "/tracking_fields", {"field": "Project", "required": True})
    assert reply.status == 201
    row = reply.body
    assert row == {
        "id": row["id"],
        "field": "Project",
        "recommended_values": [],
        "required": True,
        "visible": False,
    }
    path = f"/tracking_fields/{row['id']}"
    assert (await program("PATCH", path, {"recommended_values": ["A", "B"]})).status == 204
    assert (await program.get(path))["recommended_values"] == ["A", "B"]
    assert (await program.get("/tracking_fields"))["total_records"] == 1
    assert (await program("DELETE", path)).status == 204
    assert (await program("GET", path)).code == 300
    assert (await program("POST", "/tracking_fields", {})).code == 300


async def test_tracking_sources_count_registrations(program: Any, simulator: ZoomSimulator) -> None:
    room = await program.create("webinar", settings={"approval_type": 0})
    source = {"id": "s1", "source_name": "News", "tracking_url": "https://x.example.com"}
    details = simulator.details[str(room["id"])]
    details.tracking_sources.append({**source, "registration_count": 0, "visitor_count": 5})
    await program.register(room, source_id="s1")
    body = await program.get(f"/webinars/{room['id']}/tracking_sources")
    assert body == {
        "total_records": 1,
        "tracking_sources": [{**source, "registration_count": 1, "visitor_count": 5}],
    }
    path = f"/webinars/{room['id']}/registrants?tracking_source_id="
    assert (await program.get(f"{path}s1"))["total_records"] == 1
    assert (await program.get(f"{path}s2"))["total_records"] == 0
