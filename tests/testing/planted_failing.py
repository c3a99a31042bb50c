"""Mistakes in what happens when a call fails."""

from __future__ import annotations

import json
from urllib.parse import quote

from msgspec.structs import replace
from planting import LOST, MALFORMED, planted
from sample_adapter import Acme

from conferencing import (
    AccessToken,
    AuthenticationFailed,
    ConferencingError,
    MalformedResponse,
    OutcomeUnknown,
    Participant,
    Room,
    RoomDraft,
    Session,
    TransportError,
)
from conferencing.http import GET, POST, Effect, ErrorMap
from conferencing.model.drafts import Invitation, RegistrationDraft
from conferencing.provider import Pages

STATUS = "error_status_raises"
THROTTLED = "throttled_call_waits"


@planted(LOST, "expected rooms to change by at most 1, got 2")
class RepeatsACreate(Acme):
    async def create_room(self, draft: RoomDraft) -> Room:
        request = POST("/rooms", json=self.write_room(draft), effect=Effect.IDEMPOTENT)
        return await self.call(request, self.read_room)


@planted(LOST, "expected mails to change by at most 2, got 4")
class RepeatsANotification(Acme):
    async def invite(self, room: Room, invitation: Invitation) -> None:
        try:
            await super().invite(room, invitation)
        except OutcomeUnknown:
            await super().invite(room, invitation)


@planted(LOST, "expected the result|expected the effect")
class MakesUpALostReply(Acme):
    async def register(self, room: Room, draft: RegistrationDraft) -> Participant:
        try:
            return await super().register(room, draft)
        except TransportError:
            return Participant(email=draft.person.email)


@planted(STATUS, "expected attempts=")
class MiscountsItsAttempts(Acme):
    async def list_access_tokens(self, room: Room, email: str | None = None) -> Pages[AccessToken]:
        request = GET("/rooms/{id}/tickets", id=room.id)
        try:
            tokens = await self.call(request, self.read_tokens)
        except ConferencingError as error:
            error.attempts = 1
            raise
        yield tokens


@planted("redirect_is_not_followed", "followed the redirect")
class FollowsARedirect(Acme):
    async def get_session(self, session_id: str) -> Session:
        try:
            return await super().get_session(session_id)
        except MalformedResponse as error:
            if error.status and error.status // 100 == 3:
                await self.call(GET("/elsewhere"))
            raise


@planted(MALFORMED, "expected the result")
class TakesNonsenseForNothing(Acme):
    async def list_participants(self, of: Room | Session) -> Pages[Participant]:
        try:
            async for page in super().list_participants(of):
                yield page
        except MalformedResponse:
            yield []


@planted(STATUS, "expected .*, got|got (KeyError|TypeError|JSONDecodeError)")
class ReadsTheReplyBeforeItsStatus(Acme):
    errors = ErrorMap(read=lambda reply: json.loads(reply.body)["error"])


@planted(MALFORMED, "got JSONDecodeError")
class ReadsABodyByItself(Acme):
    async def list_access_tokens(self, room: Room, email: str | None = None) -> Pages[AccessToken]:
        reply = await self.request("GET", f"/rooms/{quote(room.id, safe='')}/tickets")
        codes = [item["code"] for item in json.loads(reply.body)["items"]]
        yield [AccessToken(code=code, native={"kind": "ticket"}) for code in codes]


@planted(THROTTLED, "waited for too long")
class WaitsForADay(Acme):
    policy = replace(Acme.policy, longest_wait=1e6, total=1e6)


@planted(THROTTLED, "expected another attempt after one failure")
class GivesUpWhenThrottled(Acme):
    policy = replace(Acme.policy, attempts=1)


@planted(LOST, "expected another attempt after one failure|expected several attempts")
class NeverTriesAgain(Acme):
    policy = replace(Acme.policy, attempts=1)


@planted("wrong_credential_is_refused", "expected AuthenticationFailed")
class TakesAWrongKeyForAFault(Acme):
    async def check(self) -> None:
        try:
            await super().check()
        except AuthenticationFailed as error:
            raise TransportError("something is wrong") from error
