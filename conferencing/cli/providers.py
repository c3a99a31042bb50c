"""`conferencing providers`: installed adapters, and what each of them supports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from conferencing.accounts.registry import Plugin, list_plugins, load, simulator_names
from conferencing.capabilities import Capabilities, Operation, derive
from conferencing.errors import ConfigurationError
from conferencing.provider import ConferenceProvider

from .output import Output
from .tables import GAP, Column, print_rows

__all__ = ["print_capabilities", "providers"]

STYLES: Final = {"yes": "green", "emulated": "cyan", "unverified": "yellow", "no": "dim"}
PLUGINS: Final = (
    Column("provider"),
    Column("package"),
    Column("version", drop=1),
    Column("simulator"),
    Column("problem", wrap=True),
)


def providers(*, json: bool = False) -> Output:
    """List the installed adapters, their packages, and the operations they support.

    Parameters
    ----------
    json
        Print JSON.
    """
    plugins = list_plugins()
    loaded = {plugin.name: _load_dialects(plugin) for plugin in plugins}
    data = [row for plugin in plugins for row in _plugin_data(plugin, loaded[plugin.name])]
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


def _plugin_data(plugin: Plugin, dialects: dict[str, Capabilities] | str) -> list[dict[str, Any]]:
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
        data | {"dialect": name} | _capability_data(capabilities)
        for name, capabilities in dialects.items()
    ]


def _capability_data(capabilities: Capabilities) -> dict[str, Any]:
    features = capabilities.features
    operations = capabilities.operations.items()
    return {
        "operations": {operation.value: support.value for operation, support in operations},
        "create_fields": sorted(features.create_fields),
        "update_fields": sorted(features.update_fields),
        "kinds": sorted(features.kinds),
        "entry": sorted(features.entry),
        "roles": sorted(features.roles),
        "invites": sorted(features.invites),
        "languages": sorted(features.languages),
        "statuses": sorted(features.statuses),
        "lists_present": features.lists_present,
        "hooks_of_rooms": features.hooks_of_rooms,
        "tenants": features.tenants,
        "attendance": features.attendance,
        "resolution_seconds": features.resolution.total_seconds(),
        "reports": sorted(features.reports),
        "limits": dict(features.limits),
    }


# ------------------------------------------------------------------------------------ for people


def _show(
    console: Console,
    plugins: list[Plugin],
    loaded: Mapping[str, dict[str, Capabilities] | str],
) -> None:
    rows = [_plugin_row(plugin, loaded[plugin.name]) for plugin in plugins]
    with_problem = any(row[-1] for row in rows) or not console.is_terminal
    count = len(PLUGINS) if with_problem else len(PLUGINS) - 1
    print_rows(console, PLUGINS[:count], [row[:count] for row in rows])
    console.print()
    usable = {
        f"{name} {dialect}".rstrip(): capabilities
        for name, dialects in loaded.items()
        if not isinstance(dialects, str)
        for dialect, capabilities in dialects.items()
    }
    print_capabilities(console, usable)


def _plugin_row(plugin: Plugin, dialects: dict[str, Capabilities] | str) -> tuple[str, ...]:
    problems = [dialects] if isinstance(dialects, str) else []
    if plugin.rivals:
        problems.append(f"also claimed by {', '.join(plugin.rivals)}")
    simulator = "yes" if plugin.name in simulator_names() else "no"
    return (
        plugin.name,
        plugin.distribution or "",
        plugin.version or "",
        simulator,
        "; ".join(problems),
    )


def print_capabilities(
    console: Console, providers: Mapping[str, Capabilities], *, only_differences: bool = False
) -> None:
    """Print a table of operations by provider; optionally only those that not all support.

    On a terminal that is too narrow for all providers, several tables follow each other.
    """
    operations = [
        operation
        for operation in Operation
        if not (only_differences and all(each.supports(operation) for each in providers.values()))
    ]
    widths = {
        name: max(len(name), *(len(capabilities[operation]) for operation in operations))
        for name, capabilities in providers.items()
    }
    for names in _split_by_width(console, widths):
        if console.is_terminal:
            title = "Differences between providers" if only_differences else "Supported operations"
            console.print(Text(title, "bold"))
        rows = [
            (operation.value, *(providers[name][operation].value for name in names))
            for operation in operations
        ]
        print_rows(console, [Column("operation"), *map(Column, names)], rows, STYLES)


def _split_by_width(console: Console, widths: Mapping[str, int]) -> list[list[str]]:
    """Return the names in groups whose columns fit beside the one of operations."""
    if not console.is_terminal:
        return [list(widths)]
    room = console.width - max(map(len, Operation))
    groups: list[list[str]] = [[]]
    left = room
    for name, width in widths.items():
        if groups[-1] and width + GAP > left:
            groups.append([])
            left = room
        groups[-1].append(name)
        left -= width + GAP
    return groups
