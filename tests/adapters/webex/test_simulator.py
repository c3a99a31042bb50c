"""The simulator's own rules, by raw requests: what is documented, and what tests switch."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from conferencing import Conflict, NotFound, Passcode, Role
from conferencing.model import Person
from conferencing.sandbox import Answer, Call
from conferencing_webex.simulator import WebexSimulator
from conferencing_webex.simulator.formats import plan_start
from conferencing_webex.simulator.ids import kind_of, person_id
from conferencing_webex.simulator.webhooks import signature

NOW = "2026-10-01T08:00:00+00:00"
SOON = {"start": "2026-10-02T10:00:00Z", "end": "2026-10-02T11:00:00Z"}


class Client:
    """Send calls to a simulator as a user or as the service app."""

    def __init__(self, simulator: WebexSimulator, dialect: str = "") -> None:
        self.simulator = simulator
        grant = simulator.tokens.issue(f"{simulator.host.id} {dialect}")
        self.headers = {"authorization": f"Bearer {grant.access_token}"}

    def send(
        self, method: str, path: str, body: Any = None, query: str = "", **headers: str
    ) -> Answer:
        content = b"" if body is None else json.dumps(body).encode()
        return self.simulator.handle(
            Call(method=method, path=f"/v1{path}", query=query, body=content,
                 headers={**self.headers, **headers})
        )  # fmt: skip

    def get(self, path: str, query: str = "", **headers: str) -> Any:
        return json.loads(self.send("GET", path, query=query, **headers).body)

    def create(self, **fields: Any) -> Any:
        answer = self.send("POST", "/meetings", {"title": "Launch", **SOON, **fields})
        assert answer.status == 200, answer.body
        return json.loads(answer.body)


@pytest.fixture
def simulator() -> WebexSimulator:
    return WebexSimulator()


@pytest.fixture
def client(simulator: WebexSimulator) -> Client:
    return Client(simulator)


def error_of(answer: Answer) -> str:
    body: Mapping[str, Any] = json.loads(answer.body)
    return "; ".join([body["message"], *(each["description"] for each in body.get("errors", ()))])


@pytest.mark.parametrize(
    ("start", "planned"),
    [("10:32:28.076", "10:33:00"), ("10:32:41", "10:33:00"), ("11:32:28.076", "11:32:00"),
     ("11:32:41", "11:32:00")],
)  # fmt: skip
def test_start_is_cut_to_the_minute_or_moved(start, planned) -> None:
    now = datetime.fromisoformat("2022-03-01T10:32:16.657+08:00")
    moved = plan_start(datetime.fromisoformat(f"2022-03-01T{start}+08:00"), now)
    assert moved == datetime.fromisoformat(f"2022-03-01T{planned}+08:00")


def test_person_id_is_that_of_the_vector() -> None:
    assert person_id("7babbe99-b43e-4d3f-9147-a1e9d46c9ca0") == (
        "Y2lzY29zcGFyazovL3VzL1BFT1BMRS83YmFiYmU5OS1iNDNlLTRkM2YtOTE0Ny1hMWU5ZDQ2YzljYTA"
    )


def test_signature_is_that_of_the_vector() -> None:
    body = '{"name":"Zoë"}'.encode()
    assert signature("8f2a41c6d0b94e7f", body) == "f54af1939f8585c1e9ea1a20276cd45891531355"


def test_dates_of_a_series_keep_their_wall_clock(simulator, client) -> None:
    simulator.quirks["refuse_past"] = False
    series = client.create(
        start="2030-03-22T10:00:00", end="2030-03-22T11:00:00", timezone="Europe/Berlin",
        recurrence="FREQ=WEEKLY;INTERVAL=1;COUNT=3;BYDAY=FR",
    )  # fmt: skip
    query = (
        f"meetingSeriesId={series['id']}&meetingType=scheduledMeeting&from=2030-01-01&to=2031-01-01"
    )
    ids = [row["id"].partition("_")[2] for row in client.get("/meetings", query)["items"]]
    assert ids == ["20300322T090000Z", "20300329T090000Z", "20300405T080000Z"]
    assert series["start"] == "2030-03-22T10:00:00+01:00"
    assert client.get(f"/meetings/{series['id']}")["timezone"] == "UTC"
    shown = client.get(f"/meetings/{series['id']}", timezone="America/New_York")
    assert shown["start"] == "2030-03-22T05:00:00-04:00"


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"title": ""}, 400),
        ({"start": "2026-10-01T07:59:00Z", "end": "2026-10-01T09:00:00Z"}, 400),
        ({"end": "2026-10-02T10:09:00Z"}, 400),
        ({"end": "2026-10-03T10:00:00Z"}, 400),
        ({"timezone": "Berlin"}, 400),
        ({"recurrence": "RRULE:FREQ=DAILY"}, 400),
        ({"scheduledType": "webinar"}, 400),
        ({"hostEmail": "nobody@example.com"}, 404),
        ({"registration": {"requireEmail": False}}, 400),
        ({"joinBeforeHostMinutes": 7}, 400),
    ],
)
def test_wrong_creation_is_refused(client, fields, status) -> None:
    answer = client.send("POST", "/meetings", {"title": "Launch", **SOON, **fields})
    assert answer.status == status, answer.body
    assert json.loads(answer.body)["trackingId"].startswith("ROUTERGW_")


def test_creations_are_counted_with_those_that_failed(simulator, client) -> None:
    for _ in range(99):
        client.send("POST", "/meetings", {})
    client.create()
    answer = client.send("POST", "/meetings", {"title": "Launch", **SOON})
    assert (answer.status, answer.headers["Retry-After"]) == (429, "3600")


def test_service_app_has_to_name_a_host(simulator) -> None:
    client = Client(simulator, "service")
    assert client.send("GET", "/meetings").status == 400
    assert client.send("GET", "/meetings", query="hostEmail=piotr%40example.com").status == 200


def test_user_acts_for_others_as_an_administrator_only(simulator, client) -> None:
    simulator.admin = False
    assert client.send("GET", "/meetings", query="hostEmail=piotr%40example.com").status == 403
    assert client.send("GET", "/meetings", query="hostEmail=ada%40example.com").status == 200


def test_call_without_a_known_token_is_refused(simulator) -> None:
    answer = simulator.handle(Call(method="GET", path="/v1/meetings"))
    assert answer.status == 401
    assert "valid access token" in error_of(answer)


def test_id_of_another_kind_is_refused(simulator, client) -> None:
    series = client.create(registration=dict.fromkeys(
        ["requireFirstName", "requireLastName", "requireEmail"], True
    ))  # fmt: skip
    occurrence = f"{series['id']}_20261002T100000Z"
    assert kind_of(occurrence) == "scheduledMeeting"
    answer = client.send("GET", f"/meetings/{occurrence}/registrants")
    assert answer.status == 400
    assert f"Meeting ID '{occurrence}' is not allowed for this API." in error_of(answer)
    assert client.send("GET", f"/meetings/{'0' * 32}").status == 404


def test_states_follow_the_clock(simulator, client) -> None:
    world = simulator.world
    series = client.create(recurrence="FREQ=DAILY;COUNT=2")
    query = f"meetingSeriesId={series['id']}&from=2026-10-01&to=2027-01-01"

    def states() -> list[str]:
        rows = client.get("/meetings", query)["items"]
        return [client.get(f"/meetings/{series['id']}")["state"], *(row["state"] for row in rows)]

    assert states() == ["active", "ready", "scheduled"]
    world.advance(timedelta(hours=26))
    world.enter(series["id"], "Ada", "ada@example.com", Role.HOST)
    assert states() == ["inProgress", "ready", "scheduled", "inProgress"]
    world.advance(timedelta(hours=2))
    world.end_session(series["id"])
    world.advance(timedelta(days=2))
    assert states() == ["expired", "ended", "missed", "ended"]


def test_change_during_a_run_is_refused(simulator, client) -> None:
    series = client.create()
    simulator.world.enter(series["id"], "Ada", "ada@example.com", Role.HOST)
    for method in ("PATCH", "DELETE"):
        body = {"title": "B"} if method == "PATCH" else None
        assert client.send(method, f"/meetings/{series['id']}", body).status == 409


def test_new_times_of_a_series_undo_single_changes(client) -> None:
    series = client.create(recurrence="FREQ=DAILY;COUNT=2")
    second = f"/meetings/{series['id']}_20261003T100000Z"
    moved = client.send(
        "PATCH", second, {"start": "2026-10-03T12:00:00Z", "end": "2026-10-03T13:00:00Z"}
    )
    assert json.loads(moved.body)["isModified"]
    client.send("PATCH", f"/meetings/{series['id']}", {"title": "Renamed"})
    assert client.get(second)["start"] == "2026-10-03T12:00:00Z"
    client.send("PATCH", f"/meetings/{series['id']}", {"end": "2026-10-02T12:00:00Z"})
    assert client.get(second)["start"] == "2026-10-03T10:00:00Z"
    far = {"start": "2026-10-09T10:00:00Z", "end": "2026-10-09T11:00:00Z"}
    first = f"/meetings/{series['id']}_20261002T100000Z"
    assert client.send("PATCH", first, far).status == 400


def test_join_call_redirects_unless_told_not_to(simulator, client) -> None:
    series = client.create()
    body = {"meetingId": series["id"], "email": "ann@example.com", "displayName": "Ann"}
    redirect = client.send("POST", "/meetings/join", body)
    assert redirect.status == 302
    assert "integrationJoinToken" in redirect.headers["Location"]
    links = json.loads(client.send("POST", "/meetings/join", {**body, "joinDirectly": False}).body)
    path, _, token = (
        links["joinLink"].partition("/join/webex/")[2].partition("?integrationJoinToken=")
    )
    target = simulator.join_target(path.split("/"), {"integrationJoinToken": token})
    (option,) = target.entry_options
    assert (option.role, option.person) == (
        Role.ATTENDEE,
        Person(email="ann@example.com", name="Ann"),
    )
    simulator.world.advance(timedelta(hours=1))
    with pytest.raises(Conflict):
        simulator.join_target(path.split("/"), {"integrationJoinToken": token})


def test_plain_link_asks_for_the_password(simulator, client) -> None:
    series = client.create(password="s3cret!X")
    key = series["webLink"].partition("MTID=")[2]
    (option,) = simulator.join_target(["j.php"], {"MTID": key}).entry_options
    assert option.rule == Passcode("s3cret!X")
    with pytest.raises(NotFound):
        simulator.join_target(["j.php"], {"MTID": "mx"})


def test_people_before_the_host_wait_in_the_lobby(simulator, client) -> None:
    world = simulator.world
    series = client.create()
    links = [
        json.loads(client.send("POST", "/meetings/join", {
            "meetingId": series["id"], "joinDirectly": False, **who,
        }).body)
        for who in ({"email": "ann@example.com"}, {})
    ]  # fmt: skip

    def enter(url: str, name: str) -> Any:
        path, _, token = url.partition("/join/webex/")[2].partition("?integrationJoinToken=")
        target = simulator.join_target(path.split("/"), {"integrationJoinToken": token})
        return simulator.enter(target, target.entry_options[0], name, f"{name}@example.com")

    ann = enter(links[0]["joinLink"], "ann")
    query = f"meetingSeriesId={series['id']}&meetingType=meeting&from=2026-10-01&to=2027-01-01"
    (run,) = client.get("/meetings", query)["items"]
    assert (ann.waits, run["state"]) == (True, "lobby")
    assert "password" not in run
    world.advance(timedelta(minutes=1))
    enter(links[1]["startLink"], "ada")
    rows = client.get("/meetingParticipants", f"meetingId={run['id']}")["items"]
    assert [row["state"] for row in rows] == ["joined", "joined"]
    assert rows[0]["devices"][0]["joinedTime"] == "2026-10-01T08:01:00.000Z"


def test_rules_decide_before_the_form(client) -> None:
    form = dict.fromkeys(["requireFirstName", "requireLastName", "requireEmail"], True)
    rules = [
        {"question": "email", "condition": "endsWith", "value": "@evil.example", "result": "reject", "order": 1},
        {"question": "lastName", "condition": "equals", "value": "lee", "result": "approve", "order": 2},
    ]  # fmt: skip
    series = client.create(registration={**form, "rules": rules})
    people = [("Lee", "a@evil.example"), ("Lee", "b@example.com"), ("Oak", "c@example.com")]
    statuses = [
        json.loads(client.send("POST", f"/meetings/{series['id']}/registrants", {
            "firstName": "X", "lastName": last, "email": email,
        }).body)["status"]
        for last, email in people
    ]  # fmt: skip
    assert statuses == ["rejected", "approved", "pending"]


def test_page_is_cut_and_links_to_the_next(simulator, client) -> None:
    for number in range(3):
        simulator.world.add_room(name=f"Room {number}", starts_at=simulator.world.now)
    first = client.send("GET", "/meetings", query="max=2")
    assert len(json.loads(first.body)["items"]) == 2
    link = first.headers["Link"]
    assert link.endswith('>; rel="next"')
    rest = client.send("GET", "/meetings", query=link.partition("?")[2].partition(">")[0])
    assert len(json.loads(rest.body)["items"]) == 1
    assert "Link" not in rest.headers
    assert len(client.get("/meetings", "max=500")["items"]) == 3


def test_recording_goes_to_the_bin_and_back(simulator, client) -> None:
    series = client.create()
    simulator.world.enter(series["id"], "Ada", "ada@example.com", Role.HOST)
    simulator.world.advance(timedelta(minutes=30))
    recording = simulator.world.record(series["id"], timedelta(minutes=30))
    assert client.get("/recordings")["items"] == []
    simulator.world.advance(timedelta(minutes=10))
    body = {"recordingIds": [recording.id]}
    for action, listed in (("softDelete", []), ("restore", [recording.id])):
        assert client.send("POST", f"/recordings/{action}", body).status == 204
        assert [row["id"] for row in client.get("/recordings")["items"]] == listed


def test_unknown_parameter_is_refused_on_demand(simulator, client) -> None:
    assert client.send("GET", "/meetings", query="colour=red").status == 200
    simulator.quirks["refuse_unknown"] = True
    assert client.send("GET", "/meetings", query="colour=red").status == 400


async def test_hook_is_switched_off_after_100_failures(simulator, client, unused_url) -> None:
    hook = {"name": "x", "targetUrl": unused_url, "resource": "meetings", "event": "created"}
    simulator.quirks["daily_limits"] = False
    made = json.loads(client.send("POST", "/webhooks", hook).body)
    for _ in range(100):
        client.create()
    await simulator.sender.deliver()
    assert client.get(f"/webhooks/{made['id']}")["status"] == "inactive"
    client.create()
    assert simulator.sender.pending == 0
    change = {"name": "x", "targetUrl": unused_url, "status": "active"}
    assert (
        json.loads(client.send("PUT", f"/webhooks/{made['id']}", change).body)["status"] == "active"
    )


@pytest.fixture
def unused_url() -> str:
    """An address on which nobody listens."""
    return "http://127.0.0.1:1/hook"


def test_clock_of_the_world_is_the_date(simulator) -> None:
    assert simulator.world.now == datetime.fromisoformat(NOW).astimezone(UTC)
    answer = simulator.handle(Call(method="GET", path="/v1/people/me"))
    assert answer.headers["Date"] == "Thu, 01 Oct 2026 08:00:00 GMT"
