"""The values of an account's keys: texts hidden, references followed, types checked."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from attrs import Attribute, field, fields, frozen
from cattrs import Converter, transform_error
from cattrs.errors import ForbiddenExtraKeysError
from cattrs.v import format_exception

from conferencing.accounts.context import AccountKeys, Rate
from conferencing.errors import ConfigurationError
from conferencing.model.secret import Secret

__all__ = ["CORE", "Reader", "SecretText", "hide_texts", "suggest"]

T = TypeVar("T")

CORE: Final = tuple(one.name for one in fields(AccountKeys))
"""The keys of an account that are the core's own; all others are the adapter's."""


@frozen
class SecretText:
    """Hold a text of an account. Any of them may be a credential, so none shows in a traceback.

    From the environment, where all is text, numbers and truths are read out of it.
    """

    text: str = field(repr=False)
    environment: bool = field(default=False, kw_only=True)


def hide_texts(account: Mapping[str, Any]) -> dict[str, Any]:
    """Return the account with each text in a `SecretText`, at any depth."""
    return {str(key): _hidden(one) for key, one in account.items()}


def _hidden(value: Any) -> Any:
    match value:
        case str():
            return SecretText(value)
        case bytes() | bytearray():
            return OtherType(type(value).__name__)
        case Mapping():
            return hide_texts(cast("Mapping[str, Any]", value))
        case list() | tuple():
            return [_hidden(one) for one in cast("Iterable[Any]", value)]
        case _:
            return value


@frozen
class OtherType:
    """Keep the type of what cannot be a value of an account, and forget what it was."""

    kind: str


class _Wrong(ValueError):
    """Say what a key's value must be."""


class Reader:
    """Read the values of one account; a file that it refers to is relative to its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._converter = Converter(forbid_extra_keys=True, detailed_validation=True)
        hooks: dict[Any, Callable[[Any, Any], Any]] = {
            str: lambda value, _: self.text(value),
            Secret: lambda value, _: Secret(self.text(value)),
            Rate: lambda value, _: Rate.parse(self.text(value)),
            bool: _truth,
            int: _number,
            float: _decimal,
        }
        for kind, hook in hooks.items():
            self._converter.register_structure_hook(kind, hook)

    def read(self, given: dict[str, Any], into: type[T]) -> T:
        """Return the settings class filled in. Raises `ConfigurationError` that names the key."""
        try:
            return self._converter.structure(given, into)
        except Exception as error:  # noqa: BLE001
            fault = _explained(error, into)
        raise fault

    def provider(self, value: object) -> str:
        """Return the text of the key `provider`. Raises `ConfigurationError`."""
        try:
            return self.text(value)
        except _Wrong as error:
            problem = str(error)
        raise ConfigurationError(f"provider: {problem}", field="provider")

    def text(self, value: object) -> str:
        """Return the text itself, or what it refers to."""
        if isinstance(value, Secret):
            return value.reveal()
        if not isinstance(value, SecretText):
            raise _Wrong(f"it must be text in quotes, not {_type(value)}")
        kind, found, rest = value.text.partition(":")
        read = {"env": _environment, "file": self._file, "keyring": _keyring}.get(kind)
        return read(rest) if found and read else value.text

    def _file(self, path: str) -> str:
        try:
            return (self._folder / Path(path).expanduser()).read_text("utf-8").strip()
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "it is not text"
        raise _Wrong(f"the file {path} cannot be read: {reason}")


def _explained(error: Exception, into: Any) -> ConfigurationError:
    for one in _leaves(error):
        if isinstance(one, ConfigurationError):
            return one.with_traceback(None)  # its frames know the other keys
        if isinstance(one, ForbiddenExtraKeysError):
            key = min(one.extra_fields)
            keys = [_key(part) for part in fields(into)]
            return ConfigurationError(
                f"there is no key {key!r}{suggest(key, [*keys, *CORE])}; it has {', '.join(keys)}",
                field=key,
            )
    problem, _, place = transform_error(error, format_exception=_told)[0].rpartition(" @ ")
    return ConfigurationError(f"{place.removeprefix('$.')}: {problem}", field=place[2:])


def _leaves(error: BaseException) -> list[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        group = cast("BaseExceptionGroup[BaseException]", error)
        return [leaf for one in group.exceptions for leaf in _leaves(one)]
    return [error]


def _key(attribute: Attribute[Any]) -> str:
    return attribute.alias or attribute.name


def _told(error: BaseException, kind: type | None) -> str:
    if isinstance(error, KeyError):
        return "this key is needed"
    return str(error) if isinstance(error, _Wrong) else format_exception(error, kind)


def suggest(word: str, known: Iterable[str]) -> str:
    """Return a hint at the nearest known word, or nothing."""
    from difflib import get_close_matches  # noqa: PLC0415 - most words are right

    close = get_close_matches(word, list(known), 1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def _environment(variable: str) -> str:
    if not os.environ.get(variable):
        raise _Wrong(f"the environment variable {variable} is not set")
    return os.environ[variable]


def _keyring(entry: str) -> str:
    try:
        keyring: Any = import_module("keyring")
    except ImportError:
        keyring = None
    if keyring is None:
        raise _Wrong("keyring: needs that library: python -m pip install keyring")
    service, _, user = entry.partition("/")
    value: object = keyring.get_password(service, user)
    if not isinstance(value, str):
        raise _Wrong(f"the keyring has no password of {user!r} for {service!r}")
    return value


def _type(value: object) -> str:
    return value.kind if isinstance(value, OtherType) else type(value).__name__


def _plain(value: object) -> object:
    return value.text if isinstance(value, SecretText) else value


def _truth(value: object, _: Any) -> bool:
    if isinstance(value, SecretText) and value.environment:
        value = {"true": True, "1": True, "false": False, "0": False}.get(value.text.lower())
    if not isinstance(value, bool):
        raise _Wrong(f"it must be true or false, not {_plain(value)!r}")
    return value


def _number(value: object, _: Any) -> int:
    if (
        isinstance(value, SecretText)
        and value.environment
        and re.fullmatch(r"[0-9]{1,9}", value.text)
    ):
        value = int(value.text)
    if type(value) is not int or value < 0:
        raise _Wrong(f"it must be a whole number, not {_plain(value)!r}")
    return value


def _decimal(value: object, _: Any) -> float:
    if (
        isinstance(value, SecretText)
        and value.environment
        and re.fullmatch(r"[0-9]+(\.[0-9]+)?", value.text)
    ):
        value = float(value.text)
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise _Wrong(f"it must be a number above 0, not {_plain(value)!r}")
    return float(value)
