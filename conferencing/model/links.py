"""Links into rooms: addresses that are safe in a browser, a mail or a calendar file."""

from __future__ import annotations

import re
from typing import Final

from conferencing.errors import MalformedResponse, SecretUnavailable

from .secret import Secret

__all__ = ["WEB_LINK", "is_web_link", "to_link"]

# No control characters, white space, marks that turn the direction, quotes or angle brackets: with
# them a link could end the line, the attribute or the cell that it is written into.
_UNSAFE: Final = r"\x00-\x20\x7f-\xa0\u2028-\u202e\u2066-\u2069\u200e\u200f<>\""
WEB_LINK: Final = rf"^[Hh][Tt][Tt][Pp][Ss]?://[^/?#{_UNSAFE}][^{_UNSAFE}]*\Z"
"""The pattern of a web address: http or https, a host, and no character that is unsafe in text."""


def is_web_link(text: str) -> bool:
    """Return whether a string is a web address that is safe to show and to open."""
    return re.match(WEB_LINK, text) is not None


def to_link(value: str | Secret) -> Secret:
    """Return the link as a secret. Raises `MalformedResponse` for anything but a web address."""
    link = value if isinstance(value, Secret) else Secret(value)
    try:
        is_link = is_web_link(link.reveal())
    except SecretUnavailable:  # it was pickled, and was checked before
        return link
    if not is_link:
        raise MalformedResponse("the join link is not a web address (http or https)", path="$")
    return link
