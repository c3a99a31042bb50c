"""Mistakes in what is sent."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any
from urllib.parse import quote

from attrs import evolve
from planting import CREATED, UPDATED, WORKS, planted
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

IDS = "hostile_id_keeps_path"


@planted(IDS, "the request of get_room|climbs")
class SendsAnIdUnquoted(Acme):
    async def get_room(self, room_id: str) -> Room:
        path = f"/rooms/{quote(room_id)}"
        request = Request(method="GET", template="/rooms/{id}", path=path)
        return await self.call(request, self.read_room)


@planted(IDS, "the request of get_session")
class EncodesAnIdTwice(Acme):
    async def get_session(self, session_id: str) -> Session:
        request = GET("/sessions/{id}", id=quote(session_id, safe=""))
        return await self.call(request, self.read_session)


@planted(IDS, "the request of delete_recording|climbs")
class PutsAnIdIntoTheQueryByHand(Acme):
    async def delete_recording(self, recording: Recording) -> None:
        path = f"/recordings/{quote(recording.id, safe='&?=')}"
        template, effect = "/recordings", Effect.IDEMPOTENT
        await self.delete(Request(method="DELETE", template=template, path=path, effect=effect))


@planted(CREATED, "description makes no difference|expected description")
class DropsAField(Acme):
    def write_room(self, draft: RoomDraft) -> dict[str, Any]:
        return super().write_room(evolve(draft, description=None))


@planted(UPDATED, "timezone makes no difference")
class DropsAFieldOfAChange(Acme):
    async def update_room(self, room: Room, changes: RoomDraft) -> Room:
        return await super().update_room(room, evolve(changes, timezone=None))


@planted(CREATED, "duration")
class SendsHoursForMinutes(Acme):
    def write_room(self, draft: RoomDraft) -> dict[str, Any]:
        hours = draft.duration and {"minutes": draft.duration // timedelta(hours=1)}
        return super().write_room(draft) | (hours or {})


@planted("start_is_the_same_instant", "is off by")
class SendsLocalTimeAsUTC(Acme):
    def write_room(self, draft: RoomDraft) -> dict[str, Any]:
        local = draft.starts_at and draft.starts_at.replace(tzinfo=UTC)
        return super().write_room(evolve(draft, starts_at=local))


@planted("start_is_the_same_instant", "second of two is off by")
class ForgetsWhichOfTwoHours(Acme):
    def write_room(self, draft: RoomDraft) -> dict[str, Any]:
        start = draft.starts_at
        if start is not None and start.fold:
            start = start.replace(fold=0)
        return super().write_room(evolve(draft, starts_at=start))


@planted("awkward_text_round_trips", "became|expected success")
class WritesLatin1(Acme):
    def write_room(self, draft: RoomDraft) -> dict[str, Any]:
        name = draft.name and draft.name.encode("latin-1", "replace").decode("latin-1")
        return super().write_room(evolve(draft, name=name))


@planted("awkward_text_round_trips", "255 characters became")
class CutsLongNames(Acme):
    def write_room(self, draft: RoomDraft) -> dict[str, Any]:
        return super().write_room(evolve(draft, name=draft.name and draft.name[:200]))


@planted("awkward_name_round_trips", "a person's name")
class KeepsLettersOnly(Acme):
    async def register(self, room: Room, draft: RegistrationDraft) -> Participant:
        letters = filter(str.isalpha, draft.person.first_name or "")
        person = evolve(draft.person, first_name="".join(letters))
        return await super().register(room, evolve(draft, person=person))


@planted(WORKS, "the role that the link really gives")
class AsksForTheWrongRole(Acme):
    async def join_link(self, room: Room, role: Role, *rest: Any) -> JoinLink:
        return evolve(await super().join_link(room, Role.HOST, *rest), role=role)


@planted("entry_rule_is_enforced", "is entered by")
class LeavesTheDoorOpen(Acme):
    def write_room(self, draft: RoomDraft) -> dict[str, Any]:
        return super().write_room(evolve(draft, entry=None))


@planted(WORKS, "who got mail")
class InvitesTheFirstOnly(Acme):
    async def invite(self, room: Room, invitation: Invitation) -> None:
        await super().invite(room, evolve(invitation, people=invitation.people[:1]))


@planted(WORKS, "ended a later one")
class EndsWhateverRuns(Acme):
    async def end_session(self, session: Session) -> None:
        await self.call(PUT("/rooms/{id}/end", id=session.room_id or ""))


@planted("undeclared_field_sends_nothing", "expected UnsupportedOption")
class LetsEveryFieldThrough(Acme):
    def features_for(self, kind: RoomKind | None) -> Any:
        return evolve(self.features, create_fields=self.features.create_fields | {"capacity"})


@planted("undeclared_operation_sends_nothing", "before it was refused|expected Unsupported")
class RefusesAfterAsking(Acme):
    @property
    def capabilities(self) -> Any:
        known = super().capabilities
        return evolve(known, operations={**known.operations, "delete_recordings": "yes"})

    async def _ask(self, *_: Any) -> None:
        await self.check()

    def __getattribute__(self, name: str) -> Any:
        return self._ask if name == "delete_recordings" else super().__getattribute__(name)
