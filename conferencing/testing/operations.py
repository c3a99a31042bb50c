"""The part of the suite on operations: the declared ones work, all others refuse unsent."""

from __future__ import annotations

from typing import Any, Final

from attrs import fields

from conferencing.capabilities import Operation, Support
from conferencing.errors import (
    Conflict,
    InvalidRequest,
    NotFound,
    UnsupportedOperation,
)
from conferencing.model import Role, Room, RoomSettings
from conferencing.model.drafts import RoomDraft

from .base import Harness, SuiteBase
from .expect import equal, expect, raised, succeeded
from .plays import CASES
from .plays.play import no_repeats
from .plays.rooms import check_room
from .scenario import Scenario

__all__ = ["OperationTests"]

READ: Final = frozenset({Operation.GET_ROOM, Operation.GET_SESSION, Operation.GET_PARTICIPANT})


class OperationTests(SuiteBase):
    """Play each operation, and look behind the scenes."""

    def test_every_declared_operation_works(self, operation: Operation) -> None:
        """The world is asked what happened, not the adapter."""

        async def scene(harness: Harness) -> None:
            play = CASES[operation]
            async with harness.scenario(*play.needs) as scenario:
                result = await succeeded(play.perform(scenario), operation.value)
                await play.check(scenario, result)

        self.run(scene)

    def test_an_operation_that_is_not_declared_is_refused_and_nothing_is_sent(
        self, absent: Operation
    ) -> None:
        """The refusal names the operation and the provider."""

        async def scene(harness: Harness) -> None:
            async with harness.scenario() as scenario:
                call = CASES[absent].perform(scenario, "1")
                error = await raised(call, UnsupportedOperation, absent.value)
                equal((error.operation, error.provider), (absent.value, self.adapter().name), "it")
                expect(not _seen(scenario), f"{absent} sent something before it was refused")

        self.run(scene)

    def test_what_is_unverified_is_off_unless_the_account_says_so(self) -> None:
        """`unverified = true` turns it on; without it nothing is sent."""

        async def scene(harness: Harness) -> None:
            for operation in self.operations(Support.UNVERIFIED):
                async with harness.scenario(unverified=False) as scenario:
                    call = CASES[operation].perform(scenario, "1")
                    await raised(call, UnsupportedOperation, operation.value)
                    expect(not _seen(scenario), f"{operation} is unverified and was tried")

        self.run(scene)

    def test_what_the_features_say_goes_together(self) -> None:
        """Names of fields exist, and what belongs to an operation is there with it."""
        features, adapter = self.adapter().features, self.adapter()
        known = {one.name for one in fields(RoomDraft)} - {"native", "settings"}
        known |= {f"settings.{one.name}" for one in fields(RoomSettings)}
        for named in (features.create_fields, features.update_fields):
            expect(named <= known, f"{sorted(named - known)} are no fields of RoomDraft")
        can = self.declared().supports
        told = {
            "update_fields": (can(Operation.UPDATE_ROOM), bool(features.update_fields)),
            "attendance": (can(Operation.LIST_ATTENDANCE), features.attendance is not None),
            "reports": (can(Operation.CREATE_REPORT), bool(features.reports)),
        }
        for name, (has, says) in told.items():
            expect(says or not has, f"features.{name} is empty, and there is an operation of it")
        expect(Role.UNKNOWN not in features.roles, "features.roles has UNKNOWN")
        expect(adapter.name == adapter.name.casefold(), "the provider's name is not in lower case")

    def test_what_is_not_there_is_not_found(self, finding: Operation) -> None:
        """No value is made up for it, and no success either."""
        kinds = (NotFound,) if finding in READ else (NotFound, InvalidRequest, Conflict)

        async def scene(harness: Harness) -> None:
            play = CASES[finding]
            async with harness.scenario(*play.needs) as scenario:
                _remove(scenario)
                await raised(play.perform(scenario), kinds, f"{finding} of what is gone")

        self.run(scene)

    def test_many_rooms_are_listed_each_once_and_always_alike(self) -> None:
        """`many` is how many: more than fit on a page of the vendor."""
        if not {Operation.LIST_ROOMS, Operation.CREATE_ROOM} <= {*self._all()}:
            return

        async def scene(harness: Harness) -> None:
            async with harness.scenario() as scenario:
                made = [(await scenario.make_room(f"Room {n}")).id for n in range(self.many)]
                rooms = await succeeded(scenario.conference.rooms().collect(), "list_rooms")
                no_repeats(rooms, "rooms")
                equal(len(rooms), len(made), "the number of rooms listed")
                equal({one.id for one in rooms}, set(made), "the rooms listed")
                for room in rooms[:: self.many // 8 or 1]:
                    check_room(scenario, room)
                pages = [page async for page in scenario.conference.rooms().pages()]
                equal([one.id for page in pages for one in page], _ids(rooms), "the second listing")

        self.run(scene)

    @classmethod
    def _all(cls) -> list[Operation]:
        return cls.operations(Support.NATIVE, Support.EMULATED, Support.UNVERIFIED)


def _ids(rooms: list[Room]) -> list[str]:
    return [one.id for one in rooms]


def _seen(scenario: Scenario) -> list[Any]:
    return list(scenario.served.requests) if scenario.served else []


def _remove(scenario: Scenario) -> None:
    """Take away all that the scene is about, behind the adapter's back."""
    world = scenario.world
    if world is None:
        return
    for room in list(world.rooms):
        world.remove_room(room)
    for part in (world.sessions, world.participants, world.templates, world.tokens, world.files):
        part.clear()
    simulator: Any = scenario.served.simulator if scenario.served else None
    if getattr(simulator, "reports", None):
        simulator.reports.clear()
