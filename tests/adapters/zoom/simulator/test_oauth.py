"""The token endpoint: docs/vendors/zoom.md#oauth"""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode
from datetime import timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import pytest
from attrs import evolve

from conferencing_zoom.simulator import ZoomSimulator
from conferencing_zoom.simulator.state import App

REDIRECT = "https://app.example.com/done"


def basic(client: str, secret: str) -> str:
    return "Basic " + b64encode(f"{client}:{secret}".encode()).decode()


@pytest.fixture
def ask(program: Any, simulator: ZoomSimulator) -> Any:
    """Ask for a token, with the fields as a form or in the query."""

    async def send(*, query: bool = False, authorization: str | None = None, **fields: str) -> Any:
        form = urlencode(fields)
        url = f"{simulator.root}/oauth/token" + (f"?{form}" if query else "")
        header = authorization or basic(simulator.app.id, simulator.app.secret)
        return await program.send(
            "POST",
            url,
            raw=b"" if query else form.encode(),
            Authorization=header,
            **{"Content-Type": "application/x-www-form-urlencoded"},
        )

    return send


@pytest.mark.parametrize("query", [True, False])
async def test_account_gets_a_token(ask: Any, simulator: ZoomSimulator, query: bool) -> None:
    fields = {"grant_type": "account_credentials", "account_id": simulator.account_id}
    reply = await ask(query=query, **fields)
    assert reply.status == 200
    assert reply.body.keys() == {"access_token", "token_type", "expires_in", "scope", "api_url"}
    assert (reply.body["token_type"], reply.body["expires_in"]) == ("bearer", 3599)
    assert "meeting:write:meeting:admin" in reply.body["scope"].split()


async def test_token_lives_for_3599_seconds(
    program: Any, ask: Any, simulator: ZoomSimulator
) -> None:
    older = (await ask(grant_type="account_credentials", account_id=simulator.account_id)).body
    await ask(grant_type="account_credentials", account_id=simulator.account_id)
    program.headers = {"Authorization": f"bearer {older['access_token']}"}
    simulator.world.advance(timedelta(seconds=3598))
    assert (await program("GET", "/users")).status == 200
    simulator.world.advance(timedelta(seconds=1))
    reply = await program("GET", "/users")
    assert (reply.status, reply.body) == (
        401,
        {"code": 124, "message": "Access token has expired."},
    )


@pytest.mark.parametrize(
    ("fields", "error", "reason"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type", "Unsupported grant type"),
        ({}, "unsupported_grant_type", "Unsupported grant type"),
        (
            {"grant_type": "account_credentials", "account_id": "other"},
            "invalid_request",
            "Bad Request",
        ),
        (
            {"grant_type": "authorization_code", "code": "c0de"},
            "invalid_request",
            "Invalid authorization code c0de",
        ),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, "invalid_grant", "Invalid Token!"),
    ],
)
async def test_wrong_grant_is_400(
    ask: Any, fields: dict[str, str], error: str, reason: str
) -> None:
    reply = await ask(**fields)
    assert (reply.status, reply.body) == (400, {"reason": reason, "error": error})


@pytest.mark.parametrize(("quirk", "status"), [(False, 400), (True, 401)])
async def test_wrong_secret_is_invalid_client(
    ask: Any, simulator: ZoomSimulator, quirk: bool, status: int
) -> None:
    simulator.quirks["invalid_client_is_401"] = quirk
    reply = await ask(grant_type="account_credentials", authorization=basic("x", "y"))
    assert reply.status == status
    assert reply.body == {
        "reason": "Invalid client_id or client_secret",
        "error": "invalid_client",
    }


async def test_token_by_get_is_405(program: Any, simulator: ZoomSimulator) -> None:
    assert (await program.send("GET", f"{simulator.root}/oauth/token")).status == 405


async def test_secret_may_hold_odd_characters(ask: Any, simulator: ZoomSimulator) -> None:
    app = App(id="CL1ent_id-77Qx", secret="s3cr3t/With+Odd:Chars", scopes=frozenset())
    simulator.tokens.add_app(app)
    header = "Basic Q0wxZW50X2lkLTc3UXg6czNjcjN0L1dpdGgrT2RkOkNoYXJz"
    assert basic(app.id, app.secret) == header
    reply = await ask(
        authorization=header, grant_type="account_credentials", account_id=simulator.account_id
    )
    assert reply.status == 200


async def test_refresh_token_is_spent_by_its_use(ask: Any, simulator: ZoomSimulator) -> None:
    first = simulator.settings("user")["refresh_token"]
    reply = await ask(grant_type="refresh_token", refresh_token=first)
    second = reply.body["refresh_token"]
    assert reply.status == 200
    assert second != first
    again = await ask(grant_type="refresh_token", refresh_token=first)
    assert (again.status, again.body["error"]) == (400, "invalid_grant")
    assert (await ask(grant_type="refresh_token", refresh_token=second)).status == 200


async def test_code_gives_a_users_token_once(
    program: Any, ask: Any, simulator: ZoomSimulator
) -> None:
    code = simulator.tokens.add_code(simulator.app, simulator.host.id, REDIRECT)
    fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT}
    reply = await ask(**fields)
    program.headers = {"Authorization": f"Bearer {reply.body['access_token']}"}
    assert (await program.get("/users/me"))["email"] == simulator.host.email
    assert reply.body["refresh_token"]
    assert (await ask(**fields)).status == 400


@pytest.mark.parametrize(
    ("late", "redirect", "verifier", "status"),
    [
        (299, REDIRECT, "v" * 43, 200),
        (300, REDIRECT, "v" * 43, 400),
        (0, "https://evil.example.com", "v" * 43, 400),
        (0, REDIRECT, "wrong", 400),
    ],
)
async def test_code_is_checked(
    ask: Any, simulator: ZoomSimulator, *, late: int, redirect: str, verifier: str, status: int
) -> None:
    challenge = urlsafe_b64encode(sha256(b"v" * 43).digest()).rstrip(b"=").decode()
    code = simulator.tokens.add_code(simulator.app, simulator.host.id, REDIRECT, challenge)
    simulator.world.advance(timedelta(seconds=late))
    reply = await ask(
        grant_type="authorization_code", code=code, redirect_uri=redirect, code_verifier=verifier
    )
    assert reply.status == status


async def test_scopes_change_with_the_next_token(program: Any, simulator: ZoomSimulator) -> None:
    older = simulator.tokens.issue(simulator.app.id).access_token
    app = evolve(simulator.app, scopes=frozenset(["user:read:user:admin"]))
    simulator.tokens.add_app(app)
    assert (await program("GET", "/users", Authorization=f"Bearer {older}")).status == 200
    reply = await program("GET", "/users")
    assert reply.status == 400
    assert reply.body == {
        "code": 4711,
        "message": "Invalid access token, does not contain scopes:[user:read:list_users:admin].",
    }


@pytest.mark.parametrize(
    ("scope", "status"),
    [
        ("meeting:write:meeting:admin", 201),
        ("meeting:write:admin", 201),
        ("meeting:write:meeting:master", 201),
        ("meeting:write:meeting", 400),
        ("meeting:read:meeting:admin", 400),
        ("webinar:write:webinar:admin", 400),
        ("meeting:read:admin", 400),
    ],
)
async def test_scope_of_either_style_permits(
    program: Any, simulator: ZoomSimulator, scope: str, status: int
) -> None:
    simulator.tokens.add_app(evolve(simulator.app, scopes=frozenset([scope])))
    reply = await program("POST", "/users/olga@example.com/meetings", {})
    assert reply.status == status
