"""A provider without settings and operations, from which tests make theirs."""

from __future__ import annotations

from attrs import frozen

from conferencing.accounts.context import Context
from conferencing.provider import ConferenceProvider

__all__ = ["BareProvider", "NoSettings"]


@frozen
class NoSettings:
    """Settings of a provider that needs none."""


class BareProvider(ConferenceProvider):
    name = "bare"
    settings_class = NoSettings

    def __init__(self, settings: NoSettings, context: Context) -> None:
        self.context = context
