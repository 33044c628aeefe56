"""Write questions as GIFT that reads back as the same questions."""

from collections.abc import Iterable
from decimal import Decimal

from courses.gift.model import (
    Body,
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
from courses.gift.scan import escaped


def to_gift(items: Iterable[Item]) -> str:
    """Return the questions as one GIFT text, ready for Moodle or a ```gift block."""
    written: list[str] = []
    category: str | None = None
    for item in items:
        if item.category is not None and item.category != category:
            category = item.category
            written.append(f"$CATEGORY: {category}\n")
        written.append(_item(item))
    return "\n".join(written)


def _item(item: Item) -> str:
    known = f"[id:{item.id}]" if item.id is not None else ""
    marks = " ".join([*([known] if known else []), *(f"[tag:{tag}]" for tag in item.tags)])
    comment = f"// {marks}\n" if marks else ""
    key = f"::{escaped(item.key)}:: " if item.key is not None else ""
    body = "" if item.body is None else f"{{{_inside(item.body, item.general)}}}"
    tail = f" {escaped(item.tail)}" if item.tail is not None else ""
    return f"{comment}{key}{_marked(item.stem)} {body}{tail}\n"


def _marked(text: Marked) -> str:
    return f"[{text.format}]{escaped(text.text)}" if text.format else escaped(text.text)


def _inside(body: Body, general: Marked | None) -> str:
    lines = "".join(_lines(body))
    if general is None:
        return lines
    # A blank line would end the question.
    apart = "" if lines.endswith("\n") else "\n"
    return f"{lines}{apart}####{_marked(general)}\n"


def _lines(body: Body) -> list[str]:
    match body:
        case Choices(choices=choices) | Words(answers=choices):
            return ["\n", *(_choice(choice) for choice in choices)]
        case Numbers(answers=answers):
            return ["#\n", *(_number(answer) for answer in answers)]
        case Matches(pairs=pairs):
            return ["\n", *(f"={_marked(p.left)} -> {escaped(p.right)}\n" for p in pairs)]
        case Truth():
            return [_truth(body)]
        case FreeText():
            return []


def _choice(choice: Choice) -> str:
    sign = "=" if choice.right else "~"
    return f"{sign}{_percent(choice.percent)}{_marked(choice.text)}{_feedback(choice.feedback)}\n"


def _number(answer: Range) -> str:
    sign = "=" if answer.right else "~"
    value = "" if answer.low is None else f"{answer.low}..{answer.high}"
    return f"{sign}{_percent(answer.percent)}{value}{_feedback(answer.feedback)}\n"


def _truth(truth: Truth) -> str:
    wrong, right = truth.feedback_wrong, truth.feedback_right
    first = f"#{_marked(wrong)}" if wrong is not None else ("# " if right is not None else "")
    second = f"#{_marked(right)}" if right is not None else ""
    return f"{'TRUE' if truth.holds else 'FALSE'}{first}{second}"


def _percent(percent: Decimal | None) -> str:
    return "" if percent is None else f"%{percent}%"


def _feedback(feedback: Marked | None) -> str:
    return "" if feedback is None else f"#{_marked(feedback)}"
