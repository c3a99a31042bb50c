"""Error messages and exit codes: the library's errors in the words of the command line."""

from __future__ import annotations

import re
from ast import literal_eval
from collections.abc import Mapping
from shlex import quote
from typing import Any, Final, cast

from cyclopts import CycloptsError, UnusedCliTokensError

from conferencing.capabilities import Operation
from conferencing.errors import (
    AuthenticationFailed,
    ConferencingError,
    ConfigurationError,
    InvalidRequest,
    NotFound,
    UnsupportedOperation,
    UnsupportedOption,
)

__all__ = [
    "CREDENTIALS",
    "FAILED",
    "INTERRUPTED",
    "OK",
    "PARTLY",
    "USAGE",
    "describe_error",
    "describe_usage_error",
    "get_exit_code",
    "strip_operation",
]

OK, FAILED, USAGE, PARTLY, CREDENTIALS, INTERRUPTED = 0, 1, 2, 3, 4, 130
"""The exit codes; docs/command-line.md describes them."""

OPTIONS_BY_ARGUMENT: Final[Mapping[str, str]] = {
    "pass replace=True to overwrite it": "use --replace to overwrite it",
    "ignore_unsupported={'entry', ...}": "--leave-out entry",
    "ignore_unsupported=True": "--ignore-unsupported",
    "replace=True": "--replace",
    "pseudonym_key": "--pseudonym-key",
    "people='none' or 'full'": "--people none or full",
    "people='none'": "--people none",
    "people='full'": "--people full",
    "permanent=False": "--no-permanent",
}
"""What the library's messages suggest, and the option that does it."""

_LIST_FIELDS: Final = frozenset(
    {"people", "columns", "fields", "header_line", "sheet", "encoding", "journal"}
)
_COLUMN: Final = re.compile(r"""columns=\{('[^']*'|"[^"]*"): '(\w+)'\}""")
_LIST_OPTIONS: Final = (
    (re.compile(r"header_line=(\d+)"), r"--header-line \1"),
    (re.compile(r"such as cp1250"), "such as --encoding cp1250"),
    (re.compile(r"choose another file"), "name another file with --journal"),
    (re.compile(r"\b(column|field)s="), r"--\1"),
    (re.compile(r"\bsheet="), "--sheet"),
)
"""The same for lists of people."""

COMMANDS_BY_OPERATION: Final[Mapping[str, str]] = {
    Operation.LIST_ROOMS: "rooms list",
    Operation.GET_ROOM: "rooms show",
    Operation.CREATE_ROOM: "rooms create",
    Operation.UPDATE_ROOM: "rooms update",
    Operation.DELETE_ROOM: "rooms delete",
    Operation.START_SESSION: "sessions start",
    Operation.END_SESSION: "sessions end",
    Operation.JOIN_LINK: "link",
    Operation.LIST_SESSIONS: "sessions list",
    Operation.REGISTER: "people import",
    Operation.APPROVE_REGISTRATION: "people approve",
    Operation.DENY_REGISTRATION: "people deny",
    Operation.CANCEL_REGISTRATION: "people cancel",
    Operation.LIST_PARTICIPANTS: "people list",
    Operation.GET_PARTICIPANT: "link --of",
    Operation.INVITE: "people invite",
    Operation.LIST_ATTENDANCE: "attendance",
    Operation.LIST_RECORDINGS: "recordings list",
    Operation.DELETE_RECORDING: "recordings delete",
    Operation.DELETE_RECORDINGS: "recordings delete --room",
    Operation.CREATE_REPORT: "reports create",
    Operation.GET_REPORT: "reports get",
    Operation.USAGE: "usage",
    Operation.FEEDBACK: "feedback",
    Operation.LIST_TEMPLATES: "templates list",
    Operation.CREATE_TEMPLATE: "templates create",
    Operation.UPDATE_TEMPLATE: "templates update",
    Operation.DELETE_TEMPLATE: "templates delete",
}

_OPERATION: Final = re.compile(rf"^(\S+(?: \([^)]*\))?) (?:{'|'.join(Operation)})(?=: )")
"""The place in front of an error: provider, account and operation."""

NOUNS: Final = ("room", "registration", "session", "recording", "report", "template")
"""Arguments of commands that are ids, and what they are ids of."""


def get_exit_code(error: ConferencingError) -> int:
    """Return the exit code for an error of the library."""
    if isinstance(error, AuthenticationFailed):
        return CREDENTIALS
    return USAGE if isinstance(error, ConfigurationError) else FAILED


def describe_error(error: ConferencingError, arguments: Mapping[str, Any]) -> str:
    """Return the message of an error; `arguments` are those of the command that raised it."""
    if _is_absent(error):
        return (
            f"{error.provider} does not support {_command_of(error)}; see `conferencing providers`"
        )
    message = _without_operation(error)
    if isinstance(error, NotFound) and error.status is not None:
        message = message.replace("not found", _name_missing(arguments), 1)
    for argument, option in OPTIONS_BY_ARGUMENT.items():
        message = message.replace(argument, option)
    if isinstance(error, InvalidRequest) and error.field in _LIST_FIELDS:
        message = _name_list_options(message)
    if isinstance(error, AuthenticationFailed):
        message = f"{message.removesuffix('.')}; `conferencing doctor` shows which key was used"
    return message


def _name_list_options(message: str) -> str:
    message = _COLUMN.sub(
        lambda match: f"--column {quote(f'{literal_eval(match[1])}={match[2]}')}", message
    )
    for pattern, option in _LIST_OPTIONS:
        message = pattern.sub(option, message)
    return message


def describe_usage_error(error: CycloptsError) -> str:
    """Return the message of a command line that cannot be parsed, on one line."""
    message = " ".join(str(error).split())
    if isinstance(error, UnusedCliTokensError) and error.unused_tokens:
        message = (
            f"Unexpected argument {error.unused_tokens[0]!r}; quote text that contains spaces."
        )
    command = " ".join(["conferencing", *(error.command_chain or ())])
    return f"{message} See `{command} --help`."


def _is_absent(error: ConferencingError) -> bool:
    return (
        isinstance(error, UnsupportedOperation)
        and not isinstance(error, UnsupportedOption)
        and error.message == f"{error.provider} does not support {error.operation}"
    )


def strip_operation(text: str) -> str:
    """Return the text of an error without the name of the library's method in front."""
    return _OPERATION.sub(r"\1", text, count=1)


def _without_operation(error: ConferencingError) -> str:
    """Return the error's text without the names of the library's methods."""
    text = strip_operation(str(error))
    if error.account and text.startswith(f"({error.account}): "):  # the provider is not known yet
        text = text.replace(f"({error.account})", f"account {error.account}", 1)
    if error.operation and "_" in error.operation:  # others, such as `register`, are words
        text = re.sub(rf"\b{error.operation}\b", _command_of(error), text)
    return text


def _command_of(error: ConferencingError) -> str:
    command = COMMANDS_BY_OPERATION.get(error.operation or "")
    return f"`conferencing {command}`" if command else str(error.operation)


def _name_missing(arguments: Mapping[str, Any]) -> str:
    """Return which of the ids that were given may not exist."""
    names: list[str] = []
    for noun in NOUNS:
        value = arguments.get(noun)
        ids = cast("list[str]", value) if isinstance(value, list) else [value] if value else []
        names += [f"{noun} {item!r}" for item in ids]
    return f"there is no {' or no '.join(names)}" if names else "not found"
