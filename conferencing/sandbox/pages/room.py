"""The room page: one visit, who else is there, and leaving with a rating."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import define, field

from conferencing.model import SessionStatus
from conferencing.sandbox.simulator import Answer, Simulator
from conferencing.world import Visit, World

from .html import Html, joined, tag, void
from .layout import alert, avatar, clock, named, page, problem_page, role_word, span
from .problem import Problem

__all__ = ["Stay", "leave", "people", "room_page"]

RATINGS: Final = {"1": "poor", "2": "fair", "3": "good", "4": "very good", "5": "excellent"}
LONGEST_COMMENT: Final = 1000


@define(eq=False)
class Stay:
    """One visit as a browser knows it. `room_name` outlives the room, `again` leads back in."""

    simulator: Simulator
    world: World
    visit: Visit
    room_name: str
    again: str = field(repr=False)
    left: bool = False

    @property
    def inside(self) -> bool:
        """Whether the person is in the room."""
        return self.visit.left_at is None

    @property
    def forgotten(self) -> bool:
        """Whether the simulator has begun anew since."""
        return self.simulator.world is not self.world


def room_page(stay: Stay, problem: Problem | None = None) -> Answer:
    """Show the room, or what became of the visit."""
    if stay.forgotten:
        gone = Problem(404, "This sandbox has begun anew and knows nothing of this visit.")
        return problem_page("This visit is gone", gone)
    if not stay.inside:
        return _farewell(stay, problem)
    visit = stay.visit
    inside = [one for one in stay.world.visits_of(visit.session_id) if one.left_at is None]
    return page(
        f"In the room: {stay.room_name}",
        tag("p", tag("span", "You are in", class_="badge live"), class_="kicker"),
        tag("h1", stay.room_name, dir="auto"),
        tag(
            "p",
            *("You are here as ", tag("strong", named(visit.name))),
            f", {role_word(visit.role)}, for ",
            tag("strong", span(stay.world.now - visit.joined_at)),
            ". ",
            tag("a", "Look again", href=""),
            class_="quiet",
        ),
        alert("You are still in the room", problem.text) if problem else None,
        tag("div", _company(inside, visit), _leave_form(), class_="ways"),
        status=problem.status if problem else 200,
    )


def leave(stay: Stay, given: Mapping[str, str]) -> None:
    """Let the person out, with a rating and a comment if they were given. Raises `Problem`."""
    rating, comment = given.get("rating", ""), given.get("comment", "").strip()
    if rating and rating not in RATINGS:
        raise Problem(400, "A rating is a number from 1 to 5.")
    if len(comment) > LONGEST_COMMENT:
        raise Problem(400, f"A comment has at most {LONGEST_COMMENT} characters.")
    if stay.forgotten or not stay.inside:
        raise Problem(409, "You were out already, so your rating was not taken.")
    stay.world.leave(stay.visit.id, int(rating) if rating else None, comment or None)
    stay.left = True


def people(visits: list[Visit], me: Visit | None = None) -> Html:
    """List people with their roles and since when they are there."""
    return tag("ul", (_person(visit, me=visit is me) for visit in visits), class_="people")


def _person(visit: Visit, *, me: bool) -> Html:
    you = tag("span", "you", class_="badge") if me else None
    known = tag(
        "span", role_word(visit.role), " · since ", clock(visit.joined_at), " UTC", class_="hint"
    )
    name = tag("span", named(visit.name), " ", you, class_="who")
    return tag("li", avatar(visit), tag("span", name, " ", known))


def _company(inside: list[Visit], me: Visit) -> Html:
    title = tag("h2", "In the room ", tag("span", str(len(inside)), class_="count"))
    return tag("section", title, people(inside, me), class_="card")


def _leave_form() -> Html:
    rating = tag(
        "fieldset",
        tag("legend", "How was it? ", tag("span", "optional; 5 is best", class_="hint")),
        tag(
            "div", _rating("", "no rating", checked=True), map(_rating_of, RATINGS), class_="scale"
        ),
    )
    comment = tag(
        "p",
        tag("label", "Comment ", tag("span", "optional", class_="hint"), for_="comment"),
        tag(
            "textarea",
            id="comment",
            name="comment",
            rows="3",
            maxlength=str(LONGEST_COMMENT),
            dir="auto",
        ),
        class_="field",
    )
    button = tag("button", "Leave", class_="leave")
    return tag("form", tag("h2", "Leave"), rating, comment, button, method="post", class_="card")


def _rating_of(value: str) -> Html:
    return _rating(value, RATINGS[value])


def _rating(value: str, meaning: str, *, checked: bool = False) -> Html:
    key = f"rating-{value or 'none'}"
    box = void("input", type="radio", id=key, name="rating", value=value, checked=checked)
    spoken = tag("span", f" {meaning}", class_="spoken") if value else None
    return joined([box, tag("label", value or "none", spoken, for_=key, title=meaning)])


# ------------------------------------------------------------------------------------- afterwards


def _farewell(stay: Stay, problem: Problem | None) -> Answer:
    visit = stay.visit
    session = stay.world.sessions.get(visit.session_id)
    over = session is not None and session.status is not SessionStatus.RUNNING
    title = "Goodbye" if stay.left else "The session has ended" if over else "You are out"
    length = span(visit.left_at - visit.joined_at) if visit.left_at else ""
    return page(
        f"{title}: {stay.room_name}",
        tag("p", stay.room_name, class_="kicker", dir="auto"),
        tag("h1", title),
        alert("That came too late", problem.text) if problem else None,
        tag("p", named(visit.name), f", you were in the room for {length}."),
        _thanks(visit),
        tag("p", tag("a", "Join again", href=stay.again, class_="button")),
        tag("p", tag("a", "See the rooms of this sandbox", href="/")),
        status=problem.status if problem else 200,
    )


def _thanks(visit: Visit) -> Html | None:
    if visit.rating is None and visit.comment is None:
        return None
    stars = f"{visit.rating} of 5 ({RATINGS[str(visit.rating)]})" if visit.rating else "no rating"
    said = tag("blockquote", visit.comment, dir="auto") if visit.comment else None
    thanks = tag("p", "Thank you for your feedback: ", tag("strong", stars), ".")
    return tag("section", thanks, said, class_="card", aria_label="Your feedback")
