"""Configurations of add-ons: section 5 of the notes on the wire. Only the list is documented."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from attrs import evolve

from conferencing.errors import NotFound
from conferencing.model import Template
from conferencing.sandbox.simulator import Answer

from .meetings import ADDONS
from .shared import Given, Refused, guid, items, only, route, text

if TYPE_CHECKING:
    from . import MeetRSSimulator
    from .tokens import Account

MEET_APP, TEAMS_ADDON = 1, 3
FIELDS = ("name", "description", "isDefault", "type", "items")
PLAIN = json.dumps([{"key": "language", "value": "en"}])


def built_in(simulator: MeetRSSimulator) -> dict[str, Template]:
    """Return the configurations that every tenant begins with."""
    whole = [{"identifier": addon, "configuration": PLAIN} for addon in ADDONS]
    editor = [one for one in whole if one["identifier"] in {"monaco", "roster"}]
    told = (
        ("Default", "All add-ons", MEET_APP, whole),
        ("Editor only", "The call is elsewhere", MEET_APP, editor),
        ("Teams", "Inside Microsoft Teams", TEAMS_ADDON, editor),
    )
    made = [
        Template(
            id=guid(simulator.seed, "configuration", name),
            name=name,
            description=text,
            default=name == "Default",
            native={"type": kind, "items": addons},
        )
        for name, text, kind, addons in told
    ]
    return {one.id: one for one in made}


@route("GET", "/v1/addonConfigurations")
def list_configurations(simulator: MeetRSSimulator, given: Given, tenant: Account) -> Answer:
    rows = [_row(one, tenant) for one in simulator.world.templates.values()]
    return Answer.json(rows)


@route("POST", "/v1/addonConfigurations")
def create_configuration(simulator: MeetRSSimulator, given: Given, tenant: Account) -> Answer:
    only(given, FIELDS)
    blank = Template(id=simulator.world.new_id("template"), native={"type": MEET_APP, "items": []})
    return Answer.json(_row(_kept(simulator, blank, given), tenant))


@route("PUT", "/v1/addonConfigurations/{key}")
def update_configuration(
    simulator: MeetRSSimulator, given: Given, tenant: Account, key: str
) -> Answer:
    present = _present(simulator, key)
    only(given, (*FIELDS, "id", "partitionKey"))
    if given.get("id", key) != key:
        raise Refused(400, "id is not that of the path")
    return Answer.json(_row(_kept(simulator, present, given), tenant))


@route("DELETE", "/v1/addonConfigurations/{key}")
def delete_configuration(
    simulator: MeetRSSimulator, given: Given, tenant: Account, key: str
) -> Answer:
    if _present(simulator, key).default:
        raise Refused(409, "the default configuration stays")
    del simulator.world.templates[key]
    return Answer(status=204)


def _present(simulator: MeetRSSimulator, key: str) -> Template:
    present = simulator.world.templates.get(key)
    if present is None:
        raise NotFound("there is no such configuration")
    return present


def _kept(simulator: MeetRSSimulator, present: Template, given: Given) -> Template:
    if not text(given, "name"):
        raise Refused(400, "name is needed")
    default: Any = given.get("isDefault", False)
    if not isinstance(default, bool):
        raise Refused(400, "isDefault must be true or false")
    kept = evolve(
        present,
        name=given["name"],
        description=text(given, "description"),
        default=default,
        native={"type": _kind(given, present), "items": _addons(given, present)},
    )
    templates = simulator.world.templates
    if default:
        for key, one in list(templates.items()):
            templates[key] = evolve(one, default=False)
    templates[kept.id] = kept
    return kept


def _kind(given: Given, present: Template) -> int:
    kind = given.get("type", present.native["type"])
    if kind not in {MEET_APP, TEAMS_ADDON}:
        raise Refused(400, f"type must be {MEET_APP} or {TEAMS_ADDON}")
    return int(kind)


def _addons(given: Given, present: Template) -> list[Given]:
    rows = items(given.get("items", present.native["items"]), "items")
    for row in rows:
        only(row, ("identifier", "configuration"), "items.")
        if row.get("identifier") not in ADDONS:
            raise Refused(400, f"items.identifier must be one of {', '.join(ADDONS)}")
        _check_properties(text(row, "configuration", "items.") or "[]")
    return rows


def _check_properties(written: str) -> None:
    """Refuse what is not the JSON of a list of keys and values, which is a text in the JSON."""
    try:
        rows: Any = json.loads(written)
    except ValueError:
        rows = None
    for row in items(rows, "items.configuration"):
        only(row, ("key", "value"), "items.configuration.")
        if not all(isinstance(one, str) for one in row.values()):
            raise Refused(400, "items.configuration must have texts")


def _row(template: Template, tenant: Account) -> Given:
    return {
        "id": template.id,
        "name": template.name,
        "description": template.description,
        "partitionKey": tenant.id,
        "isDefault": template.default,
        **template.native,
    }
