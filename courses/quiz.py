"""Make course questions of GIFT items: texts rendered in all languages, weights in basis points."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Decimal
from html import escape
from typing import TypedDict

from courses.course import (
    FULL_BPS,
    SOURCE_LANGUAGE,
    Description,
    Essay,
    Matching,
    MultipleChoice,
    Numeric,
    NumericAnswer,
    Option,
    Pair,
    Question,
    ShortAnswer,
    SingleChoice,
    TextAnswer,
    Texts,
    TrueFalse,
)
from courses.gift.model import (
    Choice,
    Choices,
    FreeText,
    Item,
    Marked,
    Match,
    Matches,
    Numbers,
    Range,
    Truth,
    Words,
)
from courses.gift.write import to_gift
from courses.render import render, render_inline, sanitise

GAP = "_____"
_CLOSING = "，。！？；：、）,.!?;:)"

ByLanguage = Mapping[str, Item]
Renderer = Callable[[Marked, str | None, str], str]


class _Asked(TypedDict):
    """The fields that every question has."""

    key: str
    hash: str
    html: Texts
    explanation: Texts


class ShapeMismatchError(ValueError):
    """A translation asks another kind of question than its source; `shape` would have told."""

    def __init__(self, *, key: str | None) -> None:
        """Name the question."""
        super().__init__(f"the translations of {key} are of different kinds")


def question(items: ByLanguage) -> Question:
    """Return the course question of an item in all its languages, the source among them.

    The items have equal shapes (see `shape`) and a key.
    """
    source = items[SOURCE_LANGUAGE]
    asked = _Asked(
        key=source.key or "",
        hash=question_hash(source),
        html={language: _stem(item, language) for language, item in items.items()},
        explanation=_texts(items, lambda item: item.general, block),
    )
    if isinstance(source.body, Choices):
        kind = MultipleChoice if source.body.several else SingleChoice
        return kind(options=_options(items), **asked)
    return _unchosen(source, items, asked)


def question_hash(item: Item) -> str:
    """Return the SHA-256 of what is asked: feedback, explanation and category are left out."""
    body = item.body
    if isinstance(body, Choices):
        body = Choices(choices=tuple(replace(c, feedback=None) for c in body.choices))
    elif isinstance(body, Words):
        body = Words(answers=tuple(replace(a, feedback=None) for a in body.answers))
    elif isinstance(body, Numbers):
        body = Numbers(answers=tuple(replace(a, feedback=None) for a in body.answers))
    elif isinstance(body, Truth):
        body = Truth(holds=body.holds)
    bare = Item(key=item.key, stem=item.stem, body=body, tail=item.tail)
    return hashlib.sha256(to_gift([bare]).encode("utf-8", "surrogatepass")).hexdigest()


def shape(item: Item) -> tuple[object, ...]:
    """Return what a translation must share: key, kind, number of options, what is right."""
    body = item.body
    if isinstance(body, Choices):
        return item.key, "choices", tuple((c.right, _bps(c)) for c in body.choices)
    if isinstance(body, Words):
        return item.key, "words", tuple(_bps(answer) for answer in body.answers)
    if isinstance(body, Numbers):
        ranges = tuple((a.low, a.high, _bps(a)) for a in body.answers)
        return item.key, "numbers", ranges
    if isinstance(body, Truth):
        return item.key, "truth", body.holds
    if isinstance(body, Matches):
        return item.key, "matches", tuple(bool(p.left.text) for p in body.pairs)
    return item.key, type(body).__name__


def inline(text: Marked, inherited: str | None, language: str) -> str:
    """Return the HTML of a text that stands inside a line."""
    return _html(text, inherited, lambda source: render_inline(source, language=language))


def block(text: Marked, inherited: str | None, language: str) -> str:
    """Return the HTML of a text that stands by itself."""
    return _html(text, inherited, lambda source: render(source, language=language))


def _html(text: Marked, inherited: str | None, markdown: Callable[[str], str]) -> str:
    kind = text.format or inherited
    if kind == "html":
        return sanitise(text.text)
    if kind == "plain":
        return escape(text.text, quote=False).replace("\n", "<br>")
    # Moodle's own "auto format" has no twin here: an unmarked text is Markdown as in the lesson.
    return markdown(text.text)


def _stem(item: Item, language: str) -> str:
    text = item.stem.text
    if item.tail is not None:
        gap = GAP if item.stem.format in {"html", "plain"} else "\\_" * len(GAP)
        after = "" if item.tail[0] in _CLOSING else " "
        text = f"{text} {gap}{after}{item.tail}".strip()
    return block(replace(item.stem, text=text), None, language)


def _unchosen(source: Item, items: ByLanguage, asked: _Asked) -> Question:
    """Return a question whose answer is typed, matched or not asked at all."""
    match source.body:
        case Words():
            return ShortAnswer(answers=_words(items), **asked)
        case Numbers():
            return Numeric(answers=_numbers(items), **asked)
        case Matches():
            return Matching(pairs=_pairs(items), **asked)
        case Truth(holds=holds):
            return TrueFalse(
                answer=holds,
                feedback_right=_texts(items, lambda item: _truth(item).feedback_right, inline),
                feedback_wrong=_texts(items, lambda item: _truth(item).feedback_wrong, inline),
                **asked,
            )
        case FreeText():
            return Essay(**asked)
        case _:
            return Description(**asked)


def _options(items: ByLanguage) -> tuple[Option, ...]:
    return tuple(
        Option(
            html=_texts(items, _Nth(index).text, inline),
            weight_bps=_bps(choice),
            feedback=_texts(items, _Nth(index).feedback, inline),
        )
        for index, choice in enumerate(_answers(items[SOURCE_LANGUAGE]))
    )


def _words(items: ByLanguage) -> tuple[TextAnswer, ...]:
    return tuple(
        TextAnswer(
            text={language: _answers(item)[index].text.text for language, item in items.items()},
            weight_bps=_bps(answer),
            feedback=_texts(items, _Nth(index).feedback, inline),
        )
        for index, answer in enumerate(_answers(items[SOURCE_LANGUAGE]))
    )


def _numbers(items: ByLanguage) -> tuple[NumericAnswer, ...]:
    return tuple(
        NumericAnswer(
            low=answer.low,
            high=answer.high,
            weight_bps=_bps(answer),
            feedback=_texts(items, _Nth(index).range_feedback, inline),
        )
        for index, answer in enumerate(_ranges(items[SOURCE_LANGUAGE]))
    )


def _pairs(items: ByLanguage) -> tuple[Pair, ...]:
    return tuple(
        Pair(
            left=_texts(items, _Nth(index).left, inline),
            right={language: _matches(item)[index].right for language, item in items.items()},
        )
        for index in range(len(_matches(items[SOURCE_LANGUAGE])))
    )


@dataclass(frozen=True)
class _Nth:
    """Picks the same part of an item in every language: that of its nth answer."""

    index: int

    def text(self, item: Item) -> Marked:
        return _answers(item)[self.index].text

    def feedback(self, item: Item) -> Marked | None:
        return _answers(item)[self.index].feedback

    def range_feedback(self, item: Item) -> Marked | None:
        return _ranges(item)[self.index].feedback

    def left(self, item: Item) -> Marked:
        return _matches(item)[self.index].left


def _texts(items: ByLanguage, part: Callable[[Item], Marked | None], renderer: Renderer) -> Texts:
    """Render one part of an item in every language that has it."""
    return {
        language: renderer(text, item.stem.format, language)
        for language, item in items.items()
        if (text := part(item)) is not None
    }


def _answers(item: Item) -> Sequence[Choice]:
    match item.body:
        case Choices(choices=answers) | Words(answers=answers):
            return answers
        case _:
            raise ShapeMismatchError(key=item.key)


def _ranges(item: Item) -> Sequence[Range]:
    if isinstance(item.body, Numbers):
        return item.body.answers
    raise ShapeMismatchError(key=item.key)


def _matches(item: Item) -> Sequence[Match]:
    if isinstance(item.body, Matches):
        return item.body.pairs
    raise ShapeMismatchError(key=item.key)


def _truth(item: Item) -> Truth:
    if isinstance(item.body, Truth):
        return item.body
    raise ShapeMismatchError(key=item.key)


def _bps(answer: Choice | Range) -> int:
    if answer.percent is not None:
        # Half-even once: 33.33333 % is 3333; all right ones together are the full score.
        return int((answer.percent * 100).quantize(Decimal(1), rounding=ROUND_HALF_EVEN))
    return FULL_BPS if answer.right else 0
