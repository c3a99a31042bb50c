"""Capabilities follow the methods that a class overrides; drafts beyond them are refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from attrs import evolve

from conferencing import (
    Anyone,
    Capabilities,
    ConferenceProvider,
    EntryKind,
    Features,
    InvalidRequest,
    Operation,
    Passcode,
    PersonalToken,
    Room,
    RoomDraft,
    RoomKind,
    RoomSettings,
    Sent,
    SignIn,
    Support,
    UnsupportedOption,
    connect,
    emulated,
    unverified,
)
from conferencing.accounts.context import Context
from conferencing.capabilities import check_supported
from conferencing.http import HTTPProvider
from conferencing.provider import Pages

FEATURES = Features(
    kinds=frozenset({RoomKind.WEBINAR}),
    create_fields=frozenset({"name", "kind", "entry", "settings.camera"}),
    update_fields=frozenset({"name", "status"}),
    entry=frozenset({EntryKind.OPEN, EntryKind.PASSCODE}),
    entry_rules=2,
)


class Acme(ConferenceProvider):
    """A provider with one operation of each support."""

    name = "acme"
    settings_class = object
    features = FEATURES

    def __init__(self, settings: object, context: Context) -> None:
        self.context = context

    async def get_room(self, room_id: str) -> Room:
        return Room(id=room_id)

    @emulated
    async def list_rooms(self, status: object = None) -> Pages[Room]:
        yield [await self.get_room("1")]

    @unverified
    async def delete_room(self, room: Room) -> None:
        return None


class AcmeChild(Acme):
    """A provider that inherits, overrides and adds."""

    name = "acme-child"

    async def list_rooms(self, status: object = None) -> Pages[Room]:
        yield []

    async def check(self) -> None:
        return None


class OverHTTP(HTTPProvider[Any]):
    """A provider that gets `request` and nothing else from its base."""

    name = "over-http"


def capabilities(kind: type[ConferenceProvider], *, unverified: bool = False) -> Capabilities:
    provider = kind.__new__(kind)
    provider.context = Context(unverified=unverified)
    return provider.capabilities


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (ConferenceProvider, {}),
        (Acme, {"get_room": "yes", "list_rooms": "emulated", "delete_room": "unverified"}),
        (
            AcmeChild,
            {"get_room": "yes", "list_rooms": "yes", "delete_room": "unverified", "check": "yes"},
        ),
        (OverHTTP, {"request": "yes"}),
    ],
)
def test_support_follows_the_overrides(
    kind: type[ConferenceProvider], expected: Mapping[str, str]
) -> None:
    if kind is ConferenceProvider:
        kind = type("Bare", (ConferenceProvider,), {"name": "bare"})
    derived = capabilities(kind)
    assert derived.operations == {
        operation: Support(expected.get(operation, "no")) for operation in Operation
    }
    assert derived.provider == kind.name
    on = {name for name, support in expected.items() if support != "unverified"}
    assert {operation.value for operation in Operation if derived.supports(operation)} == on


def test_operation_is_looked_up_by_member_or_name() -> None:
    derived = capabilities(Acme)
    assert derived["list_rooms"] is derived[Operation.LIST_ROOMS] is Support.EMULATED
    assert derived.supports("list_rooms")
    assert not derived.supports("register")
    with pytest.raises(InvalidRequest, match="fly"):
        derived.supports("fly")


DRAFTS: list[tuple[str, dict[str, Any], bool, str | None]] = [
    ("what is known", {"name": "x", "kind": "webinar", "entry": Anyone()}, False, None),
    ("nothing at all", {}, False, None),
    ("native alone", {"native": {"x": 1}}, False, None),
    ("an unknown field", {"name": "x", "waiting_room": False}, False, "waiting_room"),
    ("a known setting", {"settings": RoomSettings(camera=True)}, False, None),
    (
        "an unknown setting",
        {"settings": RoomSettings(camera=True, recording=False)},
        False,
        "settings.recording",
    ),
    ("empty settings", {"settings": RoomSettings()}, False, None),
    ("another kind", {"kind": "meeting"}, False, "kind"),
    ("as many rules as it takes", {"entry": [Anyone(), Passcode("x")]}, False, None),
    ("a rule too many", {"entry": [Anyone(), Passcode("x"), Passcode("y")]}, False, "entry"),
    ("a way in that it lacks", {"entry": PersonalToken()}, False, "entry"),
    ("one way in of two that it lacks", {"entry": [Anyone(), SignIn("google")]}, False, "entry"),
    ("an update of what it can change", {"name": "x", "status": "ended"}, True, None),
    ("a status on creation", {"status": "ended"}, False, "status"),
    ("an update of what it can only create", {"entry": Anyone()}, True, "entry"),
    ("the first by name of several", {"template": "t", "capacity": 5}, False, "capacity"),
]


@pytest.mark.parametrize(
    ("fields", "update", "refused"),
    [row[1:] for row in DRAFTS],
    ids=[row[0] for row in DRAFTS],
)
def test_unsupported_draft_names_field_and_provider(
    fields: dict[str, Any], update: bool, refused: str | None
) -> None:
    draft = RoomDraft(**fields)
    if refused is None:
        supported, left_out = check_supported(draft, FEATURES, "acme", update=update)
        assert supported is draft
        assert left_out == ()
        return
    with pytest.raises(UnsupportedOption) as caught:
        check_supported(draft, FEATURES, "acme", update=update)
    assert (caught.value.field, caught.value.provider) == (refused, "acme")
    assert refused in caught.value.message
    assert "acme" in caught.value.message
    assert caught.value.sent is Sent.NO


def test_unsupported_native_is_refused_or_ignored() -> None:
    sends_nothing = evolve(FEATURES, native=False)
    draft = RoomDraft(name="x", native={"y": 1})
    with pytest.raises(UnsupportedOption, match="acme does not support native") as caught:
        check_supported(draft, sends_nothing, "acme")
    assert caught.value.field == "native"
    left, left_out = check_supported(draft, sends_nothing, "acme", ignore=True)
    assert (left.name, left.native, left_out) == ("x", {}, ("native",))
    bare = RoomDraft(name="x")
    assert check_supported(bare, sends_nothing, "acme") == (bare, ())


@pytest.mark.parametrize(
    ("fields", "update", "refused"),
    [row[1:] for row in DRAFTS],
    ids=[row[0] for row in DRAFTS],
)
def test_ignored_fields_are_left_out(
    fields: dict[str, Any], update: bool, refused: str | None
) -> None:
    draft = RoomDraft(**fields)
    left, left_out = check_supported(
        draft, FEATURES, "acme", update=update, ignore=draft.set_fields()
    )
    assert set(left_out) == draft.set_fields() - left.set_fields()
    assert left.native == draft.native
    names = FEATURES.update_fields if update else FEATURES.create_fields
    assert left.set_fields() == draft.set_fields() & names - {refused}
    for name in left.set_fields() - {"settings.camera"}:
        assert getattr(left, name) == getattr(draft, name)
    assert check_supported(left, FEATURES, "acme", update=update) == (left, ())


def test_refusal_lists_known_fields_and_remedy() -> None:
    with pytest.raises(UnsupportedOption) as caught:
        check_supported(RoomDraft(kind="meeting"), FEATURES, "acme")
    for part in ("kind meeting", "entry, kind, name, settings.camera", "ignore_unsupported=True"):
        assert part in caught.value.message
    with pytest.raises(UnsupportedOption, match="cannot change entry"):
        check_supported(RoomDraft(entry=Anyone()), FEATURES, "acme", update=True)


def test_refusal_names_every_field() -> None:
    with pytest.raises(UnsupportedOption) as caught:
        check_supported(RoomDraft(capacity=5, description="x"), FEATURES, "acme")
    assert caught.value.fields == ("capacity", "description")
    assert "capacity, description" in caught.value.message


def test_general_switch_never_drops_entry() -> None:
    draft = RoomDraft(entry=[Passcode("cAn4ry"), PersonalToken()], capacity=5)
    with pytest.raises(UnsupportedOption, match="admits anyone who has the link") as caught:
        check_supported(draft, FEATURES, "acme", ignore=True)
    assert caught.value.fields == ("entry",)
    left, left_out = check_supported(draft, FEATURES, "acme", ignore={"entry", "capacity"})
    assert (left.set_fields(), left_out) == (frozenset(), ("capacity", "entry"))


def test_refused_passcode_is_not_shown() -> None:
    draft = RoomDraft(entry=[Passcode("cAn4ry"), PersonalToken()])
    with pytest.raises(UnsupportedOption) as caught:
        check_supported(draft, FEATURES, "acme")
    assert "passcode" in str(caught.value)
    assert "cAn4ry" not in str(caught.value)


def test_invalid_value_is_not_reported_unsupported() -> None:
    with pytest.raises(InvalidRequest):
        check_supported(RoomDraft(kind="party"), FEATURES, "acme", ignore=True)


def test_capabilities_are_values() -> None:
    assert evolve(FEATURES) == FEATURES
    assert hash(evolve(FEATURES, limits={"rooms": 5})) == hash(FEATURES)
    assert capabilities(Acme) == capabilities(Acme) != capabilities(AcmeChild)
    with pytest.raises(AttributeError):
        FEATURES.entry_rules = 3


# --------------------------------------------------------------------------- for one account


@pytest.mark.parametrize("unverified", [False, True])
def test_unverified_is_supported_if_account_says_so(unverified: bool) -> None:
    acme = capabilities(Acme, unverified=unverified)
    assert acme["delete_room"] is Support.UNVERIFIED
    assert acme.supports("delete_room") is unverified
    assert acme.missing(["delete_room"]) == (() if unverified else ("delete_room",))


@pytest.mark.parametrize("operation", Operation)
def test_supports_says_what_the_call_does(operation: Operation) -> None:
    account = {"provider": "meetrs", "client_key": "k", "client_secret": "s"}
    for permitted in (False, True):
        conference = connect({**account, "unverified": permitted})
        method = getattr(conference.provider, operation)
        mark = getattr(method, "__conferencing_support__", None)
        refuses = mark is Support.UNVERIFIED and not permitted
        absent = conference.capabilities[operation] is Support.ABSENT
        assert conference.capabilities.supports(operation) is not (refuses or absent)


@pytest.mark.parametrize(
    ("need", "support"),
    [
        ("get_room", "yes"),
        ("list_rooms", "emulated"),
        ("rooms", "emulated"),
        ("delete_room", "unverified"),
        ("register", "no"),
        ("kind", "yes"),
        ("starts_at", "no"),
        ("settings.camera", "yes"),
        ("settings.recording", "no"),
        ("kind:webinar", "yes"),
        ("kind:meeting", "no"),
        ("entry:passcode", "yes"),
        ("entry:token", "no"),
        ("role:host", "no"),
        ("report:pdf", "no"),
    ],
)
def test_need_of_a_program_is_known(need: str, support: str) -> None:
    assert capabilities(Acme).support_of(need) == support


def test_missing_keeps_the_order_of_the_needs() -> None:
    needs = ["register", "get_room", "starts_at", "kind:webinar", "attendance"]
    assert capabilities(Acme).missing(needs) == ("register", "starts_at", "attendance")


@pytest.mark.parametrize("need", ["registr", "colour:red", "", "starts_att"])
def test_unknown_need_raises(need: str) -> None:
    with pytest.raises(InvalidRequest, match="is not an operation or a field of a room") as caught:
        capabilities(Acme).missing(["get_room", need])
    assert ("did you mean" in caught.value.message) is (need in {"registr", "starts_att"})


def test_repr_is_one_line() -> None:
    assert repr(capabilities(Acme)).startswith("<Capabilities of acme: 2 of ")
