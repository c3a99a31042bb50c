"""The table of calls with their permissions, query options and bodies: docs/vendors/teams.md#permissions"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from attrs import frozen

from conferencing.sandbox.kit import Refusal, Router

from .errors import no_permission, refuse
from .schema import Check, check_body
from .state import Caller

__all__ = ["QUOTE", "Endpoint", "Endpoints", "Rights", "check_options"]

F = TypeVar("F", bound=Callable[..., Any])

QUOTE: Final = "(?:'|%27)"
"""A quote in a path, as it is or encoded."""


@frozen(kw_only=True)
class Rights:
    """What permits a call, any one of these: without any, that kind of token may not make it."""

    app: str = ""
    user: str = ""


@frozen(kw_only=True)
class Endpoint:
    """What a call needs and takes."""

    rights: Rights
    options: frozenset[str]
    body: Mapping[str, Check] | None
    required: tuple[str, ...]

    def check_caller(self, caller: Caller) -> None:
        """Refuse a token without one of the permissions."""
        names = self.rights.user if caller.user_id else self.rights.app
        if not caller.permissions & set(names.split()):
            raise no_permission()

    def check_body(self, body: Mapping[str, Any]) -> None:
        """Refuse a body that is not of the type."""
        if self.body is not None:
            check_body(body, self.body, *self.required)


class Endpoints:
    """A router whose routes have permissions."""

    def __init__(self, *parts: Endpoints) -> None:
        self.router: Router = Router(*(part.router for part in parts))
        self.details: dict[Callable[..., Any], Endpoint] = {}
        for part in parts:
            self.details |= part.details

    def __call__(
        self,
        method: str,
        template: str,
        rights: Rights,
        *,
        options: str = "",
        body: Mapping[str, Check] | None = None,
        required: str = "",
    ) -> Callable[[F], F]:
        """Return a decorator that adds a function; lists are texts with blanks between."""
        add = self.router(method, template)

        def decorate(function: F) -> F:
            self.details[function] = Endpoint(
                rights=rights,
                options=frozenset(options.split()),
                body=body,
                required=tuple(required.split()),
            )
            return add(function)

        return decorate


def check_options(query: Mapping[str, str], allowed: frozenset[str]) -> None:
    """Refuse a query option that a call does not have."""
    for name in query:
        if name.startswith("$") and name[1:] not in allowed | {"skiptoken"}:
            raise _unknown(name)


def _unknown(name: str) -> Refusal:
    return refuse(400, "BadRequest", f"Query option '{name}' is not allowed.")
