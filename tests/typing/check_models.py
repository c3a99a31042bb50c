"""How values are made, changed and computed with, and how errors are distinguished."""
# pyright: strict, reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import assert_type

from attrs import evolve

from conferencing import (
    AccessToken,
    Anyone,
    Attendance,
    ConferencingError,
    EntryRule,
    IdentityProvider,
    InvalidRequest,
    JoinLink,
    MergedBy,
    Participant,
    Passcode,
    Person,
    Rate,
    Room,
    RoomDraft,
    Secret,
    Segment,
    Sent,
    SignIn,
    UnknownAccount,
)
from conferencing.attendance import match, merge, merge_segments, no_shows


def values() -> None:
    room = Room(id="r-1")
    assert_type(room.entry, tuple[EntryRule, ...] | None)
    assert_type(evolve(room, name="Lunch"), Room)
    assert_type(Passcode("s3cret").code, Secret)
    assert_type(Passcode(Secret("s3cret")).code.reveal(), str)
    assert_type(SignIn("google").identity, IdentityProvider)
    assert_type(JoinLink(url="https://example.com").url, str)
    assert_type(AccessToken(code="abc").code, Secret)
    assert_type(Person(first_name="Ann").display_name, str | None)
    assert_type(Rate.parse("5/s").interval, float)
    for rule in room.entry or ():
        match_rule(rule)


def match_rule(rule: EntryRule) -> str:
    match rule:
        case Passcode():
            return rule.code.reveal()
        case SignIn(identity=identity):
            return identity
        case Anyone():
            return "open"
        case _:
            return rule.kind


def drafts(rules: list[EntryRule]) -> None:
    draft = RoomDraft(name="Launch", kind="webinar", entry=rules, template="t-1")
    assert_type(draft.entry, tuple[EntryRule, ...] | None)
    assert_type(draft.set_fields(), frozenset[str])
    RoomDraft(entry=Anyone(), starts_at=datetime.now(UTC), duration=timedelta(hours=1))


def presence(records: list[Attendance], people: list[Participant]) -> None:
    segments = [Segment(joined_at=datetime.now(UTC)), Segment(joined_at=datetime.now(UTC))]
    assert_type(merge_segments(segments), tuple[Segment, ...])
    assert_type(merge(records, by=[MergedBy.NAME]), list[Attendance])
    assert_type(match(iter(records), people), list[Attendance])
    assert_type(no_shows(records, iter(people)), list[Participant])


def errors() -> None:
    try:
        values()
    except (InvalidRequest, UnknownAccount) as error:
        assert_type(error.field, str | None)
    except ConferencingError as error:
        assert_type(error.sent, Sent)
        assert_type(error.retry_after, float | None)
        assert_type(error.problems, tuple[str, ...])
        assert_type(error.facts, Mapping[str, object])
    raise InvalidRequest("no", field="name", provider="acme")
