"""Replies against Zoom's own schema, where a copy of it lies in `shared/specs` of a folder above.

The copy is not part of this project. Without it, or without openapi-schema-validator, this skips.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast

import pytest
from openapi_specs import close
from zoom_spec import CAN_CHECK, NOT_IN_SPEC, SPEC

from conferencing.model import Role
from conferencing.sandbox import World
from conferencing_zoom.simulator import ZoomSimulator
from conferencing_zoom.simulator.api import ENDPOINTS

validators = pytest.importorskip(
    "openapi_schema_validator", reason="openapi-schema-validator is not installed"
)
pytestmark = pytest.mark.skipif(not CAN_CHECK, reason="there is no copy of Zoom's schema")

MINUTE = timedelta(minutes=1)
OLGA = "/users/olga@example.com"


def check_reply(method: str, path: str, status: int, body: Any) -> str | None:
    """Check a reply against the operation of its path, and return the template of the path."""
    bare = path.partition("?")[0]
    listed = SPEC.find(method, bare)
    if listed is None:
        assert (method, bare) in NOT_IN_SPEC, (method, path)
        return None
    template, operation = listed
    assert str(status) in operation["responses"], (method, path, status)
    content = operation["responses"][str(status)].get("content")
    assert (content is None) == (body is None), (method, path)
    if content is not None and (method, template) not in NOT_IN_SPEC:
        components = SPEC.document["components"]
        schema = {**content["application/json"]["schema"], "components": components}
        if not template.startswith("/metrics/"):  # of 2022, and with fewer fields
            schema = close(schema)
        validators.OAS30Validator(schema).validate(body)
    return template


@pytest.fixture
def checked(program: Any) -> Any:
    """Call, and check each reply; the templates that were seen are in `seen`."""

    async def call(method: str, path: str, body: Any = None) -> Any:
        reply = await program(method, path, body)
        assert reply.status < 300, reply.content
        template = check_reply(method, path, reply.status, reply.body)
        seen.add((method, template))
        return reply.body

    seen: set[tuple[str, str | None]] = set()
    cast("Any", call).seen = seen
    return call


async def tour_rooms(call: Any, kind: str) -> Any:
    rule = {"type": 2, "weekly_days": "1,3", "end_times": 3}
    await call(
        "POST", f"{OLGA}/{kind}s", {"type": 8 if kind == "meeting" else 9, "recurrence": rule}
    )
    await call("POST", f"{OLGA}/{kind}s", {"type": 3 if kind == "meeting" else 6})
    body = {"topic": "Launch", "agenda": "First look", "settings": {"approval_type": 1}}
    room = await call("POST", f"{OLGA}/{kind}s", body)
    path = f"/{kind}s/{room['id']}"
    await call("GET", path)
    await call("PATCH", path, {"topic": "Launch 2"})
    await call("GET", f"{OLGA}/{kind}s?page_size=2")
    await call("POST", f"{path}/invite_links", {"attendees": [{"name": "Dan"}]})
    await call("POST", f"{OLGA}/{kind}_templates", {f"{kind}_id": room["id"], "name": "T"})
    await call("GET", f"{OLGA}/{kind}_templates")
    return room


async def tour_registrants(call: Any, path: str) -> None:
    bea = {"email": "bea@example.org", "first_name": "Bea"}
    question = {"title": "Diet", "type": "short", "required": False, "answers": []}
    await call("PATCH", f"{path}/registrants/questions", {"custom_questions": [question]})
    await call("GET", f"{path}/registrants/questions")
    added = await call("POST", f"{path}/registrants", bea)
    await call("GET", f"{path}/registrants?status=pending")
    body = {"action": "approve", "registrants": [{"id": added["registrant_id"]}]}
    await call("PUT", f"{path}/registrants/status", body)
    await call("GET", f"{path}/registrants")
    rows = [{"email": f"p{number}@example.org", "first_name": "P"} for number in range(3)]
    body = {"registrants": rows, "auto_approve": True}
    added = await call("POST", f"{path}/batch_registrants", body)
    person = added["registrants"][0]["registrant_id"]
    await call("GET", f"{path}/registrants/{person}")
    await call("DELETE", f"{path}/registrants/{person}")


def meet(world: World, number: str) -> None:
    world.enter(number, "Olga Host", "olga@example.com", Role.HOST)
    world.enter(number, "Bea Nowak", "bea@example.org", waits=True)
    world.enter(number, "Zoe", "zoe@example.org")
    world.advance(10 * MINUTE)


async def tour_past(call: Any, kind: str, number: str, uuid: str) -> None:
    await call("GET", f"/past_{kind}s/{number}/instances")
    for part in (number, uuid):
        await call("GET", f"/past_{kind}s/{part}/participants")
        await call("GET", f"/report/{kind}s/{part}")
        query = "?include_fields=registrant_id&page_size=300"
        await call("GET", f"/report/{kind}s/{part}/participants{query}")
    for what in ("polls", "qa"):
        await call("GET", f"/past_{kind}s/{number}/{what}")
        await call("GET", f"/report/{kind}s/{number}/{what}")


async def tour_recordings(call: Any, world: World, number: str) -> None:
    # Without a timeline, which the schema does not have: docs/vendors/zoom.md#oddity-15
    types = ("video/mp4", "audio/mp4", "text/vtt", "text/plain")
    recording = world.record(number, 9 * MINUTE, media_types=types)
    path = f"/meetings/{number}/recordings"
    await call("GET", f"{path}?include_fields=download_access_token&ttl=60")
    await call("GET", f"{OLGA}/recordings")
    await call("GET", f"{path}/settings")
    await call("PATCH", f"{path}/settings", {"share_recording": "none"})
    await call("GET", f"/meetings/{number}/transcript")
    await call("DELETE", f"/meetings/{number}/transcript")
    await call("DELETE", f"{path}/{recording.id}")
    await call("PUT", f"{path}/{recording.id}/status", {"action": "recover"})
    await call("DELETE", path)
    await call("GET", f"{OLGA}/recordings?trash=true")
    await call("PUT", f"{path}/status", {"action": "recover"})


async def tour_rest(call: Any, webinar: Any) -> None:
    path = f"/webinars/{webinar['id']}"
    await call(
        "POST", f"{path}/panelists", {"panelists": [{"name": "C", "email": "c@example.org"}]}
    )
    (panelist,) = (await call("GET", f"{path}/panelists"))["panelists"]
    await call("DELETE", f"{path}/panelists/{panelist['id']}")
    await call("DELETE", f"{path}/panelists")
    await call("GET", f"{path}/tracking_sources")
    field = await call("POST", "/tracking_fields", {"field": "Project"})
    await call("GET", "/tracking_fields")
    await call("GET", f"/tracking_fields/{field['id']}")
    await call("PATCH", f"/tracking_fields/{field['id']}", {"required": True})
    await call("DELETE", f"/tracking_fields/{field['id']}")
    await call("GET", "/users")
    await call("GET", "/users/olga@example.com")
    await call("GET", "/report/users/olga@example.com/meetings?from=2026-10-01&to=2026-10-31")


async def test_every_reply_has_the_documented_shape(
    checked: Callable[..., Any], world: World, simulator: ZoomSimulator
) -> None:
    for kind in ("meeting", "webinar"):
        room = await tour_rooms(checked, kind)
        number, path = str(room["id"]), f"/{kind}s/{room['id']}"
        await tour_registrants(checked, path)
        meet(world, number)
        await checked("GET", path)
        await checked("GET", f"/metrics/{kind}s/{number}/participants")
        await checked("PUT", f"{path}/status", {"action": "end"})
        await tour_past(checked, kind, number, room["uuid"].replace("/", "%252F"))
        if kind == "meeting":
            await checked("GET", f"/past_meetings/{number}")
            await checked("GET", f"{path}/invitation")
            await tour_recordings(checked, world, number)
        else:
            await checked("GET", f"/past_webinars/{number}/absentees")
            await tour_rest(checked, room)
        await checked("DELETE", path)
    seen = {(method, path) for method, path in cast("Any", checked).seen if path}
    simulated = {route.method for route in ENDPOINTS.router.routes}
    assert simulated == {method for method, _ in seen}
    documented = {(row[0], row[1]) for row in SPEC.operations}
    missing = documented - seen
    assert {path for _, path in missing} == {
        "/users/{userId}/upcoming_meetings",
        "/report/history_meetings",
    }


@pytest.mark.parametrize("path", ["/users/zoe@example.com", "/meetings/81234567890", "/meetings/x"])
async def test_errors_have_the_documented_shape(program: Any, path: str) -> None:
    reply = await program("GET", path)
    check_reply("GET", path, reply.status, reply.body)
