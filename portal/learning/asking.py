"""A question to answer: its fields, with what was filled in before."""

from collections.abc import Mapping

from courses.course import (
    Essay,
    Matching,
    MultipleChoice,
    Numeric,
    Question,
    ShortAnswer,
    SingleChoice,
    TrueFalse,
    pick,
)
from courses.grade import Chosen, Matched, Replied, Response, field_name, parse_response
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.learning import rules
from portal.learning.rules import Problem
from portal.learning.sheets import ChoiceRow, Fields, PairRow, QuestionRow, RightSide, html

_KINDS: Mapping[str, str] = {
    "single": _l("单选"),
    "multiple": _l("多选"),
    "true_false": _l("判断"),
    "numeric": _l("填数字"),
    "short_answer": _l("填空"),
    "matching": _l("连线"),
    "essay": _l("写一写，不计分"),
}
_PROBLEMS: Mapping[Problem, str] = {
    Problem.MISSING: _l("这一题还没有答"),
    Problem.INCOMPLETE: _l("还有没选的，每一行都要选"),
    Problem.UNREADABLE: _l("没看懂这个答案，数字题请只填数字，例如 45"),
}


def kind_text(question: Question) -> str:
    """Return what kind of question it is, in the reader's words; "" for a mere text."""
    return str(_KINDS.get(question.kind, ""))


def problem_text(problem: Problem | None) -> str:
    """Return what is missing in an answer, "" when nothing is."""
    return str(_PROBLEMS[problem]) if problem else ""


def row(
    question: Question,
    *,
    number: int | None,
    language: str,
    seed: str,
    values: Fields,
    problem: Problem | None,
) -> QuestionRow:
    """Return a question with its fields; `seed` decides the order of what can be chosen."""
    response = parse_response(question, values)
    return QuestionRow(
        key=question.key,
        number=number,
        kind=question.kind,
        kind_text=kind_text(question),
        field=field_name(question),
        stem=html(question.html, language),
        choices=choices(question, language=language, seed=seed, response=response),
        pairs=_pairs(question, language=language, seed=seed, response=response),
        typed=_typed(question, values),
        problem=problem_text(problem),
    )


def choices(
    question: Question, *, language: str, seed: str, response: Response
) -> tuple[ChoiceRow, ...]:
    """Return what can be chosen; nothing for questions that are typed or matched."""
    match question:
        case SingleChoice(options=options) | MultipleChoice(options=options):
            chosen = response.options if isinstance(response, Chosen) else frozenset()
            return tuple(
                ChoiceRow(
                    value=str(place),
                    text=html(options[place].html, language),
                    chosen=place in chosen,
                )
                for place in rules.shuffled(len(options), seed=f"{seed}:{question.key}")
            )
        case TrueFalse():
            holds = response.holds if isinstance(response, Replied) else None
            return (
                ChoiceRow(value="true", text=_("说得对"), chosen=holds is True),
                ChoiceRow(value="false", text=_("说得不对"), chosen=holds is False),
            )
        case _:
            return ()


def _pairs(
    question: Question, *, language: str, seed: str, response: Response
) -> tuple[PairRow, ...]:
    if not isinstance(question, Matching):
        return ()
    chosen = response.rights if isinstance(response, Matched) else ()
    places = _right_places(question, language=language, seed=seed)
    rows = []
    for at, pair in enumerate(question.pairs):
        if any(pair.left.values()):
            taken = chosen[at] if at < len(chosen) else None
            rows.append(
                PairRow(
                    field=f"{field_name(question)}-{at}",
                    left=html(pair.left, language),
                    options=tuple(
                        RightSide(value=str(place), text=text, chosen=place == taken)
                        for place, text in places.items()
                    ),
                )
            )
    return tuple(rows)


def _right_places(question: Matching, *, language: str, seed: str) -> Mapping[int, str]:
    """Return the right sides by place, each text once, in an order that tells nothing."""
    texts: dict[str, int] = {}
    for place, pair in enumerate(question.pairs):
        texts.setdefault(pick(pair.right, language), place)
    by_place = [(place, text) for text, place in texts.items()]
    order = rules.shuffled(len(by_place), seed=f"{seed}:{question.key}")
    return dict(by_place[index] for index in order)


def _typed(question: Question, values: Fields) -> str | None:
    if not isinstance(question, Numeric | ShortAnswer | Essay):
        return None
    return (values.get(field_name(question)) or ("",))[0]
