"""What a world adds to the model: visits, users, mails, and what observers are called with."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from random import Random
from typing import Final

from attrs import define, evolve, field, frozen

from conferencing.model import FileKind, JoinLink, Role
from conferencing.model.attendance import Segment

__all__ = ["Change", "Mail", "Place", "Stay", "User", "Visit"]

FILE_KINDS: Final = {
    "video/mp4": FileKind.VIDEO,
    "audio/mp4": FileKind.AUDIO,
    "text/vtt": FileKind.TRANSCRIPT,
    "text/plain": FileKind.CHAT,
}


class Place(StrEnum):
    """Where somebody is during a visit. Only the waiting room does not count as presence."""

    ROOM = "room"
    WAITING_ROOM = "waiting-room"
    BREAKOUT = "breakout"


@frozen(kw_only=True)
class Stay:
    """A part of a visit in one place, until the next stay or the end of the visit."""

    place: Place = Place.ROOM
    since: datetime
    breakout: str = ""


@define(kw_only=True)
class Visit:
    """One person in a session, from entering to leaving; coming back is another visit.

    `stays` are the places of the visit in order; one that has none was in the room all the time.
    """

    id: str
    session_id: str
    name: str
    email: str | None
    role: Role
    joined_at: datetime
    left_at: datetime | None = None
    device: str = ""
    rating: int | None = None
    comment: str | None = None
    stays: list[Stay] = field(factory=list[Stay])

    def list_stays(self) -> list[tuple[Stay, datetime | None]]:
        """Return the stays with their ends; the last one ends with the visit."""
        stays = self.stays or [Stay(since=self.joined_at)]
        ends = [later.since for _, later in pairwise(stays)]
        return list(zip(stays, [*ends, self.left_at], strict=True))

    @property
    def waits(self) -> bool:
        """Whether the person is in the waiting room, or was when the visit ended."""
        return bool(self.stays) and self.stays[-1].place is Place.WAITING_ROOM

    def segments(self) -> tuple[Segment, ...]:
        """Return the time of presence; that in the waiting room does not count."""
        segments: list[Segment] = []
        for stay, end in self.list_stays():
            if stay.place is Place.WAITING_ROOM:
                continue
            if segments and segments[-1].left_at == stay.since:
                segments[-1] = evolve(segments[-1], left_at=end)
            else:
                segments.append(Segment(joined_at=stay.since, left_at=end))
        return tuple(segments)


@frozen(kw_only=True)
class User:
    """A member of the vendor's account, who can host rooms if the vendor has several hosts."""

    id: str
    email: str
    first_name: str = ""
    last_name: str = ""
    timezone: str = "UTC"
    licensed: bool = True


@frozen(kw_only=True)
class Change:
    """Something that just happened, for `World.observers`.

    `kind` is "room created", "room changed", "room removed", "session started", "session ended",
    "entered", "moved", "left", "recorded", or one of a simulator's own. `subject_id` is the id of
    the session, visit, recording or participant that it is about.
    """

    kind: str
    at: datetime
    room_id: str
    subject_id: str = ""


@frozen(kw_only=True)
class Mail:
    """A mail that a vendor would have sent; it is kept in the outbox."""

    kind: str
    to: str
    room_id: str
    sent_at: datetime
    language: str | None = None
    role: Role = Role.ATTENDEE
    link: JoinLink | None = None


def make_file(random: Random, media_type: str) -> bytes:
    """Return a short text for a media type of texts, or else random bytes as of an MP4 file."""
    if media_type == "text/vtt":
        return b"WEBVTT\n\n1\n00:00:01.000 --> 00:00:04.000\nAnn Lee: Hello everybody.\n"
    if media_type.startswith("text/"):
        return b"00:00:05\tAnn Lee:\tHello everybody.\n"
    return make_video(random)


def make_video(random: Random) -> bytes:
    """Return random bytes with the header of an MP4 file."""
    head = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"
    body = random.randbytes(4096)
    return head + (len(body) + 8).to_bytes(4, "big") + b"mdat" + body
