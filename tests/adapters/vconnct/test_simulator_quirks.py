"""The simulator's quirks and limits of both generations, without a client."""

from __future__ import annotations

import hmac
import json
from base64 import b64encode
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from conferencing.sandbox import Answer, Call
from conferencing_vconnct.simulator import VConnctSimulator

HOUR = timedelta(hours=1)
CREATE = "rooms/create_quick_video_room"
PLAN = "rooms/create_schedule_video_room"
PAST = "rooms/fetch_past_rooms"
ACTIVE = "rooms/get_active_rooms_info"


@pytest.fixture
def simulator() -> VConnctSimulator:
    return VConnctSimulator()


@pytest.fixture
def v1(simulator: VConnctSimulator) -> Callable[..., tuple[int, Any]]:
    """Call a method of v1 with parameters, and return status and JSON."""

    def call(method: str, name: str, query: str = "", **body: Any) -> tuple[int, Any]:
        return read(
            simulator.handle(
                Call(
                    method=method,
                    path=f"/api/v1/{name}/",
                    query=query,
                    headers={"license": simulator.license, "accept-language": "en"},
                    body=json.dumps(body).encode(),
                )
            )
        )

    return call


@pytest.fixture
def v4(simulator: VConnctSimulator) -> Callable[..., tuple[int, Any]]:
    """Call a method of v4 with a signature, and return status and JSON."""

    def call(method: str, path: str, query: str = "", **body: Any) -> tuple[int, Any]:
        target = f"/api/v4/{path}"
        text = json.dumps(body) if method == "POST" else f"/vconnct{target}"
        text = f"{text}?{query}" if query else text
        digest = hmac.digest(simulator.secret.encode(), text.encode(), "sha256")
        headers = {"key": simulator.key, "hash-signature": b64encode(digest).decode()}
        content = text.encode() if method == "POST" else b""
        return read(
            simulator.handle(
                Call(method=method, path=target, query=query, headers=headers, body=content)
            )
        )

    return call


def read(answer: Answer) -> tuple[int, Any]:
    return answer.status, json.loads(answer.body) if answer.body else None


def room_fields(**fields: Any) -> dict[str, Any]:
    return {"project_id": "project-1", "client_room_id": "mine", **fields}


def hold_room(simulator: VConnctSimulator, v4: Callable[..., Any], name: str) -> str:
    """Create a room in which Ann is for an hour, and return its id."""
    room_id: str = v4("POST", CREATE, **room_fields(client_room_id=name))[1]["room_id"]
    simulator.world.enter(room_id, "Ann", "ann@example.com")
    simulator.world.advance(HOUR)
    simulator.world.end_session(room_id)
    return room_id


# --------------------------------------------------------------------------------------------- v1


def test_v1_failure_in_200_keeps_status_code(simulator, v1) -> None:
    simulator.quirks["failures_in_200"] = True
    status, reply = v1("GET", "list_setting", "meeting_id=0db9ac9d-399b-4b9b-987c-50fd77f5d15d")
    assert (status, reply["status"], reply["status_code"]) == (200, False, 404)


def test_v1_unknown_fields_are_ignored(simulator, v1) -> None:
    settings = [{"setting": name, "value": True} for name in simulator.general_settings]
    assert v1("POST", "create_meeting", meeting_setting=settings, color="red")[0] == 201
    simulator.quirks["refuse_unknown"] = True
    status, reply = v1("POST", "create_meeting", meeting_setting=settings, color="red")
    assert (status, reply["error_messages"]) == (400, ["color is not known"])


def test_v1_each_fault_has_its_message(v1) -> None:
    status, reply = v1("POST", "join_meeting", meeting_id="5", fullname=7)
    assert (status, reply["error_messages"]) == (
        400,
        ["role is required", "meeting_id is not valid", "fullname is not valid"],
    )


def test_v1_bodies_of_get_and_delete_are_ignored(v1) -> None:
    assert v1("GET", "list_meetings", color="red")[0] == 200


def test_v1_empty_delete_has_no_body(simulator, v1) -> None:
    simulator.quirks["empty_deletes"] = True
    settings = [{"setting": name, "value": True} for name in simulator.general_settings]
    _, reply = v1("POST", "create_meeting", meeting_setting=settings)
    query = f"meeting_id={reply['data']['meeting_id']}"
    assert v1("DELETE", "delete_scheduled_meeting", query) == (204, None)


def test_v1_extra_fields_leave_settings_alone(simulator, v1) -> None:
    simulator.quirks["extra_fields"] = True
    _, reply = v1("GET", "list_general_meeting_setting")
    assert "not_documented" in reply
    assert set(reply["data"]) == set(simulator.general_settings)


def test_v1_running_is_a_number_in_other_spelling(simulator, v1) -> None:
    settings = [{"setting": name, "value": True} for name in simulator.general_settings]
    v1("POST", "create_meeting", meeting_setting=settings)
    assert v1("GET", "list_meetings")[1]["data"][0]["is_running"] is False
    simulator.quirks["other_spellings"] = True
    assert type(v1("GET", "list_meetings")[1]["data"][0]["is_running"]) is int


# --------------------------------------------------------------------------------------------- v4


def test_v4_failure_in_200_has_status_false(simulator, v4) -> None:
    simulator.quirks["failures_in_200"] = True
    status, reply = v4("GET", "recordings/get_record", "room_id=x")
    assert (status, reply) == (200, {"status": False, "message": "room not found"})


def test_v4_idle_account_is_a_failure_by_quirk(simulator, v4) -> None:
    assert v4("GET", ACTIVE) == (200, {"status": True, "msg": "success", "rooms": []})
    simulator.quirks["idle_is_failure"] = True
    status, reply = v4("GET", ACTIVE)
    assert (status, reply["status"], reply["rooms"]) == (200, False, [])
    v4("POST", CREATE, **room_fields())
    assert v4("GET", ACTIVE)[1]["status"] is True


def test_v4_unknown_fields_are_ignored(simulator, v4) -> None:
    assert v4("POST", CREATE, **room_fields(color="red"))[0] == 200
    simulator.quirks["refuse_unknown"] = True
    status, reply = v4("POST", CREATE, **room_fields(color="red"))
    assert (status, reply["message"]) == (400, "color is not known")


@pytest.mark.parametrize("value", [0, "0", -1, "many", True])
def test_v4_invalid_capacity_is_refused(v4, value) -> None:
    status, reply = v4("POST", CREATE, **room_fields(max_participants=value))
    assert (status, "max_participants" in reply["message"]) == (400, True)


@pytest.mark.parametrize("value", [5, "5"])
def test_v4_numbers_come_in_both_types(simulator, v4, value) -> None:
    _, reply = v4("POST", CREATE, **room_fields(max_participants=value))
    assert simulator.world.room(reply["room_id"]).capacity == 5


@pytest.mark.parametrize("start", ["2026-10-01T07:59", "2026-10-02", "2026-10-02T08:00:00Z", ""])
def test_v4_past_or_invalid_start_is_refused(v4, start) -> None:
    status, reply = v4("POST", PLAN, **room_fields(start_at=start))
    assert (status, "start_at" in reply["message"]) == (400, True)


@pytest.mark.parametrize(
    ("order", "places"),
    [({}, [1, 0]), ({"order_by": "DESC"}, [1, 0]), ({"order_by": "ASC"}, [0, 1])],
)
def test_v4_past_rooms_are_ordered(simulator, v4, order, places) -> None:
    ids = [hold_room(simulator, v4, name) for name in "ab"]
    _, reply = v4("POST", PAST, project_id="project-1", room_ids=ids, **order)
    rows = reply["rooms"]["rooms_list"]
    assert [row["room_id"] for row in rows] == [ids[place] for place in places]
    assert {row["created"] for row in rows} == {"2026-10-01 08:00:00", "2026-10-01 09:00:00"}
    assert reply["rooms"]["total_rooms"] == "2"


def test_v4_past_rooms_have_other_shapes(simulator, v4) -> None:
    ids = [hold_room(simulator, v4, "a")]
    simulator.quirks |= {
        "past_rooms_as_list": True,
        "other_spellings": True,
        "missing_fields": True,
    }
    _, reply = v4("POST", PAST, project_id="project-1", room_ids=ids)
    (row,) = reply["rooms"]
    assert (row["created"], row["joined_participants"]) == ("2026-10-01T08:00:00Z", 1)
    assert not {"room_sid", "webhook_url"} & row.keys()


def test_v4_analytics_have_three_shapes(simulator, v4) -> None:
    room_id = hold_room(simulator, v4, "a")
    query = f"room_id={room_id}"
    durations = {"ann@example.com": 3600}
    _, reply = v4("GET", "analytics/get_analytics", query)
    assert reply["data"] == {"room_id": room_id, "participant_durations": durations}
    simulator.quirks["analytics_as_rows"] = True
    _, reply = v4("GET", "analytics/get_analytics", query)
    data = reply["data"]
    assert (data["participants_count"], data["duration"]) == (1, 3600)
    assert data["participants"] == [
        {
            "user_id": "ann@example.com",
            "name": "Ann",
            "duration": 3600,
            "joined": "1790841600",
            "left": "1790845200",
        }
    ]
    simulator.quirks["analytics_at_top"] = True
    _, reply = v4("GET", "analytics/get_analytics", query)
    assert reply["participant_durations"] == durations
    assert "data" not in reply


def test_v4_extra_fields_leave_durations_alone(simulator, v4) -> None:
    room_id = hold_room(simulator, v4, "a")
    simulator.quirks["extra_fields"] = True
    _, reply = v4("GET", "analytics/get_analytics", f"room_id={room_id}")
    assert "not_documented" in reply["data"]
    assert set(reply["data"]["participant_durations"]) == {"ann@example.com"}


@pytest.mark.parametrize("dialect", ["v1", "v4"])
def test_unsigned_call_is_refused(simulator, dialect) -> None:
    path = {"v1": "/api/v1/list_meetings/", "v4": f"/api/v4/{ACTIVE}"}[dialect]
    status, reply = read(simulator.handle(Call(method="GET", path=path)))
    assert (status, reply["status"]) == (401, False)
