"""Mistakes in what is sent."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any
from urllib.parse import quote

from attrs import evolve
from planting import CHANGED, CREATED, WORKS, planted
from sample_adapter import Acme

from conferencing import (
    JoinLink,
    Participant,
    Recording,
    Role,
    Room,
    RoomDraft,
    RoomKind,
    Session,
)
from conferencing.http import GET, PUT, Effect, Request
from conferencing.model.drafts import Invitation, RegistrationDraft
from conferencing.provider import Pages


@planted("no_id_changes_the_path", "asks for with the id|climbs")
class SendsAnIdUnquoted(Acme):
    async def get_room(self, room_id: str) -> Room:
        return await self.call(
            Request(method="GET", template="/rooms/{id}", path=f"/rooms/{quote(room_id)}"),
            self.read_room,
        )


@planted("no_id_changes_the_path", "asks for with the id")
class EncodesAnIdTwice(Acme):
    async def get_session(self, session_id: str) -> Session:
        return await self.call(
            GET("/sessions/{id}", id=quote(session_id, safe="")), self.read_session
        )


@planted("no_id_changes_the_path", "asks for with the id|which climbs")
class PutsAnIdIntoTheQueryByHand(Acme):
    async def delete_recording(self, recording: Recording) -> None:
        path = f"/recordings/{quote(recording.id, safe='&?=')}"
        await self.delete(
            Request(method="DELETE", template="/recordings", path=path, effect=Effect.IDEMPOTENT)
        )


@planted(CREATED, "description makes no difference|description None")
class DropsAField(Acme):
    def write_room(self, draft: RoomDraft) -> dict[str, Any]:
        return super().write_room(evolve(draft, description=None))


@planted(CHANGED, "timezone makes no difference")
class DropsAFieldOfAChange(Acme):
    async def update_room(self, room: Room, changes: RoomDraft) -> Room:
        return await super().update_room(room, evolve(changes, timezone=None))


@planted(CREATED, "duration")
class SendsHoursForMinutes(Acme):
    def write_room(self, draft: RoomDraft) -> dict[str, Any]:
        hours = draft.duration and {"minutes": draft.duration // timedelta(hours=1)}
        return super().write_room(draft) | (hours or {})


@planted("every_time_is_the_same_instant_there", "is off by")
class SendsLocalTimeAsUTC(Acme):
    def write_room(self, draft: RoomDraft) -> dict[str, Any]:
        local = draft.starts_at and draft.starts_at.replace(tzinfo=UTC)
        return super().write_room(evolve(draft, starts_at=local))


@planted("every_time_is_the_same_instant_there", "second of two is off by")
class ForgetsWhichOfTwoHours(Acme):
    def write_room(self, draft: RoomDraft) -> dict[str, Any]:
        start = draft.starts_at
        if start is not None and start.fold:
            start = start.replace(fold=0)
        return super().write_room(evolve(draft, starts_at=start))


@planted("awkward_texts_arrive_and_come_back_as_they_are", "became|was refused")
class WritesLatin1(Acme):
    def write_room(self, draft: RoomDraft) -> dict[str, Any]:
        name = draft.name and draft.name.encode("latin-1", "replace").decode("latin-1")
        return super().write_room(evolve(draft, name=name))


@planted("awkward_texts_arrive_and_come_back_as_they_are", "255 characters became")
class CutsLongNames(Acme):
    def write_room(self, draft: RoomDraft) -> dict[str, Any]:
        return super().write_room(evolve(draft, name=draft.name and draft.name[:200]))


@planted("awkward_names_of_people_arrive_and_come_back_as_they_are", "a person's name")
class StripsWhatIsNotALetter(Acme):
    async def register(self, room: Room, draft: RegistrationDraft) -> Participant:
        name = "".join(one for one in draft.person.first_name or "" if one.isalpha())
        return await super().register(
            room, evolve(draft, person=evolve(draft.person, first_name=name))
        )


@planted(WORKS, "the role that the link really opens for")
class AsksForTheWrongRole(Acme):
    async def join_link(self, room: Room, role: Role, *rest: Any) -> JoinLink:
        return evolve(await super().join_link(room, Role.HOST, *rest), role=role)


@planted("each_kind_of_entry_is_what_lets_people_in", "lets in by")
class LeavesTheDoorOpen(Acme):
    def write_room(self, draft: RoomDraft) -> dict[str, Any]:
        return super().write_room(evolve(draft, entry=None))


@planted(WORKS, "who was mailed")
class InvitesTheFirstOnly(Acme):
    async def invite(self, room: Room, invitation: Invitation) -> None:
        await super().invite(room, evolve(invitation, people=invitation.people[:1]))


@planted(WORKS, "ended a later one")
class EndsWhateverRuns(Acme):
    async def end_session(self, session: Session) -> None:
        await self.call(PUT("/rooms/{id}/end", id=session.room_id or ""))


@planted(
    "a_field_that_is_not_declared_is_refused_and_nothing_is_sent", "must raise UnsupportedOption"
)
class LetsEveryFieldThrough(Acme):
    def features_for(self, kind: RoomKind | None) -> Any:
        return evolve(self.features, create_fields=self.features.create_fields | {"capacity"})


@planted(
    "an_operation_that_is_not_declared_is_refused_and_nothing_is_sent",
    "before it was refused|must raise Uns",
)
class RefusesAfterAsking(Acme):
    @property
    def capabilities(self) -> Any:
        told = super().capabilities
        return evolve(told, operations={**told.operations, "feedback": "yes"})

    async def _asked(self) -> Pages[Any]:
        await self.check()
        yield []

    def __getattribute__(self, name: str) -> Any:
        return (lambda *_: self._asked()) if name == "feedback" else super().__getattribute__(name)
