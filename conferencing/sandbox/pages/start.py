"""The start page: the rooms and mails of each simulator."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from conferencing.model import Room, RoomStatus, Session
from conferencing.sandbox.simulator import Answer, Simulator
from conferencing.world import Mail, Visit, World

from .html import Content, Html, join_html, tag
from .layout import clock, day, isolate, kind_words, page, role_word
from .room import people_list

__all__ = ["start_page"]

STATUSES = {
    RoomStatus.LIVE: ("live", "badge live"),
    RoomStatus.OPEN: ("open", "badge"),
    RoomStatus.SCHEDULED: ("planned", "badge"),
    RoomStatus.ENDED: ("closed", "badge closed"),
}


def start_page(simulators: Iterable[Simulator]) -> Answer:
    """Return the page with the rooms and the outbox of every simulator."""
    lead = (
        "These are local simulators of conferencing vendors. Rooms are created through their APIs; "
        "here you can join them, and read the mails that the vendors would have sent."
    )
    return page(
        "Rooms",
        tag("h1", "The sandbox"),
        tag("p", lead, class_="lead"),
        map(_vendor, simulators),
        wide=True,
    )


def _vendor(simulator: Simulator) -> Html:
    world, name = simulator.world, simulator.name
    rooms = [_room(simulator, world.room(room_id)) for room_id in reversed(world.rooms)]
    mails = [_mail(simulator, mail) for mail in reversed(world.outbox)]
    clock = tag("p", "Its clock: ", day(world.now), ".", class_="quiet")
    return tag(
        "section",
        tag("h2", name, id=name),
        clock,
        tag("h3", "Rooms ", _count(rooms)),
        tag("div", rooms, class_="rooms") if rooms else _empty("No rooms yet."),
        tag("h3", "Outbox ", _count(mails)),
        tag("ul", mails, class_="mails card") if mails else _empty("No mail yet."),
        class_="vendor",
        aria_labelledby=name,
    )


def _empty(text: str) -> Html:
    return tag("p", text, class_="empty")


def _count(items: list[Html]) -> Html:
    return tag("span", str(len(items)), class_="count")


# ----------------------------------------------------------------------------------------- rooms


def _room(simulator: Simulator, room: Room) -> Html:
    world = simulator.world
    word, badge = STATUSES.get(room.status, (room.status.value, "badge"))
    running = world.running(room.id)
    inside = [visit for visit in _visits(world, running) if visit.left_at is None]
    past = [session for session in world.sessions_of(room.id) if session is not running]
    name = room.name or "Unnamed room"
    about: list[Content] = [" · ".join([*kind_words(room.kind), room.id])]
    if room.starts_at is not None:
        about += [" · ", day(room.starts_at, room)]
    return tag(
        "article",
        tag("p", tag("span", word, class_=badge), class_="row"),
        tag("h4", name, dir="auto"),
        tag("p", about, class_="quiet"),
        _link(simulator, room.join_url, "Open the join page", f"of {name}", "button"),
        tag("h5", f"Inside: {len(inside)}") if running else None,
        people_list(inside, room) if inside else None,
        _past_sessions(world, room, past) if past else None,
        class_="card",
    )


def _visits(world: World, session: Session | None) -> Iterator[Visit]:
    return world.visits_of(session.id) if session else iter(())


def _past_sessions(world: World, room: Room, sessions: list[Session]) -> Html:
    return tag(
        "details",
        tag("summary", f"Past sessions: {len(sessions)}"),
        (_past_session(world, room, session) for session in reversed(sessions)),
    )


def _past_session(world: World, room: Room, session: Session) -> Html:
    when = [day(session.started_at, room)] if session.started_at else []
    until = [" to ", clock(session.ended_at, room)] if session.ended_at else []
    visits = [_visit(visit, room) for visit in world.visits_of(session.id)]
    return tag("section", tag("h5", when, until), tag("ul", visits))


def _visit(visit: Visit, room: Room) -> Html:
    until: list[Content] = [" to ", clock(visit.left_at, room)] if visit.left_at else []
    rated = f" · rated {visit.rating} of 5" if visit.rating else None
    times = join_html([role_word(visit.role), " · ", clock(visit.joined_at, room), until, rated])
    return tag("li", isolate(visit.name), " ", tag("span", times, class_="hint"))


# ------------------------------------------------------------------------------------ the outbox


def _mail(simulator: Simulator, mail: Mail) -> Html:
    room = simulator.world.rooms.get(mail.room_id)
    about: list[Content] = [mail.kind, " · ", role_word(mail.role), " · ", day(mail.sent_at, room)]
    if mail.language:
        about += [" · ", mail.language]
    return tag(
        "li",
        tag(
            "div",
            *(tag("strong", isolate(mail.to)), " "),
            *("for ", isolate(room.name) if room else "a room that was deleted"),
            tag("p", about, class_="hint"),
        ),
        _link(simulator, mail.link.url if mail.link else None, "Open the link", f"for {mail.to}"),
    )


def _link(
    simulator: Simulator, url: str | None, text: str, spoken: str, class_: str | None = None
) -> Html | None:
    """Return a link if `url` is a join page of the simulator; other URLs in mails are not linked."""
    if url is None or not url.startswith(simulator.join_url("")):
        return None
    parts = urlsplit(url)
    href = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return tag("a", text, tag("span", f" {spoken}", class_="spoken"), href=href, class_=class_)
