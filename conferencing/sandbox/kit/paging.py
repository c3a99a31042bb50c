"""Cutting a list into pages in the ways that vendors do: by number, by offset, by cursor."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Generic, TypeVar

from attrs import frozen

from .refusals import Problem, Refusal

__all__ = ["ListPage", "link_header", "page_by_cursor", "page_by_number", "page_by_offset"]

T = TypeVar("T")


@frozen(kw_only=True)
class ListPage(Generic[T]):
    """Some rows of a list of `total`. `next` is what asks for the rows after them, if there are."""

    rows: Sequence[T]
    total: int
    next: str | None


def page_by_offset(rows: Sequence[T], offset: int, size: int) -> ListPage[T]:
    """Return `size` rows from an offset that counts from 0; `next` is the following offset."""
    end = offset + size
    following = str(end) if end < len(rows) else None
    return ListPage(rows=rows[offset:end], total=len(rows), next=following)


def page_by_number(rows: Sequence[T], number: int, size: int) -> ListPage[T]:
    """Return a page by its number, which counts from 1; `next` is the following number."""
    page = page_by_offset(rows, (number - 1) * size, size)
    return ListPage(rows=page.rows, total=page.total, next=page.next and str(number + 1))


def page_by_cursor(rows: Sequence[T], cursor: str | None, size: int) -> ListPage[T]:
    """Return the page that an opaque cursor leads to, or the first one; `next` is the next cursor.

    Raises `Refusal` for a cursor that did not come from here.
    """
    page = page_by_offset(rows, _read_cursor(cursor) if cursor else 0, size)
    return ListPage(rows=page.rows, total=page.total, next=page.next and _write_cursor(page.next))


def link_header(**urls: str | None) -> dict[str, str]:
    """Return a `Link` header (RFC 8288) with a URL for each relation: `next=`, `prev=`, `last=`.

    A relation without a URL is left out; without any, there is no header.
    """
    links = [f'<{url}>; rel="{relation}"' for relation, url in urls.items() if url is not None]
    return {"Link": ", ".join(links)} if links else {}


_MARK = "offset:"


def _write_cursor(offset: str) -> str:
    return urlsafe_b64encode(f"{_MARK}{offset}".encode()).decode()


def _read_cursor(cursor: str) -> int:
    try:
        text = urlsafe_b64decode(cursor.encode()).decode()
    except ValueError:
        text = ""
    offset = text.removeprefix(_MARK)
    if offset == text or not offset.isdecimal():
        raise Refusal(400, Problem("the cursor is not known", code="invalid_cursor"))
    return int(offset)
