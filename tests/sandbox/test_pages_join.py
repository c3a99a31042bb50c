"""The join page: who is asked for what, who comes in and as what, and who does not."""

from __future__ import annotations

from typing import Any

import pytest
from join_vendor import INTERVIEW, JACK, JOHN

from conferencing import Anyone, Passcode, PersonalToken, Role, RoomStatus, SignIn
from conferencing.errors import Conflict
from conferencing.model.secret import Secret
from conferencing.sandbox import EntryOption


async def test_open_link_asks_for_name(vendor, visitor) -> None:
    url = vendor.add("hall", name="Town hall")
    page = await visitor.get(url)
    assert (page.status, page.title) == (200, "Join: Town hall")
    assert 'name="name"' in page.html
    assert 'name="passcode"' not in page.html
    inside = await visitor.post(url, by="open", option="0", name="  Ann Lee ")
    assert inside.status == 200
    assert "/room/" in inside.url
    (visit,) = vendor.visits()
    assert (visit.name, visit.email, visit.role) == ("Ann Lee", None, Role.ATTENDEE)
    assert vendor.world.running(vendor.join_links["hall"].room_id) is not None


@pytest.mark.parametrize(
    ("name", "says"),
    [("", "type your name"), ("   ", "type your name"), ("x" * 101, "100"), ("a\x07b", "control")],
)
async def test_invalid_name_is_asked_for_again(vendor, visitor, name, says) -> None:
    url = vendor.add("hall")
    page = await visitor.post(url, by="open", option="0", name=name)
    assert page.status == 400
    assert says in page.alert
    assert 'aria-invalid="true"' in page.html
    assert vendor.visits() == []


async def test_wrong_passcode_keeps_the_typed_name(vendor, visitor) -> None:
    url = vendor.add("hall", EntryOption(rule=Passcode("open sesame")))
    page = await visitor.post(url, by="passcode", name="Ann", passcode="open")
    assert page.status == 403
    assert "passcode is not right" in page.alert
    assert 'value="Ann"' in page.html
    assert "sesame" not in page.html
    assert vendor.visits() == []
    inside = await visitor.post(url, by="passcode", name="Ann", passcode="open sesame")
    assert inside.status == 200
    assert [visit.name for visit in vendor.visits()] == ["Ann"]


@pytest.mark.parametrize(
    ("code", "name", "role"),
    [("112233", "John Smith", Role.ATTENDEE), ("host-1", "Rita", Role.HOST)],
)
async def test_personal_passcode_sets_name_and_role(vendor, visitor, code, name, role) -> None:
    url = vendor.add("interview", *INTERVIEW)
    page = await visitor.post(url, by="passcode", passcode=code, name="Somebody else")
    assert page.status == 200
    (visit,) = vendor.visits()
    assert (visit.name, visit.role) == (name, role)


async def test_each_passcode_gives_its_role(vendor, visitor) -> None:
    entry_options = (
        EntryOption(rule=Passcode("att")),
        EntryOption(rule=Passcode("mod"), role=Role.HOST),
    )
    url = vendor.add("class", *entry_options)
    for code in ("mod", "att"):
        await visitor.post(url, by="passcode", name=f"Who has {code}", passcode=code)
    assert [visit.role for visit in vendor.visits()] == [Role.HOST, Role.ATTENDEE]


@pytest.mark.parametrize(
    ("typed", "status", "names"),
    [("jack sparrow", 200, ["Jack Sparrow"]), ("Eve", 403, []), ("", 403, [])],
)
async def test_shared_passcode_needs_an_invited_name(vendor, visitor, typed, status, names) -> None:
    entry_options = [EntryOption(rule=Passcode("both"), person=person) for person in (JACK, JOHN)]
    url = vendor.add("pair", *entry_options)
    assert "As it is in your invitation" in (await visitor.get(url)).text
    page = await visitor.post(url, by="passcode", passcode="both", name=typed)
    assert page.status == status
    assert [visit.name for visit in vendor.visits()] == names


async def test_named_guest_types_nothing(vendor, visitor) -> None:
    url = vendor.add("standup", EntryOption(person=JACK, role=Role.GUEST))
    page = await visitor.get(url)
    assert "Join as Jack Sparrow" in page.text
    assert 'name="name"' not in page.html
    await visitor.post(url, by="open", option="0")
    (visit,) = vendor.visits()
    assert (visit.name, visit.email, visit.role) == ("Jack Sparrow", JACK.email, Role.GUEST)


async def test_any_entry_option_admits(vendor, visitor) -> None:
    page = await visitor.get(vendor.add("interview", *INTERVIEW))
    assert "Use any one of these ways to join" in page.text
    for offer in ("Sign in with Google", "Sign in with Microsoft", "Sign in with LinkedIn"):
        assert page.text.count(offer) == 1
    assert "Facebook" not in page.text
    assert page.text.count("Join with a passcode") == 1
    await visitor.post(page.url, by="open", option="5", name="Gus")
    assert [(visit.name, visit.role) for visit in vendor.visits()] == [("Gus", Role.GUEST)]


@pytest.mark.parametrize(
    "fields",
    [
        {"by": "open", "option": "0", "name": "Eve"},
        {"by": "open", "option": "-1", "name": "Eve"},
        {"by": "open", "option": "9", "name": "Eve"},
        {"by": "open", "name": "Eve"},
        {"by": "token", "token": "", "name": "Eve"},
        {"by": "sign-in", "name": "Eve"},
        {"by": "magic", "name": "Eve"},
        {"name": "Eve"},
        {},
    ],
)
async def test_form_for_absent_option_is_refused(vendor, visitor, fields) -> None:
    page = await visitor.post(vendor.add("hall", EntryOption(rule=Passcode("x"))), **fields)
    assert page.status in {400, 403}
    assert page.alert
    assert vendor.visits() == []


async def test_token_admits_once(vendor, visitor) -> None:
    url = vendor.add_token_room("vault", "AB12CD", "EF34GH")
    vendor.add_token("vault", "JK56LM", sent_to="ann@example.com")
    unknown = await visitor.post(url, by="token", name="Eve", token="ab12cd")
    assert (unknown.status, "not known" in unknown.alert) == (403, True)
    for code in ("AB12CD", "JK56LM"):
        assert (await visitor.post(url, by="token", name="Ann", token=code)).status == 200
    again = await visitor.post(url, by="token", name="Eve", token="AB12CD")
    assert (again.status, "used already" in again.alert) == (403, True)
    assert [visit.email for visit in vendor.visits()] == [None, "ann@example.com"]
    used = [
        token.first_used_at for token in vendor.world.tokens[vendor.join_links["vault"].room_id]
    ]
    assert used == [vendor.world.now, None, vendor.world.now]


async def test_token_in_link_is_not_typed(vendor, visitor) -> None:
    url = vendor.add("vault", EntryOption(rule=PersonalToken(), token=Secret("AB12CD")))
    vendor.add_token("vault", "AB12CD")
    page = await visitor.get(url)
    assert 'name="token"' not in page.html
    assert (await visitor.post(url, by="token", name="Ann")).status == 200
    assert (await visitor.post(url, by="token", name="Eve")).status == 403


async def test_closed_room_admits_nobody(vendor, visitor) -> None:
    url = vendor.add("hall", status=RoomStatus.ENDED)
    for page in (
        await visitor.get(url),
        await visitor.post(url, by="open", option="0", name="Ann"),
    ):
        assert page.status == 409
        assert "closed" in page.alert
        assert "<form" in page.html
    assert vendor.visits() == []


async def test_full_room_admits_after_somebody_leaves(vendor, visitor) -> None:
    url = vendor.add("booth", capacity=1)
    first = await visitor.post(url, by="open", option="0", name="Ann")
    full = await visitor.post(url, by="open", option="0", name="Ben")
    assert (full.status, "full" in full.alert) == (409, True)
    await visitor.post(first.url)
    assert (await visitor.post(url, by="open", option="0", name="Ben")).status == 200


async def test_unknown_link_is_not_found(vendor, visitor) -> None:
    vendor.add("hall")
    vendor.join_links["gone"] = vendor.join_links["hall"]
    vendor.world.remove_room(vendor.join_links["hall"].room_id)
    for path in ("/join/acme/no", "/join/acme/gone", "/join/acme/", "/join/acme", "/join/x/y"):
        page = await visitor.get(path)
        assert (page.status, page.title) == (404, "Not found")


async def test_link_with_query_only_opens(vendor, visitor) -> None:
    """VConnct's links are of this kind; a sign-in has to find back to them, too."""
    vendor.add("", EntryOption(rule=SignIn("google")), name="Hall")
    page = await visitor.sign_in(f"{vendor.join_url()}?meetingID=1", "Google", "ann@example.com")
    await visitor.post(page.url, by="sign-in", name="Ann")
    assert vendor.queries[-1] == {"meetingID": "1"}
    assert [visit.name for visit in vendor.visits()] == ["Ann"]


async def test_link_not_open_yet_says_why(vendor, visitor) -> None:
    vendor.join_links["soon"] = Conflict("the meeting has not begun")
    page = await visitor.get(vendor.join_url("soon"))
    assert page.status == 409
    assert "The meeting has not begun." in page.text


async def test_link_without_options_admits_nobody(vendor, visitor) -> None:
    url = vendor.add("wall")
    object.__setattr__(vendor.join_links["wall"], "entry_options", ())
    page = await visitor.get(url)
    assert "Nobody can join by this link" in page.text
    assert (await visitor.post(url, by="open", option="0", name="Eve")).status == 403


async def test_vendor_can_refuse_entry(vendor, visitor) -> None:
    url = vendor.add("hall", EntryOption(rule=Anyone(), role=Role.GUEST))
    visits: list[Any] = []

    def refuse(*arguments: Any) -> Any:
        visits.append(arguments[1:])
        raise Conflict("the host is not there yet")

    vendor.enter = refuse  # type: ignore[method-assign]
    page = await visitor.post(url, by="open", option="0", name="Ann")
    assert (page.status, page.alert) == (409, "The host is not there yet.")
    assert visits == [(vendor.join_links["hall"].entry_options[0], "Ann", None)]


@pytest.mark.parametrize("key", ["a b", "ä/ö", "50%", "q?x=1#y", "..%2f", "'\"<>"])
async def test_link_parts_keep_their_characters(vendor, visitor, key) -> None:
    url = vendor.join_url(key)
    assert url.startswith(f"{vendor.origin}/join/acme/")
    vendor.add(key)
    page = await visitor.get(f"{url}?l=a%20b&p=1%2B1&e=")
    assert page.status == 200
    assert vendor.queries[-1] == {"l": "a b", "p": "1+1", "e": ""}
    inside = await visitor.post(page.url, by="open", option="0", name="Ann")
    assert inside.status == 200
    left = await visitor.post(inside.url)
    assert (await visitor.get(left.link("Join again"))).status == 200
