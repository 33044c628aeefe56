"""Chinese copywriting rules on Markdown and GIFT lines: spaces, punctuation, widths.

What is no prose (code, addresses, GIFT signs, dates) is masked first and keeps its length, so
that columns stay true and nothing is joined that did not stand together.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

HAN = "\u3400-\u4dbf\u4e00-\u9fff"
MASK = "\0"
_HAN = re.compile(f"[{HAN}]")
_FENCE = re.compile(r"\s*(`{3,}|~{3,})")
_CODE = re.compile(r"`[^`]*`")
_NO_PROSE = re.compile(
    r"\]\([^)]*\)|<[^<>\s]+>|https?://[^\s，。；）]+"  # addresses
    r"|\[\^[^\]]*\]:?"  # footnotes
    r"|^\s*(?:!!!|\?\?\?\+?|///)\s*[\w|\- ]*"  # callouts
    r"|\d{4}年(?:\d{1,2}月(?:\d{1,2}日)?)?|\d{1,2}月\d{1,2}日"  # dates
    r"|月GMV"  # the product's own word
)
_CLOSING_QUOTE = re.compile(r"^\s*(?:!!!|\?\?\?).*(\")\s*$")
_GIFT_SIGNS = re.compile(r"::[^:]+::|%-?[\d.]+%|\\[~=#{}:\\n]|[=~#]+|[{}]|->|\[\w+\]")
_ENDS = "，。！？；：、"

_RULES = (
    ("zh-space", re.compile(f"[{HAN}][A-Za-z0-9]|[A-Za-z0-9%][{HAN}]")),
    (
        "zh-punctuation",
        re.compile(
            f"[{HAN}][,;:?]|[{HAN}]!(?![\\[!])|[{HAN}]\\.(?=\\s|$|[{HAN}])"
            f'|[{HAN}] ?\\(|\\)[{HAN}]|"[{HAN}]|[{HAN}]"'
        ),
    ),
    ("zh-repeated", re.compile(f"([{_ENDS}])\\1+|[{HAN}]([!?])\\2+")),
    ("zh-fullwidth", re.compile("[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]+")),
    (
        "zh-punctuation-space",
        re.compile(f"[{_ENDS}] +(?=[^\\s|{MASK}])|(?<=[^\\s|{MASK}]) +[{_ENDS}]"),
    ),
)


@dataclass(frozen=True, kw_only=True)
class Slip:
    """A place where a rule is broken: `code` of the remark, line and column from 1, the text."""

    code: str
    line: int
    column: int
    text: str


def slips(text: str, *, gift: bool = False) -> Iterator[Slip]:
    """Find what breaks the rules in a text of several lines; `gift` for the lines of a quiz."""
    for number, line in enumerate(masked(text, gift=gift), 1):
        for code, pattern in _RULES:
            for found in pattern.finditer(line):
                yield Slip(code=code, line=number, column=found.start() + 1, text=found[0])


def count_han(text: str) -> int:
    """Return the number of Chinese characters of the prose in a text."""
    return sum(len(_HAN.findall(line)) for line in masked(text))


def masked(text: str, *, gift: bool = False) -> Iterator[str]:
    """The lines of a text with everything masked that is no prose; lines keep their length."""
    for line in without_code(text):
        plain = _CLOSING_QUOTE.sub(lambda found: found[0].replace('"', MASK), line)
        plain = _NO_PROSE.sub(_hide, plain)
        yield _GIFT_SIGNS.sub(_hide, plain) if gift else plain


def without_code(text: str) -> Iterator[str]:
    """The lines of a text with fenced and inline code masked; lines keep their length."""
    fence = ""
    for line in text.split("\n"):
        mark = _FENCE.match(line)
        if fence or mark:
            yield MASK * len(line)
            fence = _after(line, fence, mark[1] if mark else "")
        else:
            yield _CODE.sub(_hide, line)


def _after(line: str, fence: str, mark: str) -> str:
    """Return the fence that is open after this line, '' when none is."""
    if not fence:
        return mark
    closes = mark.startswith(fence) and not line.strip().strip(fence[0])
    return "" if closes else fence


def _hide(found: re.Match[str]) -> str:
    return MASK * len(found[0])
