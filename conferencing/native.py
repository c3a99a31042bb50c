"""The vendor's own mapping behind a model, with the secrets in it kept secret."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from .secret import Secret

__all__ = ["NO_NATIVE", "Native"]


class Native(Mapping[str, Any]):
    """Show a vendor's mapping as it came; texts below the `secret` names come as `Secret`.

    Its repr tells the number of keys only, and pickling drops what is secret.
    """

    __slots__ = ("_mapping", "_secret")

    def __init__(self, mapping: Mapping[str, Any], secret: frozenset[str] = frozenset()) -> None:
        self._mapping = mapping
        self._secret = secret

    def __getitem__(self, key: str) -> Any:
        return conceal(self._mapping[key], self._secret, inside=key in self._secret)

    def __iter__(self) -> Iterator[str]:
        return iter(self._mapping)

    def __len__(self) -> int:
        return len(self._mapping)

    def __repr__(self) -> str:
        return f"<native, {len(self)} keys>"

    def __reduce__(self) -> tuple[object, ...]:
        return (Native, (dict(self), frozenset[str]()))


NO_NATIVE: Final = Native({})


def conceal(value: object, secret: frozenset[str], *, inside: bool = False) -> object:
    """Return `value` with each text that stands below one of the `secret` names as a `Secret`."""
    if isinstance(value, Mapping):
        mapping = cast("Mapping[str, object]", value)
        return {
            name: conceal(part, secret, inside=inside or name in secret)
            for name, part in mapping.items()
        }
    if isinstance(value, list):
        return [conceal(part, secret, inside=inside) for part in cast("list[object]", value)]
    if not inside or isinstance(value, bool) or not isinstance(value, str | int):
        return value
    return Secret(str(value))
