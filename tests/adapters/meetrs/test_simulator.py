"""The simulator by itself: what it refuses and with which status, and its quirks."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from conferencing.errors import Conflict, NotFound
from conferencing.model import RoomStatus
from conferencing.sandbox import EntryOption

ANN = {"firstName": "Ann", "lastName": "Lee", "email": "ann@example.com"}
CODE = {"provider": "Passcode", "condition": "12345"}


def participant(**fields: Any) -> dict[str, Any]:
    """Return a participant with some fields changed, and without those that are None."""
    row = {"user": ANN, "role": "User", "accessRules": [CODE]} | fields
    return {name: value for name, value in row.items() if value is not None}


UNKNOWN: dict[str, tuple[str, Any]] = {
    "field": ("color", {"color": "red"}),
    "start under another name": ("startTime", {"schedulingInfo": {"startTime": "x"}}),
    "field of a person": ("age", {"participants": [participant(age=5)]}),
    "field of a user": ("phone", {"participants": [participant(user={"phone": "1"})]}),
    "singular rule": ("accessRole", {"participants": [participant(accessRole=CODE)]}),
    "field of an add-on": ("size", {"addonsInfo": [{"identifier": "monaco", "size": 5}]}),
}
REFUSED: dict[str, tuple[str, Any]] = {
    "title of a wrong type": ("title", {"title": 5}),
    "no minutes": ("duration", {"schedulingInfo": {"duration": 0}}),
    "minutes as text": ("duration", {"schedulingInfo": {"duration": "60"}}),
    "true as minutes": ("duration", {"schedulingInfo": {"duration": True}}),
    "scheduling of a wrong type": ("schedulingInfo", {"schedulingInfo": 60}),
    "a start without an offset": ("startsAt", {"schedulingInfo": {"startsAt": "2026-10-01T08:00"}}),
    "unknown template": ("addonConfigurationId", {"addonConfigurationId": "x"}),
    "add-on of a wrong type": ("identifier", {"addonsInfo": [{"identifier": 5}]}),
    "add-on without a name": ("identifier", {"addonsInfo": [{}]}),
    "people as an object": ("participants", {"participants": {}}),
    "people as texts": ("participants", {"participants": ["Ann"]}),
    "unknown role": ("role", {"participants": [participant(role="Boss")]}),
    "no role": ("role", {"participants": [participant(role=None)]}),
    "unknown provider": (
        "provider",
        {"participants": [participant(accessRules=[{"provider": "SMS"}])]},
    ),
    "rules as an object": ("accessRules", {"participants": [participant(accessRules=CODE)]}),
    "passcode without a code": (
        "condition",
        {"participants": [participant(accessRules=[{"provider": "Passcode"}])]},
    ),
    "sign-in without an address": (
        "condition",
        {
            "participants": [
                participant(user={"firstName": "A"}, accessRules=[{"provider": "Google"}])
            ]
        },
    ),
    "no guest and nobody": ("user", {"participants": [participant(user=None)]}),
    "no guest and no rules": ("accessRules", {"participants": [participant(accessRules=[])]}),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_invalid_meeting_is_refused(bare, served, name) -> None:
    named, body = REFUSED[name]
    status, reply = await bare("POST", "/v1/meetings", body)
    assert status == 400
    assert named in reply["message"]
    assert served.simulator.world.rooms == {}
    assert served.simulator.world.outbox == []


@pytest.mark.parametrize("name", UNKNOWN)
async def test_unknown_fields_are_ignored(bare, name) -> None:
    status, _ = await bare("POST", "/v1/meetings", UNKNOWN[name][1])
    assert status == 200


@pytest.mark.parametrize("name", UNKNOWN)
async def test_refuse_unknown_names_the_field(bare, served, name) -> None:
    served.simulator.quirks["refuse_unknown"] = True
    named, body = UNKNOWN[name]
    status, reply = await bare("POST", "/v1/meetings", body)
    assert status == 400
    assert f"{named} is not known" in reply["message"]
    assert served.simulator.world.rooms == {}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/v1/usage?page=2", None),
        ("GET", "/v1/feedbacks?limit=5", None),
        ("POST", "/v1/meetings?x=1", {}),
        ("POST", "/v1/addonConfigurations", {"name": "x", "colour": "red"}),
    ],
)
async def test_unknown_parameters_are_a_quirk(bare, served, method, path, body) -> None:
    assert (await bare(method, path, body))[0] == 200
    served.simulator.quirks["refuse_unknown"] = True
    assert (await bare(method, path, body))[0] == 400


async def test_own_addons_are_accepted(bare) -> None:
    """The vendor's developer tools are there to run an add-on of one's own."""
    addon = {"identifier": "my-own-addon"}
    status, _ = await bare("POST", "/v1/meetings", {"addonsInfo": [addon]})
    assert status == 200
    body = {"name": "Mine", "items": [addon]}
    status, row = await bare("POST", "/v1/addonConfigurations", body)
    assert (status, row["items"]) == (200, [addon])


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        (("poweruser", "GOOGLE"), ("PowerUser", "Google")),
        (("ADMIN", "linkedin"), ("Admin", "LinkedIn")),
        (("guest", "passcode"), ("Guest", "Passcode")),
    ],
)
async def test_words_are_compared_without_case(bare, served, words, kept) -> None:
    rule = {"provider": words[1], "condition": "a@b.c"}
    person = participant(role=words[0], accessRules=[rule])
    _, created = await bare("POST", "/v1/meetings", {"participants": [person]})
    (row,) = served.simulator.world.notes[created["code"]]["participants"]
    assert (row["role"], row["accessRules"][0]["provider"]) == kept


async def test_code_sent_again_returns_same_meeting(bare, served) -> None:
    body = {"code": "MyCode42", "participants": [participant()]}
    _, first = await bare("POST", "/v1/meetings", body)
    _, second = await bare("POST", "/v1/meetings", body)
    assert first == second
    assert first["code"] == "MyCode42"
    assert first["joinUrl"] == served.simulator.join_url("MyCode42")
    assert (len(served.simulator.world.rooms), len(served.simulator.world.outbox)) == (1, 1)


@pytest.mark.parametrize(("free", "minutes"), [(False, 60), (True, 20)])
async def test_quick_meeting_has_default_duration(bare, served, free, minutes) -> None:
    served.simulator.quirks["free_account"] = free
    _, created = await bare("POST", "/v1/meetings", {})
    _, row = await bare("GET", f"/v1/meetings/{created['code']}")
    assert row["schedulingInfo"] == {"duration": minutes}


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/v1/nowhere", None, 404),
        ("PATCH", "/v1/meetings", {}, 404),
        ("GET", "/meetings", None, 404),
        ("GET", "/v1/meetings/none", None, 404),
        ("PUT", "/v1/meetings/none", {}, 404),
        ("GET", "/v1/usage?from=yesterday", None, 400),
        ("GET", "/v1/usage?from=2026-10-01", None, 400),
        ("GET", "/v1/usage?from=2026-10-02T00:00:00Z&to=2026-10-01T00:00:00Z", None, 400),
        ("GET", "/v1/usage/NOBODY", None, 404),
        ("GET", "/v1/feedbacks/NOBODY", None, 404),
        ("POST", "/v1/meetings", [], 400),
        ("POST", "/v1/meetings", "x", 400),
        ("POST", "/v1/addonConfigurations", {}, 400),
        ("POST", "/v1/addonConfigurations", {"name": "x", "type": 2}, 400),
        ("POST", "/v1/addonConfigurations", {"name": "x", "isDefault": "yes"}, 400),
        ("POST", "/v1/addonConfigurations", {"name": "x", "items": [{}]}, 400),
        ("POST", "/v1/addonConfigurations", {"name": "x", "items": [{"identifier": 5}]}, 400),
        ("PUT", "/v1/addonConfigurations/none", {"name": "x"}, 404),
        ("DELETE", "/v1/addonConfigurations/none", None, 404),
        ("POST", "/v1/token", {"grant_type": "password"}, 400),
        ("POST", "/v1/token", {"grant_type": "client_credentials", "client_id": "x"}, 401),
        ("POST", "/v1/token", {"grant_type": "client_credentials"}, 401),
    ],
)
async def test_refusals_have_status_and_message(bare, method, path, body, status) -> None:
    received, reply = await bare(method, path, body)
    assert received == status
    assert reply["message"]


@pytest.mark.parametrize("written", ["not json", "{}", '["x"]', '[{"key": 1}]', '[{"name": "x"}]'])
async def test_invalid_addon_properties_are_refused(bare, written) -> None:
    items = [{"identifier": "monaco", "configuration": written}]
    status, _ = await bare("POST", "/v1/addonConfigurations", {"name": "x", "items": items})
    assert status == 400


async def test_form_is_refused_as_not_json(bare) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    status, _ = await bare("POST", "/v1/meetings", {}, **headers)
    assert status == 415


# ---------------------------------------------------------------------------------------- tokens


async def test_token_is_a_jwt_of_an_hour(bare, served) -> None:
    token = bare.headers["Authorization"].partition(" ")[2]
    head, claims = (decode_part(part) for part in token.split(".")[:2])
    assert head == {"alg": "HS256", "typ": "JWT"}
    assert claims["tenant"] == next(iter(served.simulator.tenants))
    now = served.simulator.world.now
    assert (claims["iat"], claims["exp"]) == (now.timestamp(), now.timestamp() + 3600)


@pytest.mark.parametrize("scheme", ["bearer", "Bearer", "BEARER"])
async def test_scheme_is_compared_without_case(bare, scheme) -> None:
    token = bare.headers["Authorization"].partition(" ")[2]
    status, _ = await bare("GET", "/v1/usage", Authorization=f"{scheme} {token}")
    assert status == 200


async def test_invalid_token_is_refused(bare, served) -> None:
    token = bare.headers["Authorization"].partition(" ")[2]
    head, claims, signature = token.split(".")
    longer = {**decode_part(claims), "exp": 10**12}
    forged = urlsafe_b64encode(json.dumps(longer).encode()).rstrip(b"=").decode()
    unsigned = urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    invalid = ["", "bearer", f"Basic {token}", f"bearer {head}.{forged}.{signature}",
             f"bearer {unsigned}.{forged}.", "bearer ż", f"bearer {token}x"]  # fmt: skip
    for header in invalid:
        status, _ = await bare("GET", "/v1/usage", Authorization=header)
        assert status == 401, header
    assert (await bare("GET", "/v1/usage"))[0] == 200
    served.simulator.revoke_tokens()
    assert (await bare("GET", "/v1/usage"))[0] == 401


async def test_date_is_the_clock_of_the_world(bare, sandbox, served) -> None:
    async with bare.session.get(f"{sandbox.origin}/meetrs/v1/nowhere") as reply:
        assert parsedate_to_datetime(reply.headers["Date"]) == served.simulator.world.now
    assert served.simulator.world.now == datetime(2026, 10, 1, 8, tzinfo=UTC)


# ------------------------------------------------------------------------------- the join links


async def test_meeting_without_people_is_open(bare, served) -> None:
    _, created = await bare("POST", "/v1/meetings", {})
    assert served.simulator.join_target([created["code"]], {}).entry_options == (EntryOption(),)


async def test_unknown_link_is_not_found(bare, served) -> None:
    _, created = await bare("POST", "/v1/meetings", {})
    for parts in ([], ["nowhere"], [created["code"], "more"]):
        with pytest.raises(NotFound):
            served.simulator.join_target(parts, {})
    served.simulator.world.change_room(created["code"], status=RoomStatus.ENDED)
    with pytest.raises(Conflict):
        served.simulator.join_target([created["code"]], {})


async def test_equal_seeds_give_equal_tenants(served) -> None:
    simulator = served.simulator
    kind: Any = type(simulator)
    assert kind(seed=0).settings()["client_key"] == simulator.settings()["client_key"]
    assert kind(seed=1).settings()["client_key"] != simulator.settings()["client_key"]
    before = simulator.settings()
    simulator.add_tenant("More")
    served.reset()
    assert simulator.settings() == before
    assert len(simulator.tenants) == 2


# ---------------------------------------------------------------------------------------- quirks


async def test_missing_fields_leave_three_of_a_meeting(bare, served) -> None:
    served.simulator.quirks["missing_fields"] = True
    _, row = await bare("POST", "/v1/meetings", {})
    assert set(row) == {"id", "code", "partitionKey"}


async def test_other_spellings_number_the_roles(bare, served) -> None:
    served.simulator.quirks["other_spellings"] = True
    _, created = await bare("POST", "/v1/meetings", {"participants": [participant()]})
    _, row = await bare("GET", f"/v1/meetings/{created['code']}")
    assert row["participants"][0]["role"] == 3


async def test_extra_fields_are_in_every_object(bare, served) -> None:
    served.simulator.quirks["extra_fields"] = True
    _, created = await bare("POST", "/v1/meetings", {"participants": [participant()]})
    _, row = await bare("GET", f"/v1/meetings/{created['code']}")
    assert all("not_documented" in part for part in (created, row, row["participants"][0]["user"]))


# --------------------------------------------------------------------------------------- helpers


def decode_part(part: str) -> Any:
    return json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
