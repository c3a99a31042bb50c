"""The join page: what a link opens, and one form for each kind of way in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, urlencode

from attrs import field as value
from attrs import frozen

from conferencing.errors import ConferencingError, Conflict, NotFound
from conferencing.model import EntryKind, Role, Room, RoomStatus, SignIn
from conferencing.sandbox.simulator import Answer, EntryOption, JoinTarget, Simulator

from .entry_options import LONGEST_NAME, Account, asks_name, of_kind, signed_in_ways
from .html import Html, tag, void
from .identity import IDENTITIES
from .layout import alert, day, field, kind_words, named, page, role_word
from .problem import Problem

__all__ = ["ASSERTION", "JoinRequest", "join_page"]

ASSERTION: Final = "signed_in"
"""The parameter that brings back who signed in; no vendor's link has it."""

CLOSED: Final = Problem(409, "This room is closed.")


@frozen(kw_only=True)
class JoinRequest:
    """A join link that was opened: its address on this site, and what its door asks."""

    simulator: Simulator
    path: str
    query: Mapping[str, str] = value(repr=False)
    join_target: JoinTarget

    @classmethod
    def open(cls, simulator: Simulator, parts: Iterable[str], query: str) -> JoinRequest:
        """Open a link by its parts and its query, both as in the address. Raises `Problem`."""
        pairs = dict(parse_qsl(query, keep_blank_values=True))
        pairs.pop(ASSERTION, None)
        names = [unquote(part) for part in parts if part]
        path = "/".join(["/join", simulator.name, *(quote(name, safe="") for name in names)])
        try:
            join_target = simulator.join_target(names, pairs)
            simulator.world.room(join_target.room_id)
        except NotFound:
            problem = Problem(404, "There is no room behind this link, or it is gone.")
        except Conflict as error:
            problem = Problem(409, f"{error.message[:1].upper()}{error.message[1:]}.")
        except ConferencingError as error:
            problem = Problem(400, f"{error.message[:1].upper()}{error.message[1:]}.")
        else:
            return cls(simulator=simulator, path=path, query=pairs, join_target=join_target)
        raise problem

    @property
    def room(self) -> Room:
        """The room as it is now."""
        return self.simulator.world.room(self.join_target.room_id)

    @property
    def scope(self) -> str:
        """What a sign-in is good for: this room of this vendor."""
        return f"{self.simulator.name}/{self.join_target.room_id}"

    def address(self, **more: str) -> str:
        """Return the address of the join page, with more parameters."""
        query = urlencode({**self.query, **more})
        return f"{self.path}?{query}" if query else self.path


def join_page(
    entrance: JoinRequest,
    given: Mapping[str, str],
    account: Account | None = None,
    problem: Problem | None = None,
) -> Answer:
    """Ask what the door asks; after a `problem`, say it and ask again."""
    room = entrance.room
    if problem is None and room.status is RoomStatus.ENDED:
        problem = CLOSED
    forms = list(_signed_in(entrance, account, given, problem) if account else ())
    forms = forms or list(_forms(entrance, given, problem))
    name = room.name or "Unnamed room"
    return page(
        f"{'Not let in' if problem else 'Join'}: {name}",
        tag("p", " · ".join([entrance.simulator.name, *kind_words(room.kind)]), class_="kicker"),
        tag("h1", name, dir="auto"),
        tag("p", _when(room, entrance), class_="quiet"),
        alert("You are not in yet", problem.text) if problem else None,
        tag("p", "There is no way in by this link.") if not forms else None,
        tag("p", "Any one of these ways lets you in.", class_="quiet") if len(forms) > 1 else None,
        tag("div", forms, class_="ways"),
        status=problem.status if problem else 200,
    )


def _when(room: Room, entrance: JoinRequest) -> list[str | Html]:
    session = entrance.simulator.world.running(room.id)
    if session is not None and session.started_at is not None:
        return ["Going on since ", day(session.started_at)]
    if room.status is RoomStatus.SCHEDULED and room.starts_at is not None:
        return ["Planned for ", day(room.starts_at)]
    return ["Nobody is inside."]


# ------------------------------------------------------------------------------------- the forms


def _forms(
    entrance: JoinRequest, given: Mapping[str, str], problem: Problem | None
) -> Iterator[Html]:
    by = given.get("by")
    join_target = entrance.join_target
    for place, way in enumerate(join_target.entry_options):
        if way.rule.kind is EntryKind.OPEN:
            mine = problem if (by, given.get("way")) == (EntryKind.OPEN, str(place)) else None
            yield _open_form(str(place), way, given, mine)
    coded = {EntryKind.PASSCODE: "Passcode", EntryKind.TOKEN: "Token"}
    for kind, label in coded.items():
        if entry_options := of_kind(join_target, kind):
            yield _coded_form(kind, label, entry_options, given, problem if by == kind else None)
    if identities := _identities(join_target):
        yield _sign_in(entrance, identities)


def _open_form(
    place: str, way: EntryOption, given: Mapping[str, str], problem: Problem | None
) -> Html:
    person = way.person.display_name if way.person else None
    title = ["Come in as ", named(person)] if person else ["Come in with your name"]
    return _form(
        EntryKind.OPEN,
        title,
        [
            _as(way.role),
            void("input", type="hidden", name="way", value=place),
            None if person else _name_field(f"open-{place}", given, problem),
        ],
    )


def _coded_form(
    kind: EntryKind,
    label: str,
    entry_options: Sequence[EntryOption],
    given: Mapping[str, str],
    problem: Problem | None,
) -> Html:
    """Ask for a passcode or a token, unless the link brings it along."""
    brought = any(way.brought is not None for way in entry_options)
    roles = {way.role for way in entry_options}
    name = _name_field(kind, given, problem, *_name_rule(entry_options))
    return _form(
        kind,
        ["Come in with your link" if brought else f"Come in with a {label.lower()}"],
        [
            _as(*roles) if len(roles) == 1 else None,
            name if asks_name(entry_options) else None,
            None if brought else _code_field(kind, label, problem),
        ],
    )


def _code_field(kind: EntryKind, label: str, problem: Problem | None) -> Html:
    return field(
        label,
        kind.value,
        form=kind,
        problem=problem,
        type="password" if kind is EntryKind.PASSCODE else "text",
        required=True,
        autocomplete="off",
        autocapitalize="none",
        spellcheck="false",
    )


def _sign_in(entrance: JoinRequest, identities: Sequence[str]) -> Html:
    links = [
        tag(
            "a",
            f"Sign in with {vendor}",
            href=f"/identity/{key}?{urlencode({'to': entrance.address()})}",
            class_="button",
        )
        for key, vendor in IDENTITIES.items()
        if key in identities
    ]
    return tag("section", tag("h2", "Come in with an account"), links, class_="card")


def _signed_in(
    entrance: JoinRequest, account: Account, given: Mapping[str, str], problem: Problem | None
) -> Iterator[Html]:
    entry_options = signed_in_ways(entrance.join_target, account)
    if not entry_options:
        return
    person = entry_options[0].person.display_name if entry_options[0].person else None
    asks = asks_name(entry_options)
    yield _form(
        EntryKind.SIGN_IN,
        ["Come in as ", named(account.email if asks or not person else person)],
        [
            tag("p", f"Signed in with {IDENTITIES[account.identity]}, by way of its stand-in."),
            _as(entry_options[0].role),
            _name_field("sign-in", given, problem, *_name_rule(entry_options)) if asks else None,
        ],
        tag("p", tag("a", "Another account, or another way in", href=entrance.address())),
    )


def _form(
    by: EntryKind, title: Sequence[str | Html], inside: Sequence[Html | None], *after: Html
) -> Html:
    """Return a form; without an action it goes to the address that it stands at."""
    hide_texts = void("input", type="hidden", name="by", value=by.value)
    button = tag("button", "Join")
    return tag(
        "form", tag("h2", title), hide_texts, inside, button, after, method="post", class_="card"
    )


def _name_field(
    form: str,
    given: Mapping[str, str],
    problem: Problem | None,
    hint: str | None = None,
    required: bool = True,
) -> Html:
    return field(
        "Your name",
        "name",
        form=form,
        problem=problem,
        hint=hint,
        value=given.get("name"),
        required=required,
        maxlength=str(LONGEST_NAME),
        autocomplete="name",
        dir="auto",
    )


def _as(*roles: Role) -> Html:
    return tag("p", "Role: ", " or ".join(map(role_word, roles)), class_="quiet")


def _name_rule(entry_options: Sequence[EntryOption]) -> tuple[str | None, bool]:
    """Return the hint at a name field, and whether it has to be filled in."""
    named_ways = sum(bool(way.person and way.person.display_name) for way in entry_options)
    if not named_ways:
        return None, True
    if named_ways == len(entry_options):
        return "As it is in your invitation.", True
    return "Not needed if you were invited by name.", False


def _identities(join_target: JoinTarget) -> list[str]:
    rules = [way.rule for way in join_target.entry_options]
    return [rule.identity for rule in rules if isinstance(rule, SignIn)]
