"""What a course is once its files are read: frozen values with sanitised HTML.

For the portal, which shows and stores these values, and for the rest of this package.
Knows neither files nor rendering nor learners. Texts are mappings from a language tag to
the text; `pick` chooses one and falls back to the source language.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import ClassVar

SOURCE_LANGUAGE = "zh-CN"
LANGUAGES = (SOURCE_LANGUAGE, "en")
FULL_BPS = 10_000

Texts = Mapping[str, str]


def pick(texts: Texts, language: str) -> str:
    """Return the text in `language`, else in the source language, else ''."""
    return texts.get(language) or texts.get(SOURCE_LANGUAGE, "")


@dataclass(frozen=True, kw_only=True)
class Option:
    """One choice of a question; `weight_bps` is its share of the score, negative for a penalty."""

    html: Texts
    weight_bps: int
    feedback: Texts


@dataclass(frozen=True, kw_only=True)
class NumericAnswer:
    """An accepted range, both ends included; both None catch any other number."""

    low: Decimal | None
    high: Decimal | None
    weight_bps: int
    feedback: Texts


@dataclass(frozen=True, kw_only=True)
class TextAnswer:
    """An accepted short answer as plain text; `*` in it stands for any text."""

    text: Texts
    weight_bps: int
    feedback: Texts


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A left side and the plain text that belongs to it; an empty left is a decoy on the right."""

    left: Texts
    right: Texts


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What all questions have: an immutable key, the hash of what is asked, stem, explanation.

    `hash` covers what decides the answer (kind, stem, options, weights) in the source language
    and leaves feedback and translations out: a better explanation does not make a new question.
    """

    kind: ClassVar[str] = ""
    scored: ClassVar[bool] = True

    key: str
    hash: str
    html: Texts
    explanation: Texts


@dataclass(frozen=True, kw_only=True)
class SingleChoice(Asked):
    """Exactly one option may be chosen; some may earn a part of the score."""

    kind: ClassVar[str] = "single"
    options: tuple[Option, ...]


@dataclass(frozen=True, kw_only=True)
class MultipleChoice(Asked):
    """Any number of options may be chosen; their weights add up, within 0 and the full score."""

    kind: ClassVar[str] = "multiple"
    options: tuple[Option, ...]


@dataclass(frozen=True, kw_only=True)
class TrueFalse(Asked):
    """A statement that holds or does not."""

    kind: ClassVar[str] = "true_false"
    answer: bool
    feedback_right: Texts
    feedback_wrong: Texts


@dataclass(frozen=True, kw_only=True)
class Numeric(Asked):
    """A number is typed in; the best matching range counts."""

    kind: ClassVar[str] = "numeric"
    answers: tuple[NumericAnswer, ...]


@dataclass(frozen=True, kw_only=True)
class ShortAnswer(Asked):
    """A few words are typed in; the best matching answer counts."""

    kind: ClassVar[str] = "short_answer"
    answers: tuple[TextAnswer, ...]


@dataclass(frozen=True, kw_only=True)
class Matching(Asked):
    """Each left side gets one of the right sides; every pair counts the same."""

    kind: ClassVar[str] = "matching"
    pairs: tuple[Pair, ...]


@dataclass(frozen=True, kw_only=True)
class Description(Asked):
    """A text between questions that asks nothing."""

    kind: ClassVar[str] = "description"
    scored: ClassVar[bool] = False


@dataclass(frozen=True, kw_only=True)
class Essay(Asked):
    """A free text that a person may read and no machine grades."""

    kind: ClassVar[str] = "essay"
    scored: ClassVar[bool] = False


Question = (
    SingleChoice
    | MultipleChoice
    | TrueFalse
    | Numeric
    | ShortAnswer
    | Matching
    | Description
    | Essay
)
QUESTION_TYPES: tuple[type[Question], ...] = (
    SingleChoice,
    MultipleChoice,
    TrueFalse,
    Numeric,
    ShortAnswer,
    Matching,
    Description,
    Essay,
)


@dataclass(frozen=True, kw_only=True)
class MOfN:
    """A quiz is passed when `m` different questions are right; `n` are asked at a time."""

    m: int
    n: int


@dataclass(frozen=True, kw_only=True)
class Quiz:
    """The questions of a lesson in the author's order, and what it takes to pass."""

    questions: tuple[Question, ...]
    rule: MOfN

    @cached_property
    def scored(self) -> tuple[Question, ...]:
        """The questions that earn a score: all but descriptions and essays."""
        return tuple(question for question in self.questions if question.scored)


@dataclass(frozen=True, kw_only=True)
class Check:
    """The figure of the shop's own orders that shows an action as done: one bound, the other None.

    The window runs from the day the action was taken on to its due day. The figures, their
    units and the bound that each may have are in measure.py.
    """

    measure: str
    at_least: int | None = None
    at_most: int | None = None


@dataclass(frozen=True, kw_only=True)
class Action:
    """What a lesson asks to do in the shop, closed by evidence within so many days.

    Without a `check` the dealer closes it with a picture or in their own words.
    """

    code: str
    text: Texts
    within_days: int
    check: Check | None = None


@dataclass(frozen=True, kw_only=True)
class Video:
    """A lesson's own film; `src` and `captions` are files under the course's assets/."""

    src: str
    seconds: int
    captions: Texts


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """One lesson; `id` is immutable and starts with the course's id, `order` is the file's number.

    `source_hash` covers the files of all languages, the quiz and the assets they use.
    `product` is the catalogue's code of the product that the lesson is about.
    """

    id: str
    order: int
    title: Texts
    html: Texts
    minutes: int
    kpi: tuple[str, ...]
    action: Action | None
    quiz: Quiz | None
    required: bool
    source_hash: str
    video: Video | None = None
    product: str | None = None

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that the lesson's text exists in, source language first."""
        return tuple(language for language in LANGUAGES if language in self.html)


@dataclass(frozen=True, kw_only=True)
class Course:
    """One version of a course; `version` is the hash of its manifest (see version.py).

    `pass_bps` is the share of required lessons that completes the course, 10000 for all.
    `after` are the courses to complete before this one.
    """

    id: str
    title: Texts
    summary: Texts
    level: int
    kpi: tuple[str, ...]
    order: int
    lessons: tuple[Lesson, ...]
    pass_bps: int
    certificate: bool
    owner: str
    review_by: date | None
    languages: tuple[str, ...]
    version: str
    after: tuple[str, ...] = ()

    @cached_property
    def minutes(self) -> int:
        """How long all lessons take together."""
        return sum(lesson.minutes for lesson in self.lessons)

    @cached_property
    def required_lessons(self) -> tuple[Lesson, ...]:
        """The lessons that count towards completion; all of them when none is marked required."""
        return tuple(lesson for lesson in self.lessons if lesson.required) or self.lessons

    def lesson(self, lesson_id: str) -> Lesson | None:
        """Return the lesson with this id, None when the course has no such lesson."""
        return next((lesson for lesson in self.lessons if lesson.id == lesson_id), None)

    def asked(self) -> Iterator[tuple[Lesson, Question]]:
        """Every question with the lesson it belongs to, in order."""
        for lesson in self.lessons:
            if lesson.quiz is not None:
                for question in lesson.quiz.questions:
                    yield lesson, question

    def question(self, key: str) -> tuple[Lesson, Question] | None:
        """Return the question with this key and its lesson, None when the course asks no such."""
        return next((found for found in self.asked() if found[1].key == key), None)
