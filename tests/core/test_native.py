"""`native`: the vendor's mapping, whether it is kept or parsed again from the bytes of its page."""

from __future__ import annotations

import json
import pickle
from typing import Any
from weakref import ref

import pytest
from attrs import define

from conferencing import Secret
from conferencing.http.reply import read_json
from conferencing.model.native import FEW, Native, loosened

SECRET = frozenset({"pin"})


class Watched(dict[str, Any]):
    """A mapping of which one can tell when it is gone."""


@define
class Record:
    native: Any


def page(count: int) -> list[dict[str, Any]]:
    return [{"id": number, "pin": f"p{number}", "more": {"a": [number]}} for number in range(count)]


def records(rows: list[Any], payload: object) -> list[Record]:
    body = json.dumps(payload).encode()
    return loosened([*map(Record, Native.each(rows, SECRET))], payload, body, read_json)


@pytest.mark.parametrize("wrap", [lambda r: r, lambda r: {"data": r}, lambda r: {"a": {"b": r}}])
@pytest.mark.parametrize("count", [1, FEW, FEW + 1, 300])
def test_it_is_the_same_whether_it_is_kept_or_parsed_again(wrap: Any, count: int) -> None:
    rows = page(count)
    kept = [Native(row, SECRET) for row in rows]
    told = [one.native for one in records(rows, wrap(rows))]
    assert [dict(one) for one in told] == [dict(one) for one in kept]
    assert told[0]["pin"] == Secret("p0")
    assert (len(told[0]), list(told[0])) == (3, ["id", "pin", "more"])
    assert repr(told[-1]) == repr(kept[-1])


def test_a_long_page_does_not_keep_its_mappings() -> None:
    rows: list[Any] = [*map(Watched, page(300))]
    watched = [*map(ref, rows)]
    told = records(rows, rows)
    del rows
    assert not any(one() for one in watched)
    assert told[299].native["id"] == 299


def test_what_is_no_row_of_the_page_stays_as_it_is() -> None:
    rows = page(300)
    strange = [{"id": -1}] * 20
    told = records(strange, rows)
    assert [dict(one.native) for one in told] == strange


def test_a_pickled_record_needs_no_page() -> None:
    rows = page(300)
    copy = pickle.loads(pickle.dumps(records(rows, rows)[7].native))
    assert (copy["id"], copy["more"]) == (7, {"a": [7]})
    with pytest.raises(Exception, match="pickled"):
        copy["pin"].reveal()
