"""Questions as their author reads them: which wait, which have an answer, and of which lesson."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select

from portal import i18n
from portal.accounts import queries as accounts
from portal.db import db
from portal.learning import lesson_names
from portal.paging import Page, Paged
from portal.questions.models import LessonQuestion


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """One question; `who` is the shop. Which person it was, the author need not know.

    `text` is empty when it was withdrawn or its writer was forgotten.
    """

    id: int
    slug: str
    lesson: lesson_names.LessonName
    who: str
    text: str
    asked_at: datetime
    is_withdrawn: bool
    answer: str
    answered_at: datetime | None
    faq: bool
    faq_text: str


def open_by_course() -> Mapping[str, int]:
    """Return how many questions of each course wait for an answer; courses without are left out."""
    rows = db.session.execute(
        select(LessonQuestion.slug, func.count()).where(_WAITS).group_by(LessonQuestion.slug)
    )
    return dict(rows.all())


def page(*, is_open: bool, slug: str, page: Page) -> Paged[QuestionRow]:
    """Return questions, oldest waiting ones first, or answered last first; `slug` "" means all."""
    wanted: list[ColumnElement[bool]] = [
        _WAITS if is_open else LessonQuestion.answered_at.is_not(None)
    ]
    if slug:
        wanted.append(LessonQuestion.slug == slug)
    order = (
        (LessonQuestion.asked_at, LessonQuestion.id)
        if is_open
        else (LessonQuestion.answered_at.desc(), LessonQuestion.id.desc())
    )
    rows = db.session.scalars(
        select(LessonQuestion).where(*wanted).order_by(*order).limit(page.size).offset(page.offset)
    ).all()
    total = db.session.scalar(select(func.count()).select_from(LessonQuestion).where(*wanted))
    return Paged(rows=_rows(rows), total=total or 0, page=page)


def one(question_id: int) -> QuestionRow | None:
    """Return one question, or None."""
    found = db.session.get(LessonQuestion, question_id)
    return _rows([found])[0] if found else None


def to_write(question_id: int) -> LessonQuestion | None:
    """Return one question, held against another answer at this moment, or None."""
    return db.session.scalar(
        select(LessonQuestion).where(LessonQuestion.id == question_id).with_for_update()
    )


# A text that is empty was withdrawn, or its writer was forgotten: nobody waits.
_WAITS = and_(LessonQuestion.answered_at.is_(None), LessonQuestion.text != "")


def _rows(found: Sequence[LessonQuestion]) -> Sequence[QuestionRow]:
    names = lesson_names.of(found, language=i18n.language_tag())
    shops = accounts.organisations({each.organisation_id for each in found})
    return [
        QuestionRow(
            id=each.id,
            slug=each.slug,
            lesson=names[each.id],
            who=shops[each.organisation_id].name,
            text=each.text,
            asked_at=each.asked_at,
            is_withdrawn=each.answered_at is None and not each.text,
            answer=each.answer or "",
            answered_at=each.answered_at,
            faq=each.faq,
            faq_text=each.faq_text or "",
        )
        for each in found
    ]
