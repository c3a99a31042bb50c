"""Secrets: loud when they are gone, and in no text and no pickle that is made of a value."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import pprint
from collections.abc import Callable, Mapping
from typing import Any

import attrs
import pytest

from conferencing import (
    AccessToken,
    ConfigurationError,
    File,
    JoinLink,
    Participant,
    Passcode,
    Recording,
    Report,
    Room,
    RoomDraft,
    Secret,
    SecretUnavailable,
    SignIn,
)
from conferencing.accounts.config import Account, Config
from conferencing.accounts.context import AccountKeys, Context
from conferencing.accounts.settings import hide_texts
from conferencing.memory import MemoryProvider, MemorySettings
from conferencing.model.native import Native
from conferencing.sandbox import Mail
from conferencing.world import START

MARK = "cAn4ry"
CANARY = f"{MARK}-9f31-Ω"
SECRET = frozenset({"password", "autologin_hash", "tokens"})
NATIVE = Native(
    {
        "id": 7,
        "password": CANARY,
        "room": {"autologin_hash": CANARY, "deep": [{"tokens": [{"value": CANARY}, CANARY]}]},
    },
    SECRET,
)
CONTEXT = Context(account="main", proxy=Secret(f"http://user:{CANARY}@proxy"))
LINK = JoinLink(url=f"https://example.com/{CANARY}", native=NATIVE)

HOLDERS: Mapping[str, Any] = {
    "secret": Secret(CANARY),
    "passcode": Passcode(CANARY),
    "join link": LINK,
    "access token": AccessToken(code=CANARY, native=NATIVE),
    "room": Room(id="r", entry=(SignIn("google"), Passcode(CANARY)), native=NATIVE),
    "draft": RoomDraft(name="Launch", entry=Passcode(CANARY)),
    "participant": Participant(id="p", join_link=LINK, native=NATIVE),
    "recording": Recording(id="v", files=(File(url=f"https://example.com/{CANARY}"),)),
    "report": Report(id="r", file=File(url=f"https://example.com/{CANARY}"), native=NATIVE),
    "native": NATIVE,
    "native parts": [dict(NATIVE), list(NATIVE.values()), NATIVE["room"]["deep"]],
    "core keys": AccountKeys(proxy=Secret(CANARY)),
    "mail": Mail(kind="invitation", to="a@example.com", room_id="r", sent_at=START, link=LINK),
    "fields": attrs.asdict(AccessToken(code=CANARY, native=NATIVE)),
}
UNPICKLED: Mapping[str, Any] = {
    "context": CONTEXT,
    "account": Account(provider=MemoryProvider, settings=MemorySettings(), context=CONTEXT),
    "written account": hide_texts({"provider": "clickmeeting", "api_key": CANARY}),
    "config": Config(accounts={"main": {"api_key": CANARY}}),
    "rate store": AccountKeys(rate_store=Secret(f"redis://:{CANARY}@store")),
    "draft's native": RoomDraft(native={"password": CANARY}),
}
TEXTS: Mapping[str, Callable[[Any], str]] = {
    "repr": repr,
    "str": str,
    "format": format,
    "f-string": lambda value: f"{value} {value!r} {value!s}",
    "percent": lambda value: "%s %r" % (value, value),  # noqa: UP031
    "padded": lambda value: f"{value!s:>40}",
    "pprint": lambda value: pprint.pformat(value, width=20),
    "json": lambda value: json.dumps({"value": value}, default=str),
    "log": lambda value: logging.makeLogRecord({"msg": "%s", "args": (value,)}).getMessage(),
    "error": lambda value: str(ValueError(value)) + repr(ValueError(value)),
}


@pytest.mark.parametrize("way", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("holder", [*HOLDERS.values(), *UNPICKLED.values()])
def test_no_text_shows_a_secret(holder: Any, way: Callable[[Any], str]) -> None:
    text = way(holder)
    assert MARK not in text


@pytest.mark.parametrize("holder", HOLDERS.values(), ids=HOLDERS)
def test_no_pickle_holds_a_secret(holder: Any) -> None:
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        content = pickle.dumps(holder, protocol)
        assert MARK.encode() not in content


def test_only_reveal_shows_a_secret() -> None:
    assert Secret(CANARY).reveal() == CANARY
    assert LINK.url == f"https://example.com/{CANARY}"
    assert f"{Secret('x'):>5}" == "  ***"
    assert not Secret("")
    assert Secret("0")


def test_equal_secrets_are_equal_and_hash_alike() -> None:
    assert Secret("Ω") == Secret("Ω") != Secret("O")
    assert len({Secret("a"), Secret("a"), Secret("b")}) == 2
    assert Secret("a") != "a"
    assert Secret("\ud800") == Secret("\ud800")


def test_secret_is_immutable() -> None:
    with pytest.raises(AttributeError, match="cannot be changed"):
        Secret("a")._value = "b"
    with pytest.raises(AttributeError):
        Secret("a").note = "b"


@pytest.mark.parametrize("value", [None, 5, b"bytes"])
def test_secret_must_be_text(value: Any) -> None:
    with pytest.raises(ConfigurationError, match=type(value).__name__):
        Secret(value)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_copy_keeps_the_secret(copied: Callable[[Any], Any]) -> None:
    assert copied(Secret(CANARY)).reveal() == CANARY
    assert copied(LINK).url == LINK.url
    assert copied(HOLDERS["room"]) == HOLDERS["room"]


def test_pickled_secret_raises_on_reveal() -> None:
    room, link = pickle.loads(pickle.dumps((HOLDERS["room"], LINK)))
    passcode = room.entry[1]
    for ask in (passcode.code.reveal, lambda: link.url):
        with pytest.raises(SecretUnavailable, match=r"pickled.*send link\.url"):
            ask()
    assert passcode.code  # that there was one is known
    assert passcode.code != Secret("")
    assert passcode != pickle.loads(pickle.dumps(passcode))


def test_native_hides_secrets_at_any_depth() -> None:
    assert NATIVE["id"] == 7
    assert NATIVE["password"] == Secret(CANARY)
    assert NATIVE["room"]["autologin_hash"] == Secret(CANARY)
    assert NATIVE["room"]["deep"][0]["tokens"] == [{"value": Secret(CANARY)}, Secret(CANARY)]
    assert {**NATIVE} == dict(NATIVE.items()) == NATIVE


def test_native_hides_secret_numbers() -> None:
    native = Native({"password": 480213, "tokens": [1, None, True], "id": 7}, SECRET)
    assert native["password"] == Secret("480213")
    assert native["tokens"] == [Secret("1"), None, True]
    assert "480213" not in f"{dict(native)}"


def test_native_cannot_be_changed() -> None:
    NATIVE["room"]["deep"].append("more")
    assert len(NATIVE["room"]["deep"]) == 1
    with pytest.raises(TypeError):
        NATIVE["id"] = 8


def test_pickled_native_has_no_secrets() -> None:
    copied = pickle.loads(pickle.dumps(NATIVE))
    assert copied["id"] == 7
    assert list(copied) == list(NATIVE)
    with pytest.raises(SecretUnavailable, match="pickled"):
        copied["room"]["deep"][0]["tokens"][1].reveal()
