"""What a registration needs is checked against the provider's features before anything is sent."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from conferencing import InvalidRequest, Person, UnsupportedOption
from conferencing.capabilities import Features, Operation, check_registration
from conferencing.model.drafts import RegistrationDraft

FORM = Features(required={"first_name": "1", "last_name": "2", "email": "3"}, confirms=False)
CHOOSING = evolve(FORM, languages=frozenset({Operation.REGISTER}))
MAILED = Features(languages=frozenset({Operation.REGISTER}))
FIRST = Features(required={"email": None, "first_name": None}, confirms=None)
ANN = Person(email="ann@example.com", name="Ann Lee")


@pytest.mark.parametrize(
    ("features", "person", "options"),
    [
        (Features(), Person(email="ann@example.com"), {}),
        (MAILED, ANN, {"language": "pl"}),
        (FORM, ANN, {}),
        (FORM, Person(email="ann@example.com", first_name="Ann"), {"fields": {"2": "-"}}),
        (CHOOSING, ANN, {"confirmation": True, "language": "pl"}),
        (FIRST, Person(email="ann@example.com", name="Ann"), {}),
    ],
)
def test_complete_registration_passes(
    features: Features, person: Person, options: dict[str, Any]
) -> None:
    check_registration(RegistrationDraft(person=person, **options), features, "vendor")


@pytest.mark.parametrize(
    ("features", "person", "options", "field", "message"),
    [
        (Features(), Person(name="Ann"), {}, "email", "a registration needs email"),
        (FORM, Person(email="ann@example.com"), {}, "first_name", "first_name and last_name"),
        (FORM, Person(email="ann@example.com", name="Ann"), {}, "first_name", "first_name and"),
        (FORM, ANN, {"language": "pl"}, "language", "add confirmation=True"),
        (FORM, ANN, {"language": "pl", "confirmation": False}, "language", "confirmation=True"),
        (FIRST, Person(email="ann@example.com", last_name="Lee"), {}, "first_name", "first_name"),
        (Features(), ANN, {"language": "pl"}, "language", "leave language out"),
        (FORM, ANN, {"language": "pl", "confirmation": True}, "language", "leave language out"),
        (FIRST, ANN, {"confirmation": True}, "confirmation", "the room's settings decide"),
    ],
)
def test_incomplete_registration_names_its_field(
    features: Features, person: Person, options: dict[str, Any], field: str, message: str
) -> None:
    draft = RegistrationDraft(person=person, **options)
    with pytest.raises((InvalidRequest, UnsupportedOption), match=message) as caught:
        check_registration(draft, features, "vendor")
    assert caught.value.field == field
