"""When two addresses are the same, and what of the vendor's texts is kept for it."""

from __future__ import annotations

import tracemalloc

import pytest

from conferencing.model.emails import email_key, same_email


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("ann@example.com", "ANN@Example.COM", True),
        ("ann@bücher.example", "ann@xn--bcher-kva.example", True),
        ("Ann Lee <ann@example.com>", "mailto:ann@example.com", True),
        ("ann@example.com", "ann@example.org", False),
        ("ann", "ann", True),
        ("", "", False),
        (None, None, False),
        ("a" * 3000 + "@example.com", "a" * 3000 + "@example.com", True),
        ("a" * 3000 + "@example.com", "a" * 3000 + "@EXAMPLE.com", False),
    ],
)
def test_addresses_are_compared(first, second, same) -> None:
    assert same_email(first, second) is same


def test_long_text_is_neither_copied_nor_kept() -> None:
    text = "a" * 2**22 + "@example.com"
    tracemalloc.start()
    try:
        assert email_key(text) is text
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 10_000
