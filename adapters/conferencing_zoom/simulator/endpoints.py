"""The table of calls with their rate labels and scopes: docs/vendors/zoom.md#calls"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from attrs import frozen

from conferencing.sandbox.kit import Router

from .errors import refuse
from .state import Caller

__all__ = ["Endpoint", "Endpoints", "check_scope"]

F = TypeVar("F", bound=Callable[..., Any])

LIGHT, MEDIUM, HEAVY = "Light", "Medium", "Heavy"
LABELS: Final = {"L": LIGHT, "M": MEDIUM, "H": HEAVY}
CLASSIC: Final = {"cloud_recording": "recording", "dashboard": "dashboard_meetings"}
"""Products that have another name in classic scopes."""


@frozen(kw_only=True)
class Endpoint:
    """What the account is charged for a call, and what permits it. `{kind}` is in `scope`."""

    label: str
    scope: str

    def scope_of(self, parts: dict[str, str]) -> str:
        """Return the scope of a call: webinars have one of their own."""
        kind = "webinar" if parts.get("family", "").startswith("webinar") else "meeting"
        return self.scope.replace("{kind}", kind)


class Endpoints:
    """A router whose routes have a label (`L`, `M` or `H`) and a granular scope without a level."""

    def __init__(self, *parts: Endpoints) -> None:
        self.router: Router = Router(*(part.router for part in parts))
        self.details: dict[Callable[..., Any], Endpoint] = {}
        for part in parts:
            self.details |= part.details

    def __call__(
        self, method: str, template: str, label: str, scope: str, *parameters: str
    ) -> Callable[[F], F]:
        """Return a decorator that adds a function for a path below `/v2`."""

        def add(function: F) -> F:
            self.details[function] = Endpoint(label=LABELS[label], scope=scope)
            return self.router(method, f"/v2{template}", *parameters)(function)

        return add

    def scopes(self) -> frozenset[str]:
        """Return every scope of the table, at account level."""
        names = {endpoint.scope for endpoint in self.details.values()}
        kinds = [name.replace("{kind}", kind) for name in names for kind in ("meeting", "webinar")]
        return frozenset(_at_account(kind) for kind in kinds)


def check_scope(caller: Caller, scope: str) -> None:
    """Refuse a call whose scope the token lacks, with code 4711 and the scopes that would do."""
    product, verb, _ = (*scope.split(":"), "", "")[:3]
    classic = f"{CLASSIC.get(product, product)}:{'read' if verb == 'read' else 'write'}"
    wanted = [_at_account(scope)]
    if caller.user_id is not None and not scope.endswith(":admin"):
        wanted.insert(0, scope)
    names = {*wanted, f"{scope}:master", f"{classic}:admin", f"{classic}:master"}
    if caller.user_id is not None:
        names.add(classic)
    if not names & caller.scopes:
        listed = ", ".join(wanted)
        message = f"Invalid access token, does not contain scopes:[{listed}]."
        raise refuse(400, 4711, message)


def _at_account(scope: str) -> str:
    return scope if scope.endswith(":admin") else f"{scope}:admin"
