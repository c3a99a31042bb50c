"""A pytest plugin: each exchange of a test run against the vendor's own schema.

`CHECKS` names for each simulator a module that has `CAN_CHECK`, whether there is a copy of the schema, and
`check_exchange(call, answer)`, which returns what does not fit it; `CHECKS_REPLIES` says whether it looks at
replies. The copies are not part of this project;
without one, or without what reads it, nothing is checked. A test that breaks the schema on purpose
is marked `off_schema` with the reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import lru_cache
from importlib import import_module
from typing import Any, Final

import pytest

from conferencing.accounts.registry import SIMULATORS, load
from conferencing.sandbox import Answer, Call

CHECKS: Final = {
    "googlemeet": "google_spec",
    "teams": "teams_spec",
    "webex": "webex_spec",
    "zoom": "zoom_spec",
}
"""The module that checks, by the provider of a simulator."""

OTHER_SHAPES: Final = {
    "failures_in_200", "missing_fields", "extra_fields", "other_spellings", "empty_deletes",
    "no_plan_in_200", "wrapped_value", "text_session_times", "unknown_words",
}  # fmt: skip
"""Quirks by which a simulator sends what was observed and is not in the schema."""

CLIENT: Final = "conferencing/"
"""The start of the User-Agent of requests that an adapter sends."""

REMEMBERED: Final = 4096
"""How many exchanges with a vendor are remembered: states of the same test are made the same way."""

COUNTS: Final = pytest.StashKey[Counter[str]]()
FAULTS: Final = pytest.StashKey[list[str]]()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "off_schema(reason): an exchange breaks the vendor's schema")
    config.stash[COUNTS] = Counter()
    config.stash[FAULTS] = []


@pytest.fixture(autouse=True, scope="session")
def _watch_simulators(pytestconfig: pytest.Config) -> Iterator[None]:
    """Check what each simulator answers, in this process."""
    with pytest.MonkeyPatch.context() as patch:
        for provider, name in CHECKS.items():
            module = import_module(name)
            if module.CAN_CHECK:
                simulator: Any = load(provider, SIMULATORS)
                watched = _watch(simulator.handle, provider, module, pytestconfig)
                patch.setattr(simulator, "handle", watched)
        yield


def _watch(
    handle: Callable[[Any, Call], Answer],
    provider: str,
    module: Any,
    config: pytest.Config,
) -> Callable[[Any, Call], Answer]:
    """Return a `handle` that checks what it answers. Refusals have no schema that is complete."""

    @lru_cache(REMEMBERED)
    def check(
        request: tuple[str, str, str, bytes], reply: tuple[int, str, bytes], by_adapter: bool
    ) -> tuple[str, ...] | None:
        method, path, query, body = request
        call = Call(method=method, path=path, query=query, body=body)
        status, media_type, body = reply
        answer = Answer(status=status, media_type=media_type, body=body)
        faults = module.check_exchange(call, answer, by_adapter)
        return None if faults is None else tuple(faults)

    def handle_and_check(simulator: Any, call: Call) -> Answer:
        answer = handle(simulator, call)
        quirks = {name for name, on in simulator.quirks.items() if on}
        if answer.status < 400 and quirks.isdisjoint(OTHER_SHAPES):
            by_adapter = call.headers.get("user-agent", "").startswith(CLIENT)
            request = (call.method, call.path, call.query, call.body)
            faults = check(request, (answer.status, answer.media_type, answer.body), by_adapter)
            if faults is not None:
                replies = {f"{provider} replies": 1} if module.CHECKS_REPLIES else {}
                config.stash[COUNTS].update({f"{provider} requests": by_adapter, **replies})
                config.stash[FAULTS].extend(faults)
        return answer

    return handle_and_check


@pytest.fixture(autouse=True)
def _no_faults(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test in which an exchange does not fit the schema."""
    faults = request.config.stash[FAULTS]
    faults.clear()
    yield
    if request.node.get_closest_marker("off_schema") is None:
        listing = "\n".join(sorted(set(faults)))
        assert not faults, f"exchanges break the vendor's schema:\n{listing}"


def pytest_sessionfinish(session: pytest.Session) -> None:
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["exchanges"] = dict(session.config.stash[COUNTS])


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    node.config.stash[COUNTS].update(getattr(node, "workeroutput", {}).get("exchanges", {}))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    for what, number in sorted(config.stash[COUNTS].items()):
        terminalreporter.write_line(f"{number:,} {what} were checked against the vendor's schema")
