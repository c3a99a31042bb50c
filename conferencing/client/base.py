"""What every operation of the client goes through: refusals, and errors that say where they are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from types import TracebackType
from typing import TypeVar

from conferencing.capabilities import Capabilities, Operation, Support
from conferencing.client.listing import Listing
from conferencing.errors import ConferencingError, InvalidRequest, UnsupportedOption
from conferencing.model import Role, Room, Session
from conferencing.model.base import parse_enum
from conferencing.provider import ConferenceProvider, Pages, unsupported

T = TypeVar("T")


class Client:
    """Hold a provider and make its errors say which account and which operation they are of."""

    def __init__(self, provider: ConferenceProvider) -> None:
        self.provider = provider

    @property
    def account(self) -> str:
        """The name of the account."""
        return self.provider.context.account

    @cached_property
    def capabilities(self) -> Capabilities:
        """What the provider can do."""
        return self.provider.capabilities

    @cached_property
    def _absent(self) -> frozenset[Operation]:
        """What the provider cannot do."""
        told = self.capabilities
        return frozenset(one for one in Operation if told[one] is Support.ABSENT)

    def _operation(self, operation: Operation | None) -> ErrorContext:
        """Refuse what the provider has not; else return what tells an error where it happened."""
        if operation is not None and operation in self._absent:
            error = unsupported(self.provider.name, operation)
            self._label(error, operation)
            raise error
        return ErrorContext(self._label, operation)

    def _label(self, error: ConferencingError, operation: Operation | None) -> None:
        name = operation.value if operation else None
        error.add_context(provider=self.provider.name, account=self.account, operation=name)

    def _listing(self, operation: Operation, pages: Callable[[], Pages[T]]) -> Listing[T]:
        with self._operation(operation):
            return Listing(pages, lambda error: self._label(error, operation))

    def _require(self, operation: Operation) -> None:
        if operation in self._absent:
            raise unsupported(self.provider.name, operation)

    def _role(self, role: Role | str) -> Role:
        wanted = parse_enum(Role, "role", role)
        roles = self.provider.features.roles
        if wanted not in roles:
            raise UnsupportedOption(
                f"{self.provider.name} has no role {wanted}; it knows {', '.join(sorted(roles))}",
                field="role",
            )
        return wanted


class ErrorContext:
    """Be around an operation: each call goes through this, so it is a class and no generator."""

    __slots__ = ("_label", "_operation")

    def __init__(
        self,
        label: Callable[[ConferencingError, Operation | None], None],
        operation: Operation | None,
    ) -> None:
        self._label = label
        self._operation = operation

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if isinstance(error, ConferencingError):
            self._label(error, self._operation)


def id_of(value: str, name: str = "id") -> str:
    """Return the id, or raise `InvalidRequest` for what is none."""
    if not isinstance(value, str) or not value:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidRequest(f"{name} is {value!r}; it must be the text of an id", field=name)
    return value


def room_of(room: Room | str) -> Room:
    """Return the room; an id gives one that is known by that alone."""
    return room if isinstance(room, Room) else Room(id=id_of(room, "room"))


def session_of(session: Session | str) -> Session:
    """Return the session; an id gives one that is known by that alone."""
    return session if isinstance(session, Session) else Session(id=id_of(session, "session"))


def check_range(since: datetime | None, until: datetime | None) -> None:
    """Raise `InvalidRequest` for a range of instants that cannot be."""
    for name, moment in (("since", since), ("until", until)):
        if moment is not None and moment.utcoffset() is None:
            raise InvalidRequest(f"{name} must be an aware datetime", field=name)
    if since is not None and until is not None and since > until:
        raise InvalidRequest("since is after until", field="since")
