"""Receivers as web frameworks want them: an aiohttp handler, an ASGI app, and a WSGI app.

Django and Flask call `receive` of the blocking receiver in a view; `docs/webhooks.md` shows each.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, MutableMapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from .request import WebhookAnswer

if TYPE_CHECKING:
    from aiohttp import web

    from .blocking import Receiver as BlockingReceiver
    from .receiver import Receiver

__all__ = ["aiohttp_handler", "asgi_app", "wsgi_app"]

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Message, Receive, Send], Awaitable[None]]
WSGIApp = Callable[[Mapping[str, Any], Callable[..., Any]], Iterable[bytes]]


def aiohttp_handler(
    receiver: Receiver,
) -> Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]:
    """Return a handler for `app.router.add_post(path, handler)`."""
    from aiohttp import web  # noqa: PLC0415 - other frameworks need none

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        answer = await receiver.receive_stream(
            request.headers,
            request.content.iter_any(),
            query=request.rel_url.raw_query_string,
            method=request.method,
        )
        return web.Response(status=answer.status, headers=answer.headers, body=answer.body)

    return handle


def asgi_app(receiver: Receiver) -> ASGIApp:
    """Return an ASGI app, to serve alone or as a route of Starlette or FastAPI.

    Served alone, it closes the receiver at the end of its lifespan. In Starlette and FastAPI, use
    `app.add_route(path, asgi_app(receiver))`: a mounted app answers `/path` by a redirect to
    `/path/`, which vendors do not follow.
    """
    return ASGIReceiver(receiver)


class ASGIReceiver:
    """An ASGI app. It is an object, since Starlette takes a function for one of another kind."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer a request, or close the receiver at the end of the lifespan."""
        if scope["type"] == "lifespan":
            await _live(self._receiver, receive, send)
            return
        if scope["type"] != "http":
            raise ValueError(f"webhooks come by HTTP, not by {scope['type']}")
        answer = await self._receiver.receive_stream(
            scope["headers"],
            _body(receive),
            query=scope.get("query_string", b"").decode("latin-1"),
            method=scope["method"],
        )
        headers = [(name.lower().encode(), value.encode()) for name, value in _headers(answer)]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})


async def _live(receiver: Receiver, receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.shutdown":
            await receiver.aclose()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def _body(receive: Receive) -> AsyncIterator[bytes]:
    """Yield the body. One that breaks off is short, so that its signature does not match."""
    more = True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            return
        yield message.get("body", b"")
        more = message.get("more_body", False)


def wsgi_app(receiver: BlockingReceiver) -> WSGIApp:
    """Return a WSGI app of a blocking receiver, to serve alone or to mount."""

    def app(environ: Mapping[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        answer = receiver.receive(
            _read_environ(environ),
            _read_input(environ, receiver.max_body),
            query=environ.get("QUERY_STRING", ""),
            method=environ["REQUEST_METHOD"],
        )
        status = f"{answer.status} {HTTPStatus(answer.status).phrase}"
        start_response(status, _headers(answer))
        return [answer.body]

    return app


def _read_environ(environ: Mapping[str, Any]) -> dict[str, str]:
    """Return the headers of a WSGI request (PEP 3333), in which names have underscores."""
    return {
        name.removeprefix("HTTP_").replace("_", "-"): value
        for name, value in environ.items()
        if name.startswith("HTTP_") or name in {"CONTENT_TYPE", "CONTENT_LENGTH"}
    }


def _read_input(environ: Mapping[str, Any], max_body: int) -> bytes:
    """Return the body, but at most one byte more than may be: that is refused as too large.

    Without a length, reading a socket to its end would wait for ever, unless the server ends it.
    """
    length = environ.get("CONTENT_LENGTH") or ""
    if not length.isdigit():
        length = str(max_body + 1) if environ.get("wsgi.input_terminated") else "0"
    body: bytes = environ["wsgi.input"].read(min(int(length), max_body + 1))
    return body


def _headers(answer: WebhookAnswer) -> list[tuple[str, str]]:
    return [*answer.headers.items(), ("Content-Length", str(len(answer.body)))]
