"""Lists as people and services export them: each person is read right, or refused by line."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random

import pytest
from lists import RealList
from lists.languages import LANGUAGES
from lists.services import SERVICES
from lists.spreadsheets import SPREADSHEETS
from lists.workbooks import WORKBOOKS

from conferencing import InvalidRequest
from conferencing.bulk import read_roster

ALL = SERVICES | LANGUAGES | SPREADSHEETS | WORKBOOKS
READ = {name: entry for name, entry in ALL.items() if entry.refused is None}
REFUSED = {name: entry for name, entry in ALL.items() if entry.refused is not None}


def test_names_of_lists_are_unique() -> None:
    assert len(ALL) == sum(map(len, (SERVICES, LANGUAGES, SPREADSHEETS, WORKBOOKS)))
    assert len(ALL) >= 60


@pytest.mark.parametrize("expected", READ.values(), ids=READ)
def test_list_gives_its_people_and_bad_rows(tmp_path: Path, expected: RealList) -> None:
    roster = read_roster(expected.write(tmp_path), **expected.options)
    people = [(person.email, person.first_name, person.last_name) for person in roster.people]
    assert tuple(people) == expected.people
    problems = {entry.number: entry.problem or "" for entry in roster.bad}
    assert problems.keys() == expected.bad.keys()
    for line, pattern in expected.bad.items():
        assert re.search(pattern, problems[line]), problems[line]
    if expected.sheet is not None:
        assert roster.sheet == expected.sheet
    if expected.ignored is not None:
        assert roster.columns.ignored == expected.ignored


@pytest.mark.parametrize("expected", REFUSED.values(), ids=REFUSED)
def test_list_is_refused_with_file_and_remedy(tmp_path: Path, expected: RealList) -> None:
    path = expected.write(tmp_path)
    with pytest.raises(InvalidRequest) as caught:
        read_roster(path, **expected.options)
    assert re.search(expected.refused or "", str(caught.value), re.DOTALL), str(caught.value)
    assert str(path) in str(caught.value)


@pytest.mark.exhaustive
@pytest.mark.parametrize("expected", ALL.values(), ids=ALL)
def test_damaged_list_is_read_or_refused(tmp_path: Path, expected: RealList) -> None:
    path = expected.write(tmp_path)
    content = path.read_bytes()
    random = Random(len(content))
    for _ in range(40):
        path.write_bytes(damage(content, random))
        try:
            roster = read_roster(path, **expected.options)
        except InvalidRequest:
            continue
        assert all(
            (entry.person is None) == (entry.problem is not None) for entry in roster.entries
        )


def damage(content: bytes, random: Random) -> bytes:
    """Return content with a byte changed, a part left out, a sign put in, or the end cut off."""
    place = random.randrange(len(content))
    sign = bytes([random.choice(b'",;\t\n\r\x00<>@\xff')])
    return random.choice(
        [
            content[:place] + sign + content[place + 1 :],
            content[:place] + content[place + random.randrange(1, 20) :],
            content[:place] + sign + content[place:],
            content[:place],
        ]
    )


def test_other_sheets_with_people_are_named(tmp_path: Path) -> None:
    path = WORKBOOKS["two sheets of people"].write(tmp_path)
    assert read_roster(path).other_sheets == ("Staff",)
    assert read_roster(path, sheet="Staff").other_sheets == ()
