"""`conferencing providers`: what is installed, and what it can do."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

from conferencing.accounts.registry import Plugin, list_plugins, load, simulator_names
from conferencing.capabilities import Capabilities, Operation, Support, derive
from conferencing.errors import ConfigurationError
from conferencing.provider import ConferenceProvider

from .output import Output

__all__ = ["providers"]

SIGNS = {
    Support.NATIVE: "[green]yes[/]",
    Support.EMULATED: "[cyan]emulated[/]",
    Support.UNVERIFIED: "[yellow]unverified[/]",
    Support.ABSENT: "[dim]-[/]",
}


def providers(*, json: bool = False) -> Output:
    """List the installed adapters, where they come from, and what each of them can do.

    Parameters
    ----------
    json
        Print JSON.
    """
    plugins = list_plugins()
    loaded = {one.name: _loaded(one) for one in plugins}
    data = [row for one in plugins for row in _described(one, loaded[one.name])]
    return Output(data, lambda console: _show(console, plugins, loaded))


def _loaded(plugin: Plugin) -> dict[str, Capabilities] | str:
    """Return what its dialects can do, or why it cannot be loaded: a broken one hides no other."""
    try:
        adapter: type[ConferenceProvider] = load(plugin.name)
        dialects = adapter.dialects()
    except ConfigurationError as error:
        return error.message
    return {
        dialect: derive(one, ConferenceProvider, plugin.name, one.features)
        for dialect, one in dialects.items()
    }


def _described(plugin: Plugin, found: dict[str, Capabilities] | str) -> list[dict[str, Any]]:
    data: dict[str, Any] = {
        "name": plugin.name,
        "dialect": "",
        "distribution": plugin.distribution,
        "version": plugin.version,
        "simulator": plugin.name in simulator_names(),
        "rivals": plugin.rivals,
    }
    if isinstance(found, str):
        return [data | {"error": found}]
    return [data | {"dialect": name} | _able(one) for name, one in found.items()]


def _able(found: Capabilities) -> dict[str, Any]:
    features = found.features
    return {
        "operations": {one.value: support.value for one, support in found.operations.items()},
        "create_fields": sorted(features.create_fields),
        "update_fields": sorted(features.update_fields),
        "kinds": sorted(features.kinds),
        "entry": sorted(features.entry),
        "roles": sorted(features.roles),
        "attendance": features.attendance,
        "resolution_seconds": features.resolution.total_seconds(),
        "reports": sorted(features.reports),
        "limits": dict(features.limits),
    }


def _show(
    console: Console, plugins: list[Plugin], loaded: dict[str, dict[str, Capabilities] | str]
) -> None:
    table = Table("provider", "from", "version", "simulator", title="Installed adapters")
    for one in plugins:
        fault = loaded[one.name]
        note = f"\n[red]{fault}[/]" if isinstance(fault, str) else ""
        rivals = f"\n[red]also claimed by {', '.join(one.rivals)}[/]" if one.rivals else ""
        stand_in = "yes" if one.name in simulator_names() else "-"
        table.add_row(one.name + note + rivals, one.distribution, one.version, stand_in)
    console.print(table)
    usable = {
        f"{name} {dialect}".rstrip(): capabilities
        for name, found in loaded.items()
        if not isinstance(found, str)
        for dialect, capabilities in found.items()
    }
    console.print(capability_table(usable))


def capability_table(found: dict[str, Capabilities], *, gaps: bool = False) -> Table:
    """Return the table of operations by provider, made from what their classes override.

    With `gaps`, it has only the operations that somebody does not have.
    """
    table = Table(
        "operation", *found, title="What is not everywhere" if gaps else "What they can do"
    )
    for operation in Operation:
        if gaps and all(one.supports(operation) for one in found.values()):
            continue
        signs = (SIGNS[capabilities[operation]] for capabilities in found.values())
        table.add_row(operation.value, *signs)
    return table
