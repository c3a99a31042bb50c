"""The client's operations on people, and the ways in that are made for them."""

from __future__ import annotations

import os
from asyncio import to_thread
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import evolve

from conferencing.capabilities import Operation
from conferencing.client.base import Client, room_of
from conferencing.client.listing import Listing
from conferencing.client.reconcile import Reconciliation, find_created_participant
from conferencing.errors import InvalidRequest, OutcomeUnknown, UnsupportedOption
from conferencing.model import (
    AccessToken,
    EntryKind,
    JoinLink,
    Participant,
    Person,
    Role,
    Room,
    Session,
)
from conferencing.model.drafts import Invitation, RegistrationDraft, build_person

if TYPE_CHECKING:
    from typing import Unpack

    from conferencing.bulk.result import BulkResult, BulkRow
    from conferencing.bulk.roster import Source
    from conferencing.model.drafts import PersonFields


class PeopleOperations(Client):
    """Register and invite people, and hand out links and tokens."""

    async def register(
        self,
        room: Room | str,
        person: Person | None = None,
        *,
        fields: Mapping[str, str] | None = None,
        confirmation: bool | None = None,
        language: str | None = None,
        native: Mapping[str, Any] | None = None,
        **who: Unpack[PersonFields],
    ) -> Participant:
        """Register one person: a `Person`, or `email`, `first_name`, `last_name` and `name`.

        `fields` answer the registration form under the vendor's own keys. With `confirmation`, the vendor mails one in `language`. Raises `OutcomeUnknown` if the
        reply was lost, and `Conflict` or `InvalidRequest` where the vendor refuses.
        """
        with self._operation(Operation.REGISTER):
            _either(person, *who.values())
            draft = RegistrationDraft(
                person=person or build_person(**who),
                fields=fields or {},
                confirmation=confirmation,
                language=language,
                native=native or {},
            )
            return await self.provider.register(room_of(room), draft)

    async def register_many(
        self,
        room: Room | str,
        people: Source,
        *,
        journal: str | os.PathLike[str] | None = None,
        fields: Mapping[str, str] | None = None,
        confirmation: bool | None = None,
        language: str | None = None,
        native: Mapping[str, Any] | None = None,
        settle: float = 60.0,
        concurrency: int = 8,
        on_row: Callable[[BulkRow], None] | None = None,
    ) -> BulkResult:
        """Register people from a CSV file, a workbook, or rows, and tell what became of each.

        With `journal`, a file of its own, it can be killed at any time and called again: nobody is
        lost and nobody registered twice. Rows in doubt are looked up after `settle` seconds, which
        is how long the vendor may need to finish what it has begun. `fields` maps columns to keys
        of the registration form. `on_row` is called with each row as it comes to an outcome, and
        again if that changes. Raises for what concerns all rows (credentials, the room, the file).
        """
        from conferencing.bulk.register import Options, register_roster  # noqa: PLC0415 - SQLite
        from conferencing.bulk.roster import read_roster  # noqa: PLC0415

        with self._operation(Operation.REGISTER):
            options = Options(
                confirmation=confirmation,
                language=language,
                native=native or {},
                settle=settle,
                concurrency=_positive("concurrency", concurrency),
                on_row=on_row,
            )
            roster = await to_thread(read_roster, people, fields)
            return await register_roster(self, room_of(room), roster, journal, options)

    async def ensure_registered(
        self,
        room: Room | str,
        person: Person | None = None,
        *,
        settle: float = 60.0,
        **who: Unpack[PersonFields],
    ) -> Participant:
        """Register one person unless that is so already. It is safe to call it again.

        A lost reply is settled by waiting `settle` seconds and reading the list of registrations.
        """
        with self._operation(Operation.REGISTER):
            _either(person, *who.values())
            someone = person or build_person(**who)
            if not someone.email:
                raise InvalidRequest("a registration is known by its e-mail address", field="email")
        found = await self.reconcile_participant(room, someone.email, settle=0)
        if found.absent:
            try:
                return await self.register(room, someone)
            except OutcomeUnknown:
                found = await self.reconcile_participant(room, someone.email, settle=settle)
        if found.absent:
            return await self.register(room, someone)
        return evolve(found.match or found.candidates[0], existed=True)

    def participants(self, of: Room | Session | str) -> Listing[Participant]:
        """List who is registered for a room (an id is a room's), or who of them came to a session."""
        with self._operation(Operation.LIST_PARTICIPANTS):
            target = of if isinstance(of, Session) else room_of(of)
        return self._listing(
            Operation.LIST_PARTICIPANTS, lambda: self.provider.list_participants(target)
        )

    async def get_participant(
        self, room: Room | str, participant_id: str | None = None, *, email: str | None = None
    ) -> Participant:
        """Fetch one registration by its id or by e-mail. Raises `NotFound`."""
        with self._operation(Operation.GET_PARTICIPANT):
            if (participant_id is None) == (email is None):
                raise InvalidRequest("give either participant_id or email", field="participant_id")
            return await self.provider.get_participant(
                room_of(room), participant_id=participant_id, email=email
            )

    async def reconcile_participant(
        self, room: Room | str, email: str, *, settle: float = 60.0
    ) -> Reconciliation[Participant]:
        """Find out what became of a registration that ended in `OutcomeUnknown`.

        Waits `settle` seconds first, for what the vendor may still be doing, and then looks for the
        address among all registrations of the room.
        """
        with self._operation(Operation.LIST_PARTICIPANTS):
            self._require(Operation.LIST_PARTICIPANTS)
            await self.provider.context.clock.sleep(settle)
        return find_created_participant(await self.participants(room).collect(), email)

    async def invite(
        self,
        room: Room | str,
        people: Iterable[Person | str],
        *,
        role: Role | str = Role.ATTENDEE,
        language: str | None = None,
        native: Mapping[str, Any] | None = None,
    ) -> None:
        """Have the vendor mail invitations to people, given as `Person` or by e-mail."""
        with self._operation(Operation.INVITE):
            invited = tuple(one if isinstance(one, Person) else build_person(one) for one in people)
            invitation = Invitation(
                people=invited, role=self._role(role), language=language, native=native or {}
            )
            await self.provider.invite(room_of(room), invitation)

    async def join_link(
        self,
        room: Room | str,
        *,
        role: Role | str = Role.ATTENDEE,
        person: Person | Participant | None = None,
        email: str | None = None,
        name: str | None = None,
        token: AccessToken | None = None,
    ) -> JoinLink:
        """Get a way into a room: personal if a person is given, else the same for everybody.

        A `Participant` gets the link of the registration. `token` is one of the room's access
        tokens, for rooms that ask for one; without it, a new one is made if that is needed.
        """
        with self._operation(Operation.JOIN_LINK):
            _either(person, email, name)
            if token is not None and EntryKind.TOKEN not in self.provider.features.entry:
                raise UnsupportedOption(f"{self.provider.name} has no access tokens", field="token")
            if person is None and (email or name):
                person = build_person(email, name=name)
            return await self.provider.join_link(room_of(room), self._role(role), person, token)

    async def create_access_tokens(self, room: Room | str, count: int = 1) -> Sequence[AccessToken]:
        """Make codes that let in one person each."""
        with self._operation(Operation.CREATE_ACCESS_TOKENS):
            if count < 1:
                raise InvalidRequest(f"count is {count}; it must be 1 or more", field="count")
            return await self.provider.create_access_tokens(room_of(room), count)

    def access_tokens(self, room: Room | str, *, email: str | None = None) -> Listing[AccessToken]:
        """List the codes of a room; with `email`, the one that was sent there."""
        with self._operation(Operation.LIST_ACCESS_TOKENS):
            target = room_of(room)
        return self._listing(
            Operation.LIST_ACCESS_TOKENS, lambda: self.provider.list_access_tokens(target, email)
        )

    async def revoke_access_tokens(self, room: Room | str, tokens: Iterable[AccessToken]) -> None:
        """Make codes worthless."""
        with self._operation(Operation.REVOKE_ACCESS_TOKENS):
            await self.provider.revoke_access_tokens(room_of(room), tuple(tokens))


def _positive(name: str, value: int) -> int:
    if value < 1:
        raise InvalidRequest(f"{name} is {value}; it must be 1 or more", field=name)
    return value


def _either(person: object, *fields: object) -> None:
    if person is not None and any(one is not None for one in fields):
        raise InvalidRequest("give either person, or email and names", field="person")
