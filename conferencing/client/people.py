"""Operations on people: registrations, invitations, join links and access tokens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import evolve

from conferencing.capabilities import Operation, check_invitation, check_registration
from conferencing.client.base import (
    Client,
    check_count,
    check_iterable,
    check_seconds,
    check_string,
    id_of,
    participant_of,
    room_of,
)
from conferencing.client.listing import Listing
from conferencing.client.reconcile import Reconciliation, find_created_participant
from conferencing.errors import (
    InvalidRequest,
    NotFound,
    OutcomeUnknown,
    ProviderError,
    UnsupportedOption,
)
from conferencing.model import (
    AccessToken,
    EntryKind,
    JoinLink,
    Participant,
    Person,
    Role,
    RoleName,
    Room,
    Session,
)
from conferencing.model.base import check_names
from conferencing.model.drafts import (
    Invitation,
    PersonFields,
    RegistrationDraft,
    build_person,
    complete_person,
)
from conferencing.model.emails import bare_address

if TYPE_CHECKING:
    from typing import Unpack


class PeopleOperations(Client):
    """Register and invite people, and get join links and access tokens for them."""

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

        `fields` are the answers to the registration form under the vendor's own keys. With
        `confirmation`, the vendor mails a confirmation in `language`. Raises `OutcomeUnknown` if
        the reply was lost, and `Conflict` or `InvalidRequest` if the vendor refuses.
        """
        draft = self.draft_registration(
            person,
            fields=fields,
            confirmation=confirmation,
            language=language,
            native=native,
            **who,
        )
        with self._operation(Operation.REGISTER):
            return await self.provider.register(room_of(room), draft)

    def draft_registration(
        self,
        person: Person | None = None,
        *,
        fields: Mapping[str, str] | None = None,
        confirmation: bool | None = None,
        language: str | None = None,
        native: Mapping[str, Any] | None = None,
        **who: Unpack[PersonFields],
    ) -> RegistrationDraft:
        """Return a registration after all checks that `register` makes. Nothing is sent."""
        with self._label_errors(Operation.REGISTER):
            _check_person(person, "register", who)
            draft = RegistrationDraft(
                person=person or build_person(**who),
                fields=fields or {},
                confirmation=confirmation,
                language=language,
                native=native or {},
            )
            check_registration(draft, self.provider.features, self.provider.name)
            return draft

    async def ensure_registered(
        self,
        room: Room | str,
        person: Person | None = None,
        *,
        settle: float = 60.0,
        **who: Unpack[PersonFields],
    ) -> Participant:
        """Register one person unless they are registered. It is safe to call it again.

        After a lost reply, waits `settle` seconds and reads the list of registrations.
        """
        with self._label_errors(Operation.REGISTER):
            _check_person(person, "ensure_registered", who)
            person = complete_person(person) if person else build_person(**who)
            if not person.email:
                raise InvalidRequest("a registration needs an e-mail address", field="email")
        outcome = await self.reconcile_participant(room, person.email, settle=0)
        if outcome.absent:
            try:
                return await self.register(room, person)
            except OutcomeUnknown:
                outcome = await self.reconcile_participant(room, person.email, settle=settle)
        if outcome.absent:
            return await self.register(room, person)
        return evolve(outcome.match or outcome.candidates[0], existed=True)

    async def register_batch(
        self, room: Room | str, people: Iterable[Person | RegistrationDraft]
    ) -> Sequence[Participant | ProviderError]:
        """Register several people with one call; `capabilities.features.batch` says how many.

        Returns for each person, in order, the participant or the vendor's refusal of this person.
        `register_many` uses it where it can, and takes any number of people.
        """
        with self._operation(Operation.REGISTER_BATCH):
            drafts = tuple(
                person
                if isinstance(person, RegistrationDraft)
                else RegistrationDraft(person=person)
                for person in check_iterable("people", people)
            )
            limit = self.provider.features.batch
            if not 1 <= len(drafts) <= limit:
                raise InvalidRequest(
                    f"{len(drafts)} people; {self.provider.name} takes 1 to {limit} in one call",
                    field="people",
                )
            for draft in drafts:
                check_registration(draft, self.provider.features, self.provider.name)
            return await self.provider.register_batch(room_of(room), drafts)

    async def approve_registration(
        self, room: Room | str, participant: Participant | str
    ) -> Participant:
        """Approve a pending registration, and return it: it may have a join link now."""
        with self._operation(Operation.APPROVE_REGISTRATION):
            target = room_of(room)
            person = await self._identify(target, participant)
            return await self.provider.approve_registration(target, person)

    async def deny_registration(
        self, room: Room | str, participant: Participant | str
    ) -> Participant:
        """Deny a registration, and return it."""
        with self._operation(Operation.DENY_REGISTRATION):
            target = room_of(room)
            person = await self._identify(target, participant)
            return await self.provider.deny_registration(target, person)

    async def cancel_registration(self, room: Room | str, participant: Participant | str) -> None:
        """Cancel a registration. One that does not exist any more is not an error."""
        with self._operation(Operation.CANCEL_REGISTRATION):
            target = room_of(room)
            try:
                person = await self._identify(target, participant)
            except NotFound:
                return
            await self.provider.cancel_registration(target, person)

    async def _identify(self, room: Room, participant: Participant | str) -> Participant:
        """Return a participant with an id: some vendors return none on registration.

        It is looked up by the e-mail address then. Raises `NotFound`.
        """
        if not isinstance(participant, Participant) or participant.id or not participant.email:
            return participant_of(participant)
        return await self.provider.get_participant(
            room, participant_id=None, email=participant.email
        )

    def participants(self, of: Room | Session | str) -> Listing[Participant]:
        """List the registrations of a room (an id is a room's), or those present in a session."""
        with self._label_errors(Operation.LIST_PARTICIPANTS):
            target = of if isinstance(of, Session) else room_of(of)
            if isinstance(of, Session) and not self.provider.features.lists_present:
                raise UnsupportedOption(
                    f"{self.provider.name} lists the registrations of rooms; attendance() says who"
                    " was in a session",
                    field="of",
                )
        return self._listing(
            Operation.LIST_PARTICIPANTS, lambda: self.provider.list_participants(target)
        )

    async def get_participant(
        self, room: Room | str, participant_id: str | None = None, *, email: str | None = None
    ) -> Participant:
        """Fetch one registration by id or by e-mail. Raises `NotFound`."""
        with self._operation(Operation.GET_PARTICIPANT):
            if (participant_id is None) == (email is None):
                raise InvalidRequest("pass either participant_id or email", field="participant_id")
            return await self.provider.get_participant(
                room_of(room),
                participant_id=check_string("participant_id", participant_id),
                email=_address_of(email),
            )

    async def reconcile_participant(
        self, room: Room | str, email: str, *, settle: float = 60.0
    ) -> Reconciliation[Participant]:
        """Find out what became of a registration that ended in `OutcomeUnknown`.

        Waits `settle` seconds, in which the vendor may still finish it, and then looks for the
        address among all registrations of the room.
        """
        with self._label_errors(Operation.LIST_PARTICIPANTS):
            address = _address_of(email) or ""
            await self.provider.context.clock.sleep(check_seconds("settle", settle))
        return find_created_participant(await self.participants(room).collect(), address)

    async def invite(
        self,
        room: Room | str,
        people: Iterable[Person | str],
        *,
        role: RoleName = Role.ATTENDEE,
        language: str | None = None,
        native: Mapping[str, Any] | None = None,
    ) -> None:
        """Have the vendor mail invitations to people, each a `Person` or an e-mail address."""
        with self._operation(Operation.INVITE):
            target = room_of(room)
            invitation = Invitation(
                people=tuple(map(_person_of, check_iterable("people", people))),
                role=self._role(role, target),
                language=language,
                native=native or {},
            )
            features = self.provider.features_of(target)
            check_invitation(invitation, features, self.provider.name)
            await self.provider.invite(target, invitation)

    async def join_link(
        self,
        room: Room | str,
        *,
        role: RoleName = Role.ATTENDEE,
        person: Person | Participant | None = None,
        token: AccessToken | str | None = None,
        **who: Unpack[PersonFields],
    ) -> JoinLink:
        """Get a join link: personal if a person is given, else the same for everybody.

        The person is a `Person`, or `email`, `first_name`, `last_name` and `name`. A `Participant`
        gets the link of the registration. `token` is one of the room's access
        tokens, or its code, for rooms that require one; without it, a new one is made if needed.
        """
        with self._operation(Operation.JOIN_LINK):
            _check_person(person, "join_link", who)
            if token is not None and EntryKind.TOKEN not in self.provider.features.entry:
                raise UnsupportedOption(f"{self.provider.name} has no access tokens", field="token")
            if isinstance(person, Person):
                person = complete_person(person)
            elif person is None and any(who.values()):
                person = build_person(**who)
            target = room_of(room)
            return await self.provider.join_link(
                target,
                self._role(role, target),
                person,
                None if token is None else _token_of(token),
            )

    async def create_access_tokens(self, room: Room | str, count: int = 1) -> Sequence[AccessToken]:
        """Create codes that admit one person each."""
        with self._operation(Operation.CREATE_ACCESS_TOKENS):
            return await self.provider.create_access_tokens(
                room_of(room), check_count("count", count)
            )

    def access_tokens(self, room: Room | str, *, email: str | None = None) -> Listing[AccessToken]:
        """List the codes of a room; with `email`, the one sent to that address."""
        with self._label_errors(Operation.LIST_ACCESS_TOKENS):
            target, address = room_of(room), _address_of(email)
        return self._listing(
            Operation.LIST_ACCESS_TOKENS, lambda: self.provider.list_access_tokens(target, address)
        )

    async def revoke_access_tokens(
        self, room: Room | str, tokens: Iterable[AccessToken | str]
    ) -> None:
        """Revoke access tokens, each an `AccessToken` or its code."""
        with self._operation(Operation.REVOKE_ACCESS_TOKENS):
            await self.provider.revoke_access_tokens(
                room_of(room), tuple(map(_token_of, check_iterable("tokens", tokens)))
            )


def _check_person(person: object, operation: str, fields: Mapping[str, object]) -> None:
    check_names(operation, fields, PersonFields.__annotations__)
    if person is not None and any(value is not None for value in fields.values()):
        raise InvalidRequest("pass either person, or email and names", field="person")
    if person is not None and not isinstance(person, Person | Participant):
        raise InvalidRequest(f"person is {person!r}; it must be a Person", field="person")


def _address_of(email: str | None) -> str | None:
    return None if check_string("email", email) is None else bare_address(email or "")


def _person_of(person: Person | str) -> Person:
    return person if isinstance(person, Person) else build_person(person)


def _token_of(token: AccessToken | str) -> AccessToken:
    return token if isinstance(token, AccessToken) else AccessToken(code=id_of(token, "token"))
