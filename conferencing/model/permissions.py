"""What credentials permit, as far as the vendor reports it."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

__all__ = ["Permissions"]


@frozen(kw_only=True)
class Permissions:
    """What one credential of an account permits.

    `credential` is the vendor's word for it. `granted` are the permissions under the vendor's own
    names, or None where the credential does not list them. `operations` says for operations, such
    as `create_room` or `create_room (webinars)`, whether they suffice; one that is not in it is
    unknown, or needs no permission.
    """

    credential: str
    granted: tuple[str, ...] | None = None
    operations: Mapping[str, bool] = field(factory=dict[str, bool], hash=False)

    @property
    def allowed(self) -> tuple[str, ...]:
        """The operations for which the permissions suffice."""
        return tuple(name for name, allowed in self.operations.items() if allowed)

    @property
    def denied(self) -> tuple[str, ...]:
        """The operations for which a permission is missing."""
        return tuple(name for name, allowed in self.operations.items() if not allowed)
