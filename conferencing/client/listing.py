"""What a listing gives: lazily, page after page, and never the same page twice."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from typing import Any, Generic, NoReturn, TypeVar, cast

from conferencing.errors import ConferencingError
from conferencing.provider import Pages, refuse_repeat

__all__ = ["Listing"]

T = TypeVar("T")


class Listing(Generic[T]):
    """List what a provider has; nothing is fetched until it is asked for.

    `async for` gives one after another, `pages()` whole pages as the vendor delivers them, and
    `await collect()` a list of all. Each use begins anew.
    """

    def __init__(
        self, open_pages: Callable[[], Pages[T]], label: Callable[[ConferencingError], None]
    ) -> None:
        self._open = open_pages
        self._label = label

    async def pages(self) -> AsyncGenerator[Sequence[T]]:
        """Give the pages. Raises `MalformedResponse` if the vendor repeats one."""
        seen: set[int] = set()
        try:
            pages = self._open()
            try:
                async for page in pages:
                    if page:
                        refuse_repeat(page, seen)
                        yield page
            finally:
                await closed(pages)
        except ConferencingError as error:
            self._label(error)
            raise

    async def __aiter__(self) -> AsyncIterator[T]:
        async with aclosing(self.pages()) as pages:
            async for page in pages:
                for one in page:
                    yield one

    async def collect(self) -> list[T]:
        """Return all of them in a list."""
        return [one async for page in self.pages() for one in page]

    def __iter__(self) -> NoReturn:
        raise TypeError("a listing is asynchronous: use 'async for', or 'await listing.collect()'")

    def __repr__(self) -> str:
        return "<Listing: async for, .pages(), await .collect()>"


async def closed(given: AsyncIterator[Any]) -> None:
    """Close what an adapter gave, now and not when it is found to be garbage."""
    if isinstance(given, AsyncGenerator):
        await cast("AsyncGenerator[Any]", given).aclose()
