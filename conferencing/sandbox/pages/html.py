"""Writing HTML. Every string is escaped, unless it is `Html` already."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TypeAlias

__all__ = ["Content", "Html", "join_html", "tag", "void"]


class Html(str):
    """Finished HTML. Any other operation on it than those here gives a plain `str`."""

    __slots__ = ()


Content: TypeAlias = "str | Iterable[Content] | None"
Attribute = str | bool | None


def tag(name: str, /, *content: Content, **attributes: Attribute) -> Html:
    """Return an element; `class_` and `aria_label` become `class` and `aria-label`.

    An attribute that is None or False is left out; one that is True has no value.
    """
    return Html(f"<{name}{_write_attributes(attributes)}>{join_html(content)}</{name}>")


def void(name: str, /, **attributes: Attribute) -> Html:
    """Return an element without content, such as `input`."""
    return Html(f"<{name}{_write_attributes(attributes)}>")


def join_html(content: Content) -> Html:
    """Return content as HTML: nested parts in order, strings escaped, None as nothing."""
    if content is None or isinstance(content, Html):
        return content or Html()
    if isinstance(content, str):
        return Html(escape(content))
    return Html("".join(map(join_html, content)))


def _write_attributes(attributes: dict[str, Attribute]) -> str:
    return "".join(
        f" {name}" if value is True else f' {name}="{escape(value)}"'
        for name, value in ((_attribute_name(key), value) for key, value in attributes.items())
        if value is not None and value is not False
    )


def _attribute_name(key: str) -> str:
    return key.removesuffix("_").replace("_", "-")
