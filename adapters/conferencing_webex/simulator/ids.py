"""Ids in Webex's forms: docs/vendors/webex.md#ids"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from random import Random
from uuid import UUID

__all__ = ["kind_of", "make_ids", "occurrence_id", "person_id", "run_id", "series_of"]

FIRST_RUN = 194_316_955_237_236_650
LAST_INVITEE = 2_628_956


def make_ids(seed: int) -> Callable[[str], str]:
    """Return a function that makes ids, each kind of them from a sequence of its own."""
    return partial(_make_id, seed, dict[str, Random](), Counter[str]())


def _make_id(seed: int, sources: dict[str, Random], numbers: Counter[str], kind: str) -> str:
    random = sources.setdefault(kind, Random(f"{seed}/{kind}"))  # noqa: S311 - repeatable
    match kind:
        case "room" | "recording":
            return random.randbytes(16).hex()
        case "user":
            return person_id(str(UUID(bytes=random.randbytes(16), version=4)).upper())
        case "webhook":
            return _encode("WEBHOOK", str(UUID(bytes=random.randbytes(16), version=4)))
        case "invitee":
            numbers[kind] += 1
            return str(LAST_INVITEE + numbers[kind])
        case _:
            return str(UUID(bytes=random.randbytes(16), version=4))


def person_id(uuid: str) -> str:
    """Return the id of a person: Base64 without padding."""
    return _encode("PEOPLE", uuid)


def _encode(kind: str, uuid: str) -> str:
    return urlsafe_b64encode(f"ciscospark://us/{kind}/{uuid}".encode()).rstrip(b"=").decode()


def occurrence_id(series: str, slot: datetime) -> str:
    """Return the id of an occurrence, by the start that the series planned for it."""
    return f"{series}_{slot.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def run_id(series: str, number: int) -> str:
    """Return the id of the n-th run of the account; the digits rise."""
    return f"{series}_I_{FIRST_RUN + 7_301 * number}"


def kind_of(meeting_id: str) -> str:
    """Return `meetingSeries`, `scheduledMeeting` or `meeting`."""
    if "_I_" in meeting_id:
        return "meeting"
    return "scheduledMeeting" if "_" in meeting_id else "meetingSeries"


def series_of(meeting_id: str) -> str:
    """Return the series of an occurrence or a run."""
    return meeting_id.partition("_")[0]
