"""Batches: accounts in turn, identity by content, and messages that another version refuses."""

from __future__ import annotations

import json

import pytest
from vendor import people

from conferencing import InvalidRequest
from conferencing.jobs import Batch, batches


def test_accounts_take_turns() -> None:
    lists = {("a", "1"): people(5), ("a", "2"): people(2), ("b", "1"): people(3)}
    made = [(batch.account, batch.room, batch.number) for batch in batches(lists, size=2)]
    assert made == [
        ("a", "1", 1), ("b", "1", 1), ("a", "1", 2), ("b", "1", 2), ("a", "1", 3), ("a", "2", 1),
    ]  # fmt: skip


def test_key_follows_from_content() -> None:
    def keys(count: int, marker: str | None = None) -> list[str]:
        return [batch.key for batch in batches({("a", "1"): people(count)}, size=5, marker=marker)]

    assert keys(10) == keys(10)
    assert not {*keys(10)} & {*keys(11)}
    assert keys(10, "may") == ["a:1:may:1", "a:1:may:2"]


def test_batch_survives_json() -> None:
    rows = [{"email": "ann@example.com", "name": "Ann Lee", "Company": "Acme"}]
    lists = {("a", "1"): rows}
    [batch] = batches(lists, fields={"Company": "10"}, confirmation=False, language="pl")
    assert Batch.from_dict(json.loads(json.dumps(batch.to_dict()))) == batch
    assert batch.entries[0].fields == {"10": "Acme"}


def test_bad_rows_are_told_and_not_sent() -> None:
    rows = [*people(2), {"email": "nonsense"}, *people(1)]
    [batch] = batches({("a", "1"): rows})
    assert [entry.number for entry in batch.entries] == [1, 2]
    assert [entry.number for entry in batch.bad] == [3, 4]
    assert "nonsense" not in json.dumps(batch.to_dict())


def test_other_version_is_refused() -> None:
    [batch] = batches({("a", "1"): people(1)})
    with pytest.raises(InvalidRequest, match="same release"):
        Batch.from_dict(batch.to_dict() | {"v": 2})


@pytest.mark.parametrize("lists", [{("", "1"): []}, {("a", ""): []}])
def test_missing_names_are_refused(lists: dict[tuple[str, str], list[dict[str, str]]]) -> None:
    with pytest.raises(InvalidRequest):
        [*batches(lists)]
