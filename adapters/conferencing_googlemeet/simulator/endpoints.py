"""The table of calls with the scopes that permit them, and the reading of queries."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl

from conferencing.sandbox.kit import Router

from .errors import calendar_failure, meet_failure
from .formats import to_camel
from .state import Caller

__all__ = ["Endpoints", "Query", "check_scope"]

F = TypeVar("F", bound=Callable[..., Any])

SYSTEM: Final = frozenset(
    {
        *("$.xgafv", "$alt", "access_token", "alt", "callback", "fields", "key", "oauth_token"),
        *("prettyPrint", "quotaUser", "uploadType", "upload_protocol", "userIp"),
    }
)
"""Parameters that every call takes."""


class Query(Mapping[str, str]):
    """What a call has: the parameters of its query by name, its `headers`, and its `body`.

    Of a repeated parameter, it is the last value, and `all` returns the others.
    """

    def __init__(
        self, text: str, headers: Mapping[str, str] | None = None, body: Any = None
    ) -> None:
        self.headers: Mapping[str, str] = headers or {}
        self.body: dict[str, Any] = body or {}
        self._pairs = [
            (name if name in SYSTEM else to_camel(name), value)
            for name, value in parse_qsl(text, keep_blank_values=True)
        ]
        self._values = dict(self._pairs)

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def __iter__(self) -> Any:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def all(self, name: str) -> list[str]:
        """Return the values of a parameter that is repeated."""
        return [value for each, value in self._pairs if each == name]

    def text(self, name: str) -> str | None:
        """Return a parameter, or None."""
        return self.get(name)

    def number(self, name: str) -> int | None:
        """Return a whole number. Raises `Refusal`."""
        value = self.get(name)
        if value is None:
            return None
        try:
            return int(value)
        except ValueError:
            raise meet_failure(
                400, f"Invalid value at '{name}' (TYPE_INT32), \"{value}\""
            ) from None

    def flag(self, name: str) -> bool:
        """Return a flag: the word `true` or `false`. Raises `Refusal`."""
        value = self.get(name, "false")
        if value not in {"true", "false"}:
            raise calendar_failure(400, "invalid", f"Invalid boolean value: '{value}'.")
        return value == "true"

    def check(self, names: frozenset[str]) -> None:
        """Refuse parameters that the call does not have. Raises `Refusal`."""
        for name in self:
            if name not in names | SYSTEM:
                raise meet_failure(
                    400,
                    f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query'
                    " parameter. Field could not be found in request message.",
                )


class Endpoints:
    """A router whose routes name the scopes any of which permits the call."""

    def __init__(self, *parts: Endpoints) -> None:
        self.router: Router = Router(*(part.router for part in parts))
        self.scopes: dict[Callable[..., Any], frozenset[str]] = {}
        for part in parts:
            self.scopes |= part.scopes

    def __call__(
        self, method: str, template: str, scopes: Sequence[str], *parameters: str
    ) -> Callable[[F], F]:
        """Return a decorator that adds a function for a path."""

        def add(function: F) -> F:
            self.scopes[function] = frozenset(scopes)
            return self.router(method, template, *parameters)(function)

        return add

    def all_scopes(self) -> frozenset[str]:
        """Return every scope of the table."""
        return frozenset(scope for scopes in self.scopes.values() for scope in scopes)


def check_scope(caller: Caller, scopes: frozenset[str], flavour: str) -> None:
    """Refuse a call that none of the token's scopes permits. Raises `Refusal`."""
    if scopes & caller.scopes:
        return
    message = "Request had insufficient authentication scopes."
    if flavour == "calendar":
        raise calendar_failure(403, "insufficientPermissions", "Insufficient Permission")
    raise meet_failure(403, message, reason="ACCESS_TOKEN_SCOPE_INSUFFICIENT")
