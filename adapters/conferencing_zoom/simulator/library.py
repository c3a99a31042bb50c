"""Templates and tracking fields: docs/vendors/zoom.md#templates"""

from __future__ import annotations

from typing import Any, Final

from conferencing.model import Template
from conferencing.sandbox.kit import Fields
from conferencing.sandbox.simulator import Answer

from .endpoints import Endpoints
from .errors import refuse
from .rooms import find_room
from .state import Caller, ZoomState
from .users import user_of

__all__ = ["endpoints"]

endpoints = Endpoints()

TEMPLATES: Final = "/users/{user}/{family:meeting|webinar}_templates"
MOST_TEMPLATES: Final = 40
FIELD: Final = ("field", "recommended_values", "required", "visible")

Row = dict[str, Any]


@endpoints("GET", TEMPLATES, "M", "{kind}:read:list_templates")
def list_templates(
    simulator: ZoomState, fields: Fields, caller: Caller, user: str, family: str
) -> Answer:
    host = user_of(simulator, caller, user)
    rows = [
        {"id": template.id, "name": template.name, "type": template.native["type"]}
        for template in _templates_of(simulator, host.id, family)
    ]
    return Answer.json({"total_records": len(rows), "templates": rows})


@endpoints(
    "POST",
    TEMPLATES,
    *("M", "{kind}:write:template"),
    *("meeting_id", "webinar_id", "name", "overwrite", "save_recurrence"),
)
def create_template(
    simulator: ZoomState, fields: Fields, caller: Caller, user: str, family: str
) -> Answer:
    """Make a template of an existing room; with `overwrite`, one of the same name is replaced."""
    host = user_of(simulator, caller, user)
    number = fields.number(f"{family}_id")
    if number is None:
        raise fields.refuse(f"{family}_id", "Invalid field.")
    room, details = find_room(simulator, caller, f"{family}s", str(number))
    name = fields.text("name") or room.name
    existing = _templates_of(simulator, host.id, family)
    same = next((template for template in existing if template.name == name), None)
    if same is None and len(existing) >= MOST_TEMPLATES:
        raise refuse(400, 300, "The number of templates has reached its limit.")
    replaces = same is not None and fields.flag("overwrite")
    template_id = same.id if same and replaces else simulator.world.new_id("template")
    native = {"kind": family, "user": host.id, "type": details.type}
    template = Template(
        id=template_id, name=name, native={**native, "settings": dict(details.settings)}
    )
    simulator.world.templates[template_id] = template
    return Answer.json({"id": template_id, "name": name}, 201)


def _templates_of(simulator: ZoomState, user_id: str, family: str) -> list[Template]:
    return [
        template
        for template in simulator.world.templates.values()
        if template.native.get("kind") == family and template.native.get("user") == user_id
    ]


# -------------------------------------------------------------------------------- tracking fields


@endpoints("GET", "/tracking_fields", "M", "tracking_field:read:list_tracking_fields:admin")
def list_tracking_fields(simulator: ZoomState, fields: Fields, caller: Caller) -> Answer:
    rows = list(simulator.tracking_fields.values())
    return Answer.json({"total_records": len(rows), "tracking_fields": rows})


@endpoints("POST", "/tracking_fields", "L", "tracking_field:write:tracking_field:admin", *FIELD)
def create_tracking_field(simulator: ZoomState, fields: Fields, caller: Caller) -> Answer:
    fields.require("field")
    field_id = simulator.world.new_id("tracking field")
    blank: Row = {"recommended_values": [], "required": False, "visible": False}
    row = {"id": field_id, "field": "", **blank} | _read_field(fields)
    simulator.tracking_fields[field_id] = row
    return Answer.json(row, 201)


@endpoints("GET", "/tracking_fields/{field}", "L", "tracking_field:read:tracking_field:admin")
def get_tracking_field(simulator: ZoomState, fields: Fields, caller: Caller, field: str) -> Answer:
    return Answer.json(_find_field(simulator, field))


@endpoints(
    "PATCH", "/tracking_fields/{field}", "L", "tracking_field:update:tracking_field:admin", *FIELD
)
def update_tracking_field(
    simulator: ZoomState, fields: Fields, caller: Caller, field: str
) -> Answer:
    _find_field(simulator, field).update(_read_field(fields))
    return Answer(status=204)


@endpoints("DELETE", "/tracking_fields/{field}", "L", "tracking_field:delete:tracking_field:admin")
def delete_tracking_field(
    simulator: ZoomState, fields: Fields, caller: Caller, field: str
) -> Answer:
    _find_field(simulator, field)
    del simulator.tracking_fields[field]
    return Answer(status=204)


def _read_field(fields: Fields) -> Row:
    row = {
        "field": fields.text("field"),
        "recommended_values": fields.get("recommended_values")
        and fields.texts("recommended_values"),
        "required": fields.flag("required"),
        "visible": fields.flag("visible"),
    }
    return {name: value for name, value in row.items() if value is not None}


def _find_field(simulator: ZoomState, field_id: str) -> Row:
    row = simulator.tracking_fields.get(field_id)
    if row is None:
        raise refuse(400, 300, "Invalid tracking field id.")
    return row
