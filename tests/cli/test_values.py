"""How values are written for people and for programs, and how arguments are read."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve

from conferencing.cli.options import (
    Duration,
    Time,
    UsageError,
    Zone,
    parse_pairs,
    read_passcode,
    resolve_time,
)
from conferencing.cli.output import encode
from conferencing.cli.recordings import build_file_name
from conferencing.cli.tables import Column, fit_columns
from conferencing.cli.values import flatten, format_value, set_fields
from conferencing.model import (
    File,
    JoinLink,
    Participant,
    Passcode,
    Person,
    Recording,
    Role,
    Room,
    SignIn,
)
from conferencing.model.drafts import RoomDraft

WARSAW = ZoneInfo("Europe/Warsaw")
NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "yes"),
        (False, "no"),
        (0, "0"),
        (NOON, "2027-03-01 13:00+01:00"),
        (timedelta(hours=1, minutes=30), "1h30m"),
        (timedelta(seconds=45), "45s"),
        (timedelta(), "0m"),
        (Role.HOST, "host"),
        (Person(name="Zoë", email="z@example.com"), "Zoë"),
        ((File(url="x", media_type="video/mp4", size=4096), File(url="y")), "video/mp4 4.1 kB, a file"),
        ((Passcode("s3cret"), SignIn("google")), "passcode, sign-in at google"),
        ("a\tb\r\nc", "a b  c"),
        ("\x1b[31mred\x07", "�[31mred�"),
        ("\u202egnp.exe", "�gnp.exe"),
        ("ليلى المنصور 王伟", "ليلى المنصور 王伟"),
    ],
)  # fmt: skip
def test_format_value(value: object, text: str) -> None:
    assert format_value(value, WARSAW) == text


def test_repeated_hour_keeps_its_offset() -> None:
    first, second = (datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1))
    texts = [format_value(time, WARSAW, with_offset=False) for time in (first, second)]
    assert texts == ["2026-10-25 02:30+02:00", "2026-10-25 02:30+01:00"]
    later = second + timedelta(hours=1)
    assert format_value(later, WARSAW, with_offset=False) == "2026-10-25 03:30"


def test_links_and_codes_are_never_written() -> None:
    link = JoinLink(url="https://example.com/?key=s3cret")
    person = Participant(id="1", email="ann@example.com", join_link=link)
    room = Room(id="1", entry=(Passcode("s3cret"),), join_url="https://example.com/s3cret")
    recording = Recording(id="1", files=(File(url="https://example.com/?sig=s3cret", size=3),))
    for value in (
        person,
        room,
        recording,
        evolve(room, native={"url": "https://x.example/s3cret"}),
    ):
        assert "s3cret" not in encode(value, "utf-8")
        assert "s3cret" not in str(list(flatten(value)))
        assert "s3cret" not in str(set_fields(value))


def test_set_fields_of_draft_are_those_given() -> None:
    draft = RoomDraft(
        name="Launch", registration=False, duration=timedelta(hours=1), entry=Passcode("s3cret")
    )
    assert set_fields(draft) == {
        "name": "Launch",
        "registration": False,
        "duration": timedelta(hours=1),
        "entry": [{"kind": "passcode", "code": "***"}],
    }


# ------------------------------------------------------------------------------------------- JSON


UNSAFE = [*range(0x7F, 0xA0), *range(0x2028, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x61C]


def test_controls_and_bidi_marks_are_escaped() -> None:
    text = "".join(map(chr, UNSAFE)) + "é王🎉"
    line = encode({"name": text}, "utf-8")
    assert not [code for code in (*range(32), *UNSAFE) if chr(code) in line]
    assert "é王🎉" in line
    assert json.loads(line) == {"name": text}


@pytest.mark.parametrize("encoding", ["ascii", "cp1250", "utf-8", "UTF8", "utf_8"])
def test_half_a_character_is_escaped(encoding: str) -> None:
    line = encode({"name": "\ud83d 🎉"}, encoding)
    assert json.loads(line.encode(encoding).decode(encoding)) == {"name": "\ud83d 🎉"}


# ----------------------------------------------------------------------------------------- tables


COLUMNS = (
    Column("id"),
    Column("name", shorten=True),
    Column("status", drop=1),
    Column("reason", wrap=True, drop=2),
)
ROW = ("1234567890", "Maximiliane Featherstonehaugh", "scheduled", "no such long word")


@pytest.mark.parametrize(
    ("available", "widths"),
    [
        (100, {0: 10, 1: 29, 2: 9, 3: 17}),
        (71, {0: 10, 1: 29, 2: 9, 3: 17}),
        (62, {0: 10, 1: 20, 2: 9, 3: 17}),
        (61, {0: 10, 1: 19, 2: 9, 3: 17}),
        (41, {0: 10, 1: 8, 2: 9, 3: 8}),
        (40, {0: 10, 1: 17, 2: 9}),
        (31, {0: 10, 1: 8, 2: 9}),
        (30, None),
    ],
)
def test_fit_columns(available: int, widths: dict[int, int] | None) -> None:
    assert fit_columns(COLUMNS, [ROW], available) == widths
    if widths:
        assert sum(widths.values()) + 2 * (len(widths) - 1) <= available


def test_empty_columns_are_dropped_first() -> None:
    columns = (*COLUMNS, Column("free", drop=3), Column("peak", drop=1))
    row = (*ROW, "yes", "")
    fitted = fit_columns(columns, [row], 50)
    assert fitted is not None
    assert 5 not in fitted


def test_minor_column_goes_before_end_of_name() -> None:
    columns = (*COLUMNS, Column("registration", drop=3))
    fitted = fit_columns(columns, [(*ROW, "yes")], 65)
    assert fitted == {0: 10, 1: 23, 2: 9, 3: 17}


def test_wide_letters_count_twice() -> None:
    fitted = fit_columns((Column("id"), Column("name", shorten=True)), [("1", "王" * 10)], 80)
    assert fitted == {0: 2, 1: 20}


# -------------------------------------------------------------------------------------- arguments


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("90m", timedelta(minutes=90)),
        ("1h30m", timedelta(minutes=90)),
        ("2h", timedelta(hours=2)),
        ("45s", timedelta(seconds=45)),
    ],
)
def test_parse_duration(text: str, duration: timedelta) -> None:
    assert parse(Duration, text) == duration


@pytest.mark.parametrize(
    ("kind", "text", "remedy"),
    [
        (Duration, "90", "90m"),
        (Duration, "", "90m"),
        (Duration, "1.5h", "1h30m"),
        (Duration, "-5m", "90m"),
        (Duration, "30m1h", "1h30m"),
        (Time, "tomorrow", "2027-03-01T17:00+01:00"),
        (Time, "2027-13-01", "2027-03-01T17:00+01:00"),
        (Zone, "Warsaw", "Europe/Warsaw"),
        (Zone, "../etc/passwd", "Europe/Warsaw"),
    ],
)
def test_wrong_value_is_named_with_remedy(kind: Any, text: str, remedy: str) -> None:
    with pytest.raises(ValueError, match="is not a") as caught:
        parse(kind, text)
    assert repr(text) in str(caught.value)
    assert remedy in str(caught.value)


def test_time_has_own_offset_or_zone() -> None:
    local = datetime(2027, 3, 1, 13)  # noqa: DTZ001 - as it is typed
    assert resolve_time(local, WARSAW, "--since") == NOON
    assert resolve_time(NOON, None, "--since") == NOON
    in_zone = resolve_time(NOON, WARSAW, "--since")
    assert in_zone is not None
    assert in_zone.tzinfo is WARSAW
    assert resolve_time(None, None, "--since") is None


@pytest.mark.parametrize("text", ["2027-03-28T02:30", "2027-10-31T02:30"])
def test_skipped_or_repeated_time_needs_offset(text: str) -> None:
    with pytest.raises(UsageError, match=r"--starts-at: .*add the UTC offset") as caught:
        resolve_time(datetime.fromisoformat(text), WARSAW, "--starts-at")
    assert f"{text}+0" in str(caught.value)


def test_time_without_offset_and_zone_is_refused() -> None:
    with pytest.raises(UsageError, match="--timezone Europe/Warsaw"):
        resolve_time(datetime(2027, 3, 1, 13), None, "--since")  # noqa: DTZ001 - as it is typed


def test_parse_pairs() -> None:
    pairs = parse_pairs(["Company=company", "note=a=b"], "--field")
    assert pairs == {"Company": "company", "note": "a=b"}
    for wrong in ("Company", "=x"):
        with pytest.raises(UsageError, match="NAME=VALUE"):
            parse_pairs([wrong], "--field")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_passcode_file_in_any_unicode_is_read(tmp_path: Any, encoding: str) -> None:
    (tmp_path / "code").write_text("Zażółć\r\n", encoding)
    secret = read_passcode(f"file:{tmp_path / 'code'}")
    assert secret is not None
    assert secret.reveal() == "Zażółć"


def test_passcode_file_in_code_page_is_refused(tmp_path: Any) -> None:
    (tmp_path / "code").write_bytes("s3cret ż".encode("cp1250"))
    with pytest.raises(UsageError, match="line 1 is not UTF-8") as caught:
        read_passcode(f"file:{tmp_path / 'code'}")
    assert "s3cret" not in str(caught.value)


def test_read_passcode(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "code").write_text("\ufefffrom-file\n", "utf-8")
    monkeypatch.setenv("CODE", "from-env")
    for source, code in {f"file:{tmp_path / 'code'}": "from-file", "env:CODE": "from-env"}.items():
        secret = read_passcode(source)
        assert secret is not None
        assert secret.reveal() == code
    assert read_passcode(None) is None
    with pytest.raises(UsageError, match="env:NAME, file:PATH or prompt") as caught:
        read_passcode("hunter2")
    assert "hunter2" not in str(caught.value)
    for source in ("env:NIX", "file:nix", "env:", "file:"):
        with pytest.raises(UsageError):
            read_passcode(source)


@pytest.mark.parametrize(
    ("recording_id", "name"),
    [
        ("2632001:4284001", "recording-2632001-4284001.mp4"),
        ("../../etc/passwd", "recording-etc-passwd.mp4"),
        ("..", "recording-0.mp4"),
        ("a/b\\c\x00", "recording-a-b-c.mp4"),
    ],
)
def test_file_name_ignores_names_of_server(recording_id: str, name: str) -> None:
    file = File(url="https://example.com/../evil.exe", media_type="video/mp4")
    assert build_file_name(Recording(id=recording_id, name="evil/../x.sh", files=(file,))) == name


# ---------------------------------------------------------------------------------------- helpers


def parse(kind: Any, text: str) -> Any:
    """Parse an argument as the command line does."""
    parameter = kind.__metadata__[0]
    return parameter.converter(kind.__origin__, [SimpleNamespace(value=text)])
