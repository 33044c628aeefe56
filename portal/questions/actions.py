"""Writes of questions: ask, withdraw; answer, change the answer."""

from dataclasses import dataclass
from datetime import datetime

from portal.access import Member
from portal.db import db
from portal.learning import lesson_names, standing
from portal.learning import rules as learning
from portal.learning.queries import NoSuchLesson
from portal.notices import actions as notices
from portal.notices.rules import NoticeKind
from portal.questions import rules
from portal.questions.models import LessonQuestion
from portal.questions.queries import answering, asked


class NoSuchQuestion(LookupError):
    """There is no such question, or it is not the member's."""


class TooMany(Exception):
    """As many questions of the member wait for an answer as may."""


class AnsweredBefore(Exception):
    """The question has an answer by now."""


class Withdrawn(Exception):
    """Nobody waits for the answer: the question was taken back, or its writer forgotten."""


def ask(*, member: Member, slug: str, name: str, text: str, at: datetime) -> LessonQuestion:
    """Ask the author about a lesson, in the version that concerns the member.

    Raises NoSuchLesson, TooMany.
    """
    found = standing.of_course(member=member, slug=slug)
    lesson = found.course.lesson(learning.lesson_id(slug=slug, name=name)) if found else None
    if found is None or lesson is None:
        raise NoSuchLesson(name)
    if asked.open_count(member=member) >= rules.MAX_OPEN:
        raise TooMany(name)
    question = LessonQuestion(
        slug=slug,
        lesson_id=lesson.id,
        course_version_id=found.version_id,
        organisation_id=member.organisation_id,
        person_id=member.person_id,
        text=text,
        asked_at=at,
    )
    db.session.add(question)
    db.session.flush()
    return question


def withdraw(*, member: Member, question_id: int, at: datetime) -> LessonQuestion:
    """Take a question back while nobody has answered it; its words go at once.

    Raises NoSuchQuestion, AnsweredBefore.
    """
    question = asked.own(member=member, question_id=question_id)
    if question is None:
        raise NoSuchQuestion(question_id)
    if question.answered_at is not None:
        raise AnsweredBefore(question_id)
    question.text, question.withdrawn_at = "", at
    db.session.flush()
    return question


# What the author writes


@dataclass(frozen=True, slots=True)
class Answer:
    """What an author says to a question; with `faq_text`, everybody reads both."""

    text: str
    faq_text: str | None = None


def answer(*, question_id: int, answer: Answer, by: Member, at: datetime) -> None:
    """Answer a question and tell who asked.

    Raises NoSuchQuestion, AnsweredBefore, Withdrawn.
    """
    question = _to_write(question_id)
    if question.answered_at is not None:
        raise AnsweredBefore(question_id)
    if not question.text:
        raise Withdrawn(question_id)
    question.answered_at, question.answered_by = at, by.person_id
    _write_answer(question, answer)
    if question.person_id is None:
        return  # who asked has left and was forgotten
    notices.post(
        organisation_id=question.organisation_id,
        person_id=question.person_id,
        kind=NoticeKind.QUESTION_ANSWERED,
        path="/courses/questions",  # still there when the lesson is taken off
        params={"titles": lesson_names.titles(question)},
        at=at,
    )


def change_answer(*, question_id: int, answer: Answer, by: Member) -> None:
    """Change an answer, or who reads it; nobody is told again. Raises NoSuchQuestion."""
    question = _to_write(question_id)
    if question.answered_at is None:
        raise NoSuchQuestion(question_id)
    question.answered_by = by.person_id
    _write_answer(question, answer)


def _write_answer(question: LessonQuestion, answer: Answer) -> None:
    question.answer = answer.text
    question.faq = answer.faq_text is not None
    # Not kept unless it is shown: it may still be the question as it was asked.
    question.faq_text = answer.faq_text
    db.session.flush()


def _to_write(question_id: int) -> LessonQuestion:
    question = answering.to_write(question_id)
    if question is None:
        raise NoSuchQuestion(question_id)
    return question
