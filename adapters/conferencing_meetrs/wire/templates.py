"""Add-on configurations (room templates; vendor README, "Meet configuration") and tenants."""
# ruff: noqa: N815 - a row's fields are spelled as the vendor spells them

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import define, field, frozen

from conferencing.http import Id, Reply, deep_merge, without_none
from conferencing.model import Template
from conferencing.model.base import Record
from conferencing.model.native import NO_NATIVE, Native

from .base import WIRE


@define
class ConfigurationRow:
    """A configuration; its `items` and `type` have no neutral name and stay in `native`."""

    id: Id
    name: str | None = None
    description: str | None = None
    isDefault: bool | None = None


@define
class TenantRow:
    """A tenant: only its code and its id are published."""

    id: Id
    code: str
    name: str | None = None


@frozen(kw_only=True, repr=False)
class Tenant(Record):
    """A company's account, or one below it. `code` narrows reports to it."""

    _shown = ("id", "code", "name")

    id: str
    code: str
    name: str | None = None
    native: Mapping[str, Any] = field(default=NO_NATIVE, eq=False)


def read_template(reply: Reply) -> Template:
    """Return one configuration."""
    return WIRE.record(reply, ConfigurationRow, _to_template)


def read_templates(reply: Reply) -> list[Template]:
    """Return a list of configurations."""
    return WIRE.records(reply, ConfigurationRow, _to_template)


def _to_template(row: ConfigurationRow, native: Native) -> Template:
    return Template(
        id=str(row.id),
        name=row.name or "",
        description=row.description,
        default=row.isDefault or False,
        native=native,
    )


def write_template(template: Template, native: Mapping[str, Any]) -> dict[str, Any]:
    """Return the whole body of a template: what the vendor had of it, with what changes over it."""
    fields = without_none(
        name=template.name, description=template.description, isDefault=template.default
    )
    return deep_merge({**template.native, **fields}, native)


def read_tenants(reply: Reply) -> list[Tenant]:
    """Return a list of tenants."""
    return WIRE.records(reply, TenantRow, _to_tenant)


def _to_tenant(row: TenantRow, native: Native) -> Tenant:
    return Tenant(id=str(row.id), code=row.code, name=row.name, native=native)
