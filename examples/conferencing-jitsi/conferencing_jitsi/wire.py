"""What Jitsi makes of a room's name, and what it reads in a token. Pure.

Names: `react/features/base/util/uri.ts` of https://github.com/jitsi/jitsi-meet. Tokens:
`doc/tokens.md` of https://github.com/jitsi/lib-jitsi-meet, and for JaaS
https://developer.8x8.com/jaas/docs/api-keys-jwt.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from string import punctuation
from typing import Any, Final
from unicodedata import normalize
from urllib.parse import quote

from conferencing import InvalidRequest, Person, Role

from .settings import JitsiSettings

__all__ = ["address", "claims", "slug"]

_UNSAFE: Final = frozenset(punctuation + " ") - frozenset("-_")


def slug(name: str, field: str) -> str:
    """Return the id of the room that a name leads to: in lower case, with dashes for punctuation.

    Jitsi itself drops most punctuation from an address and lowers the rest. An id is its own slug.
    Raises `InvalidRequest` for a name of which nothing is left.
    """
    text = normalize("NFKC", name).lower()
    kept = "".join(
        letter if letter.isprintable() and letter not in _UNSAFE else "-" for letter in text
    )
    room = re.sub("-+", "-", kept).strip("-")
    if not room:
        raise InvalidRequest(f"{field} is {name!r}; Jitsi needs a letter or digit", field=field)
    return room


def address(settings: JitsiSettings, room: str) -> str:
    """Return where a room is; those of JaaS are below the app's id."""
    tenant = f"{settings.app_id}/" if settings.jaas else ""
    return f"https://{settings.domain}/{tenant}{quote(room, safe='')}"


def claims(
    settings: JitsiSettings, room: str, role: Role, person: Person | None, until: datetime
) -> dict[str, Any]:
    """Return what a token says: who may enter which room, as what, and until when."""
    host, lifetime = role is Role.HOST, timedelta(seconds=settings.link_lifetime)
    known = {"name": person.display_name, "email": person.email} if person else {}
    # Texts, not truths: a user's fields that are not texts make older servers fail.
    moderation = {"moderator": str(host).lower(), "affiliation": "owner" if host else "member"}
    return {
        "aud": settings.audience,
        "iss": "chat" if settings.jaas else settings.app_id,
        "sub": settings.app_id if settings.jaas else settings.domain.partition(":")[0].lower(),
        # The server compares it with its own name of the room, percent-encoded in lower case.
        "room": quote(room, safe="").lower(),
        "nbf": int((until - lifetime - timedelta(minutes=1)).timestamp()),  # clocks differ
        "exp": int(until.timestamp()),
        "context": {
            "user": {key: text for key, text in known.items() if text} | moderation,
            "features": dict.fromkeys(settings.host_features if host else (), "true"),
        },
    }
