"""Which construct of GIFT a text uses: the columns of the table in docs/gift.md.

`python tests/courses/gift_constructs.py` prints the table anew.
"""

import re
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

from courses.gift.model import (
    Choice,
    Choices,
    FreeText,
    Item,
    Marked,
    Matches,
    Numbers,
    Range,
    Truth,
    Words,
)
from courses.gift.parse import parse

FIXTURES = Path(__file__).parents[3] / "shared" / "data" / "gift"


def answers(item: Item) -> tuple[Choice | Range, ...]:
    match item.body:
        case Choices(choices=found) | Words(answers=found):
            return found
        case Numbers(answers=ranges):
            return ranges
        case _:
            return ()


def texts(item: Item) -> Iterator[Marked]:
    yield item.stem
    yield from (text for text in (item.general,) if text)
    for answer in answers(item):
        yield from (text for text in (getattr(answer, "text", None), answer.feedback) if text)
    if isinstance(item.body, Truth):
        both = (item.body.feedback_wrong, item.body.feedback_right)
        yield from (text for text in both if text)
    if isinstance(item.body, Matches):
        yield from (pair.left for pair in item.body.pairs)


def kind(of: type, *, several: bool | None = None) -> Callable[[Item], bool]:
    def has(item: Item) -> bool:
        fits = isinstance(item.body, of)
        return fits and (several is None or getattr(item.body, "several", None) is several)

    return has


def weighted(of: type) -> Callable[[Item], bool]:
    return lambda item: (
        isinstance(item.body, of) and any(a.percent is not None for a in answers(item))
    )


def ranged(test: Callable[[Decimal, Decimal], bool]) -> Callable[[Item], bool]:
    return lambda item: any(
        isinstance(a, Range) and a.low is not None and a.high is not None and test(a.low, a.high)
        for a in answers(item)
    )


def formatted(name: str) -> Callable[[Item], bool]:
    return lambda item: any(text.format == name for text in texts(item))


def has_feedback(item: Item) -> bool:
    truth = item.body if isinstance(item.body, Truth) else None
    both = (truth.feedback_wrong, truth.feedback_right) if truth else ()
    return any(both) or any(answer.feedback for answer in answers(item))


ITEM_CONSTRUCTS: dict[str, Callable[[Item], bool]] = {
    "single choice": kind(Choices, several=False),
    "single, part of the score": lambda i: kind(Choices, several=False)(i) and weighted(Choices)(i),
    "several choices, weights": kind(Choices, several=True),
    "true or false": kind(Truth),
    "number": kind(Numbers),
    "number with tolerance or range": ranged(lambda low, high: low < high),
    "numbers, part of the score": weighted(Numbers),
    "any other number": lambda i: any(isinstance(a, Range) and a.low is None for a in answers(i)),
    "short answer": kind(Words),
    "short answer, part of the score": weighted(Words),
    "matching": kind(Matches),
    "essay": kind(FreeText),
    "description": lambda item: item.body is None,
    "gap in the text": lambda item: item.tail is not None,
    "feedback per answer": has_feedback,
    "general feedback": lambda item: item.general is not None,
    "title": lambda item: item.key is not None,
    "[html]": formatted("html"),
    "[markdown]": formatted("markdown"),
    "[plain]": formatted("plain"),
    "[moodle]": formatted("moodle"),
    "id and tags in comments": lambda item: item.id is not None or bool(item.tags),
}
TEXT_CONSTRUCTS = {
    "category": re.compile(r"^\s*\$CATEGORY:", re.MULTILINE),
    "escapes": re.compile(r"\\[~=#{}:\\n]"),
    "comments": re.compile(r"^\s*//", re.MULTILINE),
}


def constructs(text: str) -> list[str]:
    """The constructs of a GIFT text, in the order of the columns."""
    items = parse(text).items
    found = [name for name, has in ITEM_CONSTRUCTS.items() if any(map(has, items))]
    return found + [name for name, pattern in TEXT_CONSTRUCTS.items() if pattern.search(text)]


def table(folder: Path = FIXTURES) -> str:
    """The table of docs/gift.md over the files of a folder."""
    rows = ["| file | questions | constructs |", "|---|---|---|"]
    for path in sorted(folder.glob("*.gift")):
        text = path.read_text(encoding="utf-8")
        count = len(parse(text).items)
        rows.append(f"| {path.name} | {count} | {', '.join(constructs(text))} |")
    return "\n".join(rows)


if __name__ == "__main__":
    sys.stdout.write(f"{table()}\n")
