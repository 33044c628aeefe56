"""What a member asked, for the organisation for which they ask, and what everybody reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, select

from portal import tenancy
from portal.access import Member
from portal.db import db
from portal.learning import lesson_names
from portal.paging import Page, Paged
from portal.questions import rules
from portal.questions.models import LessonQuestion


@dataclass(frozen=True, slots=True)
class AskedRow:
    """One question of the member's, ready to show; `answer` is empty while nobody has."""

    id: int
    slug: str
    lesson: lesson_names.LessonName
    text: str
    asked_at: datetime
    answer: str
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class FaqRow:
    """A question that everybody reads: nobody's name, no shop, the author's wording."""

    id: int
    question: str
    answer: str


def page(*, member: Member, page: Page, language: str) -> Paged[AskedRow]:
    """Return the member's questions, newest first; withdrawn ones are left out."""
    found = db.session.scalars(_newest(member).limit(page.size).offset(page.offset)).all()
    wanted = select(func.count()).select_from(LessonQuestion).where(*_own(member))
    names = lesson_names.of(found, language=language)
    rows = [
        AskedRow(
            id=each.id,
            slug=each.slug,
            lesson=names[each.id],
            text=each.text,
            asked_at=each.asked_at,
            answer=each.answer or "",
            answered_at=each.answered_at,
        )
        for each in found
    ]
    return Paged(rows=rows, total=db.session.scalar(wanted) or 0, page=page)


def of_lesson(*, member: Member, lesson_id: str) -> Sequence[LessonQuestion]:
    """Return the member's questions about a lesson, newest first."""
    wanted = _newest(member).where(LessonQuestion.lesson_id == lesson_id)
    return db.session.scalars(wanted.limit(rules.MAX_ON_LESSON)).all()


def open_count(*, member: Member) -> int:
    """Return how many of the member's questions wait for an answer."""
    wanted = select(func.count()).select_from(LessonQuestion)
    waiting = LessonQuestion.answered_at.is_(None)
    return db.session.scalar(wanted.where(*_own(member), waiting)) or 0


def own(*, member: Member, question_id: int) -> LessonQuestion | None:
    """Return one question of the member, held against an answer at this moment, or None."""
    return db.session.scalar(
        select(LessonQuestion)
        .where(LessonQuestion.id == question_id, *_own(member))
        .with_for_update()
    )


def faq(*, lesson_id: str) -> Sequence[FaqRow]:
    """Return what everybody reads about a lesson, answered last first."""
    wanted = (
        select(LessonQuestion.id, LessonQuestion.faq_text, LessonQuestion.answer)
        .where(LessonQuestion.lesson_id == lesson_id, LessonQuestion.faq)
        .order_by(LessonQuestion.answered_at.desc(), LessonQuestion.id.desc())
        .limit(rules.MAX_ON_LESSON)
    )
    with tenancy.for_everyone(reason="an author put it there for every reader; it names nobody"):
        found = db.session.execute(wanted).all()
    return [
        FaqRow(id=number, question=text or "", answer=answer or "")
        for number, text, answer in found
    ]


def _newest(member: Member) -> Select[LessonQuestion]:
    return (
        select(LessonQuestion)
        .where(*_own(member))
        .order_by(LessonQuestion.asked_at.desc(), LessonQuestion.id.desc())
    )


def _own(member: Member) -> tuple[ColumnElement[bool], ...]:
    return (
        LessonQuestion.person_id == member.person_id,
        LessonQuestion.organisation_id == member.organisation_id,
        LessonQuestion.withdrawn_at.is_(None),
    )
