"""Servers for applications: ASGI over aiohttp's server, and WSGI over that of the standard library."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from aiohttp import web


def asgi_handler(app: Any) -> Callable[[web.BaseRequest], Any]:
    """Return an aiohttp handler that calls an ASGI app, whose body arrives in pieces."""

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": request.method,
            "scheme": "http",
            "path": request.path,
            "raw_path": request.path.encode(),
            "query_string": request.rel_url.raw_query_string.encode(),
            "root_path": "",
            "headers": [(name.lower(), value) for name, value in request.raw_headers],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 2),
        }
        sent: list[Any] = []

        async def receive() -> Any:
            piece = await request.content.read(1000)
            return {"type": "http.request", "body": piece, "more_body": bool(piece)}

        async def send(message: Any) -> None:
            sent.append(message)

        await app(scope, receive, send)
        start, *bodies = sent
        headers = [(name.decode(), value.decode()) for name, value in start["headers"]]
        body = b"".join(message.get("body", b"") for message in bodies)
        response = web.Response(status=start["status"], body=body)
        for name, value in headers:
            response.headers[name] = value
        return response

    return handle


class Server(ThreadingMixIn, WSGIServer):
    """A WSGI server with a thread for each request."""

    daemon_threads = True


class Quiet(WSGIRequestHandler):
    """A handler that logs nothing."""

    def log_message(self, *_: Any) -> None:
        """Do nothing."""


@contextmanager
def serve_wsgi(app: Any) -> Iterator[str]:
    """Serve a WSGI app on loopback and yield its address."""
    with make_server("127.0.0.1", 0, app, Server, Quiet) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join(10)
