"""What all pages share: the frame, the headers, and parts for people, times and forms."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from importlib.resources import files
from typing import Final
from zoneinfo import ZoneInfo

from conferencing.errors import InvalidRequest
from conferencing.model import Role, Room, RoomKind
from conferencing.model.zones import zone_of
from conferencing.sandbox.simulator import Answer
from conferencing.world import Visit

from .html import Content, Html, tag, void
from .problem import Problem

__all__ = [
    "alert",
    "avatar",
    "clock",
    "day",
    "field",
    "isolate",
    "kind_words",
    "page",
    "problem_page",
    "redirect",
    "role_word",
    "span",
    "style_sheet",
    "zone_name",
]

HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}
HUES: Final = 6


# ---------------------------------------------------------------------------------------- answers


def page(title: str, *main: Content, status: int = 200, wide: bool = False) -> Answer:
    """Return a whole page; `main` starts with its only `h1`."""
    head = tag(
        "head",
        void("meta", charset="utf-8"),
        void("meta", name="viewport", content="width=device-width, initial-scale=1"),
        void("meta", name="color-scheme", content="light dark"),
        void("meta", name="robots", content="noindex"),
        tag("title", f"{title} · conferencing sandbox"),
        void("link", rel="stylesheet", href="/style.css"),
    )
    body = tag(
        "body",
        tag("a", "Skip to the content", class_="skip", href="#content"),
        _masthead(),
        tag("main", *main, id="content", tabindex="-1", class_="wide" if wide else None),
    )
    text = f"<!doctype html>\n{tag('html', head, body, lang='en')}\n"
    return Answer.html(text, status).with_headers(HEADERS)


def problem_page(title: str, problem: Problem) -> Answer:
    """Return a page about a problem that no form on it can solve."""
    home = tag("p", tag("a", "See the rooms of this sandbox", href="/"))
    return page(title, tag("h1", title), tag("p", problem.text), home, status=problem.status)


def redirect(target: str) -> Answer:
    """Redirect the browser to a path on this site, by GET."""
    return Answer(status=303, media_type="text/plain", headers={**HEADERS, "Location": target})


def style_sheet() -> Answer:
    """Return the style sheet of all pages."""
    css = files(__name__.rpartition(".")[0]).joinpath("style.css").read_bytes()
    return Answer(body=css, media_type="text/css; charset=utf-8", headers=HEADERS)


def _masthead() -> Html:
    brand = tag("a", "conferencing ", tag("span", "sandbox"), href="/", class_="brand")
    return tag("header", brand, tag("p", "A simulation on this machine. No vendor is involved."))


# ------------------------------------------------------------------------------------------ parts


def alert(title: str, text: str) -> Html:
    """Return a prominent message that a screen reader reads at once."""
    return tag("div", tag("strong", title), tag("p", text), class_="alert", role="alert")


def field(
    label: str,
    name: str,
    /,
    *,
    form: str,
    hint: str | None = None,
    problem: Problem | None = None,
    **attributes: str | bool | None,
) -> Html:
    """Return a labelled input with its hint, and with the problem if it is about this input.

    `form` makes the id unique among the forms of a page.
    """
    key = f"{form}-{name}"
    wrong = problem if problem and problem.field == name else None
    notes = {f"{key}-hint": hint, f"{key}-wrong": wrong.text if wrong else None}
    note_ids = [note_id for note_id, text in notes.items() if text]
    box = void(
        "input",
        id=key,
        name=name,
        aria_describedby=" ".join(note_ids) or None,
        aria_invalid="true" if wrong else None,
        autofocus=bool(wrong),
        **attributes,
    )
    texts = (tag("span", notes[i], id=i, class_=i.rpartition("-")[2]) for i in note_ids)
    return tag("p", tag("label", label, for_=key), texts, box, class_="field")


def isolate(name: str) -> Html:
    """Return a name whose writing direction has no effect on the text around it."""
    return tag("bdi", name, dir="auto")


def avatar(visit: Visit) -> Html:
    """Return the initial of a person, in one of a few colours."""
    initial = next((letter for letter in visit.name if letter.isalnum()), "•").upper()
    hue = sum(map(ord, visit.name)) % HUES
    return tag("span", initial, class_=f"avatar hue-{hue}", aria_hidden="true")


def kind_words(kind: RoomKind) -> list[str]:
    """Return the kind of a room as a list of one word, or an empty list if it is unknown."""
    return [] if kind is RoomKind.UNKNOWN else [kind.value]


def role_word(role: Role) -> str:
    """Return a role in a word."""
    return "participant" if role is Role.UNKNOWN else role.value


def day(moment: datetime, room: Room | None = None) -> Html:
    """Return a date with its time and zone: the zone of the room, or UTC."""
    local = moment.astimezone(_zone_of(room))
    return _time(local, f"{local:%a} {local.day} {local:%b %Y, %H:%M} {zone_name(room)}")


def clock(moment: datetime, room: Room | None = None) -> Html:
    """Return a time of day in the zone of the room or in UTC, without the name of the zone."""
    local = moment.astimezone(_zone_of(room))
    return _time(local, f"{local:%H:%M}")


def zone_name(room: Room | None) -> str:
    """Return the name of the zone that `day` and `clock` use for a room."""
    zone = _zone_of(room)
    return zone.key if isinstance(zone, ZoneInfo) else "UTC"


def _zone_of(room: Room | None) -> tzinfo:
    """Return the zone of a room; UTC where it has none, or a name that is not in the IANA database."""
    try:
        return zone_of(room.timezone) if room and room.timezone else UTC
    except InvalidRequest:
        return UTC


def span(duration: timedelta) -> str:
    """Return a duration in minutes, or in hours and minutes."""
    minutes = int(duration.total_seconds() // 60)
    if minutes < 1:
        return "less than a minute"
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest:02} min" if hours else f"{minutes} min"


def _time(moment: datetime, text: str) -> Html:
    return tag("time", text, datetime=moment.isoformat(timespec="seconds"))
