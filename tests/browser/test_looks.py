"""Every page in light and dark and on a phone: readable, labelled, and nothing cut off."""

from __future__ import annotations

from datetime import timedelta

import pytest
from audit import faults
from join_vendor import INTERVIEW, JACK, JoinVendor

from conferencing import JoinLink, Role, RoomStatus
from conferencing.sandbox import EntryOption

LOOKS = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "phone": {"viewport": {"width": 320, "height": 640}, "is_mobile": True, "has_touch": True},
    "dark phone": {"viewport": {"width": 320, "height": 640}, "color_scheme": "dark"},
}
REST = ("dark", "phone")
LONG = "Ω <b>שלום</b> " + "x" * 85


@pytest.mark.parametrize(
    "look",
    ["light", "dark phone", *(pytest.param(look, marks=pytest.mark.exhaustive) for look in REST)],
)
async def test_every_page_passes_the_audit(vendor, person, look) -> None:
    url = furnished(vendor)
    page = await person(**LOOKS[look], reduced_motion="reduce")
    faults_of_page: dict[str, list[str]] = {}

    async def check(name: str) -> None:
        faults_of_page[name] = await faults(page)

    await page.goto(vendor.origin)
    await page.locator("summary").first.click()
    await check("start")
    await page.goto(url)
    await check("join")
    await page.get_by_label("Passcode").fill("wrong")
    await page.keyboard.press("Enter")
    await page.get_by_role("alert").wait_for()
    await check("refused")
    await page.get_by_role("link", name="Sign in with LinkedIn").click()
    await page.get_by_label("E-mail address").wait_for()
    await check("identity")
    await page.get_by_label("E-mail address").fill("new@example.com")
    await page.get_by_role("button", name="Continue").click()
    await page.get_by_text("Signed in with the stand-in for LinkedIn").wait_for()
    await check("signed in")
    await page.get_by_label("Your name").fill(LONG)
    await page.get_by_role("button", name="Join").click()
    await page.locator(".scale label").last.click()
    await page.get_by_label("Comment").fill("y" * 500)
    await check("room")
    await page.get_by_role("button", name="Leave").click()
    await page.get_by_role("heading", name="Goodbye").wait_for()
    await check("goodbye")
    for key in ("named", "closed", "planned", "vault", "nowhere"):
        await page.goto(vendor.join_url(key))
        await check(key)
    assert {name: list_ for name, list_ in faults_of_page.items() if list_} == {}


async def test_color_scheme_is_followed(vendor, person) -> None:
    grounds = {}
    for scheme in ("light", "dark"):
        page = await person(color_scheme=scheme)
        await page.goto(vendor.origin)
        color = await page.evaluate("getComputedStyle(document.body).backgroundColor")
        grounds[scheme] = sum(int(part) for part in color[4:-1].split(","))
    assert grounds["dark"] < 150
    assert grounds["light"] > 600


async def test_focus_is_always_visible(vendor, person) -> None:
    page = await person(reduced_motion="reduce")
    await page.goto(vendor.add("interview", *INTERVIEW))
    count = 0
    while True:
        await page.keyboard.press("Tab")
        outline = await page.evaluate(
            "document.activeElement === document.body ? null"
            " : getComputedStyle(document.activeElement).outlineStyle"
        )
        if outline is None:
            break
        assert outline == "solid"
        count += 1
        assert count < 30
    assert count == 9


# --------------------------------------------------------------------------------------- helpers


def furnished(vendor: JoinVendor) -> str:
    """Add rooms with everything that a page can show; return the join link of the main one."""
    url = vendor.add("interview", *INTERVIEW, name=LONG)
    room = vendor.join_links["interview"].room_id
    vendor.world.leave(vendor.world.enter(room, "Zoë", role=Role.HOST).id, 4, "Fine")
    vendor.world.end_session(room)
    vendor.world.enter(room, LONG)
    vendor.world.post("invitation", f"{'a' * 60}@example.com", room, link=JoinLink(url=url))
    vendor.add("named", EntryOption(person=JACK))
    vendor.add("closed", status=RoomStatus.ENDED)
    vendor.add("planned", starts_at=vendor.world.now + timedelta(days=3))
    vendor.add_token_room("vault")
    return url
