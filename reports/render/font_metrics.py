"""How wide a text is, by the advance widths of the fonts we ship.

Charts must know a label's width before anything draws it: to thin month labels, to cut long
names, to reserve the axis' room. The widths are those of the PDF's own font; on a page, where
the system's font draws, they are close enough to keep labels apart.
"""

import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont

FONT_FOLDER = Path(__file__).resolve().parent / "fonts"
REGULAR = FONT_FOLDER / "NotoSansSC-Regular.ttf"
BOLD = FONT_FOLDER / "NotoSansSC-Bold.ttf"
EXTENSION = FONT_FOLDER / "NotoSansSCExt-Regular.ttf"
ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Face:
    """One font file: glyph number and advance (in thousandths of the size) by code point."""

    glyphs: dict[int, int]
    advances: dict[int, int]


@cache
def face(path: Path) -> Face:
    """Return the font's glyph numbers and widths; read once per process."""
    with TTFont(path, lazy=True) as font:
        names = font.getBestCmap()
        widths = font["hmtx"].metrics
        per_em = font["head"].unitsPerEm
        numbers = font.getReverseGlyphMap()
        return Face(
            glyphs={code: numbers[name] for code, name in names.items()},
            advances={code: widths[name][0] * 1000 // per_em for code, name in names.items()},
        )


def _guessed_advance(character: str) -> int:
    """Return a width for a character that the small face lacks."""
    if unicodedata.combining(character) or unicodedata.category(character) == "Cf":
        return 0
    return 1000 if unicodedata.east_asian_width(character) in "WF" else 600


def width(text: str, *, size: float) -> float:
    """Return the width of `text` in the unit of `size`, without kerning."""
    advances = face(REGULAR).advances
    total = sum(advances.get(ord(char), 0) or _guessed_advance(char) for char in text)
    return total * size / 1000


def fitted(text: str, *, size: float, limit: float) -> str:
    """Return `text`, cut and ended with an ellipsis where it is wider than `limit`."""
    if width(text, size=size) <= limit:
        return text
    kept = text
    while kept and width(kept + ELLIPSIS, size=size) > limit:
        kept = kept[:-1]
    return kept.rstrip() + ELLIPSIS


@cache
def _printable() -> frozenset[int]:
    return frozenset(face(REGULAR).glyphs) | frozenset(face(EXTENSION).glyphs)


def printable(text: str) -> str:
    """Return `text` as our fonts can print it: what they lack is a box, what is invisible is gone.

    Pictographs and scripts other than Han, kana, Latin, Greek and Cyrillic are not in the
    fonts. A visible box says that something stood there; direction marks and joiners would be
    boxes for nothing and could reorder the line, so they are dropped.
    """
    known = _printable()
    return "".join(
        character if ord(character) in known or character in "\n\t" else _replacement(character)
        for character in text
    )


def _replacement(character: str) -> str:
    category = unicodedata.category(character)
    if category in {"Cc", "Cf", "Mn", "Me", "Cs", "Sk"}:
        return ""
    return " " if category in {"Zs", "Zl", "Zp"} else "□"
