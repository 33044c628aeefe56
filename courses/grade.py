"""Grade one response to one question: a pure function that no response can make fail.

A response comes from a form that anyone can forge, so whatever does not fit counts as an
answer that is not right, never as an error.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TypeGuard

from courses.course import (
    FULL_BPS,
    Matching,
    MultipleChoice,
    Numeric,
    NumericAnswer,
    Question,
    ShortAnswer,
    SingleChoice,
    TextAnswer,
    Texts,
    TrueFalse,
)

MAX_TYPED_CHARS = 500
_NUMBER = re.compile(r"[+\-]?(?:\d{1,30}(?:\.\d{0,30})?|\.\d{1,30})\Z", re.ASCII)
_THOUSANDS = re.compile(r"[+\-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?\Z", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """The options chosen, by their place in the question, from 0."""

    options: frozenset[int]


@dataclass(frozen=True, kw_only=True)
class Replied:
    """Whether a statement was said to hold."""

    holds: bool


@dataclass(frozen=True, kw_only=True)
class Typed:
    """A number or a few words, as typed."""

    text: str


@dataclass(frozen=True, kw_only=True)
class Matched:
    """For each pair the place of the right side that was put to its left side; None for none."""

    rights: tuple[int | None, ...]


Response = Chosen | Replied | Typed | Matched | None


@dataclass(frozen=True, kw_only=True)
class Graded:
    """The outcome: `score_bps` from 0 to 10000, feedback for what was answered, explanation.

    `scored` is False for descriptions and essays, whose score is 0 and means nothing;
    `answered` is False when there was no usable response.
    """

    key: str
    scored: bool
    answered: bool
    score_bps: int
    correct: bool
    feedback: tuple[Texts, ...]
    explanation: Texts


@dataclass(frozen=True)
class _Outcome:
    answered: bool
    score_bps: int = 0
    feedback: tuple[Texts, ...] = ()


_UNANSWERED = _Outcome(answered=False)


def field_name(question: Question) -> str:
    """Return the name of a question's form field; a matching question adds `-0`, `-1`, …"""
    return f"q-{question.key}"


def parse_response(question: Question, values: Mapping[str, Sequence[str]]) -> Response:
    """Return the response in a form's values, None when there is none that fits the question.

    `values` maps field names to all values sent, as `request.form.to_dict(flat=False)` does.
    Options and right sides are sent as their place from 0, a statement as "true" or "false".
    """
    name = field_name(question)
    sent = [value for value in values.get(name, ()) if isinstance(value, str)]
    match question:
        case SingleChoice() | MultipleChoice():
            places = frozenset(place for place in map(_place, sent) if place is not None)
            return Chosen(options=places) if places else None
        case TrueFalse():
            return Replied(holds=sent[0] == "true") if sent[:1] in (["true"], ["false"]) else None
        case Numeric() | ShortAnswer():
            text = sent[0].strip()[:MAX_TYPED_CHARS] if sent else ""
            return Typed(text=text) if text else None
        case Matching(pairs=pairs):
            return _parse_matched([values.get(f"{name}-{at}", ()) for at in range(len(pairs))])
        case _:
            return None


def _parse_matched(sent: Iterable[Sequence[str]]) -> Matched | None:
    rights = tuple(_place(values[0]) if values else None for values in sent)
    return Matched(rights=rights) if any(right is not None for right in rights) else None


def _place(value: object) -> int | None:
    """Return a place from 0 to 999, None for anything else."""
    known = isinstance(value, str) and re.fullmatch(r"[0-9]{1,3}", value)
    return int(value) if known and isinstance(value, str) else None


def grade(question: Question, response: object) -> Graded:
    """Return what a response earns; anything that is no response to this question earns 0."""
    outcome = _outcome(question, response)
    score_bps = min(FULL_BPS, max(0, outcome.score_bps))
    return Graded(
        key=question.key,
        scored=question.scored,
        answered=outcome.answered,
        score_bps=score_bps,
        correct=question.scored and score_bps == FULL_BPS,
        feedback=tuple(feedback for feedback in outcome.feedback if feedback),
        explanation=question.explanation,
    )


def _outcome(question: Question, response: object) -> _Outcome:
    match question, response:
        case SingleChoice(), Chosen():
            return _single(question, response)
        case MultipleChoice(), Chosen():
            return _multiple(question, response)
        case TrueFalse(), Replied():
            return _statement(question, response)
        case Matching(), Matched():
            return _matching(question, response)
        case _, Typed(text=text):
            return _typed(question, text)
        case _:
            return _UNANSWERED


def _typed(question: Question, text: str) -> _Outcome:
    match question:
        case Numeric(answers=answers):
            return _numeric(answers, text)
        case ShortAnswer(answers=words):
            return _words(words, text)
        case _:
            return _UNANSWERED


def _statement(question: TrueFalse, response: Replied) -> _Outcome:
    if response.holds is question.answer:
        return _Outcome(True, FULL_BPS, (question.feedback_right,))
    return _Outcome(True, 0, (question.feedback_wrong,))


def _single(question: SingleChoice, response: Chosen) -> _Outcome:
    # Two options of a single choice can only be forged; neither then counts.
    if len(response.options) != 1:
        return _UNANSWERED
    (place,) = response.options
    if not _within(place, question.options):
        return _UNANSWERED
    option = question.options[place]
    return _Outcome(True, option.weight_bps, (option.feedback,))


def _multiple(question: MultipleChoice, response: Chosen) -> _Outcome:
    chosen = frozenset(place for place in response.options if _within(place, question.options))
    if not chosen:
        return _UNANSWERED
    feedback = tuple(question.options[place].feedback for place in sorted(chosen))
    right = {at for at, option in enumerate(question.options) if option.weight_bps > 0}
    if chosen == right:
        # Thirds do not add up to the full score in basis points, but all of them are all.
        return _Outcome(True, FULL_BPS, feedback)
    score = sum(question.options[place].weight_bps for place in chosen)
    # With a wrong or a missing option it is not all right, whatever the weights say.
    return _Outcome(True, min(score, FULL_BPS - 1), feedback)


def _numeric(answers: tuple[NumericAnswer, ...], text: str) -> _Outcome:
    number = read_number(text)
    if number is None:
        return _UNANSWERED
    return _best(answer for answer in answers if _in_range(answer, number))


def _in_range(answer: NumericAnswer, number: Decimal) -> bool:
    if answer.low is None or answer.high is None:
        return True
    return answer.low <= number <= answer.high


def _words(answers: tuple[TextAnswer, ...], text: str) -> _Outcome:
    given = _folded(text)
    if not given:
        return _UNANSWERED
    return _best(
        answer
        for answer in answers
        if any(_matches(pattern, given) for pattern in answer.text.values())
    )


def _best(answers: Iterable[NumericAnswer | TextAnswer]) -> _Outcome:
    """The answer that earns most counts; the first one among equals gives the feedback."""
    best = max(answers, key=lambda answer: answer.weight_bps, default=None)
    if best is None:
        return _Outcome(True)
    return _Outcome(True, best.weight_bps, (best.feedback,))


def _matching(question: Matching, response: Matched) -> _Outcome:
    """Every left side counts the same; equal right sides may stand in for each other."""
    asked = [at for at, pair in enumerate(question.pairs) if any(pair.left.values())]
    given = [_right(question, response, at) for at in asked]
    if not any(right is not None for right in given):
        return _UNANSWERED
    hits = sum(question.pairs[at].right == right for at, right in zip(asked, given, strict=True))
    return _Outcome(True, FULL_BPS * hits // len(asked))


def _right(question: Matching, response: Matched, at: int) -> Texts | None:
    place = response.rights[at] if at < len(response.rights) else None
    return question.pairs[place].right if _within(place, question.pairs) else None


def _within(place: object, items: Sequence[object]) -> TypeGuard[int]:
    return type(place) is int and 0 <= place < len(items)


def read_number(text: str) -> Decimal | None:
    """Return the number typed, None when it is none; full-width digits and "1,200" are fine."""
    folded = unicodedata.normalize("NFKC", text[:MAX_TYPED_CHARS]).strip()
    folded = folded.removesuffix("%").strip().replace("\N{MINUS SIGN}", "-")
    if _THOUSANDS.match(folded):
        folded = folded.replace(",", "")
    if not _NUMBER.match(folded):
        return None
    try:
        return Decimal(folded)
    except InvalidOperation:
        return None


def _folded(text: str) -> str:
    """Return words without what a phone's keyboard changes: case, width, spaces, a full stop."""
    folded = unicodedata.normalize("NFKC", text[:MAX_TYPED_CHARS]).casefold()
    return " ".join(folded.split()).rstrip("。.!?")


def _matches(pattern: str, given: str) -> bool:
    """Compare with an accepted answer, in which `*` stands for any text, part by part."""
    parts = [_folded(part) for part in pattern.split("*")]
    if len(parts) == 1:
        return parts[0] == given
    first, *middle, last = parts
    if not (given.startswith(first) and given.endswith(last)):
        return False
    rest = given[len(first) : max(len(first), len(given) - len(last))]
    if len(given) < len(first) + len(last):
        return False
    return _in_turn(middle, rest)


def _in_turn(parts: Sequence[str], text: str) -> bool:
    start = 0
    for part in parts:
        found = text.find(part, start)
        if found < 0:
            return False
        start = found + len(part)
    return True
