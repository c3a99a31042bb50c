"""`conferencing providers`: what is installed, and what it can do."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

from conferencing.capabilities import Capabilities, Operation, Support, derive
from conferencing.errors import ConfigurationError
from conferencing.provider import ConferenceProvider
from conferencing.registry import Plugin, installed, load, simulated

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
    plugins = installed()
    loaded = {one.name: _loaded(one) for one in plugins}
    data = [_described(one, loaded[one.name]) for one in plugins]
    return Output(data, lambda console: _show(console, plugins, loaded))


def _loaded(plugin: Plugin) -> Capabilities | str:
    """Return what it can do, or why it cannot be loaded: one broken adapter hides no other."""
    try:
        adapter = load(plugin.name)
    except ConfigurationError as error:
        return error.message
    return derive(adapter, ConferenceProvider, plugin.name, adapter.features)


def _described(plugin: Plugin, found: Capabilities | str) -> dict[str, Any]:
    data: dict[str, Any] = {
        "name": plugin.name,
        "distribution": plugin.distribution,
        "version": plugin.version,
        "simulator": plugin.name in simulated(),
        "rivals": plugin.rivals,
    }
    if isinstance(found, str):
        return data | {"error": found}
    features = found.features
    return data | {
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


def _show(console: Console, plugins: list[Plugin], loaded: dict[str, Capabilities | str]) -> None:
    table = Table("provider", "from", "version", "simulator", title="Installed adapters")
    for one in plugins:
        fault = loaded[one.name]
        note = f"\n[red]{fault}[/]" if isinstance(fault, str) else ""
        rivals = f"\n[red]also claimed by {', '.join(one.rivals)}[/]" if one.rivals else ""
        stand_in = "yes" if one.name in simulated() else "-"
        table.add_row(one.name + note + rivals, one.distribution, one.version, stand_in)
    console.print(table)
    usable = {name: found for name, found in loaded.items() if isinstance(found, Capabilities)}
    console.print(capability_table(usable))


def capability_table(found: dict[str, Capabilities]) -> Table:
    """Return the table of operations by provider, made from what their classes override."""
    table = Table("operation", *found, title="What they can do")
    for operation in Operation:
        signs = (SIGNS[capabilities[operation]] for capabilities in found.values())
        table.add_row(operation.value, *signs)
    return table
