"""What came back: a `Reply` value, and the strict reading of its JSON. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, Final

from attrs import field, frozen

from conferencing.errors import MalformedResponse
from conferencing.model.secret import MASK, Secret

__all__ = ["Reply", "read_json"]

SHOWN: Final = 200
"""How many characters of an unreadable body an error shows."""

_STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*(?:"(\s*:)?|\\?\Z)', re.DOTALL)
_NUMBER: Final = re.compile(r"(?<![^:,\[\s(])-?\d[\d.eE+-]*")
_DEEPEST: Final = 1000
_LONGEST_INT: Final = 19


def _no_secrets() -> Iterable[Secret]:
    return ()


@frozen
class Reply:
    """Hold a complete reply; header names are in lower case. Its repr hides headers and body.

    `secrets` gives what the request held, so that a vendor who repeats it does not make it show.
    `attempts` is how many requests it took.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    secrets: Callable[[], Iterable[Secret]] = field(default=_no_secrets, repr=False, eq=False)
    attempts: int = field(default=1, kw_only=True)

    def json(self) -> Any:
        """Return the body read as strict JSON. Raises `MalformedResponse`."""
        try:
            return _reader()(self.body)
        except (ValueError, RecursionError):
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
        """Return the start of the body for an error text, without secrets."""
        return self.clean(_concealed(self.body))[:SHOWN]

    def clean(self, text: str) -> str:
        """Return the text without the secrets of the request."""
        for secret in self.secrets():
            text = text.replace(secret.reveal(), MASK) if secret else text
        return text


def read_json(body: bytes) -> Any:
    """Read UTF-8 JSON without NaN, Infinity, lone surrogates or absurd depth.

    Gives the same result with orjson (used where it is installed) and without, but for depths of
    about a thousand, where either may refuse first. Raises `ValueError` or `RecursionError`.
    """
    return _reader()(body)


def start_of(body: bytes) -> str:
    """Return the first characters for an error text; values of JSON may be secret and are hidden."""
    return _concealed(body)[:SHOWN]


def _concealed(body: bytes) -> str:
    text = body[: SHOWN * 4].decode("utf-8", "replace").strip("\ufeff \t\r\n")
    if not text.startswith("<"):
        text = _STRING.sub(lambda found: found[0] if found[1] else '"…"', text)
        text = _NUMBER.sub("…", text)
    return text


@cache
def _reader() -> Callable[[bytes], Any]:
    try:
        import orjson  # noqa: PLC0415
    except ImportError:
        return read_plainly
    loads: Callable[[bytes], Any] = orjson.loads
    return loads


def read_plainly(body: bytes) -> Any:
    """Read JSON with the standard library, as strictly as orjson does. Raises `ValueError`."""
    text = body.decode("utf-8")
    if body.count(b"[") + body.count(b"{") > _DEEPEST:
        _refuse_depth(text)
    value = json.loads(text, parse_constant=_refuse, parse_float=_finite, parse_int=_integer)
    if re.search(r"\\u[dD][89a-fA-F]", text):
        json.dumps(value, ensure_ascii=False).encode()  # a lone surrogate has no bytes
    return value


def _refuse(text: str) -> Any:
    raise ValueError(f"{text} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    return number if number - number == 0 else _refuse(text)


def _integer(text: str) -> int | float:
    if len(text) < _LONGEST_INT:
        return int(text)
    number = float(text)
    exact = int(text) if abs(number) < 2**65 else 0
    return exact if -(2**63) <= exact < 2**64 and exact else _finite(text)


def _refuse_depth(text: str) -> None:
    depth = deepest = 0
    for token in re.findall(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', text):
        depth += (token in {"[", "{"}) - (token in {"]", "}"})
        deepest = max(deepest, depth)
    if deepest > _DEEPEST:
        raise ValueError("too deep")
