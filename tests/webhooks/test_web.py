"""Receivers in web frameworks, through real sockets: the same answers in each."""

from __future__ import annotations

import asyncio
import io
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from attrs import define, field
from servers import asgi_handler, serve_wsgi

from conferencing import Secret, connect, sync
from conferencing.webhooks import (
    Event,
    OtherEvent,
    aiohttp_handler,
    asgi_app,
    sign_neutral,
    write_neutral,
    wsgi_app,
)

NOW = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)
SECRET = Secret("present-secret")
ACCOUNT = {"provider": "memory", "webhook_secret": SECRET.reveal()}
MAX_BODY = 20_000


@define
class Application:
    """A served application. `gate` holds the handler back while it is not set."""

    url: str = ""
    events: list[str] = field(factory=list)
    gate: threading.Event = field(factory=threading.Event)

    def handle(self, event: Event) -> None:
        assert self.gate.wait(10)
        self.events.append(event.id)


def in_starlette(receiver: Any) -> Any:
    applications = pytest.importorskip("starlette.applications")
    routing = pytest.importorskip("starlette.routing")
    return applications.Starlette(routes=[routing.Route("/hooks", asgi_app(receiver))])


def in_fastapi(receiver: Any) -> Any:
    app = pytest.importorskip("fastapi").FastAPI()
    app.add_route("/hooks", asgi_app(receiver))
    return app


def in_flask(receiver: Any) -> Any:
    flask = pytest.importorskip("flask")
    app = flask.Flask(__name__)

    @app.route("/hooks", methods=["GET", "POST"])
    def hooks() -> Any:
        request = flask.request
        answer = receiver.receive(
            request.headers,
            request.get_data(),
            query=request.query_string.decode(),
            method=request.method,
        )
        return flask.Response(answer.body, answer.status, dict(answer.headers))

    return app


def in_django(receiver: Any) -> Any:
    pytest.importorskip("django")
    from django.conf import settings  # noqa: PLC0415
    from django.core.wsgi import get_wsgi_application  # noqa: PLC0415
    from django.http import HttpResponse  # noqa: PLC0415
    from django.urls import path  # noqa: PLC0415

    def hooks(request: Any) -> Any:
        answer = receiver.receive(
            request.headers,
            request.body,
            query=request.META["QUERY_STRING"],
            method=request.method,
        )
        return HttpResponse(answer.body, status=answer.status, headers=answer.headers)

    if not settings.configured:
        settings.configure(ALLOWED_HOSTS=["127.0.0.1"], MIDDLEWARE=[], ROOT_URLCONF="hooks_urls")
    sys.modules[settings.ROOT_URLCONF] = type(sys)(settings.ROOT_URLCONF)
    sys.modules[settings.ROOT_URLCONF].urlpatterns = [path("hooks", hooks)]
    from django.urls import clear_url_caches  # noqa: PLC0415

    clear_url_caches()
    return get_wsgi_application()


ASYNC: dict[str, Callable[[Any], Any]] = {
    "aiohttp": aiohttp_handler,
    "asgi": lambda receiver: asgi_handler(asgi_app(receiver)),
    "starlette": lambda receiver: asgi_handler(in_starlette(receiver)),
    "fastapi": lambda receiver: asgi_handler(in_fastapi(receiver)),
}
BLOCKING: dict[str, Callable[[Any], Any]] = {
    "wsgi": wsgi_app,
    "flask": in_flask,
    "django": in_django,
}


SLOW = [("aiohttp", 0.2), ("asgi", 0.2), ("wsgi", 0.2)]


@pytest.fixture(params=[(name, 20.0) for name in (*ASYNC, *BLOCKING)], ids=lambda param: param[0])
async def application(request: Any, serve: Any, clock: Any) -> AsyncIterator[Application]:
    """An application of each framework, with a receiver at /hooks."""
    application = Application()
    application.gate.set()
    name, answer_within = request.param
    options: Any = {"answer_within": answer_within, "max_body": MAX_BODY}
    async with AsyncExitStack() as stack:
        if name in ASYNC:
            conference = await stack.enter_async_context(connect(ACCOUNT, clock=clock))
            receiver = conference.webhooks.receiver(application.handle, **options)
            await stack.enter_async_context(receiver)
            url = await serve(ASYNC[name](receiver))
        else:
            blocking = ExitStack()
            stack.callback(blocking.close)
            served = blocking.enter_context(sync.connect(ACCOUNT, clock=clock))
            hooks = served.webhooks.receiver(application.handle, **options)
            blocking.enter_context(hooks)
            url = blocking.enter_context(serve_wsgi(BLOCKING[name](hooks)))
        application.url = f"{url}/hooks"
        yield application
        application.gate.set()


def delivery(*ids: str) -> dict[str, Any]:
    body = write_neutral(OtherEvent(id=event_id, time=NOW, name="Łódź") for event_id in ids)
    return {"data": body, "headers": sign_neutral(SECRET, body, NOW)}


async def post(url: str, **options: Any) -> tuple[int, bytes, Any]:
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, allow_redirects=False, **options) as reply,
    ):
        return reply.status, await reply.read(), reply.headers


async def test_framework_answers_like_any_other(application: Application) -> None:
    url = application.url
    for _ in range(2):
        assert (await post(url, **delivery("e1", "e2")))[:2] == (200, b"")
    assert application.events == ["e1", "e2"]
    forged = delivery("e3") | {"data": write_neutral([OtherEvent(id="e4")])}
    status, text, headers = await post(url, **forged)
    assert (status, b"does not match the body" in text) == (401, True)
    assert headers["X-Content-Type-Options"] == "nosniff"
    large = b"x" * (MAX_BODY + 1)
    assert (await post(url, data=large, headers=sign_neutral(SECRET, large, NOW)))[0] == 413
    challenge = b'{"challenge": "abc"}'
    status, text, headers = await post(
        f"{url}?a=1", data=challenge, headers=sign_neutral(SECRET, challenge, NOW)
    )
    assert (status, b'"proof"' in text) == (200, True)
    assert headers["Content-Type"] == "application/json"
    async with aiohttp.ClientSession() as session, session.get(url) as reply:
        assert reply.status == 405
        assert reply.headers["Allow"] == "POST"
    assert application.events == ["e1", "e2"]


# Not with a server for each framework: the time is the receiver's business.
@pytest.mark.parametrize("application", SLOW, indirect=True)
async def test_slow_handler_does_not_hold_the_answer(application: Application) -> None:
    application.gate.clear()
    async with asyncio.timeout(8):
        status, text, _ = await post(application.url, **delivery("e1"))
    assert (status, b"send it again" in text) == (503, True)
    application.gate.set()
    async with asyncio.timeout(8):
        while (await post(application.url, **delivery("e1")))[0] != 200:
            pass
    assert application.events == ["e1"]


LARGE = [("aiohttp", 20.0), ("asgi", 20.0)]


@pytest.mark.parametrize("application", LARGE, indirect=True)
async def test_ten_megabytes_are_answered_413(application: Application) -> None:
    assert (await post(application.url, data=io.BytesIO(b"x" * 10_000_000)))[0] == 413


@pytest.mark.parametrize("application", LARGE, indirect=True)
async def test_chunked_body_is_read_whole(application: Application) -> None:
    whole = delivery("e1", "e2", "e3")

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(whole["data"]), 7):
            yield whole["data"][start : start + 7]

    assert (await post(application.url, data=pieces(), headers=whole["headers"]))[0] == 200
    assert application.events == ["e1", "e2", "e3"]


async def test_body_that_never_ends_is_answered_408(serve: Any, clock: Any) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    async with connect(ACCOUNT, clock=clock) as conference:
        receiver = conference.webhooks.receiver(print, answer_within=0.05)
        async with receiver:
            assert (await receiver.receive_stream({}, pieces())).status == 408


async def test_asgi_body_that_breaks_off_is_refused(clock: Any) -> None:
    whole, sent = delivery("e1"), []
    messages = [
        {"type": "http.request", "body": whole["data"][:9], "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> Any:
        return messages.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(name.encode(), value.encode()) for name, value in whole["headers"].items()]
    async with (
        connect(ACCOUNT, clock=clock) as conference,
        conference.webhooks.receiver(print) as receiver,
    ):
        scope = {"type": "http", "method": "POST", "headers": headers, "query_string": b""}
        await asgi_app(receiver)(scope, receive, send)
        with pytest.raises(ValueError, match="not by websocket"):
            await asgi_app(receiver)({"type": "websocket"}, receive, send)
    assert sent[0]["status"] == 401


async def test_asgi_lifespan_closes_the_receiver(clock: Any) -> None:
    messages, sent = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}], []

    async def receive() -> Any:
        return messages.pop(0)

    async def send(message: Any) -> None:
        sent.append(message["type"])

    async with connect(ACCOUNT, clock=clock) as conference:
        receiver = conference.webhooks.receiver(print)
        await asgi_app(receiver)({"type": "lifespan"}, receive, send)
        assert (await receiver.receive({}, b"")).status == 503
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


@pytest.mark.parametrize(
    ("environ", "status", "read"),
    [
        ({"CONTENT_LENGTH": "10000000"}, "413 ", MAX_BODY + 1),
        ({"CONTENT_LENGTH": "5"}, "401 Unauthorized", 5),
        ({"CONTENT_LENGTH": ""}, "401 ", 0),
        ({"CONTENT_LENGTH": "-1"}, "401 ", 0),
        ({"wsgi.input_terminated": True}, "413 ", MAX_BODY + 1),
    ],
)
def test_wsgi_reads_no_more_than_it_may(
    clock: Any, environ: dict[str, Any], status: str, read: int
) -> None:
    body, answers = io.BytesIO(b"x" * 10_000_000), []
    with (
        sync.connect(ACCOUNT, clock=clock) as conference,
        conference.webhooks.receiver(print, max_body=MAX_BODY) as receiver,
    ):
        wsgi_app(receiver)(
            {"REQUEST_METHOD": "POST", "wsgi.input": body, **environ},
            lambda line, headers: answers.append(line),
        )
    assert answers[0].startswith(status)
    assert body.tell() == read


async def test_simulator_reaches_a_receiver(serve: Any, clock: Any) -> None:
    """A simulator's sender and a receiver, over HTTP: disturbed on one side, once on the other."""
    from conferencing.sandbox import WebhookSender, World  # noqa: PLC0415

    events: list[str] = []
    quirks = {"duplicate_webhooks": True, "reorder_webhooks": True}
    sender = WebhookSender(
        World(), lambda body, now: sign_neutral(SECRET, body, now), quirks=quirks
    )
    handle: Callable[[Event], object] = lambda event: events.append(event.id)  # noqa: E731
    async with (
        connect(ACCOUNT, clock=clock) as conference,
        conference.webhooks.receiver(handle, answer_within=20) as receiver,
    ):
        url = await serve(aiohttp_handler(receiver))
        for number in range(20):
            sender.send(url, write_neutral([OtherEvent(id=f"e{number}", time=NOW)]))
        attempts = await sender.deliver()
    assert [attempt.status for attempt in attempts] == [200] * 40
    assert sorted(events) == sorted(f"e{number}" for number in range(20))


async def test_simulator_repeats_what_a_handler_failed(serve: Any, clock: Any) -> None:
    from conferencing.sandbox import WebhookSender, World  # noqa: PLC0415

    world, calls = World(), []

    async def handle(event: Event) -> None:
        calls.append(event.id)
        if len(calls) < 3:
            raise RuntimeError("the database is away")

    sender = WebhookSender(world, lambda body, now: sign_neutral(SECRET, body, now))
    async with (
        connect(ACCOUNT, clock=clock) as conference,
        conference.webhooks.receiver(handle, answer_within=20) as receiver,
    ):
        sender.send(await serve(aiohttp_handler(receiver)), write_neutral([OtherEvent(id="e1")]))
        for minutes in (0, 5, 20, 60):
            world.advance(timedelta(minutes=minutes))
            clock.time += minutes * 60
            await sender.deliver()
    assert [attempt.status for attempt in sender.attempts] == [503, 503, 200]
    assert calls == ["e1"] * 3


def test_handler_is_an_aiohttp_route(clock: Any) -> None:
    with sync.connect(ACCOUNT, clock=clock) as conference:
        receiver: Any = conference.webhooks.receiver(print)
        web.Application().router.add_post("/hooks", aiohttp_handler(receiver))
        receiver.close()
