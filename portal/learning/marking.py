"""A question once answered: marks in colour, icon and words, and the reasons."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from markupsafe import Markup

from courses.course import (
    FULL_BPS,
    Essay,
    Matching,
    MultipleChoice,
    Numeric,
    Question,
    ShortAnswer,
    SingleChoice,
    Texts,
    TrueFalse,
    pick,
)
from courses.grade import Graded, Matched, Response, field_name, grade, parse_response
from portal.i18n import gettext as _
from portal.learning import asking
from portal.learning.sheets import ChoiceRow, Fields, PairRow, QuestionRow, html


def row(
    question: Question, *, number: int | None, language: str, seed: str, values: Fields
) -> QuestionRow:
    """Return a question as answered by `values`; without any, only its key is shown."""
    response = parse_response(question, values)
    graded = grade(question, response)
    verdict, tone = _verdict(graded)
    plain = asking.choices(question, language=language, seed=seed, response=response)
    typed = isinstance(question, Numeric | ShortAnswer | Essay)
    return QuestionRow(
        key=question.key,
        number=number,
        kind=question.kind,
        kind_text=asking.kind_text(question),
        field=field_name(question),
        stem=html(question.html, language),
        choices=tuple(_marked(question, each, language=language) for each in plain),
        pairs=_pairs(question, response=response, language=language),
        typed="" if typed else None,
        lines=tuple(_lines(question, values, language=language)),
        verdict_text=verdict,
        verdict_tone=tone,
        feedback=_joined(graded.feedback, language) if typed else "",
        explanation=html(question.explanation, language),
    )


def _verdict(graded: Graded) -> tuple[str, str]:
    if not graded.answered:
        return "", ""
    if graded.correct:
        return _("答对了"), "good"
    return (_("对了一部分"), "warn") if graded.score_bps else (_("没答对"), "bad")


def _joined(texts: Sequence[Texts], language: str) -> Markup:
    return Markup(" ").join(html(each, language) for each in texts)


def _marked(question: Question, choice: ChoiceRow, *, language: str) -> ChoiceRow:
    """Add to a choice whether it is right, in words too, and why."""
    match question:
        case SingleChoice(options=options) | MultipleChoice(options=options):
            option = options[int(choice.value)]
            several = isinstance(question, MultipleChoice)
            right = option.weight_bps > 0 if several else option.weight_bps == FULL_BPS
            feedback = html(option.feedback, language)
        case TrueFalse():
            several, right = False, question.answer is (choice.value == "true")
            given = question.feedback_right if right else question.feedback_wrong
            feedback = html(given, language)
        case _:
            return choice
    tone, remark = _tone(chosen=choice.chosen, right=right, several=several)
    return replace(choice, tone=tone, remark=remark, feedback=feedback)


def _tone(*, chosen: bool, right: bool, several: bool) -> tuple[str, str]:
    if chosen and right:
        return "right", _("选对了")
    if chosen:
        return "wrong", _("不该选") if several else _("选错了")
    if right:
        return "missed", _("该选这个") if several else _("正确答案")
    return "", ""


def _pairs(question: Question, *, response: Response, language: str) -> tuple[PairRow, ...]:
    if not isinstance(question, Matching):
        return ()
    rights = response.rights if isinstance(response, Matched) else ()
    rows = []
    for at, pair in enumerate(question.pairs):
        if any(pair.left.values()):
            place = rights[at] if at < len(rights) else None
            known = place is not None and place < len(question.pairs)
            put = question.pairs[place].right if place is not None and known else None
            tone, lines = _matched(put, pair.right, language)
            rows.append(PairRow(field="", left=html(pair.left, language), tone=tone, lines=lines))
    return tuple(rows)


def _matched(put: Texts | None, right: Texts, language: str) -> tuple[str, tuple[str, ...]]:
    wanted = pick(right, language)
    if put is None:
        return "missed", (_("应选：%(text)s", text=wanted),)
    if put == right:
        return "right", (_("选对了：%(text)s", text=wanted),)
    chosen = _("你选的：%(text)s", text=pick(put, language))
    return "wrong", (chosen, _("应选：%(text)s", text=wanted))


def _lines(question: Question, values: Fields, *, language: str) -> list[str]:
    """Return what was typed, and what would have been right."""
    if not isinstance(question, Numeric | ShortAnswer | Essay):
        return []
    typed = (values.get(field_name(question)) or ("",))[0]
    lines = [_("你写的：%(text)s", text=typed)] if typed else []
    match question:
        case Numeric():
            lines += _right_numbers(question)
        case ShortAnswer(answers=answers):
            right = [pick(a.text, language) for a in answers if a.weight_bps == FULL_BPS]
            shown = " / ".join(text.replace("*", "…") for text in right)
            lines.append(_("可以这样写：%(text)s", text=shown))
    return lines


def _right_numbers(question: Numeric) -> list[str]:
    lines = []
    for answer in question.answers:
        if answer.weight_bps != FULL_BPS or answer.low is None or answer.high is None:
            continue
        middle = _number((answer.low + answer.high) / 2)
        if answer.low == answer.high:
            lines.append(_("正确答案：%(number)s", number=middle))
        else:
            low, high = _number(answer.low), _number(answer.high)
            text = _(
                "正确答案：%(number)s（%(low)s 到 %(high)s 都算对）",
                number=middle,
                low=low,
                high=high,
            )
            lines.append(text)
    return lines


def _number(value: Decimal) -> str:
    """Return a number without the zeros that say nothing: 45.50 as 45.5, 1E+3 as 1000."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
