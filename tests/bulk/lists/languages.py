"""Lists in the languages of the vendors' customers, in the forms that their spreadsheets write."""

from __future__ import annotations

from . import ANN, RealList, lines

__all__ = ["LANGUAGES"]

LANGUAGES = {
    "Polish, from a spreadsheet": RealList(
        content="\ufeff"
        + lines(
            "L.p.;Nazwisko;Imię;Adres;Adres e-mail;Uwagi",
            "1;Śląska;Łucja;ul. Długa 1;lucja@example.com;",
            "2;Żak;Jan;ul. Krótka 2;jan@example.com;wózek",
        ),
        people=(("lucja@example.com", "Łucja", "Śląska"), ("jan@example.com", "Jan", "Żak")),
        ignored=("L.p.", "Adres", "Uwagi"),
    ),
    "Polish, surname first in one column": RealList(
        content=lines(
            "Nazwisko i imię;E-mail",
            "Śląska Łucja;lucja@example.com",
            "Kowalska Nowak Anna;anna@example.com",
        ),
        people=(("lucja@example.com", "Łucja", "Śląska"),),
        bad={3: "'Kowalska Nowak Anna' can be read in several ways; write it as 'Lee, Ann'"},
    ),
    "Polish, code page of Windows": RealList(
        content=lines("Imię;Nazwisko;E-mail", "Łucja;Śląska;lucja@example.com").encode("cp1250"),
        options={"encoding": "cp1250"},
        people=(("lucja@example.com", "Łucja", "Śląska"),),
    ),
    "Polish, code page that is not named": RealList(
        content=lines(
            "imie;nazwisko;email", "Anna;Lis;a@example.com", "Łucja;Śląska;l@example.com"
        ).encode("cp1250"),
        refused="line 3 is not UTF-8; its bytes would be 'Łucja;Śląska;l@example.com' in cp1250.*"
        "name its encoding",
    ),
    "Serbian, Latin letters": RealList(
        content=lines("Ime;Prezime;E-mail adresa", "Đorđe;Šarić;djordje@example.com"),
        people=(("djordje@example.com", "Đorđe", "Šarić"),),
    ),
    "Serbian, Cyrillic letters": RealList(
        content=lines("Презиме и име;Имејл адреса", "Шарић Ђорђе;djordje@example.com"),
        people=(("djordje@example.com", "Ђорђе", "Шарић"),),
    ),
    "German": RealList(
        content=lines("Name;Vorname;E-Mail-Adresse", "Müller;Jörg;joerg@example.com"),
        people=(("joerg@example.com", "Jörg", "Müller"),),
    ),
    "German, code page of Windows": RealList(
        content=lines("Anrede;Vorname;Nachname;E-Mail", "Herr;Jörg;Groß;joerg@example.com").encode(
            "cp1252"
        ),
        options={"encoding": "cp1252"},
        people=(("joerg@example.com", "Jörg", "Groß"),),
    ),
    "French": RealList(
        content=lines("NOM;PRÉNOM;COURRIEL", "LEFÈVRE;Anaïs;anais@example.com"),
        people=(("anais@example.com", "Anaïs", "LEFÈVRE"),),
    ),
    "French, surname in capitals": RealList(
        content=lines("Nom et prénom;Adresse électronique", "LEFÈVRE Anaïs;anais@example.com"),
        people=(("anais@example.com", "Anaïs", "LEFÈVRE"),),
    ),
    "French, full name in capitals first": RealList(
        content=lines("Nom complet;Mél", "LEFÈVRE Anaïs;anais@example.com"),
        people=(("anais@example.com", None, None),),  # may also be initials: not split
    ),
    "Spanish": RealList(
        content=lines("Nombre;Apellidos;Correo electrónico", "Ana;de la Cruz;ana@example.com"),
        people=(("ana@example.com", "Ana", "de la Cruz"),),
    ),
    "Italian": RealList(
        content=lines("Cognome;Nome;Indirizzo e-mail", "D'Amico;Nicolò;nico@example.com"),
        people=(("nico@example.com", "Nicolò", "D'Amico"),),
    ),
    "Portuguese": RealList(
        content=lines("Nome;Apelido;Endereço de e-mail", "João;Gonçalves;joao@example.com"),
        people=(("joao@example.com", "João", "Gonçalves"),),
    ),
    "Brazilian Portuguese": RealList(
        content=lines("Nome completo,E-mail", "João Gonçalves,joao@example.com"),
        people=(("joao@example.com", "João", "Gonçalves"),),
    ),
    "Arabic": RealList(
        content=lines("الاسم الأول,اسم العائلة,البريد الإلكتروني", "سارة,منصور,sara@example.com"),
        people=(("sara@example.com", "سارة", "منصور"),),
    ),
    "Arabic, code page of Windows": RealList(
        content=lines("الاسم الكامل;البريد الإلكتروني", "سارة منصور;sara@example.com").encode(
            "cp1256"
        ),
        options={"encoding": "cp1256"},
        people=(("sara@example.com", "سارة", "منصور"),),
    ),
    "Russian": RealList(
        content=lines(
            "ФИО;Электронная почта",
            "Иванов Иван Иванович;ivan@example.com",
            "Петрова Анна;anna@example.com",
        ),
        people=(
            ("ivan@example.com", "Иван Иванович", "Иванов"),
            ("anna@example.com", "Анна", "Петрова"),
        ),
    ),
    "Russian, code page that is not named": RealList(
        content=lines("Имя;Фамилия;Почта", "Анна;Ли;ann@example.com").encode("cp1251"),
        refused="line 1 is not UTF-8.*'Имя;Фамилия;Почта' in cp1251.*name its encoding",
    ),
    "Ukrainian": RealList(
        content=lines("Ім’я;Прізвище;Електронна пошта (обов'язково)", "Ann;Lee;ann@example.com"),
        people=(ANN,),
    ),
}
