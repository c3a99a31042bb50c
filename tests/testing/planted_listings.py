"""Mistakes in listings: each one cut after its first page, and pages read wrongly."""

from __future__ import annotations

from typing import Any

from planting import LISTED, planted
from sample_adapter import Acme

from conferencing import Operation, Room
from conferencing.http import GET, NumberedPages
from conferencing.provider import Pages
from conferencing.testing import CASES

LISTINGS = [operation for operation, case in CASES.items() if case.fill is not None]


def first_page_of(listing: Operation) -> type[Acme]:
    """Return an adapter that reads one page of a listing, and the rest of nothing."""

    async def list_first_page(self: Any, *arguments: Any) -> Pages[Any]:
        whole = self.pages
        self.__dict__["pages"] = FirstPage()
        try:
            async for page in getattr(Acme, listing.value)(self, *arguments):
                yield page
        finally:
            self.__dict__["pages"] = whole

    name = f"ReadsFirstPageOf{listing.name.title().replace('_', '')}"
    return type(name, (Acme,), {listing.value: list_first_page, "__module__": __name__})


class FirstPage(NumberedPages, frozen=True, kw_only=True):
    """Numbered pages of which only the first one is read."""

    def next(self, request: Any, reply: Any, count: int) -> None:
        return None


for operation in LISTINGS:
    planted(LISTED, "expected at least 260 objects, got 100")(first_page_of(operation))


@planted(LISTED, "listed more than once|same page twice|repeat")
class ReadsAPageTwice(Acme):
    async def list_rooms(self, status: Any = None) -> Pages[Room]:
        for number in (1, 1, 2, 3):
            request = GET("/rooms", query={"page": number})
            rooms = await self.call(request, self.read_rooms)
            again = number == 1 and self.__dict__.setdefault("seen", [])
            yield rooms[::-1] if again else rooms
            self.__dict__["seen"] = [1]


@planted(LISTED, "expected at least 260 objects, got 160")
class CountsPagesFromTwo(Acme):
    pages = NumberedPages(size=100, start=2)
