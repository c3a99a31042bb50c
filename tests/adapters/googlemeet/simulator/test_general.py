"""The simulator by itself: what Google's own clients send, and what it refuses."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from conferencing.sandbox import Answer, Call
from conferencing_googlemeet.simulator import GoogleMeetSimulator

EVENTS = "/calendar/v3/calendars/primary/events"
TIMES = {
    "start": {"dateTime": "2026-10-05T09:00:00+02:00", "timeZone": "Europe/Warsaw"},
    "end": {"dateTime": "2026-10-05T10:00:00+02:00", "timeZone": "Europe/Warsaw"},
}
MEET = {"createRequest": {"requestId": "r1", "conferenceSolutionKey": {"type": "hangoutsMeet"}}}
INT = "%24alt=json%3Benum-encoding%3Dint"


class Client:
    """Calls with a token, without a network."""

    def __init__(self, simulator: GoogleMeetSimulator) -> None:
        self.simulator = simulator

    def fetch_token(self) -> str:
        simulator = self.simulator
        form = {
            "grant_type": "refresh_token",
            "client_id": simulator.client_id,
            "client_secret": simulator.client_secret,
            "refresh_token": simulator.refresh_token,
        }
        answer = simulator.handle(Call(method="POST", path="/token", body=urlencode(form).encode()))
        return str(json.loads(answer.body)["access_token"])

    def call(
        self, method: str, path: str, body: Any = None, query: str = "", **headers: str
    ) -> Answer:
        headers = {"authorization": f"Bearer {self.fetch_token()}", **headers}
        raw = b"" if body is None else json.dumps(body).encode()
        return self.simulator.handle(
            Call(method=method, path=path, query=query, headers=headers, body=raw)
        )

    def get(self, path: str, query: str = "") -> Any:
        answer = self.call("GET", path, query=query)
        assert answer.status == 200, answer.body
        return json.loads(answer.body)

    def insert(self, query: str = "conferenceDataVersion=1", **fields: Any) -> Any:
        answer = self.call("POST", EVENTS, {**TIMES, "conferenceData": MEET, **fields}, query)
        assert answer.status == 200, answer.body
        return json.loads(answer.body)


@pytest.fixture
def simulator() -> GoogleMeetSimulator:
    return GoogleMeetSimulator()


@pytest.fixture
def client(simulator: GoogleMeetSimulator) -> Client:
    return Client(simulator)


def error(answer: Answer) -> Any:
    return json.loads(answer.body)["error"]


# ---------------------------------------------------------------------------- protos and parameters


def test_enums_by_number_and_masks_in_snake_case(client) -> None:
    """Google's generated clients send and ask for both."""
    body = {"config": {"access_type": 3, "moderation": 2}}
    space = json.loads(client.call("POST", "/v2/spaces", body, INT).body)
    assert (space["config"]["accessType"], space["config"]["moderation"]) == (3, 2)
    path = f"/v2/{space['name']}"
    mask = "update_mask=config.access_type"
    client.call("PATCH", path, {"config": {"accessType": 1, "moderation": "OFF"}}, mask)
    config = client.get(path)["config"]
    assert (config["accessType"], config["moderation"]) == ("OPEN", "ON")


@pytest.mark.parametrize(
    ("query", "moderation"),
    [("", "OFF"), ("updateMask=*", "OFF"), ("updateMask=config.accessType", "ON")],
)
def test_mask_decides_what_changes(client, query, moderation) -> None:
    body = {"config": {"accessType": "OPEN", "moderation": "ON"}}
    name = json.loads(client.call("POST", "/v2/spaces", body).body)["name"]
    changes = {"config": {"accessType": "RESTRICTED", "moderation": "OFF"}}
    client.call("PATCH", f"/v2/{name}", changes, query)
    config = client.get(f"/v2/{name}")["config"]
    assert (config["accessType"], config["moderation"]) == ("RESTRICTED", moderation)


@pytest.mark.parametrize(
    ("body", "query"),
    [
        ({"foo": 1}, ""),
        ({"config": {"accessType": "ANY"}}, ""),
        ({"config": {"accessType": 9}}, ""),
        ({"config": 5}, ""),
        ({}, "foo=1"),
    ],
)
def test_unknown_field_is_refused(client, body, query) -> None:
    answer = client.call("POST", "/v2/spaces", body, query)
    assert (answer.status, error(answer)["status"]) == (400, "INVALID_ARGUMENT")


def test_code_is_taken_by_get_only(client) -> None:
    space = json.loads(client.call("POST", "/v2/spaces", {}).body)
    code = space["meetingCode"]
    assert client.get(f"/v2/spaces/{code.upper()}")["name"] == space["name"]
    answer = client.call("PATCH", f"/v2/spaces/{code}", {})
    assert (answer.status, "details" in error(answer)) == (403, False)


def test_unknown_path_and_encoded_slash_are_web_pages(client) -> None:
    for path in ("/v2/rooms", "/v2/conferenceRecords%2Fx"):
        answer = client.call("GET", path)
        assert (answer.status, answer.media_type.partition(";")[0]) == (404, "text/html")


def test_fields_cut_a_reply(client) -> None:
    client.insert(summary="A")
    query = "fields=items(id,summary,conferenceData/conferenceId),timeZone"
    reply = client.get(EVENTS, query)
    assert set(reply) == {"items", "timeZone"}
    assert set(reply["items"][0]) == {"id", "summary", "conferenceData"}
    assert client.call("GET", EVENTS, query="fields=nonsense").status == 400


def test_token_is_needed(simulator, client) -> None:
    answer = simulator.handle(Call(method="GET", path=EVENTS))
    assert answer.status == 401
    assert "invalid_token" in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize(("as_403", "status"), [(True, 403), (False, 429)])
def test_quota_is_refused_in_either_form(simulator, client, as_403, status) -> None:
    simulator.quirks["quotas"], simulator.quirks["quota_is_403"] = True, as_403
    answers = [client.call("POST", "/v2/spaces", {}) for _ in range(11)]
    assert [answer.status for answer in answers] == [200] * 10 + [status]
    assert error(answers[-1])["details"][0]["reason"] == "RATE_LIMIT_EXCEEDED"


def test_members_are_of_own_spaces_only(client) -> None:
    name = json.loads(client.call("POST", "/v2/spaces", {}).body)["name"]
    path = f"/v2/{name}/members"
    member = json.loads(client.call("POST", path, {"email": "a@example.com", "role": 1}).body)
    assert member["role"] == "COHOST"
    assert client.get(path)["members"] == [member]
    assert client.call("DELETE", f"/v2/{member['name']}").status == 200
    assert client.get(path) == {}
    code = client.insert()["conferenceData"]["conferenceId"]
    foreign = client.get(f"/v2/spaces/{code}")["name"]
    assert client.call("POST", f"/v2/{foreign}/members", {"email": "a@example.com"}).status == 403


# ------------------------------------------------------------------------------------------ calendar


def test_conference_needs_its_version(client) -> None:
    event = client.insert(query="")
    assert "conferenceData" not in event
    assert "hangoutLink" in client.insert()


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"id": "abc"}, "invalid"),
        ({"id": "xyz-UPPER"}, "invalid"),
        ({"end": None}, "required"),
        ({"end": TIMES["start"], "start": TIMES["end"]}, "timeRangeEmpty"),
        ({"recurrence": ["RRULE:FREQ=NEVER"]}, "invalid"),
        ({"attendees": [{"displayName": "Ann"}]}, "required"),
        ({"conferenceData": {"createRequest": {"requestId": "r", "conferenceSolutionKey": {"type": "eventHangout"}}}}, "invalid"),
    ],
)  # fmt: skip
def test_bad_event_is_refused(client, fields, reason) -> None:
    body = {**TIMES, "conferenceData": MEET, **fields}
    answer = client.call("POST", EVENTS, body, "conferenceDataVersion=1")
    assert (answer.status, error(answer)["errors"][0]["reason"]) == (400, reason)


def test_deleted_event_is_a_tombstone(client) -> None:
    event = client.insert(id="abcde")
    assert client.call("DELETE", f"{EVENTS}/abcde").status == 204
    assert client.call("DELETE", f"{EVENTS}/abcde").status == 410
    assert client.get(f"{EVENTS}/abcde")["status"] == "cancelled"
    assert client.call("POST", EVENTS, {**TIMES, "id": "abcde"}).status == 409
    assert client.get(EVENTS)["items"] == []
    assert len(client.get(EVENTS, "showDeleted=true")["items"]) == 1
    code = event["conferenceData"]["conferenceId"]
    assert client.call("GET", f"/v2/spaces/{code}").status == 403
    client.call("PATCH", f"{EVENTS}/abcde", {"status": "confirmed"})
    assert client.get(f"{EVENTS}/abcde")["status"] == "confirmed"


def test_patch_merges_and_put_replaces(client) -> None:
    event = client.insert(summary="A", description="D", attendees=[{"email": "a@example.com"}])
    path = f"{EVENTS}/{event['id']}"
    patched = client.call(
        "PATCH", path, {"description": None, "attendees": [{"email": "b@example.com"}]}
    )
    row = json.loads(patched.body)
    assert (row["summary"], "description" in row) == ("A", False)
    assert [each["email"] for each in row["attendees"]] == ["b@example.com"]
    assert row["etag"] != event["etag"]
    stale = client.call("PATCH", path, {"summary": "B"}, **{"if-match": event["etag"]})
    assert (stale.status, error(stale)["errors"][0]["reason"]) == (412, "conditionNotMet")
    put = json.loads(client.call("PUT", path, TIMES, "conferenceDataVersion=1").body)
    assert not {"summary", "attendees", "hangoutLink"} & set(put)
    assert client.call("PUT", f"{EVENTS}/unknown", TIMES).status == 404


@pytest.mark.parametrize(("who", "count"), [("all", 2), ("externalOnly", 1), ("none", 0), ("", 0)])
def test_mails_are_sent_as_asked(simulator, client, who, count) -> None:
    guests = [{"email": "piotr@example.com"}, {"email": "ann@elsewhere.org"}]
    query = f"conferenceDataVersion=1{f'&sendUpdates={who}' if who else ''}"
    client.insert(query=query, attendees=guests)
    assert len(simulator.world.outbox) == count


def test_series_keeps_its_wall_clock_over_the_change_of_time(client) -> None:
    start = {"dateTime": "2026-10-19T09:00:00", "timeZone": "Europe/Warsaw"}
    end = {"dateTime": "2026-10-19T10:00:00", "timeZone": "Europe/Warsaw"}
    event = client.insert(start=start, end=end, recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"])
    items = client.get(f"{EVENTS}/{event['id']}/instances")["items"]
    assert [item["start"]["dateTime"] for item in items] == [
        "2026-10-19T09:00:00+02:00",
        "2026-10-26T09:00:00+01:00",
        "2026-11-02T09:00:00+01:00",
    ]
    assert items[1]["id"] == f"{event['id']}_20261026T080000Z"
    assert len({item["hangoutLink"] for item in items}) == 1
    moved = {
        "start": {"dateTime": "2026-10-27T09:00:00+01:00"},
        "end": {"dateTime": "2026-10-27T10:00:00+01:00"},
    }
    assert client.call("PATCH", f"{EVENTS}/{items[1]['id']}", moved).status == 200
    items = client.get(EVENTS, "singleEvents=true&orderBy=startTime")["items"]
    assert items[1]["start"]["dateTime"].startswith("2026-10-27")
    assert len(items) == 3 + 1  # the changed date is an event of its own as well


def test_pages_and_sync_tokens(client, simulator) -> None:
    for number in range(5):
        client.insert(summary=f"{number}")
    first = client.get(EVENTS, "maxResults=3")
    assert (len(first["items"]), "nextSyncToken" in first) == (3, False)
    last = client.get(EVENTS, f"maxResults=3&pageToken={first['nextPageToken']}")
    assert (len(last["items"]), "nextPageToken" in last) == (2, False)
    simulator.world.advance(timedelta(seconds=1))
    assert client.get(EVENTS, f"syncToken={last['nextSyncToken']}")["items"] == []
    assert client.call("GET", EVENTS, query="syncToken=x").status == 410
    assert client.call("GET", EVENTS, query="pageToken=x").status == 400


def test_other_calendars_are_not_found(client) -> None:
    for calendar in ("piotr%40example.com", "none"):
        assert client.call("GET", f"/calendar/v3/calendars/{calendar}/events").status == 404
    assert client.get("/calendar/v3/calendars/olga%40example.com/events")["items"] == []


# -------------------------------------------------------------------------------- records and files


def test_record_lives_for_thirty_days(simulator, client) -> None:
    world = simulator.world
    room = world.add_room(name="Launch")
    world.enter(room.id, "Ann", "ann@example.org")
    running = client.get("/v2/conferenceRecords", "filter=end_time%20IS%20NULL")
    (record,) = running["conferenceRecords"]
    assert "endTime" not in record
    world.advance(timedelta(hours=1))
    world.end_session(room.id)
    assert client.get(f"/v2/{record['name']}")["expireTime"] == "2026-10-31T09:00:00Z"
    world.advance(timedelta(days=30))
    assert client.get("/v2/conferenceRecords") == {}
    assert client.call("GET", f"/v2/{record['name']}").status == 404


def test_file_is_sent_in_parts_and_deleted(simulator, client) -> None:
    world = simulator.world
    room = world.add_room(name="Launch")
    world.enter(room.id, "Ann")
    world.advance(timedelta(hours=1))
    session = world.end_session(room.id)
    recording = world.record(
        room.id, timedelta(minutes=20), media_types=("video/mp4", "text/plain")
    )
    path = f"/drive/v3/files/{recording.id}"
    whole = client.call("GET", path, query="alt=media")
    part = client.call("GET", path, query="alt=media", range="bytes=10-19")
    assert (part.status, part.body) == (206, whole.body[10:20])
    assert client.call("GET", path, query="alt=media", range="bytes=9999999-").status == 416
    assert client.get(path, "fields=size")["size"] == str(len(whole.body))
    document = world.file_ids[recording.id][1]
    refused = client.call("GET", f"/drive/v3/files/{document}", query="alt=media")
    assert error(refused)["errors"][0]["reason"] == "fileNotDownloadable"
    assert (
        client.call("GET", f"/drive/v3/files/{document}/export", query="mimeType=text/plain").status
        == 200
    )
    assert client.call("DELETE", path).status == 204
    assert client.call("DELETE", path).status == 404
    rows = client.get(f"/v2/conferenceRecords/{session.id}/recordings")["recordings"]
    assert rows[0]["driveDestination"]["file"] == recording.id


def test_link_opens_its_room(simulator, client) -> None:
    event = client.insert()
    code = event["hangoutLink"].rpartition("/")[2]
    target = simulator.join_target([code], {})
    assert target.room_id == event["id"]
    visit = simulator.enter(target, target.entry_options[0], "Ann", None)
    assert simulator.world.running(event["id"]).id == visit.session_id
