"""Drafts: every field takes what it can mean, and refuses the rest by name before anything is sent."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from attrs import evolve

from conferencing import (
    Anyone,
    InvalidRequest,
    Invitee,
    Passcode,
    Person,
    PersonalToken,
    Role,
    RoomDraft,
    RoomKind,
    RoomSettings,
    RoomStatus,
    Sent,
    SignIn,
    Template,
)
from conferencing.model.drafts import (
    Invitation,
    RegistrationDraft,
    RoomChanges,
    RoomFields,
    SessionDraft,
    build_person,
)
from conferencing.model.emails import same_email

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)


class NoOffset(tzinfo):
    """A zone that does not know its offset, so that a datetime with it is naive."""

    def utcoffset(self, moment: datetime | None) -> None:
        return None


GOOD: list[tuple[str, Any, Any]] = [
    ("name", "Zażółć 🎥 <b>", "Zażółć 🎥 <b>"),
    ("kind", "webinar", RoomKind.WEBINAR),
    ("kind", RoomKind.MEETING, RoomKind.MEETING),
    ("starts_at", NOON, NOON),
    ("starts_at", NOON.astimezone(ZoneInfo("Asia/Kathmandu")), NOON),
    ("duration", timedelta(seconds=1), timedelta(seconds=1)),
    ("timezone", "Europe/Warsaw", "Europe/Warsaw"),
    ("timezone", "UTC", "UTC"),
    ("permanent", False, False),
    ("entry", Anyone(), (Anyone(),)),
    ("entry", [Passcode("x"), SignIn("google")], (Passcode("x"), SignIn("google"))),
    ("entry", (PersonalToken(),), (PersonalToken(),)),
    ("description", "", ""),
    ("registration", True, True),
    ("recurrence", "FREQ=WEEKLY;COUNT=3", "FREQ=WEEKLY;COUNT=3"),
    ("approval", True, True),
    ("waiting_room", False, False),
    ("capacity", 1, 1),
    ("settings", RoomSettings(camera=False), RoomSettings(camera=False)),
    ("host", Person(name="Ann"), Person(name="Ann")),
    ("people", [Person(name="Ann")], (Invitee(person=Person(name="Ann")),)),
    (
        "people",
        [Invitee(role="guest", entry=Passcode("x"))],
        (Invitee(role=Role.GUEST, entry=(Passcode("x"),)),),
    ),
    ("template", "t-1", "t-1"),
    ("template", Template(id="t-1"), "t-1"),
    ("status", "ended", RoomStatus.ENDED),
    ("status", RoomStatus.OPEN, RoomStatus.OPEN),
    ("native", {"any": "thing"}, {"any": "thing"}),
]
BAD: list[tuple[str, Any]] = [
    ("name", 5),
    ("name", b"Launch"),
    ("kind", "party"),
    ("kind", "unknown"),
    ("kind", 5),
    ("starts_at", NOON.replace(tzinfo=None)),
    ("starts_at", NOON.replace(tzinfo=NoOffset())),
    ("starts_at", date(2026, 10, 1)),
    ("starts_at", "2026-10-01T12:00:00Z"),
    ("starts_at", NOON.timestamp()),
    ("duration", timedelta()),
    ("duration", timedelta(minutes=-1)),
    ("duration", 60),
    ("duration", time(1)),
    ("timezone", "Mars/Olympus"),
    ("timezone", ""),
    ("timezone", "../etc/passwd"),
    ("timezone", "Europe"),
    ("timezone", "Europe/War\0saw"),
    ("timezone", ZoneInfo("Europe/Warsaw")),
    ("permanent", 1),
    ("permanent", "yes"),
    ("entry", "passcode"),
    ("entry", []),
    ("entry", [Passcode("x"), "open"]),
    ("entry", 5),
    ("description", 5),
    ("registration", 0),
    ("recurrence", "FREQ=HOURLY"),
    ("approval", "yes"),
    ("waiting_room", "true"),
    ("capacity", 0),
    ("capacity", -1),
    ("capacity", 2.5),
    ("capacity", True),
    ("capacity", "100"),
    ("settings", {"camera": False}),
    ("host", "Ann"),
    ("people", "Ann"),
    ("people", 5),
    ("people", [Anyone()]),
    ("template", 5),
    ("status", "unknown"),
    ("status", "closed"),
    ("native", "not a mapping"),
]


@pytest.mark.parametrize(("name", "value", "kept"), GOOD, ids=lambda part: str(part)[:30])
def test_field_accepts_valid_values(name, value, kept) -> None:
    draft = RoomDraft(**{name: value})
    assert getattr(draft, name) == kept
    assert all(getattr(draft, other) is None for other in fields() - {name, "native"})


@pytest.mark.parametrize(("name", "value"), BAD, ids=lambda part: str(part)[:30])
def test_field_refuses_invalid_values(name, value) -> None:
    with pytest.raises(InvalidRequest) as caught:
        RoomDraft(**{name: value})
    assert caught.value.field == name
    assert name in caught.value.message


def test_refused_draft_was_not_sent() -> None:
    with pytest.raises(InvalidRequest) as caught:
        RoomDraft(kind="party")
    assert caught.value.sent is Sent.NO


def test_tables_name_every_field() -> None:
    assert {name for name, _, _ in GOOD} == {name for name, _ in BAD} == fields()


@pytest.mark.parametrize("name", sorted(RoomChanges.__annotations__.keys() | {"native"}))
def test_none_is_not_set(name) -> None:
    assert RoomDraft(**{name: None} if name != "native" else {}).set_fields() == frozenset()


def test_arguments_match_draft_fields() -> None:
    created = set(RoomFields.__annotations__)
    assert created == fields() - {"name", "status", "native"}
    assert created | set(RoomChanges.__annotations__) == fields() - {"native"}


def test_naive_datetime_is_refused_with_remedy() -> None:
    with pytest.raises(InvalidRequest, match=r"tzinfo=ZoneInfo") as caught:
        RoomDraft(starts_at=NOON.replace(tzinfo=None))
    assert "2026-10-01T12:00:00" in caught.value.message


def test_unknown_word_lists_the_known() -> None:
    with pytest.raises(InvalidRequest, match="meeting, webinar") as caught:
        RoomDraft(kind="party")
    assert "unknown" not in caught.value.message


def test_set_fields_include_single_settings() -> None:
    draft = RoomDraft(
        name="",
        permanent=False,
        settings=RoomSettings(camera=False, recording=True),
        native={"access_type": 4},
    )
    assert draft.set_fields() == {"name", "permanent", "settings.camera", "settings.recording"}
    assert RoomDraft(settings=RoomSettings()).set_fields() == frozenset()


@pytest.mark.parametrize(
    "email",
    ["ann@example.com", "ann+tag@sub.example.co", "zoë@przykład.pl", "o'hara@example.com"],
)
def test_valid_address_is_kept(email) -> None:
    assert build_person(email, name="Ann") == Person(email=email, name="Ann")


@pytest.mark.parametrize(
    "email",
    [
        "",
        "ann",
        "@example.com",
        "ann@",
        "ann@@example.com",
        "a@b@c",
        "ann lee@example.com",
        "a@b",
        "ann@example.com;",
        "ann@example..com",
        "ann@example.com.",
        "ann@example.com, bo@example.com",
        "ann@example.com (Ann)",
        "mailto:ann%40example.com@example.com",
        "ann@exam\nple.com",
        "ann@example.com\r\nBcc: all@example.com",
        "ann@example.com\u200b",
        5,
    ],
)
def test_invalid_address_is_refused(email) -> None:
    with pytest.raises(InvalidRequest) as caught:
        build_person(email)
    assert caught.value.field == "email"


@pytest.mark.parametrize(
    ("written", "person"),
    [
        (" ann@example.com ", Person()),
        ("<ann@example.com>", Person()),
        ("mailto:ann@example.com", Person()),
        ("Ann <MAILTO:ann@EXAMPLE.com>", Person(name="Ann")),
        ("Ann Lee <ann@example.com>", Person(name="Ann Lee", first_name="Ann", last_name="Lee")),
        ('"Lee, Ann" <ann@example.com>', Person(name="Ann Lee", first_name="Ann", last_name="Lee")),
        ("Lee, Ann <ann@example.com>", Person(name="Ann Lee", first_name="Ann", last_name="Lee")),
    ],
)
def test_written_forms_of_an_address_are_read(written, person) -> None:
    expected = evolve(person, email="ann@example.com")
    assert build_person(written) == expected
    assert Invitation(people=(Person(email=written),)).people == (expected,)
    assert RegistrationDraft(person=Person(email=written)).person == expected
    host = SessionDraft(host=Person(email=written)).host
    assert (host.email, host.display_name) == (expected.email, expected.display_name)
    assert RoomDraft(host=Person(email=written)).host == host
    assert Invitee(person=Person(email=written)).person == host
    assert same_email(written, "ann@example.com")


@pytest.mark.parametrize("email", ["Ann Lee <ann@example.com>", "Lee, Ann <ann@example.com>"])
def test_name_beside_an_address_agrees_with_the_person(email) -> None:
    person = Person(email=email, first_name="Ann Mary", last_name="Lee")
    draft = RegistrationDraft(person=person)
    assert draft.person == evolve(person, email="ann@example.com")
    with pytest.raises(InvalidRequest, match="names another person than 'Bo Li'"):
        RegistrationDraft(person=Person(email=email, name="Bo Li"))


@pytest.mark.parametrize(
    ("name", "first", "last", "shown"),
    [
        ("Ann Lee", "Ann", "Lee", "Ann Lee"),
        ("Ana María de la Cruz", "Ana María de la", "Cruz", "Ana María de la Cruz"),
        ("Lee, Ann", "Ann", "Lee", "Ann Lee"),
        ("de la Cruz, Ana", "Ana", "de la Cruz", "Ana de la Cruz"),
        ("Ann", None, None, "Ann"),
        ("LI Bo", None, None, "LI Bo"),
        ("AJ Lee", None, None, "AJ Lee"),
        ("ANN LEE", "ANN", "LEE", "ANN LEE"),
        ("Ann LEE", "Ann", "LEE", "Ann LEE"),
        ("Annie (Ann Lee)", None, None, "Annie (Ann Lee)"),
    ],
)
def test_full_name_is_split_where_it_is_certain(name, first, last, shown) -> None:
    person = build_person("ann@example.com", name=name)
    assert (person.first_name, person.last_name, person.name) == (first, last, shown)


@pytest.mark.parametrize("name", ["Lee, Ann, PhD", "Ann Lee, Ph.D.", "Lee,", ", Ann", "King, Jr."])
def test_name_with_an_unclear_comma_is_refused(name) -> None:
    with pytest.raises(InvalidRequest, match="write it as 'Lee, Ann'") as caught:
        build_person("ann@example.com", name=name)
    assert caught.value.field == "name"


@pytest.mark.parametrize(
    "people", [(), (Person(name="Ann"),), (Person(email="a@example.com"), Person(email=""))]
)
def test_invitation_needs_an_address(people) -> None:
    with pytest.raises(InvalidRequest) as caught:
        Invitation(people=people)
    assert caught.value.field == "people"


def test_draft_is_immutable() -> None:
    drafts = [
        RoomDraft(name="Launch"),
        RegistrationDraft(person=Person(name="Ann")),
        Invitation(people=(Person(email="a@example.com"),)),
    ]
    for draft in drafts:
        with pytest.raises(AttributeError):
            draft.native = {}


def fields() -> set[str]:
    return {field.name for field in attrs.fields(RoomDraft)}
