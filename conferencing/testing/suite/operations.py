"""Operations: the declared ones work, and all others refuse before anything is sent."""

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
from conferencing.model import JoinLink, Participant, Role, RoomSettings
from conferencing.model.drafts import RoomDraft
from conferencing.testing.base import Harness, SuiteBase
from conferencing.testing.expect import (
    expect,
    expect_equal,
    expect_raises,
    expect_result,
    outcome_of,
)
from conferencing.testing.operations import CASES, OperationCase
from conferencing.testing.scenario import ANN, Scenario

__all__ = ["OperationTests"]

READS: Final = frozenset({Operation.GET_ROOM, Operation.GET_SESSION, Operation.GET_PARTICIPANT})


class OperationTests(SuiteBase):
    """Call each operation and compare with the world."""

    def test_operation_works(self, any_case: OperationCase) -> None:
        """The world decides whether it worked, not the adapter."""

        async def test(harness: Harness) -> None:
            try:
                async with harness.scenario(*any_case.states) as scenario:
                    result = await outcome_of(any_case.perform(scenario), str(any_case))
                    if isinstance(result, UnsupportedOperation):
                        raise result
                    expect_result(result, str(any_case))
                    await any_case.check(scenario, result)
            except UnsupportedOperation as error:
                usual = any_case in CASES.values()
                expect(not usual, f"{any_case} is declared and raised {error!r}")

        self.run(test)

    def test_undeclared_operation_sends_nothing(self, undeclared: Operation) -> None:
        """The refusal names the operation and the provider."""

        async def test(harness: Harness) -> None:
            async with harness.scenario() as scenario:
                call = CASES[undeclared].perform(scenario, "1")
                error = await expect_raises(call, UnsupportedOperation, undeclared.value)
                expected = (undeclared.value, self.adapter().name)
                actual = (error.operation, error.provider)
                expect_equal(actual, expected, "operation and provider of the error")
                expect(not scenario.requests, f"{undeclared} sent a request before it was refused")

        self.run(test)

    def test_unverified_operation_is_off(self) -> None:
        """Without `unverified = true` in the account nothing is sent."""

        async def test(harness: Harness) -> None:
            for operation in self.operations(Support.UNVERIFIED):
                async with harness.scenario(unverified=False) as scenario:
                    call = CASES[operation].perform(scenario, "1")
                    await expect_raises(call, UnsupportedOperation, operation.value)
                    expect(not scenario.requests, f"{operation} is unverified and was sent")

        self.run(test)

    def test_features_match_operations(self) -> None:
        """Names of fields exist, and an operation has the features that belong to it."""
        features, adapter = self.adapter().features, self.adapter()
        names = {each.name for each in fields(RoomDraft)} - {"native", "settings"}
        names |= {f"settings.{each.name}" for each in fields(RoomSettings)}
        for declared in (features.create_fields, features.update_fields):
            expect(declared <= names, f"{sorted(declared - names)} are not fields of RoomDraft")
        can = self.declared().supports
        pairs = {
            "update_fields": (can(Operation.UPDATE_ROOM), bool(features.update_fields)),
            "attendance": (can(Operation.LIST_ATTENDANCE), features.attendance is not None),
            "invites": (can(Operation.INVITE), bool(features.invites)),
            "reports": (can(Operation.CREATE_REPORT), bool(features.reports)),
        }
        for name, (needed, present) in pairs.items():
            expect(present or not needed, f"features.{name} is empty, and its operation exists")
        expect(Role.UNKNOWN not in features.roles, "features.roles has UNKNOWN")
        expect(adapter.name == adapter.name.casefold(), "the provider's name is not in lower case")

    def test_missing_object_raises_not_found(self, findable: OperationCase) -> None:
        """Nothing is returned in place of it, and success is not reported either."""
        reads = findable.operation in READS
        kinds = (NotFound,) if reads else (NotFound, InvalidRequest, Conflict)

        async def test(harness: Harness) -> None:
            async with harness.scenario(*findable.states) as scenario:
                _remove_everything(scenario)
                call = findable.perform(scenario)
                await expect_raises(call, kinds, f"{findable} of a missing object")

        self.run(test)

    def test_personal_link_stays_personal(self) -> None:
        """A personal link of a registration is not replaced by the link for everybody, or dropped.

        It is in the registration, in the listing, and what `join_link` returns for a participant.
        """

        async def test(harness: Harness) -> None:
            async with harness.scenario("registered") as scenario:
                first = scenario.participant.join_link
                if first is None or not first.personal:
                    return
                for source, person in (await _fetch_ann(scenario)).items():
                    _expect_personal(scenario, person.join_link, source)
                if scenario.can(Operation.JOIN_LINK):
                    link = await scenario.conference.join_link(
                        scenario.room, role=scenario.role, person=scenario.participant
                    )
                    _expect_personal(scenario, link, "join_link() for a participant")

        if self.declared().supports(Operation.REGISTER):
            self.run(test)


async def _fetch_ann(scenario: Scenario) -> dict[str, Participant]:
    """Return the only registration, from each operation that reports it."""
    registrations: dict[str, Participant] = {}
    if scenario.can(Operation.LIST_PARTICIPANTS):
        (registrations["participants()"],) = await scenario.conference.participants(
            scenario.room
        ).collect()
    if scenario.can(Operation.GET_PARTICIPANT):
        registrations["get_participant()"] = await scenario.conference.get_participant(
            scenario.room, email=ANN.email
        )
    return registrations


def _expect_personal(scenario: Scenario, link: JoinLink | None, source: str) -> None:
    expect(link is not None, f"{source} has lost the personal link of the registration")
    if link is None:
        return
    expect(link.personal, f"{source} has a link for everybody in place of a personal one")
    target = scenario.join_target(link)
    for option in target.entry_options if target else ():
        person = option.person
        if person is not None and person.email is not None:
            expect_equal(person.email, ANN.email, f"whom the link of {source} is for")


def _remove_everything(scenario: Scenario) -> None:
    """Remove all objects from the world, behind the adapter's back."""
    world = scenario.world
    if world is None:
        return
    for room in list(world.rooms):
        world.remove_room(room)
    for part in (world.sessions, world.participants, world.templates, world.tokens, world.files):
        part.clear()
    simulator: Any = scenario.server.simulator if scenario.server else None
    if getattr(simulator, "reports", None):
        simulator.reports.clear()
