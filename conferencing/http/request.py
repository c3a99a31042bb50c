"""What an adapter asks for: a `Request` value, and the exact bytes that it becomes. Pure.

    POST("/rooms/{room}/tokens", room=room.id, form={"how_many": 3})

Ids are quoted whole, so none of them can climb out of its place in the path.
"""

from __future__ import annotations

import json as jsonlib
import re
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from functools import cache
from string import Formatter
from typing import Any, Final, Protocol, cast
from urllib.parse import quote, unquote, urlencode

from attrs import field, frozen

from conferencing.errors import InvalidRequest
from conferencing.model.fast import fast_constructor
from conferencing.model.secret import Secret

__all__ = [
    "DELETE",
    "GET",
    "PATCH",
    "POST",
    "PUT",
    "Effect",
    "Outgoing",
    "Request",
    "Upload",
    "deep_merge",
    "pack_id",
    "raw_query",
    "said",
    "unpack_id",
]

FORM: Final = "application/x-www-form-urlencoded"
JSON: Final = "application/json"
_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class Effect(StrEnum):
    """What repeating an operation would do. A property of the operation, not of its verb."""

    READ = "read"  # nothing
    SET = "set"  # lead to the same state
    CREATE = "create"  # make a second one
    NOTIFY = "notify"  # annoy people
    GUARDED = "guarded"  # hit something else by then: who asks looks before each try

    @property
    def repeatable(self) -> bool:
        """Whether it may be sent again when nobody knows if it arrived."""
        return self in {Effect.READ, Effect.SET}


_USUAL: Final = {
    "GET": Effect.READ,
    "HEAD": Effect.READ,
    "PUT": Effect.SET,
    "DELETE": Effect.SET,
    "PATCH": Effect.SET,
}


@frozen(kw_only=True)
class Upload:
    """Hold a file to send as one part of a multipart body."""

    filename: str
    content: bytes = field(repr=False)
    media_type: str = "application/octet-stream"


@frozen(kw_only=True)
class Request:
    """Describe one call: where, with what, and what repeating it would do.

    `template` is the path before the ids went in; logs show it and never the path. A `Secret`
    anywhere in query, form or JSON is revealed only in the bytes that leave.
    """

    method: str
    template: str
    path: str = field(repr=False)
    query: Mapping[str, Any] = field(factory=dict[str, Any], repr=False)
    form: Mapping[str, Any] | None = field(default=None, repr=False)
    json: object = field(default=None, repr=False)
    files: Mapping[str, Upload] = field(factory=dict[str, Upload])
    headers: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    effect: Effect = Effect.READ

    def encoded(self) -> Outgoing:
        """Return the bytes of this request. Raises `InvalidRequest` for a value with no form."""
        try:
            return self._encoded()
        except InvalidRequest as error:
            fault = error.with_traceback(None)  # its frames hold what the secrets became
        except (ValueError, TypeError, RecursionError) as error:
            fault = InvalidRequest(f"the request cannot be written ({error})")
        raise fault

    def _encoded(self) -> Outgoing:
        query = urlencode([*pairs(self.query)], quote_via=quote, safe="") if self.query else ""
        body, media_type = self._body()
        return _outgoing(
            method=self.method,
            template=self.template,
            target=f"{self.path}?{query}" if query else self.path,
            body=body,
            media_type=media_type,
            request=self,
        )

    def _body(self) -> tuple[bytes | None, str | None]:
        if self.files:
            return None, None  # the transport writes multipart
        if self.form is not None:
            return urlencode([*pairs(self.form)]).encode(), FORM
        if self.json is not None:
            text = jsonlib.dumps(self.json, separators=(",", ":"), ensure_ascii=False,
                                 allow_nan=False, default=_revealed)  # fmt: skip
            return text.encode(), JSON
        return None, None

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """All secrets in this request, so that they can be kept out of error texts."""
        return tuple(_secrets((self.query, self.form, self.json)))


@frozen(kw_only=True)
class Outgoing:
    """Hold the exact bytes of a request: what is sent, and what a signature is made over."""

    method: str
    template: str
    target: str = field(repr=False)
    body: bytes | None = field(repr=False)
    media_type: str | None
    request: Request = field(repr=False)


_request = fast_constructor(Request)
_outgoing = fast_constructor(Outgoing)


class Builder(Protocol):
    """What `GET` and its like are."""

    def __call__(
        self,
        template: str,
        *,
        query: Mapping[str, Any] | None = None,
        form: Mapping[str, Any] | None = None,
        json: object = None,
        files: Mapping[str, Upload] | None = None,
        headers: Mapping[str, str] | None = None,
        effect: Effect | None = None,
        **ids: str | int,
    ) -> Request: ...


def _builder(method: str, default: Effect) -> Builder:
    def build(
        template: str,
        *,
        query: Mapping[str, Any] | None = None,
        form: Mapping[str, Any] | None = None,
        json: object = None,
        files: Mapping[str, Upload] | None = None,
        headers: Mapping[str, str] | None = None,
        effect: Effect | None = None,
        **ids: str | int,
    ) -> Request:
        return _request(
            method=method,
            template=template,
            path=_expanded(template, ids) if ids or "{" in template else template,
            query=query or {},
            form=form,
            json=json,
            files=files or {},
            headers=headers or {},
            effect=effect or default,
        )

    build.__name__ = method
    build.__doc__ = f"Build a {method} request; the ids fill the braces of the template."
    return build


GET = _builder("GET", Effect.READ)
POST = _builder("POST", Effect.CREATE)
PUT = _builder("PUT", Effect.SET)
PATCH = _builder("PATCH", Effect.SET)
DELETE = _builder("DELETE", Effect.SET)


def raw(method: str, path: str, effect: Effect | None = None, **parts: Any) -> Request:
    """Build a request from a path that a user wrote. It stays below the account's base URL."""
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
        template=path,
        path=quote(path, safe="/%:@!$&'()*+,;=~"),
        effect=Effect(effect or _USUAL.get(method, Effect.CREATE)),
        **{name: part for name, part in parts.items() if part is not None},
    )


def _expanded(template: str, ids: Mapping[str, str | int]) -> str:
    parts = _parts(template)
    return "".join([text if name is None else text + _segment(name, ids) for text, name in parts])


@cache
def _parts(template: str) -> tuple[tuple[str, str | None], ...]:
    """Split a template once: there are as many as there are operations."""
    return tuple((text, name) for text, name, _, _ in Formatter().parse(template))


def _segment(name: str, ids: Mapping[str, object]) -> str:
    value = ids[name]
    if isinstance(value, bool) or not isinstance(value, str | int) or value in {"", ".", ".."}:
        raise InvalidRequest(f"{name} is {value!r}, which is no id", field=name)
    return quote(str(value), safe="", errors="replace")


# ------------------------------------------------------------------------------- bodies and values


def pairs(fields: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Flatten to form fields in the bracket style of PHP, with explicit indexes.

    `{"a": {"b": [1, True]}}` gives `a[b][0]=1` and `a[b][1]=1`.
    """
    for name, value in fields.items():
        key = f"{prefix}[{name}]" if prefix else str(name)
        if isinstance(value, Mapping):
            yield from pairs(cast("Mapping[str, Any]", value), key)
        elif isinstance(value, list | tuple):
            numbered = enumerate(cast("Sequence[Any]", value))
            yield from pairs({str(index): one for index, one in numbered}, key)
        else:
            yield key, _scalar(key, value)


def _scalar(key: str, value: object) -> str:
    text = value.reveal() if isinstance(value, Secret) else value
    if isinstance(text, bool):
        return "1" if text else "0"
    if isinstance(text, str | int) and not _LONE_SURROGATE.search(str(text)):
        return str(text)
    raise InvalidRequest(f"{key} is {value!r}, which a form cannot carry", field=key)


def _revealed(value: object) -> str:
    if isinstance(value, Secret):
        return value.reveal()
    raise InvalidRequest(f"{value!r} cannot be written as JSON", field="json")


def _secrets(value: object) -> Iterator[Secret]:
    if isinstance(value, Secret):
        yield value
    elif isinstance(value, Mapping):
        yield from _secrets(tuple(cast("Mapping[Any, object]", value).values()))
    elif isinstance(value, list | tuple):
        for part in cast("Sequence[object]", value):
            yield from _secrets(part)


def said(**fields: Any) -> dict[str, Any]:
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
    """Make one opaque id of several: `pack(7, 12)` is `7:12`."""
    return ":".join(quote(str(part), safe="") for part in parts)


def unpack_id(packed: str, count: int, name: str = "id") -> list[str]:
    """Return the parts of a packed id. Raises `InvalidRequest` if it has not so many."""

    parts = [unquote(part) for part in packed.split(":")]
    if len(parts) != count or not all(parts):
        raise InvalidRequest(f"{packed!r} is not a {name} of this provider", field=name)
    return parts


def raw_query(url: str) -> str:
    """Return the query of an address as a vendor sent it, even if the rest of it is none."""
    return url.partition("#")[0].partition("?")[2]
