"""Bystanders: a call is about one object, and about one field of it; all others stay as they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from attrs import evolve

from conferencing.capabilities import Operation
from conferencing.errors import UnsupportedOperation
from conferencing.model import Room
from conferencing.testing.base import Harness, SuiteBase
from conferencing.testing.expect import expect, expect_equal, expect_success, outcome_of
from conferencing.testing.operations import OperationCase
from conferencing.testing.scenario import PASSCODES, Scenario
from conferencing.testing.state import flatten, state
from conferencing.testing.states import set_up
from conferencing.world import World

from .fields import any_value, keywords_of

__all__ = ["BystanderTests"]

OF_ONE_OBJECT: Final = frozenset({
    Operation.LIST_PARTICIPANTS, Operation.LIST_SESSIONS, Operation.LIST_ATTENDANCE,
    Operation.LIST_RECORDINGS, Operation.LIST_ACCESS_TOKENS,
})  # fmt: skip
"""Listings of what belongs to one room or session."""

TOGETHER: Final = (
    {"starts_at", "duration", "timezone", "permanent", "recurrence", "occurrences"},
    {"registration", "approval", "permanent"},
    {"name", "join_url"},
    {"status", "permanent", "starts_at"},
    {"entry", "people"},
)
"""Fields of which one may change with another."""

KEPT: Final = (
    "name", "kind", "starts_at", "duration", "timezone", "permanent", "description",
    "registration", "waiting_room", "capacity", "entry", "settings",
)  # fmt: skip


class BystanderTests(SuiteBase):
    """Call an operation where there is more than the object that it is about."""

    def test_other_objects_are_left_alone(self, served_case: OperationCase) -> None:
        """A second room with all that belongs to it is neither changed nor listed."""
        self.run(lambda harness: _check_apart(harness, served_case))

    def test_update_keeps_other_fields(self, changed_field: str) -> None:
        """A change of one field leaves the others as they were."""
        self.run(lambda harness: _check_kept(harness, changed_field))


async def _check_apart(harness: Harness, case: OperationCase) -> None:
    async with harness.scenario(*case.states) as scenario:
        world = scenario.world
        if world is None:
            return
        other, ids = evolve(scenario), _ids(world)
        alone = await _count(scenario, case)
        try:
            await set_up(scenario, *case.states)
        except (AssertionError, UnsupportedOperation):
            return  # this vendor has one of these at a time
        before = _parts(world, ids)
        outcome = await outcome_of(case.perform(scenario), str(case))
        if isinstance(outcome, UnsupportedOperation):
            return
        changed = _difference(before, _parts(world, ids))
        expect(not changed, f"{case} changed {changed} of another room")
        for each in (scenario, other) if alone is not None else ():
            count = await _count(each, case)
            expect_equal(count, alone, f"{case} beside another room: expected {alone} objects")


async def _count(scenario: Scenario, case: OperationCase) -> int | None:
    """Return how many objects a listing has, None for another operation."""
    if case.operation not in OF_ONE_OBJECT:
        return None
    return len(await expect_success(case.perform(scenario), str(case)))


def _ids(world: World) -> set[str]:
    return {*world.rooms, *world.sessions, *world.recordings, *world.templates}


def _parts(world: World, ids: set[str]) -> dict[str, object]:
    """Return the values that belong to objects of these ids, by their paths."""
    return {path: value for path, value in state(world).items() if _owner(path) in ids}


def _owner(path: str) -> str:
    """Return the id in a path such as `rooms.<id>.name` or `participants.<id>[0].email`."""
    return path.partition(".")[2].partition(".")[0].partition("[")[0].partition(":")[0]


def _difference(before: Mapping[str, object], after: Mapping[str, object]) -> list[str]:
    gone = object()
    paths = sorted({*before, *after})
    return [path for path in paths if before.get(path, gone) != after.get(path, gone)][:3]


async def _check_kept(harness: Harness, field: str) -> None:
    async with harness.scenario() as scenario:
        scenario.room = await _make_full_room(scenario)
        before = scenario.real_room()
        if before is None:
            return
        call = scenario.conference.update_room(
            scenario.room, **keywords_of(field, any_value(field))
        )
        outcome = await outcome_of(call, f"update_room({field}=...)")
        after = scenario.real_room()
        if not isinstance(outcome, Room) or after is None:
            return  # this value is refused; whether it should be is another test
        allowed = {field.partition(".")[0]}.union(
            *(group for group in TOGETHER if field.partition(".")[0] in group)
        )
        for name in KEPT:
            values = (_plain(getattr(each, name)) for each in (before, after))
            expect(
                name in allowed or len({*map(str, values)}) == 1,
                f"a change of {field} changed {name} too",
            )


async def _make_full_room(scenario: Scenario) -> Room:
    """Create a room with a passcode, a description and settings, as far as the vendor has them."""
    fields = scenario.fields()
    if "description" in scenario.features.create_fields:
        fields["description"] = "Kept"
    rules = PASSCODES if "entry" in scenario.features.create_fields else ()
    for rule in rules:
        room = await outcome_of(scenario.make_room(**fields, entry=rule), "create_room()")
        if isinstance(room, Room):
            return room
    return await scenario.make_room(**fields)


def _plain(value: Any) -> Any:
    return sorted(map(str, flatten(value)))
