"""The catalogue of faults: what the server does, and the right error for it."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Protocol

from attrs import evolve, field, frozen

from conferencing.errors import (
    AuthenticationFailed,
    ConferencingError,
    Conflict,
    InvalidRequest,
    MalformedResponse,
    NotFound,
    PermissionDenied,
    ProviderUnavailable,
    RateLimited,
    Sent,
    TimedOut,
    TransportError,
)

from .actions import (
    after_commit,
    close,
    drip,
    endless_body,
    gzip_bomb,
    hang,
    in_body,
    in_chunk,
    in_head,
    redirect,
    reply_and_close,
    reply_in_two_parts,
    reply_with,
    reply_with_body,
    reply_with_headers,
    reset,
    respond,
    send_raw,
    send_repeatedly,
)
from .injector import Action, FaultInjector, send_answer

if TYPE_CHECKING:
    import aiohttp

__all__ = ["FAULTS", "Endpoint", "Family", "Fault", "faults_of"]


class Family(StrEnum):
    """A group of faults."""

    CONNECTION = "connection"
    FRAMING = "framing"
    BODY = "body"
    STATUS = "status"
    THROTTLE = "throttle"
    REDIRECT = "redirect"
    SLOW = "slow"


@frozen(kw_only=True)
class Endpoint:
    """Where a client connects to, and with which session if not with one of its own."""

    origin: str
    session: aiohttp.ClientSession | None = None


class OpenEndpoint(Protocol):
    def __call__(self, injector: FaultInjector, /) -> AbstractAsyncContextManager[Endpoint]: ...


@frozen(kw_only=True)
class Fault:
    """One way to fail, and the right outcome.

    `error` and `sent` are those of a call that may be repeated. `lost` means that no complete reply
    arrives, so that a call which must not act twice ends in `OutcomeUnknown`. `transient` faults
    are worth a retry. `cold` faults hit a new connection, `idle` ones close a connection while it
    is not in use, `slow` ones end with a time limit. `retry_after` is the wait in seconds that the
    server asks for. A fault with an `endpoint` prevents requests
    from being read at all. `partial` faults spoil a single value, so that it may become unknown or
    its row be left out. `basic` faults are in the quick suite.
    """

    name: str
    family: Family
    error: type[ConferencingError] | tuple[type[ConferencingError], ...]
    sent: Sent = Sent.YES
    action: Action = field(default=send_answer, repr=False)
    endpoint: OpenEndpoint | None = field(default=None, repr=False)
    retry_after: float | None = None
    partial: bool = False
    lost: bool = False
    transient: bool = False
    cold: bool = False
    idle: bool = False
    slow: bool = False
    basic: bool = False

    def __str__(self) -> str:
        return self.name


def faults_of(*families: Family, basic: bool = False) -> list[Fault]:
    """Return the faults of these families; with `basic`, only those of the quick suite."""
    return [fault for fault in FAULTS if fault.family in families and (fault.basic or not basic)]


# ------------------------------------------------------------------------------- connection, framing


def _lose_connection(name: str, action: Action, sent: Sent, **more: Any) -> Fault:
    return Fault(
        name=name, family=Family.CONNECTION, error=TransportError, sent=sent, action=action,
        lost=True, transient=True, **more,
    )  # fmt: skip


def _connection() -> Iterator[Fault]:
    for verb, end in (("closed", close), ("reset", reset)):
        yield _lose_connection(f"connection {verb} before the call", end, Sent.MAYBE, basic=True)
        yield _lose_connection(f"new connection {verb} before the call", end, Sent.MAYBE, cold=True)
        committed = after_commit(end)
        yield _lose_connection(
            f"reply lost after commit, connection {verb}", committed, Sent.MAYBE, basic=True
        )
        yield _lose_connection(f"connection {verb} in the head", in_head(end), Sent.MAYBE)
        yield _lose_connection(f"connection {verb} in the body", in_body(end), Sent.YES, basic=True)
        yield _lose_connection(f"connection {verb} in a chunk", in_chunk(end), Sent.YES)
    yield Fault(
        name="connection closed while idle", family=Family.CONNECTION, error=(),
        action=reply_and_close, idle=True,
    )  # fmt: skip


def _framing() -> Iterator[Fault]:
    for name, raw in (
        ("reply that is not HTTP", b"\x16\x03\x01 this is not HTTP\r\n\r\n"),
        ("status that is not a number", b"HTTP/1.1 abc X\r\nContent-Length: 0\r\n\r\n"),
        ("header of 200 kB", b"HTTP/1.1 200 X\r\nA: " + b"x" * 200_000 + b"\r\n\r\n"),
        ("header without a colon", b"HTTP/1.1 200 X\r\nno colon here\r\n\r\n"),
        ("header with a NUL", b"HTTP/1.1 200 X\r\nA: \x00\r\nContent-Length: 0\r\n\r\n"),
        ("negative length", b"HTTP/1.1 200 X\r\nContent-Length: -1\r\n\r\n"),
        ("two lengths", b"HTTP/1.1 200 X\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}"),
    ):
        action = after_commit(send_raw(raw))
        fault = _lose_connection(name, action, Sent.MAYBE, basic=name == "reply that is not HTTP")
        yield evolve(fault, family=Family.FRAMING)
    chunked = b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n"
    for name, chunk in (
        ("chunk size that is not a number", b"zz\r\n{}\r\n0\r\n\r\n"),
        ("negative chunk size", b"-2\r\n{}\r\n0\r\n\r\n"),
        ("chunk longer than its size", b"1\r\n{}\r\n0\r\n\r\n"),
    ):
        action = after_commit(send_raw(chunked, chunk))
        yield evolve(_lose_connection(name, action, Sent.YES, slow=True), family=Family.FRAMING)
    bad = Fault(name="", family=Family.FRAMING, error=MalformedResponse)
    yield evolve(
        bad, name="plain JSON labelled gzip", action=reply_with_headers(content_encoding="gzip"),
        basic=True,
    )  # fmt: skip
    yield evolve(
        bad, name="plain JSON labelled deflate", slow=True,
        action=reply_in_two_parts(content_encoding="deflate"),
        error=(MalformedResponse, TransportError),
    )  # fmt: skip
    cut = reply_with_body(
        lambda body: gzip.compress(body + b" " * 999)[:-12], content_encoding="gzip"
    )
    yield evolve(bad, name="gzip that is cut", action=cut)


# --------------------------------------------------------------------------------------------- body

DEEP: Final = b"[" * 200_000
OBJECTS: Final = b'{"data":' * 200_000
DIGITS: Final = b"9" * 5000
HTML: Final = b"<!DOCTYPE html><html><body>Please sign in</body></html>"
_BASIC: Final = frozenset({
    "null", "list", "object without known keys", "string", "empty body", "deep JSON",
    "JSON cut in half", "byte that is not UTF-8", "5,000 digits in place of a value",
})  # fmt: skip


_VALUE: Final = re.compile(rb'(":\s*)("(?:[^"\\]|\\.)*"|-?[\d.]+|true|false|null)')


def _replace_first(body: bytes, value: bytes) -> bytes:
    """Replace the first value that has a key; the whole body if there is none."""
    changed, count = _VALUE.subn(lambda match: match[1] + value, body, count=1)
    return changed if count else value


def _repeat_first_key(body: bytes) -> bytes:
    """Insert the first key of the first object once more, before it and with another value."""
    return re.sub(rb'\{("(?:[^"\\]|\\.)*")', rb'{\1:"zzz",\1', body, count=1)


_CHANGES: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "JSON cut in half": lambda body: body[: len(body) // 2],
    "JSON in UTF-16": lambda body: body.decode().encode("utf-16"),
    "byte order mark": lambda body: b"\xef\xbb\xbf" + body,
    "byte that is not UTF-8": lambda body: _replace_first(body, b'"\xff"'),
    "NaN in place of a value": lambda body: _replace_first(body, b"NaN"),
    "5,000 digits in place of a value": lambda body: _replace_first(body, DIGITS),
    "lone surrogate in place of a value": lambda body: _replace_first(body, rb'"\ud800"'),
    "object in place of a value": lambda body: _replace_first(body, b'{"zzz":[1]}'),
    "key twice in an object": _repeat_first_key,
    "second document after the first": lambda body: body + b"\n{}",
}


def _body() -> Iterator[Fault]:
    bad = Fault(name="", family=Family.BODY, error=MalformedResponse)
    for name, body in (
        ("HTML labelled JSON", HTML), ("empty body", b""), ("null", b"null"), ("list", b"[1]"),
        ("object without known keys", b'{"zzz": 1}'), ("string", b'"yes"'), ("number", b"1"),
        ("true", b"true"), ("NaN", b"NaN"), ("deep JSON", DEEP), ("deep objects", OBJECTS),
        ("integer of 5,000 digits", DIGITS),
    ):  # fmt: skip
        yield evolve(bad, name=name, action=reply_with(body), basic=name in _BASIC)
    html = reply_with(HTML, content_type="text/html")
    yield evolve(bad, name="HTML", action=html, basic=True)
    for name, change in _CHANGES.items():
        fault = evolve(bad, name=name, action=reply_with_body(change))
        yield evolve(fault, partial="value" in name or "UTF-8" in name, basic=name in _BASIC)
    yield evolve(bad, name="endless body", action=endless_body)
    yield evolve(bad, name="gzip bomb", action=gzip_bomb)


# ------------------------------------------------------------------------ status, throttle, redirect

STATUSES: Final[Mapping[int, type[ConferencingError]]] = {
    400: InvalidRequest,
    401: AuthenticationFailed,
    403: PermissionDenied,
    404: NotFound,
    409: Conflict,
    410: NotFound,
    418: InvalidRequest,
    422: InvalidRequest,
    500: ProviderUnavailable,
    502: ProviderUnavailable,
    503: ProviderUnavailable,
    504: ProviderUnavailable,
}
_SHAPES: Final = {
    "JSON": b'{"error": "no", "message": "no", "errors": [{"name": null, "message": "no"}]}',
    "HTML": HTML,
    "a list": b"[1]",
    "no body": b"",
}
_SERVER_ERROR: Final = 500


def _status() -> Iterator[Fault]:
    for status, error in STATUSES.items():
        for shape, body in _SHAPES.items():
            yield Fault(
                name=f"status {status} with {shape}",
                family=Family.STATUS,
                error=error,
                action=respond(status, body),
                lost=status in {502, 504},  # a gateway says so, and the vendor may have acted
                transient=status >= _SERVER_ERROR,
                basic=shape == "JSON" or (shape == "no body" and status in {422, 500}),
            )


BARE_429: Final = "429"
"""The name of the fault without a time to try again."""


def _throttle() -> Iterator[Fault]:
    now = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)
    soon = now + timedelta(seconds=7)
    date = format_datetime(now, usegmt=True)
    for name, value in (
        (BARE_429, None), ("429, retry after 7 s", "7"), ("429, retry after an odd text", "soon"),
        ("429, retry after an HTTP date", format_datetime(soon, usegmt=True)),
        ("429, retry after an ISO date", soon.isoformat()), ("429, retry after -7 s", "-7"),
        ("429, retry after 1e999 s", "1e999"), ("429, retry after a day", "86400"),
    ):  # fmt: skip
        after = {"Retry-After": value} if value else {}
        yield Fault(
            name=name,
            family=Family.THROTTLE,
            error=RateLimited,
            action=respond(429, b"{}", Date=date, **after),
            transient=value != "86400",
            retry_after=float(value) if value in {"7", "86400"} else None,
            basic=value in {None, "7", "86400"},
        )
    busy = respond(503, b"{}", Date=date, **{"Retry-After": "7"})
    yield Fault(
        name="503, retry after 7 s", family=Family.THROTTLE, error=ProviderUnavailable, action=busy,
        transient=True,
    )  # fmt: skip


def _redirect() -> Iterator[Fault]:
    for status in (301, 302, 303, 307, 308):
        for name, location in (
            ("another host", "{elsewhere}/stolen"),
            ("another path", "/elsewhere"),
            ("itself", "{itself}"),
        ):
            yield Fault(
                name=f"redirect {status} to {name}",
                family=Family.REDIRECT,
                error=MalformedResponse,
                action=redirect(status, location),
                basic=name != "itself" and status in {301, 307},
            )


# --------------------------------------------------------------------------------------------- slow


def _slow() -> Iterator[Fault]:
    late = Fault(name="", family=Family.SLOW, error=TimedOut, sent=Sent.MAYBE, lost=True, slow=True)
    yield evolve(late, name="no reply", action=hang)
    yield evolve(late, name="no reply after commit", action=after_commit(hang))
    yield evolve(late, name="head byte by byte", action=drip(0))
    yield evolve(late, name="body byte by byte", action=drip(1), sent=Sent.YES)
    promise = b"HTTP/1.1 100 Continue\r\n\r\n"
    yield evolve(late, name="endless promises", action=send_repeatedly(b"", promise))
    head = send_repeatedly(b"HTTP/1.1 200 X\r\n", b"A: b\r\n")
    yield evolve(late, name="endless head", action=head)


FAULTS: Final = (
    *_connection(), *_framing(), *_body(), *_status(), *_throttle(), *_redirect(), *_slow(),
)  # fmt: skip
