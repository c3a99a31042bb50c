"""People enter by every kind of entry option, see each other and leave, in a real browser."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from join_vendor import INTERVIEW

from conferencing import JoinLink, Passcode, Role
from conferencing.sandbox import EntryOption


async def test_open_room_is_joined_by_name(vendor, person) -> None:
    page = await person()
    await page.goto(vendor.add("hall", name="Town hall"))
    await page.get_by_label("Your name").fill("Ann Lee")
    await join(page)
    assert await page.get_by_role("heading", level=1).inner_text() == "Town hall"
    assert "You are here as Ann Lee" in await page.locator("main").inner_text()
    assert [(visit.name, visit.role) for visit in vendor.visits()] == [("Ann Lee", Role.ATTENDEE)]


async def test_wrong_passcode_can_be_corrected(vendor, person) -> None:
    page = await person()
    await page.goto(vendor.add("hall", EntryOption(rule=Passcode("open sesame"))))
    await page.get_by_label("Your name").fill("Ann")
    await page.get_by_label("Passcode").fill("open")
    await page.get_by_role("button", name="Join").click()
    await page.get_by_role("alert").get_by_text("This passcode is not right").wait_for()
    assert vendor.visits() == []
    assert await page.get_by_label("Your name").input_value() == "Ann"
    await page.keyboard.type("open sesame")  # the input at fault has the focus
    await page.keyboard.press("Enter")
    await page.get_by_text("You are in", exact=True).wait_for()
    assert [visit.name for visit in vendor.visits()] == ["Ann"]


async def test_only_invited_account_is_admitted(vendor, person) -> None:
    page = await person()
    await page.goto(vendor.add("interview", *INTERVIEW))
    await sign_in(page, "Google", "mallory@example.com")
    await page.get_by_role("alert").get_by_text("mallory@example.com").wait_for()
    assert vendor.visits() == []
    await sign_in(page, "Google", "jack@example.com")
    await join(page)
    (visit,) = vendor.visits()
    assert (visit.name, visit.email, visit.role) == (
        "Jack Sparrow", "jack@example.com", Role.PRESENTER
    )  # fmt: skip


async def test_token_admits_once(vendor, person) -> None:
    url = vendor.add_token_room("vault", "AB12CD")
    for name, admitted in (("Ann", True), ("Eve", False)):
        page = await person()
        await page.goto(url)
        await page.get_by_label("Your name").fill(name)
        await page.get_by_label("Token").fill("AB12CD")
        await page.get_by_role("button", name="Join").click()
        await page.get_by_text("You are in" if admitted else "You are not in yet").first.wait_for()
    assert [visit.name for visit in vendor.visits()] == ["Ann"]


async def test_interview_is_recorded_in_the_world(vendor, person) -> None:
    url = vendor.add("interview", *INTERVIEW, name="Interview")
    people = [await person() for _ in range(4)]
    john, jack, zumi, guest = people
    for page in people:
        await page.goto(url)
    await john.get_by_label("Passcode").fill("112233")
    await join(john, form=1)
    vendor.world.advance(timedelta(minutes=5))
    await sign_in(jack, "Google", "jack@example.com")
    await join(jack)
    await sign_in(zumi, "Microsoft", "zumi@example.com")
    await join(zumi)
    await guest.get_by_label("Your name").fill("Gus")
    await join(guest, form=0)
    for page in people:
        await page.reload()
        inside = await page.locator(".who bdi").all_inner_texts()
        assert inside == ["John Smith", "Jack Sparrow", "Zumi Zami", "Gus"]
    vendor.world.advance(timedelta(minutes=25))
    await john.reload()
    assert "for 30 min" in await john.locator("main").inner_text()
    await john.locator(".scale label", has_text="4").click()
    await john.get_by_label("Comment").fill("Friendly & <quick>")
    await leave(john)
    assert "4 of 5" in await john.locator("main").inner_text()
    await leave(guest)
    await jack.reload()
    assert await jack.locator(".who bdi").all_inner_texts() == ["Jack Sparrow", "Zumi Zami"]
    vendor.world.end_session(vendor.join_links["interview"].room_id)
    await zumi.reload()
    assert await zumi.get_by_role("heading", level=1).inner_text() == "The session has ended"
    assert [(visit.name, visit.role, visit.rating, visit.comment) for visit in vendor.visits()] == [
        ("John Smith", Role.ATTENDEE, 4, "Friendly & <quick>"),
        ("Jack Sparrow", Role.PRESENTER, None, None),
        ("Zumi Zami", Role.PRESENTER, None, None),
        ("Gus", Role.GUEST, None, None),
    ]
    (session,) = vendor.world.sessions.values()
    minutes = [record.duration for record in vendor.world.attendance(session.id)]
    assert minutes == [timedelta(minutes=length) for length in (30, 25, 25, 25)]
    assert (session.people, session.peak) == (4, 4)


async def test_keyboard_alone_is_enough(vendor, person) -> None:
    page = await person()
    await page.goto(vendor.add("hall", EntryOption(rule=Passcode("x")), name="Hall"))
    await page.keyboard.press("Tab")
    assert await focused(page) == "Skip to the content"
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await page.keyboard.type("Ann")
    await page.keyboard.press("Tab")
    await page.keyboard.type("x")
    await page.keyboard.press("Tab")
    assert await focused(page) == "Join"
    await page.keyboard.press("Space")
    await page.get_by_text("You are in", exact=True).wait_for()
    await tab_to(page, "Refresh")
    await page.keyboard.press("Tab")  # the scale: one stop, arrows move within it
    for _ in range(4):
        await page.keyboard.press("ArrowRight")
    assert await page.locator("input:checked").get_attribute("value") == "4"
    await page.keyboard.press("Tab")
    await page.keyboard.type("Nice")
    await tab_to(page, "Leave")
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="Goodbye").wait_for()
    (visit,) = vendor.visits()
    assert (visit.name, visit.rating, visit.comment) == ("Ann", 4, "Nice")


async def test_page_works_without_scripts(vendor, person) -> None:
    page = await person(java_script_enabled=False)
    await page.goto(vendor.add("interview", *INTERVIEW))
    await sign_in(page, "LinkedIn", "new@example.com")
    await page.get_by_label("Your name").fill("New")
    await join(page)
    await leave(page)
    assert [visit.email for visit in vendor.visits()] == ["new@example.com"]


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "\"'><img src=x onerror=alert(1)>"])
async def test_hostile_name_is_shown_as_text(vendor, person, name) -> None:
    page = await person()
    await page.goto(vendor.add("hall", name=name))
    await page.get_by_label("Your name").fill(name)
    await join(page)
    assert name in await page.locator(".people").inner_text()
    assert await page.get_by_role("heading", level=1).inner_text() == name
    await page.get_by_label("Comment").fill(name)
    await leave(page)
    assert await page.locator("blockquote").inner_text() == name
    await page.get_by_role("link", name="conferencing sandbox").click()
    await page.get_by_role("heading", name="The sandbox").wait_for()
    assert name in await page.locator("main").inner_text()
    assert await page.locator("script, img").count() == 0


async def test_outbox_link_opens_the_room(vendor, person) -> None:
    url = vendor.add("hall", name="Town hall")
    room = vendor.join_links["hall"].room_id
    vendor.world.post("invitation", "ann@example.com", room, link=JoinLink(url=url))
    page = await person()
    await page.goto(vendor.origin)
    await page.get_by_role("link", name="Open the link for ann@example.com").click()
    await page.get_by_role("heading", level=1, name="Town hall").wait_for()
    assert page.url == url


# --------------------------------------------------------------------------------------- helpers


async def join(page: Any, form: int = 0) -> None:
    await page.get_by_role("button", name="Join").nth(form).click()
    await page.get_by_text("You are in", exact=True).wait_for()


async def leave(page: Any) -> None:
    await page.get_by_role("button", name="Leave").click()
    await page.get_by_role("heading", name="Goodbye").wait_for()


async def sign_in(page: Any, identity: str, email: str) -> None:
    await page.get_by_role("link", name=f"Sign in with {identity}").click()
    await page.get_by_label("E-mail address").fill(email)
    await page.get_by_role("button", name="Continue").click()


async def focused(page: Any) -> str:
    text: str = await page.evaluate("document.activeElement.textContent")
    return text


async def tab_to(page: Any, text: str) -> None:
    for _ in range(10):
        await page.keyboard.press("Tab")
        if await focused(page) == text:
            return
    raise AssertionError(f"the keyboard does not reach {text!r}")
