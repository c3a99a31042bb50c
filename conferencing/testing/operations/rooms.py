"""The cases of rooms, their settings and templates."""

from __future__ import annotations

from typing import Any, Final

from attrs import asdict, evolve

from conferencing.capabilities import Operation
from conferencing.errors import UnsupportedOption
from conferencing.model import Passcode, Role, Room, RoomSettings, Template
from conferencing.model.drafts import Invitee, RoomChanges
from conferencing.testing.expect import expect, expect_equal, expect_success
from conferencing.testing.scenario import ANN, CODE, HOST, Scenario

from .case import OperationCase, check_known

__all__ = ["CASES", "VARIANTS", "check_room"]

RENAMED: Final = "Renamed"
_COMPARED: Final = (
    "name", "kind", "starts_at", "duration", "timezone", "permanent", "description",
    "registration", "waiting_room", "capacity", "join_url",
)  # fmt: skip


def check_room(scenario: Scenario, room: Room) -> None:
    """Compare a room with the world."""
    if scenario.world is None:
        return
    real = scenario.real_room(room)
    expect(real, f"the world has no room {room.id!r}; it has {list(scenario.world.rooms)}")
    for name in _COMPARED:
        value = getattr(room, name)
        # Vendors report an empty text, or false, for a field that was never set.
        unset = value == "" or value is False
        check_known(None if unset else value, getattr(real, name), f"the room's {name}")
    if room.starts_at is not None:
        expect(room.starts_at.utcoffset() is not None, "the room's starts_at is naive")


# ------------------------------------------------------------------------------- calls and checks


async def _fill_rooms(scenario: Scenario, count: int) -> None:
    for number in range(count):
        await scenario.make_room(f"Room {number}")


async def _check_rooms(scenario: Scenario, rooms: list[Room]) -> None:
    for room in rooms:
        check_room(scenario, room)
    if scenario.world is not None:
        expect_equal(len(rooms), len(scenario.world.rooms), "the number of rooms listed")


async def _check_fetched(scenario: Scenario, room: Room) -> None:
    expect_equal(room.id, scenario.room.id, "the id of the room fetched")
    check_room(scenario, room)


async def _check_created(scenario: Scenario, room: Room) -> None:
    await scenario.suite.open_room(scenario, room)
    check_room(scenario, room)
    expect(room.id, "a created room has no id")
    if scenario.world is not None:
        expect_equal(len(scenario.world.rooms), 1, "the number of rooms after creating one")
    if "name" in scenario.features.create_fields:
        expect_equal(room.name, "Launch", "the name of the created room")


def _changes(scenario: Scenario) -> RoomChanges:
    names = scenario.features.update_fields
    changes: RoomChanges = {}
    if "name" in names:
        changes["name"] = RENAMED
    elif "description" in names:
        changes["description"] = RENAMED
    else:
        settings = sorted(name for name in names if name.startswith("settings."))
        flags = {name.removeprefix("settings."): True for name in settings[:1]}
        changes["settings"] = RoomSettings(**flags)
    return changes


async def _update(scenario: Scenario) -> Room:
    return await scenario.conference.update_room(scenario.room, **_changes(scenario))


async def _check_updated(scenario: Scenario, room: Room) -> None:
    await scenario.suite.open_room(scenario, room)
    expect_equal(room.id, scenario.room.id, "the id of the updated room")
    check_room(scenario, room)
    real = scenario.real_room()
    for name, value in _changes(scenario).items() if real else ():
        actual, expected = getattr(real, name), value
        if isinstance(value, RoomSettings):  # of which one is changed
            actual, expected = _set_flags(value, actual), _set_flags(value, value)
        expect_equal(actual, expected, f"the {name} of the updated room")


def _set_flags(changes: RoomSettings, settings: RoomSettings | None) -> dict[str, Any]:
    """Return those settings that the changes set."""
    names = [name for name, value in asdict(changes).items() if value is not None]
    return {name: getattr(settings, name, None) for name in names}


async def _check_deleted(scenario: Scenario, _: object) -> None:
    expect(scenario.real_room() is None, "the deleted room is still there")
    again = scenario.conference.delete_room(scenario.room)
    await expect_success(again, "deleting a room that is already deleted")


async def _check_defaults(_: Scenario, settings: object) -> None:
    expect(isinstance(settings, RoomSettings), f"expected RoomSettings, got {settings!r}")


async def _check_settings(scenario: Scenario, settings: RoomSettings) -> None:
    sent = scenario.fields().get("settings")
    for name in ("recording", "auto_recording") if sent else ():
        check_known(getattr(settings, name), getattr(sent, name), f"settings.{name}")


async def _create_with_passcode(scenario: Scenario) -> Room:
    return await scenario.create_room_with_passcode()


async def _create_with_people(scenario: Scenario) -> Room:
    if "people" not in scenario.features.create_fields:
        raise UnsupportedOption("people cannot be invited with a room", field="people")
    entry = Passcode(CODE)
    invitees = [Invitee(person=ANN, entry=entry), Invitee(person=HOST, role=Role.HOST, entry=entry)]
    return await scenario.create_room(people=invitees)


# -------------------------------------------------------------------------------------- templates


async def _create_template(scenario: Scenario) -> Template:
    native = scenario.suite.template_native(scenario.room)
    return await scenario.conference.create_template("Mine", description="for tests", native=native)


async def _fill_templates(scenario: Scenario, count: int) -> None:
    for number in range(count):
        if scenario.can(Operation.CREATE_TEMPLATE):
            await scenario.conference.create_template(
                f"Template {number}",
                description="one",
                native=scenario.suite.template_native(scenario.room),
            )
        elif scenario.world is not None:
            template = Template(id=scenario.world.new_id("template"), name=f"Template {number}")
            scenario.world.templates[template.id] = template


async def _check_templates(scenario: Scenario, templates: list[Template]) -> None:
    if scenario.world is not None:
        ids = {template.id for template in templates}
        expect_equal(ids, set(scenario.world.templates), "the templates listed")
    for template in templates:
        _check_template(scenario, template)


def _check_template(scenario: Scenario, template: Template) -> None:
    if scenario.world is None:
        return
    real = scenario.world.templates.get(template.id)
    expect(real, f"the world has no template {template.id!r}")
    if real is not None:
        actual = (template.name, template.default)
        expect_equal(actual, (real.name, real.default), "name and default of a template")
        check_known(template.description, real.description, "the template's description")


async def _check_template_created(scenario: Scenario, template: Template) -> None:
    expect_equal(template.name, "Mine", "the name of the template")
    _check_template(scenario, template)


async def _check_template_updated(scenario: Scenario, template: Template) -> None:
    expected = (scenario.template.id, RENAMED)
    expect_equal((template.id, template.name), expected, "id and name of the updated template")
    _check_template(scenario, template)


async def _check_template_deleted(scenario: Scenario, _: object) -> None:
    if scenario.world is not None:
        gone = scenario.template.id not in scenario.world.templates
        expect(gone, "the deleted template is still there")
    again = scenario.conference.delete_template(scenario.template)
    await expect_success(again, "deleting a template that is already deleted")


# ---------------------------------------------------------------------------------------- request


async def _request(scenario: Scenario) -> int:
    """Repeat a GET of the adapter by its path."""
    return (await scenario.conference.request("GET", scenario.path)).status


async def _check_answered(_: Scenario, status: int) -> None:
    expect_equal(status, 200, "the status of a raw request")


# fmt: off
CASES: Final = (
    OperationCase(operation=Operation.CHECK, call=lambda s: s.conference.check(), states=()),
    OperationCase(operation=Operation.LIST_ROOMS, call=lambda s: s.conference.rooms().collect(),
        check=_check_rooms, fill=_fill_rooms, exact=True),
    OperationCase(operation=Operation.GET_ROOM, call=lambda s: s.conference.get_room(s.room.id),
        by_id=lambda s, i: s.conference.get_room(i), check=_check_fetched, exact=True, finds=True),
    OperationCase(operation=Operation.CREATE_ROOM, states=(), check=_check_created, once=True,
        call=lambda s: s.create_room(**s.fields())),
    OperationCase(operation=Operation.UPDATE_ROOM, call=_update, check=_check_updated, finds=True,
        by_id=lambda s, i: s.conference.update_room(i, **_changes(s))),
    OperationCase(operation=Operation.DELETE_ROOM, call=lambda s: s.conference.delete_room(s.room),
        by_id=lambda s, i: s.conference.delete_room(i), check=_check_deleted),
    OperationCase(operation=Operation.DEFAULT_SETTINGS, call=lambda s: s.conference.default_settings(),
        states=(), check=_check_defaults, exact=True),
    OperationCase(operation=Operation.ROOM_SETTINGS, call=lambda s: s.conference.room_settings(s.room),
        by_id=lambda s, i: s.conference.room_settings(i), check=_check_settings, exact=True, finds=True),
    OperationCase(operation=Operation.LIST_TEMPLATES, call=lambda s: s.conference.templates().collect(),
        states=("template",), check=_check_templates, fill=_fill_templates, exact=True),
    OperationCase(operation=Operation.CREATE_TEMPLATE, check=_check_template_created, once=True,
        call=_create_template),
    OperationCase(operation=Operation.UPDATE_TEMPLATE, states=("template",), check=_check_template_updated,
        call=lambda s: s.conference.update_template(evolve(s.template, name=RENAMED)),
        by_id=lambda s, i: s.conference.update_template(evolve(s.template, id=i)), finds=True),
    OperationCase(operation=Operation.DELETE_TEMPLATE, states=("template",), check=_check_template_deleted,
        call=lambda s: s.conference.delete_template(s.template),
        by_id=lambda s, i: s.conference.delete_template(i)),
    OperationCase(operation=Operation.REQUEST, states=("room", "path"), call=_request, check=_check_answered,
        by_id=lambda s, i: s.conference.request("GET", "/rooms", query={"id": i})),
)
VARIANTS: Final = (
    OperationCase(operation=Operation.CREATE_ROOM, variant="with a passcode", states=(), once=True,
        call=_create_with_passcode, check=_check_created),
    OperationCase(operation=Operation.CREATE_ROOM, variant="with people", states=(), once=True,
        call=_create_with_people, check=_check_created),
)
# fmt: on
