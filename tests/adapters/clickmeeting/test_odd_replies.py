"""Replies that real services send in addition to the documented ones, over a socket."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from conferencing import (
    InvalidRequest,
    MalformedResponse,
    NotFound,
    PermissionDenied,
    ProviderUnavailable,
    Room,
    Sent,
)

ZOFIA = {"email": "zofia@example.com", "first_name": "Zofia", "last_name": "Żółć"}
SESSION_ROW = {
    "id": 5342001,
    "total_visitors": 1,
    "max_visitors": 1,
    "start_date": "2026-10-01T10:20:00+02:00",
    "end_date": "2026-10-01T10:50:00+02:00",
}
ATTENDEE_ROW = {
    "uid": "7823001",
    "role": "listener",
    "nickname": "Ann",
    "email": "ann@example.com",
    "rating": "5",
    "start_date": "2026-10-01T10:20:00+02:00",
    "end_date": "2026-10-01T10:50:00+02:00",
}

Call = Callable[[Any], Awaitable[Any]]
CALLS: dict[str, Call] = {
    "get_room": lambda s: s.conference.get_room(s.room.id),
    "create_room": lambda s: s.conference.create_room("New"),
    "update_room": lambda s: s.conference.update_room(s.room, name="New"),
    "delete_room": lambda s: s.conference.delete_room(s.room),
    "register": lambda s: s.conference.register(s.room, **ZOFIA),
    "invite": lambda s: s.conference.invite(s.room, ["ben@example.com"]),
    "participants": lambda s: s.conference.participants(s.room).collect(),
    "create_access_tokens": lambda s: s.conference.create_access_tokens(s.tokens, 1),
    "revoke_access_tokens": lambda s: s.conference.revoke_access_tokens(s.tokens, [s.token]),
    "sessions": lambda s: s.conference.sessions(s.room).collect(),
    "get_session": lambda s: s.conference.get_session(s.session.id),
    "attendance": lambda s: s.conference.attendance(s.session).collect(),
    "recordings": lambda s: s.conference.recordings(s.room).collect(),
    "delete_recording": lambda s: s.conference.delete_recording(s.recording),
    "delete_recordings": lambda s: s.conference.delete_recordings(s.room),
    "request": lambda s: s.conference.request("GET", "/file-library/1"),
}
DELETIONS: dict[str, Call] = {
    name: CALLS[name]
    for name in ("delete_room", "delete_recording", "delete_recordings", "revoke_access_tokens")
}


def failure(code: int, name: str = "", message: str = "no") -> str:
    """Return the body of a failure as it was seen in live replies."""
    errors = [{"name": name, "message": message}] if name else []
    return json.dumps({"code": code, "name": name, "errors": errors})


def fail_registering(scenario: Any, kind: str, **fault: Any) -> None:
    """Answer registrations with a fault, and lists of registrations as usual."""
    scenario.served.fail("slow", match="/registrations", seconds=0, times=99)
    scenario.served.fail(kind, match="/registration", **fault)


# ---------------------------------------------------------------------------- failures inside 200


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize(
    ("code", "error"),
    [(403, PermissionDenied), (422, InvalidRequest), (500, ProviderUnavailable)],
)
async def test_failure_inside_200_raises(scenario, name, code, error) -> None:
    before = scenario.tally()
    scenario.served.fail("status", status=200, body=failure(code, "FORBIDDEN"), times=99)
    with pytest.raises(error) as caught:
        await CALLS[name](scenario)
    assert (caught.value.status, caught.value.sent) == (code, Sent.YES)
    assert caught.value.problems == ("FORBIDDEN no",)
    assert scenario.tally() == before


@pytest.mark.parametrize(
    "name", ["get_room", "update_room", "register", "participants", "get_session", "attendance"]
)
async def test_not_found_inside_200_raises_not_found(scenario, name) -> None:
    scenario.served.fail("status", status=200, body=failure(404, "NOT_FOUND"))
    with pytest.raises(NotFound):
        await CALLS[name](scenario)


@pytest.mark.parametrize("name", ["delete_room", "delete_recording", "delete_recordings"])
async def test_not_found_inside_200_ends_a_deletion(scenario, name) -> None:
    scenario.served.fail("status", status=200, body=failure(404, "NOT_FOUND"))
    await CALLS[name](scenario)


async def test_failure_as_text_inside_200_raises(scenario) -> None:
    scenario.served.fail("status", status=200, body='"403 Forbidden"')
    with pytest.raises(PermissionDenied):
        await scenario.conference.delete_room(scenario.room)


async def test_failing_read_inside_200_is_retried(scenario) -> None:
    scenario.served.fail("status", status=200, body=failure(500))
    assert (await scenario.conference.get_room(scenario.room.id)).id == scenario.room.id
    assert len(scenario.lines()) == 2


async def test_refused_row_inside_200_is_refused_once(scenario) -> None:
    fail_registering(scenario, "status", status=200, body=failure(422, "email"), times=99)
    result = await scenario.conference.register_many(scenario.room, [ZOFIA])
    assert [row.outcome for row in result.rows] == ["refused"]
    assert sum(line.startswith("POST") for line in scenario.lines()) == 1


# ---------------------------------------------------------------------- empty lists that are "404"


@pytest.mark.parametrize("status", [404, 200])
@pytest.mark.parametrize("name", ["sessions", "recordings"])
async def test_list_reported_as_404_is_empty(scenario, name, status) -> None:
    scenario.served.fail("status", match=f"/{name}", status=status, body=failure(404, "NOT_FOUND"))
    assert await CALLS[name](scenario) == []
    assert scenario.lines()[1:] == [f"GET /v1/conferences/{scenario.room.id}"]


@pytest.mark.parametrize("name", ["sessions", "recordings"])
async def test_list_of_missing_room_raises(conference, name) -> None:
    with pytest.raises(NotFound):
        await getattr(conference, name)(Room(id="1")).collect()


async def test_deleting_recordings_of_missing_room_raises(conference) -> None:
    with pytest.raises(NotFound):
        await conference.delete_recordings("1")


async def test_room_not_yet_held_keeps_other_feedback(scenario) -> None:
    scenario.served.fail(
        "status", match=f"/{scenario.locked.id}/sessions", status=404, body=failure(404)
    )
    scenario.served.fail(
        "status", match=f"/{scenario.tokens.id}/sessions", status=200, body=failure(404)
    )
    (entry,) = await scenario.conference.feedback().collect()
    assert entry.rating == 5


async def test_account_recordings_as_404_are_listed_by_room(scenario) -> None:
    path = "/conferences/recordings"
    scenario.served.fail("status", match=path, status=200, body=failure(404, "NOT_FOUND"))
    assert await scenario.conference.recordings().collect() == [scenario.recording]


# --------------------------------------------------------------------------------- registrations


@pytest.mark.parametrize("body", ['{"status":"OK"}', '{"status":"OK","url":null}'])
async def test_registration_without_link_succeeds(scenario, body) -> None:
    scenario.served.fail("body", match="/registration", body=body)
    created = await scenario.conference.register(scenario.room, **ZOFIA)
    assert (created.email, created.join_link) == ("zofia@example.com", None)
    assert len(scenario.world.participants[scenario.room.id]) == 2
    link = await scenario.conference.join_link(scenario.room, person=created)
    assert link.url == scenario.world.participants[scenario.room.id][-1].join_link.url


async def test_ensure_registered_without_link_succeeds(scenario) -> None:
    fail_registering(scenario, "body", body='{"status":"OK"}')
    created = await scenario.conference.ensure_registered(scenario.room, **ZOFIA)
    assert (created.email, created.join_link) == ("zofia@example.com", None)
    assert len(scenario.world.participants[scenario.room.id]) == 2


async def test_address_in_fields_only_is_looked_up(scenario) -> None:
    rows = [
        {"id": 1, "fields": {"Email Address": "ben@example.com"}},
        {"id": 2, "email": None, "fields": {"Adres": "Zofia@Example.com"}},
    ]
    scenario.served.fail("body", match="/registrations", body=json.dumps(rows), times=2)
    participant = await scenario.conference.get_participant(scenario.room, email=ZOFIA["email"])
    assert (participant.id, participant.email) == ("2", "Zofia@Example.com")
    again = await scenario.conference.ensure_registered(scenario.room, **ZOFIA)
    assert (again.id, again.existed) == ("2", True)
    assert len(scenario.world.participants[scenario.room.id]) == 1


# ------------------------------------------------------------------------------ odd rows in lists


async def test_attendee_without_uid_is_reported(scenario) -> None:
    rows = [ATTENDEE_ROW | {"uid": None}, ATTENDEE_ROW, {"uid": "2"}]
    scenario.served.fail("body", match="/attendees", body=json.dumps(rows))
    listing = scenario.conference.attendance(scenario.session)
    assert [record.id for record in await listing.collect()] == ["7823001", "2"]
    (problem,) = listing.problems
    assert "$[0].uid" in problem


@pytest.mark.parametrize("status", [None, "open"])
async def test_unreadable_room_is_reported(scenario, status) -> None:
    room = (await scenario.conference.request("GET", f"/conferences/{scenario.tokens.id}")).json()
    rows = [room["conference"], {"id": None, "name": "x", "status": "active"}]
    scenario.served.fail("body", match="/active", body=json.dumps(rows))
    listing = scenario.conference.rooms(status)
    assert [room.id for room in await listing.collect()] == [scenario.tokens.id]
    (problem,) = listing.problems
    assert "$[1].id" in problem


async def test_unreadable_recording_of_session_is_reported(scenario) -> None:
    rows = await scenario.conference.request("GET", f"/conferences/{scenario.room.id}/recordings")
    body = json.dumps([*rows.json(), {"id": ""}])
    scenario.served.fail("body", match="/recordings", body=body)
    listing = scenario.conference.recordings(scenario.session)
    assert await listing.collect() == [scenario.recording]
    assert len(listing.problems) == 1


# ------------------------------------------------------------------------------------- deletions


@pytest.mark.parametrize("name", DELETIONS)
@pytest.mark.parametrize(
    ("status", "body"),
    [(200, "true"), (200, '"200 OK"'), (200, "OK"), (200, ""), (204, ""), (200, "[]")],
)
async def test_deletion_answered_in_any_form_succeeds(scenario, name, status, body) -> None:
    scenario.served.fail("status", status=status, body=body)
    await DELETIONS[name](scenario)
    assert len(scenario.lines()) == 1


@pytest.mark.parametrize("name", DELETIONS)
@pytest.mark.parametrize("body", ["<html>Sign in</html>", "null", "false"])
async def test_deletion_without_confirmation_raises(scenario, name, body) -> None:
    scenario.served.fail("status", status=200, body=body)
    with pytest.raises(MalformedResponse):
        await DELETIONS[name](scenario)


async def test_recording_without_room_names_the_remedy(scenario) -> None:
    scenario.served.fail("body", body='[{"id":5,"recording_url":"https://r.example/a.mp4"}]')
    (recording,) = await scenario.conference.recordings().collect()
    with pytest.raises(InvalidRequest, match="list the recordings of its room") as caught:
        await scenario.conference.delete_recording(recording)
    assert "recording 5" in str(caught.value)
    assert caught.value.field == "id"


# ------------------------------------------------------------------------------- repeated sessions


async def test_two_sessions_with_one_id_are_one(scenario) -> None:
    rows = json.dumps([SESSION_ROW, SESSION_ROW])
    scenario.served.fail("body", match=f"/{scenario.room.id}/sessions", body=rows)
    listing = scenario.conference.sessions(scenario.room)
    assert [session.id for session in await listing.collect()] == [scenario.session.id]
    (problem,) = listing.problems
    assert scenario.session.id in problem


@pytest.mark.parametrize("name", ["attendance", "feedback", "recordings"])
async def test_two_sessions_with_one_id_can_be_read(scenario, name) -> None:
    calls: dict[str, Call] = {
        "attendance": lambda s: s.conference.attendance(s.room).collect(),
        "feedback": lambda s: s.conference.feedback().collect(),
        "recordings": lambda s: s.conference.recordings(s.session).collect(),
    }
    rows = json.dumps([SESSION_ROW, SESSION_ROW])
    listed = f"/{scenario.room.id}/sessions"
    if name != "recordings":
        scenario.served.fail("body", match=listed, body=rows)
    assert len(await calls[name](scenario)) == 1


# ---------------------------------------------------------------------------------- error texts


async def test_text_with_full_stop_ends_in_one(scenario) -> None:
    body = failure(404, "NOT_FOUND", "Meeting room not found.")
    scenario.served.fail("status", status=404, body=body)
    with pytest.raises(NotFound) as caught:
        await scenario.conference.get_room("5")
    assert str(caught.value).endswith("Meeting room not found.")


async def test_room_without_url_has_no_link(scenario) -> None:
    body = '{"conference":{"id":5,"name":"x","status":"active"}}'
    scenario.served.fail("body", match="/conferences/", body=body)
    with pytest.raises(MalformedResponse, match="no room_url") as caught:
        await scenario.conference.join_link(scenario.room.id)
    assert caught.value.path == "$.conference.room_url"
