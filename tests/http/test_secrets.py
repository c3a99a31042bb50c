"""No key and no passcode shows, whatever goes wrong: in texts, logs, pickles or tracebacks."""

from __future__ import annotations

import json
import logging
import pickle
import traceback
from collections.abc import Awaitable
from typing import Any
from urllib.parse import quote

import pytest
from acme import KEY
from attrs import frozen
from scripted import Step, closed_port, fin, hang, head, reply, rst, send, then

from conferencing import ConferencingError, Secret
from conferencing.http import (
    GET,
    POST,
    Decoder,
    ErrorMap,
    Failure,
    HeaderAuth,
    Policy,
    Reply,
    Request,
)

PASSCODE = "canary-PASS-18c4d0"
CANARIES = [KEY, PASSCODE]
ECHO = f"{KEY} and {PASSCODE}"
QUICK = Policy(connect=0.2, read=0.2, attempt=0.2, attempts=2)


@frozen
class Room:
    id: int


def _problems(reply: Reply) -> Failure | None:
    if reply.status < 400 or not reply.body.startswith(b"{"):
        return None
    return Failure(problems=tuple(map(str, json.loads(reply.body).values())))


def _room(answer: Reply) -> Room:
    return Decoder().read(answer, Room)


def _careless(answer: Reply) -> Any:
    return answer.json()["pin"]["nested"]


FAULTS: dict[str, Step] = {
    "fin": fin,
    "rst": rst,
    "silent": hang,
    "garbage": then(send(f"X {ECHO}\r\n\r\n".encode()), fin),
    "garbage in a header": then(send(f"HTTP/1.1 200 OK\r\n{ECHO}\r\n\r\n".encode()), fin),
    "cut": then(send(head(200, {"Content-Length": "999"}) + ECHO.encode()), fin),
    "bad gzip": reply(ECHO.encode(), Content_Encoding="gzip"),
    "html": reply(f"<html>{ECHO}</html>".encode()),
    "html at the cut": reply(f"<html>{'x' * 185}{PASSCODE}</html>".encode()),
    "broken json": reply(f'{{"a": "{ECHO}", '.encode()),
    "json with a BOM": reply(b"\xef\xbb\xbf" + json.dumps({"a": ECHO}).encode()),
    "another shape": reply({"id": ECHO}),
    "a list": reply([ECHO]),
    "text": reply(ECHO),
    "400 html": reply(f"<p>{ECHO}</p>".encode(), 400),
    "400 text": reply(ECHO.encode(), 400),
    "422 with problems": reply({"errors": ECHO}, 422),
    "401": reply({"message": ECHO}, 401),
    "429": reply(f"<p>{ECHO}</p>".encode(), 429, Retry_After="86400"),
    "500": reply([ECHO], 500),
    "302": reply(ECHO.encode(), 302, Location=f"https://h.example/{KEY}?p={PASSCODE}"),
    "302 to nowhere": reply(b"", 302, Location=f"http://[{KEY}"),
}
REQUESTS = [
    POST("/rooms", form={"name": "x", "settings": {"pin": Secret(PASSCODE)}}),
    POST("/rooms", json={"pin": [Secret(PASSCODE)]}),
    GET("/rooms", query={"pin": Secret(PASSCODE)}),
]


@pytest.mark.parametrize("step", FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize("request_", REQUESTS, ids=["form", "json", "query"])
async def test_no_credential_shows_in_any_failure(
    serve: Any, adapter: Any, *, caplog: Any, request_: Request, step: Step
) -> None:
    caplog.set_level(logging.DEBUG)
    server = await serve(step)
    provider = adapter(server, policy=QUICK, errors=ErrorMap(read=_problems))
    error = await _provoked(provider.call(request_, _room))
    assert any(canary in _wire(server) for canary in CANARIES)
    _assert_clean(error, caplog)


async def test_careless_adapter_shows_nothing(serve: Any, adapter: Any, caplog: Any) -> None:
    caplog.set_level(logging.DEBUG)
    provider = adapter(await serve(reply({"pin": PASSCODE})))
    _assert_clean(await _provoked(provider.call(REQUESTS[0], _careless)), caplog)


async def test_page_of_another_shape_shows_nothing(serve: Any, adapter: Any, caplog: Any) -> None:
    provider = adapter(await serve(reply({"pin": PASSCODE})))
    _assert_clean(await _provoked(anext(provider.paginate(REQUESTS[2], _careless))), caplog)


async def test_refused_connection_shows_nothing(adapter: Any, caplog: Any) -> None:
    caplog.set_level(logging.DEBUG)
    provider = adapter(f"http://127.0.0.1:{closed_port()}", policy=QUICK)
    _assert_clean(await _provoked(provider.call(REQUESTS[0])), caplog)


@pytest.mark.parametrize(
    "request_",
    [
        POST("/x", query={"pin": Secret(PASSCODE)}, form={"bad": None}),
        POST("/x", form={"pin": Secret(PASSCODE), "bad": 1.5}),
        POST("/x", form={"pin": Secret(PASSCODE), "bad": "\ud800"}),
        POST("/x", json={"pin": Secret(PASSCODE), "bad": b"x"}),
        POST("/x", query={"pin": Secret(PASSCODE)}, json={"bad": float("nan")}),
        POST("/x", form={"pin": Secret(PASSCODE)}, headers={"X-Bad": "a\nb"}),
    ],
    ids=["query", "form", "surrogate", "json", "nan", "header"],
)
async def test_impossible_request_shows_nothing(
    serve: Any, adapter: Any, caplog: Any, request_: Request
) -> None:
    provider = adapter(await serve(reply({})))
    _assert_clean(await _provoked(provider.call(request_)), caplog)


async def test_key_with_trailing_space_is_not_shown(serve: Any, adapter: Any, caplog: Any) -> None:
    auth = _auth_with_blank
    provider = adapter(await serve(reply({})), auth=auth)
    _assert_clean(await _provoked(provider.call(GET("/x"))), caplog)


async def test_success_logs_the_template_only(serve: Any, adapter: Any, caplog: Any) -> None:
    caplog.set_level(logging.DEBUG)
    provider = adapter(await serve(reply({"pin": PASSCODE})))
    await provider.call(POST("/r/{hash}/go", hash=PASSCODE, form={"pin": Secret(PASSCODE)}))
    assert "POST /r/{hash}/go: 200" in caplog.text
    assert not any(canary in caplog.text for canary in CANARIES)


async def test_raw_path_with_a_token_is_not_logged(serve: Any, adapter: Any, caplog: Any) -> None:
    caplog.set_level(logging.DEBUG)
    await adapter(await serve(reply({}))).request("PATCH", f"/rooms/{PASSCODE}/go")
    assert "PATCH (raw path): 200" in caplog.text
    assert PASSCODE not in caplog.text


async def test_adapter_and_its_parts_show_no_key(serve: Any, adapter: Any) -> None:
    provider = adapter(await serve(reply({})), proxy=Secret(f"http://u:{PASSCODE}@127.0.0.1:1"))
    await _provoked(provider.call(GET("/x")))
    shown = f"{provider!r} {provider.settings!r} {provider.context!r} {vars(provider._transport)}"
    assert not any(canary in shown for canary in CANARIES)


def _auth_with_blank() -> HeaderAuth:
    return HeaderAuth("X-Api-Key", Secret(f"{KEY} "), setting="key")


async def _provoked(call: Awaitable[Any]) -> ConferencingError:
    try:
        await call
    except ConferencingError as error:
        return error
    pytest.fail("nothing went wrong")


def _assert_clean(error: ConferencingError, caplog: Any) -> None:
    shown = traceback.TracebackException.from_exception(error, capture_locals=True)
    places = {
        "str": str(error),
        "repr": repr(error),
        "facts": str(error.facts),
        "pickle": pickle.dumps(error).decode("latin-1"),
        "traceback": "".join(shown.format()),
        "logs": caplog.text + "".join(str(vars(record)) for record in caplog.records),
    }
    for canary in CANARIES:
        for form in (canary, quote(canary, safe=""), canary[:12]):
            assert [name for name, text in places.items() if form in text] == []
    assert error.__cause__ is None
    assert error.__context__ is None


def _wire(server: Any) -> str:
    return "".join(
        f"{request.target} {request.headers} {request.body!r}" for request in server.requests
    )
