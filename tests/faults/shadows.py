"""Ways to shadow or break an adapter's entry point, each by distributions made in a folder."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from attrs import field, frozen

__all__ = ["WAYS", "EntryOption", "tried"]

PROVIDERS: Final = "conferencing.providers"
SIMULATORS: Final = "conferencing.simulators"


@frozen
class Dist:
    """A distribution: its name, its entry points, and its modules with their source."""

    name: str
    points: Mapping[str, str]
    modules: Mapping[str, str] = field(factory=dict[str, str])
    group: str = PROVIDERS
    version: str = "1.0"
    raw: str | None = None


@frozen
class EntryOption:
    """A way to shadow or break; `asked` is the name that is then asked for.

    `told` are words that the error must have. Without them the adapter of that name in `gets` must
    come, and `rivals` must be told in the list.
    """

    name: str
    dists: Sequence[Dist]
    asked: str
    told: tuple[str, ...] = ()
    gets: str | None = None
    rivals: tuple[str, ...] = ()


GOOD: Final = """
from conferencing.memory import MemoryProvider
class Acme(MemoryProvider):
    name = "acme"
"""
FAKE: Final = GOOD.replace('"acme"', '"clickmeeting"').replace("Acme", "Fake")
OURS: Final = "conferencing_clickmeeting.provider:ClickMeeting"


def _fake(name: str, group: str = PROVIDERS) -> Dist:
    return Dist("evil", {name: "evil:Fake"}, {"evil": FAKE}, group)


def _broken(source: str, value: str = "broken:Acme") -> list[Dist]:
    return [Dist("acme-plugin", {"acme": value}, {"broken": source})]


def _rival(one: str, other: str) -> list[Dist]:
    return [
        Dist("first-plugin", {one: "first:Acme"}, {"first": GOOD}),
        Dist("second-plugin", {other: "second:Acme"}, {"second": GOOD}),
    ]


PLUGIN: Final = ("acme", "acme-plugin")
WAYS: Final = (
    EntryOption("a built-in name", [_fake("clickmeeting")], "clickmeeting", gets=OURS, rivals=("evil",)),
    EntryOption("a built-in name in capitals", [_fake("ClickMeeting")], "clickmeeting", gets=OURS, rivals=("evil",)),
    EntryOption("a built-in name asked for in capitals", [_fake("CLICKMEETING")], "ClickMeeting", gets=OURS),
    EntryOption("a look-alike in wide letters", [_fake("ｃlickmeeting")], "clickmeeting", gets=OURS),
    EntryOption("a look-alike with a Cyrillic letter", [_fake("clickmeеting")], "clickmeeting", gets=OURS),
    EntryOption("the name of a built-in simulator", [_fake("clickmeeting", SIMULATORS)], "clickmeeting", gets=OURS),
    EntryOption("the reference adapter's name", [_fake("memory")], "memory", gets="conferencing.memory:MemoryProvider"),
    EntryOption("one name, two distributions", _rival("acme", "acme"), "acme", ("first-plugin", "second-plugin")),
    EntryOption("one name in two cases", _rival("acme", "ACME"), "acme", ("first-plugin", "second-plugin")),
    EntryOption("one name, - and _", _rival("my-acme", "my_acme"), "my.acme", ("first-plugin", "second-plugin")),
    EntryOption("a module that is not there", [Dist("acme-plugin", {"acme": "nowhere:Acme"})], "acme",
        (*PLUGIN, "nowhere")),
    EntryOption("an attribute that is not there", _broken("x = 1"), "acme", (*PLUGIN, "Acme")),
    EntryOption("a module that raises", _broken("raise RuntimeError('boom')"), "acme", (*PLUGIN, "boom")),
    EntryOption("a module that exits", _broken("raise SystemExit(3)"), "acme", PLUGIN),
    EntryOption("a module with a syntax error", _broken("def ("), "acme", (*PLUGIN, "SyntaxError")),
    EntryOption("a value that is no reference", _broken(GOOD, "::: not a module"), "acme", PLUGIN),
    EntryOption("a function instead of a class", _broken("def Acme(): pass"), "acme", PLUGIN),
    EntryOption("a number instead of a class", _broken("Acme = 7"), "acme", PLUGIN),
    EntryOption("a class without settings", _broken("class Acme: name = 'acme'"), "acme", (*PLUGIN, "settings_class")),
    EntryOption("a class of another name", _broken(FAKE, "broken:Fake"), "acme", (*PLUGIN, "clickmeeting")),
    EntryOption("a class without features",
        _broken("class Acme:\n name = 'acme'\n settings_class = int"), "acme", (*PLUGIN, "features")),
    EntryOption("a table of entry points that cannot be read",
        [Dist("torn-plugin", {}, raw="[conferencing.providers\nacme = = x\n\x00")], "clickmeeting", gets=OURS),
    EntryOption("a name that cannot be told", [_fake("")], "clickmeeting", gets=OURS),
    EntryOption("the same distribution twice",
        [*_rival("acme", "acme")[:1], Dist("first-plugin", {"acme": "first:Acme"}, version="2.0")],
        "acme", gets="first:Acme"),
)  # fmt: skip


async def tried(way: EntryOption, folder: Path) -> str | None:
    """Ask for an adapter in a new interpreter that has these distributions, and judge the answer."""
    for number, dist in enumerate(way.dists):
        _written(dist, folder / str(number))
    folders = [str(folder / str(number)) for number in range(len(way.dists))]
    path = os.pathsep.join([*folders, *filter(None, [os.environ.get("PYTHONPATH")])])
    child = await asyncio.create_subprocess_exec(
        sys.executable, __file__, way.asked, env={**os.environ, "PYTHONPATH": path},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await child.communicate()
    if child.returncode:
        return f"{way.name}: the interpreter ended with {child.returncode}: {err.decode()[-300:]}"
    return _judged(way, json.loads(out))


def _written(dist: Dist, folder: Path) -> None:
    info = folder / f"{dist.name.replace('-', '_')}-{dist.version}.dist-info"
    info.mkdir(parents=True)
    points = "".join(f"{name} = {value}\n" for name, value in dist.points.items())
    (info / "entry_points.txt").write_text(dist.raw or f"[{dist.group}]\n{points}", "utf-8")
    metadata = f"Metadata-Version: 2.1\nName: {dist.name}\nVersion: {dist.version}\n"
    (info / "METADATA").write_text(metadata, "utf-8")
    for name, source in dist.modules.items():
        (folder / f"{name}.py").write_text(source, "utf-8")


def _judged(way: EntryOption, answer: dict[str, Any]) -> str | None:
    if "clickmeeting" not in answer["listed"]:
        return f"{way.name}: the list has only {answer['listed']}"
    if way.told:
        silent = [word for word in way.told if word not in answer.get("error", "")]
        return f"{way.name}: {silent} not in {answer}" if silent else None
    missing = set(way.rivals) - set(answer["rivals"])
    wrong = answer.get("got") != way.gets or missing
    return f"{way.name}: got {answer}, not {way.gets}" if wrong else None


# --------------------------------------------------------------------------- in the other process


def answered(asked: str) -> dict[str, Any]:
    """Return what the registry says to a name, and what it lists."""
    from conferencing import ConfigurationError  # noqa: PLC0415
    from conferencing.accounts.registry import list_plugins, load  # noqa: PLC0415

    listed = {one.name: one for one in list_plugins()}
    rivals = [rival for one in listed.values() for rival in one.rivals]
    answer: dict[str, Any] = {"listed": sorted(listed), "rivals": rivals}
    try:
        got = load(asked)
    except ConfigurationError as error:
        return answer | {"error": str(error)}
    return answer | {"got": f"{got.__module__}:{got.__name__}"}


if __name__ == "__main__":
    print(json.dumps(answered(sys.argv[1])))  # noqa: T201
