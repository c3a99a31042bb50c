"""Checksums: the published vectors, and what the simulated server accepts."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conferencing import InvalidRequest, Secret
from conferencing.http import GET
from conferencing.sandbox import Call
from conferencing_bigbluebutton.checksum import (
    ALGORITHMS,
    Checksum,
    algorithm_of,
    check_length,
    digest,
    sign_url,
)
from conferencing_bigbluebutton.simulator import BigBlueButtonSimulator
from conferencing_bigbluebutton.simulator.checksums import is_signed, make_checksum

SECRET = Secret("639259d4-9dd8-4b25-bf01-95f9567eaf4b")
QUERY = "name=Test+Meeting&meetingID=abc123&attendeePW=111222&moderatorPW=333444"
SHA384 = "891ac633df39d0a1b4f8d597f3e190833216c4b29c4fb51ea3ca72757eeb958d6e7b49a845cf29f5c6019c7d29d029d1"
SHA512 = "de73ad61d11a5c801b68d4bd6ec5248546085cefb0b25c85f3c46249ea93a3a4b120f92c0a8a58d7512cb77821884951a3b01245f3435dbbef49fff3cc3988b4"
SORTED = "attendeePW=111222&meetingID=abc123&moderatorPW=333444&name=Test+Meeting"
VECTORS = [
    ("create", QUERY, "sha1", "1fcbb0c4fc1f039f73aa6d697d2db9ba7f803f17"),
    ("create", QUERY, "sha256", "da9185f7f333cfdfcd6eeac32dca3777510c4c436020d8b887ba5515bd1d189e"),
    ("create", QUERY, "sha384", SHA384),
    ("create", QUERY, "sha512", SHA512),
    ("create", QUERY.replace("+", "%20"), "sha1", "f1ae295e2cb9a9225152334d12c9db97d2bfee5b"),
    ("create", SORTED, "sha1", "0b89c2ebcfefb76772cbcf19386c33561f66f6ae"),
    ("create", "", "sha1", "8a21c9b7e3b18541974c9e78c0d0bfa790c665eb"),
    ("getMeetings", "", "sha1", "2027baa7771026e9e93392f55031535d1444c41f"),
    ("hooks/list", "", "sha1", "15e0d31c1b67ccc0bc9af5d714c6557f02b62cc5"),
]


@pytest.mark.parametrize(("call", "query", "algorithm", "expected"), VECTORS)
def test_checksum_equals_vector(call: str, query: str, algorithm: str, expected: str) -> None:
    assert digest(SECRET, f"{call}{query}".encode(), algorithm) == expected
    assert make_checksum(f"{call}{query}", SECRET.reveal(), algorithm) == expected
    assert algorithm_of(expected) == algorithm
    signed = Call(method="GET", path="", query=f"{query}&checksum={expected}".lstrip("&"))
    assert is_signed(signed, call, SECRET.reveal())


def test_other_lengths_have_no_algorithm() -> None:
    assert [algorithm_of("a" * length) for length in (0, 39, 41, 127)] == [None] * 4


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_grant_signs_what_is_sent(algorithm: str) -> None:
    outgoing = GET("/hooks/create", query={"callbackURL": "https://a.example/?b=c d"}).encode()
    checksum = Checksum(SECRET, algorithm).parameters(outgoing)["checksum"]
    signed = Call(
        method="GET", path="", query=f"{outgoing.target.partition('?')[2]}&checksum={checksum}"
    )
    assert is_signed(signed, "hooks/create", SECRET.reveal())
    assert not is_signed(signed, "hooks/list", SECRET.reveal())


@given(st.dictionaries(st.text("abcXYZ_-", min_size=1), st.text(), max_size=5))
def test_signed_link_is_accepted(query: dict[str, str]) -> None:
    clean = {name: value for name, value in query.items() if name != "checksum"}
    try:
        url = sign_url("https://b.example/api", "join", clean, SECRET, "sha256")
    except UnicodeEncodeError:
        return  # a lone surrogate, which no address can have
    call = Call(method="GET", path="", query=url.partition("?")[2])
    assert is_signed(call, "join", SECRET.reveal())


def test_long_address_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="2001 characters, and longest_url is 2000"):
        check_length("x" * 2001, 2000)


# ------------------------------------------------------------------------------ the server's side

FORM = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}


def handle(method: str, query: str, body: str = "", **headers: str) -> bytes:
    simulator = BigBlueButtonSimulator()
    simulator.secret = SECRET.reveal()
    call = Call(method=method, path="/api/create", query=query, body=body.encode(), headers=headers)
    return simulator.handle(call).body


SUM = VECTORS[0][3]


@pytest.mark.parametrize(
    ("query", "accepted"),
    [
        (f"{QUERY}&checksum={SUM}", True),
        (f"checksum={SUM}&{QUERY}", True),
        (QUERY.replace("&meetingID", f"&checksum={SUM}&meetingID"), True),
        (f"{QUERY}&checksum={SUM.upper()}", True),
        (f"{QUERY}&checksum={SUM}&checksum={SUM}", False),
        (f"{QUERY.replace('+', '%20')}&checksum={SUM}", False),
        (f"{QUERY}&checksum={SUM[:-1]}", False),
        (f"{QUERY}&checksum={quote('ż' * 40)}", False),
        (QUERY, False),
    ],
)
def test_server_cuts_the_checksum_textually(query: str, accepted: bool) -> None:
    assert (b"SUCCESS" in handle("GET", query)) is accepted
    assert (b"checksumError" in handle("GET", query)) is not accepted


@pytest.mark.parametrize(
    "signed",
    [SORTED, "", QUERY],
    ids=["sorted, as the server", "nothing, as documented", "the raw body, as a balancer"],
)
def test_server_takes_each_signature_of_a_form(signed: str) -> None:
    checksum = make_checksum(f"create{signed}", SECRET.reveal())
    body = handle("POST", "", f"{QUERY}&checksum={checksum}", **FORM)
    assert b"<meetingID>abc123</meetingID>" in body


def test_server_refuses_an_unsigned_form() -> None:
    checksum = make_checksum("create" + "name=Other", SECRET.reveal())
    assert b"checksumError" in handle("POST", "", f"{QUERY}&checksum={checksum}", **FORM)
    assert b"checksumError" in handle(
        "POST", f"checksum={checksum}", f"checksum={checksum}", **FORM
    )
