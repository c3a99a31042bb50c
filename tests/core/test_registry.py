"""Finding adapters among the distributions that are installed: real metadata, a fresh interpreter."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest

from conferencing import ConfigurationError, UnknownProvider
from conferencing.accounts.registry import (
    BUILT_IN,
    PROVIDERS,
    SIMULATORS,
    list_plugins,
    load,
    simulator_names,
)
from conferencing.memory import MemoryProvider
from conferencing_clickmeeting import ClickMeeting

GOOD = """
from conferencing import ConferenceProvider
class Acme(ConferenceProvider):
    name = {name!r}
    settings_class = object
"""
ASK = """
import json, sys
from conferencing.accounts.registry import list_plugins, load
def told(name):
    try:
        return load(name).__module__
    except Exception as error:
        return [type(error).__name__, str(error), type(error.__cause__).__name__]
found = {one.name: [one.distribution, one.version, list(one.rivals)] for one in list_plugins()}
heavy = [name for name in sys.modules if name.partition(".")[0] in NAMES]
print(json.dumps({"found": found, "heavy": heavy, "load": {name: told(name) for name in WANTED},
                  "then": sorted(name for name in NAMES if name in sys.modules)}))
"""


def test_own_tables_match_the_entry_points() -> None:
    declared: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for point in distribution("conferencing").entry_points:
        if point.group.startswith("conferencing."):
            declared[point.group][point.name] = point.value
    assert declared == BUILT_IN


@pytest.mark.parametrize(
    ("name", "adapter"),
    [
        ("clickmeeting", ClickMeeting),
        ("ClickMeeting", ClickMeeting),
        ("memory", MemoryProvider),
        ("MEMORY", MemoryProvider),
    ],
)
def test_own_adapter_is_loaded_in_any_case(name, adapter) -> None:
    assert load(name) is adapter


def test_installed_adapter_has_its_distribution() -> None:
    plugins = {plugin.name: plugin for plugin in list_plugins()}
    assert set(BUILT_IN[PROVIDERS]) <= set(plugins)
    assert plugins["memory"].distribution == "conferencing"
    assert plugins["memory"].version == distribution("conferencing").version
    assert plugins["memory"].rivals == ()
    assert set(BUILT_IN[SIMULATORS]) <= simulator_names()


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("clickmeating", "did you mean 'clickmeeting'"),
        ("Memry", "did you mean 'memory'"),
        ("x", ""),
    ],
)
def test_unknown_provider_lists_the_known(name, hint) -> None:
    with pytest.raises(UnknownProvider) as caught:
        load(name)
    for part in ("clickmeeting, googlemeet, gotowebinar, meetrs, memory", hint):
        assert part in caught.value.message
    assert repr(name) not in caught.value.message
    assert isinstance(caught.value, ConfigurationError)


def test_listing_adapters_imports_none(tmp_path, python) -> None:
    shop = install(tmp_path / "shop", "shop-plugins", {"Acme.Meet": "shop_acme:Acme"})
    (shop / "shop_acme.py").write_text(GOOD.format(name="acme-meet"))
    reply = ask(python, shop, wanted=["acme-meet", "acme_meet", "ACME.MEET"])
    assert reply["found"]["acme_meet"] == ["shop-plugins", "1.5", []]
    assert reply["heavy"] == []
    assert set(reply["load"].values()) == {"shop_acme"}
    assert reply["then"] == ["shop_acme"]


def test_broken_plugin_hides_no_other(tmp_path, python) -> None:
    points = {
        "gone": "not_there:Acme",
        "crash": "crashing:Acme",
        "empty": "shop_acme:Nothing",
        "garbled": "???",
        "fine": "shop_acme:Acme",
    }
    shop = install(tmp_path / "shop", "shop-plugins", points)
    (shop / "shop_acme.py").write_text(GOOD.format(name="fine"))
    (shop / "crashing.py").write_text("1 / 0")
    reply = ask(python, shop, wanted=[*points, "memory"])
    assert set(points) <= set(reply["found"])
    assert reply["load"].pop("fine") == "shop_acme"
    assert reply["load"].pop("memory") == "conferencing.memory"
    for name, (kind, text, cause) in reply["load"].items():
        assert kind == "ConfigurationError"
        assert name in text
        assert "shop-plugins" in text
        assert cause in text
        assert cause != "NoneType"
    assert reply["load"]["crash"][2] == "ZeroDivisionError"


@pytest.mark.parametrize(
    "points",
    ["[conferencing.providers]\nacme\n", "[unclosed\n= x = y\n", "\xff\xfe[conferencing]"],
    ids=["no value", "no section", "not UTF-8"],
)
def test_broken_entry_points_hide_no_other_adapter(tmp_path, python, points) -> None:
    broken = install(tmp_path / "broken", "broken-shop", {})
    (broken / "broken_shop-1.5.dist-info" / "entry_points.txt").write_bytes(
        points.encode("latin-1")
    )
    shop = install(tmp_path / "shop", "shop-plugins", {"fine": "shop_acme:Acme"})
    (shop / "shop_acme.py").write_text(GOOD.format(name="fine"))
    for order in ((broken, shop), (shop, broken)):
        reply = ask(python, *order, wanted=["fine", "memory"])
        assert reply["load"] == {"fine": "shop_acme", "memory": "conferencing.memory"}
        assert {"fine", *BUILT_IN[PROVIDERS]} <= set(reply["found"])


def test_conflicting_distributions_are_both_named(tmp_path, python) -> None:
    first = install(tmp_path / "first", "first-shop", {"acme": "shop_acme:Acme"})
    second = install(tmp_path / "second", "second-shop", {"Acme": "shop_acme:Acme"})
    (first / "shop_acme.py").write_text(GOOD.format(name="acme"))
    for order in ((first, second), (second, first)):
        reply = ask(python, *order, wanted=["acme", "memory"])
        kind, text, _ = reply["load"]["acme"]
        assert kind == "ConfigurationError"
        assert "first-shop and second-shop" in text
        owner, _, rivals = reply["found"]["acme"]
        assert {owner, *rivals} == {"first-shop", "second-shop"}
        assert reply["load"]["memory"] == "conferencing.memory"
        assert "shop_acme" not in reply["then"]


def test_distribution_found_twice_is_listed_once(tmp_path, python) -> None:
    folders = [install(tmp_path / name, "shop", {"acme": "shop_acme:Acme"}) for name in ("a", "b")]
    (folders[0] / "shop_acme.py").write_text(GOOD.format(name="acme"))
    reply = ask(python, *folders, wanted=["acme"])
    assert reply["load"]["acme"] == "shop_acme"
    assert reply["found"]["acme"] == ["shop", "1.5", []]


def test_own_adapter_cannot_be_replaced(tmp_path, python) -> None:
    names = ["clickmeeting", "ClickMeeting", "Click-Meeting", "MEMORY"]
    evil = install(tmp_path / "evil", "evil-shop", dict.fromkeys(names, "shop_acme:Acme"))
    (evil / "shop_acme.py").write_text(GOOD.format(name="clickmeeting"))
    reply = ask(python, evil, wanted=["clickmeeting", "ClickMeeting", "CLICKMEETING", "memory"])
    assert reply["load"] == {
        "clickmeeting": "conferencing_clickmeeting.provider",
        "ClickMeeting": "conferencing_clickmeeting.provider",
        "CLICKMEETING": "conferencing_clickmeeting.provider",
        "memory": "conferencing.memory",
    }
    assert "shop_acme" not in reply["then"]
    for name in ("clickmeeting", "memory"):
        owner, _, rivals = reply["found"][name]
        assert (owner, rivals) == ("conferencing", ["evil-shop"])
    [unsupported] = ask(python, evil, wanted=["Click-Meeting"])["load"].values()
    assert unsupported[0] == "ConfigurationError"
    assert "calls itself 'clickmeeting'" in unsupported[1]


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (GOOD.format(name="other"), "calls itself 'other'"),
        (GOOD.format(name=5), "calls itself 5"),
        ("class Acme: settings_class = features = object", "no name"),
        ("class Acme: name = 'acme'; features = object", "no settings_class"),
        ("class Acme: name = 'acme'; settings_class = object", "no features"),
        ("Acme = 5", "no name"),
    ],
    ids=["another name", "a name that is no text", "no name", "no settings", "no features", "int"],
)
def test_malformed_adapter_is_refused_with_reason(tmp_path, python, source, reason) -> None:
    shop = install(tmp_path / "shop", "shop-plugins", {"acme": "shop_acme:Acme"})
    (shop / "shop_acme.py").write_text(source)
    kind, text, _ = ask(python, shop, wanted=["acme"])["load"]["acme"]
    assert kind == "ConfigurationError"
    assert "shop-plugins" in text
    assert reason in text


def install(folder: Path, name: str, providers: Mapping[str, str]) -> Path:
    """Write the metadata that an installer would have written."""
    info = folder / f"{name.replace('-', '_')}-1.5.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.5\n")
    lines = [f"[{PROVIDERS}]", *(f"{key} = {value}" for key, value in providers.items())]
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n")
    return folder


def ask(python: Callable[..., str], *folders: Path, wanted: list[str]) -> dict[str, Any]:
    names = ["shop_acme", "crashing", "conferencing_clickmeeting", "aiohttp"]
    head = f"WANTED = {wanted!r}\nNAMES = {names!r}\n"
    return json.loads(python(head + ASK, *folders))
