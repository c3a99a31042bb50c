"""Mistakes in secrets, and at the ends."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from attrs import evolve, field, frozen
from planting import SHOWS, planted
from sample_adapter import Acme

from conferencing import (
    AccessToken,
    Room,
    Secret,
)
from conferencing.model.native import Native


@frozen(kw_only=True)
class LoudSettings:
    api_key: Secret = field(repr=lambda one: one.reveal())
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
    def read_room(self, payload: Any) -> Room:
        return evolve(super().read_room(payload), native=Native(payload))


@planted(SHOWS, "shows a secret")
class LeavesTokensInNative(Acme):
    def read_tokens(self, payload: Any) -> list[AccessToken]:
        return [
            evolve(one, native={"code": one.code.reveal()}) for one in super().read_tokens(payload)
        ]


@planted("cancelling_leaves_nothing_and_the_client_lives_on", "cancelling .* gave")
class SwallowsACancellation(Acme):
    async def get_room(self, room_id: str) -> Room:
        try:
            return await super().get_room(room_id)
        except asyncio.CancelledError:
            return Room(id=room_id)


@planted("closing_is_done_once_and_for_all", "a closed client sent something|when closed")
class OpensAgainAfterClosing(Acme):
    async def aclose(self) -> None:
        if "_transport" in self.__dict__:
            await self._transport.aclose()
            del self.__dict__["_transport"]
