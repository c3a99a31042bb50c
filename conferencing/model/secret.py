"""A string that is never shown by accident. Masking of other strings is not done here."""

from __future__ import annotations

from hmac import compare_digest
from typing import Final, NoReturn, final

from conferencing.errors import ConfigurationError, SecretUnavailable

__all__ = ["Secret"]

MASK: Final = "***"


@final
class Secret:
    """A credential, a passcode or a personal link that only `reveal()` shows.

    Printing, formatting and logging give `***`. Pickling drops the value: `reveal()` on the copy
    raises `SecretUnavailable`.
    """

    __slots__ = ("_value",)

    _value: str | None

    def __init__(self, value: str) -> None:
        if not isinstance(value, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ConfigurationError(f"a secret must be a string, not {type(value).__name__}")
        object.__setattr__(self, "_value", value)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("a secret cannot be changed")

    def reveal(self) -> str:
        """Return the string itself."""
        if self._value is None:
            raise SecretUnavailable(
                "this secret has no value: it was pickled, and values of secrets do not travel;"
                " send link.url or secret.reveal() in its place"
            )
        return self._value

    def __repr__(self) -> str:
        return f"Secret('{MASK}')"

    def __str__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __bool__(self) -> bool:
        return self._value != ""

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        if self._value is None or other._value is None:
            return self is other
        return compare_digest(_bytes(self._value), _bytes(other._value))

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self

    def __reduce__(self) -> tuple[object, ...]:
        return (without_value, ())


def without_value() -> Secret:
    """Return a secret whose value is not known any more; `reveal()` raises."""
    secret = Secret("")
    object.__setattr__(secret, "_value", None)
    return secret


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
