"""What an account on Webex has."""

from __future__ import annotations

from attrs import frozen

from conferencing.model import Secret
from conferencing.model.zones import zone_of

__all__ = ["WebexSettings"]


@frozen(kw_only=True)
class WebexSettings:
    """An integration or a service app, with the refresh token that it got when it was authorized.

    `host` is the e-mail address of the user in whose name a service app or an administrator acts;
    without it, the account is that of the user who authorized the integration. `site` is the Webex
    site of new rooms and of the usage report, such as `example.webex.com`; by default, rooms are on the
    user's preferred one. `timezone` is the IANA zone of the times that Webex sends, which is UTC without
    it. `history` is how many days back rooms, sessions and recordings are listed. Webhooks are signed
    with `webhook_secret`; `webhook_secret_previous` is the one before it while it is replaced.
    `base_url` is where all calls go.
    """

    client_id: str
    client_secret: Secret
    refresh_token: Secret
    host: str | None = None
    site: str | None = None
    timezone: str | None = None
    history: int = 1830
    webhook_secret: Secret | None = None
    webhook_secret_previous: Secret | None = None
    base_url: str = "https://webexapis.com/v1"

    def __attrs_post_init__(self) -> None:
        if self.timezone is not None:
            zone_of(self.timezone)
