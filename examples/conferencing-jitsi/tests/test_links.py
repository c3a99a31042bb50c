"""The links that are signed: what a server reads in them, and for whom they are good."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from conferencing import Conference, Participant, UnsupportedOption, connect
from conferencing.model import AccessToken

START = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)
APP = "vpaas-magic-cookie-0123456789abcdef0123456789abcdef"
SECRET = "canary-SECRET-of-32-bytes-or-more"
ZOE = {"name": "Zoë Hart", "email": "zoe@example.com"}


async def test_a_server_of_ones_own_reads_who_may_enter_what(own: Conference) -> None:
    link = await own.join_link("Launch", role="host", **ZOE)
    assert urlsplit(link.url)[:3] == ("https", "Meet.Example.org:8443", "/launch")
    assert read(link.url, SECRET, "HS256") == {
        "aud": "jitsi",
        "iss": "my_app",
        "sub": "meet.example.org",
        "room": "launch",
        "nbf": int((START - timedelta(minutes=1)).timestamp()),
        "exp": int((START + timedelta(hours=2)).timestamp()),
        "context": {"user": ZOE | {"moderator": "true", "affiliation": "owner"}, "features": {}},
    }


async def test_jaas_reads_it_by_the_public_key(jaas: Conference, key: rsa.RSAPrivateKey) -> None:
    link = await jaas.join_link("Launch", role="host", **ZOE)
    told = read(link.url, key.public_key(), "RS256")
    assert urlsplit(link.url)[1:3] == ("8x8.vc", f"/{APP}/launch")
    assert jwt.get_unverified_header(token(link.url)) == {
        "alg": "RS256",
        "kid": f"{APP}/4f4910",
        "typ": "JWT",
    }
    assert (told["aud"], told["iss"], told["sub"], told["room"]) == ("jitsi", "chat", APP, "launch")
    assert told["context"]["user"]["moderator"] == "true"
    assert told["context"]["features"] == {"recording": "true", "transcription": "true"}


async def test_an_attendee_moderates_nothing(jaas: Conference, key: rsa.RSAPrivateKey) -> None:
    link = await jaas.join_link("Launch", **ZOE)
    told = read(link.url, key.public_key(), "RS256")["context"]
    assert told["user"] == ZOE | {"moderator": "false", "affiliation": "member"}
    assert told["features"] == {}


async def test_a_link_says_whose_it_is_and_until_when(own: Conference) -> None:
    link = await own.join_link("Launch", person=Participant(name="Ann", email="ann@example.com"))
    assert link.personal
    assert link.person
    assert (link.person.name, link.person.email) == ("Ann", "ann@example.com")
    assert link.expires_at == START + timedelta(hours=2)
    assert read(link.url, SECRET, "HS256")["exp"] == link.expires_at.timestamp()
    assert token(link.url) not in repr(link)


async def test_without_a_person_it_is_signed_for_everybody(own: Conference) -> None:
    link = await own.join_link("Launch", role="host")
    user = read(link.url, SECRET, "HS256")["context"]["user"]
    assert not link.personal
    assert link.expires_at
    assert user == {"moderator": "true", "affiliation": "owner"}


async def test_how_long_a_link_is_good_is_a_setting(account: Any) -> None:
    link = await account(link_lifetime=90, audience="my_app").join_link("Launch")
    told = read(link.url, SECRET, "HS256", audience="my_app")
    assert told["exp"] - told["nbf"] == 150
    assert link.expires_at == START + timedelta(seconds=90)


@pytest.mark.parametrize("lifetime", [5, 31_536_000])
async def test_a_link_made_now_is_good_now(lifetime: int) -> None:
    keys = {"domain": "meet.example.org", "app_id": "my_app", "key": SECRET}
    async with connect({"provider": "jitsi", **keys, "link_lifetime": lifetime}) as conference:
        link = await conference.join_link("Launch", **ZOE)
    assert jwt.decode(token(link.url), SECRET, ["HS256"], audience="jitsi", issuer="my_app")


async def test_what_was_changed_on_the_way_is_not_signed(own: Conference) -> None:
    link = await own.join_link("Launch")
    head, body, signature = token(link.url).split(".")
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(f"{head}.{body[:-4]}AAAA.{signature}", SECRET, ["HS256"], audience="jitsi")


async def test_without_credentials_there_is_the_plain_link_alone(plain: Conference) -> None:
    link = await plain.join_link("Launch")
    assert (link.url, link.personal, link.expires_at) == (
        "https://meet.jit.si/launch",
        False,
        None,
    )
    for wanted, field in (({"role": "host"}, "role"), ({"name": "Ann"}, "person")):
        with pytest.raises(UnsupportedOption) as caught:
            await plain.join_link("Launch", **wanted)
        assert (caught.value.field, caught.value.provider) == (field, "jitsi")


@pytest.mark.parametrize(
    ("wanted", "field"),
    [({"role": "presenter"}, "role"), ({"token": AccessToken(code="x")}, "token")],
)
async def test_what_jitsi_has_not_is_refused(own: Conference, wanted: Any, field: str) -> None:
    with pytest.raises(UnsupportedOption) as caught:
        await own.join_link("Launch", **wanted)
    assert caught.value.field == field


def token(url: str) -> str:
    [signed] = parse_qs(urlsplit(url).query)["jwt"]
    return signed


def read(url: str, key: Any, algorithm: str, audience: str = "jitsi") -> dict[str, Any]:
    """Return what a server reads; the times are those of the tests' clock and judged by them."""
    times = {"verify_exp": False, "verify_nbf": False}
    return jwt.decode(token(url), key, [algorithm], audience=audience, options=times)
