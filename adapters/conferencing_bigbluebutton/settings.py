"""What an account on BigBlueButton has."""

from __future__ import annotations

from collections.abc import Collection

from attrs import evolve, frozen

from conferencing.errors import ConfigurationError
from conferencing.model import Secret

from .checksum import ALGORITHMS

__all__ = ["BigBlueButtonSettings"]

LINK_STYLES = ("role", "password")


@frozen(kw_only=True)
class BigBlueButtonSettings:
    """Address and secret of a server or load balancer, as `bbb-conf --secret` prints them.

    The address may also be that of the API, with `/api` at its end.

    Rooms, sessions and attendance are in the account's `room_store`, because the server keeps none.
    `callback_url` is the address of the
    application's receiver: each meeting is created with it, so that the server reports there who
    was in it, and which recording is ready. `secret_previous` is the secret before, while it is
    replaced; callbacks may still be signed with it. `algorithm` is that of the checksums of calls
    and links. `links` says by what a link admits: `role`, or `password` for servers before 2.4.
    With `pin_links`, a link is valid for one session; without, for each session of the room.
    `longest_url` is the length in characters above which a call or a link is refused.
    """

    secret: Secret
    base_url: str
    callback_url: str | None = None
    secret_previous: Secret | None = None
    # Servers before 2.5 have no longer hash, load balancers no SHA-384, and webhooks before 3.0
    # take SHA-1 only: docs/vendors/bigbluebutton.md#checksum
    algorithm: str = "sha256"
    links: str = "role"
    pin_links: bool = True
    longest_url: int = 2000

    def __attrs_post_init__(self) -> None:
        if not self.secret:
            raise ConfigurationError("secret is empty", field="secret")
        _check_choice("algorithm", self.algorithm, ALGORITHMS)
        _check_choice("links", self.links, LINK_STYLES)

    def with_api_url(self) -> BigBlueButtonSettings:
        """Return the settings with the address of the API, where that of the server's folder is given."""
        base = self.base_url.rstrip("/")
        return evolve(self, base_url=base if base.endswith("/api") else f"{base}/api")


def _check_choice(name: str, value: str, choices: Collection[str]) -> None:
    if value not in choices:
        raise ConfigurationError(
            f"{name} is {value!r}; it must be one of {', '.join(choices)}", field=name
        )
