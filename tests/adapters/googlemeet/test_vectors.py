"""Test vectors: signed assertions, encodings, ids of events, messages and times.

Those of the notes stand here; the others are in `shared/specs` of a folder above, where there is one.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode, urlsafe_b64decode
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

import jwt
import pytest
from google_spec import SPECS
from jwt.algorithms import RSAAlgorithm

from conferencing import Secret
from conferencing.http import GET, pack_id, unpack_id
from conferencing_googlemeet import make_event_id
from conferencing_googlemeet.settings import GoogleMeetSettings
from conferencing_googlemeet.wire.base import to_time
from conferencing_googlemeet.wire.tokens import GRANT, write_claims, write_grant

VECTORS: Any = (
    json.loads((SPECS / "google-vectors.json").read_text("utf-8"))
    if SPECS is not None and (SPECS / "google-vectors.json").is_file()
    else None
)
needs_vectors = pytest.mark.skipif(VECTORS is None, reason="there is no file of vectors")

TIMES = {
    "2026-10-01T05:00:00Z": "2026-10-01T05:00:00+00:00",
    "2026-10-01T05:00:00.123456789Z": "2026-10-01T05:00:00.123456+00:00",
    "2026-10-01T05:00:00.999999999Z": "2026-10-01T05:00:00.999999+00:00",
    "2026-10-25T02:30:00+01:00": "2026-10-25T01:30:00+00:00",
}
ENCODINGS = {
    'space.name = "spaces/jQCFfuBOdN5z"': "space.name%20%3D%20%22spaces%2FjQCFfuBOdN5z%22",
    "2026-10-05T09:00:00+02:00": "2026-10-05T09%3A00%3A00%2B02%3A00",
}


def test_event_ids_of_keys() -> None:
    uuid = UUID("6f1ed002-ab3f-4a5b-9c7d-0123456789ab")
    assert make_event_id(uuid) == "dsfd00lb7t55n73t04hkaps9lc"
    assert make_event_id("room-42") == "8kcqrav3scm0j867erun4htvsc"
    if VECTORS is not None:
        ids = VECTORS["event_ids"]
        assert make_event_id(UUID(ids["uuid"])) == ids["from_uuid"]
        assert make_event_id(ids["from_text"]) == ids["sha256_16"]


@pytest.mark.parametrize(
    ("text", "expected"), [*TIMES.items(), *(VECTORS["times"].items() if VECTORS else ())]
)
def test_time_is_cut_to_microseconds(text, expected) -> None:
    moment = to_time(text)
    assert moment is not None
    assert moment.astimezone(UTC).isoformat(timespec="auto") == expected


@pytest.mark.parametrize(
    ("text", "encoded"), [*ENCODINGS.items(), *(VECTORS["encodings"].items() if VECTORS else ())]
)
def test_query_and_path_are_encoded(text, encoded) -> None:
    assert GET("/x", query={"q": text}).encode().target == f"/x?q={encoded}"
    assert GET("/x/{id}", id=text).path == f"/x/{encoded}"


def test_calendar_id_is_one_part_of_path() -> None:
    request = GET("/calendars/{id}", id="en.usa#holiday@group.v.calendar.google.com")
    assert request.path == "/calendars/en.usa%23holiday%40group.v.calendar.google.com"


@needs_vectors
def test_assertion_is_that_of_the_vector() -> None:
    """The claims byte for byte, and the header and the signature by what they hold."""
    vector = VECTORS["jwt"]
    key = RSAAlgorithm.from_jwk({k: v for k, v in vector["key_jwk"].items() if k != "key_ops"})
    claims, header = vector["claims"], vector["header"]
    now = datetime.fromtimestamp(claims["iat"], UTC)
    written = write_claims(claims["iss"], claims["sub"], claims["scope"], now)
    assert list(written.items()) == list(claims.items())
    settings = GoogleMeetSettings(
        service_account=Secret(_key_file(key, claims["iss"], header["kid"])),
        subject=claims["sub"],
        scopes=tuple(scope.rpartition("/")[2] for scope in claims["scope"].split()),
    )
    form = write_grant(settings, claims["sub"], now)
    assertion = form["assertion"].reveal()
    head, body, _ = assertion.split(".")
    assert body == vector["signing_input"].partition(".")[2]
    assert json.loads(urlsafe_b64decode(head + "==")) == header
    assert jwt.decode(assertion, key.public_key(), algorithms=["RS256"], options=_UNTIMED) == claims
    assert form["grant_type"] == GRANT == parse_qs(vector["form_body"])["grant_type"][0]


@needs_vectors
def test_signature_is_that_of_the_vector() -> None:
    vector = VECTORS["jwt"]
    signed = vector["signing_input"].encode()
    assert hashlib.sha256(signed).hexdigest() == vector["signing_input_sha256"]
    algorithm = RSAAlgorithm(RSAAlgorithm.SHA256)
    key = RSAAlgorithm.from_jwk({k: v for k, v in vector["key_jwk"].items() if k != "key_ops"})
    signature = urlsafe_b64decode(vector["signature"] + "==")
    assert algorithm.sign(signed, key) == signature
    assert vector["assertion"] == f"{vector['signing_input']}.{vector['signature']}"
    assert parse_qs(vector["form_body"])["assertion"] == [vector["assertion"]]


@needs_vectors
def test_packed_ids_and_messages() -> None:
    for packed in VECTORS["packed"].values():
        parts = unpack_id(packed, packed.count(":") + 1)
        assert pack_id(*parts) == packed
    data = VECTORS["pubsub_data"]
    assert b64decode(data["base64"]).decode() == data["json"]
    link = VECTORS["htmlLink"]
    pair = f"{link['id']} {link['email']}"
    assert urlsafe_b64decode(link["eid"] + "=" * (-len(link["eid"]) % 4)).decode() == pair


_UNTIMED: Any = {"verify_exp": False, "verify_iat": False, "verify_aud": False}


def _key_file(key: Any, email: str, key_id: str) -> str:
    from cryptography.hazmat.primitives import serialization as forms  # noqa: PLC0415

    pem = key.private_bytes(
        forms.Encoding.PEM, forms.PrivateFormat.PKCS8, forms.NoEncryption()
    ).decode()
    return json.dumps({"client_email": email, "private_key": pem, "private_key_id": key_id})
