"""`conferencing demo`: one story on every installed provider, offline, on local stand-ins."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from conferencing.accounts.registry import PROVIDERS, list_plugins, simulator_names
from conferencing.bulk.roster import Roster, read_roster, sample_roster
from conferencing.errors import UnknownProvider
from conferencing.sandbox import Sandbox

from .output import Output
from .providers import capability_table
from .story import ProviderRun, play

__all__ = ["demo"]

SHOWN = 12

LINES = """\
async with conferencing.connect("main") as conference:
    room = await conference.create_room("Launch", kind="webinar", starts_at=start,
                                        duration=timedelta(hours=1), registration=True)
    for row in csv.DictReader(open("people.csv", encoding="utf-8")):
        await conference.register(room, **row)
    link = await conference.join_link(room, role="presenter", name="Zoë", email="zoe@example.com")
    print("Presenter:", link.url)
    # ... and when the hour is over:
    async for session in conference.sessions(room):
        async for presence in conference.attendance(session):
            print(presence.display_name, presence.joined_at, presence.duration)
        await conference.download(await conference.wait_for_report(
            await conference.create_report(session)), "report.pdf")"""


def demo(
    *,
    roster: Path | None = None,
    provider: list[str] | None = None,
    json: bool = False,
) -> Output:
    """Play one webinar on every provider, offline: no account, no network beyond this machine.

    Parameters
    ----------
    roster
        A CSV file with people: email, first_name, last_name.
    provider
        Only this one; may be given several times.
    json
        Print JSON.
    """
    people = sample_roster() if roster is None else read_roster(roster)
    names = _names(provider)
    chapters = asyncio.run(_played(names, people))
    data = {
        "roster": {
            "people": len(people.people),
            "bad": [{"line": one.number, "reason": one.problem} for one in people.bad],
        },
        "providers": [chapter.data() for chapter in chapters],
    }
    return Output(data, lambda console: _show(console, people, chapters))


def _names(wanted: list[str] | None) -> list[str]:
    known = [
        one.name for one in list_plugins(PROVIDERS) if one.name in {*simulator_names(), "memory"}
    ]
    unknown = [name for name in wanted or () if name not in known]
    if unknown:
        raise UnknownProvider(f"the demonstration has no {unknown[0]!r}, only {', '.join(known)}")
    return [name for name in known if wanted is None or name in wanted]


async def _played(names: list[str], roster: Roster) -> list[ProviderRun]:
    async with Sandbox([name for name in names if name != "memory"]) as sandbox:
        chapters: list[ProviderRun] = []
        for name in names:
            dialects = sandbox[name].simulator.dialects if name != "memory" else ("",)
            chapters += [await play(name, one, sandbox, roster.people) for one in dialects]
        return chapters


# ------------------------------------------------------------------------------------ for people


def _show(console: Console, roster: Roster, chapters: list[ProviderRun]) -> None:
    console.print(f"{len(roster.people)} people in the roster.")
    for one in roster.bad:
        console.print(Text(f"  line {one.number} is left out: {one.problem}", "yellow"))
    for chapter in chapters:
        console.print()
        title = Text(f"{chapter.provider}: {chapter.title}", "italic")
        console.print(_table(chapter) if chapter.rows else title)
        for note in chapter.notes:
            console.print(Text(f"  {note}"))
    console.print()
    console.print(capability_table({one.provider: one.capabilities for one in chapters}, gaps=True))
    console.print("\n[bold]The lines that do it, whatever the provider:[/]")
    console.print(Syntax(LINES, "python", background_color="default"))
    console.print("\n[bold]And the change that moves it to another provider:[/]")
    console.print(Syntax(_change(chapters), "diff", background_color="default"))


def _table(chapter: ProviderRun) -> Table:
    table = Table(title=Text(f"{chapter.provider}: {chapter.title}"), title_justify="left")
    for name in ("who", "joined", "left", "minutes", "share", "matched by"):
        table.add_column(name, justify="right" if name in {"minutes", "share"} else "left")
    for row in chapter.rows[:SHOWN]:
        table.add_row(*(Text(cell) for cell in row.cells()))
    if len(chapter.rows) > SHOWN:
        table.add_row(Text(f"… and {len(chapter.rows) - SHOWN} more", "dim"))
    return table


def _change(chapters: list[ProviderRun]) -> str:
    vendors: list[Any] = [one for one in chapters if one.account] or [None]
    first, last = vendors[0], vendors[-1]
    if first is None or first is last:
        return '-provider = "memory"\n+provider = "clickmeeting"\n+api_key = "env:CLICKMEETING_API_KEY"'
    gone = "\n".join(f"-{line}" for line in first.configuration())
    return gone + "\n" + "\n".join(f"+{line}" for line in last.configuration())
