"""What an account on VConnct has, in either generation."""

from __future__ import annotations

from typing import Final

from attrs import Factory, field, frozen

from conferencing.errors import ConfigurationError
from conferencing.model.secret import Secret

__all__ = ["VConnctSettings"]

_NEEDED: Final = {1: ("license",), 4: ("key", "secret", "project_id")}
# The v1 document names no host, but its links do: docs/vendors/vconnct.md#v1-general-rules
# Without its path, that of v4 answers a web page: docs/vendors/vconnct.md#v4-general-rules
_HOSTS: Final = {1: "https://vconnct-client-api.com", 4: "https://v.cloudapi.vconnct.me/api/v4"}


@frozen(kw_only=True)
class VConnctSettings:
    """The credentials of one generation of the API, and options.

    Version 1 takes a partner's `license`. `language` requests messages in a language (`en`); without
    it they are Arabic. `join_path` is the path for joining: the document prints that for starting.
    `strict_links` refuses a viewer's link with the moderators' password in it; without it, that is
    only logged. Version 4 takes `key`, `secret` and `project_id`. Raises
    `ConfigurationError` for a key that is missing, or that the other generation has.
    """

    api_version: int = 1
    license: Secret | None = None
    language: str | None = None
    join_path: str = "join_meeting"
    strict_links: bool = True
    key: Secret | None = None
    secret: Secret | None = None
    project_id: str | None = None
    base_url: str = field(
        default=Factory(lambda self: default_url(self.api_version), takes_self=True)
    )

    def __attrs_post_init__(self) -> None:
        if self.api_version not in _NEEDED:
            raise ConfigurationError(
                f"api_version is {self.api_version}; vconnct has 1 and 4", field="api_version"
            )
        for version, names in _NEEDED.items():
            for name in names:
                self._check(name, version)

    def _check(self, name: str, version: int) -> None:
        is_set = getattr(self, name) is not None
        if is_set is (version == self.api_version):
            return
        raise ConfigurationError(
            f"{name} belongs to api_version = {version}"
            if is_set
            else f"vconnct needs {name} with api_version = {version}",
            field=name,
        )


def default_url(version: int) -> str:
    """Return the base URL of a generation; of the first one for an unknown number."""
    return _HOSTS.get(version, _HOSTS[1])
