"""Zoom's error bodies: docs/vendors/zoom.md#errors"""

from __future__ import annotations

from typing import Final

from conferencing.sandbox.kit import Problem, Refusal
from conferencing.sandbox.simulator import Answer

__all__ = [
    "error_answer",
    "no_permission",
    "no_recording",
    "no_room",
    "no_user",
    "refuse",
    "refuse_field",
    "wrong_family",
]

VALIDATION: Final = 300
FRENCH: Final = "Une erreur s'est produite."
NAMES: Final = {"not_found": 3001, "conflict": 3000}


def refuse(status: int, code: int, message: str) -> Refusal:
    """Return a refusal with a code of Zoom's own, which often differs from the status."""
    return Refusal(status, Problem(message, code=str(code)))


def refuse_field(field: str, message: str = "Invalid field.") -> Refusal:
    """Return a refusal of one field: status 400, code 300, and `errors` by dotted field."""
    return Refusal(400, Problem(message, field))


def no_room(kind: str, name: str) -> Refusal:
    """Return the refusal of a meeting or webinar, or of a run, that is not there."""
    return refuse(404, 3001, f"{kind.capitalize()} does not exist: {name}.")


def no_user(name: str) -> Refusal:
    return refuse(404, 1001, f"User does not exist: {name}.")


def no_recording() -> Refusal:
    return refuse(404, 3301, "There is no recording for this meeting.")


def no_permission(message: str) -> Refusal:
    """Return code 200 with status 400: the plan, an add-on or a permission is missing."""
    return refuse(400, 200, message)


def wrong_family(kind: str, number: str) -> Refusal:
    """Return the refusal of a number that belongs to the other kind of room.

    docs/vendors/zoom.md#oddity-4; the form for webinars is a guess.
    """
    if kind == "meeting":
        return refuse(400, 3000, "Cannot access webinar info.")
    return no_room("webinar", number)


def error_answer(refusal: Refusal, *, french: bool = False) -> Answer:
    """Return `{"code", "message"}`, with `errors` if fields are at fault.

    Texts are in the language of the account: docs/vendors/zoom.md#oddity-6
    """
    first = refusal.problems[0]
    code = int(first.code) if first.code.isdecimal() else NAMES.get(first.code, VALIDATION)
    if code != VALIDATION or not any(problem.field for problem in refusal.problems):
        message = FRENCH if french else first.message
        return Answer.json({"code": code, "message": message}, refusal.status)
    errors = [
        {"field": problem.field, "message": FRENCH if french else _field_message(problem)}
        for problem in refusal.problems
    ]
    message = FRENCH if french else "Validation Failed."
    return Answer.json({"code": code, "message": message, "errors": errors}, refusal.status)


def _field_message(problem: Problem) -> str:
    """Return the inner text, which is often no more than `Invalid field.`"""
    name = problem.field.rpartition(".")[2]
    words = {"required": f"{name} is required.", "unknown": f"Invalid parameter: {name}."}
    text = words.get(problem.code, problem.message)
    return "Invalid field." if text.startswith("must be ") else text
