"""The fonts of a PDF, and the letters that none of them has."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Final

__all__ = ["Fonts", "find_missing_letters"]

_MAX_LETTERS: Final = 24  # that are named
# Each letter by itself, so that none is shaped with its neighbour.
_PROBE: Final = b"""
#set text(font: json(bytes(sys.inputs.data)).fonts)
#for letter in json(bytes(sys.inputs.data)).letters [#box(letter) ]
"""


class Fonts:
    """The fonts by name, best first. For letters that a font lacks, typst looks through the others,
    then through all fonts that are installed; `system_fonts` excludes these.
    """

    def __init__(self, typst: Any, names: Sequence[str], *, system_fonts: bool) -> None:
        self._typst = typst
        self._fonts = typst.Fonts(include_system_fonts=system_fonts)
        families = set(self._fonts.families())
        self.names: Sequence[str] = [name for name in names if name in families]

    def compile(self, source: bytes, data: str, **options: Any) -> bytes:
        """Return the PDF of a typst source, which finds `data` in its inputs."""
        content: bytes = self._typst.compile(
            source, sys_inputs={"data": data}, font_paths=self._fonts, **options
        )
        return content

    def have(self, letters: str) -> bool:
        """Return whether there is a font for each letter."""
        data = json.dumps({"fonts": self.names, "letters": list(letters)})
        try:
            # PDF/A allows no letter without a glyph, so typst refuses it.
            self.compile(_PROBE, data, pdf_standards="a-2b")
        except self._typst.TypstError:
            return False
        return True


def find_missing_letters(text: str, fonts: Fonts) -> str:
    """Return the letters of a text that no font has, by script: `CJK: 小 明, HANGUL: 김`."""
    letters = "".join(sorted({letter for letter in text if _is_visible(letter)}))
    missing = list(islice(_search(letters, fonts), _MAX_LETTERS + 1))
    scripts: dict[str, list[str]] = {}
    for letter in missing[:_MAX_LETTERS]:
        scripts.setdefault(_script(letter), []).append(letter)
    parts = [f"{script}: {' '.join(letters)}" for script, letters in scripts.items()]
    return ", ".join([*parts, "…"] if len(missing) > _MAX_LETTERS else parts)


def _search(letters: str, fonts: Fonts) -> Iterator[str]:
    """Find the letters by halves, as most texts lack none or a few."""
    if not letters or fonts.have(letters):
        return
    if len(letters) == 1:
        yield letters
        return
    half = len(letters) // 2
    yield from _search(letters[:half], fonts)
    yield from _search(letters[half:], fonts)


def _is_visible(letter: str) -> bool:
    """Return whether a letter needs a glyph of its own. All fonts have ASCII letters."""
    return not letter.isascii() and unicodedata.category(letter)[0] in "LNPS"


def _script(letter: str) -> str:
    """Return the script of a letter, which is the first word of its name."""
    if unicodedata.category(letter)[0] == "S":
        return "SYMBOL"
    return unicodedata.name(letter, "UNKNOWN").partition(" ")[0]
