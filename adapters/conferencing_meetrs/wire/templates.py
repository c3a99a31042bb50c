"""Add-on configurations, which are room templates (README, Meet configuration), and tenants."""
# ruff: noqa: N815 - a row's fields are spelled as the vendor spells them

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import define, field, frozen

from conferencing.http import Id, deep_merge, said
from conferencing.model import Template
from conferencing.model.base import Record
from conferencing.model.native import NO_NATIVE, Native

from .base import SECRET, WIRE


@define
class ConfigurationRow:
    """A configuration; its `items` and `type` have no neutral name and stay in `native`."""

    id: Id
    name: str | None = None
    description: str | None = None
    isDefault: bool = False


@define
class TenantRow:
    """A tenant. Nothing of it is published but that it has a code and an id."""

    id: Id
    code: str
    name: str | None = None


@frozen(kw_only=True, repr=False)
class Tenant(Record):
    """Describe a tenant: a company's account, or one below it. `code` narrows reports to it."""

    _shown = ("id", "code", "name")

    id: str
    code: str
    name: str | None = None
    native: Mapping[str, Any] = field(default=NO_NATIVE, eq=False)


def template(payload: Any) -> Template:
    """Read one configuration."""
    return _template(WIRE.read(payload, ConfigurationRow), Native(payload, SECRET))


def templates(payload: Any) -> list[Template]:
    """Read a list of configurations."""
    return [_template(*found) for found in WIRE.rows(payload, ConfigurationRow, SECRET)]


def _template(row: ConfigurationRow, native: Native) -> Template:
    return Template(
        id=row.id,
        name=row.name or "",
        description=row.description,
        default=row.isDefault,
        native=native,
    )


def configuration(template: Template, native: Mapping[str, Any]) -> dict[str, Any]:
    """Write a template whole: what the vendor said of it before, and what it shall be now."""
    fields = said(name=template.name, description=template.description, isDefault=template.default)
    return deep_merge({**template.native, **fields}, native)


def tenants(payload: Any) -> list[Tenant]:
    """Read a list of tenants."""
    return [
        Tenant(id=row.id, code=row.code, name=row.name, native=native)
        for row, native in WIRE.rows(payload, TenantRow, SECRET)
    ]
