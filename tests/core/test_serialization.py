"""Models, results and errors as plain data: complete, exact, and without secrets unless asked for."""

from __future__ import annotations

import json
import pickle
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from inspect import isclass
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import conferencing
from conferencing import (
    Anyone,
    Attendance,
    ConferencingError,
    Features,
    File,
    Frequency,
    InvalidRequest,
    JoinLink,
    NotFound,
    Occurrence,
    Participant,
    Passcode,
    Person,
    PersonalToken,
    PersonAttendance,
    Recording,
    Role,
    Room,
    RoomDraft,
    Secret,
    Segment,
    Session,
    SignIn,
    WebhookSubscription,
    read_config,
    to_dict,
    to_json,
)
from conferencing import errors as error_module
from conferencing.bulk import BulkResult, BulkRow, Outcome
from conferencing.model.native import Native
from conferencing.report import AttendanceReport, Summary
from conferencing.sync import connect

WARSAW = ZoneInfo("Europe/Warsaw")
START = datetime(2027, 3, 22, 17, tzinfo=WARSAW)
HOUR = timedelta(hours=1)

MODELS = [
    kind
    for name in conferencing.model.__all__
    if isclass(kind := getattr(conferencing, name)) and attrs.has(kind)
]
ERRORS = [
    kind
    for name in error_module.__all__
    if isclass(kind := getattr(error_module, name)) and issubclass(kind, ConferencingError)
]


# --------------------------------------------------------------------------------- every class


def make(kind: Any) -> Any:
    """Return a value of a class: its required fields are set, and nothing else."""
    required = {
        "room_id": "7", "id": "7", "url": "https://vendor.test/x", "code": "s3cret-code",
        "joined_at": START, "at": START, "people": 3, "records": (), "identity": "google",
        "person": Person(email="ann@example.org"), "host": Person(name="Ann"),
        "frequency": Frequency.DAILY, "day": "MO", "credential": "application",
    }  # fmt: skip
    if kind.__name__ == "Invitation":
        required["people"] = (Person(email="ann@example.org"),)
    needed = [each.alias for each in attrs.fields(kind) if each.default is attrs.NOTHING]
    return kind(**{name: required[name] for name in needed})


@pytest.mark.parametrize("kind", MODELS, ids=lambda kind: kind.__name__)
def test_each_model_has_all_its_fields(kind: Any) -> None:
    data = json.loads(to_json(make(kind)))
    assert {each.alias for each in attrs.fields(kind)} <= data.keys()


@pytest.mark.parametrize("kind", MODELS, ids=lambda kind: kind.__name__)
def test_each_model_hides_secrets(kind: Any) -> None:
    text = to_json(make(kind))
    assert "s3cret" not in text
    # The address of a subscription is the application's own.
    assert "https:" not in text or kind is WebhookSubscription


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_each_error_has_class_message_and_code(kind: type[ConferencingError]) -> None:
    data = json.loads(to_json(kind("it failed", code="E1", account="main")))
    assert data["kind"] == kind.__name__
    assert (data["message"], data["code"], data["account"]) == ("it failed", "E1", "main")
    assert data["sent"] in {"no", "maybe", "yes"}


def test_error_without_facts_has_few_fields() -> None:
    assert to_dict(NotFound("no such room")) == {
        "kind": "NotFound",
        "message": "no such room",
        "sent": "yes",
        "retryable": False,
    }


# ------------------------------------------------------------------------------- single values


@pytest.mark.parametrize(
    ("value", "data"),
    [
        (None, None),
        (True, True),
        (Role.HOST, "host"),
        (timedelta(minutes=1.5), 90.0),
        (START, "2027-03-22T17:00:00+01:00"),
        (date(2027, 3, 22), "2027-03-22"),
        (WARSAW, "Europe/Warsaw"),
        ((1, [2]), [1, [2]]),
        (frozenset({Role.HOST, Role.GUEST}), ["guest", "host"]),
        ({Role.HOST: 1, 2: None}, {"host": 1, "2": None}),
        (Anyone(), {"kind": "open"}),
        (PersonalToken(), {"kind": "token"}),
        (Passcode("pin", role=Role.HOST), {"kind": "passcode", "code": "***", "role": "host"}),
        (SignIn("google"), {"kind": "sign-in", "identity": "google", "email": None}),
    ],
    ids=lambda value: type(value).__name__,  # a set has no order,
)
def test_value_becomes_plain(value: object, data: object) -> None:
    plain = to_dict(value)
    assert plain == data
    assert type(plain) is type(data)


def test_enum_becomes_its_value_not_member() -> None:
    assert type(to_dict(Room(id="1"))["kind"]) is str


@pytest.mark.parametrize("value", [object(), b"bytes", Room, len, (room for room in ())])
def test_other_type_raises(value: object) -> None:
    with pytest.raises(InvalidRequest, match="cannot be written as plain data"):
        to_dict([value])


def test_infinite_number_raises() -> None:
    with pytest.raises(InvalidRequest, match="cannot be written as JSON"):
        to_json({"share": float("inf")})


def test_listing_has_to_be_collected() -> None:
    with connect({"provider": "memory"}) as conference:
        conference.create_room("Board")
        with pytest.raises(InvalidRequest, match="collected"):
            to_dict(conference.rooms())
        assert [room["name"] for room in to_dict(conference.rooms().collect())] == ["Board"]


# ----------------------------------------------------------------------------------------- times


@pytest.mark.parametrize(
    ("value", "zones"),
    [
        (Room(id="1", starts_at=START), {"timezone": "Europe/Warsaw"}),
        (Room(id="1", starts_at=START, timezone="Europe/Warsaw"), {"timezone": "Europe/Warsaw"}),
        (Room(id="1", starts_at=START.astimezone(UTC)), {"timezone": None}),
        (RoomDraft(starts_at=START), {"timezone": "Europe/Warsaw"}),
        (Occurrence(id="1", starts_at=START), {"timezone": "Europe/Warsaw"}),
        (Segment(joined_at=START, left_at=START), {"timezone": "Europe/Warsaw"}),
        (Segment(joined_at=START.astimezone(UTC)), {}),
        (
            Room(id="1", starts_at=START, timezone="Europe/Berlin"),
            {"timezone": "Europe/Berlin", "starts_at_timezone": "Europe/Warsaw"},
        ),
        (
            Session(id="1", started_at=START, ended_at=START.astimezone(ZoneInfo("Asia/Tokyo"))),
            {"timezone": "Europe/Warsaw", "ended_at_timezone": "Asia/Tokyo"},
        ),
    ],
)
def test_zone_of_time_is_beside_it(value: object, zones: Mapping[str, str | None]) -> None:
    data = to_dict(value)
    assert {name: part for name, part in data.items() if name.endswith("timezone")} == zones


zones = st.sampled_from([UTC, WARSAW, ZoneInfo("America/New_York"), ZoneInfo("Asia/Kolkata")])


@given(
    st.datetimes(timezones=zones, allow_imaginary=False),
    st.timedeltas(timedelta(0), timedelta(days=40_000)),
)
def test_time_and_duration_can_be_restored(starts_at: datetime, duration: timedelta) -> None:
    data = json.loads(to_json(RoomDraft(name="x", starts_at=starts_at)))
    moment = datetime.fromisoformat(data["starts_at"])
    assert moment.utcoffset() == starts_at.utcoffset()
    if data["timezone"]:
        moment = moment.astimezone(ZoneInfo(data["timezone"]))
    assert (moment.replace(tzinfo=None), moment.utcoffset()) == (
        starts_at.replace(tzinfo=None),
        starts_at.utcoffset(),
    )
    assert timedelta(seconds=json.loads(to_json(duration))) == duration


@settings(max_examples=50)
@given(st.text(st.characters()))
def test_any_name_survives_json(name: str) -> None:
    text = to_json(Person(name=name))
    text.encode()  # can be sent
    assert json.loads(text)["name"] == name


# --------------------------------------------------------------------------------------- secrets


ROOM = Room(
    id="1",
    entry=(Passcode("s3cret"),),
    join_url="https://vendor.test/board",
    native=Native(
        {
            "pin": 1234,
            "nested": {"room": "https://vendor.test/board?h=1"},
            "embed": "<script src='https://vendor.test/e'></script>",
            "rows": ["a", {"url": "HTTPS://vendor.test"}],
        },
        frozenset({"pin"}),
    ),
)


def test_room_hides_codes_and_addresses() -> None:
    data = to_dict(ROOM)
    assert data["entry"] == [{"kind": "passcode", "code": "***", "role": None}]
    assert data["join_url"] == "***"
    assert data["native"] == {
        "pin": "***",
        "nested": {"room": "***"},
        "embed": "<script src='***'></script>",
        "rows": ["a", {"url": "***"}],
    }


def test_room_with_secrets_has_all() -> None:
    data = to_dict(ROOM, secrets=True)
    assert data["entry"][0]["code"] == "s3cret"
    assert data["join_url"] == "https://vendor.test/board"
    assert data["native"]["pin"] == "1234"
    assert data["native"]["embed"] == "<script src='https://vendor.test/e'></script>"


@pytest.mark.parametrize(
    "value",
    [
        Secret("s3cret"),
        JoinLink(url="https://vendor.test/s3cret"),
        Participant(join_link=JoinLink(url="https://vendor.test/s3cret")),
        Recording(id="1", files=(File(url="https://vendor.test/s3cret"),)),
        {"links": [JoinLink(url="https://vendor.test/s3cret")]},
    ],
    ids=lambda value: type(value).__name__,
)
def test_secret_inside_is_hidden(value: object) -> None:
    assert "s3cret" not in to_json(value)
    assert "***" in to_json(value)
    assert "s3cret" in to_json(value, secrets=True)


def test_configuration_hides_its_strings(tmp_path: Any) -> None:
    file = tmp_path / "conferencing.toml"
    file.write_text('[accounts.a]\nprovider = "memory"\napi_key = "s3cret"\n', "utf-8")
    assert "s3cret" not in to_json(read_config(file))


def test_pickled_secret_is_hidden_or_raises() -> None:
    copy = pickle.loads(pickle.dumps(JoinLink(url="https://vendor.test/s3cret")))
    assert to_dict(copy)["url"] == "***"
    with pytest.raises(ConferencingError):
        to_dict(copy, secrets=True)


# ----------------------------------------------------------------------------- computed values


def test_computed_values_are_included() -> None:
    stay = Segment(joined_at=START, left_at=START + HOUR)
    record = Attendance(id="1", segments=(stay,), display_name="Ann")
    assert to_dict(Room(id="1", starts_at=START, duration=HOUR))["ends_at"].startswith(
        "2027-03-22T18"
    )
    assert to_dict(Session(id="1", started_at=START, ended_at=START + HOUR))["duration"] == 3600
    assert to_dict(record)["duration"] == 3600
    assert to_dict(PersonAttendance(records=(record,)))["display_name"] == "Ann"


def test_unknown_duration_is_null() -> None:
    assert to_dict(Attendance(id="1", segments=(Segment(joined_at=START),)))["duration"] is None


def test_bulk_result_has_rows_and_counts() -> None:
    row = BulkRow(number=2, person=Person(email="ann@example.org"), outcome=Outcome.UNSENT)
    data = to_dict(BulkResult(rows=(row,)))
    assert data["rows"][0]["person"]["email"] == "ann@example.org"
    assert data["counts"]["not-sent"] == 1
    assert data["complete"] is False


def test_report_and_capabilities_are_plain() -> None:
    summary = Summary(**{each.name: None for each in attrs.fields(Summary)})
    report = AttendanceReport(
        room=Room(id="1"), provider="memory", account="a", timezone=WARSAW, made_at=START,
        summary=summary,
    )  # fmt: skip
    assert to_dict(report)["timezone"] == "Europe/Warsaw"
    assert to_dict(Features())["entry"] == ["open"]
    with connect({"provider": "memory"}) as conference:
        assert to_dict(conference.capabilities)["operations"]["create_room"] == "yes"


def test_indent_gives_several_lines() -> None:
    assert to_json(Anyone(), indent=1) == '{\n "kind": "open"\n}'
