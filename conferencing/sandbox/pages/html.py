"""Writing HTML: every text is escaped, unless it is `Html` already."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TypeAlias

__all__ = ["Html", "Inside", "joined", "tag", "void"]


class Html(str):
    """A piece of finished HTML. What is made from it in any other way than here is plain text."""

    __slots__ = ()


Inside: TypeAlias = "str | Iterable[Inside] | None"
Attribute = str | bool | None


def tag(name: str, /, *inside: Inside, **attributes: Attribute) -> Html:
    """Return an element; `class_` and `aria_label` become `class` and `aria-label`.

    An attribute that is None or False is left out, one that is True stands without a value.
    """
    return Html(f"<{name}{_written(attributes)}>{joined(inside)}</{name}>")


def void(name: str, /, **attributes: Attribute) -> Html:
    """Return an element that has no inside, such as `input`."""
    return Html(f"<{name}{_written(attributes)}>")


def joined(inside: Inside) -> Html:
    """Return everything after one another; None is nothing."""
    if inside is None or isinstance(inside, Html):
        return inside or Html()
    if isinstance(inside, str):
        return Html(escape(inside))
    return Html("".join(map(joined, inside)))


def _written(attributes: dict[str, Attribute]) -> str:
    return "".join(
        f" {name}" if value is True else f' {name}="{escape(value)}"'
        for name, value in ((_named(key), value) for key, value in attributes.items())
        if value is not None and value is not False
    )


def _named(key: str) -> str:
    return key.removesuffix("_").replace("_", "-")
