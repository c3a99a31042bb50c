"""Deliveries with something changed: never accepted without a valid signature, always a typed error.

Whether a changed delivery may be accepted is decided by a verification of the test's own.
"""

from __future__ import annotations

import hashlib
import hmac
import random
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conferencing import ConferencingError, Secret, WebhookRejected, sync
from conferencing.testing import FakeClock
from conferencing.webhooks import ParticipantJoined, SessionEnded, sign_neutral, write_neutral

NOW = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)
SECRETS = ("present", "previous")
BODY = write_neutral(
    [
        ParticipantJoined(id="e1", time=NOW, session_id="s1", email="ann@example.com"),
        SessionEnded(id="e2", time=NOW, session_id="s1"),
    ]
)
Headers = list[tuple[str, str]]


@pytest.fixture(scope="module")
def read() -> Any:
    account = {
        "provider": "memory",
        "webhook_secret": SECRETS[0],
        "webhook_secret_previous": SECRETS[1],
    }
    with sync.connect(account, clock=FakeClock()) as conference:
        yield conference.webhooks.read


def is_genuine(headers: Headers, body: bytes) -> bool:
    """Verify a delivery as the documentation says, written apart from the code."""
    by_name: dict[str, list[str]] = {}
    for name, value in headers:
        by_name.setdefault(name.lower(), []).append(value.strip())
    signatures = by_name.get("webhook-signature", [])
    timestamps = by_name.get("webhook-timestamp", [])
    if len(signatures) != 1 or len(timestamps) != 1 or not timestamps[0].isascii():
        return False
    if not timestamps[0].isdigit() or not 0 < len(timestamps[0]) < 16:
        return False
    seconds = int(timestamps[0])
    seconds = seconds / 1000 if seconds >= 10**11 else seconds
    content = f"v0:{timestamps[0]}:".encode() + body
    valid = {
        "v0=" + hmac.new(secret.encode(), content, hashlib.sha256).hexdigest() for secret in SECRETS
    }
    return signatures[0] in valid and abs(NOW.timestamp() - seconds) <= 300


def check(read: Callable[..., Any], headers: Headers, body: bytes) -> bool:
    """Read a delivery; return whether it was accepted."""
    try:
        delivery = read(headers, body)
    except WebhookRejected as error:
        assert not any(secret in str(error) for secret in SECRETS)  # noqa: PT017
        return False
    assert is_genuine(headers, body), (headers, body)
    assert delivery.events or delivery.challenge or body.strip() == b"[]"
    return True


def flip(text: str, chance: random.Random) -> str:
    """Change, remove, add or move one character."""
    place = chance.randrange(len(text) + 1)
    letter = chance.choice("0123456789abcdefv=:ABCDEF \t\x00é\ud800")
    return chance.choice(
        [
            text[:place] + letter + text[place + 1 :],
            text[:place] + text[place + 1 :],
            text[:place] + letter + text[place:],
            text[place:] + text[:place],
            text.upper(),
            "",
        ]
    )


def mutate(chance: random.Random) -> tuple[Headers, bytes]:
    """Return a genuine delivery with up to three changes to headers, timestamp or body."""
    secret = chance.choice([*SECRETS, "foreign", ""])
    signed_at = datetime.fromtimestamp(NOW.timestamp() + chance.choice([0, -299, -301, 400]), UTC)
    body = BODY
    headers = [*sign_neutral(Secret(secret), body, signed_at).items()]
    for _ in range(chance.randrange(4)):
        number = chance.randrange(len(headers)) if headers else None
        match chance.randrange(6):
            case 0 if number is not None:
                name, value = headers[number]
                headers[number] = (name, flip(value, chance))
            case 1 if number is not None:
                name, value = headers[number]
                headers[number] = (flip(name, chance), value)
            case 2 if number is not None:
                headers.append(headers[number])
            case 3 if number is not None:
                del headers[number]
            case 4:
                place = chance.randrange(len(body) + 1)
                body = body[:place] + chance.randbytes(chance.randrange(3)) + body[place + 1 :]
            case _:
                chance.shuffle(headers)
    return headers, body


def run_mutations(read: Callable[..., Any], count: int) -> int:
    return sum(check(read, *mutate(random.Random(seed))) for seed in range(count))


def test_mutated_deliveries_are_rejected(read: Any) -> None:
    accepted = run_mutations(read, 500)
    assert 20 < accepted < 250  # the unchanged ones, with a live secret, in time


@pytest.mark.exhaustive
def test_ten_thousand_mutations_are_rejected(read: Any) -> None:
    accepted = run_mutations(read, 10_000)
    assert 500 < accepted < 5_000


texts = st.text(max_size=40)
names = st.sampled_from(["Webhook-Signature", "webhook-timestamp", "Host"]) | texts


@given(st.lists(st.tuples(names, texts), max_size=5), st.binary(max_size=200))
def test_random_delivery_is_rejected(read: Any, headers: Headers, body: bytes) -> None:
    assert not check(read, headers, body)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=10,
)
fields = st.sampled_from(
    [
        "id",
        "kind",
        "time",
        "role",
        "files",
        "challenge",
        "duration",
        "joined_at",
        "email",
        "room_id",
    ]
)
rows = st.dictionaries(fields, json_values | st.sampled_from(["other", "room_changed"]), max_size=6)


@given(st.one_of(st.binary(max_size=100), (rows | st.lists(rows, max_size=3)).map(repr)))
def test_signed_nonsense_raises_typed_errors(read: Any, content: bytes | str) -> None:
    body = content if isinstance(content, bytes) else to_json(content)
    headers = sign_neutral(Secret(SECRETS[0]), body, NOW)
    try:
        read(headers, body)
    except ConferencingError as error:
        assert isinstance(error, WebhookRejected)  # noqa: PT017


def to_json(content: str) -> bytes:
    """Return Python's repr as something near JSON, as careless senders do."""
    return content.replace("'", '"').replace("None", "null").encode("utf-8", "replace")
