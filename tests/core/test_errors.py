"""Errors: the tree as its drawing shows it, all facts in every copy, and texts that tell where."""

from __future__ import annotations

import copy
import pickle
import re
from typing import Any

import pytest

from conferencing import ConferencingError, Sent, errors

CLASSES = [
    found
    for name in errors.__all__
    if isinstance(found := getattr(errors, name), type) and issubclass(found, Exception)
]
FACTS: dict[str, Any] = {
    "provider": "acme",
    "account": "main",
    "operation": "create_room",
    "sent": Sent.MAYBE,
    "status": 503,
    "code": "E17",
    "attempts": 4,
    "retry_after": 1.5,
    "field": "name",
    "path": "$[3].name",
    "problems": ("too long", "too dull"),
    "body": "<html>",
    "retryable": True,
}

every_class = pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)


def test_the_drawing_in_the_docstring_is_the_real_tree() -> None:
    real = {
        kind.__name__: kind.__base__.__name__ for kind in CLASSES if kind is not ConferencingError
    }
    assert drawn(errors.__doc__ or "") == real


@every_class
def test_every_error_is_caught_as_conferencing_error(kind: type[ConferencingError]) -> None:
    with pytest.raises(ConferencingError):
        raise kind("no")


@every_class
def test_a_copy_has_the_class_the_message_and_all_facts(kind: type[ConferencingError]) -> None:
    error = kind("It broke", **FACTS)
    copies = [pickle.loads(pickle.dumps(error, one)) for one in range(pickle.HIGHEST_PROTOCOL + 1)]
    for copied in [*copies, copy.copy(error), copy.deepcopy(error)]:
        assert type(copied) is kind
        assert copied.message == "It broke"
        assert dict(copied.facts) == FACTS
        assert str(copied) == str(error)


@every_class
def test_facts_are_also_attributes(kind: type[ConferencingError]) -> None:
    error = kind("It broke", **FACTS)
    assert {name: getattr(error, name) for name in FACTS} == FACTS
    assert dict(error.facts) == FACTS
    with pytest.raises(TypeError):
        error.facts["status"] = 200


@every_class
def test_what_is_not_said_is_none_or_the_class_own(kind: type[ConferencingError]) -> None:
    error = kind("It broke")
    assert str(error) == "It broke"
    assert error.problems == ()
    assert error.attempts == 0
    answered = issubclass(kind, errors.ProviderError)
    if kind is not errors.InvalidRequest:  # which we find as often as the vendor
        assert error.sent is (Sent.YES if answered else Sent.NO)
    worth_repeating = {"TransportError", "TimedOut", "RateLimited", "ProviderUnavailable"}
    assert error.retryable is (kind.__name__ in worth_repeating)


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ({}, "It broke"),
        ({"provider": "acme"}, "acme: It broke"),
        ({"provider": "acme", "account": "main"}, "acme (main): It broke"),
        ({"provider": "acme", "account": "acme"}, "acme: It broke"),
        ({"account": "main"}, "(main): It broke"),
        ({"operation": "register"}, "register: It broke"),
        ({"provider": "acme", "operation": "register"}, "acme register: It broke"),
        ({"problems": ("too long",)}, "It broke. The vendor says: too long."),
        ({"attempts": 1}, "It broke"),
        ({"attempts": 4}, "It broke. Gave up after 4 attempts."),
    ],
)
def test_a_text_tells_where_what_the_vendor_says_and_how_often_it_was_tried(
    facts: dict[str, Any], text: str
) -> None:
    assert str(ConferencingError("It broke", **facts)) == text


def test_a_text_tells_all_of_it_together() -> None:
    text = str(ConferencingError("It broke", **FACTS))
    assert text.startswith("acme (main) create_room: It broke")
    for part in ("too long", "too dull", "4 attempts"):
        assert part in text


def test_facts_always_tell_whether_it_was_sent_and_whether_to_try_again() -> None:
    assert errors.RateLimited("slow").facts == {"sent": Sent.YES, "retryable": True}
    assert errors.UnsupportedOption("no").facts == {"sent": Sent.NO, "retryable": False}


def test_located_fills_in_what_is_not_yet_known() -> None:
    error = ConferencingError("It broke", provider="acme")
    error.add_context(provider="other", account="main", operation=None)
    assert (error.provider, error.account, error.operation) == ("acme", "main", None)
    error.add_context(operation="register")
    error.add_context(operation="other")
    assert str(error) == "acme (main) register: It broke"
    assert dict(error.facts)["operation"] == "register"


def drawn(text: str) -> dict[str, str]:
    """Read the drawing: each class with the class that it hangs below."""
    parents: dict[str, str] = {}
    above: list[str] = []
    for line in text.splitlines():
        found = re.fullmatch(
            r"    (?P<lines>(?:[│ ]   )*)(?P<twig>[├└]── )?(?P<name>[A-Z]\w+).*", line
        )
        if found and (found["twig"] or not above):
            depth = len(found["lines"]) // 4 + bool(found["twig"])
            del above[depth:]
            if above:
                parents[found["name"]] = above[-1]
            above.append(found["name"])
    return parents
