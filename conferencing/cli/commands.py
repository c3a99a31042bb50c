"""The commands with their help. A command is imported when it is called, or listed by `--help`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from cyclopts import App, Parameter

import conferencing

__all__ = ["COMMANDS", "EXAMPLES", "GROUPS", "app", "import_commands"]

HELP: Final = """One command for every meeting and webinar platform.

Exit codes: 0 done, 1 failed, 2 usage or configuration, 3 partly failed, 4 credentials refused,
130 interrupted.
"""

COMMANDS: Final[Mapping[str, str]] = {
    "demo": "demo:demo",
    "sandbox": "sandbox:sandbox",
    "providers": "providers:providers",
    "doctor": "doctor:doctor",
    "completion": "completion:completion",
    "link": "links:link",
    "attendance": "sessions:attendance",
    "invitation": "invitation:invitation",
    "report": "report:report",
    "harvest": "harvest:harvest_accounts",
    "usage": "usage:usage",
    "feedback": "usage:feedback",
}
GROUPS: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "config": (
        "Show, check and extend the configuration.",
        {"where": "config:where", "check": "config:check", "add": "config_add:add"},
    ),
    "rooms": (
        "List, show, create, update and delete rooms.",
        {
            "list": "rooms:list_",
            "show": "rooms:show",
            "create": "rooms:create",
            "update": "rooms:update",
            "delete": "rooms:delete",
        },
    ),
    "people": (
        "Import people from a spreadsheet, list and invite them, decide about registrations.",
        {
            "import": "people:import_",
            "list": "people:list_",
            "invite": "people:invite",
            "approve": "registrations:approve",
            "deny": "registrations:deny",
            "cancel": "registrations:cancel",
        },
    ),
    "sessions": (
        "List, start and end sessions.",
        {"list": "sessions:list_", "start": "sessions:start", "end": "sessions:end"},
    ),
    "recordings": (
        "List, download and delete recordings.",
        {
            "list": "recordings:list_",
            "download": "recordings:download",
            "delete": "recordings:delete",
        },
    ),
    "reports": (
        "Request and download the provider's own reports.",
        {"create": "reports:create", "get": "reports:get"},
    ),
    "templates": (
        "List, create, update and delete room templates.",
        {
            "list": "templates:list_",
            "create": "templates:create",
            "update": "templates:update",
            "delete": "templates:delete",
        },
    ),
}

EXAMPLES: Final[Mapping[str, tuple[str, ...]]] = {
    "demo": ("demo", "demo --provider clickmeeting --roster people.csv"),
    "sandbox": (
        "sandbox --provider clickmeeting --write conferencing.toml",
        "sandbox --port 8080 --json",
    ),
    "providers": ("providers", "providers --json"),
    "doctor": ("doctor", "doctor main --config team.toml", "doctor --needs register,attendance"),
    "link": (
        "link 2632001",
        "link 2632001 --role presenter --name Zoë --email zoe@example.com",
        "link 2632001 --all > links.tsv",
    ),
    "attendance": ("attendance --room 2632001", "attendance 2632001:5342001 --json"),
    "invitation": (
        "invitation 2632001 --to launch.ics",
        "invitation 2632001 --to a.ics --name Ann --email ann@example.com",
        "invitation --cancel launch.ics --to cancelled.ics",
    ),
    "report": (
        "report 2632001 --to launch.html --to launch.csv",
        "report 2632001 --to frekwencja.xlsx --language pl --at-least 80%",
    ),
    "harvest": (
        "harvest --to warehouse.duckdb --pseudonym-key env:PSEUDONYM_KEY",
        "harvest main school --to postgresql://me@db/data --people none",
    ),
    "usage": ("usage --since 2026-10-01 --timezone Europe/Warsaw",),
    "feedback": ("feedback --since 2026-10-01T00:00+02:00",),
    "config where": ("config where",),
    "config check": ("config check", "config check --account main"),
    "config add": (
        "config add main --provider clickmeeting",
        "config add ci --provider clickmeeting --set api_key=env:API_KEY",
    ),
    "rooms list": ("rooms list", "rooms list --status scheduled --quiet"),
    "rooms show": ("rooms show 2632001", "rooms show 2632001 --json"),
    "rooms create": (
        "rooms create Launch --kind webinar --registration",
        "rooms create Talk --starts-at 2027-03-01T17:00Z --duration 1h30m",
        "rooms create Board --passcode prompt --dry-run",
    ),
    "rooms update": ("rooms update 2632001 --name 'Launch day' --duration 2h",),
    "rooms delete": ("rooms delete 2632001", "rooms delete 2632001 2632002 --yes"),
    "people import": (
        "people import people.csv --room 2632001",
        "people import people.csv --room 2632001 --dry-run",
        "people import attendees.csv --room 2632001 --column Adres=email",
    ),
    "people list": ("people list 2632001",),
    "people invite": ("people invite 2632001 ann@example.com bo@example.com",),
    "people approve": ("people approve 2632001 ann@example.com bo@example.com",),
    "people deny": ("people deny 2632001 ann@example.com",),
    "people cancel": ("people cancel 2632001 ann@example.com --yes",),
    "sessions list": ("sessions list 2632001",),
    "sessions start": ("sessions start 2632001 --host 'Zoë Lee <zoe@example.com>'",),
    "sessions end": ("sessions end 2632001:5342001",),
    "recordings list": ("recordings list", "recordings list 2632001"),
    "recordings download": ("recordings download --room 2632001 --to recordings",),
    "recordings delete": (
        "recordings delete 2632001:4284001",
        "recordings delete --room 2632001 --yes",
    ),
    "reports create": ("reports create 2632001:5342001 --to session.pdf",),
    "reports get": ("reports get 7123 --to session.pdf",),
    "templates list": ("templates list",),
    "templates create": ("templates create Lecture --description 'Muted on entry'",),
    "templates update": ("templates update 17 --name Seminar",),
    "templates delete": ("templates delete 17",),
}
"""Examples for the help of each command, without the name of the program."""

app: Final = App(
    name="conferencing",
    help=HELP,
    version=lambda: conferencing.__version__,
    default_parameter=Parameter(
        negative_bool=(), negative_iterable=(), negative_none=(), show_default=False
    ),
    result_action="return_value",
    suppress_keyboard_interrupt=False,
)


def import_commands() -> None:
    """Import every command: the list of commands shows the first line of their docstrings."""
    for group in (app, *(app[name] for name in GROUPS)):
        group.resolved_commands()


def _add_commands(parent: App, commands: Mapping[str, str], prefix: str = "") -> None:
    for name, path in commands.items():
        parent.command(
            f"conferencing.cli.{path}", name=name, help_epilogue=_format_examples(prefix + name)
        )


def _format_examples(command: str) -> str | None:
    """Return Markdown with a line for each example; as code, they would have a dark background."""
    examples = EXAMPLES.get(command)
    if not examples:
        return None
    lines = (re.sub(r"([\\`*_<>\[\]~|#])", r"\\\1", example) for example in examples)
    return "  \n".join(("Examples:", *(f"$ conferencing {line}" for line in lines)))


_add_commands(app, COMMANDS)
for _name, (_summary, _members) in GROUPS.items():
    _group = App(name=_name, help=_summary)
    _add_commands(_group, _members, f"{_name} ")
    app.command(_group)
