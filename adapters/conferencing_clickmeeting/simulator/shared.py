"""What the routes share: the table they are in, refusals, and reading parameters strictly."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

from conferencing.sandbox.php import truth
from conferencing.sandbox.simulator import Router

H = TypeVar("H", bound=Callable[..., Any])

__all__ = ["Refused", "flag", "known_parameters", "number", "only", "required", "route", "table"]

table = Router()
known_parameters: dict[Callable[..., Any], frozenset[str]] = {}


def route(method: str, template: str, *parameters: str) -> Callable[[H], H]:
    """Bind a function to a method and a path; parameters beside the named ones are refused."""

    def bind(function: H) -> H:
        known_parameters[function] = frozenset(parameters)
        return table(method, template)(function)

    return bind


class Refused(Exception):
    """Answer with a failure; `problems` are texts by the name of a parameter."""

    def __init__(self, status: int, problems: Mapping[str, str]) -> None:
        super().__init__(status)
        self.status = status
        self.problems = dict(problems)


def only(given: Mapping[str, Any], known: Collection[str], prefix: str = "") -> None:
    """Refuse parameters that nobody knows."""
    unknown = {f"{prefix}{name}": "is not known" for name in given if name not in known}
    if unknown:
        raise Refused(422, unknown)


MAPS = frozenset({"settings", "registration", "confirmation_email", "attendees", "tokens"})


def texts(given: Mapping[str, Any]) -> None:
    """Refuse maps where texts are due."""
    maps = [name for name, value in given.items() if isinstance(value, dict) and name not in MAPS]
    if maps:
        raise Refused(422, dict.fromkeys(maps, "must be a text"))


def required(given: Mapping[str, Any], *names: str) -> None:
    """Refuse if one of the names is missing or blank."""
    missing = {name: "is required" for name in names if not str(given.get(name, "")).strip()}
    if missing:
        raise Refused(422, missing)


def number(given: Mapping[str, Any], name: str, low: int, high: int) -> int:
    """Return a parameter as a number within bounds."""
    text = str(given.get(name, ""))
    if not text.isdigit() or not low <= int(text) <= high:
        raise Refused(422, {name: f"must be a number from {low} to {high}"})
    return int(text)


def flag(given: Mapping[str, Any], name: str) -> bool:
    """Return a parameter as a truth."""
    value = truth(given.get(name))
    if value is None:
        raise Refused(422, {name: "must be 0 or 1"})
    return value
