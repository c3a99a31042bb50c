"""An address on loopback for the webhooks of an account, in tests and in the demo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conferencing.errors import ConferencingError

if TYPE_CHECKING:
    from aiohttp import web

    from conferencing.conference import Conference

__all__ = ["WebhookListener"]

NOWHERE: Final = "http://127.0.0.1:9/webhooks"
"""The address of a listener that does not listen."""


class WebhookListener:
    """Answer a vendor that checks an address, and accept what it sends.

    `conference` is the account that answers; `url` is the address.
    """

    def __init__(self) -> None:
        self.conference: Conference | None = None
        self.url = NOWHERE
        self._runner: web.ServerRunner | None = None

    async def start(self) -> None:
        """Listen on a free port."""
        from aiohttp import web  # noqa: PLC0415 - an adapter without a network needs none

        self._runner = web.ServerRunner(web.Server(self._answer))
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"{site.name}/webhooks"

    async def aclose(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()
        self._runner, self.url = None, NOWHERE

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        from aiohttp import web  # noqa: PLC0415

        if self.conference is None:
            return web.Response(status=503)
        if request.method == "GET" and self.conference.provider.probes_webhooks:
            return web.Response()
        body, query = await request.read(), request.rel_url.raw_query_string
        try:
            delivery = await self.conference.webhooks.read(request.headers, body, query=query)
        except ConferencingError:
            return web.Response(status=400)
        answer = delivery.answer
        return web.Response(status=answer.status, headers=answer.headers, body=answer.body)
