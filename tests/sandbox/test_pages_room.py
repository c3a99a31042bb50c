"""The room page: the people in it, leaving with a rating, and the page of a finished visit."""

from __future__ import annotations

from datetime import timedelta

import pytest

from conferencing import Role, SessionStatus
from conferencing.sandbox import ServedSimulator


async def test_room_page_lists_everybody(vendor, visitor) -> None:
    url = vendor.add("hall")
    vendor.world.enter(vendor.join_links["hall"].room_id, "Zoë", role=Role.PRESENTER)
    vendor.world.advance(timedelta(minutes=65))
    ann = await visitor.post(url, by="open", option="0", name="Ann")
    vendor.world.advance(timedelta(hours=2, minutes=5))
    page = await visitor.get(ann.url)
    assert page.status == 200
    assert "You are here as Ann , attendee, for 2 h 05 min" in page.text
    assert "Zoë presenter · since 08:00 UTC" in page.text
    assert "Ann you attendee · since 09:05 UTC" in page.text


async def test_times_are_in_zone_of_room(vendor, visitor) -> None:
    url = vendor.add("hall")
    room_id = vendor.join_links["hall"].room_id
    starts_at = vendor.world.now + timedelta(days=60)
    vendor.world.change_room(room_id, timezone="Europe/Warsaw", starts_at=starts_at)
    start = await visitor.get("/")
    assert "Mon 30 Nov 2026, 09:00 Europe/Warsaw" in start.text
    ann = await visitor.post(url, by="open", option="0", name="Ann")
    assert "attendee · since 10:00 Europe/Warsaw" in (await visitor.get(ann.url)).text
    vendor.world.change_room(room_id, timezone="W. Europe Standard Time")
    assert "attendee · since 08:00 UTC" in (await visitor.get(ann.url)).text


async def test_room_page_follows_who_is_inside(vendor, visitor) -> None:
    url = vendor.add("hall")
    ann, ben = [
        await visitor.post(url, by="open", option="0", name=name) for name in ("Ann", "Ben")
    ]
    assert "Ben" in (await visitor.get(ann.url)).text
    assert "Ann" in (await visitor.get(ben.url)).text
    await visitor.post(ben.url)
    assert "Ben" not in (await visitor.get(ann.url)).text


async def test_visit_url_cannot_be_guessed(vendor, visitor) -> None:
    url = vendor.add("hall")
    keys = {
        (await visitor.post(url, by="open", option="0", name="Ann")).url.rpartition("/")[2]
        for _ in range(5)
    }
    assert len(keys) == 5
    assert min(map(len, keys)) >= 32
    for key in (vendor.visits()[0].id, "x", ""):
        assert (await visitor.get(f"/room/{key}")).status == 404
        assert (await visitor.post(f"/room/{key}", rating="1")).status == 404
    assert all(visit.left_at is None for visit in vendor.visits())


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
async def test_leave_saves_rating_and_comment(vendor, visitor, fields, rating, comment) -> None:
    page = await visitor.post(vendor.add("hall"), by="open", option="0", name="Ann")
    vendor.world.advance(timedelta(minutes=30))
    bye = await visitor.post(page.url, **fields)
    assert (bye.status, bye.title) == (200, "Goodbye: Hall")
    assert "in the room for 30 min" in bye.text
    assert ("Thank you for your feedback" in bye.text) is bool(rating or comment)
    assert "<b>" not in bye.html
    (visit,) = vendor.visits()
    assert (visit.left_at, visit.rating, visit.comment) == (vendor.world.now, rating, comment)


@pytest.mark.parametrize(
    "fields", [{"rating": "0"}, {"rating": "6"}, {"rating": "good"}, {"comment": "x" * 1001}]
)
async def test_leave_with_invalid_rating_is_refused(vendor, visitor, fields) -> None:
    page = await visitor.post(vendor.add("hall"), by="open", option="0", name="Ann")
    refused = await visitor.post(page.url, **fields)
    assert refused.status == 400
    assert refused.alert
    assert vendor.visits()[0].left_at is None


async def test_leave_after_session_end_is_refused(vendor, visitor) -> None:
    page = await visitor.post(vendor.add("hall"), by="open", option="0", name="Ann")
    vendor.world.end_session(vendor.join_links["hall"].room_id)
    over = await visitor.get(page.url)
    assert (over.status, over.title) == (200, "The session has ended: Hall")
    late = await visitor.post(page.url, rating="5")
    assert late.status == 409
    assert "not saved" in late.alert
    assert vendor.visits()[0].rating is None


async def test_removed_visitor_sees_it(vendor, visitor) -> None:
    url = vendor.add("hall")
    ann, _ = [await visitor.post(url, by="open", option="0", name=name) for name in ("Ann", "Ben")]
    vendor.world.leave(vendor.visits()[0].id)
    assert (await visitor.get(ann.url)).title == "You are no longer in the room: Hall"


async def test_second_leave_changes_nothing(vendor, visitor) -> None:
    page = await visitor.post(vendor.add("hall"), by="open", option="0", name="Ann")
    await visitor.post(page.url, rating="4")
    again = await visitor.post(page.url, rating="1")
    assert again.status == 409
    assert vendor.visits()[0].rating == 4


async def test_visit_page_outlives_its_room(vendor, visitor) -> None:
    page = await visitor.post(vendor.add("hall"), by="open", option="0", name="Ann")
    vendor.world.remove_room(vendor.join_links["hall"].room_id)
    over = await visitor.get(page.url)
    assert (over.status, over.title) == (200, "The session has ended: Hall")
    assert (await visitor.get(over.link("Join again"))).status == 404


async def test_visit_page_ends_with_a_reset(vendor, visitor) -> None:
    page = await visitor.post(vendor.add("hall"), by="open", option="0", name="Ann")
    ServedSimulator(vendor).reset()
    for answer in (await visitor.get(page.url), await visitor.post(page.url, rating="5")):
        assert answer.status == 404
        assert "was reset" in answer.text


async def test_last_leave_keeps_session_running(vendor, visitor) -> None:
    page = await visitor.post(vendor.add("hall"), by="open", option="0", name="Ann")
    await visitor.post(page.url)
    (session,) = vendor.world.sessions.values()
    assert session.status is SessionStatus.RUNNING
