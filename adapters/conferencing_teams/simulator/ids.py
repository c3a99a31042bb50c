"""Ids in Graph's forms: docs/vendors/teams.md#ids"""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from random import Random
from uuid import UUID

__all__ = [
    "event_id",
    "instance_id",
    "make_guid",
    "make_ids",
    "meeting_id",
    "thread_id",
    "transcript_id",
]


def make_guid(random: Random) -> str:
    """Return a random GUID."""
    return str(UUID(int=random.getrandbits(128), version=4))


def make_ids(seed: int) -> Callable[[str], str]:
    """Return a maker of ids for a world: events have one of their own form, all else a GUID."""
    return partial(_make_id, Random(seed))  # noqa: S311 - it has to be repeatable


def _make_id(random: Random, kind: str) -> str:
    return event_id(random) if kind == "room" else make_guid(random)


def event_id(random: Random) -> str:
    """Return an id of an event, in which all characters of Base64 for URLs can be."""
    return f"AAMkAGI1{urlsafe_b64encode(random.randbytes(80)).decode().rstrip('=')}AAA="


def instance_id(event: str, day: str) -> str:
    """Return the id of one date of a series, always the same."""
    digest = sha256(f"{event}/{day}".encode()).digest()
    return f"AAMkAGI1{urlsafe_b64encode(digest).decode().rstrip('=')}BAA="


def thread_id(guid: str) -> str:
    """Return the thread of a meeting."""
    return f"19:meeting_{b64encode(guid.encode()).decode()}@thread.v2"


def meeting_id(owner: str, thread: str) -> str:
    """Return the id of an online meeting: Base64 of the organizer and the thread."""
    return b64encode(f"1*{owner}*0**{thread}".encode()).decode()


def transcript_id(guid: str) -> str:
    """Return the id of a transcript."""
    return b64encode(f"1##0##{guid}".encode()).decode()
