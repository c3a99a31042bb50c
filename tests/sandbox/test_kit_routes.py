"""Routes, and how a simulator turns what they raise into the vendor's error body."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import pytest

from conferencing.errors import Conflict, InvalidRequest, NotFound
from conferencing.sandbox import Answer, Call, Simulator
from conferencing.sandbox.kit import Problem, Refusal, ReplyShape, Router

rooms, people = Router(), Router()


@rooms("GET", "/rooms")
def list_rooms() -> str:
    return "list"


@rooms("GET", "/rooms/{room:\\d+}")
def get_room(room: str) -> str:
    return f"room {room}"


@rooms("PUT", "/rooms/{room}", "name", "kind")
@rooms("PATCH", "/rooms/{room}", "name")
def update_room(room: str) -> str:
    return f"update {room}"


@people("GET", "/rooms/{room}/people/{person}")
def get_person(room: str, person: str) -> str:
    return f"{person} in {room}"


ROUTES = Router(rooms, people)


@pytest.mark.parametrize(
    ("method", "path", "reply"),
    [
        ("GET", "/rooms", "list"),
        ("GET", "/rooms/5", "room 5"),
        ("PUT", "/rooms/x", "update x"),
        ("PATCH", "/rooms/a%2Fb%20c", "update a/b c"),
        ("GET", "/rooms/5/people/%C5%BC", "ż in 5"),
    ],
)
def test_router_finds_function_and_parts(method, path, reply) -> None:
    route, parts = ROUTES.find(method, path)
    assert route(**parts) == reply


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/rooms"), ("GET", "/rooms/x"), ("GET", "/rooms/"), ("GET", "/rooms/5/people")],
)
def test_router_without_match_returns_none(method, path) -> None:
    assert ROUTES.find(method, path) is None


def test_route_has_its_documented_parameters() -> None:
    assert ROUTES.find("PUT", "/rooms/5")[0].parameters == {"name", "kind"}
    assert ROUTES.find("GET", "/rooms")[0].parameters == frozenset()


# ------------------------------------------------------------------------------------- refusals


class Vendor(Simulator):
    """Carry out `step`, and refuse as a vendor of its own."""

    name = "vendor"
    statuses: ClassVar = {NotFound: 404, Conflict: 422, InvalidRequest: 422}
    default_quirks: ClassVar = dict.fromkeys(
        [
            "failures_in_200",
            "empty_deletes",
            "missing_fields",
            "extra_fields",
            "other_spellings",
            "refuse_unknown",
        ],
        False,
    )
    shape = ReplyShape(
        optional=frozenset(["note"]), spellings={"size": str}, data_maps=frozenset(["labels"])
    )
    step: Callable[[], Answer]

    def answer(self, call: Call) -> Answer:
        return self.step()

    def refuse(self, refusal: Refusal, call: Call) -> Answer:
        codes = [problem.code for problem in refusal.problems]
        body = {"error": refusal.message, "codes": codes, "note": "n", "path": call.path}
        return Answer.json(body, refusal.status)


CALL = Call(method="GET", path="/x")


def answer_of(step: Callable[[], Any], call: Call = CALL, **quirks: bool) -> Answer:
    vendor = Vendor(quirks=quirks)
    vendor.step = step
    return vendor.handle(call)


def raising(error: Exception) -> Callable[[], Answer]:
    def step() -> Answer:
        raise error

    return step


@pytest.mark.parametrize(
    ("error", "status", "message", "codes"),
    [
        (Refusal(418, "no", Problem("is hot", "tea", "hot")), 418, "no; tea is hot",
         ["invalid", "hot"]),
        (Refusal(401), 401, "", []),
        (NotFound("there is no room"), 404, "there is no room", ["not_found"]),
        (Conflict("it runs"), 422, "it runs", ["conflict"]),
        (InvalidRequest("is wrong", field="by"), 422, "by is wrong", ["invalid"]),
    ],
)  # fmt: skip
def test_errors_become_the_vendors_body(error, status, message, codes) -> None:
    answer = answer_of(raising(error))
    assert answer.status == status
    assert (
        answer.body
        == Answer.json({"error": message, "codes": codes, "note": "n", "path": "/x"}).body
    )


def test_other_errors_are_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        answer_of(raising(ZeroDivisionError()))


def test_fields_refuse_with_the_vendors_status() -> None:
    vendor = Vendor(quirks={"refuse_unknown": True})
    with pytest.raises(Refusal) as caught:
        vendor.fields({"x": 1}).only()
    assert caught.value.status == 422


# --------------------------------------------------------------------------------------- quirks

PAYLOAD = {"size": 5, "note": "n", "rows": [{"note": 1, "size": 6}], "labels": {"size": 7}}


@pytest.mark.parametrize(
    ("quirk", "payload"),
    [
        ("missing_fields", {"size": 5, "rows": [{"size": 6}], "labels": {"size": 7}}),
        ("other_spellings", {"size": "5", "note": "n", "rows": [{"note": 1, "size": "6"}],
                             "labels": {"size": "7"}}),
        ("extra_fields", {"size": 5, "note": "n",
                          "rows": [{"note": 1, "size": 6, "not_documented": {"nested": [1]}}],
                          "labels": {"size": 7}, "not_documented": {"nested": [1]}}),
        ("failures_in_200", PAYLOAD),
    ],
)  # fmt: skip
def test_quirk_varies_the_reply(quirk, payload) -> None:
    answer = answer_of(lambda: Answer.json(PAYLOAD, 201), **{quirk: True})
    assert (answer.status, answer.body) == (201, Answer.json(payload).body)


def test_failure_in_200_keeps_its_body() -> None:
    step = raising(NotFound("gone"))
    answer = answer_of(step, failures_in_200=True)
    assert (answer.status, answer.body) == (200, answer_of(step).body)
    assert answer_of(raising(Refusal(401)), failures_in_200=True).status == 401


def test_quirks_leave_other_bodies_alone() -> None:
    page = Answer.html("<p>[1]")
    assert answer_of(lambda: page, extra_fields=True) is page
    empty = Answer(status=204)
    assert answer_of(lambda: empty, extra_fields=True) is empty


def test_empty_deletes_replace_success_only() -> None:
    delete = Call(method="DELETE", path="/x")
    answer = answer_of(lambda: Answer.json({"ok": True}), delete, empty_deletes=True)
    assert (answer.status, answer.body) == (204, b"")
    failed = answer_of(raising(NotFound("gone")), delete, empty_deletes=True)
    assert failed.status == 404
    assert answer_of(lambda: Answer.json({"ok": True}), empty_deletes=True).status == 200


def test_objects_of_booleans_get_no_extra_field() -> None:
    """They are settings by name, in which a further name would be a setting."""
    payload = {"settings": {"chat": True, "video": False}, "rows": []}
    answer = answer_of(lambda: Answer.json(payload), extra_fields=True)
    expected = payload | {"not_documented": {"nested": [1]}}
    assert answer.body == Answer.json(expected).body
