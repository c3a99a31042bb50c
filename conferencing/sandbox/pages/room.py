"""The room page: one visit, who else is there, and leaving with a rating."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import define, field

from conferencing.model import Room, SessionStatus
from conferencing.sandbox.simulator import Answer, Simulator
from conferencing.world import Visit, World

from .html import Html, join_html, tag, void
from .layout import alert, avatar, clock, isolate, page, problem_page, role_word, span, zone_name
from .problem import Problem

__all__ = ["BrowserVisit", "leave", "people_list", "room_page"]

RATINGS: Final = {"1": "poor", "2": "fair", "3": "good", "4": "very good", "5": "excellent"}
LONGEST_COMMENT: Final = 1000


@define(eq=False)
class BrowserVisit:
    """A visit with what its page needs after the room is gone; `join_path` leads back in."""

    simulator: Simulator
    world: World
    visit: Visit
    room_name: str
    join_path: str = field(repr=False)
    left: bool = False

    @property
    def is_inside(self) -> bool:
        """Whether the person is in the room."""
        return self.visit.left_at is None

    @property
    def room(self) -> Room | None:
        """The room, or None if it was deleted."""
        session = self.world.sessions.get(self.visit.session_id)
        return self.world.rooms.get(session.room_id or "") if session else None

    @property
    def is_reset(self) -> bool:
        """Whether the simulator was reset since."""
        return self.simulator.world is not self.world


def room_page(browser_visit: BrowserVisit, problem: Problem | None = None) -> Answer:
    """Return the page of the room, or about the end of the visit."""
    if browser_visit.is_reset:
        gone = Problem(404, "The sandbox was reset since, and this visit is gone.")
        return problem_page("This visit is gone", gone)
    if not browser_visit.is_inside:
        return _farewell(browser_visit, problem)
    visit = browser_visit.visit
    inside = [v for v in browser_visit.world.visits_of(visit.session_id) if v.left_at is None]
    return page(
        f"In the room: {browser_visit.room_name}",
        tag("p", tag("span", "You are in", class_="badge live"), class_="kicker"),
        tag("h1", browser_visit.room_name, dir="auto"),
        tag(
            "p",
            *("You are here as ", tag("strong", isolate(visit.name))),
            f", {role_word(visit.role)}, for ",
            tag("strong", span(browser_visit.world.now - visit.joined_at)),
            ". ",
            tag("a", "Refresh", href=""),
            class_="quiet",
        ),
        alert("You are still in the room", problem.text) if problem else None,
        tag("div", _company(inside, browser_visit.room, visit), _leave_form(), class_="options"),
        status=problem.status if problem else 200,
    )


def leave(browser_visit: BrowserVisit, form: Mapping[str, str]) -> None:
    """End the visit, with the rating and the comment of the form. Raises `Problem`."""
    rating, comment = form.get("rating", ""), form.get("comment", "").strip()
    if rating and rating not in RATINGS:
        raise Problem(400, "A rating must be a number from 1 to 5.")
    if len(comment) > LONGEST_COMMENT:
        raise Problem(400, f"A comment can have at most {LONGEST_COMMENT} characters.")
    if browser_visit.is_reset or not browser_visit.is_inside:
        raise Problem(409, "You had left already, so your rating was not saved.")
    browser_visit.world.leave(
        browser_visit.visit.id, int(rating) if rating else None, comment or None
    )
    browser_visit.left = True


def people_list(visits: list[Visit], room: Room | None, me: Visit | None = None) -> Html:
    """Return a list of the people in a room with their roles and the times they joined."""
    return tag("ul", (_person(visit, room, me=visit is me) for visit in visits), class_="people")


def _person(visit: Visit, room: Room | None, *, me: bool) -> Html:
    you = tag("span", "you", class_="badge") if me else None
    since = (" · since ", clock(visit.joined_at, room), f" {zone_name(room)}")
    details = tag("span", role_word(visit.role), *since, class_="hint")
    name = tag("span", isolate(visit.name), " ", you, class_="who")
    return tag("li", avatar(visit), tag("span", name, " ", details))


def _company(inside: list[Visit], room: Room | None, me: Visit) -> Html:
    title = tag("h2", "In the room ", tag("span", str(len(inside)), class_="count"))
    return tag("section", title, people_list(inside, room, me), class_="card")


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
    return join_html([box, tag("label", value or "none", spoken, for_=key, title=meaning)])


# ------------------------------------------------------------------------------------- afterwards


def _farewell(browser_visit: BrowserVisit, problem: Problem | None) -> Answer:
    visit = browser_visit.visit
    session = browser_visit.world.sessions.get(visit.session_id)
    over = session is not None and session.status is not SessionStatus.RUNNING
    title = (
        "Goodbye"
        if browser_visit.left
        else "The session has ended"
        if over
        else "You are no longer in the room"
    )
    duration = span(visit.left_at - visit.joined_at) if visit.left_at else ""
    return page(
        f"{title}: {browser_visit.room_name}",
        tag("p", browser_visit.room_name, class_="kicker", dir="auto"),
        tag("h1", title),
        alert("That came too late", problem.text) if problem else None,
        tag("p", isolate(visit.name), f", you were in the room for {duration}."),
        _thanks(visit),
        tag("p", tag("a", "Join again", href=browser_visit.join_path, class_="button")),
        tag("p", tag("a", "See the rooms of this sandbox", href="/")),
        status=problem.status if problem else 200,
    )


def _thanks(visit: Visit) -> Html | None:
    if visit.rating is None and visit.comment is None:
        return None
    stars = f"{visit.rating} of 5 ({RATINGS[str(visit.rating)]})" if visit.rating else "no rating"
    comment = tag("blockquote", visit.comment, dir="auto") if visit.comment else None
    thanks = tag("p", "Thank you for your feedback: ", tag("strong", stars), ".")
    return tag("section", thanks, comment, class_="card", aria_label="Your feedback")
