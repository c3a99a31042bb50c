"""The examples of `docs/webhooks.md` for web frameworks, each served and sent a webhook."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from servers import asgi_handler, serve_wsgi

from conferencing import Secret
from conferencing.accounts.context import SystemClock
from conferencing.webhooks import OtherEvent, sign_neutral, write_neutral

PAGE = Path(__file__).parents[2] / "docs" / "webhooks.md"
CONFIG = '[accounts.main]\nprovider = "memory"\nwebhook_secret = "s"\n'


@pytest.fixture
def example(tmp_path: Path, monkeypatch: Any) -> Callable[[str], dict[str, Any]]:
    """Return a function that runs the example below a heading, in a folder with an account."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "conferencing.toml").write_text(CONFIG, "utf-8")

    def run(heading: str) -> dict[str, Any]:
        section = PAGE.read_text("utf-8").partition(f"\n### {heading}\n")[2]
        match = re.search(r"^```py\n(.*?)^```", section, re.DOTALL | re.MULTILINE)
        assert match is not None
        names: dict[str, Any] = {"__name__": "example"}
        exec(compile(match[1], f"the example of {heading}", "exec"), names)
        return names

    return run


async def check(url: str, capsys: Any) -> None:
    """Send a webhook twice, and see that it was handled once."""
    body = write_neutral([OtherEvent(id="e1", room_id="r1")])
    headers = sign_neutral(Secret("s"), body, SystemClock().now())
    async with aiohttp.ClientSession() as session:
        for _ in range(2):
            options: Any = {"data": body, "headers": headers, "allow_redirects": False}
            async with session.post(f"{url}/webhooks", **options) as reply:
                assert reply.status == 200, await reply.text()
        async with session.post(f"{url}/webhooks", data=body) as reply:
            assert reply.status == 401
    assert capsys.readouterr().out == "other r1\n"


async def test_example_of_aiohttp_runs(example: Any, capsys: Any) -> None:
    runner = web.AppRunner(example("aiohttp")["app"])
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    await check(f"http://127.0.0.1:{runner.addresses[0][1]}", capsys)
    await runner.cleanup()


async def test_example_of_fastapi_runs(example: Any, serve: Any, capsys: Any) -> None:
    pytest.importorskip("fastapi")
    names = example("FastAPI and Starlette")
    async with names["lifespan"](names["app"]):
        await check(await serve(asgi_handler(names["app"])), capsys)


async def test_example_of_flask_runs(example: Any, capsys: Any) -> None:
    pytest.importorskip("flask")
    names = example("Flask")
    with serve_wsgi(names["app"]) as url:
        await check(url, capsys)
    close(names)


async def test_example_of_django_runs(example: Any, capsys: Any) -> None:
    pytest.importorskip("django")
    from django.conf import settings  # noqa: PLC0415
    from django.core.wsgi import get_wsgi_application  # noqa: PLC0415
    from django.urls import clear_url_caches  # noqa: PLC0415

    if not settings.configured:
        settings.configure(ALLOWED_HOSTS=["127.0.0.1"], MIDDLEWARE=[], ROOT_URLCONF="hooks_urls")
    names = example("Django")
    sys.modules[settings.ROOT_URLCONF] = type(sys)(settings.ROOT_URLCONF)
    sys.modules[settings.ROOT_URLCONF].urlpatterns = names["urlpatterns"]
    clear_url_caches()
    with serve_wsgi(get_wsgi_application()) as url:
        await check(url, capsys)
    close(names)


def close(names: dict[str, Any]) -> None:
    names["get_receiver"]().close()
    names["get_conference"]().close()
