"""The part of the suite on credentials: a wrong one is refused as such, and none ever shows."""

from __future__ import annotations

import logging
import pickle
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from traceback import TracebackException
from types import TracebackType
from typing import Any, Final, cast, get_args, get_type_hints

from attrs import asdict, has

from conferencing.capabilities import Operation
from conferencing.conference import connect
from conferencing.errors import AuthenticationFailed, ConferencingError
from conferencing.model import AccessToken, EntryKind, File, JoinLink, Passcode, Role, Room
from conferencing.model.secret import Secret

from .base import Harness, SuiteBase
from .clock import FakeClock
from .expect import expect, kind_of, outcome, raised, succeeded
from .fields import entry_candidates
from .plays import CASES
from .scenario import HOST, Scenario

__all__ = ["SecretTests"]

CANARY: Final = "canary-c0de-5f1e"
HERE: Final = str(Path(__file__).parent)
ECHOES: Final = ("<p>…</p>", '{"error": "…"', '{"errors": [{"message": "…"}], "message": "…"}', "…")
"""Bodies in which a vendor repeats what it was sent."""

LEAST: Final = 6
"""How long a text must be to be sought: shorter ones stand anywhere by chance."""


class SecretTests(SuiteBase):
    """Use every credential, and look for it wherever texts go."""

    def test_a_wrong_credential_is_an_authentication_failure(self) -> None:
        """Each of them by itself."""
        if not self.declared().supports(Operation.CHECK) or self.simulator_class() is None:
            return

        async def scene(harness: Harness) -> None:
            for name, value in self._credentials(harness).items():
                async with harness.scenario() as scenario:
                    await scenario.conference.check()
                wrong = "z" + value[1:][::-1]
                async with connect(harness.account(**{name: wrong}), clock=FakeClock()) as bad:
                    error = await raised(bad.check(), AuthenticationFailed, f"a wrong {name}")
                expect(wrong not in f"{error!r}{error}{error.facts}", f"the error shows {name}")

        self.run(scene)

    def test_no_secret_shows(self) -> None:
        """Not in repr, errors, logs at DEBUG, tracebacks with locals, nor pickles."""

        async def scene(harness: Harness) -> None:
            with _logged() as lines:
                texts = [one async for one in self._told(harness)]
            texts += [("a log line", line) for line in lines]
            for secret in self._secrets:
                for what, text in texts:
                    expect(secret not in text, f"{what} shows a secret: {_around(text, secret)}")

        self._secrets: set[str] = set()
        self.run(scene)

    async def _told(self, harness: Harness) -> AsyncIterator[tuple[str, str]]:
        """Give all texts that an adapter's work leaves, and gather the secrets on the way."""
        credentials = self._credentials(harness)
        self._secrets |= set(credentials.values())
        for operation in Operation:
            play = CASES[operation]
            if not self.declared().supports(operation):
                continue
            async with harness.scenario(*play.needs) as scenario:
                result = await succeeded(play.perform(scenario), operation.value)
                self._secrets |= set(_hidden_in(result))
                for text in _texts_of(result):
                    yield f"what {operation} returned", text
                for text in _texts_of_client(scenario):
                    yield "the client", text
            async for text in self._failures(harness, operation, credentials):
                yield f"an error of {operation}", text
        async for one in self._passcodes(harness):
            yield one

    async def _failures(
        self, harness: Harness, operation: Operation, known: dict[str, str]
    ) -> AsyncIterator[str]:
        play = CASES[operation]
        for shape in ECHOES:
            async with harness.scenario(*play.needs) as scenario:
                if scenario.served is None:
                    return
                await outcome(play.perform(scenario), operation.value)
                said = _shown(scenario, known)
                self._secrets |= said
                body = shape.replace("…", " ".join(sorted(said)))
                scenario.served.fail("status", status=422, body=body, times=99)
                came = await outcome(play.perform(scenario), operation.value)
                if isinstance(came, ConferencingError):
                    for text in _texts_of_error(came):
                        yield text

    async def _passcodes(self, harness: Harness) -> AsyncIterator[tuple[str, str]]:
        features = self.adapter().features
        if EntryKind.PASSCODE not in features.entry or "entry" not in features.create_fields:
            return
        self._secrets.add(CANARY)
        for rule in entry_candidates(EntryKind.PASSCODE):
            role: Role | None = getattr(rule, "role", None)
            async with harness.scenario() as scenario:
                entry = Passcode(CANARY, role=role)
                room = await outcome(scenario.make_room(entry=entry), "create_room(entry=Passcode)")
                for text in _texts_of(room) if isinstance(room, Room) else ():
                    yield "a room with a passcode", text
                if scenario.can(Operation.START_SESSION) and isinstance(room, Room):
                    link = await outcome(scenario.conference.start_session(room, HOST), "start")
                    for text in _texts_of(link):
                        yield "a host's link", text

    def _credentials(self, harness: Harness) -> dict[str, str]:
        """Return the settings of the account that are secrets."""
        hints = get_type_hints(self.adapter().settings_class)
        account = harness.account()
        return {
            name: str(account[name])
            for name, hint in hints.items()
            if name in account and Secret in (hint, *get_args(hint))
        }


def _shown(scenario: Scenario, known: dict[str, str]) -> set[str]:
    """Return the credentials that the requests seen had in them, and a vendor could repeat."""
    seen = scenario.served.requests if scenario.served else ()
    sent = " ".join(f"{one.target} {one.headers} {one.body!r}" for one in seen)
    tokens = {one.headers.get("authorization", "").partition(" ")[2] for one in seen}
    return {one for one in (*known.values(), *tokens) if len(one) >= LEAST and one in sent}


def _each(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list | tuple) else [value]


def _hidden_in(value: Any) -> Iterator[str]:
    """Give the texts of what is a secret in a value: codes, files, and links that are personal."""
    for one in _each(value):
        link = one if isinstance(one, JoinLink) else getattr(one, "join_link", None)
        if isinstance(link, JoinLink) and link.personal and len(link.url) > LEAST:
            yield link.url
        if isinstance(one, AccessToken) and len(one.code.reveal()) >= LEAST:
            yield one.code.reveal()
        files: tuple[File, ...] = getattr(one, "files", ())
        yield from (file.url for file in files)


def _texts_of(value: Any) -> Iterator[str]:
    yield repr(value)
    yield str(value)
    for one in _each(value):
        if has(kind_of(one)):
            yield repr(asdict(one, recurse=False))
            yield repr(dict(getattr(one, "native", {})))
            yield pickle.dumps(one).decode("latin-1")


def _texts_of_client(scenario: Scenario) -> Iterator[str]:
    provider: Any = scenario.conference.provider
    for one in (
        scenario.conference,
        provider,
        getattr(provider, "settings", None),
        provider.context,
    ):
        yield f"{one!r} {one}"
    yield repr(vars(scenario.conference.provider))


def _texts_of_error(error: ConferencingError) -> Iterator[str]:
    yield f"{error!r} {error} {error.facts}"
    yield pickle.dumps(error).decode("latin-1")
    chain: BaseException | None = error
    while chain is not None:
        yield repr(chain)
        frames = TracebackException(
            type(chain), chain, _beyond(chain.__traceback__), capture_locals=True
        )
        yield "".join(frames.format(chain=False))
        chain = chain.__cause__ or chain.__context__


def _beyond(traceback: TracebackType | None) -> TracebackType | None:
    """Return what lies beyond the suite's own frames, which know the secrets."""
    while traceback is not None and traceback.tb_frame.f_code.co_filename.startswith(HERE):
        traceback = traceback.tb_next
    return traceback


class _Gathering(logging.Handler):
    """Gather lines, with the arguments that went into them."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__(logging.DEBUG)
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(f"{record.getMessage()} {record.args}")


@contextmanager
def _logged() -> Generator[list[str]]:
    """Gather all that is logged at DEBUG, by whomever."""
    lines: list[str] = []
    handler = _Gathering(lines)
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.DEBUG)
    root.addHandler(handler)
    try:
        yield lines
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


def _around(text: str, secret: str) -> str:
    place = text.find(secret)
    return repr(text[max(place - 60, 0) : place + 12] + "…")
