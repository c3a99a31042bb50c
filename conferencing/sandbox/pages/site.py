"""The site's addresses: from a `Call` to an `Answer`, and who may post here."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from time import monotonic
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

from conferencing.model import EntryKind, IdentityProvider
from conferencing.sandbox.simulator import Answer, Call

from .entry_options import Account, enter, signed_in_ways
from .identity import IDENTITIES, FakeIdentityProvider, address_in, identity_page
from .join import ASSERTION, JoinRequest, join_page
from .layout import problem_page, redirect, style_sheet
from .problem import Problem
from .room import Stay, leave, room_page
from .start import start_page

if TYPE_CHECKING:
    from conferencing.sandbox.server import ServedSimulator

__all__ = ["OWN_PATHS", "Site"]

OWN_PATHS: Final = frozenset({"join", "identity", "room", "style.css"})
"""First parts of the site's addresses; no simulator can be called so."""

FORM: Final = "application/x-www-form-urlencoded"
MOST_FIELDS: Final = 20


class Site:
    """Answer browsers. `clock` gives seconds; a sign-in lives by it."""

    def __init__(
        self, stands: Mapping[str, ServedSimulator], clock: Callable[[], float] = monotonic
    ) -> None:
        self._stands = stands
        self._notary = FakeIdentityProvider(clock)
        self._stays: dict[str, Stay] = {}

    def serves(self, path: str) -> bool:
        """Whether an address is the site's."""
        return path == "/" or path.split("/", 2)[1] in OWN_PATHS

    def handle(self, call: Call) -> Answer:
        """Answer a call; its path is the whole one."""
        if call.method not in {"GET", "HEAD", "POST"}:
            refused = problem_page("Not like this", Problem(405, "Pages are read, forms are sent."))
            return refused.with_headers({"Allow": "GET, HEAD, POST"})
        try:
            given = _form(call) if call.method == "POST" else None
            return self._routed(call, given)
        except Problem as problem:
            title = "Not found" if problem.status == 404 else "That did not work"  # noqa: PLR2004
            return problem_page(title, problem)

    def _routed(self, call: Call, given: Mapping[str, str] | None) -> Answer:
        match call.path.strip("/").split("/", 2), given:
            case [""], None:
                return start_page(served.simulator for served in self._stands.values())
            case ["style.css"], None:
                return style_sheet()
            case ["join", _, *_], _:
                return self._join(self._entrance(call.path, call.query), call, given)
            case ["identity", name], _:
                return self._identity(name, call, given)
            case ["room", key], _:
                return self._room(key, given)
            case _:
                raise Problem(404, "There is no such page.")

    def _entrance(self, path: str, query: str) -> JoinRequest:
        """Open the link at an address of this site, which is all that a sign-in may go back to."""
        match path.strip("/").split("/"):
            case ["join", provider, *parts] if provider in self._stands:
                return JoinRequest.open(self._stands[provider].simulator, parts, query)
            case _:
                raise Problem(404, "There is no join page at this address.")

    # -- the join page

    def _join(self, entrance: JoinRequest, call: Call, given: Mapping[str, str] | None) -> Answer:
        account = None
        try:
            if given is None or given.get("by") == EntryKind.SIGN_IN:
                account = self._account(entrance, call.query)
            if given is None:
                return join_page(entrance, {}, account)
            visit = enter(entrance.simulator, entrance.join_target, given, account)
        except Problem as problem:
            return join_page(entrance, given or {}, account, problem)
        key = secrets.token_urlsafe(24)
        self._stays[key] = Stay(
            simulator=entrance.simulator,
            world=entrance.simulator.world,
            visit=visit,
            room_name=entrance.room.name or "Unnamed room",
            again=entrance.address(),
        )
        return redirect(f"/room/{key}")

    def _account(self, entrance: JoinRequest, query: str) -> Account | None:
        """Return who signed in and may come in here. Raises `Problem`."""
        assertion = dict(parse_qsl(query)).get(ASSERTION)
        if assertion is None:
            return None
        account = self._notary.account(assertion, entrance.scope)
        if not signed_in_ways(entrance.join_target, account):
            vendor = IDENTITIES[account.identity]
            raise Problem(403, f"{account.email} at {vendor} is not invited. Try another account.")
        return account

    # -- the stand-in for identity providers

    def _identity(self, name: str, call: Call, given: Mapping[str, str] | None) -> Answer:
        identity = next((one for one in IDENTITIES if one == name), None)
        if identity is None:
            raise Problem(404, "There is no such identity provider here.")
        target, _, query = dict(parse_qsl(call.query)).get("to", "").partition("?")
        entrance = self._entrance(target, query)
        if given is None:
            return self._ask(identity, entrance)
        try:
            account = Account(identity, address_in(given))
        except Problem as problem:
            return self._ask(identity, entrance, problem, given.get("email", ""))
        assertion = self._notary.vouch(account, entrance.scope)
        return redirect(entrance.address(**{ASSERTION: assertion}))

    def _ask(
        self,
        identity: IdentityProvider,
        entrance: JoinRequest,
        problem: Problem | None = None,
        typed: str = "",
    ) -> Answer:
        name = entrance.room.name or "Unnamed room"
        return identity_page(identity, name, entrance.address(), problem, typed)

    # -- the room

    def _room(self, key: str, given: Mapping[str, str] | None) -> Answer:
        stay = self._stays.get(key)
        if stay is None:
            raise Problem(404, "Nobody knows of this visit.")
        if given is None:
            return room_page(stay)
        try:
            leave(stay, given)
        except Problem as problem:
            return room_page(stay, problem)
        return redirect(f"/room/{key}")


def _form(call: Call) -> dict[str, str]:
    if _foreign(call.headers):
        raise Problem(403, "This form was sent by another site, so nothing was done.")
    if call.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise Problem(415, "Pages take forms alone.")
    try:
        pairs = parse_qsl(
            call.body.decode("utf-8", "replace"),
            keep_blank_values=True,
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:
        pairs = None
    if pairs is None:
        raise Problem(400, "This form has too many fields.")
    return dict(pairs)


def _foreign(headers: Mapping[str, str]) -> bool:
    """Tell whether another site made the browser send this.

    Our own forms come with the origin "null", because pages here tell no referrer; only
    `Sec-Fetch-Site` says then that they are ours. A client that is no browser sends neither.
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None and site not in {"same-origin", "none"}:
        return True
    if origin == "null":
        return site is None
    return origin is not None and origin != f"http://{headers.get('host')}"
