"""The stand-in for identity providers: one types an address, and is vouched for."""

from __future__ import annotations

import json
import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from hashlib import sha256
from hmac import compare_digest, digest
from time import monotonic
from typing import Final

from conferencing.model import IdentityProvider
from conferencing.sandbox.simulator import Answer

from .entry_options import Account
from .html import tag
from .layout import alert, field, named, page
from .problem import Problem

__all__ = ["IDENTITIES", "FakeIdentityProvider", "address_in", "identity_page"]

IDENTITIES: Final = {
    IdentityProvider.GOOGLE: "Google",
    IdentityProvider.MICROSOFT: "Microsoft",
    IdentityProvider.LINKEDIN: "LinkedIn",
    IdentityProvider.FACEBOOK: "Facebook",
}
LIVES: Final = 300
"""Seconds for which somebody is vouched for."""

LONGEST_ADDRESS: Final = 254


class FakeIdentityProvider:
    """Sign who somebody is, for one room and a short while. The key is this object's own."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._key = secrets.token_bytes(32)
        self._clock = clock

    def vouch(self, account: Account, room: str) -> str:
        """Return an assertion, fit for an address."""
        fields = [account.identity.value, account.email, room, self._clock() + LIVES]
        payload = urlsafe_b64encode(json.dumps(fields).encode()).decode()
        return f"{payload}.{self._signed(payload)}"

    def account(self, assertion: str, room: str) -> Account:
        """Return whom an assertion vouches for. Raises `Problem`."""
        payload, _, signature = assertion.partition(".")
        if not compare_digest(self._signed(payload).encode(), signature.encode()):
            raise Problem(403, "This sign-in was not made here. Please sign in again.")
        identity, email, suggest, ends = json.loads(urlsafe_b64decode(payload))
        if suggest != room:
            raise Problem(403, "This sign-in was made for another room. Please sign in again.")
        if ends < self._clock():
            raise Problem(403, "This sign-in has expired. Please sign in again.")
        return Account(IdentityProvider(identity), email)

    def _signed(self, payload: str) -> str:
        return urlsafe_b64encode(digest(self._key, payload.encode(), sha256)).decode()


def address_in(given: Mapping[str, str]) -> str:
    """Return the e-mail address that was typed. Raises `Problem`."""
    email = given.get("email", "").strip()
    if len(email) > LONGEST_ADDRESS or not re.fullmatch(
        r"[^\s@\x00-\x1f\x7f]+@[^\s@\x00-\x1f\x7f]+", email
    ):
        raise Problem(400, "Please type an e-mail address, such as ann@example.com.", "email")
    return email


def identity_page(
    identity: IdentityProvider, room_name: str, back: str, problem: Problem | None, typed: str
) -> Answer:
    """Ask for an address in place of an identity provider. `back` is the join page."""
    vendor = IDENTITIES[identity]
    form = tag(
        "form",
        field(
            "E-mail address",
            "email",
            form="identity",
            problem=problem,
            hint="Any address will do; no password is asked.",
            type="email",
            value=typed,
            required=True,
            maxlength=str(LONGEST_ADDRESS),
            autocomplete="email",
        ),
        tag("button", "Continue"),
        method="post",
        class_="card alone",
    )
    return page(
        f"Sign in: stand-in for {vendor}",
        tag("p", "Stand-in, not the real thing", class_="badge"),
        tag("h1", f"Stand-in for {vendor}"),
        tag(
            "p",
            f"This page is not {vendor}. It plays its part in this sandbox: whoever you say you "
            "are, you come back signed in to ",
            named(room_name),
            ".",
        ),
        alert("That did not work", problem.text) if problem and not problem.field else None,
        form,
        tag("p", tag("a", "Back without signing in", href=back)),
        status=problem.status if problem else 200,
    )
