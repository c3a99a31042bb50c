"""pytest fixtures for tests of programs that use this library; pytest finds them by itself.

Only pytest is loaded until a test asks for one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .served import ServedSandbox

__all__ = ["conferencing_account", "conferencing_sandbox"]


@pytest.fixture(scope="session")
def _conferencing_served() -> Iterator[ServedSandbox]:
    from .served import ServedSandbox  # noqa: PLC0415 - it loads aiohttp

    with ServedSandbox() as served:
        yield served


@pytest.fixture
def conferencing_sandbox(_conferencing_served: ServedSandbox) -> ServedSandbox:
    """Serve simulators of all installed providers on loopback, reset for this test.

    `conferencing_sandbox["clickmeeting"].simulator.world` is the state behind the API: move people,
    advance the clock, read the outbox.
    """
    _conferencing_served.reset()
    return _conferencing_served


@pytest.fixture
def conferencing_account(
    conferencing_sandbox: ServedSandbox,
) -> Callable[..., dict[str, Any]]:
    """Return accounts on the sandbox: `conferencing.connect(conferencing_account("clickmeeting"))`.

    A second argument names a dialect, as in `conferencing_account("vconnct", "v4")`; keywords are
    laid over the account.
    """

    def account(provider: str, dialect: str = "", **keys: Any) -> dict[str, Any]:
        return {**conferencing_sandbox.account(provider, dialect), **keys}

    return account
