"""A stand-in for identity providers: it signs in any e-mail address that is typed."""

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

from .entry_options import SignedInUser
from .html import tag
from .layout import alert, field, isolate, page
from .problem import Problem

__all__ = ["IDENTITIES", "FakeIdentityProvider", "identity_page", "read_email"]

IDENTITIES: Final = {
    IdentityProvider.GOOGLE: "Google",
    IdentityProvider.MICROSOFT: "Microsoft",
    IdentityProvider.LINKEDIN: "LinkedIn",
    IdentityProvider.FACEBOOK: "Facebook",
}
LIFETIME: Final = 300
"""For how many seconds an assertion is valid."""

LONGEST_ADDRESS: Final = 254


class FakeIdentityProvider:
    """Sign assertions of who a user is, for one room and a short time, with a key of its own."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._key = secrets.token_bytes(32)
        self._clock = clock

    def sign_in(self, user: SignedInUser, room: str) -> str:
        """Return an assertion about a user that can be part of a URL."""
        fields = [user.identity.value, user.email, room, self._clock() + LIFETIME]
        payload = urlsafe_b64encode(json.dumps(fields).encode()).decode()
        return f"{payload}.{self._sign(payload)}"

    def read_user(self, assertion: str, room: str) -> SignedInUser:
        """Return the user of an assertion for this room. Raises `Problem`."""
        payload, _, signature = assertion.partition(".")
        if not compare_digest(self._sign(payload).encode(), signature.encode()):
            raise Problem(403, "This sign-in was not made here. Please sign in again.")
        identity, email, scope, ends = json.loads(urlsafe_b64decode(payload))
        if scope != room:
            raise Problem(403, "This sign-in was made for another room. Please sign in again.")
        if ends < self._clock():
            raise Problem(403, "This sign-in has expired. Please sign in again.")
        return SignedInUser(IdentityProvider(identity), email)

    def _sign(self, payload: str) -> str:
        return urlsafe_b64encode(digest(self._key, payload.encode(), sha256)).decode()


def read_email(form: Mapping[str, str]) -> str:
    """Return the e-mail address that was typed. Raises `Problem`."""
    email = form.get("email", "").strip()
    if len(email) > LONGEST_ADDRESS or not re.fullmatch(
        r"[^\s@\x00-\x1f\x7f]+@[^\s@\x00-\x1f\x7f]+", email
    ):
        raise Problem(400, "Please type an e-mail address, such as ann@example.com.", "email")
    return email


def identity_page(
    identity: IdentityProvider, room_name: str, back: str, problem: Problem | None, typed: str
) -> Answer:
    """Return the page that asks for an address in place of an identity provider.

    `back` is the path of the join page.
    """
    vendor = IDENTITIES[identity]
    form = tag(
        "form",
        field(
            "E-mail address",
            "email",
            form="identity",
            problem=problem,
            hint="Any address will do; there is no password.",
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
            f"This page is not {vendor}. It replaces it in this sandbox: whatever address you type, "
            "you are signed in to ",
            isolate(room_name),
            ".",
        ),
        alert("That did not work", problem.text) if problem and not problem.field else None,
        form,
        tag("p", tag("a", "Back without signing in", href=back)),
        status=problem.status if problem else 200,
    )
