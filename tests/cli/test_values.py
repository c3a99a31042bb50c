"""How values are written for people and for programs, and how times are read from a command line."""

from __future__ import annotations

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
from conferencing.cli.recordings import file_name
from conferencing.cli.values import flatten, format_value, set_fields, to_json
from conferencing.formatting import clean_line
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
    ("value", "written"),
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
def test_values_are_written_for_people(value: object, written: str) -> None:
    assert format_value(value, WARSAW) == written


def test_a_name_cannot_command_a_terminal_nor_break_a_line() -> None:
    for code in (*range(32), 0x7F, 0x9B, 0x2028, 0x2029, 0x202E, 0x2066):
        assert chr(code) not in clean_line(f"a{chr(code)}b")


def test_nothing_that_lets_somebody_in_is_told() -> None:
    link = JoinLink(url="https://example.com/?key=s3cret")
    person = Participant(id="1", email="ann@example.com", join_link=link)
    room = Room(id="1", entry=(Passcode("s3cret"),), join_url="https://example.com/s3cret")
    recording = Recording(id="1", files=(File(url="https://example.com/?sig=s3cret", size=3),))
    for value in (person, evolve(room, native={"password": "s3cret"}), recording):
        assert "s3cret" not in str(to_json(value))
        assert "s3cret" not in str(list(flatten(value)))
        assert "s3cret" not in str(set_fields(value))
    assert to_json(room)["entry"] == [{"kind": "passcode", "role": None}]
    assert to_json(recording)["files"] == [{"media_type": None, "size": 3, "expires_at": None}]


def test_what_would_be_sent_is_what_was_said_and_no_more() -> None:
    draft = RoomDraft(
        name="Launch", registration=False, duration=timedelta(hours=1), entry=Passcode("s3cret")
    )
    assert set_fields(draft) == {
        "name": "Launch",
        "registration": False,
        "duration": timedelta(hours=1),
        "entry": [{"kind": "passcode", "code": "***"}],
    }


# -------------------------------------------------------------------------------- reading arguments


@pytest.mark.parametrize(
    ("written", "length"),
    [
        ("90m", timedelta(minutes=90)),
        ("1h30m", timedelta(minutes=90)),
        ("2h", timedelta(hours=2)),
        ("45s", timedelta(seconds=45)),
    ],
)
def test_a_length_is_written_in_hours_and_minutes(written: str, length: timedelta) -> None:
    assert read(Duration, written) == length


@pytest.mark.parametrize(
    ("kind", "written", "remedy"),
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
def test_what_is_none_is_told_with_what_would_be(kind: Any, written: str, remedy: str) -> None:
    with pytest.raises(ValueError, match="write it") as caught:
        read(kind, written)
    assert repr(written) in str(caught.value)
    assert remedy in str(caught.value)


def test_a_time_counts_with_its_own_offset_or_in_the_zone() -> None:
    local = datetime(2027, 3, 1, 13)  # noqa: DTZ001 - as it is typed
    assert resolve_time(local, WARSAW, "--since") == NOON
    assert resolve_time(NOON, None, "--since") == NOON
    assert resolve_time(NOON, WARSAW, "--since").tzinfo is WARSAW
    assert resolve_time(None, None, "--since") is None


@pytest.mark.parametrize("written", ["2027-03-28T02:30", "2027-10-31T02:30"])
def test_a_time_that_the_clocks_skip_or_repeat_needs_its_offset(written: str) -> None:
    moment = datetime.fromisoformat(written)
    with pytest.raises(UsageError, match=r"--starts-at: .*with its offset, like") as caught:
        resolve_time(moment, WARSAW, "--starts-at")
    assert f"{written}+0" in str(caught.value)


def test_a_time_without_offset_and_zone_is_refused() -> None:
    with pytest.raises(UsageError, match="--timezone Europe/Warsaw"):
        resolve_time(datetime(2027, 3, 1, 13), None, "--since")  # noqa: DTZ001 - as it is typed


def test_pairs_are_written_with_an_equals_sign() -> None:
    assert parse_pairs(["Company=company", "note=a=b"], "--field") == {
        "Company": "company",
        "note": "a=b",
    }
    for wrong in ("Company", "=x"):
        with pytest.raises(UsageError, match="NAME=VALUE"):
            parse_pairs([wrong], "--field")


def test_a_passcode_comes_from_elsewhere(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "code").write_text("from-file\n", "utf-8")
    monkeypatch.setenv("CODE", "from-env")
    assert read_passcode(f"file:{tmp_path / 'code'}").reveal() == "from-file"
    assert read_passcode("env:CODE").reveal() == "from-env"
    assert read_passcode(None) is None
    with pytest.raises(UsageError, match="env:NAME, file:PATH or prompt") as caught:
        read_passcode("hunter2")
    assert "hunter2" not in str(caught.value)
    for source in ("env:NIX", "file:nix", "env:", "file:"):
        with pytest.raises(UsageError):
            read_passcode(source)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("2632001:4284001", "recording-2632001-4284001.mp4"),
        ("../../etc/passwd", "recording-etc-passwd.mp4"),
        ("..", "recording-0.mp4"),
        ("a/b\\c\x00", "recording-a-b-c.mp4"),
    ],
)
def test_a_recording_is_saved_under_a_name_of_ours(given: str, name: str) -> None:
    file = File(url="https://example.com/../evil.exe", media_type="video/mp4")
    assert file_name(Recording(id=given, name="evil/../x.sh", files=(file,))) == name


# --------------------------------------------------------------------------------------- helpers


def read(kind: Any, written: str) -> Any:
    """Read an argument as the parser of the command line does."""
    parameter = kind.__metadata__[0]
    return parameter.converter(kind.__origin__, [SimpleNamespace(value=written)])
