"""What an account on Google Meet has."""

from __future__ import annotations

import json
from functools import cached_property
from typing import Any, Final

from attrs import field, frozen

from conferencing.errors import ConfigurationError
from conferencing.extras import import_extra
from conferencing.model import Secret

__all__ = ["GoogleMeetSettings", "ServiceAccount"]

GOOGLE: Final = "https://meet.googleapis.com"
ORIGINS: Final = (
    ("/calendar/", "https://www.googleapis.com"),
    ("/drive/", "https://www.googleapis.com"),
    ("/token", "https://oauth2.googleapis.com"),
    ("/v1/people", "https://people.googleapis.com"),
    ("/v1/subscriptions", "https://workspaceevents.googleapis.com"),
    ("/v1/operations", "https://workspaceevents.googleapis.com"),
    ("/admin/", "https://admin.googleapis.com"),
)
"""Which of Google's hosts has a path; all others are Meet's (docs/vendors/googlemeet.md#hosts)."""

SCOPE: Final = "https://www.googleapis.com/auth/"
SCOPES: Final = (
    "meetings.space.created",
    # Spaces of a calendar count as made by another app (docs/vendors/googlemeet.md#scopes).
    "meetings.space.readonly",
    "meetings.space.settings",
    "calendar.events",
    # `drive.meet.readonly` gives 404 for content (docs/vendors/googlemeet.md#scopes).
    "drive.readonly",
)
_CHOICES: Final = {
    "attendance": ("segments", "span"),
    "emails": ("people", "directory", None),
    "send_updates": ("all", "externalOnly", "none"),
}


@frozen(kw_only=True)
class ServiceAccount:
    """The key file of a service account, as Google's console hands it out."""

    client_email: str
    private_key: Secret
    private_key_id: str

    @classmethod
    def read(cls, text: Secret) -> ServiceAccount:
        """Read the JSON of a key file. Raises `ConfigurationError` that shows nothing of it."""
        try:
            keys = json.loads(text.reveal())
            return cls(
                client_email=str(keys["client_email"]),
                private_key=Secret(str(keys["private_key"])),
                private_key_id=str(keys["private_key_id"]),
            )
        except (ValueError, LookupError, TypeError):
            pass
        # Outside of `except`: its frames hold the key.
        raise ConfigurationError(
            "service_account is not the JSON of a key file with client_email, private_key and"
            " private_key_id; write file:<path> to read it from a file",
            field="service_account",
        )


@frozen(kw_only=True)
class GoogleMeetSettings:
    """A user's consent, or a service account that acts for users of its domain.

    `client_id`, `client_secret` and `refresh_token` are those of an app to which a user consented.
    `service_account` is the key file of a service account with domain-wide delegation, as
    `file:<path>`, and `subject` the address of the user for whom it acts; `host` of a room names
    another one. `scopes` are requested with each of its tokens, in short or as addresses: the
    administrator has to have granted all of them. `calendar` is where events are.

    With `attendance = "span"`, the first and the last time of each person are fetched in place of
    all times, which takes one call for 250 people in place of one for each. `emails` says where to
    look for the addresses of those who were signed in: `people` or `directory`; without it,
    attendance has names only. `file_details` fetches type and size of each file from Drive.
    `send_updates` says who is mailed when an event is created, changed or deleted: `all`,
    `externalOnly` or `none`.

    `pubsub_topic` is where Google publishes events, as `projects/<project>/topics/<topic>`, and
    `user_id` the user's numeric id, for events about all of the user's rooms.
    `webhook_sender` is the service account that signs what the topic pushes, `webhook_audience` the
    audience that its subscription names. `webhook_keys` are the signing keys (a JWK set); without
    them, they are fetched from `webhook_keys_url`.

    `base_url` takes the place of all of Google's hosts, for a simulator.
    """

    client_id: str | None = None
    client_secret: Secret | None = None
    refresh_token: Secret | None = None
    service_account: Secret | None = None
    subject: str | None = None
    scopes: tuple[str, ...] = SCOPES
    calendar: str = "primary"
    attendance: str = "segments"
    emails: str | None = None
    file_details: bool = False
    send_updates: str = "none"
    pubsub_topic: str | None = None
    user_id: str | None = None
    webhook_sender: str | None = None
    webhook_audience: str | None = None
    webhook_keys: str | None = None
    webhook_keys_url: str = field(default="https://www.googleapis.com/oauth2/v3/certs")
    base_url: str = GOOGLE

    def __attrs_post_init__(self) -> None:
        consent = (self.client_id, self.client_secret, self.refresh_token)
        if self.service_account is None and not all(consent):
            raise ConfigurationError(
                "a Google account has either client_id, client_secret and refresh_token, or"
                " service_account and subject",
                field="refresh_token",
            )
        if self.service_account is not None and (any(consent) or not self.subject):
            raise ConfigurationError(
                "service_account goes with subject, the address of the user for whom it acts, and"
                " without client_id, client_secret and refresh_token",
                field="subject",
            )
        for name, choices in _CHOICES.items():
            if getattr(self, name) not in choices:
                words = ", ".join(str(choice) for choice in choices if choice)
                raise ConfigurationError(
                    f"{name} is {getattr(self, name)!r}; it must be one of {words}", field=name
                )
        if self.service_account is not None:
            _ = self.private_key  # raises now rather than at the first call

    @property
    def owner(self) -> str:
        """The user for whom calls are made: an address, or `me` for the one who consented."""
        return self.subject or "me"

    @cached_property
    def key_file(self) -> ServiceAccount:
        """The parts of `service_account`."""
        return ServiceAccount.read(self.service_account or Secret(""))

    @cached_property
    def private_key(self) -> Any:
        """The key that signs assertions. Raises `ConfigurationError` for one that cannot be read."""
        algorithms = import_extra(
            "jwt.algorithms", extra="googlemeet", purpose="sign as a service account"
        )
        algorithm = algorithms.RSAAlgorithm(algorithms.RSAAlgorithm.SHA256)
        try:
            return algorithm.prepare_key(self.key_file.private_key.reveal())
        except Exception:  # noqa: BLE001 - whatever it was, its frames hold the key
            fault = ConfigurationError(
                "service_account has a private_key that is not an RSA key in PEM",
                field="service_account",
            )
        raise fault

    def scope_text(self) -> str:
        """Return the scopes as their addresses, separated by spaces."""
        return " ".join(name if "/" in name else SCOPE + name for name in self.scopes)

    def origin_of(self, path: str) -> str:
        """Return the host that has a path: one of Google's, or that of `base_url`."""
        if self.base_url != GOOGLE:  # paths do not collide, so one root can stand for all hosts
            return self.base_url
        return next((origin for start, origin in ORIGINS if path.startswith(start)), GOOGLE)
