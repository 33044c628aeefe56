"""The quiz of a lesson for one reader: which questions, in which mode, and what is said of it."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from courses.course import FULL_BPS, SOURCE_LANGUAGE, Lesson, Question, Quiz
from courses.progress import LessonProgress
from portal.i18n import gettext as _
from portal.learning import asking, marking, rules
from portal.learning.journal import EventRow
from portal.learning.rules import Problem
from portal.learning.sheets import Draft, Fields, QuestionRow, QuizSheet

_KEY_BYTES = 16


def key_sheet(lesson: Lesson, *, language: str) -> QuizSheet | None:
    """Return the quiz with its right answers, for those who only look; None without a quiz."""
    if lesson.quiz is None:
        return None
    questions = lesson.quiz.questions
    return QuizSheet(
        mode="key",
        key="",
        questions=_answered(questions, {}, language=language, seed=lesson.id),
        rule_text=_rule_text(lesson.quiz),
        passed=False,
        language=_language(lesson, language),
    )


def sheet(
    lesson: Lesson,
    *,
    language: str,
    learner: str,
    progress: LessonProgress,
    attempts: Sequence[EventRow],
    again: bool,
    draft: Draft | None,
) -> QuizSheet | None:
    """Return the quiz for a learner: to answer (anew), or as answered last; None without one.

    `learner` is anything that differs between learners: the order of options depends on it.
    """
    if lesson.quiz is None:
        return None
    if attempts and not again and draft is None:
        return _result(lesson, lesson.quiz, language, learner, progress, attempts)
    right = frozenset() if progress.passed else frozenset(progress.correct)
    asked = rules.to_ask(quiz=lesson.quiz, right=right, attempts=len(attempts))
    values: Fields = {}
    problems: Mapping[str, Problem] = {}
    if draft is not None:
        # What was asked then is asked now, even if another tab has moved the quiz on.
        asked = tuple(q for q in lesson.quiz.questions if not q.scored or q.key in draft.asked)
        values, problems = draft.values, draft.problems
    seed = f"{learner}:{len(attempts)}"
    return QuizSheet(
        mode="answer",
        key=draft.key if draft else secrets.token_urlsafe(_KEY_BYTES),
        questions=tuple(
            asking.row(
                question,
                number=number,
                language=language,
                seed=seed,
                values=values,
                problem=problems.get(question.key),
            )
            for question, number in _numbered(asked)
        ),
        rule_text=_rule_text(lesson.quiz),
        passed=progress.passed,
        language=_language(lesson, language),
        problem_count=len(problems),
        right=len(progress.correct),
        needed=progress.needed,
    )


def _result(
    lesson: Lesson,
    quiz: Quiz,
    language: str,
    learner: str,
    progress: LessonProgress,
    attempts: Sequence[EventRow],
) -> QuizSheet:
    answers = attempts[-1].payload["answers"]
    values = {name: sent for each in answers.values() for name, sent in each["fields"].items()}
    questions = [each for each in quiz.questions if each.key in answers]
    seed = f"{learner}:{len(attempts) - 1}"
    return QuizSheet(
        mode="result",
        key="",
        questions=_answered(questions, values, language=language, seed=seed),
        rule_text=_rule_text(quiz),
        passed=progress.passed,
        language=_language(lesson, language),
        outcome_text=_outcome_text(questions, answers, progress),
        outcome_tone="good" if progress.passed else "warn",
        stuck=not progress.passed and len(attempts) >= rules.STUCK_ATTEMPTS,
        right=len(progress.correct),
        needed=progress.needed,
    )


def _answered(
    questions: Sequence[Question], values: Fields, *, language: str, seed: str
) -> tuple[QuestionRow, ...]:
    return tuple(
        marking.row(question, number=number, language=language, seed=seed, values=values)
        for question, number in _numbered(questions)
    )


def wrong_items(
    lesson: Lesson, attempts: Sequence[EventRow], *, language: str
) -> Sequence[tuple[str, str]]:
    """Return what was not right at the last attempt: each question, and what was answered."""
    if lesson.quiz is None or not attempts:
        return []
    answers = attempts[-1].payload["answers"]
    values = {name: sent for each in answers.values() for name, sent in each["fields"].items()}
    wrong = [
        each
        for each in lesson.quiz.scored
        if each.key in answers and answers[each.key]["score_bps"] < FULL_BPS
    ]
    rows = _answered(wrong, values, language=language, seed=lesson.id)
    return [(row.stem, _said(row)) for row in rows]


def _said(row: QuestionRow) -> str:
    """Return what was chosen, matched or typed, on one line."""
    chosen = [Markup(each.text) for each in row.choices if each.chosen]  # noqa: S704 – as sheets.html
    matched = [f"{each.left} → {each.lines[0]}" for each in row.pairs if each.lines]
    return Markup("；").join([*chosen, *matched, *row.lines[:1]])


def _numbered(questions: Sequence[Question]) -> list[tuple[Question, int | None]]:
    """Number what is scored from 1; the rest has no number."""
    numbered: list[tuple[Question, int | None]] = []
    count = 0
    for question in questions:
        count += question.scored
        numbered.append((question, count if question.scored else None))
    return numbered


def _rule_text(quiz: Quiz) -> str:
    m, n = quiz.rule.m, quiz.rule.n
    if m == len(quiz.scored):
        text = _("共 %(m)s 题，每题都答对过一次就通过。没答对的可以重答，次数不限。", m=m)
    else:
        text = _("一次出 %(n)s 题，累计答对 %(m)s 题就通过。没答对的可以重答，次数不限。", n=n, m=m)
    return str(text)


def _outcome_text(
    questions: Sequence[Question], answers: Mapping[str, Any], progress: LessonProgress
) -> str:
    """Say how the last attempt went, and how far it is to passing."""
    scored = [question for question in questions if question.scored]
    right = sum(answers[question.key]["score_bps"] == FULL_BPS for question in scored)
    if progress.passed:
        return str(
            _("通过了。这次 %(count)s 题答对 %(right)s 题。", count=len(scored), right=right)
        )
    text = _(
        "这次 %(count)s 题答对 %(right)s 题，再答对 %(missing)s 题就通过。先看解释，再答一次。",
        count=len(scored),
        right=right,
        missing=progress.needed - len(progress.correct),
    )
    return str(text)


def _language(lesson: Lesson, language: str) -> str:
    return language if language in lesson.html else SOURCE_LANGUAGE
