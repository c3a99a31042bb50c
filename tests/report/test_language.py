"""The languages of reports: the same texts in each, plural forms, and figures rounded down."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from string import Formatter

import pytest

from conferencing import InvalidRequest, MergedBy, Role
from conferencing.formatting import UNKNOWN
from conferencing.report.language import LANGUAGES, Language, load_language
from conferencing.report.values import LimitationKind

ENGLISH = load_language("en")
MINUTE = timedelta(minutes=1)


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> Language:
    return load_language(request.param)


def test_language_has_all_texts_with_their_fields(language: Language) -> None:
    assert language.settings.keys() == ENGLISH.settings.keys()
    assert {key: fields_of(text) for key, text in language.texts.items()} == {
        key: fields_of(text) for key, text in ENGLISH.texts.items()
    }
    assert language.counts.keys() == ENGLISH.counts.keys()
    assert all(language.texts.values())


def test_language_has_every_plural_form(language: Language) -> None:
    forms = {language.plural(number) for number in range(200)}
    for key, texts in language.counts.items():
        assert texts.keys() == forms, key
        for number in (0, 1, 2, 3, 11, 21, 100, 1234):
            assert language.count(key, number)


@pytest.mark.parametrize(
    ("code", "one", "few", "other"),
    [
        ("en", [1], [], [0, 2, 5, 21]),
        ("de", [1], [], [0, 2, 5, 21]),
        ("pl", [1], [2, 4, 22, 104], [0, 5, 12, 14, 21, 112]),
        ("sr", [1, 21, 101], [2, 4, 22], [0, 5, 11, 12, 111]),
        ("ar", [1], [3, 10, 103], [100, 101, 102, 200]),
    ],
)
def test_plural_form_follows_the_language(
    code: str, one: list[int], few: list[int], other: list[int]
) -> None:
    plural = load_language(code).plural
    assert {plural(number) for number in one} == {"one"}
    assert {plural(number) for number in few} <= {"few"}
    assert {plural(number) for number in other} == {"many" if code == "pl" else "other"}


def test_arabic_has_six_forms() -> None:
    plural = load_language("ar").plural
    forms = {0: "zero", 1: "one", 2: "two", 3: "few", 11: "many", 99: "many", 100: "other"}
    assert {number: plural(number) for number in forms} == forms


def test_language_names_every_role_key_and_limitation(language: Language) -> None:
    assert all(language.role(role) for role in Role)
    assert all(language.texts[f"merged_{key}"] for key in MergedBy)
    for kind in LimitationKind:
        key = f"limitation_{kind.name.lower()}"
        assert (key in language.texts) != (key in language.counts)


def test_dates_are_in_the_language() -> None:
    at = datetime(2026, 10, 1, 9, 5, tzinfo=UTC)
    assert {code: load_language(code).moment(at) for code in LANGUAGES} == {
        "en": "1 October 2026, 09:05",
        "pl": "1 października 2026, 09:05",
        "sr": "1. oktobar 2026., 09:05",
        "de": "1. Oktober 2026, 09:05",
        "ar": "1 أكتوبر 2026، 09:05",
    }
    assert load_language("pl").number(12345) == "12\u00a0345"


@pytest.mark.parametrize("name", ["pl", "PL", "pl-PL", "pl_PL", "sr-Latn", "ar-EG"])
def test_language_is_found_by_its_tag(name: str) -> None:
    assert load_language(name).tag.startswith(name[:2].lower())


@pytest.mark.parametrize("name", ["", "fr", "polish", "sr-Cyrl"])
def test_unknown_language_raises_with_those_known(name: str) -> None:
    with pytest.raises(InvalidRequest, match="en, pl, sr, de, ar") as caught:
        load_language(name)
    assert caught.value.field == "language"


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.7958, "79 %"),
        (0.8, "80 %"),
        (0.29, "29 %"),  # 0.29 * 100 is less than 29
        (1 - 1 / 3.6e9, "99 %"),
        (1.0, "100 %"),
        (0.0, "0 %"),
        (1e-9, "0 %"),
        (None, UNKNOWN),
    ],
)
def test_share_is_rounded_down(share: float | None, text: str) -> None:
    assert ENGLISH.percent(share).replace("\u00a0", " ") == text


@pytest.mark.parametrize(
    ("duration", "minutes", "text"),
    [
        (47 * MINUTE + timedelta(seconds=45), "47", "47 min"),
        (timedelta(seconds=59, microseconds=999_999), "<1", "59 s"),
        (60 * MINUTE - timedelta(microseconds=1), "59", "59 min"),
        (90 * MINUTE, "90", "1 h 30 min"),
        (timedelta(), "0", "0 min"),
        (1200 * 60 * MINUTE, "72,000", "1,200 h"),
        (None, UNKNOWN, UNKNOWN),
    ],
)
def test_time_is_rounded_down(duration: timedelta | None, minutes: str, text: str) -> None:
    assert ENGLISH.minutes(duration) == minutes
    assert ENGLISH.duration(duration).replace("\u00a0", " ") == text


@pytest.mark.parametrize(
    ("at_least", "text"),
    [(0.8, "80 %"), (1.0, "100 %"), (0.333, "33.3 %"), (45 * MINUTE, "45 min"),
     (timedelta(seconds=90), "90 s")],
)  # fmt: skip
def test_threshold_is_written_exactly(at_least: float | timedelta, text: str) -> None:
    assert ENGLISH.threshold(at_least).replace("\u00a0", " ") == text


def fields_of(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}
