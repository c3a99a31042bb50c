"""The signature of v4: it covers the bytes that are sent, or what the vendor's SDK signs instead."""

from __future__ import annotations

import asyncio
import hmac
import json
from base64 import b64encode
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from raw_requests import send_raw

from conferencing import Conference, ConfigurationError, NotFound, Secret, connect
from conferencing.http import GET, POST, Outgoing
from conferencing.sandbox import Call, Sandbox, ServedSimulator
from conferencing_vconnct.simulator import VConnctSimulator
from conferencing_vconnct.v4 import Signature
from conferencing_vconnct.v4.signature import sign
from conferencing_vconnct.v4.simulator.signature import is_signed

VECTOR = "AcHdFu6ODCVKlhs4CxQgk4vGC/FtlmOPsFQfVQTH/zo="
SIGNED = "/api/v4/rooms/get_active_room_info?room_id=r 1"
INFO = "/api/v4/rooms/get_active_room_info"
PAST = "/api/v4/rooms/fetch_past_rooms"
AWKWARD = ["r 1", "a&b=c", "ż/ó", "100%", "%41", "+", "a+b c", "#?", "'\"", "\u202e\U0001f600", "="]
SIMULATOR = VConnctSimulator()
BASE = "/vconnct/api/v4"
SIGNER = Signature(Secret(SIMULATOR.key), Secret(SIMULATOR.secret), BASE)

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
QUERIES = st.dictionaries(TEXT, TEXT, max_size=4)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
BODIES = st.dictionaries(TEXT, JSON, min_size=1, max_size=4)


# ------------------------------------------------------------------------------- the pure signature


def test_known_vector_is_signed() -> None:
    assert sign(Secret("secret1"), SIGNED) == VECTOR


@pytest.mark.parametrize("text", [f" {SIGNED}\r\n", f"\n{SIGNED}\t", f"\r\n{SIGNED}  "])
def test_outer_white_space_is_not_signed(text) -> None:
    assert sign(Secret("secret1"), text) == VECTOR


def test_line_ends_are_signed_alike() -> None:
    kinds = {sign(Secret("s"), f"a{end}b") for end in ("\n", "\r\n")}
    assert len(kinds) == 1
    assert sign(Secret("s"), "a\rb") not in kinds


def test_other_secret_or_text_differs() -> None:
    assert sign(Secret("secret2"), SIGNED) != VECTOR
    assert sign(Secret("secret1"), SIGNED.replace(" ", "+")) != VECTOR


def test_signature_needs_and_hides_the_secret() -> None:
    with pytest.raises(ConfigurationError) as caught:
        Signature(Secret("key"), Secret(""), BASE)
    assert caught.value.field == "secret"
    shown = f"{SIGNER!r}{vars(SIGNER)!r}"
    assert not any(credential in shown for credential in (SIMULATOR.key, SIMULATOR.secret))


# --------------------------------------------------------------------- what leaves and what arrives


@given(request=st.builds(lambda query: GET("/rooms/x", query=query), QUERIES)
       | st.builds(lambda body: POST("/rooms/{name}", name="a b/ż", json=body), BODIES))  # fmt: skip
def test_only_signed_bytes_are_accepted(request) -> None:
    outgoing = request.encode()
    call = received(outgoing)
    assert is_signed(SIMULATOR, call)
    for changed in tampered(outgoing):
        assert not is_signed(SIMULATOR, received(changed, call.headers))


@given(query=QUERIES, place=st.integers(0, 43))
def test_changed_signature_is_refused(query, place) -> None:
    outgoing = GET("/rooms/x", query=query).encode()
    good = SIGNER.headers(outgoing)["hash-signature"]
    bad = good[:place] + ("A" if good[place] != "A" else "B") + good[place + 1 :]
    assert not is_signed(SIMULATOR, received(outgoing, {"hash-signature": bad}))
    assert not is_signed(SIMULATOR, received(outgoing, {}))


@pytest.mark.parametrize("room_id", AWKWARD)
async def test_awkward_id_is_signed_as_sent(v4, served, world, room_id) -> None:
    new_id, world.new_id = world.new_id, lambda kind: room_id if kind == "room" else new_id(kind)
    await v4.create_room("Class")
    assert (await v4.get_room(room_id)).id == room_id
    (request,) = [request for request in served.requests if request.method == "GET"]
    assert request.headers["hash-signature"] == made(served, f"/vconnct{request.target}")


@pytest.mark.parametrize("name", [*AWKWARD, "a\r\nb", " blanks around ", "\t", "\x00"])
async def test_awkward_body_is_signed_as_sent(v4, served, world, name) -> None:
    room = await v4.create_room(name, description=name)
    assert (world.room(room.id).name, world.room(room.id).description) == (name, name)
    (request,) = served.requests
    assert request.headers["hash-signature"] == made(served, request.body.decode())
    assert b'": ' not in request.body.replace(name.encode(), b"")


@settings(max_examples=6)
@given(texts=st.lists(TEXT, min_size=5, max_size=20))
def test_any_id_is_signed_as_sent(texts) -> None:
    """Through a socket: refused as unknown, and never as unsigned."""

    async def ask() -> set[int]:
        sandbox = Sandbox(["vconnct"])
        async with sandbox, connect(sandbox.account("vconnct", "v4")) as client:
            return {await status_of(client, text) for text in texts}

    assert asyncio.run(ask()) == {404}


async def test_base_url_may_end_in_a_slash(sandbox, served) -> None:
    account = sandbox.account("vconnct", "v4")
    async with connect(account | {"base_url": account["base_url"] + "/"}) as client:
        await client.check()
    assert served.requests[0].path == "/api/v4/rooms/get_active_rooms_info"


# ------------------------------------------------------------------- the ways of the vendor's own SDK


@pytest.fixture
def sdk(http: aiohttp.ClientSession, served: ServedSimulator) -> Callable[..., Awaitable[Any]]:
    """Send bytes as they are under a signature of a text. Gives the status and the JSON."""

    async def call(
        method: str, target: str, text: str, body: bytes | None = None
    ) -> tuple[int, Any]:
        headers = {
            "key": served.simulator.key,
            "hash-signature": made(served, text),
            "Content-Type": "application/json",
        }
        reply = await send_raw(http, method, f"{served.simulator.root}{target}", headers, body)
        return reply.status, reply.body

    return call


async def test_query_may_be_signed_unescaped(sdk, served, world, v4) -> None:
    served.simulator.quirks["refuse_unknown"] = True
    new_id, world.new_id = world.new_id, lambda kind: "r 1" if kind == "room" else new_id(kind)
    await v4.create_room("Class")
    status, reply = await sdk("GET", f"{INFO}?room_id=r+1", f"/vconnct{INFO}?room_id=r 1")
    assert (status, reply["result"]["room_info"]["room_id"]) == (200, "r 1")
    escaped = f"{INFO}?room_id=r%201"
    assert (await sdk("GET", escaped, f"/vconnct{escaped}"))[0] == 200
    target = f"{INFO}?" + urlencode({"room_id": "r 1", "a": "b c"})
    status, _ = await sdk("GET", target, f"/vconnct{INFO}?a=b c&room_id=r 1")
    assert status == 400  # signed as it should be, and `a` is unknown
    assert (await sdk("GET", target, f"/vconnct{INFO}?room_id=r 1&a=b c"))[0] == 401


async def test_from_may_have_an_underscore(sdk, cloud) -> None:
    body = {"project_id": "project-1", "room_ids": [cloud.past.id]}
    for name in ("from", "from_"):
        text = json.dumps(body | {name: 1})
        status, reply = await sdk("POST", PAST, text, text.encode())
        assert (status, reply["rooms"]["from"], reply["rooms"]["rooms_list"]) == (200, 1, [])


@pytest.mark.parametrize("method", ["POST", "PATCH"])
async def test_multipart_may_be_labelled_as_json(sdk, served, method) -> None:
    part = 'Content-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
    parts = [part.format("project_id", "project-1"), part.format("logo", "PNG")]
    body = "".join(f"--limit\r\n{part}" for part in parts) + "--limit--\r\n"
    status, _ = await sdk(method, "/api/v4/branding", "project-1", body.encode())
    assert (status, served.simulator.branding) == (200, {"logo": 3})
    assert (await sdk(method, "/api/v4/branding", body, body.encode()))[0] == 401


# --------------------------------------------------------------------------------------- helpers


def received(outgoing: Outgoing, headers: Any = None) -> Call:
    """Return the call as the simulator gets it: below its own name, with the bytes as they are."""
    path, _, query = outgoing.target.partition("?")
    return Call(
        method=outgoing.method,
        path=f"/api/v4{path}",
        query=query,
        headers=SIGNER.headers(outgoing) if headers is None else headers,
        body=outgoing.body or b"",
    )


def tampered(outgoing: Outgoing) -> list[Outgoing]:
    """Return the request with each byte changed in turn: of its body, or else of its target."""
    whole = outgoing.target.encode() if outgoing.body is None else outgoing.body
    changed = [
        whole[:place] + (b"x" if whole[place : place + 1] != b"x" else b"y") + whole[place + 1 :]
        for place in range(len(whole))
    ]
    if outgoing.body is None:
        return [replace(outgoing, target=text.decode()) for text in changed]
    return [replace(outgoing, body=text) for text in changed]


def made(served: ServedSimulator, text: str) -> str:
    """Sign a text as the vendor's documents say."""
    plain = text.replace("\r\n", "\n").strip()
    digest = hmac.digest(served.simulator.secret.encode(), plain.encode(), "sha256")
    return b64encode(digest).decode()


async def status_of(client: Conference, room_id: str) -> int:
    with pytest.raises(NotFound, match="HTTP") as caught:
        await client.get_room(room_id)
    return caught.value.status
