"""What every operation shares: checks before anything is sent, and the context of errors."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from conferencing.capabilities import Capabilities, Operation, Support
from conferencing.client.listing import Listing
from conferencing.errors import ConferencingError, InvalidRequest, UnsupportedOption
from conferencing.model import Participant, Role, Room, Session
from conferencing.model.base import parse_enum
from conferencing.provider import ConferenceProvider, Pages, build_unsupported
from conferencing.telemetry import Observation, is_observed

T = TypeVar("T")


class Client:
    """A provider whose errors say which account and which operation they belong to."""

    def __init__(self, provider: ConferenceProvider) -> None:
        self.provider = provider

    @property
    def account(self) -> str:
        """The name of the account."""
        return self.provider.context.account

    @cached_property
    def capabilities(self) -> Capabilities:
        """What the provider supports."""
        return self.provider.capabilities

    @cached_property
    def _absent(self) -> frozenset[Operation]:
        """The operations that the provider does not have."""
        capabilities = self.capabilities
        return frozenset(name for name in Operation if capabilities[name] is Support.ABSENT)

    def _operation(self, operation: Operation) -> ErrorContext:
        """Return the context of a call of the provider: it labels errors, and is observed.

        Raises if the provider lacks `operation`.
        """
        if not is_observed():
            return self._label_errors(operation)
        self._label_errors(operation)
        return ObservedContext(self._label, operation, self._observe(operation))

    def _observe(self, operation: Operation) -> Observation:
        return Observation(self.provider.name, self.account, operation.value)

    def _label_errors(self, operation: Operation | None) -> ErrorContext:
        """Raise if the provider lacks `operation`; otherwise return a context that labels errors."""
        if operation is not None and operation in self._absent:
            error = build_unsupported(self.provider.name, operation)
            self._label(error, operation)
            raise error
        return ErrorContext(self._label, operation)

    def _label(self, error: ConferencingError, operation: Operation | None) -> None:
        name = operation.value if operation else None
        error.add_context(provider=self.provider.name, account=self.account, operation=name)

    def _listing(self, operation: Operation, pages: Callable[[], Pages[T]]) -> Listing[T]:
        with self._label_errors(operation):
            return Listing(
                pages,
                lambda error: self._label(error, operation),
                lambda: self._observe(operation) if is_observed() else None,
            )

    def _role(self, role: Role | str, room: Room) -> Role:
        member = parse_enum(Role, "role", role)
        roles = self.provider.features_of(room).roles
        if member not in roles:
            raise UnsupportedOption(
                f"{self.provider.name} has no role {member}; it has {', '.join(sorted(roles))}",
                field="role",
            )
        return member


class ErrorContext:
    """Label errors raised inside. A class, not a generator, because every call passes through it."""

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


class ObservedContext(ErrorContext):
    """Label errors raised inside, and record a span and metrics."""

    __slots__ = ("_observation",)

    def __init__(
        self,
        label: Callable[[ConferencingError, Operation | None], None],
        operation: Operation,
        observation: Observation,
    ) -> None:
        super().__init__(label, operation)
        self._observation = observation

    def __enter__(self) -> None:
        self._observation.resume()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._observation.end(error)
        super().__exit__(kind, error, traceback)


def id_of(value: str, name: str = "id") -> str:
    """Return the id, or raise `InvalidRequest` if it is not a string or empty."""
    if not isinstance(value, str) or not value:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidRequest(f"{name} is {value!r}; it must be an id, a string", field=name)
    return value


def room_of(room: Room | str) -> Room:
    """Return the room; an id becomes a `Room` with only the id set."""
    return room if isinstance(room, Room) else Room(id=id_of(room, "room"))


def session_of(session: Session | str) -> Session:
    """Return the session; an id becomes a `Session` with only the id set."""
    return session if isinstance(session, Session) else Session(id=id_of(session, "session"))


def participant_of(participant: Participant | str) -> Participant:
    """Return the participant; an id becomes a `Participant` with only the id set."""
    if isinstance(participant, Participant):
        id_of(participant.id or "", "participant.id")
        return participant
    return Participant(id=id_of(participant, "participant"))


def check_range(since: datetime | None, until: datetime | None) -> None:
    """Raise `InvalidRequest` unless both ends are aware and in order; None leaves an end open."""
    for name, moment in (("since", since), ("until", until)):
        if moment is None:
            continue
        if not isinstance(moment, datetime) or moment.utcoffset() is None:  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidRequest(f"{name} must be an aware datetime", field=name)
    if since is not None and until is not None and since > until:
        raise InvalidRequest("since is after until", field="since")


def check_string(name: str, value: str | None) -> str | None:
    """Return a string or None. Raises `InvalidRequest` for anything else."""
    if value is not None and not isinstance(value, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidRequest(f"{name} is {value!r}; it must be a string", field=name)
    return value


def check_seconds(name: str, value: float) -> float:
    """Return a number of seconds. Raises `InvalidRequest` unless it is finite and from 0 on."""
    number: Any = value
    if not isinstance(number, int | float) or not 0 <= number < float("inf"):
        raise InvalidRequest(
            f"{name} is {value!r}; it must be a number of seconds, 0 or more", field=name
        )
    return value


def check_count(name: str, value: int) -> int:
    """Return a count. Raises `InvalidRequest` unless it is a whole number from 1 on."""
    number: Any = value
    if isinstance(number, bool) or not isinstance(number, int) or number < 1:
        raise InvalidRequest(f"{name} is {value!r}; it must be 1 or more", field=name)
    return value


def check_iterable(name: str, values: Iterable[T]) -> Iterable[T]:
    """Return the values. Raises `InvalidRequest` if they are a string or not iterable."""
    if isinstance(values, str) or not isinstance(values, Iterable):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidRequest(f"{name} must be a list, not {type(values).__name__}", field=name)
    return values


def check_mapping(name: str, value: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Return the mapping, an empty one for None. Raises `InvalidRequest` for anything else."""
    if value is not None and not isinstance(value, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidRequest(f"{name} is {value!r}; it must be a mapping", field=name)
    return value or {}


def check_path(name: str, path: str | os.PathLike[str]) -> Path:
    """Return the path. Raises `InvalidRequest` if it is not one, or holds a NUL character."""
    text = os.fspath(path) if isinstance(path, str | os.PathLike) else None  # pyright: ignore[reportUnnecessaryIsInstance]
    if isinstance(text, str) and text and "\0" not in text:
        return Path(text)
    raise InvalidRequest(f"{name} is {path!r}; it must be the path of a file", field=name)
