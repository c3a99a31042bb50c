"""Reports of three people, of thousands, and of some with hostile names."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from attrs import evolve

from conferencing import (
    Attendance,
    Features,
    Participant,
    Precision,
    Role,
    Room,
    RoomKind,
    Segment,
    Session,
    SessionStatus,
)
from conferencing.report import AttendanceReport, build_report

START = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)
FEATURES = Features(attendance=Precision.SEGMENTS, resolution=timedelta(minutes=1))
NAMES = [
    "Čedomir Đorđević-Šćepanović", "محمد عبد الله الأنصاري", "王小明", "Zoë Ångström", "Łukasz Żółć",
    "Ann Lee", "נועה כהן", "Ștefan Țîrlea", "Jürgen Groß", "山田 太郎", "김민준", "Олена Шевченко",
]  # fmt: skip
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    '=HYPERLINK("http://evil.example","Click")',
    "+1+1",
    "-2+3",
    "@SUM(A1:A9)",
    "\t=1+1",
    "x;=1+1",
    "\u202egnp.exe\u202c",
    "#panic[x] $y$ *z* @ref </style>",
    "{{ 7*7 }}{% raw %}",
    "a\r\nb\x00\x1b[31m",
    "half \ud83d",
    "W" * 255,
]
ROOM = Room(
    id="r1",
    name="Launch of the new things",
    kind=RoomKind.WEBINAR,
    starts_at=START,
    duration=timedelta(hours=1),
    timezone="Europe/Warsaw",
)


def session(number: int = 1, days: int = 0, minutes: int = 60, **changes: Any) -> Session:
    start = START + timedelta(days=days)
    base = Session(
        id=f"s{number}",
        room_id="r1",
        status=SessionStatus.ENDED,
        started_at=start,
        ended_at=start + timedelta(minutes=minutes),
    )
    return evolve(base, **changes)


def record(
    number: int, name: str | None, *segments: tuple[float, float | None], **changes: Any
) -> Attendance:
    base = Attendance(
        id=f"a{number}",
        display_name=name,
        email=f"person{number}@example.com",
        role=Role.ATTENDEE,
        segments=tuple(
            Segment(joined_at=_at(joined), left_at=None if left is None else _at(left))
            for joined, left in segments
        ),
    )
    return evolve(base, **changes)


def participant(number: int, name: str | None = None) -> Participant:
    return Participant(
        id=f"p{number}",
        email=f"person{number}@example.com",
        name=name,
        registered_at=START - timedelta(days=3),
    )


def report_of(
    records: Sequence[Attendance],
    registered: Sequence[Participant] | None = (),
    features: Features = FEATURES,
    **options: Any,
) -> AttendanceReport:
    return build_report(
        options.pop("room", ROOM),
        options.pop("attendance", [(session(), records)]),
        registered,
        provider="clickmeeting",
        account="main",
        features=features,
        made_at=START + timedelta(days=1, microseconds=123456),
        **options,
    )


def three() -> AttendanceReport:
    records = [
        record(0, "Zoë Ångström", (-5, 61), role=Role.HOST),
        record(1, "Čedomir Đorđević", (2, 20), (25, 58)),
        record(2, "محمد عبد الله", (10, 60)),
    ]
    return report_of(records, [participant(n, NAMES[n]) for n in range(1, 5)])


def hostile() -> AttendanceReport:
    records = [record(n, name, (n, 40 + n), email=f"{name}@x") for n, name in enumerate(HOSTILE)]
    registered = [evolve(participant(99, name), email=f"no{n}@x") for n, name in enumerate(HOSTILE)]
    return report_of(records, registered, room=evolve(ROOM, name=HOSTILE[0] + HOSTILE[2]))


def many(people: int = 3000, sessions: int = 1) -> AttendanceReport:
    random = Random(6)
    attendance = []
    for place in range(sessions):
        rows = [_random_record(random, n, place) for n in range(people) if random.random() < 0.9]
        attendance.append((session(place + 1, days=7 * place, minutes=90), rows))
    registered = [participant(n, _name(n)) for n in range(20, people + 60)]
    return report_of([], registered, attendance=attendance)


def _random_record(random: Random, number: int, week: int) -> Attendance:
    joined = max(-15.0, random.gauss(3, 6))
    left = min(95.0, joined + random.expovariate(1 / 70))
    offset = week * 7 * 24 * 60
    segments: list[tuple[float, float | None]] = [(offset + joined, offset + left)]
    while random.random() < 0.25 and segments[-1][1] is not None and segments[-1][1] < offset + 85:
        back = segments[-1][1] + random.uniform(0.5, 6)
        segments.append((back, min(offset + 95, back + random.uniform(1, 40))))
    if random.random() < 0.01:
        segments[-1] = (segments[-1][0], None)
    role = Role.HOST if number == 0 else Role.PRESENTER if number < 4 else Role.ATTENDEE
    return record(number, _name(number), *segments, role=role)


def _name(number: int) -> str:
    return NAMES[number % len(NAMES)] + (f" {number}" if number >= len(NAMES) else "")


def _at(minute: float) -> datetime:
    return START + timedelta(seconds=round(minute * 60))
