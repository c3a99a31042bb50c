"""The plays of rooms, their settings and templates."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlsplit

from attrs import evolve

from conferencing.capabilities import Operation
from conferencing.errors import ConferencingError
from conferencing.model import Room, RoomSettings, Template
from conferencing.model.drafts import RoomChanges
from conferencing.testing.expect import equal, expect
from conferencing.testing.scenario import Scenario

from .play import OperationCase, told

__all__ = ["CASES", "check_room"]

RENAMED: Final = "Renamed"
_ALIKE: Final = (
    "name", "kind", "starts_at", "duration", "timezone", "permanent", "description",
    "registration", "waiting_room", "capacity", "join_url",
)  # fmt: skip


def check_room(scenario: Scenario, room: Room) -> None:
    """Compare all that the vendor tells of a room with the room itself."""
    if scenario.world is None:
        return
    real = scenario.real_room(room)
    expect(real, f"the vendor has no room {room.id!r}; it has {list(scenario.world.rooms)}")
    for name in _ALIKE:
        value = getattr(room, name)
        # An empty text, or no truth, is what many vendors tell of what nobody said.
        told(value or None, getattr(real, name), f"the room's {name}")
    if room.starts_at is not None:
        expect(room.starts_at.utcoffset() is not None, "the room's starts_at is naive")


# ------------------------------------------------------------------------------- calls and checks


async def _list(scenario: Scenario, rooms: list[Room]) -> None:
    for room in rooms:
        check_room(scenario, room)
    if scenario.world is not None:
        equal(len(rooms), len(scenario.world.rooms), "the number of rooms listed")


async def _got(scenario: Scenario, room: Room) -> None:
    equal(room.id, scenario.room.id, "the id of the room fetched")
    check_room(scenario, room)


async def _created(scenario: Scenario, room: Room) -> None:
    check_room(scenario, room)
    expect(room.id, "a created room has no id")
    if scenario.world is not None:
        equal(len(scenario.world.rooms), 1, "the number of rooms after creating one")
    if "name" in scenario.features.create_fields:
        equal(room.name, "Launch", "the name of the room created")


def _change(scenario: Scenario) -> RoomChanges:
    known = scenario.features.update_fields
    changes: RoomChanges = {}
    if "name" in known:
        changes["name"] = RENAMED
    elif "description" in known:
        changes["description"] = RENAMED
    return changes


async def _update(scenario: Scenario) -> Room:
    return await scenario.conference.update_room(scenario.room, **_change(scenario))


async def _updated(scenario: Scenario, room: Room) -> None:
    equal(room.id, scenario.room.id, "the id of the room changed")
    check_room(scenario, room)
    real = scenario.real_room()
    for name, value in _change(scenario).items() if real else ():
        equal(getattr(real, name), value, f"the {name} of the room after the change")


async def _deleted(scenario: Scenario, _: object) -> None:
    expect(scenario.real_room() is None, "the deleted room is still there")
    try:
        await scenario.conference.delete_room(scenario.room)
    except ConferencingError as error:
        raise AssertionError(f"deleting what is gone must succeed; it raised {error!r}") from error


async def _defaults(_: Scenario, settings: object) -> None:
    expect(isinstance(settings, RoomSettings), "default_settings must give RoomSettings")


async def _of_room(scenario: Scenario, settings: RoomSettings) -> None:
    given = scenario.fields().get("settings")
    for name in ("recording", "auto_recording") if given else ():
        told(getattr(settings, name), getattr(given, name), f"settings.{name}")


# -------------------------------------------------------------------------------------- templates


async def _templates(scenario: Scenario, found: list[Template]) -> None:
    if scenario.world is not None:
        equal({one.id for one in found}, set(scenario.world.templates), "the templates listed")
    for one in found:
        _check_template(scenario, one)


def _check_template(scenario: Scenario, one: Template) -> None:
    if scenario.world is None:
        return
    real = scenario.world.templates.get(one.id)
    expect(real, f"the vendor has no template {one.id!r}")
    if real is not None:
        equal((one.name, one.default), (real.name, real.default), "name and default of a template")
        told(one.description, real.description, "the template's description")


async def _template_made(scenario: Scenario, one: Template) -> None:
    equal(one.name, "Mine", "the name of the template")
    _check_template(scenario, one)


async def _template_changed(scenario: Scenario, one: Template) -> None:
    equal(
        (one.id, one.name), (scenario.template.id, RENAMED), "id and name of the template changed"
    )
    _check_template(scenario, one)


async def _template_deleted(scenario: Scenario, _: object) -> None:
    if scenario.world is not None:
        expect(
            scenario.template.id not in scenario.world.templates,
            "the deleted template is still there",
        )
    await scenario.conference.delete_template(scenario.template)


# ---------------------------------------------------------------------------------------- request


async def _request(scenario: Scenario) -> int:
    """Make a call that the adapter made before, by its path. Without a network there is none."""
    path = _known_path(scenario)
    if path is None:
        await scenario.conference.rooms().collect()
        path = _known_path(scenario) or "/"
    if scenario.served is not None:
        scenario.served.requests.clear()
    return (await scenario.conference.request("GET", path)).status


def _known_path(scenario: Scenario) -> str | None:
    provider: Any = scenario.conference.provider
    simulator = scenario.served.simulator if scenario.served else None
    base = urlsplit(str(provider.settings.base_url)).path
    prefix = base.removeprefix(f"/{simulator.name}") if simulator else base
    seen = scenario.served.requests if scenario.served else ()
    known = (one.path.removeprefix(prefix) for one in seen if one.method == "GET")
    return next(known, None)


async def _answered(_: Scenario, status: int) -> None:
    equal(status, 200, "the status of a raw request")


# fmt: off
CASES: Final = (
    OperationCase(operation=Operation.CHECK, call=lambda s: s.conference.check(), needs=()),
    OperationCase(operation=Operation.LIST_ROOMS, call=lambda s: s.conference.rooms().collect(),
        check=_list, exact=True),
    OperationCase(operation=Operation.GET_ROOM, call=lambda s: s.conference.get_room(s.room.id), check=_got,
        by_id=lambda s, i: s.conference.get_room(i), exact=True, finds=True),
    OperationCase(operation=Operation.CREATE_ROOM, needs=(), check=_created, once=True,
        call=lambda s: s.make_room(**s.fields())),
    OperationCase(operation=Operation.UPDATE_ROOM, call=_update, check=_updated, finds=True,
        by_id=lambda s, i: s.conference.update_room(i, **_change(s))),
    OperationCase(operation=Operation.DELETE_ROOM, call=lambda s: s.conference.delete_room(s.room),
        check=_deleted, by_id=lambda s, i: s.conference.delete_room(i)),
    OperationCase(operation=Operation.DEFAULT_SETTINGS, call=lambda s: s.conference.default_settings(),
        needs=(), check=_defaults, exact=True),
    OperationCase(operation=Operation.ROOM_SETTINGS, call=lambda s: s.conference.room_settings(s.room),
        check=_of_room, by_id=lambda s, i: s.conference.room_settings(i), exact=True, finds=True),
    OperationCase(operation=Operation.LIST_TEMPLATES, call=lambda s: s.conference.templates().collect(),
        needs=("template",), check=_templates, exact=True),
    OperationCase(operation=Operation.CREATE_TEMPLATE, needs=(), check=_template_made, once=True,
        call=lambda s: s.conference.create_template("Mine", description="for tests")),
    OperationCase(operation=Operation.UPDATE_TEMPLATE, needs=("template",), check=_template_changed,
        call=lambda s: s.conference.update_template(evolve(s.template, name=RENAMED)),
        by_id=lambda s, i: s.conference.update_template(evolve(s.template, id=i)), finds=True),
    OperationCase(operation=Operation.DELETE_TEMPLATE, needs=("template",), check=_template_deleted,
        call=lambda s: s.conference.delete_template(s.template),
        by_id=lambda s, i: s.conference.delete_template(i)),
    OperationCase(operation=Operation.REQUEST, call=_request, check=_answered,
        by_id=lambda s, i: s.conference.request("GET", "/rooms", query={"id": i})),
)
# fmt: on
