"""A quiz as a page shows it: plain, final values; texts of a course are safe HTML (Markup)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from courses.course import Texts, pick
from portal.learning.rules import Problem

Fields = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Draft:
    """An attempt that was refused: its questions, what was filled in, what is wrong by key."""

    key: str
    asked: Sequence[str]
    values: Fields
    problems: Mapping[str, Problem]


@dataclass(frozen=True, slots=True)
class ChoiceRow:
    """One option; `tone` is "" | "right" | "wrong" | "missed" once answered."""

    value: str
    text: str
    chosen: bool
    tone: str = ""
    remark: str = ""
    feedback: str = ""


@dataclass(frozen=True, slots=True)
class RightSide:
    """One text that can be put to a left side."""

    value: str
    text: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class PairRow:
    """One left side of a matching question, with what can be put to it or what was."""

    field: str
    left: Markup
    options: tuple[RightSide, ...] = ()
    tone: str = ""
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """One question; `number` is None for what is not scored, `typed` for what is not typed in."""

    key: str
    number: int | None
    kind: str
    kind_text: str
    field: str
    stem: Markup
    choices: tuple[ChoiceRow, ...] = ()
    pairs: tuple[PairRow, ...] = ()
    typed: str | None = None
    lines: tuple[str, ...] = ()
    problem: str = ""
    verdict_text: str = ""
    verdict_tone: str = ""
    feedback: str = ""
    explanation: str = ""


@dataclass(frozen=True, slots=True)
class QuizSheet:
    """A quiz; `mode` is "answer", "result" or "key", `key` makes a repeated sending count once."""

    mode: str
    key: str
    questions: tuple[QuestionRow, ...]
    rule_text: str
    passed: bool
    language: str
    outcome_text: str = ""
    outcome_tone: str = ""
    stuck: bool = False  # answered more than once and not passed
    problem_count: int = 0
    right: int = 0  # different questions answered right so far
    needed: int = 0  # as many of them pass; 0 for who only looks


def html(texts: Texts, language: str) -> Markup:
    """Return a text of a course in the language, else in the source language."""
    return Markup(pick(texts, language))  # noqa: S704 – the course engine's sanitiser made it
