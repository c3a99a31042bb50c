"""What a suite says where something is not as it must be: an `AssertionError` in words.

Not by `assert`, whose texts need pytest to rewrite the module and which `python -O` leaves out.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, TypeVar, cast

from conferencing.errors import ConferencingError

__all__ = ["equal", "expect", "kind_of", "outcome", "raised", "succeeded"]

T = TypeVar("T")
E = TypeVar("E", bound=ConferencingError)


def expect(so: object, text: str) -> None:
    """Raise `AssertionError` with the text unless it is so."""
    if not so:
        raise AssertionError(text)


def kind_of(value: object) -> type[Any]:
    """Return the class of a value."""
    return type(value)


def equal(got: object, wanted: object, what: str) -> None:
    """Raise `AssertionError` unless both are equal."""
    if got != wanted:
        raise AssertionError(f"{what} is {got!r}; it must be {wanted!r}")


async def outcome(work: Awaitable[Any], what: str) -> Any:
    """Return what came of it: its result, or the error of ours that it raised.

    Any other exception is an `AssertionError`: none may leave an operation.
    """
    try:
        return await work
    except ConferencingError as error:
        return error
    except AssertionError:
        raise
    except Exception as error:
        text = f"{what} raised {type(error).__name__}: {error}; only a ConferencingError may leave"
        raise AssertionError(text) from error


async def succeeded(work: Awaitable[T], what: str) -> T:
    """Return its result; an error of whatever kind is an `AssertionError`."""
    came = await outcome(work, what)
    error = came if isinstance(came, ConferencingError) else None
    if error is not None:
        raise AssertionError(f"{what} raised {error!r}") from error
    return cast("T", came)


async def raised(work: Awaitable[Any], kind: type[E] | tuple[type[E], ...], what: str) -> E:
    """Return the error of this kind that it raised, or raise `AssertionError`."""
    came = await outcome(work, what)
    kinds = kind if isinstance(kind, tuple) else (kind,)
    if isinstance(came, kinds):
        return came
    names = " or ".join(one.__name__ for one in kinds)
    told = f"raised {came!r}" if isinstance(came, Exception) else f"returned {came!r}"
    raise AssertionError(f"{what} {told}; it must raise {names}")
