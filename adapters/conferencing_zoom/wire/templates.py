"""Templates, which Zoom makes of existing meetings (docs/vendors/zoom.md#templates)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from attrs import define

from conferencing.errors import InvalidRequest
from conferencing.http import Id, Reply, deep_merge
from conferencing.model import RoomKind, Template
from conferencing.model.native import Native

from .base import WIRE

__all__ = ["find_kind", "read_template", "read_templates", "write_template"]


@define
class TemplateRow:
    """A template: a name and nothing else."""

    id: Id
    name: str | None = None


def read_templates(reply: Reply, *, kind: RoomKind) -> list[Template]:
    """Return the templates of one kind of room."""
    return WIRE.records(reply, TemplateRow, partial(_to_template, kind=kind), "templates")


def read_template(reply: Reply, *, kind: RoomKind) -> Template:
    """Return a template that was created."""
    return WIRE.record(reply, TemplateRow, partial(_to_template, kind=kind))


def _to_template(row: TemplateRow, native: Native, *, kind: RoomKind) -> Template:
    # A row does not name the kind: only the list that it is in does.
    return Template(id=str(row.id), name=row.name or "", description=kind.value, native=native)


def find_kind(native: Mapping[str, Any]) -> RoomKind:
    """Return the kind of the room to make a template of. Raises `InvalidRequest` without one."""
    for kind in (RoomKind.MEETING, RoomKind.WEBINAR):
        if f"{kind.value}_id" in native:
            return kind
    raise InvalidRequest(
        "Zoom makes a template of an existing room: pass native={'meeting_id': ...} or"
        " native={'webinar_id': ...}",
        field="native",
    )


def write_template(template: Template, native: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body, with the room in `native`."""
    return deep_merge({"name": template.name, "overwrite": False}, native)
