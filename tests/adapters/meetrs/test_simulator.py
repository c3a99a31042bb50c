"""The simulator by itself: what it refuses and with which status, whatever program asks."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from conferencing.errors import Conflict, NotFound
from conferencing.model import RoomStatus
from conferencing.sandbox import EntryOption, Sandbox, ServedSimulator

ANN = {"firstName": "Ann", "lastName": "Lee", "email": "ann@example.com"}
CODE = {"provider": "Passcode", "condition": "12345"}


def one(**fields: Any) -> dict[str, Any]:
    """Return a participant with some fields other than usual, or without those that are None."""
    whole = {"user": ANN, "role": "User", "accessRules": [CODE]} | fields
    return {name: value for name, value in whole.items() if value is not None}


REFUSED: dict[str, tuple[str, Any]] = {
    "unknown field": ("color", {"color": "red"}),
    "a start under another name": ("startTime", {"schedulingInfo": {"startTime": "x"}}),
    "title of a wrong type": ("title", {"title": 5}),
    "no minutes": ("duration", {"schedulingInfo": {"duration": 0}}),
    "minutes as text": ("duration", {"schedulingInfo": {"duration": "60"}}),
    "true as minutes": ("duration", {"schedulingInfo": {"duration": True}}),
    "scheduling of a wrong type": ("schedulingInfo", {"schedulingInfo": 60}),
    "a start without an offset": ("startsAt", {"schedulingInfo": {"startsAt": "2026-10-01T08:00"}}),
    "unknown template": ("addonConfigurationId", {"addonConfigurationId": "x"}),
    "unknown add-on": ("addonsInfo", {"addonsInfo": [{"identifier": "x"}]}),
    "people as an object": ("participants", {"participants": {}}),
    "people as texts": ("participants", {"participants": ["Ann"]}),
    "unknown field of a person": ("age", {"participants": [one(age=5)]}),
    "unknown role": ("role", {"participants": [one(role="Boss")]}),
    "no role": ("role", {"participants": [one(role=None)]}),
    "unknown provider": ("provider", {"participants": [one(accessRules=[{"provider": "SMS"}])]}),
    "singular rule": ("accessRole", {"participants": [one(accessRole=CODE)]}),
    "rules as an object": ("accessRules", {"participants": [one(accessRules=CODE)]}),
    "passcode without a code": (
        "condition",
        {"participants": [one(accessRules=[{"provider": "Passcode"}])]},
    ),
    "sign-in without an address": (
        "condition",
        {"participants": [one(user={"firstName": "A"}, accessRules=[{"provider": "Google"}])]},
    ),
    "no guest and nobody": ("user", {"participants": [one(user=None)]}),
    "no guest and no rules": ("accessRules", {"participants": [one(accessRules=[])]}),
    "unknown field of a user": ("phone", {"participants": [one(user={"phone": "1"})]}),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_a_meet_with_a_fault_is_refused_and_not_made(
    bare: Any, served: ServedSimulator, name: str
) -> None:
    told, body = REFUSED[name]
    status, answer = await bare("POST", "/v1/meetings", body)
    assert status == 400
    assert told in answer["message"]
    assert served.simulator.world.rooms == {}
    assert served.simulator.world.outbox == []


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        (("poweruser", "GOOGLE"), ("PowerUser", "Google")),
        (("ADMIN", "linkedin"), ("Admin", "LinkedIn")),
        (("guest", "passcode"), ("Guest", "Passcode")),
    ],
)
async def test_words_are_taken_in_any_case_and_kept_in_the_vendors(
    bare: Any, served: ServedSimulator, words: tuple[str, str], kept: tuple[str, str]
) -> None:
    rule = {"provider": words[1], "condition": "a@b.c"}
    person = one(role=words[0], accessRules=[rule])
    _, told = await bare("POST", "/v1/meetings", {"participants": [person]})
    (row,) = served.simulator.world.notes[told["code"]]["participants"]
    assert (row["role"], row["accessRules"][0]["provider"]) == kept


async def test_a_code_of_ones_own_is_kept_and_a_second_time_finds_the_same_meet(
    bare: Any, served: ServedSimulator
) -> None:
    body = {"code": "MyCode42", "participants": [one()]}
    _, first = await bare("POST", "/v1/meetings", body)
    _, second = await bare("POST", "/v1/meetings", body)
    assert first == second
    assert first["code"] == "MyCode42"
    assert first["joinUrl"] == served.simulator.join_url("MyCode42")
    assert (len(served.simulator.world.rooms), len(served.simulator.world.outbox)) == (1, 1)


@pytest.mark.parametrize(("free", "minutes"), [(False, 60), (True, 20)])
async def test_a_quick_meet_lasts_an_hour_or_a_third_of_it_if_free(
    bare: Any, served: ServedSimulator, free: bool, minutes: int
) -> None:
    served.simulator.quirks["free_account"] = free
    _, told = await bare("POST", "/v1/meetings", {})
    _, row = await bare("GET", f"/v1/meetings/{told['code']}")
    assert row["schedulingInfo"] == {"duration": minutes}


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/v1/nowhere", None, 404),
        ("PATCH", "/v1/meetings", {}, 404),
        ("GET", "/meetings", None, 404),
        ("GET", "/v1/meetings/none", None, 404),
        ("PUT", "/v1/meetings/none", {}, 404),
        ("GET", "/v1/usage?page=2", None, 400),
        ("GET", "/v1/usage?from=yesterday", None, 400),
        ("GET", "/v1/usage?from=2026-10-01", None, 400),
        ("GET", "/v1/usage?from=2026-10-02T00:00:00Z&to=2026-10-01T00:00:00Z", None, 400),
        ("GET", "/v1/usage?to=2026-10-02T00:00:00Z&to=2026-10-03T00:00:00Z", None, 400),
        ("GET", "/v1/usage/NOBODY", None, 404),
        ("GET", "/v1/feedbacks/NOBODY", None, 404),
        ("GET", "/v1/feedbacks?limit=5", None, 400),
        ("POST", "/v1/meetings", [], 400),
        ("POST", "/v1/meetings", "x", 400),
        ("POST", "/v1/meetings?x=1", {}, 400),
        ("POST", "/v1/addonConfigurations", {}, 400),
        ("POST", "/v1/addonConfigurations", {"name": "x", "type": 2}, 400),
        ("POST", "/v1/addonConfigurations", {"name": "x", "isDefault": "yes"}, 400),
        ("POST", "/v1/addonConfigurations", {"name": "x", "items": [{"identifier": "zoom"}]}, 400),
        ("POST", "/v1/addonConfigurations", {"name": "x", "colour": "red"}, 400),
        ("PUT", "/v1/addonConfigurations/none", {"name": "x"}, 404),
        ("DELETE", "/v1/addonConfigurations/none", None, 404),
        ("POST", "/v1/token", {"grant_type": "password"}, 400),
        ("POST", "/v1/token", {"grant_type": "client_credentials", "client_id": "x"}, 400),
        ("POST", "/v1/token", {"grant_type": "client_credentials"}, 401),
    ],
)
async def test_what_is_wrong_has_a_status_and_a_message(
    bare: Any, method: str, path: str, body: Any, status: int
) -> None:
    told, answer = await bare(method, path, body)
    assert told == status
    assert answer["message"]


@pytest.mark.parametrize("written", ["not json", "{}", '["x"]', '[{"key": 1}]', '[{"name": "x"}]'])
async def test_an_add_ons_properties_are_a_text_of_keys_and_values(bare: Any, written: str) -> None:
    items = [{"identifier": "monaco", "configuration": written}]
    status, _ = await bare("POST", "/v1/addonConfigurations", {"name": "x", "items": items})
    assert status == 400


async def test_a_form_is_no_json(bare: Any) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    status, _ = await bare("POST", "/v1/meetings", {}, **headers)
    assert status == 415


# ---------------------------------------------------------------------------------------- tokens


async def test_a_token_is_a_jwt_of_the_tenant_that_ends_in_an_hour_of_the_world(
    bare: Any, served: ServedSimulator
) -> None:
    token = bare.headers["Authorization"].partition(" ")[2]
    head, claims = (unpacked(part) for part in token.split(".")[:2])
    assert head == {"alg": "HS256", "typ": "JWT"}
    assert claims["tenant"] == next(iter(served.simulator.tenants))
    now = served.simulator.world.now
    assert (claims["iat"], claims["exp"]) == (now.timestamp(), now.timestamp() + 3600)


@pytest.mark.parametrize("scheme", ["bearer", "Bearer", "BEARER"])
async def test_the_scheme_is_taken_in_any_case(bare: Any, scheme: str) -> None:
    token = bare.headers["Authorization"].partition(" ")[2]
    status, _ = await bare("GET", "/v1/usage", Authorization=f"{scheme} {token}")
    assert status == 200


async def test_a_token_that_was_changed_ended_or_taken_back_is_refused(
    bare: Any, served: ServedSimulator
) -> None:
    token = bare.headers["Authorization"].partition(" ")[2]
    head, claims, signature = token.split(".")
    longer = {**unpacked(claims), "exp": 10**12}
    forged = urlsafe_b64encode(json.dumps(longer).encode()).rstrip(b"=").decode()
    unsigned = urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    wrong = ["", "bearer", f"Basic {token}", f"bearer {head}.{forged}.{signature}",
             f"bearer {unsigned}.{forged}.", "bearer ż", f"bearer {token}x"]  # fmt: skip
    for header in wrong:
        status, _ = await bare("GET", "/v1/usage", Authorization=header)
        assert status == 401, header
    assert (await bare("GET", "/v1/usage"))[0] == 200
    served.simulator.revoke_tokens()
    assert (await bare("GET", "/v1/usage"))[0] == 401


async def test_the_date_of_a_reply_is_that_of_the_world(
    bare: Any, sandbox: Sandbox, served: ServedSimulator
) -> None:
    async with bare.session.get(f"{sandbox.origin}/meetrs/v1/nowhere") as reply:
        assert parsedate_to_datetime(reply.headers["Date"]) == served.simulator.world.now
    assert served.simulator.world.now == datetime(2026, 10, 1, 8, tzinfo=UTC)


# -------------------------------------------------------------------------------------- the door


async def test_the_door_of_a_meet_without_people_is_open(
    bare: Any, served: ServedSimulator
) -> None:
    _, told = await bare("POST", "/v1/meetings", {})
    assert served.simulator.join_target([told["code"]], {}).entry_options == (EntryOption(),)


async def test_a_door_is_not_where_no_meet_is(bare: Any, served: ServedSimulator) -> None:
    _, told = await bare("POST", "/v1/meetings", {})
    for parts in ([], ["nowhere"], [told["code"], "more"]):
        with pytest.raises(NotFound):
            served.simulator.join_target(parts, {})
    served.simulator.world.change_room(told["code"], status=RoomStatus.ENDED)
    with pytest.raises(Conflict):
        served.simulator.join_target([told["code"]], {})


async def test_equal_seeds_give_equal_vendors_and_a_reset_begins_anew(
    served: ServedSimulator,
) -> None:
    simulator = served.simulator
    kind: Any = type(simulator)
    assert kind(seed=0).settings()["client_key"] == simulator.settings()["client_key"]
    assert kind(seed=1).settings()["client_key"] != simulator.settings()["client_key"]
    before = simulator.settings()
    simulator.add_tenant("More")
    served.reset()
    assert simulator.settings() == before
    assert len(simulator.tenants) == 2


def unpacked(part: str) -> Any:
    return json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
