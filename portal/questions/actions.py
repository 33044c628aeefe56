"""Writes of questions: ask, withdraw."""

from datetime import datetime

from portal.access import Member
from portal.db import db
from portal.learning import rules as learning
from portal.learning import standing
from portal.learning.queries import NoSuchLesson
from portal.questions import rules
from portal.questions.models import LessonQuestion
from portal.questions.queries import asked


class NoSuchQuestion(LookupError):
    """There is no such question, or it is not the member's."""


class TooMany(Exception):
    """As many questions of the member wait for an answer as may."""


class AnsweredBefore(Exception):
    """The question has an answer by now."""


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
