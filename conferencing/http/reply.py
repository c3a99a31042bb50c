"""A vendor's reply: a value, and strict JSON parsing of its body. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote, quote_plus

import msgspec
from msgspec import Struct, field

from conferencing.errors import MalformedResponse
from conferencing.model.secret import MASK, Secret

__all__ = ["Reply"]

SHOWN: Final = 200
"""How many characters of an unreadable body an error shows."""

EXAMINED: Final = 16 * 2**10
"""How many bytes of a body are searched for secrets before its start is shown."""

MAX_VALUES: Final = 150_000
"""How many values a reply may hold: more than any list that vendors send at once, such as 5,000 rooms
with 30 fields each. A list of millions of empty objects would take hundreds of MiB to build."""

MAX_FAILURE: Final = 64 * 2**10
"""The size in bytes up to which a reply is searched for a failure; larger ones are data."""

_STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*(?:"(\s*:)?|\\?\Z)', re.DOTALL)
_NUMBER: Final = re.compile(r"(?<![^:,\[\s(])-?\d[\d.eE+-]*")


def _no_secrets() -> Iterable[Secret]:
    return ()


class Reply(Struct, frozen=True):
    """A complete reply. `headers` are looked up in lower case; the repr hides headers and body.

    `secrets` returns what the request held, so that a vendor who repeats it does not make it show.
    `attempts` is how many requests it took. `problems` are the rows that could not be read.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    secrets: Callable[[], Iterable[Secret]] = _no_secrets
    attempts: int = 1
    problems: list[str] = field(default_factory=list[str])

    @property
    def is_success(self) -> bool:
        """Whether the status is below 400."""
        return self.status < HTTPStatus.BAD_REQUEST

    def __repr__(self) -> str:
        return f"Reply(status={self.status}, {len(self.body)} bytes)"

    def json(self) -> Any:
        """Return the body parsed as strict JSON in UTF-8. Raises `MalformedResponse`."""
        check_size(self.body)
        try:
            return msgspec.json.decode(self.body)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            pass
        start = self.start()
        raise MalformedResponse(
            f"expected JSON, got {repr(start) if start else 'an empty body'}",
            path="$",
            status=self.status,
            body=start,
            attempts=self.attempts,
        )

    def start(self) -> str:
        """Return the start of the body for an error text, without secrets and JSON values."""
        text = self.body[:EXAMINED].decode("utf-8", "replace").strip("\ufeff \t\r\n")
        return _hide_values(self.clean(text))[:SHOWN]

    def clean(self, text: str) -> str:
        """Return the text without the secrets of the request, however they are escaped."""
        for secret in self.secrets():
            for form in _list_escaped_forms(secret.reveal()):
                text = text.replace(form, MASK)
        return text


def check_size(body: bytes) -> None:
    """Raise `MalformedResponse` for a body with more values than any list of a vendor has."""
    if len(body) < 2 * MAX_VALUES:  # each value takes two bytes at least, as `0,` and `[]` do
        return
    values = body.count(b",") + body.count(b"{") + body.count(b"[")
    if values > MAX_VALUES:
        raise MalformedResponse(f"the reply holds more than {MAX_VALUES} values", path="$")


def _list_escaped_forms(secret: str) -> set[str]:
    """Return the forms in which a vendor may repeat a secret: plain, JSON, HTML, URL, form."""
    if not secret:
        return set()
    import html  # noqa: PLC0415 - its table of entities is large, and few calls fail

    in_json = msgspec.json.encode(secret).decode()[1:-1] if secret.isprintable() else secret
    return {
        secret,
        in_json,
        in_json.replace("/", "\\/"),
        html.escape(secret),
        html.escape(secret, quote=False),
        quote(secret),
        quote(secret, safe=""),
        quote_plus(secret),
    }


def _hide_values(text: str) -> str:
    """Replace the strings and numbers of JSON, any of which may be secret; keys stay."""
    if text.startswith("<"):
        return text
    text = _STRING.sub(lambda match: match[0] if match[1] else '"…"', text)
    return _NUMBER.sub("…", text)
