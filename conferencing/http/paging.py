"""How a listing goes on: one small value per style of paging. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from attrs import evolve, frozen

from conferencing.errors import MalformedResponse

from .request import Request

__all__ = ["CursorPages", "NumberedPages", "OffsetPages", "Paging", "SinglePage"]


class Paging(Protocol):
    """A style of paging."""

    def first(self, request: Request) -> Request:
        """Return the request for the first page."""
        ...

    def next(self, request: Request, payload: Any, count: int) -> Request | None:
        """Return the request after one that gave `count` rows, or None at the end."""
        ...

    def ahead(self, request: Request) -> Request | None:
        """Return the request after one, should that not be the last; None if only it can tell."""
        ...


@frozen
class SinglePage:
    """The vendor answers with everything at once."""

    def first(self, request: Request) -> Request:
        """Return the request as it is."""
        return request

    def next(self, request: Request, payload: Any, count: int) -> Request | None:
        """Return None."""
        return None

    def ahead(self, request: Request) -> Request | None:
        """Return None."""
        return None


@frozen(kw_only=True)
class NumberedPages:
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

    def next(self, request: Request, payload: Any, count: int) -> Request | None:
        """Return the request for the next number."""
        full = count == self.size if self.size is not None else count > 0
        return self.ahead(request) if full else None

    def ahead(self, request: Request) -> Request:
        """Return the request for the next number."""
        return _with(request, self.param, request.query[self.param] + 1)


@frozen(kw_only=True)
class OffsetPages:
    """Pages begin at a row and have a limit; a page with fewer rows is the last."""

    param: str = "offset"
    limit_param: str = "limit"
    limit: int = 100

    def first(self, request: Request) -> Request:
        """Return the request for the first rows."""
        return _with(_with(request, self.limit_param, self.limit), self.param, 0)

    def next(self, request: Request, payload: Any, count: int) -> Request | None:
        """Return the request for the rows that follow."""
        if count < self.limit:
            return None
        return _with(request, self.param, request.query[self.param] + count)

    def ahead(self, request: Request) -> Request:
        """Return the request for the rows after a full page."""
        return _with(request, self.param, request.query[self.param] + self.limit)


@frozen(kw_only=True)
class CursorPages:
    """Each page names the next one; `read` finds that name in the payload, None at the end."""

    param: str
    read: Callable[[Any], str | None]

    def first(self, request: Request) -> Request:
        """Return the request as it is."""
        return request

    def next(self, request: Request, payload: Any, count: int) -> Request | None:
        """Return the request with the cursor of this page."""
        cursor = self.read(payload)
        if cursor and cursor == request.query.get(self.param):
            raise MalformedResponse("the vendor's page names itself as the next one")
        return _with(request, self.param, cursor) if cursor else None

    def ahead(self, request: Request) -> Request | None:
        """Return None: the next name stands in the page."""
        return None


def _with(request: Request, name: str, value: str | int) -> Request:
    return evolve(request, query={**request.query, name: value})
