"""Requests of an adapter, and the exact bytes that they are encoded to. Pure.

    POST("/rooms/{room}/tokens", room=room.id, form={"how_many": 3})

Ids are percent-encoded whole, slashes included, so that none can change the path around it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from math import isfinite
from string import Formatter
from typing import Any, Final, Protocol, cast
from urllib.parse import quote, unquote, urlencode

import msgspec
from msgspec import Struct, field

from conferencing.errors import InvalidRequest
from conferencing.model.secret import Secret

__all__ = [
    "DELETE",
    "GET",
    "PATCH",
    "POST",
    "PUT",
    "Effect",
    "Outgoing",
    "Repeated",
    "Request",
    "Upload",
    "deep_merge",
    "pack_id",
    "raw_query",
    "unpack_id",
    "without_none",
    "write_utc",
]

FORM: Final = "application/x-www-form-urlencoded"
JSON: Final = "application/json"
MAX_TARGET: Final = 2**15
"""The longest path with its query, in characters. Few servers accept one half as long."""

MAX_TEXT: Final = 2 * 2**20
"""How many characters one text of a request may have: a change sends back texts of a reply, and one
of 8 MiB would be there five times, as a value, as JSON, and in the buffers of the connection."""

_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class Effect(StrEnum):
    """What sending an operation twice would do. A property of the operation, not of its verb."""

    READ = "read"  # nothing
    IDEMPOTENT = "idempotent"  # the same state as sending it once (RFC 9110, 9.2.2)
    KEYED = "keyed"  # the same object: the request carries a key by which the vendor knows it again
    CREATE = "create"  # a second room, registration or session
    NOTIFY = "notify"  # a second mail to the same people
    NEVER_RETRY = "never-retry"  # it could hit another object: the adapter looks before each try
    EXCHANGE = "exchange"  # a token that is valid once is used up, and nothing else changes

    @property
    def repeatable(self) -> bool:
        """Whether it may be sent again when it is unknown whether it arrived."""
        return self in {Effect.READ, Effect.IDEMPOTENT, Effect.KEYED}


_DEFAULT_EFFECTS: Final = {
    "GET": Effect.READ,
    "HEAD": Effect.READ,
    "PUT": Effect.IDEMPOTENT,
    "DELETE": Effect.IDEMPOTENT,
}
"""By RFC 9110; a PATCH is not idempotent (RFC 5789), and any other verb may do anything."""

RAW: Final = "(raw path)"
"""What logs show in place of a path that a user wrote: it may hold a token."""


class Upload(Struct, frozen=True, kw_only=True):
    """A file to send as one part of a multipart body."""

    filename: str
    content: bytes
    media_type: str = "application/octet-stream"

    def __repr__(self) -> str:
        return f"Upload(filename={self.filename!r}, {len(self.content)} bytes)"


class Repeated(tuple[Any, ...]):
    """The values of a parameter that is written once for each: `id=1&id=2`.

    A list is written in the bracket style of PHP.
    """

    __slots__ = ()


class Request(Struct, frozen=True, kw_only=True):
    """One call: its target, its parameters, and the effect of repeating it.

    `template` is the path before the ids were filled in; logs show it and never the path. A
    `Secret` anywhere in query, form or JSON is revealed only in the bytes that are sent. `base_url`
    takes the place of the account's where a vendor has another host for some calls, such as tokens.
    """

    method: str
    template: str
    path: str
    query: Mapping[str, Any] = field(default_factory=dict[str, Any])
    form: Mapping[str, Any] | None = None
    json: object = None
    files: Mapping[str, Upload] = field(default_factory=dict[str, Upload])
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    base_url: str | None = None
    effect: Effect = Effect.READ

    def __repr__(self) -> str:
        return f"Request({self.method} {self.template}, effect={self.effect})"

    def encode(self) -> Outgoing:
        """Return the bytes of this request. Raises `InvalidRequest` for a value with no form."""
        try:
            return self._encode()
        except InvalidRequest as error:
            fault = error.with_traceback(None)  # its frames hold the secrets in clear
        except (ValueError, TypeError, OverflowError, RecursionError) as error:
            fault = InvalidRequest(f"the request cannot be encoded ({type(error).__name__})")
        raise fault

    def _encode(self) -> Outgoing:
        query = urlencode([*flatten(self.query)], quote_via=quote, safe="") if self.query else ""
        target = f"{self.path}?{query}" if query else self.path
        if len(target) > MAX_TARGET:
            raise InvalidRequest(
                f"the request's path and query would have {len(target):,} characters; at most"
                f" {MAX_TARGET:,} are sent"
            )
        body, media_type = self._encode_body()
        return Outgoing(
            method=self.method,
            template=self.template,
            target=target,
            body=body,
            media_type=media_type,
            request=self,
        )

    def _encode_body(self) -> tuple[bytes | None, str | None]:
        if self.files:
            return None, None  # the sender writes multipart
        if self.form is not None:
            return urlencode([*flatten(self.form)]).encode(), FORM
        if self.json is not None:
            return msgspec.json.encode(_to_plain(self.json, "json")), JSON
        return None, None

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """All secrets in this request, to be masked in error texts."""
        return tuple(_find_secrets((self.query, self.form, self.json)))


class Outgoing(Struct, frozen=True, kw_only=True):
    """The exact bytes of a request: what is sent, and what a signature is made over."""

    method: str
    template: str
    target: str
    body: bytes | None
    media_type: str | None
    request: Request

    def __repr__(self) -> str:
        return f"Outgoing({self.method} {self.template})"


class Builder(Protocol):
    """The signature of `GET`, `POST`, `PUT`, `PATCH` and `DELETE`."""

    def __call__(
        self,
        template: str,
        *,
        query: Mapping[str, Any] | None = None,
        form: Mapping[str, Any] | None = None,
        json: object = None,
        files: Mapping[str, Upload] | None = None,
        headers: Mapping[str, str] | None = None,
        base_url: str | None = None,
        effect: Effect | None = None,
        **ids: str | int,
    ) -> Request: ...


def _make_builder(method: str, default: Effect) -> Builder:
    def build(
        template: str,
        *,
        query: Mapping[str, Any] | None = None,
        form: Mapping[str, Any] | None = None,
        json: object = None,
        files: Mapping[str, Upload] | None = None,
        headers: Mapping[str, str] | None = None,
        base_url: str | None = None,
        effect: Effect | None = None,
        **ids: str | int,
    ) -> Request:
        return Request(
            method=method,
            template=template,
            path=_expand(template, ids) if ids or "{" in template else template,
            query=query or {},
            form=form,
            json=json,
            files=files or {},
            headers=headers or {},
            base_url=base_url,
            effect=effect or default,
        )

    build.__name__ = method
    build.__doc__ = f"Build a {method} request; the ids fill the braces of the template."
    return build


GET = _make_builder("GET", Effect.READ)
POST = _make_builder("POST", Effect.CREATE)
PUT = _make_builder("PUT", Effect.IDEMPOTENT)
PATCH = _make_builder("PATCH", Effect.CREATE)
DELETE = _make_builder("DELETE", Effect.IDEMPOTENT)


def build_raw(method: str, path: str, effect: Effect | None = None, **parts: Any) -> Request:
    """Build a request from a path that a user wrote, which has to stay below the base URL."""
    method = method.upper()
    if not (method.isalpha() and method.isascii()):
        raise InvalidRequest(f"{method!r} is not a method such as GET or POST", field="method")
    climbs = {".", ".."} & set(unquote(path).split("/"))
    if not path.startswith("/") or climbs or re.search("[?#\\\\\ud800-\udfff]", path):
        raise InvalidRequest(
            f"path is {path!r}; it must begin with a slash, without '.', '..', '?' and '#'"
            " (parameters go into query=)",
            field="path",
        )
    return Request(
        method=method,
        template=RAW,
        path=quote(path, safe="/%:@!$&'()*+,;=~"),
        effect=Effect(effect or _DEFAULT_EFFECTS.get(method, Effect.CREATE)),
        **{name: part for name, part in parts.items() if part is not None},
    )


def _expand(template: str, ids: Mapping[str, str | int]) -> str:
    parts = _parts(template)
    return "".join([text if name is None else text + _segment(name, ids) for text, name in parts])


@cache
def _parts(template: str) -> tuple[tuple[str, str | None], ...]:
    """Split a template; cached."""
    return tuple((text, name) for text, name, _, _ in Formatter().parse(template))


def _segment(name: str, ids: Mapping[str, object]) -> str:
    value = ids[name]
    if isinstance(value, bool) or not isinstance(value, str | int) or value in {"", ".", ".."}:
        raise InvalidRequest(f"{name} is {value!r}; it must be an id", field=name)
    text = str(value)
    return text if text.isalnum() and text.isascii() else quote(text, safe="", errors="replace")


# ------------------------------------------------------------------------------- bodies and values


def flatten(fields: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Return form fields in the bracket style of PHP, with explicit indexes.

    `{"a": {"b": [1, True]}}` gives `a[b][0]=1` and `a[b][1]=1`. `Repeated` repeats its name instead.
    """
    for name, value in fields.items():
        key = f"{prefix}[{name}]" if prefix else str(name)
        if isinstance(value, Mapping):
            yield from flatten(cast("Mapping[str, Any]", value), key)
        elif isinstance(value, Repeated):
            yield from ((key, _scalar(key, part)) for part in value)
        elif isinstance(value, list | tuple):
            numbered = enumerate(cast("Sequence[Any]", value))
            yield from flatten({str(index): part for index, part in numbered}, key)
        else:
            yield key, _scalar(key, value)


def _scalar(key: str, value: object) -> str:
    text = value.reveal() if isinstance(value, Secret) else value
    if isinstance(text, bool):
        return "1" if text else "0"
    if isinstance(text, str):
        _check_text(key, text)
    if isinstance(text, str | int) and not _LONE_SURROGATE.search(str(text)):
        return str(text)
    raise InvalidRequest(
        f"{key} is {value!r}; a form takes strings, whole numbers and booleans", field=key
    )


def _check_text(name: str, text: str) -> str:
    """Return the text of a field. Raises `InvalidRequest` for one that is too long to be sent."""
    if len(text) > MAX_TEXT:
        raise InvalidRequest(
            f"{name[:100]} has {len(text):,} characters; a text of a request has at most"
            f" {MAX_TEXT:,}; shorten it, or send it as a file",
            field=name,
        )
    return text


def _to_plain(value: object, name: str) -> object:
    """Return a JSON value with its secrets revealed. Raises `InvalidRequest` for anything else."""
    match value:
        case None | bool() | int():
            return value
        case str():
            return _check_text(name, value)
        case float() if isfinite(value):
            return value
        case Secret():
            return _check_text(name, value.reveal())
        case Mapping():
            fields = cast("Mapping[Any, object]", value)
            if not all(isinstance(key, str) for key in fields):
                raise InvalidRequest("a key of the JSON body is not a string", field="json")
            return {key: _to_plain(part, key) for key, part in fields.items()}
        case list() | tuple():
            return [_to_plain(part, name) for part in cast("Sequence[object]", value)]
        case _:
            raise InvalidRequest(
                f"{type(value).__name__} cannot be written as JSON; give numbers, strings, lists"
                " and mappings",
                field="json",
            )


def _find_secrets(value: object) -> Iterator[Secret]:
    if isinstance(value, Secret):
        yield value
    elif isinstance(value, Mapping):
        yield from _find_secrets(tuple(cast("Mapping[Any, object]", value).values()))
    elif isinstance(value, list | tuple):
        for part in cast("Sequence[object]", value):
            yield from _find_secrets(part)


def write_utc(moment: datetime) -> str:
    """Return a time in UTC in whole seconds, such as 2026-10-01T08:00:00Z."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def without_none(**fields: Any) -> dict[str, Any]:
    """Return the fields that are not None."""
    return {name: value for name, value in fields.items() if value is not None}


def deep_merge(fields: Mapping[str, Any], native: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields with the user's `native` ones over them, mappings merged deeply."""
    result = dict(fields)
    for name, value in native.items():
        present = result.get(name)
        both = isinstance(present, Mapping) and isinstance(value, Mapping)
        result[name] = deep_merge(cast("Any", present), cast("Any", value)) if both else value
    return result


# ------------------------------------------------------------------------------------------- ids


def pack_id(*parts: str | int) -> str:
    """Return one opaque id made of several: `pack_id(7, 12)` is `7:12`."""
    return ":".join(quote(str(part), safe="") for part in parts)


def unpack_id(packed: str, count: int, name: str = "id") -> list[str]:
    """Return the parts of a packed id. Raises `InvalidRequest` if their number differs."""
    parts = [unquote(part) for part in packed.split(":")]
    if len(parts) != count or not all(parts):
        raise InvalidRequest(f"{packed!r} is not a {name} of this provider", field=name)
    return parts


def raw_query(url: str) -> str:
    """Return the query of a URL as it was sent, even if the rest is malformed."""
    return url.partition("#")[0].partition("?")[2]
