"""What needs no database: cursors, pseudonyms, rows and hints."""

from __future__ import annotations

import hmac
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conferencing import (
    Attendance,
    ConfigurationError,
    InvalidRequest,
    NotFound,
    Participant,
    Recording,
    Room,
    Secret,
    Segment,
    Session,
    SessionStatus,
)
from conferencing.warehouse import conferencing_source, harvest, open_pipeline
from conferencing.warehouse.cursor import Cursor, Window, is_settled
from conferencing.warehouse.people import PeopleMode, open_identities
from conferencing.warehouse.rows import RowBuilder
from conferencing.warehouse.tables import TABLES, build_hints

KEY = "0123456789abcdef"
NOON = datetime(2026, 10, 10, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ANN = "Ann.Lee@Example.COM"

# ------------------------------------------------------------------------------------- cursors

SESSIONS = {
    "over before": (Session(id="1", ended_at=NOON - HOUR), True),
    "over after": (Session(id="1", ended_at=NOON), False),
    "running": (
        Session(id="1", status=SessionStatus.RUNNING, started_at=NOON - 9 * DAY),
        False,
    ),
    "without an end, long ago": (Session(id="1", started_at=NOON - 2 * DAY), True),
    "without an end, lately": (Session(id="1", started_at=NOON - HOUR), False),
    "without times": (Session(id="1"), False),
}


@pytest.mark.parametrize("name", SESSIONS)
def test_settled_session_is_over_before_cutoff(name: str) -> None:
    session, settled = SESSIONS[name]
    assert is_settled(session, NOON) is settled
    assert not is_settled(session, None)


def test_cutoff_is_previous_pass_less_lag() -> None:
    window = Window(lag=2 * DAY)
    assert window.find_cutoff(None) is None
    assert window.find_cutoff(NOON) == NOON - 2 * DAY
    assert Window(since=NOON).find_cutoff(None) == NOON
    assert Window(since=NOON - DAY, lag=2 * DAY).find_cutoff(NOON) == NOON - DAY


@given(
    ids=st.lists(st.text(min_size=1, max_size=3), unique=True, max_size=12),
    kills=st.lists(st.integers(0, 5), max_size=5),
    random=st.randoms(use_true_random=False),
)
def test_interrupted_pass_reads_each_room_once(
    ids: list[str], kills: list[int], random: Any
) -> None:
    state, read, moment = Cursor().to_state(), list[str](), NOON
    for limit in (*kills, len(ids)):
        cursor = Cursor.from_state(state)
        began = cursor.begin(moment)
        assert began == NOON
        random.shuffle(ids)
        for room in cursor.list_due_rooms(map(_build_room, ids))[:limit]:
            cursor.last = room.id
            read.append(room.id)
        state, moment = cursor.to_state(), moment + HOUR
    assert sorted(read) == sorted(ids)
    cursor.finish()
    assert Cursor.from_state(cursor.to_state()) == Cursor(complete=NOON)


def test_failed_room_keeps_its_base() -> None:
    cursor = Cursor(complete=NOON)
    cursor.begin(NOON + DAY)
    cursor.note_room("a", failed=True, base=cursor.find_base("a", {"a"}))
    cursor.note_room("b", failed=True, base=cursor.find_base("b", {"a"}))
    cursor.note_room("c", failed=True, base=NOON)
    cursor.note_room("c", failed=False, base=NOON)
    cursor.finish()
    again = Cursor.from_state(cursor.to_state())
    stored = {"a", "b", "c"}
    bases = {name: again.find_base(name, stored) for name in ("a", "b", "c", "d")}
    assert bases == {"a": NOON, "b": None, "c": NOON + DAY, "d": None}


def _build_room(room_id: str) -> Room:
    return Room(id=room_id)


# ------------------------------------------------------------------------------------- people


def test_pseudonym_is_keyed_hash_of_address() -> None:
    identities = open_identities("pseudonyms", KEY)
    expected = hmac.digest(KEY.encode(), b"ann.lee@example.com", "sha256").hex()
    assert identities.to_person(ANN) == identities.to_person(f"Ann Lee <{ANN}>") == expected
    assert identities.to_person(None) is identities.to_person(" ") is None
    ids = {identities.to_id(account, "7") for account in ("main", "school")}
    assert len(ids | {"7"}) == 3
    assert KEY not in repr(identities) + identities.fingerprint()
    assert identities.fingerprint() != open_identities("pseudonyms", KEY * 2).fingerprint()


WRONG_KEYS: dict[str, tuple[str, Any, str]] = {
    "no key": ("pseudonyms", None, "need a pseudonym_key"),
    "short key": ("pseudonyms", Secret("secret"), "fewer than 16 bytes"),
    "unused key": ("none", KEY, "leave out pseudonym_key"),
    "no such mode": ("anonymous", None, "pseudonyms"),
}


@pytest.mark.parametrize("name", WRONG_KEYS)
def test_wrong_key_is_refused(name: str) -> None:
    mode, key, text = WRONG_KEYS[name]
    with pytest.raises(ConfigurationError, match=text) as caught:
        open_identities(mode, key)
    assert "secret" not in str(caught.value).replace("secrets", "").replace("a secret of", "")


def _build_rows(mode: str, key: str | None = None) -> list[dict[str, Any]]:
    builder = RowBuilder("main", "acme", open_identities(mode, key))
    person = Participant(id=ANN, email=ANN, first_name="Ann", last_name="Lee")
    segment = Segment(joined_at=NOON, left_at=NOON + HOUR)
    session = Session(id="1")
    records = [
        Attendance(id=ANN, email=ANN, display_name="Ann Lee", segments=(segment,)),
        Attendance(id="2", participant_id=ANN),
    ]
    rows = [builder.build_attendance(each, session, "7", {ANN: ANN}) for each in records]
    return [builder.build_participant(person, "7"), *rows]


@pytest.mark.parametrize("mode", ["pseudonyms", "none"])
def test_row_has_no_name_or_address(mode: str) -> None:
    rows = _build_rows(mode, KEY if mode == "pseudonyms" else None)
    assert not any(word in repr(rows).casefold() for word in ("ann", "lee"))
    people = {row.get("person") for row in rows}
    assert len(people) == 1
    assert (people == {None}) is (mode == "none")


def test_full_row_has_names_and_addresses() -> None:
    person, present, linked = _build_rows("full")
    assert (person["first_name"], person["email"], person["id"]) == ("Ann", ANN, ANN)
    assert (present["display_name"], present["person"]) == ("Ann Lee", "ann.lee@example.com")
    assert (linked["participant_id"], linked["email"]) == (ANN, ANN)


# --------------------------------------------------------------------------------- rows and hints


def test_row_holds_what_databases_can_hold() -> None:
    builder = RowBuilder("main", "acme", open_identities("none", None))
    room = Room(
        id="7", name="a\0b\ud800", starts_at=datetime(9999, 12, 31, tzinfo=UTC),
        duration=timedelta(minutes=90), capacity=2**70,
    )  # fmt: skip
    row = builder.build_room(room)
    assert (row["name"], row["starts_at"], row["capacity"]) == ("a\ufffdb\ufffd", None, None)
    assert row["planned_seconds"] == 5400.0
    session = Session(id="1", started_at=datetime.fromisoformat("2026-10-01T12:00+02:00"))
    started = builder.build_session(session, "7")["started_at"]
    assert (started.hour, started.tzinfo) == (10, UTC)
    recording = Recording(id="3", files=())
    assert builder.build_recording(recording, "7")["bytes"] is None


def test_problem_of_a_pass_has_one_id() -> None:
    builder = RowBuilder("main", "acme", open_identities("none", None))
    error = NotFound("no", operation="list_sessions", problems=("ann@example.com",))
    first, second = (builder.build_problem(error, NOON + each * HOUR, NOON, "7") for each in (0, 1))
    assert first["id"] == second["id"] != builder.build_problem(error, NOON, NOON, "8")["id"]
    assert "ann" not in repr(first)


@pytest.mark.parametrize("mode", PeopleMode)
def test_hints_are_new_for_each_table(mode: PeopleMode) -> None:
    hints = [build_hints(table, mode) for table in (*TABLES.values(), *TABLES.values())]
    columns = [id(column) for hint in hints for column in hint["columns"].values()]
    assert len(set(columns)) == len(columns)
    for hint in hints:
        assert ("primary_key" in hint) is not ("merge_key" in hint)
        assert all(column["data_type"] for column in hint["columns"].values())


# ------------------------------------------------------------------------------ wrong arguments

ACCOUNT = {"provider": "memory", "name": "main"}
WRONG: dict[str, tuple[dict[str, Any], type[Exception], str]] = {
    "no account": ({"accounts": []}, ConfigurationError, "no account"),
    "one name twice": ({"accounts": [ACCOUNT, ACCOUNT]}, ConfigurationError, "'main'"),
    "no such account": ({"accounts": ["nix"]}, ConfigurationError, "nix"),
    "rooms elsewhere": ({"rooms": {"school": ["1"]}}, ConfigurationError, "'school'"),
    "naive since": ({"since": datetime(2026, 1, 1)}, InvalidRequest, "since"),  # noqa: DTZ001
    "rooms since": ({"rooms": {"main": ["1"]}, "since": NOON}, InvalidRequest, "leave out since"),
    "negative lag": ({"lag": -DAY}, InvalidRequest, "lag"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_argument_is_refused(name: str) -> None:
    arguments, kind, text = WRONG[name]
    with pytest.raises(kind, match=text):
        conferencing_source(**{"accounts": [ACCOUNT], "people": "none"} | arguments)


PLACES = {
    "/tmp/conferencing.duckdb": "both are named",
    "/nowhere/at/all/w.duckdb": "no folder",
    "mysql://me@localhost/data": "mysql",
    "postgresql://localhost/data": "a user",
}


@pytest.mark.parametrize("place", PLACES)
def test_wrong_place_is_refused(place: str) -> None:
    with pytest.raises(ConfigurationError, match=PLACES[place]):
        harvest(place, [ACCOUNT], people="none")


def test_each_dataset_has_a_folder_of_its_own(tmp_path: Any) -> None:
    places = [tmp_path / "a.duckdb", tmp_path / "b.duckdb", "postgresql://me:pw@localhost/data"]
    folders = {
        open_pipeline(place, dataset=dataset).pipelines_dir
        for place in places
        for dataset in ("meetings", "people")
    }
    assert len(folders) == 6
    assert not any("pw" in folder for folder in folders)


def test_staging_is_not_shared() -> None:
    layouts = {
        open_pipeline("w.duckdb", name=name).destination.config_params[
            "staging_dataset_name_layout"
        ]
        for name in ("west", "east")
    }
    assert layouts == {"%s_staging_west", "%s_staging_east"}
