"""Mistakes in what goes wrong."""

from __future__ import annotations

import json
from urllib.parse import quote

from attrs import evolve
from planting import LOST, SENSELESS, planted
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


@planted(LOST, "changed rooms by 2|raised")
class RepeatsACreate(Acme):
    async def create_room(self, draft: RoomDraft) -> Room:
        request = POST("/rooms", json=self.write_room(draft), effect=Effect.IDEMPOTENT)
        return await self.call(request, self.read_room)


@planted(LOST, "changed mails by 4")
class RepeatsANotification(Acme):
    async def invite(self, room: Room, invitation: Invitation) -> None:
        try:
            await super().invite(room, invitation)
        except OutcomeUnknown:
            await super().invite(room, invitation)


@planted(LOST, "the type of what came of|what .* did|must raise|raised")
class MakesUpALostReply(Acme):
    async def register(self, room: Room, draft: RegistrationDraft) -> Participant:
        try:
            return await super().register(room, draft)
        except TransportError:
            return Participant(email=draft.person.email)


@planted("a_failing_vendor_is_said_to_fail", "attempts, against requests seen")
class MiscountsItsAttempts(Acme):
    async def list_access_tokens(self, room: Room, email: str | None = None) -> Pages[AccessToken]:
        try:
            tokens = await self.call(GET("/rooms/{id}/tickets", id=room.id), self.read_tokens)
        except ConferencingError as error:
            error.attempts = 1
            raise
        yield tokens


@planted("no_redirect_is_followed", "followed the redirect")
class FollowsARedirect(Acme):
    async def get_session(self, session_id: str) -> Session:
        try:
            return await super().get_session(session_id)
        except MalformedResponse as error:
            if error.status and error.status // 100 == 3:
                await self.call(GET("/elsewhere"))
            raise


@planted(SENSELESS, "the result of|raised")
class TakesNonsenseForNothing(Acme):
    async def list_participants(self, of: Room | Session) -> Pages[Participant]:
        try:
            async for page in super().list_participants(of):
                yield page
        except MalformedResponse:
            yield []


@planted("every_refusal_is_an_error_of_the_vendor", "raised (KeyError|TypeError|JSONDecodeError)")
class ReadsTheReplyBeforeItsStatus(Acme):
    errors = ErrorMap(read=lambda reply: json.loads(reply.body)["error"])


@planted(SENSELESS, "raised JSONDecodeError")
class ReadsABodyByItself(Acme):
    async def list_access_tokens(self, room: Room, email: str | None = None) -> Pages[AccessToken]:
        reply = await self.request("GET", f"/rooms/{quote(room.id, safe='')}/tickets")
        yield self.read_tokens(json.loads(reply.body))


@planted("a_call_that_stays_throttled_ends_as_such", "waited for too long")
class WaitsForADay(Acme):
    policy = evolve(Acme.policy, longest_wait=1e6, total=1e6)


@planted("a_wrong_credential_is_an_authentication_failure", "must raise AuthenticationFailed")
class TakesAWrongKeyForAFault(Acme):
    async def check(self) -> None:
        try:
            await super().check()
        except AuthenticationFailed as error:
            raise TransportError("something is wrong") from error
