"""A stand-in for Meet.rs' REST API: state, wire format and refusals.

**Documented** (the vendor's README): the token from key and secret as JSON, 401 if they are wrong;
meets from an empty body, with title and description, with participants in every shape of the
samples, with a configuration; the implicit rule of an anonymous guest; invitations to all who have
an address, and a reminder an hour before the start; the list of configurations with its fields;
usage and feedback for the present month, for a range, for all tenants below or for one by code or
id, with the fields of the samples; free below 20 billable minutes.

**Observed** (the vendor's samples and own programs): the scheme `bearer` in lower case; 6 and 7
digits of a second; sizes of screens as texts; `Quick meet 07/22 - 265` as a title; `code` and
`addonsInfo` in a creation, where a code that is taken gives the meet that has it;
`schedulingInfo.duration` of 60 minutes, or 20 with the switch `free_account`.

**Guessed**: every message, and 400 for unknown fields, unknown roles and providers (compared
without case), a passcode without a condition, a sign-in without any address, people without user
or rules; 404 for what is another tenant's; paths and bodies of POST, PUT and DELETE of
configurations, 409 for deleting the default one; that a range is about the end of a meet and the
time of a feedback; that a meet is over when all have left, and goes on when one comes back;
billable is the time of two people or more, not of two devices. `expires_at` is in seconds, with
the switch `milliseconds` in those. Whether a subscription covers a meet is the switch `covered`.

**Assumed whole**, each behind a switch that turns it off: GET, PUT and DELETE of meets
(`assumed_crud`), `schedulingInfo.startsAt` (`assumed_start`), without which nothing is ever
reminded of, and GET of tenants (`assumed_tenants`).

**Left out**: session tokens, add-ons, events and polls, projects, webhooks, billing. There is no
paging. Tokens end by the world's clock, and `Date` tells that clock.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from email.utils import format_datetime
from itertools import count
from typing import Any, cast
from urllib.parse import parse_qsl
from uuid import UUID

from conferencing.errors import Conflict, InvalidRequest, NotFound
from conferencing.model import RoomStatus
from conferencing.sandbox.simulator import Answer, Call, JoinTarget, Simulator
from conferencing.world import World

from . import configurations, meetings, people, reports, tokens
from .shared import Refused, guid, only, queries, table
from .tokens import Account

__all__ = ["Account", "MeetRSSimulator"]

ROUTES = (tokens, meetings, configurations, reports)
"""The modules whose routes are served."""

_ASSUMED = ("assumed_crud", "assumed_start", "assumed_tenants")


class MeetRSSimulator(Simulator):
    """Answer as Meet.rs does. `tenants` are by their codes; the first one is the account's."""

    name = "meetrs"
    token_life = tokens.LIFE

    def reset(self) -> None:
        """Forget everything; keys and secrets stay the same, tokens do not."""
        super().reset()
        self.quirks = dict.fromkeys(_ASSUMED, True) | {
            "milliseconds": False,
            "free_account": False,
            "covered": True,
        }
        self.tenants: dict[str, Account] = {}
        own = self.add_tenant("Acme")
        self.add_tenant("Acme Labs", own)
        self.quick_meets = 0
        self.tokens_given = count()  # by itself: what rooms are called does not hang on it
        self.revoke_tokens()
        self.world.templates |= configurations.built_in(self)

    def new_world(self) -> World:
        """Return a world with the vendor's codes and ids."""
        world = World(seed=self.seed, real_time=self.real_time)
        world.new_id = lambda kind: _new_id(world, kind)
        return world

    def add_tenant(self, name: str, parent: Account | None = None) -> Account:
        """Add a tenant with a key of its own, below another one if that is given."""
        made = guid(self.seed, "tenant", name)
        account = Account(
            id=made,
            code=made.replace("-", "")[:12].upper(),
            name=name,
            key=guid(self.seed, "key", name),
            secret=guid(self.seed, "secret", name).replace("-", ""),
            parent=parent.id if parent else None,
        )
        self.tenants[account.code] = account
        return account

    def revoke_tokens(self) -> None:
        """Make all tokens worthless that were given out so far."""
        self.signing_key = self.world.random.randbytes(32)

    def settings(self, dialect: str = "") -> dict[str, Any]:
        """Return key and secret of the first tenant, and the addresses of API and meets."""
        return self.settings_of(next(iter(self.tenants.values())))

    def settings_of(self, tenant: Account) -> dict[str, Any]:
        """Return the keys of an account that is this tenant."""
        return {
            "client_key": tenant.key,
            "client_secret": tenant.secret,
            "base_url": f"{self.root}/v1",
            "join_url": self.join_url(),
        }

    def join_target(self, parts: Sequence[str], query: Mapping[str, str]) -> JoinTarget:
        """Return what a meet's link opens: one way for each rule of each participant."""
        code = parts[0] if len(parts) == 1 else ""
        if self.world.room(code).status is RoomStatus.ENDED:
            raise Conflict("this meet is closed")
        return JoinTarget(
            room_id=code, entry_options=people.entry_options(self.world.notes[code]["participants"])
        )

    def handle(self, call: Call) -> Answer:
        """Answer a call: the path first, then the token, then what is given."""
        try:
            answer = self._answer(call)
        except Refused as refused:
            answer = _failure(refused.status, refused.message)
        except NotFound as error:
            answer = _failure(404, error.message)
        except (Conflict, InvalidRequest) as error:
            answer = _failure(409 if isinstance(error, Conflict) else 400, error.message)
        return answer.with_headers({"Date": format_datetime(self.world.now, usegmt=True)})

    def _answer(self, call: Call) -> Answer:
        meetings.remind(self)
        found = table.find(call.method, call.path)
        if found is None:
            raise Refused(404, "there is nothing here")
        function, parts = found
        if function is tokens.create_token:
            return tokens.create_token(self, _body(call))
        tenant = tokens.bearer(self, call.headers.get("authorization", ""))
        query = _query(call)
        only(query, queries[function])
        given = _body(call) if call.method in {"POST", "PUT"} else query
        return cast("Answer", function(self, given, tenant, **parts))


def _new_id(world: World, kind: str) -> str:
    if kind == "room":
        return "".join(world.random.choice(meetings.LETTERS) for _ in range(8))
    return str(UUID(bytes=world.random.randbytes(16), version=4))


def _query(call: Call) -> dict[str, str]:
    pairs = parse_qsl(call.query, keep_blank_values=True)
    if len(dict(pairs)) < len(pairs):
        raise Refused(400, "a parameter is given twice")
    return dict(pairs)


def _body(call: Call) -> dict[str, Any]:
    if not call.headers.get("content-type", "").startswith("application/json"):
        raise Refused(415, "the body must be application/json")
    try:
        given: object = json.loads(call.body)
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise Refused(400, "the body must be a JSON object")
    return cast("dict[str, Any]", given)


def _failure(status: int, message: str) -> Answer:
    return Answer.json({"message": message}, status)
