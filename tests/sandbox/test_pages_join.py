"""The join page: who is asked for what, who comes in and as what, and who does not."""

from __future__ import annotations

from typing import Any

import pytest
from harness import INTERVIEW, JACK, JOHN, Harness

from conferencing import Anyone, Passcode, PersonalToken, Role, RoomStatus, SignIn
from conferencing.errors import Conflict
from conferencing.model.secret import Secret
from conferencing.sandbox import EntryOption


async def test_an_open_door_asks_for_a_name_and_lets_in(harness: Harness, visitor: Any) -> None:
    url = harness.add("hall", name="Town hall")
    page = await visitor.get(url)
    assert (page.status, page.title) == (200, "Join: Town hall")
    assert 'name="name"' in page.html
    assert 'name="passcode"' not in page.html
    inside = await visitor.post(url, by="open", way="0", name="  Ann Lee ")
    assert inside.status == 200
    assert "/room/" in inside.url
    (visit,) = harness.visits()
    assert (visit.name, visit.email, visit.role) == ("Ann Lee", None, Role.ATTENDEE)
    assert harness.world.running(harness.join_links["hall"].room_id) is not None


@pytest.mark.parametrize(
    ("name", "says"),
    [("", "type your name"), ("   ", "type your name"), ("x" * 101, "100"), ("a\x07b", "control")],
)
async def test_a_name_that_is_none_is_asked_for_again(
    harness: Harness, visitor: Any, name: str, says: str
) -> None:
    url = harness.add("hall")
    page = await visitor.post(url, by="open", way="0", name=name)
    assert page.status == 400
    assert says in page.alert
    assert 'aria-invalid="true"' in page.html
    assert harness.visits() == []


async def test_a_wrong_passcode_is_refused_and_what_was_typed_is_kept(
    harness: Harness, visitor: Any
) -> None:
    url = harness.add("hall", EntryOption(rule=Passcode("open sesame")))
    page = await visitor.post(url, by="passcode", name="Ann", passcode="open")
    assert page.status == 403
    assert "passcode is not right" in page.alert
    assert 'value="Ann"' in page.html
    assert "sesame" not in page.html
    assert harness.visits() == []
    inside = await visitor.post(url, by="passcode", name="Ann", passcode="open sesame")
    assert inside.status == 200
    assert [one.name for one in harness.visits()] == ["Ann"]


@pytest.mark.parametrize(
    ("code", "name", "role"),
    [("112233", "John Smith", Role.ATTENDEE), ("host-1", "Rita", Role.HOST)],
)
async def test_a_passcode_of_ones_own_says_who_comes(
    harness: Harness, visitor: Any, code: str, name: str, role: Role
) -> None:
    url = harness.add("interview", *INTERVIEW)
    page = await visitor.post(url, by="passcode", passcode=code, name="Somebody else")
    assert page.status == 200
    (visit,) = harness.visits()
    assert (visit.name, visit.role) == (name, role)


async def test_two_passcodes_of_one_room_give_two_roles(harness: Harness, visitor: Any) -> None:
    entry_options = (
        EntryOption(rule=Passcode("att")),
        EntryOption(rule=Passcode("mod"), role=Role.HOST),
    )
    url = harness.add("class", *entry_options)
    for code in ("mod", "att"):
        await visitor.post(url, by="passcode", name=f"Who has {code}", passcode=code)
    assert [one.role for one in harness.visits()] == [Role.HOST, Role.ATTENDEE]


@pytest.mark.parametrize(
    ("typed", "status", "came"),
    [("jack sparrow", 200, ["Jack Sparrow"]), ("Eve", 403, []), ("", 403, [])],
)
async def test_people_who_share_a_passcode_are_told_apart_by_name(
    harness: Harness, visitor: Any, typed: str, status: int, came: list[str]
) -> None:
    entry_options = [EntryOption(rule=Passcode("both"), person=person) for person in (JACK, JOHN)]
    url = harness.add("pair", *entry_options)
    assert "As it is in your invitation" in (await visitor.get(url)).text
    page = await visitor.post(url, by="passcode", passcode="both", name=typed)
    assert page.status == status
    assert [one.name for one in harness.visits()] == came


async def test_a_named_guest_is_asked_for_nothing(harness: Harness, visitor: Any) -> None:
    url = harness.add("standup", EntryOption(person=JACK, role=Role.GUEST))
    page = await visitor.get(url)
    assert "Come in as Jack Sparrow" in page.text
    assert 'name="name"' not in page.html
    await visitor.post(url, by="open", way="0")
    (visit,) = harness.visits()
    assert (visit.name, visit.email, visit.role) == ("Jack Sparrow", JACK.email, Role.GUEST)


async def test_all_ways_are_offered_and_any_one_lets_in(harness: Harness, visitor: Any) -> None:
    page = await visitor.get(harness.add("interview", *INTERVIEW))
    assert "Any one of these ways lets you in" in page.text
    for offer in ("Sign in with Google", "Sign in with Microsoft", "Sign in with LinkedIn"):
        assert page.text.count(offer) == 1
    assert "Facebook" not in page.text
    assert page.text.count("Come in with a passcode") == 1
    await visitor.post(page.url, by="open", way="5", name="Gus")
    assert [(one.name, one.role) for one in harness.visits()] == [("Gus", Role.GUEST)]


@pytest.mark.parametrize(
    "fields",
    [
        {"by": "open", "way": "0", "name": "Eve"},
        {"by": "open", "way": "-1", "name": "Eve"},
        {"by": "open", "way": "9", "name": "Eve"},
        {"by": "open", "name": "Eve"},
        {"by": "token", "token": "", "name": "Eve"},
        {"by": "sign-in", "name": "Eve"},
        {"by": "magic", "name": "Eve"},
        {"name": "Eve"},
        {},
    ],
)
async def test_no_form_lets_in_by_a_way_that_the_door_has_not(
    harness: Harness, visitor: Any, fields: dict[str, str]
) -> None:
    page = await visitor.post(harness.add("hall", EntryOption(rule=Passcode("x"))), **fields)
    assert page.status in {400, 403}
    assert page.alert
    assert harness.visits() == []


async def test_a_token_lets_in_once(harness: Harness, visitor: Any) -> None:
    url = harness.add_token_room("vault", "AB12CD", "EF34GH")
    harness.add_token("vault", "JK56LM", sent_to="ann@example.com")
    unknown = await visitor.post(url, by="token", name="Eve", token="ab12cd")
    assert (unknown.status, "not known" in unknown.alert) == (403, True)
    for code in ("AB12CD", "JK56LM"):
        assert (await visitor.post(url, by="token", name="Ann", token=code)).status == 200
    again = await visitor.post(url, by="token", name="Eve", token="AB12CD")
    assert (again.status, "used already" in again.alert) == (403, True)
    assert [one.email for one in harness.visits()] == [None, "ann@example.com"]
    used = [one.first_used_at for one in harness.world.tokens[harness.join_links["vault"].room_id]]
    assert used == [harness.world.now, None, harness.world.now]


async def test_a_token_in_the_link_is_not_asked_for(harness: Harness, visitor: Any) -> None:
    url = harness.add("vault", EntryOption(rule=PersonalToken(), brought=Secret("AB12CD")))
    harness.add_token("vault", "AB12CD")
    page = await visitor.get(url)
    assert 'name="token"' not in page.html
    assert (await visitor.post(url, by="token", name="Ann")).status == 200
    assert (await visitor.post(url, by="token", name="Eve")).status == 403


async def test_a_closed_room_lets_in_nobody(harness: Harness, visitor: Any) -> None:
    url = harness.add("hall", status=RoomStatus.ENDED)
    for page in (await visitor.get(url), await visitor.post(url, by="open", way="0", name="Ann")):
        assert page.status == 409
        assert "closed" in page.alert
        assert "<form" in page.html
    assert harness.visits() == []


async def test_a_full_room_lets_in_the_next_one_when_somebody_leaves(
    harness: Harness, visitor: Any
) -> None:
    url = harness.add("booth", capacity=1)
    first = await visitor.post(url, by="open", way="0", name="Ann")
    full = await visitor.post(url, by="open", way="0", name="Ben")
    assert (full.status, "full" in full.alert) == (409, True)
    await visitor.post(first.url)
    assert (await visitor.post(url, by="open", way="0", name="Ben")).status == 200


async def test_a_link_into_nowhere_is_not_found(harness: Harness, visitor: Any) -> None:
    harness.add("hall")
    harness.join_links["gone"] = harness.join_links["hall"]
    harness.world.remove_room(harness.join_links["hall"].room_id)
    for path in ("/join/house/no", "/join/house/gone", "/join/house/", "/join/house", "/join/x/y"):
        page = await visitor.get(path)
        assert (page.status, page.title) == (404, "Not found")


async def test_a_link_may_have_a_query_alone(harness: Harness, visitor: Any) -> None:
    """VConnct's links are of this kind; a sign-in has to find back to them, too."""
    harness.add("", EntryOption(rule=SignIn("google")), name="Hall")
    page = await visitor.sign_in(f"{harness.join_url()}?meetingID=1", "Google", "ann@example.com")
    await visitor.post(page.url, by="sign-in", name="Ann")
    assert harness.queries[-1] == {"meetingID": "1"}
    assert [one.name for one in harness.visits()] == ["Ann"]


async def test_a_door_that_is_not_open_now_says_so(harness: Harness, visitor: Any) -> None:
    harness.join_links["soon"] = Conflict("the meeting has not begun")
    page = await visitor.get(harness.join_url("soon"))
    assert page.status == 409
    assert "The meeting has not begun." in page.text


async def test_a_door_without_ways_lets_in_nobody(harness: Harness, visitor: Any) -> None:
    url = harness.add("wall")
    object.__setattr__(harness.join_links["wall"], "entry_options", ())
    page = await visitor.get(url)
    assert "There is no way in by this link" in page.text
    assert (await visitor.post(url, by="open", way="0", name="Eve")).status == 403


async def test_a_vendor_may_decide_by_itself_who_comes_in(harness: Harness, visitor: Any) -> None:
    url = harness.add("hall", EntryOption(rule=Anyone(), role=Role.GUEST))
    seen: list[Any] = []

    def refuse(*given: Any) -> Any:
        seen.append(given[1:])
        raise Conflict("the host is not there yet")

    harness.enter = refuse  # type: ignore[method-assign]
    page = await visitor.post(url, by="open", way="0", name="Ann")
    assert (page.status, page.alert) == (409, "The host is not there yet.")
    assert seen == [(harness.join_links["hall"].entry_options[0], "Ann", None)]


@pytest.mark.parametrize("key", ["a b", "ä/ö", "50%", "q?x=1#y", "..%2f", "'\"<>"])
async def test_a_link_is_what_its_parts_were(harness: Harness, visitor: Any, key: str) -> None:
    url = harness.join_url(key)
    assert url.startswith(f"{harness.origin}/join/house/")
    harness.add(key)
    page = await visitor.get(f"{url}?l=a%20b&p=1%2B1&e=")
    assert page.status == 200
    assert harness.queries[-1] == {"l": "a b", "p": "1+1", "e": ""}
    inside = await visitor.post(page.url, by="open", way="0", name="Ann")
    assert inside.status == 200
    left = await visitor.post(inside.url)
    assert (await visitor.get(left.link("Join again"))).status == 200
