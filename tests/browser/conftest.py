"""A headless Chromium on a sandbox of its own; without Chromium or Playwright, the tests are skipped."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from chromium import ARGUMENTS, CHROMIUM
from join_vendor import JoinVendor, serve_vendor

from conferencing.sandbox import Sandbox

try:
    from playwright.async_api import Browser, async_playwright
except ImportError:
    Browser, async_playwright = Any, None  # type: ignore[assignment,misc]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run all of these in one loop, so that one browser serves them; skip what cannot run."""
    missing = "Playwright" if async_playwright is None else None if CHROMIUM else "Chromium"
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
            if missing:
                item.add_marker(pytest.mark.skip(reason=f"{missing} is not installed"))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield launched
        await launched.close()


@pytest_asyncio.fixture(loop_scope="session")
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(["clickmeeting"]) as running:
        yield running


@pytest.fixture
def vendor(sandbox: Sandbox) -> JoinVendor:
    return serve_vendor(sandbox)


@pytest_asyncio.fixture(loop_scope="session")
async def person(
    browser: Browser, sandbox: Sandbox
) -> AsyncIterator[Callable[..., Awaitable[Any]]]:
    """Make a person with a browser of their own: `page = await person(color_scheme="dark")`.

    No request may have gone elsewhere, and no policy may have been broken.
    """
    contexts: list[Any] = []
    asked: list[str] = []
    complaints: list[str] = []

    async def make(**options: Any) -> Any:
        context = await browser.new_context(**options)
        contexts.append(context)
        context.set_default_timeout(10_000)
        page = await context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(dialog.message))
        return page

    yield make
    for context in contexts:
        await context.close()
    assert all(url.startswith(f"{sandbox.origin}/") for url in asked)
    # A browser logs each error page, and some tests open them on purpose.
    assert [text for text in complaints if "the server responded with" not in text] == []
