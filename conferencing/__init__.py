"""One Python API for every meeting and webinar platform.

    async with conferencing.connect("main") as conference:
        room = await conference.create_room("Launch", kind="webinar")

Nothing is loaded until a name is touched (PEP 562).
"""

from __future__ import annotations

from .loading import loaded

TYPE_CHECKING = False  # importing `typing` for it would cost more than all the rest
if TYPE_CHECKING:
    from typing import Any

    from . import sync
    from .attendance import (
        Attendance,
        MatchedBy,
        MergedBy,
        Precision,
        Segment,
    )
    from .capabilities import (
        Capabilities,
        Features,
        Operation,
        Support,
        emulated,
    )
    from .client import (
        Conference,
        connect,
    )
    from .config import (
        Account,
    )
    from .context import (
        Rate,
    )
    from .drafts import (
        Invitee,
        RoomDraft,
    )
    from .errors import (
        AuthenticationFailed,
        ClientClosed,
        ConferencingError,
        ConfigurationError,
        Conflict,
        InvalidRequest,
        MalformedResponse,
        NotAvailable,
        NotFound,
        OutcomeUnknown,
        PermissionDenied,
        ProviderError,
        ProviderUnavailable,
        RateLimited,
        Sent,
        TimedOut,
        TransportError,
        UnknownAccount,
        UnknownProvider,
        UnsupportedOperation,
        UnsupportedOption,
    )
    from .listing import (
        Listing,
    )
    from .model import (
        AccessToken,
        Anyone,
        EntryKind,
        EntryRule,
        Feedback,
        File,
        IdentityProvider,
        JoinLink,
        Occurrence,
        Participant,
        Passcode,
        Person,
        PersonalToken,
        Recording,
        RecordingStatus,
        Report,
        ReportStatus,
        Role,
        Room,
        RoomKind,
        RoomSettings,
        RoomStatus,
        Session,
        SessionStatus,
        SignIn,
        Template,
        Usage,
    )
    from .presence import (
        Presence,
        Step,
    )
    from .provider import (
        ConferenceProvider,
        unverified,
    )
    from .reconcile import (
        Reconciled,
    )
    from .secret import (
        Secret,
    )
    from .version import __version__

__all__ = [
    "AccessToken",
    "Account",
    "Anyone",
    "Attendance",
    "AuthenticationFailed",
    "Capabilities",
    "ClientClosed",
    "Conference",
    "ConferenceProvider",
    "ConferencingError",
    "ConfigurationError",
    "Conflict",
    "EntryKind",
    "EntryRule",
    "Features",
    "Feedback",
    "File",
    "IdentityProvider",
    "InvalidRequest",
    "Invitee",
    "JoinLink",
    "Listing",
    "MalformedResponse",
    "MatchedBy",
    "MergedBy",
    "NotAvailable",
    "NotFound",
    "Occurrence",
    "Operation",
    "OutcomeUnknown",
    "Participant",
    "Passcode",
    "PermissionDenied",
    "Person",
    "PersonalToken",
    "Precision",
    "Presence",
    "ProviderError",
    "ProviderUnavailable",
    "Rate",
    "RateLimited",
    "Reconciled",
    "Recording",
    "RecordingStatus",
    "Report",
    "ReportStatus",
    "Role",
    "Room",
    "RoomDraft",
    "RoomKind",
    "RoomSettings",
    "RoomStatus",
    "Secret",
    "Segment",
    "Sent",
    "Session",
    "SessionStatus",
    "SignIn",
    "Step",
    "Support",
    "Template",
    "TimedOut",
    "TransportError",
    "UnknownAccount",
    "UnknownProvider",
    "UnsupportedOperation",
    "UnsupportedOption",
    "Usage",
    "__version__",
    "connect",
    "emulated",
    "sync",
    "unverified",
]

_HOME = {
    "attendance": "Attendance MatchedBy MergedBy Precision Segment",
    "capabilities": "Capabilities Features Operation Support emulated",
    "client": "Conference connect",
    "config": "Account",
    "context": "Rate",
    "drafts": "Invitee RoomDraft",
    "errors": "AuthenticationFailed ClientClosed ConferencingError ConfigurationError Conflict InvalidRequest MalformedResponse NotAvailable NotFound OutcomeUnknown PermissionDenied ProviderError ProviderUnavailable RateLimited Sent TimedOut TransportError UnknownAccount UnknownProvider UnsupportedOperation UnsupportedOption",
    "listing": "Listing",
    "model": "AccessToken Anyone EntryKind EntryRule Feedback File IdentityProvider JoinLink Occurrence Participant Passcode Person PersonalToken Recording RecordingStatus Report ReportStatus Role Room RoomKind RoomSettings RoomStatus Session SessionStatus SignIn Template Usage",
    "presence": "Presence Step",
    "provider": "ConferenceProvider unverified",
    "reconcile": "Reconciled",
    "secret": "Secret",
    "version": "__version__",
}
_MODULE = {name: module for module, names in _HOME.items() for name in names.split()}


if not TYPE_CHECKING:  # a checker that saw it would take any name for right

    def __getattr__(name: str) -> Any:
        if name in _MODULE:
            value: Any = getattr(loaded(f"{__name__}.{_MODULE[name]}"), name)
        elif name == "sync":
            value = loaded(f"{__name__}.sync")
        else:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
