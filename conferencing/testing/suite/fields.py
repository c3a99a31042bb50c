"""Fields of a room: each one arrives and is read back, or is refused before anything is sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from attrs import evolve, fields

from conferencing.capabilities import Operation
from conferencing.errors import ConferencingError, UnsupportedOption
from conferencing.model import (
    Anyone,
    EntryKind,
    EntryRule,
    Passcode,
    Person,
    PersonalToken,
    Room,
    RoomSettings,
    SignIn,
    parse_recurrence,
)
from conferencing.model.drafts import Invitee, RoomDraft
from conferencing.testing.base import Harness, SuiteBase
from conferencing.testing.expect import (
    expect,
    expect_equal,
    expect_raises,
    expect_success,
    is_known,
    outcome_of,
)
from conferencing.testing.scenario import ANN, BEN, CODE, HOST, PASSCODES, Scenario
from conferencing.testing.state import flatten, state

__all__ = ["FieldTests", "any_value", "entry_candidates", "field_names", "keywords_of"]

WARSAW: Final = ZoneInfo("Europe/Warsaw")
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
    "recurrence": ("FREQ=DAILY;COUNT=3", "FREQ=WEEKLY;COUNT=4;INTERVAL=2;BYDAY=TU"),
    "registration": (True, False),
    "approval": (True, False),
    "waiting_room": (True, False),
    "capacity": (17, 23),
    "host": (HOST, BEN),
    "status": ("ended", "open"),
}
ENTRIES: Final[dict[EntryKind, tuple[EntryRule, ...]]] = {
    EntryKind.OPEN: (Anyone(),),
    EntryKind.PASSCODE: PASSCODES,
    EntryKind.TOKEN: (PersonalToken(),),
    EntryKind.SIGN_IN: (SignIn("google", email="ann@example.com"), SignIn("google")),
}
WITH: Final[dict[str, dict[str, Any]]] = {
    "recurrence": {"starts_at": PAIRS["starts_at"][1], "duration": PAIRS["duration"][0]},
    "approval": {"registration": True},
}
"""Fields that mean nothing without others."""

NOT_COMPARED: Final = frozenset({"entry", "people", "template"})
"""Fields that a room reports in another form, or not at all."""

PROBE: Final = "pr0be-value"
"""A string that is in a request only if native fields are sent."""


def entry_candidates(kind: EntryKind) -> tuple[EntryRule, ...]:
    """Return rules of a kind; a vendor that has the kind accepts at least one of them."""
    return ENTRIES[kind]


def field_names() -> list[str]:
    """Return the names of all fields, single settings as `settings.<name>`."""
    names = [each.name for each in fields(RoomDraft) if each.name not in {"native", "settings"}]
    return names + [f"settings.{each.name}" for each in fields(RoomSettings)]


class FieldTests(SuiteBase):
    """Set one field at a time, and compare it with the world."""

    def test_created_field_arrives(self, field: str) -> None:
        """The world has the value of a new room, or at least differs with it."""
        self.run(lambda harness: self._check_arrival(harness, field, update=False))

    def test_updated_field_arrives(self, changed_field: str) -> None:
        """The world has the new value."""
        self.run(lambda harness: self._check_arrival(harness, changed_field, update=True))

    def test_created_field_is_read_back(self, field: str) -> None:
        """A field that the vendor reports is in the room, and has the value that was sent.

        Whether the vendor reports it shows in `native`: something there differs with the field.
        """
        if field in NOT_COMPARED or self.simulator_class() is None:
            return
        self.run(lambda harness: self._check_reading(harness, field))

    def test_undeclared_field_sends_nothing(self, undeclared_field: str) -> None:
        """The error names the field and the provider."""

        async def test(harness: Harness) -> None:
            async with harness.scenario() as scenario:
                value = any_value(undeclared_field)
                error = await expect_raises(
                    scenario.conference.create_room(
                        "Launch", **keywords_of(undeclared_field, value)
                    ),
                    UnsupportedOption,
                    f"create_room({undeclared_field}=...)",
                )
                expect_equal(error.field, undeclared_field, "the field that the error names")
                named = self.provider_name in str(error)
                expect(named, f"the error does not name the provider: {error}")
                expect(not scenario.requests, f"{undeclared_field} was refused after a request")

        self.run(test)

    def test_entry_rule_is_enforced(self) -> None:
        """People get in by the rule that was set; a passcode is the same text."""
        features = self.adapter().features
        if "entry" not in features.create_fields:
            return

        async def test(harness: Harness) -> None:
            for kind in sorted(features.entry):
                async with harness.scenario() as scenario:
                    room, rule = await _create_with_entry(scenario, kind)
                    real = _real_entry(scenario, room)
                    if real is None:
                        continue
                    same = [each for each in real if each.kind is kind]
                    expect(same, f"a room with {rule!r} is entered by {list(real)!r}")
                    if isinstance(rule, Passcode):
                        expect_equal(_code_of(same), CODE, "the passcode of the room")

        self.run(test)

    def test_native_fields_are_sent(self) -> None:
        """`native=` goes into the request of each operation that takes it."""

        async def test(harness: Harness) -> None:
            for name, states, call in _NATIVE_CALLS:
                if not self.declared().supports(name):
                    continue
                async with harness.scenario(*states) as scenario:
                    outcome = await outcome_of(call(scenario), name.value)
                    if isinstance(outcome, UnsupportedOption):
                        continue
                    sent = any(PROBE in f"{each.target}{each.body}" for each in scenario.requests)
                    expect(sent, f"{name}(native=...) does not send the native fields")

        if self.adapter().features.native and self.simulator_class() is not None:
            self.run(test)

    async def _check_arrival(self, harness: Harness, field: str, *, update: bool) -> None:
        async with harness.scenario() as scenario:
            values = await _values(scenario, field)
        states: list[dict[str, object]] = []
        for value in (values * 2)[:3] if len(values) > 1 else values:
            async with harness.scenario() as scenario:
                room = await _make(scenario, field, value, update=update)
                _compare(scenario, room, field, value)
                states.append(state(scenario.world))
        if len(states) > 2 and states[0]:  # noqa: PLR2004
            expect(_differ(*states), f"{field} makes no difference to the vendor")

    async def _check_reading(self, harness: Harness, field: str) -> None:
        async with harness.scenario() as scenario:
            values = await _values(scenario, field)
        rooms: list[Room] = []
        chosen = (values * 2)[:3]
        for value in chosen if len(values) > 1 else ():
            async with harness.scenario() as scenario:
                rooms.append(await _fetch(scenario, await _make(scenario, field, value)))
        if len(rooms) > 2 and _differ(*(dict(flatten(room.native)) for room in rooms)):  # noqa: PLR2004
            for room, value in zip(rooms, chosen, strict=True):
                _expect_value(room, field, value)


async def _make(scenario: Scenario, field: str, value: Any, *, update: bool = False) -> Room:
    keywords = keywords_of(field, value)
    others = {
        name: other
        for name, other in WITH.get(field, {}).items()
        if name in scenario.features.create_fields
    }
    if update:
        room = await scenario.make_room("Launch", **others)
        call = scenario.conference.update_room(room, **keywords)
        changed = await expect_success(call, f"update_room({field}={value!r})")
        await scenario.suite.open_room(scenario, changed)
        return changed
    name = keywords.pop("name", "Launch")
    call = scenario.make_room(name, **others | keywords)
    return await expect_success(call, f"create_room({field}={value!r})")


async def _fetch(scenario: Scenario, room: Room) -> Room:
    """Return the room as the vendor reports it afterwards; some report it only at times."""
    if scenario.can(Operation.GET_ROOM):
        fetched = await outcome_of(scenario.conference.get_room(room.id), "get_room()")
        return fetched if isinstance(fetched, Room) else room
    if scenario.can(Operation.LIST_ROOMS):
        rooms = await scenario.conference.rooms().collect()
        return next((each for each in rooms if each.id == room.id), room)
    return room


def _value_of(room: Room, field: str) -> Any:
    holder = room.settings if field.startswith("settings.") else room
    return getattr(holder, field.removeprefix("settings."), None)


def _expect_value(room: Room, field: str, value: Any) -> None:
    actual = _value_of(room, field)
    subject = f"{field} of the room, which the vendor reports in native"
    expect(_alike(actual, value), f"{subject}: expected {value!r}, got {actual!r}")


def _compare(scenario: Scenario, room: Room, field: str, value: Any) -> None:
    """Compare the room in the world, and the returned one, with the value that was sent."""
    real = scenario.real_room(room)
    for owner, each in (("the vendor's", real), ("the returned", room)):
        if each is None or field in NOT_COMPARED:
            continue
        actual = _value_of(each, field)
        if is_known(actual) and not (field == "status" and each is room):
            expect(
                _alike(actual, value), f"{owner} room: expected {field}={value!r}, got {actual!r}"
            )


def _alike(actual: Any, value: Any) -> bool:
    if isinstance(actual, Person) and isinstance(
        value, Person
    ):  # many vendors keep an address only
        return actual.email == value.email or actual == Person(name=value.display_name)
    if isinstance(actual, str) and str(value).startswith("FREQ="):
        return parse_recurrence(actual) == parse_recurrence(value)
    return actual == value or (value == "open" and actual in {"open", "live", "scheduled"})


def _differ(
    first: Mapping[str, object], other: Mapping[str, object], again: Mapping[str, object]
) -> bool:
    """Return whether `other` differs from `first` in what `again`, made like `first`, repeats."""
    stable = {path for path, value in first.items() if again.get(path, ...) == value}
    added = other.keys() - first.keys() - again.keys()
    return bool(added) or any(other.get(path, ...) != first[path] for path in stable)


def _hosts(scenario: Scenario) -> list[Person]:
    """Return two hosts: members of the account, where the vendor has a list of them."""
    users = scenario.world.users.values() if scenario.world else ()
    return [Person(email=user.email) for user in users][:2] or list(PAIRS["host"])


async def _values(scenario: Scenario, field: str) -> list[Any]:
    """Return values for a field: two that differ, if it has two."""
    if field in PAIRS:
        return _hosts(scenario) if field == "host" else list(PAIRS[field])
    features = scenario.features
    if field.startswith("settings."):
        return [True, False]
    if field == "kind":
        return sorted(features.kinds)
    if field == "entry":
        rules = [await _usable_rule(scenario, kind) for kind in sorted(features.entry)]
        return [rule for rule in rules if rule is not None]
    if field == "people":
        return [(invitee,) for invitee in _invitees(scenario)]
    templates = list(scenario.world.templates) if scenario.world else []
    return templates[:2] or ["template-1"]


def any_value(field: str) -> Any:
    """Return a value for a field, whatever the adapter takes."""
    if field in PAIRS:
        return PAIRS[field][0]
    plain = {"kind": "meeting", "entry": Anyone(), "people": (ANN,), "template": "template-1"}
    return plain.get(field, True)


def _invitees(scenario: Scenario) -> list[Invitee]:
    rules = (Passcode(CODE),) if EntryKind.PASSCODE in scenario.features.entry else ()
    return [Invitee(person=person, role=scenario.role, entry=rules) for person in (ANN, BEN)]


def keywords_of(field: str, value: Any) -> dict[str, Any]:
    """Return the arguments of `create_room` and `update_room` that set a field."""
    if field.startswith("settings."):
        return {"settings": RoomSettings(**{field.removeprefix("settings."): value})}
    return {field: value}


# ------------------------------------------------------------------------------------------- native

_NATIVE: Final = {"conferencing_probe": PROBE}


async def _create_with_native(scenario: Scenario) -> object:
    return await scenario.make_room(**scenario.fields(), native=_NATIVE)


async def _update_with_native(scenario: Scenario) -> object:
    room = await scenario.conference.update_room(scenario.room, native=_NATIVE)
    await scenario.suite.open_room(scenario, room)
    return room


async def _register_with_native(scenario: Scenario) -> object:
    return await scenario.conference.register(scenario.room, ANN, native=_NATIVE)


_NativeCall = Callable[[Scenario], Awaitable[object]]
_NATIVE_CALLS: Final[Sequence[tuple[Operation, tuple[str, ...], _NativeCall]]] = (
    (Operation.CREATE_ROOM, (), _create_with_native),
    (Operation.UPDATE_ROOM, ("room",), _update_with_native),
    (Operation.REGISTER, ("room",), _register_with_native),
)


# -------------------------------------------------------------------------------------------- entry


async def _usable_rule(scenario: Scenario, kind: EntryKind) -> EntryRule | None:
    """Return a rule of this kind that a room accepts for everybody, or None."""
    for rule in entry_candidates(kind):
        room = await outcome_of(scenario.make_room(entry=rule), f"create_room(entry={rule!r})")
        if not isinstance(room, UnsupportedOption):
            return rule
    return None


async def _create_with_entry(scenario: Scenario, kind: EntryKind) -> tuple[Room, EntryRule]:
    """Create a room with a rule of this kind, for everybody or else for one person."""
    for rule in entry_candidates(kind):
        for keywords in _entry_keywords(scenario, rule):
            room = await outcome_of(scenario.make_room(**keywords), f"create_room({keywords!r})")
            if not isinstance(room, UnsupportedOption):
                refused = isinstance(room, ConferencingError)
                expect(not refused, f"create_room({keywords!r}) raised {room!r}")
                return room, rule
    raise AssertionError(f"features.entry has {kind}, and no rule of that kind is accepted")


def _entry_keywords(scenario: Scenario, rule: EntryRule) -> list[dict[str, Any]]:
    if "people" not in scenario.features.create_fields:
        return [{"entry": rule}]
    invitee = evolve(_invitees(scenario)[0], entry=(rule,))
    return [{"entry": rule}, {"people": (invitee,)}]


def _real_entry(scenario: Scenario, room: Room) -> Sequence[EntryRule] | None:
    """Return the entry rules in the world, or None where these cannot be seen."""
    real = scenario.real_room(room)
    if real is None:
        return None
    if real.entry is not None:
        return real.entry
    target = scenario.join_target(real.join_url) if real.join_url else None
    return [option.rule for option in target.entry_options] if target else None


def _code_of(rules: Sequence[EntryRule]) -> str:
    codes = [rule.code.reveal() for rule in rules if isinstance(rule, Passcode)]
    return codes[0] if codes else ""
