"""Operations on rooms, their settings and templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from attrs import evolve

from conferencing.capabilities import Ignored, Operation, check_supported
from conferencing.client.base import (
    Client,
    check_mapping,
    check_range,
    check_seconds,
    check_string,
    id_of,
    room_of,
)
from conferencing.client.listing import Listing, select_rows
from conferencing.client.reconcile import Reconciliation, find_created_room
from conferencing.errors import InvalidRequest, UnsupportedOption
from conferencing.model import Permissions, Room, RoomSettings, RoomStatus, RoomStatusName, Template
from conferencing.model.base import check_names, parse_enum
from conferencing.model.drafts import RoomChanges, RoomDraft

if TYPE_CHECKING:
    from typing import Unpack

    from conferencing.model.drafts import RoomFields


class RoomOperations(Client):
    """Create, find, change and delete rooms."""

    async def check(self) -> None:
        """Check the credentials with one cheap call. Raises `AuthenticationFailed`."""
        with self._operation(Operation.CHECK):
            await self.provider.check()

    async def permissions(self) -> Sequence[Permissions]:
        """Return what each credential permits; empty if the vendor does not report it."""
        with self._operation(Operation.CHECK):
            return await self.provider.permissions()

    def rooms(self, status: RoomStatusName | None = None) -> Listing[Room]:
        """List the rooms, of one status or all."""
        with self._label_errors(Operation.LIST_ROOMS):
            member = None if status is None else self._parse_status(status)
        return self._listing(
            Operation.LIST_ROOMS,
            lambda: select_rows(
                self.provider.list_rooms(member), lambda room: member in {None, room.status}
            ),
        )

    def _parse_status(self, status: RoomStatusName) -> RoomStatus:
        member = parse_enum(RoomStatus, "status", status)
        statuses = self.provider.features.statuses
        if member not in statuses:
            known = f"those that are {', '.join(sorted(statuses))}" if statuses else "all of them"
            raise UnsupportedOption(
                f"{self.provider.name} does not report which rooms are {member}; it can list"
                f" {known}",
                field="status",
            )
        return member

    async def get_room(self, room_id: str) -> Room:
        """Fetch one room. Raises `NotFound`."""
        with self._operation(Operation.GET_ROOM):
            return await self.provider.get_room(id_of(room_id, "room_id"))

    async def create_room(
        self,
        name: str | None = None,
        *,
        native: Mapping[str, Any] | None = None,
        ignore_unsupported: Ignored = False,
        **fields: Unpack[RoomFields],
    ) -> Room:
        """Create a room and return it as the vendor made it. What is not set is the vendor's choice.

        `fields` are:

            kind          "meeting" or "webinar"
            starts_at     an aware datetime
            duration      a timedelta
            timezone      the IANA name of the zone to plan in; by default, that of starts_at
            permanent     True for a room without dates
            recurrence    the rule of a series (RFC 5545): "FREQ=WEEKLY;COUNT=8"
            entry         who may enter: Anyone(), Passcode(...), PersonalToken(), SignIn(...), or several
            description   the text that people see before it starts
            registration  whether people register
            approval      whether registrations wait for the host's approval
            waiting_room  whether people wait until they are let in
            capacity      how many people may be in the room
            settings      RoomSettings(...): chat, cameras, recording
            host          the Person who leads
            people        those who may enter: Person(...) and Invitee(...) values
            template      a Template or its id

        `native` are fields in the vendor's own terms, which are merged last. Raises
        `UnsupportedOption` before anything is sent if the provider does not support a field, and
        `OutcomeUnknown` if the reply was lost: the room may exist. `ignore_unsupported` leaves such
        fields out: those that it names, or with True all but `entry`. They are then listed in the
        room's `left_out`.
        """
        with self._operation(Operation.CREATE_ROOM):
            check_names("create_room", fields, RoomChanges.__annotations__)
            draft = RoomDraft(name=name, native=native or {}, **fields)
            features = self.provider.features_of(draft)
            supported, left_out = check_supported(
                draft, features, self.provider.name, ignore=ignore_unsupported
            )
            room = await self.provider.create_room(supported)
            return evolve(room, left_out=left_out) if left_out else room

    async def reconcile_room(
        self, name: str, *, since: datetime, marker: str | None = None, settle: float = 60.0
    ) -> Reconciliation[Room]:
        """Find out what became of a creation that ended in `OutcomeUnknown`.

        Waits `settle` seconds, in which the vendor may still finish it, and then looks for a room
        of this name created after `since`, or for the room with `marker` in its name or
        description. See `Reconciliation` for what to do next.
        """
        with self._label_errors(Operation.LIST_ROOMS):
            if since is None:  # pyright: ignore[reportUnnecessaryComparison]
                raise InvalidRequest("since must be an aware datetime", field="since")
            check_range(since, None)
            id_of(name, "name")
            check_string("marker", marker)
            await self.provider.context.clock.sleep(check_seconds("settle", settle))
        return find_created_room(await self.rooms().collect(), name, since=since, marker=marker)

    async def update_room(
        self,
        room: Room | str,
        *,
        native: Mapping[str, Any] | None = None,
        ignore_unsupported: Ignored = False,
        **changes: Unpack[RoomChanges],
    ) -> Room:
        """Change the fields that are passed and return the whole room: its links may have changed.

        `changes` are the fields of `create_room`, and `name` and `status`. Raises `UnsupportedOption` before anything is sent if
        the provider cannot change one of them. `ignore_unsupported` is that of `create_room`.
        """
        with self._operation(Operation.UPDATE_ROOM):
            target = room_of(room)
            check_names("update_room", changes, RoomChanges.__annotations__)
            draft = RoomDraft(native=native or {}, **changes)
            if not draft.set_fields() and not draft.native:
                raise InvalidRequest("there is nothing to change")
            features = self.provider.features_of(target)
            supported, left_out = check_supported(
                draft, features, self.provider.name, update=True, ignore=ignore_unsupported
            )
            if not supported.set_fields() and not supported.native:
                raise InvalidRequest("there is nothing left to change")
            changed = await self.provider.update_room(target, supported)
            return evolve(changed, left_out=left_out) if left_out else changed

    async def delete_room(self, room: Room | str) -> None:
        """Delete a room. A room that does not exist any more is not an error."""
        with self._operation(Operation.DELETE_ROOM):
            await self.provider.delete_room(room_of(room))

    async def default_settings(self) -> RoomSettings:
        """Fetch the settings of new rooms."""
        with self._operation(Operation.DEFAULT_SETTINGS):
            return await self.provider.default_settings()

    async def room_settings(self, room: Room | str) -> RoomSettings:
        """Fetch the settings of one room."""
        with self._operation(Operation.ROOM_SETTINGS):
            return await self.provider.room_settings(room_of(room))

    def templates(self) -> Listing[Template]:
        """List the room templates."""
        return self._listing(Operation.LIST_TEMPLATES, self.provider.list_templates)

    async def create_template(
        self,
        name: str,
        *,
        description: str | None = None,
        default: bool = False,
        native: Mapping[str, Any] | None = None,
    ) -> Template:
        """Create a room template."""
        with self._operation(Operation.CREATE_TEMPLATE):
            template = Template(
                id="",
                name=id_of(name, "name"),
                description=check_string("description", description),
                default=default,
            )
            return await self.provider.create_template(template, check_mapping("native", native))

    async def update_template(
        self, template: Template, *, native: Mapping[str, Any] | None = None
    ) -> Template:
        """Overwrite the vendor's template with this id."""
        with self._operation(Operation.UPDATE_TEMPLATE):
            if not isinstance(template, Template):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise InvalidRequest(
                    f"template is {template!r}; it must be a Template", field="template"
                )
            return await self.provider.update_template(template, check_mapping("native", native))

    async def delete_template(self, template: Template | str) -> None:
        """Delete a template. A template that does not exist any more is not an error."""
        with self._operation(Operation.DELETE_TEMPLATE):
            target = template if isinstance(template, Template) else Template(id=id_of(template))
            await self.provider.delete_template(target)
