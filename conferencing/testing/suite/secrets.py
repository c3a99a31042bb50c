"""Credentials: a wrong one is refused as such, and none shows anywhere."""

from __future__ import annotations

import base64
import json
import logging
import pickle
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from traceback import TracebackException
from types import TracebackType
from typing import Any, Final, cast
from urllib.parse import quote

from attrs import asdict, has

from conferencing.capabilities import Operation
from conferencing.conference import connect
from conferencing.errors import AuthenticationFailed, ConferencingError
from conferencing.model import AccessToken, EntryKind, File, JoinLink, Passcode, Role, Room
from conferencing.testing.actions import respond
from conferencing.testing.base import Harness, SuiteBase
from conferencing.testing.clock import FakeClock
from conferencing.testing.expect import expect, expect_raises, expect_success, outcome_of, type_of
from conferencing.testing.operations import OperationCase
from conferencing.testing.scenario import HOST, Scenario

from .fields import entry_candidates

__all__ = ["SecretTests"]

CANARY: Final = "canary-c0de-5f1e"
HERE: Final = str(Path(__file__).parents[1])
ECHOES: Final = (
    "<p>…</p>",
    '{"error": "…"}',
    '{"message": "…"}',
    '{"error": "…"',
    '{"errors": [{"message": "…"}], "message": "…"}',
    '{"status": false, "error_messages": ["…"], "msg": "…"}',
    "…",
)
"""Bodies in which a vendor repeats what it was sent."""

SHORTEST: Final = 6
"""Length of the shortest text that is searched for: shorter ones occur by chance."""


class SecretTests(SuiteBase):
    """Use every credential, and search for it wherever texts go."""

    def test_wrong_credential_is_refused(self) -> None:
        """Each credential by itself: the call raises `AuthenticationFailed`."""
        if not self.declared().supports(Operation.CHECK) or self.simulator_class() is None:
            return

        async def test(harness: Harness) -> None:
            for name, value in harness.credentials().items():
                async with harness.scenario() as scenario:
                    await scenario.conference.check()
                wrong = "z" + value[1:][::-1]
                account = harness.account(**{name: wrong})
                async with connect(account, clock=FakeClock()) as client:
                    call = client.check()
                    error = await expect_raises(call, AuthenticationFailed, f"a wrong {name}")
                shown = wrong in f"{error!r}{error}{error.facts}"
                expect(not shown, f"the error shows {name}")

        self.run(test)

    def test_no_secret_shows(self) -> None:
        """Reprs, errors, logs at DEBUG, tracebacks with locals and pickles hold no secret."""

        async def test(harness: Harness) -> None:
            secrets: set[str] = set(harness.credentials().values())
            with _log_lines() as lines:
                texts = [pair async for pair in self._texts(harness, secrets)]
            texts += [("a log line", line) for line in lines]
            everything = "\0".join(text for _, text in texts)
            for secret in secrets:
                for form in _forms(secret):
                    if form in everything:
                        source, text = next(pair for pair in texts if form in pair[1])
                        raise AssertionError(f"{source} shows a secret: {_excerpt(text, form)}")

        self.run(test)

    async def _texts(self, harness: Harness, secrets: set[str]) -> AsyncIterator[tuple[str, str]]:
        """Yield all texts that calls leave behind, and add the secrets on the way to `secrets`."""
        for case in self.cases():
            async with harness.scenario(*case.states) as scenario:
                result = await expect_success(case.perform(scenario), str(case))
                secrets |= set(_secrets_of(result))
                for text in _texts_of(result):
                    yield f"the result of {case}", text
                for text in _texts_of_client(scenario):
                    yield "the client", text
            async for text in self._failures(harness, case, secrets):
                yield f"an error of {case}", text
        async for pair in self._passcodes(harness, secrets):
            yield pair

    async def _failures(
        self, harness: Harness, case: OperationCase, secrets: set[str]
    ) -> AsyncIterator[str]:
        credentials = set(harness.credentials().values())
        async with harness.scenario(*case.states) as scenario:
            if scenario.server is None:
                return
            await outcome_of(case.perform(scenario), str(case))
            sent = _find_sent_secrets(scenario, credentials)
            secrets |= sent
            for shape in ECHOES:  # a refused call changes nothing
                body = shape.replace("…", " ".join(sorted(sent)))
                scenario.server.inject(respond(422, body.encode()))
                outcome = await outcome_of(case.perform(scenario), str(case))
                if isinstance(outcome, ConferencingError):
                    for text in _texts_of_error(outcome):
                        yield text

    async def _passcodes(
        self, harness: Harness, secrets: set[str]
    ) -> AsyncIterator[tuple[str, str]]:
        features = self.adapter().features
        if EntryKind.PASSCODE not in features.entry or "entry" not in features.create_fields:
            return
        secrets.add(CANARY)
        for rule in entry_candidates(EntryKind.PASSCODE):
            role: Role | None = getattr(rule, "role", None)
            async with harness.scenario() as scenario:
                entry = Passcode(CANARY, role=role)
                room = await outcome_of(scenario.make_room(entry=entry), "create_room()")
                for text in _texts_of(room) if isinstance(room, Room) else ():
                    yield "a room with a passcode", text
                if scenario.can(Operation.START_SESSION) and isinstance(room, Room):
                    call = scenario.conference.start_session(room, HOST)
                    for text in _texts_of(await outcome_of(call, "start_session()")):
                        yield "a host's link", text


def _find_sent_secrets(scenario: Scenario, credentials: set[str]) -> set[str]:
    """Return the credentials in the requests so far, which a vendor could repeat."""
    requests = scenario.requests
    sent = " ".join(f"{each.target} {each.headers} {each.body!r}" for each in requests)
    headers = (value for each in requests for value in each.header("authorization"))
    tokens = {value.partition(" ")[2] for value in headers}
    secrets = credentials | tokens
    return {secret for secret in secrets if len(secret) >= SHORTEST and secret in sent}


def _forms(secret: str) -> set[str]:
    """Return the forms in which a secret can show."""
    raw = secret.encode()
    encoded = base64.b64encode(raw).decode().rstrip("=")
    return {secret, quote(secret, safe=""), json.dumps(secret)[1:-1], raw.hex(), encoded}


def _items(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list | tuple) else [value]


def _secrets_of(value: Any) -> Iterator[str]:
    """Yield the secrets of models: codes, files, and personal links."""
    for model in _items(value):
        link = model if isinstance(model, JoinLink) else getattr(model, "join_link", None)
        if isinstance(link, JoinLink) and link.personal and len(link.url) >= SHORTEST:
            yield link.url
        if isinstance(model, AccessToken) and len(model.code.reveal()) >= SHORTEST:
            yield model.code.reveal()
        files: tuple[File, ...] = getattr(model, "files", ())
        yield from (file.url for file in files)


def _texts_of(value: Any) -> Iterator[str]:
    yield repr(value)
    yield str(value)
    for model in _items(value):
        if has(type_of(model)):
            yield repr(asdict(model, recurse=False))
            yield repr(dict(getattr(model, "native", {})))
            yield pickle.dumps(model).decode("latin-1")


def _texts_of_client(scenario: Scenario) -> Iterator[str]:
    provider: Any = scenario.conference.provider
    settings = getattr(provider, "settings", None)
    for part in (scenario.conference, provider, settings, provider.context):
        yield f"{part!r} {part}"
    yield repr(vars(scenario.conference.provider))


def _texts_of_error(error: ConferencingError) -> Iterator[str]:
    yield f"{error!r} {error} {error.facts}"
    yield pickle.dumps(error).decode("latin-1")
    chain: BaseException | None = error
    while chain is not None:
        yield repr(chain)
        frames = TracebackException(
            type(chain), chain, _beyond_suite(chain.__traceback__), capture_locals=True
        )
        yield "".join(frames.format(chain=False))
        chain = chain.__cause__ or chain.__context__


def _beyond_suite(traceback: TracebackType | None) -> TracebackType | None:
    """Return the part of a traceback below the suite's own frames, which hold the secrets."""
    while traceback is not None and traceback.tb_frame.f_code.co_filename.startswith(HERE):
        traceback = traceback.tb_next
    return traceback


class _Collector(logging.Handler):
    """Collect log lines, with the arguments of each."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__(logging.DEBUG)
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(f"{record.getMessage()} {record.args}")


@contextmanager
def _log_lines() -> Generator[list[str]]:
    """Collect everything that is logged at DEBUG, by any logger."""
    lines: list[str] = []
    handler = _Collector(lines)
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.DEBUG)
    root.addHandler(handler)
    try:
        yield lines
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


def _excerpt(text: str, secret: str) -> str:
    place = text.find(secret)
    return repr(text[max(place - 60, 0) : place + 12] + "…")
