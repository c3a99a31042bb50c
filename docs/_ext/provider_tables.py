"""Directives that tell of a provider what its code says, so that no page has to say it again.

{operations} clickmeeting    what it can do; without a name, what all of ours can do
{features} clickmeeting      what of the model it can express
{settings} clickmeeting      the keys of an account; the body says what each of them means
{evidence} clickmeeting      what its simulator says is documented, observed or guessed
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

from conferencing import Conference, Features, Operation, Precision, Support
from conferencing.accounts.registry import BUILT_IN, PROVIDERS, SIMULATORS, load
from conferencing.capabilities import Capabilities, derive
from conferencing.provider import ConferenceProvider

NONE = "–"  # noqa: RUF001 - an empty cell would look forgotten
SIGNS = {
    Support.NATIVE: "yes",
    Support.EMULATED: "emulated",
    Support.UNVERIFIED: "unverified",
    Support.ABSENT: NONE,
}
TYPES = {
    "Secret": "secret",
    "str": "text",
    "int": "whole number",
    "float": "number",
    "bool": "true or false",
    "Rate": "rate",
}


TITLES = {
    "kinds": "kinds of rooms",
    "create_fields": "fields of a new room",
    "update_fields": "fields that can change",
    "entry": "ways in",
    "roles": "roles",
    "attendance": "attendance",
    "resolution": "time is told to the",
    "reports": "reports",
    "limits": "documented limits",
}


class ProviderDirective(SphinxDirective):
    """Take a provider's name and put Markdown in its place."""

    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return what the Markdown means."""
        name = self.arguments[0] if self.arguments else ""
        return self.parse_text_to_nodes("\n".join(self.lines(name)))

    def lines(self, name: str) -> Iterable[str]:
        """Return Markdown, line by line."""
        raise NotImplementedError


class Operations(ProviderDirective):
    """Show which operations there are, as methods of the client."""

    def lines(self, name: str) -> Iterable[str]:
        """Return a row for each operation; of one provider, a row for each way to support them."""
        found = capabilities(name)
        yield from _head("there" if name else "operation", found)
        if not name:
            for one in Operation:
                yield _row(_method(one), *(SIGNS[known[one]] for known in found.values()))
            return
        for support in Support:
            have = [[one for one in Operation if known[one] is support] for known in found.values()]
            if any(have):
                yield _row(support, *(", ".join(map(_method, ones)) for ones in have))


class FeatureTable(ProviderDirective):
    """Show what of the model can be expressed.

    With `:only:`, there is a row for each provider and a column for each feature that is named.
    """

    option_spec: ClassVar[dict[str, Callable[[str], Any]] | None] = {"only": str.split}

    def lines(self, name: str) -> Iterable[str]:
        """Return a row for each feature, or with `:only:`, a row for each provider."""
        told = {title: features(one.features) for title, one in capabilities(name).items()}
        only: list[str] | None = self.options.get("only")
        if only:
            yield from _head("provider", [TITLES[key] for key in only])
            yield from (
                _row(f"`{title}`", *(row[key] for key in only)) for title, row in told.items()
            )
            return
        yield from _head("feature", told)
        yield from (
            _row(title, *(row[key] for row in told.values())) for key, title in TITLES.items()
        )


class SettingsTable(ProviderDirective):
    """Show the keys of an account. Each line of the body is `key: what it means`."""

    required_arguments = 1
    optional_arguments = 0
    has_content = True

    def lines(self, name: str) -> Iterable[str]:
        """Return a row for each key. One without a meaning, or a meaning without one, is an error."""
        meanings = dict(line.split(": ", 1) for line in self.content)
        keys: Mapping[str, Attribute[Any]] = {one.alias: one for one in fields(_settings(name))}
        if meanings.keys() != keys.keys():
            wrong = ", ".join(sorted(meanings.keys() ^ keys.keys()))
            raise self.error(f"{name}: the keys and their meanings differ: {wrong}")
        yield from _head("key", ["meaning", "type", "default"])
        for key, one in keys.items():
            yield _row(f"`{key}`", meanings[key], _type(one), _default(one))


class Evidence(ProviderDirective):
    """Show how sure the simulator's authors are."""

    required_arguments = 1
    optional_arguments = 0

    def lines(self, name: str) -> Iterable[str]:
        """Return the docstring of the simulator's module."""
        text = sys.modules[load(name, SIMULATORS).__module__].__doc__
        if not text:
            raise self.error(f"the simulator of {name} does not say what it rests on")
        return text.splitlines()


def capabilities(name: str) -> dict[str, Capabilities]:
    """Return the capabilities of a provider, or of all of ours, by name and dialect."""
    return {
        f"{one} {dialect}".rstrip(): derive(adapter, ConferenceProvider, one, adapter.features)
        for one in ([name] if name else BUILT_IN[PROVIDERS])
        for dialect, adapter in load(one).dialects().items()
    }


def features(known: Features) -> dict[str, str]:
    """Return the features in words, by the keys of `TITLES`."""
    several = "" if known.entry_rules == 1 else ", several at once"
    return {
        "kinds": _listed(known.kinds),
        "create_fields": _listed(known.create_fields),
        "update_fields": _changes(known),
        "entry": _listed(known.entry) + several,
        "roles": _listed(known.roles),
        "attendance": _listed([known.attendance] if known.attendance else []),
        "resolution": _fineness(known),
        "reports": _listed(known.reports),
        "limits": _listed(f"{key}: {most}" for key, most in known.limits.items()),
    }


def _changes(known: Features) -> str:
    if not known.create_fields <= known.update_fields:
        return _listed(known.update_fields)
    more = known.update_fields - known.create_fields
    return f"all of these, and {_listed(more)}" if more else "all of these"


def _fineness(known: Features) -> str:
    if known.attendance in {None, Precision.DURATION, Precision.COUNT}:
        return NONE
    return {timedelta(): "instant", timedelta(minutes=1): "minute"}[known.resolution]


def _listed(values: Iterable[str]) -> str:
    return ", ".join(f"`{one}`" for one in sorted(values)) or NONE


def _method(operation: Operation) -> str:
    """Return a reference to the client's method for an operation of the provider."""
    name = operation.value.removeprefix("list_")
    getattr(Conference, name)
    return f"{{py:meth}}`{name} <conferencing.Conference.{name}>`"


def _settings(name: str) -> Any:
    module, found, attribute = name.partition(":")
    return getattr(import_module(module), attribute) if found else load(name).settings_class


def _type(attribute: Attribute[Any]) -> str:
    written = getattr(attribute.type, "__name__", str(attribute.type))
    return TYPES[written.removesuffix(" | None")]


def _default(attribute: Attribute[Any]) -> str:
    if attribute.default is NOTHING:
        return "needed"
    if not isinstance(attribute.default, str | int | float):
        return NONE  # nothing, or made anew from other keys
    return f"`{json.dumps(attribute.default)}`"


def _head(first: str, rest: Iterable[str]) -> Iterable[str]:
    names = [first, *rest]
    return _row(*names), _row(*["---"] * len(names))


def _row(*cells: str | None) -> str:
    return f"| {' | '.join(cell or '' for cell in cells)} |"


def setup(app: Sphinx) -> dict[str, bool]:
    """Bring the directives to Sphinx."""
    app.add_directive("operations", Operations)
    app.add_directive("features", FeatureTable)
    app.add_directive("settings", SettingsTable)
    app.add_directive("evidence", Evidence)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
