"""`conferencing templates`: sets of room settings that the provider stores."""

from __future__ import annotations

from typing import Any

from attrs import evolve

from conferencing.conference import Conference
from conferencing.errors import NotFound
from conferencing.model import Template

from .options import (
    CREATE,
    DELETE,
    LIST,
    WRITE,
    CreateOptions,
    DeleteOptions,
    LaxBool,
    ListOptions,
    WriteOptions,
    confirm,
)
from .output import Output
from .room_options import parse_native
from .runner import list_values, run_for_each, show_value
from .tables import Column

__all__ = ["create", "delete", "list_", "update"]

COLUMNS = (
    Column("id"),
    Column("name", shorten=True),
    Column("description", drop=2, shorten=True),
    Column("default", drop=1),
)


def list_(*, options: ListOptions = LIST) -> Output | None:
    """List templates."""
    return list_values(options, lambda conference: conference.templates(), COLUMNS)


def create(
    name: str,
    /,
    *,
    description: str | None = None,
    default: bool = False,
    native: str | None = None,
    options: CreateOptions = CREATE,
) -> Output | None:
    """Create a template.

    Parameters
    ----------
    name
        Name of the template.
    description
        Description of the template.
    default
        Use it for rooms that name no template.
    native
        Provider-specific fields as a JSON object, sent unchanged.
    """
    extra = parse_native(native)
    return show_value(
        options,
        lambda conference: conference.create_template(
            name, description=description, default=default, native=extra
        ),
    )


def update(
    template: str,
    /,
    *,
    name: str | None = None,
    description: str | None = None,
    default: LaxBool = None,
    native: str | None = None,
    options: WriteOptions = WRITE,
) -> Output | None:
    """Change fields of a template, and show the updated template. Other fields are kept.

    Parameters
    ----------
    template
        Template id.
    name
        New name.
    description
        New description.
    default
        Use it for rooms that name no template.
    native
        Provider-specific fields as a JSON object, sent unchanged.
    """
    extra = parse_native(native)
    values: dict[str, Any] = {"name": name, "description": description, "default": default}
    changes = {key: value for key, value in values.items() if value is not None}

    async def call(conference: Conference) -> Template:
        current = await _find_template(conference, template)
        return await conference.update_template(evolve(current, **changes), native=extra)

    return show_value(options, call)


async def _find_template(conference: Conference, template_id: str) -> Template:
    async for template in conference.templates():
        if template.id == template_id:
            return template
    raise NotFound(f"there is no template {template_id!r}")


def delete(template: list[str], /, *, options: DeleteOptions = DELETE) -> Output | None:
    """Delete templates.

    Parameters
    ----------
    template
        Template ids.
    """
    confirm(options, f"Delete {', '.join(template)}?")
    return run_for_each(
        options,
        template,
        lambda conference, template_id: conference.delete_template(template_id),
        "template",
    )
