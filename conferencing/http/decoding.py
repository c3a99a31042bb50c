"""Decode a vendor's JSON replies into typed rows, strictly, with msgspec. Pure.

A row class is an attrs class with the vendor's own field names. What the vendor documents as required
is required; a field with the default None is optional. Where a vendor writes a value in several
types, the annotation says so: `Id`, `LaxInt`, `LaxBool`, `Aware`.

A page that is as it should be is decoded in one step. A page that is not is read a second time, field
by field: an unreadable optional field becomes None and stays visible in `native`, a row whose required
fields cannot be read is left out and reported (`Reply.problems`), and anything else is a
`MalformedResponse` with the JSON path of the fault.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache, partial
from types import GenericAlias, NoneType, UnionType
from typing import Annotated, Any, Final, Literal, TypeVar, Union, cast, get_args, get_origin

import msgspec
from attrs import NOTHING, fields, has, resolve_types
from msgspec import Meta

from conferencing.errors import ConferencingError, MalformedResponse, WebhookMalformed
from conferencing.model.links import WEB_LINK
from conferencing.model.native import Native, Page

from .reply import MAX_FAILURE, Reply, check_size

__all__ = [
    "Aware",
    "Decoder",
    "Id",
    "LaxBool",
    "LaxInt",
    "Link",
    "VendorEnum",
    "to_bool",
    "to_duration",
    "to_int",
]

R = TypeVar("R")
T = TypeVar("T")

logger = logging.getLogger("conferencing.http")

Id = int | Annotated[str, Meta(min_length=1, max_length=4096)]
"""An id, written as a number or as a string; no vendor's is longer. `str(row.id)` gives the model's."""

LaxInt = int | Annotated[str, Meta(pattern=r"^[0-9]{1,18}$")]
"""A whole number, or the string of one; `to_int` reads it."""

LaxBool = bool | Literal[0, 1] | Annotated[str, Meta(pattern="^(0|1|[Tt]rue|[Ff]alse)$")]
"""`true`, `1`, `"1"`, `"true"` and their opposites; `to_bool` reads it."""

Aware = Annotated[datetime, Meta(tz=True)]
"""A time in RFC 3339 with its offset."""

Link = Annotated[str, Meta(pattern=WEB_LINK)]
"""A web address (http or https). An optional one that is anything else is unknown."""

MAX_ODD_ROWS: Final = 1000
"""How many rows of one reply are read field by field: beyond that, it is not this vendor's list."""

_SECOND: Final = timedelta(seconds=1)
_MISSING: Final = object()
_NAMES: Final[Mapping[type, str]] = {NoneType: "null", dict: "object", list: "array"}


def to_int(value: int | str | None) -> int | None:
    """Return the number of a `LaxInt`, None for None."""
    return None if value is None else int(value)


def to_bool(value: bool | int | str | None) -> bool | None:
    """Return the boolean of a `LaxBool`, None for None."""
    if isinstance(value, str):
        return value in {"1", "true", "True"}
    return None if value is None else bool(value)


def to_duration(count: float | str | None, unit: timedelta = _SECOND) -> timedelta | None:
    """Return a vendor's number of units, such as a `LaxInt` of seconds, as a duration.

    None for None, and for a number that no duration can hold.
    """
    try:
        return None if count is None else float(count) * unit
    except (OverflowError, ValueError):
        return None


class Decoder:
    """Decode the replies of one vendor. Make one per adapter; it costs nothing until it is used.

    `secret` names the keys below which strings of `native` are `Secret`. `at` is the path to the
    value in the reply, such as `"data.meetings"`; empty for the whole reply.
    """

    def __init__(self, *, secret: frozenset[str] = frozenset()) -> None:
        self.secret = secret

    def read(self, reply: Reply, row: type[R], at: str = "") -> R:
        """Return the value at `at` as a `row`. Raises `MalformedResponse`."""
        try:
            value: R = _unwrap(_decoder(cast("Any", row), at).decode(_check_body(reply)), at)
            return value  # noqa: TRY300 - what is refused is read again below
        except (msgspec.DecodeError, RecursionError):
            pass  # reading it again says what is wrong, or finds the optional field that is
        return cast("R", _convert(_find(reply, at), row, _path(at)))

    def peek(self, reply: Reply, row: type[R]) -> R | str | None:
        """Return a small JSON object as a `row`, a JSON string as itself, and None for anything else.

        For `read_failure`, which sees every reply and must accept any body. The fields of the row
        are all optional.
        """
        if len(reply.body) > MAX_FAILURE or reply.body.lstrip()[:1] not in {b"{", b'"'}:
            return None
        try:
            value: R | str = _decoder(cast("Any", row) | str, "").decode(reply.body)
            return value  # noqa: TRY300 - an odd object is read again below
        except msgspec.ValidationError:
            pass
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        try:
            return cast("R", _convert(msgspec.json.decode(reply.body), row, "$"))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, MalformedResponse):
            return None  # a number out of range, a byte that is not UTF-8: no failure is reported

    def record(
        self, reply: Reply, row: type[R], build: Callable[[R, Native], T], at: str = ""
    ) -> T:
        """Return what `build` makes of the row at `at` and of its `native`."""
        record = self.read(reply, row, at)
        return build(record, self.native(reply, at))

    def records(
        self, reply: Reply, row: type[R], build: Callable[[R, Native], T], at: str = ""
    ) -> list[T]:
        """Return what `build` makes of each row of the list at `at` and of its `native`.

        A row that cannot be read is left out, reported in `reply.problems` and logged. Raises
        `MalformedResponse` where there is no list, and where none of its rows can be read.
        """
        page = self._page(reply)
        try:
            rows = _unwrap(_decoder(_list_of(row), at).decode(_check_body(reply)), at)
            return [build(*pair) for pair in zip(rows, Native.each(page, _keys(at)), strict=False)]
        except (msgspec.DecodeError, RecursionError):
            pass
        except (ValueError, OverflowError, ConferencingError):
            pass  # `build` met a value that it cannot express: find the row
        raws = _raw_rows(reply, at)
        reads = (
            partial(_read_raw, raw, row, f"{_path(at)}[{number}]")
            for number, raw in enumerate(raws)
        )
        try:
            return _build_rows(
                reply, zip(reads, Native.each(page, _keys(at)), strict=False), build, at
            )
        except (msgspec.DecodeError, RecursionError):
            pass  # a row is not JSON, which skipping over it did not show
        return self.convert(reply, _find(reply, at), row, build, at)

    def convert(
        self, reply: Reply, values: object, row: type[R], build: Callable[[R, Native], T],
        at: str = "",
    ) -> list[T]:  # fmt: skip
        """Do the same for rows that were taken out of a parsed reply, where no path leads to them."""
        path = _path(at)
        if not isinstance(values, list):
            raise _mismatch("array", values, path)
        rows = cast("list[Mapping[str, Any]]", values)
        pairs = (
            (partial(_convert, value, row, f"{path}[{number}]"), Native(value, self.secret))
            for number, value in enumerate(rows)
        )
        return _build_rows(reply, cast("Any", pairs), build, at)

    def native(self, reply: Reply, at: str = "") -> Native:
        """Return the value at `at` as `native`, for a record that is built without `record`."""
        return Native.at(self._page(reply), _keys(at))

    def _page(self, reply: Reply) -> Page:
        return Page(reply.body, self.secret, reply.status, reply.attempts)

    def convert_value(self, value: object, into: type[R], at: str = "") -> R:
        """Return a value that was taken out of a parsed reply as `into`. `at` is for messages."""
        return cast("R", _convert(value, into, _path(at)))

    def read_pushed(self, value: object, row: type[R], at: str = "") -> R:
        """Return a value in the body of a webhook as a `row`. Raises `WebhookMalformed`."""
        try:
            return self.convert_value(value, row, at)
        except MalformedResponse as error:
            problem, path = error.message, error.path
        # Outside of `except`: its frames hold the body.
        raise WebhookMalformed(problem, path=path)


def _build_rows(
    reply: Reply,
    rows: Iterable[tuple[Callable[[], R], Native]],
    build: Callable[[R, Native], T],
    at: str,
) -> list[T]:
    """Return what `build` makes of the rows that can be read, and report the others."""
    built: list[T] = []
    problems: list[MalformedResponse] = []
    for number, (read, native) in enumerate(rows):
        try:
            built.append(build(read(), native))
        except MalformedResponse as error:
            problems.append(error.with_traceback(None))
        except msgspec.DecodeError:
            raise
        except (ValueError, OverflowError) as error:
            problems.append(_fault(f"{type(error).__name__}", f"{_path(at)}[{number}]"))
        if len(problems) > MAX_ODD_ROWS:
            break
    if problems and (not built or len(problems) > MAX_ODD_ROWS):
        raise problems[0]
    for problem in problems:
        reply.problems.append(problem.message)
        logger.warning("a row of a reply was left out: %s", problem.message)
    return built


# ------------------------------------------------------------------------- decoding in one step


@cache
def _decoder(into: Any, at: str) -> msgspec.json.Decoder[Any]:
    """Return a decoder of `into` below the keys of `at`."""
    for key in reversed(_keys(at)):
        into = msgspec.defstruct("Envelope", [("value", into)], rename={"value": key})
    return msgspec.json.Decoder(into)


def _list_of(row: type[R]) -> type[list[R]]:
    return cast("type[list[R]]", GenericAlias(list, (row,)))


def _unwrap(value: Any, at: str) -> Any:
    for _ in _keys(at):
        value = value.value
    return value


def _check_body(reply: Reply) -> bytes:
    check_size(reply.body)
    return reply.body


@cache
def _keys(at: str) -> tuple[str, ...]:
    return tuple(at.split(".")) if at else ()


def _path(at: str) -> str:
    return f"$.{at}" if at else "$"


# ------------------------------------------------------------------------------- field by field


def _raw_rows(reply: Reply, at: str) -> list[msgspec.Raw]:
    """Return the rows below a path unread, so that only those that are odd are read twice."""
    try:
        rows: list[msgspec.Raw] = _unwrap(
            _decoder(_list_of(msgspec.Raw), at).decode(_check_body(reply)), at
        )
        return rows  # noqa: TRY300 - the same body is read below, which says what is wrong
    except (msgspec.DecodeError, RecursionError):
        pass
    value = _find(reply, at)
    raise _mismatch("array", value, _path(at))


def _read_raw(raw: msgspec.Raw, row: type[R], path: str) -> R:
    try:
        value: R = _decoder(cast("Any", row), "").decode(raw)
        return value  # noqa: TRY300 - what is refused is read field by field
    except msgspec.ValidationError:
        pass
    return cast("R", _convert(msgspec.json.decode(raw), row, path))


def _find(reply: Reply, at: str) -> object:
    """Return the value at a path of the parsed reply. Raises `MalformedResponse` if it is missing."""
    value: object = reply.json()
    path = "$"
    for key in _keys(at):
        if not isinstance(value, dict):
            raise _mismatch("object", value, path)
        path = f"{path}.{key}"
        value = cast("dict[str, object]", value).get(key, _MISSING)
        if value is _MISSING:
            raise _fault("a required field is missing", path)
    return value


def _convert(value: object, into: Any, path: str) -> object:
    """Return a value as `into`, with unreadable optional fields as None."""
    for kind in _kinds(into):
        if isinstance(value, dict) and isinstance(kind, type) and has(kind):
            return _convert_row(cast("dict[str, object]", value), kind, path)
        if isinstance(value, list) and get_origin(kind) is list:
            (row,) = get_args(kind)
            return [
                _convert(part, row, f"{path}[{number}]")
                for number, part in enumerate(cast("list[object]", value))
            ]
    try:
        return msgspec.convert(value, into)
    except (msgspec.ValidationError, OverflowError) as error:
        problem, _, inner = str(error).partition(" - at `$")
    # Outside of `except`: the exception's frames hold the vendor's values.
    raise _fault(problem[:1].lower() + problem[1:], path + inner.removesuffix("`"))


def _convert_row(value: dict[str, object], kind: type, path: str) -> object:
    arguments: dict[str, object] = {}
    for attribute in _attributes(kind):
        name, part = attribute.name, value.get(attribute.name, _MISSING)
        if part is _MISSING:
            if attribute.default is NOTHING:
                raise _fault("a required field is missing", f"{path}.{name}")
            continue
        try:
            arguments[name] = _convert(part, attribute.type, f"{path}.{name}")
        except MalformedResponse:
            if attribute.default is not None:
                raise
    return kind(**arguments)


@cache
def _attributes(kind: type) -> tuple[Any, ...]:
    return tuple(fields(resolve_types(kind)))


@cache
def _kinds(into: Any) -> tuple[Any, ...]:
    """Return the types of an annotation: of `Row | list[Row] | None`, all three."""
    return get_args(into) if get_origin(into) in {Union, UnionType} else (into,)


def _mismatch(expected: str, value: object, path: str) -> MalformedResponse:
    actual = _NAMES.get(type(value), type(value).__name__)
    return _fault(f"expected `{expected}`, got `{actual}`", path)


def _fault(problem: str, path: str) -> MalformedResponse:
    return MalformedResponse(f"the reply is not as documented: {problem} at {path}", path=path)


class VendorEnum(StrEnum):
    """An enumeration of a vendor: a word that it does not have is its member UNKNOWN."""

    @classmethod
    def _missing_(cls, value: object) -> Any:  # noqa: ARG003
        return cls.__members__.get("UNKNOWN")
