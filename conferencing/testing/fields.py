"""The part of the suite on what a room is made with: each field arrives, or is refused unsent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from attrs import evolve, fields

from conferencing.errors import ConferencingError, UnsupportedOption
from conferencing.model import (
    Anyone,
    EntryKind,
    EntryRule,
    Passcode,
    Person,
    PersonalToken,
    Role,
    Room,
    RoomSettings,
    SignIn,
)
from conferencing.model.drafts import Invitee, RoomDraft

from .base import Harness, SuiteBase
from .expect import equal, expect, outcome, raised
from .scenario import ANN, BEN, HOST, Scenario
from .state import state

__all__ = ["FieldTests", "entry_candidates"]

WARSAW: Final = ZoneInfo("Europe/Warsaw")
CODE: Final = "s3cret-c0de"
PAIRS: Final[dict[str, tuple[Any, Any]]] = {
    "name": ("Launch", "Łódź 東京"),
    "description": ("One\ntwo", "Three & <four>"),
    "starts_at": (
        datetime(2026, 10, 24, 10, 15, tzinfo=WARSAW),
        datetime(2026, 11, 3, 9, 0, tzinfo=UTC),
    ),
    "duration": (timedelta(minutes=75), timedelta(hours=2)),
    "timezone": ("Asia/Tokyo", "America/St_Johns"),
    "permanent": (True, False),
    "registration": (True, False),
    "waiting_room": (True, False),
    "capacity": (17, 23),
    "host": (HOST, BEN),
    "status": ("ended", "open"),
}
ENTRIES: Final[dict[EntryKind, tuple[EntryRule, ...]]] = {
    EntryKind.OPEN: (Anyone(),),
    EntryKind.PASSCODE: (
        Passcode(CODE),
        Passcode(CODE, role=Role.ATTENDEE),
        Passcode(CODE, role=Role.HOST),
    ),
    EntryKind.TOKEN: (PersonalToken(),),
    EntryKind.SIGN_IN: (SignIn("google", email="ann@example.com"), SignIn("google")),
}


def entry_candidates(kind: EntryKind) -> tuple[EntryRule, ...]:
    """Return rules of a kind; a vendor that has the kind takes at least one of them."""
    return ENTRIES[kind]


def all_fields() -> list[str]:
    """Return the names of all fields, single settings as `settings.<name>`."""
    names = [one.name for one in fields(RoomDraft) if one.name not in {"native", "settings"}]
    return names + [f"settings.{one.name}" for one in fields(RoomSettings)]


class FieldTests(SuiteBase):
    """Say one thing of a room at a time, and look what the vendor has of it."""

    def test_each_field_arrives_when_a_room_is_created(self, field: str) -> None:
        """The world has the value, or at least differs with it."""
        self.run(lambda harness: self._arrives(harness, field, update=False))

    def test_each_field_arrives_when_a_room_is_changed(self, change: str) -> None:
        """What else the room has stays as it was."""
        self.run(lambda harness: self._arrives(harness, change, update=True))

    def test_a_field_that_is_not_declared_is_refused_and_nothing_is_sent(self, unsaid: str) -> None:
        """The error names the field and the provider."""

        async def scene(harness: Harness) -> None:
            async with harness.scenario() as scenario:
                value = _any_value(unsaid)
                error = await raised(
                    scenario.conference.create_room("Launch", **_said(unsaid, value)),
                    UnsupportedOption,
                    f"create_room({unsaid}=...)",
                )
                equal(error.field, unsaid, "the field that the error names")
                expect(scenario.harness.suite.adapter().name in str(error), "it names no provider")
                sent = scenario.served.requests if scenario.served else ()
                expect(not sent, f"{unsaid} was refused after something was sent")

        self.run(scene)

    def test_each_kind_of_entry_is_what_lets_people_in(self) -> None:
        """A passcode is the very one that was given."""
        features = self.adapter().features
        if "entry" not in features.create_fields:
            return

        async def scene(harness: Harness) -> None:
            for kind in sorted(features.entry):
                async with harness.scenario() as scenario:
                    room, rule = await _with_entry(scenario, kind)
                    real = _real_entry(scenario, room)
                    if real is None:
                        continue
                    same = [one for one in real if one.kind is kind]
                    expect(same, f"a room with {rule!r} lets in by {list(real)!r}")
                    if isinstance(rule, Passcode):
                        equal(_code(same), CODE, "the passcode that lets people in")

        self.run(scene)

    async def _arrives(self, harness: Harness, field: str, *, update: bool) -> None:
        async with harness.scenario() as scenario:
            values = await _values(scenario, field)
        states: list[dict[str, object]] = []
        for value in (values * 2)[:3] if len(values) > 1 else values:
            async with harness.scenario() as scenario:
                room = await _made(scenario, field, value, update=update)
                _compare(scenario, room, field, value)
                states.append(state(scenario.world) if scenario.world else {})
        if len(states) > 2 and states[0]:  # noqa: PLR2004
            expect(_differ(*states), f"{field} makes no difference to the vendor")


async def _made(scenario: Scenario, field: str, value: Any, *, update: bool) -> Room:
    said = _said(field, value)
    name = said.pop("name", "Launch") if not update else "Launch"
    if not update:
        came = await outcome(scenario.make_room(name, **said), f"create_room({field}={value!r})")
    else:
        room = await scenario.make_room(name)
        came = await outcome(
            scenario.conference.update_room(room, **said), f"update_room({field}={value!r})"
        )
    expect(not isinstance(came, ConferencingError), f"{field}={value!r} was refused: {came!r}")
    made: Room = came
    return made


def _compare(scenario: Scenario, room: Room, field: str, value: Any) -> None:
    """Compare what the world and the returned room have with what was said."""
    real = scenario.real_room(room)
    for what, one in (("the vendor's", real), ("the returned", room)):
        if one is None or field in {"entry", "people", "template"}:
            continue
        name = field.removeprefix("settings.")
        settings = field.startswith("settings.")
        got = getattr(one.settings if settings else one, name, None)
        if got is None or got == "unknown" or (field == "status" and one is room):
            continue
        expect(_alike(got, value), f"{what} room has {field} {got!r}, not {value!r}")


def _alike(got: Any, value: Any) -> bool:
    if isinstance(got, Person) and isinstance(value, Person):  # many take an address alone
        return got in {value, Person(email=value.email), Person(name=value.display_name)}
    return got == value or (value == "open" and got in {"open", "live", "scheduled"})


def _differ(first: dict[str, object], other: dict[str, object], again: dict[str, object]) -> bool:
    """Return whether the other differs from the first in what is the same when done again."""
    stable = {path for path, value in first.items() if again.get(path, ...) == value}
    news = other.keys() - first.keys() - again.keys()
    return bool(news) or any(other.get(path, ...) != first[path] for path in stable)


async def _values(scenario: Scenario, field: str) -> list[Any]:
    if field in PAIRS:
        return list(PAIRS[field])
    features, name = scenario.features, field
    if field.startswith("settings."):
        return [True, False]
    if name == "kind":
        return sorted(features.kinds)
    if name == "entry":
        return [one for kind in sorted(features.entry) if (one := await _rule(scenario, kind))]
    if name == "people":
        return [(one,) for one in _invitees(scenario)]
    templates = list(scenario.world.templates) if scenario.world else []
    return templates[:2] or ["template-1"]


def _any_value(field: str) -> Any:
    if field in PAIRS:
        return PAIRS[field][0]
    plain = {"kind": "meeting", "entry": Anyone(), "people": (ANN,), "template": "template-1"}
    return plain.get(field, True)


def _invitees(scenario: Scenario) -> list[Invitee]:
    roles = scenario.features.roles
    role = Role.ATTENDEE if Role.ATTENDEE in roles else min(roles, default=Role.ATTENDEE)
    rules = (Passcode(CODE),) if EntryKind.PASSCODE in scenario.features.entry else ()
    return [Invitee(person=one, role=role, entry=rules) for one in (ANN, BEN)]


def _said(field: str, value: Any) -> dict[str, Any]:
    if field.startswith("settings."):
        return {"settings": RoomSettings(**{field.removeprefix("settings."): value})}
    return {field: value}


# ------------------------------------------------------------------------------------------ entry


async def _rule(scenario: Scenario, kind: EntryKind) -> EntryRule | None:
    """Return a rule of this kind that a room takes for everybody, or None."""
    for rule in entry_candidates(kind):
        came = await outcome(scenario.make_room(entry=rule), f"create_room(entry={rule!r})")
        if not isinstance(came, UnsupportedOption):
            return rule
    return None


async def _with_entry(scenario: Scenario, kind: EntryKind) -> tuple[Room, EntryRule]:
    """Create a room with a rule of this kind for everybody, or else for one person."""
    for rule in entry_candidates(kind):
        for said in _ways(scenario, rule):
            came = await outcome(scenario.make_room(**said), f"create_room({said!r})")
            if not isinstance(came, UnsupportedOption):
                expect(isinstance(came, Room), f"{said!r} was refused: {came!r}")
                return came, rule
    raise AssertionError(f"features.entry has {kind}, and no rule of that kind is taken")


def _ways(scenario: Scenario, rule: EntryRule) -> list[dict[str, Any]]:
    if "people" not in scenario.features.create_fields:
        return [{"entry": rule}]
    invited = evolve(_invitees(scenario)[0], entry=(rule,))
    return [{"entry": rule}, {"people": (invited,)}]


def _real_entry(scenario: Scenario, room: Room) -> Sequence[EntryRule] | None:
    """Return how one really gets in, or None where that cannot be seen."""
    real = scenario.real_room(room)
    if real is None:
        return None
    if real.entry is not None:
        return real.entry
    join_target = scenario.join_target(real.join_url) if real.join_url else None
    return [way.rule for way in join_target.entry_options] if join_target else None


def _code(rules: Sequence[EntryRule]) -> str:
    codes = [one.code.reveal() for one in rules if isinstance(one, Passcode)]
    return codes[0] if codes else ""
