"""How mistakes are planted: a small subclass of the right adapter, and the test that catches it.

`@planted("test", "words")` names the test of the suite that catches the mistake, and words of the
failure, so that it is caught for what it is.
"""

from __future__ import annotations

from collections.abc import Callable

from attrs import frozen
from sample_adapter import Acme


@frozen
class Bug:
    """A wrong adapter, the test that catches it, and a pattern of the failure's message."""

    adapter: type[Acme]
    test: str
    message: str


BUGS: dict[str, Bug] = {}


def planted(test: str, message: str) -> Callable[[type[Acme]], type[Acme]]:
    def plant(adapter: type[Acme]) -> type[Acme]:
        assert adapter.__name__ not in BUGS
        BUGS[adapter.__name__] = Bug(adapter, f"test_{test}", message)
        return adapter

    return plant


WORKS = "operation_works"
CREATED = "created_field_arrives"
UPDATED = "updated_field_arrives"
READ_BACK = "created_field_is_read_back"
LOST = "lost_reply_acts_once"
LISTED = "listing_returns_every_object"
VALUE = "result_is_a_value"
NATIVE = "result_has_native"
SENT_NATIVE = "native_fields_are_sent"
SHOWS = "no_secret_shows"
WRONG_TYPE = "wrong_type_is_refused"
UNKNOWN = "unknown_value_stays_unknown"
MALFORMED = "malformed_reply_raises"
