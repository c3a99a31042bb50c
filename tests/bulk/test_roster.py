"""Reading lists of people: what a table may look like, who is in it, and what is wrong with whom."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conferencing import InvalidRequest, Person
from conferencing.bulk import Entry, read_roster, sample_roster
from conferencing.model.emails import email_key

ZOE = Person(email="zoë@example.com", first_name="Zoë", last_name="Łoś")
ANN = Person(email="ann@example.com", first_name="Ann", last_name="Lee")
TABLE = "email,first_name,last_name\nzoë@example.com,Zoë,Łoś\nann@example.com,Ann,Lee\n"


@pytest.mark.parametrize(
    "content",
    [
        TABLE.encode(),
        TABLE.encode("utf-8-sig"),
        TABLE.replace("\n", "\r\n").encode(),
        TABLE.replace("\n", "\r").encode(),
        TABLE.replace(",", ";").encode("utf-8-sig"),
        TABLE.replace(",", "\t").encode(),
        TABLE.rstrip("\n").encode(),
        unicodedata.normalize("NFD", TABLE).encode(),
        TABLE.replace("Łoś", '"Łoś"').encode(),
        TABLE.replace("\n", "\n\n\n").encode(),
        TABLE.replace(",", " , ").encode(),
        TABLE.replace("email", "E-Mail Address").replace("first_name", "First Name").encode(),
    ],
)
def test_a_csv_file_is_read_however_it_was_saved(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(content)
    roster = read_roster(path)
    assert [plain(person) for person in roster.people] == [ZOE, ANN]
    assert roster.bad == ()
    assert roster.ignored == ()


@pytest.mark.parametrize(
    ("content", "telling"),
    [
        ("", "is empty"),
        ("\n\n", "is empty"),
        ("name,phone\nAnn,1\n", "no column of e-mail addresses; it has 'name', 'phone'"),
        ("ann@example.com,Ann,Lee\n", "no column of e-mail addresses"),
        (f'email\n"{"x" * 200_000}\n', "line "),
    ],
)
def test_a_file_that_is_no_such_table_is_refused(
    tmp_path: Path, content: str, telling: str
) -> None:
    path = tmp_path / "people.csv"
    path.write_text(content)
    with pytest.raises(InvalidRequest, match=telling) as caught:
        read_roster(path)
    assert "people.csv" in str(caught.value)


def test_a_file_that_is_not_there_or_no_file_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "nobody.csv", tmp_path, tmp_path / "nobody.xlsx"):
        with pytest.raises(InvalidRequest) as caught:
            read_roster(path)
        assert str(path) in str(caught.value)
        assert caught.value.field == "people"


def test_rows_are_numbered_by_the_line_they_begin_in(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text('email,note\n\nann@example.com,"a\nnote"\nnobody\n\nben@example.com,\n')
    rows = [(entry.number, entry.problem is None) for entry in read_roster(path).entries]
    assert rows == [(3, True), (5, False), (7, True)]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"email": "a@example.com", "name": "Ann Mary Lee"}, ("Ann Mary", "Lee")),
        ({"email": "a@example.com", "name": "Ann"}, (None, None)),
        ({"Mail": "a@example.com", "Surname": "Lee", "firstname": "Ann"}, ("Ann", "Lee")),
        ({"e-mail": "a@example.com", "full name": "A Bee", "last name": "Lee"}, (None, "Lee")),
        ({"EMAIL ": " a@example.com ", "first_name": " Ann "}, ("Ann", None)),
        ({"email": "a@example.com", "first_name": None, "last_name": ""}, (None, None)),
        ({"email": "a@example.com", "first_name": 7}, ("7", None)),
        (Person(email="a@example.com", first_name="Ann", last_name="Lee"), ("Ann", "Lee")),
    ],
)
def test_rows_of_an_application_are_read_like_those_of_a_file(
    row: Any, expected: tuple[str | None, str | None]
) -> None:
    (person,) = read_roster(mapping for mapping in [row]).people
    assert person.email == "a@example.com"
    assert (person.first_name, person.last_name) == expected


@pytest.mark.parametrize(
    ("row", "telling"),
    [
        ({"first_name": "Nobody"}, "no column of e-mail"),
        ({"email": " ", "first_name": "Nobody"}, "no e-mail"),
        (Person(name="Nobody"), "no e-mail"),
        ({"email": "not an address"}, "not an address"),
        ({"email": "ann@"}, "ann@"),
        ({"email": "ann@example"}, "ann@example"),
        ({"email": "ann@@example.com"}, "ann@@example.com"),
        ({"email": "a@example.com, b@example.com"}, "b@example.com"),
        ({"email": "ann@exa mple.com"}, "ann@exa mple.com"),
        ({"email": "ann\n@example.com"}, "control character"),
        ("ann@example.com", "neither"),
        (None, "neither"),
    ],
)
def test_a_bad_row_says_what_is_wrong_and_stops_no_other(row: Any, telling: str) -> None:
    roster = read_roster([row, ANN])
    assert roster.people == (ANN,)
    (bad,) = roster.bad
    assert bad.number == 1
    assert bad.person is None
    assert telling in (bad.problem or "")


@pytest.mark.parametrize(
    "again",
    [
        "zoë@bücher.example",
        "ZOË@BÜCHER.EXAMPLE",
        "zoe\u0308@bu\u0308cher.example",
        "zoë@xn--bcher-kva.example",
        "Zoë@XN--BCHER-KVA.EXAMPLE",
        "  zoë@bücher.example ",
    ],
)
def test_an_address_that_is_written_differently_is_the_same_person(again: str) -> None:
    roster = read_roster([{"email": "zoë@bücher.example"}, {"email": again}])
    assert len(roster.people) == 1
    (double,) = roster.bad
    assert (double.number, double.person) == (2, None)
    assert "row 1" in (double.problem or "")


def test_two_people_of_one_name_and_two_addresses_are_two() -> None:
    rows = [{"email": f"ann{number}@example.com", "name": "Ann Lee"} for number in (1, 2)]
    assert len(read_roster(rows).people) == 2


def test_columns_that_nobody_asked_for_are_told_of_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("Phone,email,,Shoe size\n1,ann@example.com,x,44,\n2,ben@example.com\n")
    roster = read_roster(path)
    assert roster.ignored == ("Phone", "Shoe size")
    assert [person.email for person in roster.people] == ["ann@example.com", "ben@example.com"]
    assert all(entry.fields == {} for entry in roster.entries)


def test_further_columns_answer_the_registration_form_under_its_keys(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("email,COMPANY,Diet\nann@example.com,Acme,\nben@example.com,,vegan\n")
    roster = read_roster(path, {" Company": "10", "diet": "11"})
    assert [entry.fields for entry in roster.entries] == [{"10": "Acme"}, {"11": "vegan"}]
    assert roster.ignored == ()


def test_the_roster_that_comes_along_shows_good_and_bad_rows() -> None:
    roster = sample_roster()
    assert len(roster.people) == 7
    assert {entry.number for entry in roster.bad} == {8, 9, 10}


# ---------------------------------------------------------------------------------- for all input

LOCAL = st.text("abcxyzßłöéİΣς0123456789.+-_ΐ", min_size=1, max_size=12)
DOMAIN = st.sampled_from(["example.com", "bücher.example", "ŁÓDŹ.example", "παράδειγμα.example"])
ADDRESS = st.builds("{}@{}".format, LOCAL, DOMAIN)


@settings(max_examples=200, deadline=None)
@given(ADDRESS)
def test_addresses_are_compared_without_regard_to_composition(address: str) -> None:
    parts = {unicodedata.normalize(form, address) for form in ("NFC", "NFD")}
    assert len({email_key(text) for text in parts}) == 1
    assert email_key(f" {address} ") == email_key(address)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.dictionaries(st.text(max_size=8), st.text(max_size=12), max_size=4), max_size=8))
def test_whatever_rows_come_each_has_one_entry_in_its_place(rows: list[dict[str, str]]) -> None:
    rows = [{**row, "email": f"{number}@example.com"} for number, row in enumerate(rows, 1)]
    entries = read_roster(rows).entries
    assert [entry.number for entry in entries] == list(range(1, len(rows) + 1))
    assert all((entry.person is None) == (entry.problem is not None) for entry in entries)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(ADDRESS, st.text(max_size=20)), max_size=12))
def test_nobody_is_in_a_roster_twice_and_nobody_is_left_out(addresses: list[str]) -> None:
    rows = [{"email": address} for address in addresses]
    entries = read_roster(rows).entries
    keys = [entry.key for entry in entries if entry.person is not None]
    assert len(keys) == len(set(keys))
    filled = [number for number, address in enumerate(addresses, 1) if address.strip()]
    assert [entry.number for entry in entries] == filled
    assert {entry.key for entry in entries if twice(entry)} <= set(keys)


# --------------------------------------------------------------------------------------- helpers


def twice(entry: Entry) -> bool:
    return entry.person is None and bool(entry.key)


def plain(person: Person) -> Person:
    """Return a person in NFC: a file may hold either form."""
    fields = {
        name: unicodedata.normalize("NFC", getattr(person, name) or "")
        for name in ("email", "first_name", "last_name")
    }
    return Person(**fields)
