"""The start page: what is in the sandbox now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from conferencing.model import Room, RoomStatus, Session
from conferencing.sandbox.simulator import Answer, Simulator
from conferencing.world import Mail, Visit, World

from .html import Html, Inside, joined, tag
from .layout import clock, day, kind_words, named, page, role_word
from .room import people

__all__ = ["start_page"]

STATUSES = {
    RoomStatus.LIVE: ("live", "badge live"),
    RoomStatus.OPEN: ("open", "badge"),
    RoomStatus.SCHEDULED: ("planned", "badge"),
    RoomStatus.ENDED: ("closed", "badge closed"),
}


def start_page(simulators: Iterable[Simulator]) -> Answer:
    """Show every simulator with its rooms and its outbox."""
    lead = (
        "These are local stand-ins of conferencing vendors. Rooms are made through their APIs; "
        "here you can enter them, and read the mail that nobody was sent."
    )
    return page(
        "Rooms",
        tag("h1", "The sandbox"),
        tag("p", lead, class_="lead"),
        (_vendor(one) for one in simulators),
        wide=True,
    )


def _vendor(simulator: Simulator) -> Html:
    world, name = simulator.world, simulator.name
    rooms = [_room(simulator, world.room(room_id)) for room_id in reversed(world.rooms)]
    mails = [_mail(simulator, mail) for mail in reversed(world.outbox)]
    clock = tag("p", "Its clock says ", day(world.now), ".", class_="quiet")
    return tag(
        "section",
        tag("h2", name, id=name),
        clock,
        tag("h3", "Rooms ", _count(rooms)),
        tag("div", rooms, class_="rooms") if rooms else _none("No rooms yet."),
        tag("h3", "Outbox ", _count(mails)),
        tag("ul", mails, class_="mails card") if mails else _none("No mail yet."),
        class_="vendor",
        aria_labelledby=name,
    )


def _none(text: str) -> Html:
    return tag("p", text, class_="empty")


def _count(things: list[Html]) -> Html:
    return tag("span", str(len(things)), class_="count")


# ----------------------------------------------------------------------------------------- rooms


def _room(simulator: Simulator, room: Room) -> Html:
    world = simulator.world
    word, look = STATUSES.get(room.status, (room.status.value, "badge"))
    running = world.running(room.id)
    inside = [one for one in _visits(world, running) if one.left_at is None]
    over = [one for one in world.sessions_of(room.id) if one is not running]
    name = room.name or "Unnamed room"
    about: list[Inside] = [" · ".join([*kind_words(room.kind), room.id])]
    if room.starts_at is not None:
        about += [" · ", day(room.starts_at)]
    return tag(
        "article",
        tag("p", tag("span", word, class_=look), class_="row"),
        tag("h4", name, dir="auto"),
        tag("p", about, class_="quiet"),
        _link(simulator, room.join_url, "Open the join page", f"of {name}", "button"),
        tag("h5", f"Inside: {len(inside)}") if running else None,
        people(inside) if inside else None,
        _sessions(world, over) if over else None,
        class_="card",
    )


def _visits(world: World, session: Session | None) -> Iterator[Visit]:
    return world.visits_of(session.id) if session else iter(())


def _sessions(world: World, sessions: list[Session]) -> Html:
    return tag(
        "details",
        tag("summary", f"Sessions before: {len(sessions)}"),
        (_session(world, one) for one in reversed(sessions)),
    )


def _session(world: World, session: Session) -> Html:
    when = [day(session.started_at)] if session.started_at else []
    until = [" to ", clock(session.ended_at)] if session.ended_at else []
    stays = [_stay(visit) for visit in world.visits_of(session.id)]
    return tag("section", tag("h5", when, until), tag("ul", stays, class_="stays"))


def _stay(visit: Visit) -> Html:
    until: list[Inside] = [" to ", clock(visit.left_at)] if visit.left_at else []
    rated = f" · rated {visit.rating} of 5" if visit.rating else None
    times = joined([role_word(visit.role), " · ", clock(visit.joined_at), until, rated])
    return tag("li", named(visit.name), " ", tag("span", times, class_="hint"))


# ------------------------------------------------------------------------------------ the outbox


def _mail(simulator: Simulator, mail: Mail) -> Html:
    room = simulator.world.rooms.get(mail.room_id)
    about: list[Inside] = [mail.kind, " · ", role_word(mail.role), " · ", day(mail.sent_at)]
    if mail.language:
        about += [" · ", mail.language]
    return tag(
        "li",
        tag(
            "div",
            *(tag("strong", named(mail.to)), " "),
            *("for ", named(room.name) if room else "a room that is gone"),
            tag("p", about, class_="hint"),
        ),
        _link(simulator, mail.link.url if mail.link else None, "Open the link", f"for {mail.to}"),
    )


def _link(
    simulator: Simulator, url: str | None, text: str, whose: str, look: str | None = None
) -> Html | None:
    """Link to a join page, and to nothing else that a mail may hold."""
    if url is None or not url.startswith(simulator.join_url("")):
        return None
    parts = urlsplit(url)
    href = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return tag("a", text, tag("span", f" {whose}", class_="spoken"), href=href, class_=look)
