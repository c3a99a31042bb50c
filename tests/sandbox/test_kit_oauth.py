"""The token endpoint: each kind of grant, what is refused, and the clock that it follows."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from conferencing.sandbox import World
from conferencing.sandbox.kit import JWT_BEARER, Grant, Problem, Refusal, TokenEndpoint

HOUR = timedelta(hours=1)
CLIENT = {"client_id": "app", "client_secret": "s3cret"}
CREDENTIALS = {"grant_type": "client_credentials", **CLIENT}


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def endpoint(world: World) -> TokenEndpoint:
    return new_endpoint(TokenEndpoint, world)


def new_endpoint(kind: type[TokenEndpoint], world: World, **options: Any) -> TokenEndpoint:
    endpoint = kind("vendor", b"key", lambda: world.now, **options)
    endpoint.clients |= {"app": "s3cret", "other": "0ther"}
    return endpoint


def bearer(grant: Grant) -> str:
    return f"Bearer {grant.access_token}"


def code_of(endpoint: TokenEndpoint, parameters: Mapping[str, Any]) -> tuple[int, str]:
    with pytest.raises(Refusal) as caught:
        endpoint.exchange(parameters)
    return caught.value.status, caught.value.problems[0].code


# ---------------------------------------------------------------------------- client credentials


def test_client_credentials_give_a_token(endpoint, world) -> None:
    grant = endpoint.exchange(CREDENTIALS)
    assert grant.to_dict() == {
        "access_token": grant.access_token,
        "token_type": "Bearer",
        "expires_in": 3600,
    }
    claims = endpoint.authenticate(bearer(grant))
    assert (claims["sub"], claims["iss"]) == ("app", "vendor")
    assert claims["exp"] - claims["iat"] == 3600
    assert claims["iat"] == world.now.timestamp()


def test_basic_authentication_is_accepted(endpoint) -> None:
    header = f"Basic {b64encode(b'app:s3cret').decode()}"
    grant = endpoint.exchange({"grant_type": "client_credentials"}, header)
    assert grant.subject == "app"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"client_secret": "wrong"}, (401, "invalid_client")),
        ({"client_secret": None}, (401, "invalid_client")),
        ({"client_id": "nobody"}, (401, "invalid_client")),
        ({"client_id": None}, (401, "invalid_client")),
        ({"grant_type": "password"}, (400, "unsupported_grant_type")),
        ({"grant_type": None}, (400, "unsupported_grant_type")),
        ({"grant_type": JWT_BEARER}, (400, "unsupported_grant_type")),
        ({"grant_type": "refresh_token"}, (400, "invalid_grant")),
    ],
)
def test_bad_token_requests_are_refused(endpoint, change, expected) -> None:
    assert code_of(endpoint, CREDENTIALS | change) == expected


@pytest.mark.parametrize("header", ["Basic", "Basic *", "Basic YXBw", "Bearer YXBwOnMzY3JldA=="])
def test_bad_client_header_is_refused(endpoint, header) -> None:
    with pytest.raises(Refusal) as caught:
        endpoint.exchange({"grant_type": "client_credentials"}, header)
    assert caught.value.status == 401


# ------------------------------------------------------------------------------- refresh tokens


def test_refresh_token_rotates(endpoint) -> None:
    first = endpoint.add_refresh_token("app", "ann")
    refresh = {"grant_type": "refresh_token", **CLIENT}
    grant = endpoint.exchange({**refresh, "refresh_token": first})
    assert endpoint.authenticate(bearer(grant))["sub"] == "ann"
    assert grant.to_dict()["refresh_token"] == grant.refresh_token != first
    assert code_of(endpoint, {**refresh, "refresh_token": first}) == (400, "invalid_grant")
    again = endpoint.exchange({**refresh, "refresh_token": grant.refresh_token})
    assert again.subject == "ann"


def test_refresh_token_without_rotation_stays(world) -> None:
    endpoint = new_endpoint(TokenEndpoint, world, rotates=False)
    token = endpoint.add_refresh_token("app", "ann")
    parameters = {"grant_type": "refresh_token", "refresh_token": token, **CLIENT}
    grants = [endpoint.exchange(parameters) for _ in range(2)]
    assert [grant.refresh_token for grant in grants] == [token, token]
    assert grants[0].access_token != grants[1].access_token


def test_refresh_token_belongs_to_its_client(endpoint) -> None:
    token = endpoint.add_refresh_token("app", "ann")
    stolen = {"client_id": "other", "client_secret": "0ther", "refresh_token": token}
    assert code_of(endpoint, {"grant_type": "refresh_token", **stolen}) == (400, "invalid_grant")


# ----------------------------------------------------------------------------------- assertions


class Asserting(TokenEndpoint):
    """Accept assertions `<name>.signed`, and a grant of its own."""

    kinds = ("client_credentials", JWT_BEARER, "account_credentials")

    def claims(self, subject: str) -> dict[str, Any]:
        return {"scope": f"for {subject}"}

    def read_assertion(self, client: str, assertion: str) -> str:
        name, _, signature = assertion.partition(".")
        if signature != "signed":
            raise Refusal(400, Problem("the assertion is not signed", code="invalid_grant"))
        return name

    def grant(self, kind: str, client: str, parameters: Mapping[str, Any]) -> Grant:
        if kind == "account_credentials":
            return self.issue(f"{client}/{parameters['account_id']}")
        return super().grant(kind, client, parameters)


def test_assertion_is_read_by_the_vendor(world) -> None:
    endpoint = new_endpoint(Asserting, world)
    grant = endpoint.exchange({"grant_type": JWT_BEARER, "assertion": "robot.signed"})
    assert endpoint.authenticate(bearer(grant))["scope"] == "for robot"
    parameters = {"grant_type": JWT_BEARER, "assertion": "robot.forged"}
    assert code_of(endpoint, parameters) == (400, "invalid_grant")


def test_assertion_is_refused_without_a_vendor(world) -> None:
    kind = type("Plain", (TokenEndpoint,), {"kinds": (JWT_BEARER,)})
    parameters = {"grant_type": JWT_BEARER, "assertion": "robot.signed"}
    assert code_of(new_endpoint(kind, world), parameters) == (400, "invalid_grant")


def test_vendor_can_add_a_kind_of_grant(world) -> None:
    endpoint = new_endpoint(Asserting, world)
    parameters = {"grant_type": "account_credentials", "account_id": "7", **CLIENT}
    assert endpoint.exchange(parameters).subject == "app/7"


# -------------------------------------------------------------------------------- access tokens


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_scheme_is_compared_without_case(endpoint, scheme) -> None:
    grant = endpoint.exchange(CREDENTIALS)
    assert endpoint.authenticate(f"{scheme} {grant.access_token}")["sub"] == "app"


def test_token_expires_by_the_world(endpoint, world) -> None:
    grant = endpoint.exchange(CREDENTIALS)
    world.advance(HOUR - timedelta(seconds=1))
    endpoint.authenticate(bearer(grant))
    world.advance(timedelta(seconds=1))
    assert grant.expires_at == world.now
    with pytest.raises(Refusal) as caught:
        endpoint.authenticate(bearer(grant))
    assert (caught.value.status, caught.value.problems[0].code) == (401, "invalid_token")


def test_revoke_ends_all_tokens(endpoint) -> None:
    refresh = endpoint.add_refresh_token("app", "ann")
    grant = endpoint.exchange(CREDENTIALS)
    endpoint.revoke(b"another key")
    with pytest.raises(Refusal):
        endpoint.authenticate(bearer(grant))
    parameters = {"grant_type": "refresh_token", "refresh_token": refresh, **CLIENT}
    assert code_of(endpoint, parameters) == (400, "invalid_grant")
    endpoint.authenticate(bearer(endpoint.exchange(CREDENTIALS)))


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", "Bearer a.b.c", "Basic x", "ż"])
def test_other_headers_are_refused(endpoint, header) -> None:
    with pytest.raises(Refusal) as caught:
        endpoint.authenticate(header)
    assert caught.value.status == 401
