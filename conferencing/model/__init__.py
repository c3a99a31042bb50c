"""What a conference is made of: values only. No connection, no I/O and no vendor in here.

Four levels of *when*: a `Room` (what was planned), an `Occurrence` of it (a planned date), a
`Session` (a run that really took place), and the segments in which one person was present
(`conferencing.model.attendance`).

Every value is immutable, keyword-only and picklable, and equal to another by its fields without
`native`, which is the vendor's own mapping. Every `datetime` is aware. Ids are opaque texts. An
enumeration read from a vendor that uses a word of its own is `UNKNOWN`; the word is in `native`.
"""

from .attendance import *
from .drafts import *
from .people import *
from .permissions import *
from .recurrence import *
from .rooms import *
from .secret import *
from .sessions import *
from .webhooks import *

__all__ = [
    "AccessToken",
    "Anyone",
    "Attendance",
    "EntryKind",
    "EntryRule",
    "Feedback",
    "File",
    "FileKind",
    "Frequency",
    "Headcount",
    "IdentityProvider",
    "Invitation",
    "Invitee",
    "JoinLink",
    "MatchedBy",
    "MergedBy",
    "Occurrence",
    "Participant",
    "Passcode",
    "Permissions",
    "Person",
    "PersonAttendance",
    "PersonFields",
    "PersonalToken",
    "Precision",
    "Recording",
    "RecordingStatus",
    "Recurrence",
    "RegistrationDraft",
    "RegistrationStatus",
    "Report",
    "ReportStatus",
    "Role",
    "RoleName",
    "Room",
    "RoomChanges",
    "RoomDraft",
    "RoomFields",
    "RoomKind",
    "RoomKindName",
    "RoomSettings",
    "RoomStatus",
    "RoomStatusName",
    "Secret",
    "Segment",
    "Session",
    "SessionDraft",
    "SessionStatus",
    "SignIn",
    "Template",
    "Usage",
    "WebhookSubscription",
    "Weekday",
    "parse_recurrence",
    "plan_dates",
]
