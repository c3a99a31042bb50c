"""Configurations of add-ons: docs/vendors/meetrs.md#configurations. Only the list is documented."""

from __future__ import annotations

import json
from typing import Any, Final, cast

from attrs import evolve

from conferencing.errors import NotFound
from conferencing.model import Template
from conferencing.sandbox.kit import Fields, Refusal, Router
from conferencing.sandbox.simulator import Answer

from .state import MeetRSState, Tenant, stable_id

__all__ = ["first_templates", "route"]

route = Router()

MEET_APP, TEAMS_ADDON = 1, 3
ADDONS: Final = ("monaco", "rnto", "orpheus", "roster", "twilio")
FIELDS: Final = ("name", "description", "isDefault", "type", "items")
PROPERTIES: Final = json.dumps([{"key": "language", "value": "en"}])


def first_templates(seed: int) -> dict[str, Template]:
    """Return the configurations with which every tenant starts."""
    items = [{"identifier": addon, "configuration": PROPERTIES} for addon in ADDONS]
    editor = [item for item in items if item["identifier"] in {"monaco", "roster"}]
    rows = (
        ("Default", "All add-ons", MEET_APP, items),
        ("Editor only", "The call is elsewhere", MEET_APP, editor),
        ("Teams", "Inside Microsoft Teams", TEAMS_ADDON, editor),
    )
    templates = [
        Template(
            id=stable_id(seed, "configuration", name),
            name=name,
            description=description,
            default=name == "Default",
            native={"type": kind, "items": addons},
        )
        for name, description, kind, addons in rows
    ]
    return {template.id: template for template in templates}


@route("GET", "/v1/addonConfigurations")
def list_configurations(simulator: MeetRSState, fields: Fields, tenant: Tenant) -> Answer:
    templates = simulator.world.templates.values()
    return Answer.json([_row(template, tenant) for template in templates])


@route("POST", "/v1/addonConfigurations", *FIELDS)
def create_configuration(simulator: MeetRSState, fields: Fields, tenant: Tenant) -> Answer:
    blank = Template(id=simulator.world.new_id("template"), native={"type": MEET_APP, "items": []})
    return Answer.json(_row(_save(simulator, blank, fields), tenant))


@route("PUT", "/v1/addonConfigurations/{key}", *FIELDS, "id", "partitionKey")
def update_configuration(
    simulator: MeetRSState, fields: Fields, tenant: Tenant, key: str
) -> Answer:
    template = _template(simulator, key)
    if fields.get("id", key) != key:
        raise fields.refuse("id", "is not that of the path")
    return Answer.json(_row(_save(simulator, template, fields), tenant))


@route("DELETE", "/v1/addonConfigurations/{key}")
def delete_configuration(
    simulator: MeetRSState, fields: Fields, tenant: Tenant, key: str
) -> Answer:
    if _template(simulator, key).default:
        raise Refusal(409, "the default configuration cannot be deleted")
    del simulator.world.templates[key]
    return Answer(status=204)


def _template(simulator: MeetRSState, key: str) -> Template:
    template = simulator.world.templates.get(key)
    if template is None:
        raise NotFound("there is no such configuration")
    return template


def _save(simulator: MeetRSState, template: Template, fields: Fields) -> Template:
    template = evolve(
        template,
        name=fields.require_text("name"),
        description=fields.text("description"),
        default=bool(fields.flag("isDefault")),
        native={"type": _read_kind(fields, template), "items": _read_items(fields, template)},
    )
    templates = simulator.world.templates
    if template.default:
        for key, other in list(templates.items()):
            templates[key] = evolve(other, default=False)
    templates[template.id] = template
    return template


def _read_kind(fields: Fields, template: Template) -> int:
    kind = fields.number("type") or template.native["type"]
    if kind not in {MEET_APP, TEAMS_ADDON}:
        raise fields.refuse("type", f"must be {MEET_APP} or {TEAMS_ADDON}")
    return int(kind)


def _read_items(fields: Fields, template: Template) -> list[dict[str, Any]]:
    """Return the add-ons. Any identifier is taken, because developers run add-ons of their own."""
    if "items" not in fields:
        return cast("list[dict[str, Any]]", template.native["items"])
    items = fields.children("items")
    for item in items:
        item.only("identifier", "configuration")
        item.require_text("identifier")
        _check_properties(item)
    return [dict(item) for item in items]


def _check_properties(item: Fields) -> None:
    """Refuse a configuration that is not the JSON of a list of keys and values, as a string."""
    try:
        rows: Any = json.loads(item.text("configuration") or "[]")
    except (ValueError, RecursionError):
        rows = None
    if not isinstance(rows, list) or not all(map(_is_property, rows)):  # pyright: ignore[reportUnknownArgumentType]
        raise item.refuse("configuration", "must be the JSON of a list of keys and values")


def _is_property(row: Any) -> bool:
    if not isinstance(row, dict):
        return False
    pair = cast("dict[str, Any]", row)
    return pair.keys() <= {"key", "value"} and all(isinstance(v, str) for v in pair.values())


def _row(template: Template, tenant: Tenant) -> dict[str, Any]:
    return {
        "id": template.id,
        "name": template.name,
        "description": template.description,
        "partitionKey": tenant.id,
        "isDefault": template.default,
        **template.native,
    }
