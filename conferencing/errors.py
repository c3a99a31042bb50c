"""Every exception that an operation can raise.

    ConferencingError
    ├── ConfigurationError            the account is not set up correctly
    │   ├── UnknownProvider
    │   └── UnknownAccount
    ├── UnsupportedOperation          this provider cannot do it; nothing was sent
    │   └── UnsupportedOption         it can, but not with this field or value
    ├── TransportError                no complete reply arrived
    │   ├── TimedOut
    │   └── OutcomeUnknown            it may have happened; do not repeat it blindly
    ├── ProviderError                 the vendor answered with a failure
    │   ├── AuthenticationFailed
    │   ├── PermissionDenied
    │   ├── NotAvailable              not for this account or plan
    │   ├── NotFound
    │   ├── Conflict
    │   ├── InvalidRequest            a value is wrong, found before sending or by the vendor
    │   ├── RateLimited
    │   ├── ProviderUnavailable
    │   └── MalformedResponse         the reply does not match the vendor's documentation
    ├── WebhookRejected               a delivery is refused; none of its content may be used
    │   ├── WebhookForged             its signature or token is missing or wrong
    │   ├── WebhookStale              it was signed too long ago, or in the future
    │   ├── WebhookMalformed          it is not what the vendor documents
    │   └── WebhookTooLarge
    ├── StoreUnavailable              a rate store, journal or token store cannot be used for now
    ├── SecretUnavailable             a passcode or link was pickled, and has no value here
    └── ClientClosed

A class exists only where a caller can act on it. No exception of aiohttp, cattrs or Python leaves
an operation. All errors can be pickled, and none holds a credential.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Final, NoReturn, cast

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
        fields: tuple[str, ...]
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
    "SecretUnavailable",
    "Sent",
    "StoreUnavailable",
    "TimedOut",
    "TransportError",
    "UnknownAccount",
    "UnknownProvider",
    "UnsupportedOperation",
    "UnsupportedOption",
    "WebhookForged",
    "WebhookMalformed",
    "WebhookRejected",
    "WebhookStale",
    "WebhookTooLarge",
]


class Sent(StrEnum):
    """Whether the request reached the vendor. It decides what may be done next."""

    NO = "no"  # nothing happened
    MAYBE = "maybe"  # the request left, and no answer arrived
    YES = "yes"  # the request arrived: an answer, or a part of one, came back


MAX_TEXT: Final = 2000
"""The longest `str()` of an error, in characters, however much the vendor wrote."""

_MAX_MESSAGE: Final = 1200


class ConferencingError(Exception):
    """Base of every error that this library raises.

    `sent` says whether the request reached the vendor, and `retryable` whether the same call may
    be made again later: it is never True where a creation was sent, or may have been, since
    repeating it could create a second one. `retry_after` is in seconds. `code` is the vendor's own
    error code, and `problems` are the vendor's texts, for people only. `field` names the argument
    at fault, `fields` all of them where several were refused, `path` the place in a reply (`$[3].name`), and `body` is the start of a reply that
    could not be read, with credentials masked.
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
    fields: tuple[str, ...] = ()
    path: str | None = None
    problems: tuple[str, ...] = ()
    body: str | None = None

    def __init__(self, message: str, **facts: Unpack[Facts]) -> None:
        super().__init__(message)
        self.__dict__.update(facts)

    @property
    def message(self) -> str:
        """What went wrong, without the parts that `str()` adds."""
        return str(self.args[0])

    @property
    def facts(self) -> Mapping[str, object]:
        """The attributes that are set, for logs and for JSON; `sent` and `retryable` always."""
        public = {name: value for name, value in vars(self).items() if not name.startswith("_")}
        return MappingProxyType({"sent": self.sent, "retryable": self.retryable} | public)

    def to_dict(self) -> dict[str, Any]:
        """Return the error as plain data for JSON: `kind`, `message` and `facts`.

        A task queue that rebuilds an exception from its arguments loses its facts: let a task
        return this dictionary, and rebuild the error with `from_dict`.
        """
        facts = {name: _to_plain(value) for name, value in self.facts.items()}
        return {"kind": type(self).__name__, "message": self.message, **facts}

    @staticmethod
    def from_dict(data: Mapping[str, Any]) -> ConferencingError:
        """Return the error that `to_dict` has written; a `ConferencingError` if its kind is unknown."""
        facts: dict[str, Any] = {
            name: tuple(cast("list[object]", value)) if isinstance(value, list) else value
            for name, value in data.items()
            if name not in {"kind", "message"}
        }
        facts["sent"] = Sent(facts.get("sent", Sent.MAYBE))
        kind = _kinds(ConferencingError).get(str(data.get("kind")), ConferencingError)
        return kind(str(data.get("message", "")), **facts)

    def add_context(self, **where: str | None) -> None:
        """Set provider, account and operation where they are not set yet."""
        for name, value in where.items():
            if getattr(self, name) is None:
                setattr(self, name, value)

    def __str__(self) -> str:
        """Return place, message, the vendor's problems and the attempts: at most `MAX_TEXT` long."""
        account = self.account if self.account != self.provider else None
        label = f"({account})" if self.provider else f"account {account}"
        names = (self.provider, label if account else None, self.operation)
        place = " ".join(_shorten(name, 100) for name in names if name)
        message = _shorten(self.message, _MAX_MESSAGE)
        parts = [f"{place}: {message}" if place else message]
        if self.attempts > 1:
            parts.append(f"Gave up after {self.attempts} attempts.")
        if self.problems:
            left = MAX_TEXT - sum(map(len, parts)) - 100
            problems = _join_problems(self.problems, left).removesuffix(".")
            parts.insert(1, f"The vendor says: {problems}.")
        if len(parts) > 1:
            parts[0] = f"{parts[0].removesuffix('.')}."
        return " ".join(parts)


def _to_plain(value: object) -> object:
    if isinstance(value, tuple):
        return [*cast("tuple[object, ...]", value)]
    return value.value if isinstance(value, StrEnum) else value


def _kinds(base: type[ConferencingError]) -> dict[str, type[ConferencingError]]:
    """Return a class and all classes derived from it, by name."""
    kinds = {base.__name__: base}
    for kind in base.__subclasses__():
        kinds |= _kinds(kind)
    return kinds


def _shorten(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"


def _join_problems(problems: tuple[str, ...], length: int) -> str:
    """Return the first problems that fit into `length` characters, and how many are left out."""
    shown: list[str] = []
    for problem in problems:
        length -= len(problem) + 2
        if length < 0:
            break
        shown.append(problem)
    if not shown:
        shown = [_shorten(problems[0], max(length + len(problems[0]), 1))]
    left_out = len(problems) - len(shown)
    return "; ".join(shown) + (f"; and {left_out} more" if left_out else "")


class ConfigurationError(ConferencingError):
    """An account, its settings or its provider is not set up correctly."""


class UnknownProvider(ConfigurationError):
    """No installed adapter has this name."""


class UnknownAccount(ConfigurationError):
    """The configuration has no account of this name."""


class UnsupportedOperation(ConferencingError):
    """The provider does not have this operation. Nothing was sent."""


class UnsupportedOption(UnsupportedOperation):
    """The provider does not support `field`. Nothing was sent."""


class TransportError(ConferencingError):
    """No complete reply arrived; `sent` says whether the request had left."""

    # What a task queue rebuilds without its facts must not claim that nothing was sent.
    sent = Sent.MAYBE
    retryable = True


class TimedOut(TransportError):
    """A deadline of this library passed before a reply arrived."""


class OutcomeUnknown(TransportError):
    """The reply to a request that must not be repeated was lost: it may have happened."""

    retryable = False


class ProviderError(ConferencingError):
    """The vendor answered with a failure."""

    sent = Sent.YES


class AuthenticationFailed(ProviderError):
    """The vendor refused the credentials."""


class PermissionDenied(ProviderError):
    """The credentials are valid but do not permit this."""


class NotAvailable(ProviderError):
    """The provider has this feature, but not for this account or plan."""


class NotFound(ProviderError):
    """The room, session, person or file does not exist."""


class Conflict(ProviderError):
    """The present state does not allow it, or it exists already."""


class InvalidRequest(ProviderError):
    """A value is wrong: found before sending (`sent` is no) or refused by the vendor."""

    sent = Sent.NO


class RateLimited(ProviderError):
    """The account has to wait: `retry_after` seconds, if the vendor says how long."""

    retryable = True


class ProviderUnavailable(ProviderError):
    """The vendor's service failed."""

    retryable = True


class MalformedResponse(ProviderError):
    """The reply does not match the vendor's documentation; `path` says where."""


class WebhookRejected(ConferencingError):
    """A delivery of a webhook is refused: none of its content may be used.

    `answer_status` is the HTTP status to answer with. The message names the header or the place in
    the body, and holds neither a secret nor the signature.
    """

    answer_status: ClassVar[int] = 400


class WebhookForged(WebhookRejected):
    """The signature or the token is missing or wrong."""

    answer_status = 401


class WebhookStale(WebhookRejected):
    """The signature is right, but was made too long ago, or in the future."""

    answer_status = 401


class WebhookMalformed(WebhookRejected):
    """The delivery is not what the vendor documents; `path` says where."""


class WebhookTooLarge(WebhookRejected):
    """The body is longer than the limit, and was not read."""

    answer_status = 413


class StoreUnavailable(ConferencingError):
    """A store of the account (rate store, journal, token store) cannot be used for now."""

    retryable = True


class SecretUnavailable(ConferencingError):
    """A passcode, token or link was pickled, and its value did not travel with it.

    Send the value on purpose: `link.url`, `passcode.code.reveal()`.
    """


class ClientClosed(ConferencingError):
    """This client can no longer be used here: closed, another event loop, or a fork."""


def raise_without_context(error: BaseException) -> NoReturn:
    """Raise `error` with no cause, no context and no earlier frames.

    For code whose frames hold secrets: an error tracker records the locals of every frame of an
    error and of all errors behind it. It also works inside `except` and in context managers,
    where `from None` only hides the context.
    """
    error.__cause__ = None
    error.__traceback__ = None
    try:
        raise error
    finally:
        error.__context__ = None  # `raise` sets it again; nothing does so after this
        del error
