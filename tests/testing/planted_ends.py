"""Mistakes in secrets, and at the end of calls and clients."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from attrs import evolve, field, frozen
from planting import SHOWS, planted
from sample_adapter import Acme

from conferencing import AccessToken, Room, Secret
from conferencing.model.native import Native


@frozen(kw_only=True)
class LoudSettings:
    api_key: Secret = field(repr=lambda secret: secret.reveal())
    base_url: str = ""


@planted(SHOWS, "the client shows a secret")
class ShowsTheKeyInItsRepr(Acme):
    settings_class = LoudSettings


@planted(SHOWS, "a log line shows a secret")
class LogsTheKey(Acme):
    async def check(self) -> None:
        logging.getLogger("acme").debug("asking with %s", self.settings.api_key.reveal())
        await super().check()


@planted(SHOWS, "an error of .* shows a secret")
class KeepsTheKeyInAFrame(Acme):
    async def get_room(self, room_id: str) -> Room:
        headers = {"X-Acme-Key": self.settings.api_key.reveal()}
        assert headers
        return await super().get_room(room_id)


@planted(SHOWS, "shows a secret")
class LeavesAPasscodeInNative(Acme):
    def to_room(self, row: Any, native: Any) -> Room:
        return super().to_room(row, Native({"passcode": row.passcode}))


@planted(SHOWS, "shows a secret")
class LeavesTokensInNative(Acme):
    def to_token(self, row: Any, native: Any) -> AccessToken:
        return evolve(super().to_token(row, native), native={"code": row.code})


@planted("cancelled_call_leaves_nothing", "cancelling .* expected CancelledError")
class SwallowsACancellation(Acme):
    async def get_room(self, room_id: str) -> Room:
        try:
            return await super().get_room(room_id)
        except asyncio.CancelledError:
            return Room(id=room_id)


@planted("closed_client_raises", "a closed client sent a request|of a closed client returned")
class OpensAgainAfterClosing(Acme):
    async def aclose(self) -> None:
        await super().aclose()
        self.__dict__.pop("_transport", None)
        self.__dict__.pop("_closed", None)
