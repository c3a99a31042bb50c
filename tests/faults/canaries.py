"""Watching for secrets: what was one on the wire must show in no text that is left behind."""

from __future__ import annotations

import base64
import json
import logging
import pickle
import re
from collections.abc import Iterator
from pathlib import Path
from traceback import TracebackException
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import parse_qsl, quote

from attrs import asdict, has

__all__ = ["Watch", "note_outcome", "note_traffic"]

HERE: Final = ("/tests/", "/benchmarks/", "/conferencing/testing/", "/conferencing/sandbox/")
"""Where frames know secrets because they play the vendor, or the one who has them."""

LEAST: Final = 6
"""How long a secret must be to be sought: shorter ones stand anywhere by chance."""

MOST: Final = 150
"""How many secrets are sought; with some vendors each request has a signature of its own."""

NAMES: Final = frozenset(
    [
        "x-api-key",
        "password",
        "token",
        "tokens",
        "autologin_hash",
        "autologin_hashes",
        "access_role_hashes",
        "phone_presenter_pin",
        "phone_listener_pin",
        "recording_url",
        "url",
        "license",
        "moderator_password",
        "attendee_password",
        "key",
        "secret",
        "hash-signature",
        "final_link",
        "invitation_link",
        "invitation_url",
        "authorization",
        "client_key",
        "client_secret",
        "access_token",
        "condition",
    ]
)
"""Names under which credentials, passcodes, personal links and hashes stand on the wires of all
vendors, in requests and replies."""

_watches: list[Watch] = []


class Watch:
    """Gather secrets from the wire and texts from everywhere, and tell which text shows which."""

    def __init__(self) -> None:
        self.secrets: set[str] = set()
        self.texts: list[tuple[str, str]] = []
        self._handler = logging.Handler(logging.DEBUG)
        setattr(self._handler, "emit", self._logged)  # noqa: B010

    def __enter__(self) -> Self:
        root = logging.getLogger()
        self._level = root.level
        root.setLevel(logging.DEBUG)
        root.addHandler(self._handler)
        _watches.append(self)
        return self

    def __exit__(self, *_: object) -> None:
        _watches.remove(self)
        logging.getLogger().removeHandler(self._handler)
        logging.getLogger().setLevel(self._level)

    # -- secrets

    def traffic(self, headers: dict[str, str], sent: bytes, received: bytes) -> None:
        """Note the secrets in a request and its reply, as long as there are not too many."""
        if len(self.secrets) > MOST:
            return
        pairs = [*headers.items(), *_named(sent), *_named(received)]
        for name, value in pairs:
            if name.lower() in NAMES:
                self.secrets |= {part for part in value.split(" ") if len(part) >= LEAST}
        self.secrets -= {"bearer", "Bearer"}

    # -- texts

    def outcome(self, value: object) -> None:
        """Note all that a result or an error shows of itself."""
        self.texts += [("a repr", f"{value!r} {value}"), ("a pickle", _pickled(value))]
        if isinstance(value, BaseException):
            self.texts.append(("an error's facts", repr(getattr(value, "facts", ""))))
            self.texts += [("a traceback with locals", text) for text in _traced(value)]
        for one in value if isinstance(value, list | tuple) else [value]:
            if has(type(one)):
                shown = repr(asdict(one, recurse=False)), repr(dict(getattr(one, "native", {})))
                self.texts += [("a value's fields", text) for text in shown]

    def printed(self, *texts: str) -> None:
        """Note what was printed."""
        self.texts += [("output", text) for text in texts]

    def files(self, folder: Path) -> None:
        """Note all files in a folder, with their names."""
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                self.texts.append(("a file", f"{path.name} {path.read_bytes().decode('latin-1')}"))

    def _logged(self, record: logging.LogRecord) -> None:
        self.texts.append(("a log line", f"{record.getMessage()} {record.args!r}"))
        if record.exc_info and record.exc_info[1]:
            self.texts += [("a logged traceback", text) for text in _traced(record.exc_info[1])]

    # -- the search

    def hits(self) -> list[str]:
        """Return each place where a secret shows, in any of the forms that it may have."""
        everything = "\0".join(text for _, text in self.texts)
        forms = {form for secret in self.secrets for form in _forms(secret)}
        shown = [form for form in forms if form in everything]
        return [
            f"{what}: …{text[max(text.index(form) - 80, 0) :][: 100 + len(form)]}…"
            for form in shown
            for what, text in self.texts
            if form in text
        ]


def note_traffic(headers: dict[str, str], sent: bytes, received: bytes) -> None:
    """Let whoever watches know of a request and its reply."""
    for watch in _watches:
        watch.traffic(headers, sent, received)


def note_outcome(value: object) -> None:
    """Let whoever watches know what came of an operation."""
    for watch in _watches:
        watch.outcome(value)


def _named(body: bytes) -> Iterator[tuple[str, str]]:
    """Give the values of a body with their names: JSON or a form."""
    try:
        yield from _leaves("", json.loads(body))
    except (ValueError, RecursionError):
        for key, value in parse_qsl(body.decode("latin-1")):
            yield re.sub(r"(\[\d*\])+$", "", key).rpartition("[")[2].rstrip("]"), value


def _leaves(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, part in value.items():
            # Below a name that says it, all is secret: `access_role_hashes` has a hash per role.
            yield from _leaves(name if name.lower() in NAMES else key, part)
    elif isinstance(value, list):
        for part in value:
            yield from _leaves(name, part)
    elif isinstance(value, str | int) and not isinstance(value, bool):
        yield name, str(value)


def _forms(secret: str) -> Iterator[str]:
    raw = secret.encode()
    yield from (secret, quote(secret, safe=""), json.dumps(secret)[1:-1], raw.hex())
    yield base64.b64encode(raw).decode().rstrip("=")


def _pickled(value: object) -> str:
    try:
        return pickle.dumps(value).decode("latin-1")
    except (TypeError, AttributeError, pickle.PicklingError):
        return ""


def _traced(error: BaseException | None) -> Iterator[str]:
    while error is not None:
        yield repr(error)
        trace = error.__traceback__
        while trace is not None:
            yield from _frame(trace)
            trace = trace.tb_next
        error = error.__cause__ or error.__context__


def _frame(trace: TracebackType) -> Iterator[str]:
    name = trace.tb_frame.f_code.co_filename
    if any(part in name for part in HERE):
        return
    lone = TracebackType(None, trace.tb_frame, trace.tb_lasti, trace.tb_lineno)
    told = TracebackException(Exception, Exception(), lone, capture_locals=True)
    yield "".join(told.format(chain=False))
