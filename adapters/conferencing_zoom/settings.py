"""What an account on Zoom has."""

from __future__ import annotations

from attrs import field, frozen

from conferencing.errors import ConfigurationError
from conferencing.model import Secret

__all__ = ["ZoomSettings"]

_SOURCES = ("report", "past")


@frozen(kw_only=True)
class ZoomSettings:
    """An app of Zoom's Marketplace, and the user in whose name rooms are created.

    A server-to-server app has an `account_id`; any other one has a `refresh_token`, which Zoom replaces
    at each use, so the account needs a `token_store`. `host` is a user's id or e-mail address; `me`
    is possible with a refresh token only. `attendance` is the API that reports attendance: `report`
    has registrations and needs an administrator's scope, `past` has none and needs none. `history`
    is how many days back the recordings of a room or of the account are looked for.
    `permanent_deletion` deletes recordings at once instead of moving them to the trash.
    `webhook_secret` is the secret token of the app's event subscriptions, `webhook_secret_previous`
    the one before it while they are replaced, and `webhook_tolerance` how many seconds a
    signature's time may differ from now: Zoom repeats an event for 85 minutes. With `regional`,
    calls go to the host that Zoom names with each token. `auth_url` is where tokens are fetched.
    """

    client_id: str
    client_secret: Secret
    account_id: str | None = None
    refresh_token: Secret | None = None
    host: str = "me"
    attendance: str = "report"
    history: int = 180
    permanent_deletion: bool = False
    webhook_secret: Secret | None = None
    webhook_secret_previous: Secret | None = None
    webhook_tolerance: float = 6000.0
    regional: bool = False
    base_url: str = "https://api.zoom.us/v2"
    auth_url: str = field(default="https://zoom.us/oauth")

    def __attrs_post_init__(self) -> None:
        if (self.account_id is None) == (self.refresh_token is None):
            raise ConfigurationError(
                "a Zoom account has either account_id (server-to-server app) or refresh_token",
                field="account_id",
            )
        if self.account_id is not None and self.host == "me":
            raise ConfigurationError(
                "host is missing: a server-to-server app acts for no user, so name the id or the"
                " e-mail address of the user in whose name rooms are created",
                field="host",
            )
        if self.attendance not in _SOURCES:
            raise ConfigurationError(
                f"attendance is {self.attendance!r}; it must be one of {', '.join(_SOURCES)}",
                field="attendance",
            )
