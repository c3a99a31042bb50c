"""The values of an account's keys: strings hidden, references resolved, types checked."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Final, TypeGuard, TypeVar, cast

from attrs import Attribute, field, fields, frozen
from cattrs import Converter, transform_error
from cattrs.errors import ForbiddenExtraKeysError
from cattrs.v import format_exception

from conferencing.accounts.context import AccountKeys, Rate
from conferencing.errors import ConfigurationError, raise_without_context
from conferencing.model.base import suggest
from conferencing.model.secret import Secret
from conferencing.text import decode_marked

__all__ = ["CORE", "Reader", "SecretText", "hide_texts", "read_private_text", "suggest"]

T = TypeVar("T")

CORE: Final = tuple(attribute.name for attribute in fields(AccountKeys))
"""The keys of an account that every provider has; all others are the adapter's."""

_PLACES: Final = {"token_store": "file:", "room_store": "sqlite:"}
"""The keys that may name a file beside the configuration, and how its path begins."""


@frozen
class SecretText:
    """A string of an account. It may be a credential, so it shows in no repr and no traceback.

    Strings from the environment may also stand for numbers and booleans.
    """

    text: str = field(repr=False)
    environment: bool = field(default=False, kw_only=True)


@frozen
class OtherType:
    """A value that no key can have, reduced to the name of its type."""

    kind: str


def hide_texts(account: Mapping[str, Any]) -> dict[str, Any]:
    """Return the account with each string replaced by a `SecretText`, at any depth."""
    return {str(key): _hide(value) for key, value in account.items()}


def _hide(value: Any) -> Any:
    match value:
        case str():
            return SecretText(value)
        case bytes() | bytearray():
            return OtherType(type(value).__name__)
        case Mapping():
            return hide_texts(cast("Mapping[str, Any]", value))
        case list() | tuple():
            return [_hide(part) for part in cast("Iterable[Any]", value)]
        case _:
            return value


class _WrongValue(ValueError):
    """A key has a value that it cannot have. The message never repeats the value."""


class Reader:
    """Read the values of one account. Paths of files that they refer to are relative to `folder`.

    Errors name the key and what it takes, but never the value: it may be a misplaced credential.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._converter = Converter(forbid_extra_keys=True, detailed_validation=True)
        hooks: dict[Any, Callable[[Any, Any], Any]] = {
            str: lambda value, _: self.text(value),
            Secret: lambda value, _: Secret(_check_filled(self.text(value))),
            Rate: lambda value, _: Rate.parse(self.text(value)),
            bool: _read_boolean,
            int: _read_whole,
            float: _read_number,
        }
        for kind, hook in hooks.items():
            self._converter.register_structure_hook(kind, hook)

    def read(self, values: dict[str, Any], into: type[T]) -> T:
        """Build a settings class from its keys. Raises `ConfigurationError` that names the key."""
        try:
            return self._converter.structure(values, into)
        except Exception as error:  # noqa: BLE001
            raise_without_context(_explain(error, into))  # the frames hold the other keys

    def locate_stores(self, keys: dict[str, Any]) -> dict[str, Any]:
        """Return the keys with the files of stores, which are places and no references, as paths."""
        return {name: self._locate(_PLACES.get(name), value) for name, value in keys.items()}

    def _locate(self, prefix: str | None, value: object) -> object:
        if prefix is None or not isinstance(value, SecretText) or not value.text.startswith(prefix):
            return value
        path = self._folder / os.path.expanduser(value.text.removeprefix(prefix))  # noqa: PTH111 - raises nothing
        return Secret(f"{prefix}{path.absolute()}")

    def provider(self, value: object) -> str:
        """Return the string of the key `provider`. Raises `ConfigurationError`."""
        try:
            return self.text(value)
        except _WrongValue as error:
            fault = ConfigurationError(f"provider: {error}", field="provider")
            raise_without_context(fault)

    def text(self, value: object) -> str:
        """Return the string itself, or what its reference (`env:`, `file:`, `keyring:`) stands for."""
        if isinstance(value, Secret):
            return value.reveal()
        if not isinstance(value, SecretText):
            raise _WrongValue(f"it must be text in quotes, not {_type_name(value)}")
        kind, colon, rest = value.text.partition(":")
        resolve = {"env": _read_variable, "file": self._read_file, "keyring": _read_keyring}
        return resolve[kind](rest) if colon and kind in resolve else value.text

    def _read_file(self, path: str) -> str:
        try:
            return read_private_text(self._folder / Path(path).expanduser()).strip()
        except (OSError, ValueError, RuntimeError) as error:
            reason = getattr(error, "strerror", None) or error
            raise_without_context(_WrongValue(f"the file {path} cannot be read: {reason}"))


def read_private_text(path: Path) -> str:
    """Return the text of a file that may hold secrets: UTF-8, or UTF-16 with a byte order mark.

    Raises `OSError`, and `ValueError` that names the line but never repeats it.
    """
    content = path.read_bytes()
    try:
        return decode_marked(content)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        is_utf8 = error.encoding == "utf-8"
        problem = f"line {line} is not UTF-8" if is_utf8 else f"it is not {error.encoding}"
        raise_without_context(ValueError(f"{problem}; save the file as UTF-8"))


def _explain(error: Exception, into: Any) -> ConfigurationError:
    for leaf in _leaves(error):
        if isinstance(leaf, ConfigurationError):
            return leaf
        if isinstance(leaf, ForbiddenExtraKeysError):
            key = min(leaf.extra_fields)
            keys = [_key(attribute) for attribute in fields(into)]
            common = ["provider", "name", *CORE]
            return ConfigurationError(
                f"there is no key {key!r}{suggest(key, [*keys, *common])}; this provider has"
                f" {', '.join(keys)}, and every account {', '.join(common)}",
                field=key,
            )
    problem, _, path = transform_error(error, format_exception=_describe)[0].rpartition(" @ ")
    return ConfigurationError(f"{path.removeprefix('$.')}: {problem}", field=path[2:])


def _leaves(error: BaseException) -> list[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        group = cast("BaseExceptionGroup[BaseException]", error)
        return [leaf for part in group.exceptions for leaf in _leaves(part)]
    return [error]


def _key(attribute: Attribute[Any]) -> str:
    return attribute.alias or attribute.name


def _describe(error: BaseException, kind: type | None) -> str:
    if isinstance(error, KeyError):
        return "this key is needed"
    return str(error) if isinstance(error, _WrongValue) else format_exception(error, kind)


def _check_filled(text: str) -> str:
    if not text.strip():
        raise _WrongValue("it is empty")
    return text


def _read_variable(variable: str) -> str:
    text = os.environ.get(variable)
    if not text:
        raise _WrongValue(f"the environment variable {variable} is not set")
    return text


def _read_keyring(entry: str) -> str:
    try:
        keyring: Any = import_module("keyring")
    except ImportError:
        missing = _WrongValue("keyring: needs that library: python -m pip install keyring")
        raise_without_context(missing)
    service, _, user = entry.partition("/")
    try:
        value: object = keyring.get_password(service, user)
    except Exception as error:  # noqa: BLE001 - each backend has its own
        fault = f"the keyring cannot be read ({type(error).__name__})"
        raise_without_context(_WrongValue(fault))
    if not isinstance(value, str):
        raise _WrongValue(f"the keyring has no password of {user!r} for {service!r}")
    return value


def _type_name(value: object) -> str:
    if isinstance(value, SecretText):
        return "text"
    return value.kind if isinstance(value, OtherType) else type(value).__name__


def _read_boolean(value: object, _: Any) -> bool:
    if isinstance(value, SecretText) and value.environment:
        value = {"true": True, "1": True, "false": False, "0": False}.get(value.text.lower(), value)
    if not isinstance(value, bool):
        raise _WrongValue(f"it must be true or false, not {_describe_number(value)}")
    return value


def _read_whole(value: object, _: Any) -> int:
    if _from_environment(value, r"[0-9]{1,9}"):
        value = int(value.text)
    if type(value) is not int or value < 0:
        raise _WrongValue(f"it must be a whole number, not {_describe_number(value)}")
    return value


def _read_number(value: object, _: Any) -> float:
    if _from_environment(value, r"[0-9]+(\.[0-9]+)?"):
        value = float(value.text)
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise _WrongValue(f"it must be a number above 0, not {_describe_number(value)}")
    return float(value)


def _from_environment(value: object, pattern: str) -> TypeGuard[SecretText]:
    return (
        isinstance(value, SecretText)
        and value.environment
        and re.fullmatch(pattern, value.text) is not None
    )


def _describe_number(value: object) -> str:
    return repr(value) if isinstance(value, int | float) else _type_name(value)
