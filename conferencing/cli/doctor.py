"""`conferencing doctor`: is an account set up, are its credentials valid, and can it do what I need?"""

from __future__ import annotations

import platform
from pathlib import Path
from typing import Any, Final

from attrs import evolve, field, fields, frozen
from rich.console import Console

import conferencing
from conferencing.accounts.config import (
    Account,
    Config,
    describe_sources,
    read_account,
    read_config,
    select_account,
)
from conferencing.capabilities import Operation
from conferencing.conference import connect
from conferencing.errors import ConferencingError, ConfigurationError
from conferencing.model import Permissions

from .errors import get_exit_code
from .interrupts import run_until_interrupted
from .needs import check_needs
from .output import Output
from .tables import Column, print_rows

__all__ = ["doctor"]

COLUMNS: Final = (Column("check"), Column("result", wrap=True), Column("from", wrap=True, drop=1))


@frozen
class Row:
    """One line of the diagnosis: what was checked, the result, and where the value comes from."""

    check: str
    result: str
    source: str = ""


@frozen(kw_only=True)
class Diagnosis:
    """All that is known of an account, and the error at which the checks ended."""

    account: str | None
    provider: str | None = None
    rows: tuple[Row, ...] = ()
    error: ConferencingError | None = field(default=None, repr=False)


def doctor(
    account: str | None = None,
    *,
    needs: list[str] | None = None,
    config: Path | None = None,
    json: bool = False,
) -> Output:
    """Check an account: its configuration, and whether the provider accepts its credentials.

    The output contains no secrets, so that it can be pasted into a bug report.

    Parameters
    ----------
    account
        Name of the account (default: CONFERENCING_ACCOUNT, then the default of the configuration).
    needs
        Check instead, for each account, whether the provider supports these commands, operations,
        fields of a room or values such as kind:webinar, separated by commas. Nothing is sent.
    config
        Configuration file (default: see `conferencing config where`).
    json
        Print JSON.
    """
    if needs:
        return check_needs(needs, account, read_config(config))
    diagnosis = _diagnose(account, config)
    data: dict[str, Any] = {
        "account": diagnosis.account,
        "provider": diagnosis.provider,
        "checks": diagnosis.rows,
    }
    code = get_exit_code(diagnosis.error) if diagnosis.error else 0
    return Output(data, lambda console: _show(console, diagnosis), code, diagnosis.error)


def _show(console: Console, diagnosis: Diagnosis) -> None:
    rows = [(row.check, row.result, row.source) for row in diagnosis.rows]
    styles = {"accepted": "green"}
    if diagnosis.error:
        styles[diagnosis.rows[-1].result] = "red"
    print_rows(console, COLUMNS, rows, styles)


# ---------------------------------------------------------------------------------------- checks


def _diagnose(account: str | None, file: Path | None) -> Diagnosis:
    """Check one thing after another, and stop at the first that is wrong."""
    diagnosis = Diagnosis(
        account=account,
        rows=(
            Row("version", f"conferencing {conferencing.__version__}"),
            Row("Python", platform.python_version()),
        ),
    )
    try:
        config = read_config(file)
    except ConferencingError as error:
        return _fail(diagnosis, "configuration", error)
    diagnosis = _add(diagnosis, Row("configuration", _describe_file(config)))
    name = account or select_account(config)
    sources = describe_sources(name, config) if name else {}
    try:
        selected = read_account(account, config)
    except ConferencingError as error:
        keys = [Row(key, "set", source) for key, source in sources.items()]
        diagnosis = evolve(_add(diagnosis, Row("account", name or "none"), *keys), account=name)
        return _fail(diagnosis, "settings", error)
    diagnosis = evolve(
        _add(
            diagnosis, Row("account", selected.context.account), *_describe_keys(selected, sources)
        ),
        account=selected.context.account,
        provider=selected.provider.name,
    )
    try:
        rows = run_until_interrupted(_check_credentials(selected))
    except ConferencingError as error:
        check = "settings" if isinstance(error, ConfigurationError) else "credentials"
        return _fail(diagnosis, check, error)
    return _add(diagnosis, *rows)


def _add(diagnosis: Diagnosis, *rows: Row) -> Diagnosis:
    return evolve(diagnosis, rows=(*diagnosis.rows, *rows))


def _fail(diagnosis: Diagnosis, check: str, error: ConferencingError) -> Diagnosis:
    return evolve(_add(diagnosis, Row(check, f"failed: {error.message}")), error=error)


def _describe_file(config: Config) -> str:
    return str(config.path) if config.path else "no file; only environment variables"


def _describe_keys(account: Account, sources: dict[str, str]) -> list[Row]:
    """Return the keys that are set, and the adapter's own keys with their defaults."""
    settings_class: Any = account.provider.settings_class
    own = {name: getattr(account.settings, attribute) for name, attribute in _keys(settings_class)}
    core = {key: getattr(account.context, key) for key in sources if hasattr(account.context, key)}
    values = {"provider": account.provider.name} | own | core
    return [Row(key, _redact(value), sources.get(key, "default")) for key, value in values.items()]


def _keys(settings_class: Any) -> list[tuple[str, str]]:
    return [
        (attribute.alias or attribute.name, attribute.name) for attribute in fields(settings_class)
    ]


def _redact(value: object) -> str:
    if value is None:
        return "not set"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)  # a `Secret` is three stars


async def _check_credentials(account: Account) -> list[Row]:
    async with connect(account) as conference:
        if not conference.capabilities.supports(Operation.CHECK):
            return [Row("credentials", "not checked: the provider has no call for that")]
        await conference.check()
        permissions = await conference.permissions()
    listed = [row for each in permissions for row in _describe_permissions(each)]
    return [Row("credentials", "accepted"), *listed]


def _describe_permissions(permissions: Permissions) -> list[Row]:
    """Return the permissions of a credential, and the operations for which they do not suffice."""
    name = f"permissions ({permissions.credential})"
    if permissions.granted is None:
        return [Row(name, "unknown: the credential does not list them")]
    rows = [Row(name, ", ".join(permissions.granted) or "none")]
    if permissions.allowed:
        rows.append(Row("  allow", ", ".join(permissions.allowed)))
    if permissions.denied:
        rows.append(Row("  do not allow", ", ".join(permissions.denied)))
    return rows
