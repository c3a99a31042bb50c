"""The site as a whole: the start page, what every page carries, and who may post."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from join_vendor import JoinVendor

from conferencing import ConfigurationError, JoinLink, Passcode, RoomStatus, SignIn, connect
from conferencing.sandbox import EntryOption, Sandbox
from conferencing.sandbox.pages.html import Html, join_html, tag, void

HOSTILE = "\"><script>alert('1')</script><b onclick=x>&amp;\u202e"


@pytest.fixture
async def pages(vendor: JoinVendor, visitor: Any) -> list[Any]:
    """One page of each sort, with hostile names wherever a name can be."""
    entry_options = (
        EntryOption(),
        EntryOption(rule=Passcode("x")),
        EntryOption(rule=SignIn("google")),
    )
    url = vendor.add("hall", *entry_options, name=HOSTILE)
    room = vendor.join_links["hall"].room_id
    vendor.world.post("invitation", HOSTILE, room, link=JoinLink(url=url))
    inside = await visitor.post(url, by="open", option="0", name=HOSTILE)
    gone = await visitor.post(url, by="open", option="0", name=HOSTILE)
    identity = await visitor.get((await visitor.get(url)).link("Sign in with Google"))
    return [
        inside,
        await visitor.post(gone.url, rating="3", comment=HOSTILE),
        identity,
        await visitor.post(identity.url, email=HOSTILE),
        await visitor.get(url),
        await visitor.post(url, by="passcode", name=HOSTILE, passcode=HOSTILE),
        await visitor.get("/"),
        await visitor.get("/room/nobody"),
    ]


async def test_pages_have_security_headers(pages: list[Any]) -> None:
    for page in pages:
        policy = page.headers["Content-Security-Policy"].split("; ")
        assert "default-src 'none'" in policy
        assert "form-action 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "base-uri 'none'" in policy
        assert not any("unsafe" in rule or "*" in rule for rule in policy)
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["Content-Type"] == "text/html; charset=utf-8"


async def test_names_are_escaped(pages: list[Any]) -> None:
    shown = 0
    for page in pages:
        assert "<script" not in page.html
        assert "<b " not in page.html
        shown += page.html.count("&lt;script&gt;")
    assert shown > 10


async def test_pages_have_one_heading_and_a_language(pages: list[Any]) -> None:
    for page in pages:
        assert page.html.startswith('<!doctype html>\n<html lang="en">')
        assert page.html.count("<h1") == page.html.count("<main") == 1
        assert "width=device-width" in page.html
        assert "style=" not in page.html


async def test_start_page_lists_rooms_and_people(vendor: JoinVendor, visitor: Any) -> None:
    first = await visitor.get("/")
    assert "No rooms yet" in first.text
    assert "simulators" in first.text
    url = vendor.add("hall", name="Town hall")
    vendor.add("shed", name="Shed", status=RoomStatus.ENDED)
    vendor.add("next", name="Next week", starts_at=vendor.world.now + timedelta(days=7))
    room = vendor.join_links["hall"].room_id
    for name, rating in (("Ann", 4), ("Ben", None)):
        vendor.world.leave(vendor.world.enter(room, name).id, rating)
    vendor.world.end_session(room)
    vendor.world.enter(room, "Zoë")
    vendor.world.post("invitation", "ann@example.com", room, link=JoinLink(url=f"{url}?r=1"))
    page = await visitor.get("/")
    for text in ("live Town hall", "closed Shed", "planned Next week", "Inside: 1 Z Zoë"):
        assert text in page.text
    assert "Past sessions: 1" in page.text
    assert "rated 4 of 5" in page.text
    assert page.link("Open the link") == f"{url}?r=1"


async def test_outbox_links_join_pages_only(vendor: JoinVendor, visitor: Any) -> None:
    vendor.add("hall")
    url = "https://evil.example/join/acme/hall"
    room = vendor.join_links["hall"].room_id
    vendor.world.post("invitation", "ann@example.com", room, link=JoinLink(url=url))
    page = await visitor.get("/")
    assert "ann@example.com" in page.text
    assert url not in page.html


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
    ],
)
async def test_cross_site_form_is_refused(
    vendor: JoinVendor, visitor: Any, headers: dict[str, str]
) -> None:
    url = vendor.add("hall")
    inside = await visitor.post(url, by="open", option="0", name="Ann")
    for target in (url, inside.url, "/identity/google?to=/join/acme/hall"):
        data = {"by": "open", "option": "0", "name": "Eve", "email": "eve@example.com"}
        page = await visitor.send("POST", target, data=data, headers=headers)
        assert page.status == 403
        assert "another site" in page.text
    assert [(visit.name, visit.left_at) for visit in vendor.visits()] == [("Ann", None)]


@pytest.mark.parametrize("site", ["same-origin", "none"])
async def test_own_form_is_accepted_without_origin(
    vendor: JoinVendor, visitor: Any, site: str
) -> None:
    headers = {"Origin": "null", "Sec-Fetch-Site": site}
    data = {"by": "open", "option": "0", "name": "Ann"}
    page = await visitor.send("POST", vendor.add("hall"), data=data, headers=headers)
    assert page.status == 200
    port = urlsplit(vendor.origin).port
    own = {"Origin": f"http://localhost:{port}", "Host": f"localhost:{port}"}
    url = vendor.join_url("hall")
    assert (await visitor.send("POST", url, data=data, headers=own)).status == 200


@pytest.mark.parametrize(
    ("method", "options", "status"),
    [
        ("PUT", {}, 405),
        ("DELETE", {}, 405),
        ("POST", {"json": {"by": "open"}}, 415),
        ("POST", {"data": b"by=open", "headers": {"Content-Type": "text/plain"}}, 415),
        ("POST", {"data": {f"f{i}": "" for i in range(100)}}, 400),
    ],
)
async def test_request_without_form_is_refused(
    vendor: JoinVendor, visitor: Any, method: str, options: Any, status: int
) -> None:
    page = await visitor.send(method, vendor.add("hall"), **options)
    assert page.status == status
    assert vendor.visits() == []


async def test_head_has_no_body(vendor: JoinVendor, visitor: Any) -> None:
    page = await visitor.send("HEAD", vendor.add("hall"))
    assert (page.status, page.html) == (200, "")


@pytest.mark.parametrize("path", ["/join", "/join/", "/identity", "/room", "/room/a/b", "/join/no"])
async def test_unknown_page_is_not_found(visitor: Any, sandbox: Sandbox, path: str) -> None:
    page = await visitor.get(path)
    assert (page.status, page.title) == (404, "Not found")
    for target in ("/", "/style.css"):
        assert (await visitor.post(target)).status == 404


async def test_style_sheet_loads_nothing(visitor: Any) -> None:
    sheet = await visitor.get("/style.css")
    assert sheet.headers["Content-Type"] == "text/css; charset=utf-8"
    assert "prefers-color-scheme: dark" in sheet.html
    assert "url(" not in sheet.html
    assert "@import" not in sheet.html


async def test_pages_leave_requests_and_faults_alone(vendor: JoinVendor, visitor: Any) -> None:
    async with Sandbox(["clickmeeting"]) as sandbox:
        served = sandbox["clickmeeting"]
        served.fail("reset")
        async with connect(sandbox.account("clickmeeting")):
            assert (await visitor.get(f"{sandbox.origin}/")).status == 200
        assert (served.requests, len(served.faults)) == ([], 1)


@pytest.mark.parametrize("name", ["control", "join", "identity", "room", "style.css", "Join"])
def test_reserved_provider_name_is_refused(name: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Sandbox([name])
    assert repr(name) in str(caught.value)
    assert "another name" in str(caught.value)
    assert caught.value.provider == name


# ------------------------------------------------------------------------------- writing of HTML


@pytest.mark.parametrize(
    ("element", "text"),
    [
        (tag("p", "a < b & c"), "<p>a &lt; b &amp; c</p>"),
        (tag("p", tag("b", "x"), None, ["y", Html("<i>")]), "<p><b>x</b>y<i></p>"),
        (tag("a", class_="x", aria_label='"'), '<a class="x" aria-label="&quot;"></a>'),
        (void("input", required=True, checked=False, value=None), "<input required>"),
        (join_html(f"{tag('b')}!"), "&lt;b&gt;&lt;/b&gt;!"),
        (tag("p", Html("<b>") + "<i>"), "<p>&lt;b&gt;&lt;i&gt;</p>"),
        (tag("p"), "<p></p>"),
    ],
)
def test_html_escapes_strings(element: Html, text: str) -> None:
    assert element == text
