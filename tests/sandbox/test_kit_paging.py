"""Pages by number, offset and cursor give every row once; links follow RFC 8288."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conferencing.sandbox.kit import (
    Refusal,
    link_header,
    page_by_cursor,
    page_by_number,
    page_by_offset,
)

TOTALS, SIZES = st.integers(0, 30), st.integers(1, 12)


@given(total=TOTALS, size=SIZES)
def test_pages_by_number_give_all_rows(total, size) -> None:
    rows, number, listed = range(total), "1", []
    while number:
        page = page_by_number(rows, int(number), size)
        assert page.total == total
        listed += page.rows
        number = page.next
    assert listed == [*rows]


@given(total=TOTALS, size=SIZES)
def test_pages_by_offset_give_all_rows(total, size) -> None:
    rows, offset, listed = range(total), "0", []
    while offset:
        page = page_by_offset(rows, int(offset), size)
        listed += page.rows
        offset = page.next
    assert listed == [*rows]


@given(total=TOTALS, size=SIZES)
def test_pages_by_cursor_give_all_rows(total, size) -> None:
    rows, listed = range(total), []
    page = page_by_cursor(rows, None, size)
    while page.next:
        listed += page.rows
        page = page_by_cursor(rows, page.next, size)
    assert [*listed, *page.rows] == [*rows]


@pytest.mark.parametrize("cursor", ["5", "b2Zmc2V0Oi01", "b2Zmc2V0Og==", "*", "ż"])
def test_unknown_cursor_is_refused(cursor) -> None:
    with pytest.raises(Refusal) as caught:
        page_by_cursor(range(5), cursor, 2)
    assert caught.value.problems[0].code == "invalid_cursor"


def test_page_past_the_end_is_empty() -> None:
    page = page_by_number(range(5), 9, 2)
    assert ([*page.rows], page.total, page.next) == ([], 5, None)


def test_link_header_lists_its_relations() -> None:
    header = link_header(next="http://x/?page=2", prev=None, last="http://x/?page=9")
    assert header == {"Link": '<http://x/?page=2>; rel="next", <http://x/?page=9>; rel="last"'}
    assert link_header(next=None) == {}
