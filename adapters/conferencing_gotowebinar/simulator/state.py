"""What the simulator of GoTo Webinar keeps, its quirks, and the helpers that all routes share."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, ClassVar, Final, cast
from uuid import UUID

from attrs import define, field

from conferencing.model import Participant, RegistrationStatus
from conferencing.sandbox import WEBHOOK_QUIRKS
from conferencing.sandbox.kit import Fields, Refusal, ReplyShape, page_by_offset
from conferencing.sandbox.simulator import Answer, Simulator
from conferencing.world import World

__all__ = [
    "API",
    "GoToState",
    "WebinarDetails",
    "hal",
    "page_listed",
    "to_text",
]

API: Final = "/G2W/rest/v2"
WEBINAR: Final = f"{API}/organizers/{{organizer:\\d+}}/webinars/{{webinar:\\d+}}"
MAX_PAGE: Final = 200

# Keys are above 2**53, so that a reader that goes through a double corrupts them.
FIRST_KEYS: Final = {
    "room": 7878787878787878781,
    "participant": 8439885694023999999,
    "session": 7979797979797979791,
    "series": 7676767676767676761,
    "person": 8383838383838383831,
}


@define(kw_only=True)
class WebinarDetails:
    """What a webinar has in addition to the model. `times` are its dates, of a sequence several."""

    number: str
    type: str
    times: list[tuple[datetime, datetime]]
    locale: str = "en_US"
    experience: str = "CLASSIC"
    recurrence_key: str | None = None
    period: str | None = None
    approval: str = "AUTOMATIC"
    limit: int = 1000
    required: tuple[str, ...] = ()
    mails: Mapping[str, Any] = field(factory=dict[str, Any])
    questions: list[dict[str, Any]] = field(factory=list[dict[str, Any]])
    panelists: list[dict[str, str]] = field(factory=list[dict[str, str]])
    hosts: list[dict[str, Any]] = field(factory=list[dict[str, Any]])
    start_code: str = ""
    former: dict[str, Any] = field(factory=dict[str, Any])
    reads_of_former: int = 0


class GoToState(Simulator):
    """The state behind the routes. `body` and `accept` are those of the call at hand."""

    name = "gotowebinar"
    copyable = True
    default_quirks: ClassVar[Mapping[str, bool]] = {
        **dict.fromkeys(
            [
                "refuse_unknown",
                "extra_fields",
                "missing_fields",
                "other_spellings",
                "token_errors_401",
                "old_tokens",
                "rate_limits",
                "late_changes",
                "late_figures",
                "bare_conflicts",
                "empty_404",
                "signed_webhooks",
            ],
            False,
        ),
        **WEBHOOK_QUIRKS,
    }
    shape: ClassVar[ReplyShape] = ReplyShape(
        optional=frozenset(
            ["webinarID", "impromptu", "experienceType", "isPasswordProtected", "recurrencePeriod"]
        ),
        spellings={
            name: lambda key: int(key) if isinstance(key, str) else str(key)
            for name in ("registrantKey", "sessionKey", "webinarKey", "organizerKey", "accountKey")
        },
    )
    body: bytes = b""
    accept: str = ""

    def reset(self) -> None:
        """Forget everything; the organizer's key stays the same."""
        super().reset()
        self.organizer_key = "3000000000001234567"
        self.account_key = "4000000000001234567"
        self.organizer_email = "olga@example.com"
        self.zone = "Europe/Berlin"
        self.details: dict[str, WebinarDetails] = {}
        self.answering: set[str] = set()
        """Addresses for webhooks that answered a GET."""

    def new_world(self) -> World:
        """Return a world whose keys are long numbers, except for those of recordings."""
        new_id = partial(_make_id, Counter[str]())
        return World(seed=self.seed, real_time=self.real_time, new_id=new_id)

    def details_of(self, webinar: str) -> WebinarDetails:
        """Return a webinar's details, also of one that a test put into the world. Raises `NotFound`."""
        room = self.world.room(webinar)
        if webinar not in self.details:
            start = room.starts_at or self.world.now
            self.add_details(
                webinar, [(start, start + (room.duration or timedelta(hours=1)))], "single_session"
            )
        return self.details[webinar]

    def add_details(
        self, webinar: str, times: list[tuple[datetime, datetime]], kind: str, **more: Any
    ) -> WebinarDetails:
        """Add and return the details of a new webinar."""
        number = f"{100000000 + len(self.details):09}"
        code = self.world.random.randbytes(8).hex()
        self.details[webinar] = WebinarDetails(
            number=number, type=kind, times=times, start_code=code, **more
        )
        return self.details[webinar]

    def read_rows(self) -> list[Fields]:
        """Return the fields of each object of a body that is an array."""
        try:
            payload: object = json.loads(self.body)
        except ValueError:
            payload = None
        return self.fields({"the body": payload}).children("the body")

    def read_keys(self) -> list[str]:
        """Return the texts of a body that is an array."""
        return [str(key) for key in cast("list[object]", json.loads(self.body or b"[]"))]

    # -- what only the web page and the control of tests can do

    def require_approval(self, webinar: str) -> None:
        """Have registrations wait for the organizer, as can be set on GoTo's web page."""
        self.details_of(webinar).approval = "MANUAL"

    def set_status(self, webinar: str, registrant: str, status: RegistrationStatus) -> Participant:
        """Approve or deny a registration, as the organizer does on GoTo's web page."""
        return self.world.change_participant(webinar, registrant, status=status)


def to_text(moment: datetime) -> str:
    """Return a time in UTC."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def hal(fields: Fields, name: str, rows: Sequence[dict[str, Any]]) -> Answer:
    """Return a page of the first envelope; without hits it has no `_embedded`."""
    number, size = fields.number("page", 0) or 0, fields.number("size", 1, MAX_PAGE) or 20
    page = page_by_offset(rows, number * size, size)
    total = -(-page.total // size)
    place = {"size": size, "totalElements": page.total, "totalPages": total, "number": number}
    return Answer.json(({"_embedded": {name: [*page.rows]}} if page.rows else {}) | {"page": place})


def page_listed(
    fields: Fields, rows: Sequence[dict[str, Any]], *, echoes_limit: bool = True
) -> Answer:
    """Return a page of the second envelope."""
    number, limit = fields.number("page", 0) or 0, fields.number("limit", 1, MAX_PAGE) or 20
    page = page_by_offset(rows, number * limit, limit)
    body: dict[str, Any] = {"data": [*page.rows], "total": page.total, "page": number}
    body |= {"limit": limit, "pageSize": len(page.rows)} if echoes_limit else {"pageSize": limit}
    return Answer.json(body)


def require_window(fields: Fields) -> tuple[datetime, datetime]:
    """Return `fromTime` and `toTime`, which have to be there."""
    fields.require("fromTime", "toTime")
    start, end = fields.time("fromTime"), fields.time("toTime")
    if start is None or end is None or end < start:
        raise Refusal(400, "toTime is before fromTime")
    return start, end


def _make_id(counts: Counter[str], kind: str) -> str:
    number = FIRST_KEYS.get(kind, 9000001) + counts[kind]
    counts[kind] += 1
    return str(UUID(int=number)) if kind in {"recording", "file", "hook"} else str(number)
