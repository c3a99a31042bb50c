"""The join page: what a link opens, with one form for each kind of entry option."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, urlencode

from attrs import field as attribute
from attrs import frozen

from conferencing.errors import ConferencingError, Conflict, NotFound
from conferencing.model import EntryKind, Role, Room, RoomStatus, SignIn
from conferencing.sandbox.simulator import Answer, EntryOption, JoinTarget, Simulator

from .entry_options import (
    LONGEST_NAME,
    SignedInUser,
    is_named,
    needs_name,
    options_for,
    options_of_kind,
)
from .html import Html, tag, void
from .identity import IDENTITIES
from .layout import alert, day, field, isolate, kind_words, page, role_word
from .problem import Problem

__all__ = ["ASSERTION", "JoinRequest", "join_page"]

ASSERTION: Final = "signed_in"
"""The query parameter with the assertion about who signed in; no vendor's links have it."""

CLOSED: Final = Problem(409, "This room is closed.")

Form = Mapping[str, str]


@frozen(kw_only=True)
class JoinRequest:
    """A join link that was opened: its path and query on this site, and what it opens."""

    simulator: Simulator
    path: str
    query: Mapping[str, str] = attribute(repr=False)
    join_target: JoinTarget

    @classmethod
    def open(cls, simulator: Simulator, parts: Iterable[str], query: str) -> JoinRequest:
        """Open a link by the parts of its path and its query, both encoded. Raises `Problem`."""
        pairs = dict(parse_qsl(query, keep_blank_values=True))
        pairs.pop(ASSERTION, None)
        names = [unquote(part) for part in parts if part]
        path = "/".join(["/join", simulator.name, *(quote(name, safe="") for name in names)])
        try:
            join_target = simulator.join_target(names, pairs)
            simulator.world.room(join_target.room_id)
        except NotFound as error:
            raise Problem(404, "There is no room at this link, or it is gone.") from error
        except ConferencingError as error:
            status = 409 if isinstance(error, Conflict) else 400
            text = f"{error.message[:1].upper()}{error.message[1:]}."
            raise Problem(status, text) from error
        return cls(simulator=simulator, path=path, query=pairs, join_target=join_target)

    @property
    def room(self) -> Room:
        """The room with its current status."""
        return self.simulator.world.room(self.join_target.room_id)

    @property
    def room_name(self) -> str:
        """The name of the room, for people."""
        return self.room.name or "Unnamed room"

    @property
    def scope(self) -> str:
        """The room of this vendor for which a sign-in is valid."""
        return f"{self.simulator.name}/{self.join_target.room_id}"

    def url(self, **parameters: str) -> str:
        """Return the path and query of the join page, with more parameters."""
        query = urlencode({**self.query, **parameters})
        return f"{self.path}?{query}" if query else self.path


def join_page(
    join_request: JoinRequest,
    form: Form,
    user: SignedInUser | None = None,
    problem: Problem | None = None,
) -> Answer:
    """Return the page with the forms to join; after a `problem`, with that and what was typed."""
    room = join_request.room
    if problem is None and room.status is RoomStatus.ENDED:
        problem = CLOSED
    forms = list(_user_form(join_request, user, form, problem) if user else ())
    forms = forms or list(_forms(join_request, form, problem))
    name = join_request.room_name
    return page(
        f"{'Not admitted' if problem else 'Join'}: {name}",
        tag(
            "p", " · ".join([join_request.simulator.name, *kind_words(room.kind)]), class_="kicker"
        ),
        tag("h1", name, dir="auto"),
        tag("p", _when(room, join_request), class_="quiet"),
        alert("You are not in yet", problem.text) if problem else None,
        tag("p", "Nobody can join by this link.") if not forms else None,
        tag("p", "Use any one of these ways to join.", class_="quiet") if len(forms) > 1 else None,
        tag("div", forms, class_="options"),
        status=problem.status if problem else 200,
    )


def _when(room: Room, join_request: JoinRequest) -> list[str | Html]:
    session = join_request.simulator.world.running(room.id)
    if session is not None and session.started_at is not None:
        return ["Started ", day(session.started_at, room)]
    if room.status is RoomStatus.SCHEDULED and room.starts_at is not None:
        return ["Planned for ", day(room.starts_at, room)]
    return ["Nobody is in the room."]


# ------------------------------------------------------------------------------------- the forms


def _forms(join_request: JoinRequest, form: Form, problem: Problem | None) -> Iterator[Html]:
    by = form.get("by")
    join_target = join_request.join_target
    for place, option in enumerate(join_target.entry_options):
        if option.rule.kind is EntryKind.OPEN:
            sent = (by, form.get("option")) == (EntryKind.OPEN, str(place))
            yield _open_form(str(place), option, form, problem if sent else None)
    for kind, label in {EntryKind.PASSCODE: "Passcode", EntryKind.TOKEN: "Token"}.items():
        if options := options_of_kind(join_target, kind):
            yield _code_form(kind, label, options, form, problem if by == kind else None)
    if identities := _identities(join_target):
        yield _sign_in_links(join_request, identities)


def _open_form(place: str, option: EntryOption, form: Form, problem: Problem | None) -> Html:
    person = option.person.display_name if option.person else None
    title = ["Join as ", isolate(person)] if person else ["Join with your name"]
    return _form(
        EntryKind.OPEN,
        title,
        [
            _role_line(option.role),
            void("input", type="hidden", name="option", value=place),
            None if person else _name_field(f"open-{place}", form, problem),
        ],
    )


def _code_form(
    kind: EntryKind,
    label: str,
    options: Sequence[EntryOption],
    form: Form,
    problem: Problem | None,
) -> Html:
    """Return the form for a passcode or a token, which is not asked for if the link has it."""
    in_link = any(option.token is not None for option in options)
    roles = {option.role for option in options}
    name = _name_field(kind, form, problem, *_name_hint(options))
    return _form(
        kind,
        ["Join with your link" if in_link else f"Join with a {label.lower()}"],
        [
            _role_line(*roles) if len(roles) == 1 else None,
            name if needs_name(options) else None,
            None if in_link else _code_field(kind, label, problem),
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


def _sign_in_links(join_request: JoinRequest, identities: Sequence[str]) -> Html:
    links = [
        tag(
            "a",
            f"Sign in with {vendor}",
            href=f"/identity/{key}?{urlencode({'to': join_request.url()})}",
            class_="button",
        )
        for key, vendor in IDENTITIES.items()
        if key in identities
    ]
    return tag("section", tag("h2", "Join with an account"), links, class_="card")


def _user_form(
    join_request: JoinRequest, user: SignedInUser, form: Form, problem: Problem | None
) -> Iterator[Html]:
    options = options_for(join_request.join_target, user)
    if not options:
        return
    person = options[0].person.display_name if options[0].person else None
    has_name_field = needs_name(options)
    name = _name_field("sign-in", form, problem, *_name_hint(options))
    yield _form(
        EntryKind.SIGN_IN,
        ["Join as ", isolate(user.email if has_name_field or not person else person)],
        [
            tag("p", f"Signed in with the stand-in for {IDENTITIES[user.identity]}."),
            _role_line(options[0].role),
            name if has_name_field else None,
        ],
        tag("p", tag("a", "Use another account, or join in another way", href=join_request.url())),
    )


def _form(
    by: EntryKind, title: Sequence[str | Html], inputs: Sequence[Html | None], *after: Html
) -> Html:
    """Return a form. Without an action, it is sent to the URL of the page."""
    kind = void("input", type="hidden", name="by", value=by.value)
    button = tag("button", "Join")
    return tag("form", tag("h2", title), kind, inputs, button, after, method="post", class_="card")


def _name_field(
    form_id: str,
    form: Form,
    problem: Problem | None,
    hint: str | None = None,
    required: bool = True,
) -> Html:
    return field(
        "Your name",
        "name",
        form=form_id,
        problem=problem,
        hint=hint,
        value=form.get("name"),
        required=required,
        maxlength=str(LONGEST_NAME),
        autocomplete="name",
        dir="auto",
    )


def _role_line(*roles: Role) -> Html:
    return tag("p", "Role: ", " or ".join(map(role_word, roles)), class_="quiet")


def _name_hint(options: Sequence[EntryOption]) -> tuple[str | None, bool]:
    """Return the hint of a name field, and whether it has to be filled in."""
    named_options = sum(map(is_named, options))
    if not named_options:
        return None, True
    if named_options == len(options):
        return "As it is in your invitation.", True
    return "Not needed if you were invited by name.", False


def _identities(join_target: JoinTarget) -> list[str]:
    rules = [option.rule for option in join_target.entry_options]
    return [rule.identity for rule in rules if isinstance(rule, SignIn)]
