"""Spaces of Meet: who may enter, and what is recorded (docs/vendors/googlemeet.md#spaces)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from attrs import define

from conferencing.errors import UnsupportedOption
from conferencing.http import Link, Reply, deep_merge
from conferencing.model import (
    Anyone,
    EntryRule,
    IdentityProvider,
    Room,
    RoomKind,
    RoomSettings,
    RoomStatus,
    SignIn,
)
from conferencing.model.drafts import RoomDraft
from conferencing.model.native import Native

from .base import WIRE, Name, SpaceId, last_part

__all__ = [
    "SpaceRow",
    "list_leaves",
    "read_settings",
    "read_space",
    "read_space_row",
    "to_entry",
    "to_settings",
    "write_config",
    "write_space",
]

# By name: `ON` is 1 in most fields, and 2 in `moderation` (docs/vendors/googlemeet.md#spaces).
ACCESS: Final = {True: "ON", False: "OFF"}
CHAT: Final = {True: "NO_RESTRICTION", False: "HOSTS_ONLY"}


@define
class RecordingConfigRow:
    autoRecordingGeneration: str | None = None  # noqa: N815


@define
class ArtifactRow:
    recordingConfig: RecordingConfigRow | None = None  # noqa: N815


@define
class RestrictionsRow:
    chatRestriction: str | None = None  # noqa: N815


@define
class ConfigRow:
    """What the owner of a space has set; nobody else sees it."""

    accessType: str | None = None  # noqa: N815
    moderation: str | None = None
    moderationRestrictions: RestrictionsRow | None = None  # noqa: N815
    artifactConfig: ArtifactRow | None = None  # noqa: N815


@define
class ActiveRow:
    conferenceRecord: Name | None = None  # noqa: N815


@define
class SpaceRow:
    """A space. `name` is its only lasting id: codes are given to other spaces after a year."""

    name: Name
    meetingUri: Link | None = None  # noqa: N815
    meetingCode: str | None = None  # noqa: N815
    config: ConfigRow | None = None
    activeConference: ActiveRow | None = None  # noqa: N815

    @property
    def running(self) -> str | None:
        """The name of the conference record that is going on."""
        return self.activeConference.conferenceRecord if self.activeConference else None


def read_space_row(reply: Reply) -> SpaceRow:
    """Return the row itself, of which some operations need what the model lacks."""
    return WIRE.read(reply, SpaceRow)


def read_space(reply: Reply, owner: str) -> Room:
    """Return a space as a room: permanent, without a name."""
    return WIRE.record(reply, SpaceRow, lambda row, native: _to_room(row, native, owner))


def _to_room(row: SpaceRow, native: Native, owner: str) -> Room:
    entry = to_entry(row, ())
    return Room(
        id=str(SpaceId(owner, last_part(row.name))),
        kind=RoomKind.MEETING,
        status=RoomStatus.LIVE if row.running else RoomStatus.OPEN,
        permanent=True,
        entry=entry,
        waiting_room=to_waiting_room(row),
        join_url=row.meetingUri,
        settings=to_settings(row),
        native=native,
    )


def to_entry(row: SpaceRow, invited: tuple[str, ...]) -> tuple[EntryRule, ...] | None:
    """Return who enters without knocking; `invited` are the addresses of the event's guests."""
    access = row.config.accessType if row.config else None
    if access == "OPEN":
        return (Anyone(),)
    if access == "TRUSTED":
        return (SignIn(IdentityProvider.GOOGLE),)
    if access == "RESTRICTED":  # inferred (docs/vendors/googlemeet.md#spaces)
        return tuple(SignIn(IdentityProvider.GOOGLE, email=email) for email in invited)
    return None


def to_waiting_room(row: SpaceRow) -> bool | None:
    """Return whether people knock: all but those who may enter."""
    access = row.config.accessType if row.config else None
    return {"OPEN": False, "TRUSTED": True, "RESTRICTED": True}.get(access or "")


def to_settings(row: SpaceRow) -> RoomSettings | None:
    """Return the settings that the model has, or None for a space of somebody else."""
    config = row.config
    if config is None:
        return None
    artifacts, restrictions = config.artifactConfig, config.moderationRestrictions
    recording = artifacts.recordingConfig if artifacts else None
    chat = restrictions.chatRestriction if restrictions else None
    return RoomSettings(
        auto_recording=_invert(ACCESS, recording.autoRecordingGeneration if recording else None),
        # Without moderation, nothing is restricted (docs/vendors/googlemeet.md#spaces).
        public_chat=True if config.moderation == "OFF" else _invert(CHAT, chat),
    )


def _invert(words: Mapping[bool, str], word: str | None) -> bool | None:
    return next((value for value, each in words.items() if each == word), None)


def read_settings(reply: Reply) -> RoomSettings:
    """Return the settings of a space."""
    return to_settings(read_space_row(reply)) or RoomSettings()


# ------------------------------------------------------------------------------------------ drafts


def write_space(draft: RoomDraft) -> dict[str, Any]:
    """Return the body of a new space."""
    return deep_merge({"config": config} if (config := write_config(draft)) else {}, draft.native)


def write_config(draft: RoomDraft) -> dict[str, Any]:
    """Return what a draft sets of a space; a `config` in its native fields is merged last."""
    config: dict[str, Any] = {}
    if draft.entry is not None:
        config["accessType"] = _write_access(draft.entry)
    settings = draft.settings or RoomSettings()
    if settings.auto_recording is not None:
        word = ACCESS[settings.auto_recording]
        config["artifactConfig"] = {"recordingConfig": {"autoRecordingGeneration": word}}
    if settings.public_chat is not None:
        # Restrictions count only while the space is moderated (docs/vendors/googlemeet.md#spaces).
        config["moderation"] = "ON"
        config["moderationRestrictions"] = {"chatRestriction": CHAT[settings.public_chat]}
    return deep_merge(config, cast("Mapping[str, Any]", draft.native.get("config") or {}))


def _write_access(rules: tuple[EntryRule, ...]) -> str:
    """Return the access type. Raises `UnsupportedOption` for rules that Meet cannot combine."""
    if all(isinstance(rule, Anyone) for rule in rules):
        return "OPEN"
    signed_in = [rule for rule in rules if isinstance(rule, SignIn)]
    google = all(rule.identity is IdentityProvider.GOOGLE for rule in signed_in)
    restricted = {rule.email is not None for rule in signed_in}
    if len(signed_in) != len(rules) or not google or len(restricted) != 1:
        raise UnsupportedOption(
            "Google Meet has one of these rules: Anyone(), SignIn('google'), or SignIn('google',"
            " email=...) for each of those who are invited",
            field="entry",
            fields=("entry",),
            provider="googlemeet",
        )
    return "RESTRICTED" if restricted == {True} else "TRUSTED"


def list_leaves(config: Mapping[str, Any], path: str = "config") -> Iterator[str]:
    """Yield the dotted paths of all values: an update mask, outside of which nothing changes."""
    for name, value in config.items():
        if isinstance(value, Mapping):
            yield from list_leaves(cast("Mapping[str, Any]", value), f"{path}.{name}")
        else:
            yield f"{path}.{name}"
