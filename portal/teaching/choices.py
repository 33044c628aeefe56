"""What learners chose or typed in their first answer to a question, counted."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from courses.course import (
    FULL_BPS,
    Matching,
    MultipleChoice,
    Numeric,
    Question,
    ShortAnswer,
    SingleChoice,
    TrueFalse,
    pick,
)
from courses.grade import field_name, grade, parse_response
from portal.i18n import gettext as _
from portal.learning import sheets

Given = Sequence[Mapping[str, Sequence[str]]]
TYPED_SHOWN = 6
TYPED_BY = 2  # what only one person typed may tell who it was


@dataclass(frozen=True, slots=True)
class Chosen:
    """One option, or one thing that was typed: by how many first answers of how many."""

    text: Markup | str
    count: int
    percent: int
    right: bool


def of(question: Question, given: Given, *, language: str) -> Sequence[Chosen]:
    """Return what was chosen; options in the author's order, typed answers by how often."""
    match question:
        case SingleChoice() | MultipleChoice():
            return list(_options(question, given, language))
        case TrueFalse():
            return list(_truth(question, given))
        case Numeric() | ShortAnswer():
            return list(_typed(question, given))
        case Matching():
            return list(_pairs(question, given, language))
        case _:
            return ()


def _chosen(text: Any, count: int, of_all: int, *, right: bool) -> Chosen:
    return Chosen(text, count, round(100 * count / of_all) if of_all else 0, right)


def _values(question: Question, given: Given) -> Counter[str]:
    name = field_name(question)
    return Counter(value for fields in given for value in fields.get(name, ()))


def _options(
    question: SingleChoice | MultipleChoice, given: Given, language: str
) -> Iterator[Chosen]:
    counts = _values(question, given)
    several = isinstance(question, MultipleChoice)
    for place, option in enumerate(question.options):
        right = option.weight_bps > 0 if several else option.weight_bps == FULL_BPS
        text = sheets.html(option.html, language)
        yield _chosen(text, counts[str(place)], len(given), right=right)


def _truth(question: TrueFalse, given: Given) -> Iterator[Chosen]:
    counts = _values(question, given)
    for holds, text in ((True, _("对")), (False, _("错"))):
        count = counts["true" if holds else "false"]
        yield _chosen(str(text), count, len(given), right=question.answer is holds)


def _typed(question: Numeric | ShortAnswer, given: Given) -> Iterator[Chosen]:
    counts = Counter(
        {text: count for text, count in _values(question, given).items() if count >= TYPED_BY}
    )
    shown = sorted(counts.items(), key=lambda each: (-each[1], each[0]))[:TYPED_SHOWN]
    for text, count in shown:
        response = parse_response(question, {field_name(question): [text]})
        right = grade(question, response).correct
        yield _chosen(text, count, len(given), right=right)
    rest = len(given) - sum(count for _text, count in shown)
    if rest > 0:
        yield _chosen(str(_("其他写法")), rest, len(given), right=False)


def _pairs(question: Matching, given: Given, language: str) -> Iterator[Chosen]:
    name = field_name(question)
    for place, pair in enumerate(question.pairs):
        if not any(pair.left.values()):
            continue
        hits = sum(_is_matched(question, place, fields.get(f"{name}-{place}")) for fields in given)
        text = Markup("{} → {}").format(
            sheets.html(pair.left, language), pick(pair.right, language)
        )
        yield _chosen(text, hits, len(given), right=True)


def _is_matched(question: Matching, place: int, put: Sequence[str] | None) -> bool:
    """Tell whether the text put to a left side is its own; two sides may share one text."""
    if not put or not put[0].isdigit() or int(put[0]) >= len(question.pairs):
        return False
    return question.pairs[int(put[0])].right == question.pairs[place].right
