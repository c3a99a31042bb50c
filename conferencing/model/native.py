"""The vendor's own mapping behind a model, with the secrets in it kept secret."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from conferencing.errors import MalformedResponse

from .secret import Secret

__all__ = ["NO_NATIVE", "Native", "Page"]


class Page:
    """One reply of a vendor: bytes until somebody looks, parsed from then on.

    The records of a page share it. Bytes take less than half of the memory of parsed rows, and
    most programs never look at `native`. Strings below the `secret` names come as `Secret`.
    `status` and `attempts` are those of the reply, for the error of one that cannot be parsed.
    """

    __slots__ = ("_attempts", "_body", "_parsed", "_status", "secret")

    def __init__(
        self, body: bytes, secret: frozenset[str], status: int | None = None, attempts: int = 0
    ) -> None:
        self._body: bytes | None = body
        self._parsed: Any = None
        self._status, self._attempts = status, attempts
        self.secret = secret

    @classmethod
    def of(cls, value: Any, secret: frozenset[str]) -> Page:
        """Return a page of data that is parsed already."""
        page = cls(b"", secret)
        page._body, page._parsed = None, value
        return page

    def find(self, path: tuple[str | int, ...]) -> Mapping[str, Any]:
        """Return the mapping at a path of keys and indexes; an empty one if there is none.

        Raises `MalformedResponse` if a field that nobody has read yet is not UTF-8, or a number that
        is out of range.
        """
        if self._body is not None:
            self._parsed, self._body = self._parse(self._body), None
        value: Any = self._parsed
        for step in path:
            value = value[step]
        return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}

    def _parse(self, body: bytes) -> Any:
        import msgspec  # noqa: PLC0415 - values alone need no decoder

        try:
            return msgspec.json.decode(body)
        except UnicodeDecodeError:  # that of older msgspec
            problem = "invalid UTF-8 encoded string"
        except (msgspec.DecodeError, RecursionError) as error:
            problem = str(error).partition(" - at ")[0]
        # Outside of `except`: its frames hold the body.
        raise MalformedResponse(
            f"the vendor's own fields cannot be read: {problem[:1].lower()}{problem[1:]}",
            path="$",
            status=self._status,
            attempts=self._attempts,
        )


class Native(Mapping[str, Any]):
    """The vendor's mapping, unchanged; strings below the `secret` names come as `Secret`.

    Its repr never parses anything and shows no value. Pickling leaves out what is secret.
    """

    __slots__ = ("_index", "_page", "_path")

    _page: Page
    _path: tuple[str | int, ...]
    _index: int | None

    def __init__(self, mapping: Mapping[str, Any], secret: frozenset[str] = frozenset()) -> None:
        self._page = Page.of(mapping, secret)
        self._path = ()
        self._index = None

    @classmethod
    def at(cls, page: Page, path: tuple[str | int, ...], index: int | None = None) -> Native:
        """Return the mapping at a path of a page; with `index`, of that row of the list there."""
        native = object.__new__(cls)
        native._page, native._path, native._index = page, path, index
        return native

    @classmethod
    def each(cls, page: Page, path: tuple[str | int, ...]) -> Iterator[Native]:
        """Return the mappings of the rows at a path, without end: zip stops it."""
        new, index = object.__new__, 0
        while True:
            native = new(cls)
            native._page, native._path, native._index = page, path, index  # noqa: SLF001 - its own
            yield native
            index += 1

    @property
    def _mapping(self) -> Mapping[str, Any]:
        path = self._path if self._index is None else (*self._path, self._index)
        return self._page.find(path)

    def __getitem__(self, key: str) -> Any:
        secret = self._page.secret
        return conceal(self._mapping[key], secret, inside=key in secret)

    def __iter__(self) -> Iterator[str]:
        return iter(self._mapping)

    def __len__(self) -> int:
        return len(self._mapping)

    def __repr__(self) -> str:
        return "<native>"

    def __reduce__(self) -> tuple[object, ...]:
        return (Native, (dict(self), frozenset[str]()))


NO_NATIVE: Final = Native({})


def conceal(value: object, secret: frozenset[str], *, inside: bool = False) -> object:
    """Return `value` with each string below one of the `secret` names as a `Secret`."""
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
