"""The names that people and services give to the columns of lists, in eleven languages."""

# ruff: noqa: RUF001 - Cyrillic letters that look like Latin ones are meant
from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["AMBIGUOUS", "NAMES", "REQUIRED_MARKS"]

# Compared without case, marks, punctuation and spaces. Sources: the exports of ClickMeeting, Zoom,
# Teams, GoTo Webinar, Eventbrite, Google Forms and Mailchimp, and the forms of the languages of our
# vendors' customers.
NAMES: Final[Mapping[str, str]] = {
    "email": """
        email | e-mail | mail | email address | e-mail address | mail address | user email
        attendee email | participant email | registrant email | ticket email | primary email
        email primary | e-mail 1 value | your email | contact email | work email | business email
        adres e-mail | adres email | e-mail uczestnika | poczta elektroniczna
        adres poczty elektronicznej
        e-mail adresa | imejl | imejl adresa | elektronska pošta | adresa e-pošte | mejl
        имејл | имејл адреса | мејл | електронска пошта | е-пошта | адреса е-поште
        e-mail-adresse | mailadresse | e-mail adresse | emailadresse
        adresse e-mail | adresse mail | adresse électronique | courriel | adresse courriel | mél
        correo | correo electrónico | dirección de correo | dirección de correo electrónico
        dirección de email
        indirizzo e-mail | indirizzo email | posta elettronica | indirizzo di posta elettronica
        endereço de e-mail | endereço de email | correio eletrónico | correio eletrônico
        البريد الإلكتروني | البريد الالكتروني | الايميل | الإيميل | بريد إلكتروني
        عنوان البريد الإلكتروني
        электронная почта | эл. почта | почта | адрес электронной почты | имейл | емейл
        електронна пошта | ел. пошта | пошта | адреса електронної пошти | імейл
    """,
    "first_name": """
        first name | given name | forename | first | attendee first name | participant first name
        imię | imiona
        ime | име
        vorname
        prénom
        nombre | nombre de pila | primer nombre
        nome di battesimo
        primeiro nome | nome próprio
        الاسم الأول | الاسم الاول
        имя
        ім'я
    """,
    "last_name": """
        last name | surname | family name | last | attendee last name | participant last name
        nazwisko
        prezime | презиме
        nachname | familienname | zuname
        nom de famille
        apellido | apellidos
        cognome
        apelido | sobrenome | último nome
        اسم العائلة | الاسم الأخير | الاسم الاخير | اللقب
        фамилия
        прізвище
    """,
    "name": """
        name | full name | display name | attendee | attendee name | participant | participant name
        name original name | user name original name | your name | contact name
        imię i nazwisko | uczestnik
        ime i prezime | име и презиме | учесник | učesnik
        vollständiger name | vor- und nachname | teilnehmer
        nom complet | prénom et nom
        nombre completo | nombre y apellidos | nombre y apellido | asistente
        nome completo | nome e cognome | nome e sobrenome | nome e apelido | partecipante
        الاسم | الاسم الكامل | الاسم بالكامل
        имя и фамилия | полное имя | участник
        ім'я та прізвище | ім'я і прізвище | повне ім'я | учасник
    """,
    # Surname and first name in one column, without a comma.
    "surname_first": """
        nazwisko i imię | nazwisko imię
        prezime i ime | презиме и име
        nachname und vorname | nachname vorname | name und vorname | name vorname
        nom et prénom | nom prénom | nom et prénoms
        apellidos y nombre | apellidos nombre | apellido y nombre
        cognome e nome | cognome nome
        apelido e nome
        фио | фамилия и имя | фамилия имя | фамилия имя отчество
        піб | прізвище та ім'я | прізвище і ім'я | прізвище ім'я
        surname and first name | surname first name | last name first name
    """,
    # A sign-in name that often is the address: used if no other column is.
    "fallback_email": """
        participant id upn | upn | user principal name
    """,
}
AMBIGUOUS: Final[Mapping[str, Mapping[str, str]]] = {
    # "Nom" is the last name beside "Prénom", and "Nome" the first one beside "Cognome".
    "nom": {"first_name": "last_name", "": "name"},
    "nome": {"last_name": "first_name", "": "name"},
}
REQUIRED_MARKS: Final = """
    required | obligatory | mandatory | wymagane | pole wymagane | obowiązkowe | obavezno | обавезно
    pflichtfeld | erforderlich | obligatoire | requis | obligatorio | requerido | obbligatorio
    richiesto | obrigatório | إلزامي | مطلوب | обязательно | обов'язково
"""
"""What forms write in brackets behind the name of a question that must be answered."""
