"""The smallest adapter over HTTP, with small limits, for tests of what lies beneath adapters."""

from __future__ import annotations

from typing import Any

from attrs import field, frozen

from conferencing import Secret
from conferencing.accounts.context import Context
from conferencing.http import Effect, HeaderAuth, HTTPProvider, Policy, Request

KEY = "canary-KEY-7f3a91c2e5"
QUICK = Policy(connect=1, read=1, attempt=2)

ALL = {
    Effect.READ: ("GET", {}),
    Effect.IDEMPOTENT: ("PUT", {"form": {"name": "x"}}),
    Effect.CREATE: ("POST", {"form": {"name": "x"}}),
    Effect.NOTIFY: ("POST", {"form": {"to": "x"}}),
    Effect.KEYED: ("POST", {"form": {"key": "x"}}),
}


@frozen(kw_only=True)
class AcmeSettings:
    base_url: str
    key: Secret = field(factory=lambda: Secret(KEY))


class Acme(HTTPProvider[AcmeSettings]):
    name = "acme"
    settings_class = AcmeSettings
    policy = QUICK

    def auth(self) -> Any:
        return HeaderAuth("X-Api-Key", self.settings.key, setting="key")


def acme(base_url: str, clock: Any, kind: type[Any] = Acme, **options: Any) -> Any:
    """Return an adapter; `options` go to the class (policy, errors, auth) or to the context."""
    own = {name: options.pop(name) for name in ("policy", "errors", "auth") if name in options}
    options.setdefault("random", half)
    provider = kind(AcmeSettings(base_url=base_url), Context(clock=clock, **options))
    vars(provider).update(own)
    return provider


OTHERS = {Effect.NEVER_RETRY, Effect.KEYED, Effect.EXCHANGE}
PLAIN = [effect for effect in Effect if effect not in OTHERS]
"""The effects that the policy decides about; with NEVER_RETRY, the caller decides, and KEYED is READ
until the call is given up, and CREATE from then on."""


def half() -> float:
    return 0.5


def of(effect: Effect) -> Request:
    """Return a request of this effect, by the verb that is usual for it."""
    method, parts = ALL[effect]
    return Request(method=method, template="/rooms", path="/rooms", effect=effect, **parts)
