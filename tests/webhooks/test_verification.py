"""Proofs of origin: known vectors, rotation, and what is refused without a word about secrets."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conferencing import ConfigurationError, Secret, WebhookForged, WebhookStale
from conferencing.webhooks import (
    bearer_token,
    check_hmac,
    check_hmac_jwt,
    check_jwt,
    check_timestamp,
    check_token,
    live_secrets,
    sign_hmac,
    signed_content,
)

# Section 16 of the notes on Zoom; confirmed with openssl there.
ZOOM = Secret("zS3cr3t-Webhook_9fKq")
ZOOM_TIME = "1796115605"
ZOOM_BODY = (
    '{"event":"meeting.started","payload":{"account_id":"aCc0unt-Q1","object":{"duration":60,'
    '"start_time":"2026-12-01T09:00:04Z","timezone":"Europe/Warsaw",'
    '"topic":"Zażółć gęślą jaźń / 1","id":"81234567890","type":2,'
    '"uuid":"Kj3b/9q1QhSgW2cBv0tXNA==","host_id":"hG7dKq2LSrmV1c0yYb9xTQ"}},'
    '"event_ts":1796115604123}'
).encode()
ZOOM_SIGNATURE = "v0=e065cd0bef116ffa659279d7a9ddc889c607a25385dddbcc3503aeb08cbc0dec"
OLD, NEW, OTHER = Secret("old"), Secret("new"), Secret("other")


@pytest.mark.parametrize(
    ("body", "signature"),
    [
        (b"{}", "v0=38822c020e72621c8c34b20d3bc1fe4015975c1c8146c491f775dbc85de79745"),
        (ZOOM_BODY, ZOOM_SIGNATURE),
    ],
)
def test_timestamped_sha256_equals_zooms_vectors(body: bytes, signature: str) -> None:
    content = signed_content(ZOOM_TIME, body)
    assert sign_hmac(ZOOM, content, prefix="v0=") == signature
    assert check_hmac([ZOOM], content, signature, prefix="v0=") is ZOOM


def test_zoom_body_is_that_of_the_notes() -> None:
    digest = "15a455799077564f8e4c9bdbeb26a015682ccf8dc2ece7ac9a0af30796b6d8df"
    assert (len(ZOOM_BODY), hashlib.sha256(ZOOM_BODY).hexdigest()) == (316, digest)


def test_escaped_body_does_not_verify() -> None:
    escaped = ZOOM_BODY.decode().encode("ascii", "backslashreplace")
    with pytest.raises(WebhookForged):
        check_hmac([ZOOM], signed_content(ZOOM_TIME, escaped), ZOOM_SIGNATURE, prefix="v0=")


def test_challenge_equals_zooms_vector() -> None:
    proof = "e472c61b4740a0686c8651a1e61e8852476373d57ec36d0d6f272154c258e53f"
    assert sign_hmac(ZOOM, b"qgg8vlvZRS6UYooatFL8Aw") == proof


@pytest.mark.parametrize(
    ("options", "signature"),
    [  # RFC 2202 and RFC 4231, test case 2
        ({"algorithm": "sha1"}, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
        (
            {"algorithm": "sha256"},
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        (
            {"algorithm": "sha512"},
            (
                "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
                "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"
            ),
        ),
        ({"encoding": "base64"}, "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM="),
        (
            {"prefix": "sha256="},
            "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
    ],
    ids=str,
)
def test_hmac_equals_the_rfcs_vectors(options: Any, signature: str) -> None:
    secret, content = Secret("Jefe"), b"what do ya want for nothing?"
    assert sign_hmac(secret, content, **options) == signature
    assert check_hmac([secret], content, signature, **options) is secret
    with pytest.raises(WebhookForged):
        check_hmac([secret], content + b".", signature, **options)


def test_every_live_secret_is_accepted() -> None:
    for secret in (OLD, NEW):
        assert check_hmac([NEW, OLD], b"x", sign_hmac(secret, b"x")) is secret
        assert check_token([NEW, OLD], secret.reveal()) is secret
    with pytest.raises(WebhookForged):
        check_hmac([NEW, OLD], b"x", sign_hmac(OTHER, b"x"))
    with pytest.raises(WebhookForged):
        check_token([NEW, OLD], "other")


@given(st.text(), st.binary())
def test_random_signature_is_forged(signature: str, content: bytes) -> None:
    with pytest.raises(WebhookForged) as caught:
        check_hmac([NEW], content, signature, header="X-Signature")
    assert caught.value.field == "X-Signature"
    assert "new" not in str(caught.value).split()


@pytest.mark.parametrize("signature", [None, "", sign_hmac(NEW, b"x").upper(), " ", "\ud800"])
def test_signature_in_another_form_is_forged(signature: str | None) -> None:
    with pytest.raises(WebhookForged, match="X-Sig") as caught:
        check_hmac([NEW], b"x", signature, header="X-Sig")
    assert caught.value.answer_status == 401


@pytest.mark.parametrize("secrets", [[], [None], [None, None]])
def test_no_secret_is_a_configuration_error(secrets: list[None]) -> None:
    with pytest.raises(ConfigurationError, match="webhook_secret is not set"):
        live_secrets(*secrets)


@pytest.mark.parametrize("secrets", [[Secret("")], [NEW, Secret("")]])
def test_empty_secret_is_never_accepted(secrets: list[Secret]) -> None:
    for check in (
        lambda: live_secrets(*secrets),
        lambda: check_hmac(secrets, b"x", sign_hmac(Secret(""), b"x")),
        lambda: check_token(secrets, ""),
        lambda: check_token(secrets, "x"),
    ):
        with pytest.raises((ConfigurationError, WebhookForged)):
            check()


NOW = datetime(2026, 12, 1, 9, 0, 5, tzinfo=UTC)


@pytest.mark.parametrize("timestamp", ["1796115605", "1796115605000", "1796115305", "1796115905"])
def test_timestamp_within_tolerance_is_read(timestamp: str) -> None:
    seconds = int(timestamp[:10]) - 1796115605
    moment = check_timestamp(timestamp, now=NOW, tolerance=300)
    assert moment == NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("timestamp", "text"),
    [
        ("1796115304", "301 seconds ago"),
        ("1796115906", "301 seconds in the future"),
        ("0", "seconds ago"),
        ("9" * 15, "seconds in the future"),
    ],
)
def test_timestamp_beyond_tolerance_is_stale(timestamp: str, text: str) -> None:
    with pytest.raises(WebhookStale, match=text) as caught:
        check_timestamp(timestamp, now=NOW, tolerance=300, header="X-Time")
    assert (caught.value.field, caught.value.answer_status) == ("X-Time", 401)


@pytest.mark.parametrize(
    "timestamp", [None, "", "now", "-1", "1.5", "1e9", " 1796115605", "١٧٩٦١١٥٦٠٥", "1" * 400]
)
def test_timestamp_that_is_no_number_is_forged(timestamp: str | None) -> None:
    with pytest.raises(WebhookForged):
        check_timestamp(timestamp, now=NOW, tolerance=300)


@pytest.mark.parametrize("header", ["Bearer abc.def", "bearer  abc.def", "BEARER abc.def "])
def test_bearer_token_is_read_in_any_case(header: str) -> None:
    assert bearer_token(header) == "abc.def"


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic abc", "abc"])
def test_missing_bearer_token_is_forged(header: str | None) -> None:
    with pytest.raises(WebhookForged, match="no bearer token"):
        bearer_token(header)


def test_jwt_decoder_returns_claims_or_forged() -> None:
    def fail(token: str) -> Mapping[str, Any]:
        raise ValueError(f"the key K was used for {token}")

    assert check_jwt("t", lambda token: {"sub": token}) == {"sub": "t"}
    with pytest.raises(WebhookForged, match=r"not valid \(ValueError\)") as caught:
        check_jwt("t", fail)
    assert caught.value.__context__ is None


# ------------------------------------------------------------------- tokens with a shared secret

LONG = Secret("639259d4-9dd8-4b25-bf01-95f9567eaf4b-639259d4-9dd8-4b25-bf01-95f9567eaf4b")
MORNING = datetime(2026, 10, 1, 8, tzinfo=UTC)
HASHES: tuple[Literal["sha256", "sha384", "sha512"], ...] = ("sha256", "sha384", "sha512")


def make_token(claims: Mapping[str, Any], secret: Secret, algorithm: str) -> str:
    """Return a token as PyJWT makes it."""
    return jwt.encode(dict(claims), secret.reveal(), algorithm)


@pytest.mark.parametrize("algorithm", HASHES)
def test_jwt_of_another_library_is_read(algorithm: Literal["sha256", "sha384", "sha512"]) -> None:
    claims = {"exp": int(MORNING.timestamp()) + 60, "record_id": "ż/1"}
    token = make_token(claims, LONG, f"HS{algorithm[3:]}")
    assert check_hmac_jwt([OLD, LONG], token, algorithm=algorithm, now=MORNING) == claims


@pytest.mark.parametrize("name", ["HS256", "HS384", "none"])
def test_jwt_does_not_choose_its_algorithm(name: str) -> None:
    secret = LONG if name != "none" else Secret("")
    token = make_token({"a": 1}, secret, name)
    with pytest.raises(WebhookForged, match="not signed by HS512"):
        check_hmac_jwt([LONG], token, algorithm="sha512", now=MORNING)


def test_expired_jwt_is_stale_but_for_the_leeway() -> None:
    token = make_token({"exp": int(MORNING.timestamp()) - 5}, LONG, "HS256")
    with pytest.raises(WebhookStale, match="expired"):
        check_hmac_jwt([LONG], token, algorithm="sha256", now=MORNING)
    assert check_hmac_jwt([LONG], token, algorithm="sha256", now=MORNING, leeway=10)


@given(st.data())
def test_changed_jwt_is_forged(data: st.DataObject) -> None:
    token = make_token({"a": 1}, LONG, "HS256")
    place = data.draw(st.integers(0, len(token) - 2))  # some last letters stand for the same bytes
    letter = data.draw(st.sampled_from("AZaz09-_.ż{ "))
    changed = token[:place] + letter + token[place + 1 :]
    if changed != token:
        with pytest.raises(WebhookForged) as caught:
            check_hmac_jwt([LONG], changed, algorithm="sha256", now=MORNING)
        assert LONG.reveal() not in str(caught.value)


@pytest.mark.parametrize("token", ["", "a", "a.b", "..", "e30.e30.", "W10.W10.AA", "\ud800.b.c"])
def test_text_that_is_no_jwt_is_forged(token: str) -> None:
    with pytest.raises(WebhookForged):
        check_hmac_jwt([LONG], token, algorithm="sha256", now=MORNING)
