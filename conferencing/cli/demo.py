"""`conferencing demo`: the same webinar on every installed provider, offline, on simulators."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.syntax import Syntax

from conferencing.accounts.registry import PROVIDERS, list_plugins, load, simulator_names
from conferencing.bulk.roster import Roster, read_roster, sample_roster
from conferencing.errors import ConferencingError, ConfigurationError, UnknownProvider
from conferencing.sandbox import Sandbox

from .demo_scenario import ProviderRun, run_scenario
from .interrupts import run_until_interrupted
from .output import Output, print_line
from .providers import print_capabilities
from .tables import Column, print_rows, print_tabbed
from .values import count_people

__all__ = ["demo"]

MAX_SHOWN = 12

COLUMNS = (
    Column("who", shorten=True),
    Column("joined"),
    Column("left"),
    Column("minutes", right=True),
    Column("share", right=True),
    Column("matched by", drop=1),
)

CODE = """\
async with conferencing.connect("main") as conference:
    room = await conference.create_room("Launch", kind="webinar", starts_at=start,
                                        duration=timedelta(hours=1), registration=True)
    for row in csv.DictReader(open("people.csv", encoding="utf-8")):
        await conference.register(room, **row)
    link = await conference.join_link(room, role="presenter", name="Zoë", email="zoe@example.com")
    print("Presenter:", link.url)
    # ... and when the hour is over:
    async for session in conference.sessions(room):
        async for record in conference.attendance(session):
            print(record.display_name, record.joined_at, record.duration)
        await conference.download(await conference.wait_for_report(
            await conference.create_report(session)), "report.pdf")"""


def demo(
    *,
    roster: Path | None = None,
    provider: list[str] | None = None,
    json: bool = False,
) -> Output:
    """Run one webinar on every provider, offline: it needs no account and no network.

    Parameters
    ----------
    roster
        CSV file of people, with the columns email, first_name and last_name.
    provider
        Only this provider. Can be repeated.
    json
        Print JSON.
    """
    people = sample_roster() if roster is None else read_roster(roster)
    names, problems = _select_providers(provider)
    runs, failures = run_until_interrupted(_run_all(names, people, strict=provider is not None))
    problems += failures
    data = {
        "roster": {
            "people": len(people.people),
            "bad": [{"line": row.number, "reason": row.problem} for row in people.bad],
        },
        "providers": [run.to_json() for run in runs],
        "problems": problems,
    }
    return Output(data, lambda console: _show(console, people, runs, problems))


def _select_providers(wanted: list[str] | None) -> tuple[list[str], list[str]]:
    """Return the providers to run, and why others of them cannot be loaded."""
    simulated = {*simulator_names(), "memory"}
    names = [plugin.name for plugin in list_plugins(PROVIDERS) if plugin.name in simulated]
    unknown = [name for name in wanted or () if name not in names]
    if unknown:
        raise UnknownProvider(
            f"the demo has no provider {unknown[0]!r}; choose from {', '.join(names)}"
        )
    selected: list[str] = []
    problems: list[str] = []
    for name in names if wanted is None else sorted({*wanted}, key=names.index):
        try:
            load(name)
            selected.append(name)
        except ConfigurationError as error:  # it does not hide the others, unless it is wanted
            if wanted is not None:
                raise
            problems.append(f"{name} is left out: {error.message}")
    return selected, problems


async def _run_all(
    names: list[str], roster: Roster, *, strict: bool
) -> tuple[list[ProviderRun], list[str]]:
    """Run the scenario on each provider; return the runs, and why others failed unless `strict`."""
    runs: list[ProviderRun] = []
    problems: list[str] = []
    async with Sandbox([name for name in names if name != "memory"]) as sandbox:
        for name in names:
            dialects = sandbox[name].simulator.dialects if name != "memory" else ("",)
            for dialect in dialects:
                if name != "memory":
                    sandbox[name].reset()  # each dialect has its webinar at the same time of day
                try:
                    runs.append(await run_scenario(name, dialect, sandbox, roster.people))
                except ConferencingError as error:  # it does not hide the other providers
                    if strict:
                        raise
                    problems.append(f"{f'{name} {dialect}'.rstrip()} is left out: {error.message}")
    return runs, problems


# ------------------------------------------------------------------------------------ for people


def _show(console: Console, roster: Roster, runs: list[ProviderRun], problems: list[str]) -> None:
    print_line(console, f"The roster has {count_people(len(roster.people))}.")
    for row in roster.bad:
        print_line(console, f"Line {row.number} is left out: {row.problem}", "yellow")
    for problem in problems:
        print_line(console, problem, "yellow")
    for run in runs:
        console.print()
        print_line(console, f"{run.provider}: {run.title}", "bold")
        if run.rows:
            print_rows(console, COLUMNS, [row.to_cells() for row in run.rows[:MAX_SHOWN]])
        if len(run.rows) > MAX_SHOWN:
            print_line(console, f"… and {len(run.rows) - MAX_SHOWN} more", "dim")
        for note in run.notes:
            print_line(console, note)
    console.print()
    capabilities = {run.provider: run.capabilities for run in runs}
    print_capabilities(console, capabilities, only_differences=True)
    console.print()
    print_line(console, "The code, the same for every provider:", "bold")
    _print_code(console, CODE, "python")
    console.print()
    print_line(console, "The change that moves it to another provider:", "bold")
    _print_code(console, _format_change(runs), "diff")


def _print_code(console: Console, code: str, language: str) -> None:
    if console.is_terminal:
        console.print(Syntax(code, language, background_color="default"))
    else:
        print_tabbed(console, ([line] for line in code.splitlines()))


def _format_change(runs: list[ProviderRun]) -> str:
    vendors = [run for run in runs if run.account]
    if len(vendors) < 2:  # noqa: PLR2004 - a change is between two
        return '-provider = "memory"\n+provider = "clickmeeting"\n+api_key = "env:CLICKMEETING_API_KEY"'
    old = "\n".join(f"-{line}" for line in vendors[0].configuration())
    return old + "\n" + "\n".join(f"+{line}" for line in vendors[-1].configuration())
