"""The catalogue of faults: what is done at the server, and which error is the right one for it."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from enum import StrEnum
from functools import cache
from typing import Any, Final

import join_links
import steps
from attrs import evolve, field, frozen
from front import Front, OperationCase
from join_links import JoinTarget
from steps import dripped, instead, replied, silent

from conferencing import (
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

__all__ = ["ATTEMPTS", "Family", "Kind", "kinds"]

ATTEMPTS: Final = 4
"""How often a call is made that may be repeated."""


class Family(StrEnum):
    CONNECTION = "connection"
    FRAMING = "framing"
    BODY = "body"
    STATUS = "status"
    THROTTLE = "throttle"
    REDIRECT = "redirect"
    SLOW = "slow"


@frozen(kw_only=True)
class Kind:
    """One fault, and what is right after it.

    `error` and `sent` are for a call that may be repeated; `lost` says that no complete reply came,
    so that what must not happen twice ends in `OutcomeUnknown`. `tries` is how often a call is
    made whose every attempt goes wrong like this; `happens`: whether each of them takes effect.
    `warm`: it strikes a connection that was used before; `idle`: and one that is not in use then.
    `slow`: it is the time limit that ends it.
    """

    name: str
    family: Family
    error: type[ConferencingError] | tuple[type[ConferencingError], ...]
    sent: Sent = Sent.YES
    play: OperationCase | None = field(default=None, repr=False)
    join_target: Callable[[Front], AbstractAsyncContextManager[JoinTarget]] | None = field(
        default=None, repr=False
    )
    lost: bool = False
    tries: int = 1
    happens: bool = False
    warm: bool = False
    idle: bool = False
    slow: bool = False

    def __str__(self) -> str:
        return f"{self.family}: {self.name}"


@cache
def kinds(*families: Family) -> tuple[Kind, ...]:
    """Return the kinds of these families, or all."""
    groups: dict[Family, Callable[[], Iterator[Kind]]] = {
        Family.CONNECTION: _connection,
        Family.FRAMING: _framing,
        Family.BODY: _body,
        Family.STATUS: _status,
        Family.THROTTLE: _throttle,
        Family.REDIRECT: _redirect,
        Family.SLOW: _slow,
    }
    return tuple(
        evolve(kind, family=family) for family in families or Family for kind in groups[family]()
    )


def _lost(name: str, play: OperationCase, sent: Sent, *, happens: bool = True, **more: Any) -> Kind:
    return Kind(
        name=name, family=Family.CONNECTION, error=TransportError, sent=sent, play=play, lost=True,
        tries=ATTEMPTS, happens=happens, **more,
    )  # fmt: skip


def _connection() -> Iterator[Kind]:
    unsent = Kind(name="", family=Family.CONNECTION, error=TransportError, sent=Sent.NO)
    yield evolve(unsent, name="refused", join_target=join_links.refused, tries=ATTEMPTS)
    yield evolve(unsent, name="no such host", join_target=join_links.unknown_host, tries=ATTEMPTS)
    yield evolve(
        unsent, name="certificate of an unknown authority", join_target=join_links.unknown_authority
    )
    yield evolve(unsent, name="certificate of another host", join_target=join_links.other_host)
    yield evolve(unsent, name="expired certificate", join_target=join_links.expired)
    yield evolve(unsent, name="plain HTTP where TLS is expected", join_target=join_links.no_tls)
    yield evolve(
        unsent, name="TLS where plain HTTP is expected", join_target=join_links.unexpected_tls,
        sent=Sent.MAYBE, lost=True, tries=ATTEMPTS,
    )  # fmt: skip
    for name, end in (("closed", steps.close), ("reset", steps.reset)):
        yield _lost(f"{name} before it happens", steps.before(end), Sent.MAYBE, happens=False)
        yield _lost(f"{name} before the reply", steps.after(end), Sent.MAYBE)
        yield _lost(f"{name} in the middle of the head", steps.in_head(end), Sent.MAYBE)
        yield _lost(f"{name} in the middle of the body", steps.in_body(end), Sent.YES)
        yield _lost(f"{name} in the middle of a chunk", steps.in_chunk(end), Sent.YES)
        yield _lost(
            f"kept alive, and {name} when used again", steps.before(end), Sent.MAYBE,
            happens=False, warm=True,
        )  # fmt: skip
    yield Kind(
        name="kept alive, and closed while idle", family=Family.CONNECTION, error=TransportError,
        idle=True,
    )  # fmt: skip


def _framing() -> Iterator[Kind]:
    for name, raw in (
        ("not HTTP at all", b"\x16\x03\x01 this is not HTTP\r\n\r\n"),
        ("a status that is no number", b"HTTP/1.1 abc X\r\nContent-Length: 0\r\n\r\n"),
        ("a header of 200 kB", b"HTTP/1.1 200 X\r\nA: " + b"x" * 200_000 + b"\r\n\r\n"),
        ("a header without a colon", b"HTTP/1.1 200 X\r\nno colon here\r\n\r\n"),
        ("a header with a NUL", b"HTTP/1.1 200 X\r\nA: \x00\r\nContent-Length: 0\r\n\r\n"),
        ("a negative length", b"HTTP/1.1 200 X\r\nContent-Length: -1\r\n\r\n"),
        ("two lengths", b"HTTP/1.1 200 X\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}"),
    ):
        yield _lost(name, steps.after(steps.said(raw)), Sent.MAYBE)
    chunked = b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n"
    for name, chunk in (
        ("a chunk whose size is no number", b"zz\r\n{}\r\n0\r\n\r\n"),
        ("a chunk of negative size", b"-2\r\n{}\r\n0\r\n\r\n"),
        ("a chunk that is longer than it says", b"1\r\n{}\r\n0\r\n\r\n"),
    ):
        yield _lost(name, steps.after(steps.said(chunked, chunk)), Sent.YES, slow=True)
    bad = Kind(name="", family=Family.FRAMING, error=MalformedResponse, happens=True)
    yield evolve(bad, name="plain JSON labelled gzip", play=replied(content_encoding="gzip"))
    yield evolve(
        bad, name="plain JSON labelled deflate", play=steps.apart(content_encoding="deflate"),
        error=(MalformedResponse, TransportError), slow=True,
    )  # fmt: skip
    cut = instead(lambda body: gzip.compress(body + b" " * 999)[:-12], content_encoding="gzip")
    yield evolve(bad, name="gzip that is cut", play=cut)


DEEP: Final = b"[" * 200_000
DIGITS: Final = b"9" * 5000
HTML: Final = b"<!DOCTYPE html><html><body>Please sign in</body></html>"


def _body() -> Iterator[Kind]:
    bad = Kind(name="", family=Family.BODY, error=MalformedResponse, happens=True)
    for name, body in (
        ("HTML labelled JSON", HTML), ("nothing", b""), ("null", b"null"), ("a list", b"[1]"),
        ("an object of something else", b'{"zzz": 1}'), ("a text", b'"yes"'), ("a number", b"1"), ("true", b"true"),
        ("NaN", b"NaN"), ("a JSON 200,000 deep", DEEP), ("an integer of 5,000 digits", DIGITS),
    ):  # fmt: skip
        yield evolve(bad, name=name, play=instead(lambda _, body=body: body))
    html = instead(lambda _: HTML, content_type="text/html")
    yield evolve(bad, name="HTML labelled HTML", play=html)
    for name, change in (
        ("JSON cut in half", lambda body: body[: len(body) // 2]),
        ("JSON in UTF-16", lambda body: body.decode().encode("utf-16")),
        ("a byte order mark", lambda body: b"\xef\xbb\xbf" + body),
        ("a byte that is no UTF-8", lambda body: _swapped(body, b'"\xff"')),
        ("NaN in place of a value", lambda body: _swapped(body, b"NaN")),
        ("5,000 digits in place of a value", lambda body: _swapped(body, DIGITS)),
        ("a lone surrogate in place of a value", lambda body: _swapped(body, rb'"\ud800"')),
        ("an object in place of a value", lambda body: _swapped(body, b'{"zzz":[1]}')),
        ("a name twice in an object", lambda body: _twice(body)),
        ("a second document after the first", lambda body: body + b"\n{}"),
    ):
        yield evolve(bad, name=name, play=instead(change))
    yield evolve(bad, name="a body that never ends", play=steps.endless)
    yield evolve(bad, name="a bomb of gzip", play=steps.bomb)


_VALUE: Final = re.compile(rb'(":\s*)("(?:[^"\\]|\\.)*"|-?[\d.]+|true|false|null)')


def _swapped(body: bytes, value: bytes) -> bytes:
    """Put something in place of the first value with a name, or of all if there is none."""
    changed, count = _VALUE.subn(lambda found: found[1] + value, body, count=1)
    return changed if count else value


def _twice(body: bytes) -> bytes:
    """Write the first name of the first object a second time, before, with another value."""
    return re.sub(rb'\{("(?:[^"\\]|\\.)*")', rb'{\1:"zzz",\1', body, count=1)


STATUSES: Final[dict[int, type[ConferencingError]]] = {
    400: InvalidRequest,
    401: AuthenticationFailed,
    403: PermissionDenied,
    404: NotFound,
    409: Conflict,
    410: NotFound,
    422: InvalidRequest,
    500: ProviderUnavailable,
    502: ProviderUnavailable,
    503: ProviderUnavailable,
    504: ProviderUnavailable,
}
SHAPES: Final = {
    "JSON": b'{"error": "no", "message": "no", "errors": [{"name": null, "message": "no"}]}',
    "HTML": HTML,
    "a list": b"[1]",
    "nothing": b"",
}


def _status() -> Iterator[Kind]:
    for status, error in STATUSES.items():
        for shape, body in SHAPES.items():
            yield Kind(
                name=f"{status} with {shape}",
                family=Family.STATUS,
                error=error,
                play=steps.status(status, body),
                lost=status in {502, 504},
                tries=ATTEMPTS if status >= 500 else 1,
            )


def _throttle() -> Iterator[Kind]:
    now = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)
    soon = now + timedelta(seconds=7)
    told = format_datetime(now, usegmt=True)
    for name, value in (
        ("429", None), ("429, wait 7 s", "7"), ("429, wait for garbage", "soon"),
        ("429, wait until an HTTP date", format_datetime(soon, usegmt=True)),
        ("429, wait until an ISO date", soon.isoformat()), ("429, wait -7 s", "-7"),
        ("429, wait 1e999 s", "1e999"), ("429, wait for a day", "86400"),
    ):  # fmt: skip
        yield Kind(
            name=name,
            family=Family.THROTTLE,
            error=RateLimited,
            play=steps.status(429, b"{}", Date=told, **{"Retry-After": value} if value else {}),
            tries=1 if value == "86400" else ATTEMPTS,
        )
    busy = steps.status(503, b"{}", Date=told, **{"Retry-After": "7"})
    yield Kind(
        name="503, wait 7 s", family=Family.THROTTLE, error=ProviderUnavailable, play=busy,
        tries=ATTEMPTS,
    )  # fmt: skip


def _redirect() -> Iterator[Kind]:
    for status in (301, 302, 303, 307, 308):
        for name, where in (
            ("another host", "{elsewhere}/stolen"),
            ("another path", "/elsewhere"),
            ("itself", "{itself}"),
        ):
            yield Kind(
                name=f"{status} to {name}",
                family=Family.REDIRECT,
                error=MalformedResponse,
                play=steps.redirect(status, where),
            )


def _slow() -> Iterator[Kind]:
    late = Kind(name="", family=Family.SLOW, error=TimedOut, sent=Sent.MAYBE, lost=True, slow=True)
    yield evolve(late, name="never accepted", join_target=join_links.never_accepted)
    yield evolve(late, name="half open", join_target=join_links.half_open)
    yield evolve(late, name="never greeted back in TLS", join_target=join_links.mute_tls)
    yield evolve(late, name="silent", play=silent)
    yield evolve(late, name="silent after it happened", play=steps.after(silent), happens=True)
    yield evolve(late, name="a byte of the head at a time", play=dripped(0), happens=True)
    yield evolve(
        late, name="a byte of the body at a time", play=dripped(1), happens=True, sent=Sent.YES
    )
    yield evolve(late, name="promises of a reply without end", play=steps.promises)
    yield evolve(late, name="a head without end", play=steps.endless_head)
