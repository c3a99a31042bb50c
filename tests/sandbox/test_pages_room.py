"""The room page: who is there, leaving with a rating, and what a visit says when it is over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from harness import Harness

from conferencing import Role, SessionStatus
from conferencing.sandbox import ServedSimulator


async def test_everybody_in_the_room_is_shown(harness: Harness, visitor: Any) -> None:
    url = harness.add("hall")
    harness.world.enter(harness.join_links["hall"].room_id, "Zoë", role=Role.PRESENTER)
    harness.world.advance(timedelta(minutes=65))
    ann = await visitor.post(url, by="open", way="0", name="Ann")
    harness.world.advance(timedelta(hours=2, minutes=5))
    page = await visitor.get(ann.url)
    assert page.status == 200
    assert "You are here as Ann , attendee, for 2 h 05 min" in page.text
    assert "Zoë presenter · since 08:00 UTC" in page.text
    assert "Ann you attendee · since 09:05 UTC" in page.text


async def test_two_people_see_each_other_until_one_leaves(harness: Harness, visitor: Any) -> None:
    url = harness.add("hall")
    ann, ben = [await visitor.post(url, by="open", way="0", name=name) for name in ("Ann", "Ben")]
    assert "Ben" in (await visitor.get(ann.url)).text
    assert "Ann" in (await visitor.get(ben.url)).text
    await visitor.post(ben.url)
    assert "Ben" not in (await visitor.get(ann.url)).text


async def test_the_address_of_a_visit_cannot_be_guessed(harness: Harness, visitor: Any) -> None:
    url = harness.add("hall")
    keys = {
        (await visitor.post(url, by="open", way="0", name="Ann")).url.rpartition("/")[2]
        for _ in range(5)
    }
    assert len(keys) == 5
    assert min(map(len, keys)) >= 32
    for key in (harness.visits()[0].id, "x", ""):
        assert (await visitor.get(f"/room/{key}")).status == 404
        assert (await visitor.post(f"/room/{key}", rating="1")).status == 404
    assert all(one.left_at is None for one in harness.visits())


@pytest.mark.parametrize(
    ("fields", "rating", "comment"),
    [
        ({}, None, None),
        ({"rating": "", "comment": "  "}, None, None),
        ({"rating": "1"}, 1, None),
        ({"rating": "5", "comment": " Fine, <b>really</b>.\r\nThanks "}, 5,
         "Fine, <b>really</b>.\r\nThanks"),
        ({"comment": "x" * 1000}, None, "x" * 1000),
    ],
)  # fmt: skip
async def test_one_leaves_with_or_without_a_word(
    harness: Harness, visitor: Any, fields: dict[str, str], rating: int | None, comment: str | None
) -> None:
    page = await visitor.post(harness.add("hall"), by="open", way="0", name="Ann")
    harness.world.advance(timedelta(minutes=30))
    bye = await visitor.post(page.url, **fields)
    assert (bye.status, bye.title) == (200, "Goodbye: Hall")
    assert "in the room for 30 min" in bye.text
    assert ("Thank you for your feedback" in bye.text) is bool(rating or comment)
    assert "<b>" not in bye.html
    (visit,) = harness.visits()
    assert (visit.left_at, visit.rating, visit.comment) == (harness.world.now, rating, comment)


@pytest.mark.parametrize(
    "fields", [{"rating": "0"}, {"rating": "6"}, {"rating": "good"}, {"comment": "x" * 1001}]
)
async def test_a_rating_that_is_none_lets_nobody_out(
    harness: Harness, visitor: Any, fields: dict[str, str]
) -> None:
    page = await visitor.post(harness.add("hall"), by="open", way="0", name="Ann")
    refused = await visitor.post(page.url, **fields)
    assert refused.status == 400
    assert refused.alert
    assert harness.visits()[0].left_at is None


async def test_a_visit_whose_session_has_ended_says_so(harness: Harness, visitor: Any) -> None:
    page = await visitor.post(harness.add("hall"), by="open", way="0", name="Ann")
    harness.world.end_session(harness.join_links["hall"].room_id)
    over = await visitor.get(page.url)
    assert (over.status, over.title) == (200, "The session has ended: Hall")
    late = await visitor.post(page.url, rating="5")
    assert late.status == 409
    assert "not taken" in late.alert
    assert harness.visits()[0].rating is None


async def test_one_who_was_put_out_is_told(harness: Harness, visitor: Any) -> None:
    url = harness.add("hall")
    ann, _ = [await visitor.post(url, by="open", way="0", name=name) for name in ("Ann", "Ben")]
    harness.world.leave(harness.visits()[0].id)
    assert (await visitor.get(ann.url)).title == "You are out: Hall"


async def test_leaving_twice_changes_nothing(harness: Harness, visitor: Any) -> None:
    page = await visitor.post(harness.add("hall"), by="open", way="0", name="Ann")
    await visitor.post(page.url, rating="4")
    again = await visitor.post(page.url, rating="1")
    assert again.status == 409
    assert harness.visits()[0].rating == 4


async def test_a_visit_outlives_its_room(harness: Harness, visitor: Any) -> None:
    page = await visitor.post(harness.add("hall"), by="open", way="0", name="Ann")
    harness.world.remove_room(harness.join_links["hall"].room_id)
    over = await visitor.get(page.url)
    assert (over.status, over.title) == (200, "The session has ended: Hall")
    assert (await visitor.get(over.link("Join again"))).status == 404


async def test_a_visit_does_not_outlive_a_reset(harness: Harness, visitor: Any) -> None:
    page = await visitor.post(harness.add("hall"), by="open", way="0", name="Ann")
    ServedSimulator(harness).reset()
    for answer in (await visitor.get(page.url), await visitor.post(page.url, rating="5")):
        assert answer.status == 404
        assert "begun anew" in answer.text


async def test_the_last_one_to_leave_does_not_end_the_session(
    harness: Harness, visitor: Any
) -> None:
    page = await visitor.post(harness.add("hall"), by="open", way="0", name="Ann")
    await visitor.post(page.url)
    (session,) = harness.world.sessions.values()
    assert session.status is SessionStatus.RUNNING
