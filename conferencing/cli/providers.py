"""`conferencing providers`: installed adapters, and what each of them supports."""

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
    """List the installed adapters, their packages, and the operations they support.

    Parameters
    ----------
    json
        Print JSON.
    """
    plugins = list_plugins()
    loaded = {plugin.name: _load_dialects(plugin) for plugin in plugins}
    data = [row for plugin in plugins for row in _to_json(plugin, loaded[plugin.name])]
    return Output(data, lambda console: _show(console, plugins, loaded))


def _load_dialects(plugin: Plugin) -> dict[str, Capabilities] | str:
    """Return the capabilities of each dialect, or why the adapter cannot be loaded."""
    try:
        adapter: type[ConferenceProvider] = load(plugin.name)
        dialects = adapter.dialects()
    except ConfigurationError as error:
        return error.message
    return {
        name: derive(dialect, ConferenceProvider, plugin.name, dialect.features)
        for name, dialect in dialects.items()
    }


def _to_json(plugin: Plugin, dialects: dict[str, Capabilities] | str) -> list[dict[str, Any]]:
    data: dict[str, Any] = {
        "name": plugin.name,
        "dialect": "",
        "distribution": plugin.distribution,
        "version": plugin.version,
        "simulator": plugin.name in simulator_names(),
        "rivals": plugin.rivals,
    }
    if isinstance(dialects, str):
        return [data | {"error": dialects}]
    return [
        data | {"dialect": name} | _capabilities_to_json(capabilities)
        for name, capabilities in dialects.items()
    ]


def _capabilities_to_json(capabilities: Capabilities) -> dict[str, Any]:
    features = capabilities.features
    operations = capabilities.operations.items()
    return {
        "operations": {operation.value: support.value for operation, support in operations},
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
    for plugin in plugins:
        fault = loaded[plugin.name]
        note = f"\n[red]{fault}[/]" if isinstance(fault, str) else ""
        rivals = f"\n[red]also claimed by {', '.join(plugin.rivals)}[/]" if plugin.rivals else ""
        simulator = "yes" if plugin.name in simulator_names() else "-"
        table.add_row(plugin.name + note + rivals, plugin.distribution, plugin.version, simulator)
    console.print(table)
    usable = {
        f"{name} {dialect}".rstrip(): capabilities
        for name, dialects in loaded.items()
        if not isinstance(dialects, str)
        for dialect, capabilities in dialects.items()
    }
    console.print(capability_table(usable))


def capability_table(
    providers: dict[str, Capabilities], *, only_differences: bool = False
) -> Table:
    """Return a table of operations by provider; optionally only those that not all support."""
    title = "Differences between providers" if only_differences else "Supported operations"
    table = Table("operation", *providers, title=title)
    for operation in Operation:
        if only_differences and all(each.supports(operation) for each in providers.values()):
            continue
        signs = (SIGNS[capabilities[operation]] for capabilities in providers.values())
        table.add_row(operation.value, *signs)
    return table
