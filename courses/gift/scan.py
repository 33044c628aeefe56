"""Characters that remember where they stood: the ground that the GIFT parser walks on.

Comment lines are taken out and pieces are cut apart, yet every character still knows its
offset in the author's text, so that a remark can name line and column.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

ESCAPABLE = "~=#{}:\\"
_UNESCAPE = re.compile(r"\\([~=#{}:\\n])")
_ANY_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_JOINED_LINES = re.compile(r"[ \t]*\n\s*")
_FORMAT = re.compile(r"\s*\[(html|markdown|plain|moodle)\]", re.IGNORECASE)


@dataclass(frozen=True)
class Piece:
    """A part of the text with the offset of each of its characters, and of its end."""

    text: str
    at: Sequence[int]

    def cut(self, start: int, end: int | None = None) -> "Piece":
        """Return the part between two indexes of this piece."""
        stop = len(self.text) if end is None else end
        return Piece(self.text[start:stop], self.at[start : stop + 1])

    def stripped(self) -> "Piece":
        """Return the part without white space at both ends."""
        left = len(self.text) - len(self.text.lstrip())
        return self.cut(left, max(left, len(self.text.rstrip())))

    def find(self, wanted: str, start: int = 0) -> int:
        """Return the index of the first unescaped `wanted` from `start`, -1 when there is none."""
        for index in self.unescaped(start):
            if self.text.startswith(wanted, index):
                return index
        return -1

    def unescaped(self, start: int = 0) -> Iterator[int]:
        """The indexes of all characters that no backslash escapes."""
        index = start
        while index < len(self.text):
            if self.text[index] == "\\":
                index += 2
                continue
            yield index
            index += 1


@dataclass(frozen=True)
class Lines:
    """Turns an offset of the text into line and column, both from 1."""

    starts: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> "Lines":
        """Read where the lines of `text` begin."""
        return cls((0, *(found.end() for found in re.finditer("\n", text))))

    def place(self, offset: int) -> tuple[int, int]:
        """Return line and column of an offset."""
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1


@dataclass(frozen=True)
class Block:
    """What stands between two blank lines, without its comments, which are kept beside it."""

    piece: Piece
    comments: tuple[str, ...]


def blocks(text: str) -> Iterator[Block]:
    """Cut a text (newlines are \\n) at its blank lines; blocks of comments only are left out."""
    kept: list[tuple[str, int]] = []
    comments: list[str] = []
    offset = 0
    for line in [*text.split("\n"), ""]:
        if not line.strip():
            if kept:
                yield _block(kept, comments)
            kept, comments = [], []
        elif line.lstrip().startswith("//"):
            comments.append(line.strip())
        else:
            kept.append((line, offset))
        offset += len(line) + 1


def _block(lines: list[tuple[str, int]], comments: list[str]) -> Block:
    offsets: list[int] = []
    for line, offset in lines:
        offsets.extend(range(offset, offset + len(line) + 1))
    return Block(Piece("\n".join(line for line, _ in lines), offsets), tuple(comments))


def joined(first: Piece, second: Piece) -> Piece:
    """Put two pieces together with the blank line that stood between them."""
    end = first.at[len(first.text)]
    return Piece(f"{first.text}\n\n{second.text}", [*first.at, end, *second.at])


def split_format(piece: Piece) -> tuple[str | None, Piece]:
    """Take a leading [markdown], [html], [plain] or [moodle] off; None when there is none."""
    found = _FORMAT.match(piece.text)
    if found is None:
        return None, piece.stripped()
    return found.group(1).lower(), piece.cut(found.end()).stripped()


def plain(text: str, *, keeps_lines: bool) -> str:
    """Return what an author's text says: line breaks joined unless kept, escapes resolved."""
    lines = text if keeps_lines else _JOINED_LINES.sub(" ", text)
    return _UNESCAPE.sub(lambda found: "\n" if found[1] == "n" else found[1], lines)


def escaped(text: str) -> str:
    """Return `text` so that a parser reads it back unchanged."""
    signs = re.sub(r"[~=#{}:\\]", lambda found: "\\" + found[0], text)
    return signs.replace("\n", "\\n")


def unknown_escapes(piece: Piece) -> Iterator[tuple[int, str]]:
    """Each backslash that escapes nothing: its index and the character after it."""
    for found in _ANY_ESCAPE.finditer(piece.text):
        if found[1] not in ESCAPABLE + "n":
            yield found.start(), found[1]
