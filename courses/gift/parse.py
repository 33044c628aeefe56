"""Read GIFT: questions with their place, and remarks that say how to put mistakes right.

A mistake never hides the questions after it. What Moodle accepts is accepted; what Moodle
would silently take for something else (full-width braces, a missing blank line) is a remark.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from courses.finding import Finding, finding, in_order
from courses.gift.answers import Reader, read_answers
from courses.gift.model import Body, Item, Marked
from courses.gift.scan import (
    Block,
    Lines,
    Piece,
    blocks,
    joined,
    plain,
    split_format,
    unknown_escapes,
)

MAX_CHARS = 200_000
FULLWIDTH = {"｛": "{", "｝": "}", "＝": "=", "～": "~", "＃": "#", "：：": "::"}
_CATEGORY = re.compile(r"\s*\$CATEGORY:[ \t]*(.*)")
_ID = re.compile(r"\[id:\s*([^\[\]]+?)\s*\]")
_TAG = re.compile(r"\[tag:\s*([^\[\]]+?)\s*\]")
_NEXT_QUESTION = re.compile(r"\n\s*::")
GAP = "_____"


@dataclass(frozen=True, kw_only=True)
class Parsed:
    """The questions that could be read, in order, and every remark."""

    items: tuple[Item, ...]
    findings: tuple[Finding, ...]

    @property
    def has_errors(self) -> bool:
        """Whether a remark keeps the text from being used."""
        return any(found.is_error for found in self.findings)


def parse(text: str) -> Parsed:
    """Read a GIFT text. Remarks have lines and columns of `text`, and no file."""
    if len(text) > MAX_CHARS:
        size = finding("gift-too-large", line=1, value=len(text), limit=MAX_CHARS)
        return Parsed(items=(), findings=(size,))
    source = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    reader = Reader(Lines.of(source))
    items: list[Item] = []
    category: str | None = None
    for block in _whole(list(blocks(source)), reader):
        named, rest = _category(block.piece)
        category = category if named is None else named
        if rest.text.strip():
            items.extend(_question(Block(rest, block.comments), category, reader))
    return Parsed(items=tuple(items), findings=in_order(reader.findings))


def _whole(found: list[Block], reader: Reader) -> Iterator[Block]:
    """Join blocks that blank lines inside the braces have torn apart, with a remark."""
    index = 0
    while index < len(found):
        block = found[index]
        end = _closing(found, index)
        for torn in found[index + 1 : end + 1]:
            reader.remark("gift-blank-line-in-answers", block.piece, len(block.piece.text))
            comments = (*block.comments, *torn.comments)
            block = Block(joined(block.piece, torn.piece), comments)
        yield block
        index = end + 1


def _closing(found: list[Block], index: int) -> int:
    """Return the index of the block that closes the braces of this one: its own as a rule."""
    if not _is_open(found[index].piece):
        return index
    for later in range(index + 1, len(found)):
        piece = found[later].piece
        if piece.find("{") >= 0 or piece.text.lstrip().startswith("::"):
            return index
        if piece.find("}") >= 0:
            return later
    return index


def _is_open(piece: Piece) -> bool:
    start = piece.find("{")
    return start >= 0 and piece.find("}", start) < 0


def _category(piece: Piece) -> tuple[str | None, Piece]:
    found = _CATEGORY.match(piece.text)
    if found is None:
        return None, piece
    return found.group(1).strip(), piece.cut(found.end())


def _question(block: Block, category: str | None, reader: Reader) -> Iterator[Item]:
    """Read one block; nothing comes out when it has a mistake that leaves no question."""
    piece = block.piece.stripped()
    for index, sign in unknown_escapes(piece):
        reader.remark("gift-unknown-escape", piece, index, sign=sign)
    key, rest = _key(piece, reader)
    parts = _parts(rest, reader)
    if parts is None:
        return
    before, inside, after = parts
    kind, stem = split_format(before)
    body, general = _body(inside, reader, kind)
    if inside is not None and body is None:
        return
    line, column = reader.lines.place(piece.at[0])
    comments = " ".join(block.comments)
    known = _ID.search(comments)
    yield Item(
        key=key,
        stem=reader.marked(stem, kind),
        body=body,
        tail=_tail(after, kind),
        general=general,
        category=category,
        id=known.group(1) if known else None,
        tags=tuple(_TAG.findall(comments)),
        line=line,
        column=column,
    )


def _key(piece: Piece, reader: Reader) -> tuple[str | None, Piece]:
    if piece.text.startswith("：："):
        reader.remark("gift-fullwidth-sign", piece, 0, sign="：：", ascii="::")
    if not piece.text.startswith("::"):
        return None, piece
    end = piece.find("::", 2)
    if end < 0:
        reader.remark("gift-unclosed-title", piece, 0)
        return None, piece
    while piece.text.startswith(":", end + 2):
        end += 1
    return plain(piece.cut(2, end).text.strip(), keeps_lines=False), piece.cut(end + 2)


def _parts(piece: Piece, reader: Reader) -> tuple[Piece, Piece | None, Piece | None] | None:
    """Cut a question at its braces; None after an error that leaves nothing to read."""
    start, end = piece.find("{"), piece.find("}")
    wide = _fullwidth_braces(piece, reader, balanced=start >= 0 and end > start)
    if start < 0 and end < 0:
        return None if wide else (piece, None, None)
    if end < 0:
        if not wide:
            reader.remark("gift-unclosed-brace", piece, start)
        return None
    if start < 0 or end < start:
        reader.remark("gift-stray-brace", piece, end)
        return None
    after = piece.cut(end + 1)
    following = _NEXT_QUESTION.search(after.text)
    if after.find("{") >= 0 or following:
        place = following.end() - 2 if following else after.find("{")
        reader.remark("gift-missing-blank-line", after, place)
        return None
    stray = after.find("}")
    if stray >= 0:
        reader.remark("gift-stray-brace", after, stray)
        return None
    return piece.cut(0, start), piece.cut(start + 1, end), after


def _fullwidth_braces(piece: Piece, reader: Reader, *, balanced: bool) -> bool:
    """Remark on full-width braces where ASCII ones are missing; say whether there were any."""
    if balanced:
        return False
    found = [index for index in piece.unescaped() if piece.text[index] in "｛｝"]
    for index in found:
        sign = piece.text[index]
        reader.remark("gift-fullwidth-brace", piece, index, sign=sign, ascii=FULLWIDTH[sign])
    return bool(found)


def _body(
    inside: Piece | None, reader: Reader, kind: str | None
) -> tuple[Body | None, Marked | None]:
    if inside is None:
        return None, None
    start = inside.find("####")
    general = None
    if start >= 0:
        general = reader.text(inside.cut(start + 4), kind)
        inside = inside.cut(0, start)
    return read_answers(inside, reader, kind), general


def _tail(after: Piece | None, kind: str | None) -> str | None:
    """Return what follows the answers, so that the gap stands where the author put it."""
    if after is None or not after.text.strip():
        return None
    return plain(after.stripped().text, keeps_lines=kind in {"markdown", "html", "plain"})
