"""Lists of people in batches, each of which is a job of a task queue."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any, Final

from attrs import asdict, field, frozen

from conferencing.bulk.entries import Entry, check_person
from conferencing.bulk.result import Outcome
from conferencing.bulk.roster import Roster, Source, read_source
from conferencing.client.base import check_count, id_of
from conferencing.errors import InvalidRequest
from conferencing.model import Person

from .records import BatchRecord

__all__ = ["Batch", "BatchResult", "batches"]

VERSION: Final = 1

_NAMES: Final = ("email", "first_name", "last_name", "name")


@frozen(kw_only=True)
class Batch:
    """People of one list, to be registered by one job.

    `account` is the name of an account, which each worker looks up in its own configuration. `marker`
    names the list; with `number` it makes the batch unique, so that a list that is submitted twice
    is registered once. `bad` are rows of the list that cannot be registered; they are not sent.
    """

    account: str
    room: str
    marker: str
    number: int
    entries: tuple[Entry, ...] = field(repr=False)
    confirmation: bool | None = None
    language: str | None = None
    bad: tuple[Entry, ...] = field(default=(), repr=False)

    @property
    def key(self) -> str:
        """What identifies the batch."""
        return f"{self.account}:{self.room}:{self.marker}:{self.number}"

    @property
    def roster(self) -> Roster:
        """The people, for `register_many`."""
        return Roster(entries=self.entries)

    def to_dict(self) -> dict[str, Any]:
        """Return the batch as plain data, for a message of a task queue; it names people."""
        return {
            "v": VERSION,
            "account": self.account,
            "room": self.room,
            "marker": self.marker,
            "number": self.number,
            "people": [_write_entry(entry) for entry in self.entries],
            "options": {"confirmation": self.confirmation, "language": self.language},
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Batch:
        """Return the batch that `to_dict` has written. Raises `InvalidRequest` for another version."""
        if data.get("v") != VERSION:
            raise InvalidRequest(
                f"this batch has version {data.get('v')!r}, and this worker reads {VERSION};"
                " use the same release of conferencing everywhere",
                field="v",
            )
        return cls(
            account=data["account"],
            room=data["room"],
            marker=data["marker"],
            number=data["number"],
            entries=tuple(map(_read_entry, data["people"])),
            **data["options"],
        )

    def to_record(self) -> BatchRecord:
        """Return the batch as a journal keeps it until it is done."""
        return BatchRecord(
            key=self.key,
            account=self.account,
            room=self.room,
            size=len(self.entries),
            content=json.dumps(self.to_dict(), ensure_ascii=False),
        )


@frozen(kw_only=True)
class BatchResult:
    """What became of a batch: numbers only, and no addresses or names.

    `refused` are the numbers of the rows that the vendor or its adapter refuses, each with the
    reason. Unless it is `complete`, the batch has to be run again with the same journal; `stopped`
    says why it ended early.
    """

    key: str
    counts: Mapping[Outcome, int]
    refused: tuple[tuple[int, str], ...] = ()
    stopped: str | None = None

    @property
    def complete(self) -> bool:
        """Whether another run would change nothing."""
        return not self.counts.get(Outcome.UNSENT) and not self.counts.get(Outcome.IN_DOUBT)


def batches(
    lists: Mapping[tuple[str, str], Source | Roster],
    *,
    size: int = 200,
    marker: str | None = None,
    fields: Mapping[str, str] | None = None,
    confirmation: bool | None = None,
    language: str | None = None,
) -> Iterator[Batch]:
    """Yield the people of lists in batches of at most `size`, by accounts in turn.

    `lists` maps the name of an account and the id of a room to a list, as `register_many` takes it.
    `marker` names the lists instead of a hash of their content. `fields` maps columns to keys of the
    registration form. Raises `InvalidRequest` for a malformed list.
    """
    check_count("size", size)
    options = {"confirmation": confirmation, "language": language}
    queues: dict[str, list[Iterator[Batch]]] = {}
    for (account, room), source in lists.items():
        roster = read_source(source, fields)
        where = {"account": id_of(account, "account"), "room": id_of(room, "room")}
        made = _split(roster, size, marker, where | options)
        queues.setdefault(account, []).append(made)
    turns = [_chain(queue) for queue in queues.values()]
    while turns:
        for turn in [*turns]:
            batch = next(turn, None)
            if batch is None:
                turns.remove(turn)
            else:
                yield batch


def _chain(iterators: list[Iterator[Batch]]) -> Iterator[Batch]:
    for iterator in iterators:
        yield from iterator


def _split(roster: Roster, size: int, marker: str | None, facts: dict[str, Any]) -> Iterator[Batch]:
    good = [entry for entry in roster.entries if entry.person is not None]
    bad = roster.bad
    rows = json.dumps([[_write_entry(entry) for entry in good], facts])
    name = marker or sha256(rows.encode()).hexdigest()[:12]
    for number, start in enumerate(range(0, max(len(good), 1), size), 1):
        yield Batch(
            marker=name,
            number=number,
            entries=tuple(good[start : start + size]),
            bad=bad if number == 1 else (),
            **facts,
        )


def _write_entry(entry: Entry) -> dict[str, Any]:
    person = asdict(entry.person, recurse=False) if entry.person else {}
    row = {name: person[name] for name in _NAMES if person.get(name)}
    return {"number": entry.number} | row | ({"fields": dict(entry.fields)} if entry.fields else {})


def _read_entry(row: Mapping[str, Any]) -> Entry:
    person = Person(**{name: row[name] for name in _NAMES if name in row})
    return check_person(row["number"], person, row.get("fields", {}))
