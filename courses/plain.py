"""Sanitised HTML as plain text, block by block: for search and for places without markup."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

# What the renderer writes is well formed, so its tags can be told by a pattern; Python's own
# HTML parser takes twenty times as long over a library of courses.
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)((?:\s+[^\s=>\"]+(?:=\"[^\"]*\")?)*)\s*/?>")
_HEADING_ID = re.compile(r'\bid="([^"]*)"')
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BLOCKS = _HEADINGS | {
    *("p", "div", "blockquote", "pre", "ul", "ol", "li", "dl", "dt", "dd", "table", "thead"),
    *("tbody", "tr", "th", "td", "details", "summary", "hr", "br"),
}
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, kw_only=True)
class Block:
    """One paragraph, cell or heading; `anchor` is the id of the heading it stands under or is."""

    text: str
    heading: bool
    anchor: str | None


def text_blocks(html: str) -> Iterator[Block]:
    """The blocks of sanitised HTML that have text, in order, white space folded."""
    anchor: str | None = None
    heading = False
    parts: list[str] = []
    end = 0
    for tag in _TAG.finditer(html):
        parts.append(html[end : tag.start()])
        end = tag.end()
        name = tag[2].lower()
        if name not in _BLOCKS:
            continue
        yield from _block(parts, heading=heading, anchor=anchor)
        parts = []
        heading = name in _HEADINGS and not tag[1]
        if heading:
            named = _HEADING_ID.search(tag[3])
            anchor = unescape(named[1]) if named else anchor
    parts.append(html[end:])
    yield from _block(parts, heading=heading, anchor=anchor)


def plain_text(html: str) -> str:
    """Return all text of sanitised HTML in one line."""
    return " ".join(block.text for block in text_blocks(html))


def _block(parts: list[str], *, heading: bool, anchor: str | None) -> Iterator[Block]:
    text = _SPACE.sub(" ", unescape("".join(parts))).strip()
    if text:
        yield Block(text=text, heading=heading, anchor=anchor)
