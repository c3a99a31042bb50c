"""Every exception that an operation can raise.

    ConferencingError
    ├── ConfigurationError            the account is not set up as it should be
    │   ├── UnknownProvider
    │   └── UnknownAccount
    ├── UnsupportedOperation          this provider cannot do it; nothing was sent
    │   └── UnsupportedOption         it can, but not with this field or value
    ├── TransportError                no complete reply came back
    │   ├── TimedOut
    │   └── OutcomeUnknown            it may have happened; do not blindly repeat it
    ├── ProviderError                 the vendor answered, and not with success
    │   ├── AuthenticationFailed
    │   ├── PermissionDenied
    │   ├── NotAvailable              not for this account or plan
    │   ├── NotFound
    │   ├── Conflict
    │   ├── InvalidRequest            a value is wrong, said by us before sending or by the vendor
    │   ├── RateLimited
    │   ├── ProviderUnavailable
    │   └── MalformedResponse         the reply is not what the vendor's documents say
    ├── StoreUnavailable              a rate store, journal or token store cannot be used for now
    └── ClientClosed

A class exists only where a caller can act on it. No exception of aiohttp, of cattrs or of Python
itself leaves an operation. All of them pickle, and none holds a credential.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TypedDict, Unpack

    class Facts(TypedDict, total=False):
        provider: str | None
        account: str | None
        operation: str | None
        sent: Sent
        status: int | None
        code: str | None
        attempts: int
        retry_after: float | None
        field: str | None
        path: str | None
        problems: tuple[str, ...]
        body: str | None
        retryable: bool


__all__ = [
    "AuthenticationFailed",
    "ClientClosed",
    "ConferencingError",
    "ConfigurationError",
    "Conflict",
    "InvalidRequest",
    "MalformedResponse",
    "NotAvailable",
    "NotFound",
    "OutcomeUnknown",
    "PermissionDenied",
    "ProviderError",
    "ProviderUnavailable",
    "RateLimited",
    "Sent",
    "StoreUnavailable",
    "TimedOut",
    "TransportError",
    "UnknownAccount",
    "UnknownProvider",
    "UnsupportedOperation",
    "UnsupportedOption",
]


class Sent(StrEnum):
    """Whether the last attempt reached the vendor: the fact that decides what may be done next."""

    NO = "no"  # surely not: nothing happened
    MAYBE = "maybe"  # it left, and no answer came
    YES = "yes"  # it arrived, since an answer (or a part of one) came


class ConferencingError(Exception):
    """Base of everything that this library raises on purpose.

    `retry_after` is in seconds. `code` is the vendor's own. `problems` are the vendor's texts, for
    people only. `retryable` says whether the same call may sensibly be made again later. `field`
    names the argument at fault, `path` the place in a reply (`$[3].name`), and `body` the start of
    a reply that could not be read, without the secrets known to us.
    """

    provider: str | None = None
    account: str | None = None
    operation: str | None = None
    sent: Sent = Sent.NO
    retryable: bool = False
    status: int | None = None
    code: str | None = None
    attempts: int = 0
    retry_after: float | None = None
    field: str | None = None
    path: str | None = None
    problems: tuple[str, ...] = ()
    body: str | None = None

    def __init__(self, message: str, **facts: Unpack[Facts]) -> None:
        super().__init__(message)
        self.__dict__.update(facts)

    @property
    def message(self) -> str:
        """What went wrong, without the prefix that `str()` adds."""
        return str(self.args[0])

    @property
    def facts(self) -> Mapping[str, object]:
        """All that is known beside the message, for logs and for `--json`."""
        known = {name: value for name, value in vars(self).items() if not name.startswith("_")}
        return MappingProxyType({"sent": self.sent, "retryable": self.retryable} | known)

    def add_context(self, **where: str | None) -> None:
        """Fill in provider, account and operation where they are not yet known."""
        for name, value in where.items():
            if getattr(self, name) is None:
                setattr(self, name, value)

    def __str__(self) -> str:
        account = self.account if self.account != self.provider else None
        place = " ".join(
            part
            for part in (self.provider, f"({account})" if account else None, self.operation)
            if part
        )
        parts = [f"{place}: {self.message}" if place else self.message]
        if self.problems:
            parts.append(f"The vendor says: {'; '.join(self.problems)}.")
        if self.attempts > 1:
            parts.append(f"Gave up after {self.attempts} attempts.")
        if len(parts) > 1:
            parts[0] = f"{parts[0].removesuffix('.')}."
        return " ".join(parts)


class ConfigurationError(ConferencingError):
    """Say that an account, its settings or its provider is not set up as it should be."""


class UnknownProvider(ConfigurationError):
    """Say that no installed adapter has this name."""


class UnknownAccount(ConfigurationError):
    """Say that the configuration names no such account."""


class UnsupportedOperation(ConferencingError):
    """Say that the provider has no such operation. Nothing was sent."""


class UnsupportedOption(UnsupportedOperation):
    """Say that the provider cannot express `field`. Nothing was sent."""


class TransportError(ConferencingError):
    """Say that no complete reply came back; `sent` tells whether the request had left."""

    retryable = True


class TimedOut(TransportError):
    """Say that a time limit of ours passed first."""


class OutcomeUnknown(TransportError):
    """Say that something which must not happen twice may have happened: the reply was lost."""

    retryable = False


class ProviderError(ConferencingError):
    """Say that the vendor answered, and not with success."""

    sent = Sent.YES


class AuthenticationFailed(ProviderError):
    """Say that the vendor refused the credentials."""


class PermissionDenied(ProviderError):
    """Say that the credentials are good and this is not theirs to do."""


class NotAvailable(ProviderError):
    """Say that the provider has this, but not for this account or plan."""


class NotFound(ProviderError):
    """Say that there is no such thing."""


class Conflict(ProviderError):
    """Say that the present state forbids it, or that it is there already."""


class InvalidRequest(ProviderError):
    """Say that a value is wrong: found by us (`sent` is no) or refused by the vendor."""

    sent = Sent.NO


class RateLimited(ProviderError):
    """Say that the account has to wait, `retry_after` seconds if that is known."""

    retryable = True


class ProviderUnavailable(ProviderError):
    """Say that the vendor's side failed."""

    retryable = True


class MalformedResponse(ProviderError):
    """Say that the reply is not what the vendor's documents promise; `path` tells where."""


class StoreUnavailable(ConferencingError):
    """A store beside the vendor (rate store, journal, token store) cannot be used for now."""

    retryable = True


class ClientClosed(ConferencingError):
    """Say that this client can no longer be used here: closed, another event loop, or a fork."""
