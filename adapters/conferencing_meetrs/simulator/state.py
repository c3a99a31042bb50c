"""What Meet.rs' simulator keeps, its quirks, and the formats that all routes share."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, ClassVar
from uuid import UUID

from attrs import frozen

from conferencing.errors import NotFound
from conferencing.model import Room
from conferencing.sandbox.kit import Grant, ReplyShape, TokenEndpoint
from conferencing.sandbox.simulator import Simulator
from conferencing.world import World

__all__ = ["LETTERS", "MeetRSState", "Tenant", "micros", "stable_id", "ticks"]

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


@frozen(kw_only=True)
class Tenant:
    """A tenant with the credentials of its programs. `parent` is the id of the tenant above it."""

    id: str
    code: str
    name: str
    key: str
    secret: str
    parent: str | None = None


class MeetRSTokens(TokenEndpoint):
    """Issue tokens for tenants: docs/vendors/meetrs.md#token"""

    kinds = ("client_credentials",)

    def __init__(self, key: bytes, state: MeetRSState) -> None:
        super().__init__(state.name, key, lambda: state.world.now)
        self._state = state

    def claims(self, subject: str) -> dict[str, Any]:
        """Return the code of the tenant, who is the subject."""
        return {"tenant": self._state.tenant_of(subject).code}

    def grant(self, kind: str, client: str, parameters: Mapping[str, Any]) -> Grant:
        """Return a token for the tenant with this key."""
        tenants = self._state.tenants.values()
        return self.issue(next(tenant.id for tenant in tenants if tenant.key == client))


class MeetRSState(Simulator):
    """The state behind the routes. `tenants` are by code; the first one is the account's."""

    name = "meetrs"
    copyable = True
    default_quirks: ClassVar[Mapping[str, bool]] = {
        "refuse_unknown": False,
        "missing_fields": False,
        "extra_fields": False,
        "other_spellings": False,
        "milliseconds": False,
        "free_account": False,
        "covered": True,
        "assumed_crud": True,
        "assumed_start": True,
        "assumed_tenants": True,
    }
    # The vendor's later programs number the roles: docs/vendors/meetrs.md#oddity-18
    shape: ClassVar[ReplyShape] = ReplyShape(
        optional=frozenset(["description"]),
        spellings={
            "role": {"Admin": 1, "PowerUser": 2, "User": 3, "Guest": 4}.__getitem__,
            "screenHeight": int,
            "screenWidth": int,
        },
    )

    def reset(self) -> None:
        """Forget everything; keys and secrets stay the same, tokens do not."""
        super().reset()
        self.tokens = MeetRSTokens(self.world.random.randbytes(32), self)
        self.tenants: dict[str, Tenant] = {}
        own = self.add_tenant("Acme")
        self.add_tenant("Acme Labs", own)
        self.quick_meetings = 0

    def new_world(self) -> World:
        """Return a world with the vendor's codes and ids."""
        world = World(seed=self.seed, real_time=self.real_time)
        world.new_id = lambda kind: _new_id(self.world, kind)
        return world

    def add_tenant(self, name: str, parent: Tenant | None = None) -> Tenant:
        """Add a tenant with a key of its own, below `parent` if that is given."""
        tenant_id = stable_id(self.seed, "tenant", name)
        tenant = Tenant(
            id=tenant_id,
            code=tenant_id.replace("-", "")[:12].upper(),
            name=name,
            key=stable_id(self.seed, "key", name),
            secret=stable_id(self.seed, "secret", name).replace("-", ""),
            parent=parent.id if parent else None,
        )
        self.tenants[tenant.code] = tenant
        self.tokens.clients[tenant.key] = tenant.secret
        return tenant

    def tenant_of(self, tenant_id: str) -> Tenant:
        """Return a tenant by its id. Raises `NotFound`."""
        for tenant in self.tenants.values():
            if tenant.id == tenant_id:
                return tenant
        raise NotFound("there is no such tenant")

    def own_room(self, code: str, tenant: Tenant) -> Room:
        """Return a room of this tenant. Raises `NotFound`."""
        room = self.world.room(code)
        if self.world.notes[code]["tenant"] != tenant.id:
            raise NotFound("there is no such meeting")
        return room

    def revoke_tokens(self) -> None:
        """Invalidate all tokens issued so far."""
        self.tokens.revoke(self.world.random.randbytes(32))

    def settings(self, dialect: str = "") -> dict[str, Any]:
        """Return key and secret of the first tenant, and the URLs of API and meetings."""
        return self.settings_of(next(iter(self.tenants.values())))

    def settings_of(self, tenant: Tenant) -> dict[str, Any]:
        """Return the keys of an account for this tenant."""
        return {
            "client_key": tenant.key,
            "client_secret": tenant.secret,
            "base_url": f"{self.root}/v1",
            "join_url": self.join_url(),
        }


def _new_id(world: World, kind: str) -> str:
    if kind == "room":
        return "".join(world.random.choice(LETTERS) for _ in range(8))
    return str(UUID(bytes=world.random.randbytes(16), version=4))


def ticks(moment: datetime | None) -> str | None:
    """Return a time with seven digits of a second, the ticks of .NET; the last one is made up.

    docs/vendors/meetrs.md#oddity-17
    """
    if moment is None:
        return None
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S.%f}{utc.second % 9 + 1}Z"


def micros(moment: datetime | None) -> str | None:
    """Return a time with six digits of a second, as the vendor's samples have it elsewhere."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z" if moment else None


def stable_id(*parts: object) -> str:
    """Return a GUID that is always the same for the same parts."""
    digest = sha256("/".join(map(str, parts)).encode()).digest()
    return str(UUID(bytes=digest[:16], version=4))
