"""Read what stands between the braces of a GIFT question."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from itertools import pairwise

from courses.finding import Finding, finding
from courses.gift.model import (
    Body,
    Choice,
    Choices,
    FreeText,
    Marked,
    Match,
    Matches,
    Numbers,
    Range,
    Truth,
    Words,
)
from courses.gift.scan import Lines, Piece, plain, split_format

_KEEPS_LINES = frozenset({"markdown", "html", "plain"})
_TRUTH = {"T": True, "TRUE": True, "F": False, "FALSE": False}
_WEIGHT = re.compile(r"\s*%([^%\n]*)%")
_NUMBER = r"([+\-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+\-]?\d{1,3})?)"
_RANGE = re.compile(rf"{_NUMBER}\s*\.\.\s*{_NUMBER}\Z")
_TOLERANCE = re.compile(rf"{_NUMBER}(?:\s*:\s*{_NUMBER})?\Z")
_WIDE = {"＝": "=", "～": "~", "＃": "#"}


@dataclass
class Reader:
    """Where a text's lines begin, and the remarks made so far."""

    lines: Lines
    findings: list[Finding] = field(default_factory=list)

    def remark(self, code: str, piece: Piece, index: int, **values: str) -> None:
        """Note a finding at an index of a piece."""
        line, column = self.lines.place(piece.at[index])
        self.findings.append(finding(code, line=line, column=column, **values))

    def marked(self, piece: Piece, kind: str | None, inherited: str | None = None) -> Marked:
        """Return the text of a piece whose format has been taken off already."""
        keeps = (kind or inherited) in _KEEPS_LINES
        return Marked(text=plain(piece.text, keeps_lines=keeps), format=kind)

    def text(self, piece: Piece, inherited: str | None) -> Marked | None:
        """Return the text of a piece that may begin with a format; None when it is empty."""
        kind, rest = split_format(piece)
        return self.marked(rest, kind, inherited) if rest.text else None


@dataclass(frozen=True)
class _Answer:
    """One answer cut into its parts, not yet read."""

    sign: str
    percent: Decimal | None
    value: Piece
    feedback: Piece | None


def read_answers(inside: Piece, reader: Reader, kind: str | None) -> Body | None:
    """Return the answers, None after an error. `kind` is the stem's format, which they inherit."""
    before = len(reader.findings)
    body = _read(inside.stripped(), reader, kind)
    errors = any(found.is_error for found in reader.findings[before:])
    return None if errors else body


def _read(inside: Piece, reader: Reader, kind: str | None) -> Body | None:
    if not inside.text:
        return FreeText()
    if inside.text.startswith("#"):
        return _numbers(inside.cut(1).stripped(), reader, kind)
    truth = _truth(inside, reader, kind)
    if truth is not None:
        return truth
    _remark_fullwidth(inside, reader)
    answers = _cut(inside, reader, bare=True)
    if answers and all(answer.sign == "=" for answer in answers):
        return _typed(answers, reader, kind)
    choices = tuple(_choices(answers, reader, kind))
    _remark_repeats(answers, choices, reader)
    _check_choices(choices, inside, reader)
    return Choices(choices=choices)


def _truth(inside: Piece, reader: Reader, kind: str | None) -> Truth | None:
    parts = list(_split(inside, "#"))
    holds = _TRUTH.get(parts[0].text.strip().upper())
    if holds is None:
        return None
    wrong, right = ([reader.text(part, kind) for part in parts[1:3]] + [None, None])[:2]
    return Truth(holds=holds, feedback_wrong=wrong, feedback_right=right)


def _typed(answers: list[_Answer], reader: Reader, kind: str | None) -> Body:
    arrows = [answer.value.find("->") for answer in answers]
    if all(arrow >= 0 for arrow in arrows):
        pairs = zip(answers, arrows, strict=True)
        return Matches(pairs=tuple(_match(answer, at, reader, kind) for answer, at in pairs))
    for answer, arrow in zip(answers, arrows, strict=True):
        if arrow >= 0:
            reader.remark("gift-half-matching", answer.value, arrow)
    choices = tuple(_choices(answers, reader, kind))
    if choices and all((choice.percent or Decimal(100)) < 0 for choice in choices):
        reader.remark("gift-no-right-answer", answers[0].value, 0)
    return Words(answers=choices)


def _match(answer: _Answer, arrow: int, reader: Reader, kind: str | None) -> Match:
    left_kind, left = split_format(answer.value.cut(0, arrow))
    right = answer.value.cut(arrow + 2).stripped()
    if not right.text:
        reader.remark("gift-empty-answer", answer.value, arrow, sign="->")
    return Match(
        left=reader.marked(left, left_kind, kind), right=plain(right.text, keeps_lines=False)
    )


def _choices(answers: list[_Answer], reader: Reader, kind: str | None) -> Iterator[Choice]:
    for answer in answers:
        line, column = reader.lines.place(answer.value.at[0])
        own, rest = split_format(answer.value)
        if not rest.text:
            reader.remark("gift-empty-answer", answer.value, 0, sign=answer.sign)
        yield Choice(
            text=reader.marked(rest, own, kind),
            right=answer.sign == "=",
            percent=answer.percent,
            feedback=reader.text(answer.feedback, kind) if answer.feedback else None,
            line=line,
            column=column,
        )


def _remark_repeats(answers: list[_Answer], choices: tuple[Choice, ...], reader: Reader) -> None:
    """Remark on an option that stands there twice: only one of them can be meant."""
    seen: set[str] = set()
    for answer, choice in zip(answers, choices, strict=True):
        text = " ".join(choice.text.text.split())
        if text and text in seen:
            reader.remark("gift-same-answer", answer.value, 0, value=text[:40])
        seen.add(text)


def _check_choices(choices: tuple[Choice, ...], inside: Piece, reader: Reader) -> None:
    if len(choices) == 1:
        reader.remark("gift-few-answers", inside, 0)
    if any(choice.right for choice in choices):
        return
    total = sum((max(choice.percent or Decimal(0), Decimal(0)) for choice in choices), Decimal(0))
    # 33.33333 three times is meant as 100, and so Moodle reads it.
    if choices and abs(total - 100) > Decimal("0.1"):
        reader.remark("gift-no-right-answer", inside, 0)


def _numbers(inside: Piece, reader: Reader, kind: str | None) -> Numbers:
    answers = _cut(inside, reader, bare=True)
    ranges = [found for answer in answers if (found := _range(answer, reader, kind))]
    if not any(found.right and found.low is not None for found in ranges):
        reader.remark("gift-no-right-answer", inside, 0)
    return Numbers(answers=tuple(ranges))


def _range(answer: _Answer, reader: Reader, kind: str | None) -> Range | None:
    value = answer.value.stripped()
    ends = _ends(value.text)
    if ends is None:
        reader.remark("gift-bad-number", value, 0, value=value.text[:40])
        return None
    if ends[0] is not None and ends[1] is not None and ends[0] > ends[1]:
        reader.remark("gift-range-reversed", value, 0, value=value.text[:40])
        return None
    return Range(
        low=ends[0],
        high=ends[1],
        right=answer.sign == "=",
        percent=answer.percent,
        feedback=reader.text(answer.feedback, kind) if answer.feedback else None,
    )


def _ends(text: str) -> tuple[Decimal | None, Decimal | None] | None:
    if text in {"", "*"}:
        return None, None
    if found := _RANGE.match(text):
        return Decimal(found[1]), Decimal(found[2])
    if found := _TOLERANCE.match(text):
        centre, tolerance = Decimal(found[1]), abs(Decimal(found[2] or 0))
        return centre - tolerance, centre + tolerance
    return None


def _cut(inside: Piece, reader: Reader, *, bare: bool) -> list[_Answer]:
    """Cut at `=` and `~`; a lone text without a sign is one right answer when `bare`."""
    starts = [index for index in inside.unescaped() if inside.text[index] in "=~"]
    if not starts and bare:
        return [_answer("=", inside, reader)]
    lead = inside.cut(0, starts[0]) if starts else inside
    if lead.text.strip():
        reader.remark("gift-text-outside-answers", lead.stripped(), 0)
    for index in starts[1:]:
        if not inside.text[index - 1].isspace():
            reader.remark("gift-inner-sign", inside, index, sign=inside.text[index])
    ends = [*starts, len(inside.text)]
    return [
        _answer(inside.text[start], inside.cut(start + 1, end), reader)
        for start, end in pairwise(ends)
    ]


def _answer(sign: str, piece: Piece, reader: Reader) -> _Answer:
    percent: Decimal | None = None
    if found := _WEIGHT.match(piece.text):
        percent = _percent(found[1])
        if percent is None:
            reader.remark("gift-bad-weight", piece, found.start(1) - 1, value=found[1])
        piece = piece.cut(found.end())
    mark = piece.find("#")
    if mark < 0:
        return _Answer(sign, percent, piece.stripped(), None)
    return _Answer(sign, percent, piece.cut(0, mark).stripped(), piece.cut(mark + 1))


def _percent(text: str) -> Decimal | None:
    try:
        percent = Decimal(text.strip())
    except InvalidOperation:
        return None
    return percent if percent.is_finite() and -100 <= percent <= 100 else None


def _split(piece: Piece, sign: str) -> Iterator[Piece]:
    start = 0
    while (end := piece.find(sign, start)) >= 0:
        yield piece.cut(start, end)
        start = end + len(sign)
    yield piece.cut(start)


def _remark_fullwidth(inside: Piece, reader: Reader) -> None:
    """Remark on `＃`, and on `＝` and `～` that begin a line, where only an answer can be meant."""
    begins_line = True
    for index in inside.unescaped():
        sign = inside.text[index]
        if sign == "＃" or (sign in _WIDE and begins_line):
            reader.remark("gift-fullwidth-sign", inside, index, sign=sign, ascii=_WIDE[sign])
        begins_line = sign == "\n" or (begins_line and sign.isspace())
