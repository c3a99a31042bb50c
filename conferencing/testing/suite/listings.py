"""Listings: whatever the vendor's page size, every object is listed once."""

from __future__ import annotations

from typing import Any

from conferencing.errors import Conflict
from conferencing.testing.base import Harness, SuiteBase
from conferencing.testing.expect import expect, expect_equal, expect_success
from conferencing.testing.operations import OperationCase
from conferencing.testing.operations.case import check_unique

__all__ = ["ListingTests"]


class ListingTests(SuiteBase):
    """List more objects than fit on a page."""

    def test_listing_returns_every_object(self, listing: OperationCase) -> None:
        """`many` objects are listed, each once, and twice in the same order."""

        async def test(harness: Harness) -> None:
            states = listing.states if listing.fill_states is None else listing.fill_states
            async with harness.scenario(*states) as scenario:
                if listing.fill is None or scenario.world is None:
                    return
                try:
                    await listing.fill(scenario, self.many)
                except Conflict:
                    return  # a room of this vendor has one session at most
                await scenario.deliver()
                scenario.follow_world()
                items = await expect_success(listing.perform(scenario), str(listing))
                check_unique([item for item in items if getattr(item, "id", None)], str(listing))
                expect(
                    len(items) >= self.many,
                    f"{listing}: expected at least {self.many} objects, got {len(items)}",
                )
                await listing.check(scenario, items)
                again = await expect_success(listing.perform(scenario), str(listing))
                expect_equal(_keys(again), _keys(items), f"the second result of {listing}")

        self.run(test)


def _keys(items: list[Any]) -> list[Any]:
    return [getattr(item, "id", item) for item in items]
