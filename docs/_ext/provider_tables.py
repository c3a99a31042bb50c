"""Directives that generate tables of a provider from its code.

{operations} clickmeeting    the supported operations; without a name, those of all built-in adapters
{features} clickmeeting      the supported parts of the model
{settings} clickmeeting      the keys of an account; the body has the meaning of each
{evidence} clickmeeting      which facts of its simulator are documented, observed or guessed
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from importlib import import_module
from typing import Any, ClassVar

from attrs import NOTHING, Attribute, fields
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from conferencing import Conference, Features, Operation, Precision, RoomStatus, Support
from conferencing.accounts.registry import BUILT_IN, PROVIDERS, SIMULATORS, load
from conferencing.capabilities import Capabilities, derive
from conferencing.provider import ConferenceProvider
from conferencing.webhooks import Webhooks

NONE = "–"  # noqa: RUF001 - an empty cell would look forgotten
SIGNS = {
    Support.NATIVE: "yes",
    Support.EMULATED: "emulated",
    Support.UNVERIFIED: "unverified",
    Support.ABSENT: NONE,
}
TYPES = {
    "Secret": "secret",
    "str": "string",
    "int": "whole number",
    "float": "number",
    "bool": "true or false",
    "Rate": "rate",
    "tuple[str, ...]": "list of strings",
}


TITLES = {
    "kinds": "kinds of room",
    "create_fields": "fields of a new room",
    "update_fields": "fields of a change",
    "entry": "entry rules",
    "roles": "roles",
    "statuses": "rooms listed by status",
    "invites": "invitations by mail, by role",
    "languages": "mails in a chosen language",
    "attendance": "attendance",
    "resolution": "time resolution",
    "reports": "reports",
    "limits": "documented limits",
}


class ProviderDirective(SphinxDirective):
    """Replace a provider's name with generated Markdown."""

    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the nodes of the Markdown."""
        name = self.arguments[0] if self.arguments else ""
        return self.parse_text_to_nodes("\n".join(self.lines(name)))

    def lines(self, name: str) -> Iterable[str]:
        """Return the lines of the Markdown."""
        raise NotImplementedError


class Operations(ProviderDirective):
    """List the operations, as methods of the client."""

    def lines(self, name: str) -> Iterable[str]:
        """Return a row for each operation; for one provider, a row for each kind of support."""
        columns = capabilities(name)
        yield from _head("support" if name else "operation", columns)
        if not name:
            for operation in Operation:
                cells = (SIGNS[column[operation]] for column in columns.values())
                yield _row(_method(operation), *cells)
            return
        for support in Support:
            operations = [
                [operation for operation in Operation if column[operation] is support]
                for column in columns.values()
            ]
            if any(operations):
                yield _row(support, *(", ".join(map(_method, cell)) for cell in operations))


class FeatureTable(ProviderDirective):
    """List the supported parts of the model.

    With `:only:`, there is a row for each provider and a column for each of these features.
    """

    option_spec: ClassVar[dict[str, Callable[[str], Any]] | None] = {"only": str.split}

    def lines(self, name: str) -> Iterable[str]:
        """Return a row for each feature, or with `:only:`, a row for each provider."""
        columns = {title: features(column.features) for title, column in capabilities(name).items()}
        only: list[str] | None = self.options.get("only")
        if only:
            yield from _head("provider", [TITLES[key] for key in only])
            for title, column in columns.items():
                yield _row(f"`{title}`", *(column[key] for key in only))
            return
        yield from _head("feature", columns)
        for key, title in TITLES.items():
            yield _row(title, *(column[key] for column in columns.values()))


class SettingsTable(ProviderDirective):
    """List the keys of an account. Each line of the body is `key: meaning`."""

    required_arguments = 1
    optional_arguments = 0
    has_content = True

    def lines(self, name: str) -> Iterable[str]:
        """Return a row for each key. A key without a meaning is an error, and so is the reverse."""
        meanings = dict(line.split(": ", 1) for line in self.content)
        keys: Mapping[str, Attribute[Any]] = {key.alias: key for key in fields(_settings(name))}
        if meanings.keys() != keys.keys():
            wrong = ", ".join(sorted(meanings.keys() ^ keys.keys()))
            raise self.error(f"{name}: the keys and their meanings differ: {wrong}")
        yield from _head("key", ["meaning", "type", "default"])
        for key, attribute in keys.items():
            yield _row(f"`{key}`", meanings[key], _type(attribute), _default(attribute))


class Evidence(ProviderDirective):
    """Show which facts of a simulator are documented, observed or guessed."""

    required_arguments = 1
    optional_arguments = 0

    def lines(self, name: str) -> Iterable[str]:
        """Return the docstring of the simulator's module."""
        text = sys.modules[load(name, SIMULATORS).__module__].__doc__
        if not text:
            raise self.error(f"the module of {name}'s simulator has no docstring")
        return text.splitlines()


def capabilities(name: str) -> dict[str, Capabilities]:
    """Return the capabilities of a provider, or of all built-in ones, by name and dialect."""
    return {
        f"{key} {dialect}".rstrip(): derive(adapter, ConferenceProvider, key, adapter.features)
        for key in ([name] if name else BUILT_IN[PROVIDERS])
        for dialect, adapter in load(key).dialects().items()
    }


def features(declared: Features) -> dict[str, str]:
    """Return the cells of a provider's features, by the keys of `TITLES`."""
    several = "" if declared.entry_rules == 1 else ", several at once"
    return {
        "kinds": _join(declared.kinds),
        "create_fields": _join(declared.create_fields),
        "update_fields": _format_changes(declared),
        "entry": _join(declared.entry) + several,
        "roles": _join(declared.roles),
        "statuses": _join(declared.statuses - {RoomStatus.UNKNOWN}),
        "invites": _join(declared.invites),
        "languages": _join(declared.languages),
        "attendance": _join([declared.attendance] if declared.attendance else []),
        "resolution": _format_resolution(declared),
        "reports": _join(declared.reports),
        "limits": _join(f"{key}: {most}" for key, most in declared.limits.items()),
    }


def _format_changes(declared: Features) -> str:
    if not declared.create_fields <= declared.update_fields:
        return _join(declared.update_fields)
    more = declared.update_fields - declared.create_fields
    return f"the same, and {_join(more)}" if more else "the same"


def _format_resolution(declared: Features) -> str:
    if declared.attendance in {None, Precision.DURATION, Precision.COUNT}:
        return NONE
    names = {0: "instant", 1: "second", 60: "minute"}
    return names[declared.resolution // timedelta(seconds=1)]


def _join(values: Iterable[str]) -> str:
    return ", ".join(f"`{value}`" for value in sorted(values)) or NONE


def _method(operation: Operation) -> str:
    """Return a link to the method of the client for an operation."""
    name = operation.value.removeprefix("list_")
    if name.endswith("_webhooks"):
        name = name.removesuffix("_webhooks")
        getattr(Webhooks, name)
        return f"{{py:meth}}`webhooks.{name} <conferencing.webhooks.Webhooks.{name}>`"
    getattr(Conference, name)
    return f"{{py:meth}}`{name} <conferencing.Conference.{name}>`"


def _settings(name: str) -> Any:
    module, colon, attribute = name.partition(":")
    return getattr(import_module(module), attribute) if colon else load(name).settings_class


def _type(attribute: Attribute[Any]) -> str:
    written = getattr(attribute.type, "__name__", str(attribute.type))
    return TYPES[written.removesuffix(" | None")]


def _default(attribute: Attribute[Any]) -> str:
    if attribute.default is NOTHING:
        return "required"
    if not isinstance(attribute.default, str | int | float):
        return NONE  # None, or computed from other keys
    return f"`{json.dumps(attribute.default)}`"


def _head(first: str, rest: Iterable[str]) -> Iterable[str]:
    names = [first, *rest]
    return _row(*names), _row(*["---"] * len(names))


def _row(*cells: str | None) -> str:
    return f"| {' | '.join(cell or '' for cell in cells)} |"


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directives."""
    app.add_directive("operations", Operations)
    app.add_directive("features", FeatureTable)
    app.add_directive("settings", SettingsTable)
    app.add_directive("evidence", Evidence)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
