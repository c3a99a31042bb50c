"""Lazy listings: nothing is fetched before it is iterated."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing, nullcontext
from typing import Generic, NoReturn, TypeVar

from conferencing.errors import ConferencingError
from conferencing.provider import Page, Pages, RepeatGuard, close_pages, replace_rows
from conferencing.telemetry import Observation

__all__ = ["Listing"]

T = TypeVar("T")


class Listing(Generic[T]):
    """The records of a listing. Nothing is fetched before they are iterated.

    `async for` yields single records, `pages()` whole pages as the vendor delivers them, and
    `await collect()` returns a list of all. Each use starts from the beginning.

    A row that the vendor sent and that cannot be read costs no other row: it is left out, and
    `problems` says for each what is wrong and where, once its page has been fetched. It also says
    where the vendor keeps less than was asked for, such as the sessions of the last weeks only.
    """

    def __init__(
        self,
        open_pages: Callable[[], Pages[T]],
        label: Callable[[ConferencingError], None],
        observe: Callable[[], Observation | None] = lambda: None,
    ) -> None:
        self._open = open_pages
        self._label = label
        self._observe = observe
        self._problems: list[str] = []

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong with the rows that were left out of the last use, or what it may lack."""
        return tuple(self._problems)

    async def pages(self) -> AsyncGenerator[Sequence[T]]:
        """Yield the pages. Raises `MalformedResponse` if the vendor sends the same page twice."""
        guard = RepeatGuard()
        self._problems.clear()
        observation = self._observe()
        try:
            with observation or nullcontext():
                pages = self._open()
                if observation is not None:
                    pages = run_within(observation, pages)
                try:
                    async for page in pages:
                        if isinstance(page, Page):
                            self._problems.extend(page.problems)
                        if page:
                            guard.check(page)
                            yield page
                finally:
                    await close_pages(pages)
        except ConferencingError as error:
            self._label(error)
            raise

    async def __aiter__(self) -> AsyncIterator[T]:
        async with aclosing(self.pages()) as pages:
            async for page in pages:
                for record in page:
                    yield record

    async def collect(self) -> list[T]:
        """Return all records in a list."""
        return [record async for page in self.pages() for record in page]

    def __iter__(self) -> NoReturn:
        raise TypeError("a listing is asynchronous: use 'async for', or 'await listing.collect()'")

    def __repr__(self) -> str:
        return "<Listing: async for, .pages(), await .collect()>"


async def select_rows(pages: Pages[T], matches: Callable[[T], bool]) -> Pages[T]:
    """Yield the pages with those rows only that match."""
    try:
        async for page in pages:
            yield replace_rows(page, filter(matches, page))
    finally:
        await close_pages(pages)


async def run_within(observation: Observation, pages: AsyncIterator[T]) -> AsyncIterator[T]:
    """Yield the pages; the observation runs while one is fetched, and not while it is used."""
    try:
        while True:
            observation.resume()
            try:
                page = await anext(pages)
            except StopAsyncIteration:
                return
            finally:
                observation.pause()
            yield page
    finally:
        await close_pages(pages)
