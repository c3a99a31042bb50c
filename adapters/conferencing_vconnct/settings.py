"""What an account on VConnct has, in either generation."""

from __future__ import annotations

from typing import Final

from attrs import Factory, field, frozen

from conferencing.errors import ConfigurationError
from conferencing.model.secret import Secret

__all__ = ["VConnctSettings"]

_NEEDED: Final = {1: ("license",), 4: ("key", "secret", "project_id")}
_HOSTS: Final = {1: "https://vconnct-client-api.com", 4: "https://v.cloudapi.vconnct.me/api/v4"}


@frozen(kw_only=True)
class VConnctSettings:
    """Hold the credentials of one generation, and how the service is to be spoken to.

    Version 1 takes a partner's `license`. `language` asks for its messages in a language (`en`);
    they are Arabic without. `join_path` is where joining is: the document prints that of starting.
    `strict_links` refuses a viewer's link that holds the moderators' password; without it, that is
    only noted in the log. Version 4 takes `key`, `secret` and `project_id`. Raises
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
        default=Factory(lambda self: usual_url(self.api_version), takes_self=True)
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
        given = getattr(self, name) is not None
        if given is (version == self.api_version):
            return
        raise ConfigurationError(
            f"{name} belongs to api_version = {version}"
            if given
            else f"vconnct needs {name} with api_version = {version}",
            field=name,
        )


def usual_url(version: int) -> str:
    """Return where a generation is; for one that there is not, where the first is."""
    return _HOSTS.get(version, _HOSTS[1])
