"""How a listing continues: one small value for each style of paging. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, Protocol
from urllib.parse import parse_qsl, urljoin, urlsplit

from msgspec import Struct
from msgspec.structs import replace

from conferencing.errors import MalformedResponse

from .reply import Reply
from .request import Request

__all__ = [
    "CursorPages",
    "LinkPages",
    "NumberedPages",
    "OffsetPages",
    "Paging",
    "SinglePage",
]

_LINK: Final = re.compile(r'<([^>]*)>((?:\s*;\s*[\w-]+\s*=\s*(?:"[^"]*"|[^",;\s]+))*)')

MAX_NEXT: Final = 8192
"""The longest cursor or link that is followed. It has room in an address when it is quoted."""


class Paging(Protocol):
    """A style of paging."""

    def first(self, request: Request) -> Request:
        """Return the request for the first page."""
        ...

    def next(self, request: Request, reply: Reply, count: int) -> Request | None:
        """Return the request after one whose reply had `count` rows, or None at the end."""
        ...


class SinglePage(Struct, frozen=True):
    """The vendor answers with everything at once."""

    def first(self, request: Request) -> Request:
        """Return the request unchanged."""
        return request

    def next(self, request: Request, reply: Reply, count: int) -> Request | None:
        """Return None."""
        return None


class NumberedPages(Struct, frozen=True, kw_only=True):
    """Pages have numbers.

    With `size` given, only a page of exactly that many rows has a next one; without it, a page
    without rows is the last.
    """

    param: str = "page"
    start: int = 1
    size: int | None = None

    def first(self, request: Request) -> Request:
        """Return the request for the first number."""
        return _with(request, self.param, self.start)

    def next(self, request: Request, reply: Reply, count: int) -> Request | None:
        """Return the request for the next number."""
        full = count == self.size if self.size is not None else count > 0
        return _with(request, self.param, request.query[self.param] + 1) if full else None


class OffsetPages(Struct, frozen=True, kw_only=True):
    """Pages begin at a row and have a limit; a page with fewer rows is the last."""

    param: str = "offset"
    limit_param: str = "limit"
    limit: int = 100

    def first(self, request: Request) -> Request:
        """Return the request for the first rows."""
        return _with(_with(request, self.limit_param, self.limit), self.param, 0)

    def next(self, request: Request, reply: Reply, count: int) -> Request | None:
        """Return the request for the rows that follow."""
        if count < self.limit:
            return None
        return _with(request, self.param, request.query[self.param] + count)


class CursorPages(Struct, frozen=True, kw_only=True):
    """Each page names the next one; `read` returns that name from the reply, None at the end."""

    param: str
    read: Callable[[Reply], str | None]

    def first(self, request: Request) -> Request:
        """Return the request unchanged."""
        return request

    def next(self, request: Request, reply: Reply, count: int) -> Request | None:
        """Return the request with the cursor of this page."""
        cursor = self.read(reply)
        _check_length(cursor)
        if cursor and cursor == request.query.get(self.param):
            raise MalformedResponse("the vendor's page names itself as the next one")
        return _with(request, self.param, cursor) if cursor else None


class LinkPages(Struct, frozen=True, kw_only=True):
    """Each page links to the next one: in the `Link` header (RFC 8288), or as `read` says.

    Only the query of the link is followed: path and host stay those of the first request, so that
    the credentials never go to another place. What the link leaves out is kept from the request, and
    so are the parameters in `keep`, for a vendor that writes wrong values of them into its links.
    """

    read: Callable[[Reply], str | None] | None = None
    keep: tuple[str, ...] = ()

    def first(self, request: Request) -> Request:
        """Return the request unchanged."""
        return request

    def next(self, request: Request, reply: Reply, count: int) -> Request | None:
        """Return the request with the query of the link to the next page."""
        link = self.read(reply) if self.read else _next_link(reply.headers.get("link", ""))
        _check_length(link)
        if not link:
            return None
        linked = dict(parse_qsl(_query(link), keep_blank_values=True))
        kept = {name: request.query[name] for name in self.keep if name in request.query}
        following = {**request.query, **linked, **kept}
        if following == dict(request.query):
            raise MalformedResponse("the vendor's page links to itself as the next one")
        return replace(request, query=following)


def _next_link(header: str) -> str | None:
    for target, parameters in _LINK.findall(header):
        if re.search(r';\s*rel\s*=\s*"?[^"]*\bnext\b', parameters, re.IGNORECASE):
            return str(target)
    return None


def _check_length(name: str | None) -> None:
    """Raise if what names the next page is too long to be sent back."""
    if name and len(name) > MAX_NEXT:
        raise MalformedResponse(
            f"what names the next page has {len(name):,} characters; at most {MAX_NEXT:,} are sent"
        )


def _query(link: str) -> str:
    try:
        return urlsplit(urljoin("https://vendor.invalid/", link)).query
    except ValueError:
        raise MalformedResponse("the link to the next page is malformed", path="$") from None


def _with(request: Request, name: str, value: str | int) -> Request:
    return replace(request, query={**request.query, name: value})
