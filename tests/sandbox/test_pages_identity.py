"""Signing in at the stand-in for identity providers, and forged sign-ins."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

import pytest
from join_vendor import INTERVIEW

from conferencing import IdentityProvider, Role, SignIn
from conferencing.sandbox import EntryOption, Sandbox, ServedSimulator
from conferencing.sandbox.pages import Site


@pytest.mark.parametrize(
    ("identity", "email", "name"),
    [
        ("Google", "jack@example.com", "Jack Sparrow"),
        ("Google", "JACK@Example.com", "Jack Sparrow"),
        ("Microsoft", "zumi@example.com", "Zumi Zami"),
    ],
)
async def test_invited_user_joins_by_name(vendor, visitor, identity, email, name) -> None:
    join_target = vendor.add("interview", *INTERVIEW)
    page = await visitor.sign_in(join_target, identity, email)
    assert page.status == 200
    assert f"Join as {name}" in page.text
    assert 'name="name"' not in page.html
    assert vendor.visits() == []
    await visitor.post(page.url, by="sign-in")
    (visit,) = vendor.visits()
    assert (visit.name, visit.email, visit.role) == (name, email.lower(), Role.PRESENTER)


@pytest.mark.parametrize(
    ("identity", "email"),
    [("Google", "mallory@example.com"), ("Microsoft", "jack@example.com")],
)
async def test_uninvited_user_is_refused(vendor, visitor, identity, email) -> None:
    join_target = vendor.add("interview", *INTERVIEW)
    page = await visitor.sign_in(join_target, identity, email)
    assert page.status == 403
    assert email in page.alert
    assert (await visitor.post(page.url, by="sign-in", name="Mallory")).status == 403
    assert vendor.visits() == []
    # The page with the refusal still has the other forms.
    assert (await visitor.post(page.url, by="passcode", passcode="112233")).status == 200


async def test_user_of_open_sign_in_types_name(vendor, visitor) -> None:
    join_target = vendor.add("interview", *INTERVIEW)
    page = await visitor.sign_in(join_target, "LinkedIn", "new@example.com")
    assert 'name="name"' in page.html
    await visitor.post(page.url, by="sign-in", name="New Here")
    (visit,) = vendor.visits()
    assert (visit.name, visit.email, visit.role) == ("New Here", "new@example.com", Role.ATTENDEE)


@pytest.mark.parametrize(
    "identity", [identity for identity in IdentityProvider if identity != "unknown"]
)
async def test_identity_page_says_it_is_a_stand_in(vendor, visitor, identity) -> None:
    join_target = vendor.add("hall", EntryOption(rule=SignIn(identity)))
    page = await visitor.get((await visitor.get(join_target)).link("Sign in with"))
    assert page.status == 200
    assert page.title.casefold() == f"sign in: stand-in for {identity}"
    assert "This page is not" in page.text
    assert 'type="password"' not in page.html


@pytest.mark.parametrize("typed", ["", "ann", "a@", "@b", "a b@c", "a@b\n@c", "a" * 250 + "@b.de"])
async def test_invalid_email_is_asked_for_again(vendor, visitor, typed) -> None:
    join_target = vendor.add("hall", EntryOption(rule=SignIn("google")))
    page = await visitor.sign_in(join_target, "Google", typed)
    assert page.status == 400
    assert "/identity/" in page.url
    assert "type an e-mail address" in page.text


@pytest.mark.parametrize("change", ["payload", "signature", "nothing", "other", "text"])
async def test_forged_sign_in_is_refused(vendor, visitor, change) -> None:
    join_target = vendor.add("hall", EntryOption(rule=SignIn("google")))
    page = await visitor.sign_in(join_target, "Google", "ann@example.com")
    assertion = page.url.partition("signed_in=")[2]
    payload, _, signature = assertion.partition(".")
    forged = {
        "payload": f"A{payload[1:]}.{signature}",
        "signature": f"{payload}.{'A' * len(signature)}",
        "nothing": "",
        "other": f"{payload}.",
        "text": "%C3%A4.%C3%B6",
    }[change]
    page = await visitor.get(f"{join_target}?signed_in={forged or '.'}")
    assert page.status == 403
    assert "not made here" in page.alert


async def test_sign_in_is_valid_for_one_room(vendor, visitor) -> None:
    first, second = (
        vendor.add(key, EntryOption(rule=SignIn("google"))) for key in ("first", "second")
    )
    page = await visitor.sign_in(first, "Google", "ann@example.com")
    moved = await visitor.get(f"{second}?{urlsplit(page.url).query}")
    assert (moved.status, "another room" in moved.alert) == (403, True)


async def test_sign_in_is_valid_for_one_sandbox(vendor, visitor) -> None:
    join_target = vendor.add("hall", EntryOption(rule=SignIn("google")))
    page = await visitor.sign_in(join_target, "Google", "ann@example.com")
    async with Sandbox(["clickmeeting"]) as other:
        other.simulators["acme"] = ServedSimulator(vendor)
        moved = await visitor.get(f"{other.origin}{page.url.removeprefix(vendor.origin)}")
    assert (moved.status, "not made here" in moved.alert) == (403, True)


async def test_sign_in_expires(sandbox, vendor, visitor) -> None:
    now = [0.0]
    sandbox._site = Site(sandbox.simulators, clock=lambda: now[0])
    join_target = vendor.add("hall", EntryOption(rule=SignIn("google")))
    page = await visitor.sign_in(join_target, "Google", "ann@example.com")
    now[0] = 299.0
    assert (await visitor.get(page.url)).status == 200
    now[0] = 301.0
    late = await visitor.post(page.url, by="sign-in", name="Ann")
    assert (late.status, "expired" in late.alert) == (403, True)
    assert vendor.visits() == []


@pytest.mark.parametrize(
    "target",
    ["", "https://evil.example/", "//evil.example/join/acme/hall", "/", "/join/acme",
     "/join/nobody/hall", "/join/acme/nothing", "/identity/google", "javascript:alert(1)"],
)  # fmt: skip
async def test_sign_in_leads_to_join_pages_only(vendor, visitor, target) -> None:
    vendor.add("hall", EntryOption(rule=SignIn("google")))
    url = f"/identity/google?to={quote(target, safe='')}"
    for page in (await visitor.get(url), await visitor.post(url, email="ann@example.com")):
        assert page.status == 404
        assert page.url.startswith(f"{vendor.origin}/identity/")


@pytest.mark.parametrize("name", ["unknown", "github", "GOOGLE", ""])
async def test_unknown_identity_provider_is_not_found(vendor, visitor, name) -> None:
    url = f"/identity/{name}?to={quote('/join/acme/hall')}"
    vendor.add("hall", EntryOption(rule=SignIn("google")))
    assert (await visitor.get(url)).status == 404
