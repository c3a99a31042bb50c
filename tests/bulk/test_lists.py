"""Lists as people and services write them: read right, or refused with the line and the remedy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from conferencing import InvalidRequest
from conferencing.bulk import Roster, read_roster
from conferencing.bulk.columns import find_field

ANN, BO = ("ann@example.com", "Ann", "Lee"), ("bo@example.com", "Bo", "Li")
BOTH = [ANN, BO]


def people(roster: Roster) -> list[tuple[str | None, str | None, str | None]]:
    return [(person.email, person.first_name, person.last_name) for person in roster.people]


def rows(separator: str, *lines: str) -> str:
    return "".join(line.replace("|", separator) + "\r\n" for line in lines)


PLAIN = ("email|first_name|last_name", "ann@example.com|Ann|Lee", "bo@example.com|Bo|Li")
POLISH = rows(";", "Imię|Nazwisko|Adres e-mail", "Łucja|Śląska|lucja@example.com")
TEAMS = rows(
    "\t",
    "1. Summary",
    "Meeting title|Launch",
    "Attended participants|2",
    "",
    "2. Participants",
    "Name|First Join|Last Leave|In-Meeting Duration|Email|Participant ID (UPN)|Role".replace(
        "|Participant ID (UPN)", ""
    ),
    "Ann Lee|12/1/26, 9:00:05 AM|12/1/26, 9:30:05 AM|30m|ann@example.com|Presenter",
    "Bo Li|12/1/26, 9:00:05 AM|12/1/26, 9:30:05 AM|30m|bo@example.com|Attendee",
    "",
    "3. In-Meeting Activities",
    "Name|Join Time|Leave Time|Duration|Email|Role",
    "Ann Lee|12/1/26, 9:00:05 AM|12/1/26, 9:30:05 AM|30m|ann@example.com|Presenter",
)
ZOOM = rows(
    ",",
    "Registration Report",
    'Report Generated:|"11/28/2026 10:00:00 AM"',
    "Topic|Webinar ID|Scheduled Time|Duration (minutes)|# Registered",
    "Launch|812 3456 7890|12/01/2026 09:00|60|2",
    "",
    "Registrant Details",
    "First Name|Last Name|Email|City|Registration Time|Approval Status",
    "Ann|Lee|ann@example.com|Oslo|11/27/2026 10:00|approved",
    "Bo|Li|bo@example.com||11/27/2026 11:00|approved",
)
GOTO = rows(
    ",",
    "Generated",
    '"Nov 28, 2026 10:00 AM CET"',
    "",
    "Webinar Name|Webinar ID",
    "Launch|123-456-789",
    "",
    "First Name|Last Name|Email Address|Registration Date|Unsubscribed",
    "Ann|Lee|ann@example.com|Nov 27|No",
    "Bo|Li|bo@example.com|Nov 27|No",
)
EVENTBRITE = rows(
    ",",
    "Order #|Order Date|First Name|Last Name|Email|Quantity|Ticket Type|Attendee #",
    "1001|2026-11-01 10:00|Ann|Lee|ann@example.com|1|Free|2001",
    "1002|2026-11-01 11:00|Bo|Li|bo@example.com|1|Free|2002",
)
FORMS = rows(
    ",",
    'Timestamp|Email Address|First name|Last name|"What, do you expect?"',
    "2026/11/01 10:00:00 AM GMT+1|ann@example.com|Ann|Lee|Much",
    '2026/11/01 10:00:00 AM GMT+1|bo@example.com|Bo|Li|"A line\nand another"',
)
MAILCHIMP = rows(
    ",",
    '"Email Address"|"First Name"|"Last Name"|MEMBER_RATING|OPTIN_TIME|TAGS',
    'ann@example.com|Ann|Lee|2|"2026-11-01 10:00:00"|"""customers"",""vip"""',
    'bo@example.com|Bo|Li|2||""',
)
CLICKMEETING = rows(
    ",",
    "First Name|Last Name|Email Address|Registration date|Status",
    "Ann|Lee|ann@example.com|2026-11-01|confirmed",
    "Bo|Li|bo@example.com|2026-11-01|confirmed",
)

READ: dict[str, tuple[str | bytes, dict[str, Any], list[Any]]] = {
    "commas": (rows(",", *PLAIN), {}, BOTH),
    "semicolons": (rows(";", *PLAIN), {}, BOTH),
    "tabs": (rows("\t", *PLAIN), {}, BOTH),
    "newlines only": (rows(",", *PLAIN).replace("\r", ""), {}, BOTH),
    "no newline at the end": (rows(",", *PLAIN).rstrip(), {}, BOTH),
    "blank lines": (rows(",", "", PLAIN[0], "", *PLAIN[1:], ",,", ""), {}, BOTH),
    "sep line of Excel": ("sep=;\r\n" + rows(";", *PLAIN), {}, BOTH),
    "sep line that differs": ("sep=,\r\n" + rows(",", *PLAIN), {}, BOTH),
    "UTF-8 with a mark": (rows(",", *PLAIN).encode("utf-8-sig"), {}, BOTH),
    "UTF-16 with a mark": (rows("\t", *PLAIN).encode("utf-16"), {}, BOTH),
    "two marks": (("\ufeff" + rows(",", *PLAIN)).encode("utf-8-sig"), {}, BOTH),
    "UTF-16 big-endian": (b"\xfe\xff" + rows(";", *PLAIN).encode("utf-16-be"), {}, BOTH),
    "a named code page": (
        POLISH.encode("cp1250"),
        {"encoding": "cp1250"},
        [("lucja@example.com", "Łucja", "Śląska")],
    ),
    "ragged rows": (
        rows(",", *PLAIN, "cyd@example.com"),
        {},
        [*BOTH, ("cyd@example.com", None, None)],
    ),
    "empty cells behind the columns": (rows(",", PLAIN[0], PLAIN[1] + "||", PLAIN[2]), {}, BOTH),
    "a huge cell in another column": (
        rows(",", PLAIN[0] + "|note", PLAIN[1] + "|" + "x" * 200_000, PLAIN[2] + "|"),
        {},
        BOTH,
    ),
    "quoted separators decide nothing": (
        'Email;Imię i nazwisko;"Zgody: RODO, nagranie, poczta"\nann@example.com;Ann Lee;tak\n',
        {},
        [ANN],
    ),
    "a full name": (rows(",", "email|name", "ann@example.com|Ann Lee"), {}, [ANN]),
    "surname first": ('email,name\nann@example.com,"Lee, Ann"\n', {}, [ANN]),
    "a name of one word": (
        rows(",", "email|name", "ann@example.com|Ann"),
        {},
        [("ann@example.com", None, None)],
    ),
    "first name and display name": (
        rows(",", "email|first name|display name", "ann@example.com|Ann|Annie"),
        {},
        [("ann@example.com", "Ann", None)],
    ),
    "named addresses": (
        'email\nAnn Lee <ann@example.com>\n"""Li, Bo"" <bo@example.com>"\n',
        {},
        BOTH,
    ),
    "mailto": (rows(",", "email", "mailto:ann@example.com"), {}, [("ann@example.com", None, None)]),
    "no header words but a mapping": (
        rows(",", "Kontakt|Wer", "ann@example.com|Ann Lee"),
        {"columns": {"Kontakt": "email", "wer": "name"}},
        [ANN],
    ),
    "a mapping goes before a known name": (
        rows(",", "email|private|first_name|last_name", "ann@work.example|ann@example.com|Ann|Lee"),
        {"columns": {"private": "email"}},
        [ANN],
    ),
    "a title line, named": (
        rows(",", "Our guests", "", *PLAIN),
        {"header_line": 3},
        BOTH,
    ),
    "Teams": (TEAMS.encode("utf-16"), {}, BOTH),
    "Zoom": (ZOOM, {}, BOTH),
    "GoTo": (GOTO, {}, BOTH),
    "Eventbrite": (EVENTBRITE, {}, BOTH),
    "Google Forms": (FORMS, {}, BOTH),
    "Mailchimp": (MAILCHIMP, {}, BOTH),
    "ClickMeeting": (CLICKMEETING, {}, BOTH),
    "own people list": (
        rows("\t", "id|display name|email|registered at", "1|Ann Lee|ann@example.com|2026-11-01"),
        {},
        [ANN],
    ),
}
LANGUAGES = {
    "Polish": "Imię|Nazwisko|Adres e-mail",
    "Serbian, Latin": "Ime|Prezime|E-mail adresa",
    "Serbian, Cyrillic": "Име|Презиме|Имејл адреса",
    "German": "Vorname|Nachname|E-Mail-Adresse",
    "French": "Prénom|Nom|Adresse e-mail",
    "French, capitals": "PRÉNOM|NOM|COURRIEL",
    "Spanish": "Nombre|Apellidos|Correo electrónico",
    "Italian": "Nome|Cognome|Indirizzo e-mail",
    "Portuguese": "Nome próprio|Apelido|Endereço de email",
    "Brazilian": "Primeiro nome|Sobrenome|E-mail",
    "Arabic": "الاسم الأول|اسم العائلة|البريد الإلكتروني",
    "Russian": "Имя|Фамилия|Электронная почта",
    "Ukrainian": "Ім’я|Прізвище|Електронна пошта",
    "decomposed letters": "Pre\u0301nom|Nom|E-mail",
    "punctuation": "First_Name*|Last-Name:|E-mail (required)".replace(" (required)", ":"),
}
READ |= {
    f"language: {name}": (rows(";", header, "Ann|Lee|ann@example.com"), {}, [ANN])
    for name, header in LANGUAGES.items()
}

REFUSED: dict[str, tuple[str | bytes, dict[str, Any], str]] = {
    "empty": ("", {}, "is empty"),
    "blank lines only": ("\n\n , \n", {}, "is empty|no column of e-mail"),
    "an open quote": (
        rows(
            ",",
            PLAIN[0] + "|note",
            PLAIN[1] + "|ok",
            'bo@example.com|Bo|Li|"likes 21 inch',
            "x|y|z|ok",
        ),
        {},
        "line 3: a quote is opened here and never closed",
    ),
    "text after a quote": (
        rows(",", PLAIN[0], 'ann@example.com|"Ann"ie|Lee'),
        {},
        "line 2: text follows a closing quote",
    ),
    "two columns of addresses": (
        rows(",", "email|first_name|last_name|email", "ann@example.com|Ann|Lee|b@example.org"),
        {},
        "both read as email: 'email' and 'email'; rename or remove one",
    ),
    "two columns of names": (
        rows(",", "email|name|full name", "ann@example.com|Ann|Ann Lee"),
        {},
        "both read as name",
    ),
    "no column of addresses": (
        rows(",", "Adresse postale|Kontakt", "x|y"),
        {},
        "it has 'Adresse postale', 'Kontakt'.*columns=",
    ),
    "a title line": (
        rows(",", "Our guests", "", *PLAIN),
        {},
        "header seems to be in line 3.*header_line=3",
    ),
    "a header line that is blank": (rows(",", "", *PLAIN), {"header_line": 1}, "line 1 is empty"),
    "a code page": (
        POLISH.encode("cp1250"),
        {},
        "line 1 is not UTF-8.*'Imię;Nazwisko;Adres e-mail' in cp1250",
    ),
    "a code page in a later row": (
        b"email,name\nann@example.com,Ann Lee\nlucja@example.com,\xa3ucja\n",
        {},
        "line 3 is not UTF-8.*name its encoding",
    ),
    "a wrong encoding": (POLISH.encode(), {"encoding": "ascii"}, "line 1 is not ascii"),
    "an unknown encoding": (POLISH.encode(), {"encoding": "win"}, "there is no encoding 'win'"),
    "HTML": ("<html><table><tr><td>email</td></tr></table>", {}, "HTML page.*CSV UTF-8"),
    "binary": (b"email\x00\x01\x02,name\n", {}, "is not text"),
    "a mapping to no field": (
        rows(",", *PLAIN),
        {"columns": {"email": "mail"}},
        "must be one of email, first_name",
    ),
    "a mapping of a missing column": (
        rows(",", *PLAIN),
        {"columns": {"E-Post": "email"}},
        "has no column 'E-Post'; it has 'email'",
    ),
    "a sheet of a CSV file": (rows(",", *PLAIN), {"sheet": "Guests"}, "is not a workbook"),
}


@pytest.mark.parametrize("name", READ)
def test_list_is_read(tmp_path: Path, name: str) -> None:
    content, options, expected = READ[name]
    path = tmp_path / "people.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    roster = read_roster(path, **options)
    assert people(roster) == expected
    assert roster.bad == ()


@pytest.mark.parametrize("name", REFUSED)
def test_list_is_refused_with_the_remedy(tmp_path: Path, name: str) -> None:
    content, options, message = REFUSED[name]
    path = tmp_path / "people.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InvalidRequest, match=message) as caught:
        read_roster(path, **options)
    assert "people.csv" in str(caught.value) or "columns" in str(caught.value)


@pytest.mark.parametrize(
    "address",
    ["ann@example.com;", "ann@example..com", "ann@example.com.", "a@b@example.com", "ann@example",
     "a@example.com, b@example.com", "ann at example.com", "ann@example.com (Ann)", ""],
)  # fmt: skip
def test_bad_address_stops_its_row_only(address: str) -> None:
    roster = read_roster([{"email": address, "name": "Ann Lee"}, {"email": "bo@example.com"}])
    assert [person.email for person in roster.people] == ["bo@example.com"]
    assert roster.bad[0].number == 1


@pytest.mark.parametrize("name", ["An\nn", "An\x00n", "An\u2028n", "An\x9bn"])
def test_control_character_in_a_name_stops_its_row(name: str) -> None:
    roster = read_roster([{"email": "ann@example.com", "first_name": name}])
    assert "control character" in (roster.entries[0].problem or "")


def test_two_people_on_one_address_are_a_conflict() -> None:
    roster = read_roster(
        [
            {"email": "office@example.com", "name": "Ann Lee"},
            {"email": "Office@Example.com", "name": "Bo Li"},
            {"email": "office@example.com", "name": "LEE, Ann"},
            {"email": "office@example.com"},
        ]
    )
    assert [(entry.same_as, entry.conflict) for entry in roster.entries] == [
        (None, False), (1, True), (1, False), (1, False)
    ]  # fmt: skip
    assert roster.entries[1].problem == (
        "row 1 has this address already, for Ann Lee; Bo Li needs an address of their own"
    )


def test_columns_tell_what_became_of_each(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("E-mail,Vorname,Firma,Stadt\nann@example.com,Ann,Acme,Oslo\n")
    columns = read_roster(path, {"Firma": "10"}).columns
    assert columns.recognized == {"E-mail": "email", "Vorname": "first_name"}
    assert columns.answers == {"Firma": "10"}
    assert columns.ignored == ("Stadt",)


def test_first_sheet_with_a_header_is_read(tmp_path: Path) -> None:
    path = tmp_path / "people.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("Read me").write_row(0, 0, ["How to fill in this list"])
        guests = book.add_worksheet("Guests")
        guests.write_row(2, 0, ["E-Mail", "Name"])
        guests.write_row(3, 0, ["ann@example.com", "Ann Lee"])
        other = book.add_worksheet("Staff")
        other.write_row(0, 0, ["email", "name"])
        other.write_row(1, 0, ["bo@example.com", "Bo Li"])
    roster = read_roster(path)
    assert (people(roster), roster.sheet, roster.header_line) == ([ANN], "Guests", 3)
    assert roster.entries[0].number == 4
    assert people(read_roster(path, sheet="Staff")) == [BO]
    with pytest.raises(InvalidRequest, match="no sheet 'Gusts'; it has 'Read me', 'Guests'"):
        read_roster(path, sheet="Gusts")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<html><table></table></html>", "HTML page.*its extension is that of a workbook"),
        (b"email,name\nann@example.com,Ann\n", "it is a text file; rename it"),
        (b"PK\x03\x04 damaged", "damaged"),
    ],
)
def test_file_that_is_not_a_workbook_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "people.xlsx"
    path.write_bytes(content)
    with pytest.raises(InvalidRequest, match=message):
        read_roster(path)


@pytest.mark.parametrize(
    ("name", "beside", "field"),
    [
        ("Nom", "Prénom", "last_name"),
        ("Nom", "E-mail", "name"),
        ("Nome", "Cognome", "first_name"),
        ("Nome", "E-mail", "name"),
        ("Company", "E-mail", None),
        ("Adresse", "E-mail", None),
    ],
)
def test_ambiguous_column_depends_on_its_neighbours(
    name: str, beside: str, field: str | None
) -> None:
    assert find_field(name, [name, beside]) == field
