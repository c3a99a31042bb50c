"""Read XML into plain values, with a hardened parser, and bounded in size and depth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from conferencing.errors import MalformedResponse
from conferencing.extras import import_extra

__all__ = ["import_parser", "parse_xml"]

MAX_ELEMENTS: Final = 150_000
"""How many elements a reply may have: more than 5,000 meetings or attendees with all their fields."""

MAX_DEPTH: Final = 20


class TooLarge(ValueError):
    """A document has more elements, or deeper ones, than any reply of the vendor's."""


class _Builder:
    """Build plain values while the parser reads: texts, mappings of elements, lists of equal ones.

    Several elements of one name become a list, and a single one does not, so a reader of a list
    takes both. docs/vendors/bigbluebutton.md#oddity-4
    """

    def __init__(self) -> None:
        self._parents: list[dict[str, list[Any]]] = [{}]
        self._texts: list[str] = []
        self._count = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Begin an element."""
        self._count += 1
        if self._count > MAX_ELEMENTS or len(self._parents) > MAX_DEPTH:
            raise TooLarge
        self._parents.append({})
        self._texts.clear()

    def data(self, text: str) -> None:
        """Take a piece of text, of which only that of elements without others counts."""
        self._texts.append(text)

    def end(self, tag: str) -> None:
        """Finish an element."""
        children = self._parents.pop()
        value = _collapse(children) if children else "".join(self._texts).strip()
        self._parents[-1].setdefault(tag, []).append(value)
        self._texts.clear()

    def close(self) -> dict[str, Any]:
        """Return the root element by its name."""
        return _collapse(self._parents[0])


def _collapse(children: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
    return {tag: list(values) if len(values) > 1 else values[0] for tag, values in children.items()}


def import_parser() -> Any:
    """Return the library with the parser. Raises `ConfigurationError` without the extra."""
    return import_extra(
        "defusedxml.ElementTree", extra="bigbluebutton", purpose="read BigBlueButton's replies"
    )


def parse_xml(body: bytes) -> dict[str, Any]:
    """Return the element `response` of a reply as a mapping; attributes are left out.

    Raises `MalformedResponse` for anything else: a web page, broken XML, a document type with
    entities, and a document that is too large.
    """
    library = import_parser()
    if body.count(b"<") > 2 * MAX_ELEMENTS:  # before anything is built
        raise _fault(f"it has more than {MAX_ELEMENTS} elements")
    parser = library.XMLParser(target=_Builder(), forbid_dtd=True)
    try:
        parser.feed(body)
        root: dict[str, Any] = parser.close()
    except TooLarge:
        problem = f"it has more than {MAX_ELEMENTS} elements, or they are nested too deeply"
    except (SyntaxError, ValueError, LookupError) as error:
        # `ParseError` is a `SyntaxError`, and what is forbidden a `ValueError`; a `LookupError` is
        # an encoding that Python does not have.
        problem = f"it is not XML ({type(error).__name__})"
    else:
        response = root.get("response")
        if isinstance(response, dict):
            return cast("dict[str, Any]", response)
        problem = "it has no element response"
    # Outside of `except`: the exception's frames hold the body.
    raise _fault(problem)


def _fault(problem: str) -> MalformedResponse:
    return MalformedResponse(f"the reply is not as documented: {problem}", path="$")
