"""The paths of the site: from a `Call` to an `Answer`, and which forms are accepted."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Final
from urllib.parse import parse_qsl

from conferencing.model import EntryKind, IdentityProvider
from conferencing.sandbox.served import ServedSimulator
from conferencing.sandbox.simulator import Answer, Call

from .entry_options import SignedInUser, enter, options_for
from .identity import IDENTITIES, FakeIdentityProvider, identity_page, read_email
from .join import ASSERTION, JoinRequest, join_page
from .layout import problem_page, redirect, style_sheet
from .problem import Problem
from .room import BrowserVisit, leave, room_page
from .start import start_page

__all__ = ["OWN_PATHS", "Site"]

OWN_PATHS: Final = frozenset({"join", "identity", "room", "style.css"})
"""First parts of the site's paths; no simulator can have one of these names."""

FORM: Final = "application/x-www-form-urlencoded"
MOST_FIELDS: Final = 20

NOT_FOUND: Final = 404

Form = Mapping[str, str]


class Site:
    """Answer browsers. `clock` returns seconds, and decides when a sign-in expires."""

    def __init__(
        self, simulators: Mapping[str, ServedSimulator], clock: Callable[[], float] = monotonic
    ) -> None:
        self._simulators = simulators
        self._identity_provider = FakeIdentityProvider(clock)
        self._visits: dict[str, BrowserVisit] = {}

    def serves(self, path: str) -> bool:
        """Return whether a path is one of the site's."""
        return path == "/" or path.split("/", 2)[1] in OWN_PATHS

    def handle(self, call: Call) -> Answer:
        """Answer a call by its full path on the server."""
        if call.method not in {"GET", "HEAD", "POST"}:
            problem = Problem(405, "This page can be read, and its form can be sent.")
            page = problem_page("Method not allowed", problem)
            return page.with_headers({"Allow": "GET, HEAD, POST"})
        try:
            form = _read_form(call) if call.method == "POST" else None
            return self._answer(call, form)
        except Problem as problem:
            title = "Not found" if problem.status == NOT_FOUND else "That did not work"
            return problem_page(title, problem)

    def _answer(self, call: Call, form: Form | None) -> Answer:
        match call.path.strip("/").split("/", 2), form:
            case [""], None:
                return start_page(served.simulator for served in self._simulators.values())
            case ["style.css"], None:
                return style_sheet()
            case ["join", _, *_], _:
                return self._join(self._join_request(call.path, call.query), call, form)
            case ["identity", name], _:
                return self._identity(name, call, form)
            case ["room", key], _:
                return self._room(key, form)
            case _:
                raise Problem(404, "There is no such page.")

    def _join_request(self, path: str, query: str) -> JoinRequest:
        """Open the join link at a path of this site. A sign-in can lead back to nothing else."""
        match path.strip("/").split("/"):
            case ["join", provider, *parts] if provider in self._simulators:
                return JoinRequest.open(self._simulators[provider].simulator, parts, query)
            case _:
                raise Problem(404, "There is no join page at this address.")

    # -- the join page

    def _join(self, join_request: JoinRequest, call: Call, form: Form | None) -> Answer:
        user = None
        try:
            if form is None or form.get("by") == EntryKind.SIGN_IN:
                user = self._read_user(join_request, call.query)
            if form is None:
                return join_page(join_request, {}, user)
            visit = enter(join_request.simulator, join_request.join_target, form, user)
        except Problem as problem:
            return join_page(join_request, form or {}, user, problem)
        key = secrets.token_urlsafe(24)
        self._visits[key] = BrowserVisit(
            simulator=join_request.simulator,
            world=join_request.simulator.world,
            visit=visit,
            room_name=join_request.room_name,
            join_path=join_request.url(),
        )
        return redirect(f"/room/{key}")

    def _read_user(self, join_request: JoinRequest, query: str) -> SignedInUser | None:
        """Return the user of the assertion in a query, if there is one. Raises `Problem`."""
        assertion = dict(parse_qsl(query)).get(ASSERTION)
        if assertion is None:
            return None
        user = self._identity_provider.read_user(assertion, join_request.scope)
        if not options_for(join_request.join_target, user):
            vendor = IDENTITIES[user.identity]
            raise Problem(403, f"{user.email} at {vendor} is not invited. Try another account.")
        return user

    # -- the stand-in for identity providers

    def _identity(self, name: str, call: Call, form: Form | None) -> Answer:
        identity = next((identity for identity in IDENTITIES if identity == name), None)
        if identity is None:
            raise Problem(404, "There is no such identity provider here.")
        path, _, query = dict(parse_qsl(call.query)).get("to", "").partition("?")
        join_request = self._join_request(path, query)
        if form is None:
            return self._ask(identity, join_request)
        try:
            user = SignedInUser(identity, read_email(form))
        except Problem as problem:
            return self._ask(identity, join_request, problem, form.get("email", ""))
        assertion = self._identity_provider.sign_in(user, join_request.scope)
        return redirect(join_request.url(**{ASSERTION: assertion}))

    def _ask(
        self,
        identity: IdentityProvider,
        join_request: JoinRequest,
        problem: Problem | None = None,
        typed: str = "",
    ) -> Answer:
        room_name = join_request.room_name
        return identity_page(identity, room_name, join_request.url(), problem, typed)

    # -- the room

    def _room(self, key: str, form: Form | None) -> Answer:
        browser_visit = self._visits.get(key)
        if browser_visit is None:
            raise Problem(404, "This visit does not exist.")
        if form is None:
            return room_page(browser_visit)
        try:
            leave(browser_visit, form)
        except Problem as problem:
            return room_page(browser_visit, problem)
        return redirect(f"/room/{key}")


def _read_form(call: Call) -> dict[str, str]:
    if _is_cross_site(call.headers):
        raise Problem(403, "This form was sent by another site, so nothing was done.")
    if call.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise Problem(415, "This page accepts forms only.")
    try:
        pairs = parse_qsl(
            call.body.decode("utf-8", "replace"),
            keep_blank_values=True,
            max_num_fields=MOST_FIELDS,
        )
    except ValueError as error:
        raise Problem(400, "This form has too many fields.") from error
    return dict(pairs)


def _is_cross_site(headers: Mapping[str, str]) -> bool:
    """Return whether a form was sent by another site.

    Our own forms have the origin "null", because our pages send no referrer; only `Sec-Fetch-Site`
    shows then that they are ours. A client that is not a browser sends neither.
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None and site not in {"same-origin", "none"}:
        return True
    if origin == "null":
        return site is None
    return origin is not None and origin != f"http://{headers.get('host')}"
