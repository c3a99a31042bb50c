"""How mistakes are planted: a small subclass of the right adapter, and the test that catches it.

`@planted("test", "words")` names the test of the suite that catches it, and words that the failure
has to say, so that it is caught for what it is.
"""

from __future__ import annotations

from collections.abc import Callable

from attrs import frozen
from sample_adapter import Acme


@frozen
class Bug:
    """A wrong adapter, the test that catches it, and what the failure says."""

    adapter: type[Acme]
    test: str
    says: str


BUGS: dict[str, Bug] = {}


def planted(test: str, says: str) -> Callable[[type[Acme]], type[Acme]]:
    def plant(adapter: type[Acme]) -> type[Acme]:
        BUGS[adapter.__name__] = Bug(adapter, f"test_{test}", says)
        return adapter

    return plant


WORKS = "every_declared_operation_works"
CREATED = "each_field_arrives_when_a_room_is_created"
CHANGED = "each_field_arrives_when_a_room_is_changed"
LOST = "a_lost_reply_is_made_good_or_said"
MANY = "many_rooms_are_listed_each_once_and_always_alike"
MODEL = "what_comes_back_is_a_value"
SHOWS = "no_secret_shows"
WRONG_TYPE = "a_value_of_the_wrong_type_is_refused_or_was_not_read"
SENSELESS = "a_reply_without_sense_is_refused"
