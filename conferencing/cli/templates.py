"""`conferencing templates`: sets of room settings that the provider keeps."""

from __future__ import annotations

from typing import Any

from attrs import evolve

from conferencing.conference import Conference
from conferencing.errors import NotFound
from conferencing.model import Template

from .options import (
    DELETE,
    LIST,
    MAKE,
    WRITE,
    CreateOptions,
    DeleteOptions,
    LaxBool,
    Listing,
    WriteOptions,
    confirm,
)
from .output import Output
from .terms import native_of
from .work import deleted, listed, shown

__all__ = ["create", "delete", "list_", "update"]

COLUMNS = ("id", "name", "description", "default")


def list_(*, at: Listing = LIST) -> Output | None:
    """List the templates."""
    return listed(at, lambda conference: conference.templates(), COLUMNS)


def create(
    name: str,
    /,
    *,
    description: str | None = None,
    default: bool = False,
    native: str | None = None,
    at: CreateOptions = MAKE,
) -> Output | None:
    """Create a template.

    Parameters
    ----------
    name
        How it is called.
    description
        What it is for.
    default
        Rooms are made from it if nothing else is said.
    native
        Fields of the provider's own, as a JSON object.
    """
    own = native_of(native)
    return shown(
        at,
        lambda conference: conference.create_template(
            name, description=description, default=default, native=own
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
    at: WriteOptions = WRITE,
) -> Output | None:
    """Change what is given of a template; the rest is read first and stays.

    Parameters
    ----------
    template
        Its id.
    name
        How it shall be called.
    description
        What it is for.
    default
        Rooms are made from it if nothing else is said.
    native
        Fields of the provider's own, as a JSON object.
    """
    own = native_of(native)
    given: dict[str, Any] = {"name": name, "description": description, "default": default}
    changes = {key: one for key, one in given.items() if one is not None}

    async def call(conference: Conference) -> Template:
        present = await _found(conference, template)
        return await conference.update_template(evolve(present, **changes), native=own)

    return shown(at, call)


async def _found(conference: Conference, template: str) -> Template:
    async for one in conference.templates():
        if one.id == template:
            return one
    raise NotFound(f"there is no template {template!r}")


def delete(template: list[str], /, *, at: DeleteOptions = DELETE) -> Output | None:
    """Delete templates.

    Parameters
    ----------
    template
        The ids.
    """
    confirm(at, f"Delete {', '.join(template)}?")
    return deleted(
        at, template, lambda conference, one: conference.delete_template(one), "Template"
    )
