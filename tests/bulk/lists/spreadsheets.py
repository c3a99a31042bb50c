"""CSV files as spreadsheets and people write them, good and damaged."""

from __future__ import annotations

from . import ANN, BO, BOTH, RealList, lines

__all__ = ["SPREADSHEETS"]

TABLE = ("email,first_name,last_name", "ann@example.com,Ann,Lee", "bo@example.com,Bo,Li")
TABBED = lines(*TABLE).replace(",", "\t")

SPREADSHEETS = {
    "line that declares the delimiter": RealList(
        content="sep=;\r\n" + lines(*TABLE).replace(",", ";"), people=BOTH
    ),
    "line that declares a tab": RealList(content="sep=\t\r\n" + TABBED, people=BOTH),
    "line that declares the delimiter, behind a mark": RealList(
        content='\ufeff"sep=|"\r\n' + lines(*TABLE).replace(",", "|"), people=BOTH
    ),
    "Unicode text of a spreadsheet": RealList(
        content=TABBED.encode("utf-16"), name="people.txt", people=BOTH
    ),
    "UTF-16 without a mark": RealList(
        content=TABBED.encode("utf-16-le"), refused="UTF-16 without a byte order mark; save it as"
    ),
    "UTF-16 without a mark, named": RealList(
        content=TABBED.encode("utf-16-le"), options={"encoding": "utf-16-le"}, people=BOTH
    ),
    "lines of an old Macintosh": RealList(content=lines(*TABLE, end="\r"), people=BOTH),
    "more separators in a title than between columns": RealList(
        content=lines(
            'Email;Imię i nazwisko;"Zgody: RODO, nagranie, poczta"', "ann@example.com;Ann Lee;tak"
        ),
        people=(ANN,),
    ),
    "blank lines and empty columns of a selection": RealList(
        content=lines(",,,,", TABLE[0] + ",,", ",,,,", TABLE[1] + ",,", TABLE[2] + ",,", ",,,,"),
        people=BOTH,
    ),
    "title above the table": RealList(
        content=lines("Guests of 1 December", "", *TABLE),
        refused=r"seems to be in line 3 \('email', 'first_name', 'last_name'\).*header_line=3",
    ),
    "title that is the name of a column": RealList(
        content=lines("Teilnehmer;;", "Vorname;Nachname;E-Mail", "Ann;Lee;ann@example.com"),
        refused="seems to be in line 2.*header_line=2",
    ),
    "title above the table, header named": RealList(
        content=lines("Guests of 1 December", "", *TABLE),
        options={"header_line": 3},
        people=BOTH,
    ),
    "no header": RealList(
        content=lines(*TABLE[1:]), refused="has no header.*put a line such as email,first_name"
    ),
    "quote that is never closed": RealList(
        content=lines(
            TABLE[0] + ",note",
            TABLE[1] + ",ok",
            'bo@example.com,Bo,Li,"likes 21 inch',
            "cy@example.com,Cy,Moe,ok",
        ),
        refused="line 3: a quote is opened here and never closed",
    ),
    "quote in semicolons that is never closed": RealList(
        content=lines("email;name", 'ann@example.com;"Ann Lee', "bo@example.com;Bo Li"),
        refused="line 2: a quote is opened here and never closed",
    ),
    "inches in an unquoted cell": RealList(
        content=lines("email,name,note", 'ann@example.com,Ann Lee,likes 21" screens'), people=(ANN,)
    ),
    "name with the delimiter, not quoted": RealList(
        content=lines("email,name", "ann@example.com,Lee, Ann", 'bo@example.com,"Li, Bo"'),
        people=(BO,),
        bad={2: "more cells than the header, which has 2: 'Ann' is too much; put a cell.*quotes"},
    ),
    "two columns of addresses": RealList(
        content=lines("E-mail,Name,E-mail", "ann@example.com,Ann Lee,ann@example.org"),
        refused="both read as email: 'E-mail' and 'E-mail'; rename or remove one$",
    ),
    "two equal columns, one of them named": RealList(
        content=lines("E-mail,Name,E-mail", "ann@example.com,Ann Lee,ann@example.org"),
        options={"columns": {"E-mail": "email"}},
        refused="has 2 columns 'E-mail'; rename all but one",
    ),
    "name beside a first name": RealList(
        content=lines("First name,Name,E-mail", "Ann,Lee,ann@example.com"),
        refused="'Name' beside 'First name' is the last name or the full name; say which: columns=",
    ),
    "columns that only their owner knows": RealList(
        content=lines("Wer;Kontakt;Kürzel", "Lee, Ann;ann@example.com;al"),
        options={"columns": {"kontakt": "email", "WER": "name"}},
        people=(ANN,),
        ignored=("Kürzel",),
    ),
    "every form of an address": RealList(
        content=lines(
            "email",
            "Ann Lee <ann@example.com>",
            "mailto:bo@example.com",
            "<CY@EXAMPLE.COM>",
            "dan@example.com;",
            "eve@example.com (Eve)",
            "fay@example..com",
            "gil@example.com / gil@example.org",
            "hal at example.com",
            "Zoë",
        ),
        people=(ANN, ("bo@example.com", None, None), ("CY@example.com", None, None)),
        bad=dict.fromkeys(range(5, 11), "is not an e-mail address.*write ann@example.com or"),
    ),
    "errors of a spreadsheet, saved as text": RealList(
        content=lines(
            "email,name", "#N/A,Ann Lee", "bo@example.com,#REF!", "ann@example.com,Ann Lee"
        ),
        people=(ANN,),
        bad={2: "not an e-mail address", 3: "#REF! is an error of a spreadsheet"},
    ),
    "a mailbox of two": RealList(
        content=lines("email,name", "office@example.com,Ann Lee", "Office@Example.com,Bo Li"),
        people=(("office@example.com", "Ann", "Lee"),),
        bad={
            3: "line 2 has this address already, for Ann Lee; Bo Li needs an address of their own"
        },
    ),
    "a person twice, in two forms": RealList(
        content=lines("email,name", "ann@example.com,Ann Lee", 'ANN@example.com,"LEE, Ann"'),
        people=(ANN,),
        bad={3: "line 2 has this address already$"},
    ),
    "huge and hostile cells": RealList(
        content=lines(
            "email,first_name,note",
            f"ann@example.com,Ann,{'x' * 200_000}",
            'bo@example.com,"B\no",',
            "cy@example.com,C\x00y,",
            f"dan@example.com,{'D' * 301},",
        ),
        people=(("ann@example.com", "Ann", None),),
        bad={3: "line break", 5: "control character", 6: "more than 300 characters"},
    ),
    "workbook with the name of a text": RealList(
        content=b"PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00!\x00\xd8\xff\x03",
        refused="it is a workbook or another ZIP archive; rename a workbook so that its extension",
    ),
    "HTML with the name of a text": RealList(
        content="\ufeff<!DOCTYPE html><table><tr><td>email</td></tr></table>",
        refused="it is an HTML page; open it in a spreadsheet and save it as .xlsx or CSV UTF-8",
    ),
    "vCards": RealList(
        content=lines("BEGIN:VCARD", "EMAIL:ann@example.com", "END:VCARD"),
        refused="a file of vCards; export the contacts as CSV",
    ),
    "JSON": RealList(content='[{"email": "ann@example.com"}]', refused="JSON.*list of mappings"),
}
