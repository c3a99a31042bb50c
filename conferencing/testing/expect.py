"""Checks of the suite, each of which raises `AssertionError` with a sentence.

Not by `assert`: its messages need pytest to rewrite the module, and `python -O` removes it.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, TypeVar, cast

from conferencing.errors import ConferencingError

__all__ = [
    "expect",
    "expect_equal",
    "expect_raises",
    "expect_result",
    "expect_success",
    "is_known",
    "outcome_of",
    "type_of",
]

T = TypeVar("T")
E = TypeVar("E", bound=ConferencingError)


def expect(condition: object, message: str) -> None:
    """Raise `AssertionError` with `message` if the condition is false."""
    if not condition:
        raise AssertionError(message)


def expect_equal(actual: object, expected: object, subject: str) -> None:
    """Raise `AssertionError` if the values differ; `subject` names what they are."""
    if actual != expected:
        raise AssertionError(f"{subject}: expected {expected!r}, got {actual!r}")


def is_known(value: object) -> bool:
    """Return whether a value of a model is set: neither None nor `UNKNOWN`."""
    return value is not None and value != "unknown"


def type_of(value: object) -> type[Any]:
    """Return the class of a value; unlike `type`, without narrowing it for type checkers."""
    return type(value)


async def outcome_of(call: Awaitable[Any], subject: str) -> Any:
    """Return the result of a call, or the `ConferencingError` that it raises.

    Any other exception is an `AssertionError`: none may leave an operation.
    """
    try:
        return await call
    except ConferencingError as error:
        return error
    except AssertionError:
        raise
    except Exception as error:
        message = f"{subject}: expected a ConferencingError, got {type(error).__name__}: {error}"
        raise AssertionError(message) from error


async def expect_success(call: Awaitable[T], subject: str) -> T:
    """Return the result of a call; any error is an `AssertionError`."""
    outcome = await outcome_of(call, subject)
    expect_result(outcome, subject)
    return cast("T", outcome)


def expect_result(outcome: object, subject: str) -> None:
    """Raise `AssertionError` if an outcome is an error."""
    error = outcome if isinstance(outcome, ConferencingError) else None
    if error is not None:
        raise AssertionError(f"{subject}: expected success, got {error!r}") from error


async def expect_raises(
    call: Awaitable[Any], kinds: type[E] | tuple[type[E], ...], subject: str
) -> E:
    """Return the error of one of these classes that a call raises."""
    outcome = await outcome_of(call, subject)
    expected = kinds if isinstance(kinds, tuple) else (kinds,)
    if isinstance(outcome, expected):
        return outcome
    names = " or ".join(kind.__name__ for kind in expected)
    raise AssertionError(f"{subject}: expected {names}, got {outcome!r}")
