"""Graph's rules, as a program meets them that is not ours."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from attrs import define
from raw_requests import RawReply, send_raw

from conferencing_teams.simulator import TeamsSimulator

DAY = {"dateTime": "2026-10-05T10:00:00", "timeZone": "W. Europe Standard Time"}
LATER = {"dateTime": "2026-10-05T11:00:00", "timeZone": "W. Europe Standard Time"}
EVENT = {"subject": "A", "start": DAY, "end": LATER, "isOnlineMeeting": True}
WEBINAR = {"displayName": "W", "startDateTime": DAY, "endDateTime": LATER}
ANN = {
    "firstName": "Ann", "lastName": "O'Brien", "email": "o'brien@example.com",
    "preferredTimezone": "UTC", "preferredLanguage": "en-US",
}  # fmt: skip
SECONDS = timedelta(seconds=1)


@define
class Program:
    """Send requests whose targets are taken as they are; `user` is who is signed in, if anybody."""

    session: aiohttp.ClientSession
    simulator: TeamsSimulator

    async def __call__(
        self, method: str, target: str, body: Any = None, *, user: str = "", **headers: str
    ) -> RawReply:
        subject = f"{self.simulator.app.id} {user}".strip()
        token = self.simulator.tokens.issue(subject).access_token
        own = {"Authorization": f"Bearer {token}", **headers}
        return await self.send(method, f"{self.simulator.root}/v1.0{target}", own, body)

    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: Any = None
    ) -> RawReply:
        data = None if body is None else json.dumps(body)
        return await send_raw(self.session, method, url, headers, data)


@pytest.fixture
def program(http: aiohttp.ClientSession, simulator: TeamsSimulator) -> Program:
    return Program(http, simulator)


@pytest.fixture
def lena(simulator: TeamsSimulator) -> str:
    return simulator.host.id


@pytest.fixture
def nils(simulator: TeamsSimulator) -> str:
    return [*simulator.world.users][2]


async def publish(program: Program, lena: str) -> str:
    """Return the path of a published webinar."""
    made = await program("POST", "/solutions/virtualEvents/webinars", WEBINAR, user=lena)
    path = f"/solutions/virtualEvents/webinars/{made.body['id']}"
    await program("POST", f"{path}/publish", user=lena)
    return path


# ---------------------------------------------------------------------------- tokens and permissions


@pytest.mark.parametrize(
    ("header", "text"),
    [
        ({}, "Access token is empty."),
        ({"Authorization": "Bearer x.y"}, "IDX14100"),
        ({"Authorization": "Basic abc"}, "Access token is empty."),
    ],
)
async def test_call_without_a_good_token_is_401(program, lena, header, text) -> None:
    url = f"{program.simulator.root}/v1.0/users/{lena}/events"
    reply = await program.send("GET", url, header)
    assert (reply.status, reply.code) == (401, "InvalidAuthenticationToken")
    assert text in reply.body["error"]["message"]
    assert "T" in reply.body["error"]["innerError"]["date"]


async def test_expired_token_is_401(program, lena, world) -> None:
    token = program.simulator.tokens.issue(program.simulator.app.id).access_token
    world.advance(3600 * SECONDS)
    reply = await program("GET", f"/users/{lena}/events", Authorization=f"Bearer {token}")
    assert reply.status == 401


async def test_endpoints_of_the_tenant_are_described(program, simulator) -> None:
    url = f"{simulator.root}/{simulator.tenant}/v2.0/.well-known/openid-configuration"
    reply = await program.send("GET", url, {})
    assert reply.body["token_endpoint"].endswith(f"/{simulator.tenant}/oauth2/v2.0/token")


async def test_missing_permission_is_403(program, simulator, lena) -> None:
    simulator.app.permissions = frozenset()
    reply = await program("GET", f"/users/{lena}/events")
    assert (reply.status, reply.code) == (403, "Forbidden")


async def test_policy_is_asked_for_meetings_of_an_app_only(program, simulator, lena) -> None:
    simulator.directory[lena].policy = False
    target = f"/users/{lena}/onlineMeetings/createOrGet"
    refused = await program("POST", target, {"externalId": "x"})
    assert refused.body["error"]["message"].startswith("No application access policy found")
    assert (await program("POST", target, {"externalId": "x"}, user=lena)).status == 201
    assert (await program("GET", f"/users/{lena}/events")).status == 200


async def test_paths_of_meetings_take_object_ids_only(program) -> None:
    name = "lena%40contoso.example"
    assert (await program("GET", f"/users/{name}/events")).status == 200
    reply = await program("POST", f"/users/{name}/onlineMeetings/createOrGet", {"externalId": "x"})
    assert reply.status == 404


async def test_user_without_mailbox_is_named(program, nils) -> None:
    reply = await program("GET", f"/users/{nils}/calendar")
    assert (reply.status, reply.code) == (404, "MailboxNotEnabledForRESTAPI")


# ---------------------------------------------------------------------------------- bodies and queries


@pytest.mark.parametrize(
    "body",
    [
        {"subject": "A", "endDateTime": "2026-10-05T10:00:00Z", "subjekt": "B"},
        {"subject": 5, "endDateTime": "2026-10-05T10:00:00Z"},
        {"subject": "A", "endDateTime": "2026-10-05T10:00:00"},
        {"subject": "A", "endDateTime": "2026-10-05T10:00:00Z", "allowedPresenters": "nobody"},
        {"subject": "A", "endDateTime": "2026-10-05T10:00:00Z", "joinWebUrl": "https://x.example"},
        {"subject": "A"},
    ],
)
async def test_body_of_another_type_is_refused(program, lena, body) -> None:
    reply = await program("POST", f"/users/{lena}/onlineMeetings", body)
    assert (reply.status, reply.code) == (400, "BadRequest")


async def test_null_and_annotations_are_accepted(program, lena) -> None:
    body = {"@odata.type": "#microsoft.graph.onlineMeeting", "externalId": "x", "subject": None}
    reply = await program("POST", f"/users/{lena}/onlineMeetings/createOrGet", body)
    assert reply.status == 201


@pytest.mark.parametrize("query", ["$filter=subject%20eq%20'A'", "$search=x", "$foo=1"])
async def test_unknown_option_is_refused(program, lena, query) -> None:
    assert (await program("GET", f"/users/{lena}/events?{query}")).status == 400


async def test_meetings_are_not_listed(program, lena) -> None:
    reply = await program("GET", f"/users/{lena}/onlineMeetings")
    assert (reply.status, reply.code) == (400, "InvalidArgument")


async def test_link_sent_raw_finds_nothing(program, lena) -> None:
    path = f"/users/{lena}/onlineMeetings/createOrGet"
    meeting = (await program("POST", path, {"externalId": "x"})).body
    link = meeting["joinWebUrl"]
    raw = await program("GET", f"/users/{lena}/onlineMeetings?$filter=JoinWebUrl%20eq%20'{link}'")
    assert raw.body["value"] == []
    once = quote(meeting["joinWebUrl"], safe="")
    encoded = await program(
        "GET", f"/users/{lena}/onlineMeetings?$filter=JoinWebUrl%20eq%20'{once}'"
    )
    assert [row["id"] for row in encoded.body["value"]] == [meeting["id"]]
    by_id = meeting["joinMeetingIdSettings"]["joinMeetingId"]
    target = (
        f"/users/{lena}/onlineMeetings?$filter=joinMeetingIdSettings/joinMeetingId%20eq%20'{by_id}'"
    )
    assert (await program("GET", target)).body["value"][0]["id"] == meeting["id"]


async def test_pages_are_linked_with_opaque_tokens(program, simulator, lena) -> None:
    simulator.page_size = 2
    for number in range(3):
        await program("POST", f"/users/{lena}/events", {**EVENT, "subject": f"{number}"})
    first = (await program("GET", f"/users/{lena}/events?$select=id")).body
    link = first["@odata.nextLink"]
    assert link.startswith(f"{simulator.root}/v1.0/users/{lena}/events?$select=id&$skiptoken=")
    target = link.removeprefix(f"{simulator.root}/v1.0")
    second = (await program("GET", target)).body
    assert [len(first["value"]), len(second["value"]), "@odata.nextLink" in second] == [2, 1, False]
    assert (await program("GET", f"/users/{lena}/events?$skiptoken=changed")).status == 400


async def test_batch_answers_each_part_by_itself(program, simulator, lena) -> None:
    simulator.throttle("/events/x")
    requests = [
        {"id": "1", "method": "GET", "url": f"/users/{lena}/calendar"},
        {"id": "2", "method": "GET", "url": f"/users/{lena}/events/x"},
        {"id": "3", "method": "GET", "url": f"/users/{lena}/events/y", "dependsOn": ["2"]},
    ]
    reply = await program("POST", "/$batch", {"requests": requests})
    answers = [(row["id"], row["status"]) for row in reply.body["responses"]]
    assert answers == [("3", 424), ("2", 429), ("1", 200)]
    twice = await program("POST", "/$batch", {"requests": [requests[0], requests[0]]})
    many = [{**requests[0], "id": str(number)} for number in range(21)]
    assert [twice.status, (await program("POST", "/$batch", {"requests": many})).status] == [
        400,
        400,
    ]


@pytest.mark.parametrize("header", ["10", "2.128", "Thu, 01 Oct 2026 08:00:07 GMT", None])
async def test_throttled_call_has_the_header(program, simulator, lena, header) -> None:
    simulator.throttle("/events", header, times=2)
    replies = [await program("GET", f"/users/{lena}/events") for _ in range(3)]
    assert [reply.status for reply in replies] == [429, 429, 200]
    assert replies[0].headers.get("Retry-After") == header


async def test_headers_are_those_of_graph(program, lena) -> None:
    reply = await program("GET", f"/users/{lena}/events", **{"client-request-id": "mine"})
    assert reply.headers["Content-Type"].startswith("application/json;odata.metadata=minimal")
    assert (reply.headers["client-request-id"], reply.headers["OData-Version"]) == ("mine", "4.0")


# ------------------------------------------------------------------------------- events and meetings


async def test_event_is_written_as_preferred(program, lena) -> None:
    body = {**EVENT, "body": {"contentType": "text", "content": "Hi"}}
    path = f"/users/{lena}/events"
    made = (await program("POST", path, body)).body
    assert made["start"] == {"dateTime": "2026-10-05T08:00:00.0000000", "timeZone": "UTC"}
    assert made["body"]["content"] == "<html><body>Hi</body></html>"
    prefer = 'outlook.timezone="Pacific Standard Time", outlook.body-content-type="text"'
    fetched = (await program("GET", f"{path}/{made['id']}", Prefer=prefer)).body
    assert fetched["start"]["dateTime"] == "2026-10-05T01:00:00.0000000"
    assert fetched["body"] == {"contentType": "text", "content": "Hi"}


async def test_unknown_zone_is_refused(program, lena) -> None:
    start = {"dateTime": "2026-10-05T10:00:00", "timeZone": "PacificSt"}
    reply = await program("POST", f"/users/{lena}/events", {**EVENT, "start": start})
    assert reply.code == "TimeZoneNotSupportedException"


async def test_expiry_is_pushed_on_by_a_change(program, lena, world) -> None:
    path = f"/users/{lena}/onlineMeetings"
    meeting = (await program("POST", f"{path}/createOrGet", {"externalId": "x"})).body
    assert meeting["expiryDateTime"] == "2026-11-30T09:00:00Z"
    world.advance(timedelta(days=10))
    changed = (await program("PATCH", f"{path}/{meeting['id']}", {"subject": "B"})).body
    assert changed["expiryDateTime"] == "2026-12-10T08:00:00Z"
    half = await program(
        "PATCH", f"{path}/{meeting['id']}", {"startDateTime": "2026-10-05T10:00:00Z"}
    )
    assert half.status == 400


async def test_people_are_mailed(program, lena, world) -> None:
    guest = {"emailAddress": {"address": "ann@example.com"}, "type": "required"}
    path = f"/users/{lena}/events"
    made = (await program("POST", path, {**EVENT, "attendees": [guest]})).body
    await program("PATCH", f"{path}/{made['id']}", {"subject": "B"})
    await program("DELETE", f"{path}/{made['id']}")
    assert [mail.kind for mail in world.outbox] == ["invitation", "update", "cancellation"]
    assert (await program("GET", f"{path}/{made['id']}")).code == "ErrorItemNotFound"


# ------------------------------------------------------------------------------------------ webinars


async def test_app_makes_no_webinars(program) -> None:
    reply = await program("POST", "/solutions/virtualEvents/webinars", WEBINAR)
    assert reply.status == 403


async def test_draft_takes_no_registrations(program, lena) -> None:
    made = await program("POST", "/solutions/virtualEvents/webinars", WEBINAR, user=lena)
    path = f"/solutions/virtualEvents/webinars/{made.body['id']}"
    assert (await program("POST", f"{path}/registrations", ANN)).status == 400
    assert (
        await program(
            "POST", f"/solutions/virtualEvents/events/{made.body['id']}/publish", user=lena
        )
    ).status == 204
    assert (await program("POST", f"{path}/registrations", ANN)).status == 204
    assert (await program("POST", f"{path}/registrations", ANN)).status == 409
    assert (await program("POST", f"{path}/registrations", {**ANN, "email": None})).status == 400


async def test_registration_is_found_by_a_quoted_key(program, lena) -> None:
    path = await publish(program, lena)
    await program("POST", f"{path}/registrations", ANN)
    for mark in ("'", "%27"):
        target = f"{path}/registrations(email={mark}o%27%27brien%40example.com{mark})"
        assert (await program("GET", target)).body["lastName"] == "O'Brien"


async def test_registrations_need_a_permission_of_their_own(program, simulator, lena) -> None:
    path = await publish(program, lena)
    simulator.app.permissions -= {"VirtualEvent.Read.Chat"}
    assert (await program("GET", f"{path}/registrations")).status == 403
    simulator.quirks["older_registration_rule"] = True
    assert (await program("GET", f"{path}/registrations")).status == 200


async def test_signed_in_user_registers_as_oneself(program, simulator, lena) -> None:
    path = await publish(program, lena)
    body = {"preferredTimezone": "UTC", "preferredLanguage": "de-DE"}
    reply = await program("POST", f"{path}/registrations", body, user=lena)
    assert (reply.status, reply.body["email"]) == (201, "lena@contoso.example")


async def test_canceled_webinar_is_final(program, lena) -> None:
    path = await publish(program, lena)
    statuses = [(await program("POST", f"{path}/cancel", user=lena)).status for _ in range(2)]
    assert statuses == [204, 400]
    assert (await program("GET", path)).body["status"] == "canceled"
    assert (await program("PATCH", path, {"displayName": "B"}, user=lena)).status == 400


async def test_webinars_without_policy_are_left_out(program, simulator, lena) -> None:
    await publish(program, lena)
    root = "/solutions/virtualEvents/webinars"
    assert len((await program("GET", root)).body["value"]) == 1
    simulator.directory[lena].policy = False
    assert (await program("GET", root)).body["value"] == []


async def test_webinar_writes_are_limited(program, simulator, lena, world) -> None:
    simulator.quirks["webinar_limit"] = True
    path = await publish(program, lena)
    statuses = [
        (await program("PATCH", path, {"displayName": "B"}, user=lena)).status for _ in range(14)
    ]
    assert statuses == [200] * 13 + [429]
    world.advance(31 * SECONDS)
    assert (await program("PATCH", path, {"displayName": "B"}, user=lena)).status == 200


# ----------------------------------------------------------------------------------------- join pages


async def test_links_open_the_room(program, simulator, lena, world) -> None:
    path = await publish(program, lena)
    await program("POST", f"{path}/registrations", ANN)
    (ann,) = (await program("GET", f"{path}/registrations")).body["value"]
    links = await program("GET", f"{path}/registrations/{ann['id']}/sessions")
    own = links.body["value"][0]["joinWebUrl"]
    plain = (await program("GET", f"{path}/sessions")).body["value"][0]["joinWebUrl"]
    assert "/l/meetup-join/19%3ameeting_" in plain
    assert own != plain
    for url in (own, plain):
        assert (await program.send("GET", url, {})).status == 200
    await program("POST", f"{path}/cancel", user=lena)
    assert (await program.send("GET", plain, {})).status >= 400
