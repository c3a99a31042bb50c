"""A webhook's request as it arrived, and what it was read as."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeVar, cast
from urllib.parse import parse_qs

from attrs import field, frozen

from conferencing.errors import InvalidRequest, WebhookMalformed, WebhookTooLarge

from .events import Event

__all__ = ["Delivery", "HeaderSource", "WebhookAnswer", "WebhookRequest"]

T = TypeVar("T")

MAX_BODY: Final = 1024 * 1024
"""The longest body that is read, in bytes. Vendors' events have a few kilobytes."""

HeaderText = str | bytes
HeaderSource = Mapping[str, str] | Iterable[tuple[HeaderText, HeaderText]]
"""Headers as frameworks have them: a mapping, or pairs of strings or of bytes."""


@frozen(kw_only=True)
class WebhookRequest:
    """A request as it arrived. `body` are the raw bytes, over which vendors sign.

    `headers` are by lower-case name, each with its values. `query` is not decoded.
    """

    headers: Mapping[str, tuple[str, ...]] = field(repr=False)
    body: bytes = field(repr=False)
    query: str = field(default="", repr=False)

    def header(self, name: str) -> str | None:
        """Return a header, or None. Raises `WebhookMalformed` if it is there more than once."""
        values = self.headers.get(name.lower(), ())
        if len(values) > 1:
            raise WebhookMalformed(f"the header {name} is there {len(values)} times", field=name)
        return values[0].strip() if values else None

    def parameter(self, name: str) -> str | None:
        """Return a parameter of the query, decoded, or None.

        Raises `WebhookMalformed` if it is there more than once.
        """
        try:
            values = parse_qs(self.query, keep_blank_values=True, max_num_fields=100).get(name, [])
        except ValueError:
            raise WebhookMalformed("the query has more than 100 parameters") from None
        if len(values) > 1:
            raise WebhookMalformed(f"the parameter {name} is there more than once", field=name)
        return values[0] if values else None

    def json(self, into: type[T]) -> T:
        """Return the body, decoded into a type by msgspec.

        Raises `WebhookMalformed` with the path of the fault; the body is not repeated.
        """
        import msgspec  # noqa: PLC0415 - values alone need no decoder

        try:
            return msgspec.json.decode(self.body, type=into)
        except RecursionError:
            problem, path = "it is nested too deeply", "$"
        except msgspec.ValidationError as error:
            problem, path = _split_path(str(error))
        except (msgspec.DecodeError, UnicodeDecodeError):  # its text may repeat a byte of the body
            problem, path = "it is not JSON", "$"
        # Outside of `except`: the exception's frames hold the body.
        raise WebhookMalformed(f"the body is not as documented: {problem} at {path}", path=path)


def _split_path(message: str) -> tuple[str, str]:
    """Return problem and path of an error of msgspec: "Expected … - at `$.name`"."""
    problem, _, path = message.partition(" - at `")
    # Other texts repeat the value.
    clear = problem.startswith("Expected") or "RFC3339" in problem
    text = problem[:1].lower() + problem[1:] if clear else "a value is not one of those documented"
    return text, path.rstrip("`") or "$"


@frozen(kw_only=True)
class WebhookAnswer:
    """The HTTP answer to a webhook."""

    status: int = 200
    headers: Mapping[str, str] = field(factory=dict[str, str])
    body: bytes = field(default=b"", repr=False)


@frozen(kw_only=True)
class Delivery:
    """What a verified request holds: events, or a challenge of the vendor to answer.

    `challenge` is the answer to a challenge, by which a vendor checks an address; it has no events.
    """

    events: tuple[Event, ...] = ()
    challenge: WebhookAnswer | None = None

    @property
    def answer(self) -> WebhookAnswer:
        """What to answer when the events were handled: the challenge's answer, or 200."""
        return self.challenge or WebhookAnswer()


def build_request(
    headers: HeaderSource, body: bytes, query: str = "", max_body: int = MAX_BODY
) -> WebhookRequest:
    """Return the request. Raises `InvalidRequest` for wrong types, and `WebhookTooLarge`."""
    if not isinstance(body, bytes):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidRequest(
            f"body is {type(body).__name__}; pass the raw bytes of the request, since the"
            " signature covers them",
            field="body",
        )
    if len(body) > max_body:
        raise too_large(max_body)
    if not isinstance(query, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidRequest(f"query is {type(query).__name__}; it must be text", field="query")
    return WebhookRequest(headers=_read_headers(headers), body=body, query=query)


def too_large(max_body: int) -> WebhookTooLarge:
    """Return the error for a body that is longer than `max_body` bytes."""
    return WebhookTooLarge(f"the body is longer than {max_body} bytes", field="body")


def _read_headers(headers: HeaderSource) -> Mapping[str, tuple[str, ...]]:
    """Return the values by lower-case name. Both kinds of `HeaderSource` may repeat a name."""
    source: Any = headers  # a framework's own mapping need not be a `Mapping`
    pairs: Any = source.items() if hasattr(source, "items") else source
    values: dict[str, tuple[str, ...]] = {}
    try:
        for name, value in cast("Iterable[tuple[HeaderText, HeaderText]]", pairs):
            key = _to_text(name).lower()
            values[key] = (*values.get(key, ()), _to_text(value))
    except (TypeError, ValueError):
        raise InvalidRequest(
            "headers must be a mapping of strings, or pairs of strings or bytes", field="headers"
        ) from None
    return values


def _to_text(value: HeaderText) -> str:
    """Return a header's text; bytes are Latin-1, which has a character for each of them."""
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if not isinstance(value, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError
    return value
