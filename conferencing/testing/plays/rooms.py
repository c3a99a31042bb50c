"""The plays of rooms, their settings and templates."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlsplit

from attrs import evolve

from conferencing.capabilities import Operation
from conferencing.drafts import RoomChanges
from conferencing.errors import ConferencingError
from conferencing.model import Room, RoomSettings, Template
from conferencing.testing.expect import equal, expect
from conferencing.testing.stage import Stage

from .play import Play, told

__all__ = ["PLAYS", "check_room"]

RENAMED: Final = "Renamed"
_ALIKE: Final = (
    "name", "kind", "starts_at", "duration", "timezone", "permanent", "description",
    "registration", "waiting_room", "capacity", "join_url",
)  # fmt: skip


def check_room(stage: Stage, room: Room) -> None:
    """Compare all that the vendor tells of a room with the room itself."""
    if stage.world is None:
        return
    real = stage.real_room(room)
    expect(real, f"the vendor has no room {room.id!r}; it has {list(stage.world.rooms)}")
    for name in _ALIKE:
        value = getattr(room, name)
        # An empty text, or no truth, is what many vendors tell of what nobody said.
        told(value or None, getattr(real, name), f"the room's {name}")
    if room.starts_at is not None:
        expect(room.starts_at.utcoffset() is not None, "the room's starts_at is naive")


# ------------------------------------------------------------------------------- calls and checks


async def _list(stage: Stage, rooms: list[Room]) -> None:
    for room in rooms:
        check_room(stage, room)
    if stage.world is not None:
        equal(len(rooms), len(stage.world.rooms), "the number of rooms listed")


async def _got(stage: Stage, room: Room) -> None:
    equal(room.id, stage.room.id, "the id of the room fetched")
    check_room(stage, room)


async def _created(stage: Stage, room: Room) -> None:
    check_room(stage, room)
    expect(room.id, "a created room has no id")
    if stage.world is not None:
        equal(len(stage.world.rooms), 1, "the number of rooms after creating one")
    if "name" in stage.features.create_fields:
        equal(room.name, "Launch", "the name of the room created")


def _change(stage: Stage) -> RoomChanges:
    known = stage.features.update_fields
    changes: RoomChanges = {}
    if "name" in known:
        changes["name"] = RENAMED
    elif "description" in known:
        changes["description"] = RENAMED
    return changes


async def _update(stage: Stage) -> Room:
    return await stage.conference.update_room(stage.room, **_change(stage))


async def _updated(stage: Stage, room: Room) -> None:
    equal(room.id, stage.room.id, "the id of the room changed")
    check_room(stage, room)
    real = stage.real_room()
    for name, value in _change(stage).items() if real else ():
        equal(getattr(real, name), value, f"the {name} of the room after the change")


async def _deleted(stage: Stage, _: object) -> None:
    expect(stage.real_room() is None, "the deleted room is still there")
    try:
        await stage.conference.delete_room(stage.room)
    except ConferencingError as error:
        raise AssertionError(f"deleting what is gone must succeed; it raised {error!r}") from error


async def _defaults(_: Stage, settings: object) -> None:
    expect(isinstance(settings, RoomSettings), "default_settings must give RoomSettings")


async def _of_room(stage: Stage, settings: RoomSettings) -> None:
    given = stage.fields().get("settings")
    for name in ("recording", "auto_recording") if given else ():
        told(getattr(settings, name), getattr(given, name), f"settings.{name}")


# -------------------------------------------------------------------------------------- templates


async def _templates(stage: Stage, found: list[Template]) -> None:
    if stage.world is not None:
        equal({one.id for one in found}, set(stage.world.templates), "the templates listed")
    for one in found:
        _check_template(stage, one)


def _check_template(stage: Stage, one: Template) -> None:
    if stage.world is None:
        return
    real = stage.world.templates.get(one.id)
    expect(real, f"the vendor has no template {one.id!r}")
    if real is not None:
        equal((one.name, one.default), (real.name, real.default), "name and default of a template")
        told(one.description, real.description, "the template's description")


async def _template_made(stage: Stage, one: Template) -> None:
    equal(one.name, "Mine", "the name of the template")
    _check_template(stage, one)


async def _template_changed(stage: Stage, one: Template) -> None:
    equal((one.id, one.name), (stage.template.id, RENAMED), "id and name of the template changed")
    _check_template(stage, one)


async def _template_deleted(stage: Stage, _: object) -> None:
    if stage.world is not None:
        expect(
            stage.template.id not in stage.world.templates, "the deleted template is still there"
        )
    await stage.conference.delete_template(stage.template)


# ---------------------------------------------------------------------------------------- request


async def _request(stage: Stage) -> int:
    """Make a call that the adapter made before, by its path. Without a network there is none."""
    path = _known_path(stage)
    if path is None:
        await stage.conference.rooms().collect()
        path = _known_path(stage) or "/"
    if stage.stand is not None:
        stage.stand.seen.clear()
    return (await stage.conference.request("GET", path)).status


def _known_path(stage: Stage) -> str | None:
    provider: Any = stage.conference.provider
    simulator = stage.stand.simulator if stage.stand else None
    base = urlsplit(str(provider.settings.base_url)).path
    prefix = base.removeprefix(f"/{simulator.name}") if simulator else base
    seen = stage.stand.seen if stage.stand else ()
    known = (one.path.removeprefix(prefix) for one in seen if one.method == "GET")
    return next(known, None)


async def _answered(_: Stage, status: int) -> None:
    equal(status, 200, "the status of a raw request")


# fmt: off
PLAYS: Final = (
    Play(operation=Operation.CHECK, call=lambda s: s.conference.check(), needs=()),
    Play(operation=Operation.LIST_ROOMS, call=lambda s: s.conference.rooms().collect(),
        check=_list, exact=True),
    Play(operation=Operation.GET_ROOM, call=lambda s: s.conference.get_room(s.room.id), check=_got,
        by_id=lambda s, i: s.conference.get_room(i), exact=True, finds=True),
    Play(operation=Operation.CREATE_ROOM, needs=(), check=_created, once=True,
        call=lambda s: s.make_room(**s.fields())),
    Play(operation=Operation.UPDATE_ROOM, call=_update, check=_updated, finds=True,
        by_id=lambda s, i: s.conference.update_room(i, **_change(s))),
    Play(operation=Operation.DELETE_ROOM, call=lambda s: s.conference.delete_room(s.room),
        check=_deleted, by_id=lambda s, i: s.conference.delete_room(i)),
    Play(operation=Operation.DEFAULT_SETTINGS, call=lambda s: s.conference.default_settings(),
        needs=(), check=_defaults, exact=True),
    Play(operation=Operation.ROOM_SETTINGS, call=lambda s: s.conference.room_settings(s.room),
        check=_of_room, by_id=lambda s, i: s.conference.room_settings(i), exact=True, finds=True),
    Play(operation=Operation.LIST_TEMPLATES, call=lambda s: s.conference.templates().collect(),
        needs=("template",), check=_templates, exact=True),
    Play(operation=Operation.CREATE_TEMPLATE, needs=(), check=_template_made, once=True,
        call=lambda s: s.conference.create_template("Mine", description="for tests")),
    Play(operation=Operation.UPDATE_TEMPLATE, needs=("template",), check=_template_changed,
        call=lambda s: s.conference.update_template(evolve(s.template, name=RENAMED)),
        by_id=lambda s, i: s.conference.update_template(evolve(s.template, id=i)), finds=True),
    Play(operation=Operation.DELETE_TEMPLATE, needs=("template",), check=_template_deleted,
        call=lambda s: s.conference.delete_template(s.template),
        by_id=lambda s, i: s.conference.delete_template(i)),
    Play(operation=Operation.REQUEST, call=_request, check=_answered,
        by_id=lambda s, i: s.conference.request("GET", "/rooms", query={"id": i})),
)
# fmt: on
