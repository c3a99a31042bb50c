"""Errors: their tree, their facts, the length of their texts, and raising without context."""

from __future__ import annotations

import copy
import json
import pickle
import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from conferencing import ConferencingError, ConfigurationError, Sent, errors, to_dict
from conferencing.errors import MAX_TEXT, raise_without_context

CLASSES = [
    kind
    for name in errors.__all__
    if isinstance(kind := getattr(errors, name), type) and issubclass(kind, Exception)
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


def test_docstring_tree_is_the_real_tree() -> None:
    real = {
        kind.__name__: kind.__base__.__name__ for kind in CLASSES if kind is not ConferencingError
    }
    assert parse_tree(errors.__doc__ or "") == real


@every_class
def test_every_error_is_a_conferencing_error(kind) -> None:
    with pytest.raises(ConferencingError):
        raise kind("no")


@every_class
def test_copy_keeps_class_message_and_facts(kind) -> None:
    error = kind("It broke", **FACTS)
    copies = [pickle.loads(pickle.dumps(error, n)) for n in range(pickle.HIGHEST_PROTOCOL + 1)]
    for copied in [*copies, copy.copy(error), copy.deepcopy(error)]:
        assert type(copied) is kind
        assert copied.message == "It broke"
        assert dict(copied.facts) == FACTS
        assert str(copied) == str(error)


@every_class
def test_error_from_json_keeps_class_and_facts(kind) -> None:
    error = kind("It broke", **FACTS, fields=("name", "starts_at"))
    copied = ConferencingError.from_dict(json.loads(json.dumps(error.to_dict())))
    assert type(copied) is kind
    assert (copied.message, dict(copied.facts)) == ("It broke", dict(error.facts))
    assert to_dict(error) == error.to_dict()


@every_class
def test_error_rebuilt_from_arguments_does_not_rule_out_sending(kind) -> None:
    error = kind("It broke", **FACTS)
    if issubclass(kind, errors.TransportError):  # as task queues rebuild it, without the facts
        assert kind(*error.args).sent is Sent.MAYBE


def test_error_of_unknown_kind_keeps_facts() -> None:
    error = ConferencingError.from_dict({"kind": "Other", "message": "x", "attempts": 2})
    assert type(error) is ConferencingError
    assert (error.sent, error.attempts) == (Sent.MAYBE, 2)


@every_class
def test_facts_are_attributes(kind) -> None:
    error = kind("It broke", **FACTS)
    assert {name: getattr(error, name) for name in FACTS} == FACTS
    assert dict(error.facts) == FACTS
    with pytest.raises(TypeError):
        error.facts["status"] = 200


@every_class
def test_default_facts_are_those_of_the_class(kind) -> None:
    error = kind("It broke")
    assert str(error) == "It broke"
    assert error.problems == ()
    assert error.attempts == 0
    answered = issubclass(kind, errors.ProviderError)
    if kind is not errors.InvalidRequest:  # often found before sending
        unanswered = Sent.MAYBE if issubclass(kind, errors.TransportError) else Sent.NO
        assert error.sent is (Sent.YES if answered else unanswered)
    retryable = {
        "TransportError", "TimedOut", "RateLimited", "ProviderUnavailable", "StoreUnavailable",
    }  # fmt: skip
    assert error.retryable is (kind.__name__ in retryable)


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ({}, "It broke"),
        ({"provider": "acme"}, "acme: It broke"),
        ({"provider": "acme", "account": "main"}, "acme (main): It broke"),
        ({"provider": "acme", "account": "acme"}, "acme: It broke"),
        ({"account": "main"}, "account main: It broke"),
        ({"operation": "register"}, "register: It broke"),
        ({"provider": "acme", "operation": "register"}, "acme register: It broke"),
        ({"problems": ("too long",)}, "It broke. The vendor says: too long."),
        ({"problems": ("Too long.", "No.")}, "It broke. The vendor says: Too long.; No."),
        ({"attempts": 1}, "It broke"),
        ({"attempts": 4}, "It broke. Gave up after 4 attempts."),
    ],
)
def test_str_names_place_problems_and_attempts(facts, text) -> None:
    assert str(ConferencingError("It broke", **facts)) == text


def test_str_with_all_facts_names_all() -> None:
    text = str(ConferencingError("It broke", **FACTS))
    assert text.startswith("acme (main) create_room: It broke")
    for part in ("too long", "too dull", "4 attempts"):
        assert part in text


def test_facts_always_have_sent_and_retryable() -> None:
    assert errors.RateLimited("slow").facts == {"sent": Sent.YES, "retryable": True}
    assert errors.UnsupportedOption("no").facts == {"sent": Sent.NO, "retryable": False}


def test_add_context_keeps_what_is_set() -> None:
    error = ConferencingError("It broke", provider="acme")
    error.add_context(provider="other", account="main", operation=None)
    assert (error.provider, error.account, error.operation) == ("acme", "main", None)
    error.add_context(operation="register")
    error.add_context(operation="other")
    assert str(error) == "acme (main) register: It broke"
    assert dict(error.facts)["operation"] == "register"


@pytest.mark.parametrize(
    "problems",
    [("x" * 5000,), tuple(map(str, range(100_000))), ("",) * 3, ("short", "y" * 3000, "z")],
    ids=["one-long", "many", "empty", "mixed"],
)
def test_str_with_many_problems_is_bounded(problems) -> None:
    facts = {**FACTS, "problems": problems, "account": "a" * 500}
    for message in ("It broke", "m" * 10_000):
        text = str(ConferencingError(message, **facts))
        assert len(text) <= MAX_TEXT
        assert text.endswith("Gave up after 4 attempts.")


def test_str_says_how_many_problems_are_left_out() -> None:
    error = ConferencingError("It broke", problems=tuple("x" * 100 for _ in range(50)))
    shown = str(error).count("x" * 100)
    assert f"; and {50 - shown} more." in str(error)
    assert len(error.problems) == 50


# ------------------------------------------------------------------------- raising without context


class RaisingManager:
    def __enter__(self) -> None:
        pass

    def __exit__(self, *error: object) -> None:
        raise_without_context(ConfigurationError("clean"))


def raise_in_except() -> None:
    try:
        fail_with_secret()
    except ValueError:
        raise_without_context(ConfigurationError("clean"))


def raise_in_generator() -> None:
    @contextmanager
    def guard() -> Iterator[None]:
        try:
            yield
        except ValueError:
            raise_without_context(ConfigurationError("clean"))

    with guard():
        fail_with_secret()


def raise_in_class() -> None:
    with RaisingManager():
        fail_with_secret()


def raise_caught_error() -> None:
    try:
        fail_with_secret()
    except ValueError as error:
        chained = ConfigurationError("clean")
        chained.__cause__ = error
        raise_without_context(chained)


def fail_with_secret() -> None:
    secret = "hunter2"
    raise ValueError(f"{len(secret)} characters")


@pytest.mark.parametrize(
    "raise_error", [raise_in_except, raise_in_generator, raise_in_class, raise_caught_error]
)
def test_raise_without_context_drops_all_frames(raise_error) -> None:
    with pytest.raises(ConfigurationError, match="clean") as caught:
        raise_error()
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None
    report = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    assert "hunter2" not in "".join(report.format())


def parse_tree(text: str) -> dict[str, str]:
    """Return each class of the tree in a docstring with its parent."""
    parents: dict[str, str] = {}
    above: list[str] = []
    for line in text.splitlines():
        match = re.fullmatch(
            r"    (?P<lines>(?:[│ ]   )*)(?P<twig>[├└]── )?(?P<name>[A-Z]\w+).*", line
        )
        if match and (match["twig"] or not above):
            depth = len(match["lines"]) // 4 + bool(match["twig"])
            del above[depth:]
            if above:
                parents[match["name"]] = above[-1]
            above.append(match["name"])
    return parents
